"""A report 报表: a question to the registers whose answer is a table; as of a local day, and of a page of the book."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import psycopg

__all__ = ["STANDING", "Asked", "Report"]

STANDING: Final = (
    "office = %(office)s and set_aside is null"
    " and from_number <= %(page)s and (to_number is null or to_number > %(page)s)"
)
"""The rows that stood on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to know. ``on``: what had happened by the end of this day; ``page``: what was known there.

    ``by`` is how it is grouped; ``since`` to ``until`` are the days on which the book took what a journal lists.
    """

    office: str
    page: int
    on: date
    by: str
    since: date
    until: date
    period: str | None = None
    due_from: date | None = None
    due_to: date | None = None

    @property
    def values(self) -> dict[str, Any]:
        """As a query takes them."""
        return {
            "office": self.office,
            "page": self.page,
            "on": self.on,
            "period": self.period,
            "due_from": self.due_from,
            "due_to": self.due_to,
        }


@dataclass(frozen=True)
class Report:
    """One report: its names, its columns, by what it can be grouped (the first unless another is said), and its rows.

    ``summed`` names the columns that may be added up.
    """

    name: str
    zh: str
    en: str
    clause: str
    columns: tuple[str, ...]
    groups: tuple[str, ...]
    rows: Callable[[psycopg.Connection[Any], Asked], Iterator[tuple[Any, ...]]]
    summed: tuple[str, ...] = ()

    def totals(self, rows: Sequence[tuple[Any, ...]]) -> dict[str, int]:
        """What of these rows may be added up."""
        at = {name: self.columns.index(name) for name in self.summed}
        return {name: sum(row[i] for row in rows) for name, i in at.items()}
