"""A renovation's permit 装修审批 (§1.4): applied for, decided, secured by a deposit, accepted, refunded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import end_of_day
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.money import Fen, yuan
from domain.kernel.people import Actor
from domain.kernel.rules import (
    backwards,
    beyond_cap,
    blank,
    broken,
    day_beyond_cap,
    forbid,
    missing,
    negative,
    own_work,
    receipt_twice,
    unsigned,
)
from domain.moving.renovation.case import Renovation
from domain.moving.renovation.commands.site import all_back
from domain.moving.renovation.events import (
    RenovationAbandoned,
    RenovationAccepted,
    RenovationApplied,
    RenovationApproved,
    RenovationBegun,
    RenovationChannel,
    RenovationDecisionOverdue,
    RenovationDepositPaid,
    RenovationDepositRefunded,
    RenovationPermitted,
    RenovationRefundOverdue,
    RenovationWithdrawn,
)


@command
class ApplyForRenovation(Command):
    """申请装修 · Apply for a renovation."""

    home: str
    scope: str
    planned_from: date | None = None
    planned_until: date | None = None
    household: str | None = None
    contractor: Personal | None = None
    channel: RenovationChannel = RenovationChannel.COUNTER
    decide_by: datetime | None = None
    foreman: Personal | None = None
    phone: Personal | None = None
    stated_channel: str | None = None
    decision_planned_at: datetime | None = None

    def decide(self, _work: None, at: Moment) -> Iterator[Event]:
        """What is to be done, when and by whom (§1.4); it is decided within the days of the setting."""
        if self.planned_from is None or self.planned_until is None:
            at.require_evidence(
                broken("term-missing", "1.4", "请填写装修起止日期", "say from when to when", "planned_from")
            )
        else:
            forbid(backwards(self.planned_from, self.planned_until, "1.4", "planned_until"))
        decide_by = self.decide_by
        at.require_evidence(beyond_cap(decide_by, "1.4", at, "decide_by"))
        if decide_by is None and not at.waived:
            decide_by = end_of_day(at.today + timedelta(days=at.numbers.integer("renovation.decide_within_days")))
        yield self.to_event(RenovationApplied, decide_by=decide_by)


@command
class NoteRenovationStep(Command):
    """登记装修办理步骤 · Note another step.

    Whatever else was done about it (§1.4).
    """

    step: str
    done_by: str | None = None


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

    @staticmethod
    def ready(work: Renovation, who: Actor) -> RuleBroken | None:
        """By another than entered the application (§1.4)."""
        return own_work(who, {work.applied_by} if work.applied_by is not None else set(), "1.4")

    def decide(self, _work: Renovation, at: Moment) -> Iterator[Event]:
        """The deposit is the setting's unless another is fixed (§1.4)."""
        wanted = at.numbers.integer("renovation.deposit_fen") if self.deposit_fen is None else self.deposit_fen
        forbid(negative(wanted, "1.4", "deposit_fen"))
        yield RenovationApproved(deposit_fen=wanted, conditions=self.conditions)


@command
class RejectRenovation(Command):
    """不予通过装修申请 · Reject the renovation.

    With the reason, such as a load-bearing wall (§1.4).
    """

    reason: str


@command
class PayRenovationDeposit(Command):
    """收取装修押金 · Take the deposit."""

    amount_fen: int
    receipt: str | None = None
    method: PaymentMethod | None = None

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """All of it, against a receipt; it is held apart and is no income (§1.4, 民法典561). What is cash counts in the day (§7)."""
        if self.amount_fen != work.wanted_fen:
            at.require_evidence(
                broken(
                    "deposit-differs",
                    "1.4",
                    f"押金应为{yuan(work.wanted_fen)}元",
                    f"the deposit is CNY {yuan(work.wanted_fen)}",
                    "amount_fen",
                )
            )
        if self.amount_fen and self.receipt is None:
            at.require_evidence(missing("receipt", "1.4", "请填写收据编号", "give the receipt's number"))
        _say_how(self.amount_fen, self.method, at, "请写明收款方式", "say how it was paid")
        yield self.to_event(RenovationDepositPaid)


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
        forbid(backwards(self.valid_from, self.valid_until, "1.4", "valid_until"))
        at.require_evidence(day_beyond_cap(self.valid_until, "1.4", at, "valid_until"))
        first = self.hours_from or at.numbers.time_of_day("renovation.hours_from")
        last = self.hours_until or at.numbers.time_of_day("renovation.hours_until")
        if last <= first:
            raise broken(
                "hours-backwards", "1.4", "施工时段结束早于开始", "the hours end before they begin", "hours_until"
            )
        yield self.to_event(RenovationPermitted, hours_from=first, hours_until=last)


@command
class BeginRenovation(Command):
    """装修开工 · Begin the work."""

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """Under a permit that stands on the day (§1.4)."""
        if work.valid_from is not None and at.today < work.valid_from:
            at.require_evidence(
                broken(
                    "permit-not-begun",
                    "1.4",
                    f"装修许可自{work.valid_from}起",
                    f"not before {work.valid_from}",
                    "occurred_at",
                )
            )
        if work.valid_until is not None and at.today > work.valid_until:
            at.require_evidence(broken("permit-ended", "1.4", "装修许可已到期", "the permit has ended", "occurred_at"))
        yield RenovationBegun()


@command
class ReportRenovationFinished(Command):
    """装修完工 · Report the work as finished.

    It is then inspected (§1.4).
    """


@command
class AcceptRenovation(Command):
    """装修验收合格 · Accept the renovation."""

    remark: str | None = None
    signature: Personal | None = None

    @staticmethod
    def ready(work: Renovation, who: Actor) -> RuleBroken | None:
        """All passes and keys are back before it is accepted, by another than reported it finished."""
        return all_back(work) or own_work(who, {work.reported_by} if work.reported_by is not None else set(), "1.4")

    def decide(self, _work: Renovation, at: Moment) -> Iterator[Event]:
        """On site, with the resident's signature; the refund has its deadline (§1.4)."""
        at.require_evidence(unsigned(self.signature, "1.4", "住户须在验收单上签字", "the resident signs"))
        days = at.numbers.integer("renovation.refund_within_days")
        yield RenovationAccepted(
            refund_by=end_of_day(at.today + timedelta(days=days)), remark=self.remark, signature=self.signature
        )


@command
class AbandonRenovation(Command):
    """中止装修 · Note that the renovation was abandoned."""

    reason: str
    findings: str

    @staticmethod
    def ready(work: Renovation, _who: Actor) -> RuleBroken | None:
        """All passes and keys are back before it ends, however it ends."""
        return all_back(work)

    def decide(self, _work: Renovation, at: Moment) -> Iterator[Event]:
        """With how the site was found; what must be put right is kept of the deposit, the rest has its date (§1.4)."""
        forbid(blank(self.reason, "reason", "1.4", "请说明中止原因", "say why"))
        forbid(blank(self.findings, "findings", "1.4", "请写明现场情况", "say how the site was found"))
        days = at.numbers.integer("renovation.refund_within_days")
        yield self.to_event(RenovationAbandoned, refund_by=end_of_day(at.today + timedelta(days=days)))


@command
class FailRenovationAcceptance(Command):
    """装修验收不合格 · Find the renovation insufficient.

    The work goes on (§1.4).
    """

    findings: str


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
    method: PaymentMethod | None = None

    @staticmethod
    def ready(work: Renovation, who: Actor) -> RuleBroken | None:
        """By another person than took it (§1.4)."""
        return _taken_by(work, who)

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """All of it but what a named damage costs (§1.4)."""
        at.require_evidence(receipt_twice(self.receipt, work.receipts, "1.4"))
        if not 0 <= self.deducted_fen <= work.held_fen:
            most = yuan(work.held_fen)
            zh, en = f"扣除不能为负，至多{most}元", f"nothing negative, at most the deposit, CNY {most}"
            raise broken("deduction-out-of-range", "1.4", zh, en, "deducted_fen")
        if self.deducted_fen and self.reason is None:
            raise missing("reason", "1.4", "请说明扣除理由", "say what it is kept for")
        back = work.held_fen - self.deducted_fen
        _say_how(back, self.method, at, "请写明退款方式", "say how it was given back")
        yield self.to_event(RenovationDepositRefunded, refunded_fen=back, method=self.method if back else None)


@command
class WithdrawRenovation(Command):
    """撤回装修申请 · Withdraw the renovation."""

    reason: str
    method: PaymentMethod | None = None

    @staticmethod
    def ready(work: Renovation, who: Actor) -> RuleBroken | None:
        """All passes and keys are back first; a deposit goes back by another person than took it (§1.4)."""
        return all_back(work) or (_taken_by(work, who) if work.held_fen else None)

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """Before the work begins; the deposit goes back whole (§1.4)."""
        back = work.held_fen
        _say_how(back, self.method, at, "请写明押金退款方式", "say how the deposit was given back")
        yield self.to_event(RenovationWithdrawn, refunded_fen=back, method=self.method if back else None)


def _say_how(amount: Fen, method: PaymentMethod | None, at: Moment, zh: str, en: str) -> None:
    if amount and method is None:
        at.require_evidence(missing("method", "1.4", zh, en))


def _taken_by(work: Renovation, who: Actor) -> RuleBroken | None:
    whose = {work.received_by} if work.received_by is not None else set()
    return own_work(who, whose, "1.4", "押金不能由收取人本人退还", "whoever took the deposit does not give it back")
