"""What a reader notices of 100 attackers who post wrong log-ins as fast as they are answered.

``python -m benchmarks.login_flood [--quick] [--rounds 5] [--attackers 100]``

The attackers are a process of their own and heed no Retry-After: each asks again as soon as he is answered, on the same
connection, or with ``--reconnect`` on a new one each time. Half of them name an account that exists, from one address. The reader asks for a list
twenty times a second; shown is the median of his answers' times, with and without the attackers, in interleaved rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles

from psycopg_pool import ConnectionPool

from api.identity import Accounts
from benchmarks.beside import PROTOCOL, Ask, beside, come, read
from benchmarks.http_load import post
from benchmarks.library_paths import serve
from benchmarks.machine import about, server
from benchmarks.measure import Verdict, interleave, show, table
from benchmarks.our_http import prepare_offices
from journal.confidential import MasterKey

_GATHERING, _PATIENCE = 1.0, 30.0
"""Seconds until the attackers are there, and for which the reader waits for an answer."""
_LIST = "/offices/H00/registers/complaints?limit=50"


async def _attacker(port: int, number: int, seen: Counter[int], *, reconnect: bool) -> None:
    login = "wang" if number % 2 else f"nobody{number}"
    request = post("/login", json.dumps({"login": login, "password": "wrong password"}).encode())
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                while True:
                    writer.write(request)
                    head = await reader.readuntil(b"\r\n\r\n")
                    seen[int(head[9:12])] += 1
                    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])
                    await reader.readexactly(length)
                    if reconnect or b"connection: close" in head.lower():
                        break
            finally:
                writer.close()


def _asks(token: str) -> Ask:
    def ask(connection: HTTPConnection, _turn: int) -> bool:
        connection.request("GET", _LIST, headers={"Authorization": f"Bearer {token}"})
        return True

    return ask


def main(arguments: Sequence[str] | None = None) -> list[Verdict]:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.login_flood", description=__doc__)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--attackers", type=int, default=100)
    parser.add_argument("--attack", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--reconnect", action="store_true", help="a new connection for every attempt")
    given = parser.parse_args(arguments)
    if given.attack:
        told: Counter[int] = Counter()
        attack = [_attacker(given.attack, number, told, reconnect=given.reconnect) for number in range(given.attackers)]
        asyncio.run(come(attack, told, _GATHERING))
        return []
    rounds, seconds = given.rounds or (2 if given.quick else 5), 2.0 if given.quick else 4.0
    seen: Counter[str] = Counter()
    quiet: list[float] = []
    loud: list[float] = []
    with server() as running, tempfile.TemporaryDirectory() as home:
        mine = running.database("bench_flood")
        token = prepare_offices(mine, home)
        with ConnectionPool(mine, min_size=1, kwargs={"autocommit": True}, open=True) as pool:
            Accounts(pool.connection, MasterKey.load(Path(home))).create("wang", "王", "correct horse battery")
        with serve(mine, "benchmarks.our_http:ours", protocol=PROTOCOL, WUYE_BENCH_HOME=home) as port:

            def reads(took: list[float]) -> float:
                return read(port, _asks(token), seconds, took, patience=_PATIENCE)

            def attacked() -> float:
                words = ["benchmarks.login_flood", "--attack", str(port), "--attackers", str(given.attackers)]
                with beside([*words, *(["--reconnect"] if given.reconnect else [])], seen):
                    return reads(loud)

            slots = {"quiet": lambda: reads(quiet), "attacked": attacked}
            readings = interleave(slots, rounds, warm_up=lambda _: slots["quiet"](), say="flood")
        lines = about(running)
    print("\n".join(lines))
    rows = [
        [name, show(readings[name], 1), f"{quantiles(took, n=100)[94]:.1f}"]
        for name, took in (("quiet", quiet), ("attacked", loud))
    ]
    print(table(f"a reader and {given.attackers} attackers, one worker", ["", "median, ms", "95 % within, ms"], rows))
    print("the attackers were answered:", dict(seen))
    slower = [there / here for here, there in zip(readings["quiet"], readings["attacked"], strict=True)]
    print(f"the reader takes {show(slower, 2)} times as long")
    return [Verdict(f"a reader beside {given.attackers} attackers / quiet", median(slower), 2.0, at_most=True)]


if __name__ == "__main__":
    main()
