"""What is generated is current, and what the documents promise exists."""

from __future__ import annotations

import pytest

from api.resting import REFUSALS
from docs.generate import FOLDER, documents, refusals


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
