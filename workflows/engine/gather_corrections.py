"""What a bill run sets right of earlier bills and charges that earlier runs missed: for whom something has changed, and what they
were billed (§7.2).

A household is looked at again when what it is charged by has a newer version than the page on which the last approved run was
compiled (its place on a standard, a meter's stretch, a shared cost, a repair, a service, a contract), or when that run had no
bill for it or could not set everything right. What is right is reckoned by the domain.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from domain.fees.bill.case import VOID, Bill
from domain.fees.bill.events import BillLine
from domain.fees.bill_run.case import bill_of_run, bill_run_id
from domain.fees.bill_run.commands.compiling import AttachedStandard
from domain.fees.bill_run.events import Anomaly
from domain.fees.correcting import CONTRACT, BilledLine, months_of
from domain.kernel.periods import Month
from journal.book import Book

__all__ = ["ON_DAYS", "STANDARDS", "STANDS", "Before", "LastRun", "billed_before", "no_longer_corrected", "of_these"]

Ask = Callable[[str, dict[str, Any]], list[tuple[Any, ...]]]
STANDS: Final = "office = %(office)s and to_number is null and set_aside is null"
ON_DAYS: Final = "first <= %(last)s and (last is null or last >= %(first)s)"
STANDARDS: Final = f"""
select household, case_id, line::integer, last from wuye.r_fee_attachments
 where {STANDS} and household = any(%(households)s) and {ON_DAYS}
 order by household, case_id, line::integer
"""
"""Which places on standards these households have from ``first`` to ``last``."""


def of_these(household: str = "household") -> str:
    """The condition that a household is one of those that are looked at now."""
    return f"{household} > %(after)s and ({household} <= %(upto)s or %(upto)s::text is null)"


_RUNS: Final = f"""
select case_id, month from wuye.r_bill_runs where {STANDS} and month < %(first)s and approved_at is not null order by month
"""
_COMPILED_AT: Final = """
select (convert_from(state, 'UTF8')::jsonb ->> 'page')::bigint from wuye.facts
 where office = %(office)s and case_id = %(before)s and name = 'BillsDrafted'
   and version > (select max(b.version) from wuye.facts b
                   where b.office = %(office)s and b.case_id = %(before)s and b.name = 'CompilationBegun')
 order by version limit 1
"""
_CHANGED: Final = f"""
with repairs as materialized (
  select household, array['charge:' || case_id, 'charge:' || charge] as claims from wuye.r_repair_orders
   where office = %(office)s and {of_these()} and (to_number > %(since)s or to_number is null and from_number > %(since)s)),
orders as materialized (
  select household, 'charge:' || case_id as claim from wuye.r_service_orders
   where office = %(office)s and to_number is null and {of_these()} and from_number > %(since)s)
select household, true from wuye.r_fee_attachments where {STANDS} and {of_these()} and from_number > %(since)s
union
select household, true from wuye.r_meter_stretches
 where office = %(office)s and set_aside is null and {of_these()}
   and (to_number > %(since)s or to_number is null and corrected and from_number > %(since)s)
union
select household, true from wuye.r_shared_costs
 where office = %(office)s and to_number is null and {of_these()} and from_number > %(since)s and not (open and set_aside is null)
union
select household, true from repairs
 where (select true from wuye.claims c where c.office = %(office)s and c.claim = any(repairs.claims) limit 1)
union
select household, true from orders
 where (select true from wuye.claims c where c.office = %(office)s and c.claim = orders.claim limit 1)
union
select household, true from wuye.r_service_contracts
 where office = %(office)s and to_number is null and set_aside is not null and {of_these()} and from_number > %(since)s
union
select line, left_out is not null or anomaly = '{Anomaly.OWED}' from wuye.r_bill_run_households
 where office = %(office)s and to_number is null and case_id = %(before)s
   and {of_these("line")}
   and (left_out is not null or bill is null or corrected_fen is not null)
"""
_BILLS: Final = """
select case_id from wuye.r_bills
 where office = %(office)s and to_number is null and household = any(%(changed)s) and (period <= %(period)s or period is null)
 order by issued_on, case_id
"""
_GONE: Final = """
select w.bill from unnest(%(bills)s::text[]) w(bill) where not exists (
  select from wuye.r_bills b
   where b.office = %(office)s and b.to_number is null and b.case_id = w.bill and b.line = ''
     and b.set_aside is null and b.state <> 'void')
"""


@dataclass(slots=True)
class Before:
    """What a household was billed 已计费用: the lines of its bills that stand, and what may still be charged."""

    lines: list[BilledLine] = field(default_factory=list)
    months: list[date] = field(default_factory=list)
    """First days of the months whose runs may have missed something of it."""
    settled: list[date] = field(default_factory=list)
    """First days of the months of which somebody has decided what is charged."""
    standards: list[AttachedStandard] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last approved run before this one, and the page on which it was compiled; ``months`` are those of all such runs."""

    before: str
    since: int
    months: tuple[date, ...]

    @classmethod
    def find(cls, ask: Ask) -> LastRun | None:
        """None in an office's first month."""
        runs = ask(_RUNS, {})
        if not runs:
            return None
        before = runs[-1][0]
        [(page,)] = ask(_COMPILED_AT, {"before": before}) or [(0,)]
        return cls(before, page, tuple(month for _, month in runs))

    def changed(self, ask: Ask, upto: dict[str, Any]) -> dict[str, bool]:
        """Those of these for whom something may have changed since, and whether they are looked at even when they are not here."""
        found: dict[str, bool] = {}
        for household, listed in ask(_CHANGED, {**upto, "before": self.before, "since": self.since}):
            found[household] = listed or found.get(household, False)
        return found


def billed_before(
    book: Book, ask: Ask, office: str, last_run: LastRun | None, changed: list[str], period: str
) -> dict[str, Before]:
    """What these households, for whom something may have changed or who have a bill of this month (``period``), were billed.

    Bills that somebody has corrected by hand are right already, and are left as they are; of months that somebody has billed by
    hand, or whose bill he has voided, nothing more is charged.
    """
    found = {household: Before() for household in changed}
    settled: dict[str, set[Month]] = {household: set() for household in changed}
    for bill in book.cases([row[0] for row in ask(_BILLS, {"changed": changed, "period": period})]).values():
        assert isinstance(bill, Bill)
        assert bill.household is not None
        if bill.state != VOID and bill.set_aside is None:
            found[bill.household].lines += [
                BilledLine(bill=bill.id, place=n, line=line, by_hand=_seen_to(bill, line))
                for n, line in enumerate(bill.lines, 1)
            ]
        settled[bill.household] |= _settled(bill, office)
    months = last_run.months if last_run is not None else ()
    for household, its in found.items():
        its.months = [month for month in months if Month.of(month) not in settled[household]]
        its.settled = [day for day in (*months, Month.parse(period).first) if Month.of(day) in settled[household]]
    if not months:
        return found
    days = {"first": months[0], "last": Month.of(months[-1]).last}
    for household, standard, number, _ in ask(STANDARDS, {"households": changed, **days}):
        found[household].standards.append(AttachedStandard(standard=standard, attachment=number))
    return found


def _seen_to(bill: Bill, line: BillLine) -> bool:
    """Somebody has corrected the bill; or the end of the contract that the line charges has."""
    of_contract = (line.charge or "").startswith(CONTRACT)
    return bill.corrected_by_hand or (of_contract and bool(bill.corrections))


def _settled(bill: Bill, office: str) -> set[Month]:
    """The months of which somebody has decided what is charged: by a bill of his own, by correcting one, by voiding a run's."""
    by_run = bill.period is not None and bill.id == bill_of_run(bill_run_id(office, bill.period), bill.household or "")
    gone = bill.state == VOID or bill.set_aside is not None
    by_hand = bill.corrected_by_hand or (bill.period is not None and not by_run)
    if not (by_run if gone else by_hand):
        return set()
    months = months_of(bill.lines) if gone else set[Month]()
    if bill.period is not None:
        with suppress(ValueError):  # another system's periods need not be months
            months.add(Month.parse(bill.period))
    return months


def no_longer_corrected(ask: Ask, bills: list[str]) -> set[str]:
    """Those of these bills that have been voided or withdrawn: there is nothing left of them to be corrected."""
    return {row[0] for row in ask(_GONE, {"bills": bills})} if bills else set()
