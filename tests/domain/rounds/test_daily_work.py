"""Sentences about work orders 工单 (§1.11), notice boards 宣传栏 and activities 社区活动 (§1.7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.kernel.periods import Month
from domain.rounds import activity, notice_board, work_order
from domain.rounds.activity import (
    ActivityHeld,
    ActivityNotHeldInTime,
    ActivityPostponed,
    ActivityReported,
    CancelActivity,
    MarkActivityNotHeld,
    PlanActivity,
    PostponeActivity,
    RecordActivityHeld,
    ReportActivity,
)
from domain.rounds.notice_board import (
    EditionMissed,
    EditionPosted,
    MarkEditionMissed,
    MarkPostingOutdated,
    PostEdition,
    PostingOutdated,
    PrepareEdition,
    RetireNoticeBoard,
    SetUpNoticeBoard,
    TakeDownPosting,
)
from domain.rounds.work_order import (
    AcceptWorkOrder,
    CancelWorkOrder,
    DispatchWorkOrder,
    MarkWorkOrderOverdue,
    RaiseWorkOrder,
    ReportWorkOrderDone,
    ReturnWorkOrder,
    Trade,
    WorkOrderAccepted,
    WorkOrderDispatched,
    WorkOrderOverdue,
    WorkOrderReturned,
)
from tests.domain.story import Story, given, instant

CLERK, HEAD, MANAGER, CLOCK = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER, Role.CLOCK

# -- work orders -----------------------------------------------------------------------------------------------------


def raised(**fields: Any) -> Story:
    command = RaiseWorkOrder(**{"trade": Trade.CLEANING, "place": "3栋大堂", "matter": "地面积水", **fields})
    return given(work_order.LIFECYCLE).when(command, as_=CLERK)


def done() -> Story:
    story = raised().when(DispatchWorkOrder(worker="cleaner"), as_=CLERK, at="2025-03-03 11:00")
    return story.when(ReportWorkOrderDone(result="已清洁"), as_=CLERK, at="2025-03-03 12:00", by="clerk")


def test_a_work_order_has_a_deadline_from_its_first_hour() -> None:
    raised().owes("work-order", "2025-03-07 00:00")
    raised(due_by=instant("2025-03-03 09:00")).refused(RuleBroken, code="deadline-passed")
    raised(due_by=instant("2025-03-04 09:00")).owes("work-order", "2025-03-04 09:00")


def test_dispatching_keeps_a_deadline_that_lies_ahead_and_renews_one_that_has_passed() -> None:
    story = raised().when(DispatchWorkOrder(worker="cleaner"), as_=CLERK, at="2025-03-03 11:00")
    story.then(WorkOrderDispatched, due_by=instant("2025-03-07 00:00"))
    late = raised().when(MarkWorkOrderOverdue(), as_=CLOCK, at="2025-03-07 00:00")
    late.then(WorkOrderOverdue, due_at=instant("2025-03-07 00:00")).owes("work-order", None)
    late.when(DispatchWorkOrder(worker="cleaner"), as_=CLERK, at="2025-03-08 10:00").owes(
        "work-order", "2025-03-12 00:00"
    )
    assert late.case.first_missed_at == instant("2025-03-07 00:00")


def test_a_deadline_that_was_fixed_is_put_off_by_the_head_or_the_manager_who_says_why() -> None:
    later = {"worker": "cleaner", "due_by": instant("2025-03-20 00:00")}
    for role, reason in ((CLERK, "缺料"), (HEAD, None)):
        story = raised().when(DispatchWorkOrder(worker="cleaner"), as_=CLERK, at="2025-03-03 11:00")
        story.when(DispatchWorkOrder(**later, reason=reason), as_=role, at="2025-03-04 11:00").refused(
            RuleBroken, code="postponement", clause="1.11"
        )
    story.when(DispatchWorkOrder(**later, reason="雨"), as_=HEAD, at="2025-03-04 11:00")
    story.then(WorkOrderDispatched, postponed=True).owes("work-order", "2025-03-20 00:00")
    assert story.case.postponed == 1
    raised().when(DispatchWorkOrder(**later), as_=CLERK).refused(RuleBroken, code="postponement")
    raised().when(DispatchWorkOrder(**later, reason="雨"), as_=HEAD).then(WorkOrderDispatched, postponed=True)


def test_a_deadline_that_had_passed_was_missed_though_the_clock_had_not_said_so() -> None:
    story = raised().when(DispatchWorkOrder(worker="cleaner"), as_=CLERK, at="2025-03-08 10:00")
    assert story.case.first_missed_at == instant("2025-03-07 00:00")


def test_only_the_program_says_what_a_work_order_comes_from() -> None:
    for origin in ({"origin_kind": "patrol"}, {"origin_id": "patrol-1"}, {"origin_item": "1"}):
        raised(**origin).refused(RuleBroken, code="origin-of-program", clause="1.11")


def test_work_is_accepted_by_somebody_else_or_returned() -> None:
    done().when(AcceptWorkOrder(), as_=CLERK, by="clerk").refused(RuleBroken, code="own-work")
    done().when(AcceptWorkOrder(), as_=HEAD, by="cleaner").refused(RuleBroken, code="own-work")
    helped = raised().when(DispatchWorkOrder(worker="cleaner"), as_=CLERK, at="2025-03-03 11:00")
    helped.when(ReportWorkOrderDone(done_by="helper"), as_=CLERK, at="2025-03-03 12:00", by="clerk")
    helped.when(AcceptWorkOrder(), as_=HEAD, by="cleaner").refused(RuleBroken, code="own-work")
    done().when(AcceptWorkOrder(), as_=HEAD, by="someone").refused(RuleBroken, code="own-work")  # who asked for it
    done().when(ReturnWorkOrder(reason="仍有水渍"), as_=HEAD, by="someone").is_in("returned")
    done().when(AcceptWorkOrder(remark="好"), as_=HEAD, by="head").then(WorkOrderAccepted).is_in("accepted")
    story = (
        done().when(ReturnWorkOrder(reason="仍有水渍"), as_=HEAD, by="head").then(WorkOrderReturned).is_in("returned")
    )
    assert (story.case.returned, story.case.done_at) == (1, None)


def test_work_that_is_said_to_be_done_and_is_not_puts_no_deadline_off() -> None:
    back = ReturnWorkOrder(reason="仍有水渍")
    story = done().when(back, as_=HEAD, by="head")
    ahead = story.case.due_by
    story.then(WorkOrderReturned, due_by=ahead)
    later = replace(back, due_by=ahead + timedelta(days=3))
    done().when(later, as_=CLERK, by="other").refused(RuleBroken, code="postponement")
    done().when(later, as_=HEAD, by="head").then(WorkOrderReturned, due_by=ahead + timedelta(days=3))
    late = done().when(back, as_=CLERK, by="other", at=ahead + timedelta(hours=1)).then(WorkOrderReturned)
    assert late.case.first_missed_at == ahead


def test_a_work_order_is_cancelled_with_a_reason() -> None:
    raised().when(CancelWorkOrder(reason=" "), as_=CLERK).refused(RuleBroken, code="reason-missing")
    story = raised().when(CancelWorkOrder(reason="重复"), as_=CLERK).is_in("cancelled").owes("work-order", None)
    assert story.case.cancelled_at == instant("2025-03-03 10:00")


# -- notice boards ---------------------------------------------------------------------------------------------------


def board() -> Story:
    return given(notice_board.LIFECYCLE).when(SetUpNoticeBoard(name="东门栏", place="东门"), as_=CLERK)


def test_a_board_owes_an_edition_every_month() -> None:
    story = board().owes("edition", "2025-04-01 00:00")
    story.when(PrepareEdition(title="消防知识"), as_=CLERK)
    story.when(PostEdition(photo="p"), as_=CLERK, at="2025-03-20 10:00").then(EditionPosted, title="消防知识", number=1)
    story.owes("edition", "2025-05-01 00:00")
    story.when(PostEdition(title="加刊", photo="p"), as_=CLERK, at="2025-03-21 10:00")
    story.then(EditionPosted, number=2, replaces="消防知识").owes("edition", "2025-05-01 00:00")


def test_a_month_without_an_edition_is_a_breach_and_several_follow_in_order() -> None:
    story = board().when(MarkEditionMissed(), as_=CLOCK, at="2025-04-01 00:00")
    story.then(EditionMissed, month=date(2025, 3, 1), due_at=instant("2025-04-01 00:00"))
    story.owes("edition", "2025-05-01 00:00")
    story.when(MarkEditionMissed(), as_=CLOCK, at="2025-05-01 00:00").then(EditionMissed, month=date(2025, 4, 1))
    assert story.case.months[Month(2025, 4)].missed_at is not None


def test_a_posting_needs_a_title_and_a_photo_and_comes_down_in_time() -> None:
    board().when(PostEdition(photo="p"), as_=CLERK).refused(RuleBroken, code="title-missing")
    board().when(PostEdition(title="x"), as_=CLERK).refused(RuleBroken, code="photo-missing")
    early = PostEdition(title="x", photo="p", take_down_by=date(2025, 3, 1))
    board().when(early, as_=CLERK).refused(RuleBroken, code="day-passed")
    board().when(TakeDownPosting(), as_=CLERK).refused(RuleBroken, code="nothing-posted")
    story = board().when(PostEdition(title="x", photo="p", take_down_by=date(2025, 3, 9)), as_=CLERK)
    story.owes("take-down", "2025-03-10 00:00")
    story.when(MarkPostingOutdated(), as_=CLOCK, at="2025-03-10 00:00").then(PostingOutdated, title="x")
    story.owes("take-down", None).when(TakeDownPosting(), as_=CLERK, at="2025-03-11 10:00")
    assert story.case.title is None


def test_an_edition_that_is_entered_late_counts_for_its_month_and_does_not_hang_there_now() -> None:
    story = board().when(MarkEditionMissed(), as_=CLOCK, at="2025-04-01 00:00")
    story.when(PostEdition(title="防汛", photo="p", take_down_by=date(2025, 5, 1)), as_=CLERK, at="2025-04-10 10:00")
    story.when(PostEdition(title="消防", photo="p"), as_=CLERK, at="2025-03-20 10:00").then(
        EditionPosted, month=date(2025, 3, 1)
    )
    assert (story.case.title, story.case.months[Month(2025, 3)].posted) == ("防汛", 1)
    story.owes("take-down", "2025-05-02 00:00")
    assert story.case.months[Month(2025, 3)].missed_at is not None


def test_a_retired_board_owes_nothing() -> None:
    board().when(RetireNoticeBoard(reason="拆除"), as_=MANAGER).is_in("retired").owes("edition", None)


# -- activities ------------------------------------------------------------------------------------------------------


def planned(**fields: Any) -> Story:
    command = PlanActivity(**{"title": "元宵灯会", "planned_on": date(2025, 3, 8), "place": "广场", **fields})
    return given(activity.LIFECYCLE).when(command, as_=CLERK)


def test_an_activity_is_owed_until_the_end_of_its_day() -> None:
    story = planned().owes("activity", "2025-03-09 00:00")
    story.when(MarkActivityNotHeld(), as_=CLOCK, at="2025-03-09 00:00").then(ActivityNotHeldInTime).owes(
        "activity", None
    )
    story.when(PostponeActivity(planned_on=date(2025, 3, 1), reason="雨"), as_=CLERK, at="2025-03-09 10:00")
    story.refused(RuleBroken, code="day-passed")
    story.when(PostponeActivity(planned_on=date(2025, 3, 15), reason="雨"), as_=CLERK, at="2025-03-09 10:00")
    story.then(ActivityPostponed).owes("activity", "2025-03-16 00:00")
    assert story.case.postponed == 1


def test_an_activity_is_held_and_reported() -> None:
    story = planned().when(RecordActivityHeld(participants=80), as_=CLERK, at="2025-03-08 21:00")
    story.then(ActivityHeld, ended_on=date(2025, 3, 8)).is_in("held")
    story.when(ReportActivity(summary="热闹", spent_fen=-1), as_=CLERK).refused(RuleBroken, code="amount-negative")
    story.when(ReportActivity(summary="热闹", spent_fen=120_00), as_=CLERK).then(ActivityReported).is_in("reported")


def test_what_cannot_be_is_refused() -> None:
    planned(planned_on=date(2025, 3, 1)).refused(RuleBroken, code="day-passed")
    planned(budget_fen=-1).refused(RuleBroken, code="amount-negative")
    planned().when(RecordActivityHeld(ended_on=date(2025, 3, 9)), as_=CLERK).refused(RuleBroken, code="day-ahead")
    planned().when(RecordActivityHeld(participants=-1), as_=CLERK).refused(RuleBroken, code="amount-negative")
    planned().when(CancelActivity(reason="无人报名"), as_=MANAGER).is_in("cancelled")
