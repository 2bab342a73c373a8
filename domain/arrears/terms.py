"""The words of an arrears case 欠费追讨 (§8): categories, reasons, outcomes, and what may lawfully be suspended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

__all__ = [
    "ArrearsReason",
    "Claim",
    "CommitteeAnswer",
    "ConcessionKind",
    "Consultation",
    "ContactLimit",
    "DebtorCategory",
    "GrantedRelief",
    "Instalment",
    "InterruptionKind",
    "LastMeasure",
    "LegalOutcome",
    "Letter",
    "MonthCharge",
    "NoticeMeans",
    "OptionalService",
    "Reduction",
    "ReminderKind",
    "Sent",
    "Signer",
    "SuspensionGround",
    "VisitOutcome",
    "first_unpaid",
    "letters_of",
]


class OptionalService(StrEnum):
    """The only services that can be suspended 可停止的服务: extras of the office's own (§8.A(2), 民法典944).

    What a home needs to be lived in, entered or reached is not on this list, and there is no other way to name a
    service: suspending water, electricity, gas, heating, lifts, doors or vehicle access cannot be expressed.
    """

    CONVENIENCE = "convenience-services"  # 便民服务
    SPECIAL = "special-services"  # 特约服务
    FACILITY_BOOKING = "facility-bookings"  # 会所、场地预订
    PARCEL_STORAGE = "parcel-storage"  # 代收代存包裹
    HOUSEKEEPING = "housekeeping"  # 家政服务
    DISCOUNTS = "resident-discounts"  # 住户优惠


class SuspensionGround(StrEnum):
    """What lets the office suspend an optional service 停止服务依据: an article of it is named, and no words of one's own."""

    COVENANT = "covenant"  # 管理规约
    SERVICE_AGREEMENT = "service-agreement"  # 物业服务合同
    HOUSE_RULES = "house-rules"  # 管理制度


class LastMeasure(StrEnum):
    """What the ladder ends in 措施 (§8.A(2))."""

    SUSPENSION = "suspension"  # 停止服务
    LEGAL_ACTION = "legal-action"  # 起诉


class CommitteeAnswer(StrEnum):
    """What the owners' committee says of it 业主委员会答复."""

    AGREES = "agrees"  # 同意
    OBJECTS = "objects"  # 有异议
    NO_VIEW = "no-view"  # 无意见


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """That the owners' committee was told of a measure, or asked until a day 征询, and what it answered."""

    on: date
    document: str
    answer_by: date | None = None
    answer: CommitteeAnswer | None = None
    answered_on: date | None = None
    silent: bool = False

    @property
    def waits(self) -> bool:
        """Whether its answer is still awaited."""
        return self.answer_by is not None and self.answer is None and not self.silent

    def answered(self, answer: CommitteeAnswer, on: date) -> Consultation:
        """With what it answered; of several answers the one of the latest day stands, in whatever order they were entered."""
        if self.answered_on is not None and on < self.answered_on:
            return self
        return replace(self, answer=answer, answered_on=on)


class DebtorCategory(StrEnum):
    """What kind of debtor 欠费户类别 (§8.B(1)); each changes what the case requires."""

    ORDINARY = "ordinary"  # 一般
    LARGE = "large"  # 费用大户
    HOLDOUT = "holdout"  # 钉子户
    HARDSHIP = "hardship"  # 难点户


class ArrearsReason(StrEnum):
    """The real reason 真实原因 (§8.B(5))."""

    FORGOTTEN = "forgotten"  # 遗忘
    ABSENT = "absent"  # 长期外出
    SERVICE_COMPLAINT = "service-complaint"  # 对服务不满
    BUILDING_DEFECT = "building-defect"  # 房屋质量问题
    DISPUTED_FEE = "disputed-fee"  # 对费用有异议
    HARDSHIP = "hardship"  # 经济困难
    REFUSAL = "refusal"  # 无理拒缴
    OTHER = "other"  # 其他


class NoticeMeans(StrEnum):
    """How a notice reached the debtor 送达方式."""

    IN_PERSON = "in-person"  # 当面
    MAILBOX = "mailbox"  # 信箱
    POST = "post"  # 邮寄
    MESSAGE = "message"  # 短信、网络
    COURT = "court"  # 法院送达
    OTHER = "other"  # 其他


class Signer(StrEnum):
    """Who signed for a notice 签收人; all but others prove that the debtor has it (民法典195)."""

    DEBTOR = "debtor"  # 本人
    FAMILY = "family"  # 同住成年家属
    AUTHORISED = "authorised"  # 受托人
    OTHER = "other"  # 其他人

    @property
    def proves(self) -> bool:
        """Whether the debtor is held to have received it."""
        return self is not Signer.OTHER


class ReminderKind(StrEnum):
    """How the debtor was reminded 催缴方式."""

    TELEPHONE = "telephone"  # 电话
    MESSAGE = "message"  # 短信、网络


class ContactLimit(StrEnum):
    """Which limit of decent contact was passed 越界情形 (§8.B, 民法典1033), the gravest first."""

    NOTHING_OWED = "nothing-owed"  # 已结清
    DISPUTE = "dispute"  # 异议期间
    PLAN = "plan"  # 分期期间
    QUIET_HOURS = "quiet-hours"  # 免打扰时段
    WEEKLY_CAP = "weekly-cap"  # 一周次数上限

    @property
    def rests(self) -> bool:
        """Whether the debtor was to be left in peace altogether: such a contact moves no date and begins no days."""
        return self in (ContactLimit.NOTHING_OWED, ContactLimit.DISPUTE, ContactLimit.PLAN)


class VisitOutcome(StrEnum):
    """What a visit at home brought 上门结果."""

    PAID = "paid"  # 当场缴纳
    PROMISED = "promised"  # 承诺缴纳
    REFUSED = "refused"  # 拒缴
    ABSENT = "absent"  # 无人

    @property
    def fruitless(self) -> bool:
        """Whether the three days of §8.A(2) begin 催缴无效."""
        return self in (VisitOutcome.REFUSED, VisitOutcome.ABSENT)


class ConcessionKind(StrEnum):
    """What is conceded to real hardship 优惠方式 (§8.B(4))."""

    LATE_FEE_WAIVER = "late-fee-waiver"  # 减免滞纳金
    DISCOUNT = "discount"  # 优惠
    INSTALMENTS = "instalments"  # 分期


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a notice claims for one bill 催款明细, exactly (fen).

    ``assessed_fen`` is what of the late fee is assessed by this very notice.
    """

    bill: str
    principal_fen: int
    late_fee_fen: int = 0
    charges_fen: int = 0
    assessed_fen: int = 0
    period: str | None = None
    due_on: date | None = None

    @property
    def total_fen(self) -> int:
        """The sum of the three."""
        return self.principal_fen + self.late_fee_fen + self.charges_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCharge:
    """What a notice says of this month's fee 本月费用 (§8.A), in fen: a bill that is not due yet, or what a standard charges.

    ``standard`` is the fee standard by which a month is charged that has no bill yet.
    """

    amount_fen: int
    bill: str | None = None
    item: str | None = None
    standard: str | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One part of an instalment plan 分期."""

    due_on: date
    amount_fen: int


class LegalOutcome(StrEnum):
    """What became of a suit 诉讼结果 (§8.A(2), §8.B(3))."""

    FILED = "filed"  # 立案受理
    MEDIATED = "mediated"  # 调解
    JUDGMENT = "judgment"  # 判决、裁决
    ENFORCED = "enforced"  # 强制执行
    WITHDRAWN = "withdrawn"  # 撤诉
    DISMISSED = "dismissed"  # 驳回

    @property
    def ends(self) -> bool:
        """Whether nothing of it is left: the claim is pursued as before it, and its limitation runs anew."""
        return self in (LegalOutcome.WITHDRAWN, LegalOutcome.DISMISSED)

    @property
    def decides(self) -> bool:
        """Whether it says what is owed."""
        return self in (LegalOutcome.MEDIATED, LegalOutcome.JUDGMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """What of a bill a court or a settlement does not grant 调减, in fen: of its principal, and of its assessed late fee."""

    bill: str
    principal_fen: int = 0
    late_fee_fen: int = 0


class InterruptionKind(StrEnum):
    """What lets the limitation begin anew 时效中断事由 (民法典195)."""

    DEMAND = "demand"  # 请求履行
    ADMISSION = "admission"  # 义务人同意履行
    PART_PAYMENT = "part-payment"  # 部分清偿
    SUIT = "suit"  # 起诉、仲裁


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedRelief:
    """A waiver or discount that was granted to hardship 已批准的减免 (§8.B(4)), and who approved it (fen)."""

    number: int
    day: date
    kind: ConcessionKind
    bill: str
    amount_fen: int
    given_by: str


def first_unpaid(instalments: tuple[Instalment, ...], paid: int) -> Instalment | None:
    """The first instalment that what was paid (fen) does not cover."""
    for instalment in instalments:
        paid -= instalment.amount_fen
        if paid < 0:
            return instalment
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter 催款通知 that was owed on one ascent of the ladder: ``ladder`` counts them from 1, ``stage`` is 1 or 2."""

    ladder: int
    stage: int
    due_on: date
    issued_at: datetime | None
    delivered_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """When a letter was due, when it was issued and when it arrived."""

    due_on: date | None
    issued_at: datetime | None
    delivered_at: datetime | None


def letters_of(ladder: int, late: int, first: Sent, second: Sent) -> list[Letter]:
    """The letters of one ascent. A second is owed only after the first."""
    return [
        Letter(
            ladder=ladder,
            stage=stage,
            due_on=sent.due_on,
            issued_at=sent.issued_at,
            delivered_at=sent.delivered_at,
            late=late >= stage,
        )
        for stage, sent in ((1, first), (2, second))
        if sent.due_on is not None and (stage == 1 or first.issued_at is not None)
    ]
