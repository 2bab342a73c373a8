"""The console's pages over 100,000 cases of one office: server time of each, without the network.

``python -m benchmarks.our_pages [--quick] [--rounds 5]``

Two months of an invented office are played through the real commands; then every row that stands in its registers is laid
down again under other ids, other homes and other households, until there are so many cases. Facts are not: what a page
reads of one case's history is as long as it was.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from api.config import ApiSettings
from api.database import prepare
from api.demo.logins import name_everybody
from api.demo.play import play_year
from api.http.application import create
from api.identity import Accounts, Grant
from api.runtime import Runtime
from benchmarks.machine import about, server
from benchmarks.measure import Verdict, interleave, show, table
from domain.kernel.people import Role
from journal.greenlet_task import GreenletConnection
from projections.registers.index import REGISTERS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

OFFICE = "DEMO"
_BASE = f"/console/{OFFICE}"
_IDS = ("case_id", "household", "home", "of_case", "bill", "phone", "receipt")
"""What makes a row another one's."""
_DAYS: Final = count()
"""A period that nobody has asked for yet: its figures are read anew, as after each fact."""
_PAGES = (
    "today",
    "today/counts",
    "reception?q=0201",
    "counter?q=0201",
    "counter",
    "cash",
    "months/2025-01",
    "keys",
    "homes",
    "visits",
    "arrears",
    "board/repair-orders",
    "find?q=0201",
    "registers/complaints",
    "registers/bills?view=all",
    "registers/households?view=all&q=0201",
    "registers/deadlines",
    "standards",
    "standards?since={day}",
    "standards/complaint-handling-rate",
    "facts",
    "handbook/4.9",
    "people",
)
_ROWS = "select coalesce(sum(n), 0) from (select count(distinct case_id) n from wuye.{} where office = %s and to_number is null) t"


def multiply(conninfo: str, cases: int) -> int:
    """Lay the registers' rows down again until they are about so many cases'; returns how many there are."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        tables = [register.table for register in REGISTERS.all]

        def counted() -> int:
            found = 0
            for name in tables:
                row = connection.execute(_ROWS.format(name).encode(), [OFFICE]).fetchone()
                found += int(row[0]) if row is not None else 0
            return found

        copies = max(cases // max(counted(), 1), 1)
        for name in tables:
            columns = [
                row[0]
                for row in connection.execute(
                    "select attname::text from pg_attribute where attrelid = %s::regclass and attnum > 0"
                    " and not attisdropped and attgenerated = '' order by attnum",
                    [f"wuye.{name}"],
                )
            ]
            chosen = ", ".join(f"{each} || '~' || n" if each in _IDS else each for each in columns)
            with suppress(psycopg.errors.UniqueViolation):  # of a register that is an index of its own
                connection.execute(
                    f"insert into wuye.{name} ({', '.join(columns)}) select {chosen} from wuye.{name},"
                    f" generate_series(1, {copies}) n where office = %s and to_number is null".encode(),
                    [OFFICE],
                )
        connection.execute("vacuum analyze")
        return counted()


def _paths(conninfo: str) -> list[str]:
    """The pages, with those of one case each."""
    made = [f"{_BASE}/{path}" for path in _PAGES]
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for table_, page in (
            ("complaints", "case"),
            ("households", "case"),
            ("bill_runs", "case"),
            ("households", "statement"),
            ("payments", "receipt"),
        ):
            row = connection.execute(
                f"select case_id from wuye.r_{table_} where office = %s and to_number is null and case_id not like '%%~%%'"
                " order by from_number limit 1".encode(),
                [OFFICE],
            ).fetchone()
            assert row is not None
            made.append(f"{_BASE}/{page}/{row[0]}")
    return made


def main(arguments: Sequence[str] | None = None) -> list[Verdict]:
    """Measure every page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.our_pages", description=__doc__)
    parser.add_argument("--rounds", type=int, help="counted rounds (default 5; --quick: 2)")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(arguments)
    rounds = given.rounds or (2 if given.quick else 5)
    with server() as running, tempfile.TemporaryDirectory() as home:
        print("\n".join(about(running)))
        conninfo = running.database("bench_pages")
        prepare(conninfo)
        app = make_conninfo(conninfo, user="wuye_app")
        with ConnectionPool(
            app, min_size=1, max_size=4, kwargs={"autocommit": True}, connection_class=GreenletConnection, open=True
        ) as pool:
            runtime = Runtime(Path(home), conninfo, app, pool, None)
            play_year(runtime, OFFICE, households=40, months=2)
            name_everybody(runtime)
            accounts = Accounts(pool.connection, runtime.master)
            user = accounts.create("bench", "测时", None)
            accounts.grant(user, [Grant(OFFICE, Role.MANAGER)], by="bench")
            token = accounts.make_token(user, "bench", None, for_program=True)[1]
        cases = multiply(conninfo, 10_000 if given.quick else 100_000)
        made = create(ApiSettings(database_url=app, home=Path(home), pool_size=4))
        with TestClient(made, headers={"Authorization": f"Bearer {token}", "Host": "localhost"}) as client:
            slots: dict[str, Callable[[], float]] = {path: partial(_took, client, path) for path in _paths(conninfo)}
            readings = interleave(slots, rounds, warm_up=lambda name: slots[name](), say="pages")
    rows = [[path.removeprefix(_BASE), show(values, 1)] for path, values in readings.items()]
    medians = [median(values) for values in readings.values()]
    print("\n" + table(f"pages over {cases:,} cases of one office", ["", "milliseconds"], rows))
    return [
        Verdict("server time of a page over 100,000 cases, median", median(medians), 60, "ms", at_most=True),
        Verdict("… of the slowest page", max(medians), 250, "ms", at_most=True),
    ]


def _took(client: TestClient, path: str) -> float:
    """Milliseconds of one answer; a page that is none is an error."""
    day = date(2024, 1, 1) + timedelta(days=next(_DAYS) % 365)
    began = time.perf_counter()
    answer = client.get(path.replace("{day}", day.isoformat()), follow_redirects=False)
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise RuntimeError(path, answer.status_code, answer.text[-300:])
    return took


if __name__ == "__main__":
    main()
