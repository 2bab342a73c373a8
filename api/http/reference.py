"""The document as it is sent 接口文档: whole, and in parts by kind of case; compressed, and not sent twice.

``/openapi.json`` is every operation, small enough for any tool; ``/openapi/complaints.json`` is one kind with what its
cases and facts hold; ``/openapi/general.json`` what belongs to no kind; ``/openapi/full.json`` all of it at once.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response

from api.http.parts import compact, overview, part, parts
from domain.kernel.errors import NotFound

if TYPE_CHECKING:
    from projections.engine.collection import Registers

__all__ = ["FULL", "WHOLE", "Reference", "Sent", "sent"]

WHOLE: Final = "openapi"
FULL: Final = "full"


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes with what a browser wants to know of them."""

    plain: bytes
    small: bytes
    etag: str
    media_type: str

    @classmethod
    def of(cls, content: bytes, media_type: str) -> Sent:
        """The same bytes always have the same tag."""
        return cls(content, gzip.compress(content, 9, mtime=0), f'"{sha256(content).hexdigest()[:20]}"', media_type)


class Reference:
    """The document and its parts, each made when somebody first asks for it."""

    def __init__(self, make: Callable[[], dict[str, Any]], registers: Registers) -> None:
        """``make`` gives the whole document."""
        self._make = make
        self._registers = registers
        self._sent: dict[str, Sent] = {}

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """All of it."""
        return self._make()

    @cached_property
    def parts(self) -> dict[str, set[str]]:
        """The names of the parts, each with the tags of its operations."""
        return parts(self.document, self._registers)

    def part(self, name: str) -> Mapping[str, Any]:
        """The whole, a part, or all of it. Raises :class:`~domain.errors.NotFound`."""
        if name == WHOLE:
            return overview(self.document)
        if name == FULL:
            return self.document
        if name not in self.parts:
            raise NotFound("document-unknown", None, zh="没有这份接口文档", en="there is no such part of the document")
        return part(self.document, self.parts[name])

    def sent(self, name: str) -> Sent:
        """A part as it is sent."""
        if name not in self._sent:
            self._sent[name] = Sent.of(compact(self.part(name)), "application/json")
        return self._sent[name]

    def router(self) -> APIRouter:
        """``/openapi.json`` and ``/openapi/{part}.json``."""
        made = APIRouter(include_in_schema=False)

        @made.get("/openapi.json")
        def whole(request: Request) -> Response:
            return sent(request, self.sent(WHOLE))

        @made.get("/openapi/{name}.json")
        def one(request: Request, name: str) -> Response:
            return sent(request, self.sent(name))

        return made


def sent(request: Request, content: Sent, headers: Mapping[str, str] | None = None) -> Response:
    """The answer: nothing when it is known already, small when it may be."""
    told = {"ETag": content.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding", **(headers or {})}
    if content.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=told)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(content.small, media_type=content.media_type, headers={**told, "Content-Encoding": "gzip"})
    return Response(content.plain, media_type=content.media_type, headers=told)
