"""Whatever a superuser does to the book is found by ``verify``; the application can do nothing to it at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations

import psycopg
import pytest

from domain.complaints.complaint.commands.reception import AssessComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.people import Role
from journal.hash_chain import Verdict, books, verify
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office with a dozen facts, some of them written in one append."""
    with office_rig(database.app) as rig:
        for day in range(1, 5):
            complaint = rig.do(
                RegisterComplaint(
                    channel=Channel.IN_PERSON, category="noise", matter=f"噪音{day}", content="楼上", home="1-101"
                ),
                as_=Role.ADMINISTRATOR,
                at=f"2025-03-0{day} 09:00",
            )
            rig.do(
                AssessComplaint(promised_by=shanghai("2025-04-01"), measure="劝导", told_at=rig.now),
                as_=Role.ADMINISTRATOR,
                on=complaint.case_id,
            )
        yield rig


def read(database: Database) -> Verdict:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        return verify(connection, "XH")


def tamper(database: Database, *statements: str) -> Verdict:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        connection.execute("alter table wuye.facts disable trigger user")
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]
        connection.execute("alter table wuye.facts enable trigger user")
    return read(database)


def test_an_untouched_book_is_intact(rig: OfficeRig, database: Database) -> None:
    verdict = read(database)
    assert verdict.intact, verdict.findings
    assert verdict.facts == len(rig.facts())


FROM_PAGE_3 = "where office = 'XH' and number = 3"
TAMPERINGS = {
    "an edited state": [f"update wuye.facts set state = '{{\"x\":1}}' {FROM_PAGE_3}"],
    "an edited author": [f"update wuye.facts set metadata = metadata || ' '::bytea {FROM_PAGE_3}"],
    "an edited time of happening": [
        f"update wuye.facts set occurred_at = occurred_at - interval '1 day' {FROM_PAGE_3}"
    ],
    "an edited time of recording": [f"update wuye.facts set recorded_at = recorded_at + interval '1 us' {FROM_PAGE_3}"],
    "a renamed event": [f"update wuye.facts set name = 'ComplaintResumed', state = '{{}}' {FROM_PAGE_3}"],
    "another schema": [f"update wuye.facts set schema = 2 {FROM_PAGE_3}"],
    "another event id": [f"update wuye.facts set event_id = gen_random_uuid() {FROM_PAGE_3}"],
    "an edit with its leaf recomputed": [
        f"update wuye.facts set occurred_at = occurred_at - interval '1 day' {FROM_PAGE_3}",
        (
            f"update wuye.facts set leaf = wuye.leaf(office, number, case_id, version, event_id, name, schema, metadata,"
            f" state, occurred_at, recorded_at) {FROM_PAGE_3}"
        ),
    ],
    "a deleted page": [f"delete from wuye.facts {FROM_PAGE_3}"],
    "a deleted last page": [
        "delete from wuye.facts where office = 'XH' and number = (select max(number) from wuye.facts)"
    ],
    "a deleted page with the others moved up": [
        f"delete from wuye.facts {FROM_PAGE_3}",
        "update wuye.facts set number = number - 1000 where number > 3",
        "update wuye.facts set number = number + 999 where number < 0",
    ],
    "an inserted page": [
        (
            "insert into wuye.facts select office, number + 1, case_id, version + 1, gen_random_uuid(), name, schema,"
            " metadata, state, leaf, chain, occurred_at, recorded_at from wuye.facts"
            " where number = (select max(number) from wuye.facts)"
        )
    ],
    "two pages swapped": [
        "update wuye.facts set number = -3 where number = 3",
        "update wuye.facts set number = 3 where number = 4",
        "update wuye.facts set number = 4 where number = -3",
    ],
    "a case renumbered": [f"update wuye.facts set version = version + 7 {FROM_PAGE_3}"],
    "a page moved to another case": [f"update wuye.facts set case_id = case_id || 'x' {FROM_PAGE_3}"],
    "a link cut": [
        (
            "update wuye.facts set chain = null where office = 'XH' and number ="
            " (select min(number) from wuye.facts where office = 'XH' and number > 3 and chain is not null)"
        )
    ],
    "a head set back": ["update wuye.offices set number = number - 1 where office = 'XH'"],
    "a head with another link": ["update wuye.offices set chain = sha256('x') where office = 'XH'"],
    "a head with another time": ["update wuye.offices set recorded_at = recorded_at + interval '1 s'"],
    "a head that has forgotten a change of its settings": ["update wuye.offices set settings = settings + 1"],
    "a real office made out to be a played one, or the reverse": ["update wuye.offices set simulated = not simulated"],
    "a book without its head": ["delete from wuye.offices where office = 'XH'"],
    "a page that is there twice": [
        "alter table wuye.facts drop constraint facts_pkey",
        "alter table wuye.facts drop constraint facts_case_version",
        f"insert into wuye.facts select * from wuye.facts {FROM_PAGE_3}",
    ],
    "a page with an empty column": [
        "alter table wuye.facts alter state drop not null",
        f"update wuye.facts set state = null {FROM_PAGE_3}",
    ],
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_it_is_found(rig: OfficeRig, database: Database, what: str) -> None:
    assert read(database).intact
    verdict = tamper(database, *TAMPERINGS[what])
    assert not verdict.intact
    assert all(finding.zh and finding.en for finding in verdict.findings)


EDITS = {
    "office": "'YY'",
    "number": "number + 1000",
    "case_id": "case_id || 'x'",
    "version": "version + 1",
    "event_id": "gen_random_uuid()",
    "name": "name || 'x'",
    "schema": "schema + 1",
    "metadata": "metadata || ' '::bytea",
    "state": "state || ' '::bytea",
    "occurred_at": "occurred_at - interval '1 us'",
    "occurred_at ": "'infinity'",
    "recorded_at": "recorded_at + interval '1 us'",
    "recorded_at ": "'-infinity'",
    "leaf": "case when leaf is null then sha256('x') end",
    "leaf ": "''",
    "chain": "case when chain is null then sha256('x') end",
    "chain ": "sha256('x')",
}
"""What a superuser can write into each column; a blank behind the name marks a second way."""


def found_after(connection: psycopg.Connection[tuple[object, ...]], *statements: str) -> bool:
    """Whether it is found; afterwards the book is as it was."""
    for statement in statements:
        connection.execute(statement)  # type: ignore[call-overload]
    intact = all(verify(connection, office).intact for office in books(connection))
    connection.execute("delete from wuye.facts")
    connection.execute("insert into wuye.facts select * from kept")
    return not intact


def test_whatever_is_done_to_any_page_is_found(rig: OfficeRig, database: Database) -> None:
    """Every column of every page, every page deleted, every two pages swapped, every page written again at the end."""
    with psycopg.connect(database.owner, autocommit=True) as connection:
        connection.execute("alter table wuye.facts disable trigger user")
        connection.execute("alter table wuye.facts drop constraint facts_case_version")
        connection.execute("create table kept as select * from wuye.facts")
        pages = [row[0] for row in connection.execute("select number from wuye.facts order by number")]
        links = connection.execute("select count(*) from wuye.facts where chain is null").fetchone()
        assert links is not None
        assert 0 < links[0] < len(pages) - 1, "the book has appends of one fact and of many"
        unnoticed = [
            (page, column, value)
            for page in pages
            for column, value in EDITS.items()
            if not found_after(connection, f"update wuye.facts set {column} = {value} where number = {page}")
        ]
        unnoticed += [
            (page, "deleted", "")
            for page in pages
            if not found_after(connection, f"delete from wuye.facts where number = {page}")
        ]
        unnoticed += [
            (a, "swapped with", str(b))
            for a, b in combinations(pages, 2)
            if not found_after(
                connection,
                f"update wuye.facts set number = -1 where number = {a}",
                f"update wuye.facts set number = {a} where number = {b}",
                f"update wuye.facts set number = {b} where number = -1",
            )
        ]
        unnoticed += [
            (page, "written again", "")
            for page in pages
            if not found_after(
                connection,
                "insert into wuye.facts select office, n.last + 1, case_id, version + 100, event_id, name,"
                " schema, metadata, state, leaf, chain, occurred_at, recorded_at from wuye.facts,"
                f" (select max(number) as last from wuye.facts) n where number = {page}",
            )
        ]
    assert unnoticed == []
    assert read(database).intact


def test_a_page_that_moved_under_another_office_is_missed_here_and_found_there(
    rig: OfficeRig, database: Database
) -> None:
    tamper(database, "update wuye.facts set office = 'YY' where number = 3")
    with psycopg.connect(database.owner, autocommit=True) as connection:
        assert books(connection) == ["XH", "YY"]
        found = {office: {f.code for f in verify(connection, office).findings} for office in books(connection)}
    assert "gap" in found["XH"]
    assert {"leaf", "no-head"} <= found["YY"]


def test_a_change_of_settings_is_counted_by_the_head(rig: OfficeRig, database: Database) -> None:
    rig.set("surveys.per_year", "4", date(2025, 3, 5))
    assert read(database).intact
    verdict = tamper(database, "update wuye.offices set settings = 0")
    assert [finding.code for finding in verdict.findings] == ["head-settings"]


def test_a_book_that_does_not_exist_is_said_to_be_missing(rig: OfficeRig, database: Database) -> None:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        assert [finding.code for finding in verify(connection, "NO").findings] == ["no-book"]


@pytest.mark.parametrize(
    "statement",
    [
        "update wuye.facts set state = ''",
        "delete from wuye.facts",
        "truncate wuye.facts",
        "insert into wuye.facts select * from wuye.facts",
        "update wuye.offices set number = 0",
        "delete from wuye.claims",
        "update wuye.keys set wrapped = ''",
        "alter table wuye.facts disable trigger all",
        "drop table wuye.facts",
    ],
)
def test_the_application_cannot(rig: OfficeRig, database: Database, statement: str) -> None:
    with (
        psycopg.connect(database.app, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "statement", ["update wuye.facts set state = ''", "delete from wuye.facts", "truncate wuye.facts"]
)
def test_even_the_owner_meets_a_second_fence(rig: OfficeRig, database: Database, statement: str) -> None:
    with (
        psycopg.connect(database.owner, autocommit=True) as connection,
        pytest.raises(psycopg.Error, match="append-only"),
    ):
        connection.execute(statement)  # type: ignore[call-overload]
