"""The comparisons measure what they say: each begins, and one that counts otherwise than it stored ends with that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
"""Each starts a server of its own."""

ROOT = Path(__file__).parents[1]
OURS = ["--only", "wuye,wuye-whole", "--clients", "2", "--rounds", "1", "--seconds", "0.1"]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["benchmarks.append", *OURS], id="append"),
        pytest.param(["benchmarks.statement", "--households", "40", "--asked", "3"], id="statement"),
        pytest.param(["benchmarks.bill_month", "--households", "20", "--offices", "1", "--rounds", "1"], id="month"),
    ],
)
def test_a_comparison_comes_to_its_table(words: list[str]) -> None:
    done = run("-m", *words)
    assert done.returncode == 0, done.stderr
    assert "---" in done.stdout


def test_a_contender_that_stores_more_than_it_acknowledged_is_not_measured() -> None:
    planted = "from benchmarks import append, contenders_ours as ours; ours.WholePath.stored = 'select count(*) from wuye.facts'"
    done = run("-c", f"{planted}; append.main({OURS!r})")
    assert done.returncode == 1
    assert "acknowledged" in done.stderr
