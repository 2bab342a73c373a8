"""A bill is issued, charged, corrected, voided or written off 出账与更正 (§7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.fees.bill.case import OPEN, PAID, VOID, Bill
from domain.fees.bill.events import (
    BillCharged,
    BillCorrected,
    BillIssued,
    BillLine,
    BillOverdue,
    BillReopened,
    BillSettled,
    LineCorrected,
)
from domain.fees.bill_run.case import CLOSED, BillRun, bill_run_id
from domain.fees.charging import Rounding, in_fen, line_fen, ratio
from domain.fees.fee_standard import FeeStandard
from domain.handbook.holidays import holidays_of
from domain.kernel.calendar import local_date
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.money import yuan
from domain.kernel.people import Actor
from domain.kernel.periods import Month
from domain.kernel.rules import (
    backwards,
    broken,
    day_ahead,
    day_beyond_cap,
    day_passed,
    forbid,
    missing,
    negative,
    second_person,
)

_STANDARD, _CONTRACT = "fee_standard-", "service_contract-"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardCharge:
    """What a bill charges by a fee standard 按标准计费: a home's days; who and how much stands in its attachment."""

    standard: str
    attachment: int
    first: date
    last: date


@command
class IssueBill(Command):
    """出具账单 · Issue a bill."""

    household: str | None = None
    home: str | None = None
    period: str | None = None
    due_on: date | None = None
    lines: tuple[BillLine, ...] = ()
    charges: tuple[StandardCharge, ...] = ()
    amount_fen: int | None = None
    item: str | None = None

    def related(self) -> dict[str, str]:
        """The standards that it names, the contracts whose months it charges, and the bills that it corrects."""
        named = [charge.standard for charge in self.charges]
        named += [line.standard for line in self.lines if line.standard]
        named += [line.charge.partition("/")[0] for line in self.lines if line.charge]
        found = {each: each for each in named if each.startswith((_STANDARD, _CONTRACT))}
        return found | {line.corrects.bill: line.corrects.bill for line in self.lines if line.corrects is not None}

    MAY_LACK = STATE_ENOUGH = frozenset({"run"})

    def related_to(self, _case_id: str, office: str) -> dict[str, str]:
        """And the run of its month, if there is one."""
        run = {} if self.period is None else {"run": bill_run_id(office, self.period)}
        return {**self.related(), **run}

    def decide(self, _bill: None, at: Moment) -> Iterator[Event]:
        """Lines are frozen here; a bill of one sum needs only ``item`` and ``amount_fen`` (§7.2a).

        ``period`` is the month (2025-03) that it is the household's bill of; extras between leave it out. Without a
        ``due_on`` such a bill is due on the setting's day of the next month. ``charges`` are reckoned from a standard: a
        line a month and price. A line that names a standard names one that is valid on its days (§7.1).
        """
        lines = (*self.lines, *(line for charge in self.charges for line in self._charged(charge, at)))
        if self.amount_fen is not None:
            lines = (*lines, BillLine(item=self.item or "费用", amount_fen=self.amount_fen))
        forbid(_closed(at.related.get("run")))
        if not lines:
            raise missing("lines", "7.2a", "账单至少有一行", "a bill has a line")
        for line in self.lines:
            _check_line(line, at.related.get(line.standard or ""))
            _check_standard(line, at)
            if line.corrects is not None and not self._its_own(line.corrects, at.related.get(line.corrects.bill)):
                at.require_evidence(_no_such_line())
        due_on = self._due_on(at)
        if due_on is None:
            at.require_evidence(missing("due_on", "8.A(1)", "请写明缴费截止日", "say when it is due"))
        else:
            at.require_evidence(day_passed(due_on, "8.A(1)", at, "due_on"))
            at.require_evidence(day_beyond_cap(due_on, "8.A(1)", at, "due_on"))
        if self.household is None:
            at.require_evidence(missing("household", "7.2a", "账单须注明住户", "a bill names its household"))
        if sum(line.amount_fen for line in lines) < 0:
            raise RuleBroken("negative-bill", "7.2a", zh="账单合计不能为负", en="a bill is not negative", field="lines")
        moved = self._moved(due_on, at)
        named = due_on if moved != due_on else None
        yield self.to_event(BillIssued, lines=lines, due_on=moved, named_due_on=named)

    def _its_own(self, corrected: LineCorrected, bill: object) -> bool:
        """Whether it is a line of an earlier bill of this household that stands."""
        if not isinstance(bill, Bill) or bill.state == VOID or bill.household != self.household:
            return False
        earlier = self.period is None or bill.period is None or bill.period < self.period
        return earlier and 1 <= corrected.line <= len(bill.lines)

    def _due_on(self, at: Moment) -> date | None:
        if self.period is None or at.waived:  # another system's month is due when that system says
            return self.due_on
        try:
            following = Month.parse(self.period).next()
        except ValueError:
            raise broken("period", "7.2a", "账期须写作如2025-03", "write the month as 2025-03", "period") from None
        return self.due_on or following.first.replace(day=at.numbers.integer("bills.due_day"))

    def _charged(self, charge: StandardCharge, at: Moment) -> Iterator[BillLine]:
        """The lines of a home's days on a standard."""
        forbid(backwards(charge.first, charge.last, "7.2a", "charges"))
        standard = at.related.get(charge.standard)
        if not isinstance(standard, FeeStandard) or not standard.valid_through(charge.first, charge.last):
            raise _no_standard("charges")
        attached = standard.attachments.get(charge.attachment)
        ends = date.max if attached is None or attached.last is None else attached.last
        if attached is None or charge.first < attached.first or ends < charge.last:
            zh, en = "该房屋该期间未适用本标准", "that home is not attached on these days"
            raise broken("not-attached", "7.2a", zh, en, "charges")
        if attached.household != self.household:
            raise broken(
                "other-household", "7.2a", "该期间由他户缴费", "another household pays for these days", "charges"
            )
        yield from standard.lines(attached, charge.first, charge.last)

    @staticmethod
    def _moved(due_on: date | None, at: Moment) -> date | None:
        """Where the setting says so, a due day that is not worked moves to the next day that is (民法典203)."""
        if due_on is None or at.waived:
            return due_on
        numbers = at.settings.at(due_on)
        if numbers.choice("bills.due_on_holiday") == "stays":
            return due_on
        return holidays_of(due_on.year, numbers).on_or_after(due_on)


def _no_standard(field: str) -> RuleBroken:
    zh, en = "账单行须引用当期有效的收费标准", "a line names a fee standard that is valid in its period"
    return broken("standard-unknown", "7.1", zh, en, field)


def _no_such_line() -> RuleBroken:
    zh, en = "更正须指明该户此前账单的一行", "a correction names a line of an earlier bill of the household"
    return broken("corrects-unknown", "7.2b", zh, en, "lines")


def _check_standard(line: BillLine, at: Moment) -> None:
    """Free text names no standard: it is a case, and valid on the days that the line is for, or today (§7.1)."""
    if line.standard is None:
        return
    standard = at.related.get(line.standard)
    first, last = line.first or at.today, line.last or at.today
    if not isinstance(standard, FeeStandard) or not standard.valid_through(first, last):
        at.require_evidence(_no_standard("lines"))


def _closed(run: object) -> RuleBroken | None:
    """A month that is closed has no further bill; what is still due is an extra, or a line of a later month (§7.2b)."""
    if isinstance(run, BillRun) and run.state == CLOSED:
        return broken("month-closed", "7.2b", "该账期已关账", "that month is closed", "period")
    return None


def _check_line(line: BillLine, standard: object) -> None:
    """A line that says quantity and price comes to what they come to, rounded once as its standard says (§7.2a)."""
    if (line.days is None) is not (line.of_days is None) or not 0 <= (line.days or 0) <= (line.of_days or 0):
        raise broken("line-days", "7.2a", f"「{line.item}」天数有误", f"the days of “{line.item}” are wrong", "lines")
    if line.price is not None and in_fen(line.price) is None:
        raise broken("price-unreadable", "7.1", f"「{line.item}」单价有误", f"no price: “{line.item}”", "lines")
    if line.coefficient is not None and ratio(line.coefficient) is None:
        raise broken("coefficient", "7.2a", f"「{line.item}」系数有误", f"no coefficient: “{line.item}”", "lines")
    right = line_fen(line, standard.rounding if isinstance(standard, FeeStandard) else Rounding.FEN)
    if right is not None and right != line.amount_fen:
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
    effective_on: date | None = None
    from_start: bool = False

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """What was issued is never rewritten; the owner sees both lines (§7.1). Who billed it does not lower it.

        It acts from ``effective_on`` on, today unless another day is said; what was wrong ``from_start``, from the day on
        which the bill was issued. A bill never comes to more than was billed: what was left out is a line of a later bill,
        with a due day of its own before which it bears no late fee; only an earlier reduction is taken back here.
        """
        assert bill.opened_at is not None
        if self.amount_fen < 0:
            at.require_evidence(second_person(at.who, {bill.issued_by}, "7", "amount_fen"))
        elif bill.corrections_fen + self.amount_fen > 0:
            at.require_evidence(_more_than_billed(-bill.corrections_fen))
        effective = at.day_of(bill.opened_at) if self.from_start else self.effective_on
        if self.effective_on is not None:
            forbid(day_ahead(self.effective_on, "7.1", at, "effective_on"))
            if self.effective_on < at.day_of(bill.opened_at):
                zh, en = "更正不早于出账之日", "not before the bill was issued"
                raise broken("before-the-bill", "7.1", zh, en, "effective_on")
        least = bill.principal_fen
        if least + self.amount_fen < 0:
            zh, en = (
                f"更正后应缴不能为负，至多减{yuan(least)}元",
                f"at most CNY {yuan(least)} less, or the bill is negative",
            )
            raise broken("correction-too-large", "7.1", zh, en, "amount_fen")
        yield self.to_event(BillCorrected, effective_on=effective)
        left = bill.outstanding_fen + self.amount_fen
        if bill.state == PAID and left > 0:
            yield BillReopened()
        elif bill.state in OPEN and left <= 0:
            yield BillSettled(overpaid_fen=-left)


def _more_than_billed(room: int) -> RuleBroken:
    zh = f"更正不得使账单高于原出账金额（至多恢复{yuan(room)}元）；漏计部分列入后续账单，另定缴费截止日"
    en = (
        f"a bill never comes to more than was billed (at most CNY {yuan(room)} of what was taken off comes back);"
        " what was left out is a line of a later bill, with its own due day"
    )
    return broken("raised-beyond-the-bill", "7.2", zh, en, "amount_fen")


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
        if bill.standing:
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
