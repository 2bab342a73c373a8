"""Pages of their own 专页: some kinds of case are worked at elsewhere than on their general page, and lead there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from api.routes.actions import slug_of
from domain.fees.account import HouseholdAccount
from domain.fees.bank_line import BankLine
from domain.fees.bank_statement import BankStatement, CloseBankStatement
from domain.fees.bill_run.case import BillRun
from domain.fees.bill_run.commands.compiling import CompileBillRun, ConfirmPart
from domain.fees.bill_run.commands.delivering import CloseMonth, RecordBillDelivery
from domain.fees.bill_run.commands.reviewing import ApproveBillRun, ReviewBillRun
from domain.fees.cash_day import CashDay
from domain.fees.payment import HouseholdPayment
from domain.homes.vacant_home.case import VacantHome
from domain.homes.vacant_home.commands.vacancy import InspectHome
from domain.kernel.fact import Command
from domain.residents.household.case import Household
from domain.rounds.patrol.case import Patrol
from domain.rounds.patrol.commands import BeginPatrol, EndPatrol, ResumePatrol
from domain.visits.survey.case import Survey

if TYPE_CHECKING:
    from api.console.page import Page
    from domain.kernel.fact import Case

__all__ = ["acted_at", "has_page", "own_page"]

_ACTED_AT: Final[Mapping[type[Command], str]] = {
    InspectHome: "inspect",
    BeginPatrol: "walk",
    ResumePatrol: "walk",
    EndPatrol: "walk",
    CloseBankStatement: "bank",
    **dict.fromkeys(
        (CompileBillRun, ConfirmPart, ReviewBillRun, ApproveBillRun, RecordBillDelivery, CloseMonth), "months/of"
    ),
}
"""Actions with a page of their own: for the telephone, or because all that they need is seen there."""


def has_page(command: type[Command]) -> bool:
    """Whether an action has a page of its own."""
    return command in _ACTED_AT


def acted_at(page: Page, command: type[Command], case_id: str) -> str:
    """Where an action on a case is done: its own page, else its form on the case's."""
    if command in _ACTED_AT:
        return page.at(*_ACTED_AT[command].split("/"), case_id)
    return page.at("case", case_id, do=slug_of(command)) + f"#do-{slug_of(command)}"


def own_page(page: Page, case: Case) -> tuple[str, str] | None:
    """Where a case is worked at, and what that page is called; None for most."""
    match case:
        case BillRun(month=month) if month is not None:
            return page.at("months", case.period), page.t("月末", "Month end")
        case CashDay(day=day) if day is not None:
            return page.at("cash", day=day.isoformat()), page.t("现金日结", "Cash closing")
        case BankStatement():
            return page.at("bank", case.id), page.t("银行对账", "Bank")
        case BankLine(statement=statement) if statement:
            return page.at("bank", statement), page.t("银行对账", "Bank")
        case HouseholdPayment():
            return page.at("receipt", case.id), page.t("收据", "Receipt")
        case HouseholdAccount(household=household) if household:
            return page.at("statement", household), page.t("对账单", "Statement")
        case Survey(households=households) if households:
            return page.at("survey-sheets", case.id), page.t("征询表与二维码", "Sheets with codes")
        case Survey(questions=questions) if questions:
            return page.at("survey-sheets", case.id, blank="1"), page.t("空白征询表", "Blank questionnaire")
        case VacantHome():
            return page.at("inspect", case.id), page.t("检查", "Inspection")
        case Patrol():
            return page.at("walk", case.id), page.t("巡视", "Patrol")
        case Household():
            return page.at("statement", case.id), page.t("对账单", "Statement")
    return None
