"""Attaching 适用 (§7.1, §7.2a): a home's place on a fee standard, and the days for which it was declared vacant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

__all__ = ["Attachment", "DeclaredVacancy", "occupied"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A home on the standard: who pays, for how much (area, or pieces × 100), on which days; None while it lasts."""

    number: int
    home: str
    household: str
    quantity: int
    first: date
    last: date | None = None
    coefficient: str = "1"

    def meets(self, first: date, last: date | None) -> bool:
        """Whether it shares a day with these."""
        return self.first <= (last or date.max) and first <= (self.last or date.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredVacancy:
    """Days on which a home is vacant by its owner's declaration, both ends included."""

    home: str
    first: date
    last: date


def occupied(
    vacancies: Iterable[DeclaredVacancy], home: str, first: date, last: date
) -> Iterator[tuple[date, date, bool]]:
    """The days in stretches of which each is vacant (True) or not throughout."""
    vacant = [v for v in vacancies if v.home == home and v.first <= last and first <= v.last]
    start = first
    for each in sorted(vacant, key=lambda each: each.first):
        if start < each.first:
            yield start, date.fromordinal(each.first.toordinal() - 1), False
        yield max(start, each.first), min(each.last, last), True
        start = date.fromordinal(min(each.last, last).toordinal() + 1)
    if start <= last:
        yield start, last, False
