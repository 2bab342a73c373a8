"""Arrears case 欠费追讨 (§8): notice, second notice and visit, then the lawful end: payment, suspension or the court.

One case per household. Stages are never skipped; a dispute holds every clock; payment at any stage settles, and what
was suspended is restored with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID, uuid5

from domain.debt_dunning import (
    BeginSecondStage,
    ClassifyDebtor,
    IssueDunningNotice,
    MissNotice,
    OpenDebtCase,
    RecordArrearsReason,
    RecordNoticeDelivery,
    RemindDebtor,
    VisitDebtor,
    if_disputed,
    manager_visit,
)
from domain.debt_events import (
    CONCESSION,
    LEGAL,
    OPEN,
    OPENED,
    SETTLED,
    STAGE1,
    STAGE2,
    SUSPENDED,
    SUSPENSION_DUE,
    ArrearsReasonFound,
    BillJoinedDebtCase,
    ConcessionApproved,
    ConcessionProposed,
    ConcessionRefused,
    DebtCase,
    DebtCaseOpened,
    DebtCaseReopened,
    DebtorClassified,
    DebtPaymentNoted,
    DebtSettled,
    DisputeRaised,
    DisputeReleased,
    DisputeStepRecorded,
    DunningNoticeIssued,
    HomeVisited,
    InstalmentBroken,
    LegalActionStarted,
    NoticeDelivered,
    NoticeLate,
    PaymentInTransitNoted,
    ReminderGiven,
    SecondNoticeIssued,
    SecondStageBegun,
    ServicesRestored,
    ServicesSuspended,
    SuspensionFellDue,
    evolve,
)
from domain.debt_terms import (
    ConcessionKind,
    DebtorCategory,
    Instalment,
    OptionalService,
)
from domain.errors import Refusal, RuleBroken
from domain.fact import Command, Event, Moment, command
from domain.lifecycle import SAME, Lifecycle, deadline, step
from domain.people import Role
from domain.rules import missing


@command
class FallDueForSuspension(Command):
    """三日期满 · Note that three days after a fruitless visit have passed."""

    def decide(self, _debt: DebtCase, _at: Moment) -> Iterator[Event]:
        """From here the manager may act (§8.A(2))."""
        yield SuspensionFellDue()


@command
class SuspendServices(Command):
    """停止服务 · Suspend optional services."""

    services: tuple[OptionalService, ...]
    basis: str

    @staticmethod
    def ready(debt: DebtCase) -> Refusal | None:
        """Not while disputed; large debtors only after the manager's own visit."""
        return if_disputed(debt) or manager_visit(debt)

    def decide(self, debt: DebtCase, _at: Moment) -> Iterator[Event]:
        """Optional services only, under the covenant (§8.A(2), 民法典944), and not while the money is on its way."""
        if not self.services:
            raise missing("services", "8.A(2)", "请选择停止的服务", "say which services")
        if debt.in_transit_fen >= debt.outstanding_fen > 0:
            raise RuleBroken("in-transit", "8.A(2)", zh="款项在途，暂不得停止服务", en="the payment is on its way")
        yield self.said(ServicesSuspended)


@command
class StartLegalAction(Command):
    """进入法律程序 · Start legal action."""

    court: str | None = None
    evidence: str | None = None

    @staticmethod
    def ready(debt: DebtCase) -> Refusal | None:
        """After the fruitless visit's days; holdouts at once from the second stage (§8.B(3))."""
        if debt.state == STAGE2 and debt.category is not DebtorCategory.HOLDOUT:
            return RuleBroken(
                "visit-first", "8.A(2)", zh="须上门催缴无效三日后", en="three days after a fruitless visit"
            )
        return manager_visit(debt)

    def decide(self, _debt: DebtCase, at: Moment) -> Iterator[Event]:
        """With the evidence bundle (§8.B(3))."""
        if not self.evidence:
            at.lacks(missing("evidence", "8.B(3)", "请附证据清单", "list the evidence"))
        yield self.said(LegalActionStarted)


@command
class ProposeConcession(Command):
    """提出优惠 · Propose a concession."""

    kind: ConcessionKind
    reason: str
    amount_fen: int | None = None
    instalments: tuple[Instalment, ...] = ()

    @staticmethod
    def ready(debt: DebtCase) -> Refusal | None:
        """For real hardship only (§8.B(4))."""
        if debt.category is not DebtorCategory.HARDSHIP:
            return RuleBroken("not-hardship", "8.B(4)", zh="只有确有困难的住户可予优惠", en="for real hardship only")
        return None

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """A plan pays the whole debt, part by part, in days to come."""
        if self.kind is ConcessionKind.INSTALMENTS:
            total = sum(part.amount_fen for part in self.instalments)
            ahead = all(part.due_on >= at.today and part.amount_fen > 0 for part in self.instalments)
            if total != debt.outstanding_fen or not ahead:
                raise RuleBroken(
                    "plan-unsound", "8.B(4)", zh="分期须覆盖全部欠款且日期在后", en="the plan must pay all, in days to come",
                    field="instalments",
                )  # fmt: skip
        ordered = tuple(sorted(self.instalments, key=lambda part: part.due_on))
        yield self.said(ConcessionProposed, instalments=ordered)


@command
class DecideConcession(Command):
    """审批优惠 · Decide on a concession."""

    approved: bool
    reason: str

    @staticmethod
    def ready(debt: DebtCase) -> Refusal | None:
        """There must be a proposal."""
        if debt.proposed is None:
            return RuleBroken("nothing-proposed", "8.B(4)", zh="没有待审批的优惠", en="no concession is proposed")
        return None

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """By the manager, and not by the one who proposed it (§8.B(4))."""
        if at.user_id == debt.proposed_by:
            raise RuleBroken("second-person", "8.B(4)", zh="须由另一人审批", en="somebody else must decide")
        if not self.approved or debt.proposed is None:
            yield ConcessionRefused(reason=self.reason)
            return
        yield ConcessionApproved(kind=debt.proposed.kind, instalments=debt.proposed.instalments)


@command
class BreakInstalment(Command):
    """分期未履行 · Note that an instalment was not paid."""

    def decide(self, _debt: DebtCase, at: Moment) -> Iterator[Event]:
        """A broken plan puts the case back (§8.B(4))."""
        yield InstalmentBroken(due_on=at.today)


@command
class RaiseDispute(Command):
    """提出异议 · Raise a dispute."""

    reason: str | None = None
    before: str | None = None

    def decide(self, _debt: DebtCase, at: Moment) -> Iterator[Event]:
        """A disputed debt is neither dunned nor does its clock run."""
        if not (self.reason or self.before):
            at.lacks(missing("reason", "8.B(5)", "请写明异议理由", "say what is disputed"))
        yield DisputeRaised(reason=self.reason or self.before or "")


@command
class RecordDisputeStep(Command):
    """登记异议进展 · Record a step of the dispute."""

    step: str
    outcome: str | None = None

    def decide(self, _debt: DebtCase, _at: Moment) -> Iterator[Event]:
        """What became of it so far."""
        yield self.said(DisputeStepRecorded)


@command
class ReleaseDispute(Command):
    """了结异议 · End the dispute."""

    outcome: str

    @staticmethod
    def ready(debt: DebtCase) -> Refusal | None:
        """There must be one."""
        return None if debt.disputed else RuleBroken("not-disputed", "8.B(5)", zh="没有异议", en="nothing is disputed")

    def decide(self, _debt: DebtCase, _at: Moment) -> Iterator[Event]:
        """The clocks run again."""
        yield self.said(DisputeReleased)


@command
class NotePaymentInTransit(Command):
    """登记在途款项 · Note a payment in transit."""

    amount_fen: int
    expected_on: date

    def decide(self, _debt: DebtCase, _at: Moment) -> Iterator[Event]:
        """Shown on the notice day."""
        yield self.said(PaymentInTransitNoted)


@command
class NoteDebtPayment(Command):
    """记入缴款 · Take a payment into account."""

    bill: str
    outstanding_fen: int

    def decide(self, debt: DebtCase, _at: Moment) -> Iterator[Event]:
        """Payment at any stage settles (§8.A(2)); suspended services are restored with it."""
        yield self.said(DebtPaymentNoted)
        rest = sum(left for bill, left in debt.bills.items() if bill != self.bill and left > 0)
        if rest + max(self.outstanding_fen, 0) <= 0:
            if debt.services:
                yield ServicesRestored(services=debt.services)
            yield DebtSettled()


_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)
_CLOCK, _MANAGER, _POLICY = [Role.CLOCK], [Role.MANAGER], [Role.POLICY]
_ACT = (STAGE2, SUSPENSION_DUE, SUSPENDED, LEGAL)
_ANY = (*OPEN, SETTLED)

_IDS = UUID("7e5b1a55-3c0c-5d0e-9c39-2f4f2f6a2b11")


def debt_case_id(office: str, of: str) -> str:
    """The one arrears case of a household (or of a bill of nobody's) in its office, whatever it is called there."""
    return f"debt_case-{uuid5(_IDS, f'{office}/{of}')}"


# fmt: off
LIFECYCLE = Lifecycle(
    of=DebtCase, kind="debt_case", path="debt-cases", zh="欠费追讨", en="debt case", clauses="8", evolve=evolve,
    subject=lambda debt: debt.household,
    identity=lambda command, office: debt_case_id(office, command.household or command.bill),
    states={
        OPENED: ("已立案", "opened"), STAGE1: ("第一阶段", "stage 1"), STAGE2: ("第二阶段", "stage 2"),
        CONCESSION: ("优惠分期", "concession"), SUSPENSION_DUE: ("可停止服务", "suspension due"),
        SUSPENDED: ("已停止服务", "suspended"), LEGAL: ("法律程序", "legal action"), SETTLED: ("已结清", "settled"),
    },
    final=[SETTLED],
    steps=[  # command           event                 from                  to              who                   clause
        step(OpenDebtCase,       DebtCaseOpened,       None,                 OPENED,         [*_CLERKS, Role.POLICY], "8.A(1)"),
        step(OpenDebtCase,       DebtCaseReopened,     SETTLED,              OPENED,         [*_CLERKS, Role.POLICY], "8.A(1)"),
        step(OpenDebtCase,       BillJoinedDebtCase,   OPEN,                 SAME,           [*_CLERKS, Role.POLICY], "8.A(1)"),
        step(ClassifyDebtor,     DebtorClassified,     OPEN,                 SAME,           _CLERKS,              "8.B(1)"),
        step(RecordArrearsReason, ArrearsReasonFound,  OPEN,                 SAME,           _CLERKS,              "8.B(5)"),
        step(IssueDunningNotice, DunningNoticeIssued,  (OPENED, STAGE1),     STAGE1,         _CLERKS,              "8.A(1)"),
        step(IssueDunningNotice, SecondNoticeIssued,   STAGE2,               SAME,           _CLERKS,              "8.A(2)"),
        step(RecordNoticeDelivery, NoticeDelivered,    _ANY,                 SAME,           _CLERKS,              "8.A(1)"),
        step(MissNotice,         NoticeLate,           (OPENED, STAGE1, STAGE2), SAME,       _CLOCK,               "8.A"),
        step(RemindDebtor,       ReminderGiven,        OPEN,                 SAME,           _CLERKS,              "8.A(1)"),
        step(BeginSecondStage,   SecondStageBegun,     (OPENED, STAGE1, STAGE2), STAGE2,     _CLERKS,              "8.A(2)"),
        step(VisitDebtor,        HomeVisited,          (STAGE1, *_ACT),      SAME,           _CLERKS,              "8.A(2)"),
        step(FallDueForSuspension, SuspensionFellDue,  STAGE2,               SUSPENSION_DUE, _CLOCK,               "8.A(2)"),
        step(SuspendServices,    ServicesSuspended,    SUSPENSION_DUE,       SUSPENDED,      _MANAGER,             "8.A(2)"),
        step(StartLegalAction,   LegalActionStarted,   (STAGE2, SUSPENSION_DUE, SUSPENDED), LEGAL, _MANAGER,       "8.A(2)"),
        step(ProposeConcession,  ConcessionProposed,   (STAGE1, *_ACT),      SAME,           _CLERKS,              "8.B(4)"),
        step(DecideConcession,   ConcessionApproved,   (STAGE1, *_ACT),      CONCESSION,     _MANAGER,             "8.B(4)"),
        step(DecideConcession,   ConcessionRefused,    (STAGE1, *_ACT),      SAME,           _MANAGER,             "8.B(4)"),
        step(BreakInstalment,    InstalmentBroken,     CONCESSION,           STAGE2,         [Role.CLOCK, Role.MANAGER],              "8.B(4)"),
        step(RaiseDispute,       DisputeRaised,        _ANY,                 SAME,           _CLERKS,              "8.B(5)"),
        step(RecordDisputeStep,  DisputeStepRecorded,  _ANY,                 SAME,           _CLERKS,              "8.B(5)"),
        step(ReleaseDispute,     DisputeReleased,      _ANY,                 SAME,           _CLERKS,              "8.B(5)"),
        step(NotePaymentInTransit, PaymentInTransitNoted, OPEN,              SAME,           _CLERKS,              "8.A(2)"),
        step(NoteDebtPayment,    DebtPaymentNoted,     OPEN,                 SAME,           _POLICY,              "8.A(2)"),
        step(NoteDebtPayment,    ServicesRestored,     OPEN,                 SAME,           _POLICY,              "8.A(2)"),
        step(NoteDebtPayment,    DebtSettled,          OPEN,                 SETTLED,        _POLICY,              "8.A(2)"),
    ],
    deadlines=[
        deadline("notice-1", OPENED, due=lambda d: d.notice1_due, gives=MissNotice, clause="8.A(1)",
                 zh="第二个月发出催款通知", en="first dunning notice in the second month"),
        deadline("notice-2", (STAGE1, STAGE2), due=lambda d: d.notice2_due, gives=MissNotice, clause="8.A(2)",
                 zh="第三个月再次发出催款通知", en="second dunning notice in the third month"),
        deadline("suspension", STAGE2, due=lambda d: d.owed(d.act_by), gives=FallDueForSuspension, clause="8.A(2)",
                 zh="上门催缴无效三日后依约处理", en="act three days after a fruitless visit"),
        deadline("instalment", CONCESSION, due=lambda d: d.instalment_due, gives=BreakInstalment, clause="8.B(4)",
                 zh="按期分期缴纳", en="the instalment is paid"),
    ],
)
# fmt: on
