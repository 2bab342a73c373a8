"""The processes in which a month is played: one clock each, as a program has them; each may be killed and begun anew.

``Clocks`` gives every office to one of them. They are told what to do by the name of a :class:`~benchmarks.month_office.Player`'s
method, and answer with what it gave and the processor time that it took.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from api import heap
from benchmarks.machine import Server
from benchmarks.month_office import Player

__all__ = ["Clocks", "Took"]

_SPAWN = get_context("spawn")


class Took(NamedTuple):
    """What a phase took, of all offices: seconds on the wall, and of the processors of the program and of the server."""

    wall: float
    program: float
    server: float


def _serve(mine: Connection, conninfo: str, folder: Path) -> None:
    """Do what is asked for until the other end is closed."""
    player = Player(conninfo, folder)
    heap.settle()  # as the program's own clock does
    with suppress(EOFError):
        while True:
            method, calls = mine.recv()
            began = time.process_time()
            given = [getattr(player, method)(*args, **named) for args, named in calls]
            mine.send((given, time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))
    player.close()


class _Process:
    """One of them."""

    def __init__(self, conninfo: str, folder: Path) -> None:
        self.mine, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_serve, args=(theirs, conninfo, folder), daemon=True)
        self.process.start()
        theirs.close()

    def end(self) -> None:
        self.mine.close()
        self.process.join()

    def kill(self) -> None:
        """In the middle of whatever it does, as when the machine loses its power."""
        self.process.kill()
        self.process.join()
        self.mine.close()


class Clocks:
    """So many processes over one database."""

    def __init__(self, conninfo: str, folder: Path, running: Server, count: int) -> None:
        self._begin: Callable[[], _Process] = partial(_Process, conninfo, folder)
        self._running, self._conninfo = running, conninfo
        self._processes = [self._begin() for _ in range(count)]
        self.peak = 0
        """The most memory that one of them has held, MiB."""

    def furnish(self, codes: Sequence[str], households: int) -> list[list[str]]:
        """Open these offices; the households of each."""
        return self._all("furnish", [((code, households), {}) for code in codes])[0]

    def prepare(self, phase: str, codes: Sequence[str], households: Sequence[Sequence[str]]) -> None:
        """People do their part."""
        self._all("before", [((phase, code, its), {}) for code, its in zip(codes, households, strict=True)])

    def play(self, phase: str, codes: Sequence[str]) -> Took:
        """The program does its own; what that took."""
        server, began = self._running.processor_time(), time.perf_counter()
        _, program = self._all("go_on", [((phase, code), {}) for code in codes])
        return Took(time.perf_counter() - began, program, self._running.processor_time() - server)

    def play_killed(self, phase: str, codes: Sequence[str], households: int) -> int:
        """The same; in the middle of it all processes are killed, and others go on. After how many pages of all books."""
        before = self._pages(codes)
        self._ask("go_on", [((phase, code), {}) for code in codes])
        least = {"compile": 1, "issue": households, "arrears": 10}[phase]
        while self._pages(codes) - before < least:
            time.sleep(0.001)
        for process in self._processes:
            process.kill()
        killed_at = self._pages(codes) - before
        self._processes = [self._begin() for _ in self._processes]
        self._all("go_on", [((phase, code), {"again": True}) for code in codes])
        return killed_at

    def close(self) -> None:
        """End them."""
        for process in self._processes:
            process.end()

    def _all(self, method: str, calls: Sequence[Any]) -> tuple[list[Any], float]:
        """Every n-th call is one process's; what they gave, in order, and the processor time that they took."""
        asked = self._ask(method, calls)
        given: list[Any] = [None] * len(calls)
        took = 0.0
        for number, process in enumerate(asked):
            its, seconds, peak = process.mine.recv()
            given[number :: len(self._processes)] = its
            took, self.peak = took + seconds, max(self.peak, peak)
        return given, took

    def _ask(self, method: str, calls: Sequence[Any]) -> list[_Process]:
        for number, process in enumerate(self._processes):
            process.mine.send((method, calls[number :: len(self._processes)]))
        return self._processes

    def _pages(self, codes: Sequence[str]) -> int:
        """How many pages the books of these offices have together."""
        with psycopg.connect(self._conninfo) as connection:
            query = "select sum(number) from wuye.offices where office = any(%s)"
            [pages] = connection.execute(query, [list(codes)]).fetchone() or [0]
        return int(pages)
