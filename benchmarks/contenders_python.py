"""The floor, the bare library and message-db: all through psycopg, one process a client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, LiteralString
from uuid import uuid4

import psycopg
from psycopg.conninfo import make_conninfo

from benchmarks.contender import EVENT, OFFICES, PAYLOAD, PAYLOAD_BYTES
from benchmarks.library import Complaints, assessed, environment
from benchmarks.machine import package_version
from benchmarks.peers import MODULES, installed, lacking

__all__ = ["CONTENDERS", "Floor", "Library", "MessageDb"]


class Floor:
    """A plain INSERT into a bare table, autocommit: what the database itself takes for one committed row."""

    name: Final = "insert"
    extra: Final = False
    stored: Final[LiteralString] = "select count(*) from events"

    @property
    def version(self) -> str:
        """The driver."""
        return f"psycopg {package_version('psycopg')}, INSERT, autocommit"

    def missing(self) -> str | None:
        """Always there."""
        return None

    def setup(self, conninfo: str) -> None:
        """One table, one key."""
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(
                "create table events (number bigint generated always as identity primary key, case_id uuid not null,"
                " version integer not null, name text not null, state bytea not null,"
                " recorded_at timestamptz not null default clock_timestamp())"
            )

    def client(self, conninfo: str, index: int) -> Callable[[], object]:  # noqa: ARG002
        """One connection."""
        connection = psycopg.connect(conninfo, autocommit=True)
        insert = "insert into events (case_id, version, name, state) values (%s, 1, %s, %s)"
        return lambda: connection.execute(insert, [uuid4(), EVENT, PAYLOAD_BYTES])


class Library:
    """The bare library: ``Application.save`` of one new aggregate with one event, every setting at its default."""

    name: Final = "eventsourcing"
    extra: Final = False
    stored: Final[LiteralString] = "select count(*) from complaints_events"

    @property
    def version(self) -> str:
        """The library."""
        return f"eventsourcing {package_version('eventsourcing')}, PostgreSQL recorder, defaults"

    def missing(self) -> str | None:
        """Always there: it is one of our own dependencies."""
        return None

    def setup(self, conninfo: str) -> None:
        """The library makes its tables when an application is constructed; here, so that clients do not race on it."""
        Complaints(environment(conninfo)).close()

    def client(self, conninfo: str, index: int) -> Callable[[], object]:  # noqa: ARG002
        """One application with its pool, of which one connection is used at a time."""
        application = Complaints(environment(conninfo, CREATE_TABLE="no"))
        return lambda: application.save(assessed(uuid4(), PAYLOAD))


class MessageDb:
    """message-db's own SQL, called as its manual says: ``write_message`` on a new stream, expected version -1.

    It locks a category while it writes. ``categories`` says how many the clients write to.
    """

    extra: Final = False
    stored: Final[LiteralString] = "select count(*) from message_store.messages"
    _FILES: Final = (
        "schema/message-store",
        "tables/messages",
        "types/message",
        "functions/message-store-version",
        "functions/hash-64",
        "functions/acquire-lock",
        "functions/category",
        "functions/is-category",
        "functions/id",
        "functions/cardinal-id",
        "functions/stream-version",
        "functions/write-message",
        "functions/get-stream-messages",
        "functions/get-category-messages",
        "functions/get-last-stream-message",
        "indexes/messages-id",
        "indexes/messages-stream",
        "indexes/messages-category",
    )

    def __init__(self, name: str, categories: int) -> None:
        """Write to so many categories."""
        self.name = name
        self._categories = categories

    @property
    def version(self) -> str:
        """The package."""
        many = f"{self._categories} categories" if self._categories > 1 else "one category"
        return f"message-db {installed('@eventide/message-db')} through psycopg, {many}"

    def missing(self) -> str | None:
        """The npm package carries the SQL files."""
        return lacking("@eventide/message-db", node=False)

    def setup(self, conninfo: str) -> None:
        """Its install script, file by file, less the role, the grants, the views and pgcrypto (not used: PG ≥ 13)."""
        folder = MODULES / "@eventide/message-db/database"
        with psycopg.connect(_message_store(conninfo), autocommit=True) as connection:
            for file in self._FILES:
                connection.execute((folder / f"{file}.sql").read_bytes())

    def client(self, conninfo: str, index: int) -> Callable[[], object]:
        """One connection; consecutive events go to consecutive categories."""
        connection = psycopg.connect(_message_store(conninfo), autocommit=True)
        data, turn = PAYLOAD_BYTES.decode(), index * 7
        write = "select write_message(%s::varchar, %s::varchar, %s::varchar, %s::jsonb, null, -1)"

        def append() -> None:
            nonlocal turn
            turn = (turn + 1) % self._categories
            connection.execute(write, [str(uuid4()), f"office{turn}:complaint-{uuid4()}", EVENT, data])

        return append


def _message_store(conninfo: str) -> str:
    return make_conninfo(conninfo, options="-c search_path=message_store,public")


CONTENDERS: Final = (Floor(), Library(), MessageDb("message-db", OFFICES), MessageDb("message-db-1", 1))
