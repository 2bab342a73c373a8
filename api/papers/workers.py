"""Worker processes 排版进程: pages are set beside the program, a hundred at a time; what Typst keeps in memory ends with them."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Final, TypeVar

from api.papers.typesetting import Job, compiled
from journal.subprocesses import python_subprocess

__all__ = ["set_in_workers"]

_MOST: Final = 4
"""Processes at most: the program itself goes on serving."""
T = TypeVar("T")


def set_in_workers(tasks: list[T], job_of: Callable[[T], Job], take: Callable[[T, bytes], None]) -> None:
    """Set the job of each task and hand its PDF to ``take``, one after the other as they are done.

    ``job_of`` and ``take`` are called in the caller's thread. Raises what a worker ran into; what was taken before stays.
    """
    if not tasks:
        return
    size = min(len(tasks), _MOST, max((os.cpu_count() or 1) - 1, 1))
    with ExitStack() as stack:
        free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        threads = stack.enter_context(ThreadPoolExecutor(size))
        for _ in range(size):
            free.put(stack.enter_context(python_subprocess("-m", __name__)))

        def one(job: Job) -> bytes:
            worker = free.get()
            try:
                return _ask(worker, job)
            finally:
                free.put(worker)

        waiting: list[tuple[T, Callable[[], bytes]]] = []
        for task in tasks:
            waiting.append((task, threads.submit(one, job_of(task)).result))
            if len(waiting) > size:
                _take_first(waiting, take)
        while waiting:
            _take_first(waiting, take)


def _take_first(waiting: list[tuple[T, Callable[[], bytes]]], take: Callable[[T, bytes], None]) -> None:
    task, result = waiting.pop(0)
    take(task, result())


def _ask(worker: subprocess.Popen[bytes], job: Job) -> bytes:
    assert worker.stdin is not None
    assert worker.stdout is not None
    pickle.dump(job, worker.stdin)
    worker.stdin.flush()
    try:
        made = pickle.load(worker.stdout)  # noqa: S301 -- from our own process
    except EOFError:
        msg = "排版进程中断 / a process that sets pages has ended"
        raise RuntimeError(msg) from None
    if isinstance(made, bytes):
        return made
    raise RuntimeError(made)


def _jobs() -> Iterator[Job]:
    while True:
        try:
            yield pickle.load(sys.stdin.buffer)  # noqa: S301 -- from the process that started this one
        except EOFError:
            return


def main() -> None:
    """Set jobs from the standard input until it ends."""
    for job in _jobs():
        try:
            made: bytes | str = compiled(job)
        except Exception as wrong:  # noqa: BLE001 -- told to whoever asked, in whose log it stands
            made = f"{type(wrong).__name__}: {wrong}"
        pickle.dump(made, sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
