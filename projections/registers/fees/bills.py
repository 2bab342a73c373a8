"""The bills register 账单登记 and the bills' entries 账单明细账 (§7, §1.10). Amounts are integer fen.

``outstanding_fen`` below zero is a prepayment. An entry is what was asked for (positive) or came in (negative), on its own day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.fees.bill.case import OPEN, VOID, Bill
from domain.fees.terms import EntryKind
from domain.kernel.calendar import local_date
from domain.kernel.periods import Month
from projections.engine.register import Register, common, one_row

__all__ = ["BILLS", "BILL_ENTRIES", "BillEntryRow", "BillRow"]


@dataclass(slots=True, kw_only=True)
class BillRow:
    """One bill. ``first_paid_no`` and ``late_fee_no`` tell which came first, since both may bear one day.

    ``days_late`` is reckoned from due day and value dates; ``months_late``, ``stated_days_late`` and ``disputed`` are what
    another system said of a bill that was taken over.
    """

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    household: str | None
    home: str | None
    period: str | None
    period_on: date | None
    issued_on: date
    due_on: date | None
    original_fen: int
    corrections_fen: int
    charges_fen: int
    late_fee_fen: int
    waived_fen: int
    owed_fen: int
    paid_fen: int
    principal_fen: int
    principal_paid_fen: int
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
    days_late: int | None
    months_late: int | None
    stated_days_late: int | None
    disputed: bool
    open: bool


def _rows(case: Bill) -> BillRow:
    assert case.opened_at is not None
    standing = case.standing
    first = standing[0] if standing else None
    outstanding, left = case.outstanding_fen, case.left
    return BillRow(
        **common(case),
        household=case.household,
        home=case.home,
        period=case.period,
        period_on=_first_of(case.period),
        issued_on=local_date(case.opened_at),
        due_on=case.due_on,
        original_fen=case.original_fen,
        corrections_fen=case.corrections_fen,
        charges_fen=case.charges_fen,
        late_fee_fen=case.late_fee_fen,
        waived_fen=case.waived_fen,
        owed_fen=case.owed_fen,
        paid_fen=case.paid_fen,
        principal_fen=case.principal_fen,
        principal_paid_fen=case.principal_paid_fen,
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
        days_late=case.days_late,
        months_late=case.stated.months_late,
        stated_days_late=case.stated.days_late,
        disputed=case.stated.disputed,
        open=case.state in OPEN,
    )


def _first_of(period: str | None) -> date | None:
    """The first day of the month that a bill is for; another system's period need be none."""
    try:
        return Month.parse(period).first if period is not None else None
    except ValueError:
        return None


@dataclass(slots=True, kw_only=True)
class BillEntryRow:
    """One entry of a bill: ``entry`` says what it is, ``rule`` which rule decided where money went."""

    source_id: str | None
    state: str
    imported: bool
    household: str | None
    home: str | None
    period: str | None
    due_on: date | None
    day: date
    entry: str
    item: str | None
    standard: str | None
    rule: str | None
    source: str | None
    costs_fen: int
    penalty_fen: int
    principal_fen: int


def _entries(case: Bill) -> Iterator[tuple[str, BillEntryRow]]:
    """What is void was never asked for; of another system's bills those are here whose due day is known."""
    if case.state == VOID or case.opened_at is None or (case.imported and case.due_on is None):
        return
    issued = local_date(case.opened_at)
    for n, bill_line in enumerate(case.lines, 1):
        item, standard, fen = bill_line.item, bill_line.standard, bill_line.amount_fen
        yield f"line-{n}", _entry(case, issued, EntryKind.BILL, item=item, standard=standard, principal_fen=fen)
    for line, said in _said(case):
        yield line, _entry(case, **said)


def _entry(
    case: Bill,
    day: date,
    entry: EntryKind,
    *,
    item: str | None = None,
    standard: str | None = None,
    rule: str | None = None,
    source: str | None = None,
    costs_fen: int = 0,
    penalty_fen: int = 0,
    principal_fen: int = 0,
) -> BillEntryRow:
    return BillEntryRow(
        source_id=case.source_id,
        state=case.state,
        imported=case.imported,
        household=case.household,
        home=case.home,
        period=case.period,
        due_on=case.due_on,
        day=day,
        entry=entry,
        item=item,
        standard=standard,
        rule=rule,
        source=source,
        costs_fen=costs_fen,
        penalty_fen=penalty_fen,
        principal_fen=principal_fen,
    )


def _said(case: Bill) -> Iterator[tuple[str, dict[str, Any]]]:
    """What came to it after it was issued."""
    for n, correction in enumerate(case.corrections, 1):
        yield (
            f"correction-{n}",
            {"day": correction.day, "entry": EntryKind.CORRECTION, "principal_fen": correction.charged},
        )
    for n, cost in enumerate(case.charges, 1):
        yield f"cost-{n}", {"day": cost.day, "entry": EntryKind.COST, "costs_fen": cost.charged}
    for place, fen in case.assessed.items():
        yield f"fee-{place}", {"day": case.assessed_on[place], "entry": EntryKind.ASSESSMENT, "penalty_fen": fen}
    if case.waived_fen and case.waived_on is not None:
        yield "waived", {"day": case.waived_on, "entry": EntryKind.WAIVER, "penalty_fen": -case.waived_fen}
    for n, move in enumerate(case.moves, 1):
        met = {"costs_fen": -move.costs_fen, "penalty_fen": -move.penalty_fen, "principal_fen": -move.principal_fen}
        yield (
            f"money-{n}",
            {"day": move.day, "entry": EntryKind.PAYMENT, "rule": move.rule, "source": move.source, **met},
        )
    if case.written_off_on is not None:
        left = case.given_up
        met = {"costs_fen": -left["costs"], "penalty_fen": -left["penalty"], "principal_fen": -left["principal"]}
        yield "written-off", {"day": case.written_off_on, "entry": EntryKind.WRITE_OFF, **met}


BILL_ENTRIES = Register(
    name="bill-entries",
    zh="账单明细账",
    en="entries of the bills",
    clause="7",
    row=BillEntryRow,
    kinds=(Bill,),
    rows=_entries,
    indexed=("household", "due_on"),
)

BILLS = Register(
    name="bills",
    zh="账单登记",
    en="bills",
    clause="7",
    row=BillRow,
    kinds=(Bill,),
    values=one_row(BillRow, _rows),
    indexed=("household", "issued_on"),
    newest_first=True,
)
