"""Refusals as pages 出错页面: what any part of the program answers as a problem, a browser is shown as a page.

It is asked before anything can refuse: whoever is not logged in is led to the log-in and back again.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

import msgspec
from starlette.responses import RedirectResponse, Response

from api.console.rendering import html
from api.console.static_files import StaticFiles
from api.console.text import cited, language_of, says, theme_of
from api.http.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from starlette.types import Message, Scope, Send

    from api.http.pipeline import Exchange

__all__ = ["HOME", "RESIDENTS", "PagesForErrors", "within"]

HOME: Final = "/console"
RESIDENTS: Final = "/r"
"""Under which the pages of residents stand: whoever has a link needs no log-in."""
_LOG_IN: Final = f"{HOME}/login"


class PagesForErrors:
    """Turns the problems of the console's addresses into pages."""

    def __init__(self, files: StaticFiles) -> None:
        """``files`` are what the pages are made with."""
        self._files = files

    def __call__(self, exchange: Exchange) -> Send:
        """What sends the answers to a request; a problem is held back until it is whole, and sent as a page."""
        scope, receive, send = exchange.scope, exchange.receive, exchange.send
        if not f"{scope['path']}/".startswith((f"{HOME}/", f"{RESIDENTS}/")):
            return send
        began: Message | None = None
        held = bytearray()

        async def sending(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start" and _is_problem(message):
                began = message
                return
            if began is None:
                await send(message)
                return
            held.extend(message.get("body", b""))
            if not message.get("more_body", False):
                answer = self._page(scope, msgspec.json.decode(bytes(held)), began)
                await answer(scope, receive, send)

        return sending

    def _page(self, scope: Scope, problem: dict[str, Any], began: Message) -> Response:
        headers = {bytes(name).decode("latin-1"): bytes(value).decode("latin-1") for name, value in scope["headers"]}
        if problem["status"] == 401:
            return _to_log_in(scope, headers)
        language = language_of(headers.get("cookie", ""))
        values = {
            "lang": language,
            "t": lambda zh, en: says(language, zh, en),
            "cites": partial(cited, language),
            "theme": theme_of(headers.get("cookie", "")),
            "asset": self._files.address,
            "problem": problem,
            "said": says(language, problem["zh"], problem["en"]),
            "back": _before(scope, headers),
        }
        template = "refusal.html" if "hx-request" in headers else "error.html"
        if f"{scope['path']}/".startswith(f"{RESIDENTS}/"):
            template = "resident_error.html"
        answer = html(template, values, problem["status"])
        again = dict(began["headers"]).get(b"retry-after")
        if again is not None:
            answer.headers["Retry-After"] = again.decode()
        return answer


def within(path: str) -> bool:
    """Whether it is the address of one of the console's pages."""
    return f"{path}/".startswith(f"{HOME}/")


def _before(scope: Scope, headers: dict[str, str]) -> str:
    """The page of ours from which this was asked for, if it is another one: where one can go on."""
    page = _ours(headers.get("referer", ""), headers)
    path = page.partition("?")[0]
    return "" if path == _LOG_IN or (path == scope["path"] and scope["method"] == "GET") else page


def _ours(address: str, headers: dict[str, str]) -> str:
    """The path and query of an address of the console that the browser says it shows; nothing for any other."""
    try:
        asked = urlsplit(address)
    except ValueError:
        return ""
    if not asked.netloc or asked.netloc != headers.get("host") or not within(asked.path):
        return ""
    return f"{asked.path}?{asked.query}" if asked.query else asked.path


def _is_problem(message: Message) -> bool:
    return any(name.lower() == b"content-type" and value == MEDIA_TYPE.encode() for name, value in message["headers"])


def _to_log_in(scope: Scope, headers: dict[str, str]) -> Response:
    """And back again: what was to be written has a page of its own at the same address, where the draft waits."""
    if (
        "hx-request" in headers
    ):  # a part of a page asked: the page itself is where one comes back to, and its draft waits there
        page = _ours(headers.get("hx-current-url", ""), headers)
        return Response(
            status_code=204, headers={"HX-Redirect": f"{_LOG_IN}?next={quote(page, safe='')}" if page else _LOG_IN}
        )
    asked: bytes = scope.get("raw_path") or scope["path"].encode()
    path = asked.partition(b"?")[0].decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    back = f"{path}?{query}" if query else path
    if path.rstrip("/") == HOME:
        return RedirectResponse(_LOG_IN, 303)
    return RedirectResponse(f"{_LOG_IN}?next={quote(back, safe='')}", 303)
