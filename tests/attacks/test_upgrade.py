"""A new version over an older one that is at work: what it writes, what it is told, and what it leaves to the newer one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import make_dataclass, replace
from datetime import UTC, datetime, timedelta
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
from journal.migrate import MigrationUnknown, migrate
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

BEFORE_THE_BASELINE = {
    "0001_book.sql": "90f57f1af2c78d9cdb8defd357d4ef5f8babf075c0dfd41265cf5c92af94e46c",
    "0002_rights.sql": "e533abcc80873684607abdb2ea927bb369369ed63b80e699ed3e59d03162c77e",
    "0003_services.sql": "c266935d61d3fec2c3fb31e1d9b9ae5d6b25576d2fe579f5fa40eddb2ad11e75",
    "0004_console.sql": "f9677d0ede3289fc2ebbb0c3083c3674e726c3d6723e68d4b77e862bd9dbfd72",
    "0005_views.sql": "8dde6e4735c1116735168f59f3ef0f14cbf904ff9c6871532e33542c05a150a8",
    "0006_fence_of_several.sql": "0638f0730a9fea716c980fb78cf3a5bfde4f517367a3a08d31b5b396d3ab4ca2",
    "0007_set_aside.sql": "fa8c848c11a7f5c6ba2941aceb8dd05bd9c66923d7519b0b0ef8b080c94e4b00",
    "0008_told_before.sql": "4f1e421015ee9f3900366961df8a3cc55f6f3d804929bac3fa3cb0a0db3b09a9",
    "0009_for_a_fact.sql": "678b8dc6b7378a5efde82a728f74c6c3974233bcbd4beae7b18cdd1b6168e6d4",
    "0010_legible.sql": "b37c890b828d8ba34a9a80382d1368eebae913e9ccc37011333331a1b16f210a",
    "0011_bank_lines_erased.sql": "9c932a2def97495af2b0861eb2493b329583a188bb6f8a1e3fd07ec7c48080be",
    "0012_by_their_keys.sql": "9bf2e0f64da60d2019b4dc4d9840b32159b2863305c1bd149ca632f413b28835",
    "0013_gathered_notices.sql": "8e09c8a5254d2c85b45b83dc4a39fcfb796e21556f5b0cbd0a76b258b35cbff4",
    "0015_checked_once.sql": "301880255d0659f31a87aeb60407e7a054ecde456db5fe37ece37ac4f073d86f",
    "0017_sealed_accounts.sql": "cc6c78bcadb9813587f40881d1fb9b6568f290d4f6643e0caee7f8555ece772c",
    "0018_sealed_tokens.sql": "1468e501e42a9ad1a422052e92ee1d2bebe21070b5d7d6dd275f97c7638d2834",
    "0020_claims_by_their_key.sql": "e8526b838256f73eb6b2faa3e988029684699b8daf5075e175935a1a314cd238",
}
"""The steps by which a database was made before they became the baseline: it has the same functions and tables."""
Owner = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def owner(database: Database) -> Iterator[Owner]:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        yield connection


def made_by_steps(owner: Owner) -> None:
    """The database as the last program before the baseline left it: its steps by their names, checks added to tables in use."""
    owner.execute("delete from wuye.migrations")
    for name, digest in BEFORE_THE_BASELINE.items():
        owner.execute("insert into wuye.migrations (name, sha256) values (%s, %s)", [name, digest])
    checks = owner.execute(
        "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
        " where connamespace = 'wuye'::regnamespace and contype = 'c' and conname like '%_instants'"
    ).fetchall()
    assert checks
    for table, name, said in checks:
        owner.execute(f"alter table {table} drop constraint {name}, add constraint {name} {said} not valid")


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


def test_a_database_of_before_the_baseline_is_taken_over_under_a_process_that_goes_on(
    owner: Owner, database: Database
) -> None:
    """Its connections, and the statements that it has prepared on them, are those of before."""
    made_by_steps(owner)
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


def test_a_database_of_still_earlier_steps_is_refused_and_left_as_it_is(owner: Owner, database: Database) -> None:
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
