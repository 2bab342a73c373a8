"""Keys: the application can neither destroy nor replace one; a broken one spoils its own cells; nothing outlives an erasure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import psycopg
import pytest

from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import EVENTS, Event
from domain.kernel.people import Actor, Role
from domain.residents.household.commands.erasure import EraseHousehold, RequestErasure
from domain.residents.household.commands.keeping import MoveHouseholdOut, OpenHousehold
from domain.residents.household.events import HouseholdErased
from journal.book import Book
from journal.confidential import UNREADABLE, MasterKey, UnusableKey
from journal.key_store import KeyStore, check_master, register_master
from projections.engine.rebuild import rebuild
from projections.registers.index import REGISTERS
from tests.api.conftest import ApiClient
from tests.conftest import Database
from tests.importing.small import bring_in
from tests.office_rig import OfficeRig, office_rig
from workflows.engine.household_keys import keyed_digest
from workflows.engine.idempotency import KeyReused
from workflows.engine.request import CommandRequest

CLERK = Role.ADMINISTRATOR
PHONE = "13800135790"


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office in its first days."""
    with office_rig(database.app) as rig:
        yield rig


def moved_out(rig: OfficeRig) -> str:
    """A household that has left, with a telephone in its file; opened under an idempotency key."""
    file = rig.do(OpenHousehold(home="2-202", name="张大山", phone=PHONE), as_=CLERK, key="opening").case_id
    rig.do(MoveHouseholdOut(), as_=CLERK, on=file, at="2025-01-31 09:00")
    return file


def erased(rig: OfficeRig, file: str) -> None:
    """Two people have it erased when retention is over."""
    rig.do(RequestErasure(reason="保管期满"), as_=CLERK, on=file, at="2028-02-10 09:00")
    rig.do(EraseHousehold(), as_=Role.MANAGER, on=file, by="manager")


# -- destroyed and replaced -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "select wuye.destroy_key('XH', {subject})",
        """select wuye.destroy_keys('XH', convert_to('{{"subjects": ["' || {subject} || '"]}}', 'UTF8'))""",
        "select wuye.rewrap_keys('XH', array[{subject}], array['\\x00112233'::bytea])",
        "delete from wuye.keys",
        "update wuye.keys set wrapped = null",
        "insert into wuye.master_keys (id) values ('x')",
    ],
)
def test_the_application_destroys_and_replaces_no_key(rig: OfficeRig, database: Database, statement: str) -> None:
    file = moved_out(rig)
    with psycopg.connect(database.app, autocommit=True) as app:
        before = KeyStore(app, "XH").wrapped([file])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement.format(subject=f"'{file}'").encode())
        assert KeyStore(app, "XH").wrapped([file]) == before
        assert before[file]


def test_a_key_is_destroyed_by_the_fact_that_says_so_and_an_append_without_one_destroys_none(
    rig: OfficeRig, database: Database
) -> None:
    file = moved_out(rig)
    with psycopg.connect(database.app, autocommit=True) as app:
        with pytest.raises(psycopg.Error, match="without a fact"):
            app.execute(
                "select wuye.record_several('XH', null, null, null, null, null, null, jsonb_build_object('destroyed',"
                " array[%s]), '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
                [file],
            )
        assert KeyStore(app, "XH").wrapped([file])[file] is not None
        erased(rig, file)
        assert KeyStore(app, "XH").wrapped([file]) == {file: None}
    assert rig.facts()[-1].event == HouseholdErased(subjects=(file,))


def test_a_key_is_made_for_a_case_of_the_book_only(rig: OfficeRig, database: Database) -> None:
    with psycopg.connect(database.app, autocommit=True) as app:
        assert KeyStore(app, "XH").make("household-nobody", b"x" * 60) is None
        assert KeyStore(app, "XH").wrapped(["household-nobody"]) == {}


def test_an_erasure_among_other_facts_of_one_append_destroys_its_key_too(rig: OfficeRig, database: Database) -> None:
    file = moved_out(rig)
    rig.do(RequestErasure(reason="保管期满"), as_=CLERK, on=file, at="2028-02-10 09:00")
    with rig.pool.connection() as connection:
        book = Book(connection, "XH")
        draft = rig.handler.draft(book)
        for command, case_id in ((OpenHousehold(home="2-203", name="李四"), None), (EraseHousehold(), file)):
            who = Actor("manager", Role.MANAGER if case_id else CLERK)
            draft.give(CommandRequest(office="XH", command=command, actor=who, now=rig.now, case_id=case_id))
        book.record(draft.append)
        assert len(draft.append.facts) > 1
        assert KeyStore(connection, "XH").wrapped([file]) == {file: None}


# -- one broken key ---------------------------------------------------------------------------------------------------

BREAKING = {
    "replaced": "update wuye.keys set wrapped = '\\x00112233' where subject = %s",
    "empty": "update wuye.keys set wrapped = '' where subject = %s",
    "another's": (
        "update wuye.keys set wrapped = (select k.wrapped from wuye.keys k where k.subject <> %s and k.wrapped is not null"
        " limit 1) where subject = %s"
    ),
    "gone": "delete from wuye.keys where subject = %s",
}


@pytest.mark.parametrize(
    "how", ["another's", *(pytest.param(how, marks=pytest.mark.long) for how in BREAKING if how != "another's")]
)
def test_a_broken_key_spoils_its_own_cells_and_nothing_else(api: ApiClient, how: str) -> None:
    paths = {}
    for home, name in (("1-101", "王小明"), ("1-102", "赵大力")):
        body = {"home": home, "name": name, "phone": PHONE}
        paths[name] = api.post("/offices/XH/households", body).headers["Location"]
    broken = paths["王小明"].rpartition("/")[2]
    with psycopg.connect(api.owner, autocommit=True) as owner:
        statement = BREAKING[how]
        owner.execute(statement.encode(), [broken] * statement.count("%s"))
    listed = {row["case_id"]: row for row in api.get("/offices/XH/households").json()["rows"]}
    assert (listed[broken]["name"], listed[broken]["phone"]) == (UNREADABLE, UNREADABLE)
    assert {row["name"] for row in listed.values()} == {UNREADABLE, "赵大力"}
    assert api.get(paths["王小明"]).json()["data"]["name"] == UNREADABLE
    assert api.get(paths["赵大力"]).json()["data"]["phone"] == PHONE
    facts = api.get(f"{paths['王小明']}/facts").json()["facts"]
    assert facts[0]["data"]["name"] == UNREADABLE
    asked = api.post("/offices/XH/register-exports", {"register": "households", "purpose": "核对"}, Role.ASSISTANT)
    export = asked.json()["id"]
    api.post(f"/offices/XH/register-exports/{export}/approve-register-export", {}, Role.MANAGER)
    file = api.get("/offices/XH/registers/households.csv", Role.ASSISTANT, params={"export": export})
    assert file.text.count(UNREADABLE) == 2
    assert "赵大力" in file.text
    with psycopg.connect(api.owner, autocommit=True) as owner:
        assert rebuild(owner, REGISTERS).differences == {}


def test_nothing_more_is_sealed_with_a_broken_key_and_that_is_said(rig: OfficeRig, database: Database) -> None:
    file, other = moved_out(rig), rig.do(OpenHousehold(home="2-203", name="李四"), as_=CLERK).case_id
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("update wuye.keys set wrapped = '\\x00' where subject = %s", [file])
    rig.handler.forget("XH")
    complaint = {"channel": Channel.LETTER, "category": "noise", "matter": "噪音", "content": "每晚"}
    with pytest.raises(RuleBroken, match=r"密钥无法使用.*key cannot be used") as refused:
        rig.do(RegisterComplaint(**complaint, household=file), as_=CLERK)
    assert (refused.value.code, refused.value.clause) == ("key-unreadable", "9.2")
    rig.do(RegisterComplaint(**complaint, household=other), as_=CLERK)


# -- what outlives an erasure -----------------------------------------------------------------------------------------


def test_an_answer_does_not_tell_what_was_asked_once_the_household_is_erased(
    rig: OfficeRig, database: Database
) -> None:
    """A telephone number is guessed from a digest in no time: this one cannot be made without the household's key."""
    file = moved_out(rig)
    opening = OpenHousehold(home="2-202", name="张大山", phone=PHONE)
    assert rig.do(opening, as_=CLERK, key="opening").repeated
    with psycopg.connect(database.owner, autocommit=True) as owner:
        stored = owner.execute("select fingerprint, answer from wuye.answers where key = 'opening'").fetchone()
    assert stored is not None
    secret = rig.handler.keys.secret("answers")
    said = msgspec.json.encode(msgspec.to_builtins(opening), order="sorted")
    assert keyed_digest(said, (), secret) not in bytes(stored[0]), "what only the master key is needed for can be tried"
    assert len(stored[0]) == 64, "there is one of all that was said"
    with pytest.raises(KeyReused):
        rig.do(replace(opening, phone="13800135791"), as_=CLERK, key="opening")
    erased(rig, file)
    again = rig.do(opening, as_=CLERK, key="opening")
    assert (again.repeated, again.case_id) == (True, file)
    assert rig.do(replace(opening, phone="13800135791"), as_=CLERK, key="opening").repeated, "nobody can tell any more"
    with pytest.raises(KeyReused):
        rig.do(replace(opening, home="9-999"), as_=CLERK, key="opening")


@pytest.mark.long
def test_an_imported_case_does_not_tell_what_the_source_said(database: Database, tmp_path: Path) -> None:
    rows = "A1,new,2024-01-01 08:00,telephone,music,\nA1,done,2024-01-03 08:00,,欧阳某某 told,office\n"
    with office_rig(database.app, at="2025-03-01 08:00", simulated=False) as rig:

        def marks(text: str) -> tuple[int, int, int]:
            report = bring_in(rig, tmp_path, text)
            return report.facts, report.skipped, report.changed

        assert marks(rows)[1:] == (0, 0)
        assert marks(rows) == (0, 1, 0)
        with psycopg.connect(database.owner, autocommit=True) as owner:
            [(subjects,)] = owner.execute("select subjects from wuye.imports").fetchall()
            assert len(subjects) == 1, "it is said whose key made the digest"
            assert marks(rows.replace("欧阳", "上官")) == (0, 0, 1), "that it reads otherwise now is seen"
            owner.execute("select wuye.destroy_key('XH', %s)", subjects)
            assert marks(rows.replace("欧阳", "上官")) == (0, 1, 0), "and nobody can tell any more once the key is gone"


# -- no key, no start -------------------------------------------------------------------------------------------------


def test_zeros_are_no_key() -> None:
    with pytest.raises(UnusableKey, match="zeros"):
        MasterKey(bytes(32))


def test_a_database_is_one_master_keys_from_its_first_start_on(database: Database) -> None:
    mine, other = MasterKey(b"k" * 32), MasterKey(b"x" * 32)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        assert not check_master(owner, mine), "nobody's yet"
        register_master(owner, mine)
        assert check_master(owner, mine)
        for refusing in (check_master, register_master):
            with pytest.raises(UnusableKey, match="主密钥与数据库不符"):
                refusing(owner, other)


def test_one_broken_key_is_no_other_master_key(rig: OfficeRig, database: Database) -> None:
    moved_out(rig)
    rig.do(OpenHousehold(home="2-203", name="李四"), as_=CLERK)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("update wuye.keys set wrapped = '\\x00' where subject in (select min(subject) from wuye.keys)")
        check_master(owner, MasterKey(b"k" * 32))
        with pytest.raises(UnusableKey):
            check_master(owner, MasterKey(b"x" * 32))


def test_the_facts_that_destroy_keys_are_those_of_the_domain(database: Database) -> None:
    with psycopg.connect(database.owner) as owner:
        [[named]] = owner.execute("select wuye.erasures()").fetchall()
    assert set(named) == {name for name, event in EVENTS.items() if event.destroys is not Event.destroys}
