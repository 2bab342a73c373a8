"""Sentences about dates 时限: the first promise stays, a later one has a reason, an approval and an end (§4.2, §4.4, §4.9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from domain.complaints.complaint.commands.handling import (
    ConcludeComplaintFollowUp,
    DeclareComplaintSevere,
    DispatchComplaint,
    EscalateComplaint,
    MissComplaintReview,
    MissEscalation,
    MissPromise,
    ReassignComplaint,
    ReopenComplaint,
    ResolveComplaint,
    ReviewComplaint,
    SolveComplaintOnTheSpot,
)
from domain.complaints.complaint.commands.reception import AssessComplaint, InvestigateComplaint, RegisterComplaint
from domain.complaints.complaint.events import (
    Channel,
    ComplaintAssessed,
    ComplaintDispatched,
    ComplaintResolved,
    ComplaintReviewed,
    ComplaintReviewMissed,
    EscalationUnanswered,
)
from domain.complaints.complaint.lifecycle import LIFECYCLE
from domain.handbook.settings import Change, Settings
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.fact import Command
from domain.kernel.people import Actor, Role
from tests.domain.story import DAY, Story, instant

DAYS, HOUR = timedelta(days=2), timedelta(hours=1)
CLERK, HEAD, MANAGER, CLOCK = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER, Role.CLOCK


def registered(settings: Settings | None = None) -> Story:
    command = RegisterComplaint(
        channel=Channel.IN_PERSON, category="noise", matter="夜间施工", content="凌晨电钻", household="h-1"
    )
    return Story(LIFECYCLE, settings).when(command, as_=CLERK)


def promise(until: str, *, told: str | None = DAY, reason: str | None = None) -> AssessComplaint:
    return AssessComplaint(
        promised_by=instant(until), measure="劝阻", told_at=None if told is None else instant(told), reason=reason
    )


def promised(settings: Settings | None = None) -> Story:
    return registered(settings).when(promise("2025-03-05 18:00"), as_=CLERK)


def dispatch(until: str, *, told: str | None = None, reason: str | None = None) -> DispatchComplaint:
    return DispatchComplaint(
        department="工程部", due_by=instant(until), reason=reason, told_at=None if told is None else instant(told)
    )


SPOT: dict[str, str] = {"done_by": "li", "measure": "劝阻", "result": "已停工", "root_cause": "未告知时段"}
FOUND = InvestigateComplaint(findings="7栋装修", root_cause="未告知时段")
DONE = ResolveComplaint(done_by="li", result="已停工")


# -- promises --------------------------------------------------------------------------------------------------------


def test_the_first_promise_stays_in_the_case_whatever_is_promised_later() -> None:
    story = promised().when(promise("2025-03-08 18:00", reason="等料"), as_=CLERK, at="2025-03-05 17:59")
    story.then(ComplaintAssessed, postponed=True, reason="等料").owes("promise", "2025-03-08 18:00")
    case = story.case
    assert (case.first_promised_by, case.promised_by) == (instant("2025-03-05 18:00"), instant("2025-03-08 18:00"))
    assert (case.postponed, case.promises, case.late) == (1, 2, False)


def test_a_later_promise_says_why_and_was_told_since_the_last_one() -> None:
    for reason in (None, " "):
        story = promised().when(promise("2025-03-08 18:00", reason=reason), as_=CLERK)
        story.refused(RuleBroken, code="postponement", clause="4.2")
    for told, code in ((None, "told-at-missing"), ("2025-03-03 09:59", "told-too-early")):
        again = promise("2025-03-08 18:00", told=told, reason="等料")
        promised().when(again, as_=CLERK, at="2025-03-04 10:00").refused(RuleBroken, code=code, clause="4.2")
    story = promised().when(
        promise("2025-03-06 18:00", told="2025-03-04 09:00", reason="等料"), as_=CLERK, at="2025-03-04 09:00"
    )
    stale = promise("2025-03-07 18:00", told=DAY, reason="等料")
    story.when(stale, as_=HEAD, at="2025-03-04 10:00").refused(RuleBroken, code="told-too-early")


def test_a_promise_of_less_time_is_no_postponement() -> None:
    sooner = promised().when(promise("2025-03-04 18:00"), as_=CLERK).then(ComplaintAssessed, postponed=False)
    assert sooner.case.first_promised_by == instant("2025-03-05 18:00")
    promised().when(promise("2025-03-05 18:00"), as_=CLERK).then(ComplaintAssessed, postponed=False)


def test_beyond_so_many_times_or_days_a_date_is_put_off_by_the_head() -> None:
    story = promised().when(promise("2025-03-06 18:00", reason="等料"), as_=CLERK).then(ComplaintAssessed)
    again = promise("2025-03-07 18:00", reason="还等料")
    story.when(again, as_=CLERK).refused(RuleBroken, code="postponement", clause="4.2")
    story.when(again, as_=HEAD).then(ComplaintAssessed, postponed=True)
    far, near = (promise(until, reason="等料") for until in ("2025-03-12 18:01", "2025-03-12 18:00"))
    promised().when(far, as_=CLERK).refused(RuleBroken, code="postponement")
    promised().when(far, as_=MANAGER).then(ComplaintAssessed)
    promised().when(near, as_=CLERK).then(ComplaintAssessed)
    strict = Settings((Change("complaints.later_promises", 0, date(2025, 1, 1)),))
    promised(strict).when(near, as_=CLERK).refused(RuleBroken, code="postponement")


def test_nothing_is_promised_beyond_the_cap_by_anybody() -> None:
    cap = "2025-05-03 00:00"  # sixty days after 3 March
    for until in ("2025-05-03 00:01", "2034-01-01 00:00"):
        registered().when(promise(until), as_=MANAGER).refused(RuleBroken, code="beyond-cap", clause="4.2")
        promised().when(promise(until, reason="等料"), as_=MANAGER).refused(RuleBroken, code="beyond-cap")
        registered().when(dispatch(until), as_=MANAGER).refused(RuleBroken, code="beyond-cap", clause="4.4")
    registered().when(promise(cap), as_=CLERK).then(ComplaintAssessed)
    severe = registered().when(DeclareComplaintSevere(reason="多户"), as_=HEAD)
    review = ReviewComplaint(measures="限时施工", responsible="zhao", due_by=instant("2025-05-03 00:01"))
    severe.when(review, as_=MANAGER).refused(RuleBroken, code="beyond-cap", clause="4.4")
    imported = registered().when(promise("2034-01-01 00:00"), as_=CLERK, imported=True)
    assert imported.waived == ["beyond-cap"]


def test_the_cap_begins_anew_when_the_complaint_is_opened_again() -> None:
    story = registered().when(SolveComplaintOnTheSpot(**SPOT, told_at=instant(DAY)), as_=CLERK)
    story.when(ReopenComplaint(reason="又来"), as_=CLERK, at="2025-04-20 10:00")
    story.when(promise("2025-06-01 18:00", told=DAY), as_=CLERK, at="2025-04-20 11:00").refused(
        RuleBroken, code="told-too-early"
    )
    story.when(promise("2025-06-01 18:00", told="2025-04-20 11:00"), as_=CLERK, at="2025-04-20 11:00")
    story.then(ComplaintAssessed, postponed=False)


def test_a_departments_date_is_put_off_as_strictly_and_the_resident_is_told() -> None:
    story = registered().when(dispatch("2025-03-05 18:00"), as_=HEAD).then(ComplaintDispatched, postponed=False)
    story.when(dispatch("2025-03-06 18:00"), as_=HEAD).refused(RuleBroken, code="postponement", clause="4.4")
    story.when(dispatch("2025-03-06 18:00", reason="等料"), as_=HEAD).then(ComplaintDispatched, postponed=True)
    again = dispatch("2025-03-07 18:00", reason="还等料")
    story.when(again, as_=HEAD).refused(RuleBroken, code="postponement", clause="4.4")
    story.when(again, as_=MANAGER).then(ComplaintDispatched)
    beyond = dispatch("2025-03-06 18:00", reason="等料")
    promised().when(beyond, as_=HEAD).refused(RuleBroken, code="told-at-missing", clause="4.2")
    told = dispatch("2025-03-06 18:00", reason="等料", told=DAY)
    moved = promised().when(told, as_=HEAD).then(ComplaintDispatched)
    assert moved.case.first_promised_by == instant("2025-03-05 18:00")
    early = dispatch("2025-03-05 18:00", told="2025-03-03 09:00")
    promised().when(early, as_=HEAD).refused(RuleBroken, code="told-too-early")
    promised().when(dispatch("2025-03-05 18:00"), as_=HEAD).then(ComplaintDispatched, postponed=False)


def test_the_review_of_a_severe_one_may_set_a_later_date_and_it_counts() -> None:
    story = promised().when(DeclareComplaintSevere(reason="多户"), as_=HEAD)
    review = ReviewComplaint(measures="限时施工", responsible="zhao", due_by=instant("2025-03-20 18:00"))
    story.when(review, as_=MANAGER).then(ComplaintReviewed, postponed=True)
    assert (story.case.postponed, story.case.first_promised_by) == (1, instant("2025-03-05 18:00"))


def test_what_was_missed_stays_missed_after_a_promise_that_is_entered_as_if_before() -> None:
    story = promised().when(MissPromise(), as_=CLOCK, at="2025-03-05 18:00")
    story.when(promise("2025-03-08 18:00", told=DAY, reason="等料"), as_=CLERK, at="2025-03-05 17:00")
    assert story.case.late


def test_a_first_promise_that_was_broken_stays_so_when_it_is_handled_anew() -> None:
    story = promised().when(promise("2025-03-08 18:00", reason="等料"), as_=CLERK).when(FOUND, as_=CLERK)
    story.when(DONE, as_=CLERK, at="2025-03-07 10:00")
    story.when(ReopenComplaint(reason="又来"), as_=CLERK, at="2025-03-09 10:00")
    assert (story.case.first_broken, story.case.late, story.case.first_promised_by) == (
        *(True, False),
        instant("2025-03-05 18:00"),
    )
    kept = promised().when(FOUND, as_=CLERK).when(DONE, as_=CLERK, at="2025-03-05 10:00")
    assert not kept.when(ReopenComplaint(reason="又来"), as_=CLERK, at="2025-03-09 10:00").case.first_broken


# -- handling --------------------------------------------------------------------------------------------------------


def test_nothing_is_handled_without_its_measure_its_telling_and_its_cause() -> None:
    registered().when(DONE, as_=CLERK).refused(RuleBroken, code="measure-missing", clause="4.2")
    promised().when(DONE, as_=CLERK).refused(RuleBroken, code="root-cause-missing", clause="4.3")
    registered().when(FOUND, as_=CLERK).when(DONE, as_=CLERK).refused(RuleBroken, code="measure-missing")
    severe = registered().when(DeclareComplaintSevere(reason="多户"), as_=HEAD)
    severe.when(ReviewComplaint(measures="限时", responsible="zhao", due_by=instant("2025-03-05 18:00")), as_=MANAGER)
    severe.when(FOUND, as_=CLERK).when(DONE, as_=CLERK).refused(RuleBroken, code="told-at-missing", clause="4.2")
    severe.when(promise("2025-03-05 18:00"), as_=CLERK).when(DONE, as_=CLERK).then(ComplaintResolved)
    promised().when(FOUND, as_=CLERK).when(DONE, as_=CLERK).then(ComplaintResolved, on_the_spot=False)
    blank = InvestigateComplaint(findings="x", root_cause=" ")
    registered().when(blank, as_=CLERK).refused(RuleBroken, code="root-cause-missing", clause="4.3")
    promised().when(
        AssessComplaint(promised_by=instant("2025-03-05 18:00"), measure=" ", told_at=instant(DAY)), as_=CLERK
    ).refused(RuleBroken, code="measure-missing")


def test_why_not_says_so_before_anybody_tries() -> None:
    refusal = LIFECYCLE.why_not(ResolveComplaint, registered().case, Actor("li", CLERK))
    assert isinstance(refusal, RuleBroken)
    assert refusal.code == "measure-missing"


def test_another_systems_history_is_taken_and_what_it_lacks_is_listed() -> None:
    story = registered().when(DONE, as_=CLERK, imported=True).then(ComplaintResolved)
    assert story.waived == ["measure-missing", "told-at-missing", "root-cause-missing"]
    again = story.when(DONE, as_=CLERK, imported=True).then(ComplaintResolved)
    assert again.waived == ["resolved-already"]


def test_it_is_solved_on_the_spot_in_one_word_that_says_all_three() -> None:
    solved = SolveComplaintOnTheSpot(**SPOT, told_at=instant(DAY), findings="7栋装修")
    story = registered().when(solved, as_=CLERK).then(ComplaintResolved, on_the_spot=True).is_in("resolved")
    case = story.case
    assert (case.measure, case.root_cause, case.findings) == ("劝阻", "未告知时段", "7栋装修")
    assert case.told_at == case.first_told_at == instant(DAY)
    for name, code in (
        ("measure", "measure-missing"),
        ("root_cause", "root-cause-missing"),
        ("result", "result-missing"),
    ):
        command = SolveComplaintOnTheSpot(**{**SPOT, name: " "}, told_at=instant(DAY))
        registered().when(command, as_=CLERK).refused(RuleBroken, code=code)
    registered().when(SolveComplaintOnTheSpot(**SPOT), as_=CLERK).refused(RuleBroken, code="told-at-missing")
    registered().when(solved, as_=Role.ASSISTANT).refused(NotPermitted)


def test_nobody_can_tell_the_anonymous() -> None:
    anonymous = RegisterComplaint(channel=Channel.LETTER, category="x", matter="y", content="z", anonymous=True)
    story = Story(LIFECYCLE).when(anonymous, as_=CLERK)
    story.when(promise("2025-03-05 18:00", told=None), as_=CLERK).when(FOUND, as_=CLERK).when(DONE, as_=CLERK)
    story.then(ComplaintResolved)
    assert story.case.first_told_at is None


def test_a_complaint_that_comes_back_wants_its_measure_and_its_cause_anew() -> None:
    story = registered().when(SolveComplaintOnTheSpot(**SPOT, told_at=instant(DAY)), as_=CLERK)
    story.when(ReopenComplaint(reason="又来"), as_=CLERK, at="2025-03-09 10:00")
    story.when(DONE, as_=CLERK, at="2025-03-09 11:00").refused(RuleBroken, code="measure-missing")
    assert story.case.first_told_at == instant(DAY)


def test_the_first_dates_stay_until_somebody_has_asked_whether_it_was_solved() -> None:
    story = promised().when(FOUND, as_=CLERK).when(DONE, as_=CLERK, at="2025-03-05 17:00")
    story.when(ReopenComplaint(reason="又来"), as_=CLERK, at="2025-03-05 17:10")
    assert (story.case.unasked, story.case.first_promised_by) == (1, instant("2025-03-05 18:00"))
    later = promise("2025-03-09 18:00", told="2025-03-05 17:20")
    story.when(later, as_=CLERK, at="2025-03-05 17:20").then(ComplaintAssessed, postponed=True)
    assert story.case.first_promised_by == instant("2025-03-05 18:00")
    story.when(FOUND, as_=CLERK).when(DONE, as_=CLERK, at="2025-03-09 17:00")
    story.when(ReopenComplaint(reason="还是来"), as_=CLERK, at="2025-03-09 17:10")
    again = promise("2025-03-12 18:00", told="2025-03-09 17:20")
    story.when(again, as_=CLERK, at="2025-03-09 17:20").refused(RuleBroken, code="postponement")
    story.when(again, as_=HEAD, at="2025-03-09 17:20").then(ComplaintAssessed, postponed=True)
    story.when(FOUND, as_=CLERK).when(DONE, as_=CLERK, at="2025-03-12 17:00")
    asked = ConcludeComplaintFollowUp(outcome="satisfied", follow_up="follow_up-1", round=story.case.reopened + 1)
    story.when(asked, as_=Role.POLICY, at="2025-03-13 17:00")
    story.when(ReopenComplaint(reason="复发"), as_=CLERK, at="2025-03-20 17:10")
    assert (story.case.unasked, story.case.postponed, story.case.first_promised_by) == (0, 0, None)


# -- those above -----------------------------------------------------------------------------------------------------


def escalated() -> Story:
    return registered().when(EscalateComplaint(reason="需停工令"), as_=CLERK).owes("escalation", "2025-03-04 10:00")


def test_what_was_escalated_is_the_heads_until_he_decides() -> None:
    for command in (
        dispatch("2025-03-05 18:00"),
        DeclareComplaintSevere(reason="多户"),
        ReassignComplaint(to="zhao"),
        promise("2025-03-05 18:00"),
        SolveComplaintOnTheSpot(**SPOT, told_at=instant(DAY)),
    ):
        escalated().when(command, as_=HEAD).owes("escalation", None)
    for mine in (ReassignComplaint(to="zhao"), promise("2025-03-05 18:00")):
        escalated().when(mine, as_=CLERK).owes("escalation", "2025-03-04 10:00")
    late = escalated().when(MissEscalation(), as_=CLOCK, at="2025-03-04 10:00")
    late.then(EscalationUnanswered, due_at=instant("2025-03-04 10:00")).owes("escalation", None)
    assert late.case.undecided_at == instant("2025-03-04 10:00")
    assert late.when(dispatch("2025-03-05 18:00"), as_=HEAD, at="2025-03-04 11:00").case.undecided_at is None


def test_a_severe_one_is_reviewed_within_days() -> None:
    story = registered().when(DeclareComplaintSevere(reason="多户"), as_=HEAD).owes("review", "2025-03-07 00:00")
    story.when(MissComplaintReview(), as_=CLOCK, at="2025-03-07 00:00")
    story.then(ComplaintReviewMissed, due_at=instant("2025-03-07 00:00")).owes("review", None)
    review = ReviewComplaint(measures="限时施工", responsible="zhao", due_by=instant("2025-03-10 18:00"))
    story.when(review, as_=MANAGER, at="2025-03-08 10:00").owes("review", None)
    taken_over = registered().when(DeclareComplaintSevere(reason="多户"), as_=HEAD, imported=True)
    taken_over.owes("review", None)


@pytest.mark.parametrize("command", [MissEscalation(), MissComplaintReview()])
def test_the_clock_alone_writes_those_breaches(command: Command) -> None:
    story = escalated() if isinstance(command, MissEscalation) else registered()
    if isinstance(command, MissComplaintReview):
        story.when(DeclareComplaintSevere(reason="多户"), as_=HEAD)
    story.when(command, as_=MANAGER).refused(NotPermitted)


def test_dates_are_instants() -> None:
    assert isinstance(promised().case.first_due_by, datetime)


def test_a_telling_is_belated_when_it_was_in_time_and_was_entered_after_it() -> None:
    complaint = registered().case
    [first] = promised().facts[-1:]
    at = complaint.tell_by

    def telling(told_at: datetime | None, entered_at: datetime | None) -> datetime | None:
        event = ComplaintAssessed(measure="劝阻", promised_by=at + DAYS, told_at=told_at, entered_at=entered_at)
        said: datetime | None = complaint.tells_belatedly(replace(first, event=event))
        return said

    assert telling(at - HOUR, at) == telling(at - HOUR, at + DAYS) == at - HOUR, (
        "entered at the end is entered after it"
    )
    assert telling(at - HOUR, at - HOUR) is None, "in time"
    assert telling(at, at + HOUR) is None, "told too late"
    assert telling(None, at) is telling(at - HOUR, None) is None
    assert promised().case.tells_belatedly(first) is None, "told before"
