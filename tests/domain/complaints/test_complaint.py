"""Sentences about complaints 投诉 (§4): received, promised, handled, asked about, answered, filed."""

from __future__ import annotations

from typing import Any

import pytest

from domain.complaints.complaint.commands.handling import (
    ArchiveComplaint,
    ConcludeComplaintFollowUp,
    DeclareComplaintSevere,
    DispatchComplaint,
    EscalateComplaint,
    MissPromise,
    NotePromiseMissed,
    PauseComplaint,
    ReassignComplaint,
    ReopenComplaint,
    ReopenUnsatisfiedComplaint,
    ResolveComplaint,
    ResumeComplaint,
    ReviewComplaint,
    SolveComplaintOnTheSpot,
)
from domain.complaints.complaint.commands.letters import ExcuseReplyLetter, SendReplyLetter
from domain.complaints.complaint.commands.reception import (
    AssessComplaint,
    InformResident,
    InvestigateComplaint,
    NoteComplaintStep,
    ReclassifyComplaint,
    RegisterComplaint,
    TakeUpComplaint,
)
from domain.complaints.complaint.events import (
    Channel,
    ComplaintArchived,
    ComplaintAssessed,
    ComplaintDeclaredSevere,
    ComplaintDispatched,
    ComplaintEscalated,
    ComplaintFollowedUp,
    ComplaintInvestigated,
    ComplaintPaused,
    ComplaintReassigned,
    ComplaintReclassified,
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintResumed,
    ComplaintReviewed,
    ComplaintStepNoted,
    ComplaintTakenUp,
    PromiseMissed,
    PromiseRenewed,
    ReplyLetterExcused,
    ReplyLetterSent,
    ResidentInformed,
)
from domain.complaints.complaint.lifecycle import LIFECYCLE
from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.people import Role
from tests.domain.story import DAY, Story, given, instant

CLERK, HEAD, MANAGER, CLOCK, POLICY, IMPORTER = (
    Role.ADMINISTRATOR,
    Role.DEPARTMENT_HEAD,
    Role.MANAGER,
    Role.CLOCK,
    Role.POLICY,
    Role.IMPORTER,
)
TOMORROW = instant("2025-03-04 18:00")
YESTERDAY = instant("2025-03-02 18:00")


ANONYMOUS = RegisterComplaint(
    channel=Channel.TELEPHONE, category="noise", matter="夜间施工", content="凌晨电钻", anonymous=True
)


def registered(channel: Channel = Channel.TELEPHONE) -> Story:
    command = RegisterComplaint(
        channel=channel, category="noise", matter="夜间施工", content="凌晨电钻", household="h-1"
    )
    return given(LIFECYCLE).when(command, as_=CLERK)


def assessed() -> Story:
    command = AssessComplaint(promised_by=TOMORROW, measure="劝阻", told_at=instant("2025-03-03 10:00"))
    return registered().when(command, as_=CLERK)


SOLVED = SolveComplaintOnTheSpot(
    done_by="li", measure="劝阻", result="已停工", root_cause="未告知时段", told_at=instant(DAY)
)
FOUND = InvestigateComplaint(findings="7栋装修", root_cause="未告知时段")


def resolved(channel: Channel = Channel.TELEPHONE) -> Story:
    return registered(channel).when(SOLVED, as_=CLERK)


def followed_up(channel: Channel = Channel.TELEPHONE) -> Story:
    return resolved(channel).when(ConcludeComplaintFollowUp(outcome="satisfied", follow_up="f-1", round=1), as_=POLICY)


def test_a_complaint_says_what_it_is_about_and_may_be_anonymous() -> None:
    registered().then(ComplaintRegistered, complainant=None).is_in("registered")
    silent = RegisterComplaint(channel=Channel.LETTER, category="noise", matter="夜间施工")
    given(LIFECYCLE).when(silent, as_=CLERK).refused(RuleBroken, code="content-missing", clause="4.2")
    waived = given(LIFECYCLE).when(silent, as_=CLERK, imported=True).waived
    assert waived == ["content-missing", "complainant-missing"]


def test_an_anonymous_complaint_is_said_to_be_so_and_no_other_is_without_anybody() -> None:
    for by in (CLERK, HEAD, MANAGER, Role.ASSISTANT, Role.DUTY_OFFICER):
        given(LIFECYCLE).when(ANONYMOUS, as_=by).then(ComplaintRegistered, anonymous=True, tell_by=None)
    fields: dict[str, Any] = {
        "channel": Channel.ONLINE,
        "category": "noise",
        "matter": "夜间施工",
        "content": "凌晨电钻",
    }
    given(LIFECYCLE).when(RegisterComplaint(**fields), as_=CLERK).refused(
        RuleBroken, code="complainant-missing", clause="4.2"
    )
    for named in ({"household": "h-1"}, {"complainant": "王"}, {"contact": "138"}):
        command = RegisterComplaint(**fields, **named, anonymous=True)
        given(LIFECYCLE).when(command, as_=CLERK).refused(RuleBroken, code="anonymous-but-named", clause="4.2")
        given(LIFECYCLE).when(RegisterComplaint(**fields, **named), as_=CLERK).then(ComplaintRegistered)
    at_home = given(LIFECYCLE).when(RegisterComplaint(**fields, home="1-101"), as_=CLERK)
    at_home.then(ComplaintRegistered, tell_by=instant("2025-03-03 12:00"))
    assert not at_home.case.anonymous


def test_a_promise_lies_ahead_has_a_measure_and_was_told() -> None:
    assessed().then(ComplaintAssessed).is_in("assessed").owes("promise", TOMORROW)
    told = instant("2025-03-03 10:00")
    for command, code in (
        (AssessComplaint(promised_by=TOMORROW, told_at=told), "measure-missing"),
        (AssessComplaint(promised_by=TOMORROW, measure="劝阻"), "told-at-missing"),
        (AssessComplaint(promised_by=YESTERDAY, measure="劝阻", told_at=told), "deadline-passed"),
    ):
        registered().when(command, as_=CLERK).refused(RuleBroken, code=code, clause="4.2")


def test_the_resident_was_told_between_the_registration_and_now() -> None:
    for told, code in (("2025-03-03 10:01", "told-in-the-future"), ("2025-03-03 09:59", "told-too-early")):
        command = AssessComplaint(promised_by=TOMORROW, measure="劝阻", told_at=instant(told))
        registered().when(command, as_=CLERK).refused(RuleBroken, code=code, clause="4.2")


def test_until_something_is_promised_the_local_rules_answer_is_owed() -> None:
    story = registered().owes("promise", "2025-03-14 00:00")
    story.when(MissPromise(), as_=CLOCK, at="2025-03-14 00:00").then(PromiseMissed, due_at=instant("2025-03-14 00:00"))
    promise = AssessComplaint(promised_by=instant("2025-03-16 18:00"), measure="劝阻", told_at=instant(DAY))
    story.when(promise, as_=CLERK, at="2025-03-15 10:00").owes("promise", "2025-03-16 18:00")
    assert story.case.late
    silent = RegisterComplaint(channel=Channel.LETTER, category="noise", matter="夜间施工")
    given(LIFECYCLE).when(silent, as_=CLERK, imported=True).owes("promise", None)


def test_a_time_that_has_passed_stays_broken_whatever_is_promised_afterwards() -> None:
    told = instant("2025-03-03 10:00")
    in_time = assessed().when(
        AssessComplaint(promised_by=instant("2025-03-06 18:00"), measure="再约", told_at=told, reason="等料"),
        as_=CLERK,
        at="2025-03-04 17:59",
    )
    assert (in_time.case.late, in_time.case.promises) == (False, 2)
    afterwards = (
        AssessComplaint(promised_by=instant("2025-03-06 18:00"), measure="再约", told_at=told, reason="等料"),
        DispatchComplaint(department="工程部", due_by=instant("2025-03-06 18:00"), reason="等料", told_at=told),
    )
    for command in afterwards:
        story = assessed().when(command, as_=HEAD, at="2025-03-04 18:00").owes("promise", "2025-03-06 18:00")
        assert story.case.late
    handled_late = assessed().when(FOUND, as_=CLERK)
    handled_late.when(ResolveComplaint(done_by="li", result="停工"), as_=CLERK, at="2025-03-05 09:00")
    assert not handled_late.case.late
    assert handled_late.when(ReopenComplaint(reason="又来"), as_=CLERK, at="2025-03-06 09:00").case.late
    told_elsewhere = registered().when(NotePromiseMissed(), as_=IMPORTER, imported=True)
    assert not told_elsewhere.case.late  # our own answer is still to come
    bare = given(LIFECYCLE).when(
        RegisterComplaint(channel=Channel.ONLINE, category="x", matter="y"), as_=CLERK, imported=True
    )
    assert bare.when(NotePromiseMissed(), as_=IMPORTER, imported=True).case.late


def test_who_is_with_a_department_or_under_review_is_told_of_another_time_too() -> None:
    promise = AssessComplaint(
        promised_by=instant("2025-03-08 18:00"), measure="更换", told_at=instant(DAY), reason="待料"
    )
    dispatched = registered().when(DispatchComplaint(department="工程部", due_by=TOMORROW), as_=HEAD)
    dispatched.when(promise, as_=CLERK).then(PromiseRenewed).is_in("dispatched").owes("promise", "2025-03-08 18:00")
    severe = registered().when(DeclareComplaintSevere(reason="多户"), as_=HEAD)
    severe.when(promise, as_=CLERK).then(PromiseRenewed).is_in("severe")


def test_the_clock_writes_the_breach_at_its_instant_and_nobody_else_does() -> None:
    story = assessed().when(MissPromise(), as_=CLOCK, at=TOMORROW).then(PromiseMissed, due_at=TOMORROW)
    story.is_in("assessed").owes("promise", None)
    assert story.case.ever_missed
    assessed().when(MissPromise(), as_=MANAGER).refused(NotPermitted)
    assessed().when(NotePromiseMissed(), as_=MANAGER).refused(NotPermitted, code="role", clause="4.9")
    assessed().when(NotePromiseMissed(due_at=TOMORROW), as_=IMPORTER, imported=True).then(
        PromiseMissed, due_at=TOMORROW
    )


def test_the_work_on_it_is_written_down() -> None:
    story = registered().when(TakeUpComplaint(done_by="li"), as_=CLERK).then(ComplaintTakenUp)
    story.when(InvestigateComplaint(findings="7栋装修", root_cause="未告知时段"), as_=CLERK).then(ComplaintInvestigated)
    story.when(InformResident(channel=Channel.TELEPHONE, progress="已约谈"), as_=CLERK).then(ResidentInformed)
    story.when(ReassignComplaint(to="zhao"), as_=CLERK).then(ComplaintReassigned)
    story.when(ReclassifyComplaint(category="renovation", matter="违规施工"), as_=CLERK).then(ComplaintReclassified)
    assert (story.case.category, story.case.root_cause, story.case.reassigned) == ("renovation", "未告知时段", 1)


def test_waiting_for_others_is_shown_and_stops_no_promise() -> None:
    story = assessed().when(PauseComplaint(waiting_for="城管"), as_=CLERK).then(ComplaintPaused)
    story.owes("promise", TOMORROW)
    story.when(PauseComplaint(waiting_for="城管"), as_=CLERK).refused(RuleBroken, code="already-waiting")
    story.when(PauseComplaint(waiting_for="施工方"), as_=CLERK).then(ComplaintPaused)
    story.when(ResumeComplaint(), as_=CLERK).then(ComplaintResumed)
    story.when(ResumeComplaint(), as_=CLERK).refused(RuleBroken, code="not-waiting", clause="4.3")


def test_what_exceeds_ones_powers_goes_up_and_comes_back_with_a_deadline() -> None:
    story = registered().when(EscalateComplaint(reason="需停工令"), as_=CLERK).then(ComplaintEscalated)
    story.when(DispatchComplaint(department="工程部", due_by=TOMORROW), as_=CLERK).refused(NotPermitted, clause="4.4")
    story.when(DispatchComplaint(department="工程部", due_by=YESTERDAY), as_=HEAD).refused(
        RuleBroken, code="deadline-passed"
    )
    story.when(DispatchComplaint(department="工程部", due_by=TOMORROW), as_=HEAD).then(ComplaintDispatched)
    story.is_in("dispatched").owes("promise", TOMORROW)


def test_a_severe_complaint_is_the_managers_and_wants_a_review() -> None:
    story = registered().when(DeclareComplaintSevere(reason="多户受扰"), as_=HEAD).then(ComplaintDeclaredSevere)
    story.is_in("severe").when(ResolveComplaint(done_by="li", result="停工"), as_=MANAGER).refused(WrongState)
    review = ReviewComplaint(measures="限时施工", responsible="zhao", due_by=TOMORROW)
    story.when(review, as_=HEAD).refused(NotPermitted)
    late = ReviewComplaint(measures="限时施工", responsible="zhao", due_by=YESTERDAY)
    story.when(late, as_=MANAGER).refused(RuleBroken, code="deadline-passed")
    story.when(review, as_=MANAGER).then(ComplaintReviewed).is_in("dispatched")


def test_handled_is_not_satisfied_and_not_handled_twice() -> None:
    assessed().when(FOUND, as_=CLERK).when(ResolveComplaint(done_by="li"), as_=CLERK).refused(
        RuleBroken, code="result-missing", clause="4.6"
    )
    story = resolved().then(ComplaintResolved).is_in("resolved")
    story.when(ResolveComplaint(done_by="li", result="停工"), as_=CLERK).refused(RuleBroken, code="resolved-already")
    story.when(ArchiveComplaint(), as_=CLERK).refused(RuleBroken, code="follow-up-missing", clause="4.5")
    again = ReopenUnsatisfiedComplaint(reason="又施工", follow_up="follow_up-1", round=1)
    story.when(again, as_=POLICY).then(ComplaintReopened, follow_up="follow_up-1").is_in("reopened")
    assert (story.case.reopened, story.case.unsatisfied) == (1, "follow_up-1")


def test_a_word_on_an_earlier_handling_neither_ends_nor_reopens_this_one() -> None:
    story = resolved().when(ReopenComplaint(reason="住户来电：又漏"), as_=CLERK)
    story.when(SOLVED, as_=CLERK).is_in("resolved")
    story.when(ConcludeComplaintFollowUp(outcome="satisfied", follow_up="f-1", round=1), as_=POLICY).then_nothing()
    story.when(ReopenUnsatisfiedComplaint(reason="仍漏", follow_up="f-1", round=1), as_=POLICY).then_nothing()
    story.when(ConcludeComplaintFollowUp(outcome="satisfied", follow_up="f-2", round=2), as_=POLICY)
    story.then(ComplaintFollowedUp).is_in("followed-up")


@pytest.mark.parametrize("channel", Channel)
def test_letters_and_calls_are_answered_by_letter_before_they_are_filed(channel: Channel) -> None:
    story = followed_up(channel).then(ComplaintFollowedUp).is_in("followed-up")
    if channel in (Channel.LETTER, Channel.TELEPHONE):
        story.when(ArchiveComplaint(), as_=CLERK).refused(RuleBroken, code="letter-missing", clause="4.7")
        called = SendReplyLetter(recipient="王", text="致歉", sent_by=Channel.TELEPHONE)
        story.when(called, as_=CLERK).refused(RuleBroken, code="not-a-letter", clause="4.7")
        story.when(SendReplyLetter(recipient="王", text="致歉"), as_=CLERK).then(ReplyLetterSent)
    story.when(ArchiveComplaint(), as_=CLERK).then(ComplaintArchived, category="noise").is_in("archived")
    story.when(ArchiveComplaint(), as_=CLERK).refused(RuleBroken, code="archived-already")


def test_an_anonymous_call_can_be_filed_without_a_letter_and_nobody_elses() -> None:
    excuse = ExcuseReplyLetter(reason="匿名来电，无联系方式")
    followed_up().when(excuse, as_=MANAGER).refused(RuleBroken, code="somebody-to-answer", clause="4.7")
    story = given(LIFECYCLE).when(ANONYMOUS, as_=CLERK)
    story.when(SOLVED, as_=CLERK)
    story.when(ConcludeComplaintFollowUp(outcome="exited:nobody-to-ask", follow_up="f-1", round=1), as_=POLICY)
    story.when(ArchiveComplaint(), as_=CLERK).refused(RuleBroken, code="letter-missing")
    story.when(excuse, as_=CLERK).refused(NotPermitted)
    story.when(excuse, as_=MANAGER).then(ReplyLetterExcused).when(ArchiveComplaint(), as_=CLERK).is_in("archived")


def test_the_record_holds_what_was_found_told_and_reviewed() -> None:
    story = registered().when(InvestigateComplaint(findings="7栋装修", root_cause="未告知时段"), as_=CLERK)
    story.when(InformResident(channel=Channel.TELEPHONE, progress="已约谈"), as_=CLERK)
    story.when(EscalateComplaint(reason="需停工令"), as_=CLERK)
    story.when(DeclareComplaintSevere(reason="多户受扰"), as_=HEAD)
    review = ReviewComplaint(measures="限时施工", responsible="zhao", due_by=TOMORROW, attendees=("王经理", "赵"))
    case = story.when(review, as_=MANAGER).case
    assert (case.findings, case.informed, case.last_informed_at) == ("7栋装修", 1, instant(DAY))
    assert (case.escalation, case.measures, case.attendees) == ("需停工令", "限时施工", ("王经理", "赵"))
    assert case.reviewed_at == instant(DAY)


def test_a_filed_complaint_can_be_opened_again_and_filed_otherwise() -> None:
    story = followed_up(Channel.IN_PERSON).when(ArchiveComplaint(category="renovation"), as_=CLERK)
    story.then(ComplaintArchived, category="renovation")
    story.when(ReopenComplaint(reason="复发"), as_=CLERK).is_in("reopened")


def test_whatever_else_was_done_is_noted_in_any_state_and_changes_none() -> None:
    story = (
        registered()
        .when(NoteComplaintStep(step="现场查看", done_by="李"), as_=CLERK)
        .then(ComplaintStepNoted, step="现场查看")
    )
    story.is_in("registered").when(SOLVED, as_=CLERK)
    story.when(NoteComplaintStep(step="电话告知"), as_=HEAD).is_in("resolved")
    assert story.case.steps == 2
    story.when(NoteComplaintStep(step="x"), as_=CLOCK).refused(NotPermitted, clause="4.6")
