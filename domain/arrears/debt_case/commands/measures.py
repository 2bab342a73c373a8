"""The lawful end of arrears 追讨措施 (§8.A(2), §8.B): suspension of optional services, disputes, payments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from domain.arrears.debt_case.case import CONCESSION, OPENED, DebtCase
from domain.arrears.debt_case.commands.committee import committee_first
from domain.arrears.debt_case.commands.dunning import if_disputed, manager_visit, next_step
from domain.arrears.debt_case.commands.opening import notice_days
from domain.arrears.debt_case.events import (
    ActionLate,
    DebtPaymentNoted,
    DebtSettled,
    DisputeRaised,
    DisputeReleased,
    DisputeStepRecorded,
    LadderBegunAnew,
    NextStepLate,
    NextStepRecorded,
    PaymentInTransitNoted,
    ServicesRestored,
    ServicesSuspended,
    SuspensionAmended,
    SuspensionFellDue,
    SuspensionLifted,
)
from domain.arrears.terms import LastMeasure, OptionalService, SuspensionGround
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.people import Actor
from domain.kernel.rules import blank, broken, day_ahead, day_passed, forbid, missing, not_positive


@command
class FallDueForSuspension(Command):
    """三日期满 · Note that three days after a fruitless visit have passed."""

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """From here the manager acts, within the setting's days, those of the owners' committee not counted (§8.A(2))."""
        days = timedelta(days=at.numbers.integer("arrears.act_within_days"))
        yield SuspensionFellDue(act_until=max(at.today, debt.committee_until or at.today) + days)


@command
class MissAction(Command):
    """逾期未处理 · Note that neither suspension nor suit came in time."""

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """A breach of the office; it stays open until the manager acts or the debt is paid (§8.A(2))."""
        yield ActionLate(due_on=debt.act_until or at.today)


@command
class SuspendServices(Command):
    """停止服务 · Suspend optional services."""

    services: tuple[OptionalService, ...]
    ground: SuspensionGround
    article: int
    paragraph: int | None = None
    document_on: date | None = None
    document: str | None = None
    despite: str | None = None

    @staticmethod
    def ready(debt: DebtCase, _who: Actor) -> Refusal | None:
        """Not while disputed nor without the second notice; large debtors only after the manager's own visit."""
        if debt.notice2_at is None:
            return RuleBroken("stage-skipped", "8.A", zh="不得跳过阶段", en="no stage is skipped")
        return if_disputed(debt) or manager_visit(debt)

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """Optional services only, under an article of the covenant (§8.A(2), 民法典944), and not while the money is on its way.

        ``document_on`` is the day of what the ``article`` stands in, ``document`` a paper that is filed with the case.
        """
        if not self.services:
            raise missing("services", "8.A(2)", "请选择停止的服务", "say which services")
        if self.article < 1 or (self.paragraph is not None and self.paragraph < 1):
            raise broken("article-unknown", "8.A(2)", "条、款从一起数", "articles are counted from one", "article")
        if self.document_on is not None:
            forbid(day_ahead(self.document_on, "8.A(2)", at, "document_on"))
        if self.document is not None and self.document not in debt.papers:
            zh, en = "本案没有归档该文件，请先归档", "no such paper is filed with the case: file it first"
            raise broken("document-unknown", "8.A(2)", zh, en, "document")
        coming = debt.in_transit_on is not None and at.today <= debt.in_transit_on
        if coming and debt.in_transit_fen >= debt.outstanding_fen > 0:
            raise RuleBroken("in-transit", "8.A(2)", zh="款项在途，暂不得停止服务", en="the payment is on its way")
        at.require_evidence(committee_first(debt, LastMeasure.SUSPENSION, self.despite, at))
        yield self.to_event(ServicesSuspended, next_by=next_step(at))


@command
class AmendSuspension(Command):
    """变更停止的服务 · Amend the suspension."""

    services: tuple[OptionalService, ...]
    reason: str

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """Other optional services than before, or fewer, with the reason (§8.A(2)); all of them back is another matter."""
        forbid(blank(self.reason, "reason", "8.A(2)", "请说明理由", "say why"))
        if not self.services or set(self.services) == set(debt.services):
            zh, en = "请选择变更后停止的服务", "say which services are suspended from now on"
            raise broken("services-as-before", "8.A(2)", zh, en, "services")
        yield self.to_event(SuspensionAmended, next_by=next_step(at))


@command
class LiftSuspension(Command):
    """解除停止服务 · Lift the suspension."""

    reason: str

    @staticmethod
    def ready(debt: DebtCase, _who: Actor) -> Refusal | None:
        """Something is suspended."""
        if not debt.services:
            return broken("nothing-suspended", "8.A(2)", "没有停止的服务", "nothing is suspended")
        return None

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """The services are back though the debt is open; it is pursued further, with a date (§8)."""
        forbid(blank(self.reason, "reason", "8.A(2)", "请说明理由", "say why"))
        yield self.to_event(SuspensionLifted, services=debt.services, next_by=next_step(at))


@command
class RaiseDispute(Command):
    """提出异议 · Raise a dispute."""

    reason: str | None = None
    before: str | None = None
    bills: tuple[str, ...] = ()

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """A disputed debt is neither dunned nor does its clock run.

        Where only some ``bills`` are disputed, the others are pursued further.
        """
        if not (self.reason or self.before):
            at.require_evidence(missing("reason", "8.B(5)", "请写明异议理由", "say what is disputed"))
        if not set(self.bills) <= debt.bills.keys():
            raise broken("bill-unknown", "8.B(5)", "账单不在本案之内", "that bill is not of this case", "bills")
        yield DisputeRaised(reason=self.reason or self.before or "", bills=self.bills, next_by=next_step(at))


@command
class RecordDisputeStep(Command):
    """登记异议进展 · Record a step of the dispute.

    What became of it so far.
    """

    step: str
    outcome: str | None = None

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """While it is disputed it has a date all the same: until when the next is heard of it."""
        yield self.to_event(DisputeStepRecorded, next_by=next_step(at) if debt.in_dispute else debt.next_by)


@command
class ReleaseDispute(Command):
    """了结异议 · End the dispute.

    The clocks run again.
    """

    outcome: str
    bills: tuple[str, ...] = ()

    @staticmethod
    def ready(debt: DebtCase, _who: Actor) -> Refusal | None:
        """There must be one."""
        return None if debt.in_dispute else _not_disputed()

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """The clocks run again; where none does, the next step has a date. Of these ``bills`` alone, or all of it."""
        if not set(self.bills) <= debt.disputed_bills:
            raise _not_disputed("bills")
        yield self.to_event(DisputeReleased, next_by=next_step(at) if debt.notice2_at or debt.legal_at else None)


def _not_disputed(field: str | None = None) -> RuleBroken:
    return RuleBroken("not-disputed", "8.B(5)", zh="没有异议", en="nothing is disputed", field=field)


@command
class RecordNextStep(Command):
    """登记追讨下一步 · Record what was done and until when the next step is taken."""

    done: str
    next_by: date | None = None

    def decide(self, _debt: DebtCase, at: Moment) -> Iterator[Event]:
        """The next date lies ahead, and not beyond the setting: no open debt is put aside (§8)."""
        forbid(blank(self.done, "done", "8", "请写明已办事项", "say what was done"))
        latest = next_step(at)
        day = self.next_by or latest
        if day is not None and latest is not None and not at.today < day <= latest:
            zh, en = f"下一步须在{latest}前", f"the next step is taken by {latest}"
            raise broken("next-step-too-late", "8", zh, en, "next_by")
        yield self.to_event(NextStepRecorded, next_by=day)


@command
class MissNextStep(Command):
    """追讨下一步逾期 · Note that the next step was not taken in time."""

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """It stays on the desk until something is done (§8)."""
        yield NextStepLate(due_on=debt.next_by or at.today)


@command
class NotePaymentInTransit(Command):
    """登记在途款项 · Note a payment in transit."""

    amount_fen: int
    expected_on: date

    def decide(self, _debt: DebtCase, at: Moment) -> Iterator[Event]:
        """Shown on the notice; until its day it stops a suspension."""
        forbid(not_positive(self.amount_fen, "8.A(2)", "amount_fen"))
        forbid(day_passed(self.expected_on, "8.A(2)", at, "expected_on"))
        days = at.numbers.integer("arrears.next_step_within_days")
        if self.expected_on > at.today + timedelta(days=days):
            zh, en = f"在途款项最迟{days}天内到账", f"it arrives within {days} days"
            at.require_evidence(broken("beyond-cap", "8.A(2)", zh, en, "expected_on"))
        yield self.to_event(PaymentInTransitNoted)


@command
class NoteDebtPayment(Command):
    """记入缴款 · Take a payment into account."""

    bill: str
    outstanding_fen: int
    received: bool = True
    paid_on: tuple[date, ...] = ()

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """Payment at any stage settles (§8.A(2)); suspended services are restored with it.

        What was dunned being paid, bills that came later begin at the first stage: none is skipped for them.
        """
        if self.bill not in debt.bills:
            return
        yield self.to_event(DebtPaymentNoted, years=at.numbers.integer("arrears.limitation_years"))
        rest = {bill for bill in debt.unpaid if bill != self.bill} | (
            {self.bill} if self.outstanding_fen > 0 else set()
        )
        dunned = set(debt.plan) if debt.state == CONCESSION else debt.dunned
        anew = bool(rest and debt.dunned) and debt.state != OPENED and not rest & dunned
        if rest and not anew:
            return
        if debt.services:
            yield ServicesRestored(services=debt.services)
        if anew:
            notice1_by, notice2_by = notice_days(at.today, at)
            yield LadderBegunAnew(notice1_by=notice1_by, notice2_by=notice2_by)
        else:
            yield DebtSettled()
