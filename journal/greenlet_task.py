"""Greenlet tasks: work that waits for the database without a thread to wait in.

A command computes for a third of a millisecond and waits for the database as long again. With a thread for each,
commands contend for the interpreter at every such change. A greenlet task runs on the event loop instead: plain code,
the same that the clock, the command line and imports run, which is suspended while its connection waits for its server.
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

__all__ = ["GreenletConnection", "GreenletTask", "current_task"]


class GreenletTask:
    """One piece of work and the connection that it has until it is done; :meth:`run` runs it."""

    def __init__(self, work: Callable[..., Any], connection: psycopg.Connection[Any]) -> None:
        """Nobody else may use the connection meanwhile."""
        self.connection = connection
        self.longest = 0.0
        """Seconds of processor time that the work took at most without yielding to the event loop."""
        self._work = work
        self._worker: _Worker | None = None
        self._watched: tuple[int, Wait] | None = None
        self._loop: AbstractEventLoop
        self._finished: Future[Any]

    async def run(self, *arguments: Any) -> Any:
        """Run the work on the running event loop; raises what it raises.

        A task that is cancelled loses its connection: whether the server carried out what was sent, only its
        idempotency key can tell.
        """
        self._loop = get_running_loop()
        self._finished = self._loop.create_future()
        self._worker = _idle.workers.pop() if _idle.workers else _Worker()
        self._worker.task = self
        self._resume(self._work, arguments)
        try:
            return await self._finished
        except CancelledError as cancelled:
            if self._worker is not None:
                self._watch(None)
                self.connection.close()
                self._suspended(self._worker.throw(cancelled))
            raise

    def wait(self, wanted: Wait) -> Ready:
        """Within the work: yield to the event loop until the connection is ready."""
        socket = self.connection.pgconn.socket  # a lost connection raises here, inside the work
        assert self._worker is not None
        assert self._worker.parent is not None
        return Ready(self._worker.parent.switch((socket, wanted)))

    def _resume(self, *given: Any) -> None:
        assert self._worker is not None
        began = thread_time()
        switched = self._worker.switch(*given)
        self.longest = max(self.longest, thread_time() - began)
        self._suspended(switched)

    def _suspended(self, switched: _Outcome | tuple[int, Wait]) -> None:
        """The work has switched back: because it waits for a socket, or because it is done."""
        if not isinstance(switched, _Outcome):
            self._watch(switched)
            return
        assert self._worker is not None
        self._worker.task = None
        _idle.workers.append(self._worker)
        self._worker = None
        if self._finished.done():
            return  # it was cancelled
        if switched.error is None:
            self._finished.set_result(switched.result)
        else:
            self._finished.set_exception(switched.error)

    def _watch(self, awaited: tuple[int, Wait] | None) -> None:
        """Resume when this socket is ready; None: stop watching."""
        if self._watched is not None:
            socket, wanted = self._watched
            if wanted & Wait.R:
                self._loop.remove_reader(socket)
            if wanted & Wait.W:
                self._loop.remove_writer(socket)
        self._watched = awaited
        if awaited is not None:
            socket, wanted = awaited
            if wanted & Wait.R:
                self._loop.add_reader(socket, self._on_ready, Ready.R)
            if wanted & Wait.W:
                self._loop.add_writer(socket, self._on_ready, Ready.W)

    def _on_ready(self, ready: Ready) -> None:
        if self._watched is not None:  # unless the other direction of the same socket was handled first
            self._watch(None)
            self._resume(ready)


class _Outcome(NamedTuple):
    result: Any = None
    error: BaseException | None = None


class _Worker(greenlet):
    """Runs one task after another: making a greenlet costs ten times what reusing it does."""

    task: GreenletTask | None = None

    def run(self, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        """For ever; waiting for a task and waiting within one are switches to the event loop."""
        while True:
            try:
                outcome = _Outcome(work(*arguments))
            except GreenletExit:  # the greenlet is being collected
                raise
            except BaseException as error:  # noqa: BLE001 -- it is raised where the task is awaited
                outcome = _Outcome(error=error)
            del work, arguments
            assert self.parent is not None
            work, arguments = self.parent.switch(outcome)
            del outcome


class _Idle(local):
    """Workers without a task: a greenlet belongs to its thread."""

    def __init__(self) -> None:
        self.workers: list[_Worker] = []


_idle = _Idle()


def current_task() -> GreenletTask | None:
    """The greenlet task that this code runs in, if any."""
    here = getcurrent()
    return here.task if isinstance(here, _Worker) else None


class GreenletConnection(psycopg.Connection[Any]):
    """A connection that suspends the greenlet task it is used in while it waits for its server."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """See :meth:`psycopg.Connection.wait`."""
        task = current_task()
        if task is None:
            return super().wait(gen, interval, timeout)
        try:
            wanted = next(gen)
            while True:
                wanted = gen.send(task.wait(wanted))
        except StopIteration as done:
            value: RV = done.value
            return value
