"""FOUND: the cases that a decision reads and that only a register knows to belong to its case.

They are guarded like every other case that is read: if one has moved on meanwhile, it is decided anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

import psycopg

from domain.arrears.composing import MONTH
from domain.arrears.debt_case.case import DebtCase
from domain.arrears.debt_case.commands.dunning import IssueDunningNotice
from domain.kernel.calendar import Month
from domain.kernel.fact import Command

__all__ = ["FOUND", "Find"]

Find = Callable[[psycopg.Connection[Any], str, Any, date], Mapping[str, str]]
"""Connection, office, the case as it stands, the local date of the decision → name → case id."""
_STANDARDS: Final = """
select distinct case_id from wuye.r_fee_attachments
 where office = %(office)s and to_number is null and set_aside is null and household = %(household)s
   and first <= %(last)s and (last is null or last >= %(first)s)
"""
_BILL: Final = """
select case_id from wuye.r_bills
 where office = %(office)s and to_number is null and set_aside is null and household = %(household)s
   and period = %(period)s and state <> 'void'
"""


def _this_month(
    connection: psycopg.Connection[Any], office: str, debt: DebtCase | None, day: date
) -> Mapping[str, str]:
    """The month's bill of the household; as long as there is none, the standards that its homes are on in the month."""
    if debt is None or debt.household is None:
        return {}
    month = Month.of(day)
    asked = {"office": office, "household": debt.household, "first": month.first, "last": month.last}
    bill = connection.execute(_BILL, {**asked, "period": str(month)}).fetchone()
    if bill is not None:
        return {MONTH: bill[0]}
    return {row[0]: row[0] for row in connection.execute(_STANDARDS, asked)}


FOUND: Final[Mapping[type[Command], Find]] = {IssueDunningNotice: _this_month}
