"""A month's bills and the arrears that follow, against COPY of the same rows and the bare library's saving of as many events.

``python -m benchmarks.bill_month [--households 2000] [--offices 2] [--clocks 2] [--rounds 2] [--quick]``

Ours: the program compiles a month's bill run from the registers (an area each, two shared costs), issues a bill for every
household once it is approved, and, when the due day has passed, opens the arrears of the one in twelve who have not
paid and takes them on as far as its clock does: all facts decided, hashed, and written with registers, claims and deadlines.
One clock per processor, each in a process of its own, as a program with as many workers has them. What people do in between
(households, standard, review, payments) is not measured. COPY: the rows that came of it, facts and registers, into tables
of the same columns without an index. The library: the same cases as its aggregates, the same matter as their events, made in memory,
saved in batches of 500 without any view (:mod:`benchmarks.month_library`). The whole is asked for with
``--households 2000 --offices 50 --rounds 1``.

The first month is not measured: in each of its phases all clocks are killed, and others go on; what comes of it is checked as that
of every other month is: a bill for every household, an arrears case for everyone who has not paid, nothing twice, the book intact.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psycopg

from api.database import prepare
from benchmarks.machine import Server, about, server
from benchmarks.measure import Verdict, interleave, show, table
from benchmarks.month_clocks import Clocks, Took
from benchmarks.month_library import facts_of, opened, save
from benchmarks.month_office import IN_ARREARS, PHASES
from benchmarks.month_rows import Rows, Spans
from domain.fees.bill_run.case import bill_run_id
from journal.confidential import MasterKey
from journal.hash_chain import verify


class Months:
    """One database; each month is played in new offices."""

    def __init__(self, running: Server, folder: Path, households: int, offices: int, clocks: int) -> None:
        self.conninfo = running.database("bench_month")
        prepare(self.conninfo)
        MasterKey.begin(folder)
        self.clocks = Clocks(self.conninfo, folder, running, min(clocks, offices))
        self.households, self.offices = households, offices
        self._names = (f"M{number}" for number in count())
        self.took: dict[str, list[Took]] = {phase: [] for phase in PHASES}
        self.spans: Spans = {}
        """Of the last month's offices."""

    def once(self) -> float:
        """Play the month in new offices; the seconds that the program took for it."""
        took: dict[str, Took] = {}

        def play(phase: str, codes: list[str]) -> None:
            took[phase] = self.clocks.play(phase, codes)

        self._month(play)
        for phase, its in took.items():
            self.took[phase].append(its)
        return sum(its.wall for its in took.values())

    def once_killed(self) -> dict[str, int]:
        """Play it with every clock killed in the middle of every phase; after how many pages of all books, by phase."""
        killed: dict[str, int] = {}

        def play(phase: str, codes: list[str]) -> None:
            killed[phase] = self.clocks.play_killed(phase, codes, self.households)

        self._month(play)
        return killed

    def _month(self, play: Callable[[str, list[str]], None]) -> None:
        codes = [next(self._names) for _ in range(self.offices)]
        households = self.clocks.furnish(codes, self.households)
        spans: dict[str, list[tuple[int, int]]] = {code: [] for code in codes}
        for phase in PHASES:
            self.clocks.prepare(phase, codes, households)
            before = self._heads(codes)
            play(phase, codes)
            after = self._heads(codes)
            for code in codes:
                spans[code].append((before[code], after[code]))
        self.spans = spans
        for code in codes:
            self._check(code)

    def _heads(self, codes: list[str]) -> dict[str, int]:
        with psycopg.connect(self.conninfo) as connection:
            query = "select office, number from wuye.offices where office = any(%s)"
            return dict(connection.execute(query, [codes]).fetchall())

    def _check(self, code: str) -> None:
        """A bill for every household, an arrears case for everyone who has not paid, each once, and the book as it was written."""
        owing = len(range(0, self.households, IN_ARREARS))
        run, wanted = (
            bill_run_id(code, "2025-01"),
            {"bills": self.households, "debt cases": owing, "drafts": self.households},
        )
        queries = {
            "bills": "select array_agg(household) from wuye.r_bills where office = %(code)s and to_number is null",
            "debt cases": "select array_agg(household) from wuye.r_debt_cases where office = %(code)s and to_number is null and open",
            "drafts": "select array_agg(line) from wuye.r_bill_run_households"
            " where office = %(code)s and case_id = %(run)s and to_number is null and bill is not null",
        }
        with psycopg.connect(self.conninfo) as connection:
            for what, query in queries.items():
                [found] = connection.execute(query.encode(), {"code": code, "run": run}).fetchone() or [None]
                if len(found or ()) != wanted[what] or len(set(found or ())) != wanted[what]:
                    msg = f"{code}: {what} of {len(set(found or ()))} households, {len(found or ())} in all, instead of {wanted[what]}"
                    raise SystemExit(msg)
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            if not verify(connection, code).intact:
                msg = f"{code}: the book is not intact"
                raise SystemExit(msg)


def main(arguments: Sequence[str] | None = None) -> list[Verdict]:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bill_month", description=__doc__)
    parser.add_argument("--households", type=int, default=2000, help="of an office")
    parser.add_argument("--offices", type=int, default=2)
    parser.add_argument(
        "--clocks", type=int, default=os.cpu_count() or 1, help="processes, each with offices of its own"
    )
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(arguments)
    households = min(given.households, 150) if given.quick else given.households
    with TemporaryDirectory(dir="/var/tmp" if Path("/var/tmp").is_dir() else None) as folder, server() as running:
        print("\n".join(about(running)), flush=True)
        months = Months(running, Path(folder), households, given.offices, given.clocks)
        killed = months.once_killed()
        pages = sum(last - after for its in months.spans.values() for after, last in its)
        print(
            f"killed in every phase ({', '.join(f'{phase} after {at:,}' for phase, at in killed.items())} pages of {pages:,})"
            " and gone on with: nothing lacks, nothing is there twice, the books are intact",
            flush=True,
        )
        rows = Rows(months.conninfo, Path(folder), months.spans)
        matter = facts_of(months.conninfo, months.spans)
        with closing(opened(running.database("bench_bulk"))) as application:
            slots: dict[str, Callable[[], float]] = {
                "COPY of the same rows": rows.copied,
                "… into tables with our indexes": partial(rows.copied, indexed=True),
                "library, batched save": partial(save, application, matter),
                "wuye, the month": months.once,
            }
            rounds = 1 if given.quick else given.rounds
            readings = interleave(slots, rounds, before_round=running.checkpoint, say="month")
        size = rows.size
        months.clocks.close()
    ours, copy, theirs = (
        readings["wuye, the month"],
        readings["COPY of the same rows"],
        readings["library, batched save"],
    )
    of_copy = [mine / other for mine, other in zip(ours, copy, strict=True)]
    of_library = [other / mine for mine, other in zip(ours, theirs, strict=True)]
    each = households * given.offices
    print(
        f"{pages:,} facts, {size >> 10:,} KiB of rows for {each:,} households of {given.offices} offices;"
        f" a clock's peak memory {months.clocks.peak} MiB\n"
    )
    lines = [[name, show(values, 2), show([1000 * v / each for v in values], 2)] for name, values in readings.items()]
    print(table("a month of bills and arrears: median (min..max)", ["", "seconds", "ms a household"], lines))
    print()
    phases = [
        [phase, *(show([1000 * seconds / each for seconds in column], 2) for column in zip(*took, strict=True))]
        for phase, took in months.took.items()
    ]
    head = ["", "on the wall", "program's processor", "server's processor"]
    print(table("ours by phase: ms a household", head, phases))
    return [
        Verdict("a month / COPY of the same rows", median(of_copy), 8, at_most=True),
        Verdict("library's batched save / a month", median(of_library), 1),
        Verdict("peak memory of a month", months.clocks.peak, 1024, "MiB", at_most=True),
    ]


if __name__ == "__main__":
    main()
