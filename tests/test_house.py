"""House rules as tests: who may import whom, how long a file may be, what may not stand in the repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from domain.handbook.settings import SETTINGS
from projections.standards.index import STANDARDS

ROOT = Path(__file__).parents[1]
CODE = ("domain", "workflows", "journal", "projections", "api")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_the_import_contract_is_kept() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_no_file_is_longer_than_400_lines() -> None:
    written = [file for file in tracked() if file.suffix in {".py", ".sql", ".mjs", ".toml"}]
    assert not {file.name: n for file in written if (n := len(file.read_text("utf-8").splitlines())) >= 400}


def test_no_host_of_a_registry_and_no_path_of_a_machine_stands_in_the_repository() -> None:
    forbidden = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "/wo" + "rk/main", "/ro" + "ot/"]
    found = []
    for file in tracked():
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{file.relative_to(ROOT)}: {word}" for word in forbidden if word in text]
    assert not found


OF_THE_MONEY = {
    "arrears.fruitless_visit_counting",
    "bills.compiled_days_before_month_end",
    "bills.due_day",
    "bills.reviewed_days_before_month_end",
    "late_fee.grace_days",
    "late_fee.rate_per_day",
    "notices.delivered_by_day",
    "notices.delivered_target",
    "notices.on_holiday",
    "payments.order",
}
"""Settings of §7 and §8 that bill runs, their notices and the accrual of late fees read or will read; nothing else waits."""


def unread(texts: list[str]) -> set[str]:
    """The settings that none of these texts names."""
    return {name for name in SETTINGS if not any(f'"{name}"' in text for text in texts)}


def test_every_setting_is_read_or_shown_with_a_figure() -> None:
    """A setting that can be changed and does nothing is a promise that is not kept."""
    files = (
        file
        for package in CODE
        for file in (ROOT / package).rglob("*.py")
        if file.name not in ("settings_table.py", "settings_ours.py")
    )
    texts = [file.read_text("utf-8") for file in files]
    windows = {name for standard in STANDARDS for name in standard.settings}
    assert unread(texts) - windows <= OF_THE_MONEY
    assert set(SETTINGS) >= OF_THE_MONEY
    assert unread([]) == set(SETTINGS), "the check can fail"


def test_the_domain_knows_no_clock_and_no_chance() -> None:
    for file in (ROOT / "domain").glob("*.py"):
        text = file.read_text("utf-8")
        for word in ("datetime.now", "date.today", "import random", "uuid4", "\nimport time\n", "float("):
            assert word not in text, f"{file.name}: {word}"
