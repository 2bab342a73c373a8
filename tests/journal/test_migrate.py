"""Migrations: applied once, in order, by however many programs start at once; one that was changed or is newer stops it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from api.database import prepare
from journal.migrate import MigrationChanged, MigrationUnknown, migrate
from tests.conftest import Database


def empty(database: Database) -> str:
    """A database with nothing in it; dropped with the other one's schema."""
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("drop schema wuye cascade")
    return make_conninfo(database.owner)


def test_programs_that_start_at_once_apply_each_migration_once(database: Database) -> None:
    owner = empty(database)
    with ThreadPoolExecutor(4) as threads:
        stale = list(threads.map(prepare, [owner] * 4))
    assert stale == [[]] * 4
    with psycopg.connect(owner) as connection:
        names = [row[0] for row in connection.execute("select name from wuye.migrations order by applied_at, name")]
    assert names == sorted(names)
    assert migrate(owner) == []


def test_a_migration_that_was_edited_afterwards_is_said(database: Database) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("update wuye.migrations set sha256 = 'x' where name like '0001%'")
    with pytest.raises(MigrationChanged, match="0001_book"):
        migrate(database.owner)


def test_an_older_program_does_not_touch_a_newer_database(database: Database) -> None:
    """It would put its own functions in the place of the newer ones."""
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("insert into wuye.migrations (name, sha256) values ('9999_later.sql', 'x')")
        owner.execute("delete from wuye.migrations where name like '0001%'")
    with pytest.raises(MigrationUnknown, match="9999_later"):
        migrate(database.owner)
