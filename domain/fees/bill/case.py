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
    BillReckoned,
    BillReopened,
    BillSettled,
    BillStepNoted,
    BillWrittenOff,
    CreditTakenOver,
    LateFeeAdjusted,
    LateFeeAssessed,
    LateFeeHeld,
    LateFeeHoldEnded,
    LateFeeWaived,
    LateFeeWaiverWithdrawn,
    OverpaymentRefunded,
    Payment,
    PaymentReceived,
    PaymentReversed,
    Relief,
)
from domain.fees.terms import AllocationRule, HoldGround, Move
from domain.kernel.calendar import end_of_day, local_date
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Event, Fact
from domain.kernel.late_fee import DAY, Hold, Movement
from domain.kernel.money import ORDER, Fen, Part
from domain.kernel.people import Role
from domain.kernel.rules import broken

ISSUED, PART_PAID, PAID, VOID, WRITTEN_OFF = "issued", "part-paid", "paid", "void", "written-off"
OPEN = (ISSUED, PART_PAID)
"""The states in which something may still be owed."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What another system says of its bill 原系统所述: its own words, where it has any."""

    months_late: int | None = None
    days_late: int | None = None
    disputed: bool = False


@dataclass(slots=True, kw_only=True)
class Bill(Case):
    """One bill. ``owed_fen`` is what was asked for in all, ``outstanding_fen`` what is left (negative: overpaid).

    ``moves`` is the money that met it: by its own payments as they come, and by the household's account as that reckons.
    """

    CORRECTS = ("home",)

    household: str | None = None
    home: str | None = None
    period: str | None = None
    lines: tuple[BillLine, ...] = ()
    issued_by: str = ""
    due_on: date | None = None
    named_due_on: date | None = None
    original_fen: int = 0
    corrections_fen: int = 0
    corrections: list[Movement] = field(default_factory=list)
    corrected_by_hand: bool = False
    charges_fen: int = 0
    charges: list[Movement] = field(default_factory=list)
    late_fee_fen: int = 0
    waived_fen: int = 0
    paid_fen: int = 0
    moves: list[Move] = field(default_factory=list)
    refunds: list[Movement] = field(default_factory=list)
    refund_methods: list[str] = field(default_factory=list)
    reliefs: list[Relief] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    assessed: dict[int, int] = field(default_factory=dict)
    """Assessment (the version of its fact) → what it comes to by all facts (fen)."""
    assessed_on: dict[int, date] = field(default_factory=dict)
    waived_on: date | None = None
    receipts: tuple[str, ...] = ()
    assessed_by: set[str] = field(default_factory=set)
    late_fee_at: datetime | None = None
    late_fee_no: int | None = None
    holds: list[Hold] = field(default_factory=list)
    hold_grounds: list[HoldGround | None] = field(default_factory=list)
    hold_places: list[int] = field(default_factory=list)
    overdue_at: datetime | None = None
    reopened_at: datetime | None = None
    paid_off_at: datetime | None = None
    written_off_on: date | None = None
    stated: Stated = Stated()

    def why_it_stands(self) -> Refusal | None:
        """What was paid on it is reversed first; what the account set off against it is free again."""
        if self.standing:
            return broken("paid-already", "7", "已有收款，须先冲正", "reverse what was paid first")
        return None

    def why_the_step_stands(self, said: Event) -> Refusal | None:
        """Money that was taken or given back, and whatever a household's account was told, has a way of its own back."""
        if self.household is None and not isinstance(said, PaymentReceived | PaymentReversed | OverpaymentRefunded):
            return None
        zh = "入账的更正、减免、收款和退款另行冲正，不按误登撤销"
        return broken("money-moved", "7", zh, "what stands in an account goes back by an entry of its own")

    @property
    def owed_fen(self) -> int:
        """Principal with corrections, charges and late fee less what was waived."""
        return self.principal_fen + self.charges_fen + self.late_fee_fen - self.waived_fen

    @property
    def principal_fen(self) -> int:
        """What was billed, with its corrections."""
        return self.original_fen + self.corrections_fen

    @property
    def principal_paid_fen(self) -> int:
        """What of it met the principal, or went beyond everything that was owed."""
        return sum(move.principal_fen for move in self.moves)

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
        costs = self.charges_fen - sum(move.costs_fen for move in self.moves)
        costs = min(max(costs, 0), rest)
        penalty = self.late_fee_fen - self.waived_fen - sum(move.penalty_fen for move in self.moves)
        penalty = min(max(penalty, 0), rest - costs)
        return {"costs": costs, "penalty": penalty, "principal": rest - costs - penalty}

    @property
    def given_up(self) -> dict[Part, Fen]:
        """What was written off of each part: what was owed then; money that came afterwards is a recovery."""
        before = [move for move in self.moves if move.rule is not AllocationRule.RECOVERED]
        return {
            "costs": max(self.charges_fen - sum(move.costs_fen for move in before), 0),
            "penalty": max(self.late_fee_fen - self.waived_fen - sum(move.penalty_fen for move in before), 0),
            "principal": max(self.principal_fen - sum(move.principal_fen for move in before), 0),
        }

    @property
    def waivers(self) -> dict[int, Relief]:
        """The waivers of its late fee that stand, by number."""
        return {relief.number: relief for relief in self.reliefs if not relief.written_off}

    @property
    def movements(self) -> list[Movement]:
        """What changed the principal, and on which value date: what a late fee is reckoned from."""
        assert self.opened_at is not None
        billed = Movement(local_date(self.opened_at), charged=self.original_fen)
        paid = [
            Movement(move.day, paid=move.principal_fen)
            for move in self.moves
            if move.rule is not AllocationRule.RECOVERED and move.principal_fen
        ]
        return [billed, *self.corrections, *paid]

    @property
    def still(self) -> tuple[Hold, ...]:
        """When its late fee stands still: while it is held, and for ever once the debt is given up."""
        given_up = () if self.written_off_on is None else ((self.written_off_on + DAY, None),)
        return (*self.holds, *given_up)

    @property
    def held(self) -> bool:
        """Whether its late fee stands still."""
        return any(last is None for _, last in self.holds)

    def open_hold(self, ground: HoldGround | None) -> int | None:
        """The place of the hold on this ground that lasts, if there is one; None is the arrears case's own."""
        places = enumerate(zip(self.holds, self.hold_grounds, strict=True))
        return next((n for n, ((_, last), why) in places if last is None and why is ground), None)

    @property
    def overdue_from(self) -> datetime | None:
        """When the bill becomes overdue, unless it has or nothing is owed; what was paid and is owed again, not before it is."""
        if self.due_on is None or self.overdue_at is not None or self.outstanding_fen <= 0:
            return None
        return end_of_day(self.due_on) if self.reopened_at is None else max(end_of_day(self.due_on), self.reopened_at)

    @property
    def days_late(self) -> int | None:
        """By how many days after its due day the last of it was paid; 0 in time, None while something is owed or no due day is known."""
        came = [move.day for move in self.moves if move.total_fen > 0]
        if self.due_on is None or self.outstanding_fen > 0 or not came:
            return None
        return max((max(came) - self.due_on).days, 0)

    @property
    def claims(self) -> tuple[str, ...]:
        """What it holds alone: the household's month, and each thing that it charges."""
        month = f"bill-of:{self.household}:{self.period}" if self.household and self.period else None
        charges = dict.fromkeys(f"charge:{line.charge}" for line in self.lines if line.charge)
        return (*((month,) if month else ()), *charges)


def met_by(bill: Bill, amount: Fen, order: Sequence[Part] = ORDER) -> dict[Part, Fen]:
    """What of a payment meets which part of the bill 冲抵 (民法典561); what is over counts with the principal."""
    met: dict[Part, Fen] = {}
    left, rest = bill.left, amount
    for part in order:
        met[part] = max(min(rest, left[part]), 0)
        rest -= met[part]
    return {**met, "principal": met["principal"] + rest}


def source_of(bill: str, version: int) -> str:
    """What an entry of the household's account calls a fact of a bill."""
    return f"{bill}#{version}"


def evolve(bill: Bill, fact: Fact) -> None:
    """Fold one fact into the bill."""
    match fact.event:
        case BillIssued() as e:
            bill.household, bill.home, bill.period, bill.due_on = e.household, e.home, e.period, e.due_on
            bill.lines, bill.issued_by, bill.named_due_on = e.lines, fact.user_id, e.named_due_on
            bill.original_fen = sum(line.amount_fen for line in e.lines)
        case BillCharged() as e:
            bill.charges_fen += e.amount_fen
            bill.charges.append(Movement(local_date(fact.occurred_at), charged=e.amount_fen))
        case BillCorrected() as e:
            bill.corrections_fen += e.amount_fen
            bill.corrected_by_hand |= fact.role is not Role.POLICY
            day = e.effective_on or local_date(fact.occurred_at)
            bill.corrections.append(Movement(day, charged=e.amount_fen))
        case CreditTakenOver() as e:
            bill.household, bill.home, bill.period, bill.issued_by = e.household, e.home, e.period, fact.user_id
            bill.lines = (BillLine(item=e.item, amount_fen=-e.amount_fen),)
            bill.original_fen = -e.amount_fen
        case BillStepNoted() as e:
            bill.due_on = e.due_on or bill.due_on
            bill.stated = _stated(bill.stated, e)
        case BillSettled():
            bill.paid_off_at = bill.paid_off_at or fact.occurred_at
        case BillReopened():
            bill.paid_off_at, bill.reopened_at = None, fact.occurred_at
        case BillOverdue():
            bill.overdue_at = fact.occurred_at
        case BillWrittenOff():
            bill.written_off_on = local_date(fact.occurred_at)
            bill.reliefs.append(_relief(fact, sum(bill.given_up.values()), written_off=True))
        case _:
            _of_late_fee(bill, fact)
            _take_money(bill, fact)


def _of_late_fee(bill: Bill, fact: Fact) -> None:
    match fact.event:
        case LateFeeAssessed() as e:
            bill.late_fee_fen += e.amount_fen
            bill.assessed[fact.version] = e.amount_fen
            bill.assessed_on[fact.version] = local_date(fact.occurred_at)
            bill.assessed_by.add(e.noticed_by or fact.user_id)
            if bill.late_fee_no is None:
                bill.late_fee_at, bill.late_fee_no = fact.occurred_at, fact.version
        case LateFeeAdjusted() as e:
            bill.late_fee_fen += e.amount_fen
            bill.assessed[e.assessment] = e.assessed_fen + e.amount_fen
        case LateFeeWaived() as e:
            bill.waived_fen += e.amount_fen
            bill.waived_on = local_date(fact.occurred_at)
            bill.reliefs.append(_relief(fact, e.amount_fen, given_by=e.granted_by))
        case LateFeeWaiverWithdrawn() as e:
            bill.waived_fen = max(bill.waived_fen - e.amount_fen, 0)
            bill.reliefs = [relief for relief in bill.reliefs if relief.number != e.waiver]
        case LateFeeHeld() as e:
            bill.holds.append((e.since, e.until))
            bill.hold_grounds.append(e.ground)
            bill.hold_places.append(fact.version)
        case LateFeeHoldEnded() as e:
            place = bill.open_hold(e.ground)
            if place is not None:
                bill.holds[place] = (bill.holds[place][0], e.until)


def _stated(before: Stated, said: BillStepNoted) -> Stated:
    return Stated(
        months_late=said.months_late if said.months_late is not None else before.months_late,
        days_late=said.days_late if said.days_late is not None else before.days_late,
        disputed=said.disputed if said.disputed is not None else before.disputed,
    )


def _relief(fact: Fact, amount: Fen, *, given_by: str | None = None, written_off: bool = False) -> Relief:
    return Relief(
        number=fact.version,
        day=local_date(fact.occurred_at),
        written_off=written_off,
        amount_fen=amount,
        given_by=given_by or fact.user_id,
    )


def _take_money(bill: Bill, fact: Fact) -> None:
    match fact.event:
        case PaymentReceived() as e:
            # Facts of before did not say what they met: it was the order of the law.
            met = met_by(bill, e.amount_fen) if e.costs_fen is None else {}
            costs, penalty = e.costs_fen or met.get("costs", 0), e.penalty_fen or met.get("penalty", 0)
            bill.payments.append(
                Payment(
                    fact.version,
                    e.amount_fen,
                    fact.user_id,
                    e.value_date,
                    costs,
                    penalty,
                    method=e.method,
                    imported=fact.imported,
                )
            )
            bill.moves.append(
                Move(
                    day=e.value_date,
                    source=source_of(bill.id, fact.version),
                    rule=AllocationRule.NAMED,
                    costs_fen=costs,
                    penalty_fen=penalty,
                    principal_fen=e.amount_fen - costs - penalty,
                )
            )
            _note_receipt(bill, e.receipt)
        case PaymentReversed() as e:
            for payment in bill.payments:
                if payment.number == e.payment:
                    payment.reversed = True
            bill.moves = [move for move in bill.moves if move.source != source_of(bill.id, e.payment)]
        case OverpaymentRefunded() as e:
            day = local_date(fact.occurred_at)
            bill.refunds.append(Movement(day, paid=-e.amount_fen))
            bill.refund_methods.append(e.method)
            source = source_of(bill.id, fact.version)
            bill.moves.append(Move(day=day, source=source, rule=AllocationRule.NAMED, principal_fen=-e.amount_fen))
            _note_receipt(bill, e.receipt)
        case BillReckoned() as e:
            bill.waived_fen, bill.moves = e.waived_fen, list(e.moves)
        case _:
            return
    bill.paid_fen = sum(move.total_fen for move in bill.moves)


def _note_receipt(bill: Bill, number: str | None) -> None:
    if number is not None:
        bill.receipts = (*bill.receipts, number)
