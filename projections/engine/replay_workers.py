"""The crew of a rebuild 重建工组: processes that replay shares of a long book's cases beside the one that leads.

A helper writes into the new tables in a transaction of its own, which it commits when all books are replayed: rows of
its cases are written by nobody else. It does what it is told on its standard input and ends when that does.
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

from journal.helping import started
from projections.engine.replay import Replay, Share, another
from projections.registers.index import REGISTERS

__all__ = ["Crew"]

_SHARES = 4
"""Shares of a book for each process: helpers need a second to be there, and who is there first does more."""
_MOST = 8
"""Processes in all: from here on the server is what one waits for."""


class Crew:
    """Who replays the books: the leader, and helpers where they are ``wanted`` and there is more than one processor."""

    def __init__(self, owner: psycopg.Connection[Any], leader: Replay, *, wanted: bool) -> None:
        """Helpers have connections of their own, of the same user."""
        self._owner = owner
        self._leader = leader
        self._size = min(os.cpu_count() or 1, _MOST) - 1 if wanted else 0
        self._helpers: list[subprocess.Popen[bytes]] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start the helpers."""
        with ExitStack() as stack:
            # A thread for each, which hears what its helper says.
            self._threads = stack.enter_context(ThreadPoolExecutor(max(self._size, 1)))
            for _ in range(self._size):
                helper = stack.enter_context(started("-m", __name__))
                _say(helper, self._owner.info.dsn, self._owner.info.password)
                self._helpers.append(helper)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """End the helpers; what they have not committed is undone."""
        self._stack.close()

    def begin(self, office: str, *, helped: bool) -> None:
        """Replay a book to its present end; who is free takes the next share.

        Raises RuntimeError when a helper has ended.
        """
        helpers = self._helpers if helped else []
        shares = _SHARES * (len(helpers) + 1) if helpers else 1
        left = deque(Share(number, shares) for number in range(shares))
        helping = [self._threads.submit(self._help, helper, office, left) for helper in helpers]
        for share in _taken(left):
            self._leader.begin(office, share)
        for each in helping:
            each.result()

    def end(self) -> None:
        """Replay what came meanwhile, and close the book."""
        for helper in self._helpers:
            _say(helper, "end")
        self._leader.end()
        for helper in self._helpers:
            self._hear(helper)

    def commit(self) -> int:
        """Let what helpers wrote stand; returns how many row versions all have written."""
        for helper in self._helpers:
            _say(helper, "commit")
        return self._leader.versions + sum(self._hear(helper) for helper in self._helpers)

    def _help(self, helper: subprocess.Popen[bytes], office: str, left: deque[Share]) -> None:
        for share in _taken(left):
            _say(helper, "begin", office, share)
            self._hear(helper)

    def _hear(self, helper: subprocess.Popen[bytes]) -> int:
        assert helper.stdout is not None
        while True:
            try:
                said, count = pickle.load(helper.stdout)  # noqa: S301  (it comes from our own process)
            except EOFError as ended:
                msg = "a process of the rebuild has ended / 重建进程中断，登记簿未变"
                raise RuntimeError(msg) from ended
            if said == "done":
                return int(count)
            self._leader.told(count)


def _taken(left: deque[Share]) -> Iterator[Share]:
    with suppress(IndexError):
        while True:
            yield left.popleft()


def _say(helper: subprocess.Popen[bytes], *what: object) -> None:
    assert helper.stdin is not None
    with suppress(BrokenPipeError):  # that it has ended is noticed when it is listened to
        _write(helper.stdin, what)


def _write(pipe: IO[bytes], what: object) -> None:
    pickle.dump(what, pipe, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.flush()


# -- in the helper ----------------------------------------------------------------------------------------------------


def main() -> None:
    """Do what the leader says until he says commit, or nothing more."""
    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the leader's, who ends his helpers
    told, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    dsn, password = pickle.load(told)  # noqa: S301  (it comes from our own process)
    with (
        psycopg.connect(dsn, password=password, autocommit=True) as writer,
        another(writer) as reader,
        ThreadPoolExecutor(2) as hands,
    ):
        replay = Replay(writer, reader, hands, REGISTERS, lambda facts: _write(answers, ("folded", facts)))
        with writer.transaction():
            while (what := pickle.load(told))[0] != "commit":  # noqa: S301
                if what[0] == "begin":
                    replay.begin(*what[1:])
                else:
                    replay.end()
                _write(answers, ("done", 0))
        _write(answers, ("done", replay.versions))


if __name__ == "__main__":
    main()
