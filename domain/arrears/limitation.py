"""Limitation 诉讼时效 of every claim in an arrears case (民法典188, 192, 195, 202): what interrupts it, and when it lapses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from domain.arrears.terms import InterruptionKind
from domain.kernel.calendar import add_months, add_years

__all__ = ["REMIND_MONTHS", "Interruption", "RunningClaim", "limitation", "reminders", "reminders_of"]

REMIND_MONTHS: Final = (12, 3, 1)
"""So many months before a claim lapses somebody is reminded: a year, a quarter and a month (ADR 23)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """One proven interruption on a day, and the day on which a claim lapses that begins anew then."""

    kind: InterruptionKind
    day: date
    lapses_on: date


@dataclass(slots=True)
class RunningClaim:
    """The limitation of one bill. ``first`` is when it lapses had nothing interrupted it.

    ``payments`` are part payments as the bill has them now: one that is taken back never was.
    """

    first: date
    interruptions: list[Interruption] = field(default_factory=list)
    payments: list[Interruption] = field(default_factory=list)
    lapsed_on: date | None = None
    reminded: date = date.min

    @property
    def lapses_on(self) -> date:
        """The last day, from all that is known."""
        return limitation(self.first, (*self.interruptions, *self.payments))

    @property
    def lapsed(self) -> bool:
        """Whether it was noted as lapsed, and by all that is known now still is."""
        return self.lapsed_on is not None and self.lapses_on <= self.lapsed_on

    def interrupted(self, kind: InterruptionKind, day: date, lapses_on: date) -> None:
        """Something proven lets it begin anew (民法典195)."""
        self.interruptions.append(Interruption(kind=kind, day=day, lapses_on=lapses_on))

    def paid(self, days: Iterable[date], years: int) -> None:
        """These are the days of its part payments."""
        kind = InterruptionKind.PART_PAYMENT
        self.payments = [Interruption(kind=kind, day=day, lapses_on=add_years(day, years)) for day in days]


def limitation(first: date, interruptions: Iterable[Interruption]) -> date:
    """The last day of a claim's limitation 诉讼时效 (民法典188, 195, 202), whatever the order of entry.

    ``first`` is the corresponding day after the due day. What interrupts does so on or before the lapse; an admission
    revives also what has lapsed (民法典192). The last day is not moved for holidays: the safe side.
    """
    last = first
    for each in sorted(interruptions, key=lambda each: each.day):
        if each.day <= last or each.kind is InterruptionKind.ADMISSION:
            last = max(last, each.lapses_on)
    return last


def reminders_of(lapses_on: date) -> tuple[date, ...]:
    """The days on which somebody is reminded before a claim lapses."""
    return tuple(add_months(lapses_on, -months) for months in REMIND_MONTHS)


def reminders(claims: Mapping[str, RunningClaim], unpaid: Iterable[str]) -> Iterator[tuple[date, str]]:
    """The days that are still to come on which somebody is reminded of a claim, and of which."""
    for bill in unpaid:
        claim = claims.get(bill)
        if claim is not None and not claim.lapsed:
            yield from ((day, bill) for day in reminders_of(claim.lapses_on) if day > claim.reminded)
