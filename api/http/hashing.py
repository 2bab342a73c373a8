"""Password hashing 口令散列 in an executor of its own: a flood of log-ins fills a short queue and takes no reader's thread."""

from __future__ import annotations

import os
import sys
from asyncio import Future as Waiting
from asyncio import shield, wrap_future
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Lock, get_native_id
from typing import Any, Final, TypeVar

from argon2 import PasswordHasher

from api.http.problems import Problem

__all__ = ["HASHER", "HashingExecutor"]

R = TypeVar("R")

HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""Argon2id, 2 passes, 19 MiB, 1 lane: OWASP, Password Storage Cheat Sheet, as read on 2026-11-27.

A third of a second with the library's own figures became 36 ms here (2 cores): a log-in is dear to a guesser and does
not stop the office. Older hashes are made anew at the account's next log-in.
"""
_BEHIND_OTHERS: Final = 10
"""How far the hashing threads stand behind the threads that serve readers (Linux: nice, per thread)."""


class HashingExecutor:
    """At most ``workers`` hashes at a time and twice as many waiting; whatever is more is refused at once.

    A place is counted before a thread is taken and belongs to the work, not to the request: who hangs up frees nothing.
    Strangers may fill all places but one per worker; those are left for known devices, which nobody can push out.
    """

    def __init__(self, workers: int | None = None) -> None:
        """One worker less than there are processors, so that readers keep one; at least one."""
        self.workers = workers or max(1, (os.cpu_count() or 2) - 1)
        self._threads = ThreadPoolExecutor(self.workers, "hashing", initializer=_step_back)
        self._lock = Lock()
        self.taken = 0

    async def run(self, work: Callable[..., R], *arguments: Any, known: bool = False) -> R:
        """Do ``work(*arguments)`` there; raises what it raises, and Problem 503 when there is no place."""
        waiting = wrap_future(self.submit(work, *arguments, known=known))
        waiting.add_done_callback(_seen)
        return await shield(waiting)  # who hangs up leaves the work where it is

    def submit(self, work: Callable[..., R], *arguments: Any, known: bool = False) -> Future[R]:
        """As :meth:`run`, from any thread."""
        with self._lock:
            self.check(known=known)
            self.taken += 1
        try:
            return self._threads.submit(self._done, work, arguments)
        except RuntimeError:  # it is shutting down
            self._leave()
            raise Problem(503, headers={"Retry-After": "5"}) from None

    def check(self, *, known: bool = False) -> None:
        """Raise Problem 503 if there is no place now."""
        if self.taken >= (3 if known else 2) * self.workers:
            raise Problem(503, headers={"Retry-After": "1"})

    def shutdown(self) -> None:
        """End when what is in hand is done."""
        self._threads.shutdown()

    def _done(self, work: Callable[..., R], arguments: tuple[Any, ...]) -> R:
        try:
            return work(*arguments)
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._lock:
            self.taken -= 1


def _seen(waiting: Waiting[Any]) -> None:
    """What went wrong with work that nobody waits for any more is no news."""
    if not waiting.cancelled():
        waiting.exception()


def _step_back() -> None:
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), _BEHIND_OTHERS)
