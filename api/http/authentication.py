"""The guard at the door 门卫: nobody gets past it unknown, whatever route is added behind it.

It stands before routing, so that an unknown caller learns neither which cases exist nor what is malformed; only that
an address is none, which the public document says too. Public addresses are listed here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException

from api.http.problems import plain
from api.identity import Identities, Identity

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["COOKIE", "PUBLIC", "AuthenticationMiddleware", "cookie_of", "is_here", "who"]

MOST_BYTES: Final = 1024 * 1024
"""Longest body of a request …"""
MOST_BYTES_OF: Final = {"/login": 4096, "/console/login": 4096, "/me/password": 4096, "/console/me/password": 4096}
"""… and of those that bring a password and nothing else."""
MOST_BYTES_OF_RESIDENTS: Final = 32_768
MOST_BYTES_OF_FILES: Final = 16 * 1024 * 1024
_FILES: Final = re.compile(r"/console/[^/]+/(?:import|bank)|/offices/[^/]+/bank-files")
"""… and of those that take whole lists."""
COOKIE: Final = "wuye_session"
PUBLIC: Final = frozenset({"/", "/docs", "/login", "/console/login", "/openapi.json", "/health", "/ready"})
"""What anybody may ask for."""
PUBLIC_UNDER: Final = ("/static/", "/docs/", "/openapi/", "/console/language/", "/r/")
"""Beginnings of such addresses; under /r/ stand the pages that residents open by a link."""
PUBLIC_HERE: Final = frozenset({"/metrics"})
"""What anybody on this machine may ask for who does not come by a proxy."""
KEY: Final = "wuye.identity"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class AuthenticationMiddleware:
    """Finds out who asks; whoever is nobody gets no further."""

    def __init__(self, app: ASGIApp, identities: Identities, knows: Callable[[Scope], bool]) -> None:
        """``app`` is what stands behind the guard; ``knows`` whether an address is one of its own at all."""
        self._app = app
        self._knows = knows
        self._identities = identities

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a known caller through, with who it is in the scope."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] not in _SAFE:
            most = _most(scope["path"])
            if _announced(scope) > most:
                await plain(413)(scope, receive, send)
                return
            receive = _capped(receive, most)
        path = scope["path"]
        if path in PUBLIC or path.startswith(PUBLIC_UNDER) or (path in PUBLIC_HERE and is_here(scope)):
            await self._app(scope, receive, send)
            return
        token, cookie = _credentials(scope)
        identity = await self._identity(token, cookie)
        if identity is None and not self._knows(scope):
            await plain(404)(scope, receive, send)
            return
        if identity is None:
            await plain(401, {"WWW-Authenticate": "Bearer"})(scope, receive, send)
            return
        scope[KEY] = identity
        await self._app(scope, receive, send)

    async def _identity(self, token: str | None, cookie: str | None) -> Identity | None:
        secret = token if token is not None else cookie
        if secret is None:
            return None
        by_session = token is None
        found = self._identities.remembered(secret, by_session=by_session)
        if found is None:
            found = await run_sync(lambda: self._identities.find(secret, by_session=by_session))
        return found


def _most(path: str) -> int:
    if path.startswith("/r/"):
        return MOST_BYTES_OF_RESIDENTS
    return MOST_BYTES_OF_FILES if _FILES.fullmatch(path) else MOST_BYTES_OF.get(path, MOST_BYTES)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


def _capped(receive: Receive, most: int) -> Receive:
    """What was not announced is counted as it comes."""
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > most:
            raise HTTPException(413)
        return message

    return counted


def is_here(scope: Scope) -> bool:
    """Whether it comes from this machine itself and was not sent on for somebody else."""
    if any(name in (b"x-forwarded-for", b"forwarded") for name, _ in scope["headers"]):
        return False
    try:
        return scope["client"] is not None and ip_address(scope["client"][0]).is_loopback
    except ValueError:
        return False


def who(scope: Scope) -> Identity:
    """Who asks. The guard has seen to it that there is somebody."""
    identity: Identity = scope[KEY]
    return identity


def _credentials(scope: Scope) -> tuple[str | None, str | None]:
    token = cookie = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, secret = value.decode("latin-1").partition(" ")
            # Whoever shows a token is judged by it alone.
            token = secret.strip() if kind.lower() == "bearer" else ""
        elif name == b"cookie":
            cookie = cookie_of(value.decode("latin-1")) or cookie
    return token, cookie


def cookie_of(header: str) -> str | None:
    """The session's id in a Cookie header."""
    if COOKIE not in header:
        return None
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel is not None else None
