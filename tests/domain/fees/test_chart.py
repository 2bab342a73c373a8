"""The chart of accounts 会计科目: every posting balances, and stands where an accountant looks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.fees.chart import CHART, LedgerAccount, MoneyFor, Posting, cash_account, of_bill, of_deposit, of_money
from domain.fees.terms import AllocationRule, EntryKind, PaymentMethod
from domain.kernel.money import Part

PARTS: dict[Part, int] = {"costs": 3, "penalty": 20, "principal": 100}


def said(postings: Iterator[Posting]) -> dict[str, int]:
    """Name of the account → debit less credit; the whole is nothing."""
    listed = list(postings)
    assert sum(posting.fen for posting in listed) == 0
    found: dict[str, int] = {}
    for posting in listed:
        name = CHART[posting.account][1].partition("—")[0]
        found[name] = found.get(name, 0) + posting.fen
    return found


def test_every_account_has_a_code_of_its_own_and_two_names() -> None:
    assert set(CHART) == set(LedgerAccount)
    assert len({code for code, _, _ in CHART.values()}) == len(CHART)
    assert all(zh and en for _, zh, en in CHART.values())


@pytest.mark.parametrize(
    ("entry", "rule", "sign", "right"),
    [
        (EntryKind.BILL, None, 1, {"应收账款": 123, "其他业务收入": -3, "营业外收入": -20, "主营业务收入": -100}),
        (EntryKind.PAYMENT, AllocationRule.DUE_FIRST, -1, {"应收账款": -123, "预收账款": 123}),
        (EntryKind.PAYMENT, AllocationRule.RECOVERED, -1, {"信用减值损失": -123, "预收账款": 123}),
        (EntryKind.WRITE_OFF, None, -1, {"应收账款": -123, "信用减值损失": 123}),
    ],
)
def test_what_happens_to_a_bill_is_booked_in_two_places(
    entry: EntryKind, rule: AllocationRule | None, sign: int, right: dict[str, int]
) -> None:
    parts = {part: fen * sign for part, fen in PARTS.items()}
    assert said(of_bill(entry, rule, parts)) == right
    assert said(of_bill(entry, rule, dict.fromkeys(PARTS, 0))) == {}


def test_money_is_prepaid_until_it_meets_something_and_lies_where_its_method_says() -> None:
    assert said(of_money(PaymentMethod.CASH, 500, 500)) == {"库存现金": 500, "预收账款": -500}
    assert said(of_money("微信", -500, -500)) == {"其他货币资金": -500, "预收账款": 500}
    over = of_money("cash", 500, 120, MoneyFor.TAKEN_OVER)
    assert said(over) == {"库存现金": 500, "预收账款": -120, "应收账款": -380}
    assert said(of_money("pos", 500, 0, MoneyFor.MOVE_IN)) == {"银行存款": 500, "其他业务收入": -500}
    assert cash_account(PaymentMethod.TRANSFER) is LedgerAccount.BANK
    assert cash_account(None) is cash_account("贝壳") is LedgerAccount.CASH


def test_a_deposit_is_owed_until_it_goes_back_or_is_kept() -> None:
    assert said(of_deposit(2_000, 0, 0)) == {"库存现金": 2_000, "其他应付款": -2_000}
    assert said(of_deposit(0, 1_500, 500)) == {"库存现金": -1_500, "营业外收入": -500, "其他应付款": 2_000}
