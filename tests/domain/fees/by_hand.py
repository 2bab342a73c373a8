"""A household's account reckoned by hand: a loop over the days that knows nothing of spans, movements or edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from domain.fees.terms import Entry, EntryKind

__all__ = ["Sheet", "by_hand"]

PARTS = ("costs", "penalty", "principal")


@dataclass
class Sheet:
    """One bill as a clerk keeps it on a sheet of paper."""

    issued: date
    due: date
    charged: int = 0
    costs: int = 0
    fee: Fraction = Fraction(0)
    assessed: int = 0
    waived: int = 0
    paid: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    lost: dict[str, int] | None = None
    back: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))

    def accrued(self, cap: Fraction) -> int:
        """Half up, once, at most the cap's whole fen."""
        whole = int(self.fee + Fraction(1, 2))
        return min(whole, int(cap * max(self.charged, 0)))

    def open(self) -> dict[str, int]:
        """What is asked for and not paid; negative where more was paid."""
        asked = {"costs": self.costs, "penalty": self.assessed - self.waived, "principal": self.charged}
        return {part: asked[part] - self.paid[part] for part in PARTS}

    def owed(self, *, lost: bool = False) -> dict[str, int]:
        """What may be paid; of what was given up only where the payer names it."""
        if self.lost is None:
            return {part: max(left, 0) for part, left in self.open().items()}
        return {part: max(self.lost[part] - self.back[part], 0) if lost else 0 for part in PARTS}


def by_hand(
    entries: Iterable[Entry], rates: dict[date, Fraction], grace: int, cap: Fraction, until: date
) -> tuple[dict[str, Sheet], int]:
    """The sheets of all bills and what is prepaid, at the end of a day."""
    listed = list(entries)
    undone = {e.of for e in listed if e.kind in (EntryKind.REVERSAL, EntryKind.VOID)}
    valid = [e for e in listed if e.source not in undone and e.bill not in undone]
    agenda: dict[date, list[Entry]] = defaultdict(list)
    for entry in valid:
        agenda[entry.day].append(entry)
    sheets: dict[str, Sheet] = {}
    money = 0
    for day in _days(min(agenda, default=until), until):
        for id, sheet in sheets.items():
            if day > sheet.due + timedelta(days=grace) and not _held(valid, id, day) and sheet.lost is None:
                rate = next((rates[since] for since in sorted(rates, reverse=True) if since <= day), Fraction(0))
                sheet.fee += rate * max(sheet.charged - sheet.paid["principal"], 0)
        money = _day(sheets, sorted(agenda[day], key=lambda e: e.source), day, money, cap)
    return sheets, money


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _held(entries: list[Entry], bill: str, day: date) -> bool:
    for hold in entries:
        if hold.kind is EntryKind.HOLD and hold.bill == bill and hold.day <= day:
            ended = [e.day for e in entries if e.kind is EntryKind.HOLD_END and e.of == hold.source]
            last = ended[0] if ended else hold.until
            if last is None or day <= last:
                return True
    return False


def _day(sheets: dict[str, Sheet], today: list[Entry], day: date, money: int, cap: Fraction) -> int:
    def of(kind: EntryKind) -> list[Entry]:
        return [e for e in today if e.kind is kind and (e.bill is None or kind is EntryKind.BILL or e.bill in sheets)]

    for e in of(EntryKind.BILL):
        assert e.bill is not None
        assert e.due_on is not None
        sheets[e.bill] = Sheet(day, e.due_on, e.amount_fen)
    for e in of(EntryKind.CORRECTION):
        sheet = sheets[str(e.bill)]
        sheet.charged += e.amount_fen
        if sheet.lost is not None:
            sheet.lost["principal"] = max(sheet.lost["principal"] + e.amount_fen, 0)
        money += _free(sheets, str(e.bill))
    for e in of(EntryKind.COST):
        sheets[str(e.bill)].costs += e.amount_fen
    for e in of(EntryKind.ASSESSMENT):
        sheet = sheets[str(e.bill)]
        more = max(sheet.accrued(cap) - sheet.assessed, 0)
        sheet.assessed += min(more, e.amount_fen) if e.limited else more
    for e in of(EntryKind.WAIVER):
        sheet = sheets[str(e.bill)]
        sheet.waived += min(e.amount_fen, sheet.assessed - sheet.waived)
        money += _free(sheets, str(e.bill))
    for e in of(EntryKind.PAYMENT):
        money += _pay(sheets, e.amount_fen, list(e.names))
    for e in of(EntryKind.REFUND):
        money -= e.amount_fen
    if money > 0:
        money = _pay(sheets, money, [])
    for e in of(EntryKind.WRITE_OFF):
        sheet = sheets[str(e.bill)]
        sheet.lost = sheet.lost or sheet.owed()
    return money


def _free(sheets: dict[str, Sheet], id: str) -> int:
    sheet = sheets[id]
    if sheet.lost is not None:
        return _beyond_the_loss(sheets, sheet)
    over = {part: max(-left, 0) for part, left in sheet.open().items()}
    for part in PARTS:
        sheet.paid[part] -= over[part]
    return _pay(sheets, sum(over.values()), [id]) if sum(over.values()) else 0


def _beyond_the_loss(sheets: dict[str, Sheet], sheet: Sheet) -> int:
    """What was paid on a bill that was given up, and is more than all that it now asks for: the last money goes first."""
    over = {part: max(sheet.back[part] - left, 0) for part, left in sheet.open().items()}
    for part in PARTS:
        last = min(over[part], sheet.back[part])
        sheet.back[part] -= last
        sheet.paid[part] -= over[part] - last
    return _pay(sheets, sum(over.values()), []) if sum(over.values()) else 0


def _pay(sheets: dict[str, Sheet], money: int, names: list[str]) -> int:
    """Named ones one after the other, then day by day what fell due, in proportion; returns what is over."""
    for name in dict.fromkeys(names):
        if name in sheets:
            money -= _meet(sheets[name], money, lost=True)
    rest = {id: sheet for id, sheet in sheets.items() if id not in names}
    for due in sorted({sheet.due for sheet in rest.values()}):
        owed = {id: sum(sheet.owed().values()) for id, sheet in rest.items() if sheet.due == due}
        total = sum(owed.values())
        if not total:
            continue
        give = min(money, total)
        parts = {id: Fraction(give * each, total) for id, each in owed.items()}
        whole = {id: int(part) for id, part in parts.items()}
        by_rest = sorted(parts, key=lambda who: (whole[who] - parts[who], who))
        for id in by_rest[: give - sum(whole.values())]:
            whole[id] += 1
        for id, fen in whole.items():
            money -= _meet(rest[id], fen)
    return money


def _meet(sheet: Sheet, money: int, *, lost: bool = False) -> int:
    spent = 0
    owed, book = sheet.owed(lost=lost), sheet.paid if sheet.lost is None else sheet.back
    for part in PARTS:
        fen = min(owed[part], money - spent)
        book[part] += fen
        spent += fen
    return spent
