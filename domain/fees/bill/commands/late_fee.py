"""Late fee 滞纳金 on a bill (§8.A(1), §8.B(4), 民法典585): accrued, assessed and waived are three different numbers.

What has accrued is reckoned anew each time it is asked for (``domain.kernel.late_fee``): each day at its own rate. A notice
may claim only what was assessed; what facts that are entered later make of it is an adjusting fact.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.fees.bill.case import OPEN, PAID, Bill
from domain.fees.bill.events import (
    BillReopened,
    BillSettled,
    LateFeeAssessed,
    LateFeeHeld,
    LateFeeHoldEnded,
    LateFeeWaived,
    LateFeeWaiverWithdrawn,
)
from domain.fees.terms import FeeTerms, HoldGround
from domain.kernel.errors import Refusal
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.money import Fen, yuan
from domain.kernel.people import Actor, Role
from domain.kernel.rules import backwards, blank, broken, day_ahead, forbid, missing, out_of_range, second_person


def accrued(bill: Bill, due_on: date, until: date, at: Moment) -> Fen:
    """The late fee that the bill has accrued by the end of ``until`` (fen), each day by its own terms (民法典585)."""
    return FeeTerms.of(at.settings).fee(bill.movements, due_on, until, bill.still).fen


@command
class AssessLateFee(Command):
    """核定滞纳金 · Assess a late fee."""

    amount_fen: int | None = None
    until: date | None = None

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """Frozen for a notice: all that has accrued by a day and is not assessed yet, unless less is asked for.

        At most the cap's share of the principal (合同编通则解释65), and only after the due date.
        """
        until = self.until or at.today
        at.require_evidence(day_ahead(until, "8.A(1)", at, "until"))
        if bill.due_on is None or at.today <= bill.due_on:
            at.require_evidence(broken("not-overdue", "8.A(1)", "尚未逾期，不得计收滞纳金", "it is not overdue"))
        left = accrued(bill, bill.due_on, until, at) - bill.late_fee_fen if bill.due_on is not None else None
        amount = self.amount_fen if self.amount_fen is not None else left
        if amount is None:
            raise missing("amount_fen", "8.A(1)", "请填写滞纳金金额", "say how much")
        if amount <= 0 and not at.waived:
            raise broken(
                "nothing-to-assess", "8.A(1)", "没有可核定的滞纳金", "there is no late fee to assess", "amount_fen"
            )
        most = at.numbers.fraction("late_fee.cap") * bill.principal_fen
        if bill.late_fee_fen + amount > most:
            room = yuan(max(most.numerator // most.denominator - bill.late_fee_fen, 0))
            zh, en = (
                f"滞纳金超过本金比例上限，至多还可核定{room}元",
                f"more than the cap allows: CNY {room} more at most",
            )
            at.require_evidence(broken("late-fee-cap", "合同编通则解释65", zh, en, "amount_fen"))
        if left is not None and amount > left:
            zh, en = (
                f"滞纳金超过已产生而未核定的{yuan(left)}元",
                f"more than has accrued and is not assessed, CNY {yuan(left)}",
            )
            at.require_evidence(broken("more-than-accrued", "民法典585", zh, en, "amount_fen"))
        yield LateFeeAssessed(amount_fen=amount, until=until, limited=self.amount_fen is not None)
        if bill.state == PAID and bill.outstanding_fen + amount > 0:
            yield BillReopened()


@command
class AssessForNotice(Command):
    """随催款通知核定滞纳金 · Assess the late fee that a dunning notice claims."""

    amount_fen: int
    until: date
    noticed_by: str

    def decide(self, _bill: Bill, _at: Moment) -> Iterator[Event]:
        """The notice has reckoned it: all that has accrued by its day and was not assessed before (§8.A)."""
        yield self.to_event(LateFeeAssessed)


@command
class WaiveLateFee(Command):
    """减免滞纳金 · Waive a late fee."""

    amount_fen: int
    reason: str

    @staticmethod
    def ready(bill: Bill, who: Actor) -> Refusal | None:
        """By nobody who assessed any of it (§8.B(4))."""
        return second_person(who, set(bill.assessed_by), "8.B(4)")

    def decide(self, bill: Bill, _at: Moment) -> Iterator[Event]:
        """By the manager, of what was assessed and stands (§8.B(4))."""
        yield from _waived(bill, self.to_event(LateFeeWaived))


@command
class GrantWaiver(Command):
    """优惠减免滞纳金 · Waive a late fee as a concession has it."""

    amount_fen: int
    reason: str
    granted_by: str

    def decide(self, bill: Bill, _at: Moment) -> Iterator[Event]:
        """What was approved in the arrears case, of what was assessed and stands (§8.B(4))."""
        yield from _waived(bill, self.to_event(LateFeeWaived))


def _waived(bill: Bill, waived: LateFeeWaived) -> Iterator[Event]:
    forbid(out_of_range(waived.amount_fen, bill.late_fee_fen - bill.waived_fen, "8.B(4)", "amount_fen"))
    yield waived
    left = bill.outstanding_fen - waived.amount_fen
    if bill.state in OPEN and left <= 0:
        yield BillSettled(overpaid_fen=-left)


@command
class WithdrawWaiver(Command):
    """撤回滞纳金减免 · Withdraw the waiver of a late fee."""

    waiver: int
    reason: str

    @staticmethod
    def ready(bill: Bill, who: Actor) -> Refusal | None:
        """Something must have been waived, and somebody else must have waived it."""
        if not bill.waivers:
            return broken("nothing-waived", "8.B(4)", "没有可撤回的减免", "there is no waiver to withdraw")
        gave = {relief.given_by for relief in bill.waivers.values()}
        return second_person(who, gave, "8.B(4)") if len(gave) == 1 else None

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """By a second person, with the reason: it is as if it had never been; both facts stay in the book (§8.B(4))."""
        forbid(blank(self.reason, "reason", "8.B(4)", "请写明撤回理由", "say why"))
        found = bill.waivers.get(self.waiver)
        if found is None:
            listed = "、".join(str(number) for number in bill.waivers)
            zh, en = f"没有这笔减免，可撤回的为第{listed}笔", f"there is no such waiver; those that stand: {listed}"
            raise broken("waiver-unknown", "8.B(4)", zh, en, "waiver")
        forbid(second_person(at.who, {found.given_by}, "8.B(4)", "waiver"))
        yield self.to_event(LateFeeWaiverWithdrawn, amount_fen=found.amount_fen)
        if bill.state == PAID and bill.outstanding_fen + min(found.amount_fen, bill.waived_fen) > 0:
            yield BillReopened(resumes=True)


@command
class HoldLateFee(Command):
    """停计滞纳金 · Let the late fee stand still."""

    since: date | None = None
    until: date | None = None
    ground: HoldGround | None = None
    reason: str | None = None

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """From the day on which the debt was disputed or a hardship granted (§8.B(4), §8.B(5)).

        The arrears case holds from its own day on; a manager says from when, until when (both included) and why.
        """
        since, ground = self.since or at.today, self.ground
        if at.role is not Role.POLICY:
            ground = self._ground()
            forbid(day_ahead(since, "8.B(5)", at, "since"))
            if self.until is not None:
                forbid(backwards(since, self.until, "8.B(5)", "until"))
        if bill.open_hold(ground) is None:
            yield LateFeeHeld(since=since, until=self.until, ground=ground, reason=self.reason)
        elif at.role is not Role.POLICY:
            raise broken("held-already", "8.B(5)", "已因同一理由停计", "it stands still on this ground", "ground")

    def _ground(self) -> HoldGround:
        if self.ground is None:
            raise missing("ground", "8.B(5)", "请写明停计理由类别", "say on which ground")
        forbid(blank(self.reason, "reason", "8.B(5)", "请写明停计理由", "say why"))
        return self.ground


@command
class EndLateFeeHold(Command):
    """恢复计算滞纳金 · Let the late fee run again."""

    ground: HoldGround | None = None
    until: date | None = None

    def decide(self, bill: Bill, at: Moment) -> Iterator[Event]:
        """From the day after the dispute or the concession ended."""
        place = bill.open_hold(self.ground)
        if place is None:
            if at.role is not Role.POLICY:
                raise broken(
                    "not-held", "8.B(5)", "滞纳金未因此停计", "it does not stand still on this ground", "ground"
                )
            return
        until = self.until or at.today
        if at.role is not Role.POLICY:
            forbid(day_ahead(until, "8.B(5)", at, "until"))
            forbid(backwards(bill.holds[place][0], until, "8.B(5)", "until"))
        yield LateFeeHoldEnded(until=until, ground=self.ground)
