"""What a reader notices of 1,000 connections that ask nothing, and of 300 programs that follow the book he reads.

``python -m benchmarks.crowd [--quick] [--rounds 5]``

Each crowd is a process of its own. The silent bring half a head and come again as soon as they are thrown out; the followers are 40
programs with eight streams each, of which a worker serves 200: the others ask again every second. The reader asks for a list twenty
times a second and writes a fact every fifth time, so that followers have something to follow; shown is the median of his lists'
times, with and without the crowd, in interleaved rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from itertools import count
from statistics import median, quantiles

from psycopg_pool import ConnectionPool

from api.identity import Accounts
from benchmarks.library_paths import serve
from benchmarks.login_flood import PROTOCOL
from benchmarks.machine import about, server
from benchmarks.measure import Verdict, interleave, show, table
from benchmarks.our_http import BODY, new_token, prepare_offices

_SILENT, _FOLLOWERS, _TOKENS = 1_000, 300, 40
_PAUSE = 0.05
_BOOK = "/offices/H00"


# -- the crowds, in a process of their own --------------------------------------------------------------------------------


async def _silent(port: int, seen: Counter[str]) -> None:
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                seen["connected"] += 1
                writer.write(b"GET /health HTTP/1.1\r\nHost: 127")
                await reader.read()
            finally:
                writer.close()
        await asyncio.sleep(1.0)


async def _follower(port: int, token: str, seen: Counter[str]) -> None:
    asked = f"GET {_BOOK}/facts?after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nAuthorization: Bearer {token}\r\n\r\n"
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(asked.encode())
                head = await reader.readuntil(b"\r\n\r\n")
                seen[head[9:12].decode()] += 1
                if head[9:12] == b"200":
                    while piece := await reader.read(65536):
                        seen["bytes"] += len(piece)
            finally:
                writer.close()
        await asyncio.sleep(1.0)


async def _crowd(port: int, tokens: Sequence[str]) -> None:
    """Until standard input ends."""
    seen: Counter[str] = Counter()
    comers = (
        [_follower(port, tokens[number % len(tokens)], seen) for number in range(_FOLLOWERS)]
        if tokens
        else [_silent(port, seen) for _ in range(_SILENT)]
    )
    tasks = [asyncio.create_task(each) for each in comers]
    await asyncio.sleep(2.0)
    print("there", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    print(json.dumps(seen))


@contextmanager
def _crowded(port: int, tokens: Sequence[str], into: Counter[str]) -> Iterator[None]:
    crowd = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.crowd", "--crowd", str(port), *tokens],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert crowd.stdout is not None
        crowd.stdout.readline()
        yield
    finally:
        said, _ = crowd.communicate("")
        into.update(json.loads(said))


# -- the reader -----------------------------------------------------------------------------------------------------------


def _reader(port: int, token: str, seconds: float, took: list[float]) -> float:
    """The median of the lists' times in milliseconds."""
    connection, mine = HTTPConnection("127.0.0.1", port, timeout=60), []
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    ends = time.perf_counter() + seconds
    for turn in count():
        began = time.perf_counter()
        if began > ends:
            break
        written = turn % 5 == 0
        if written:
            connection.request("POST", f"{_BOOK}/complaints", body=BODY, headers=headers)
        else:
            connection.request("GET", f"{_BOOK}/registers/complaints?limit=50", headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status // 100 != 2:
            msg = f"the reader was answered {answer.status}"
            raise RuntimeError(msg)
        if not written:
            mine.append((time.perf_counter() - began) * 1000)
        time.sleep(_PAUSE)
    took += mine
    return median(mine)


def main(arguments: Sequence[str] | None = None) -> list[Verdict]:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd", description=__doc__)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--crowd", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.crowd:
        asyncio.run(_crowd(int(given.crowd[0]), given.crowd[1:]))
        return []
    rounds, seconds = given.rounds or (2 if given.quick else 5), 2.0 if given.quick else 4.0
    seen: dict[str, Counter[str]] = {"1,000 silent": Counter(), "300 followers": Counter()}
    took: dict[str, list[float]] = {"quiet": [], **{name: [] for name in seen}}
    with server() as running, tempfile.TemporaryDirectory() as home:
        mine = running.database("bench_crowd")
        token = prepare_offices(mine, home)
        with ConnectionPool(mine, min_size=1, kwargs={"autocommit": True}, open=True) as pool:
            tokens = [new_token(Accounts(pool.connection)) for _ in range(_TOKENS)]
        with serve(mine, "benchmarks.our_http:ours", protocol=PROTOCOL, WUYE_BENCH_HOME=home) as port:

            def crowded(name: str, tokens: Sequence[str]) -> float:
                with _crowded(port, tokens, seen[name]):
                    return _reader(port, token, seconds, took[name])

            slots = {
                "quiet": lambda: _reader(port, token, seconds, took["quiet"]),
                "1,000 silent": lambda: crowded("1,000 silent", []),
                "300 followers": lambda: crowded("300 followers", tokens),
            }
            readings = interleave(slots, rounds, warm_up=lambda _: slots["quiet"](), say="crowd")
        lines = about(running)
    print("\n".join(lines))
    rows = [[name, show(readings[name], 1), f"{quantiles(took[name], n=100)[94]:.1f}"] for name in slots]
    print(table("a reader, one worker", ["", "median, ms", "95 % within, ms"], rows))
    found = []
    for name, told in seen.items():
        slower = [there / here for here, there in zip(readings["quiet"], readings[name], strict=True)]
        print(f"beside {name} he takes {show(slower, 2)} times as long; they: {dict(told)}")
        found.append(Verdict(f"a reader beside {name} / quiet", median(slower), 2.0, at_most=True))
    return found


if __name__ == "__main__":
    main()
