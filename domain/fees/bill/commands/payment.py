"""Payments on a bill 收款 (§7): in parts, in full or too much; reversed or given back by a second person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import cast

from domain.fees.bill.case import PAID, Bill, met_by
from domain.fees.bill.commands.issuing import payment_day
from domain.fees.bill.events import BillReopened, BillSettled, OverpaymentRefunded, PaymentReceived, PaymentReversed
from domain.kernel.errors import Refusal
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.money import Part
from domain.kernel.people import Actor
from domain.kernel.rules import (
    broken,
    day_ahead,
    forbid,
    missing,
    not_positive,
    out_of_range,
    receipt_twice,
    second_person,
)


@command
class ReceivePayment(Command):
    """登记收款 · Record a payment."""

    amount_fen: int
    method: str | None = None
    receipt: str | None = None
    payer: Personal | None = None
    value_date: date | None = None

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """What it meets is frozen in it (民法典561); what is over becomes a prepayment 预缴 (§7, 民法典560)."""
        at.require_evidence(not_positive(self.amount_fen, "7", "amount_fen"))
        if self.method is None:
            at.require_evidence(missing("method", "7", "请写明缴费方式", "say how it was paid"))
        at.require_evidence(receipt_twice(self.receipt, bill.receipts, "7"))
        value_date = self.value_date or payment_day(at.now)
        at.require_evidence(day_ahead(value_date, "7", at, "value_date"))
        order = cast("tuple[Part, ...]", tuple(at.numbers.choice("payments.order").split("-")))
        met = met_by(bill, self.amount_fen, order)
        yield self.to_event(PaymentReceived, value_date=value_date, costs_fen=met["costs"], penalty_fen=met["penalty"])
        left = bill.outstanding_fen - self.amount_fen
        if left <= 0:
            yield BillSettled(overpaid_fen=-left)


@command
class ReversePayment(Command):
    """冲正收款 · Reverse a payment."""

    payment: int
    reason: str

    @staticmethod
    def ready(bill: Bill, who: Actor) -> Refusal | None:
        """Something must have been paid, and somebody else must have taken it."""
        if not bill.standing:
            return broken("nothing-paid", "7", "没有可冲正的收款", "there is no payment to reverse")
        took = {payment.received_by for payment in bill.standing}
        return second_person(who, took, "7") if len(took) == 1 else None

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """By a second person; the payment stays in the book and no longer counts."""
        found = next((payment for payment in bill.standing if payment.number == self.payment), None)
        if found is None:
            listed = "、".join(str(payment.number) for payment in bill.standing)
            zh, en = f"没有这笔收款，可冲正的为第{listed}笔", f"there is no such payment; those that stand: {listed}"
            raise broken("payment-unknown", "7", zh, en, "payment")
        forbid(second_person(at.who, {found.received_by}, "7", "payment"))
        yield self.to_event(PaymentReversed)
        if bill.state == PAID and bill.outstanding_fen + found.amount_fen > 0:
            yield BillReopened(resumes=True)


@command
class RefundOverpayment(Command):
    """退还多缴款 · Refund an overpayment."""

    amount_fen: int
    method: str
    reason: str
    receipt: str | None = None

    @staticmethod
    def ready(bill: Bill, who: Actor) -> Refusal | None:
        """Something must have been paid too much; by nobody who took any of the money."""
        if bill.outstanding_fen >= 0:
            return broken("nothing-overpaid", "7", "没有多缴款", "nothing was paid too much")
        return second_person(who, {payment.received_by for payment in bill.standing}, "7")

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """Of the prepayment alone."""
        at.require_evidence(receipt_twice(self.receipt, bill.receipts, "7"))
        forbid(out_of_range(self.amount_fen, -bill.outstanding_fen, "7", "amount_fen"))
        yield self.to_event(OverpaymentRefunded)
