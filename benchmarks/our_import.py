"""Importing a real history against saving as many events with the bare library.

``python -m benchmarks.our_import [--rows 60000] [--quick] [--rounds 3] [--data FOLDER]``

Ours: the fines of another system read from CSV, mapped, decided by the lifecycles, and written with two registers,
their history, the hashes and the marks of what was imported. Theirs: the same number of events for the same number of
cases, made in memory, saved in batches of 500 aggregates without any view. Without the real data the slot is
skipped.
"""

from __future__ import annotations

import argparse
import gzip
import os
import resource
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import count, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from api.cli.import_worker import worker_pool
from api.database import prepare
from benchmarks.contender import PAYLOAD
from benchmarks.library import Complaints, in_bulk
from benchmarks.library_paths import Work, bulk
from benchmarks.machine import about, server
from benchmarks.measure import Verdict, interleave, ratios, show, table
from domain.kernel.people import Actor, Role
from domain.office.office import OpenOffice
from journal.confidential import MasterKey
from projections.registers.index import REGISTERS
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest
from workflows.importing.run import import_history
from workflows.policies.index import POLICIES

_ROOT = Path(__file__).parents[1]
_MAPPING = _ROOT / "mappings" / "rtfm_events.toml"
_AGGREGATES = 500
"""A ``save()`` of theirs: with 1,000 of these lives (some 6,000 events) its pipeline stands still here for ever."""
_ADMINISTRATOR = Actor("bench", Role.SYSTEM_ADMINISTRATOR)


class Importing:
    """One database into which the same file is imported again and again, each time into another office."""

    def __init__(self, conninfo: str, file: Path) -> None:
        prepare(conninfo)
        app = make_conninfo(conninfo, user="wuye_app")
        self.workers = worker_pool(app, file.parent)
        self.pool = ConnectionPool(app, min_size=2, max_size=4, kwargs={"autocommit": True}, open=True)
        self.handler = CommandHandler(
            self.pool.connection, policies=POLICIES, projector=REGISTERS, master=MasterKey.begin(file.parent)
        )
        self.conninfo = conninfo
        self.file = file
        self.names = (f"I{number}" for number in count())
        self.facts = 0

    def once(self) -> float:
        """Import the file into a new office; facts a second."""
        code, now = next(self.names), datetime.now(UTC)
        self.handler.handle(
            CommandRequest(office=code, command=OpenOffice(code=code, name=code), actor=_ADMINISTRATOR, now=now)
        )
        report = import_history(
            self.handler, self.pool.connection, self.file, _MAPPING, code, now=now, workers=self.workers
        )
        if report.refused:
            msg = f"{report.refused} rows were refused: {report.problems}"
            raise SystemExit(msg)
        self.facts = report.facts
        return report.facts_a_second

    def lives(self) -> list[int]:
        """How many facts each case of the first office has."""
        with psycopg.connect(self.conninfo) as connection:
            found = connection.execute(
                "select max(version) from wuye.facts where office = 'I0' and metadata like %s group by case_id",
                [b'%"imported":true%'],
            )
            return [row[0] for row in found]


def same_work(lives: Sequence[int]) -> Work:
    """As many cases, each with as many events."""
    return [(uuid4(), [PAYLOAD, *({"summary": f"Step {n}."} for n in range(1, life))]) for life in lives]


def peak() -> int:
    """The most memory that this process and its workers have held so far, in MiB: the largest worker counts for all."""
    own, workers = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + workers * (os.cpu_count() or 1)) // 1024


def main(arguments: Sequence[str] | None = None) -> list[Verdict]:
    """Measure, or say why not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.our_import", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("WUYE_SHARED_DATA") or _ROOT.parent / "shared" / "data")
    )
    parser.add_argument("--rows", type=int, default=60_000, help="of the file; 0: all of it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(arguments)
    whole = given.data / "rtfm_events.csv.gz"
    if not whole.is_file():
        print(f"skipped: the real data are not at {given.data} (they are no part of the repository; --data FOLDER)")
        return []
    rows = 10_000 if given.quick else given.rows or None
    with TemporaryDirectory() as folder, server() as running:
        file = Path(folder) / "fines.csv"
        with gzip.open(whole, "rt", encoding="utf-8") as source, file.open("w", encoding="utf-8") as part:
            part.writelines(islice(source, None if rows is None else rows + 1))
        print("\n".join(about(running)), file=sys.stderr)
        ours = Importing(running.database("bench_import"), file)
        ours.once()
        after_one = peak()
        work = same_work(ours.lives())
        events = sum(len(life) for _, life in work)
        if events != ours.facts:
            msg = f"{events} events in the book, {ours.facts} reported"
            raise SystemExit(msg)
        with closing(Complaints(in_bulk(running.database("bench_bulk")))) as application:
            slots: dict[str, Callable[[], float]] = {
                "library, bulk save": partial(
                    lambda: bulk(application, same_work([len(life) for _, life in work]), _AGGREGATES)
                ),
                "wuye import": ours.once,
            }
            readings = interleave(slots, 2 if given.quick else given.rounds, say="import")
        ours.pool.close()
    relative = ratios(readings, "library, bulk save")
    print(f"{events:,} events of {len(work):,} cases; peak memory of one import {after_one} MiB, of all {peak()} MiB\n")
    print(
        table(
            "import with registers against bulk saving: median (min..max)",
            ["", "events a second", "of the library"],
            [[name, show(values), show(relative[name], 2)] for name, values in readings.items()],
        )
    )

    return [
        Verdict("import with registers / library's bulk save", median(relative["wuye import"]), 1.5),
        Verdict("peak memory of an import", after_one, 1024, "MiB", at_most=True),
    ]


if __name__ == "__main__":
    main()
