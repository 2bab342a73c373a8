"""Offices 管理处: which there are, the opening of one, and the clock of a simulated one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from api.http.authentication import who
from api.http.context import ApiContext, json
from api.http.documents import ANSWER, answered, ref
from api.http.text import tighten
from api.routes.actions import IdempotencyKey, act
from domain.kernel.errors import NotFound, NotPermitted, RuleBroken
from domain.kernel.people import Role
from domain.office.office import LIFECYCLE as OFFICE
from domain.office.office import OpenOffice
from journal.book import Book, all_offices

__all__ = ["MoveClock", "router"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveClock:
    """Until when a simulated office's clock is moved."""

    to: datetime


tighten(MoveClock)


def router(context: ApiContext) -> APIRouter:
    """Offices."""
    made = APIRouter(tags=["offices"])
    tighten(OpenOffice)
    give = act(context, OFFICE, OpenOffice, status=201)

    @made.post(
        "/offices",
        operation_id="open_office",
        status_code=201,
        summary=f"{OpenOffice.ZH} / {OpenOffice.EN}",
        responses=answered(ANSWER, 201),
        response_model=None,
    )
    def open_office(request: Request, body: Annotated[OpenOffice, Body()], key: IdempotencyKey = None) -> Response:
        context.system_administrator(request)
        if body.simulated:
            raise RuleBroken(
                "simulated",
                None,
                zh="模拟管理处以 wuye office open --simulated 设立，不经由接口",
                en="a simulated office is opened by `wuye office open --simulated`, not here",
                field="simulated",
            )
        return give(request, body.code, None, body, None, key, None, None)

    @made.get(
        "/offices",
        operation_id="offices",
        summary="管理处 / the offices one may look into",
        responses=answered(ref("Offices")),
        response_model=None,
    )
    def offices(request: Request) -> Response:
        identity = who(request.scope)
        with context.connect() as connection:
            every = all_offices(connection)
        shown = every if identity.is_system_administrator else [code for code in every if identity.roles(code)]
        return json({"offices": [found for code in shown if (found := view(code)) is not None]})

    @made.get(
        "/offices/{office}",
        operation_id="office",
        summary="一个管理处 / one office",
        responses=answered(ref("Office")),
        response_model=None,
    )
    def one(request: Request, office: str) -> Response:
        identity = who(request.scope)
        allowed = identity.is_system_administrator or identity.roles(office)
        found = view(office) if allowed and context.exists(office) else None
        if found is None:
            raise NotFound("office-unknown", None, zh="没有这个管理处", en="there is no such office")
        return json(found)

    @made.get(
        "/offices/{office}/clock",
        operation_id="clock",
        summary="模拟管理处的时钟 / what a simulated office's clock shows",
        responses=answered(ref("Clock")),
        response_model=None,
    )
    def clock(request: Request, office: str) -> Response:
        _known(request, office)
        return json({"now": context.clock.shows(office)})

    @made.post(
        "/offices/{office}/clock",
        operation_id="move_clock",
        summary="拨动模拟管理处的时钟 / move a simulated office's clock forward, firing what falls due",
        responses=answered(ref("Moved")),
        response_model=None,
    )
    def move(request: Request, office: str, body: Annotated[MoveClock, Body()]) -> Response:
        _known(request, office)
        context.clock.shows(office)
        identity = who(request.scope)
        if not identity.is_system_administrator and Role.MANAGER not in identity.roles(office):
            raise NotPermitted(
                "role",
                None,
                zh="须由管理处经理或系统管理员拨动时钟",
                en="a clock is moved by the office's manager or a system administrator",
            )
        moved = context.clock.move(office, body.to)
        return json({"now": moved.now, "fired": moved.fired, "failed": moved.failed})

    def _known(request: Request, office: str) -> None:
        identity = who(request.scope)
        if not (identity.is_system_administrator or identity.roles(office)) or not context.exists(office):
            raise NotFound("office-unknown", None, zh="没有这个管理处", en="there is no such office")

    def view(office: str) -> dict[str, object] | None:
        with context.within(office) as connection:
            book = Book(connection, office)
            head, case = book.head(), book.case(f"office-{office}")
        if head is None or case is None:
            return None
        return {
            "code": case.code,
            "name": case.name,
            "simulated": case.simulated,
            "number": head.number,
            "recorded_at": head.recorded_at,
            "now": context.time_in(office),
        }

    return made
