"""The vocabulary 词汇: every field, choice and register column by its Chinese and its English name, once.

A word belongs to a field name; where one name means two things, ``Record.field`` says what it means there. Words stand
in the chapter that uses them, those of several chapters in ``common``. What a case's states, commands and events are
called stands in its own table; everything else that people read is called by these words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from domain.kernel.words import (
    answers,
    arrears,
    common,
    complaints,
    fees,
    homes,
    mending,
    moving,
    office,
    residents,
    rounds,
    services,
    visits,
)
from domain.kernel.words.choices import CHOICES

_CHAPTERS: Final = (
    common,
    office,
    moving,
    rounds,
    homes,
    complaints,
    visits,
    services,
    fees,
    arrears,
    residents,
    answers,
    mending,
)


def gathered(parts: Iterable[Mapping[str, tuple[str, str]]]) -> dict[str, tuple[str, str]]:
    """All words in one book. Raises TypeError for a word that stands twice, or that an override merely repeats."""
    made: dict[str, tuple[str, str]] = {}
    for part in parts:
        twice = made.keys() & part.keys()
        if twice:
            msg = f"named twice: {', '.join(sorted(twice))}"
            raise TypeError(msg)
        made |= part
    idle = [key for key, names in made.items() if "." in key and made.get(key.partition(".")[2]) == names]
    if idle:
        msg = f"an override that says the same: {', '.join(sorted(idle))}"
        raise TypeError(msg)
    return made


WORDS: Final = gathered(chapter.WORDS for chapter in _CHAPTERS)
"""Field name, or ``Record.field`` → Chinese and English."""


def field_names(field: str, record: str = "") -> tuple[str, str]:
    """What a field is called, in this record (a class's name) if it means something of its own there.

    Raises KeyError for a field that nobody has named.
    """
    return WORDS.get(f"{record}.{field}") or WORDS[field]


def choice_names(choice: StrEnum) -> tuple[str, str]:
    """What a choice is called. Raises KeyError for one that nobody has named."""
    return CHOICES[f"{type(choice).__name__}.{choice.value}"]
