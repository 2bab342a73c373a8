"""What a bill run rests on: a month's households, their standards and what else they are charged, from the registers (§7.2a).

Some households at a time, each time as they stand on one page, which the fact names. Dates are local, money is fen.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from domain.fees.bill.events import BillLine
from domain.fees.bill_run.case import AT_ONCE, BillRun
from domain.fees.bill_run.commands.compiling import AttachedStandard, HouseholdToBill, TakeNextHouseholds
from domain.fees.bill_run.commands.delivering import IssueNextBills
from domain.fees.fee_standard import FeeStandard
from domain.fees.meter.case import Meter
from domain.fees.metering import metered_lines
from domain.kernel.fact import Command
from domain.kernel.periods import Month
from domain.office.portfolio import InCare, by_place, who_looks_after
from journal.book import Book
from workflows.engine.gather_corrections import (
    ON_DAYS,
    STANDARDS,
    STANDS,
    Before,
    LastRun,
    billed_before,
    no_longer_corrected,
    of_these,
)

__all__ = ["gather_billed", "gather_households"]

_IN_ORDER: Final = f"""
select household from (
  (select case_id as household from wuye.r_households
    where {STANDS} and line = '' and open and case_id > %(after)s order by case_id limit %(limit)s)
  union
  (select distinct household from wuye.r_fee_attachments
    where {STANDS} and {ON_DAYS} and household > %(after)s order by household limit %(limit)s)) known
 order by household limit %(limit)s
"""
"""The next households that are here or have a home on a standard; who is only owed something stands between them."""
# What is of these households is made a list of its own first: then it has the index of households to go by, whatever the server
# knows of the table, and claims are looked up by a value. (Behind the fence by office an expression is no value of an index.)
_OPEN: Final = f"""
with charges as materialized (
  select its.*, 'charge:' || its.charge as claim, 'charge:' || its.of_repair as claim_before from (
    select household, name as item, amount_fen, month as since, null as of_repair,
           case when case_id like 'service_contract-%%' then case_id || '/' || to_char(month, 'YYYY-MM') else case_id end as charge
      from wuye.r_service_charges where {STANDS} and {of_these()}
    union all
    select household, fault_kind, fee_fen, completed_on, case_id, charge
      from wuye.r_repair_orders where {STANDS} and {of_these()} and not imported and fee_fen > 0
    union all
    select household, item, amount_fen, month, null, case_id || '/' || home
      from wuye.r_shared_costs where {STANDS} and {of_these()} and open and amount_fen > 0) its)
select household, item, amount_fen, charge from charges
 where since <= %(last)s and (select true from wuye.claims c where c.office = %(office)s and c.claim = charges.claim limit 1) is null
   and (of_repair is null or of_repair = charge or not exists (
        select from wuye.claims c join wuye.r_bills b on b.office = c.office and b.case_id = c.case_id and b.to_number is null
         where c.office = %(office)s and c.claim = charges.claim_before and b.household = charges.household))
 order by charge
"""
_READ: Final = f"""
with stretches as materialized (
  select household, case_id, line::integer as number, standard, 'charge:' || case_id || '/' || code || '/1' as claim
    from wuye.r_meter_stretches where {STANDS} and {of_these()} and quantity > 0 and last <= %(last)s)
select household, case_id, number, standard from stretches
 where (select true from wuye.claims c where c.office = %(office)s and c.claim = stretches.claim limit 1) is null
 order by household, case_id, number
"""
_UNREAD: Final = f"""
select distinct household from wuye.r_meters
 where {STANDS} and household = any(%(households)s) and open and (read_on is null or read_on < %(first)s)
"""
_HOMES: Final = """
select case_id, home, building, left_on from wuye.r_households
 where office = %(office)s and to_number is null and line = '' and case_id = any(%(households)s)
"""
_BILLS: Final = f"""
select household, period, sum(principal_fen) from wuye.r_bills
 where {STANDS} and household = any(%(households)s) and period = any(%(periods)s) and state <> 'void'
 group by household, period
"""
_CARE: Final = f"select home, building, person, first, last from wuye.r_portfolios where {STANDS}"


def gather_households(book: Book, office: str, case: BillRun, _due_at: datetime) -> Command:
    """The next households of the month in the order of their ids, with everything that they are charged.

    All is read at one page of the book, the newest: what is asked of the registers then has an index.
    """
    assert case.month is not None
    month = Month.of(case.month)
    with book.connection.transaction():
        book.connection.execute("set transaction isolation level repeatable read read only")
        page, ask = _head(book), _asking(book, office, case)
        after, limit = next(reversed(case.drafts), ""), AT_ONCE + 1
        known = [row[0] for row in ask(_IN_ORDER, {"after": after, "limit": limit})]
        charges: dict[str, list[BillLine]] = {}
        upto = known[-1] if len(known) == limit else None
        these = {"after": after, "upto": upto}
        for household, item, amount, charge in ask(_OPEN, these):
            charges.setdefault(household, []).append(BillLine(item=item, amount_fen=amount, charge=charge))
        _read_meters(book, ask, these, charges)
        last_run = LastRun.find(ask)
        changed = last_run.changed(ask, these) if last_run else {}
        found = sorted({*known, *charges, *(household for household, listed in changed.items() if listed)})
        now = found[:AT_ONCE]
        named = {"households": now, "periods": [case.period, str(month.before())]}
        lived = ask(_HOMES, named)
        homes = {household: (home, building) for household, home, building, _ in lived}
        gone = {household: left_on for household, *_, left_on in lived if left_on is not None}
        standards: dict[str, list[AttachedStandard]] = {}
        charged_on: set[str] = set()
        for household, standard, number, ends in ask(STANDARDS, named):
            standards.setdefault(household, []).append(AttachedStandard(standard=standard, attachment=number))
            if household in gone and gone[household] < min(ends or month.last, month.last):
                charged_on.add(household)
        unread = {household for (household,) in ask(_UNREAD, named)}
        bills = {(household, period): int(amount) for household, period, amount in ask(_BILLS, named)}
        looked_at = [each for each in now if each in changed or (each, case.period) in bills]
        before = billed_before(book, ask, office, last_run, looked_at, case.period) if looked_at else {}
        care = _care(ask)
    households = tuple(
        HouseholdToBill(
            household=household,
            home=home,
            building=building,
            standards=tuple(standards.get(household, ())),
            charges=tuple(charges.get(household, ())),
            before_fen=bills.get((household, str(month.before()))),
            billed=(household, case.period) in bills,
            billed_before=tuple(its.lines),
            months_before=tuple(its.months),
            standards_before=tuple(its.standards),
            months_settled=tuple(its.settled),
            looked_after_by=(whose := who_looks_after(care, home, building, month.last)),
            is_uncared=bool(care) and whose is None,
            has_left=household in charged_on,
            is_unread=household in unread,
        )
        for household in now
        for home, building in (homes.get(household, (None, None)),)
        for its in (before.get(household, Before()),)
    )
    return TakeNextHouseholds(households=households, page=page, last=len(found) <= AT_ONCE)


def _read_meters(book: Book, ask: Any, upto: dict[str, Any], charges: dict[str, list[BillLine]]) -> None:
    """What was read of meters by the month's end and is not charged yet, at the prices of its days (§7.1)."""
    rows = ask(_READ, upto)
    cases = book.cases(sorted({case for _, *named in rows for case in (named[0], named[2])})) if rows else {}
    for household, meter_id, number, standard_id in rows:
        meter, standard = cases[meter_id], cases[standard_id]
        assert isinstance(meter, Meter)
        assert isinstance(standard, FeeStandard)
        charges.setdefault(household, []).extend(metered_lines(meter, standard, meter.stretches[number - 1]))


def gather_billed(book: Book, office: str, case: BillRun, _due_at: datetime) -> Command:
    """Which of the next households have a bill of the month by now, a charge on another bill, or correct what is gone."""
    waiting = {draft.household: draft for draft in case.to_issue[:AT_ONCE]}
    ask = _asking(book, office, case)
    claims = {f"charge:{line.charge}": name for name, draft in waiting.items() for line in draft.lines if line.charge}
    claims |= {f"bill-of:{name}:{case.period}": name for name in waiting}
    passed = {claims[each] for each in book.held(list(claims))}
    corrects = [(line.corrects.bill, name) for name, d in waiting.items() for line in d.lines if line.corrects]
    gone = no_longer_corrected(ask, [bill for bill, _ in corrects])
    return IssueNextBills(passed=tuple(sorted({*passed, *(name for bill, name in corrects if bill in gone)})))


def _care(ask: Any) -> dict[str, list[InCare]]:
    """What is in whose care; empty in an office that has given no homes into care."""
    return by_place(
        InCare(home=home, building=None if home is not None else building, person=person, first=first, last=last)
        for home, building, person, first, last in ask(_CARE, {})
    )


def _head(book: Book) -> int:
    head = book.head()
    return head.number if head else 0


def _asking(book: Book, office: str, case: BillRun) -> Any:
    """Questions about the run's office and month."""
    first: date = case.month or date.min
    values = {"office": office, "first": first, "last": Month.of(first).last}

    def ask(query: str, more: dict[str, Any]) -> list[tuple[Any, ...]]:
        return book.connection.execute(query.encode(), values | more).fetchall()

    return ask
