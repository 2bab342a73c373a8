"""Identifiers: time-ordered UUIDs (RFC 9562 version 7) for events and cases, derived ones for consequences."""

from __future__ import annotations

import os
import time
from uuid import UUID, uuid5

__all__ = ["derived_id", "uuid7"]

_NAMESPACE = UUID("6f8f2f0e-0d7e-5c39-9a53-8c5b6f6f7779")


def uuid7() -> UUID:
    """A new version 7 UUID: 48 bits of Unix milliseconds, then randomness."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62
    return UUID(int=value | (random & 0x3FFFFFFFFFFFFFFF))


def derived_id(kind: str, *parts: object) -> str:
    """The case id that the same cause always gives: a consequence written twice is the same case."""
    return f"{kind}-{uuid5(_NAMESPACE, '/'.join(map(str, parts)))}"
