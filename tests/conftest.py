"""One PostgreSQL for the whole run (fsync off), a template with everything installed, and a copy of it for each test."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api.database import prepare
from journal.embedded import EmbeddedPostgres
from journal.server_folders import remove_left_behind
from tests.databases import DatabaseCopies

TEMPLATE = os.environ.get("WUYE_TEST_TEMPLATE", "wuye_template")
# Drawn from the test's own text and never judged by the time it takes: the same examples on every machine and every day.
settings.register_profile(
    "quick", max_examples=25, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", settings.get_profile("quick"), max_examples=400)
settings.load_profile("quick")
SHARED = Path(os.environ.get("WUYE_SHARED_DATA") or Path(__file__).parents[2] / "shared" / "data")


@dataclass(frozen=True)
class Database:
    """A fresh database: connection strings of its owner and of the application's role."""

    name: str
    owner: str
    app: str


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's owner connection string: ``DATABASE_URL``, or an embedded server that the run's workers share."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        _close_copies()
        return
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    # Each worker counts itself in and out; the last one out stops the server, whoever started it.
    counter = shared / "workers"
    postgres = EmbeddedPostgres(shared / "pg", durable=False)
    with _locked(shared):
        conninfo = postgres.start()
        counter.write_text(str(int(counter.read_text() or 0) + 1 if counter.exists() else 1))
        _make_template(conninfo)
    try:
        yield conninfo
    finally:
        _close_copies()
        with _locked(shared):
            left = int(counter.read_text()) - 1
            counter.write_text(str(left))
            if left == 0:
                postgres.remove()


@pytest.fixture(scope="session", autouse=True)
def _clusters_go_with_their_homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody but root may enter pytest's folders; so the servers of homes in them lie elsewhere, and are removed here.

    Also when the run is told to end: a ``timeout`` or ``kill`` would leave the servers running for ever.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    mine = tmp_path_factory.getbasetemp().resolve()
    remove_left_behind(lambda asked: mine in asked.resolve().parents)


@pytest.fixture
def database(server: str) -> Iterator[Database]:
    """A copy of the template that nobody else has."""
    with new_database(server) as made:
        yield made


@contextmanager
def new_database(server: str, template: str = TEMPLATE) -> Iterator[Database]:
    """A copy of the template while it is needed: a new one, or one that is again as it was. Nobody is connected to the template."""
    key = (server, template)
    if key not in _COPIES:
        remade = _make_template if os.environ.get("DATABASE_URL") else None
        _COPIES[key] = DatabaseCopies(server, template, again=template == TEMPLATE, make_template=remade)
    copies = _COPIES[key]
    name = copies.take()
    try:
        owner = make_conninfo(server, dbname=name)
        yield Database(name, owner, make_conninfo(owner, user="wuye_app"))
    finally:
        copies.give_back(name)


_COPIES: dict[tuple[str, str], DatabaseCopies] = {}


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the repository, which is not part of it."""
    if not SHARED.is_dir():
        pytest.skip(f"real data are not at {SHARED} (set WUYE_SHARED_DATA)")
    return SHARED


def _close_copies() -> None:
    while _COPIES:
        _COPIES.popitem()[1].close()


def _make_template(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        if admin.execute("select from pg_database where datname = %s", [TEMPLATE]).fetchone() is None:
            admin.execute(sql.SQL("create database {}").format(sql.Identifier(TEMPLATE)))
            prepare(make_conninfo(server, dbname=TEMPLATE))


class _locked:  # noqa: N801 -- used as a word
    """Holds the run's lock file."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "lock").open("w")

    def __enter__(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()
