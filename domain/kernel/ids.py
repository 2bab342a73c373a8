"""Ids that are made of what somebody says 派生编号: the same words, the same id, however often it is asked for."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID

__all__ = ["named_uuid", "timed_uuid"]


def named_uuid(space: UUID, name: str) -> str:
    """The UUID of version 5 of a name, as text: what the standard library makes, for a third of its time.

    A month names a bill, an account and a run for every household, each several times.
    """
    digest = hashlib.sha1(space.bytes + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


_MILLISECONDS: Final = 1_000


def timed_uuid(space: UUID, name: str, at: datetime) -> str:
    """A UUID of version 7, as text: 48 bits of Unix milliseconds, then what the name makes. So ids stand as they were given."""
    begins = f"{int(at.timestamp() * _MILLISECONDS) & 0xFFFF_FFFF_FFFF:012x}"
    named = named_uuid(space, name)
    return f"{begins[:8]}-{begins[8:]}-7{named[15:]}"
