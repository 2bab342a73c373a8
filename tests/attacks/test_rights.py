"""Rights in the database: what the application's role may do is a short list, and everything there is is walked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from psycopg import sql

from api.runtime import app_conninfo
from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.people import Role
from journal.office_transaction import office_transaction
from projections.registers.index import REGISTERS
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig

READ, KEEP = ("SELECT",), ("SELECT", "INSERT", "UPDATE")
ALL = (*KEEP, "DELETE")
RIGHTS = {
    **dict.fromkeys(
        ("offices", "facts", "claims", "names", "found_by", "answers", "keys", "master_keys", "grants", "mendings"),
        READ,
    ),
    **dict.fromkeys(("facts_readable", "entries", *(register.table for register in REGISTERS.all)), READ),
    "imports": KEEP,
    **dict.fromkeys(("users", "account_list", "notices", "subscriptions", "deliveries"), KEEP),
    **dict.fromkeys(("sessions", "tokens", "failed_logins", "clock_work", "saved_views"), ALL),
    **dict.fromkeys(("migrations", "registers"), ()),
}
"""What the application's role may do with each table and view. Whoever adds one says here what."""
OF_NO_OFFICE = {"offices", "grants"}
"""Tables with an office in them that are no office's own: the heads of the books, and who may do what where."""
PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        yield connection


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """Two offices with a complaint each."""
    with office_rig(database.app) as rig:
        rig.open("YH")
        for office in ("XH", "YH"):
            rig.do(
                RegisterComplaint(
                    channel=Channel.LETTER, category="noise", matter="噪音", content="每晚", home="5-501"
                ),
                as_=Role.ADMINISTRATOR,
                office=office,
                key="once",
            )
        yield rig


# -- everything there is ----------------------------------------------------------------------------------------------


def test_each_table_gives_the_application_what_is_written_down_here_and_nobody_else_anything(
    owner: psycopg.Connection[tuple[object, ...]],
) -> None:
    found = dict(
        owner.execute(
            "select c.relname, array(select p from unnest(%s::text[]) with ordinality u(p, n)"
            " where has_table_privilege('wuye_app', c.oid, p) order by n)"
            " from pg_class c where c.relnamespace = 'wuye'::regnamespace and c.relkind in ('r', 'v', 'm', 'p', 'f', 'S')",
            [list(PRIVILEGES)],
        ).fetchall()
    )
    assert {name: tuple(rights) for name, rights in found.items()} == RIGHTS
    others = owner.execute(
        "select c.relname, a.grantee::regrole::text, a.privilege_type, a.is_grantable from pg_class c,"
        " lateral aclexplode(c.relacl) a where c.relnamespace = 'wuye'::regnamespace and a.grantee <> c.relowner"
        " and (a.grantee <> 'wuye_app'::regrole or a.is_grantable)"
    ).fetchall()
    assert others == []
    columns = owner.execute(
        "select attrelid::regclass::text, attname, a.privilege_type from pg_attribute, lateral aclexplode(attacl) a"
        " where attrelid in (select oid from pg_class where relnamespace = 'wuye'::regnamespace)"
    ).fetchall()
    assert columns == [("wuye.r_deadlines", "line", "UPDATE")], "which a policy forbids: it is for locking a row"


def test_each_function_says_who_may_call_it_and_he_alone_may(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    functions = owner.execute(
        "select p.oid::regprocedure::text, coalesce(obj_description(p.oid, 'pg_proc'), ''),"
        " has_function_privilege('wuye_app', p.oid, 'execute'), has_function_privilege('public', p.oid, 'execute'),"
        " p.prosecdef, coalesce(p.proconfig, '{}')"
        " from pg_proc p where p.pronamespace = 'wuye'::regnamespace order by 1"
    ).fetchall()
    assert len(functions) > 2 * len(REGISTERS.all)
    for name, said, app_may, all_may, as_owner, settings in functions:
        who, colon, why = str(said).partition(": ")
        assert who in ("wuye_app", "functions", "owner"), f"{name} does not say who may call it"
        assert colon, name
        assert why, name
        assert not all_may, f"{name} is everybody's"
        assert app_may == (who == "wuye_app"), f"{name} is said to be for {who}"
        if as_owner:
            assert who == "wuye_app", f"{name} lends the owner's rights to nobody"
            assert "search_path=wuye, pg_temp" in settings, f"{name} can be led to another table"


def test_the_applications_role_has_no_other_power(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    role = owner.execute(
        "select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication,"
        " (select count(*) from pg_auth_members where member = r.oid), (select count(*) from pg_class where relowner = r.oid),"
        " has_schema_privilege(r.oid, 'wuye', 'create'), has_schema_privilege(r.oid, 'public', 'create')"
        " from pg_roles r where rolname = 'wuye_app'"
    ).fetchone()
    assert role == (False, False, False, False, False, 0, 0, False, False)


def test_each_table_of_an_office_stands_behind_the_fence(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    open_ones = owner.execute(
        "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'office'"
        " where c.relnamespace = 'wuye'::regnamespace and c.relkind = 'r' and not (c.relrowsecurity and exists ("
        "   select from pg_policy p where p.polrelid = c.oid and p.polname = 'of_office'))"
    ).fetchall()
    assert {name for (name,) in open_ones} == OF_NO_OFFICE
    views = owner.execute(
        "select relname from pg_class where relnamespace = 'wuye'::regnamespace and relkind = 'v'"
        " and not coalesce('security_invoker=true' = any (reloptions), false)"
    ).fetchall()
    assert views == [], "a view reads with the rights of whoever asks"


# -- what it may not --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "truncate wuye.r_complaints",
        "truncate wuye.r_deadlines",
        "update wuye.r_complaints set state = 'archived'",
        "update wuye.r_deadlines set line = 'x'",
        "update wuye.r_deadlines set due_at = now()",
        "delete from wuye.r_deadlines",
        "insert into wuye.r_complaints select * from wuye.r_complaints",
        "insert into wuye.grants values ('u', '*', 'manager', 'u')",
        "delete from wuye.users",
        "alter role wuye_app superuser",
        "select wuye.put_registers('XH', 1, now(), '{0,-1,1}', '{}')",
        "select wuye.put_r_complaints('XH', 1, null, now(), true, 'x', '', null)",
        "select wuye.put_many_r_complaints('XH', 1, now(), 0, 2, 0, 0, '{}', '{}')",
        "alter table wuye.facts disable row level security",
        "drop policy of_office on wuye.facts",
    ],
)
def test_the_application_cannot(rig: OfficeRig, database: Database, statement: str) -> None:
    with (
        psycopg.connect(database.app, autocommit=True) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute(statement.encode())


def test_nobody_gives_himself_a_role_nor_two_that_do_not_go_together(database: Database) -> None:
    with psycopg.connect(database.app, autocommit=True) as app:
        app.execute("insert into wuye.users (user_id, login, name) values ('u', 'u', 'u')")
        app.execute("select wuye.set_grants('u', 'root', '{XH,YH}', '{manager,manager}')")
        for wrong in (
            "select wuye.set_grants('u', 'u', '{XH}', '{manager}')",
            "select wuye.set_grants('u', 'root', '{XH,XH}', '{manager,auditor}')",
            "select wuye.set_grants('u', 'root', '{*,XH}', '{system-administrator,manager}')",
        ):
            with pytest.raises(psycopg.Error) as refused:
                app.execute(wrong.encode())
            assert refused.value.sqlstate == "WY009"
        held = app.execute("select office, role, granted_by from wuye.grants order by 1").fetchall()
    assert held == [("XH", "manager", "root"), ("YH", "manager", "root")]


def test_whoever_appends_cannot_choose_to_lose_what_is_acknowledged(rig: OfficeRig, database: Database) -> None:
    several = "select wuye.record_several(%s, null, null, null, null, null, null, null{})"
    with psycopg.connect(database.app) as app:
        app.execute("set local synchronous_commit = off")
        app.execute(several.format(", '{}'" * 8).encode(), ["XH"])
        assert app.execute("show synchronous_commit").fetchone() == ("on",)


def test_nobody_waits_for_ever_behind_a_lock(database: Database) -> None:
    with psycopg.connect(database.app, autocommit=True) as app:
        assert app.execute("show lock_timeout").fetchone() == ("10s",)
    assert "lock_timeout=10s" in app_conninfo(database.owner)


def test_the_embedded_server_notices_a_damaged_page(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    assert owner.execute("show data_checksums").fetchone() == ("on",)


# -- the fence of offices ---------------------------------------------------------------------------------------------

FENCED = ("facts", "answers", "keys", "r_complaints", "facts_readable", "entries")


def test_a_transaction_of_one_office_sees_no_other_whatever_it_forgets_to_say(rig: OfficeRig) -> None:
    for table in FENCED:
        select = sql.SQL("select distinct office from wuye.{} order by 1").format(sql.Identifier(table))
        with office_transaction(rig.pool.connection, "YH") as connection:
            assert connection.execute(select).fetchall() == [("YH",)], table
            assert connection.execute("select count(*) from wuye.facts where office = 'XH'").fetchone() == (0,)
        with rig.pool.connection() as connection:  # the next one on the same connection, which has said nothing
            assert connection.execute(select).fetchall() == [("XH",), ("YH",)], table


def test_a_reading_across_offices_sees_those_that_it_names_and_writes_for_none(rig: OfficeRig) -> None:
    seen = {("XH", "YH"): ["XH", "YH"], ("YH", "ZH"): ["YH"], ("ZH", "QP"): [], (): []}
    for table in FENCED:
        select = sql.SQL("select distinct office from wuye.{} order by 1").format(sql.Identifier(table))
        for offices, found in seen.items():
            with office_transaction(rig.pool.connection, *offices) as connection:
                assert connection.execute(select).fetchall() == [(office,) for office in found], (table, offices)
    call = (
        "select wuye.record(%s, 'case', 1, gen_random_uuid(), 'X', 1::smallint, '', '', now(), null, null, null, null, null,"
        " null, null, null, null)"
    )
    with pytest.raises(psycopg.Error) as refused, office_transaction(rig.pool.connection, "XH", "YH") as connection:
        connection.execute(call.encode(), ["XH"])
    assert refused.value.sqlstate == "WY008"


def test_a_transaction_of_one_office_writes_for_no_other(rig: OfficeRig) -> None:
    for call in (
        (
            "select wuye.record(%s, 'case', 1, gen_random_uuid(), 'X', 1::smallint, '', '', now(), null, null, null, null, null,"
            " null, null, null, null)"
        ),
        (
            "select wuye.record_several(%s, null, null, null, null, null, null, null, '{}', '{}', '{}', '{}', '{}', '{}',"
            " '{}', '{}')"
        ),
    ):
        with pytest.raises(psycopg.Error) as refused, office_transaction(rig.pool.connection, "YH") as connection:
            connection.execute(call.encode(), ["XH"])
        assert refused.value.sqlstate == "WY008"
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        office_transaction(rig.pool.connection, "YH") as connection,
    ):
        connection.execute(
            "insert into wuye.imports (office, mapping, source_case, digest, subjects, facts) values ('XH', 'm', '1', '', '{}', 1)"
        )


def test_the_clock_still_takes_a_lock_on_what_it_may_not_change(rig: OfficeRig) -> None:
    rig.set("surveys.per_year", "4", date(2025, 3, 5))
    assert rig.until("2025-03-10 09:00").fired > 0
