"""Authentication 身份验证: nobody gets past it unknown, whatever route is added behind it.

It stands before routing, so that an unknown caller learns neither which cases exist nor what is malformed; only that
an address does not exist, which the public document says too. Public addresses are listed here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from anyio.to_thread import run_sync

from api.http.problems import plain
from api.identity import Identities, Identity

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

    from api.http.pipeline import Exchange

__all__ = ["COOKIE", "PUBLIC", "Authentication", "cookie_of", "is_here", "who"]

COOKIE: Final = "wuye_session"
PUBLIC: Final = frozenset({"/", "/docs", "/login", "/console/login", "/openapi.json", "/health", "/ready"})
"""What anybody may ask for."""
PUBLIC_UNDER: Final = ("/static/", "/docs/", "/openapi/", "/console/language/", "/r/")
"""Beginnings of such addresses; under /r/ stand the pages that residents open by a link."""
PUBLIC_HERE: Final = frozenset({"/metrics"})
"""What anybody on this machine may ask for who does not come by a proxy."""
KEY: Final = "wuye.identity"


class Authentication:
    """Finds out who asks; whoever is nobody gets no further."""

    def __init__(self, identities: Identities, knows: Callable[[Scope], bool]) -> None:
        """``knows``: whether an address is one of ours at all."""
        self._knows = knows
        self._identities = identities

    async def __call__(self, exchange: Exchange) -> Response | None:
        """Let a known caller go on, with who it is in the scope."""
        scope = exchange.scope
        path = scope["path"]
        if path in PUBLIC or path.startswith(PUBLIC_UNDER) or (path in PUBLIC_HERE and is_here(scope)):
            return None
        token, cookie = _credentials(scope)
        identity = await self._identity(token, cookie)
        if identity is None and not self._knows(scope):
            return plain(404)
        if identity is None:
            return plain(401, {"WWW-Authenticate": "Bearer"})
        scope[KEY] = identity
        return None

    async def _identity(self, token: str | None, cookie: str | None) -> Identity | None:
        secret = token if token is not None else cookie
        if secret is None:
            return None
        by_session = token is None
        found = self._identities.remembered(secret, by_session=by_session)
        if found is None:
            found = await run_sync(lambda: self._identities.find(secret, by_session=by_session))
        return found


def is_here(scope: Scope) -> bool:
    """Whether it comes from this machine itself and was not sent on for somebody else."""
    if any(name in (b"x-forwarded-for", b"forwarded") for name, _ in scope["headers"]):
        return False
    try:
        return scope["client"] is not None and ip_address(scope["client"][0]).is_loopback
    except ValueError:
        return False


def who(scope: Scope) -> Identity:
    """Who asks. The pipeline has seen to it that there is somebody."""
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
