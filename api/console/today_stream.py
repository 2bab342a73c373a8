"""The stream of today's counters 今日要数的推送: server-sent events for whoever has the page open, while he may."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.console.counters import Counters
from api.console.page import Kit, Page
from api.console.text import Language, language_of
from api.http.authentication import who
from api.routes.audit import Listener, Stream

if TYPE_CHECKING:
    from api.console.counters import Place

__all__ = ["stream_route"]

_KEEP_ALIVE: Final = 15.0
_HEADERS: Final = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
_BLANK: Final = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}


def stream_route(kit: Kit, say: Callable[[Page], bytes]) -> Route:
    """``say`` makes what is sent of a page; nothing in it is anybody's alone."""

    def count(office: str, language: Language) -> bytes:
        page = Page(kit, Request(_BLANK), [], {}, office, (), kit.context.time_in(office))
        page.lang = language
        return say(page)

    counters = Counters(kit.context, count)

    async def endpoint(request: Request) -> Response:
        office = request.path_params["office"]
        await run_sync(lambda: kit.context.roles(request, office))
        place = (office, language_of(request.headers.get("cookie", "")))
        listening = ExitStack()
        listening.enter_context(counters.joined(place, who(request.scope).user_id))
        return Stream(_told(kit, counters, request, place), listening, media_type="text/event-stream", headers=_HEADERS)

    return Route("/{office}/today/stream", endpoint)


async def _told(kit: Kit, counters: Counters, request: Request, place: Place) -> AsyncIterator[bytes]:
    yield b": wuye\nretry: 10000\n\n"
    seen, listener = 0, Listener(kit.context, request, place[0])
    while not kit.context.closing.is_set():
        said = await counters.after(place, seen, _KEEP_ALIVE)
        if not await listener.is_still_allowed():
            return
        if said is None:
            yield b": still here\n\n"
        elif said[0] > seen:
            seen = said[0]
            yield b"event: counts\ndata: %b\n\n" % said[1]
