"""Limits of bodies 请求体上限: how much a request may bring, by its address.

What is announced as too much is refused before any of it is read; what was not announced is counted as it comes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException

from api.http.problems import plain

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Message, Receive, Scope

    from api.http.pipeline import Exchange

__all__ = ["MOST_BYTES", "MOST_BYTES_OF_FILES", "limit_body"]

MOST_BYTES: Final = 1024 * 1024
"""Longest body of a request …"""
MOST_BYTES_OF: Final = {"/login": 4096, "/console/login": 4096, "/me/password": 4096, "/console/me/password": 4096}
"""… and of those that bring a password and nothing else."""
MOST_BYTES_OF_RESIDENTS: Final = 32_768
"""… of what residents answer by a link …"""
MOST_BYTES_OF_FILES: Final = 16 * 1024 * 1024
"""… and of whole lists, which these take:"""
_FILES: Final = re.compile(r"/console/[^/]+/(?:import|bank)|/offices/[^/]+/bank-files")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


async def limit_body(exchange: Exchange) -> Response | None:
    """Refuse (413) a body that is announced as longer than its address takes, and end one that turns out to be."""
    if exchange.scope["method"] in _SAFE:
        return None
    most = _most(exchange.scope["path"])
    if _announced(exchange.scope) > most:
        return plain(413)
    exchange.receive = _capped(exchange.receive, most)
    return None


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
