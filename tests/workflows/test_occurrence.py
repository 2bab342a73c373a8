"""When something occurred: nothing before the round, the case, the office or 1970; late entries say why, and bear their mark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.complaints.complaint.commands.handling import ReopenComplaint, SolveComplaintOnTheSpot
from domain.complaints.complaint.commands.reception import AssessComplaint, InformResident, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.errors import RuleBroken
from domain.kernel.late_entries import ConfirmLateEntry
from domain.kernel.people import Role
from domain.rounds.rectification.commands import (
    AssignRectification,
    FailRectification,
    OpenRectification,
    ReportRectificationDone,
)
from domain.visits.follow_up.commands.visiting import AssignFollowUp, ConductFollowUp
from domain.visits.follow_up.events import Means, Mode
from journal.book import Book
from tests.conftest import Database
from tests.office_rig import OfficeRig, shanghai
from tests.solving import solved
from tests.workflows.checked_office import checked_office
from tests.workflows.test_late_entries import repaired

CLERK, HEAD, MANAGER, ASSISTANT = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER, Role.ASSISTANT
REGISTERED = RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter="x", content="y", complainant="王某")


def handled(at: str) -> SolveComplaintOnTheSpot:
    """Solved on the spot at this hour, when the resident was told."""
    return solved(shanghai(at), by="li", result="好")


SIGNED = ConfirmLateEntry(reason="值班记录属实", evidence="值班记录 12 页")


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards the registers are the book's fold."""
    with checked_office(database) as rig:
        yield rig


def refused(rig: OfficeRig, code: str, command: Any, **order: Any) -> None:
    with pytest.raises(RuleBroken) as refusal:
        rig.do(command, **order)
    assert refusal.value.code == code


# -- order within a case ---------------------------------------------------------------------------------------------


def test_nothing_occurs_before_the_case_was_opened_again(rig: OfficeRig) -> None:
    """Handled on the 2nd, opened again on the 10th, missed on the 21st: it cannot have been handled on the 3rd."""
    case_id = rig.do(REGISTERED, as_=CLERK, at="2025-01-02 09:00").case_id
    rig.do(handled("2025-01-02 15:00"), as_=CLERK, on=case_id, at="2025-01-02 15:00")
    rig.do(ReopenComplaint(reason="又响了"), as_=MANAGER, on=case_id, at="2025-01-10 09:00")
    rig.until("2025-01-22 09:00")
    assert "PromiseMissed" in rig.names(case_id)
    early = {"occurred_at": shanghai("2025-01-03 09:00"), "late_reason": "纸上先记"}
    refused(rig, "before-the-round", handled("2025-01-03 09:00"), as_=CLERK, on=case_id, **early)
    same = {"occurred_at": shanghai("2025-01-10 09:00"), "late_reason": "纸上先记"}
    rig.do(handled("2025-01-10 09:00"), as_=CLERK, on=case_id, **same)
    assert rig.case(case_id).state == "resolved"


def test_nothing_is_done_before_its_verification_failed(rig: OfficeRig) -> None:
    due = shanghai("2025-01-20 18:00")
    opened = OpenRectification(matter="门窗破损", due_by=due)
    case_id = rig.do(opened, as_=CLERK, at="2025-01-06 09:00").case_id
    rig.do(AssignRectification(responsible="wang", due_by=due), as_=CLERK, on=case_id)
    rig.do(ReportRectificationDone(result="已修"), as_=CLERK, on=case_id, at="2025-01-08 09:00", by="wang")
    failed = FailRectification(findings="仍漏", due_by=shanghai("2025-01-30 18:00"))
    rig.do(failed, as_=HEAD, on=case_id, at="2025-01-12 09:00", by="zhao")
    done = ReportRectificationDone(result="已修")
    refused(rig, "before-the-round", done, as_=CLERK, on=case_id, by="wang", occurred_at=shanghai("2025-01-11 09:00"))
    rig.do(done, as_=CLERK, on=case_id, by="wang", occurred_at=shanghai("2025-01-12 09:00"))


def test_nothing_occurs_before_the_office_or_before_1970(rig: OfficeRig) -> None:
    late = {"as_": CLERK, "late_reason": "纸上先记"}
    refused(rig, "before-office", REGISTERED, occurred_at=shanghai("2024-12-31 09:00"), **late)
    for year in (1900, 1969):
        refused(rig, "too-early", REGISTERED, occurred_at=datetime(year, 1, 1, tzinfo=UTC), **late)
    case_id = rig.do(REGISTERED, as_=CLERK, at="2025-01-06 09:00").case_id
    told = AssessComplaint(
        measure="m", promised_by=shanghai("2025-01-09 09:00"), told_at=datetime(1960, 1, 1, tzinfo=UTC)
    )
    refused(rig, "too-early", told, as_=CLERK, on=case_id)


# -- late entries ----------------------------------------------------------------------------------------------------


def test_an_entry_that_is_very_late_says_why(rig: OfficeRig) -> None:
    rig.now = shanghai("2025-02-03 09:00")
    week_ago, before = shanghai("2025-01-27 09:00"), shanghai("2025-01-27 08:59")
    rig.do(REGISTERED, as_=CLERK, occurred_at=week_ago)
    refused(rig, "late-reason-missing", REGISTERED, as_=CLERK, occurred_at=before)
    refused(rig, "late-reason-missing", REGISTERED, as_=CLERK, occurred_at=before, late_reason="  ")
    case_id = rig.do(REGISTERED, as_=CLERK, occurred_at=before, late_reason="停电").case_id
    fact = next(fact for fact in rig.facts() if fact.case_id == case_id)
    assert (fact.late, fact.late_reason, fact.entered_by) == (7 * 86_400 + 60, "停电", None)


def test_a_day_is_in_time_and_a_minute_more_is_late(rig: OfficeRig) -> None:
    rig.now = shanghai("2025-02-03 09:00")
    in_time = rig.do(REGISTERED, as_=CLERK, occurred_at=shanghai("2025-02-02 09:00")).case_id
    late = rig.do(REGISTERED, as_=CLERK, occurred_at=shanghai("2025-02-02 08:59")).case_id
    assert {row["case_id"]: row["late_entry"] for row in rig.rows("complaints")} == {in_time: False, late: True}
    rig.do(InformResident(channel=Channel.TELEPHONE, progress="已联系"), as_=CLERK, on=late, at="2025-02-03 10:00")
    assert rig.rows("complaints", case_id=late)[0]["late_entry"], "what was entered late once stays marked"
    with rig.pool.connection() as connection:
        book = Book(connection, rig.code)
        assert [page.case_id for page in book.late_pages(0)] == [late]
        assert book.late_pages(book.late_pages(0)[0].number) == []


def test_the_same_words_with_another_reason_are_another_request(rig: OfficeRig) -> None:
    rig.now = shanghai("2025-02-03 09:00")
    order: dict[str, Any] = {"as_": CLERK, "occurred_at": shanghai("2025-02-02 08:59"), "key": "k"}
    first = rig.do(REGISTERED, late_reason="停电", **order)
    assert rig.do(REGISTERED, late_reason="停电", **order).case_id == first.case_id
    refused(rig, "key-reused", REGISTERED, late_reason="忘记", **order)


# -- consequences ----------------------------------------------------------------------------------------------------


def test_a_repair_learns_of_a_visit_that_was_entered_late_once_it_is_confirmed(rig: OfficeRig) -> None:
    repair = repaired(rig, "1-1", "2025-01-07 09:00")
    rig.until("2025-02-20 09:00")
    [visit] = rig.rows("follow-ups", type="repair")
    assert visit["missed_at"] is not None
    on = visit["case_id"]
    rig.do(AssignFollowUp(visitor="qian"), as_=ASSISTANT, on=on)
    conducted = ConductFollowUp(
        mode=Mode.TELEPHONE,
        means=Means.TALK,
        satisfaction=5,
        quality="好",
        effect="好",
        conforming=True,
        visitor_signature="钱",
    )
    at = shanghai("2025-01-20 10:00")
    assigned = rig.case(on)
    assert assigned.round_began_at is None
    rig.do(conducted, as_=ASSISTANT, on=on, by="qian", occurred_at=at, late_reason="纸上先记")
    assert rig.rows("follow-ups", case_id=on)[0]["breach"] == "missed-late-entry-unconfirmed"
    assert rig.case(repair).visited_at is None
    rig.do(SIGNED, as_=MANAGER, on=on, by="zhao")
    assert rig.case(repair).visited_at == at
    assert rig.rows("follow-ups", case_id=on)[0]["breach"] == "kept-late-entry-confirmed"


def test_what_a_policy_makes_of_a_late_entry_is_confirmed_by_nobody_who_entered_that(rig: OfficeRig) -> None:
    case_id = rig.do(REGISTERED, as_=CLERK, at="2025-01-02 09:00").case_id
    rig.until("2025-01-16 09:00")
    late = {"occurred_at": shanghai("2025-01-04 09:00"), "late_reason": "纸上先记"}
    rig.do(handled("2025-01-04 09:00"), as_=HEAD, on=case_id, by="li", **late)
    opened = next(fact for fact in rig.facts() if fact.name == "FollowUpOpened")
    assert (opened.late, opened.entered_by) == (None, None), "what follows is no entry of its own"
    refused(rig, "own-late-entry", SIGNED, as_=MANAGER, on=case_id, by="li")
    refused(rig, "evidence-missing", replace(SIGNED, evidence=" "), as_=MANAGER, on=case_id, by="zhao")
    rig.do(SIGNED, as_=MANAGER, on=case_id, by="zhao")
