"""Money 账目 (§7, §8): a household's statement on any day, why a late fee is what it is, and how much was collected.

Everything is reckoned when it is asked for, from the facts that are known (or were, on a page of the book): nothing here
reads a figure that somebody stored.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from api.http.context import ApiContext, json
from api.http.documents import answered, ref
from api.http.text import Day, Short
from api.routes.actions import checked_id
from api.routes.cases import AsOf
from domain.fees.account import LIFECYCLE as ACCOUNT
from domain.fees.account import HouseholdAccount
from domain.fees.bill.lifecycle import LIFECYCLE as BILL
from domain.fees.reckoning import KeptBill
from domain.fees.terms import EntryKind, FeeTerms
from domain.handbook.holidays import announced
from domain.handbook.settings import Settings
from domain.kernel.calendar import local_date
from domain.kernel.late_fee import LateFee, in_force
from domain.kernel.money import yuan

__all__ = ["decimal", "late_fee_steps", "router", "settings_of", "terms_of"]

On = Annotated[
    Day | None, Query(description="截至哪一天（含），缺省为今天 / at the end of which day, today if left out")
]

_MOST_PLACES: Final = 13
_COLLECTION: Final = """
with chosen as (
  select case_id, coalesce(household, home, case_id) as household, entry, principal_fen from wuye.r_bill_entries
   where office = %(office)s and from_number <= %(page)s and (to_number is null or to_number > %(page)s)
     and day <= %(on)s and entry in ('bill', 'correction', 'payment')
     and (%(period)s::text is null or period = %(period)s)
     and (%(due_from)s::date is null or due_on >= %(due_from)s) and (%(due_to)s::date is null or due_on <= %(due_to)s)
), billed as (
  select case_id, household,
         coalesce(sum(principal_fen) filter (where entry <> 'payment'), 0) as charged,
         coalesce(-sum(principal_fen) filter (where entry = 'payment'), 0) as paid
    from chosen group by case_id, household
), households as (
  select household, sum(charged) as charged, bool_and(paid >= charged) as settled
    from billed where charged > 0 group by household
)
select (select coalesce(sum(least(paid, charged)), 0) from billed where charged > 0),
       (select coalesce(sum(charged), 0) from billed where charged > 0),
       (select count(*) from households where settled), (select count(*) from households)
"""


def router(context: ApiContext) -> APIRouter:
    """Three questions about money."""
    made = APIRouter()

    @made.get(
        "/offices/{office}/accounts/{case_id}/statement",
        operation_id="statement",
        tags=[ACCOUNT.path],
        summary="住户对账单 / a household's statement of account on any day",
        responses=answered(ref("Statement")),
        response_model=None,
    )
    def statement(request: Request, office: str, case_id: str, on: On = None, as_of: AsOf = None) -> Response:
        context.roles(request, office)
        checked_id(ACCOUNT, case_id)
        page, day = context.page(office, as_of), on or local_date(context.time_in(office))
        account = context.handler.case(office, case_id, until=page)
        return json(_statement(account, terms_of(context, office, page), day))

    @made.get(
        "/offices/{office}/bills/{case_id}/late-fee",
        operation_id="late_fee_of_bill",
        tags=[BILL.path],
        summary="滞纳金如何得出 / why a late fee is what it is, to the step",
        responses=answered(ref("LateFee")),
        response_model=None,
    )
    def late_fee(request: Request, office: str, case_id: str, on: On = None, as_of: AsOf = None) -> Response:
        context.roles(request, office)
        checked_id(BILL, case_id)
        page, day = context.page(office, as_of), on or local_date(context.time_in(office))
        bill = context.handler.case(office, case_id, until=page)
        settings = settings_of(context, office, page)
        terms, due = FeeTerms.of(settings), bill.due_on or date.max
        fee = terms.fee(bill.movements, due, day, bill.still)
        return json(
            {
                "bill": bill.id,
                "on": day,
                "due_on": bill.due_on,
                "named_due_on": bill.named_due_on,
                "grace_days": in_force(terms.graces, due),
                **late_fee_steps(fee),
                "assessed_fen": bill.late_fee_fen,
                "waived_fen": bill.waived_fen,
                "paid_fen": sum(move.penalty_fen for move in bill.moves),
                "holds": [{"first": first, "last": last} for first, last in bill.holds],
                "warnings": _warnings(bill.due_on, settings),
            }
        )

    @made.get(
        "/offices/{office}/collection",
        operation_id="collection",
        tags=["registers"],
        summary="收缴率 / what was charged and collected, by billing period or by due date",
        responses=answered(ref("Collection")),
        response_model=None,
    )
    def collection(
        request: Request,
        office: str,
        on: On = None,
        period: Short | None = None,
        due_from: Day | None = None,
        due_to: Day | None = None,
        as_of: AsOf = None,
    ) -> Response:
        context.roles(request, office)
        page = context.page(office, as_of)
        page = context.last_page(office) if page is None else page
        day = on or local_date(context.time_in(office))
        asked = {"office": office, "page": page, "on": day, "period": period, "due_from": due_from, "due_to": due_to}
        with context.connect() as connection:
            row = connection.execute(_COLLECTION, asked).fetchone()
        assert row is not None
        collected, charged, paid, billed = (int(each) for each in row)
        return json(
            {
                "on": day,
                "collected_fen": collected,
                "charged_fen": charged,
                "households_paid": paid,
                "households_billed": billed,
                "by_amount": str(Fraction(collected, charged)) if charged else None,
                "by_household": str(Fraction(paid, billed)) if billed else None,
            }
        )

    return made


def settings_of(context: ApiContext, office: str, page: int | None) -> Settings:
    """The office's settings, as they stood on a page."""
    settings: Settings = context.handler.case(office, f"office-{office}", until=page).settings
    return settings


def terms_of(context: ApiContext, office: str, page: int | None = None) -> FeeTerms:
    """The terms of an office's late fees and payments, as they stood on a page."""
    return FeeTerms.of(settings_of(context, office, page))


def _statement(account: HouseholdAccount, terms: FeeTerms, on: date) -> dict[str, Any]:
    kept = account.reckoned(terms, on)
    noticed = {e.source: e.amount_fen for e in account.entries if e.kind is EntryKind.ASSESSMENT}
    bills = [_bill(bill, terms, on, noticed) for bill in kept.bills.values()]
    owed = sum(sum(bill["owed_fen"].values()) for bill in bills)
    return {
        "household": account.household,
        "account": account.id,
        "on": on,
        "owed_fen": owed,
        "prepaid_fen": kept.prepaid,
        "refunded_fen": kept.refunded,
        "bills": bills,
        "entries": [entry for entry in account.entries if entry.day <= on],
    }


def _bill(bill: KeptBill, terms: FeeTerms, on: date, noticed: dict[str, int]) -> dict[str, Any]:
    given_up = bill.written_off
    return {
        "bill": bill.id,
        "issued_on": bill.issued_on,
        "due_on": bill.due_on,
        "principal_fen": bill.principal,
        "costs_fen": bill.costs,
        "late_fee": late_fee_steps(bill.fee(terms, on)),
        "assessed_fen": sum(bill.assessed.values()),
        "assessments": [
            {"source": source, "noticed_fen": noticed.get(source, fen), "fresh_fen": fen}
            for source, fen in bill.assessed.items()
        ],
        "waived_fen": bill.waived,
        "paid_fen": bill.met(),
        "owed_fen": bill.owed,
        "written_off_fen": given_up,
        "recovered_fen": bill.met(recovered=True) if given_up is not None else None,
        "moves": bill.moves,
    }


def late_fee_steps(fee: LateFee) -> dict[str, Any]:
    """A late fee with every step that leads to it."""
    terms = " + ".join(f"{span.outstanding} × {decimal(span.rate)} × {span.days}" for span in fee.spans) or "0"
    exact, capped = decimal(fee.exact), fee.exact > fee.cap_fen
    least = f"min({exact}, {fee.cap_fen})" if capped else exact
    return {
        "accrued_fen": fee.fen,
        "exact_fen": exact,
        "cap": str(fee.cap),
        "cap_fen": fee.cap_fen,
        "capped": capped,
        "spans": [
            {
                "first": span.first,
                "last": span.last,
                "days": span.days,
                "outstanding_fen": span.outstanding,
                "rate_per_day": decimal(span.rate),
                "exact_fen": decimal(span.exact),
            }
            for span in fee.spans
        ],
        "formula_zh": f"{terms} = {exact}分，{'不超过上限，' if capped else ''}四舍五入为{yuan(fee.fen)}元",
        "formula_en": f"{terms} = {exact} fen; {least} rounded half up is CNY {yuan(fee.fen)}",
    }


def decimal(value: Fraction) -> str:
    """A number without rounding: an exact decimal where there is one, else the fraction."""
    rest, places = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest, count = rest // prime, count + 1
        places = min(max(places, count), _MOST_PLACES)
    if rest != 1:
        return str(value)
    whole, part = divmod(value.numerator * 10**places // value.denominator, 10**places)
    return f"{whole}.{part:0{places}}" if places else str(whole)


def _warnings(due_on: date | None, settings: Settings) -> list[dict[str, str]]:
    """What rests on holidays that are not announced yet."""
    if due_on is None or announced(due_on.year, settings.at(due_on)):
        return []
    zh = f"{due_on.year}年放假安排尚未公布，仅计法规固定的放假日"
    en = f"the holidays of {due_on.year} are not announced: only those fixed by regulation count"
    return [{"zh": zh, "en": en}]
