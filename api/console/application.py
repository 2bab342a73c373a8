"""The console put together 工作台: its pages under one address, over the same context as the API."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount

from api.console import (
    accounts,
    actions,
    bank,
    boards,
    case_papers,
    cases,
    cash,
    choosing,
    compliance,
    counter,
    due_letters,
    facts,
    find,
    handbook,
    homes,
    imports,
    invitations,
    kept_pages,
    log_in,
    months,
    notices,
    offers,
    own_account,
    paper_check,
    papers,
    patrol,
    practice,
    printing,
    receipts,
    reception,
    register_file,
    registers,
    reports,
    residents,
    saved_views,
    settings,
    staff,
    standards,
    statement,
    survey_sheets,
    today,
    together,
)
from api.console.errors import HOME
from api.console.page import Kit, Page, office_page, route
from api.console.people import People
from api.console.static_files import StaticFiles
from api.http.context import ApiContext
from domain.kernel.errors import NotFound

__all__ = ["console"]


def console(context: ApiContext, files: StaticFiles) -> list[BaseRoute]:
    """The console's routes: its files, and everything under ``/console``."""
    kit = Kit(context, files, People(context))
    pages = [
        *log_in.routes(kit),
        *accounts.routes(kit),
        *own_account.routes(kit),
        route(kit, "/", _home),
        *today.routes(kit),
        *notices.routes(kit),
        *register_file.routes(kit),
        *registers.routes(kit),
        *together.routes(kit),
        *saved_views.routes(kit),
        *find.routes(kit),
        *offers.routes(kit),
        *choosing.routes(kit),
        *cases.routes(kit),
        *standards.routes(kit),
        *compliance.routes(kit),
        *facts.routes(kit),
        *papers.routes(kit),
        *case_papers.routes(kit),
        *due_letters.routes(kit),
        *boards.routes(kit),
        *printing.routes(kit),
        *paper_check.routes(kit),
        *months.routes(kit),
        *counter.routes(kit),
        *receipts.routes(kit),
        *cash.routes(kit),
        *bank.routes(kit),
        *statement.routes(kit),
        *reports.routes(kit),
        *survey_sheets.routes(kit),
        *homes.routes(kit),
        *reception.routes(kit),
        *handbook.routes(kit),
        *practice.routes(kit),
        *patrol.routes(kit),
        *kept_pages.routes(kit),
        *settings.routes(kit),
        *staff.routes(kit),
        *imports.routes(kit),
        *invitations.routes(kit),
        *actions.routes(kit),
        office_page(kit, "", _office),
        route(kit, "/{rest:path}", _nothing, ("GET", "POST")),
    ]
    return [files.route(), route(kit, HOME, _home), Mount(HOME, routes=pages), *residents.routes(kit)]


def _home(page: Page) -> Response:
    """To the first office that one may look into; who keeps the accounts has none, and goes there."""
    offices = page.context.offices(page.identity)
    if offices:
        page.office = offices[0]
        return RedirectResponse(page.at("today"), 303)
    if page.identity.is_system_administrator:
        return RedirectResponse(f"{HOME}/accounts", 303)
    return page.show("no_office.html", home=HOME)


def _office(page: Page) -> Response:
    return RedirectResponse(page.at("today"), 303)


def _nothing(_page: Page) -> Response:
    raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
