"""The guard at the door 门卫: nobody gets past it unknown, whatever route is added behind it.

It stands before routing, so that an unknown caller learns neither what exists nor what is malformed. Public addresses
are listed here and nowhere else.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final

from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException

from api.identity import Identities, Identity
from api.problems import plain, problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["COOKIE", "PUBLIC", "Guard", "cookie_of", "who"]

MOST_BYTES: Final = 1024 * 1024
"""Longest body of a request."""
COOKIE: Final = "wuye_session"
PUBLIC: Final = frozenset({"/", "/docs", "/login", "/openapi.json", "/health"})
"""What anybody may ask for."""
PUBLIC_UNDER: Final = ("/static/", "/docs/", "/openapi/")
KEY: Final = "wuye.identity"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES: Final = (b"same-origin", b"none")


class Guard:
    """Finds out who asks; whoever is nobody gets no further."""

    def __init__(self, app: ASGIApp, identities: Identities) -> None:
        """``app`` is what stands behind the guard."""
        self._app = app
        self._identities = identities

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a known caller through, with who it is in the scope."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] not in _SAFE:
            if _announced(scope) > MOST_BYTES:
                await plain(413)(scope, receive, send)
                return
            receive = _capped(receive)
        path = scope["path"]
        if path in PUBLIC or path.startswith(PUBLIC_UNDER):
            await self._app(scope, receive, send)
            return
        token, cookie, site = _credentials(scope)
        identity = await self._identity(token, cookie)
        if identity is None:
            await plain(401, {"WWW-Authenticate": "Bearer"})(scope, receive, send)
            return
        if identity.by_session and site is not None and site not in _OWN_SITES and scope["method"] not in _SAFE:
            # The cookie travels with forms of foreign pages; the browser says so, and such a form changes nothing.
            refused = problem(403, "foreign-site", "请求来自其他网站", "the request comes from another site")
            await refused(scope, receive, send)
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


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


def _capped(receive: Receive) -> Receive:
    """What was not announced is counted as it comes."""
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > MOST_BYTES:
            raise HTTPException(413)
        return message

    return counted


def who(scope: Scope) -> Identity:
    """Who asks. The guard has seen to it that there is somebody."""
    identity: Identity = scope[KEY]
    return identity


def _credentials(scope: Scope) -> tuple[str | None, str | None, bytes | None]:
    token = cookie = site = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, secret = value.decode("latin-1").partition(" ")
            # Whoever shows a token is judged by it alone.
            token = secret.strip() if kind.lower() == "bearer" else ""
        elif name == b"cookie":
            cookie = cookie_of(value.decode("latin-1")) or cookie
        elif name == b"sec-fetch-site":
            site = value
    return token, cookie, site


def cookie_of(header: str) -> str | None:
    """The session's id in a Cookie header."""
    if COOKIE not in header:
        return None
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel is not None else None
