"""A month's bills and the arrears that follow, against COPY of the same rows and the bare library's saving of as many events.

``python -m benchmarks.bill_month [--households 400] [--offices 1] [--rounds 2] [--quick]``

Ours: the program compiles a month's bill run from the registers (an area each, two shared costs), issues a bill for every
household once it is approved, and, when the due day has passed, opens the arrears of the eight in a hundred who have not
paid and takes them on as far as its clock does: all facts decided, hashed, and written with registers, claims and deadlines.
What people do in between (households, standard, review, payments) is not measured. COPY: the rows that came of it, facts and
registers, into tables of the same columns without an index. The library: as many events of as many aggregates, made in
memory, saved in batches of 500 without any view. The whole is asked for with ``--households 2000 --offices 50``.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from api.database import prepare
from benchmarks.library import Complaints, environment
from benchmarks.library_paths import bulk
from benchmarks.machine import about, server
from benchmarks.measure import Verdict, interleave, show, table
from benchmarks.our_import import same_work
from domain.fees.bill_run.case import bill_run_id
from domain.fees.bill_run.commands import ApproveBillRun, CompileBillRun, OpenBillRun, ReviewBillRun
from domain.fees.charging import FeeKind
from domain.fees.fee_standard import AttachHome, SetFeeStandard
from domain.fees.payment import TakePayment
from domain.fees.shared_cost import ApportionCost, Weight
from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import start_of_day
from domain.kernel.fact import Command
from domain.kernel.people import Actor, Role
from domain.office.office import OpenOffice
from domain.residents.household.commands.keeping import OpenHousehold
from domain.residents.household.events import Occupancy
from journal.book import Book
from journal.confidential import MasterKey
from projections.registers.index import REGISTERS
from workflows.engine.clock import Clock
from workflows.engine.draft import Draft
from workflows.engine.gather import GATHER
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest
from workflows.policies.index import POLICIES

_FIRST: Final = date(2025, 1, 1)
_IN_ARREARS: Final = 12
"""Of so many households one does not pay."""
_AGGREGATES: Final = 500
_TABLES: Final = ("facts", *(register.table for register in REGISTERS.all))
PHASES: Final = ("compile", "issue", "arrears")


def _at(month: int, day: int, hour: int = 9) -> datetime:
    return start_of_day(date(2025, month, day)) + timedelta(hours=hour)


class Months:
    """One database; each month is played in new offices."""

    def __init__(self, conninfo: str, folder: Path, households: int, offices: int) -> None:
        prepare(conninfo)
        app = make_conninfo(conninfo, user="wuye_app")
        self.pool = ConnectionPool(app, min_size=1, max_size=4, kwargs={"autocommit": True}, open=True)
        self.handler = CommandHandler(
            self.pool.connection, policies=POLICIES, projector=REGISTERS, master=MasterKey.begin(folder)
        )
        self.clock = Clock(self.handler, self.pool.connection, GATHER)
        self.conninfo, self.households, self.offices = conninfo, households, offices
        self.names = (f"M{number}" for number in count())
        self.took: dict[str, list[float]] = {phase: [] for phase in PHASES}
        self.played: list[tuple[str, list[int]]] = []
        """The offices of the last month, each with the pages between which it was played."""

    def once(self) -> float:
        """Play the month in new offices; the seconds that the program took for it."""
        self.played = []
        total = dict.fromkeys(PHASES, 0.0)
        for _ in range(self.offices):
            code = next(self.names)
            for phase, seconds in self._month(code).items():
                total[phase] += seconds
        for phase, seconds in total.items():
            self.took[phase].append(seconds)
        return sum(total.values())

    def _month(self, code: str) -> dict[str, float]:
        run, marks = bill_run_id(code, "2025-01"), list[int]()
        households = self._furnish(code)
        self._clock(code, _at(1, 30))
        self._do(code, CompileBillRun(), Role.ADMINISTRATOR, "li", _at(1, 30), run)
        took = {"compile": self._timed(code, _at(1, 30, 10), marks)}
        self._clock(code, _at(1, 31))
        self._do(code, ReviewBillRun(remark="首月"), Role.MANAGER, "wang", _at(1, 31), run)
        self._do(code, ApproveBillRun(), Role.COMPANY, "zhao", _at(1, 31), run)
        took["issue"] = self._timed(code, _at(1, 31, 10), marks)
        billed = self.handler.case(code, run).bills
        if len(billed) != len(households):
            msg = f"{len(billed)} bills for {len(households)} households"
            raise SystemExit(msg)
        self._clock(code, _at(2, 10))
        with self.pool.connection() as connection:
            draft = self.handler.draft(Book(connection, code))
            for number, household in enumerate(households):
                if number % _IN_ARREARS:
                    amount = draft.case(billed[household]).outstanding_fen
                    payment = TakePayment(household=household, amount_fen=amount, method=PaymentMethod.TRANSFER)
                    self._give(draft, code, payment, Role.ADMINISTRATOR, _at(2, 10))
            self.handler.record_many(connection, draft)
        took["arrears"] = self._timed(code, _at(3, 2), marks)
        owing, found = len(range(0, len(households), _IN_ARREARS)), self._debt_cases(code)
        if found != owing:
            msg = f"{found} arrears cases for {owing} households that have not paid"
            raise SystemExit(msg)
        self.played.append((code, marks))
        return took

    def _furnish(self, code: str) -> list[str]:
        """Households with an area each on one standard, and two costs that they share."""
        opening = _at(1, 1)
        open_office = OpenOffice(code=code, name=code, simulated=True)
        self._do(code, open_office, Role.SYSTEM_ADMINISTRATOR, "bench", opening, None)
        with self.pool.connection() as connection:
            draft = self.handler.draft(Book(connection, code))

            def give(command: Command, role: Role, on: str | None = None) -> str:
                return self._give(draft, code, command, role, opening, on)

            price = {"code": "WY-1", "name": "物业服务费", "price": "2.50", "valid_from": _FIRST, "reason": "责任书"}
            standard = give(SetFeeStandard(kind=FeeKind.MANAGEMENT, **price), Role.MANAGER)  # type: ignore[arg-type]
            households, weights = [], []
            for number in range(self.households):
                home, area = f"{number // 100 + 1}-{number % 100 + 1:03}", 5_500 + number * 37 % 9_000
                file = OpenHousehold(home=home, building=str(number // 100 + 1), occupancy=Occupancy.OWNER, name="王")
                household = give(file, Role.ADMINISTRATOR)
                attach = AttachHome(home=home, household=household, quantity=area, first=_FIRST)
                give(attach, Role.ADMINISTRATOR, standard)
                households.append(household)
                weights.append(Weight(home=home, weight=area, household=household))
            for item in ("公共电费", "公共水费"):
                cost = ApportionCost(item=item, month=_FIRST, cost_fen=501 * self.households, weights=tuple(weights))
                give(cost, Role.ADMINISTRATOR)
            give(OpenBillRun(month=_FIRST), Role.ADMINISTRATOR)
            self.handler.record_many(connection, draft)
        return households

    def _give(self, draft: Draft, code: str, command: Command, role: Role, now: datetime, on: str | None = None) -> str:
        actor = Actor(f"bench-{role.value}", role)
        return draft.give(CommandRequest(office=code, command=command, actor=actor, now=now, case_id=on))[0]

    def _do(self, code: str, command: Command, role: Role, by: str, now: datetime, on: str | None) -> None:
        request = CommandRequest(office=code, command=command, actor=Actor(by, role), now=now, case_id=on)
        self.handler.handle(request)

    def _clock(self, code: str, now: datetime) -> None:
        """The office's clock goes on to an instant, and what has fallen due before is done."""
        with self.pool.connection() as connection:
            Book(connection, code).move_clock(now)
        self.clock.catch_up(now, office=code)

    def _timed(self, code: str, until: datetime, marks: list[int]) -> float:
        """The same, measured: the seconds that it took; between which pages it was written is noted."""
        marks.append(self._head(code))
        began = time.perf_counter()
        self._clock(code, until)
        took = time.perf_counter() - began
        marks.append(self._head(code))
        return took

    def _head(self, code: str) -> int:
        with self.pool.connection() as connection:
            head = Book(connection, code).head()
        assert head is not None
        return head.number

    def _debt_cases(self, code: str) -> int:
        query = "select count(*) from wuye.r_debt_cases where office = %s and to_number is null and open"
        with self.pool.connection() as connection:
            [found] = connection.execute(query, [code]).fetchone() or [0]
        return int(found)

    def lives(self) -> list[int]:
        """How many facts each case got of the month."""
        found: list[int] = []
        with psycopg.connect(self.conninfo) as connection:
            for code, marks in self.played:
                between = _between("number", marks)
                rows = connection.execute(
                    f"select count(*) from wuye.facts where office = %s and {between} group by case_id", [code]
                )
                found += [row[0] for row in rows]
        return found

    def rows(self) -> list[tuple[str, list[bytes]]]:
        """All rows that came of the month, as COPY gives them."""
        found: list[tuple[str, list[bytes]]] = []
        with psycopg.connect(self.conninfo) as connection:
            for name in _TABLES:
                for code, marks in self.played:
                    between = _between("number" if name == "facts" else "from_number", marks)
                    query = f"copy (select * from wuye.{name} where office = '{code}' and {between}) to stdout (format binary)"
                    with connection.cursor().copy(query) as copy:
                        found.append((name, [bytes(part) for part in copy]))
        return found

    def copied(self, rows: list[tuple[str, list[bytes]]]) -> float:
        """Seconds in which the same rows are copied into tables of the same columns, one transaction."""
        with psycopg.connect(self.conninfo) as connection:
            for name in _TABLES:
                connection.execute(f"drop table if exists public.copy_{name}")
                connection.execute(f"create table public.copy_{name} (like wuye.{name})")
            connection.commit()
            began = time.perf_counter()
            for name, parts in rows:
                with connection.cursor().copy(f"copy public.copy_{name} from stdin (format binary)") as copy:
                    for part in parts:
                        copy.write(part)
            connection.commit()
            return time.perf_counter() - began


def _between(column: str, marks: Sequence[int]) -> str:
    pairs = zip(marks[::2], marks[1::2], strict=True)
    return "(" + " or ".join(f"{column} > {after} and {column} <= {last}" for after, last in pairs) + ")"


def main(arguments: Sequence[str] | None = None) -> list[Verdict]:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bill_month", description=__doc__)
    parser.add_argument("--households", type=int, default=400, help="of an office")
    parser.add_argument("--offices", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(arguments)
    households = min(given.households, 150) if given.quick else given.households
    with TemporaryDirectory() as folder, server() as running:
        print("\n".join(about(running)), file=sys.stderr)
        months = Months(running.database("bench_month"), Path(folder), households, given.offices)
        months.once()  # what is read for the first time, and the plans
        lives, rows = months.lives(), months.rows()
        with closing(Complaints(environment(running.database("bench_bulk")))) as application:

            def library() -> float:
                return sum(lives) / bulk(application, same_work(lives), _AGGREGATES)

            slots: dict[str, Callable[[], float]] = {
                "COPY of the same rows": lambda: months.copied(rows),
                "library, batched save": library,
                "wuye, the month": months.once,
            }
            readings = interleave(
                slots, 1 if given.quick else given.rounds, before_round=running.checkpoint, say="month"
            )
        months.pool.close()
    ours, copy, theirs = (
        readings["wuye, the month"],
        readings["COPY of the same rows"],
        readings["library, batched save"],
    )
    of_copy = [mine / other for mine, other in zip(ours, copy, strict=True)]
    of_library = [other / mine for mine, other in zip(ours, theirs, strict=True)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    each = households * given.offices
    print(f"{sum(lives):,} facts of {len(lives):,} cases for {each:,} households; peak memory {peak} MiB\n")
    lines = [[name, show(values, 2), show([1000 * v / each for v in values], 2)] for name, values in readings.items()]
    lines += [[f"… {phase}", show(took[1:], 2), ""] for phase, took in months.took.items()]
    print(table("a month of bills and arrears: median (min..max)", ["", "seconds", "ms a household"], lines))
    return [
        Verdict("a month / COPY of the same rows", median(of_copy), 8, at_most=True),
        Verdict("library's batched save / a month", median(of_library), 1),
        Verdict("peak memory of a month", peak, 1024, "MiB", at_most=True),
    ]


if __name__ == "__main__":
    main()
