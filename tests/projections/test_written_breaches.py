"""A written breach stays in its figure: neither a late entry nor a step that is taken back moves the row out of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from domain.complaints.complaint.commands.handling import ReopenComplaint
from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.homes.key_loan.commands import IssueKeys, RequestKeyLoan
from domain.homes.key_loan.events import Purpose
from domain.homes.vacant_home.commands.vacancy import HandOverHome, RecordCleaning
from domain.homes.vacant_home.events import CleaningScope, HandOverReason
from domain.kernel.late_entries import RejectLateEntry
from domain.kernel.mending import WithdrawAsMistaken
from domain.kernel.people import Role
from domain.kernel.withdrawn_steps import WithdrawStep
from domain.residents.household.commands.keeping import MoveHouseholdOut
from domain.visits.corrective_action.commands import AnalyseCause, OpenCorrectiveAction, ProposeMeasures
from domain.visits.corrective_action.events import Procedure
from domain.visits.follow_up.commands.ending import ProposeFollowUpExit
from domain.visits.follow_up.events import ExitReason
from projections.engine import standard as measure
from projections.engine.standard import AsOf
from projections.registers.index import REGISTERS
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai
from tests.projections.test_past import HANDLED, JANUARY, LATE, SIGNED, complaint, household, share, vacancy
from tests.projections.test_standards import read
from tests.solving import solved

CLERK, GUARD, HEAD, MANAGER = Role.ADMINISTRATOR, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER
MARCH, APRIL, MAY = ((date(2025, n, 1), date(2025, n, last)) for n, last in ((3, 31), (4, 30), (5, 31)))


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day."""
    with office_rig(database.app) as rig:
        yield rig


def excluded(rig: OfficeRig, slug: str, since: date, until: date) -> dict[str, int]:
    return {reason: count for reason, count in read(rig, slug, since, until).excluded.items() if count}


def test_who_is_said_to_have_left_before_counts_until_that_is_confirmed(
    rig: OfficeRig,
) -> None:
    home = household(rig, "1-101", "2025-01-02 09:00")
    rig.until("2025-05-10 09:00")
    assert share(rig, "resident-files-kept-up", *APRIL) == (0, 1, 0)
    rig.do(MoveHouseholdOut(), as_=CLERK, on=home, occurred_at=shanghai("2025-03-20 10:00"), **LATE)
    assert share(rig, "resident-files-kept-up", *APRIL) == (0, 1, 0)
    [entry] = rig.rows("late-entries")
    assert (entry["claims"], entry["verdict"]) == ("FileFoundNeglected", "unconfirmed")
    rig.do(SIGNED, as_=MANAGER, on=home, by="zhao")
    assert share(rig, "resident-files-kept-up", *APRIL) == (0, 0, 0)


@pytest.mark.long
def test_a_household_that_leaves_after_its_file_was_found_neglected_is_no_more_in_the_next_month(
    rig: OfficeRig,
) -> None:
    home = household(rig, "1-101", "2025-01-02 09:00")
    rig.until("2025-05-10 09:00")
    rig.do(MoveHouseholdOut(), as_=CLERK, on=home)
    rig.until("2025-06-03 09:00")
    assert share(rig, "resident-files-kept-up", *APRIL) == (0, 1, 0)
    assert share(rig, "resident-files-kept-up", *MAY) == (0, 0, 0)


def handed_over_late(rig: OfficeRig) -> str:
    """A home that nobody inspected in February and March; in April it is said to have been handed over in January."""
    home = vacancy(rig, "1-101", "2025-01-10 09:00")
    rig.do(RecordCleaning(scope=CleaningScope.WHOLE), as_=CLERK, on=home, at="2025-01-20 09:00")
    rig.until("2025-04-02 09:00")
    keys = tuple(rig.case(home).keys)
    given = HandOverHome(reason=HandOverReason.RETURN_TO_OWNER, keys=keys, receiver="王", signature="王")
    rig.do(given, as_=CLERK, on=home, occurred_at=shanghai("2025-01-31 10:00"), **LATE)
    return home


def test_a_hand_over_entered_late_against_missed_inspections_waits_for_a_second_person(rig: OfficeRig) -> None:
    home = handed_over_late(rig)
    for slug in ("vacancy-inspection-rate", "vacancy-integrity-rate"):
        assert share(rig, slug, *MARCH) == (0, 1, 0), slug
    assert [row["claims"] for row in rig.rows("late-entries")] == ["InspectionMissed"]
    rig.do(SIGNED, as_=MANAGER, on=home, by="zhao")
    for slug in ("vacancy-inspection-rate", "vacancy-integrity-rate"):
        assert share(rig, slug, *MARCH) == (0, 0, 0), slug


@pytest.mark.long
def test_a_hand_over_that_nobody_believes_ends_the_vacancy_on_the_day_of_its_entry(rig: OfficeRig) -> None:
    home = handed_over_late(rig)
    rig.do(RejectLateEntry(reason="业主三月才领走钥匙"), as_=MANAGER, on=home, by="zhao")
    assert share(rig, "vacancy-integrity-rate", *MARCH) == (0, 1, 0)
    rig.until("2025-05-03 09:00")
    assert share(rig, "vacancy-integrity-rate", *APRIL) == (0, 0, 0)


def test_a_complaint_opened_again_on_paper_mends_no_missed_visit(
    rig: OfficeRig,
) -> None:
    case_id = complaint(rig, "2025-01-02 09:00", "2025-01-05 09:00")
    rig.do(HANDLED, as_=CLERK, on=case_id, at="2025-01-03 09:00")
    rig.until("2025-02-10 09:00")
    rig.do(ReopenComplaint(reason="又响"), as_=CLERK, on=case_id, occurred_at=shanghai("2025-01-04 10:00"), **LATE)
    for slug in ("complaint-follow-up-rate", "complaint-follow-ups-visited", "complaint-follow-up-in-time"):
        assert share(rig, slug, *JANUARY) == (0, 1, 0), slug


def test_a_corrective_action_stays_missed_in_the_month_in_which_it_was_missed_wherever_its_date_is_moved(
    rig: OfficeRig,
) -> None:
    opened = OpenCorrectiveAction(procedure=Procedure.CORRECTIVE, matter="门禁", due_by=shanghai("2025-01-10 12:00"))
    action = rig.do(opened, as_=HEAD, at="2025-01-02 09:00").case_id
    rig.do(AnalyseCause(cause="未巡检"), as_=HEAD, on=action)
    rig.until("2025-02-05 09:00")
    moved = ProposeMeasures(measures="换锁", responsible="li", due_by=shanghai("2025-03-10 12:00"))
    rig.do(moved, as_=HEAD, on=action, occurred_at=shanghai("2025-01-09 09:00"), **LATE)
    assert share(rig, "corrective-actions-in-time", *JANUARY) == (0, 1, 0)
    assert share(rig, "corrective-actions-in-time", *MARCH) == (0, 0, 0), "it is missed once"
    rig.do(SIGNED, as_=MANAGER, on=action, by="zhao")
    assert share(rig, "corrective-actions-in-time", *JANUARY) == (0, 0, 0)
    assert share(rig, "corrective-actions-in-time", *MARCH) == (0, 0, 1)


def overdue_loan(rig: OfficeRig) -> str:
    home = vacancy(rig, "1-101", "2025-01-02 09:00")
    asked = RequestKeyLoan(
        vacant_home=home,
        keys=("1-101/1",),
        purpose=Purpose.VIEWING,
        borrower="李四",
        identity_document="身份证 1",
        expected_return=shanghai("2025-01-05 12:00"),
    )
    loan = rig.do(asked, as_=GUARD, at="2025-01-05 09:00").case_id
    rig.do(IssueKeys(officer_signature="签"), as_=GUARD, on=loan)
    rig.until("2025-01-20 09:00")
    return loan


@pytest.mark.long
def test_what_rests_on_a_step_that_was_taken_back_stands_beside_the_figure(rig: OfficeRig) -> None:
    loan = overdue_loan(rig)
    assert share(rig, "keys-returned-in-time", *JANUARY) == (0, 1, 0)
    then = AsOf(number=len(rig.facts()))
    rig.do(WithdrawStep(reason="记错了人"), as_=MANAGER, on=loan, by="zhao")
    for at in ("2025-01-20 10:00", "2025-02-03 09:00"):
        rig.until(at)
        assert share(rig, "keys-returned-in-time", *JANUARY) == (0, 0, 0)
        assert excluded(rig, "keys-returned-in-time", *JANUARY) == {"step withdrawn": 1}
        reading = read(rig, "keys-returned-in-time", *JANUARY)
        with rig.pool.connection() as connection:
            [listed] = measure.cases(connection, REGISTERS, reading, "excluded")
        assert listed[1] == loan
    assert share(rig, "keys-returned-in-time", *JANUARY, then) == (0, 1, 0)


def test_a_step_that_is_taken_back_leaves_a_breach_where_it_is_that_does_not_rest_on_it(rig: OfficeRig) -> None:
    case_id = complaint(rig, "2025-01-02 09:00", "2025-01-05 09:00")
    rig.until("2025-01-08 09:00")
    rig.do(HANDLED, as_=CLERK, on=case_id)
    rig.do(WithdrawStep(reason="并未办结"), as_=MANAGER, on=case_id, by="zhao")
    for at in ("2025-01-20 10:00", "2025-02-03 09:00"):
        rig.until(at)
        assert share(rig, "complaint-handling-rate", *JANUARY) == (0, 1, 0)


@pytest.mark.long
def test_the_entries_of_a_case_that_was_withdrawn_were_none(rig: OfficeRig) -> None:
    then = (date(2025, 2, 1), date(2025, 2, 28))
    rig.until("2025-02-10 09:00")
    registered = RegisterComplaint(
        channel=Channel.IN_PERSON, category="noise", matter="x", content="y", complainant="王某"
    )
    case_id = rig.do(registered, as_=CLERK, occurred_at=shanghai("2025-02-05 09:00")).case_id
    page = AsOf(number=len(rig.facts()))
    assert [read(rig, "entries-in-time", *then).counted, read(rig, "entries-in-time", *then).met] == [1, 0]
    rig.do(WithdrawAsMistaken(reason="重复"), as_=MANAGER, on=case_id, by="zhao")
    assert read(rig, "entries-in-time", *then).counted == 0
    assert read(rig, "entries-in-time", *then, page).counted == 1


@pytest.mark.long
def test_a_late_visit_names_the_figures_of_its_own_type_alone(rig: OfficeRig) -> None:
    complaint = RegisterComplaint(channel=Channel.IN_PERSON, category="x", matter="x", content="y", anonymous=True)
    case_id = rig.do(complaint, as_=CLERK).case_id
    rig.do(solved(rig.now), as_=CLERK, on=case_id)
    [visit] = rig.rows("follow-ups")
    rig.until("2025-01-20 09:00")
    proposed = ProposeFollowUpExit(reason=ExitReason.NOBODY, note="匿名")
    at = shanghai("2025-01-02 09:00")
    rig.do(proposed, as_=CLERK, on=visit["case_id"], occurred_at=at, late_reason="忘记登记", by="li")
    [entry] = rig.rows("late-entries")
    figures = set(entry["figures"].split())
    assert {"complaint-follow-up-rate", "follow-ups-in-window", "visit-appointments-kept"} <= figures
    assert not {slug for slug in figures if slug.startswith(("repair-", "takeover-", "move-in-"))}


def test_a_late_entry_names_every_figure_that_it_would_change(rig: OfficeRig) -> None:
    handed_over_late(rig)
    [entry] = rig.rows("late-entries")
    assert set(entry["figures"].split()) == {
        "vacancy-inspection-rate",
        "vacancy-integrity-rate",
        "vacancy-integrity-by-area",
    }
