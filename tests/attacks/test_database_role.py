"""Whoever is at the database as the application's role, with no program between: what is lent to him, and what nobody lends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import conninfo, sql

from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.homes.keys import KeyClass, KeyItem
from domain.homes.vacant_home.commands.vacancy import TakeOverHome
from domain.homes.vacant_home.events import VacancyKind
from domain.kernel.people import Role
from journal.office_transaction import office_transaction
from tests.conftest import Database, new_database
from tests.database_dump import dump
from tests.office_rig import OfficeRig, office_rig

CLERK = Role.ADMINISTRATOR
Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture(scope="module")
def shared(server: str) -> Iterator[Database]:
    with new_database(server) as made:
        yield made


@pytest.fixture(scope="module")
def rig(shared: Database) -> Iterator[OfficeRig]:
    """Two offices with a complaint, a held home and a key each; whatever is tried here must leave them as they are."""
    with office_rig(shared.app) as rig:
        rig.open("YH")
        for office in ("XH", "YH"):
            complaint = {"channel": Channel.LETTER, "category": "noise", "matter": "噪音", "content": "每晚"}
            rig.do(RegisterComplaint(**complaint, household="household-A0501"), as_=CLERK, office=office, key="once")
            keys = tuple(KeyItem(number=f"A-{n}", key_class=KeyClass.ENTRANCE) for n in range(1, 3))
            home = TakeOverHome(home="1-101", kind=VacancyKind.UNSOLD, area=8_850, keys=keys)
            rig.do(home, as_=CLERK, office=office)
        yield rig


@pytest.fixture(scope="module", autouse=True)
def untouched(shared: Database, rig: OfficeRig) -> Iterator[None]:
    """Whatever was tried here, everything stands as it stood."""
    before = dump(shared.owner)
    yield
    assert dump(shared.owner) == before


@pytest.fixture
def app(shared: Database, rig: OfficeRig) -> Iterator[Connection]:
    """A connection of the role's own."""
    with psycopg.connect(shared.app, autocommit=True) as connection:
        yield connection


def several(
    office: str = "'XH'", more: str = "null", rows: str = "null, null", facts: str = "'{}'" + ", '{}'" * 7
) -> str:
    return f"select wuye.record_several({office}, null, null, null, null, {rows}, {more}, {facts})"


ERASED_MORE = "'{}', '{}', '{}', '{HouseholdErased}', '{}', '{}', %s, '{}'"
STATE = [b'{"subjects": ["household-A0501"]}']
WITHOUT_A_FACT = {
    "a home is held by nobody any more": several(more="""'{"dropped": ["home/1-101"]}'"""),
    "a home is held by somebody else": several(more="""'{"claims": {"home/9-999": "vacant_home-x"}}'"""),
    "a key is made": several(more="""'{"keys": {"household-B": "00"}}'"""),
    "a name is made": several(more="""'{"names": [["home", "9-999", "9-999"]]}'"""),
    "somebody is found no more": several(more="""'{"found_by": [["complaints", "x", "", "home", null, []]]}'"""),
    "settings have changed": several(more="""'{"settings_changed": 1}'"""),
    "a row of a register is closed": several(rows="""'{0,-1,0}', array['complaints', 'complaint-x', '', null]"""),
    "there is nothing, and a row": several(
        rows="""'{0,-1,1}', array['complaints', 'x', '', '(XH,x)']""", facts="null" + ", null" * 7
    ),
    "there are no lists at all": several(more="""'{"dropped": ["home/1-101"]}'""", facts="null" + ", null" * 7),
}


@pytest.mark.parametrize("what", WITHOUT_A_FACT)
def test_nothing_is_written_without_a_fact(app: Connection, what: str) -> None:
    with pytest.raises(psycopg.Error) as refused:
        app.execute(WITHOUT_A_FACT[what].encode())
    assert refused.value.sqlstate == "WY010"


@pytest.mark.parametrize(
    "facts",
    [ERASED_MORE, ERASED_MORE.replace("'{}', '{}', '{}', '{H", "null, '{}', '{}', '{H")],
    ids=["no case", "no list of cases"],
)
def test_no_household_is_erased_by_a_name_that_stands_beside_the_facts(app: Connection, facts: str) -> None:
    with pytest.raises(psycopg.Error) as refused:
        app.execute(several(facts=facts).encode(), [STATE])
    assert refused.value.sqlstate == "WY010"
    kept = app.execute("select count(*) from wuye.keys where wrapped is not null and office = 'XH'").fetchone()
    assert kept is not None
    assert kept[0] > 0


def test_a_request_that_changed_nothing_is_still_answered_once(rig: OfficeRig, shared: Database) -> None:
    """What an append without a fact is for: its key, and what the decision rested on."""
    with psycopg.connect(shared.app) as connection:
        connection.execute(
            "select wuye.record_several('XH', null, 'k', '', '', null, null, %s, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
            ['{"guards": {"complaint-none": 0}, "subjects": ["household-A0501"]}'],
        )
        assert connection.execute("select count(*) from wuye.answers where key = 'k'").fetchone() == (1,)
        connection.rollback()


OF_ANOTHER = {
    "its key is made and read": "select wuye.make_key('XH', 'household-A0501', '\\x00')",
    "its clock is moved": "select wuye.move_clock('XH', '2100-01-01')",
    "its book is begun": "select wuye.open_book('ZH', null)",
}


@pytest.mark.parametrize("what", OF_ANOTHER)
@pytest.mark.parametrize("said", [("YH",), ("XH", "YH"), ()], ids=["another", "several", "none"])
def test_a_transaction_of_one_office_is_lent_nothing_of_another(
    app: Connection, rig: OfficeRig, what: str, said: tuple[str, ...]
) -> None:
    with pytest.raises(psycopg.Error) as refused, office_transaction(rig.pool.connection, *said) as connection:
        connection.execute(OF_ANOTHER[what].encode())
    assert refused.value.sqlstate == "WY008"


ONE = (
    "select wuye.record('YH', 'complaint-mine', 1, gen_random_uuid(), 'X', 1::smallint, '{}', '{}', now(), null, null, null, null,"
    " null, null, '{0,-1,1}', array['complaints', 'complaint-mine', '', %s], null)"
)


def test_a_row_stands_under_the_office_and_the_case_of_its_append_whatever_it_says_of_itself(
    rig: OfficeRig, shared: Database
) -> None:
    with psycopg.connect(shared.app) as connection:
        columns = connection.execute(
            "select count(*) from pg_attribute where attrelid = 'wuye.r_complaints'::regclass and attnum > 0"
        )
        wide = int((columns.fetchone() or (0,))[0])
        connection.execute(ONE.encode(), [f"(XH,complaint-stolen,line{',' * (wide - 3)})"])
        found = connection.execute(
            "select office, case_id, line from wuye.r_complaints where from_number = (select number from wuye.offices where office = 'YH')"
        )
        assert found.fetchall() == [("YH", "complaint-mine", "")]
        connection.rollback()


MALFORMED: dict[str, tuple[LiteralString, str]] = {
    "an office that would be all": ("select wuye.open_book('', null)", "WY010"),
    "an office that is two": ("select wuye.open_book('XH' || chr(31) || 'YH', null)", "WY010"),
    "an office whose name is a page": ("select wuye.open_book('<b>', null)", "WY010"),
    "a clock that never comes": ("select wuye.open_book('ZZ', 'infinity')", "WY010"),
    "a clock beyond all calendars": ("select wuye.move_clock('XH', 'infinity')", "WY010"),
    "a role of two words": ("select wuye.set_grants('u', 'root', '{XH}', '{two words}')", "WY010"),
    "a role of no place": ("select wuye.set_grants('u', 'root', '{\"a b\"}', '{manager}')", "WY010"),
    "a role without a place": ("select wuye.set_grants('u', 'root', '{XH}', '{manager,manager}')", "WY010"),
    "a role by nobody": ("select wuye.set_grants('u', null, '{}', '{}')", "WY010"),
    "a key that is none": (
        "select wuye.make_key('XH', (select case_id from wuye.facts where case_id not in (select subject from wuye.keys) limit 1), null)",
        "23514",
    ),
    "a fact of the end of days": (
        (
            "select wuye.record('XH', 'x', 1, gen_random_uuid(), 'X', 1::smallint, '{}', '{}', 'infinity', null, null, null, null,"
            " null, null, null, null, null)"
        ),
        "WY010",
    ),
    "a fact of the end of days among others": (
        (
            "select wuye.record_several('XH', null, null, null, null, null, null, null, '{x,x}', '{1,2}',"
            " array[gen_random_uuid(), gen_random_uuid()], '{X,X}', '{1,1}', array['{}', '{}']::bytea[], array['{}', '{}']::bytea[],"
            " '{2025-01-01,infinity}')"
        ),
        "WY010",
    ),
    "an account that ends at no time": (
        "insert into wuye.users (user_id, login, name, disabled_at) values ('v', 'v', 'v', 'infinity')",
        "23514",
    ),
    "a deadline that is worked on for ever": (
        "insert into wuye.clock_work (office, case_id, line, from_number, leased_until) values ('XH', 'x', '', 1, 'infinity')",
        "23514",
    ),
    "a notice of before time": (
        (
            "insert into wuye.notices values (gen_random_uuid(), 'XH', 'x', 'x', 'x', 'reminder', 'x', null, '1', 'x', 'x',"
            " '-infinity', now())"
        ),
        "23514",
    ),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_no_program_could_read_again_is_not_taken(app: Connection, what: str) -> None:
    statement, state = MALFORMED[what]
    with pytest.raises(psycopg.Error) as refused:
        app.execute(statement)
    assert refused.value.sqlstate == state


def test_a_book_in_which_nothing_stands_is_opened_as_its_first_fact_says(rig: OfficeRig, shared: Database) -> None:
    """Nobody makes a real office a simulated one by being there first; and of a book at work nothing changes."""
    with psycopg.connect(shared.app) as connection:
        connection.execute("select wuye.open_book('NEW', '2100-01-01')")
        connection.execute("select wuye.open_book('NEW', null)")
        connection.execute("select wuye.open_book('XH', null)")
        heads = connection.execute(
            "select simulated, clock is null from wuye.offices where office in ('NEW', 'XH') order by office"
        )
        assert heads.fetchall() == [(False, True), (True, False)]
        connection.rollback()


SETTINGS = {
    "as it comes": "select 1",
    "of no office": "select set_config('wuye.office', chr(31), false)",
    "of an empty one": "set wuye.office = ''",
    "of another": "set wuye.office = 'YH'",
    "of a forged list": "select set_config('wuye.office', 'XH' || chr(31) || 'YH', false)",
    "without policies": "set row_security = off",
    "by a false path": "set search_path = pg_temp, public",
    "not kept": "set synchronous_commit = off",
}


@pytest.mark.parametrize("said", SETTINGS)
def test_every_function_that_is_lent_changes_nothing_when_it_is_given_nothing(app: Connection, said: str) -> None:
    """Each that there is, those too that are made one day: all its arguments null, or of an office that is none."""
    functions = app.execute(
        "select p.oid::regproc::text, array(select format_type(t, null) from unnest(p.proargtypes) t)"
        " from pg_proc p where p.pronamespace = 'wuye'::regnamespace and has_function_privilege(p.oid, 'execute') order by 1"
    ).fetchall()
    assert len(functions) >= 8
    app.execute(SETTINGS[said].encode())
    for name, types in functions:
        for office in (None, "", "XH"):
            values = [office if (n, each) == (0, "text") else None for n, each in enumerate(types)]
            call = f"select {name}({', '.join(f'%s::{each}' for each in types)})"
            try:
                app.execute(call.encode(), values)
            except psycopg.Error as refused:
                assert (refused.sqlstate or "")[:2] in ("WY", "22", "23", "42"), (name, refused)


def test_what_is_made_for_one_session_is_put_in_nobodys_place(app: Connection, rig: OfficeRig) -> None:
    """Temporary tables, types and functions that bear our names, and a path on which they come first."""
    app.execute("set search_path = pg_temp, wuye, public")
    app.execute("create temporary table offices (like wuye.offices including defaults)")
    app.execute("create temporary table facts (like wuye.facts)")
    app.execute("create temporary table r_complaints (like wuye.r_complaints)")
    app.execute(
        "create function pg_temp.leaf(text, bigint, text, integer, uuid, text, smallint, bytea, bytea, timestamptz, timestamptz)"
        " returns bytea language sql as 'select null::bytea'"
    )
    app.execute("create function pg_temp.sha256(bytea) returns bytea language sql as $$ select ''::bytea $$")
    app.execute("create function pg_temp.erasures() returns text[] language sql as $$ select array['X'] $$")
    with app.transaction(force_rollback=True):
        app.execute(ONE.replace("'{0,-1,1}', array['complaints', 'complaint-mine', '', %s]", "null, null").encode())
        assert app.execute("select count(*) from pg_temp.facts").fetchone() == (0,)
        assert verify_within(app, "YH")


def verify_within(connection: Connection, office: str) -> bool:
    """Whether the last link is that of the leaf as the server's own functions make it."""
    row = connection.execute(
        "select f.chain = pg_catalog.sha256(b.chain || wuye.leaf(f.office, f.number, f.case_id, f.version, f.event_id, f.name, f.schema,"
        " f.metadata, f.state, f.occurred_at, f.recorded_at)) from wuye.facts f join wuye.facts b"
        " on b.office = f.office and b.number = f.number - 1 where f.office = %s order by f.number desc limit 1",
        [office],
    ).fetchone()
    return row == (True,)


NOBODY_LENDS = (
    "alter system set fsync = off",
    "set session_replication_role = replica",
    "set role wuye_owner",
    "set session authorization wuye_owner",
    "set zero_damaged_pages = on",
    "create table wuye.more (x int)",
    "create table public.more (x int)",
    "create schema more",
    "create extension dblink",
    "create extension pgcrypto",
    "create function wuye.more() returns int language sql as 'select 1'",
    "create or replace function wuye.erasures() returns text[] language sql as 'select null'",
    "create trigger more before insert on wuye.users for each row execute function wuye.refuse_rewriting()",
    "create rule more as on insert to wuye.users do instead nothing",
    "create policy more on wuye.users using (true)",
    "create publication more for all tables",
    "create event trigger more on ddl_command_start execute function wuye.refuse_rewriting()",
    "alter table wuye.facts disable trigger all",
    "alter function wuye.record owner to wuye_app",
    "comment on function wuye.record is 'everybody: x'",
    "begin; lock table wuye.facts in share mode",
    "select * from wuye.facts for update",
    "select * from wuye.offices for share",
    "copy wuye.facts from stdin",
    "copy wuye.users to program 'cat'",
    "copy wuye.users to '/tmp/users'",
    "copy wuye.users from '/etc/passwd'",
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('.')",
    "select lo_import('/etc/passwd')",
    "select pg_reload_conf()",
    "select pg_switch_wal()",
    "select wuye.destroy_key('XH', 'household-A0501')",
    "select wuye.destroy_keys('XH', '{}')",
    "select wuye.rewrap_keys('XH', '{household-A0501}', '{}')",
    "select wuye.record_more('XH', '{}')",
    "select wuye.fence('wuye.facts')",
    "reindex table wuye.facts",
    "cluster wuye.facts using facts_pkey",
    "drop table wuye.saved_views",
    "delete from wuye.imports",
    "delete from wuye.notices",
    "truncate wuye.sessions",
    "update wuye.keys set id = gen_random_uuid()",
    "insert into wuye.answers values ('XH', 'x', '', '', 1, now())",
    "insert into wuye.mendings (reason, what) values ('x', '{}')",
    "insert into wuye.master_keys (id) values ('')",
    "select * from wuye.migrations",
)


@pytest.mark.parametrize("statement", NOBODY_LENDS)
def test_what_nobody_lends(app: Connection, statement: LiteralString) -> None:
    with pytest.raises(
        (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFile, psycopg.errors.InvalidParameterValue)
    ):
        app.execute(statement)


@pytest.mark.parametrize("chosen", ["off", "local"])
def test_what_is_acknowledged_is_kept_whatever_the_caller_has_chosen(
    rig: OfficeRig, shared: Database, chosen: str
) -> None:
    with psycopg.connect(shared.app) as connection:
        for call in (several(), ONE.replace("'{0,-1,1}', array['complaints', 'complaint-mine', '', %s]", "null, null")):
            connection.execute("select set_config('synchronous_commit', %s, true)", [chosen])
            connection.execute(call.encode())
            assert connection.execute("show synchronous_commit").fetchone() == ("on",)
            connection.rollback()


@pytest.mark.parametrize("by", ["role", "database", "connection"])
def test_nor_where_it_was_chosen_before_the_transaction(rig: OfficeRig, shared: Database, by: str) -> None:
    """The role may always give itself settings; what it says there holds for no append."""
    name = sql.Identifier(conninfo.conninfo_to_dict(shared.owner)["dbname"] or "")
    chosen = {
        "role": (shared.app, sql.SQL("alter role wuye_app in database {}").format(name)),
        "database": (shared.owner, sql.SQL("alter database {}").format(name)),
    }
    if by in chosen:
        with psycopg.connect(chosen[by][0], autocommit=True) as before:
            before.execute(chosen[by][1] + sql.SQL(" set synchronous_commit = off"))
    options = "-c synchronous_commit=off" if by == "connection" else ""
    try:
        with psycopg.connect(shared.app, options=options) as connection:
            assert connection.execute("show synchronous_commit").fetchone() == ("off",)
            connection.execute(several().encode())
            assert connection.execute("show synchronous_commit").fetchone() == ("on",)
            connection.rollback()
    finally:
        if by in chosen:
            with psycopg.connect(chosen[by][0], autocommit=True) as after:
                after.execute(chosen[by][1] + sql.SQL(" reset synchronous_commit"))
