"""The reckoning of a household's account 住户账重算 (§7, 民法典560, 561, 585): a function of the entries and the terms alone.

Every entry acts on its own day, whenever it was entered; nothing is remembered from an earlier reckoning. So a payment
entered late, a correction from its day, a waiver of what was paid, a reversal and a changed rate all lead to what a fresh
computation gives. Within a day: bills, corrections, costs, assessments, waivers, payments by number, refunds, set-off,
write-offs. No fen appears or disappears: payments = moves + refunds + what is prepaid.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from domain.fees.terms import AllocationRule, AssessedFee, BillReckoning, Entry, EntryKind, FeeTerms, Move, PartOrder
from domain.kernel.late_fee import DAY, Hold, LateFee, Movement
from domain.kernel.money import Debt, Fen, Part, allocate

__all__ = ["PREPAID", "Account", "KeptBill", "reckon"]

PREPAID: Final = "prepaid"
"""The source of moves that set a prepayment off."""
_RANK: Final = {kind: place for place, kind in enumerate(EntryKind)}
_PARTS: Final[tuple[Part, ...]] = ("costs", "penalty", "principal")


@dataclass(slots=True)
class KeptBill:
    """One bill of the account, as far as it is reckoned (fen)."""

    id: str
    issued_on: date
    due_on: date
    charged: list[Movement]
    costs: Fen = 0
    assessed: dict[str, Fen] = field(default_factory=dict)
    waived: Fen = 0
    moves: list[Move] = field(default_factory=list)
    holds: tuple[Hold, ...] = ()
    written_off: dict[Part, Fen] | None = None
    written_off_on: date | None = None

    @property
    def principal(self) -> Fen:
        """What was billed, with its corrections."""
        return sum(movement.charged for movement in self.charged)

    @property
    def movements(self) -> list[Movement]:
        """What changed the outstanding principal, and on which value date."""
        paid = [Movement(m.day, paid=m.principal_fen) for m in self.moves if m.rule is not AllocationRule.RECOVERED]
        return [*self.charged, *paid]

    def met(self, *, recovered: bool = False) -> dict[Part, Fen]:
        """What was paid of each part, before a write-off or (``recovered``) after it."""
        mine = [move for move in self.moves if (move.rule is AllocationRule.RECOVERED) is recovered]
        return {
            "costs": sum(move.costs_fen for move in mine),
            "penalty": sum(move.penalty_fen for move in mine),
            "principal": sum(move.principal_fen for move in mine),
        }

    def balance(self) -> dict[Part, Fen]:
        """What is asked for less what was paid, of each part; negative where more was paid than is asked for."""
        asked: dict[Part, Fen] = {
            "costs": self.costs,
            "penalty": sum(self.assessed.values()) - self.waived,
            "principal": self.principal,
        }
        met = self.met()
        return {part: asked[part] - met[part] for part in _PARTS}

    @property
    def owed(self) -> dict[Part, Fen]:
        """What is still owed of each part; nothing of what was given up."""
        if self.written_off is not None:
            return dict.fromkeys(_PARTS, 0)
        return {part: max(left, 0) for part, left in self.balance().items()}

    @property
    def recoverable(self) -> dict[Part, Fen]:
        """What of a write-off was not recovered."""
        if self.written_off is None:
            return dict.fromkeys(_PARTS, 0)
        back = self.met(recovered=True)
        return {part: max(self.written_off[part] - back[part], 0) for part in _PARTS}

    def fee(self, terms: FeeTerms, until: date) -> LateFee:
        """The late fee that it has accrued by the end of a day, with its steps; a debt that is given up bears none."""
        given_up = () if self.written_off_on is None else ((self.written_off_on + DAY, None),)
        return terms.fee(self.movements, self.due_on, until, (*self.holds, *given_up))

    @property
    def figures(self) -> BillReckoning:
        """What is told to the bill."""
        assessed = tuple(AssessedFee(source=source, amount_fen=fen) for source, fen in sorted(self.assessed.items()))
        return BillReckoning(bill=self.id, waived_fen=self.waived, assessed=assessed, moves=tuple(self.moves))


@dataclass(slots=True)
class Account:
    """A household's account after its entries. ``prepaid`` below zero: more was refunded than is there."""

    bills: dict[str, KeptBill] = field(default_factory=dict)
    prepaid: Fen = 0
    refunded: Fen = 0

    def free(self, bill: KeptBill, day: date, source: str, terms: FeeTerms) -> None:
        """Money that met what is no longer asked for is free on this day: rest of that bill, other bills, prepayment.

        Of a bill that was given up, what is taken off lowers the loss first. What was paid beyond it is free all the same,
        what came last before the rest; it meets the loss of that bill no more than other money does of which nobody said so.
        """
        lost = bill.written_off is not None
        back = bill.met(recovered=True)
        over = {part: -min(left - back[part], 0) for part, left in bill.balance().items()}
        if not any(over.values()):
            return
        last = {part: min(fen, back[part]) for part, fen in over.items()}
        for rule, freed in (
            (AllocationRule.RECOVERED, last),
            (AllocationRule.FREED, {part: over[part] - last[part] for part in _PARTS}),
        ):
            if any(freed.values()):
                bill.moves.append(_move(day, source, rule, {part: -fen for part, fen in freed.items()}))
        self.spend(sum(over.values()), day, source, terms, () if lost else (bill.id,))

    def spend(
        self,
        money: Fen,
        day: date,
        source: str,
        terms: FeeTerms,
        names: tuple[str, ...] = (),
        order: PartOrder | None = None,
    ) -> None:
        """Money goes where the law says; what is over is prepaid."""
        named = [name for name in dict.fromkeys(names) if name in self.bills]
        debts, given_up = {}, set()
        for bill in self.bills.values():
            lost = bill.written_off is not None and bill.id in named
            owed = bill.recoverable if lost else bill.owed
            if any(owed.values()):
                debts[bill.id] = Debt(bill.id, bill.due_on, owed["principal"], owed["penalty"], owed["costs"])
                if lost:
                    given_up.add(bill.id)
        named = [name for name in named if name in debts]
        spent = allocate(money, debts.values(), named, terms.parts(day, order))
        shares: dict[str, dict[Part, Fen]] = {}
        for each in spent.allocations:
            shares.setdefault(each.debt, {})[each.part] = each.amount
        due = [debt.due for debt in debts.values() if debt.id not in named]
        for id, parts in shares.items():
            rule = AllocationRule.PROPORTION if due.count(debts[id].due) > 1 else AllocationRule.DUE_FIRST
            rule = AllocationRule.NAMED if id in named else rule
            rule = AllocationRule.RECOVERED if id in given_up else rule
            self.bills[id].moves.append(_move(day, source, rule, parts))
        self.prepaid += spent.prepayment

    def set_off(self, day: date, terms: FeeTerms) -> None:
        """A prepayment is set off on the day on which something is owed, as money of which nothing was said."""
        if self.prepaid > 0 and any(any(bill.owed.values()) for bill in self.bills.values()):
            money, self.prepaid = self.prepaid, 0
            self.spend(money, day, PREPAID, terms)


def _move(day: date, source: str, rule: AllocationRule, parts: dict[Part, Fen]) -> Move:
    return Move(
        day=day,
        source=source,
        rule=rule,
        costs_fen=parts.get("costs", 0),
        penalty_fen=parts.get("penalty", 0),
        principal_fen=parts.get("principal", 0),
    )


def reckon(entries: Iterable[Entry], terms: FeeTerms, until: date = date.max) -> Account:
    """The account at the end of a local date, with everything that is known: entries of later days do not count.

    A reversed payment and a voided bill are as if they had never been, on every day.
    """
    listed = tuple(entries)
    undone = {entry.of for entry in listed if entry.kind in (EntryKind.REVERSAL, EntryKind.VOID)}
    holds = _holds(listed)
    account = Account()
    acting = [
        entry
        for entry in listed
        if _RANK[entry.kind] <= _RANK[EntryKind.WRITE_OFF]
        and entry.day <= until
        and not {entry.source, entry.bill} & undone
    ]
    acting.sort(key=lambda entry: (entry.day, _RANK[entry.kind], *_number(entry.source)))
    for place, entry in enumerate(acting):
        _act(account, entry, terms, holds)
        following = acting[place + 1] if place + 1 < len(acting) else None
        if _set_off_comes(entry, following):
            account.set_off(entry.day, terms)
    return account


def _number(source: str) -> tuple[str, int, str]:
    """The order of one kind's entries of one day: by case, and within a case by the place of the fact, its tenth after its ninth."""
    case, _, place = source.partition("#")
    return (case, int(place), "") if place.isdecimal() else (case, sys.maxsize, place) if place else (case, 0, "")


def _set_off_comes(entry: Entry, following: Entry | None) -> bool:
    """Whether a day's set-off stands between two entries: after its refunds, before its write-offs."""
    if following is None or following.day != entry.day:
        return _RANK[entry.kind] < _RANK[EntryKind.WRITE_OFF]
    return _RANK[entry.kind] < _RANK[EntryKind.WRITE_OFF] <= _RANK[following.kind]


def _holds(entries: Iterable[Entry]) -> dict[str, tuple[Hold, ...]]:
    """Bill → the days on which its late fee stands still."""
    ends = {entry.of: entry.day for entry in entries if entry.kind is EntryKind.HOLD_END}
    found: dict[str, tuple[Hold, ...]] = {}
    for entry in entries:
        if entry.kind is EntryKind.HOLD and entry.bill is not None:
            last = ends.get(entry.source, entry.until)
            found[entry.bill] = (*found.get(entry.bill, ()), (entry.day, last))
    return found


def _act(account: Account, entry: Entry, terms: FeeTerms, holds: dict[str, tuple[Hold, ...]]) -> None:
    day, fen = entry.day, entry.amount_fen
    if entry.kind is EntryKind.PAYMENT:
        account.spend(fen, day, entry.source, terms, entry.names, entry.order)
    elif entry.kind is EntryKind.REFUND:
        account.prepaid -= fen
        account.refunded += fen
    elif entry.kind is EntryKind.BILL and entry.bill is not None:
        charged = [Movement(day, charged=fen)]
        due, held = entry.due_on or day, holds.get(entry.bill, ())
        account.bills[entry.bill] = KeptBill(entry.bill, day, due, charged, holds=held)
    elif entry.bill is not None and entry.bill in account.bills:
        _on_bill(account, account.bills[entry.bill], entry, terms)


def _on_bill(account: Account, bill: KeptBill, entry: Entry, terms: FeeTerms) -> None:
    day, fen = entry.day, entry.amount_fen
    match entry.kind:
        case EntryKind.CORRECTION:
            bill.charged.append(Movement(day, charged=fen))
            if bill.written_off is not None:
                bill.written_off["principal"] = max(bill.written_off["principal"] + fen, 0)
            account.free(bill, day, entry.source, terms)
        case EntryKind.COST:
            bill.costs += fen
        case EntryKind.ASSESSMENT:
            left = bill.fee(terms, entry.until or day).fen - sum(bill.assessed.values())
            bill.assessed[entry.source] = max(min(left, fen) if entry.limited else left, 0)
        case EntryKind.WAIVER:
            bill.waived += min(fen, sum(bill.assessed.values()) - bill.waived)
            account.free(bill, day, entry.source, terms)
        case EntryKind.WRITE_OFF if bill.written_off is None:
            bill.written_off, bill.written_off_on = bill.owed, day
        case _:
            return
