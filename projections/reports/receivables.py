"""Reports of what households owe and have prepaid (§7): ageing 账龄, prepayments 预收, collection 收缴率. Amounts are fen.

By value date: a payment that was entered late counts on the day on which the money came. Bills of another system are
here where their due day is known; what households prepaid there is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import psycopg

from projections.reports.care import CareOf
from projections.reports.report import STANDING, Asked, Report

__all__ = ["AGEING", "COLLECTION", "DEBTORS", "PREPAYMENTS"]

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
  select household, amount_fen as fen from wuye.r_money_movements where {STANDING} and day <= %(on)s
  union all
  select household, costs_fen + penalty_fen + principal_fen from wuye.r_bill_entries
   where {STANDING} and day <= %(on)s and entry = 'payment' and not imported
)
select m.household, h.home, h.building, sum(m.fen)::bigint
  from moved m left join wuye.r_households h on h.case_id = m.household and h.office = %(office)s and h.line = ''
   and h.from_number <= %(page)s and (h.to_number is null or h.to_number > %(page)s)
 where m.household is not null
 group by m.household, h.home, h.building having sum(m.fen) <> 0 order by h.building, h.home, m.household
"""


def _prepaid(connection: psycopg.Connection[Any], asked: Asked) -> Iterator[tuple[Any, ...]]:
    """What came in and met nothing; below zero where more was refunded than is there."""
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

_CHARGED: Final = f"""
with of_bill as (
  select case_id, household, coalesce(household, max(home), case_id) as payer, max(period) as period, max(due_on) as due_on,
         to_char(max(due_on), 'YYYY-MM') as due_month,
         case when count(distinct standard) filter (where entry = 'bill' and standard is not null) = 1
               and count(*) filter (where entry = 'bill' and standard is null) = 0 then max(standard)
              when count(standard) > 0 then 'several' end as standard,
         coalesce(sum(principal_fen) filter (where entry in ('bill', 'correction')), 0) as charged,
         coalesce(-sum(principal_fen) filter (where entry = 'payment'), 0) as paid,
         coalesce(sum(penalty_fen) filter (where entry in ('assessment', 'waiver')), 0) as penalty,
         coalesce(-sum(penalty_fen) filter (where entry = 'payment'), 0) as penalty_paid
    from wuye.r_bill_entries
   where {STANDING} and day <= %(on)s
     and (%(period)s::text is null or period = %(period)s)
     and (%(due_from)s::date is null or due_on >= %(due_from)s) and (%(due_to)s::date is null or due_on <= %(due_to)s)
   group by case_id, household
)
select b.payer, b.period, b.due_month, b.standard, h.building, b.charged, b.paid, b.penalty, b.penalty_paid,
       h.home, b.due_on
  from of_bill b left join wuye.r_households h on h.case_id = b.household and h.office = %(office)s and h.line = ''
   and h.from_number <= %(page)s and (h.to_number is null or h.to_number > %(page)s)
 where b.charged > 0
"""
_KEYS: Final = {"household": 0, "period": 1, "due-month": 2, "standard": 3, "building": 4}


def _collected(connection: psycopg.Connection[Any], asked: Asked) -> Iterator[tuple[Any, ...]]:
    """Principal and late fee apart; a household has paid when all its bills of the group are paid (C16).

    Where a bill of another system names no household, its home stands for it, and where it names none, the bill itself.
    An administrator answers for the bills that fell due while the home was in his care: who is given it later does not.
    """
    place, care = _KEYS.get(asked.by), CareOf.read(connection, asked) if asked.by == "administrator" else None

    def key_of(row: tuple[Any, ...]) -> str:
        if care is not None:
            return care.of(row[9], row[4], row[10] or asked.on) or ""
        return str(row[place] or "") if place is not None else ""

    rows = [(key_of(row), row) for row in connection.execute(_CHARGED.encode(), asked.values)]
    for key, group in groupby(sorted(rows, key=itemgetter(0)), key=itemgetter(0)):
        bills = [row for _, row in group]
        settled: dict[Any, bool] = {}
        for row in bills:
            settled[row[0]] = settled.get(row[0], True) and row[6] >= row[5]
        charged, collected = sum(int(row[5]) for row in bills), sum(int(min(row[6], row[5])) for row in bills)
        penalty, penalty_paid = sum(int(row[7]) for row in bills), sum(int(row[8]) for row in bills)
        yield (
            key or None,
            len(bills),
            charged,
            collected,
            _ratio(collected, charged),
            len(settled),
            sum(settled.values()),
            _ratio(sum(settled.values()), len(settled)),
            penalty,
            penalty_paid,
            _ratio(penalty_paid, penalty),
        )


def _ratio(part: int, whole: int) -> str | None:
    """An exact fraction; nothing charged has no rate."""
    return str(Fraction(part, whole)) if whole else None


COLLECTION: Final = Report(
    name="collection",
    zh="收缴率",
    en="collection rates",
    clause="7",
    columns=(
        "group_key",
        "bills",
        "charged_fen",
        "collected_fen",
        "by_amount",
        "households_billed",
        "households_paid",
        "by_household",
        "late_fee_fen",
        "late_fee_paid_fen",
        "late_fee_by_amount",
    ),
    groups=("period", "due-month", "household", "standard", "building", "administrator", "office"),
    rows=_collected,
    summed=("bills", "charged_fen", "collected_fen", "late_fee_fen", "late_fee_paid_fen"),
)

_DEBTORS: Final = f"""
select stage, category, count(*), coalesce(sum(unpaid_bills), 0)::bigint, coalesce(sum(outstanding_fen), 0)::bigint,
       count(*) filter (where disputed), count(*) filter (where instalments > 0)
  from wuye.r_debt_cases where {STANDING} and open group by stage, category order by stage, category
"""


def _debtors(connection: psycopg.Connection[Any], asked: Asked) -> Iterator[tuple[Any, ...]]:
    """The open arrears cases as they stood on the page, those of another system too."""
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
