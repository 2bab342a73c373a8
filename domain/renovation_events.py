"""What can happen to a renovation 装修 (§1.4), and what is then known. Money is fen; the deposit is never income."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from domain.calendar import end_of_day
from domain.fact import Case, Event, Fact, Personal, event

APPLIED, APPROVED, SECURED, PERMITTED = "applied", "approved", "deposit-paid", "permitted"
UNDER_WAY, STOPPED, FINISHED, ACCEPTED, SETTLED = "under-way", "stopped", "finished", "accepted", "settled"
REJECTED, WITHDRAWN = "rejected", "withdrawn"
ON_SITE = (UNDER_WAY, STOPPED, FINISHED)
"""The states in which workers may be about."""


class RenovationChannel(StrEnum):
    """How the application came 申请渠道."""

    COUNTER = "counter"  # 窗口
    ONLINE = "online"  # 网络
    POST = "post"  # 邮寄
    EMAIL = "e-mail"  # 电子邮件
    DESK = "desk"  # 代办


class ViolationKind(StrEnum):
    """What is forbidden 违章类别."""

    LOAD_BEARING = "load-bearing"  # 损坏承重结构
    FACADE = "facade"  # 改变外立面
    FIRE_SAFETY = "fire-safety"  # 违反消防规定
    PIPES = "pipes"  # 改动管线、燃气
    HOURS = "hours"  # 超时施工
    WASTE = "waste"  # 垃圾乱堆乱放
    NO_PASS = "no-pass"  # 无证施工
    OTHER = "other"  # 其他


@event()
class RenovationApplied(Event):
    """已申请装修 · Renovation applied for."""

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


@event()
class RenovationDecisionOverdue(Event):
    """装修审批已逾期 · Decision on the renovation overdue."""

    due_at: datetime


@event()
class RenovationStepNoted(Event):
    """装修办理步骤已登记 · Another step noted."""

    step: str
    by: str | None = None


@event()
class RenovationApproved(Event):
    """装修申请已审核通过 · Renovation approved."""

    deposit_fen: int
    conditions: str | None = None


@event()
class RenovationRejected(Event):
    """装修申请未通过 · Renovation rejected."""

    reason: str


@event()
class RenovationDepositPaid(Event):
    """装修押金已收 · Renovation deposit paid."""

    amount_fen: int
    receipt: str | None = None


@event()
class RenovationPermitted(Event):
    """装修许可已发放 · Renovation permitted."""

    permit: str
    valid_from: date
    valid_until: date
    hours_from: time
    hours_until: time


@event()
class WorkerPassIssued(Event):
    """施工人员出入证已发放 · Worker's pass issued."""

    number: str
    valid_until: date
    worker: Personal | None = None
    identity: Personal | None = None


@event()
class WorkerPassReturned(Event):
    """出入证已收回 · Worker's pass returned."""

    number: str


@event()
class SiteKeysOut(Event):
    """施工钥匙已领出 · Keys lent to the site."""

    loan: str
    keys: tuple[str, ...]


@event()
class SiteKeysBack(Event):
    """施工钥匙已了结 · Keys of the site are back, or were reported lost."""

    loan: str


@event()
class RenovationBegun(Event):
    """装修已开工 · Work begun."""


@event()
class RenovationChecked(Event):
    """装修现场已检查 · Site inspected."""

    findings: str
    at_work_outside_hours: bool = False


@event()
class RenovationStopped(Event):
    """发现违章，已责令停工 · Violation found, work stopped."""

    violation: int
    kind: ViolationKind
    matter: str
    rectify_by: datetime | None = None
    photo: str | None = None


@event()
class RenovationViolationRectified(Event):
    """违章已整改 · Violation rectified."""

    violation: int


@event()
class RenovationResumed(Event):
    """装修已复工 · Work resumed."""


@event()
class RenovationOverrun(Event):
    """装修超期 · Work has overrun its permit."""

    due_at: datetime


@event()
class RenovationExtended(Event):
    """装修许可已延期 · Permit extended."""

    valid_until: date
    reason: str


@event()
class RenovationFinished(Event):
    """装修已完工 · Work finished."""


@event()
class RenovationAccepted(Event):
    """装修验收合格 · Renovation accepted."""

    refund_by: datetime
    remark: str | None = None
    signature: Personal | None = None


@event()
class RenovationFailedAcceptance(Event):
    """装修验收不合格 · Renovation failed acceptance."""

    findings: str


@event()
class RenovationRefundOverdue(Event):
    """押金退还已逾期 · Refund of the deposit overdue."""

    due_at: datetime


@event()
class RenovationDepositRefunded(Event):
    """装修押金已退 · Deposit refunded."""

    refunded_fen: int
    deducted_fen: int = 0
    reason: str | None = None
    receipt: str | None = None


@event()
class RenovationWithdrawn(Event):
    """装修申请已撤回 · Renovation withdrawn."""

    reason: str
    refunded_fen: int = 0


@dataclass(slots=True, kw_only=True)
class Renovation(Case):
    """What is known of one renovation. ``held_fen`` is the deposit that the office holds for somebody else (fen)."""

    home: str = ""
    household: str | None = None
    scope: str = ""
    contractor: str | None = None
    foreman: str | None = None
    phone: str | None = None
    channel: RenovationChannel = RenovationChannel.COUNTER
    planned_from: date | None = None
    planned_until: date | None = None
    decide_by: datetime | None = None
    decision_missed_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    wanted_fen: int = 0
    held_fen: int = 0
    deducted_fen: int = 0
    refunded_fen: int = 0
    received_by: str | None = None
    permit: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    hours_from: time | None = None
    hours_until: time | None = None
    passes: dict[str, date] = field(default_factory=dict)
    key_loans: set[str] = field(default_factory=set)
    begun_at: datetime | None = None
    checks: int = 0
    outside_hours: int = 0
    violations: int = 0
    unrectified: set[int] = field(default_factory=set)
    overrun_at: datetime | None = None
    first_overrun_at: datetime | None = None
    extended: int = 0
    finished_at: datetime | None = None
    accepted_at: datetime | None = None
    refund_by: datetime | None = None
    refund_missed_at: datetime | None = None
    refunded_at: datetime | None = None
    steps: int = 0
    closed_at: datetime | None = None

    @property
    def decision_due_at(self) -> datetime | None:
        """The promise of a decision, while it is still to be kept or missed."""
        return self.decide_by if self.decision_missed_at is None else None

    @property
    def permit_ends_at(self) -> datetime | None:
        """24:00 of the permit's last day, while it has not been overrun."""
        return end_of_day(self.valid_until) if self.valid_until is not None and self.overrun_at is None else None

    @property
    def refund_due_at(self) -> datetime | None:
        """Until when the deposit is refunded, while it is still to be kept or missed."""
        return self.refund_by if self.refund_missed_at is None else None


def evolve(work: Renovation, fact: Fact) -> None:
    """Fold one fact into the renovation."""
    match fact.event:
        case RenovationApplied() as e:
            work.home, work.household, work.scope, work.contractor = e.home, e.household, e.scope, e.contractor
            work.foreman, work.phone, work.channel, work.decide_by = e.foreman, e.phone, e.channel, e.decide_by
            work.planned_from, work.planned_until = e.planned_from, e.planned_until
        case RenovationDecisionOverdue() as e:
            work.decision_missed_at = e.due_at
        case RenovationStepNoted():
            work.steps += 1
        case RenovationApproved() as e:
            work.wanted_fen, work.decided_at, work.decided_by = e.deposit_fen, fact.occurred_at, fact.user_id
        case RenovationRejected():
            work.decided_at, work.decided_by, work.closed_at = fact.occurred_at, fact.user_id, fact.occurred_at
        case RenovationDepositPaid() as e:
            work.held_fen, work.received_by = work.held_fen + e.amount_fen, fact.user_id
        case RenovationPermitted() as e:
            work.permit, work.valid_from, work.valid_until = e.permit, e.valid_from, e.valid_until
            work.hours_from, work.hours_until = e.hours_from, e.hours_until
        case WorkerPassIssued() as e:
            work.passes[e.number] = e.valid_until
        case WorkerPassReturned() as e:
            work.passes.pop(e.number, None)
        case SiteKeysOut() as e:
            work.key_loans.add(e.loan)
        case SiteKeysBack() as e:
            work.key_loans.discard(e.loan)
        case RenovationBegun():
            work.begun_at = fact.occurred_at
        case RenovationChecked() as e:
            work.checks += 1
            work.outside_hours += e.at_work_outside_hours
        case RenovationStopped() as e:
            work.violations += 1
            work.unrectified.add(e.violation)
        case RenovationViolationRectified() as e:
            work.unrectified.discard(e.violation)
        case RenovationOverrun() as e:
            work.overrun_at, work.first_overrun_at = e.due_at, work.first_overrun_at or e.due_at
        case RenovationExtended() as e:
            work.valid_until, work.overrun_at, work.extended = e.valid_until, None, work.extended + 1
        case RenovationFinished():
            work.finished_at = fact.occurred_at
        case RenovationFailedAcceptance():
            work.finished_at = None
        case RenovationAccepted() as e:
            work.accepted_at, work.refund_by = fact.occurred_at, e.refund_by
        case RenovationRefundOverdue() as e:
            work.refund_missed_at = e.due_at
        case RenovationDepositRefunded() as e:
            work.refunded_fen, work.deducted_fen, work.held_fen = e.refunded_fen, e.deducted_fen, 0
            work.refunded_at = work.closed_at = fact.occurred_at
        case RenovationWithdrawn() as e:
            work.refunded_fen, work.held_fen, work.closed_at = e.refunded_fen, 0, fact.occurred_at
