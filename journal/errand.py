"""Errands 差事: work that waits for the database without a thread to wait in.

A command decides for a third of a millisecond and waits for the database as long again. Given a thread each, commands
quarrel over the interpreter at every such change; an errand is a greenlet on the event loop instead: plain code, the
same that the clock, the command line and imports run, which is put aside while its connection has nothing to say.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future, get_running_loop
from collections.abc import Callable
from time import thread_time
from typing import Any

import psycopg
from greenlet import getcurrent, greenlet
from psycopg.abc import RV, PQGen
from psycopg.waiting import Ready, Wait

__all__ = ["Errand", "Errandable", "current"]


class Errand(greenlet):
    """One piece of work and the connection that it has until it is done; :meth:`do` does it."""

    def __init__(self, work: Callable[..., Any], connection: psycopg.Connection[Any]) -> None:
        """Nobody else may use the connection meanwhile."""
        super().__init__(work)
        self.connection = connection
        self.longest = 0.0
        """Seconds of the processor that the work took at most without letting others have their turn."""

    async def do(self, *arguments: Any) -> Any:
        """Do the work on the running event loop; raises what it raises.

        An errand that is cancelled loses its connection: whether the server did what it was at, its key alone can say.
        """
        loop, socket = get_running_loop(), self.connection.pgconn.socket
        wanted = self._turn(*arguments)
        while not self.dead:
            try:
                ready = await _until(loop, socket, wanted)
            except BaseException as cancelled:
                self.connection.close()
                self.throw(cancelled)
                raise
            wanted = self._turn(ready)
        return wanted

    def _turn(self, *given: Any) -> Any:
        began = thread_time()
        try:
            return self.switch(*given)
        finally:
            self.longest = max(self.longest, thread_time() - began)

    def wait(self, wanted: Wait) -> Ready:
        """Within the work: let others have their turn until the connection is ready."""
        assert self.parent is not None
        return Ready(self.parent.switch(wanted))


def current() -> Errand | None:
    """The errand that this code is part of, if any."""
    here = getcurrent()
    return here if isinstance(here, Errand) else None


async def _until(loop: AbstractEventLoop, socket: int, wanted: Wait) -> int:
    ready: Future[int] = loop.create_future()
    if wanted & Wait.R:
        loop.add_reader(socket, _tell, ready, Ready.R)
    if wanted & Wait.W:
        loop.add_writer(socket, _tell, ready, Ready.W)
    try:
        return await ready
    finally:
        if wanted & Wait.R:
            loop.remove_reader(socket)
        if wanted & Wait.W:
            loop.remove_writer(socket)


def _tell(ready: Future[int], what: Ready) -> None:
    if not ready.done():
        ready.set_result(what)


class Errandable(psycopg.Connection[Any]):
    """A connection that waits for its server as an errand when it is used by one."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """See :meth:`psycopg.Connection.wait`."""
        errand = current()
        if errand is None:
            return super().wait(gen, interval, timeout)
        try:
            wanted = next(gen)
            while True:
                wanted = gen.send(errand.wait(wanted))
        except StopIteration as done:
            value: RV = done.value
            return value
