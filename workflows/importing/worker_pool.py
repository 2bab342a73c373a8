"""The worker pool 工作进程池: a large file is imported by several processes side by side, each taking every so-many-th handful of
its cases, since reading and deciding are as much as a processor can do. What they tell is put in the file's order.

A pool of workers is started by whoever puts the program together: only there the parts of an office are known.
"""

from __future__ import annotations

import heapq
import os
import pickle
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import IO, Any, Final

from psycopg import Connection
from psycopg.errors import LockNotAvailable

from domain.kernel.errors import Refusal, RuleBroken
from journal.connections import Connect
from journal.subprocesses import python_subprocess
from workflows.engine.handler import CommandHandler
from workflows.importing.binding import Tally
from workflows.importing.interpret import Share
from workflows.importing.work import Task, Told, work

__all__ = ["LEAST_LINES", "WorkerPool", "alone", "serve", "together"]

LEAST_LINES: Final = 20_000
"""From so many lines on further processes are worth their start of about a second."""
_PATIENCE: Final = "10s"


@dataclass(frozen=True, slots=True)
class WorkerPool:
    """How a worker is started: with ``command``; ``setup`` is what it is told of the program, on its standard input."""

    command: Sequence[str]
    setup: bytes
    size: int


def together(pool: WorkerPool, task: Task, tally: Tally) -> Generator[Told, None, None]:
    """Import a file with all workers; ``tally`` is complete when all has been told."""
    with ExitStack() as stack:
        workers = [
            stack.enter_context(_worker(pool, replace(task, share=Share(number, pool.size))))
            for number in range(pool.size)
        ]
        yield from heapq.merge(*(_heard(worker, tally) for worker in workers), key=lambda told: told.handful)


@contextmanager
def _worker(pool: WorkerPool, task: Task) -> Iterator[IO[bytes]]:
    with python_subprocess(*pool.command) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        pickle.dump((pool.setup, task), process.stdin)
        process.stdin.close()
        yield process.stdout


def _heard(worker: IO[bytes], tally: Tally) -> Iterator[Told]:
    while True:
        try:
            said, what = pickle.load(worker)  # noqa: S301  (it comes from our own process)
        except EOFError as ended:
            msg = "a process of the import has ended / 导入进程中断，请重新导入以继续"
            raise RuntimeError(msg) from ended
        match said:
            case "told":
                yield what
            case "done":
                tally.add(what)
                return
            case _:
                raise what


# -- in the worker ----------------------------------------------------------------------------------------------------


def serve(handler: CommandHandler, connect: Connect, task: Task) -> None:
    """Do the task's share and tell of it on standard output. Ends when nobody listens any more."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")

    def say(said: str, what: object) -> None:
        pickle.dump((said, what), out, protocol=pickle.HIGHEST_PROTOCOL)
        out.flush()

    tally = Tally()
    try:
        with connect() as connection, _at_work(connection, task.office):
            for told in work(handler, connect, task, tally):
                say("told", told)
        say("done", tally)
    except BrokenPipeError:
        os._exit(1)
    except (Refusal, RuntimeError) as failed:
        say("failed", failed)


# -- one import at a time ---------------------------------------------------------------------------------------------


@contextmanager
def alone(connection: Connection[Any], office: str, mapping: str) -> Iterator[None]:
    """Two imports of one kind into one office would only be in each other's way.

    Workers of an import that was killed finish the batch that they are at; they are waited for.
    """
    name = f"import/{office}/{mapping}"
    row = connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [name]).fetchone()
    if row is None or not row[0]:
        raise _running()
    try:
        _wait_for_workers(connection, office)
        yield
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _wait_for_workers(connection: Connection[Any], office: str) -> None:
    try:
        with connection.transaction():
            connection.execute("select set_config('lock_timeout', %s, true)", [_PATIENCE])
            connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 1))", [f"import/{office}"])
    except LockNotAvailable as busy:
        raise _running() from busy


@contextmanager
def _at_work(connection: Connection[Any], office: str) -> Iterator[None]:
    """Workers are there together; the lock goes with their connection."""
    connection.execute("select pg_advisory_lock_shared(hashtextextended(%s, 1))", [f"import/{office}"])
    yield


def _running() -> RuleBroken:
    return RuleBroken(
        "import-running", None, zh="该映射的另一次导入正在进行", en="another import with this mapping is running"
    )
