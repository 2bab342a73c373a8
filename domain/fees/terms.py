"""The words of fees and payments 收费 (§7): what an account's entries and moves are, and the terms they are reckoned by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final, cast

from domain.handbook.settings import Settings
from domain.kernel.late_fee import Hold, LateFee, Movement, Timeline, in_force, late_fee
from domain.kernel.money import Fen, Part

__all__ = [
    "AllocationRule",
    "AssessedFee",
    "BillReckoning",
    "Entry",
    "EntryKind",
    "FeeTerms",
    "HoldGround",
    "Move",
    "PartOrder",
    "PaymentMethod",
]


_DAYS_OF_A_YEAR: Final = 365
_NO_CAP: Final = Fraction(1_000)
"""Of the principal: no rate of a court comes to it."""


class PaymentMethod(StrEnum):
    """How money came 收款方式."""

    CASH = "cash"  # 现金
    TRANSFER = "transfer"  # 银行转账
    WECHAT = "wechat"  # 微信
    ALIPAY = "alipay"  # 支付宝
    POS = "pos"  # 刷卡
    CHEQUE = "cheque"  # 支票


class PartOrder(StrEnum):
    """What a payment meets first where it was agreed otherwise 约定清偿顺序 (民法典561)."""

    COSTS_PENALTY_PRINCIPAL = "costs-penalty-principal"  # 费用、违约金、本金
    COSTS_PRINCIPAL_PENALTY = "costs-principal-penalty"  # 费用、本金、违约金
    PENALTY_COSTS_PRINCIPAL = "penalty-costs-principal"  # 违约金、费用、本金
    PENALTY_PRINCIPAL_COSTS = "penalty-principal-costs"  # 违约金、本金、费用
    PRINCIPAL_COSTS_PENALTY = "principal-costs-penalty"  # 本金、费用、违约金
    PRINCIPAL_PENALTY_COSTS = "principal-penalty-costs"  # 本金、违约金、费用

    @property
    def parts(self) -> tuple[Part, ...]:
        """The three parts in this order."""
        return cast("tuple[Part, ...]", tuple(self.split("-")))


class HoldGround(StrEnum):
    """Why a late fee stands still 停计理由 (§8.B(4), §8.B(5))."""

    DISPUTE = "dispute"  # 异议
    HARDSHIP = "hardship"  # 困难


class EntryKind(StrEnum):
    """What an entry of an account is 账目类别; within a day they act in this order."""

    BILL = "bill"  # 账单
    CORRECTION = "correction"  # 更正
    COST = "cost"  # 追讨费用
    ASSESSMENT = "assessment"  # 滞纳金核定
    WAIVER = "waiver"  # 滞纳金减免
    PAYMENT = "payment"  # 收款
    REFUND = "refund"  # 退款
    WRITE_OFF = "write-off"  # 核销
    HOLD = "hold"  # 停计滞纳金
    HOLD_END = "hold-end"  # 恢复计算滞纳金
    REVERSAL = "reversal"  # 冲正
    VOID = "void"  # 作废


class AllocationRule(StrEnum):
    """Which rule decided where money went 清偿依据 (民法典560)."""

    NAMED = "named"  # 付款人指定
    DUE_FIRST = "due-first"  # 先到期
    PROPORTION = "proportion"  # 同日到期按比例
    FREED = "freed"  # 释放的款项
    RECOVERED = "recovered"  # 核销后收回


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a household's account 账目: it acts on its own ``day``, whenever it was entered.

    ``source`` is the fact behind it: ``bill-…`` for a bill, ``payment-…`` for a payment, else case and version.
    ``of`` is the source that a reversal undoes or a hold's end ends. Amounts are fen.
    """

    kind: EntryKind
    day: date
    source: str
    bill: str | None = None
    amount_fen: int = 0
    due_on: date | None = None
    until: date | None = None
    limited: bool = False
    names: tuple[str, ...] = ()
    order: PartOrder | None = None
    of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Money that came to a bill (or left it: negative) on a day, by parts (fen), and the rule that decided 冲抵."""

    day: date
    source: str
    rule: AllocationRule
    costs_fen: int = 0
    penalty_fen: int = 0
    principal_fen: int = 0

    @property
    def total_fen(self) -> Fen:
        """All parts."""
        return self.costs_fen + self.penalty_fen + self.principal_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessedFee:
    """What an assessment 核定 comes to when it is reckoned afresh from all facts (fen)."""

    source: str
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BillReckoning:
    """What the account says of one bill 账单重算: its assessments afresh, what of its waivers holds, its moves in order."""

    bill: str
    waived_fen: int = 0
    assessed: tuple[AssessedFee, ...] = ()
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """The terms that late fees and allocations follow, with their dates (民法典561, 585)."""

    rates: Timeline[Fraction]
    graces: Timeline[int]
    caps: Timeline[Fraction]
    orders: Timeline[str]

    @classmethod
    def of(cls, settings: Settings) -> FeeTerms:
        """Those of an office."""
        names = ("late_fee.rate_per_day", "late_fee.grace_days", "late_fee.cap", "payments.order")
        return cls(*(settings.timeline(name) for name in names))

    @classmethod
    def reference(cls, settings: Settings) -> FeeTerms:
        """Those by which a court may measure the loss 参照利率 (合同编通则解释65): a yearly rate over 365 days, without a cap."""
        own = cls.of(settings)
        yearly = settings.timeline("late_fee.reference_rate_per_year")
        rates = tuple((since, rate / _DAYS_OF_A_YEAR) for since, rate in yearly)
        return cls(rates, own.graces, ((date.min, _NO_CAP),), own.orders)

    def fee(self, movements: Sequence[Movement], due: date, until: date, holds: Sequence[Hold] = ()) -> LateFee:
        """A bill's late fee by the end of a day: each day's own rate, the grace of the due day, the cap of the last."""
        return late_fee(
            movements, due, in_force(self.graces, due), self.rates, in_force(self.caps, until), until, holds
        )

    def parts(self, day: date, agreed: PartOrder | None) -> tuple[Part, ...]:
        """What a payment of this day meets first."""
        return (agreed or PartOrder(in_force(self.orders, day))).parts
