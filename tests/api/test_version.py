"""The version and the document on the command line: one version everywhere, and no database for either."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.api.command_line import run as wuye

ROOT = Path(__file__).parents[2]


def test_the_version_is_the_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert wuye("--version").output.strip() == project["version"] == importlib.metadata.version("wuye")


@pytest.mark.long
def test_the_documents_version_is_the_packages() -> None:
    version = json.loads(wuye("openapi", "staff").output)["info"]["version"]
    assert version == importlib.metadata.version("wuye")


def test_it_starts_among_files_of_the_same_names(tmp_path: Path) -> None:
    for name in ("api", "domain", "journal"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not ours')", "utf-8")
    start = f"import sys; sys.path.append({str(ROOT)!r}); import wuye; wuye.main()"
    outcome = subprocess.run(
        [sys.executable, "-c", start, "--version"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.stdout.strip() == importlib.metadata.version("wuye"), outcome.stderr


@pytest.mark.long
def test_the_document_is_written_whole_or_of_one_kind(tmp_path: Path) -> None:
    wuye("openapi", "complaints", "--out", str(tmp_path / "complaints.json"))
    part = json.loads((tmp_path / "complaints.json").read_text("utf-8"))
    assert "/offices/{office}/complaints" in part["paths"]
    assert "/offices/{office}/staff" not in part["paths"]
    assert "没有这份接口文档" in wuye("openapi", "weather", code=2).output
