"""Sentences about repair orders 维修单 (§1.11, §5.2.B)."""

from __future__ import annotations

from datetime import date

from domain.complaints.complaint.events import Channel
from domain.kernel.errors import RuleBroken, WrongState
from domain.kernel.people import Role
from domain.rounds.repair_order.commands import (
    AcceptRepair,
    BeginSurvey,
    CancelRepairOrder,
    ClassifyRepairOrder,
    CloseRepairOrder,
    ConcludeRepairFollowUp,
    DeclineRepairOrder,
    DispatchRepairOrder,
    FinishRepair,
    InformClientOfRepair,
    MarkRepairSampled,
    MissRepairDeadline,
    MissRepairDispatch,
    NoteRepairStep,
    NoteRepairVisited,
    RaiseRepairOrder,
    RecordSurvey,
    ReportRepairReady,
    ReturnRepair,
    StartRepair,
)
from domain.rounds.repair_order.events import (
    ClientInformed,
    RepairAccepted,
    RepairCancelled,
    RepairClassified,
    RepairClosed,
    RepairCompleted,
    RepairDeclined,
    RepairDispatched,
    RepairFinished,
    RepairFollowedUp,
    RepairNotDispatched,
    RepairOverdue,
    RepairRaised,
    RepairReturned,
    RepairSampled,
    RepairStarted,
    RepairStepNoted,
    RepairVisited,
    SurveyBegun,
    SurveyRecorded,
)
from domain.rounds.repair_order.lifecycle import LIFECYCLE
from tests.domain.story import Story, given, instant

CLERK, HEAD, CLOCK, POLICY = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.CLOCK, Role.POLICY
TOMORROW, YESTERDAY = instant("2025-03-04 18:00"), instant("2025-03-02 18:00")


def raised() -> Story:
    command = RaiseRepairOrder(
        channel=Channel.TELEPHONE, fault_kind="plumbing", description="厨房漏水", household="h-1", home="7-2-1403"
    )
    return given(LIFECYCLE).when(command, as_=CLERK)


def test_somebody_is_sent_by_a_date_or_that_is_said() -> None:
    story = raised().owes("dispatch", "2025-03-04 10:00").when(MissRepairDispatch(), as_=CLOCK, at="2025-03-04 10:00")
    story.then(RepairNotDispatched, due_at=instant("2025-03-04 10:00")).owes("dispatch", None)
    assert story.case.undispatched_since == instant("2025-03-04 10:00")
    story.when(DispatchRepairOrder(to="plumber", due_by=instant("2025-03-06 18:00")), as_=HEAD, at="2025-03-05 10:00")
    assert story.owes("dispatch", None).case.undispatched_since is None
    begun = (
        raised().when(StartRepair(means="internal", done_by="plumber"), as_=CLERK).owes("dispatch", "2025-03-04 10:00")
    )
    begun.when(ReportRepairReady(done_by="plumber", result="好"), as_=CLERK)
    begun.when(StartRepair(means="internal", done_by="plumber"), as_=CLERK, at="2025-03-05 10:00").owes(
        "dispatch", None
    )
    elsewhere = RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="plumbing", home="1-101")
    given(LIFECYCLE).when(elsewhere, as_=CLERK, imported=True).owes("dispatch", None)


def completed() -> Story:
    story = raised().when(DispatchRepairOrder(to="plumber", due_by=TOMORROW), as_=CLERK)
    return story.when(ReportRepairReady(done_by="plumber", result="换阀"), as_=CLERK)


def test_an_order_is_dispatched_with_a_deadline_that_lies_ahead() -> None:
    raised().then(RepairRaised).is_in("raised")
    raised().when(DispatchRepairOrder(to="plumber"), as_=CLERK).refused(
        RuleBroken, code="due-by-missing", clause="1.11"
    )
    raised().when(DispatchRepairOrder(to="plumber", due_by=YESTERDAY), as_=CLERK).refused(
        RuleBroken, code="deadline-passed"
    )
    story = raised().when(DispatchRepairOrder(to="plumber", due_by=TOMORROW), as_=CLERK).then(RepairDispatched)
    story.is_in("dispatched").when(MissRepairDeadline(), as_=CLOCK, at=TOMORROW).then(RepairOverdue, due_at=TOMORROW)


def test_the_way_of_a_repair_is_written_down() -> None:
    story = raised().when(ClassifyRepairOrder(fault_kind="electrical"), as_=CLERK).then(RepairClassified)
    story.when(BeginSurvey(done_by="li"), as_=CLERK).then(SurveyBegun)
    story.when(RecordSurvey(done_by="li", estimated_minutes=40), as_=CLERK).then(SurveyRecorded)
    story.when(StartRepair(means="internal", done_by="plumber"), as_=CLERK).then(RepairStarted).is_in("started")
    story.when(FinishRepair(means="internal", done_by="plumber"), as_=CLERK).then(RepairFinished)
    story.when(NoteRepairStep(step="领料"), as_=CLERK).then(RepairStepNoted)
    story.when(InformClientOfRepair(done_by="li"), as_=CLERK).then(ClientInformed).is_in("started")


def test_what_was_done_is_said_and_no_fee_is_negative() -> None:
    raised().when(ReportRepairReady(done_by="plumber"), as_=CLERK).refused(RuleBroken, code="result-missing")
    raised().when(ReportRepairReady(done_by="plumber", result="换阀", fee_fen=-1), as_=CLERK).refused(
        RuleBroken, code="amount-negative"
    )
    story = completed().then(RepairCompleted, follow_up_by=date(2025, 4, 3)).is_in("completed")
    assert (story.case.done_by, story.case.doers) == ("plumber", ("plumber",))
    imported = raised().when(ReportRepairReady(done_by="plumber"), as_=CLERK, imported=True)
    imported.then(RepairCompleted, follow_up_by=None)


def test_the_resident_signs_and_what_is_not_good_is_done_again() -> None:
    completed().when(AcceptRepair(), as_=CLERK).refused(RuleBroken, code="signed-by-missing")
    completed().when(AcceptRepair(), as_=Role.RESIDENT).then(RepairAccepted).is_in("accepted")  # by his own link
    story = completed().when(AcceptRepair(signed_by="王"), as_=CLERK).then(RepairAccepted).is_in("accepted")
    story.when(MarkRepairSampled(sample="s", week="2025-W10"), as_=POLICY)
    story.when(ReturnRepair(reason="仍滴水", due_by=YESTERDAY), as_=CLERK).refused(RuleBroken, code="deadline-passed")
    story.when(ReturnRepair(reason="仍滴水"), as_=CLERK).then(RepairReturned).is_in("returned")
    story.owes("repair", "2025-03-07 00:00")
    assert story.case.sample is None  # done again it is drawn as another piece of work
    imported = completed().when(ReturnRepair(reason="仍滴水"), as_=CLERK, imported=True)
    imported.then(RepairReturned, due_by=None)
    story.when(CloseRepairOrder(), as_=CLERK).refused(RuleBroken, code="not-completed")


def test_where_nobody_signs_a_head_who_did_not_work_on_it_accepts_it_and_says_why() -> None:
    unsigned = AcceptRepair(unsigned_reason="公共部位，无住户")
    completed().when(unsigned, as_=CLERK).refused(RuleBroken, code="unsigned", clause="1.11")
    completed().when(unsigned, as_=HEAD, by="plumber").refused(RuleBroken, code="unsigned")
    completed().when(unsigned, as_=HEAD, by="head").then(RepairAccepted, unsigned_reason="公共部位，无住户").is_in(
        "accepted"
    )


def test_everybody_who_laid_hands_on_it_is_known() -> None:
    story = raised().when(DispatchRepairOrder(to="li", due_by=TOMORROW), as_=CLERK)
    story.when(StartRepair(means="internal", done_by="zhang"), as_=CLERK)
    story.when(FinishRepair(means="internal", done_by="zhang"), as_=CLERK)
    story.when(ReportRepairReady(done_by="wang", result="换阀"), as_=CLERK)
    assert story.case.doers == ("li", "zhang", "wang")


def test_only_a_completed_repair_is_filed_sampled_and_asked_about() -> None:
    raised().when(CloseRepairOrder(), as_=CLERK).refused(RuleBroken, code="not-completed")
    raised().when(MarkRepairSampled(sample="s", week="2025-W10"), as_=POLICY).refused(WrongState)
    completed().when(CloseRepairOrder(done_by="li"), as_=CLERK).refused(RuleBroken, code="not-accepted", clause="1.11")
    story = completed().when(AcceptRepair(signed_by="王"), as_=CLERK)
    story.when(CloseRepairOrder(done_by="li"), as_=CLERK).then(RepairClosed).is_in("closed")
    story.when(MarkRepairSampled(sample="s", week="2025-W10"), as_=POLICY).then(RepairSampled)
    story.when(NoteRepairVisited(follow_up="f"), as_=POLICY, at="2025-03-12 10:00").then(RepairVisited)
    assert story.case.visited_at == instant("2025-03-12 10:00")
    story.when(ConcludeRepairFollowUp(outcome="satisfied", follow_up="f"), as_=POLICY).then(RepairFollowedUp)


def test_what_was_begun_is_not_taken_out_of_the_draw_by_whoever_did_it() -> None:
    """Done, and said to be unwanted: it would be neither drawn nor asked about."""
    for command in (CancelRepairOrder(reason="住户不要了"), DeclineRepairOrder(reason="不属本处")):
        begun = raised().when(StartRepair(means="internal", done_by="li"), as_=CLERK)
        begun.when(command, as_=CLERK).refused(RuleBroken, code="work-begun", clause="1.11")
        begun.when(command, as_=HEAD, by="li").refused(RuleBroken, code="work-begun")
        begun.when(command, as_=HEAD, by="head")
        assert begun.refusal is None


def test_what_is_not_ours_is_declined_and_what_is_not_wanted_is_cancelled() -> None:
    story = raised().when(DeclineRepairOrder(reason="属供电公司"), as_=CLERK).then(RepairDeclined).is_in("declined")
    story.when(DispatchRepairOrder(to="plumber", due_by=TOMORROW), as_=CLERK).refused(WrongState)
    raised().when(CancelRepairOrder(reason="自行修好"), as_=CLERK).then(RepairCancelled).is_in("cancelled")
