"""What a bill run sets right of earlier bills: whose standards have changed since the last run, and what they were billed (§7.2).

A household is looked at again when its home's place on a standard has a newer version than the page on which the last approved
run was compiled, or when that run had no bill for it or could not set everything right. What is right is reckoned by the domain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from domain.fees.bill.case import Bill
from domain.fees.correcting import BilledLine
from journal.book import Book

__all__ = ["STANDS", "billed_before", "no_longer_corrected"]

Ask = Callable[[str, dict[str, Any]], list[tuple[Any, ...]]]
STANDS: Final = "office = %(office)s and to_number is null and set_aside is null"
_RUN_BEFORE: Final = f"""
select case_id from wuye.r_bill_runs
 where {STANDS} and month < %(first)s and approved_at is not null order by month desc limit 1
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
   where office = %(office)s and household = any(%(households)s)
     and (to_number > %(since)s or to_number is null and from_number > %(since)s))
select household from wuye.r_fee_attachments
 where {STANDS} and household = any(%(households)s) and from_number > %(since)s
union
select household from wuye.r_meter_stretches
 where office = %(office)s and set_aside is null and household = any(%(households)s)
   and (to_number > %(since)s or to_number is null and corrected and from_number > %(since)s)
union
select household from wuye.r_shared_costs
 where office = %(office)s and to_number is null and household = any(%(households)s) and from_number > %(since)s
   and not (open and set_aside is null)
union
select household from repairs
 where (select true from wuye.claims c where c.office = %(office)s and c.claim = any(repairs.claims) limit 1)
union
select line from wuye.r_bill_run_households
 where office = %(office)s and to_number is null and case_id = %(before)s and line = any(%(households)s)
   and (left_out is not null or bill is null or corrected_fen is not null)
"""
_BILLS: Final = f"""
select case_id from wuye.r_bills
 where {STANDS} and household = any(%(changed)s) and (period < %(period)s or period is null)
   and state <> 'void' order by issued_on, case_id
"""
_GONE: Final = """
select w.bill from unnest(%(bills)s::text[]) w(bill) where not exists (
  select from wuye.r_bills b
   where b.office = %(office)s and b.to_number is null and b.case_id = w.bill and b.line = ''
     and b.set_aside is null and b.state <> 'void')
"""


def billed_before(book: Book, ask: Ask, households: list[str], period: str) -> dict[str, tuple[BilledLine, ...]]:
    """The lines of earlier bills of those of these households for whom something may have changed.

    Bills that somebody has corrected by hand are right already, and are left as they are.
    """
    [before] = ask(_RUN_BEFORE, {}) or [(None,)]
    if before[0] is None:
        return {}
    named = {"households": households, "before": before[0]}
    [since] = ask(_COMPILED_AT, named) or [(0,)]
    changed = [row[0] for row in ask(_CHANGED, {**named, "since": since[0]})]
    found: dict[str, tuple[BilledLine, ...]] = {}
    ids = [row[0] for row in ask(_BILLS, {"changed": changed, "period": period})] if changed else []
    for bill in book.cases(ids).values() if ids else ():
        assert isinstance(bill, Bill)
        assert bill.household is not None
        if not bill.corrections:
            lines = (BilledLine(bill=bill.id, place=n, line=line) for n, line in enumerate(bill.lines, 1))
            found[bill.household] = (*found.get(bill.household, ()), *lines)
    return found


def no_longer_corrected(ask: Ask, bills: list[str]) -> set[str]:
    """Those of these bills that have been voided or withdrawn: there is nothing left of them to be corrected."""
    return {row[0] for row in ask(_GONE, {"bills": bills})} if bills else set()
