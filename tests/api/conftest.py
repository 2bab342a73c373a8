"""The API over a real database: two offices, one program per role and office, and a clock that the test sets."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from psycopg_pool import ConnectionPool

from api.config import ApiSettings
from api.http.application import assemble, log_ins_of
from api.http.context import ApiContext
from api.http.executor import CommandExecutor
from api.identity import Accounts, Grant, Identities
from domain.kernel.calendar import local_date
from domain.kernel.people import HANDBOOK_ROLES, Actor, Role
from domain.office.office import OpenOffice
from journal.confidential import MasterKey
from journal.greenlet_task import GreenletConnection
from tests.conftest import Database
from tests.office_rig import shanghai
from workflows.engine.gather import simulated_clock
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PASSWORD = "correct horse battery"
MASTER = MasterKey(b"k" * 32)


@dataclass
class ApiClient:
    """The API as one program per role and office speaks to it, over a real database."""

    app: FastAPI
    client: TestClient
    context: ApiContext
    owner: str
    tokens: dict[tuple[str, Role], str] = field(default_factory=dict)
    users: dict[tuple[str, Role], str] = field(default_factory=dict)

    def headers(self, role: Role = Role.ADMINISTRATOR, office: str = "XH") -> dict[str, str]:
        """The headers of the program that has this role in this office."""
        key = (office, role)
        if key not in self.tokens:
            accounts = self.context.accounts
            user = accounts.create(f"{role}-{office}", f"{role} of {office}", None)
            accounts.grant(user, [Grant(office, role)], by="test")
            self.tokens[key] = accounts.make_token(user, "test", None, for_program=True)[1]
            self.users[key] = user
        return {"Authorization": f"Bearer {self.tokens[key]}"}

    def ask(self, method: str, path: str, role: Role = Role.ADMINISTRATOR, office: str = "XH", **more: Any) -> Any:
        """One request."""
        headers = self.headers(role, office) | more.pop("headers", {})
        return self.client.request(method, path, headers=headers, **more)

    def get(self, path: str, role: Role = Role.ADMINISTRATOR, **more: Any) -> Any:
        return self.ask("GET", path, role, **more)

    def post(self, path: str, body: Any, role: Role = Role.ADMINISTRATOR, **more: Any) -> Any:
        return self.ask("POST", path, role, json=body, **more)

    def simulated(self, code: str, at: str) -> None:
        """Open a simulated office whose clock stands at «2025-03-03 10:00» as it is said in Shanghai."""
        command = OpenOffice(code=code, name=f"{code}小区", simulated=True)
        actor = Actor("root", Role.SYSTEM_ADMINISTRATOR)
        self.context.handler.handle(CommandRequest(office=code, command=command, actor=actor, now=shanghai(at)))

    def until(self, code: str, at: str | datetime) -> dict[str, Any]:
        """The manager moves the clock of a simulated office on, over HTTP."""
        to = shanghai(at).isoformat()
        answer = self.ask("POST", f"/offices/{code}/clock", Role.MANAGER, code, json={"to": to})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def pages(self) -> int:
        """How many facts all books hold, with everything else that a command could leave behind."""
        with psycopg.connect(self.owner) as connection:
            row = connection.execute(
                "select (select count(*) from wuye.facts) + (select count(*) from wuye.answers)"
                " + (select count(*) from wuye.r_complaints)"
            ).fetchone()
        assert row is not None
        return int(row[0])

    def household(self, home: str = "7-2-1403", office: str = "XH", **fields: Any) -> str:
        """The id of a household that lives there."""
        answer = self.post(f"/offices/{office}/households", {"home": home, "name": "王小明"} | fields, office=office)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def complaint(self, **fields: Any) -> str:
        """A registered complaint's id."""
        body = {"channel": "in-person", "category": "noise", "matter": "楼上噪音", "content": "每晚十点后"} | fields
        if not {"household", "home", "complainant", "contact", "anonymous"} & set(fields):
            body["home"] = "1-101"
        answer = self.post("/offices/XH/complaints", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


def settings_of_tests() -> ApiSettings:
    """The program's settings, as reached by the test client's host name."""
    return ApiSettings(home=Path(), allowed_hosts="testserver,localhost,127.0.0.1")


def new_application() -> FastAPI:
    """The application over no database yet."""

    def connect() -> AbstractContextManager[psycopg.Connection[Any]]:
        raise AssertionError("no test has opened a database")

    return assemble(settings_of_tests(), connect=connect, master=MASTER)


@pytest.fixture(scope="session")
def application() -> FastAPI:
    """The application of this process: its four hundred routes take a second to be put together, and that is done once."""
    return new_application()


@pytest.fixture
def api(application: FastAPI, database: Database) -> Iterator[ApiClient]:
    """The API with the offices XH and YH; the application may have served other tests, its context is new."""
    with ConnectionPool(
        database.app,
        min_size=1,
        max_size=8,
        kwargs={"autocommit": True},
        connection_class=GreenletConnection,
        open=True,
    ) as pool:
        context = begin_anew(application.state.context, CommandExecutor(6, pool))
        for code in ("XH", "YH"):
            context.handler.handle(
                CommandRequest(
                    office=code,
                    command=OpenOffice(code=code, name=f"{code}小区"),
                    actor=Actor("root", Role.SYSTEM_ADMINISTRATOR),
                    now=datetime.now(UTC),
                )
            )
        with TestClient(application, raise_server_exceptions=False) as client:
            yield ApiClient(application, client, context, database.owner)


def begin_anew(context: ApiContext, executor: CommandExecutor) -> ApiContext:
    """Make a context what it would be had it just been put together over this executor: routes hold on to its parts."""
    settings, connect = settings_of_tests(), executor.lend
    accounts = Accounts(connect, MASTER)
    handler = CommandHandler(
        connect, policies=context.handler.policies, projector=context.handler.projector, master=MASTER
    )
    fresh = ApiContext(
        settings=settings,
        connect=connect,
        master=MASTER,
        registers=context.registers,
        executor=executor,
        handler=handler,
        clock=simulated_clock(context.handler, connect),
        accounts=accounts,
        identities=Identities(connect, MASTER),
        log_ins=log_ins_of(settings, connect, accounts, MASTER),
    )
    for name, part in vars(fresh).items():
        if name in {"settings", "handler", "accounts", "identities", "log_ins", "executor"}:
            vars(getattr(context, name)).update(vars(part))
        else:
            setattr(context, name, part)
    return context


def tomorrow() -> str:
    """A deadline that lies ahead."""
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


def next_week() -> str:
    """A local day that lies ahead."""
    return (local_date(datetime.now(UTC)) + timedelta(days=7)).isoformat()


EVERYBODY = (*HANDBOOK_ROLES, Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR)
