"""Every evasion that the documents list is one of a standard that there is, and is shown by a test that there is."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

from docs.evasion import Evasion, Outcome
from docs.evasions import EVASIONS, evasions
from projections.standards.index import BY_SLUG

TESTS = Path(__file__).parent


def missing(evasion: Evasion) -> str | None:
    """What an evasion names that there is not."""
    if evasion.standard and evasion.standard not in BY_SLUG:
        return evasion.standard
    path, _, name = evasion.test.partition("::")
    file = TESTS / path
    if not file.is_file():
        return path
    functions = (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.FunctionDef))
    return None if name.startswith("test_") and name in {node.name for node in functions} else evasion.test


@pytest.mark.parametrize(
    "evasion", EVASIONS, ids=lambda evasion: f"{evasion.standard}-{evasion.test.partition('::')[2]}"
)
def test_the_evasion_names_a_standard_and_a_test(evasion: Evasion) -> None:
    assert missing(evasion) is None
    assert evasion.zh
    assert evasion.en


@pytest.mark.parametrize(
    ("standard", "test"),
    [
        ("no-such-standard", "test_evasions.py::test_no_evasion_is_listed_twice"),
        ("patrol-rate", "test_nowhere.py::test_x"),
        ("patrol-rate", "test_evasions.py::test_x"),
        ("patrol-rate", "test_evasions.py::missing"),
    ],
)
def test_what_there_is_not_is_noticed(standard: str, test: str) -> None:
    assert missing(Evasion(standard, "x", "x", Outcome.SHOWN, test)) is not None


def test_no_evasion_is_listed_twice() -> None:
    assert len({(each.standard, each.en) for each in EVASIONS}) == len(EVASIONS)
    assert all(f"`tests/{each.test}`" in evasions() for each in EVASIONS)


def unanswered(listed: Iterable[Evasion]) -> list[str]:
    """The standards of which nobody has tried to make them look better."""
    return sorted(set(BY_SLUG) - {each.standard for each in listed})


def test_every_standard_has_been_tried() -> None:
    assert unanswered(EVASIONS) == []
    assert unanswered(each for each in EVASIONS if each.standard != "patrol-rate") == ["patrol-rate"]
