"""Pages of their own 专页: some kinds of case are worked at elsewhere than on their general page, and lead there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.fees.account import HouseholdAccount
from domain.fees.bank_line import BankLine
from domain.fees.bank_statement import BankStatement
from domain.fees.bill_run.case import BillRun
from domain.fees.cash_day import CashDay
from domain.fees.payment import HouseholdPayment
from domain.residents.household.case import Household
from domain.visits.survey.case import Survey

if TYPE_CHECKING:
    from api.console.page import Page
    from domain.kernel.fact import Case

__all__ = ["own_page"]


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
        case Household():
            return page.at("statement", case.id), page.t("对账单", "Statement")
    return None
