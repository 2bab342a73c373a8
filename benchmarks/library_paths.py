"""Three more paths through the bare library, to hold ours against: bulk saving, rebuilding a view, an HTTP counter.

``python -m benchmarks.library_paths [bulk] [rebuild] [http] [--quick] [--rounds 5]``

Each path is a function that answers one reading, so that our own may stand beside it in ``measure.interleave``.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from eventsourcing.domain import AggregateEvent
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from fastapi import FastAPI
from psycopg.sql import SQL, Identifier

from benchmarks.contender import PAYLOAD, PAYLOAD_BYTES
from benchmarks.http_load import Load, load, post
from benchmarks.library import Complaint, Complaints, assessed, environment, in_bulk
from benchmarks.machine import about, package_version, server
from benchmarks.measure import Readings, interleave, ratios, show, table

__all__ = ["Work", "app", "bulk", "fill", "rebuild", "serve", "work"]

Work = list[tuple[UUID, list[Mapping[str, str | int]]]]
_CONNINFO: Final = "WUYE_BENCH_CONNINFO"
_BATCH: Final = 500


def work(cases: int, events: int) -> Work:
    """So many new cases, each with its first event and ``events - 1`` visits."""
    visits: list[Mapping[str, str | int]] = [{"summary": f"Visit {number}."} for number in range(1, events)]
    return [(uuid4(), [PAYLOAD, *visits]) for _ in range(cases)]


# -- bulk -------------------------------------------------------------------------------------------------------------


def bulk(application: Complaints, given: Work, batch: int = _BATCH) -> float:
    """Save all events of these cases, ``batch`` aggregates a ``save()``; events a second, aggregates made included."""
    began, saved = time.perf_counter(), 0
    for at in range(0, len(given), batch):
        saved += len(application.save(*(_aggregate(case, events) for case, events in given[at : at + batch])))
    return saved / (time.perf_counter() - began)


def _aggregate(case: UUID, events: Sequence[Mapping[str, str | int]]) -> Complaint:
    complaint = assessed(case, events[0])
    for event in events[1:]:
        complaint.visit(str(event["summary"]))
    return complaint


# -- rebuilding a view ------------------------------------------------------------------------------------------------


class Register(PostgresTrackingRecorder):
    """One row a case, upserted with the position in one transaction, as the library's manual shows."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        self.table = Identifier(self.datastore.schema, f"{self.tracking_table_name}_rows")
        self.sql_create_statements.append(
            SQL("create table if not exists {} (case_id uuid primary key, events bigint, last text)").format(self.table)
        )
        self.upsert = SQL(
            "insert into {} as r values (%s, 1, %s)"
            " on conflict (case_id) do update set events = r.events + 1, last = excluded.last"
        ).format(self.table)

    def put(self, case: UUID, name: str, tracking: Tracking) -> None:
        """Write a row and the position."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self.upsert, (case, name), prepare=True)


class Rebuild(Projection[Register]):
    """Every event becomes a row or changes one."""

    name = "register"

    def process_event(self, domain_event: AggregateEvent, tracking: Tracking) -> None:
        """One event, one transaction: the stock runner knows no other way."""
        self.view.put(domain_event.originator_id, type(domain_event).__name__, tracking)


def fill(conninfo: str, cases: int, events: int) -> None:
    """Put events into an empty database, for rebuilding."""
    with closing(Complaints(in_bulk(conninfo))) as application:
        bulk(application, work(cases, events))


def rebuild(conninfo: str, names: Iterator[int]) -> float:
    """Build the view of all stored events anew with the stock ``ProjectionRunner``; events a second."""
    projection = type("Rebuild", (Rebuild,), {"name": f"register{next(names)}"})
    runner = ProjectionRunner(
        application_class=Complaints, projection_class=projection, view_class=Register, env=environment(conninfo)
    )
    # The runner starts in its constructor: what it has done before the clock starts is not counted.
    began = time.perf_counter()
    before = runner.view.max_tracking_id(Complaints.name) or 0
    with runner:
        last = runner.app.recorder.max_notification_id()
        assert last is not None
        runner.wait(last, timeout=300)
        took = time.perf_counter() - began
    return float(last - before) / took


# -- an HTTP counter --------------------------------------------------------------------------------------------------


@dataclass
class NewComplaint:
    """The body: the payload of the one small event."""

    category: str
    grade: str
    promised_days: int
    household: str
    summary: str


def app() -> FastAPI:
    """A plain FastAPI program on the bare library; the database by environment."""
    counter, application = FastAPI(), Complaints(environment(os.environ[_CONNINFO]))

    @counter.post("/empty")
    def empty() -> dict[str, str]:
        return {}

    @counter.post("/complaints", status_code=201)
    def complaints(new: NewComplaint) -> dict[str, str]:
        complaint = assessed(uuid4(), vars(new))
        application.save(complaint)
        return {"id": str(complaint.id)}

    return counter


@contextmanager
def serve(
    conninfo: str, factory: str = "benchmarks.library_paths:app", protocol: str = "auto", **more: str
) -> Iterator[int]:
    """Run an application factory in one uvicorn worker, without an access log; the port on the loopback."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = int(free.getsockname()[1])
    arguments = [
        "-m",
        "uvicorn",
        "--factory",
        factory,
        "--port",
        str(port),
        "--log-level",
        "warning",
        "--http",
        protocol,
    ]
    process = subprocess.Popen(
        [sys.executable, *arguments, "--no-access-log"], env={**os.environ, _CONNINFO: conninfo, **more}
    )
    try:
        until = time.monotonic() + 180  # on a busy machine it takes long; only a broken one never begins
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    msg = f"{factory} did not start"
                    raise RuntimeError(msg) from None
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _requests(port: int, path: str, seconds: float, loads: list[Load]) -> float:
    reading = load(post(path, PAYLOAD_BYTES), port=port, seconds=seconds)
    if reading.succeeded != reading.statuses.total():
        raise RuntimeError(reading.sample.decode(errors="replace"))
    loads.append(reading)
    return reading.rate


# -- the program ------------------------------------------------------------------------------------------------------


def _bulk_once(application: Complaints, cases: int, events: int) -> float:
    return bulk(application, work(cases, events))


def _bulk(conninfo: str, rounds: int, *, quick: bool) -> Readings:
    with closing(Complaints(in_bulk(conninfo))) as application:
        bulk(application, work(_BATCH, 1))
        events_in_all = 2_000 if quick else 10_000
        slots = {
            f"bulk, {events} event{'s' if events > 1 else ''} a case": partial(
                _bulk_once, application, events_in_all // events, events
            )
            for events in (1, 5)
        }
        return interleave(slots, rounds, say="bulk")


def _rebuild(conninfo: str, rounds: int, *, quick: bool) -> Readings:
    fill(conninfo, 200 if quick else 1_000, 4)
    return interleave({"rebuild, ProjectionRunner": partial(rebuild, conninfo, count())}, rounds, say="rebuild")


def _http(conninfo: str, rounds: int, *, quick: bool) -> Readings:
    seconds = 1.0 if quick else 3.0
    loads: list[Load] = []
    with serve(conninfo) as port:
        slots = {
            "HTTP, empty POST": partial(_requests, port, "/empty", seconds, []),
            "HTTP, save one event": partial(_requests, port, "/complaints", seconds, loads),
        }
        readings = interleave(slots, rounds, warm_up=lambda name: slots[name](), say="http")
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("select count(*) from complaints_events").fetchone()
    acknowledged = sum(reading.succeeded for reading in loads)
    if row is None or row[0] != acknowledged:
        msg = f"{acknowledged} answered 201, {row and row[0]} stored"
        raise SystemExit(msg)
    return readings


_PATHS = {"bulk": _bulk, "rebuild": _rebuild, "http": _http}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the paths that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.library_paths", description=__doc__)
    parser.add_argument("paths", nargs="*", help=f"of {', '.join(_PATHS)}; default: all")
    parser.add_argument("--rounds", type=int, help="counted rounds (default 5; --quick: 2)")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(arguments)
    rounds = given.rounds or (2 if given.quick else 5)
    with server() as running:
        print("\n".join(about(running)))
        print(
            f"eventsourcing {package_version('eventsourcing')}, fastapi {package_version('fastapi')},"
            f" uvicorn {package_version('uvicorn')} (one worker), 16 keep-alive connections;"
            f" {rounds} interleaved rounds\n"
        )
        rows = []
        for path in given.paths or _PATHS:
            readings = _PATHS[path](running.database(f"bench_{path}"), rounds, quick=given.quick)
            relative = ratios(readings, next(iter(readings)))
            rows += [[name, show(values), show(relative[name], 2)] for name, values in readings.items()]
    print(
        table("the bare library: median (min..max)", ["", "events or requests a second", "of the path's first"], rows)
    )


if __name__ == "__main__":
    main()
