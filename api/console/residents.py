"""The pages of residents 住户页: no log-in, one matter, its title and no more; what is said there is a fact of role resident.

Links cannot be guessed (see ``resident_links``), end, and are answered once; whoever asks too often from one address has
to wait. Whoever is logged in as staff in the same browser is not the resident, and is told so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING, Final

from anyio.to_thread import run_sync
from starlette.responses import Response
from starlette.routing import Route

from api.console.errors import RESIDENTS
from api.console.page import Kit, Make, Page, first, sent
from api.console.resident_links import Link, read_link, word_of
from api.console.resident_view import matter_of, refuse_staff
from api.console.survey_page import survey_page
from api.http.problems import Problem
from api.http.rate_limits import SlidingWindow, network_of
from api.routes.accounts import address_of
from domain.cases import lifecycle_of
from domain.kernel.errors import NotFound, Refusal, WrongState
from domain.kernel.fact import Case, Command
from domain.kernel.people import Actor, Role
from domain.rounds.repair_order.case import RepairOrder
from domain.rounds.repair_order.commands import AcceptRepair
from domain.services.service_order import AcceptService, ServiceOrder
from domain.visits.resident_word import INVITED, LAPSED, ResidentWord, SpeakForOneself, may_be_asked, word_id
from journal.errors import RepeatedKey
from workflows.engine.request import CommandRequest

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["OF_ADDRESS", "routes"]

_WINDOW: Final = 300.0
"""Seconds within which calls are counted."""
OF_ADDRESS: Final = 60
"""Calls from one address within that time; a whole building may stand behind one."""
_IN_ALL: Final = 2_000
_MOST_WORDS: Final = 2_000
_RESIDENT: Final = Actor("resident", Role.RESIDENT)
_ACCEPTS: Final[dict[type[Case], type[Command]]] = {RepairOrder: AcceptRepair, ServiceOrder: AcceptService}


def routes(kit: Kit) -> list[Route]:
    """One address, whatever the matter, and one for a survey's questions."""
    calls = SlidingWindow(_WINDOW, _IN_ALL)

    def counted(make: Make) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            now, key = monotonic(), network_of(address_of(request))
            wait = calls.wait(now, key, OF_ADDRESS) or calls.wait(now, "all", _IN_ALL)
            if wait > 0:
                raise Problem(429, headers={"Retry-After": str(ceil(wait))})
            calls.add(now, key, "all")
            form, _ = await sent(request)
            page = Page(kit, request, form, {})
            if page.query("lang") == "en":
                page.lang = "en"
            return await run_sync(lambda: make(page))

        return endpoint

    both = ["GET", "POST"]
    return [
        Route(f"{RESIDENTS}/survey/{{token}}", counted(survey_page), methods=both),
        Route(f"{RESIDENTS}/{{token}}", counted(_page), methods=both),
    ]


def _page(page: Page) -> Response:
    link = read_link(page.context, page.request.path_params["token"])
    if link is None or not page.context.exists(link.office):
        raise NotFound("link-unknown", None, zh="没有这个链接", en="there is no such link")
    page.office, page.moment = link.office, page.context.time_in(link.office)
    said = ""
    if page.request.method == "POST":
        try:
            _speak(page, link)
        except Refusal as refusal:
            said = page.t(refusal.zh, refusal.en)
    return _shown(page, link, said)


def _speak(page: Page, link: Link) -> None:
    """What the resident says becomes a fact; a second click finds it answered."""
    refuse_staff(page, "5.2.5(3)")
    word = word_of(page, link.of_case)
    if word is None or word.invited != link.round or word.state != INVITED:
        return
    answer, why = first(page.form, "answer"), first(page.form, "why").strip()[:_MOST_WORDS]
    if answer not in ("yes", "no"):
        raise NotFound("answer-missing", None, zh="请选满意或不满意", en="choose one of the two", field="answer")
    spoken = CommandRequest(
        office=page.office,
        command=SpeakForOneself(of_case=link.of_case, is_satisfied=answer == "yes", why=why or None),
        case_id=word_id(link.of_case),
        actor=_RESIDENT,
        now=page.now,
    )
    # The link is answered under a key of its own: of two clicks at once one writes, and the other finds it answered.
    key = f"{word_id(link.of_case)}/{link.round}"
    with suppress(RepeatedKey):
        try:
            page.context.handler.handle_together([spoken, *_acceptance(page, link.of_case, answer)], key)
        except WrongState:  # staff was quicker with the acceptance, or a second click with the word
            page.context.handler.handle_together([spoken, *_acceptance(page, link.of_case, answer)], key)


def _accepting(case: Case) -> type[Command] | None:
    """What the resident accepts by being content: a repair or a service that is done and not accepted yet (§1.11, §6)."""
    command = _ACCEPTS.get(type(case))
    if command is None or lifecycle_of(case.id).why_not(command, case, _RESIDENT) is not None:
        return None
    return command


def _acceptance(page: Page, case_id: str, answer: str) -> list[CommandRequest]:
    """What being content accepts, if anything waits for it: a fact of the resident's own, written together with the word."""
    command = _accepting(page.context.handler.case(page.office, case_id)) if answer == "yes" else None
    if command is None:
        return []
    return [CommandRequest(office=page.office, command=command(), case_id=case_id, actor=_RESIDENT, now=page.now)]


def _shown(page: Page, link: Link, said: str) -> Response:
    word = word_of(page, link.of_case)
    if word is None or word.set_aside is not None or word.invited != link.round or word.state == LAPSED:
        raise NotFound(
            "link-ended", None, zh="链接已失效，请向管理处再要一个", en="the link has ended: ask for another"
        )
    case = page.context.handler.case(page.office, link.of_case)
    over = word.until is not None and page.now >= word.until
    return page.show(
        "resident.html",
        409 if said else 200,
        office_name=page.kit.office_name(page.office),
        matter=matter_of(page, case),
        said=said,
        written=(first(page.form, "answer"), first(page.form, "why")) if said else ("", ""),
        asks=word.state == INVITED and not over and may_be_asked(case),
        accepts=_accepting(case) is not None,
        waits=word.state == INVITED and not may_be_asked(case),
        answered=_answered(page, word),
        other=f"{page.request.url.path}{'' if page.lang == 'en' else '?lang=en'}",
        framed=False,
    )


def _answered(page: Page, word: ResidentWord) -> str:
    """What was said; not the words, since somebody else may hold the link by now."""
    if word.is_satisfied is None:
        return ""
    return page.t("满意", "satisfied") if word.is_satisfied else page.t("不满意", "not satisfied")
