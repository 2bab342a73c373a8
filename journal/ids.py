"""Identifiers: time-ordered UUIDs (RFC 9562 version 7) for events and cases, derived ones for consequences."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from uuid import UUID

__all__ = ["derived_id", "uuid7"]

_NAMESPACE = UUID("6f8f2f0e-0d7e-5c39-9a53-8c5b6f6f7779").bytes
_AT_ONCE = 512


class _Randomness(threading.local):
    """Random bytes of the operating system, fetched for many ids at once: each thread has its own, each used once."""

    def __init__(self) -> None:
        self.left = b""
        self.at = 0


_random = _Randomness()


def _forget() -> None:
    """A forked process must not use what its parent will use too."""
    _random.left, _random.at = b"", 0


os.register_at_fork(after_in_child=_forget)


def uuid7() -> UUID:
    """A new version 7 UUID: 48 bits of Unix milliseconds, then randomness."""
    at = _random.at
    if at >= len(_random.left):
        _random.left, at = os.urandom(10 * _AT_ONCE), 0
    _random.at = at + 10
    random = int.from_bytes(_random.left[at : at + 10], "big")
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62
    return UUID(int=value | (random & 0x3FFFFFFFFFFFFFFF))


def derived_id(kind: str, *parts: object) -> str:
    """The case id that the same cause always gives, a UUID of version 5: a consequence written twice is one case."""
    digest = hashlib.sha1(_NAMESPACE + "/".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{kind}-{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
