"""Periods 期间: weeks, months and quarters of local dates (Asia/Shanghai), each written as ISO 8601 or the office writes it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Self

from domain.kernel.calendar import DAY, add_months, end_of_day

__all__ = ["IsoWeek", "Month", "Quarter"]

_MONTHS_OF_QUARTER: Final = 3
_QUARTERS: Final = 4


@dataclass(frozen=True, slots=True, order=True)
class _Span(ABC):
    """Whole local dates from ``first`` to ``last``; iterating gives each of them."""

    year: int

    @property
    @abstractmethod
    def first(self) -> date:
        """Its first day."""

    @property
    @abstractmethod
    def last(self) -> date:
        """Its last day."""

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def ends_at(self) -> datetime:
        """24:00 of its last day."""
        return end_of_day(self.last)

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range(self.days))

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, order=True)
class IsoWeek(_Span):
    """A week 星期 from Monday to Sunday, numbered by ISO 8601; ``year`` is the ISO year. Written ``2026-W07``."""

    week: int

    def __post_init__(self) -> None:
        """A week that its year does not have is a ``ValueError``."""
        date.fromisocalendar(self.year, self.week, 1)

    @classmethod
    def of(cls, day: date) -> Self:
        """The week of a local date."""
        year, week, _ = day.isocalendar()
        return cls(year, week)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2026-W07``; ``ValueError`` for anything else."""
        return cls(*_numbers(r"([0-9]{4})-W([0-9]{2})", text))

    @property
    def monday(self) -> date:
        """Its first day."""
        return date.fromisocalendar(self.year, self.week, 1)

    @property
    def sunday(self) -> date:
        """Its last day."""
        return date.fromisocalendar(self.year, self.week, 7)

    @property
    def first(self) -> date:
        """Monday."""
        return self.monday

    @property
    def last(self) -> date:
        """Sunday."""
        return self.sunday

    def before(self) -> IsoWeek:
        """The week before."""
        return IsoWeek.of(self.monday - DAY)

    def next(self) -> IsoWeek:
        """The week after."""
        return IsoWeek.of(self.sunday + DAY)

    def __str__(self) -> str:
        return f"{self.year:04}-W{self.week:02}"


@dataclass(frozen=True, slots=True, order=True)
class Month(_Span):
    """A calendar month 月份. Written ``2026-11``."""

    month: int

    def __post_init__(self) -> None:
        """A month that does not exist is a ``ValueError``."""
        date(self.year, self.month, 1)

    @classmethod
    def of(cls, day: date) -> Self:
        """The month of a local date."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2026-11``; ``ValueError`` for anything else."""
        return cls(*_numbers(r"([0-9]{4})-([0-9]{2})", text))

    @property
    def first(self) -> date:
        """The 1st."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return _last_of(self.year, self.month)

    def before(self) -> Month:
        """The month before."""
        return Month.of(add_months(self.first, -1))

    def next(self) -> Month:
        """The month after."""
        return Month.of(add_months(self.first, 1))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


@dataclass(frozen=True, slots=True, order=True)
class Quarter(_Span):
    """A calendar quarter 季度. Written ``2026-Q4``."""

    quarter: int

    def __post_init__(self) -> None:
        """A quarter that does not exist is a ``ValueError``."""
        if not 1 <= self.quarter <= _QUARTERS:
            msg = f"a year has four quarters, no quarter {self.quarter}"
            raise ValueError(msg)
        date(self.year, 1, 1)

    @classmethod
    def of(cls, day: date) -> Self:
        """The quarter of a local date."""
        return cls(day.year, (day.month - 1) // _MONTHS_OF_QUARTER + 1)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2026-Q4``; ``ValueError`` for anything else."""
        return cls(*_numbers(r"([0-9]{4})-Q([0-9])", text))

    @property
    def months(self) -> tuple[Month, Month, Month]:
        """Its three months."""
        last = self.quarter * _MONTHS_OF_QUARTER
        return Month(self.year, last - 2), Month(self.year, last - 1), Month(self.year, last)

    @property
    def first(self) -> date:
        """Its first day."""
        return self.months[0].first

    @property
    def last(self) -> date:
        """Its last day."""
        return self.months[-1].last

    def before(self) -> Quarter:
        """The quarter before."""
        return Quarter.of(self.first - DAY)

    def next(self) -> Quarter:
        """The quarter after."""
        return Quarter.of(self.last + DAY)

    def __str__(self) -> str:
        return f"{self.year:04}-Q{self.quarter}"


@lru_cache(maxsize=1024)  # every line of a month's bills asks for it
def _last_of(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


@lru_cache(maxsize=1024)
def _numbers(pattern: str, text: str) -> tuple[int, int]:
    found = re.fullmatch(pattern, text)
    if found is None:
        msg = f"not written as it should be: “{text}”"
        raise ValueError(msg)
    return int(found[1]), int(found[2])
