"""Our own paths: rebuilding all registers, reading standards over a million cases, starting up.

``python -m benchmarks.our_paths [rebuild] [standards] [start] [--quick] [--rounds 5]``
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from statistics import median

import psycopg

from benchmarks.contenders_ours import Append100
from benchmarks.library_paths import fill
from benchmarks.library_paths import rebuild as library_rebuild
from benchmarks.machine import Server, about, server
from benchmarks.measure import Verdict, interleave, ratios, show, table
from domain.complaints.complaint.commands.handling import ArchiveComplaint, ResolveComplaint
from domain.complaints.complaint.commands.reception import AssessComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.people import Actor, Role
from journal.book import Book
from journal.confidential import MasterKey
from projections.engine.company import counted_offices, together
from projections.engine.rebuild import rebuild
from projections.engine.standard import Asked, AsOf, read_each
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest
from workflows.policies.index import POLICIES

_CLERK = Actor("clerk", Role.ADMINISTRATOR)


# -- rebuild ----------------------------------------------------------------------------------------------------------


def fill_book(conninfo: str, cases: int) -> None:
    """Whole complaints of four facts each, in bulk."""
    Append100().setup(conninfo)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        handler = CommandHandler(
            lambda: nullcontext(connection), policies=POLICIES, projector=REGISTERS, master=MasterKey(os.urandom(32))
        )
        now = datetime.now(UTC)
        for start in range(0, cases, 1_000):
            draft = handler.draft(Book(connection, "P000"))
            for number in range(start, min(start + 1_000, cases)):
                case = ""
                for day, command in enumerate(
                    (
                        RegisterComplaint(channel=Channel.ONLINE, category="water", matter="下水堵塞"),
                        AssessComplaint(promised_by=now),
                        ResolveComplaint(done_by="worker"),
                        ArchiveComplaint(),
                    )
                ):
                    order = CommandRequest(
                        office="P000",
                        command=command,
                        actor=_CLERK,
                        now=now,
                        case_id=case or None,
                        occurred_at=now - timedelta(days=9 - day),
                        imported=True,
                        source_id=str(number),
                    )
                    case, _ = draft.give(order)
            handler.record_many(connection, draft)


def _rebuild_ours(conninfo: str) -> float:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        began = time.perf_counter()
        done = rebuild(connection, REGISTERS)
        return done.facts / (time.perf_counter() - began)


def _rebuild(running: Server, rounds: int, *, quick: bool) -> tuple[str, list[Verdict]]:
    ours, theirs = running.database("bench_ours"), running.database("bench_theirs")
    cases = 5_000 if quick else 75_000  # helpers need a second to start: a book that is worth rebuilding
    fill_book(ours, cases)
    fill(theirs, 200 if quick else 1_000, 4)
    slots = {
        "ProjectionRunner": partial(library_rebuild, theirs, count()),
        "wuye rebuild": partial(_rebuild_ours, ours),
    }
    readings = interleave(slots, rounds, say="rebuild")
    relative = ratios(readings, "ProjectionRunner")
    rows = [[name, show(values), show(relative[name], 1)] for name, values in readings.items()]
    shown = table(f"rebuild of all registers, {cases * 4:,} facts", ["", "facts a second", "times the runner"], rows)
    return shown, [
        Verdict("rebuild of all registers / ProjectionRunner", median(relative["wuye rebuild"]), 30),
        Verdict("rebuild of all registers", median(readings["wuye rebuild"]), 40_000, "facts/s"),
    ]


# -- standards --------------------------------------------------------------------------------------------------------

_FILL = """
insert into wuye.r_complaints (office, case_id, line, from_number, to_number, recorded_from, recorded_to, effective_from,
  state, version, imported, opened_at, registered_on, channel, category, matter, severe, escalated, promised_by, due_at, resolved_at,
  resolved_on, reopened, reassigned, open)
select 'P' || lpad((n / %(each)s)::text, 3, '0'), 'complaint-' || n, '', n %% %(each)s * 3 + v,
       case when v < 3 then n %% %(each)s * 3 + v + 1 end, t + v * interval '1 day',
       case when v < 3 then t + (v + 1) * interval '1 day' end, t + v * interval '1 day', (array['registered', 'assessed', 'resolved'])[v], v, false,
       t, t::date, 'online', 'category ' || n %% 7, 'matter', false, false,
       case when v > 1 then t + interval '3 day' end, case when v > 1 then t + interval '3 day' end,
       case when v = 3 then t + interval '2 day' + (n %% 3) * interval '1 day' end,
       case when v = 3 then (t + interval '2 day')::date end, 0, 0, v < 3
  from generate_series(0, %(cases)s - 1) n
 cross join generate_series(1, 3) v
 cross join lateral (select timestamptz '2025-01-01' + (n %% 365) * interval '1 day') as d(t)
"""


def _standards(running: Server, rounds: int, *, quick: bool) -> tuple[str, list[Verdict]]:
    each, offices = (2_000, 10) if quick else (10_000, 100)
    conninfo = running.database("bench_standards")
    Append100().setup(conninfo)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(_FILL, {"each": each, "cases": each * offices})
        connection.execute("vacuum analyze wuye.r_complaints")
        standard = BY_SLUG["complaint-handling-rate"]
        since, until, now = date(2025, 1, 1), date(2025, 12, 31), datetime(2026, 1, 1, tzinfo=UTC)
        past = AsOf(instant=datetime(2025, 7, 1, tzinfo=UTC))

        def reading(office: str | None, as_of: AsOf) -> float:
            began = time.perf_counter()
            counted = [office] if office is not None else [code for code, _ in counted_offices(connection)]
            asked = [Asked(office=code, now=now) for code in counted]
            parts = read_each(connection, REGISTERS, standard, asked, since=since, until=until, as_of=as_of)
            whole = together(standard, parts, since, until, now, as_of)
            took = (time.perf_counter() - began) * 1000
            if not whole.counted:
                msg = "the standard counts none of the cases"
                raise RuntimeError(msg)
            return took

        slots = {
            f"one office of {each:,} cases": partial(reading, "P007", AsOf()),
            f"one office of {each:,} cases, as of an instant": partial(reading, "P007", past),
            f"{offices} offices, {each * offices:,} cases": partial(reading, None, AsOf()),
            f"{offices} offices, {each * offices:,} cases, as of an instant": partial(reading, None, past),
        }
        readings = interleave(slots, max(rounds, 5), warm_up=lambda name: slots[name](), say="standards")
    rows = [[name, show(values, 1)] for name, values in readings.items()]
    found = [
        Verdict(f"standard, {name}", median(values), 50 if name.startswith("one office") else 1000, "ms", at_most=True)
        for name, values in readings.items()
    ]
    return table("one standard with its groups", ["", "milliseconds"], rows), found


# -- starting up ------------------------------------------------------------------------------------------------------


def _start(_running: Server, rounds: int, **_: object) -> tuple[str, list[Verdict]]:
    def took(*arguments: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        return (time.perf_counter() - began) * 1000

    slots = {
        "python -c pass": partial(took, "-c", "pass"),
        "wuye --help": partial(took, "-m", "wuye", "--help"),
        "import api.http.application": partial(took, "-c", "import api.http.application"),
    }
    readings = interleave(slots, max(rounds, 5), say="start")
    shown = table("starting up", ["", "milliseconds"], [[n, f"{median(v):.0f}"] for n, v in readings.items()])
    return shown, [
        Verdict("wuye --help", median(readings["wuye --help"]), 300, "ms", at_most=True),
        Verdict(
            "import api.http.application", median(readings["import api.http.application"]), 1500, "ms", at_most=True
        ),
    ]


_PATHS: dict[str, Callable[..., tuple[str, list[Verdict]]]] = {
    "rebuild": _rebuild,
    "standards": _standards,
    "start": _start,
}


def main(arguments: Sequence[str] | None = None) -> list[Verdict]:
    """Measure the paths that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.our_paths", description=__doc__)
    parser.add_argument("paths", nargs="*", help=f"of {', '.join(_PATHS)}; default: all")
    parser.add_argument("--rounds", type=int, help="counted rounds (default 5; --quick: 2)")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(arguments)
    rounds = given.rounds or (2 if given.quick else 5)
    with server() as running:
        print("\n".join(about(running)))
        found: list[Verdict] = []
        for path in given.paths or _PATHS:
            shown, judged = _PATHS[path](running, rounds, quick=given.quick)
            print("\n" + shown)
            found += judged
    return found


if __name__ == "__main__":
    main()
