"""What a bill run rests on: a month's households, their standards and what else they are charged, from the registers (§7.2a).

Some households at a time, each time as they stand on one page, which the fact names. Dates are local, money is fen.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from domain.fees.bill.events import BillLine
from domain.fees.bill_run.case import AT_ONCE, BillRun
from domain.fees.bill_run.commands import AttachedStandard, HouseholdToBill, IssueNextBills, TakeNextHouseholds
from domain.kernel.calendar import Month
from domain.kernel.fact import Command
from journal.book import Book

__all__ = ["gather_billed", "gather_households"]

_PAGE: Final = "office = %(office)s and set_aside is null and from_number <= %(page)s and (to_number is null or to_number > %(page)s)"
_CHARGES: Final = f"""
select household, name as item, amount_fen,
       case when case_id like 'service_contract-%%' then case_id || '/' || to_char(month, 'YYYY-MM') else case_id end as charge
  from wuye.r_service_charges where {_PAGE} and month <= %(first)s
union all
select household, fault_kind, fee_fen, case_id
  from wuye.r_repair_orders
 where {_PAGE} and not imported and household is not null and fee_fen > 0 and completed_on <= %(last)s
union all
select household, item, amount_fen, case_id || '/' || home
  from wuye.r_shared_costs where {_PAGE} and household is not null and open and amount_fen > 0 and month <= %(first)s
"""
_OPEN: Final = f"""
with charges as ({_CHARGES})
select charges.* from charges
 where not exists (select from wuye.claims c where c.office = %(office)s and c.claim = 'charge:' || charges.charge)
"""
_HOUSEHOLDS: Final = f"""
with open as ({_OPEN}), named as (
  select case_id as household from wuye.r_households where {_PAGE} and open
  union select household from wuye.r_fee_attachments
   where {_PAGE} and first <= %(last)s and (last is null or last >= %(first)s)
  union select household from open)
select named.household, h.home, h.building from named
  left join wuye.r_households h on h.case_id = named.household and h.office = %(office)s and h.line = ''
   and h.from_number <= %(page)s and (h.to_number is null or h.to_number > %(page)s)
 where named.household > %(after)s order by named.household limit %(limit)s
"""
_STANDARDS: Final = f"""
select household, case_id, line::integer from wuye.r_fee_attachments
 where {_PAGE} and household = any(%(households)s) and first <= %(last)s and (last is null or last >= %(first)s)
 order by household, case_id, line::integer
"""
_BILLS: Final = f"""
select household, period, sum(principal_fen) from wuye.r_bills
 where {_PAGE} and household = any(%(households)s) and period = any(%(periods)s) and state <> 'void'
 group by household, period
"""


def gather_households(book: Book, office: str, case: BillRun, _due_at: datetime) -> Command:
    """The next households of the month in the order of their ids, with everything that they are charged."""
    assert case.month is not None
    month, ask = Month.of(case.month), _asking(book, office, case)
    rows = ask(_HOUSEHOLDS, {"after": max(case.drafts, default=""), "limit": AT_ONCE + 1})
    now = rows[:AT_ONCE]
    named = {"households": [row[0] for row in now], "periods": [case.period, str(month.before())]}
    standards: dict[str, list[AttachedStandard]] = {}
    for household, standard, number in ask(_STANDARDS, named):
        standards.setdefault(household, []).append(AttachedStandard(standard=standard, attachment=number))
    charges: dict[str, list[BillLine]] = {}
    of_these = f"{_OPEN} and household = any(%(households)s) order by charge"
    for household, item, amount, charge in ask(of_these, named):
        charges.setdefault(household, []).append(BillLine(item=item, amount_fen=amount, charge=charge))
    bills = {(household, period): int(amount) for household, period, amount in ask(_BILLS, named)}
    households = tuple(
        HouseholdToBill(
            household=household,
            home=home,
            building=building,
            standards=tuple(standards.get(household, ())),
            charges=tuple(charges.get(household, ())),
            before_fen=bills.get((household, str(month.before()))),
            billed=(household, case.period) in bills,
        )
        for household, home, building in now
    )
    return TakeNextHouseholds(households=households, page=_head(book), last=len(rows) <= AT_ONCE)


def gather_billed(book: Book, office: str, case: BillRun, _due_at: datetime) -> Command:
    """Which of the next households have a bill of the month by now, or a charge of theirs on another bill."""
    waiting = {draft.household: draft for draft in case.to_issue[:AT_ONCE]}
    ask = _asking(book, office, case)
    claims = {f"charge:{line.charge}": name for name, draft in waiting.items() for line in draft.lines if line.charge}
    claims |= {f"bill-of:{name}:{case.period}": name for name in waiting}
    query = "select claim from wuye.claims where office = %(office)s and claim = any(%(claims)s)"
    return IssueNextBills(passed=tuple(sorted({claims[row[0]] for row in ask(query, {"claims": list(claims)})})))


def _head(book: Book) -> int:
    head = book.head()
    return head.number if head else 0


def _asking(book: Book, office: str, case: BillRun) -> Any:
    """Questions about one page of the book and the run's month."""
    first: date = case.month or date.min
    values = {"office": office, "page": _head(book), "first": first, "last": Month.of(first).last}

    def ask(query: str, more: dict[str, Any]) -> list[tuple[Any, ...]]:
        return book.connection.execute(query.encode(), values | more).fetchall()

    return ask
