"""Identifiers: time-ordered UUIDs (RFC 9562 version 7) for events and cases, derived ones for consequences."""

from __future__ import annotations

import time
from uuid import UUID, SafeUUID

from domain.kernel.ids import named_uuid
from journal.randomness import random_bytes

__all__ = ["derived_id", "uuid7"]

_NAMESPACE = UUID("6f8f2f0e-0d7e-5c39-9a53-8c5b6f6f7779")


def uuid7() -> UUID:
    """A new version 7 UUID: 48 bits of Unix milliseconds, then randomness."""
    random = int.from_bytes(random_bytes(10), "big")
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62
    return _uuid(value | (random & 0x3FFFFFFFFFFFFFFF))


def _uuid(value: int) -> UUID:
    """What ``UUID(int=value)`` makes, without asking in which of six ways it was called: every command draws several."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", value)
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made


def derived_id(kind: str, *parts: object) -> str:
    """The case id that the same cause always gives, a UUID of version 5: a consequence written twice is one case."""
    return f"{kind}-{named_uuid(_NAMESPACE, '/'.join(map(str, parts)))}"
