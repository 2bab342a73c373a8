"""Bill 账单 (§7): issued with frozen lines, paid in parts, corrected by lines of their own, reversed by a second person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.bill_events import (
    ISSUED,
    OPEN,
    PAID,
    PART_PAID,
    VOID,
    WRITTEN_OFF,
    Bill,
    BillCharged,
    BillCorrected,
    BillIssued,
    BillLine,
    BillOverdue,
    BillReopened,
    BillSettled,
    BillVoided,
    BillWrittenOff,
    LateFeeAssessed,
    LateFeeWaived,
    PaymentReceived,
    PaymentReversed,
    evolve,
    payment_day,
)
from domain.errors import Refusal, RuleBroken
from domain.fact import Command, Event, Moment, Personal, command
from domain.lifecycle import SAME, Lifecycle, deadline, step
from domain.people import Role
from domain.rules import missing

__all__ = [
    "ISSUED",
    "LIFECYCLE",
    "OPEN",
    "PAID",
    "PART_PAID",
    "VOID",
    "WRITTEN_OFF",
    "AddBillCharge",
    "AssessLateFee",
    "Bill",
    "BillCharged",
    "BillCorrected",
    "BillIssued",
    "BillLine",
    "BillOverdue",
    "BillReopened",
    "BillSettled",
    "BillVoided",
    "BillWrittenOff",
    "CorrectBill",
    "IssueBill",
    "LateFeeAssessed",
    "LateFeeWaived",
    "MarkBillOverdue",
    "PaymentReceived",
    "PaymentReversed",
    "ReceivePayment",
    "ReversePayment",
    "VoidBill",
    "WaiveLateFee",
    "WriteOffBill",
]


@command
class IssueBill(Command):
    """出具账单 · Issue a bill."""

    household: str | None = None
    home: str | None = None
    period: str | None = None
    due_on: date | None = None
    lines: tuple[BillLine, ...] = ()
    amount_fen: int | None = None
    item: str | None = None

    def decide(self, _bill: None, at: Moment) -> Iterator[Event]:
        """Lines are frozen here; a bill of one sum needs only ``item`` and ``amount_fen`` (§7.2a)."""
        lines = self.lines
        if self.amount_fen is not None:
            lines = (*lines, BillLine(item=self.item or "费用", amount_fen=self.amount_fen))
        if not lines:
            raise RuleBroken("lines-missing", "7.2a", zh="账单至少有一行", en="a bill has a line", field="lines")
        if self.due_on is None:
            at.lacks(missing("due_on", "8.A(1)", "请写明缴费截止日", "say when it is due"))
        if self.household is None:
            at.lacks(missing("household", "7.2a", "账单须注明住户", "a bill names its household"))
        if sum(line.amount_fen for line in lines) < 0:
            raise RuleBroken("negative-bill", "7.2a", zh="账单合计不能为负", en="a bill is not negative", field="lines")
        yield self.said(BillIssued, lines=lines)


@command
class AddBillCharge(Command):
    """加收费用 · Add a charge to the bill."""

    item: str
    amount_fen: int

    def decide(self, bill: Bill, _at: Moment) -> Iterator[Event]:
        """Costs of collecting, such as postage; met before late fee and principal (民法典561)."""
        if self.amount_fen < 0:
            raise _negative("amount_fen")
        yield self.said(BillCharged)
        if bill.state == PAID and bill.outstanding_fen + self.amount_fen > 0:
            yield BillReopened()


@command
class CorrectBill(Command):
    """更正账单 · Correct the bill by a line of its own."""

    item: str
    amount_fen: int
    reason: str

    def decide(self, bill: Bill, _at: Moment) -> Iterator[Event]:
        """What was issued is never rewritten; the owner sees both lines (§7.1)."""
        if bill.owed_fen + self.amount_fen < 0:
            raise _negative("amount_fen")
        yield self.said(BillCorrected)
        left = bill.outstanding_fen + self.amount_fen
        if bill.state == PAID and left > 0:
            yield BillReopened()
        elif bill.state in OPEN and left <= 0:
            yield BillSettled(overpaid_fen=-left)


@command
class AssessLateFee(Command):
    """核定滞纳金 · Assess a late fee."""

    amount_fen: int
    until: date | None = None

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """Frozen in a notice; at most the cap's share of the principal (合同编通则解释65), and only after the due date."""
        cap = at.numbers.fraction("late_fee.cap") * (bill.original_fen + bill.corrections_fen)
        if bill.late_fee_fen + self.amount_fen > cap:
            at.lacks(
                RuleBroken(
                    "late-fee-cap", "合同编通则解释65", zh="滞纳金超过本金比例上限", en="more than the cap allows",
                    field="amount_fen",
                )
            )  # fmt: skip
        if bill.due_on is None or at.today <= bill.due_on:
            at.lacks(RuleBroken("not-overdue", "8.A(1)", zh="尚未逾期，不得计收滞纳金", en="it is not overdue"))
        if self.amount_fen < 0 and not at.waived:
            raise _negative("amount_fen")
        yield self.said(LateFeeAssessed)
        if bill.state == PAID and bill.outstanding_fen + self.amount_fen > 0:
            yield BillReopened()


@command
class WaiveLateFee(Command):
    """减免滞纳金 · Waive a late fee."""

    amount_fen: int
    reason: str

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """By the manager, and not by the one who assessed it (§8.B(4))."""
        if at.user_id == bill.late_fee_by:
            raise _second_person("8.B(4)")
        if not 0 < self.amount_fen <= bill.late_fee_fen - bill.waived_fen:
            raise RuleBroken(
                "waiver-too-large", "8.B(4)", zh="减免额须在已核定滞纳金之内", en="more than the late fee that stands",
                field="amount_fen",
            )  # fmt: skip
        yield self.said(LateFeeWaived)
        left = bill.outstanding_fen - self.amount_fen
        if bill.state in OPEN and left <= 0:
            yield BillSettled(overpaid_fen=-left)


@command
class ReceivePayment(Command):
    """登记收款 · Record a payment."""

    amount_fen: int
    method: str | None = None
    receipt: str | None = None
    payer: Personal | None = None
    value_date: date | None = None

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """In parts, in full or too much: what is over becomes a prepayment 预缴 (§7, 民法典560)."""
        if self.amount_fen <= 0:
            at.lacks(_negative("amount_fen"))
        if self.method is None:
            at.lacks(missing("method", "7", "请写明缴费方式", "say how it was paid"))
        yield self.said(PaymentReceived, value_date=self.value_date or payment_day(at.now))
        left = bill.outstanding_fen - self.amount_fen
        if left <= 0:
            yield BillSettled(overpaid_fen=-left)


@command
class ReversePayment(Command):
    """冲正收款 · Reverse a payment."""

    payment: int
    reason: str

    @staticmethod
    def ready(bill: Bill) -> Refusal | None:
        """Something must have been paid."""
        if not bill.standing:
            return RuleBroken("nothing-paid", "7", zh="没有可冲正的收款", en="there is no payment to reverse")
        return None

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """By a second person; the payment stays in the book and no longer counts."""
        found = next((payment for payment in bill.standing if payment.number == self.payment), None)
        if found is None:
            raise RuleBroken("payment-unknown", "7", zh="没有这笔收款", en="there is no such payment", field="payment")
        if found.received_by == at.user_id:
            raise _second_person("7")
        yield self.said(PaymentReversed)
        if bill.state == PAID and bill.outstanding_fen + found.amount_fen > 0:
            yield BillReopened()


@command
class MarkBillOverdue(Command):
    """账单已逾期 · Note that the bill is overdue."""

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """At the end of the due day (§8.A(1))."""
        yield BillOverdue(due_on=bill.due_on or at.today, outstanding_fen=bill.outstanding_fen)


@command
class VoidBill(Command):
    """作废账单 · Void the bill."""

    reason: str

    @staticmethod
    def ready(bill: Bill) -> Refusal | None:
        """What was paid is reversed first."""
        if bill.paid_fen != 0:
            return RuleBroken("paid-already", "7", zh="已有收款，须先冲正", en="reverse what was paid first")
        return None

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """By a second person, with a reason."""
        if at.user_id == bill.issued_by:
            raise _second_person("7")
        yield self.said(BillVoided)


@command
class WriteOffBill(Command):
    """核销账单 · Write the bill off."""

    reason: str

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """By the company and a second person, with a reason; the debt is given up, not paid."""
        if at.user_id == bill.issued_by:
            raise _second_person("7")
        yield self.said(BillWrittenOff)


def _negative(field: str) -> RuleBroken:
    return RuleBroken("amount-not-positive", "7", zh="金额须为正数", en="the amount must be positive", field=field)


def _second_person(clause: str) -> RuleBroken:
    return RuleBroken("second-person", clause, zh="须由另一人办理", en="somebody else must do this")


_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)
_MONEY = (*OPEN, PAID)

# fmt: off
LIFECYCLE = Lifecycle(
    of=Bill, kind="bill", path="bills", zh="账单", en="bill", clauses="7", evolve=evolve,
    subject=lambda bill: bill.household,
    states={
        ISSUED: ("已出账", "issued"), PART_PAID: ("未缴清", "part paid"), PAID: ("已缴清", "paid"),
        VOID: ("已作废", "void"), WRITTEN_OFF: ("已核销", "written off"),
    },
    final=[PAID, VOID, WRITTEN_OFF],
    steps=[  # command        event             from                 to           who                     clause
        step(IssueBill,       BillIssued,       None,                ISSUED,      [*_CLERKS, Role.POLICY], "7.2a"),
        step(AddBillCharge,   BillCharged,      _MONEY,              SAME,        _CLERKS,                "7.2a"),
        step(AddBillCharge,   BillReopened,     PAID,                PART_PAID,   _CLERKS,                "7.2a"),
        step(CorrectBill,     BillCorrected,    _MONEY,              SAME,        [Role.MANAGER],         "7.1"),
        step(CorrectBill,     BillReopened,     PAID,                PART_PAID,   [Role.MANAGER],         "7.1"),
        step(CorrectBill,     BillSettled,      OPEN,                PAID,        [Role.MANAGER],         "7.1"),
        step(AssessLateFee,   LateFeeAssessed,  _MONEY,              SAME,        _CLERKS,                "8.A(1)"),
        step(AssessLateFee,   BillReopened,     PAID,                PART_PAID,   _CLERKS,                "8.A(1)"),
        step(WaiveLateFee,    LateFeeWaived,    _MONEY,              SAME,        [Role.MANAGER],         "8.B(4)"),
        step(WaiveLateFee,    BillSettled,      OPEN,                PAID,        [Role.MANAGER],         "8.B(4)"),
        step(ReceivePayment,  PaymentReceived,  _MONEY,              PART_PAID,   _CLERKS,                "7"),
        step(ReceivePayment,  BillSettled,      PART_PAID,           PAID,        _CLERKS,                "7"),
        step(ReversePayment,  PaymentReversed,  (PART_PAID, PAID),   SAME,        _CLERKS,                "7"),
        step(ReversePayment,  BillReopened,     PAID,                PART_PAID,   _CLERKS,                "7"),
        step(MarkBillOverdue, BillOverdue,      OPEN,                SAME,        [Role.CLOCK],           "8.A(1)"),
        step(VoidBill,        BillVoided,       OPEN,                VOID,        [Role.MANAGER],         "7"),
        step(WriteOffBill,    BillWrittenOff,   OPEN,                WRITTEN_OFF, [Role.COMPANY],         "7"),
    ],
    deadlines=[
        deadline("due", OPEN, due=lambda bill: bill.overdue_from, gives=MarkBillOverdue, clause="8.A(1)",
                 zh="按期缴费", en="the bill is paid by its due date"),
    ],
)
# fmt: on
