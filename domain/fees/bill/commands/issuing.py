"""A bill is issued, charged, corrected, voided or written off 出账与更正 (§7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction

from domain.fees.bill.case import OPEN, PAID, Bill
from domain.fees.bill.events import (
    BillCharged,
    BillCorrected,
    BillIssued,
    BillLine,
    BillOverdue,
    BillReopened,
    BillSettled,
)
from domain.kernel.calendar import Month, local_date
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.money import exact_line, prorate, rounded, yuan
from domain.kernel.people import Actor
from domain.kernel.rules import broken, day_passed, forbid, missing, negative, second_person

_COEFFICIENT = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,9}|/0*[1-9][0-9]{0,6})?")


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
        """Lines are frozen here; a bill of one sum needs only ``item`` and ``amount_fen`` (§7.2a).

        ``period`` is the month (2025-03) that it is the household's bill of; extras between leave it out. Without a
        ``due_on`` such a bill is due on the setting's day of the next month.
        """
        lines = self.lines
        if self.amount_fen is not None:
            lines = (*lines, BillLine(item=self.item or "费用", amount_fen=self.amount_fen))
        if not lines:
            raise missing("lines", "7.2a", "账单至少有一行", "a bill has a line")
        for line in lines:
            _check_line(line)
        due_on = self._due_on(at)
        if due_on is None:
            at.require_evidence(missing("due_on", "8.A(1)", "请写明缴费截止日", "say when it is due"))
        else:
            at.require_evidence(day_passed(due_on, "8.A(1)", at, "due_on"))
        if self.household is None:
            at.require_evidence(missing("household", "7.2a", "账单须注明住户", "a bill names its household"))
        if sum(line.amount_fen for line in lines) < 0:
            raise RuleBroken("negative-bill", "7.2a", zh="账单合计不能为负", en="a bill is not negative", field="lines")
        yield self.to_event(BillIssued, lines=lines, due_on=due_on)

    def _due_on(self, at: Moment) -> date | None:
        if self.period is None:
            return self.due_on
        try:
            following = Month.parse(self.period).next()
        except ValueError:
            raise broken("period", "7.2a", "账期须写作如2025-03", "write the month as 2025-03", "period") from None
        return self.due_on or following.first.replace(day=at.numbers.integer("bills.due_day"))


def _check_line(line: BillLine) -> None:
    """A line that says quantity and price comes to what they come to, rounded once (§7.2a)."""
    if (line.days is None) is not (line.of_days is None) or not 0 <= (line.days or 0) <= (line.of_days or 0):
        raise broken("line-days", "7.2a", f"「{line.item}」天数有误", f"the days of “{line.item}” are wrong", "lines")
    if line.quantity is None or line.price_fen is None:
        return
    if line.coefficient is not None and not _COEFFICIENT.fullmatch(line.coefficient):
        raise broken("coefficient", "7.2a", f"「{line.item}」系数有误", f"no coefficient: “{line.item}”", "lines")
    exact = exact_line(line.quantity, line.price_fen, Fraction(line.coefficient or 1))
    if line.days is not None and line.of_days:
        exact = prorate(exact, line.days, line.of_days)
    if rounded(exact) != line.amount_fen:
        raise broken(
            "line-differs",
            "7.2a",
            f"「{line.item}」金额与数量乘单价不符",
            f"“{line.item}” is not quantity × price",
            "lines",
        )


@command
class AddBillCharge(Command):
    """加收费用 · Add a charge to the bill."""

    item: str
    amount_fen: int

    def decide(self, bill: Bill, _at: Moment) -> Iterator[Event]:
        """Costs of collecting, such as postage; met before late fee and principal (民法典561)."""
        forbid(negative(self.amount_fen, "7", "amount_fen"))
        yield self.to_event(BillCharged)
        if bill.state == PAID and bill.outstanding_fen + self.amount_fen > 0:
            yield BillReopened()


@command
class CorrectBill(Command):
    """更正账单 · Correct the bill by a line of its own."""

    item: str
    amount_fen: int
    reason: str

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """What was issued is never rewritten; the owner sees both lines (§7.1). Who billed it does not lower it."""
        if self.amount_fen < 0:
            at.require_evidence(second_person(at.who, {bill.issued_by}, "7", "amount_fen"))
        least = min(bill.principal_fen, bill.owed_fen)
        if least + self.amount_fen < 0:
            zh, en = (
                f"更正后应缴不能为负，至多减{yuan(least)}元",
                f"at most CNY {yuan(least)} less, or the bill is negative",
            )
            raise broken("correction-too-large", "7.1", zh, en, "amount_fen")
        yield self.to_event(BillCorrected)
        left = bill.outstanding_fen + self.amount_fen
        if bill.state == PAID and left > 0:
            yield BillReopened()
        elif bill.state in OPEN and left <= 0:
            yield BillSettled(overpaid_fen=-left)


@command
class MarkBillOverdue(Command):
    """账单已逾期 · Note that the bill is overdue."""

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """At the end of the due day (§8.A(1))."""
        yield BillOverdue(due_on=bill.due_on or at.today, outstanding_fen=bill.outstanding_fen)


@command
class VoidBill(Command):
    """作废账单 · Void the bill.

    By a second person, with a reason.
    """

    reason: str

    @staticmethod
    def ready(bill: Bill, who: Actor) -> Refusal | None:
        """What was paid is reversed first; by a second person."""
        if bill.paid_fen != 0:
            return RuleBroken("paid-already", "7", zh="已有收款，须先冲正", en="reverse what was paid first")
        return second_person(who, {bill.issued_by}, "7")


@command
class WriteOffBill(Command):
    """核销账单 · Write the bill off.

    By the company and a second person, with a reason; the debt is given up, not paid.
    """

    reason: str

    @staticmethod
    def ready(bill: Bill, who: Actor) -> Refusal | None:
        """By a second person."""
        return second_person(who, {bill.issued_by}, "7")


def payment_day(at: datetime) -> date:
    """The value date 到账日 of a payment that names none: the local day on which it came."""
    return local_date(at)
