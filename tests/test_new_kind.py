"""The README's recipe, followed in a copy of the program: from the skeleton of a kind of case to green tests."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.new_kind import CHAPTERS, NewKind, main
from tests.mutants.planting import ROOT, Copy
from tests.test_layout import ROOMS
from tests.waiting import PATIENCE

PERMIT = NewKind("parking_permit", "services", "停车证", "parking permit", "6")


def given(copy: Copy, *words: str) -> str:
    """What a command of the recipe says in the copy."""
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=copy.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE * 4,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def making_docs() -> list[str]:
    """The modules that ``make docs`` runs."""
    recipe = re.search(r"^docs:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert recipe is not None
    return re.findall(r"python -m ([\w.]+)", recipe[1])


@pytest.mark.long
def test_a_parking_permit_costs_a_module_a_register_and_one_line_each(tmp_path: Path, server: str) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    copy = Copy(tmp_path, server)
    before = {
        path: (tmp_path / path).read_text("utf-8") for path in ("domain/cases.py", "domain/office/responsibility.py")
    }
    said = given(copy, "docs.new_kind", PERMIT.kind, "--chapter", PERMIT.chapter, "--zh", PERMIT.zh)
    assert "domain/services/parking_permit.py" in said
    for path, text in before.items():
        added = set((tmp_path / path).read_text("utf-8").splitlines()) - set(text.splitlines())
        assert len(added) == (2 if path == "domain/cases.py" else 1), added  # where it comes from, and its line
    for module in making_docs():
        given(copy, module)
    written = ["domain/services/parking_permit.py", "projections/registers/services.py", "domain/cases.py"]
    given(copy, "ruff", "check", *written, "tests/domain/services/test_parking_permit.py")
    given(copy, "ruff", "format", "--check", "domain", "projections", "tests/domain/services")
    given(copy, "mypy", *written)
    for tests in (
        ("tests/domain/services/test_parking_permit.py", "tests/test_layout.py", "tests/test_docs.py"),
        (
            "tests/domain/kernel/test_every_lifecycle.py",
            "tests/domain/kernel/test_reached.py",
            "tests/domain/kernel/test_permitted.py",
            "-k",
            "parking_permit",
        ),
        (
            "tests/journal/test_codec.py",
            "tests/projections/test_choices.py",
            "-k",
            "parking_permit or ParkingPermit or sample",
        ),
        ("tests/domain/kernel/test_words.py", "tests/domain/kernel/test_names.py", "tests/api/test_typed.py"),
    ):
        outcome = copy.run(tests)
        assert outcome.code == 0, outcome.said


def test_the_chapters_are_the_rooms() -> None:
    assert set(CHAPTERS) == set(ROOMS)


def test_nothing_that_stands_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "domain" / "services").mkdir(parents=True)
    module = tmp_path / "domain" / "services" / "parking_permit.py"
    module.write_text("mine", "utf-8")
    with pytest.raises(FileExistsError):
        PERMIT.write(tmp_path)
    assert module.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    "words",
    [
        ["ParkingPermit", "--chapter", "services", "--zh", "停车证"],
        ["permit", "--chapter", "garden", "--zh", "证"],
        ["permit"],
    ],
)
def test_a_kind_is_called_by_a_plain_word_and_has_a_room_and_a_chinese_name(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(words, tmp_path)
    assert "usage" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
