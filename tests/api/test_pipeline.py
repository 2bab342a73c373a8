"""The pipeline by itself: steps in their order, and one answer to each request, whatever is raised behind it."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response

from api.http.headers import SecurityHeaders
from api.http.pipeline import Exchange, Pipeline, Step


def answered(app: Any, *steps: Step) -> list[dict[str, Any]]:
    """What leaves when GET / is asked."""
    left: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        left.append(message)

    whole = Pipeline(app, at_start=(SecurityHeaders(),), rewrite=lambda exchange: exchange.send, steps=steps)
    asyncio.run(whole({"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send))
    return left


def begun(left: list[dict[str, Any]]) -> list[int]:
    """The status of every answer that began, each of which bears the headers of every answer."""
    starts = [message for message in left if message["type"] == "http.response.start"]
    assert all((b"x-content-type-options", b"nosniff") in start["headers"] for start in starts)
    return [start["status"] for start in starts]


async def lets_go_on(_exchange: Exchange) -> Response | None:
    return None


async def refuses(_exchange: Exchange) -> Response | None:
    return PlainTextResponse("no", 403)


async def breaks(*_anything: Any) -> Response | None:
    raise LookupError("王小明")


async def never(*_anything: Any) -> Response | None:
    raise AssertionError("nobody comes this far")


def test_what_a_step_refuses_comes_neither_to_a_later_step_nor_to_a_route() -> None:
    assert begun(answered(never, lets_go_on, refuses, never)) == [403]


def test_what_every_step_lets_go_on_is_answered_by_its_route() -> None:
    assert begun(answered(PlainTextResponse("yes"), lets_go_on, lets_go_on)) == [200]


def test_what_is_raised_by_a_step_or_by_a_route_is_a_fault_that_says_nothing_of_it() -> None:
    for left in (answered(breaks), answered(never, breaks)):
        assert begun(left) == [500]
        assert "王小明".encode() not in b"".join(message.get("body", b"") for message in left)


def test_an_answer_that_has_begun_is_left_unfinished() -> None:
    async def breaks_off(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise LookupError

    assert begun(answered(breaks_off)) == [200]


def test_nobody_is_answered_who_has_gone() -> None:
    async def gone(*_anything: Any) -> None:
        raise ClientDisconnect

    assert answered(gone) == []


def test_what_a_step_puts_into_the_way_of_an_answer_sees_that_of_the_route_and_no_fault() -> None:
    seen: list[int] = []

    async def watches(exchange: Exchange) -> Response | None:
        send = exchange.send

        async def sending(message: Any) -> None:
            seen.extend([message["status"]] if message["type"] == "http.response.start" else [])
            await send(message)

        exchange.send = sending
        return None

    answered(PlainTextResponse("yes"), watches)
    answered(breaks, watches)
    assert seen == [200]
