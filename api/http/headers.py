"""Security headers 安全响应头 on every answer, whoever makes it: a page, a refusal, a fault, a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from starlette.types import Message

__all__ = ["CONTENT_POLICY", "SECURITY_HEADERS", "SecurityHeaders", "attached"]

CONTENT_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
"""Everything a page needs comes from here; pictures may stand in a style sheet. Nothing is shown in another's frame."""
SECURITY_HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_ONLY_TLS: Final = (b"strict-transport-security", b"max-age=31536000")


def attached(plain: str, name: str) -> str:
    """The header by which a file is kept under the ``name`` that people give it; ``plain`` is for programs that know ASCII alone."""
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class SecurityHeaders:
    """Adds what an answer does not say itself."""

    def __init__(self, *, tls: bool = False) -> None:
        """``tls``: browsers are told to come by HTTPS only from now on."""
        self._headers = (*SECURITY_HEADERS, _ONLY_TLS) if tls else SECURITY_HEADERS

    def __call__(self, message: Message) -> None:
        """Complete the head of an answer."""
        given = message.get("headers", ())
        said = {bytes(name).lower() for name, _ in given}
        message["headers"] = [*given, *(each for each in self._headers if each[0] not in said)]
