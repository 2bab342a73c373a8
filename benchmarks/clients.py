"""A client is one append at a time, over a connection of its own.

Every Python client is an operating-system process, because threads would share one interpreter lock and measure that
instead. Node keeps its clients in one process (see ``contenders_node``). All start once, before anything is measured,
and wait; four clients are the first four.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any, Protocol

import psycopg

from benchmarks.contender import Contender, PythonContender

__all__ = ["Client", "Team"]

_FORK = multiprocessing.get_context("fork")


class Client(Protocol):
    """One waiting client."""

    def ready(self) -> None:
        """Wait until it is connected."""

    def go(self, seconds: float, in_flight: int) -> None:
        """Begin to append, so many at a time."""

    def result(self) -> tuple[int, float]:
        """How many were committed, in how many seconds."""

    def close(self) -> None:
        """End it."""


class Team:
    """A contender, set up in its own database, with its waiting clients."""

    def __init__(self, contender: Contender, conninfo: str, most: int) -> None:
        """Make its tables and start its clients."""
        self.contender = contender
        self.conninfo = conninfo
        self.acknowledged = 0
        contender.setup(conninfo)
        self._alone = not isinstance(contender, PythonContender) and not contender.processes
        self._clients = [_start(contender, conninfo, index) for index in range(1 if self._alone else most)]
        for client in self._clients:
            client.ready()

    def append(self, clients: int, seconds: float) -> float:
        """Let so many clients append together; events a second."""
        awake = self._clients if self._alone else self._clients[:clients]
        for client in awake:
            client.go(seconds, clients if self._alone else 1)
        results = [client.result() for client in awake]
        count = sum(result[0] for result in results)
        self.acknowledged += count
        return count / max(result[1] for result in results)

    def check(self) -> None:
        """What was acknowledged must be stored, no more and no less."""
        with psycopg.connect(self.conninfo) as connection:
            row = connection.execute(self.contender.stored).fetchone()
        if row is None or row[0] != self.acknowledged:
            msg = f"{self.contender.name}: {self.acknowledged} acknowledged, {row and row[0]} stored"
            raise SystemExit(msg)

    def close(self) -> None:
        """End the clients."""
        for client in self._clients:
            client.close()


def _start(contender: Contender, conninfo: str, index: int) -> Client:
    if isinstance(contender, PythonContender):
        return _Forked(contender, conninfo, index)
    return _Node(*contender.command(conninfo))


class _Forked:
    def __init__(self, contender: PythonContender, conninfo: str, index: int) -> None:
        self._pipe, theirs = _FORK.Pipe()
        self._process = _FORK.Process(target=_serve, args=(theirs, contender, conninfo, index), daemon=True)
        self._process.start()
        theirs.close()

    def _receive(self) -> tuple[int, float] | None:
        answer: tuple[int, float] | str | None = self._pipe.recv()
        if isinstance(answer, str):
            raise RuntimeError(answer)  # noqa: TRY004 -- what the client said went wrong
        return answer

    def ready(self) -> None:
        self._receive()

    def go(self, seconds: float, in_flight: int) -> None:
        assert in_flight == 1
        self._pipe.send(seconds)

    def result(self) -> tuple[int, float]:
        answer = self._receive()
        assert answer is not None
        return answer

    def close(self) -> None:
        self._pipe.send(None)
        self._process.join(5)
        if self._process.is_alive():
            self._process.terminate()


def _serve(pipe: Connection, contender: PythonContender, conninfo: str, index: int) -> None:
    parent = os.getppid()
    try:
        append = contender.client(conninfo, index)
        pipe.send(None)
        while True:
            while not pipe.poll(5):
                if os.getppid() != parent:
                    os._exit(1)
            seconds = pipe.recv()
            if seconds is None:
                break
            count, began = 0, time.perf_counter()
            ends = began + seconds
            while time.perf_counter() < ends:
                append()
                count += 1
            pipe.send((count, time.perf_counter() - began))
    except Exception as error:  # noqa: BLE001 -- it belongs to the parent
        pipe.send(f"{contender.name}, client {index}: {error!r}")
    finally:
        pipe.close()
        os._exit(0)  # whatever threads a peer's pool holds end here


class _Node:
    def __init__(self, arguments: Sequence[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            arguments, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                return answer
        msg = f"{self._process.args!r} ended with {self._process.wait()}"
        raise RuntimeError(msg)

    def ready(self) -> None:
        self._receive()

    def go(self, seconds: float, in_flight: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"go {seconds} {in_flight}\n")
        self._process.stdin.flush()

    def result(self) -> tuple[int, float]:
        answer = self._receive()
        return int(answer["count"]), float(answer["seconds"])

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
