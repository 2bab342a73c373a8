"""Offices 管理处: which there are, and the opening of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from api.http.authentication import who
from api.http.context import Counter, json
from api.http.documents import ANSWER, answered, ref
from api.http.text import tighten
from api.routes.actions import IdempotencyKey, act
from domain.kernel.errors import NotFound, RuleBroken
from domain.office.office import LIFECYCLE as OFFICE
from domain.office.office import OpenOffice
from journal.book import Book, all_offices

__all__ = ["router"]


def router(counter: Counter) -> APIRouter:
    """Offices."""
    made = APIRouter(tags=["offices"])
    tighten(OpenOffice)
    give = act(counter, OFFICE, OpenOffice, status=201)

    @made.post(
        "/offices",
        operation_id="open_office",
        status_code=201,
        summary=f"{OpenOffice.ZH} / {OpenOffice.EN}",
        responses=answered(ANSWER, 201),
        response_model=None,
    )
    def open_office(request: Request, body: Annotated[OpenOffice, Body()], key: IdempotencyKey = None) -> Response:
        counter.system_administrator(request)
        if body.simulated:
            raise RuleBroken(
                "simulated",
                None,
                zh="模拟管理处不经由接口设立",
                en="a played office is not opened here",
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
        with counter.connect() as connection:
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
        found = view(office) if allowed and counter.exists(office) else None
        if found is None:
            raise NotFound("office-unknown", None, zh="没有这个管理处", en="there is no such office")
        return json(found)

    def view(office: str) -> dict[str, object] | None:
        with counter.connect() as connection:
            book = Book(connection, office)
            head, case = book.head(), book.case(f"office-{office}")
        if head is None or case is None:
            return None
        return {
            "code": case.code, "name": case.name, "simulated": case.simulated, "number": head.number, "recorded_at": head.recorded_at,
        }  # fmt: skip

    return made
