"""The receipt 收款收据 (§7): number, household, what the money met, the amount in capitals; printed where it was taken."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from api.console.account_view import owing, period_said
from api.console.codes import drawn
from api.console.formatting import money
from api.console.page import Kit, Page, office_page
from api.routes.actions import checked_id
from api.routes.cases import fact_view
from domain.cases import BY_PATH
from domain.fees.payment import REVERSED, HouseholdPayment
from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import local_date
from domain.kernel.money import capital
from domain.kernel.words import choice_names

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]

_NAME = "select case_id, home, name from wuye.r_households where office = %s and case_id = %s and to_number is null"


def routes(kit: Kit) -> list[Route]:
    """One payment's."""
    return [office_page(kit, "/receipt/{case_id:path}", _receipt)]


def _receipt(page: Page) -> Response:
    case_id = page.request.path_params["case_id"]
    checked_id(BY_PATH["payments"], case_id)
    payment, facts = page.context.handler.history(page.office, case_id)
    home, payer = _whose(page, payment, fact_view(facts[0]))
    return page.show(
        "receipt.html",
        payment=payment,
        number=payment.receipt or "",
        home=home,
        payer=payer,
        rows=_rows(page, payment),
        money=money,
        capital=capital(payment.amount_fen),
        method=choice_names(PaymentMethod(payment.method))[0],
        on=_day(payment.value_date),
        taken=_day(payment.taken_on),
        late=payment.taken_on != payment.value_date,
        by=page.kit.people.name(payment.taken_by, "zh"),
        gone=payment.state == REVERSED,
        gone_on=_day(payment.reversed_on),
        office=page.kit.office_name(page.office),
        code=drawn(f"{str(page.request.base_url).rstrip('/')}{page.at('case', case_id)}"),
        place=f"{facts[0].number:,}",
        back=page.at("counter"),
        case=page.at("case", case_id),
        pdf=page.at("pdf", "receipt", case_id),
        statement=page.at("statement", payment.household),
        done=page.query("done") if page.query("done").isdecimal() else "",
    )


def _day(value: date | None) -> str:
    """Paper is in Chinese, whoever prints it."""
    return f"{value.year}年{value.month}月{value.day}日" if value is not None else ""


def _whose(page: Page, payment: HouseholdPayment, taken: dict[str, Any]) -> tuple[str, str]:
    """The home, and who paid: as he was written, else the household's name; for whoever may read them (§9.2)."""
    with page.connect() as connection:
        row = connection.execute(_NAME, [page.office, payment.household]).fetchone()
    person = (
        dict(zip(("case_id", "home", "name"), row, strict=True)) if row is not None else {"case_id": payment.household}
    )
    written = {"case_id": payment.id, "payer": taken["data"].get("payer")}
    if written["payer"]:
        page.reader.open([written], "payments")
        return person.get("home") or "", str(written["payer"])
    page.reader.open([person], "households")
    return person.get("home") or "", str(person.get("name") or "")


def _rows(page: Page, payment: HouseholdPayment) -> list[tuple[str, str]]:
    """What the money met, bill by bill and part by part; the rest is prepaid."""
    if payment.state == REVERSED:
        return [("已冲正，不再计入", money(payment.amount_fen))]
    owes = owing(page, payment.household, local_date(page.now))
    made, left = [], payment.amount_fen
    for bill in owes.kept.bills.values():
        period = period_said("zh", owes.periods.get(bill.id))
        for move in bill.moves:
            if move.source != payment.id:
                continue
            parts = ((move.costs_fen, "追讨费用"), (move.penalty_fen, "滞纳金"), (move.principal_fen, "账单款"))
            made += [(f"{period} {word}".strip(), money(fen)) for fen, word in parts if fen]
            left -= move.total_fen
    if left > 0:
        made.append(("预缴", money(left)))
    return made
