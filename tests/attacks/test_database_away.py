"""The database is killed under the program: 503 and when to come again, never 500; it comes back; nothing is told."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from errno import EMFILE, ENOENT, ENOSPC, EROFS
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn
from psycopg import errors as sql
from psycopg_pool import PoolTimeout
from starlette.routing import BaseRoute

from api.config import ApiSettings
from api.database import prepare
from api.http.application import create
from api.http.faults import is_outage
from api.http.protocol import BoundedProtocol
from api.http.supervisor import Keeper
from api.identity import Grant
from domain.kernel.people import Role
from journal.confidential import MasterKey
from journal.embedded import EmbeddedPostgres
from tests.attacks.sockets import bound_here
from tests.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.long
"""Servers of their own, and time-outs."""
PASSWORD = "correct horse battery"
NAME = "王小明"
COMPLAINT = {
    "channel": "in-person",
    "category": "noise",
    "matter": "楼上噪音",
    "content": f"{NAME}每晚",
    "complainant": NAME,
}


@dataclass
class Standing:
    """A program with a database of its own, which can be killed."""

    postgres: EmbeddedPostgres
    base: str
    headers: dict[str, str]
    addresses: frozenset[str]
    """All that can be looked at, pages too."""

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        pid = int((self.postgres.data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, how)

    def ask(self, client: httpx.Client, what: str) -> httpx.Response:
        """One of the things that people do."""
        match what:
            case "log in":
                return client.post("/login", json={"login": "wang", "password": PASSWORD})
            case "a stranger":
                return client.get("/me", headers={"Authorization": "Bearer nobody"})
            case "file":
                return client.post("/offices/XH/complaints", json=COMPLAINT, headers=self.headers)
            case "file late":
                params = {"occurred_at": datetime.now(UTC).isoformat()}
                return client.post("/offices/XH/complaints", json=COMPLAINT, headers=self.headers, params=params)
        return client.get(what, headers=self.headers)


ASKED = (
    "log in",
    "a stranger",
    "file",
    "file late",
    "/health",
    "/ready",
    "/metrics",
    "/me",
    "/offices",
    "/tasks",
    "/offices/XH/complaints",
    "/offices/XH/facts",
    "/offices/XH/complaints?format=csv",
)


@pytest.fixture
def standing() -> Iterator[Standing]:
    with TemporaryDirectory(prefix="wuye-away-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        postgres = EmbeddedPostgres(Path(folder) / "pg", durable=False)
        with postgres:
            with psycopg.connect(postgres.dsn(), autocommit=True) as owner:
                owner.execute("create database wuye")
            prepare(postgres.dsn(dbname="wuye"))
            settings = ApiSettings(
                database_url=postgres.dsn("wuye_app", "wuye"),
                home=Path(folder),
                allow_unsafe_server=True,
                logins_per_address=10_000,
                logins_in_all=10_000,
                logins_per_quarter=10_000,
            )
            app = create(settings, MasterKey(b"k" * 32))
            listening = bound_here()
            config = uvicorn.Config(app, log_config=None, http=BoundedProtocol, ws="none", timeout_graceful_shutdown=1)
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            try:
                wait_until(lambda: server.started, "the program starts")
                accounts = app.state.context.accounts
                root = accounts.create("root", "root", None)
                accounts.grant(root, [Grant("*", Role.SYSTEM_ADMINISTRATOR)], by="test")
                clerk = accounts.create("clerk", "clerk", None)
                wang = accounts.create("wang", "wang", PASSWORD)
                accounts.grant(wang, [Grant("XH", Role.ADMINISTRATOR)], by="test")
                accounts.grant(clerk, [Grant("XH", Role.ADMINISTRATOR)], by="test")
                made = {
                    who: {"Authorization": f"Bearer {accounts.make_token(user, 't', None, for_program=True)[1]}"}
                    for who, user in (("root", root), ("clerk", clerk))
                }
                base = f"http://127.0.0.1:{listening.getsockname()[1]}"
                opened = httpx.post(f"{base}/offices", json={"code": "XH", "name": "香湖"}, headers=made["root"])
                assert opened.status_code == 201, opened.text
                yield Standing(postgres, base, made["clerk"], frozenset(addresses(app.routes)))
            finally:
                server.should_exit = True
                thread.join(PATIENCE)


def addresses(routes: Iterable[BaseRoute], below: str = "") -> Iterator[str]:
    """Whatever answers a GET, with something in each place."""
    for route in routes:
        path = below + getattr(route, "path", "")
        yield from addresses(getattr(route, "routes", None) or (), path)
        if "GET" in (getattr(route, "methods", None) or ()):
            yield re.sub(r"\{\w+(:\w+)?\}", "x", path.replace("{office}", "XH"))


@pytest.mark.parametrize("by", ["token", "session"])
def test_whatever_is_looked_at_while_the_database_is_away_is_told_when_to_come_again(
    standing: Standing, by: str
) -> None:
    """Every sixth of the pages, registers, files and streams there are, since each waits a while for the database to come back,
    after a SIGQUIT that leaves nobody time to say good-bye.
    """
    shown = [address for address in sorted(standing.addresses) if not address.startswith("/r/")]
    assert len(shown) > 100
    assert [address for address in shown if address.startswith("/console/XH")]
    with httpx.Client(base_url=standing.base, timeout=PATIENCE) as client:
        if by == "session":
            assert client.post("/login", json={"login": "wang", "password": PASSWORD}).status_code == 200
        headers = standing.headers if by == "token" else {}
        standing.kill(signal.SIGQUIT)
        wait_until(lambda: client.get("/offices/XH/complaints", headers=headers).status_code == 503, "it is noticed")

        def look(address: str) -> tuple[str, int, bool]:
            answer = client.get(address, headers=headers)
            return address, answer.status_code, "retry-after" in answer.headers

        with ThreadPoolExecutor(16) as people:
            told = list(people.map(look, shown[0 if by == "token" else 6 :: 12]))
    assert [each for each in told if each[1] == 503 and not each[2]] == []
    assert {status for _, status, _ in told} <= {200, 303, 307, 404, 503}
    rest = [address for address, status, _ in told if status != 503]
    assert [address for address in rest if "/XH" in address] == [], "nothing of an office is shown that was not read"


def test_a_killed_database_is_503_for_everybody_and_comes_back(
    standing: Standing, logged: None, capfd: pytest.CaptureFixture[str]
) -> None:
    seen: dict[str, Counter[int]] = {what: Counter() for what in ASKED}
    wrong: list[str] = []
    over = threading.Event()

    def hammer(what: str) -> None:
        with httpx.Client(base_url=standing.base, timeout=PATIENCE) as client:
            while not over.is_set():
                try:
                    answer = standing.ask(client, what)
                except (
                    httpx.RemoteProtocolError
                ):  # a file that had begun is broken off: its reader must not think it whole
                    seen[what][0] += 1
                    continue
                seen[what][answer.status_code] += 1
                if answer.status_code == 503 and "retry-after" not in answer.headers:
                    wrong.append(f"{what}: no Retry-After")

    people = [threading.Thread(target=hammer, args=(what,)) for what in ASKED for _ in range(2)]
    given_up: list[str] = []
    for person in people:
        person.start()
    try:
        wait_until(lambda: all(sum(statuses.values()) > 3 for statuses in seen.values()), "everybody is answered")
        standing.kill()
        wait_until(lambda: all(statuses[503] for statuses in seen.values()), "everybody is told to come again")
        before = {what: sum(n for s, n in statuses.items() if s < 500 and s) for what, statuses in seen.items()}
        with Keeper(standing.postgres, given_up.append):
            wait_until(
                lambda: all(
                    sum(n for s, n in statuses.items() if s < 500 and s) > before[what] + 3
                    for what, statuses in seen.items()
                ),
                "everybody is answered again",
            )
    finally:
        over.set()
        for person in people:
            person.join(PATIENCE)
    assert not given_up
    assert not wrong
    assert {status for statuses in seen.values() for status in statuses} <= {0, 200, 201, 401, 503}
    said = "".join(capfd.readouterr())
    assert "outage" in said
    for never in ("Traceback", NAME, PASSWORD, "Bearer", standing.headers["Authorization"][7:], "fault"):
        assert never not in said, never


def test_a_database_that_cannot_be_started_again_ends_the_program_with_the_reason(standing: Standing) -> None:
    reasons: list[str] = []
    given_up = threading.Event()

    def give_up(reason: str) -> None:
        reasons.append(reason)
        given_up.set()

    standing.kill()
    wait_until(lambda: not standing.postgres.is_running(), "it is dead")
    version = standing.postgres.data / "PG_VERSION"
    kept = version.read_text()
    version.write_text("9\n")
    with Keeper(standing.postgres, give_up):
        assert given_up.wait(PATIENCE)
    version.write_text(kept)
    assert reasons[0]


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (PoolTimeout("x"), True),
        (psycopg.OperationalError("x"), True),
        (psycopg.InterfaceError("the connection is closed"), True),
        (psycopg.DatabaseError("x"), True),
        (sql.InvalidSqlStatementName("prepared statement does not exist"), True),
        (sql.AdminShutdown("x"), True),
        (sql.ReadOnlySqlTransaction("x"), True),
        (sql.LockNotAvailable("x"), True),
        (sql.UniqueViolation("x"), False),
        (sql.UndefinedColumn("x"), False),
        (KeyError("x"), False),
        (OSError(ENOSPC, "x"), True),
        (OSError(EROFS, "x"), True),
        (OSError(EMFILE, "x"), True),
        (FileNotFoundError(ENOENT, "x"), False),
        (OSError("x"), False),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_is_an_outage(error: Exception, *, away: bool) -> None:
    assert is_outage(error) is away
    wrapped: Any = RuntimeError("the answer had begun")
    wrapped.__cause__ = error
    assert is_outage(wrapped) is away
