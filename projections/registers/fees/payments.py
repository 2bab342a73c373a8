"""The registers of money 收款登记、住户账、收款日结 (§7). Amounts are integer fen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.fees.account import HouseholdAccount
from domain.fees.cash_day import CashDay
from domain.fees.payment import HouseholdPayment
from projections.engine.register import Register, common, row_values

__all__ = ["ACCOUNTS", "CASH_DAYS", "PAYMENTS", "AccountRow", "CashDayRow", "PaymentRow"]


@dataclass(slots=True, kw_only=True)
class PaymentRow:
    """One payment. ``value_date`` is when the money came, ``taken_on`` when it was entered."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    household: str
    amount_fen: int
    method: str
    value_date: date | None
    taken_on: date | None
    receipt: str | None
    reference: str | None
    tendered_fen: int | None
    change_fen: int | None
    reversed_on: date | None
    bank_line: str | None


@dataclass(slots=True, kw_only=True)
class AccountRow:
    """One household's account: what is prepaid, and whether a refund waits for a second person."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    household: str
    bills: int
    entries: int
    prepaid_fen: int
    refunds_waiting: int


@dataclass(slots=True, kw_only=True)
class CashDayRow:
    """One day's money: receipts and payments out, cash and all methods together, and what was counted."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    day: date | None
    number: int
    cash_fen: int
    total_fen: int
    counted_fen: int | None
    difference_fen: int | None
    closed_on: date | None
    missed_at: datetime | None
    open: bool
    float_fen: int


def _accounts(case: HouseholdAccount) -> Iterator[tuple[str, AccountRow]]:
    yield (
        "",
        AccountRow(
            **common(case),
            household=case.household,
            bills=len(case.figures),
            entries=len(case.entries),
            prepaid_fen=case.prepaid_fen,
            refunds_waiting=len(case.asked),
        ),
    )


PAYMENTS = Register(
    name="payments",
    zh="收款登记",
    en="payments",
    clause="7",
    row=PaymentRow,
    kinds=(HouseholdPayment,),
    values=row_values(PaymentRow, HouseholdPayment),
    indexed=("household", "value_date", "receipt", "reference"),
)

ACCOUNTS = Register(
    name="accounts",
    zh="住户账登记",
    en="household accounts",
    clause="7",
    row=AccountRow,
    kinds=(HouseholdAccount,),
    rows=_accounts,
    indexed=("household",),
)

CASH_DAYS = Register(
    name="cash-days",
    zh="收款日结登记",
    en="cash days",
    clause="7",
    row=CashDayRow,
    kinds=(CashDay,),
    values=row_values(CashDayRow, CashDay, open=lambda cash: cash.state == "open"),
    indexed=("day",),
)
