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
from domain.fees.bank_statement import OPEN_LINE, BankStatement, CloseBankStatement
from domain.kernel.fact import Case, Command
from domain.kernel.mending import WithdrawAsMistaken
from domain.kernel.periods import Month
from domain.residents.household.case import Household
from domain.residents.household.commands.erasure import EraseHousehold
from domain.rounds.patrol.commands import LAID_OUT, BeginPatrol

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

_OPEN_LINE: Final = """
select case_id from wuye.r_bank_lines where office = %s and statement = %s and state = 'open' and to_number is null limit 1
"""
_MATTERS: Final = """
select case_id from (
  select case_id, office, household, to_number, set_aside from wuye.r_complaints
  union all select case_id, office, household, to_number, set_aside from wuye.r_repair_orders
  union all select case_id, office, household, to_number, set_aside from wuye.r_renovations
  union all select case_id, office, household, to_number, set_aside from wuye.r_service_contracts
  union all select case_id, office, household, to_number, set_aside from wuye.r_service_orders where state <> 'cancelled'
  union all select case_id, office, household, to_number, set_aside from wuye.r_meters
  union all select case_id, office, household, to_number, set_aside from wuye.r_bills where state <> 'void'
  union all select case_id, office, household, to_number, set_aside from wuye.r_payments where state <> 'reversed'
) m where office = %s and household = %s and to_number is null and set_aside is null order by case_id limit 5
"""
_ROUTE: Final = """
select case_id from wuye.r_patrol_routes where office = %s and to_number is null and open and set_aside is null
 order by opened_at, case_id limit 1
"""
_BANK_LINES: Final = """
select case_id from wuye.r_bank_lines where office = %s and household = %s and to_number is null order by case_id
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


def _open_line(
    connection: psycopg.Connection[Any], office: str, statement: BankStatement, _day: date
) -> Mapping[str, str]:
    """A line of the statement that is still to be dealt with, if there is one."""
    row = connection.execute(_OPEN_LINE, [office, statement.id]).fetchone()
    return {OPEN_LINE: row[0]} if row is not None else {}


def _its_bank_lines(
    connection: psycopg.Connection[Any], office: str, household: Household, _day: date
) -> Mapping[str, str]:
    """The bank lines that are the household's payments: who paid is sealed with their own keys."""
    return {row[0]: row[0] for row in connection.execute(_BANK_LINES, [office, household.id])}


def _matters_of(connection: psycopg.Connection[Any], office: str, case: Case | None, _day: date) -> Mapping[str, str]:
    """What a household has asked for or owes, if it is one that is withdrawn; some of it is enough."""
    if not isinstance(case, Household):
        return {}
    return {row[0]: row[0] for row in connection.execute(_MATTERS, [office, case.id])}


def _laid_out(connection: psycopg.Connection[Any], office: str, _case: Case | None, _day: date) -> Mapping[str, str]:
    """A route that is in use, if the office has any."""
    row = connection.execute(_ROUTE, [office]).fetchone()
    return {LAID_OUT: row[0]} if row is not None else {}


FOUND: Final[Mapping[type[Command], Find]] = {
    IssueDunningNotice: _this_month,
    CloseBankStatement: _open_line,
    EraseHousehold: _its_bank_lines,
    WithdrawAsMistaken: _matters_of,
    BeginPatrol: _laid_out,
}
