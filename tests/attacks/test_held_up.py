"""What a role can do to itself, and locks that anybody can take: what is then said, and by whom it is found."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime

import psycopg
import pytest
from psycopg import sql

from api.database import prepare
from api.identity import Accounts, Grant, Identities
from api.runtime import app_conninfo, open_runtime
from domain.kernel.people import Role
from journal import locks, migrate
from journal.account_seals import AccountSeals
from journal.confidential import MasterKey
from journal.locks import HeldUp
from journal.server_check import UnsafeServer
from projections.engine.catalogue import catalogue_findings
from projections.registers.index import REGISTERS
from tests.conftest import Database


def test_what_is_set_for_the_role_does_not_hide_the_offices_from_the_program(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that sees no office would fire nothing, and say nothing."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    here = sql.Identifier(database.name)
    for who, setting in ((database.app, "row_security to off"), (database.owner, "wuye.office to 'NONE'")):
        with psycopg.connect(who, autocommit=True) as misled:
            misled.execute(sql.SQL("alter role wuye_app in database {} set {}").format(here, sql.SQL(setting)))
    with psycopg.connect(database.app, autocommit=True) as misled:
        assert misled.execute("show wuye.office").fetchone() == ("NONE",)
    with psycopg.connect(app_conninfo(database.owner), autocommit=True) as program:
        assert program.execute("select current_setting('wuye.office'), current_setting('row_security')").fetchone() == (
            "",
            "on",
        )
    with psycopg.connect(database.owner, autocommit=True) as owner:
        found = {finding.en.rpartition(" ")[2] for finding in catalogue_findings(owner, REGISTERS)}
        owner.execute(sql.SQL("alter role wuye_app in database {} reset all").format(here))
    assert found == {"wuye.office=NONE", "row_security=off"}


def test_what_is_set_for_the_role_lets_the_program_read_dates_and_take_its_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    said = (
        "datestyle to 'German'",
        "client_encoding to 'SQL_ASCII'",
        "statement_timeout to 1",
        "idle_session_timeout to 1",
    )
    change = sql.SQL("alter role wuye_app in database {} ").format(sql.Identifier(database.name))
    with psycopg.connect(database.app, autocommit=True) as misled:
        for setting in said:
            misled.execute(change + sql.SQL("set ") + sql.SQL(setting))
    try:
        with psycopg.connect(app_conninfo(database.owner), autocommit=True) as program:
            row = program.execute("select clock_timestamp(), '物业', pg_sleep(0.01)").fetchone()
    finally:
        with psycopg.connect(database.owner, autocommit=True) as owner:
            owner.execute(change + sql.SQL("reset all"))
    assert row is not None
    assert (type(row[0]), row[1]) == (datetime, "物业")


def test_a_log_in_of_the_applications_own_is_no_owner_who_has_taken_a_role_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.owner)
    monkeypatch.setenv("WUYE_ALLOW_UNSAFE_SERVER", "1")
    [before] = _after_reset()
    monkeypatch.setenv("WUYE_APP_DATABASE_URL", database.app)
    assert (before == "wuye_app", *_after_reset()) == (False, "wuye_app")
    monkeypatch.setenv("WUYE_APP_DATABASE_URL", database.owner)
    with pytest.raises(UnsafeServer, match="wuye_app"):
        _after_reset()


def _after_reset() -> tuple[str]:
    """Who a connection of the running program is once it has given back what it was given."""
    with open_runtime(migrate=False) as runtime, runtime.pool.connection() as connection:
        connection.execute("set role none")
        [user] = connection.execute("select current_user").fetchone() or [""]
    return (user,)


def test_what_the_role_keeps_beside_the_tables_is_come_upon(database: Database) -> None:
    with psycopg.connect(database.app, autocommit=True) as app:
        app.execute("select lo_from_bytea(0, '\\x00')")
    with psycopg.connect(database.owner, autocommit=True) as owner:
        assert {finding.code for finding in catalogue_findings(owner, REGISTERS)} == {"large-object"}


def test_a_role_that_this_version_does_not_know_gives_nothing_and_stops_nobody(database: Database) -> None:
    """A newer version has given it, and sealed it, while this one still serves."""
    with psycopg.connect(database.app, autocommit=True) as app:
        master = MasterKey(b"k" * 32)
        accounts = Accounts(lambda: nullcontext(app), master)
        user = accounts.create("program", "program", None)
        token = accounts.make_token(user, "t", None, for_program=True)[1]
        app.execute("select wuye.set_grants(%s, 'root', '{XH,YH}', '{administrator,keeper-of-clocks}')", [user])
        AccountSeals(master).seal(app, user)
        found = Identities(lambda: nullcontext(app), master).find(token, by_session=False)
        [listed] = accounts.all()
    assert found is not None
    assert found.grants == (Grant("XH", Role.ADMINISTRATOR),)
    assert listed["grants"] == [{"office": "XH", "role": "administrator"}, {"office": "YH", "role": "keeper-of-clocks"}]


# -- locks that anybody can take --------------------------------------------------------------------------------------


def test_a_start_that_somebody_holds_up_ends_with_his_name(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "ALONE", "50ms")
    with psycopg.connect(database.app, autocommit=True) as holding:
        holding.execute("select pg_advisory_lock(%s)", [migrate._LOCK])
        with pytest.raises(HeldUp, match=f"{holding.info.backend_pid} wuye_app"):
            prepare(database.owner)
        holding.execute("select pg_advisory_unlock(%s)", [migrate._LOCK])
        assert prepare(database.owner) == []


def test_a_migration_waits_for_a_table_in_turns_and_holds_nobody_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "IN_TURN", "50ms")
    with psycopg.connect(database.app) as reading, psycopg.connect(database.owner, autocommit=True) as owner:
        reading.execute("select count(*) from wuye.facts")

        def change() -> None:
            owner.execute("alter table wuye.facts add column more int")

        with pytest.raises(HeldUp, match=f"{reading.info.backend_pid} wuye_app"):
            locks.in_turn(owner, change)
        with psycopg.connect(database.app) as another:
            another.execute("select count(*) from wuye.facts")
            another.rollback()
        reading.rollback()
        locks.in_turn(owner, change)
