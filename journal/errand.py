"""Errands 差事: work that waits for the database without a thread to wait in.

A command decides for a third of a millisecond and waits for the database as long again. Given a thread each, commands
quarrel over the interpreter at every such change; an errand is a greenlet on the event loop instead: plain code, the
same that the clock, the command line and imports run, which is put aside while its connection has nothing to say.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, CancelledError, Future, get_running_loop
from collections.abc import Callable
from threading import local
from time import thread_time
from typing import Any, NamedTuple

import psycopg
from greenlet import GreenletExit, getcurrent, greenlet
from psycopg.abc import RV, PQGen
from psycopg.waiting import Ready, Wait

__all__ = ["Errand", "Errandable", "current"]


class Errand:
    """One piece of work and the connection that it has until it is done; :meth:`do` does it."""

    def __init__(self, work: Callable[..., Any], connection: psycopg.Connection[Any]) -> None:
        """Nobody else may use the connection meanwhile."""
        self.connection = connection
        self.longest = 0.0
        """Seconds of the processor that the work took at most without letting others have their turn."""
        self._work = work
        self._runner: _Runner | None = None
        self._listening: tuple[int, Wait] | None = None
        self._loop: AbstractEventLoop
        self._finished: Future[Any]

    async def do(self, *arguments: Any) -> Any:
        """Do the work on the running event loop; raises what it raises.

        An errand that is cancelled loses its connection: whether the server did what it was at, its key alone can say.
        """
        self._loop = get_running_loop()
        self._finished = self._loop.create_future()
        self._runner = _idle.runners.pop() if _idle.runners else _Runner()
        self._runner.errand = self
        self._turn(self._work, arguments)
        try:
            return await self._finished
        except CancelledError as cancelled:
            if self._runner is not None:
                self._listen(None)
                self.connection.close()
                self._after(self._runner.throw(cancelled))
            raise

    def wait(self, wanted: Wait) -> Ready:
        """Within the work: let others have their turn until the connection is ready."""
        socket = self.connection.pgconn.socket  # a connection that is lost says so here, to the work
        assert self._runner is not None
        assert self._runner.parent is not None
        return Ready(self._runner.parent.switch((socket, wanted)))

    def _turn(self, *given: Any) -> None:
        assert self._runner is not None
        began = thread_time()
        said = self._runner.switch(*given)
        self.longest = max(self.longest, thread_time() - began)
        self._after(said)

    def _after(self, said: _Done | tuple[int, Wait]) -> None:
        if not isinstance(said, _Done):
            self._listen(said)
            return
        assert self._runner is not None
        self._runner.errand = None
        _idle.runners.append(self._runner)
        self._runner = None
        if self._finished.done():
            return  # it was cancelled
        if said.error is None:
            self._finished.set_result(said.result)
        else:
            self._finished.set_exception(said.error)

    def _listen(self, to: tuple[int, Wait] | None) -> None:
        """Go on when this socket is ready; with None to nothing any more."""
        if self._listening is not None:
            socket, wanted = self._listening
            if wanted & Wait.R:
                self._loop.remove_reader(socket)
            if wanted & Wait.W:
                self._loop.remove_writer(socket)
        self._listening = to
        if to is not None:
            socket, wanted = to
            if wanted & Wait.R:
                self._loop.add_reader(socket, self._ready, Ready.R)
            if wanted & Wait.W:
                self._loop.add_writer(socket, self._ready, Ready.W)

    def _ready(self, what: Ready) -> None:
        if self._listening is not None:  # not if the other side of the same socket was quicker
            self._listen(None)
            self._turn(what)


class _Done(NamedTuple):
    result: Any = None
    error: BaseException | None = None


class _Runner(greenlet):
    """Does one errand after another: making a greenlet costs ten times what using it does."""

    errand: Errand | None = None

    def run(self, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        """For ever; waiting for an errand and waiting within one are switches to the event loop."""
        while True:
            try:
                done = _Done(work(*arguments))
            except GreenletExit:  # nobody will come back to it
                raise
            except BaseException as error:  # noqa: BLE001 -- it is raised where the errand is awaited
                done = _Done(error=error)
            del work, arguments
            assert self.parent is not None
            work, arguments = self.parent.switch(done)
            del done


class _Idle(local):
    """Runners without an errand: a greenlet belongs to its thread."""

    def __init__(self) -> None:
        self.runners: list[_Runner] = []


_idle = _Idle()


def current() -> Errand | None:
    """The errand that this code is part of, if any."""
    here = getcurrent()
    return here.errand if isinstance(here, _Runner) else None


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
