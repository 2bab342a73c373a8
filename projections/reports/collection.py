"""Collection rates 收缴率 (§7, C16): of what was charged by a day, what had come by it; by amount and by household.

By value date, principal and late fee apart. A bill that charges by several standards stands under each of them: what it
charged is known line by line, and what met it is divided among them in proportion, to the fen. Amounts are fen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import groupby
from typing import Any, Final, NamedTuple

import psycopg

from domain.kernel.money import shares
from projections.reports.care import CareOf
from projections.reports.report import STANDING, Asked, Report

__all__ = ["COLLECTION"]

_CHARGED: Final = f"""
with of_bill as (
  select case_id, household, coalesce(household, max(home), case_id) as payer, max(period) as period, max(due_on) as due_on,
         to_char(max(due_on), 'YYYY-MM') as due_month, max(home) as home,
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
select b.case_id, b.payer, b.period, b.due_month, h.building, coalesce(h.home, b.home) as home, b.due_on, b.charged, b.paid,
       b.penalty, b.penalty_paid
  from of_bill b left join wuye.r_households h on h.case_id = b.household and h.office = %(office)s and h.line = ''
   and h.from_number <= %(page)s and (h.to_number is null or h.to_number > %(page)s)
 where b.charged > 0
"""
_LINES: Final = f"""
select case_id, coalesce(standard, ''), sum(principal_fen)::bigint from wuye.r_bill_entries
 where {STANDING} and day <= %(on)s and entry = 'bill'
   and (%(period)s::text is null or period = %(period)s)
   and (%(due_from)s::date is null or due_on >= %(due_from)s) and (%(due_to)s::date is null or due_on <= %(due_to)s)
 group by case_id, coalesce(standard, '')
"""
_STANDARDS: Final = f"""
select case_id, max(code || ' ' || name) from wuye.r_fee_standards where {STANDING} group by case_id
"""


class _Bill(NamedTuple):
    """One bill, or its part by one standard: what was charged and paid of it, and whether all of it is paid (fen)."""

    case_id: str
    payer: str
    period: str | None
    due_month: str | None
    building: str | None
    home: str | None
    due_on: Any
    charged: int
    paid: int
    penalty: int
    penalty_paid: int
    settled: bool = False
    standard: str = ""


_KEYS: Final[dict[str, Callable[[_Bill], str | None]]] = {
    "household": lambda bill: bill.payer,
    "period": lambda bill: bill.period,
    "due-month": lambda bill: bill.due_month,
    "standard": lambda bill: bill.standard,
    "building": lambda bill: bill.building,
    "office": lambda _bill: None,
}


def _collected(connection: psycopg.Connection[Any], asked: Asked) -> Iterator[tuple[Any, ...]]:
    """A household has paid when all its bills of the group are paid (C16).

    An administrator answers for the bills that fell due while the home was in his care: who is given it later does not.
    Where a bill of another system names no household, its home stands for it, and where it names none, the bill itself.
    """
    care = CareOf.read(connection, asked) if asked.by == "administrator" else None

    def key_of(bill: _Bill) -> str:
        if care is not None:
            return care.of(bill.home, bill.building, bill.due_on or asked.on) or ""
        return _KEYS[asked.by](bill) or ""

    bills: Iterable[_Bill] = map(_read, connection.execute(_CHARGED.encode(), asked.values))
    names: dict[str, str] = {}
    if asked.by == "standard":
        bills = _by_standard(bills, connection.execute(_LINES.encode(), asked.values))
        names = dict(connection.execute(_STANDARDS.encode(), asked.values).fetchall())
    for key, group in groupby(sorted(bills, key=key_of), key=key_of):
        yield (key or None, *_rates(several := list(group)), _named(asked.by, key, several, names))


def _read(row: tuple[Any, ...]) -> _Bill:
    case_id, payer, period, due_month, building, home, due_on = row[:7]
    charged, paid, penalty, penalty_paid = (int(fen) for fen in row[7:])
    about = (case_id, payer, period, due_month, building, home, due_on)
    return _Bill(*about, charged, paid, penalty, penalty_paid, settled=paid >= charged)


def _by_standard(bills: Iterable[_Bill], lines: Iterable[tuple[str, str, int]]) -> Iterator[_Bill]:
    """Each bill as its parts; what no standard charges is a part of its own, and so is a bill that comes to nothing by its lines."""
    weights: dict[str, dict[str, int]] = {}
    for case_id, standard, fen in lines:
        if fen > 0:
            weights.setdefault(case_id, {})[standard] = int(fen)
    for bill in bills:
        by = weights.get(bill.case_id, {"": 1})
        sums = (bill.charged, max(bill.paid, 0), max(bill.penalty, 0), max(bill.penalty_paid, 0))
        parts = [shares(fen, by) for fen in sums]
        for standard in by:
            charged, paid, penalty, penalty_paid = (part[standard] for part in parts)
            yield bill._replace(
                standard=standard, charged=charged, paid=paid, penalty=penalty, penalty_paid=penalty_paid
            )


def _rates(bills: list[_Bill]) -> Iterator[Any]:
    settled: dict[str, bool] = {}
    for bill in bills:
        settled[bill.payer] = settled.get(bill.payer, True) and bill.settled
    charged, collected = sum(bill.charged for bill in bills), sum(min(bill.paid, bill.charged) for bill in bills)
    penalty, penalty_paid = sum(bill.penalty for bill in bills), sum(bill.penalty_paid for bill in bills)
    yield from (len(bills), charged, collected, _ratio(collected, charged))
    yield from (len(settled), sum(settled.values()), _ratio(sum(settled.values()), len(settled)))
    yield from (penalty, penalty_paid, _ratio(penalty_paid, penalty))


def _named(by: str, key: str, bills: list[_Bill], names: dict[str, str]) -> str | None:
    """What a group that is a case is called: a household's home, a standard's code and name."""
    return bills[0].home if by == "household" else names.get(key)


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
        "group_name",
    ),
    groups=("period", "due-month", "household", "standard", "building", "administrator", "office"),
    rows=_collected,
    summed=("bills", "charged_fen", "collected_fen", "late_fee_fen", "late_fee_paid_fen"),
)
