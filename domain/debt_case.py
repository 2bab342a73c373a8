"""Arrears case 欠费追讨 (§8): notice, second notice and visit, then the lawful end: payment, suspension or the court.

One case per household. Stages are never skipped; a dispute holds every clock; payment at any stage settles, and what
was suspended is restored with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from domain.calendar import add_years
from domain.debt_concession import BreakInstalment, DecideConcession, ProposeConcession
from domain.debt_dunning import (
    BeginSecondStage,
    ClassifyDebtor,
    IssueDunningNotice,
    MarkClaimLapsed,
    MissNotice,
    OpenDebtCase,
    RecordArrearsReason,
    RecordNoticeDelivery,
    RemindDebtor,
    VisitDebtor,
    if_disputed,
    manager_visit,
    notice_days,
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
    ActionLate,
    ArrearsReasonFound,
    BillJoinedDebtCase,
    ClaimLapsed,
    ConcessionApproved,
    ConcessionProposed,
    ConcessionRefused,
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
    InstalmentBrokenBeforeNotice,
    InstalmentBrokenInFirstStage,
    LadderBegunAnew,
    LegalActionStarted,
    NoticeDelivered,
    NoticeLate,
    PaymentInTransitNoted,
    ReliefGranted,
    ReminderGiven,
    SecondNoticeIssued,
    SecondStageBegun,
    ServicesRestored,
    ServicesSuspended,
    SuspensionFellDue,
)
from domain.debt_state import DebtCase, debt_case_id, evolve
from domain.debt_terms import DebtorCategory, OptionalService
from domain.errors import Refusal, RuleBroken
from domain.fact import Command, Event, Moment, command
from domain.lifecycle import SAME, Lifecycle, deadline, step
from domain.people import Role
from domain.rules import broken, missing


@command
class FallDueForSuspension(Command):
    """三日期满 · Note that three days after a fruitless visit have passed."""

    def decide(self, _debt: DebtCase, at: Moment) -> Iterator[Event]:
        """From here the manager acts, within the setting's days (§8.A(2))."""
        days = timedelta(days=at.numbers.integer("arrears.act_within_days"))
        yield SuspensionFellDue(act_until=at.today + days)


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
    basis: str

    @staticmethod
    def ready(debt: DebtCase) -> Refusal | None:
        """Not while disputed nor without the second notice; large debtors only after the manager's own visit."""
        if debt.notice2_at is None:
            return RuleBroken("stage-skipped", "8.A", zh="不得跳过阶段", en="no stage is skipped")
        return if_disputed(debt) or manager_visit(debt)

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """Optional services only, under the covenant (§8.A(2), 民法典944), and not while the money is on its way."""
        if not self.services:
            raise missing("services", "8.A(2)", "请选择停止的服务", "say which services")
        coming = debt.in_transit_on is not None and at.today <= debt.in_transit_on
        if coming and debt.in_transit_fen >= debt.outstanding_fen > 0:
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
        """With the evidence bundle (§8.B(3)); a suit interrupts the limitation (民法典195)."""
        if not self.evidence:
            at.lacks(missing("evidence", "8.B(3)", "请附证据清单", "list the evidence"))
        years = at.numbers.integer("arrears.limitation_years")
        yield self.said(LegalActionStarted, lapses_on=add_years(at.today, years))


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

    def decide(self, _debt: DebtCase, at: Moment) -> Iterator[Event]:
        """Shown on the notice; until its day it stops a suspension."""
        if self.amount_fen <= 0:
            raise broken("amount-not-positive", "8.A(2)", "金额须为正数", "the amount must be positive", "amount_fen")
        if self.expected_on < at.today:
            raise broken("day-passed", "8.A(2)", "预计到账日已过", "that day has passed", "expected_on")
        yield self.said(PaymentInTransitNoted)


@command
class NoteDebtPayment(Command):
    """记入缴款 · Take a payment into account."""

    bill: str
    outstanding_fen: int
    received: bool = True

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """Payment at any stage settles (§8.A(2)); suspended services are restored with it.

        What was dunned being paid, bills that came later begin at the first stage: none is skipped for them.
        """
        if self.bill not in debt.bills:
            return
        yield self.said(DebtPaymentNoted)
        rest = {bill for bill in debt.unpaid if bill != self.bill} | (
            {self.bill} if self.outstanding_fen > 0 else set()
        )
        anew = bool(rest and debt.dunned) and debt.state != OPENED and not rest & debt.dunned
        if rest and not anew:
            return
        if debt.services:
            yield ServicesRestored(services=debt.services)
        if anew:
            notice1_by, notice2_by = notice_days(at.today, at)
            yield LadderBegunAnew(notice1_by=notice1_by, notice2_by=notice2_by)
        else:
            yield DebtSettled()


_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)
_CLOCK, _MANAGER, _POLICY = [Role.CLOCK], [Role.MANAGER], [Role.POLICY]
_ACT = (STAGE2, SUSPENSION_DUE, SUSPENDED, LEGAL)
_LADDER = (OPENED, STAGE1, *_ACT)
_BEFORE_LAW = (OPENED, STAGE1, STAGE2, CONCESSION, SUSPENSION_DUE, SUSPENDED)
_ANY = (*OPEN, SETTLED)

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
        step(RemindDebtor,       ReminderGiven,        _LADDER,              SAME,          _CLERKS,              "8.A(1)"),
        step(BeginSecondStage,   SecondStageBegun,     (OPENED, STAGE1, STAGE2), STAGE2,     _CLERKS,              "8.A(2)"),
        step(VisitDebtor,        HomeVisited,          (STAGE1, *_ACT),      SAME,           _CLERKS,              "8.A(2)"),
        step(FallDueForSuspension, SuspensionFellDue,  STAGE2,               SUSPENSION_DUE, _CLOCK,               "8.A(2)"),
        step(MissAction,         ActionLate,           SUSPENSION_DUE,       SAME,           _CLOCK,               "8.A(2)"),
        step(SuspendServices,    ServicesSuspended,    SUSPENSION_DUE,       SUSPENDED,      _MANAGER,             "8.A(2)"),
        step(StartLegalAction,   LegalActionStarted,   (STAGE2, SUSPENSION_DUE, SUSPENDED), LEGAL, _MANAGER,       "8.A(2)"),
        step(MarkClaimLapsed,    ClaimLapsed,          _BEFORE_LAW,          SAME,           _CLOCK,               "民法典188"),
        step(ProposeConcession,  ConcessionProposed,   _LADDER,              SAME,           _CLERKS,              "8.B(4)"),
        step(DecideConcession,   ConcessionApproved,   _LADDER,              CONCESSION,     _MANAGER,             "8.B(4)"),
        step(DecideConcession,   ReliefGranted,        _LADDER,              SAME,           _MANAGER,             "8.B(4)"),
        step(DecideConcession,   ConcessionRefused,    _LADDER,              SAME,           _MANAGER,             "8.B(4)"),
        step(BreakInstalment,    InstalmentBroken,     CONCESSION,           STAGE2,         [Role.CLOCK, Role.MANAGER], "8.B(4)"),
        step(BreakInstalment,    InstalmentBrokenInFirstStage, CONCESSION,   STAGE1,         [Role.CLOCK, Role.MANAGER], "8.B(4)"),
        step(BreakInstalment,    InstalmentBrokenBeforeNotice, CONCESSION,   OPENED,         [Role.CLOCK, Role.MANAGER], "8.B(4)"),
        step(RaiseDispute,       DisputeRaised,        _ANY,                 SAME,           _CLERKS,              "8.B(5)"),
        step(RecordDisputeStep,  DisputeStepRecorded,  _ANY,                 SAME,           _CLERKS,              "8.B(5)"),
        step(ReleaseDispute,     DisputeReleased,      _ANY,                 SAME,           _CLERKS,              "8.B(5)"),
        step(NotePaymentInTransit, PaymentInTransitNoted, OPEN,              SAME,           _CLERKS,              "8.A(2)"),
        step(NoteDebtPayment,    DebtPaymentNoted,     OPEN,                 SAME,           _POLICY,              "8.A(2)"),
        step(NoteDebtPayment,    ServicesRestored,     OPEN,                 SAME,           _POLICY,              "8.A(2)"),
        step(NoteDebtPayment,    LadderBegunAnew,      (STAGE1, CONCESSION, *_ACT), OPENED,  _POLICY,              "8.A"),
        step(NoteDebtPayment,    DebtSettled,          OPEN,                 SETTLED,        _POLICY,              "8.A(2)"),
    ],
    deadlines=[
        deadline("notice-1", OPENED, due=lambda d: d.notice1_due, gives=MissNotice, clause="8.A(1)",
                 zh="第二个月发出催款通知", en="first dunning notice in the second month"),
        deadline("notice-2", (STAGE1, STAGE2), due=lambda d: d.notice2_due, gives=MissNotice, clause="8.A(2)",
                 zh="第三个月再次发出催款通知", en="second dunning notice in the third month"),
        deadline("suspension", STAGE2, due=lambda d: d.owed(d.act_by), gives=FallDueForSuspension, clause="8.A(2)",
                 zh="上门催缴无效三日期满", en="three days after a fruitless visit"),
        deadline("act", SUSPENSION_DUE, due=lambda d: d.action_due, gives=MissAction, clause="8.A(2)",
                 zh="依约停止服务或起诉", en="suspend services or go to law"),
        deadline("instalment", CONCESSION, due=lambda d: d.instalment_due, gives=BreakInstalment, clause="8.B(4)",
                 zh="按期分期缴纳", en="the instalment is paid"),
        deadline("limitation", _BEFORE_LAW, due=lambda d: d.lapse_due, gives=MarkClaimLapsed, clause="民法典188",
                 zh="诉讼时效届满前催告或起诉", en="interrupt the limitation before the claim lapses"),
    ],
)
# fmt: on
