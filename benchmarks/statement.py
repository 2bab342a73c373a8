"""One household's statement among a million bills: server time of the API's answer and of the console's page, without the network.

``python -m benchmarks.statement [--households 100000] [--asked 200] [--quick]``

One household lives ten months through the real commands: a bill each with three lines, every second payment for two of them, the last two
owed. What stands of it is laid down again for every other household under ids of its own, by the owner with SQL: the facts of its
account, and its rows in the registers of bills, payments, accounts and households. Facts of bills are laid down for
the households that are asked for alone, since nobody else's are read. Names are sealed and cannot be copied: those households have none.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Final
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from api.config import ApiSettings
from api.database import prepare
from api.http.application import create
from api.identity import Accounts, Grant
from benchmarks.machine import about, server
from benchmarks.measure import Verdict, show, table
from domain.fees.account import account_id
from domain.fees.bill.commands.issuing import IssueBill
from domain.fees.bill.events import BillLine
from domain.fees.payment import TakePayment
from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import Month, start_of_day
from domain.kernel.fact import Command
from domain.kernel.people import Actor, Role
from domain.office.office import OpenOffice
from domain.residents.household.commands.keeping import OpenHousehold
from domain.residents.household.events import Occupancy
from journal.book import Book
from journal.confidential import MasterKey
from journal.greenlet_task import GreenletConnection
from journal.ids import uuid7
from projections.registers.index import REGISTERS
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest
from workflows.policies.index import POLICIES

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

OFFICE: Final = "DEMO"
_TAIL: Final = "-000000000000"
"""How all ids of the one household end: those of the others end otherwise."""
_MONTHS: Final = tuple(Month.of(date(2024, 4, 1)).first.replace(month=month) for month in range(1, 11))
_REGISTERS: Final = ("bills", "payments", "accounts", "households")
_KEPT: Final = ("office", "line", "from_number", "to_number", "recorded_from", "recorded_to")


def _new_id() -> UUID:
    return UUID(int=uuid7().int >> 48 << 48)


def _lived(conninfo: str, master: MasterKey) -> str:
    """The one household that lives through it; its id."""
    with ConnectionPool(conninfo, min_size=1, max_size=2, kwargs={"autocommit": True}, open=True) as pool:
        handler = CommandHandler(pool.connection, policies=POLICIES, projector=REGISTERS, master=master, new_id=_new_id)

        def give(command: Command, role: Role, day: date) -> str:
            now = start_of_day(day) + timedelta(hours=9)
            if not isinstance(command, OpenOffice):
                with pool.connection() as connection:
                    Book(connection, OFFICE).move_clock(now)
            actor = Actor(f"bench-{role.value}", role)
            return handler.handle(CommandRequest(office=OFFICE, command=command, actor=actor, now=now)).case_id

        give(OpenOffice(code=OFFICE, name=OFFICE, simulated=True), Role.SYSTEM_ADMINISTRATOR, _MONTHS[0])
        file = OpenHousehold(home="1-101", building="1", occupancy=Occupancy.OWNER, name="王")
        household = give(file, Role.ADMINISTRATOR, _MONTHS[0])
        lines = tuple(
            BillLine(item=item, amount_fen=fen)
            for item, fen in (("物业服务费", 21_002), ("公共照明分摊", 731), ("车位服务费", 8_000))
        )
        for place, month in enumerate(_MONTHS, 1):
            bill = IssueBill(household=household, home="1-101", period=str(Month.of(month)), lines=lines)
            give(bill, Role.ADMINISTRATOR, month.replace(day=25))
            if place % 2 == 0 and place < len(_MONTHS):
                amount = 2 * sum(line.amount_fen for line in lines)
                paid = TakePayment(household=household, amount_fen=amount, method=PaymentMethod.TRANSFER)
                give(paid, Role.ADMINISTRATOR, month.replace(day=27))
    return household


def _multiply(conninfo: str, household: str, households: int, asked: int) -> list[tuple[str, str]]:
    """Lay it down again for so many households; those that are asked for, with their accounts."""
    made = []
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("create table public.others (n integer primary key, tail text, account text)")
        step = max(households // asked, 1)
        with connection.cursor().copy("copy public.others from stdin") as copy:
            for n in range(1, households):
                tail = f"-{n:012x}"
                its = household.replace(_TAIL, tail)
                account = account_id(OFFICE, its)
                copy.write_row((n, tail, account))
                if n % step == 0:
                    made.append((its, account))
        mine = account_id(OFFICE, household)
        known = {"office": OFFICE, "mine": mine, "old": _TAIL, "step": step}
        connection.execute("create table public.one as select * from wuye.facts where case_id = %(mine)s", known)
        connection.execute(
            "create table public.of_bills as select * from wuye.facts where case_id like 'bill-%%' and office = %(office)s",
            known,
        )
        for source, case_id, where in (
            ("one", "o.account", "true"),
            ("of_bills", "replace(f.case_id, %(old)s, o.tail)", "o.n %% %(step)s = 0"),
        ):
            connection.execute(
                f"""
                insert into wuye.facts
                select f.office, (select max(number) from wuye.facts) + row_number() over (), {case_id}, f.version,
                       f.event_id, f.name, f.schema, f.metadata,
                       convert_to(replace(convert_from(f.state, 'UTF8'), %(old)s, o.tail), 'UTF8'), null, null,
                       f.occurred_at, f.recorded_at
                  from public.others o, public.{source} f where {where}""".encode(),
                known,
            )
        for name in _REGISTERS:
            _lay_down(connection, name, known)
        connection.execute(
            "update wuye.offices set number = (select max(number) from wuye.facts where office = %(office)s)", known
        )
        connection.execute("vacuum analyze")
    return made


def _lay_down(connection: psycopg.Connection[tuple[object, ...]], name: str, known: dict[str, object]) -> None:
    """The open rows of one register for all others."""
    register = REGISTERS.by_name[name]
    columns = [column.name for column in register.stored]
    ids = ("case_id", "household", "source")

    def other(column: str) -> str:
        if column in register.sealed:
            return "null"
        if column == "case_id" and name == "accounts":
            return "o.account"
        return f"replace(r.{column}, %(old)s, o.tail)" if column in ids else f"r.{column}"

    every = (*_KEPT, "case_id", *columns)
    connection.execute(
        f"insert into wuye.{register.table} ({', '.join(every)}) select {', '.join(map(other, every))}"
        f" from public.others o, wuye.{register.table} r where r.office = %(office)s and r.to_number is null".encode(),
        known,
    )


def main(arguments: Sequence[str] | None = None) -> list[Verdict]:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.statement", description=__doc__)
    parser.add_argument("--households", type=int, default=100_000, help="of one office, with ten bills each")
    parser.add_argument("--asked", type=int, default=200, help="of so many the statement is read")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the households")
    given = parser.parse_args(arguments)
    households = min(given.households, 5_000) if given.quick else given.households
    with server() as running, tempfile.TemporaryDirectory() as home:
        print("\n".join(about(running)), flush=True)
        conninfo = running.database("bench_statement")
        prepare(conninfo)
        app = make_conninfo(conninfo, user="wuye_app")
        household = _lived(app, MasterKey.begin(Path(home)))
        began = time.perf_counter()
        asked = _multiply(conninfo, household, households, given.asked)
        print(f"{households * len(_MONTHS):,} bills laid down in {time.perf_counter() - began:.0f} s", flush=True)
        with ConnectionPool(
            app, min_size=1, max_size=2, kwargs={"autocommit": True}, connection_class=GreenletConnection, open=True
        ) as pool:
            accounts = Accounts(pool.connection, MasterKey.load(Path(home)))
            user = accounts.create("bench", "测时", None)
            accounts.grant(user, [Grant(OFFICE, Role.MANAGER)], by="bench")
            token = accounts.make_token(user, "bench", None, for_program=True)[1]
        made = create(ApiSettings(database_url=app, home=Path(home), pool_size=4))
        took: dict[str, list[float]] = {"statement (API)": [], "statement (console)": []}
        spent: dict[str, list[float]] = {name: [] for name in took}
        with TestClient(made, headers={"Authorization": f"Bearer {token}", "Host": "localhost"}) as client:
            before = running.processor_time()
            for its, account in (asked[0], *asked):  # the first one warms up
                for name, path in zip(
                    took,
                    (f"/offices/{OFFICE}/accounts/{account}/statement", f"/console/{OFFICE}/statement/{its}"),
                    strict=True,
                ):
                    wall, processor = time.perf_counter(), time.process_time()
                    answer = client.get(path, follow_redirects=False)
                    took[name].append(1000 * (time.perf_counter() - wall))
                    spent[name].append(1000 * (time.process_time() - processor))
                    if answer.status_code != 200:
                        raise RuntimeError(path, answer.status_code, answer.text[-300:])
                    if name == "statement (API)" and len(answer.json()["bills"]) != len(_MONTHS):
                        raise RuntimeError(path, answer.text[-300:])
            of_server = running.processor_time() - before
    rows = [[name, show(took[name][1:], 1), show(spent[name][1:], 1)] for name in took]
    print("\n" + table("milliseconds, median (min..max)", ["", "on the wall", "program's processor"], rows))
    print(f"\nthe server's processor: {1000 * of_server / (2 * len(asked) + 2):.1f} ms an answer, of both sorts")
    which = "statement (API)"
    return [Verdict("a statement among a million bills, server side", median(took[which][1:]), 10, "ms", at_most=True)]


if __name__ == "__main__":
    main()
