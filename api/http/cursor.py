"""Cursors 翻页: where the next page of a listing begins.

A cursor is opaque to its holder but not secret; it is checked, and one that was made for another listing or another
order is refused, so that nothing of it reaches SQL unread.
"""

from __future__ import annotations

import base64
import zlib
from typing import Annotated, Any, Final

import msgspec
from fastapi import Query

from domain.kernel.errors import RuleBroken

__all__ = ["Cursor", "read", "write"]

PATTERN: Final = r"^c1\.[A-Za-z0-9_-]{12,2000}$"
Cursor = Annotated[str | None, Query(pattern=PATTERN, description="上一页给出的 next / the `next` of the page before")]


def write(*values: Any) -> str:
    """A cursor that holds these values."""
    body = msgspec.json.encode(values)
    return "c1." + base64.urlsafe_b64encode(zlib.crc32(body).to_bytes(4) + body).decode().rstrip("=")


def read(cursor: str, types: type) -> Any:
    """The values of a cursor, as the tuple type says. Raises RuleBroken when it was made for something else."""
    try:
        raw = base64.urlsafe_b64decode(cursor[3:] + "=" * (-len(cursor[3:]) % 4))
        values: Any = msgspec.json.decode(raw[4:], type=types)
    except (ValueError, msgspec.DecodeError) as wrong:
        raise misfit() from wrong
    if zlib.crc32(raw[4:]).to_bytes(4) != raw[:4]:
        raise misfit()
    return values


def misfit() -> RuleBroken:
    """The cursor belongs to another listing."""
    return RuleBroken(
        "cursor-does-not-fit", None, zh="翻页标记不属于此查询", en="the cursor belongs to another query", field="cursor"
    )
