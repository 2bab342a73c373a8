"""Cash closing 现金日结 (§7): what came in on a day by receipt and method, the drawer counted against it, and what was short."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import RedirectResponse, Response

from api.console.actions import Told, attempted
from api.console.formatting import clock, day, instant, left, money
from api.console.page import Kit, Page, office_page
from api.routes.cases import choices
from domain.cases import BY_PATH
from domain.fees.cash_day import CashDay, CashDayClosed, CloseCashDay, MoneyBooked, cash_day_id
from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import end_of_day, local_date
from domain.kernel.errors import NotFound
from domain.kernel.fact import Fact
from domain.kernel.people import Actor
from domain.kernel.words import choice_names

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]

_ACTS: Final = {"close": CloseCashDay}
_RECENT: Final = """
select day, number, cash_fen, total_fen, counted_fen, difference_fen, open from wuye.r_cash_days
 where office = %s and to_number is null order by open desc, day desc limit 14
"""
_HOMES: Final = """
select p.case_id, h.home from (
  select case_id, household from wuye.r_payments where office = %(office)s and case_id = any(%(of)s) and to_number is null
  union all
  select case_id, household from wuye.r_accounts where office = %(office)s and case_id = any(%(of)s) and to_number is null
  union all
  select case_id, household from wuye.r_bills where office = %(office)s and case_id = any(%(of)s) and to_number is null
) p join wuye.r_households h on h.office = %(office)s and h.case_id = p.household and h.to_number is null
union all
select case_id, home from wuye.r_renovations where office = %(office)s and case_id = any(%(of)s) and to_number is null
union all
select case_id, home from wuye.r_move_ins where office = %(office)s and case_id = any(%(of)s) and to_number is null
"""


def routes(kit: Kit) -> list[Route]:
    """One day's; today's where none is asked for."""
    return [office_page(kit, "/cash", _cash, ("GET", "POST"))]


def _cash(page: Page) -> Response:
    on = page.day("day") or local_date(page.now)
    case_id = cash_day_id(page.office, on)
    told: Told | None = None
    if page.request.method == "POST":
        done = attempted(page, BY_PATH["cash-days"], _ACTS, case_id)
        if not isinstance(done, Told):
            return RedirectResponse(page.at("cash", day=on.isoformat()), 303)
        told = done
    try:
        case, facts = page.context.handler.history(page.office, case_id)
    except NotFound:
        case, facts = None, ()
    found = [Actor(page.identity.user_id, role) for role in page.roles]
    may = case is not None and CloseCashDay in choices(BY_PATH["cash-days"], case, found).permitted
    change = page.context.handler.settings(page.office).at(on).integer("cash.float_fen")
    over = case is not None and case.state == "open" and end_of_day(on) <= page.now
    return page.show(
        "cash.html",
        200 if told is None else 409,
        on=day(on, page.lang, page.now),
        iso=on.isoformat(),
        today=local_date(page.now).isoformat(),
        cash=case,
        change=change,
        expected=(case.cash_fen if case is not None else 0) + change,
        state=page.t(*BY_PATH["cash-days"].states[case.state]) if case is not None else "",
        over=over,
        left=left(end_of_day(on), page.lang, page.now),
        may=may,
        told=told,
        key=secrets.token_urlsafe(18),
        money=money,
        entries=_entries(page, facts),
        totals=_totals(page, case) if case is not None else [],
        counts=_counts(page, facts),
        days=_days(page, on),
        counter=page.at("counter"),
        case=page.at("case", case_id),
    )


def _entries(page: Page, facts: Sequence[Fact]) -> list[dict[str, Any]]:
    """Receipt after receipt, as they were numbered; what was taken back or refunded stands below nothing."""
    booked = [(fact, fact.event) for fact in facts if isinstance(fact.event, MoneyBooked)]
    of = [event.source.partition("#")[0] for _, event in booked]
    with page.connect() as connection:
        homes = dict(connection.execute(_HOMES, {"office": page.office, "of": of}).fetchall())
    return [
        {
            "receipt": event.receipt,
            "href": page.at("receipt" if source.startswith("payment-") else "case", source),
            "home": homes.get(source) or "",
            "method": page.t(*choice_names(PaymentMethod(event.method))),
            "amount": money(event.amount_fen),
            "out": event.amount_fen < 0,
            "at": clock(fact.occurred_at),
        }
        for (fact, event), source in zip(booked, of, strict=True)
    ]


def _totals(page: Page, cash: CashDay) -> list[tuple[str, str]]:
    return [
        (page.begins(*choice_names(each)), money(cash.totals[each])) for each in PaymentMethod if each in cash.totals
    ]


def _counts(page: Page, facts: Sequence[Fact]) -> list[dict[str, Any]]:
    """How often the drawer was counted, by whom, and what was over or short."""
    return [
        {
            "at": instant(fact.occurred_at, page.lang, page.now),
            "by": page.kit.people.name(fact.user_id, page.lang),
            "expected": money(fact.event.expected_fen),
            "counted": money(fact.event.counted_fen),
            "difference": money(fact.event.difference_fen),
            "is_off": fact.event.difference_fen != 0,
            "reason": fact.event.reason or "",
        }
        for fact in facts
        if isinstance(fact.event, CashDayClosed)
    ]


def _days(page: Page, on: date) -> list[dict[str, Any]]:
    """The days that are not closed first, then the last ones."""
    with page.connect() as connection:
        rows = connection.execute(_RECENT, [page.office]).fetchall()
    today = local_date(page.now)
    return [
        {
            "href": page.at("cash", day=each.isoformat()),
            "text": day(each, page.lang, page.now),
            "here": each == on,
            "receipts": number,
            "total": money(total),
            "open": open_,
            "late": open_ and each < today,
            "difference": money(difference) if difference else "",
        }
        for each, number, _cash, total, _counted, difference, open_ in rows
    ]
