"""Verify covers what figures and rights rest on: registers, claims, answers, keys, settings, functions, triggers, roles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

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
from projections.engine.rebuild import Unexplained, compare, rebuild
from projections.registers.index import REGISTERS
from tests.conftest import Database
from tests.database_dump import dump
from tests.office_rig import OfficeRig, office_rig

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
    "a key is nulled": ("key-destroyed", "update wuye.keys set wrapped = null where subject = 'household-A0501'"),
    "a key is gone": ("key-missing", "delete from wuye.keys where subject = 'household-A0501'"),
    "a key is broken": ("key-broken", "update wuye.keys set wrapped = '\\x00112233' where subject = 'household-A0501'"),
    "an erased household has its key": ("key-kept", "update wuye.keys set wrapped = '\\x00' where wrapped is null"),
}


@pytest.mark.parametrize("what", CONTENT)
def test_what_rests_on_the_book_is_held_against_it(rig: OfficeRig, owner: Owner, what: str) -> None:
    assert check_book(owner, "XH", REGISTERS, master=MASTER) == []
    code, statement = CONTENT[what]
    assert owner.execute(statement.encode()).rowcount > 0
    assert {finding.code for finding in check_book(owner, "XH", REGISTERS, master=MASTER)} == {code}
    assert verify(owner, "XH").intact, "the pages themselves were not touched"


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
            " p_from integer[], p_till integer[], p_fresh integer[], p_names text[], p_cases text[], p_lines text[], p_rows text[])"
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
}


@pytest.mark.parametrize("what", STRUCTURE)
def test_what_guards_the_book_is_what_the_migrations_made(owner: Owner, what: str) -> None:
    code, statement = STRUCTURE[what]
    with owner.transaction(force_rollback=True):
        assert catalogue_findings(owner, REGISTERS) == []
        owner.execute(statement.encode())
        assert code in {finding.code for finding in catalogue_findings(owner, REGISTERS)}


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
