"""A copy that a test has used is lent again only if nothing of that test is in it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.conftest import TEMPLATE
from tests.databases import DatabaseCopies


@pytest.fixture
def copies(server: str) -> Iterator[DatabaseCopies]:
    copies = DatabaseCopies(server, TEMPLATE, again=True)
    yield copies
    copies.close()


def used(server: str, copies: DatabaseCopies, said: str) -> int:
    """Use a copy for this, and give it back. Its number as a database, which a new name leaves as it is."""
    name = copies.take()
    with psycopg.connect(make_conninfo(server, dbname=name)) as connection:
        row = connection.execute("select oid from pg_database where datname = current_database()").fetchone()
        assert row is not None
        for table in ("facts", "answers"):
            assert connection.execute(f"select from wuye.{table}").fetchone() is None
        connection.execute(said)  # type: ignore[arg-type]
    copies.give_back(name)
    return int(row[0])


def lent_again(server: str, copies: DatabaseCopies, said: str) -> bool:
    first = used(server, copies, said)
    return first in {used(server, copies, "select 1") for _ in range(3)}


def test_what_was_written_is_gone_when_it_is_lent_again(server: str, copies: DatabaseCopies) -> None:
    assert lent_again(server, copies, "insert into wuye.answers values ('XH', 'k', '', '', 1, now())")


def test_what_was_written_to_a_table_that_is_not_empty_at_first_is_never_lent_again(
    server: str, copies: DatabaseCopies
) -> None:
    assert not lent_again(server, copies, "delete from wuye.migrations")


@pytest.mark.parametrize(
    "said",
    [
        "create table wuye.left_over (n int)",
        "select lo_from_bytea(0, '')",
        "alter table wuye.facts disable trigger all",
        "grant delete on wuye.facts to wuye_app",
        "grant update (office) on wuye.facts to wuye_app",
        "drop function if exists wuye.nothing(); create function wuye.nothing() returns int language sql as 'select 1'",
    ],
)
def test_what_changed_the_schema_is_dropped(server: str, copies: DatabaseCopies, said: str) -> None:
    assert not lent_again(server, copies, said)
