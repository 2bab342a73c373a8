"""The statement 对账单 (§7): what a household owes on any day, entry by entry, and why each fen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from api.console.account_view import owing, posted
from api.console.find import people_of
from api.console.formatting import day, money
from api.console.page import Kit, Page, office_page
from api.routes.actions import checked_id
from domain.cases import BY_KIND
from domain.kernel.calendar import add_months, local_date
from domain.kernel.errors import NotFound
from domain.kernel.money import capital

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]

_MONTHS = 12


def routes(kit: Kit) -> list[Route]:
    """One household's."""
    return [office_page(kit, "/statement/{household:path}", _statement)]


def _statement(page: Page) -> Response:
    household = page.request.path_params["household"]
    checked_id(BY_KIND["household"], household)
    today = local_date(page.now)
    on = min(page.day("on") or today, today)
    since = page.day("since") or add_months(on.replace(day=1), -_MONTHS)
    people = people_of(page, [household])
    if not people:
        raise NotFound("case-unknown", None, zh="没有这一户", en="there is no such household")
    owes = owing(page, household, on, since, with_lines=True)
    entries = posted(page, owes, since)
    return page.show(
        "statement.html",
        here=people[0],
        file=page.at("case", household),
        pay=page.at("counter", household=household),
        pdf=page.at("pdf", "statement", household, since=since.isoformat(), on=on.isoformat()),
        account=page.at("case", owes.account.id) if owes.account is not None else "",
        owes=owes,
        entries=entries,
        asked=sum(row["asked_fen"] for row in entries["rows"]),
        paid=sum(row["paid_fen"] for row in entries["rows"]),
        money=money,
        capital=capital(max(owes.owed, 0)),
        since=since.isoformat(),
        on=on.isoformat(),
        on_said=day(on, page.lang, page.now),
        since_said=day(since, page.lang, page.now),
        today=today.isoformat(),
        office=page.kit.office_name(page.office),
    )
