"""The worker pool of a rebuild: processes that replay shares of a long book's cases beside the leading one.

A worker writes into the new tables in a transaction of its own, which it commits when all books are replayed: rows of
its cases are written by nobody else. It takes its commands from its standard input and ends when that ends.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import IO, Any, Self

import psycopg

from journal.recorder import Share
from journal.subprocesses import python_subprocess
from projections.engine.replay import Replay, another
from projections.registers.index import REGISTERS

__all__ = ["WorkerPool"]

_SHARES = 4
"""Shares of a book for each process: workers need a second to start, and whoever started first does more."""
_MOST = 8
"""Processes in all: from here on the server is what one waits for."""


class WorkerPool:
    """Replays the books: the leader, and workers where they are ``wanted`` and there is more than one processor."""

    def __init__(self, owner: psycopg.Connection[Any], leader: Replay, *, wanted: bool) -> None:
        """Workers have connections of their own, of the same user."""
        self._owner = owner
        self._leader = leader
        self._size = min(os.cpu_count() or 1, _MOST) - 1 if wanted else 0
        self._workers: list[subprocess.Popen[bytes]] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start the workers."""
        with ExitStack() as stack:
            # A thread for each, which reads what its worker sends.
            self._threads = stack.enter_context(ThreadPoolExecutor(max(self._size, 1)))
            for _ in range(self._size):
                worker = stack.enter_context(python_subprocess("-m", __name__))
                _send(worker, self._owner.info.dsn, self._owner.info.password)
                self._workers.append(worker)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """End the workers; what they have not committed is undone."""
        self._stack.close()

    def begin(self, office: str, *, parallel: bool) -> None:
        """Replay a book to its present end; whoever is free takes the next share.

        Raises RuntimeError when a worker has ended.
        """
        workers = self._workers if parallel else []
        shares = _SHARES * (len(workers) + 1) if workers else 1
        left = deque((number, shares) for number in range(shares))
        delegated = [self._threads.submit(self._delegate, worker, office, left) for worker in workers]
        for share in _taken(left):
            self._leader.begin(office, share)
        for each in delegated:
            each.result()

    def end(self) -> None:
        """Replay what came meanwhile, and close the book."""
        for worker in self._workers:
            _send(worker, "end")
        self._leader.end()
        for worker in self._workers:
            self._receive(worker)

    def commit(self) -> int:
        """Commit what the workers wrote; returns how many row versions all have written."""
        for worker in self._workers:
            _send(worker, "commit")
        return self._leader.versions + sum(self._receive(worker) for worker in self._workers)

    def _delegate(self, worker: subprocess.Popen[bytes], office: str, left: deque[Share]) -> None:
        for share in _taken(left):
            _send(worker, "begin", office, share)
            self._receive(worker)

    def _receive(self, worker: subprocess.Popen[bytes]) -> int:
        assert worker.stdout is not None
        while True:
            try:
                kind, count = pickle.load(worker.stdout)  # noqa: S301  (it comes from our own process)
            except EOFError as ended:
                msg = "a process of the rebuild has ended / 重建进程中断，登记簿未变"
                raise RuntimeError(msg) from ended
            if kind == "done":
                return int(count)
            if kind == "spoilt":
                self._leader.spoilt += count
            else:
                self._leader.told(count)


def _taken(left: deque[Share]) -> Iterator[Share]:
    with suppress(IndexError):
        while True:
            yield left.popleft()


def _send(worker: subprocess.Popen[bytes], *what: object) -> None:
    assert worker.stdin is not None
    with suppress(BrokenPipeError):  # that it has ended is noticed when its answer is read
        _write(worker.stdin, what)


def _write(pipe: IO[bytes], what: object) -> None:
    pickle.dump(what, pipe, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.flush()


# -- in the worker ----------------------------------------------------------------------------------------------------


def main() -> None:
    """Carry out the leader's commands until it sends commit, or ends."""
    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the leader, which ends its workers
    commands, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    dsn, password = pickle.load(commands)  # noqa: S301  (it comes from our own process)
    with (
        psycopg.connect(dsn, password=password, autocommit=True) as writer,
        another(writer) as reader,
        ThreadPoolExecutor(2) as threads,
    ):
        replay = Replay(writer, reader, threads, REGISTERS, lambda facts: _write(answers, ("folded", facts)))
        with writer.transaction():
            while (command := pickle.load(commands))[0] != "commit":  # noqa: S301
                if command[0] == "begin":
                    replay.begin(*command[1:])
                else:
                    replay.end()
                _write(answers, ("done", 0))
        _write(answers, ("spoilt", replay.spoilt))
        _write(answers, ("done", replay.versions))


if __name__ == "__main__":
    main()
