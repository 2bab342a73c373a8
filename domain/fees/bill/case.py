"""What is known of a bill 账单 after some of its facts (§7). Data only: the state comes from the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.fees.bill.events import (
    BillCharged,
    BillCorrected,
    BillIssued,
    BillLine,
    BillOverdue,
    BillReopened,
    BillSettled,
    LateFeeAssessed,
    LateFeeHeld,
    LateFeeHoldEnded,
    LateFeeWaived,
    OverpaymentRefunded,
    Payment,
    PaymentReceived,
    PaymentReversed,
)
from domain.kernel.calendar import end_of_day, local_date
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Event, Fact
from domain.kernel.money import ORDER, Fen, Hold, Movement, Part
from domain.kernel.rules import broken

ISSUED, PART_PAID, PAID, VOID, WRITTEN_OFF = "issued", "part-paid", "paid", "void", "written-off"
OPEN = (ISSUED, PART_PAID)
"""The states in which something may still be owed."""


@dataclass(slots=True, kw_only=True)
class Bill(Case):
    """One bill. ``owed_fen`` is what was asked for in all, ``outstanding_fen`` what is left (negative: overpaid)."""

    CORRECTS = ("home",)

    household: str | None = None
    home: str | None = None
    period: str | None = None
    lines: tuple[BillLine, ...] = ()
    issued_by: str = ""
    due_on: date | None = None
    original_fen: int = 0
    corrections_fen: int = 0
    corrections: list[Movement] = field(default_factory=list)
    charges_fen: int = 0
    late_fee_fen: int = 0
    waived_fen: int = 0
    paid_fen: int = 0
    refunds: list[Movement] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    receipts: tuple[str, ...] = ()
    assessed_by: set[str] = field(default_factory=set)
    late_fee_at: datetime | None = None
    late_fee_no: int | None = None
    holds: list[Hold] = field(default_factory=list)
    overdue_at: datetime | None = None
    paid_off_at: datetime | None = None

    def why_it_stands(self) -> Refusal | None:
        """What was paid on it is reversed first."""
        if self.paid_fen:
            return broken("paid-already", "7", "已有收款，须先冲正", "reverse what was paid first")
        return None

    def why_the_step_stands(self, said: Event) -> Refusal | None:
        """Money that was taken or given back has a way of its own back."""
        if isinstance(said, PaymentReceived | PaymentReversed | OverpaymentRefunded):
            return broken(
                "money-moved", "7", "收款、冲正和退款另行冲正，不按误登撤销", "money goes back by a reversal of its own"
            )
        return None

    @property
    def owed_fen(self) -> int:
        """Principal with corrections, charges and late fee less what was waived."""
        return self.principal_fen + self.charges_fen + self.late_fee_fen - self.waived_fen

    @property
    def principal_fen(self) -> int:
        """What was billed, with its corrections."""
        return self.original_fen + self.corrections_fen

    @property
    def refunded_fen(self) -> int:
        """What was given back of an overpayment."""
        return -sum(refund.paid for refund in self.refunds)

    @property
    def outstanding_fen(self) -> int:
        """What is still owed; negative when more was paid."""
        return self.owed_fen - self.paid_fen

    @property
    def standing(self) -> list[Payment]:
        """The payments that were not reversed."""
        return [payment for payment in self.payments if not payment.reversed]

    @property
    def left(self) -> dict[Part, Fen]:
        """What is still owed of each part: together what is outstanding, or nothing when it was overpaid."""
        rest = max(self.outstanding_fen, 0)
        costs = self.charges_fen - sum(payment.costs_fen for payment in self.standing)
        costs = min(max(costs, 0), rest)
        penalty = self.late_fee_fen - self.waived_fen - sum(payment.penalty_fen for payment in self.standing)
        penalty = min(max(penalty, 0), rest - costs)
        return {"costs": costs, "penalty": penalty, "principal": rest - costs - penalty}

    @property
    def movements(self) -> list[Movement]:
        """What changed the principal, and on which value date: what a late fee is reckoned from."""
        assert self.opened_at is not None
        billed = Movement(local_date(self.opened_at), charged=self.original_fen)
        paid = [Movement(payment.value_date, paid=payment.principal_fen) for payment in self.standing]
        return [billed, *self.corrections, *paid, *self.refunds]

    @property
    def held(self) -> bool:
        """Whether its late fee stands still."""
        return bool(self.holds) and self.holds[-1][1] is None

    @property
    def overdue_from(self) -> datetime | None:
        """When the bill becomes overdue, unless it has or nothing is owed."""
        if self.due_on is None or self.overdue_at is not None or self.outstanding_fen <= 0:
            return None
        return end_of_day(self.due_on)


def met_by(bill: Bill, amount: Fen, order: Sequence[Part] = ORDER) -> dict[Part, Fen]:
    """What of a payment meets which part of the bill 冲抵 (民法典561); what is over counts with the principal."""
    met: dict[Part, Fen] = {}
    left, rest = bill.left, amount
    for part in order:
        met[part] = max(min(rest, left[part]), 0)
        rest -= met[part]
    return {**met, "principal": met["principal"] + rest}


def evolve(bill: Bill, fact: Fact) -> None:
    """Fold one fact into the bill."""
    match fact.event:
        case BillIssued() as e:
            bill.household, bill.home, bill.period, bill.due_on = e.household, e.home, e.period, e.due_on
            bill.lines, bill.issued_by = e.lines, fact.user_id
            bill.original_fen = sum(line.amount_fen for line in e.lines)
        case BillCharged() as e:
            bill.charges_fen += e.amount_fen
        case BillCorrected() as e:
            bill.corrections_fen += e.amount_fen
            bill.corrections.append(Movement(local_date(fact.occurred_at), charged=e.amount_fen))
        case LateFeeAssessed() as e:
            bill.late_fee_fen += e.amount_fen
            bill.assessed_by.add(fact.user_id)
            if bill.late_fee_no is None:
                bill.late_fee_at, bill.late_fee_no = fact.occurred_at, fact.version
        case LateFeeWaived() as e:
            bill.waived_fen += e.amount_fen
        case LateFeeHeld() as e:
            bill.holds.append((e.since, None))
        case LateFeeHoldEnded() as e:
            bill.holds[-1] = (bill.holds[-1][0], e.until)
        case BillSettled():
            bill.paid_off_at = bill.paid_off_at or fact.occurred_at
        case BillReopened():
            bill.paid_off_at = None
        case BillOverdue():
            bill.overdue_at = fact.occurred_at
        case _:
            _take_money(bill, fact)


def _take_money(bill: Bill, fact: Fact) -> None:
    match fact.event:
        case PaymentReceived() as e:
            # Facts of before did not say what they met: it was the order of the law.
            met = met_by(bill, e.amount_fen) if e.costs_fen is None else {}
            costs, penalty = e.costs_fen or met.get("costs", 0), e.penalty_fen or met.get("penalty", 0)
            bill.payments.append(Payment(fact.version, e.amount_fen, fact.user_id, e.value_date, costs, penalty))
            bill.paid_fen += e.amount_fen
            _note_receipt(bill, e.receipt)
        case PaymentReversed() as e:
            for payment in bill.payments:
                if payment.number == e.payment:
                    payment.reversed = True
                    bill.paid_fen -= payment.amount_fen
        case OverpaymentRefunded() as e:
            bill.refunds.append(Movement(local_date(fact.occurred_at), paid=-e.amount_fen))
            bill.paid_fen -= e.amount_fen
            _note_receipt(bill, e.receipt)


def _note_receipt(bill: Bill, number: str | None) -> None:
    if number is not None:
        bill.receipts = (*bill.receipts, number)
