"""Reports of what households owe and have prepaid (§7): ageing 账龄, prepayments 预收, debtors 欠费户. Amounts are fen.

By value date: a payment that was entered late counts on the day on which the money came. Bills of another system are
here where their due day is known; what households prepaid there is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import psycopg

from projections.reports.report import STANDING, Asked, Report

__all__ = ["AGEING", "DEBTORS", "PREPAYMENTS"]

_AGES: Final = ("not_due_fen", "to_30_fen", "to_90_fen", "to_180_fen", "to_365_fen", "over_365_fen")
_LAST_DAY: Final = (0, 30, 90, 180, 365)
"""The last day overdue of each column but the last."""
_AGED: Final = f"""
with left_of as (
  select case_id, household, max(due_on) as due_on, sum(principal_fen) as fen from wuye.r_bill_entries
   where {STANDING} and day <= %(on)s group by case_id, household
  having sum(principal_fen) > 0
)
select l.household, h.home, h.building, %(on)s::date - l.due_on, l.fen
  from left_of l left join wuye.r_households h on h.case_id = l.household and h.office = %(office)s and h.line = ''
   and h.from_number <= %(page)s and (h.to_number is null or h.to_number > %(page)s)
"""


def _aged(connection: psycopg.Connection[Any], asked: Asked) -> Iterator[tuple[Any, ...]]:
    """Principal that is left, by how many days it is overdue; a bill without a due day is not due."""
    place = {"household": (0, 1, 2), "building": (2,), "office": ()}[asked.by]
    found: dict[tuple[Any, ...], list[int]] = {}
    for row in connection.execute(_AGED.encode(), asked.values):
        key = tuple(row[n] if n in place else None for n in range(3))
        days, fen = row[3] if row[3] is not None else 0, int(row[4])
        column = next((n for n, last in enumerate(_LAST_DAY) if days <= last), len(_LAST_DAY))
        ages = found.setdefault(key, [0] * len(_AGES))
        ages[column] += fen
    for key in sorted(found, key=lambda key: tuple(each or "" for each in (key[2], key[1], key[0]))):
        yield (*key, *found[key], sum(found[key]))


AGEING: Final = Report(
    name="ageing",
    zh="应收账款账龄",
    en="ageing of what is owed, by principal",
    clause="7",
    columns=("household", "home", "building", *_AGES, "total_fen"),
    groups=("household", "building", "office"),
    rows=_aged,
    summed=(*_AGES, "total_fen"),
)

_PREPAID: Final = f"""
with moved as (
  select household, case when household is null then home end as home, prepaid_fen as fen from wuye.r_money_movements
   where {STANDING} and day <= %(on)s
  union all
  select household, case when household is null then home end, costs_fen + penalty_fen + principal_fen
    from wuye.r_bill_entries
   where {STANDING} and day <= %(on)s and entry = 'payment' and not imported
)
select m.household, coalesce(h.home, m.home), h.building, sum(m.fen)::bigint
  from moved m left join wuye.r_households h on h.case_id = m.household and h.office = %(office)s and h.line = ''
   and h.from_number <= %(page)s and (h.to_number is null or h.to_number > %(page)s)
 group by m.household, coalesce(h.home, m.home), h.building having sum(m.fen) <> 0
 order by h.building, coalesce(h.home, m.home), m.household
"""


def _prepaid(connection: psycopg.Connection[Any], asked: Asked) -> Iterator[tuple[Any, ...]]:
    """What came in and met nothing; below zero where more was refunded than is there.

    With what was paid in advance at a move-in, by its home until there is a file, and what was taken here on another
    system's bill beyond what was left of it. It is what the journal has as prepayments.
    """
    yield from connection.execute(_PREPAID.encode(), asked.values)


PREPAYMENTS: Final = Report(
    name="prepayments",
    zh="预收账款",
    en="prepayments of the households",
    clause="7",
    columns=("household", "home", "building", "prepaid_fen"),
    groups=("household",),
    rows=_prepaid,
    summed=("prepaid_fen",),
)

_DEBTORS: Final = f"""
with pursued as (
  select case_id, stage, category, disputed, instalments, imported, unpaid_bills, outstanding_fen from wuye.r_debt_cases
   where {STANDING} and open
), of_case as (
  select case_id, bill from wuye.r_debt_bills where {STANDING}
), owed_on as (
  select case_id, outstanding_fen from wuye.r_bills
   where {STANDING} and imported and outstanding_fen > 0 and state not in ('void', 'written-off')
), elsewhere as (
  select c.case_id, count(*) as bills, sum(b.outstanding_fen)::bigint as fen
    from of_case c join owed_on b on b.case_id = c.bill group by c.case_id
)
select p.stage, p.category, count(*),
       coalesce(sum(case when p.imported then e.bills else p.unpaid_bills end), 0)::bigint,
       coalesce(sum(case when p.imported then e.fen else p.outstanding_fen end), 0)::bigint,
       count(*) filter (where p.disputed), count(*) filter (where p.instalments > 0)
  from pursued p left join elsewhere e on e.case_id = p.case_id
 where not p.imported or e.fen > 0
 group by p.stage, p.category order by p.stage, p.category
"""


def _debtors(connection: psycopg.Connection[Any], asked: Asked) -> Iterator[tuple[Any, ...]]:
    """The open arrears cases as they stood on the page; those of another system while something is left on their bills."""
    yield from connection.execute(_DEBTORS.encode(), asked.values)


DEBTORS: Final = Report(
    name="debtors",
    zh="欠费户统计",
    en="debtors by stage and category",
    clause="8.B(1)",
    columns=("stage", "category", "debtors", "bills", "outstanding_fen", "disputed", "in_instalments"),
    groups=("stage-and-category",),
    rows=_debtors,
    summed=("debtors", "bills", "outstanding_fen", "disputed", "in_instalments"),
)
