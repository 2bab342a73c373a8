"""What can happen to a bill run 计费出账 (§7.2), and the words in which it is told. Money is fen, days are local dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.fees.bill.events import BillLine
from domain.kernel.fact import Event, event


class Anomaly(StrEnum):
    """What a reviewer looks at 异常: a household's bill that is unlike the month before, or none at all."""

    BILLED = "billed"  # 本月已有账单
    NOTHING = "nothing"  # 无可计费用
    NEGATIVE = "negative"  # 合计为负
    LEFT = "left"  # 住户已迁出
    UNCARED = "uncared"  # 无人分管
    UNREAD = "unread"  # 有表未抄
    CORRECTS = "corrects"  # 更正前期账单
    MISSED = "missed"  # 补计前期费用
    OWED = "owed"  # 应减无可抵
    SPARED = "spared"  # 人工决定未按标准计费
    FIRST = "first"  # 上月无账单
    DIFFERS = "differs"  # 与上月差异较大


@dataclass(frozen=True, slots=True, kw_only=True)
class BillDraft:
    """One household's bill as it would be issued 账单草稿; ``before_fen`` is its bill of the month before.

    ``looked_after_by`` is the administrator in whose care its home is on the month's last day. ``uncredited_fen`` is what earlier
    bills were too high by and nothing of this one could bear: it waits for the next, or for a correction by hand.
    ``unbilled_fen`` is what the standards come to beyond what was billed in months that somebody has decided upon: he billed
    them by hand, or voided the run's bill; no run charges it, and a reviewer knows of it.
    """

    household: str
    home: str | None = None
    building: str | None = None
    lines: tuple[BillLine, ...] = ()
    before_fen: int | None = None
    anomaly: Anomaly | None = None
    looked_after_by: str | None = None
    uncredited_fen: int | None = None
    unbilled_fen: int | None = None

    @property
    def amount_fen(self) -> int:
        """All lines together."""
        return sum([line.amount_fen for line in self.lines])

    @property
    def corrected_fen(self) -> int | None:
        """What of it sets earlier bills right; None when nothing does."""
        lines = [line.amount_fen for line in self.lines if line.corrects is not None]
        return sum(lines) if lines else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftIssued:
    """The bill that a household's draft became."""

    household: str
    bill: str


@event()
class BillRunOpened(Event):
    """计费已立项 · Bill run opened."""

    month: date
    compile_by: datetime
    review_by: datetime
    deliver_by: datetime


@event()
class CompilationBegun(Event):
    """已开始计费 · Compilation begun: what was compiled before is done anew."""


@event(schema=3)
class BillsDrafted(Event):
    """账单草稿已生成 · Bills drafted for some households, from the registers as they stood on a page of the book."""

    drafts: tuple[BillDraft, ...]
    page: int


@event()
class BillRunCompiled(Event):
    """计费已完成 · Bill run compiled."""

    drafts: int
    amount_fen: int
    anomalies: int


@event()
class PartConfirmed(Event):
    """分管部分已计费 · An administrator's part of the run is compiled: its bills looked through by whoever has the homes in care."""

    looked_after_by: str
    households: int
    amount_fen: int
    anomalies: int
    reason: str | None = None


@event()
class HouseholdLeftOut(Event):
    """该户本次不出账 · A household is left out of the run."""

    household: str
    reason: str


@event()
class BillRunReviewed(Event):
    """计费已审核 · Bill run reviewed."""

    amount_fen: int
    remark: str | None = None


@event()
class BillRunReturned(Event):
    """计费已退回 · Bill run returned."""

    reason: str


@event()
class BillRunApproved(Event):
    """计费已批准 · Bill run approved."""

    amount_fen: int


@event()
class BillsIssued(Event):
    """账单已出具 · Bills issued to some households; ``passed`` had a bill of the month, or a charge on another bill, by then."""

    issued: tuple[DraftIssued, ...]
    passed: tuple[str, ...] = ()


@event()
class BillRunIssued(Event):
    """出账已完成 · All bills of the run are issued."""

    bills: int
    amount_fen: int


@event()
class NoticesDelivered(Event):
    """缴费通知单已送达 · Payment notices delivered."""

    households: tuple[str, ...]
    delivered_on: date
    means: str


@event()
class BillRunDelivered(Event):
    """缴费通知单已全部送达 · All payment notices are delivered."""

    notices: int


@event()
class MonthClosed(Event):
    """账期已关账 · Month closed: nothing is added to it any more."""


@event()
class MonthReopened(Event):
    """账期已重开 · Month opened again."""

    reason: str


@event()
class CompilationMissed(Event):
    """未按期计费 · Not compiled by the month's end."""

    due_at: datetime


@event()
class ReviewMissed(Event):
    """未按期审核 · Not reviewed by the month's last day."""

    due_at: datetime


@event()
class DeliveryMissed(Event):
    """缴费通知单未按期送达 · Notices not all delivered by the 1st."""

    due_at: datetime
    undelivered: int
