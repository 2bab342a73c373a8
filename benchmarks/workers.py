"""Commands through ``wuye serve --workers 2`` beside ``--workers 1``: the same requests, on the same database, in turn.

``python -m benchmarks.workers [--quick] [--rounds 5] [--connections 32]``

The load comes from this process and the database is at work too, so on two cores the second worker has what those leave. What a
command costs of the processor in each of them is shown; from it follows what any number of workers could be on so many cores, and
what two are that have their cores to themselves (do they stand in each other's way?).
All answers must be 2xx, and all facts must stand in the book.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from pathlib import Path
from statistics import median

import psycopg

from benchmarks.http_load import Load, load, post
from benchmarks.machine import Server, about, server
from benchmarks.measure import Verdict, interleave, ratios, show, table
from benchmarks.our_http import BODY, OFFICES, prepare_offices

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)$")


@dataclass(slots=True)
class _Cost:
    """Processor time of those who take part, in seconds, over all rounds of one number of workers."""

    commands: int = 0
    workers: float = 0.0
    database: float = 0.0
    client: float = 0.0

    def row(self) -> list[str]:
        """Milliseconds a command."""
        parts = (self.workers, self.database, self.client)
        return [f"{part / max(self.commands, 1) * 1000:.2f}" for part in (*parts, sum(parts))]

    def apart(self, other: _Cost, workers: int) -> float:
        """How many times ``other`` (one worker) so many could do if each had a core, and database and client were elsewhere."""
        return workers * (other.workers / max(other.commands, 1)) / (self.workers / max(self.commands, 1))

    def bound(self, workers: int, cores: int) -> float:
        """How many times one worker so many could be at most: all have the cores, and one worker has one of them."""
        return min(workers, cores * self.workers / (self.workers + self.database + self.client))


def _spent(pid: int) -> float:
    """Seconds of the processor that a process and those that it has started have taken."""
    ticks, family = 0, {pid}
    for stat in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda each: int(each.parent.name)):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        own = int(stat.parent.name)
        if own in family or int(fields[1]) in family:
            family.add(own)
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def _wuye(conninfo: str, home: str, workers: int) -> Iterator[tuple[int, int]]:
    """``wuye serve`` with so many workers, once it is ready; its port and its process."""
    words = ["-m", "wuye", "serve", "--port", "18100", "--workers", str(workers), "--no-work"]
    environment = {**os.environ, "DATABASE_URL": conninfo, "WUYE_HOME": home}
    process = subprocess.Popen([sys.executable, *words], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        port = next(int(found[1]) for line in process.stdout if (found := _ADDRESS.search(line.strip())))
        _listening(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _listening(port: int) -> None:
    """Wait until a worker answers: until then it is their parent who keeps the port, and he hears nobody."""
    for _ in range(600):
        asked = HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            asked.request("GET", "/ready")
            if asked.getresponse().status == HTTPStatus.OK:
                return
        except (OSError, HTTPException):
            time.sleep(0.1)
        finally:
            asked.close()
    msg = "no worker came"
    raise RuntimeError(msg)


@dataclass(frozen=True)
class _Round:
    """One reading: so many seconds of commands."""

    running: Server
    make: Callable[[], bytes]
    connections: int
    seconds: float
    loads: list[Load]

    def __call__(self, port: int, pid: int, cost: _Cost) -> float:
        before = _spent(pid), self.running.processor_time(), time.process_time()
        reading = load(self.make, port=port, connections=self.connections, seconds=self.seconds)
        if reading.succeeded != reading.statuses.total():
            raise RuntimeError(reading.sample.decode(errors="replace"))
        self.loads.append(reading)
        cost.commands += reading.succeeded
        cost.workers += _spent(pid) - before[0]
        cost.database += self.running.processor_time() - before[1]
        cost.client += time.process_time() - before[2]
        return reading.rate


def main(arguments: Sequence[str] | None = None) -> list[Verdict]:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=__doc__)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(arguments)
    rounds, seconds = given.rounds or (2 if given.quick else 5), 1.0 if given.quick else 3.0
    loads: list[Load] = []
    with server() as running, tempfile.TemporaryDirectory() as home:
        mine = running.database("bench_workers")
        headers = {"Authorization": f"Bearer {prepare_offices(mine, home)}"}
        turns = cycle([post(f"/offices/{code}/complaints", BODY, headers) for code in OFFICES])
        measured = _Round(running, lambda: next(turns), given.connections, seconds, loads)
        costs = {"1 worker": _Cost(), "2 workers": _Cost()}
        with _wuye(mine, home, 1) as one, _wuye(mine, home, 2) as two:
            slots = {
                name: partial(measured, *place, costs[name]) for name, place in zip(costs, (one, two), strict=True)
            }
            readings = interleave(slots, rounds, warm_up=lambda name: slots[name](), say="workers")
        with psycopg.connect(mine) as connection:
            row = connection.execute("select count(*) from wuye.r_complaints").fetchone()
        lines = about(running)
    acknowledged = sum(reading.succeeded for reading in loads)
    if row is None or row[0] != acknowledged:
        msg = f"{acknowledged} answered 2xx, {row and row[0]} stand in the register"
        raise SystemExit(msg)
    relative = ratios(readings, "1 worker")
    print("\n".join(lines))
    rows = [[name, show(values), show(relative[name], 2), *costs[name].row()] for name, values in readings.items()]
    columns = ["", "a second", "times one worker", "ms: workers", "database", "client", "together"]
    print(table(f"commands, {given.connections} connections", columns, rows))
    cores = os.cpu_count() or 1
    print(
        f"by the costs of two workers, two can be {costs['2 workers'].bound(2, cores):.2f} times one on {cores} cores"
    )
    return [
        Verdict("commands with two workers / one", median(relative["2 workers"]), 1.6),
        Verdict("… by the workers' own processor time", costs["2 workers"].apart(costs["1 worker"], 2), 1.6),
    ]


if __name__ == "__main__":
    main()
