"""Paper 纸面: what stands on a printed paper, as plain data; the same data is the same paper (§7, §8).

A paper is a title, a number and blocks from the top to the bottom. Nothing of it is markup: whatever a resident is
called, it is set as it is written. Its fingerprint is that of the data; the template and the address of the code in the
corner are no part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Final, Literal

import msgspec

from domain.residents.printed_paper import PaperKind

__all__ = [
    "PAGE",
    "Block",
    "Column",
    "Paper",
    "chinese_day",
    "heading",
    "note",
    "pairs",
    "rule_off",
    "table",
    "total",
]

Block = dict[str, Any]
"""One block: its name and what it says."""
_FINGERPRINT: Final = 16
"""Hexadecimal digits of a fingerprint: 64 bits, to be read out and typed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper. ``day`` is the day that it speaks of, ``facts`` the pages of the book that it rests on.

    ``by_page``: a long paper, whose every page names the facts of its own blocks.
    """

    kind: PaperKind
    number: str
    office: str
    title: str
    under: str
    day: date
    case_id: str
    blocks: tuple[Block, ...]
    facts: tuple[int, ...]
    by_page: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False, compare=False)
    """The bytes of what is shown as a page, by its SHA-256, under which the data name it."""

    @property
    def data(self) -> dict[str, Any]:
        """What the template is given."""
        return {
            "number": self.number,
            "office": self.office,
            "title": self.title,
            "under": self.under,
            "day": chinese_day(self.day),
            "blocks": list(self.blocks),
            "facts": list(self.facts),
            "by_page": self.by_page,
        }

    @property
    def fingerprint(self) -> str:
        """The first 64 bits of the SHA-256 of its kind, its case and its data, as 16 hexadecimal digits."""
        said = msgspec.json.encode({"kind": self.kind, "case": self.case_id, **self.data}, order="sorted")
        return sha256(said).hexdigest()[:_FINGERPRINT].upper()

    @property
    def texts(self) -> Iterable[str]:
        """Everything that is to be set in type."""
        return _texts(self.data)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, its share of the width (0: as wide as what stands in it) and where text stands."""

    head: str
    share: int = 0
    align: Literal["left", "center", "right"] = "left"


PAGE: Final = Column("台账页", align="center")
"""On which page of the book a row stands."""


def heading(text: str, *, level: int = 1) -> Block:
    """A heading; of level 1 it stands in a long paper's table of contents."""
    return {"block": "heading", "text": text, "level": level}


def pairs(rows: Sequence[Sequence[str]], facts: Sequence[int] = ()) -> Block:
    """Label and value side by side, four to a line, or two where the value wants the line."""
    return {"block": "pairs", "rows": [list(row) for row in rows], "facts": list(facts)}


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    foot: Sequence[str] = (),
    facts: Sequence[Sequence[int]] = (),
    small: bool = False,
) -> Block:
    """A table; its head is repeated on each page. ``facts``: for each row the pages of the book that it rests on."""
    return {
        "block": "table",
        "heads": [column.head for column in columns],
        "shares": [column.share for column in columns],
        "aligns": [column.align for column in columns],
        "rows": [list(row) for row in rows],
        "foot": list(foot),
        "facts": [list(each) for each in facts],
        "small": small,
    }


def total(label: str, capital: str, amount: str) -> Block:
    """An amount in capitals 大写 and in figures."""
    return {"block": "total", "label": label, "capital": capital, "amount": amount}


def note(*lines: str, small: bool = True, facts: Sequence[int] = ()) -> Block:
    """Sentences, one a line."""
    return {"block": "note", "lines": list(lines), "small": small, "facts": list(facts)}


def rule_off(text: str) -> Block:
    """A line to cut along, with what is kept below it."""
    return {"block": "cut", "text": text}


def chinese_day(day: date | None) -> str:
    """A local date as papers bear it; nothing where there is none."""
    return f"{day.year}年{day.month}月{day.day}日" if day is not None else ""
