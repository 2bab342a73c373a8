"""The chart of accounts 会计科目 (§7): what of the office's money is booked where, debit and credit, always balanced.

The codes follow the Chinese accounting standards for enterprises; an office that has others changes them in this one table.
Amounts are fen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.fees.terms import AllocationRule, EntryKind, PaymentMethod
from domain.kernel.money import Fen, Part

__all__ = [
    "CHART",
    "LedgerAccount",
    "MoneyFor",
    "Posting",
    "cash_account",
    "method_said",
    "of_bill",
    "of_deposit",
    "of_money",
]


class LedgerAccount(StrEnum):
    """An account of the ledger 科目."""

    CASH = "cash"  # 库存现金
    BANK = "bank"  # 银行存款
    PURSE = "purse"  # 其他货币资金
    RECEIVABLE = "receivable"  # 应收账款—物业管理费
    RECEIVABLE_PENALTY = "receivable-penalty"  # 应收账款—违约金
    RECEIVABLE_COSTS = "receivable-costs"  # 应收账款—追讨费用
    RECEIVABLE_TAKEN_OVER = "receivable-taken-over"  # 应收账款—接收前账单
    PREPAID = "prepaid"  # 预收账款
    DEPOSITS = "deposits"  # 其他应付款—押金
    FEES = "fees"  # 主营业务收入—物业管理费收入
    COSTS = "costs"  # 其他业务收入—追讨费用收入
    MOVE_IN = "move-in"  # 其他业务收入—入住收费
    PENALTIES = "penalties"  # 营业外收入—违约金收入
    DAMAGES = "damages"  # 营业外收入—押金扣款
    LOSSES = "losses"  # 信用减值损失—坏账核销


CHART: Final[Mapping[LedgerAccount, tuple[str, str, str]]] = {
    LedgerAccount.CASH: ("1001", "库存现金", "cash in hand"),
    LedgerAccount.BANK: ("1002", "银行存款", "cash at bank"),
    LedgerAccount.PURSE: ("1012", "其他货币资金", "electronic purses"),
    LedgerAccount.RECEIVABLE: ("112201", "应收账款—物业管理费", "receivables: fees"),
    LedgerAccount.RECEIVABLE_PENALTY: ("112202", "应收账款—违约金", "receivables: late fees"),
    LedgerAccount.RECEIVABLE_COSTS: ("112203", "应收账款—追讨费用", "receivables: costs of collecting"),
    LedgerAccount.RECEIVABLE_TAKEN_OVER: ("112204", "应收账款—接收前账单", "receivables: bills taken over"),
    LedgerAccount.PREPAID: ("2203", "预收账款", "prepayments"),
    LedgerAccount.DEPOSITS: ("224101", "其他应付款—押金", "other payables: deposits"),
    LedgerAccount.FEES: ("600101", "主营业务收入—物业管理费收入", "fee income"),
    LedgerAccount.COSTS: ("605101", "其他业务收入—追讨费用收入", "costs recharged"),
    LedgerAccount.MOVE_IN: ("605102", "其他业务收入—入住收费", "fees at moving in"),
    LedgerAccount.PENALTIES: ("630101", "营业外收入—违约金收入", "late fee income"),
    LedgerAccount.DAMAGES: ("630102", "营业外收入—押金扣款", "kept of deposits"),
    LedgerAccount.LOSSES: ("670201", "信用减值损失—坏账核销", "bad debts written off"),
}
"""Code, Chinese and English name of each account."""

_RECEIVABLE: Final[Mapping[Part, LedgerAccount]] = {
    "costs": LedgerAccount.RECEIVABLE_COSTS,
    "penalty": LedgerAccount.RECEIVABLE_PENALTY,
    "principal": LedgerAccount.RECEIVABLE,
}
_INCOME: Final[Mapping[Part, LedgerAccount]] = {
    "costs": LedgerAccount.COSTS,
    "penalty": LedgerAccount.PENALTIES,
    "principal": LedgerAccount.FEES,
}
_METHODS: Final[Mapping[PaymentMethod, LedgerAccount]] = {
    PaymentMethod.CASH: LedgerAccount.CASH,
    PaymentMethod.TRANSFER: LedgerAccount.BANK,
    PaymentMethod.POS: LedgerAccount.BANK,
    PaymentMethod.CHEQUE: LedgerAccount.BANK,
    PaymentMethod.WECHAT: LedgerAccount.PURSE,
    PaymentMethod.ALIPAY: LedgerAccount.PURSE,
}
_WORDS: Final[Mapping[str, PaymentMethod]] = {
    **{method.value: method for method in PaymentMethod},
    "银行转账": PaymentMethod.TRANSFER,
    "转账": PaymentMethod.TRANSFER,
    "刷卡": PaymentMethod.POS,
    "支票": PaymentMethod.CHEQUE,
    "微信": PaymentMethod.WECHAT,
    "支付宝": PaymentMethod.ALIPAY,
}


class MoneyFor(StrEnum):
    """What money came for 款项用途: the household's account, a bill of another system, which has none, or a move-in."""

    ACCOUNT = "account"  # 住户账
    TAKEN_OVER = "taken-over-bill"  # 接收前账单
    MOVE_IN = "move-in"  # 入住收费


_AGAINST: Final[Mapping[MoneyFor, LedgerAccount]] = {
    MoneyFor.ACCOUNT: LedgerAccount.PREPAID,
    MoneyFor.TAKEN_OVER: LedgerAccount.RECEIVABLE_TAKEN_OVER,
    MoneyFor.MOVE_IN: LedgerAccount.MOVE_IN,
}


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of a voucher 分录: debit above zero, credit below (fen)."""

    account: LedgerAccount
    fen: Fen


def method_said(method: str | None) -> PaymentMethod:
    """The method that somebody wrote in words; what nobody named came over the counter."""
    return _WORDS.get((method or "").strip(), PaymentMethod.CASH)


def cash_account(method: str | None) -> LedgerAccount:
    """Where money of this method lies."""
    return _METHODS[method_said(method)]


def of_bill(entry: str, rule: str | None, parts: Mapping[Part, Fen]) -> Iterator[Posting]:
    """A change of a bill: what was asked for is receivable and income; money that met it was prepaid until then.

    A prepayment is what the household has with the office; so every payment goes through it, and what is left there is
    what nothing has met. What came back of a debt that was given up lowers the loss.
    """
    for part, fen in parts.items():
        if entry == EntryKind.PAYMENT:
            against, mine = LedgerAccount.PREPAID, _RECEIVABLE[part]
            mine = LedgerAccount.LOSSES if rule == AllocationRule.RECOVERED else mine
        elif entry == EntryKind.WRITE_OFF:
            against, mine = LedgerAccount.LOSSES, _RECEIVABLE[part]
        else:
            against, mine = _INCOME[part], _RECEIVABLE[part]
        if fen:
            yield Posting(mine, fen)
            yield Posting(against, -fen)


def of_money(method: str | None, fen: Fen, prepaid: Fen, came_for: MoneyFor = MoneyFor.ACCOUNT) -> Iterator[Posting]:
    """Money that came from a household, or went back to it (negative); ``prepaid`` of it is the household's with the office."""
    for account, moved in (
        (cash_account(method), fen),
        (LedgerAccount.PREPAID, -prepaid),
        (_AGAINST[came_for], prepaid - fen),
    ):
        if moved:
            yield Posting(account, moved)


def of_deposit(
    received: Fen, refunded: Fen, deducted: Fen, *, came: str | None = None, went: str | None = None
) -> Iterator[Posting]:
    """A deposit is owed to whoever paid it, until it goes back or is kept for damage. ``came`` and ``went``: how it was paid."""
    for account, fen in (
        (cash_account(came), received),
        (cash_account(went), -refunded),
        (LedgerAccount.DAMAGES, -deducted),
        (LedgerAccount.DEPOSITS, refunded + deducted - received),
    ):
        if fen:
            yield Posting(account, fen)
