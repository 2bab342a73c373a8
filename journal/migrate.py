"""Numbered migrations 迁移, applied in order under an advisory lock, so that several processes may start at once."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import Any, Final

import psycopg

__all__ = ["MIGRATIONS_SQL", "MigrationChanged", "MigrationUnknown", "apply_numbered", "migrate"]

MIGRATIONS_SQL: Final = (
    "create table if not exists wuye.migrations"
    " (name text primary key, sha256 text not null, applied_at timestamptz not null default clock_timestamp())"
)
_LOCK = 0x57757965  # "Wuye"


class MigrationChanged(Exception):
    """A migration that has been applied was edited afterwards 已应用的迁移被改动."""


class MigrationUnknown(MigrationChanged):
    """The database was brought up to date by a newer program 数据库由更新版本的程序升级，拒绝启动."""


def migrate(owner: str) -> list[str]:
    """Bring the database of this owner connection string up to date; returns the names applied now."""
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_LOCK])
        try:
            return apply_numbered(connection, "journal.schema")
        finally:
            connection.execute("select pg_advisory_unlock(%s)", [_LOCK])


def apply_numbered(connection: psycopg.Connection[Any], package: str) -> list[str]:
    """Apply the ``NNNN_name.sql`` files of a package that have not been applied, each in its own transaction.

    Raises :class:`MigrationChanged` and :class:`MigrationUnknown`; then nothing was applied.
    """
    connection.execute("create schema if not exists wuye")
    connection.execute(MIGRATIONS_SQL)
    done: dict[str, str] = dict(connection.execute("select name, sha256 from wuye.migrations").fetchall())
    applied = []
    files = sorted((f for f in resources.files(package).iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    unknown = sorted(set(done) - {file.name for file in files})
    if unknown:
        # An older program would put its own functions and tables in the place of the newer ones.
        msg = f"{', '.join(unknown)}: 由更新版本的程序应用，请使用该版本 / applied by a newer program: use that one"
        raise MigrationUnknown(msg)
    for file in files:
        text = file.read_text("utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        if file.name in done:
            if done[file.name] != digest:
                msg = f"{file.name}: 已应用后被改动 / changed after it was applied"
                raise MigrationChanged(msg)
            continue
        with connection.transaction():
            connection.execute(text)
            connection.execute("insert into wuye.migrations (name, sha256) values (%s, %s)", [file.name, digest])
        applied.append(file.name)
    return applied
