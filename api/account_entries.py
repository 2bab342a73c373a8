"""Entries of a household's account 账目 (§7) with what each asked for and paid by all that is known, and the balance. In fen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from domain.fees.account import HouseholdAccount
from domain.fees.reckoning import Account
from domain.fees.terms import Entry, EntryKind, FeeTerms
from domain.kernel.calendar import DAY

__all__ = ["Ledger", "Posted", "ledger_of"]

_ASKED: Final = frozenset({EntryKind.BILL, EntryKind.CORRECTION, EntryKind.COST})
_UNDO: Final = frozenset({EntryKind.REVERSAL, EntryKind.VOID})


@dataclass(frozen=True, slots=True)
class Posted:
    """One entry: what it asked for and what it paid; by which entry it was undone; the balance where it ends its day."""

    entry: Entry
    asked: int
    paid: int
    undone: Entry | None
    balance: int | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The entries of a period, with the balance before and after; a balance below nothing is prepaid."""

    opening: int
    rows: tuple[Posted, ...]
    closing: int


def ledger_of(account: HouseholdAccount | None, kept: Account, terms: FeeTerms, since: date, on: date) -> Ledger:
    """The entries from ``since`` to ``on``; ``kept`` is the account reckoned at the end of ``on``."""
    if account is None:
        return Ledger(0, (), 0)
    entries = sorted(account.entries, key=lambda entry: entry.day)
    undone = {entry.of: entry for entry in entries if entry.kind in _UNDO}
    waived = {bill.id: bill.waived for bill in kept.bills.values()}
    rows: list[Posted] = []
    for entry in entries:
        if entry.day > on or entry.kind in _UNDO:
            continue
        by = undone.get(entry.source) or (undone.get(entry.bill) if entry.bill is not None else None)
        asked, paid = (0, 0) if by is not None else _amounts(kept, entry, waived)
        if entry.day >= since:
            rows.append(Posted(entry, asked, paid, by))
    for place, row in enumerate(rows):
        if place + 1 == len(rows) or rows[place + 1].entry.day != row.entry.day:
            rows[place] = replace(row, balance=_balance(account.reckoned(terms, row.entry.day)))
    return Ledger(_balance(account.reckoned(terms, since - DAY)), tuple(rows), _balance(kept))


def _balance(kept: Account) -> int:
    """What is owed, less what is prepaid."""
    return sum(sum(bill.owed.values()) for bill in kept.bills.values()) - kept.prepaid


def _amounts(kept: Account, entry: Entry, waived: dict[str, int]) -> tuple[int, int]:
    """What an entry asked for and what it paid, by all that is known."""
    bill = kept.bills.get(entry.bill or "")
    if entry.kind in _ASKED:
        return entry.amount_fen, 0
    if entry.kind is EntryKind.PAYMENT:
        return 0, entry.amount_fen
    if entry.kind is EntryKind.REFUND:
        return 0, -entry.amount_fen
    if bill is None:
        return 0, 0
    if entry.kind is EntryKind.ASSESSMENT:
        return bill.assessed.get(entry.source, 0), 0
    if entry.kind is EntryKind.WAIVER:
        holds = min(entry.amount_fen, waived[bill.id])
        waived[bill.id] -= holds
        return -holds, 0
    if entry.kind is EntryKind.WRITE_OFF and bill.written_off is not None:
        return -sum(bill.written_off.values()), 0
    return 0, 0
