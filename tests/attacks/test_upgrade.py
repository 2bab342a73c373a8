"""A new version over an older one that is at work: what it writes, what it is told, and what it leaves to the newer one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import make_dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib import resources
from typing import Any
from uuid import UUID

import psycopg
import pytest

from api.database import prepare
from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.people import Role
from journal.codec import decode_event
from journal.confidential import TOKEN, MasterKey
from journal.errors import Superseded
from journal.hash_chain import verify
from journal.migrate import MIGRATIONS_SQL, MigrationUnknown, migrate
from journal.page import Page
from projections.engine.book_check import check_book
from projections.engine.catalogue import catalogue_findings
from projections.engine.collection import Registers
from projections.engine.rebuild import rebuild
from projections.engine.tables import install
from projections.registers.index import REGISTERS
from tests.conftest import Database
from tests.database_dump import dump
from tests.office_rig import OfficeRig, office_rig
from workflows.engine.idempotency import Answer

BASELINE = ("0001_book.sql", "0002_rights.sql", "0003_services.sql")
"""What the first database of this line was made by."""
Owner = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def owner(database: Database) -> Iterator[Owner]:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        yield connection


def baseline(owner: Owner) -> None:
    """The database as the baseline made it, with registers and nothing in them."""
    owner.execute("drop schema wuye cascade")
    owner.execute("create schema wuye")
    owner.execute(MIGRATIONS_SQL)
    for name in BASELINE:
        text = resources.files("journal.schema").joinpath(name).read_bytes()
        owner.execute(text)
        owner.execute("insert into wuye.migrations (name, sha256) values (%s, %s)", [name, sha256(text).hexdigest()])
    assert install(owner, REGISTERS) == []


def newer() -> Registers:
    """The registers of a version to come: the complaints have one more column."""
    complaints = REGISTERS.by_name["complaints"]
    values = complaints.values
    assert values is not None
    row = make_dataclass("NewerComplaint", [("more", str)], bases=(complaints.row,), kw_only=True)
    changed = replace(complaints, row=row, values=lambda case: (*values(case), "x"))
    every = [each.register for each in REGISTERS.every]
    return Registers([changed if r is complaints else r for r in REGISTERS.all if r not in every], REGISTERS.every)


class Beside(OfficeRig):
    """A process of another version at the same office, which stands open already."""

    def open(self, code: str, *, simulated: bool | None = None) -> Answer:
        return Answer(f"office-{code}", 1, "open", 1, ())


def complain(rig: OfficeRig) -> str:
    command = RegisterComplaint(
        channel=Channel.LETTER,
        category="noise",
        matter="噪音",
        content="每晚",
        home="5-501",
    )
    return rig.do(command, as_=Role.ADMINISTRATOR, key=f"once more {len(rig.facts())}").case_id


def test_a_database_of_the_baseline_is_brought_up_to_date_under_a_process_that_goes_on(
    owner: Owner, database: Database
) -> None:
    """Its connections, and the statements that it has prepared on them, are those of before."""
    baseline(owner)
    with office_rig(database.app) as older:
        first = complain(older)
        pages = dump(database.owner)["facts"]
        assert prepare(database.owner) == []
        assert dump(database.owner)["facts"] == pages, "no page was touched"
        second = complain(older)
        assert {row["case_id"] for row in older.rows("complaints")} == {first, second}
        with closing(Beside(database.app)) as today:
            third = complain(today)
            assert complain(older) != third
            assert len(older.rows("complaints")) == 4
    assert verify(owner, "XH").intact
    assert check_book(owner, "XH", REGISTERS, master=MasterKey(b"k" * 32)) == []
    assert catalogue_findings(owner, REGISTERS) == [], "it is the database that today's version would have made"
    assert migrate(database.owner) == []


def test_an_older_process_writes_until_the_registers_are_rebuilt_and_then_makes_way(
    owner: Owner, database: Database
) -> None:
    with office_rig(database.app) as older:
        first = complain(older)
        assert install(owner, newer()) == ["complaints"]
        second = complain(older)
        assert {row["case_id"] for row in older.rows("complaints")} == {first, second}, "it goes on meanwhile"
        rebuild(owner, newer(), mend="upgrade")
        before = dump(database.owner)
        with pytest.raises(Superseded):
            complain(older)
        assert dump(database.owner) == before, "nothing of it was written"
        assert {row["more"] for row in older.rows("complaints")} == {"x"}, "it still reads"
        with closing(Beside(database.app, registers=newer())) as today:
            complain(today)
            due = min(row["due_at"] for row in today.rows("deadlines") if row["case_id"] == first)
            today.now = older.now = due + timedelta(seconds=1)
            left = older.clock.tick(older.now, office="XH").failed
            assert left > 0
            assert {work["last_error"] for work in today.clock_work()} == {None}, (
                "nothing was put off, let alone parked"
            )
            assert today.clock.catch_up(today.now + timedelta(seconds=11), office="XH").fired >= left
    assert verify(owner, "XH").intact
    assert check_book(owner, "XH", newer(), master=MasterKey(b"k" * 32)) == []


def test_a_long_append_of_an_older_process_is_written_and_then_makes_way_too(owner: Owner, database: Database) -> None:
    """From so many rows on they go through other functions, which know the columns by their names."""
    before = owner.execute("select prosrc from pg_proc where proname = 'put_many_r_complaints'").fetchone()
    with office_rig(database.app) as older:
        complain(older)
        assert install(owner, newer()) == ["complaints"]
        assert owner.execute("select prosrc from pg_proc where proname = 'put_many_r_complaints'").fetchone() == before
        rebuild(owner, newer(), mend="upgrade")
        assert owner.execute("select prosrc from pg_proc where proname = 'put_many_r_complaints'").fetchone() != before


def test_a_database_of_before_the_baseline_is_refused_and_left_as_it_is(owner: Owner, database: Database) -> None:
    owner.execute("update wuye.migrations set sha256 = 'x' where name = '0001_book.sql'")
    owner.execute("insert into wuye.migrations (name, sha256) values ('0002_keys.sql', 'x')")
    before = dump(database.owner)
    with pytest.raises(MigrationUnknown, match="before the baseline"):
        prepare(database.owner)
    assert dump(database.owner) == before


def test_what_a_newer_version_wrote_is_an_outage_to_an_older_one_and_no_fault() -> None:
    from api.http.faults import is_outage

    for name, schema in (("ComplaintRegistered", 99), ("SomethingNew", 1)):
        with pytest.raises(Exception, match="本程序") as met:
            decode_event(name, schema, b"{}")
        assert is_outage(met.value)
    assert is_outage(Superseded("22P02"))


def test_the_feed_hands_on_what_a_newer_version_wrote_as_it_stands_and_nothing_sealed() -> None:
    from api.http.context import HIDDEN
    from api.routes.audit import cloud_event

    at = datetime(2025, 3, 3, tzinfo=UTC)
    about = b'{"user_id": "u", "role": "manager", "correlation_id": "00000000-0000-0000-0000-000000000000"}'
    state = b'{"more": 1, "name": "%bx:1:name:AAAA"}' % TOKEN.encode()
    for name, schema in (("SomethingNew", 1), ("ComplaintRegistered", 99)):
        event = cloud_event(Page("XH", 7, "x-1", 1, UUID(int=0), name, schema, about, state, at, at))
        assert event["data"] == {"more": 1, "name": HIDDEN}
