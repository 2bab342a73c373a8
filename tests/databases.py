"""Databases for tests: copies of a template, emptied after use and lent again.

A copy costs the server a tenth of a second, and more until its catalogue is warm; emptying one costs far less. A copy is
lent again only if it is what the template is: nothing of its schema was touched (one row of the catalogue written anew is
enough to know), and everything that was in the template is in it as it was. Otherwise it is dropped. Both happen while
the next test is at work with another copy.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

Admin = psycopg.Connection[tuple[Any, ...]]
_LARGEST: Final = 40_000_000
"""Bytes: what a test has filled more than this is dropped, not emptied."""

# What DDL, grants and settings write is a new version of a row; statistics and freezing are written in place.
_CATALOGUES: Final = (
    "pg_class",
    "pg_attribute",
    "pg_proc",
    "pg_trigger",
    "pg_constraint",
    "pg_policy",
    "pg_namespace",
    "pg_type",
    "pg_event_trigger",
    "pg_extension",
    "pg_largeobject_metadata",
)
_SCHEMA = " union all ".join(
    f"select count(*), coalesce(sum(hashint8(xmin::text::bigint)), 0) from pg_catalog.{each}" for each in _CATALOGUES
)
_TABLES = (
    "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r'"
    " and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast' order by 1"
)
_USED = "select t from unnest(%s::text[]) t where pg_relation_size(t::regclass) > 0"
"""Which of these tables have ever held a row: to ask each of the others costs more than all the rest."""


@dataclass(frozen=True)
class _Content:
    """What is in a copy that nobody has used."""

    schema: object
    tables: dict[str, str]
    """Table that is not empty → its rows' digest."""
    empty: list[str]

    @classmethod
    def of(cls, admin: Admin) -> _Content:
        """What is in the database now."""
        rows = {each: _rows(admin, each) for (each,) in admin.execute(_TABLES).fetchall()}
        filled = {each: digest for each, digest in rows.items() if digest is not None}
        return cls(_schema(admin), filled, [each for each in rows if each not in filled])

    def restore(self, admin: Admin) -> bool:
        """Remove what is not of it. Whether that was possible."""
        if _schema(admin) != self.schema:
            return False
        used = [each for (each,) in admin.execute(_USED, [self.empty])]
        admin.execute("set session_replication_role = replica")  # facts are never deleted, except here
        admin.execute("; ".join(f"delete from {each}" for each in used))  # type: ignore[arg-type]
        return all(_rows(admin, each) == rows for each, rows in self.tables.items())


class DatabaseCopies:
    """Copies of one template of one server, for one process of tests."""

    def __init__(
        self, server: str, template: str, *, again: bool, make_template: Callable[[str], None] | None = None
    ) -> None:
        """``again``: copies are emptied and lent again. ``make_template`` is called before each copy is made."""
        self._server, self._template, self._again, self._make_template = server, template, again, make_template
        self._thread = ThreadPoolExecutor(1, "copies")
        self._spare: Future[str] | None = None
        self._clean: list[str] = []
        self._content: _Content | None = None

    def take(self) -> str:
        """A copy's name; the next one is made ready meanwhile."""
        ready, self._spare = self._spare or self._thread.submit(self._next), None
        name = ready.result()
        self._spare = self._thread.submit(self._next)
        return name

    def give_back(self, name: str) -> None:
        """Empty it for the next test, or drop it."""
        self._thread.submit(self._take_back, name)

    def close(self) -> None:
        """Drop what is left."""
        if self._spare is not None:
            self._drop(self._spare.result())
        self._thread.shutdown()
        for name in self._clean:
            self._drop(name)

    def _next(self) -> str:
        fresh = f"wuye_test_{uuid4().hex[:12]}"
        if self._clean:
            # A new name: nothing that a process keeps by the name of its database is taken for this one's.
            self._do("alter database {} rename to {}", self._clean.pop(), fresh)
            return fresh
        if self._make_template is not None:
            self._make_template(self._server)
        # Files are copied as they are: writing every page to the log as well takes three times as long.
        self._do("create database {} template {} strategy file_copy", fresh, self._template)
        if self._again and self._content is None:
            with self._connected(fresh) as admin:
                self._content = _Content.of(admin)
        return fresh

    def _take_back(self, name: str) -> None:
        with suppress(psycopg.Error):
            if self._again and self._emptied(name):
                self._clean.append(name)
                return
        self._drop(name)

    def _emptied(self, name: str) -> bool:
        assert self._content is not None
        with self._connected(name) as admin:
            admin.execute(
                "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            size = admin.execute("select pg_database_size(current_database())").fetchone()
            return size is not None and size[0] < _LARGEST and self._content.restore(admin)

    def _drop(self, name: str) -> None:
        self._do("drop database {} with (force)", name)

    def _do(self, said: LiteralString, *names: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(sql.SQL(said).format(*map(sql.Identifier, names)))

    def _connected(self, name: str) -> Admin:
        return psycopg.connect(make_conninfo(self._server, dbname=name), autocommit=True)


def _schema(admin: Admin) -> object:
    return admin.execute(_SCHEMA).fetchall()


def _rows(admin: Admin, table: str) -> str | None:
    said = f"select md5(string_agg(t::text, '|' order by t::text)) from {table} t"
    row = admin.execute(said).fetchone()  # type: ignore[arg-type]
    return row[0] if row is not None else None
