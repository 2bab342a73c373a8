"""Locks of the whole program 全程序锁: whoever waits for one waits for so long and no longer, and is told for whom.

An advisory lock can be taken by anybody who may connect, the application's role included, and any reader holds up a change of
a table: a start that waited for ever would say nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, LiteralString, TypeVar

import psycopg
from psycopg import errors as sql

__all__ = ["HeldUp", "alone", "in_turn"]

T = TypeVar("T")

ALONE: Final = "60s"
"""How long a program waits until it is alone."""
IN_TURN: Final = "5s"
_TURNS: Final = 12
_HAS_LOCK: Final = """
select a.pid, a.usename, a.application_name, a.state, date_trunc('second', a.xact_start)::text
  from pg_locks l join pg_stat_activity a using (pid)
 where l.granted and l.locktype = 'advisory' and l.objsubid = 1
   and l.database = (select oid from pg_database where datname = current_database())
   and l.classid::bigint << 32 | l.objid::bigint = %s
"""
_HAS_TABLES: Final = """
select distinct a.pid, a.usename, a.application_name, a.state, date_trunc('second', a.xact_start)::text
  from pg_locks l join pg_stat_activity a using (pid) join pg_class c on c.oid = l.relation
 where l.granted and a.pid <> pg_backend_pid() and c.relnamespace = 'wuye'::regnamespace
   and l.database = (select oid from pg_database where datname = current_database())
 order by 1
"""


class HeldUp(Exception):
    """Somebody else holds a lock for longer than anybody ought to 锁被他人占用. Nothing was changed."""


@contextmanager
def alone(owner: psycopg.Connection[Any], key: int) -> Iterator[None]:
    """Do something alone among all programs on this database (advisory lock ``key``). Raises :class:`HeldUp`."""
    try:
        with owner.transaction():
            owner.execute("select set_config('lock_timeout', %s, true)", [ALONE])
            owner.execute("select pg_advisory_lock(%s)", [key])
    except sql.LockNotAvailable:
        raise _held_up(owner, _HAS_LOCK, [key]) from None
    try:
        yield
    finally:
        if not owner.closed:
            owner.execute("select pg_advisory_unlock(%s)", [key])


def in_turn(owner: psycopg.Connection[Any], does: Callable[[], T]) -> T:
    """Do something in one transaction for which tables have to be locked.

    Whoever waits for such a lock holds up everybody who comes after him: so it waits a little, lets them pass, and tries
    again. Raises :class:`HeldUp`.
    """
    for _ in range(_TURNS):
        try:
            with owner.transaction():
                owner.execute("select set_config('lock_timeout', %s, true)", [IN_TURN])
                return does()
        except sql.LockNotAvailable:
            continue
    raise _held_up(owner, _HAS_TABLES, [])


def _held_up(owner: psycopg.Connection[Any], question: LiteralString, values: list[Any]) -> HeldUp:
    found = owner.execute(question, values).fetchall()
    who = "; ".join(" ".join(f"{each}" for each in row if each is not None) for row in found) or "?"
    msg = (
        f"锁被他人占用，未作任何改动：{who}；请结束该连接后再试 / somebody holds a lock, nothing was changed: {who}; end that"
        " connection and try again (select pg_terminate_backend(PID))"
    )
    return HeldUp(msg)
