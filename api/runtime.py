"""The program put together for one process: database, keys, office, clock. The command line and the tests use it.

``DATABASE_URL`` names a server (its owner role); without it the embedded one of ``WUYE_HOME`` is started or joined.
Whoever comes last out stops it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from api.config import ApiSettings
from api.database import prepare
from api.sending import senders
from api.version import VERSION
from journal.account_seals import AccountSeals
from journal.backups import refuse_half_restored
from journal.book import Book
from journal.confidential import MasterKey
from journal.embedded import EmbeddedPostgres
from journal.erasures import ErasureList
from journal.hash_chain import books
from journal.home import wuye_home
from journal.key_rotation import finish_rotation
from journal.key_store import check_master, register_master
from journal.server_check import make_app_role, refuse_other_role, refuse_unsafe
from projections.engine.rebuild import Rebuilt, rebuild
from projections.registers.index import REGISTERS
from workflows.engine.clock import Clock
from workflows.engine.gather import GATHER, simulated_clock
from workflows.engine.handler import CommandHandler
from workflows.engine.notices import Notices
from workflows.engine.simulation import SimulatedClock
from workflows.policies.index import POLICIES

__all__ = ["Runtime", "open_runtime", "owner_alone"]

DATABASE = "wuye"
_OPTIONS: Final = (
    "-c timezone=UTC -c datestyle=ISO -c client_encoding=UTF8 -c lock_timeout=10s -c statement_timeout=0 -c idle_session_timeout=0"
    " -c wuye.office= -c row_security=on"
)
"""Said with each connection: a role may give itself settings, and one that saw no office would find nothing that falls due; dates that
are written another way could not be read at all."""


@dataclass
class Runtime:
    """One process's program. ``owner`` may migrate and rebuild, ``app`` is the application's role."""

    home: Path
    owner: str
    app: str
    pool: ConnectionPool[Any]
    postgres: EmbeddedPostgres | None = None
    """The embedded server, when it is that."""
    rebuilt: Rebuilt | None = None
    """What came of rebuilding the registers when the program was opened, where a new version had to."""

    @cached_property
    def master(self) -> MasterKey:
        """The key that wraps the households' keys; made for a database in which there is no book yet.

        Raises ``UnusableKey`` when it is missing, or when the database's keys were wrapped by another.
        """
        with self.pool.connection() as connection:
            finish_rotation(connection, self.home)
            master = MasterKey.load(self.home) if books(connection) else MasterKey.begin(self.home)
            known = check_master(connection, master)
        if not known or not AccountSeals.begun(self.home):
            with psycopg.connect(self.owner, autocommit=True) as owner:
                register_master(owner, master)
                AccountSeals(master).begin(owner, self.home, first=not known)
        return master

    @cached_property
    def handler(self) -> CommandHandler:
        """The one door for commands."""
        return CommandHandler(self.pool.connection, policies=POLICIES, projector=REGISTERS, master=self.master)

    @cached_property
    def clock(self) -> Clock:
        """The clock over that door."""
        return Clock(self.handler, self.pool.connection, GATHER)

    @cached_property
    def simulated(self) -> SimulatedClock:
        """The clocks of simulated offices."""
        return simulated_clock(self.handler, self.pool.connection)

    def time_in(self, office: str) -> datetime:
        """What time it is in an office: what its own clock shows when it is simulated, else the time on the wall."""
        with self.pool.connection() as connection:
            head = Book(connection, office).head()
        return head.clock if head is not None and head.clock is not None else datetime.now(UTC)

    @cached_property
    def notices(self) -> Notices:
        """What people are told of the office's promises."""
        return Notices(self.pool.connection, self.handler.settings, senders(ApiSettings(), self.master))

    def note_erasures(self) -> None:
        """Write down outside the database which keys were destroyed."""
        with self.pool.connection() as connection:
            ErasureList.of_home(self.home, self.master).bring_up(connection)

    def tell(self, now: datetime) -> None:
        """Make and deliver the notices of every real office; a simulated one's are made when its clock is moved."""
        with self.pool.connection() as connection:
            rows = connection.execute("select office from wuye.offices where not simulated order by 1").fetchall()
        self.notices.make(now, [office for (office,) in rows])
        self.notices.deliver(now)


@contextmanager
def open_runtime(*, migrate: bool = True, progress: Callable[[int, int], None] | None = None) -> Iterator[Runtime]:
    """Open the program. ``migrate`` brings the database up to date, and rebuilds registers whose shape has changed."""
    home = wuye_home()
    refuse_half_restored(home)
    allow = os.environ.get("WUYE_ALLOW_UNSAFE_SERVER") == "1"
    with _server(home) as (owner, postgres):
        with psycopg.connect(owner, autocommit=True) as connection:
            refuse_unsafe(connection, allow=allow)
            make_app_role(connection)
        rebuilt = None
        if migrate and prepare(owner):
            with psycopg.connect(owner, autocommit=True) as connection:
                rebuilt = rebuild(connection, REGISTERS, progress, mend=f"升级 upgrade to {VERSION}")
        app = app_conninfo(owner)
        with ConnectionPool(app, min_size=1, max_size=24, kwargs={"autocommit": True}, open=True) as pool:
            with pool.connection() as connection:  # the role that writes may have settings of its own
                refuse_unsafe(connection, allow=allow)
                refuse_other_role(connection)
            yield Runtime(home, owner, app, pool, postgres, rebuilt)


def app_conninfo(owner: str) -> str:
    """The application's connection: its own log-in on the embedded server or by ``WUYE_APP_DATABASE_URL``, else the role taken on.

    Another server may ask for a password, or who one is on its machine, and the role has neither until an administrator gives
    it one. A role that was taken on can be given back by whoever has such a connection; a log-in cannot.
    """
    own = os.environ.get("WUYE_APP_DATABASE_URL")
    if own and os.environ.get("DATABASE_URL"):
        return make_conninfo(own, options=_OPTIONS)
    if not os.environ.get("DATABASE_URL"):
        return make_conninfo(owner, user="wuye_app", options=_OPTIONS)
    return make_conninfo(owner, options=f"-c role=wuye_app {_OPTIONS}")


@contextmanager
def owner_alone() -> Iterator[tuple[Path, psycopg.Connection[Any]]]:
    """The home and one connection of the owner, and nothing else of the program."""
    home = wuye_home()
    with _server(home) as (owner, _):
        prepare(owner)
        with psycopg.connect(owner, autocommit=True) as connection:
            yield home, connection


@contextmanager
def _server(home: Path) -> Iterator[tuple[str, EmbeddedPostgres | None]]:
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given, None
        return
    postgres = EmbeddedPostgres(home / "pg")
    # Everybody holds a shared lock while he is in; who can have it alone is the last one out.
    with (home / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        owner = postgres.start()
        try:
            with psycopg.connect(owner, autocommit=True) as connection:
                if connection.execute("select from pg_database where datname = %s", [DATABASE]).fetchone() is None:
                    _create(connection)
            yield make_conninfo(owner, dbname=DATABASE), postgres
        finally:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                postgres.stop_whoever_started()


def _create(connection: psycopg.Connection[Any]) -> None:
    # Another process may be quicker.
    with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        connection.execute(f"create database {DATABASE}")
