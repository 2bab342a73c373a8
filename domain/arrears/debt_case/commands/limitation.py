"""Limitation 诉讼时效 (民法典188, 195): what interrupts it outside the ladder, the reminders before it ends, the lapse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.arrears.debt_case.case import DebtCase
from domain.arrears.debt_case.events import ClaimLapsed, InterruptionRecorded, LimitationNear
from domain.arrears.terms import InterruptionKind
from domain.kernel.calendar import add_years
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.rules import backwards, blank, broken, day_ahead, forbid


@command
class RecordInterruption(Command):
    """登记时效中断 · Record what interrupts the limitation."""

    kind: InterruptionKind
    on: date
    evidence: str
    proven: bool = True
    bills: tuple[str, ...] = ()
    ended_on: date | None = None

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """A lawyer's letter, a signed admission, a suit elsewhere: what is proven begins the limitation anew (民法典195).

        What is not proven is recorded and changes nothing. Payments need no entry of this kind: they are facts already.
        A suit that was brought in time holds the claim open until it ended (``ended_on``), from which day it begins anew.
        """
        forbid(day_ahead(self.on, "民法典195", at, "on"))
        forbid(blank(self.evidence, "evidence", "民法典195", "请注明凭据", "say what proves it"))
        if not set(self.bills) <= debt.bills.keys():
            raise broken("bill-unknown", "民法典195", "账单不在本案之内", "that bill is not of this case", "bills")
        if self.ended_on is not None:
            if self.kind is not InterruptionKind.SUIT:
                raise broken("no-suit", "民法典195", "只有起诉、仲裁有终结日期", "only a suit has an end", "ended_on")
            forbid(day_ahead(self.ended_on, "民法典195", at, "ended_on"))
            forbid(backwards(self.on, self.ended_on, "民法典195", "ended_on"))
        years = at.numbers.integer("arrears.limitation_years")
        yield self.to_event(InterruptionRecorded, lapses_on=add_years(self.ended_on or self.on, years))


@command
class RemindOfLimitation(Command):
    """时效提醒 · Remind that a claim will lapse."""

    def decide(self, debt: DebtCase, _at: Moment) -> Iterator[Event]:
        """A year, a quarter and a month before (民法典188)."""
        coming = debt.next_reminder
        if coming is not None:
            day, bill = coming
            yield LimitationNear(bill=bill, lapses_on=debt.lapses[bill], remind_on=day)


@command
class MarkClaimLapsed(Command):
    """诉讼时效届满 · Note that a claim has lapsed."""

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """Nobody interrupted it in time (民法典188)."""
        for bill in debt.unpaid:
            day = debt.lapses.get(bill)
            if day is not None and day < at.today and bill not in debt.lapsed:
                yield ClaimLapsed(bill=bill, lapsed_on=day)
