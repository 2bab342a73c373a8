"""Late fee 滞纳金 (违约金) day by day: each day bears that day's rate on that day's outstanding principal (§8.A(1), 民法典585).

Simple interest on one bill, a function of the facts alone: what moved its principal and on which value dates, on which
days it was held, and what rate each day had. The exact sum is rounded once, half up. Amounts are fen, days local dates.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Final, TypeAlias, TypeVar

from domain.kernel.money import Fen, rounded

__all__ = ["DAY", "Hold", "LateFee", "LateFeeSpan", "Movement", "Timeline", "in_force", "late_fee", "late_fee_spans"]

DAY: Final = timedelta(days=1)
V = TypeVar("V")
Timeline: TypeAlias = Sequence[tuple[date, V]]
"""What is in force from each of these days on, in order; the first begins before everything."""
Hold: TypeAlias = tuple[date, date | None]
"""Days of a dispute or a granted hardship, both ends included; None while it lasts. A day held twice is held once."""


@dataclass(frozen=True, slots=True)
class Movement:
    """What changes the outstanding principal 本金 of one bill on a value date 起息日 / 到账日.

    ``charged`` is the bill itself and its corrections (negative where they lower it), ``paid`` what was allocated to
    its principal (negative for a reversal). Late fees are never part of it. Both in fen.
    """

    day: date
    charged: Fen = 0
    paid: Fen = 0


@dataclass(frozen=True, slots=True)
class LateFeeSpan:
    """Days from ``first`` to ``last``, both charged, with one outstanding principal (fen) and one rate per day."""

    first: date
    last: date
    outstanding: Fen
    rate: Fraction

    @property
    def days(self) -> int:
        """How many days are charged."""
        return (self.last - self.first).days + 1

    @property
    def exact(self) -> Fraction:
        """What they bear, in exact fen."""
        return self.outstanding * self.days * self.rate


@dataclass(frozen=True, slots=True)
class LateFee:
    """A late fee with its steps: the spans, their exact sum, the cap in whole fen, and what is accrued."""

    spans: tuple[LateFeeSpan, ...]
    cap: Fraction
    cap_fen: Fen

    @property
    def exact(self) -> Fraction:
        """The sum before it is rounded."""
        return sum((span.exact for span in self.spans), Fraction(0))

    @property
    def fen(self) -> Fen:
        """Rounded once, half up, and never above the cap, not even by part of a fen."""
        return min(rounded(self.exact), self.cap_fen)


def in_force(timeline: Timeline[V], day: date) -> V:
    """What is in force on a day; before the first change, what the first one says."""
    return timeline[max(bisect_right([start for start, _ in timeline], day) - 1, 0)][1]


def late_fee_spans(
    movements: Iterable[Movement],
    due: date,
    grace: int,
    rates: Timeline[Fraction],
    until: date,
    holds: Iterable[Hold] = (),
) -> tuple[LateFeeSpan, ...]:
    """The days that bear a late fee, what was outstanding on them and at which rate: how a notice or a court file proves it.

    From the first day after ``due`` and ``grace`` days, through ``until``. A day bears the fee of what was outstanding
    when it began: the first day is not counted and the payment's value date still is, so that a bill paid one day
    after its due date bears one day.
    """
    movements, holds = tuple(movements), tuple(holds)
    start, stop = due + timedelta(days=grace) + DAY, until + DAY
    edges = {start, stop, *(movement.day + DAY for movement in movements), *(since for since, _ in rates)}
    for first, last in holds:
        edges |= {first} if last is None else {first, last + DAY}
    spans = []
    for first, after in pairwise(sorted(edge for edge in edges if start <= edge <= stop)):
        outstanding = sum(movement.charged - movement.paid for movement in movements if movement.day < first)
        held = any(begun <= first and (ended is None or first <= ended) for begun, ended in holds)
        rate = in_force(rates, first)
        if outstanding > 0 and not held and rate > 0:
            spans.append(LateFeeSpan(first, after - DAY, outstanding, rate))
    return tuple(spans)


def late_fee(
    movements: Iterable[Movement],
    due: date,
    grace: int,
    rates: Timeline[Fraction],
    cap: Fraction,
    until: date,
    holds: Iterable[Hold] = (),
) -> LateFee:
    """The late fee that one bill has accrued by the end of the local date ``until``, with its steps.

    Never above ``cap`` of the bill's principal as charged by then: corrections lower the cap, payments do not
    (合同编通则解释65). What it accrued stays owed after the principal is paid; the movements hold principal alone, so
    that a late fee bears none.
    """
    movements = tuple(movements)
    spans = late_fee_spans(movements, due, grace, rates, until, holds)
    principal = sum(movement.charged for movement in movements if movement.day <= until)
    most = cap * max(principal, 0)
    return LateFee(spans, cap, most.numerator // most.denominator)
