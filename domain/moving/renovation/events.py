"""What can happen to a renovation 装修 (§1.4), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum

from domain.fees.terms import PaymentMethod
from domain.kernel.fact import Event, Personal, event


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


@event(schema=2)
class RenovationApplied(Event):
    """已申请装修 · Renovation applied for."""

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


@event()
class RenovationDecisionOverdue(Event):
    """装修审批已逾期 · Decision on the renovation overdue."""

    due_at: datetime


@event(schema=2)
class RenovationStepNoted(Event):
    """装修办理步骤已登记 · Another step noted."""

    step: str
    done_by: str | None = None


@event()
class RenovationApproved(Event):
    """装修申请已审核通过 · Renovation approved."""

    deposit_fen: int
    conditions: str | None = None


@event()
class RenovationRejected(Event):
    """装修申请未通过 · Renovation rejected."""

    reason: str


@event(schema=2)
class RenovationDepositPaid(Event):
    """装修押金已收 · Renovation deposit paid."""

    amount_fen: int
    receipt: str | None = None
    method: PaymentMethod | None = None


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
class WorkerPassLost(Event):
    """出入证已报失 · A worker's pass was lost, and is void."""

    number: str
    circumstances: Personal | None = None


@event()
class RenovationAbandoned(Event):
    """装修已中止 · The renovation was abandoned."""

    reason: str
    findings: str
    refund_by: datetime | None = None


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


@event(schema=2)
class RenovationDepositRefunded(Event):
    """装修押金已退 · Deposit refunded."""

    refunded_fen: int
    deducted_fen: int = 0
    reason: str | None = None
    receipt: str | None = None
    method: PaymentMethod | None = None


@event(schema=2)
class RenovationWithdrawn(Event):
    """装修申请已撤回 · Renovation withdrawn."""

    reason: str
    refunded_fen: int = 0
    method: PaymentMethod | None = None
