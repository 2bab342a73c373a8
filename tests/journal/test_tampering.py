"""Whatever a superuser does to the book is found by ``verify``; the application can do nothing to it at all."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from domain.complaint import AssessComplaint, Channel, RegisterComplaint
from domain.people import Role
from journal.seal import Verdict, verify
from tests.conftest import Database
from tests.desk import Desk, at_desk, shanghai


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """An office with a dozen facts, some of them written in one append."""
    with at_desk(database.app) as desk:
        for day in range(1, 5):
            complaint = desk.do(
                RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter=f"噪音{day}", content="楼上"),
                as_=Role.ADMINISTRATOR,
                at=f"2025-03-0{day} 09:00",
            )
            desk.do(
                AssessComplaint(promised_by=shanghai("2025-04-01"), measure="劝导", told_at=desk.now),
                as_=Role.ADMINISTRATOR,
                on=complaint.case_id,
            )
        yield desk


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


def test_an_untouched_book_is_intact(desk: Desk, database: Database) -> None:
    verdict = read(database)
    assert verdict.intact, verdict.findings
    assert verdict.facts == len(desk.facts())


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
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_it_is_found(desk: Desk, database: Database, what: str) -> None:
    assert read(database).intact
    verdict = tamper(database, *TAMPERINGS[what])
    assert not verdict.intact
    assert all(finding.zh and finding.en for finding in verdict.findings)


def test_a_book_that_does_not_exist_is_said_to_be_missing(desk: Desk, database: Database) -> None:
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
def test_the_application_cannot(desk: Desk, database: Database, statement: str) -> None:
    with (
        psycopg.connect(database.app, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "statement", ["update wuye.facts set state = ''", "delete from wuye.facts", "truncate wuye.facts"]
)
def test_even_the_owner_meets_a_second_fence(desk: Desk, database: Database, statement: str) -> None:
    with (
        psycopg.connect(database.owner, autocommit=True) as connection,
        pytest.raises(psycopg.Error, match="append-only"),
    ):
        connection.execute(statement)  # type: ignore[call-overload]
