"""What is generated is current, and what the documents promise exists."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api.console.asked_for import ASKED_FOR
from api.http.application import document
from api.routes.clause_index import REFUSALS
from docs.asked_for import asked_for
from docs.generate import FOLDER, documents, refusals
from domain.cases import CASES
from domain.kernel.fact import EVENTS
from projections.registers.index import REGISTERS
from tests.conftest import Database
from tests.waiting import PATIENCE, free_port


@pytest.mark.parametrize("path", sorted(documents()))
def test_the_generated_document_is_current(path: str) -> None:
    file = FOLDER / path
    assert file.exists(), f"docs/{path}: run `make docs`"
    assert file.read_text(encoding="utf-8") == documents()[path], f"docs/{path}: run `make docs`"


def test_no_generated_document_is_left_over() -> None:
    made = {FOLDER / path for path in documents()}
    standing = {f for f in FOLDER.rglob("*.md") if f.read_text(encoding="utf-8").startswith("<!-- generated")}
    assert standing <= made


def test_the_refusals_by_clause_are_current() -> None:
    assert REFUSALS.read_text(encoding="utf-8") == refusals(), "run `make docs`"


def test_what_forms_always_ask_for_is_current() -> None:
    assert ASKED_FOR.read_text(encoding="utf-8") == asked_for(), "run `make docs`"


def test_links_lead_somewhere_and_the_readme_uses_the_programs_words() -> None:
    for file in (FOLDER.parent / "README.md", *FOLDER.rglob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)\)", file.read_text(encoding="utf-8")):
            assert (file.parent / link).exists(), f"{file.name}: {link}"
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"\| `(\w+)` (\S+) \|", readme)
    assert told
    assert dict(told) == {name: EVENTS[name].ZH for name, _ in told}


def test_every_promise_of_the_door_names_tests_that_there_are() -> None:
    """`test_x::…words…` is a test of tests/attacks; without a file it is one of the file that was named last."""
    said = re.findall(r"`([^`]+)`", (FOLDER / "security.md").read_text(encoding="utf-8"))
    named = [each for each in said if re.fullmatch(r"(tests/(\w+/)*)?test_\w+(\.py)?(::…?\w+…?|::…)?|…\w+…?", each)]
    assert len(named) > 90
    tests = FOLDER.parent / "tests"
    file = tests / "attacks"
    for each in named:
        place, _, words = each.rpartition("::") if "…" in each or "::" in each else (each, "", "…")
        if place:
            place = place.removesuffix(".py")
            file = FOLDER.parent / f"{place}.py" if place.startswith("tests/") else tests / "attacks" / f"{place}.py"
        there = re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
        assert fnmatch.filter(there, words.replace("…", "*")), each


@pytest.mark.long
def test_the_guide_names_every_address_that_is_no_case() -> None:
    """Kinds of case and registers have documents of their own; everything else stands in the guide."""
    guide = (FOLDER / "api.md").read_text(encoding="utf-8")
    tables = {lifecycle.path for lifecycle in CASES} | {register.name for register in REGISTERS.all}
    for path in document()["paths"]:
        words = path.split("/")
        own = len(words) > 3 and words[3] in tables and path != "/offices/{office}/complaints/similar"
        if own or words[3:4] == ["registers"]:
            continue
        assert path.rpartition("{token_id}")[0] in guide or path in guide, path


def test_the_command_line_names_every_variable_that_the_program_reads() -> None:
    told = (FOLDER / "command-line.md").read_text(encoding="utf-8")
    for package in ("api", "journal", "workflows", "projections", "domain"):
        for file in (FOLDER.parent / package).rglob("*.py"):
            for name in re.findall(r'environ(?:\.get\(|\[)"(\w+)"', file.read_text(encoding="utf-8")):
                assert f"`{name}`" in told or name == "PATH", name


@pytest.mark.long
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_the_examples_of_the_guide_run_as_they_stand(database: Database, tmp_path: Path) -> None:
    guide = (FOLDER / "api.md").read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```console\n(.*?)```", guide, re.DOTALL) for line in block.splitlines()]
    examples = "\n".join(line.removeprefix("$ ") for line in lines)
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "DATABASE_URL": database.owner,
        "WUYE_HOME": str(tmp_path),
        "WUYE_ALLOW_UNSAFE_SERVER": "1",
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    serving = subprocess.Popen(
        [programs / "wuye", "serve", "--port", str(free_port())],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert serving.stdout is not None
        address = next(line.split()[-1] for line in serving.stdout if "console" in line)
        script = f"set -eo pipefail\nuntil curl -sf {address}/health; do sleep 0.1; done\n" + examples
        script = script.replace("http://127.0.0.1:8080", address)
        done = subprocess.run(
            ["bash", "-c", script],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    finally:
        serving.terminate()
        serving.communicate(timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    refused = re.findall(r'"code":"[^"]*","zh":"[^"]*"', done.stdout)
    assert not refused, refused
    assert '"facts":["ComplaintTakenUp"]' in done.stdout
    assert "厨房下水堵塞" in (tmp_path / "complaints.csv").read_text("utf-8-sig")
