"""What speaks for whom 匹配线索 (§7): the households that a bank line may be of, gathered from the registers for whoever reads.

Names, accounts and what the bank says stand sealed: they are found by the blind index, and opened for whoever may see them;
that is recorded (§9.2). Whoever may not sees what rests on homes and amounts. Amounts are fen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import psycopg

from api.http.context import Reader
from domain.fees.matching import BookedMoney, HouseholdSeen, LineSeen, Proposal, places, proposed
from domain.handbook.settings import Numbers
from domain.kernel.spelling import canonical, unparted
from journal.blind_index import BlindIndex, How, index_purpose

__all__ = ["bank_lines", "proposals_for"]

COLUMNS: Final = (
    "case_id",
    "state",
    "version",
    "statement",
    "row",
    "booked_on",
    "amount_fen",
    "reference",
    "payer",
    "payer_account",
    "narration",
    "household",
    "payment",
    "linked",
    "reason",
    "dealt_with_on",
    "dealt_with_by",
)
_LINES: Final = f"""
select {", ".join(COLUMNS)} from wuye.r_bank_lines
 where office = %(office)s and statement = %(statement)s and to_number is null
   and (%(state)s::text is null or state = %(state)s) and (row, case_id) > (%(row)s, %(case_id)s)
 order by row, case_id limit %(limit)s
"""
_HITS: Final = """
select w.token, f.register, f.case_id, f.field
  from unnest(%(tokens)s::text[]) w(token)
  join wuye.found_by f on f.office = %(office)s and f.register = any(%(registers)s) and f.tokens @> array[w.token]
"""
_CONFIRMED: Final = """
select case_id, household, payer, payer_account from wuye.r_bank_lines
 where office = %s and case_id = any(%s) and to_number is null and household is not null
"""
_FITTING: Final = """
with owed as (
  select household, outstanding_fen, sum(outstanding_fen) over (partition by household) as every from wuye.r_bills
   where office = %(office)s and to_number is null and set_aside is null and state <> 'void' and outstanding_fen > 0
)
select distinct household, amount from owed, lateral (values (outstanding_fen), (every)) v(amount)
 where household is not null and amount = any(%(amounts)s)
"""
_BOOKED_AS: Final = """
select reference, household from wuye.r_payments
 where office = %s and reference = any(%s) and state = 'taken' and bank_line is null and to_number is null
"""
_HOUSEHOLDS: Final = """
select case_id, home, name from wuye.r_households
 where office = %s and case_id = any(%s) and to_number is null and state <> 'erased'
"""
_PERSONS: Final = """
select case_id, name from wuye.r_household_persons where office = %s and case_id = any(%s) and to_number is null
"""
_BILLS: Final = """
select household, outstanding_fen from wuye.r_bills
 where office = %s and household = any(%s) and to_number is null and set_aside is null and state <> 'void'
   and outstanding_fen > 0 order by due_on, case_id
"""
_PAYMENTS: Final = """
select household, case_id, amount_fen, value_date, reference from wuye.r_payments
 where office = %s and household = any(%s) and to_number is null and state = 'taken' and bank_line is null
   and method <> 'cash' order by value_date, case_id
"""
_ALIKE: Final = 5
"""Households that may owe the same amount: of more, the amount tells nothing."""
_DOOR: Final = 3
"""Figures of a door's number by which homes are looked for: 1403, not 2."""


def bank_lines(
    reader: Reader,
    statement: str,
    *,
    state: str | None = None,
    after: tuple[int, str] = (0, ""),
    limit: int = 50,
) -> list[dict[str, Any]]:
    """The lines of a statement in its order, opened for whoever reads."""
    asked = {"office": reader.office, "statement": statement, "state": state, "limit": limit}
    with reader.context.within(reader.office) as connection:
        found = connection.execute(_LINES, {**asked, "row": after[0], "case_id": after[1]}).fetchall()
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in found]
    reader.open(rows, "bank-lines")
    return rows


def proposals_for(reader: Reader, rows: Sequence[dict[str, Any]], numbers: Numbers) -> dict[str, list[Proposal]]:
    """Line → whose it may be, for those of these lines that are to be dealt with."""
    wanted = {row["case_id"]: _seen(row) for row in rows if row["state"] == "open" and row["amount_fen"] > 0}
    if not wanted:
        return {}
    with reader.context.within(reader.office) as connection:
        gathered = _Gathered(reader, connection, wanted)
    known = gathered.households()
    terms = {
        "sure_points": numbers.integer("bank.sure_points"),
        "sure_lead": numbers.integer("bank.sure_lead"),
        "same_money_days": numbers.integer("bank.same_money_days"),
    }
    return {
        case_id: proposed(line, [known[each] for each in sorted(gathered.of[case_id]) if each in known], **terms)
        for case_id, line in wanted.items()
    }


def _seen(row: Mapping[str, Any]) -> LineSeen:
    return LineSeen(**{name: row[name] for name in LineSeen.__dataclass_fields__})


class _Gathered:
    """What the registers know of the households that these lines may be of."""

    def __init__(self, reader: Reader, connection: psycopg.Connection[Any], lines: Mapping[str, LineSeen]) -> None:
        """Everything that is asked of the database is asked here, each question once for all lines."""
        self._reader, self._connection, self._office = reader, connection, reader.office
        self.of: dict[str, set[str]] = defaultdict(set)
        """Line → the households that may be meant."""
        self._before: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._named: set[str] = set()
        self._by_words(lines)
        self._by_amounts(lines)
        self._by_numbers(lines)
        every = sorted({each for several in self.of.values() for each in several})
        self._rows = self._ask(_HOUSEHOLDS, every)
        self._persons = self._ask(_PERSONS, sorted(self._named))
        self._bills = self._ask(_BILLS, every)
        self._payments = self._ask(_PAYMENTS, every)

    def _ask(self, statement: str, of: Sequence[str]) -> list[Any]:
        return self._connection.execute(statement.encode(), [self._office, list(of)]).fetchall() if of else []

    def _by_words(self, lines: Mapping[str, LineSeen]) -> None:
        """Homes that are named, payers who live there, accounts and payers that paid before."""
        index = BlindIndex(self._reader.context.master.secret(index_purpose(self._office)))
        lines_of: dict[str, set[str]] = defaultdict(set)
        for case_id, line in lines.items():
            for token in _tokens(index, line, personal=self._reader.sees_personal("household")):
                lines_of[token].add(case_id)
        asked = {"office": self._office, "tokens": list(lines_of)}
        hits = self._connection.execute(
            _HITS, {**asked, "registers": ["households", "household-persons", "bank-lines"]}
        ).fetchall()
        before = {
            case_id: {"case_id": case_id, "household": household, "payer": payer, "payer_account": account}
            for case_id, household, payer, account in self._ask(
                _CONFIRMED, sorted({case_id for _, register, case_id, _ in hits if register == "bank-lines"})
            )
        }
        for token, register, case_id, field in hits:
            household = before[case_id]["household"] if case_id in before else case_id
            if register == "bank-lines" and case_id not in before:
                continue
            for line_id in lines_of[token]:
                self.of[line_id].add(household)
            if field == "name":
                self._named.add(household)
        for each in before.values():
            self._before[each["household"]].append(each)

    def _by_amounts(self, lines: Mapping[str, LineSeen]) -> None:
        """Those who owe just that, unless many do."""
        amounts = {line.amount_fen for line in lines.values()}
        owing: dict[int, set[str]] = defaultdict(set)
        for household, amount in self._connection.execute(
            _FITTING, {"office": self._office, "amounts": sorted(amounts)}
        ):
            owing[int(amount)].add(household)
        for case_id, line in lines.items():
            if len(owing[line.amount_fen]) <= _ALIKE:
                self.of[case_id] |= owing[line.amount_fen]

    def _by_numbers(self, lines: Mapping[str, LineSeen]) -> None:
        """Those with a payment that bears the bank's number already."""
        numbers = {line.reference for line in lines.values() if line.reference}
        booked = self._ask(_BOOKED_AS, sorted(numbers))
        for case_id, line in lines.items():
            self.of[case_id] |= {household for reference, household in booked if reference == line.reference}

    def households(self) -> dict[str, HouseholdSeen]:
        """Household → what is known of it; names are opened of those alone whose name was found."""
        rows = [{"case_id": case_id, "name": name} for case_id, _, name in self._rows if case_id in self._named]
        rows += [{"case_id": case_id, "name": name} for case_id, name in self._persons]
        self._reader.open(rows, "households")
        earlier = [each for several in self._before.values() for each in several]
        self._reader.open(earlier, "bank-lines")
        names, bills, booked = _several(), _several(), _several()
        for row in rows:
            names[row["case_id"]].append(row["name"])
        for household, left in self._bills:
            bills[household].append(left)
        for household, payment, fen, day, reference in self._payments:
            money = BookedMoney(payment=payment, amount_fen=fen, value_date=day, reference=reference)
            booked[household].append(money)
        return {
            case_id: HouseholdSeen(
                household=case_id,
                home=home or "",
                names=tuple(filter(None, names[case_id])),
                bills=tuple(bills[case_id]),
                accounts=_plainly(unparted, (each["payer_account"] for each in self._before[case_id])),
                payers=_plainly(canonical, (each["payer"] for each in self._before[case_id])),
                booked=tuple(booked[case_id]),
            )
            for case_id, home, _ in self._rows
        }


def _several() -> dict[str, list[Any]]:
    return defaultdict(list)


def _plainly(spelling: Callable[[str], str], texts: Iterable[str | None]) -> frozenset[str]:
    return frozenset(spelling(each) for each in texts if each)


def _tokens(index: BlindIndex, line: LineSeen, *, personal: bool) -> set[str]:
    """By what the households of a line are looked for: the homes that it may name, whole or by their doors; who paid, and from where."""
    found: set[str | None] = set()
    for place in places(f"{line.narration or ''} ; {line.payer or ''}"):
        door = place.rpartition("-")[2]
        found |= {index.whole(How.ROOM, each) for each in (place, door) if each is place or len(door) >= _DOOR}
    if personal and line.payer:
        found.add(index.whole(How.NAME, line.payer))
    if personal and line.payer_account:
        found.add(index.whole(How.ACCOUNT, line.payer_account))
    return {each for each in found if each is not None}
