"""Numbered migrations 迁移, applied in order under an advisory lock, so that several processes may start at once."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from importlib import resources
from typing import Any, Final

import psycopg

from journal.locks import alone, in_turn

__all__ = ["MIGRATIONS_SQL", "MigrationChanged", "MigrationUnknown", "migrate"]

MIGRATIONS_SQL: Final = (
    "create table if not exists wuye.migrations"
    " (name text primary key, sha256 text not null, applied_at timestamptz not null default clock_timestamp())"
)
_LOCK = 0x57757965  # "Wuye"
_BASELINE: Final = ("0001_book.sql", "0002_append.sql", "0003_services.sql", "0004_rights.sql")
_TAKEN_OVER: Final = "456ba4d4c2f516edeb4341c604b7e095dcacb9f0800285c8dd27d917c6fcb185"
"""Of the names and digests of the last migrations before they became today's baseline, 0001 to 0020: what they made is the same."""
_VALIDATE: Final = """
do $$ declare
  c record;
begin
  for c in select conrelid::regclass as table, conname from pg_constraint
            where connamespace = 'wuye'::regnamespace and not convalidated
  loop
    execute format('alter table %s validate constraint %I', c.table, c.conname);
  end loop;
end $$
"""
"""The checks that were added to tables with rows in them hold for these, too."""


class MigrationChanged(Exception):
    """A migration that has been applied was edited afterwards 已应用的迁移被改动."""


class MigrationUnknown(MigrationChanged):
    """The database was brought up to date by a newer program, or made before the baseline 由其他版本的程序建立或升级，拒绝启动."""


def migrate(owner: str) -> list[str]:
    """Bring the database of this owner connection string up to date; returns the names applied now.

    Each ``NNNN_name.sql`` file has a transaction of its own. Raises :class:`MigrationChanged` and :class:`MigrationUnknown`, then nothing
    was applied; and :class:`~journal.locks.HeldUp`.
    """
    with psycopg.connect(owner, autocommit=True) as connection, alone(connection, _LOCK):
        return _migrate(connection)


def _migrate(connection: psycopg.Connection[Any]) -> list[str]:
    connection.execute("create schema if not exists wuye")
    connection.execute(MIGRATIONS_SQL)
    done: dict[str, str] = dict(connection.execute("select name, sha256 from wuye.migrations").fetchall())
    applied = []
    files = sorted(
        (f for f in resources.files("journal.schema").iterdir() if f.name.endswith(".sql")), key=lambda f: f.name
    )
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    if _digest_of(done) == _TAKEN_OVER:
        done = {name: digests[name] for name in _BASELINE}
        in_turn(connection, partial(_take_over, connection, done))
    unknown = sorted(done.keys() - digests.keys())
    if unknown and done.get(files[0].name, digests[files[0].name]) != digests[files[0].name]:
        msg = (
            "数据库由当前基线之前的程序建立，不能升级，未作任何改动 / made by a program of before the baseline: it cannot be brought up to"
            " date, and nothing was changed"
        )
        raise MigrationUnknown(msg)
    if unknown:
        # An older program would put its own functions and tables in the place of the newer ones.
        msg = f"{', '.join(unknown)}: 由更新版本的程序应用，请使用该版本 / applied by a newer program: use that one"
        raise MigrationUnknown(msg)
    for file in files:
        if done.get(file.name, digests[file.name]) != digests[file.name]:
            msg = f"{file.name}: 已应用后被改动 / changed after it was applied"
            raise MigrationChanged(msg)
    for file in files:
        if file.name not in done:
            in_turn(connection, partial(_apply, connection, file.name, file.read_text("utf-8"), digests[file.name]))
            applied.append(file.name)
    return applied


def _apply(connection: psycopg.Connection[Any], name: str, text: str, digest: str) -> None:
    connection.execute(text.encode())
    _note(connection, name, digest)


def _digest_of(done: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(done.items())).encode()).hexdigest()


def _take_over(connection: psycopg.Connection[Any], baseline: dict[str, str]) -> None:
    """A database of the last steps before the baseline: from now on it is the baseline's."""
    connection.execute(_VALIDATE)
    connection.execute("delete from wuye.migrations")
    for name, digest in baseline.items():
        _note(connection, name, digest)


def _note(connection: psycopg.Connection[Any], name: str, digest: str) -> None:
    connection.execute("insert into wuye.migrations (name, sha256) values (%s, %s)", [name, digest])
