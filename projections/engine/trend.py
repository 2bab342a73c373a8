"""Trend 趋势: one figure month by month, quarter by quarter or year by year, each with the target in force then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from domain.kernel.periods import Month, Quarter
from projections.engine.standard import Measurement

__all__ = ["By", "Span", "Step", "spans", "steps"]


class By(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Span:
    """One period: ``name`` is 2025-03, 2025-Q1 or 2025; both dates are included."""

    name: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Step:
    """One period's figure beside the one before. ``change`` is the difference of the two ratios, exact.

    ``better`` says whether it went the way the target asks for; None where one of the two had nothing to measure, or
    nothing changed.
    """

    span: Span
    reading: Measurement
    change: Fraction | None
    better: bool | None


def spans(by: By, since: date, until: date) -> Iterator[Span]:
    """The periods from one date to another, in order; the first and the last are cut to them."""
    day = since
    while day <= until:
        name, last = _period(by, day)
        yield Span(name, day, min(last, until))
        day = date.fromordinal(last.toordinal() + 1)


def steps(read: Iterable[tuple[Span, Measurement]]) -> Iterator[Step]:
    """Each figure with its change since the last one that measured something."""
    before: Fraction | None = None
    for span, reading in read:
        ratio = reading.ratio
        change = ratio - before if ratio is not None and before is not None else None
        better = (change > 0) is not reading.standard.at_most if change else None
        yield Step(span, reading, change, better)
        before = ratio if ratio is not None else before


def _period(by: By, day: date) -> tuple[str, date]:
    """The name and the last day of the period in which a date lies."""
    if by is By.YEAR:
        return str(day.year), date(day.year, 12, 31)
    period = Month.of(day) if by is By.MONTH else Quarter.of(day)
    return str(period), period.last
