"""Commands through ``wuye serve --workers 2`` beside ``--workers 1``: the same requests, on the same database, in turn.

``python -m benchmarks.workers [--quick] [--rounds 5] [--connections 32]``

The load comes from a process of its own and the database is at work too, so on two cores the second worker has what
those leave. All answers must be 2xx, and all facts must stand in the book.
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
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from statistics import median

import psycopg

from benchmarks.http_load import Load, load, post
from benchmarks.machine import about, server
from benchmarks.measure import Verdict, interleave, ratios, show, table
from benchmarks.our_http import BODY, OFFICES, prepare_offices

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)$")


@contextmanager
def _wuye(conninfo: str, home: str, workers: int) -> Iterator[int]:
    """``wuye serve`` with so many workers, once it is ready; its port."""
    words = ["-m", "wuye", "serve", "--port", "18100", "--workers", str(workers), "--no-work"]
    environment = {**os.environ, "DATABASE_URL": conninfo, "WUYE_HOME": home}
    process = subprocess.Popen([sys.executable, *words], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        port = next(int(found[1]) for line in process.stdout if (found := _ADDRESS.search(line.strip())))
        _listening(port)
        yield port
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


def _requests(port: int, make: Callable[[], bytes], connections: int, seconds: float, loads: list[Load]) -> float:
    reading = load(make, port=port, connections=connections, seconds=seconds)
    if reading.succeeded != reading.statuses.total():
        raise RuntimeError(reading.sample.decode(errors="replace"))
    loads.append(reading)
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
        with _wuye(mine, home, 1) as one, _wuye(mine, home, 2) as two:
            slots = {
                f"{n} worker{'s' if n > 1 else ''}": partial(
                    _requests, port, lambda: next(turns), given.connections, seconds, loads
                )
                for n, port in ((1, one), (2, two))
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
    rows = [[name, show(values), show(relative[name], 2)] for name, values in readings.items()]
    print(table(f"commands, {given.connections} connections", ["", "a second", "times one worker"], rows))
    return [Verdict("commands with two workers / one", median(relative["2 workers"]), 1.6)]


if __name__ == "__main__":
    main()
