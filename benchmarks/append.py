"""Appends, one small event a commit, at 1, 4 and 16 clients, against peers and against a plain INSERT.

``python -m benchmarks.append [--quick] [--rounds 7] [--seconds 1.5] [--clients 1,4,16] [--only insert,emmett]``
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from benchmarks.clients import Team
from benchmarks.contender import PAYLOAD_BYTES, Contender, PythonContender
from benchmarks.machine import Server, about, server
from benchmarks.measure import Readings, Verdict, interleave, ratios, show, table
from benchmarks.peers import install

__all__ = ["compare", "contenders"]

_MODULES = ("benchmarks.contenders_python", "benchmarks.contenders_node", "benchmarks.contenders_ours")
_FLOOR, _LIBRARY = "insert", "eventsourcing"


def contenders(only: Sequence[str] = ()) -> list[Contender]:
    """All contenders of the ``contenders_*`` modules that are there, or only these; the floor always takes part."""
    found: list[Contender] = []
    for module in _MODULES:
        if find_spec(module):
            found.extend(importlib.import_module(module).CONTENDERS)
    names = [contender.name for contender in found]
    if unknown := set(only) - set(names):
        msg = f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(names)}"
        raise SystemExit(msg)
    return [c for c in found if c.name in only or c.name == _FLOOR or not (only or c.extra)]


def compare(
    running: Server, takes_part: Sequence[Contender], clients: Sequence[int], rounds: int, seconds: float
) -> dict[int, Readings]:
    """Readings in events a second: clients → contender → one a round."""
    with ExitStack() as stack:
        teams: dict[str, Team] = {}
        for contender in takes_part:
            conninfo = running.database("bench_" + contender.name.replace("-", "_"))
            teams[contender.name] = Team(contender, conninfo, max(clients))
            stack.callback(teams[contender.name].close)
        for team in teams.values():  # warm, uncounted: connections, caches, prepared statements, compiled code
            for count in clients:
                team.append(count, min(1.0, seconds))
        readings = {
            count: interleave(
                {name: partial(team.append, count, seconds) for name, team in teams.items()},
                rounds,
                before_round=running.checkpoint,
                say=f"{count} client{'s' if count > 1 else ''},",
            )
            for count in clients
        }
        for team in teams.values():
            team.check()
    return readings


def _report(readings: dict[int, Readings], takes_part: Sequence[Contender]) -> str:
    names = [contender.name for contender in takes_part]
    head = ["", *[f"{count} client{'s' if count > 1 else ''}" for count in readings]]

    def rows(of: dict[int, Readings], digits: int) -> list[list[str]]:
        return [[name, *[show(of[count][name], digits) for count in of]] for name in names]

    parts = [table("events a second: median (min..max)", head, rows(readings, 0))]
    for base, words in ((_FLOOR, "a plain INSERT"), (_LIBRARY, "the bare library")):
        if base in names:
            relative = {count: ratios(of, base) for count, of in readings.items()}
            parts.append(table(f"times {words}: median of the rounds (min..max)", head, rows(relative, 2)))
    return "\n\n".join(parts)


def judged(readings: dict[int, Readings]) -> list[Verdict]:
    """Ours beside every peer, the whole path beside the bare library."""
    found = []
    for count, of in readings.items():
        at = f"at {count} client{'s' if count > 1 else ''}"
        peers = [name for name in of if name not in (_FLOOR, "wuye", "wuye-whole") and "wuye" in of]
        found += [Verdict(f"append: wuye / {peer}, {at}", median(ratios(of, peer)["wuye"]), 1) for peer in peers]
        if "wuye-whole" in of and _LIBRARY in of:
            whole = median(ratios(of, _LIBRARY)["wuye-whole"])
            found.append(Verdict(f"whole path / {_LIBRARY}'s naked append, {at}", whole, 1))
    return found


def main(arguments: Sequence[str] | None = None) -> list[Verdict]:
    """Run the comparison."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.append", description=__doc__)
    parser.add_argument("--rounds", type=int, help="counted rounds (default 7; --quick: 2)")
    parser.add_argument("--seconds", type=float, help="seconds a reading (default 1.5; --quick: 0.5)")
    parser.add_argument("--clients", default="1,4,16", help="how many at once (default 1,4,16)")
    parser.add_argument("--only", default="", help="names of contenders, with commas")
    parser.add_argument("--quick", action="store_true", help="under a minute; too few rounds to quote")
    parser.add_argument("--json", type=Path, help="also write every reading to this file")
    given = parser.parse_args(arguments)
    rounds = given.rounds or (2 if given.quick else 7)
    seconds = given.seconds or (0.5 if given.quick else 1.5)
    clients = [int(count) for count in given.clients.split(",")]
    began = time.monotonic()

    all_of_them = contenders([name for name in given.only.split(",") if name])
    if not all(isinstance(contender, PythonContender) for contender in all_of_them):
        install()
    takes_part = [contender for contender in all_of_them if not contender.missing()]
    for contender in all_of_them:
        if reason := contender.missing():
            print(f"not measured: {contender.name} ({reason})", file=sys.stderr)
    with server() as running:
        lines = about(running)
        readings = compare(running, takes_part, clients, rounds, seconds)
    print("\n".join(lines))
    width = max(len(contender.name) for contender in takes_part)
    print("\n".join(f"  {contender.name.ljust(width)}  {contender.version}" for contender in takes_part))
    print(
        f"one event ({len(PAYLOAD_BYTES)} bytes of payload) of a new case a commit; a client is one append at a"
        f" time,\nin a process of its own unless said otherwise; {rounds} interleaved rounds of {seconds} s;"
        f" stored = acknowledged checked; {time.monotonic() - began:.0f} s in all\n"
    )
    print(_report(readings, takes_part))
    if given.json:
        given.json.write_text(json.dumps({"about": lines, "events_per_second": readings}, indent=1) + "\n")
    return judged(readings)


if __name__ == "__main__":
    main()
