"""Renovation 装修管理 (§1.4): reviewed, secured by a deposit, permitted; a violation stops the work until rectified."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from domain.calendar import end_of_day
from domain.errors import RuleBroken
from domain.fact import Command, Event, Moment, Personal, command
from domain.lifecycle import SAME, Lifecycle, deadline, hold, step
from domain.people import Role
from domain.renovation_events import (
    ACCEPTED,
    APPLIED,
    APPROVED,
    FINISHED,
    ON_SITE,
    PERMITTED,
    REJECTED,
    SECURED,
    SETTLED,
    STOPPED,
    UNDER_WAY,
    WITHDRAWN,
    Renovation,
    RenovationAccepted,
    RenovationApplied,
    RenovationApproved,
    RenovationBegun,
    RenovationChannel,
    RenovationChecked,
    RenovationDecisionOverdue,
    RenovationDepositPaid,
    RenovationDepositRefunded,
    RenovationExtended,
    RenovationFailedAcceptance,
    RenovationFinished,
    RenovationOverrun,
    RenovationPermitted,
    RenovationRefundOverdue,
    RenovationRejected,
    RenovationResumed,
    RenovationStepNoted,
    RenovationStopped,
    RenovationViolationRectified,
    RenovationWithdrawn,
    SiteKeysBack,
    SiteKeysOut,
    WorkerPassIssued,
    WorkerPassReturned,
    evolve,
)
from domain.renovation_site import (
    CheckRenovation,
    ExtendRenovation,
    IssueWorkerPass,
    MarkRenovationOverrun,
    NoteSiteKeysBack,
    NoteSiteKeysOut,
    NoteViolationRectified,
    ResumeRenovation,
    ReturnWorkerPass,
    StopRenovation,
    all_back,
)
from domain.rules import another_person, broken


@command
class ApplyForRenovation(Command):
    """申请装修 · Apply for a renovation."""

    home: str
    scope: str
    planned_from: date | None = None
    planned_until: date | None = None
    household: str | None = None
    contractor: str | None = None
    channel: RenovationChannel = RenovationChannel.COUNTER
    decide_by: datetime | None = None
    foreman: Personal | None = None
    phone: Personal | None = None

    def decide(self, _work: None, at: Moment) -> Iterator[Event]:
        """What is to be done, when and by whom (§1.4); it is decided within the days of the setting."""
        if self.planned_from is None or self.planned_until is None:
            at.lacks(broken("term-missing", "1.4", "请填写装修起止日期", "say from when to when", "planned_from"))
        elif self.planned_until < self.planned_from:
            raise broken(
                "term-backwards", "1.4", "装修结束日期早于开始日期", "it ends before it begins", "planned_until"
            )
        decide_by = self.decide_by
        if decide_by is None and not at.waived:
            decide_by = end_of_day(at.today + timedelta(days=at.numbers.integer("renovation.decide_within_days")))
        yield self.said(RenovationApplied, decide_by=decide_by)


@command
class NoteRenovationStep(Command):
    """登记装修办理步骤 · Note another step."""

    step: str
    by: str | None = None

    def decide(self, _work: Renovation, _at: Moment) -> Iterator[Event]:
        """Whatever else was done about it (§1.4)."""
        yield self.said(RenovationStepNoted)


@command
class MarkRenovationDecisionOverdue(Command):
    """装修审批已逾期 · Note that the decision is overdue."""

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which the promise ended (§1.4)."""
        yield RenovationDecisionOverdue(due_at=work.decide_by or at.now)


@command
class ApproveRenovation(Command):
    """审核通过装修申请 · Approve the renovation."""

    deposit_fen: int | None = None
    conditions: str | None = None

    def decide(self, _work: Renovation, at: Moment) -> Iterator[Event]:
        """The deposit is the setting's unless another is fixed (§1.4)."""
        wanted = at.numbers.integer("renovation.deposit_fen") if self.deposit_fen is None else self.deposit_fen
        if wanted < 0:
            raise broken("amount-negative", "1.4", "押金不能为负", "a deposit is not negative", "deposit_fen")
        yield RenovationApproved(deposit_fen=wanted, conditions=self.conditions)


@command
class RejectRenovation(Command):
    """不予通过装修申请 · Reject the renovation."""

    reason: str

    def decide(self, _work: Renovation, _at: Moment) -> Iterator[Event]:
        """With the reason, such as a load-bearing wall (§1.4)."""
        yield self.said(RenovationRejected)


@command
class PayRenovationDeposit(Command):
    """收取装修押金 · Take the deposit."""

    amount_fen: int
    receipt: str | None = None

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """All of it, against a receipt; it is held apart and is no income (§1.4, 民法典561)."""
        if self.amount_fen != work.wanted_fen:
            at.lacks(
                broken(
                    "deposit-differs", "1.4", f"押金应为{work.wanted_fen / 100:.2f}元",
                    f"the deposit is CNY {work.wanted_fen / 100:.2f}", "amount_fen",
                )
            )  # fmt: skip
        if self.amount_fen and self.receipt is None:
            at.lacks(broken("receipt-missing", "1.4", "请填写收据编号", "give the receipt's number", "receipt"))
        yield self.said(RenovationDepositPaid)


@command
class PermitRenovation(Command):
    """发放装修许可 · Permit the renovation."""

    permit: str
    valid_from: date
    valid_until: date
    hours_from: time | None = None
    hours_until: time | None = None

    def decide(self, _work: Renovation, at: Moment) -> Iterator[Event]:
        """For a term, within working hours; the settings' unless the permit says others (§1.4)."""
        if self.valid_until < self.valid_from:
            raise broken("term-backwards", "1.4", "许可结束日期早于开始日期", "it ends before it begins", "valid_until")
        first = self.hours_from or at.numbers.time_of_day("renovation.hours_from")
        last = self.hours_until or at.numbers.time_of_day("renovation.hours_until")
        if last <= first:
            raise broken(
                "hours-backwards", "1.4", "施工时段结束早于开始", "the hours end before they begin", "hours_until"
            )
        yield self.said(RenovationPermitted, hours_from=first, hours_until=last)


@command
class BeginRenovation(Command):
    """装修开工 · Begin the work."""

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """Under a permit that stands on the day (§1.4)."""
        if work.valid_from is not None and at.today < work.valid_from:
            at.lacks(
                broken("permit-not-begun", "1.4", f"装修许可自{work.valid_from}起", f"not before {work.valid_from}")
            )
        if work.valid_until is not None and at.today > work.valid_until:
            at.lacks(broken("permit-ended", "1.4", "装修许可已到期", "the permit has ended"))
        yield RenovationBegun()


@command
class ReportRenovationFinished(Command):
    """装修完工 · Report the work as finished."""

    def decide(self, _work: Renovation, _at: Moment) -> Iterator[Event]:
        """It is then inspected (§1.4)."""
        yield RenovationFinished()


@command
class AcceptRenovation(Command):
    """装修验收合格 · Accept the renovation."""

    remark: str | None = None
    signature: Personal | None = None

    @staticmethod
    def ready(work: Renovation) -> RuleBroken | None:
        """All passes and keys are back before it is accepted."""
        return all_back(work)

    def decide(self, _work: Renovation, at: Moment) -> Iterator[Event]:
        """On site, with the resident's signature; the refund has its deadline (§1.4)."""
        if self.signature is None:
            at.lacks(broken("signature-missing", "1.4", "住户须在验收单上签字", "the resident signs", "signature"))
        days = at.numbers.integer("renovation.refund_within_days")
        yield RenovationAccepted(
            refund_by=end_of_day(at.today + timedelta(days=days)), remark=self.remark, signature=self.signature
        )


@command
class FailRenovationAcceptance(Command):
    """装修验收不合格 · Find the renovation insufficient."""

    findings: str

    def decide(self, _work: Renovation, _at: Moment) -> Iterator[Event]:
        """The work goes on (§1.4)."""
        yield self.said(RenovationFailedAcceptance)


@command
class MarkRenovationRefundOverdue(Command):
    """押金退还已逾期 · Note that the refund is overdue."""

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which the refund was due (§1.4)."""
        yield RenovationRefundOverdue(due_at=work.refund_by or at.now)


@command
class RefundRenovationDeposit(Command):
    """退还装修押金 · Refund the deposit."""

    deducted_fen: int = 0
    reason: str | None = None
    receipt: str | None = None

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """All of it but what a named damage costs; by another person than took it (§1.4)."""
        if work.received_by is not None:
            another_person({work.received_by}, "1.4", at)
        if not 0 <= self.deducted_fen <= work.held_fen:
            raise broken(
                "deduction-out-of-range", "1.4", "扣除不能为负或超过押金", "at most the deposit", "deducted_fen"
            )
        if self.deducted_fen and self.reason is None:
            raise broken("reason-missing", "1.4", "请说明扣除理由", "say what it is kept for", "reason")
        yield RenovationDepositRefunded(
            refunded_fen=work.held_fen - self.deducted_fen, deducted_fen=self.deducted_fen, reason=self.reason,
            receipt=self.receipt,
        )  # fmt: skip


@command
class WithdrawRenovation(Command):
    """撤回装修申请 · Withdraw the renovation."""

    reason: str

    @staticmethod
    def ready(work: Renovation) -> RuleBroken | None:
        """All passes and keys are back first."""
        return all_back(work)

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """Before the work begins; the deposit goes back whole, by another person than took it (§1.4)."""
        if work.held_fen and work.received_by is not None:
            another_person({work.received_by}, "1.4", at)
        yield RenovationWithdrawn(reason=self.reason, refunded_fen=work.held_fen)


_CLERKS = (Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER)
_HEADS = (Role.DEPARTMENT_HEAD, Role.MANAGER)
_GUARDS = (Role.ADMINISTRATOR, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER)
_WITH_PASSES = (PERMITTED, *ON_SITE)
_DECIDED_LATER = (APPLIED, APPROVED, SECURED, PERMITTED, UNDER_WAY)

# fmt: off
LIFECYCLE = Lifecycle(
    of=Renovation, kind="renovation", path="renovations", zh="装修", en="renovation", clauses="1.4", evolve=evolve,
    subject=lambda work: work.household,
    states={
        APPLIED: ("已申请", "applied"), APPROVED: ("审核通过", "approved"), SECURED: ("押金已收", "deposit paid"),
        PERMITTED: ("已许可", "permitted"), UNDER_WAY: ("施工中", "under way"), STOPPED: ("已停工", "stopped"),
        FINISHED: ("待验收", "finished"), ACCEPTED: ("验收合格", "accepted"), SETTLED: ("已结清", "settled"),
        REJECTED: ("未通过", "rejected"), WITHDRAWN: ("已撤回", "withdrawn"),
    },
    final=[SETTLED, REJECTED, WITHDRAWN],
    steps=[  # command                  event                       from                to         who      clause
        step(ApplyForRenovation,        RenovationApplied,          None,               APPLIED,   _CLERKS, "1.4"),
        step(NoteRenovationStep,        RenovationStepNoted,        _DECIDED_LATER,     SAME,      _CLERKS, "1.4"),
        step(MarkRenovationDecisionOverdue, RenovationDecisionOverdue, APPLIED,         SAME,      [Role.CLOCK], "1.4"),
        step(ApproveRenovation,         RenovationApproved,         APPLIED,            APPROVED,  _HEADS,  "1.4"),
        step(RejectRenovation,          RenovationRejected,         APPLIED,            REJECTED,  _HEADS,  "1.4"),
        step(PayRenovationDeposit,      RenovationDepositPaid,      APPROVED,           SECURED,   _CLERKS, "1.4"),
        step(PermitRenovation,          RenovationPermitted,        SECURED,            PERMITTED, _HEADS,  "1.4"),
        step(IssueWorkerPass,           WorkerPassIssued,           _WITH_PASSES,       SAME,      _GUARDS, "1.4"),
        step(ReturnWorkerPass,          WorkerPassReturned,         _WITH_PASSES,       SAME,      _GUARDS, "1.4"),
        step(NoteSiteKeysOut,           SiteKeysOut,                (PERMITTED, UNDER_WAY), SAME,  [Role.POLICY], "3.3"),
        step(NoteSiteKeysBack,          SiteKeysBack,               _WITH_PASSES,       SAME,      [Role.POLICY], "3.3"),
        step(BeginRenovation,           RenovationBegun,            PERMITTED,          UNDER_WAY, _CLERKS, "1.4"),
        step(CheckRenovation,           RenovationChecked,          ON_SITE,            SAME,      _GUARDS, "1.4"),
        step(StopRenovation,            RenovationStopped,          (UNDER_WAY, STOPPED), STOPPED, _GUARDS, "1.4"),
        step(NoteViolationRectified,    RenovationViolationRectified, STOPPED,          SAME,      [Role.POLICY], "1.4"),
        step(ResumeRenovation,          RenovationResumed,          STOPPED,            UNDER_WAY, _HEADS,  "1.4"),
        step(MarkRenovationOverrun,     RenovationOverrun,          (PERMITTED, UNDER_WAY, STOPPED), SAME, [Role.CLOCK], "1.4"),
        step(ExtendRenovation,          RenovationExtended,         (PERMITTED, UNDER_WAY, STOPPED), SAME, _HEADS, "1.4"),
        step(ReportRenovationFinished,  RenovationFinished,         UNDER_WAY,          FINISHED,  _CLERKS, "1.4"),
        step(AcceptRenovation,          RenovationAccepted,         FINISHED,           ACCEPTED,  _HEADS,  "1.4"),
        step(FailRenovationAcceptance,  RenovationFailedAcceptance, FINISHED,           UNDER_WAY, _HEADS,  "1.4"),
        step(MarkRenovationRefundOverdue, RenovationRefundOverdue,  ACCEPTED,           SAME,      [Role.CLOCK], "1.4"),
        step(RefundRenovationDeposit,   RenovationDepositRefunded,  ACCEPTED,           SETTLED,   _CLERKS, "1.4"),
        step(WithdrawRenovation,        RenovationWithdrawn,        (APPLIED, APPROVED, SECURED, PERMITTED), WITHDRAWN, _CLERKS, "1.4"),
    ],
    deadlines=[
        deadline("decision", APPLIED, due=lambda work: work.decision_due_at, gives=MarkRenovationDecisionOverdue, clause="1.4",
                 zh="按期审批装修申请", en="decide on the renovation in time"),
        deadline("permit", (PERMITTED, UNDER_WAY, STOPPED), due=lambda work: work.permit_ends_at, gives=MarkRenovationOverrun,
                 clause="1.4", zh="许可期内完成装修", en="finish the work within its permit"),
        deadline("refund", ACCEPTED, due=lambda work: work.refund_due_at, gives=MarkRenovationRefundOverdue, clause="1.4",
                 zh="按期退还装修押金", en="refund the deposit in time"),
    ],
    holds=[
        hold((APPLIED, APPROVED, SECURED, PERMITTED, *ON_SITE), lambda work: None if work.imported else f"renovation-of:{work.home}",
             zh="一套房屋同时只有一项装修", en="one renovation at a time in a home"),
    ],
)
# fmt: on
