"""Verify covers what figures and rights rest on: registers, claims, answers, keys, settings, functions, triggers, roles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

import psycopg
import pytest

from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.homes.keys import KeyClass, KeyItem
from domain.homes.vacant_home.commands.vacancy import TakeOverHome
from domain.homes.vacant_home.events import VacancyKind
from domain.kernel.people import Role
from domain.residents.household.commands.erasure import EraseHousehold, RequestErasure
from domain.residents.household.commands.keeping import MoveHouseholdOut, OpenHousehold
from journal.confidential import MasterKey
from journal.hash_chain import verify
from projections.engine.book_check import check_book
from projections.engine.catalogue import catalogue_findings
from projections.engine.no_office import homeless_findings
from projections.engine.rebuild import Unexplained, compare, rebuild
from projections.registers.index import REGISTERS
from tests.conftest import Database
from tests.database_dump import dump
from tests.office_rig import OfficeRig, office_rig
from tests.random_walk import random_walk

pytestmark = pytest.mark.long
"""Each reads a whole book again."""

CLERK, MASTER = Role.ADMINISTRATOR, MasterKey(b"k" * 32)
Owner = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office with claims, answers, keys, an erased household, a changed setting, and a row that was late."""
    with office_rig(database.app) as rig:
        complaint = {"channel": Channel.LETTER, "category": "noise", "matter": "噪音", "content": "每晚"}
        rig.do(RegisterComplaint(**complaint, household="household-A0501"), as_=CLERK, key="first")
        keys = tuple(KeyItem(number=f"A-{n}", key_class=KeyClass.ENTRANCE) for n in range(1, 5))
        home = TakeOverHome(home="1-101", kind=VacancyKind.UNSOLD, area=8_850, keys=keys)
        rig.do(home, as_=CLERK, key="home")
        file = rig.do(OpenHousehold(home="2-202", name="张大山"), as_=CLERK).case_id
        rig.set("surveys.per_year", "4", date(2025, 3, 5))
        rig.do(MoveHouseholdOut(), as_=CLERK, on=file, at="2025-01-31 09:00")
        rig.do(RequestErasure(reason="保管期满"), as_=CLERK, on=file, at="2028-02-10 09:00")
        rig.do(EraseHousehold(), as_=Role.MANAGER, on=file, by="manager", key="erasure")
        yield rig


@pytest.fixture
def owner(database: Database) -> Iterator[Owner]:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        yield connection


def codes(owner: Owner) -> set[str]:
    """What is found, of the office's book and of the database."""
    found = [*check_book(owner, "XH", REGISTERS, master=MASTER), *catalogue_findings(owner, REGISTERS)]
    assert all(finding.zh and finding.en for finding in found)
    return {finding.code for finding in found}


CONTENT = {
    "a figure's row is altered": ("register", "update wuye.r_complaints set category = 'praise'"),
    "a row is added": (
        "register",
        "insert into wuye.r_complaints (office, case_id, line, from_number, recorded_from) values ('XH', 'x', '', 1, now())",
    ),
    "a row is gone": ("register", "delete from wuye.r_deadlines where to_number is null"),
    "an older version is altered": ("register", "update wuye.r_households set home = 'x' where to_number is not null"),
    "a register says it has another shape": (
        "register-shape",
        "update wuye.registers set shape = '' where name = 'bills'",
    ),
    "a claim is gone": ("claim", "delete from wuye.claims"),
    "a claim is another's": ("claim", "update wuye.claims set case_id = 'complaint-x'"),
    "a claim is invented": ("claim", "insert into wuye.claims values ('XH', 'home/9-999', 'vacant_home-x')"),
    "an answer is another's": (
        "answer",
        "update wuye.answers set answer = (select answer from wuye.answers where key = 'home') where key = 'first'",
    ),
    "an answer names a page that is not its own": ("answer", "update wuye.answers set number = number + 1"),
    "an answer is nonsense": ("answer", "update wuye.answers set answer = '\\x00' where key = 'first'"),
    "an answer is given twice": (
        "answer",
        "insert into wuye.answers select office, 'x', fingerprint, answer, number, recorded_at from wuye.answers where key = 'first'",
    ),
    "a destroyed key has no date": (
        "key-date",
        "alter table wuye.keys drop constraint keys_destroyed_at; update wuye.keys set destroyed_at = null where wrapped is null",
    ),
    "a key is nulled": (
        "key-destroyed",
        "update wuye.keys set wrapped = null, destroyed_at = now() where subject = 'household-A0501'",
    ),
    "a key is gone": ("key-missing", "delete from wuye.keys where subject = 'household-A0501'"),
    "a key is broken": ("key-broken", "update wuye.keys set wrapped = '\\x00112233' where subject = 'household-A0501'"),
    "a name is shown otherwise": ("name", "update wuye.names set shown = '9-999' where kind = 'home'"),
    "a name is gone": ("name", "delete from wuye.names where kind = 'key'"),
    "a name is invented": ("name", "insert into wuye.names values ('XH', 'home', '9-999', '9-999')"),
    "nobody is found by the room": ("search", "delete from wuye.found_by where field = 'home'"),
    "somebody is found by another's room": ("search", "update wuye.found_by set tokens = '{abc}' where field = 'home'"),
    "somebody is found by what is not his": (
        "search",
        "insert into wuye.found_by select office, register, case_id, line, 'phone', subject, tokens from wuye.found_by limit 1",
    ),
    "an entry outlives another's key": ("search", "update wuye.found_by set subject = 'x' where field = 'home'"),
    "an erased household has its key": (
        "key-kept",
        "update wuye.keys set wrapped = '\\x00', destroyed_at = null where wrapped is null",
    ),
}


@pytest.mark.parametrize("what", CONTENT)
def test_what_rests_on_the_book_is_held_against_it(rig: OfficeRig, owner: Owner, what: str) -> None:
    assert check_book(owner, "XH", REGISTERS, master=MASTER) == []
    code, statement = CONTENT[what]
    assert [owner.execute(each.encode()) for each in statement.split("; ")][-1].rowcount > 0
    assert {finding.code for finding in check_book(owner, "XH", REGISTERS, master=MASTER)} == {code}
    assert verify(owner, "XH").intact, "the pages themselves were not touched"


@pytest.mark.parametrize("seed", [31, 32])
def test_of_a_book_in_which_everything_happens_nothing_is_found(database: Database, owner: Owner, seed: int) -> None:
    with office_rig(database.app) as rig:
        random_walk(rig, Random(seed), 250)
        assert check_book(owner, "XH", REGISTERS, master=MASTER) == []


def test_a_key_that_was_made_anew_does_not_open_what_the_first_one_sealed(rig: OfficeRig, owner: Owner) -> None:
    owner.execute(
        "update wuye.keys set wrapped = %s where subject = 'household-A0501'", [MASTER.make("XH/household-A0501")[1]]
    )
    assert codes(owner) == {"key-broken"}
    assert check_book(owner, "XH", REGISTERS) == [], "without the master key nobody can tell"


STRUCTURE = {
    "a function does something else": (
        "function",
        "create or replace function wuye.refuse_rewriting() returns trigger language plpgsql as $$ begin return new; end $$",
    ),
    "a register's function does": (
        "function",
        (
            "create or replace function wuye.put_many_r_bills(p_office text, p_first bigint, p_recorded timestamptz,"
            " p_rows integer, p_columns integer, p_place integer, p_text integer, p_places integer[], p_texts text[])"
            " returns boolean language plpgsql as $$ begin return true; end $$"
        ),
    ),
    "a function is everybody's": ("function", "grant execute on function wuye.rewrap_keys to wuye_app"),
    "a function lends the owner's rights": ("function", "alter function wuye.number_at security definer"),
    "there is one more function": ("function", "create function wuye.more() returns int language sql as 'select 1'"),
    "a trigger is off": ("trigger", "alter table wuye.facts disable trigger facts_never_change"),
    "a trigger is gone": ("trigger", "drop trigger facts_never_truncated on wuye.facts"),
    "there is one more trigger": (
        "trigger",
        "create trigger more after insert on wuye.facts for each statement execute function wuye.refuse_rewriting()",
    ),
    "a table may be written": ("rights", "grant update on wuye.claims to wuye_app"),
    "a table may be read by all": ("rights", "grant select on wuye.keys to public"),
    "a fence is down": ("table", "alter table wuye.facts disable row level security"),
    "a fence has a hole": ("policy", "create policy hole on wuye.facts using (true)"),
    "a constraint is gone": ("constraint", "alter table wuye.facts drop constraint facts_case_version"),
    "a view reads otherwise": (
        "view",
        (
            "create or replace view wuye.entries with (security_invoker = true) as select office, case_id, version::text as line,"
            " number as from_number, null::bigint as to_number, recorded_at as recorded_from, null::timestamptz as recorded_to,"
            " recorded_at::date as entered_on, false as late from wuye.facts"
        ),
    ),
    "writes are turned into nothing": ("rule", "create rule nothing as on delete to wuye.claims do instead nothing"),
    "an index is gone": ("index", "drop index wuye.r_complaints_open"),
    "a function is passed over where something is null": ("function", "alter function wuye.record_several strict"),
    "a function may look past the fence": ("function", "alter function wuye.number_at leakproof"),
    "rights are lent by a function beside": (
        "function",
        "create function public.more() returns int language sql security definer as 'select 1'",
    ),
    "the application may add to the schema": ("schema", "grant create on schema wuye to wuye_app"),
    "everybody may look into the schema": ("schema", "grant usage on schema wuye to public"),
    "the application may make things beside it": ("rights", "grant create on schema public to wuye_app"),
    "what is equal is said anew": (
        "object",
        "create operator wuye.= (leftarg = bigint, rightarg = int, function = pg_catalog.int84eq)",
    ),
    "there is one more type": ("object", "create domain wuye.more as text"),
    "values turn into others by themselves": (
        "cast",
        (
            "do $$ begin create function public.c(text) returns int language sql immutable as 'select 1';"
            " create cast (text as int) with function public.c(text) as implicit; end $$"
        ),
    ),
    "another table's rows are read with its own": ("table", "create table public.more () inherits (wuye.facts)"),
    "a reference is not held": ("constraint", "alter table wuye.deliveries disable trigger all"),
    "a column is compared otherwise": (
        "table",
        'alter table wuye.r_complaints alter column category type text collate "C.utf8"',
    ),
    "the application is let in by nobody": ("role", "alter role wuye_app connection limit 0"),
    "the application's days are counted": ("role", "alter role wuye_app valid until '2020-01-01'"),
    "somebody hangs for ever": ("server-setting", "alter role wuye_app set lock_timeout = 0"),
    "the fence is not asked": ("server-setting", "alter role wuye_app set row_security = off"),
}


@pytest.mark.parametrize("what", STRUCTURE)
def test_what_guards_the_book_is_what_the_migrations_made(owner: Owner, what: str) -> None:
    code, statement = STRUCTURE[what]
    with owner.transaction(force_rollback=True):
        assert catalogue_findings(owner, REGISTERS) == []
        owner.execute(statement.encode())
        assert code in {finding.code for finding in catalogue_findings(owner, REGISTERS)}


HOMELESS = {
    "r_complaints": "(office, case_id, line, from_number, recorded_from) values ('ZZ', 'x', '', 1, now())",
    "claims": "values ('ZZ', 'home/1', 'x')",
    "keys": "(office, subject, destroyed_at) values ('ZZ', 'home/1', now())",
}


@pytest.mark.parametrize("table", [*HOMELESS, "facts"])
def test_rows_of_no_office_are_come_upon(rig: OfficeRig, owner: Owner, table: str) -> None:
    assert list(homeless_findings(owner)) == []
    if table in HOMELESS:
        owner.execute(f"insert into wuye.{table} {HOMELESS[table]}".encode())
    else:
        owner.execute("delete from wuye.offices where office = 'XH'")  # its head is gone, and its pages are nobody's
    found = {finding.en for finding in homeless_findings(owner)}
    assert f"the table {table} has rows of no office at all" in found


def test_looking_changes_nothing(rig: OfficeRig, owner: Owner, database: Database) -> None:
    owner.execute("update wuye.r_complaints set category = 'praise'")
    before = dump(database.owner)
    assert codes(owner) == {"register"}
    assert compare(owner, REGISTERS).differences == {"complaints": 2}
    assert dump(database.owner) == before
    tables = owner.execute("select count(*) from pg_tables where schemaname like 'wuye%' and tablename like '%_new'")
    assert tables.fetchone() == (0,)


def test_what_no_fact_explains_is_mended_by_the_owners_word_alone_and_that_stands_written(
    rig: OfficeRig, owner: Owner, database: Database
) -> None:
    owner.execute("update wuye.r_complaints set category = 'praise'")
    before = dump(database.owner)
    with pytest.raises(Unexplained, match=r"complaints 2.*nothing was changed"):
        rebuild(owner, REGISTERS)
    assert dump(database.owner) == before
    assert rebuild(owner, REGISTERS, mend="硬盘故障").differences == {"complaints": 2}
    assert codes(owner) == set()
    assert owner.execute("select reason, what from wuye.mendings").fetchall() == [("硬盘故障", {"complaints": 2})]
    for statement in ("update wuye.mendings set reason = 'x'", "delete from wuye.mendings", "truncate wuye.mendings"):
        with pytest.raises(psycopg.Error, match="append-only"):
            owner.execute(statement.encode())
