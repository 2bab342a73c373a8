"""The office's calendar 日历: local dates of Asia/Shanghai, windows and working days.

Dates are local dates, never UTC dates; instants are aware datetimes. Counting follows Civil Code 民法典 201–203: the
first day is not counted, a month ends on the corresponding day or at the month's end, a day ends at 24:00. "Within
three days" therefore includes day 3 and is not 72 hours. The zone's data come with the system, or from the package
``tzdata`` where the system has none (Windows).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from types import MappingProxyType
from typing import Final, Literal
from zoneinfo import ZoneInfo

__all__ = [
    "SHANGHAI",
    "Holidays",
    "Offset",
    "Window",
    "add_months",
    "add_years",
    "end_of_day",
    "local_date",
    "special_service_middle",
    "start_of_day",
    "window",
]

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
"""The zone of every office."""
DAY: Final = timedelta(days=1)
MONTHS: Final = 12

Offset = tuple[int, Literal["days", "weeks", "months", "years"]]
"""How far from an anchor date: a number ≥ 0 and its unit."""


@lru_cache(maxsize=1024)
def local_date(instant: datetime) -> date:
    """The local date of an aware instant. Raises ``ValueError`` for a naive one."""
    if instant.utcoffset() is None:
        msg = f"an instant needs its zone: {instant.isoformat()}"
        raise ValueError(msg)
    return instant.astimezone(SHANGHAI).date()


def start_of_day(day: date) -> datetime:
    """00:00 of a local date, as an aware instant."""
    return datetime.combine(day, time(), SHANGHAI)


def end_of_day(day: date) -> datetime:
    """24:00 of a local date (民法典203): the first instant that is too late, hence already the next date's 00:00."""
    return start_of_day(day + DAY)


def add_months(day: date, months: int) -> date:
    """The corresponding day so many months later (earlier if negative), else that month's last day (民法典202)."""
    index = day.year * MONTHS + day.month - 1 + months
    year, month = index // MONTHS, index % MONTHS + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def add_years(day: date, years: int) -> date:
    """The corresponding day so many years later; 29 February becomes 28 February in a common year (民法典202)."""
    return add_months(day, years * MONTHS)


@dataclass(frozen=True, slots=True, eq=False)
class Holidays:
    """The official holiday table 节假日及调休: ``overrides`` says of a date whether it is worked.

    Dates without an override are worked from Monday to Friday. The table is data that the caller passes in.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep a copy that nobody can change."""
        object.__setattr__(self, "overrides", MappingProxyType(dict(self.overrides)))

    def is_working_day(self, day: date) -> bool:
        """Whether this local date is worked 工作日."""
        saturday = 6
        return self.overrides.get(day, day.isoweekday() < saturday)

    def on_or_after(self, day: date) -> date:
        """This date if it is worked, else the first working day after it: how a last day moves (民法典203)."""
        while not self.is_working_day(day):
            day += DAY
        return day

    def next_working_day(self, day: date) -> date:
        """The first working day after this date."""
        return self.on_or_after(day + DAY)

    def add_working_days(self, day: date, days: int) -> date:
        """The n-th working day after this date, which is itself not counted; the date itself for 0."""
        for _ in range(days):
            day = self.next_working_day(day)
        return day


NO_HOLIDAYS: Final = Holidays()


@dataclass(frozen=True, slots=True)
class Window:
    """A period 时限 in which something must be done: local dates, both ends included, reckoned from ``anchor``."""

    anchor: date
    opens: date
    closes: date

    def __post_init__(self) -> None:
        """A window cannot close before it opens: ``ValueError``."""
        if self.closes < self.opens:
            msg = f"a window cannot close on {self.closes} before it opens on {self.opens}"
            raise ValueError(msg)

    def contains(self, day: date) -> bool:
        """Whether this local date lies in the window."""
        return self.opens <= day <= self.closes

    @property
    def opens_at(self) -> datetime:
        """The first instant inside."""
        return start_of_day(self.opens)

    @property
    def closes_at(self) -> datetime:
        """The first instant that is too late: 24:00 of the last day. A breach happens here, whenever it is noticed."""
        return end_of_day(self.closes)


def window(
    anchor: date,
    from_: Offset,
    to: Offset,
    *,
    working: bool = False,
    moves: bool = False,
    holidays: Holidays = NO_HOLIDAYS,
) -> Window:
    """The window from one offset to another after an anchor date.

    ``working`` counts days as working days. ``moves`` lets a last day on a holiday move to the next working day
    (民法典203); a rule has to say so. Raises ``ValueError`` for a negative offset or a window that closes before it
    opens.
    """
    closes = _offset(anchor, to, working=working, holidays=holidays)
    return Window(
        anchor,
        _offset(anchor, from_, working=working, holidays=holidays),
        holidays.on_or_after(closes) if moves else closes,
    )


def _offset(anchor: date, offset: Offset, *, working: bool, holidays: Holidays) -> date:
    number, unit = offset
    if number < 0:
        msg = f"an offset cannot be negative: {number} {unit}"
        raise ValueError(msg)
    match unit:
        case "days":
            return holidays.add_working_days(anchor, number) if working else anchor + timedelta(days=number)
        case "weeks":
            return anchor + timedelta(weeks=number)
        case "months":
            return add_months(anchor, number)
        case "years":
            return add_years(anchor, number)
        case _:
            msg = f"no such unit: {unit}"
            raise ValueError(msg)


def special_service_middle(
    start: date, end: date, first: Fraction = Fraction(1, 3), last: Fraction = Fraction(2, 3)
) -> Window:
    """The middle of a special service 特约服务 contract: the days that its middle third touches (§5.2.3(5)).

    ``start`` and ``end`` are the term's first and last day; ``first`` and ``last`` are fractions of the term. Raises
    ``ValueError`` when the term ends before it starts.
    """
    days = (end - start).days + 1
    if days < 1:
        msg = f"a term cannot end on {end} before it starts on {start}"
        raise ValueError(msg)
    opens = min(floor(days * first), days - 1)
    closes = max(ceil(days * last) - 1, opens)
    return Window(start, start + timedelta(days=opens), start + timedelta(days=closes))
