"""Asking a resident 请住户自述: the slip with the code and the link, for the letter, the door or the telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from api.console.codes import drawn
from api.console.formatting import instant
from api.console.page import Kit, Page, first, office_page
from api.console.resident_links import ASKED_ABOUT, link_of, word_of
from api.console.resident_view import matter_of
from api.routes.actions import act, checked_id
from domain.cases import BY_KIND
from domain.kernel.errors import NotFound, Refusal
from domain.visits.resident_word import LIFECYCLE, InviteResident

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]


def routes(kit: Kit) -> list[Route]:
    """One address for every matter that a resident can be asked about."""
    return [office_page(kit, "/invite/{case_id:path}", _invite, ("GET", "POST"))]


def _invite(page: Page) -> Response:
    case_id = page.request.path_params["case_id"]
    kind = case_id.partition("-")[0]
    if kind not in ASKED_ABOUT:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    checked_id(BY_KIND[kind], case_id)
    case = page.context.handler.case(page.office, case_id)
    said = ""
    if page.request.method == "POST":
        give = act(page.context, LIFECYCLE, InviteResident, status=200)
        key = first(page.form, "idempotency_key") or None
        try:
            give(page.request, page.office, None, InviteResident(of_case=case_id), None, key, None, None, None)
            return RedirectResponse(page.at("invite", case_id), 303)
        except Refusal as refusal:
            said = page.t(refusal.zh, refusal.en)
    word, link = word_of(page, case_id), link_of(page, case_id)
    may = {role for row in LIFECYCLE.steps if row.command is InviteResident for role in row.who}
    return page.show(
        "invite.html",
        409 if said else 200,
        said=said,
        matter=matter_of(page, case),
        office=page.kit.office_name(page.office),
        back=page.at("case", case_id),
        link=link,
        code=drawn(link) if link is not None else None,
        until=instant(word.until, page.lang, page.now, ends=True) if word is not None and word.until else "",
        word=page.at("case", word.id) if word is not None else "",
        state=page.t(*LIFECYCLE.states[word.state]) if word is not None else "",
        may=not may.isdisjoint(page.roles),
    )
