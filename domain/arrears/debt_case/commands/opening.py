"""Opening 立案 (§8.A(1)): a bill is overdue, or owed again; one case per household gathers them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from domain.arrears.ascents import Ascent
from domain.arrears.debt_case.case import CONCESSION, SETTLED, SUSPENDED, SUSPENSION_DUE, DebtCase
from domain.arrears.debt_case.commands.dunning import next_step
from domain.arrears.debt_case.events import (
    BillJoinedDebtCase,
    DebtCaseOpened,
    DebtCaseReopened,
    DebtCaseResumedAtLaw,
    DebtCaseResumedBeforeNotice,
    DebtCaseResumedForSuspension,
    DebtCaseResumedInFirstStage,
    DebtCaseResumedInSecondStage,
    DebtPaymentNoted,
)
from domain.fees.bill.case import Bill
from domain.kernel.calendar import add_months, add_years
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.periods import Month
from domain.kernel.rules import broken


@command
class OpenDebtCase(Command):
    """立案追讨 · Open an arrears case, or bring another bill to it."""

    bill: str
    household: str | None = None
    outstanding_fen: int = 0
    due_on: date | None = None
    resumes: bool = False
    paid_on: tuple[date, ...] = ()

    def related(self) -> dict[str, str]:
        """The bill that is not paid."""
        return {"bill": self.bill}

    def decide(self, debt: DebtCase | None, at: Moment) -> Iterator[Event]:
        """Notice 1 in the month after the fee's, notice 2 in the next (§8.A): dates are fixed here.

        Somebody who brings a bill by hand says only which: what is left and since when is the bill's own.
        """
        bill = at.related["bill"]
        left, due = self.outstanding_fen, self.due_on or at.today
        if at.role.is_person and not at.waived:
            left, due = _of_bill(bill, self.household, debt, at)
        elif at.waived and not left and isinstance(bill, Bill):
            left = max(bill.outstanding_fen, 0)
        lapses = add_years(due, at.numbers.integer("arrears.limitation_years"))
        climbed = _climbed(debt, self.bill) if debt is not None and self.resumes else None
        if climbed is not None:
            yield _resumed(climbed, self.bill, left, lapses, at)
            yield from self._paid(debt, left, at)
            return
        if debt is not None and debt.state != SETTLED:
            yield self.to_event(BillJoinedDebtCase, outstanding_fen=left, lapses_on=lapses)
            yield from self._paid(debt, left, at)
            return
        notice1_by, notice2_by = notice_days(due, at)
        yield self.to_event(
            DebtCaseOpened if debt is None else DebtCaseReopened,
            outstanding_fen=left,
            due_on=due,
            lapses_on=lapses,
            notice1_by=notice1_by,
            notice2_by=notice2_by,
        )

    def _paid(self, debt: DebtCase | None, left: int, at: Moment) -> Iterator[Event]:
        """What still stands of its payments, of which the case was told nothing while it pursued others (民法典195)."""
        if debt is not None and self.bill in debt.climbed and self.bill not in debt.bills:
            years = at.numbers.integer("arrears.limitation_years")
            yield self.to_event(DebtPaymentNoted, outstanding_fen=left, received=False, years=years)


def _climbed(debt: DebtCase, bill: str) -> Ascent | DebtCase | None:
    """The ascent on which a bill is pursued again: the one that dunned it, unless the case is as high on another."""
    before = debt.climbed.get(bill)
    settled = debt.state == SETTLED
    now = _height(debt, debt.left_off if settled else debt.state)
    if before is not None and debt.state != CONCESSION and _height(before, before.left_off) > now:
        return before
    return debt if settled and bill in debt.bills else None


def _height(climbed: Ascent | DebtCase, state: str) -> int:
    """How high: 0 before the first letter, 1 and 2 the stages, 3 where the manager acts, 4 at law."""
    if climbed.legal_at is not None:
        return 4
    if state in (SUSPENSION_DUE, SUSPENDED):
        return 3
    return 2 if climbed.stage2_at is not None else 1 if climbed.notice1_at is not None else 0


def _resumed(debt: Ascent | DebtCase, bill: str, left: int, lapses: date, at: Moment) -> Event:
    """A payment was taken back: the ladder goes on from where it was; what fell due meanwhile gets time from today (C10).

    Services that were restored with the payment stay so until the manager decides again, and a plan that it had
    fulfilled is over. Where no other clock runs, the next step has a date.
    """
    told: dict[str, Any] = {"bill": bill, "outstanding_fen": left, "lapses_on": lapses}
    told |= {"ladder": debt.ladder} if isinstance(debt, Ascent) else {}
    second = max(debt.notice2_by or at.today, Month.of(at.today).last)
    if debt.legal_at is not None:
        return DebtCaseResumedAtLaw(**told, next_by=next_step(at))
    if debt.left_off in (SUSPENSION_DUE, SUSPENDED):
        until = at.today + timedelta(days=at.numbers.integer("arrears.act_within_days"))
        return DebtCaseResumedForSuspension(**told, act_until=until)
    if debt.stage2_at is not None:
        days = timedelta(days=at.numbers.integer("arrears.fruitless_visit_days"))
        fruitless = debt.notice2_at is not None and debt.visit_outcome is not None and debt.visit_outcome.fruitless
        act_by = at.today + days if fruitless else None
        next_by = next_step(at) if debt.notice2_at is not None and act_by is None else None
        return DebtCaseResumedInSecondStage(**told, notice2_by=second, act_by=act_by, next_by=next_by)
    if debt.notice1_at is not None:
        return DebtCaseResumedInFirstStage(**told, notice2_by=second)
    first = max(debt.notice1_by or at.today, Month.of(at.today).last)
    second = max(second, Month.of(add_months(first.replace(day=1), 1)).last)
    return DebtCaseResumedBeforeNotice(**told, notice1_by=first, notice2_by=second)


def _of_bill(bill: Any, household: str | None, debt: DebtCase | None, at: Moment) -> tuple[int, date]:
    whose = {household} if debt is None else {household, debt.household}
    if not isinstance(bill, Bill) or whose != {bill.household} or household is None:
        raise broken("other-household", "8.A(1)", "账单不属于该住户", "that bill is not this household's", "bill")
    due_on = bill.due_on or at.today
    # Another system's bills have no clock here that would have noted it.
    overdue = bill.overdue_at is not None or (bill.imported and due_on < at.today)
    if not overdue or bill.outstanding_fen <= 0:
        raise broken("not-overdue", "8.A(1)", "账单未逾期或已缴清", "that bill is not overdue", "bill")
    return bill.outstanding_fen, due_on


def notice_days(due: date, at: Moment) -> tuple[date, date]:
    """The last days of the months in which the two letters are sent (§8.A): the second and the third.

    What became overdue only after its second month has its first letter in the month in which it did, and whoever
    owes again is not held to dates that have passed.
    """
    first = at.numbers.integer("arrears.stage1_after_months")
    between = at.numbers.integer("arrears.stage2_after_months") - first
    month = max(Month.of(add_months(due, first - 1)), Month.of(at.today))
    return month.last, Month.of(add_months(month.first, between)).last
