"""What follows from bills and payments (§7, §8)."""

from __future__ import annotations

from collections.abc import Iterator

from domain.bill import (
    Bill,
    BillCharged,
    BillCorrected,
    BillOverdue,
    BillReopened,
    BillVoided,
    BillWrittenOff,
    LateFeeAssessed,
    LateFeeWaived,
    PaymentReceived,
    PaymentReversed,
)
from domain.debt_case import NoteDebtPayment, debt_case_id
from domain.debt_dunning import OpenDebtCase
from domain.fact import Fact
from domain.settings import Numbers
from workflows.policy import Consequence, whenever

__all__ = ["MONEY"]


def pursue_every_overdue_bill(bill: Bill, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """逾期账单立案追讨 · Open the household's arrears case for every overdue bill."""
    if bill.household is not None and not fact.imported:
        yield Consequence(
            OpenDebtCase(
                bill=bill.id, household=bill.household, outstanding_fen=bill.outstanding_fen, due_on=bill.due_on
            )
        )


def tell_the_arrears_case_what_is_left(bill: Bill, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """欠费变动记入追讨 · Tell the arrears case what is left on the bill."""
    if bill.household is not None and bill.overdue_at is not None and not fact.imported:
        gone = isinstance(fact.event, BillVoided | BillWrittenOff)
        left = 0 if gone else bill.outstanding_fen
        yield Consequence(
            NoteDebtPayment(bill=bill.id, outstanding_fen=left), to=debt_case_id(bill.office, bill.household)
        )


def pursue_what_is_owed_again(bill: Bill, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """重新欠缴继续追讨 · Pursue again what was paid and is owed again."""
    if bill.household is not None and bill.overdue_at is not None and not fact.imported:
        yield Consequence(
            OpenDebtCase(
                bill=bill.id, household=bill.household, outstanding_fen=bill.outstanding_fen, due_on=bill.due_on
            )
        )


MONEY = (
    whenever(BillOverdue, then=pursue_every_overdue_bill, clause="8.A(1)"),
    whenever(BillReopened, then=pursue_what_is_owed_again, clause="8.A(1)"),
    *(
        whenever(event, then=tell_the_arrears_case_what_is_left, clause="8.A(2)")
        for event in (
            PaymentReceived,
            PaymentReversed,
            BillCharged,
            BillCorrected,
            LateFeeAssessed,
            LateFeeWaived,
            BillVoided,
            BillWrittenOff,
        )
    ),
)
