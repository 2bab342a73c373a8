"""A played month of an invented office before the shared application, and everybody who may look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from psycopg_pool import ConnectionPool

from api.demo.logins import name_everybody
from api.demo.play import play_year
from api.http.executor import CommandExecutor
from api.identity import Grant
from api.runtime import Runtime
from domain.kernel.people import Actor, Role
from domain.office.office import OpenOffice
from journal.greenlet_task import GreenletConnection
from tests.api.conftest import MASTER, ApiClient, begin_anew
from tests.api.conftest import api as api  # noqa: PLC0414 -- the fixture
from tests.api.conftest import application as application  # noqa: PLC0414 -- the fixture
from tests.conftest import Database, new_database
from tests.console.seen import Seen
from tests.office_rig import shanghai
from workflows.engine.request import CommandRequest

with __import__("warnings").catch_warnings():
    __import__("warnings").simplefilter("ignore")
    from starlette.testclient import TestClient

OFFICE = "DEMO"


class ConsoleClient(ApiClient):
    """The console, asked by HTTP."""

    def headers(self, role: Role = Role.ADMINISTRATOR, office: str = OFFICE) -> dict[str, str]:
        """As any client's, of somebody with a Chinese name."""
        key = (office, role)
        if key not in self.tokens:
            accounts = self.context.accounts
            user = accounts.create(f"{role}-{office}", f"何晓{role.zh[0]}", None)
            accounts.grant(user, [Grant(office, role)], by="test")
            self.tokens[key] = accounts.make_token(user, "test", None, for_program=True)[1]
            self.users[key] = user
        return {"Authorization": f"Bearer {self.tokens[key]}"}

    def page(self, path: str, role: Role = Role.ADMINISTRATOR, lang: str = "zh", office: str = OFFICE) -> Any:
        """One page; what it says in English is asked for by its cookie."""
        headers = {"Cookie": f"wuye_language={lang}"}
        return self.ask("GET", path, role, office, headers=headers, follow_redirects=False)

    def seen(self, path: str, role: Role = Role.ADMINISTRATOR, lang: str = "zh") -> Seen:
        """The page as it is read."""
        answer = self.page(path, role, lang)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return Seen(answer.text)

    def send(self, path: str, said: dict[str, Any], role: Role = Role.ADMINISTRATOR, office: str = OFFICE) -> Any:
        """A form, sent."""
        return self.ask("POST", path, role, office, data=said, follow_redirects=False)

    def ids(self) -> dict[str, str]:
        """A case of every kind that the office has, the newest."""
        found = {}
        with self.context.connect() as connection:
            for register in self.context.registers.all:
                row = connection.execute(
                    f"select case_id from wuye.{register.table} where office = %s and to_number is null"
                    " order by from_number desc limit 1".encode(),
                    [OFFICE],
                ).fetchone()
                if row is not None:
                    found.setdefault(row[0].partition("-")[0], row[0])
        return found


def console_over(application: FastAPI, connection: Any) -> ConsoleClient:
    """The console over a database."""
    context = begin_anew(application.state.context, CommandExecutor(6, connection))
    client = TestClient(application, raise_server_exceptions=False)
    return ConsoleClient(application, client, context, "")


@contextmanager
def database_and_pool(server: str) -> Iterator[tuple[Database, ConnectionPool[Any]]]:
    """A database of its own, and connections to it."""
    with (
        new_database(server) as database,
        ConnectionPool(
            database.app,
            min_size=1,
            max_size=8,
            kwargs={"autocommit": True},
            connection_class=GreenletConnection,
            open=True,
        ) as pool,
    ):
        yield database, pool


@pytest.fixture(scope="module")
def played(application: FastAPI, server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleClient]:
    """The console of an office of forty households that was played for two months."""
    home = tmp_path_factory.mktemp("home")
    with database_and_pool(server) as (database, pool):
        runtime = Runtime(Path(home), database.owner, database.app, pool, None)
        vars(runtime)["master"] = MASTER
        play_year(runtime, OFFICE, households=40, months=2)
        name_everybody(runtime)
        yield console_over(application, pool)


HOMES = ("1-101", "1-102", "2-101", "2-102")
STANDARD = {
    "code": "WY-1",
    "name": "物业服务费",
    "kind": "management",
    "price": "2.50",
    "valid_from": "2025-01-01",
    "reason": "责任书",
    "document": "2025-01",
}


@pytest.fixture(scope="module")
def estate(application: FastAPI, server: str) -> Iterator[tuple[ConsoleClient, dict[str, str]]]:
    """An office of four homes, two of them in building 1, at 2.50 yuan a square metre, on 31 March 2025; home → household."""
    with database_and_pool(server) as (_, pool):
        console = console_over(application, pool)
        command, root = (
            OpenOffice(code=OFFICE, name="云锦花园", simulated=True),
            Actor("root", Role.SYSTEM_ADMINISTRATOR),
        )
        begins = shanghai("2025-03-01 09:00")
        console.context.handler.handle(CommandRequest(office=OFFICE, command=command, actor=root, now=begins))
        kept = {
            home: console.household(home, OFFICE, area=10_000, building="1" if home < "2" else None) for home in HOMES
        }
        answer = console.post(f"/offices/{OFFICE}/fee-standards", STANDARD, Role.MANAGER, office=OFFICE)
        assert answer.status_code == 201, answer.text
        path = f"/offices/{OFFICE}/fee-standards/{answer.json()['id']}/attach-home"
        for home, household in kept.items():
            body = {"home": home, "household": household, "quantity": 10_000, "first": "2025-01-01"}
            assert console.post(path, body, office=OFFICE).status_code == 200
        console.until(OFFICE, "2025-03-31 09:00")
        yield console, kept
