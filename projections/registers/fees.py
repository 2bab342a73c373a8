"""The bills register 账单登记 (§7, §1.10). Amounts are integer fen; ``outstanding_fen`` below zero is a prepayment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.fees.bill.case import OPEN, Bill
from domain.kernel.calendar import local_date
from projections.engine.register import Register, common

__all__ = ["BILLS", "BillRow"]


@dataclass(slots=True, kw_only=True)
class BillRow:
    """One bill. ``first_paid_no`` and ``late_fee_no`` tell which came first, since both may bear one day."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    household: str | None
    home: str | None
    period: str | None
    issued_on: date
    due_on: date | None
    original_fen: int
    corrections_fen: int
    charges_fen: int
    late_fee_fen: int
    waived_fen: int
    owed_fen: int
    paid_fen: int
    refunded_fen: int
    outstanding_fen: int
    principal_left_fen: int
    late_fee_left_fen: int
    charges_left_fen: int
    prepaid_fen: int
    payments: int
    first_paid_on: date | None
    last_paid_on: date | None
    first_paid_no: int | None
    late_fee_on: date | None
    late_fee_no: int | None
    paid_before_late_fee: bool
    late_fee_held: bool
    overdue_on: date | None
    paid_on: date | None
    open: bool


def _rows(case: Bill) -> Iterator[tuple[str, BillRow]]:
    assert case.opened_at is not None
    standing = case.standing
    first = standing[0] if standing else None
    outstanding, left = case.outstanding_fen, case.left
    yield (
        "",
        BillRow(
            **common(case),
            household=case.household,
            home=case.home,
            period=case.period,
            issued_on=local_date(case.opened_at),
            due_on=case.due_on,
            original_fen=case.original_fen,
            corrections_fen=case.corrections_fen,
            charges_fen=case.charges_fen,
            late_fee_fen=case.late_fee_fen,
            waived_fen=case.waived_fen,
            owed_fen=case.owed_fen,
            paid_fen=case.paid_fen,
            refunded_fen=case.refunded_fen,
            outstanding_fen=outstanding,
            principal_left_fen=left["principal"],
            late_fee_left_fen=left["penalty"],
            charges_left_fen=left["costs"],
            prepaid_fen=max(-outstanding, 0),
            payments=len(standing),
            first_paid_on=first.value_date if first else None,
            last_paid_on=standing[-1].value_date if standing else None,
            first_paid_no=first.number if first else None,
            late_fee_on=local_date(case.late_fee_at) if case.late_fee_at else None,
            late_fee_no=case.late_fee_no,
            paid_before_late_fee=first is not None and (case.late_fee_no is None or first.number < case.late_fee_no),
            late_fee_held=case.held,
            overdue_on=local_date(case.overdue_at) if case.overdue_at else None,
            paid_on=local_date(case.paid_off_at) if case.paid_off_at else None,
            open=case.state in OPEN,
        ),
    )


BILLS = Register(
    name="bills",
    zh="账单登记",
    en="bills",
    clause="7",
    row=BillRow,
    kinds=(Bill,),
    rows=_rows,
    indexed=("household", "issued_on"),
)
