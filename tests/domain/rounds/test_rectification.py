"""Sentences about rectifications 整改 (§1.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from domain.cases import GENERIC
from domain.handbook.settings import Change, Settings
from domain.homes.vacant_home.events import HomeDefectClosed
from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.people import Actor, Role
from domain.rounds.rectification.case import (
    ASSIGNED,
    CLOSED,
    DONE,
    FOUND,
    REOPENED,
    VERIFIED,
    WITHDRAWN,
    rectification_id,
)
from domain.rounds.rectification.commands import (
    AssignRectification,
    CloseRectification,
    FailRectification,
    MarkRectificationOverdue,
    OpenRectification,
    ReportRectificationDone,
    VerifyRectification,
    WithdrawRectification,
)
from domain.rounds.rectification.events import (
    RectificationAssigned,
    RectificationClosed,
    RectificationDone,
    RectificationFound,
    RectificationOrdered,
    RectificationOverdue,
    RectificationReopened,
    RectificationVerified,
    RectificationWithdrawn,
    Severity,
)
from domain.rounds.rectification.lifecycle import LIFECYCLE
from tests.domain.story import DAY, Story, given, instant

CLERK, HEAD, MANAGER, ASSISTANT = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER, Role.ASSISTANT
CLOCK, POLICY, AUDITOR = Role.CLOCK, Role.POLICY, Role.AUDITOR
DEFAULT_DUE = "2025-03-11 00:00"
"""A week after the 3rd of March, at the end of the day."""
FIRST, SECOND, THIRD = "2025-03-04 10:00", "2025-03-05 10:00", "2025-03-06 10:00"
LATE = "2025-03-12 10:00"


def opening(**fields: Any) -> OpenRectification:
    return OpenRectification(**{"matter": "楼道灯不亮", **fields})


def found(**fields: Any) -> Story:
    """Found on the 3rd of March at ten."""
    return given(LIFECYCLE).when(opening(**fields), as_=CLERK, by="finder")


def assigned() -> Story:
    return found().when(AssignRectification(responsible="plumber"), as_=HEAD, at=FIRST)


def done() -> Story:
    """The responsible plumber has reported that a helper did it."""
    return assigned().when(
        ReportRectificationDone(result="已更换", done_by="helper"), as_=ASSISTANT, at=SECOND, by="clerk"
    )


def verified() -> Story:
    return done().when(VerifyRectification(findings="正常"), as_=CLERK, at=THIRD, by="checker")


# -- found and assigned ----------------------------------------------------------------------------------------------


def test_what_is_found_has_a_deadline_at_once_though_nobody_is_responsible_yet() -> None:
    story = found(severity=Severity.HAZARD, home="1-101", household="household-1", details="三层")
    story.then(RectificationFound, due_by=instant(DEFAULT_DUE), severity=Severity.HAZARD, home="1-101", details="三层")
    story.is_in(FOUND).owes("rectification", DEFAULT_DUE)
    case = story.case
    assert (case.matter, case.severity, case.details) == ("楼道灯不亮", Severity.HAZARD, "三层")
    assert (case.home, case.responsible) == ("1-101", None)
    assert LIFECYCLE.subject is not None
    assert LIFECYCLE.subject(story.case) == "household-1"


def test_the_office_sets_the_days_that_a_rectification_may_take() -> None:
    settings = Settings((Change("rectification.default_days", 3, date(2025, 1, 1)),))
    Story(LIFECYCLE, settings).when(opening(), as_=CLERK).owes("rectification", "2025-03-07 00:00")


def test_what_opened_a_rectification_stays_with_it() -> None:
    origin = {"origin_kind": "vacant_home", "origin_id": "vacant_home-1", "origin_item": "2"}
    story = given(LIFECYCLE).when(opening(**origin), as_=POLICY).then(RectificationFound, **origin)
    assert (story.case.origin_kind, story.case.origin_id, story.case.origin_item) == tuple(origin.values())


def test_only_the_program_says_what_a_rectification_comes_from() -> None:
    """Its end is told to the origin, and figures count by it: nobody may lean his own on another's case."""
    for origin in ({"origin_kind": "follow_up"}, {"origin_id": "vacant_home-1"}, {"origin_item": "1"}):
        for role in (CLERK, MANAGER):
            given(LIFECYCLE).when(opening(**origin), as_=role).refused(
                RuleBroken, code="origin-of-program", clause="1.1"
            )


def test_whoever_names_the_responsible_person_at_once_has_it_assigned() -> None:
    story = found(responsible="plumber", department="工程部", due_by=instant(FIRST))
    story.then(RectificationOrdered, responsible="plumber", department="工程部", due_by=instant(FIRST))
    story.is_in(ASSIGNED).owes("rectification", FIRST)
    assert (story.case.responsible, story.case.department) == ("plumber", "工程部")
    assert story.case.assigned_at == instant(DAY)


def test_a_deadline_lies_ahead() -> None:
    for command in (opening(due_by=instant(DAY)), opening(due_by=instant(DAY), responsible="plumber")):
        given(LIFECYCLE).when(command, as_=CLERK).refused(RuleBroken, code="deadline-passed", clause="1.1")
    found().when(AssignRectification(responsible="plumber", due_by=instant(DAY)), as_=HEAD, at=FIRST).refused(
        RuleBroken, code="deadline-passed", clause="1.1"
    )
    story = given(LIFECYCLE).when(opening(due_by=instant(DAY)), as_=CLERK, imported=True)
    story.then(RectificationFound, due_by=instant(DAY))
    assert story.waived == ["deadline-passed"]


def test_an_assignment_without_a_deadline_leaves_the_one_that_is_ahead() -> None:
    story = assigned().then(RectificationAssigned, responsible="plumber", due_by=instant(DEFAULT_DUE), department=None)
    story.is_in(ASSIGNED).owes("rectification", DEFAULT_DUE)
    assert story.case.assigned_at == instant(FIRST)
    story.when(AssignRectification(responsible="painter", department="工程部"), as_=MANAGER, at=SECOND)
    story.owes("rectification", DEFAULT_DUE)
    assert (story.case.responsible, story.case.department) == ("painter", "工程部")
    story.when(AssignRectification(responsible="mason"), as_=MANAGER, at=THIRD)
    assert (story.case.responsible, story.case.department) == ("mason", "工程部")


def test_an_assignment_may_bring_a_new_deadline() -> None:
    sooner = AssignRectification(responsible="plumber", due_by=instant("2025-03-07 10:00"))
    found().when(sooner, as_=CLERK, at=FIRST).owes("rectification", "2025-03-07 10:00")
    later = AssignRectification(responsible="plumber", due_by=instant(LATE))
    found().when(later, as_=CLERK, at=FIRST).refused(RuleBroken, code="postponement", clause="1.1")
    found().when(replace(later, reason="待料"), as_=HEAD, at=FIRST).owes("rectification", LATE)


def test_no_deadline_lies_further_ahead_than_the_setting_says() -> None:
    beyond = instant("2025-06-02 00:00") + timedelta(seconds=1)
    opening_ = given(LIFECYCLE).when(opening(due_by=beyond), as_=CLERK)
    opening_.refused(RuleBroken, code="beyond-cap", clause="1.1")
    found(due_by=instant("2025-06-02 00:00")).owes("rectification", "2025-06-02 00:00")


def test_a_deadline_that_was_fixed_is_put_off_by_the_head_or_the_manager_who_says_why() -> None:
    later = {"responsible": "plumber", "due_by": instant(LATE)}
    for role, reason in ((CLERK, "缺料"), (HEAD, None), (MANAGER, " ")):
        assigned().when(AssignRectification(**later, reason=reason), as_=role, at=SECOND).refused(
            RuleBroken, code="postponement", clause="1.1"
        )
    story = assigned().when(AssignRectification(**later, reason="缺料"), as_=HEAD, at=SECOND)
    story.then(RectificationAssigned, postponed=True, reason="缺料").owes("rectification", LATE)
    assert story.case.postponed == 1
    sooner = AssignRectification(responsible="plumber", due_by=instant(THIRD))
    assigned().when(sooner, as_=CLERK, at=SECOND).then(RectificationAssigned, postponed=False)
    story = assigned().when(AssignRectification(**later), as_=CLERK, at=SECOND, imported=True)
    assert story.waived == ["postponement"]


def test_a_deadline_that_had_passed_was_missed_though_the_clock_had_not_said_so() -> None:
    story = (
        assigned()
        .when(AssignRectification(responsible="mason"), as_=CLERK, at=LATE)
        .owes("rectification", "2025-03-20 00:00")
    )
    assert story.case.first_missed_at == instant(DEFAULT_DUE)
    story = assigned().when(ReportRectificationDone(result="已更换"), as_=ASSISTANT, at=LATE, by="plumber")
    story.when(FailRectification(findings="仍不亮"), as_=MANAGER, at=LATE, by="checker")
    assert story.case.first_missed_at == instant(DEFAULT_DUE)


def test_only_those_who_answer_for_it_assign_it() -> None:
    for role in (ASSISTANT, Role.DUTY_OFFICER, POLICY):
        found().when(AssignRectification(responsible="plumber"), as_=role).refused(NotPermitted, clause="1.1")
    given(LIFECYCLE).when(opening(), as_=AUDITOR).refused(NotPermitted, clause="1.1")


# -- overdue ---------------------------------------------------------------------------------------------------------


def overdue(story: Story) -> Story:
    return story.when(MarkRectificationOverdue(), as_=CLOCK, at="2025-03-11 00:05")


def test_the_clock_notes_once_that_the_deadline_has_passed_assigned_or_not() -> None:
    for story, state in ((found(), FOUND), (assigned(), ASSIGNED)):
        overdue(story).then(RectificationOverdue, due_at=instant(DEFAULT_DUE)).is_in(state).owes("rectification", None)
        assert story.case.first_missed_at == instant(DEFAULT_DUE)
    found().when(MarkRectificationOverdue(), as_=MANAGER, at=DEFAULT_DUE).refused(NotPermitted, clause="1.1")


def test_an_overdue_rectification_that_is_assigned_runs_again_and_its_first_breach_stays() -> None:
    story = overdue(found()).when(AssignRectification(responsible="plumber"), as_=HEAD, at=LATE)
    story.owes("rectification", "2025-03-20 00:00")
    assert story.case.missed_at is None
    story.when(MarkRectificationOverdue(), as_=CLOCK, at="2025-03-20 00:00")
    assert story.case.missed_at == instant("2025-03-20 00:00")
    assert story.case.first_missed_at == instant(DEFAULT_DUE)


def test_an_assignment_at_the_very_end_of_the_deadline_brings_a_new_one() -> None:
    story = found(due_by=instant(LATE)).when(AssignRectification(responsible="plumber"), as_=HEAD, at=LATE)
    story.owes("rectification", "2025-03-20 00:00")


def test_an_overdue_rectification_that_fails_its_verification_runs_again() -> None:
    story = overdue(assigned()).when(ReportRectificationDone(result="已更换"), as_=ASSISTANT, at=LATE, by="plumber")
    story.when(FailRectification(findings="仍不亮"), as_=MANAGER, at=LATE, by="checker")
    story.is_in(REOPENED).owes("rectification", "2025-03-20 00:00")


def test_an_assignment_to_the_same_missed_deadline_does_not_start_it_again() -> None:
    story = overdue(found())
    same = AssignRectification(responsible="plumber", due_by=instant(DEFAULT_DUE))
    story.when(same, as_=HEAD, at=LATE, imported=True).owes("rectification", None)
    assert story.case.missed_at == instant(DEFAULT_DUE)


# -- done ------------------------------------------------------------------------------------------------------------


def test_what_was_done_and_by_whom_is_written_down() -> None:
    story = done().then(RectificationDone, done_by="helper", result="已更换").is_in(DONE).owes("rectification", None)
    assert story.case.doers == {"helper", "clerk"}
    assert (story.case.done_at, story.case.done_by, story.case.result) == (instant(SECOND), "helper", "已更换")


def test_whoever_reports_it_done_has_done_it_unless_he_names_another() -> None:
    assigned().when(ReportRectificationDone(result="已更换"), as_=ASSISTANT, at=SECOND, by="plumber").then(
        RectificationDone, done_by="plumber"
    )


def test_a_rectification_is_not_done_without_a_result() -> None:
    assigned().when(ReportRectificationDone(), as_=ASSISTANT, at=SECOND).refused(
        RuleBroken, code="result-missing", clause="1.1"
    )
    story = assigned().when(ReportRectificationDone(), as_=ASSISTANT, at=SECOND, imported=True)
    assert story.then(RectificationDone, result=None).waived == ["result-missing"]


def test_what_is_assigned_to_nobody_is_not_done() -> None:
    found().when(ReportRectificationDone(result="已更换"), as_=CLERK, at=SECOND).refused(WrongState, clause="1.1")


# -- verified and closed ---------------------------------------------------------------------------------------------


def test_done_verified_and_closed_are_three_dates() -> None:
    story = verified().then(RectificationVerified, findings="正常").is_in(VERIFIED)
    story.when(CloseRectification(), as_=CLERK, at=LATE).then(RectificationClosed).is_in(CLOSED)
    case = story.case
    assert (case.done_at, case.verified_at, case.closed_at) == (instant(SECOND), instant(THIRD), instant(LATE))
    assert (case.verified_by, case.findings) == ("checker", "正常")
    left = LIFECYCLE.permitted(case, [Actor("someone", role) for role in Role if role.is_person])
    assert set(left) <= GENERIC, "only a mistake of it can still be mended"


def test_nobody_verifies_his_own_work() -> None:
    """Neither the responsible person, nor who did it, nor who reported it."""
    for who in ("plumber", "helper", "clerk"):
        for command in (VerifyRectification(), FailRectification(findings="仍漏")):
            done().when(command, as_=CLERK, at=THIRD, by=who).refused(RuleBroken, code="own-work", clause="1.1")
    story = done().when(VerifyRectification(), as_=CLERK, at=THIRD, by="plumber", imported=True).is_in(VERIFIED)
    assert story.waived == ["own-work"]


def test_only_what_is_done_is_verified_and_only_what_is_verified_is_closed() -> None:
    assigned().when(VerifyRectification(), as_=CLERK, by="checker").refused(WrongState, clause="1.1")
    done().when(CloseRectification(), as_=CLERK, by="checker").refused(WrongState, clause="1.1")


def test_an_assistant_neither_verifies_nor_closes() -> None:
    done().when(VerifyRectification(), as_=ASSISTANT, by="checker").refused(NotPermitted, clause="1.1")
    verified().when(CloseRectification(), as_=ASSISTANT, by="checker").refused(NotPermitted, clause="1.1")


# -- reopened --------------------------------------------------------------------------------------------------------


def failed(**fields: Any) -> Story:
    """What was found insufficient on the 6th of March."""
    return done().when(FailRectification(**{"findings": "仍不亮", **fields}), as_=MANAGER, at=THIRD, by="checker")


def test_work_that_fails_goes_back_by_the_deadline_that_is_still_ahead_and_counts_as_reopened() -> None:
    story = failed().then(RectificationReopened, findings="仍不亮", due_by=instant("2025-03-11 00:00"))
    story.is_in(REOPENED).owes("rectification", "2025-03-11 00:00")
    assert story.case.first_missed_at is None
    assert (story.case.reopened, story.case.done_at, story.case.done_by) == (1, None, None)
    assert story.case.findings == "仍不亮"
    failed(due_by=instant("2025-03-07 12:00")).owes("rectification", "2025-03-07 12:00")
    failed(due_by=instant(THIRD)).refused(RuleBroken, code="deadline-passed", clause="1.1")


def test_work_that_is_said_to_be_done_and_is_not_puts_no_deadline_off() -> None:
    """Reported the day before, found wanting the day after: the first deadline was missed, whatever is fixed then."""
    later = FailRectification(findings="仍不亮", due_by=instant("2025-03-20 00:00"))
    done().when(later, as_=CLERK, at=THIRD, by="checker").refused(RuleBroken, code="postponement")
    done().when(later, as_=MANAGER, at=THIRD, by="checker").owes("rectification", "2025-03-20 00:00")
    story = done().when(FailRectification(findings="仍不亮"), as_=CLERK, at="2025-03-12 09:00", by="checker")
    story.then(RectificationReopened, due_by=instant("2025-03-20 00:00"))
    assert story.case.first_missed_at == instant("2025-03-11 00:00")


def test_what_is_reopened_is_done_again_or_given_to_another() -> None:
    again = ReportRectificationDone(result="已重做")
    story = failed().when(again, as_=ASSISTANT, at=LATE, by="second").is_in(DONE)
    for who in ("helper", "second"):
        story.when(VerifyRectification(), as_=CLERK, at=LATE, by=who).refused(RuleBroken, code="own-work")
    story.when(VerifyRectification(), as_=CLERK, at=LATE, by="checker").is_in(VERIFIED)
    failed().when(AssignRectification(responsible="painter"), as_=HEAD, at=LATE).is_in(ASSIGNED)


def test_nobody_verifies_what_he_asked_for_but_may_find_it_wanting() -> None:
    done().when(VerifyRectification(), as_=CLERK, at=THIRD, by="finder").refused(RuleBroken, code="own-work")
    done().when(FailRectification(findings="仍漏"), as_=CLERK, at=THIRD, by="finder").is_in(REOPENED)


def test_a_second_failure_counts_too() -> None:
    story = failed().when(ReportRectificationDone(result="已重做"), as_=ASSISTANT, at=LATE, by="second")
    story.when(FailRectification(findings="仍不亮"), as_=CLERK, at=LATE, by="checker")
    assert story.case.reopened == 2


def test_a_reopened_rectification_may_be_missed_again() -> None:
    story = failed().when(MarkRectificationOverdue(), as_=CLOCK, at="2025-03-11 00:00").is_in(REOPENED)
    assert story.case.first_missed_at == instant("2025-03-11 00:00")


# -- withdrawn -------------------------------------------------------------------------------------------------------


def test_what_was_found_twice_is_withdrawn_by_another_with_the_reason() -> None:
    withdrawing = WithdrawRectification(reason="重复立案")
    for story in (found(), assigned(), failed()):
        story.when(withdrawing, as_=CLERK, at=LATE, by="head").refused(NotPermitted, clause="1.1")
        for who in ("finder", *(["plumber"] if story.case.responsible else [])):
            story.when(withdrawing, as_=HEAD, at=LATE, by=who).refused(RuleBroken, code="own-work", clause="1.1")
        story.when(withdrawing, as_=HEAD, at=LATE, by="head").then(RectificationWithdrawn, reason="重复立案")
        story.is_in(WITHDRAWN).owes("rectification", None)
        assert story.case.withdrawn_at == instant(LATE)
    done().when(withdrawing, as_=MANAGER, at=LATE, by="manager").refused(WrongState)


def test_what_a_follow_up_found_is_put_right_and_not_withdrawn() -> None:
    origin = {"origin_kind": "follow_up", "origin_id": "follow_up-1", "origin_item": "1"}
    story = given(LIFECYCLE).when(opening(**origin), as_=POLICY)
    story.when(WithdrawRectification(reason="不必"), as_=MANAGER, at=FIRST, by="manager")
    story.refused(RuleBroken, code="follow-up-goes-on", clause="5.2.D")
    assert WithdrawRectification not in LIFECYCLE.permitted(story.case, [Actor("someone", MANAGER)])


# -- what the fold leaves alone --------------------------------------------------------------------------------------


def test_what_happened_to_another_matter_changes_nothing_here() -> None:
    story = done()
    before = repr(story.case)
    LIFECYCLE.evolve(story.case, replace(story.facts[0], event=HomeDefectClosed(defect=1)))
    assert repr(story.case) == before


def test_it_is_not_verified_before_it_was_done() -> None:
    story = assigned().when(ReportRectificationDone(result="换灯"), as_=CLERK, at=THIRD, by="plumber")
    story.when(VerifyRectification(), as_=MANAGER, at=SECOND, by="manager").refused(RuleBroken, code="before-done")
    story.when(VerifyRectification(), as_=MANAGER, at=THIRD, by="manager").then(RectificationVerified)


def test_what_a_visit_found_is_put_right_under_its_id() -> None:
    assert rectification_id("follow_up-complaint-1-1") == "rectification-follow_up-complaint-1-1"
