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
import tempfile
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from psycopg_pool import ConnectionPool

from api.identity import Accounts
from benchmarks.beside import PROTOCOL, Ask, beside, come, read
from benchmarks.library_paths import serve
from benchmarks.machine import about, server
from benchmarks.measure import Verdict, interleave, show, table
from benchmarks.our_http import BODY, new_token, prepare_offices
from journal.confidential import MasterKey

_SILENT, _FOLLOWERS, _TOKENS = 1_000, 300, 40
_GATHERING, _PATIENCE = 2.0, 60.0
"""Seconds until a crowd is there, and for which the reader waits for an answer."""
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


def _crowd(port: int, tokens: Sequence[str], seen: Counter[str]) -> Iterator[Coroutine[Any, Any, None]]:
    """Followers where they are given tokens, else the silent."""
    if not tokens:
        return (_silent(port, seen) for _ in range(_SILENT))
    return (_follower(port, tokens[number % len(tokens)], seen) for number in range(_FOLLOWERS))


# -- the reader -----------------------------------------------------------------------------------------------------------


def _asks(token: str) -> Ask:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(connection: HTTPConnection, turn: int) -> bool:
        written = turn % 5 == 0
        if written:
            connection.request("POST", f"{_BOOK}/complaints", body=BODY, headers=headers)
        else:
            connection.request("GET", f"{_BOOK}/registers/complaints?limit=50", headers=headers)
        return not written

    return ask


def main(arguments: Sequence[str] | None = None) -> list[Verdict]:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd", description=__doc__)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--crowd", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.crowd:
        told: Counter[str] = Counter()
        asyncio.run(come(_crowd(int(given.crowd[0]), given.crowd[1:], told), told, _GATHERING))
        return []
    rounds, seconds = given.rounds or (2 if given.quick else 5), 2.0 if given.quick else 4.0
    seen: dict[str, Counter[str]] = {"1,000 silent": Counter(), "300 followers": Counter()}
    took: dict[str, list[float]] = {"quiet": [], **{name: [] for name in seen}}
    with server() as running, tempfile.TemporaryDirectory() as home:
        mine = running.database("bench_crowd")
        token = prepare_offices(mine, home)
        with ConnectionPool(mine, min_size=1, kwargs={"autocommit": True}, open=True) as pool:
            accounts = Accounts(pool.connection, MasterKey.load(Path(home)))
            tokens = [new_token(accounts) for _ in range(_TOKENS)]
        with serve(mine, "benchmarks.our_http:ours", protocol=PROTOCOL, WUYE_BENCH_HOME=home) as port:

            def reads(name: str) -> float:
                return read(port, _asks(token), seconds, took[name], patience=_PATIENCE)

            def crowded(name: str, tokens: Sequence[str]) -> float:
                with beside(["benchmarks.crowd", "--crowd", str(port), *tokens], seen[name]):
                    return reads(name)

            slots = {
                "quiet": lambda: reads("quiet"),
                "1,000 silent": lambda: crowded("1,000 silent", []),
                "300 followers": lambda: crowded("300 followers", tokens),
            }
            readings = interleave(slots, rounds, warm_up=lambda _: slots["quiet"](), say="crowd")
        lines = about(running)
    print("\n".join(lines))
    rows = [[name, show(readings[name], 1), f"{quantiles(took[name], n=100)[94]:.1f}"] for name in slots]
    print(table("a reader, one worker", ["", "median, ms", "95 % within, ms"], rows))
    found = []
    for name, met in seen.items():
        slower = [there / here for here, there in zip(readings["quiet"], readings[name], strict=True)]
        print(f"beside {name} he takes {show(slower, 2)} times as long; they: {dict(met)}")
        found.append(Verdict(f"a reader beside {name} / quiet", median(slower), 2.0, at_most=True))
    return found


if __name__ == "__main__":
    main()
