"""What a register's row says of its case, and that it stands there as it was said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from domain.complaints.complaint.case import Complaint
from domain.complaints.complaint.commands.reception import AssessComplaint, InformResident, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.complaints.complaint.lifecycle import LIFECYCLE as COMPLAINT
from domain.homes.keys import KeyClass, KeyItem
from domain.homes.vacant_home.commands.custody import DeclareKeysMissing, ReleaseKeys
from domain.homes.vacant_home.commands.vacancy import TakeOverHome
from domain.homes.vacant_home.events import VacancyKind
from domain.homes.vacant_home.lifecycle import LIFECYCLE as VACANT_HOME
from domain.kernel.fact import Command
from domain.kernel.people import Actor, Role
from journal.append import MANY_FROM
from journal.book import Book
from projections.engine.rebuild import rebuild
from projections.engine.register import day_of, row_values
from projections.registers.index import REGISTERS
from tests.conftest import Database
from tests.domain.story import Story, given, instant
from tests.office_rig import office_rig
from workflows.engine.request import CommandRequest

CLERK, POLICY = Role.ADMINISTRATOR, Role.POLICY
AWKWARD = '他说："不行\\", 两行\n;--\', (a,b), {c}, NULL, 𠮷'


def rows(story: Story, register: str) -> list[dict[str, Any]]:
    """The rows of a story's case in a register, by column."""
    columns = REGISTERS.columns(register)
    lines = REGISTERS.lines(story.lifecycle, story.case)
    return [dict(zip(columns, values, strict=True)) for (name, _), values in lines.items() if name == register]


def test_keys_are_kept_out_or_missing() -> None:
    keys = tuple(KeyItem(number=f"A-{n}", key_class=KeyClass.ENTRANCE) for n in range(1, 5))
    home = given(VACANT_HOME).when(
        TakeOverHome(home="1-101", kind=VacancyKind.UNSOLD, area=8_850, keys=keys), as_=CLERK
    )
    home.when(ReleaseKeys(keys=("A-1", "A-2"), loan="key_loan-1"), as_=POLICY)
    home.when(DeclareKeysMissing(keys=("A-2",), loan="key_loan-1"), as_=POLICY)
    [row] = rows(home, "vacant-homes")
    assert (row["keys"], row["keys_kept"], row["keys_out"], row["keys_missing"]) == (4, 2, 1, 1)


@pytest.mark.parametrize("imported", [False, True])
def test_another_systems_promises_are_not_our_clocks(*, imported: bool) -> None:
    """They are measured, but nobody is chased for them."""
    promised = AssessComplaint(
        measure="m", promised_by=instant("2025-03-04 18:00"), told_at=instant("2025-03-03 10:00")
    )
    story = given(COMPLAINT).when(
        RegisterComplaint(channel=Channel.ONLINE, category="noise", matter="楼上", content="吵", home="1-101"),
        as_=CLERK,
        imported=imported,
    )
    story.when(promised, as_=CLERK, imported=imported)
    assert story.lifecycle.due(story.case)
    assert bool(rows(story, "deadlines")) is not imported


@dataclass(slots=True, kw_only=True)
class _Row:
    """A register of complaints with three columns."""

    state: str
    promises: int
    registered_on: date


def test_a_row_bears_what_the_case_knows_and_what_is_computed() -> None:
    values = row_values(_Row, Complaint, registered_on=day_of("opened_at"))
    story = given(COMPLAINT).when(
        RegisterComplaint(channel=Channel.ONLINE, category="noise", matter="楼上", content="吵", home="1-101"),
        as_=CLERK,
        at="2025-03-03 23:30",
    )
    assert values(story.case) == ("registered", 0, date(2025, 3, 3))


@pytest.mark.parametrize(
    ("computed", "message"),
    [
        ({}, "registered_on is date"),
        ({"registered_on": day_of("opened_at"), "closed_on": day_of("archived_at")}, "no column .'closed_on'"),
    ],
)
def test_a_row_that_the_case_cannot_give_is_found_at_import(computed: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        row_values(_Row, Complaint, **computed)


def test_a_column_of_another_kind_is_found_at_import() -> None:
    @dataclass(slots=True, kw_only=True)
    class Row:
        state: int

    with pytest.raises(TypeError, match="state is int"):
        row_values(Row, Complaint)


def test_any_text_stands_in_its_row_as_it_was_said(database: Database) -> None:
    with office_rig(database.app) as rig:
        command = RegisterComplaint(channel=Channel.ONLINE, category=AWKWARD, matter="", content="吵", home="1-101")
        case_id = rig.do(command, as_=CLERK).case_id
        [row] = rig.rows("complaints", case_id=case_id)
        assert (row["category"], row["matter"]) == (AWKWARD, rig.case(case_id).matter)


def test_a_long_append_writes_what_a_replay_writes(database: Database) -> None:
    """Beyond a certain length rows are written by other statements: opened, closed in the same append, and by a later one."""
    with office_rig(database.app) as rig, rig.pool.connection() as connection:
        book = Book(connection, "XH")

        def at_once(commands: Iterable[tuple[Command, str | None]]) -> list[str]:
            draft = rig.handler.draft(book)
            requests = [
                CommandRequest(office="XH", command=each, actor=Actor("li", CLERK), now=rig.now, case_id=case_id)
                for each, case_id in commands
            ]
            ids = [draft.give(request)[0] for request in requests]
            assert sum(map(len, draft.append.rows.values())) >= MANY_FROM
            book.record(draft.append)
            return ids

        complaint = RegisterComplaint(channel=Channel.ONLINE, category="x", matter=AWKWARD, content="吵", home="1-101")
        ids = at_once((complaint, None) for _ in range(MANY_FROM // 2))
        promise = AssessComplaint(measure="m", promised_by=rig.now + timedelta(days=3), told_at=rig.now)
        told = InformResident(channel=Channel.ONLINE, progress=AWKWARD)
        at_once((each, case_id) for case_id in ids for each in (promise, told))
        assert {row["matter"] for row in rig.rows("complaints")} == {AWKWARD}
        with psycopg.connect(database.owner, autocommit=True) as owner:
            assert rebuild(owner, REGISTERS).differences == {}
