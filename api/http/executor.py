"""The command executor 指令执行器: what carries out a command that came in over HTTP.

A greenlet task on the event loop does, if a connection is free: it costs no change of threads. Otherwise, and for commands
that have turned out to be long in deciding, a worker's thread does: nobody waits behind somebody else's long work.
Of one office only so many are carried out at a time as leave half of the connections: they write to its book in turn
anyway, and where one of them has to wait for long, the other offices do not.
"""

from __future__ import annotations

from asyncio import Semaphore, get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from journal.greenlet_task import GreenletTask, current_task

__all__ = ["CommandExecutor"]

R = TypeVar("R")

_AT_ONCE: Final = 2e-4
"""Seconds to wait for a connection: hardly any. The pool takes the wish as a reason to grow."""
_LONG: Final = 0.01
"""Seconds of the processor in one turn that are long. One alone says nothing of the work: it may have met the collector's look …"""
_SOON: Final = 100
"""… but the second among so many of a kind sends it to the threads …"""
_FOR_NOW: Final = 500
"""… the next so many times."""


@dataclass(slots=True)
class _Turn:
    """The places of one office, and how many commands are in them or wait for one."""

    places: Semaphore
    asked: int = 0


@dataclass(slots=True)
class _Kind:
    """A kind of work that was long once: how many since, and how often it still goes to the threads."""

    since: int = 0
    threads: int = 0

    def took(self, longest: float) -> None:
        self.since += 1
        if longest > _LONG:
            self.threads = _FOR_NOW if self.since <= _SOON else 0
            self.since = 0


class CommandExecutor:
    """Greenlet tasks over a pool of :class:`~journal.greenlet_task.GreenletConnection` connections, and threads; only threads without a pool."""

    def __init__(self, threads: int, pool: ConnectionPool[Any] | None) -> None:
        """More threads would only contend for the interpreter."""
        self._threads = ThreadPoolExecutor(threads, "commands")
        self._pool = pool
        self._out = 0
        self._share = max(1, min(threads, pool.max_size) // 2) if pool is not None else threads
        self._turns: dict[str, _Turn] = {}
        self._long: dict[type, _Kind] = {}

    def lend(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        """The connection of the running greenlet task, or one of the pool's."""
        assert self._pool is not None
        task = current_task()
        return self._pool.connection() if task is None else nullcontext(task.connection)

    async def carry_out(self, office: str, kind: type, work: Callable[..., R], *arguments: Any) -> R:
        """Do ``work(*arguments)``, which uses no other connection than a lent one, in the office's turn; raises what it raises.

        ``kind`` is remembered when it takes long.
        """
        turn = self._turns.get(office)
        if turn is None:
            turn = self._turns[office] = _Turn(Semaphore(self._share))
        turn.asked += 1
        try:
            async with turn.places:
                return await self._carry_out(kind, work, *arguments)
        finally:
            turn.asked -= 1
            if not turn.asked:  # nothing is kept of an office of which nothing is asked
                del self._turns[office]

    async def _carry_out(self, kind: type, work: Callable[..., R], *arguments: Any) -> R:
        connection = self._free(kind)
        if connection is None:
            return await get_running_loop().run_in_executor(self._threads, work, *arguments)
        assert self._pool is not None
        task = GreenletTask(work, connection)
        self._out += 1
        try:
            done: R = await task.run(*arguments)
        finally:
            self._out -= 1
            self._pool.putconn(connection)
            self._remember(kind, task.longest)
        return done

    def _free(self, kind: type) -> psycopg.Connection[Any] | None:
        if self._pool is None or self._out >= self._pool.max_size:
            return None
        known = self._long.get(kind)
        if known is not None and known.threads:
            known.threads -= 1
            return None
        try:
            free: psycopg.Connection[Any] = self._pool.getconn(_AT_ONCE)
        except PoolTimeout:
            return None
        return free

    def _remember(self, kind: type, longest: float) -> None:
        known = self._long.get(kind)
        if known is not None:
            known.took(longest)
        elif longest > _LONG:
            self._long[kind] = _Kind()

    @property
    def offices(self) -> int:
        """Of how many offices something is being carried out."""
        return len(self._turns)

    def shutdown(self) -> None:
        """End when what is in hand is done."""
        self._threads.shutdown()
