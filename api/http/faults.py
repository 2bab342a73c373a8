"""Faults 故障: an outage of the database is 503 with when to come again, anything else 500; nothing of it leaves.

The pipeline asks it about whatever was raised behind it, finding out who asks included. An exception's message can hold
what somebody wrote, so only its kind and its place are noted.
"""

from __future__ import annotations

from errno import EDQUOT, EMFILE, ENFILE, ENOMEM, ENOSPC, EROFS, errorcode
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Final

import psycopg
import structlog
from psycopg_pool import TooManyRequests

from api.http.problems import plain, problem
from journal.codec import FutureSchema, UnknownEvent
from journal.errors import Superseded
from workflows.engine.handler import Busy

if TYPE_CHECKING:
    from starlette.responses import Response

__all__ = ["answer", "is_outage", "note", "places"]

_AWAY: Final = ("08", "53", "57", "58")
"""Classes of SQLSTATE: connection, resources, the operator or a time-out stepped in, the system failed."""
_AWAY_JUST_NOW: Final = ("25006", "26000", "55P03")
"""The server has become a standby; it knows a statement no more that it had prepared; a lock took too long."""
_NO_ROOM: Final = frozenset({ENOSPC, EDQUOT, EROFS})
"""The disk is full, or only read."""
_SHORT: Final = _NO_ROOM | {EMFILE, ENFILE, ENOMEM}
_BESIDE: Final = FutureSchema | UnknownEvent | Superseded
"""A newer version is at work beside this one: what it has written, or how the registers stand now, only it can say."""
_log = structlog.get_logger()


def is_outage(error: BaseException | None) -> bool:
    """Whether the same request may well succeed later: the database is away, or too much goes on at once."""
    while error is not None:
        if isinstance(error, _BESIDE | Busy | TooManyRequests | psycopg.OperationalError | psycopg.InterfaceError):
            return True
        if isinstance(error, psycopg.DatabaseError):
            state = error.sqlstate
            return state is None or state[:2] in _AWAY or state in _AWAY_JUST_NOW
        if isinstance(error, OSError) and error.errno in _SHORT:
            return True
        error = error.__cause__
    return False


def _no_room(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, psycopg.errors.DiskFull) or (isinstance(error, OSError) and error.errno in _NO_ROOM):
            return True
        error = error.__cause__
    return False


def places(error: BaseException) -> str:
    """Where it was raised, innermost first; no text and no values."""
    return " < ".join(f"{Path(at.filename).name}:{at.lineno}" for at in reversed(extract_tb(error.__traceback__)[-3:]))


def note(error: Exception) -> None:
    """Write down what was raised and where; its traceback, which holds values, is let go of."""
    away = is_outage(error)
    say = _log.warning if away else _log.error
    say("outage" if away else "fault", error=type(error).__name__, sqlstate=_state(error), at=places(error))
    error.__traceback__ = None


def answer(error: Exception) -> Response:
    """What whoever asked is told of it."""
    if _no_room(error):
        zh, en = (
            "服务器磁盘已满或不可写，未作任何保存；请告知系统管理员",
            "the server's disk is full or cannot be written, and nothing was kept: tell whoever looks after it",
        )
        return problem(503, "no-room", zh, en, headers={"Retry-After": "10"})
    return plain(503, {"Retry-After": "1"}) if is_outage(error) else plain(500)


def _state(error: BaseException) -> str | None:
    """What the database, or the system, calls it."""
    if isinstance(error, OSError):
        return errorcode.get(error.errno or 0)
    return error.sqlstate if isinstance(error, psycopg.Error) else None
