"""What follows for follow-ups (§5.2): every beginning has an end 做到有始有终."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.calendar import IsoWeek, local_date
from domain.complaint import Complaint, ComplaintResolved, ConcludeComplaintFollowUp, ReopenComplaint
from domain.fact import Fact
from domain.follow_up import EndFollowUpRound, OpenFollowUp
from domain.follow_up_events import (
    FollowUp,
    FollowUpExited,
    FollowUpFoundConforming,
    FollowUpFoundNonconforming,
    FollowUpType,
)
from domain.office import Office, OfficeOpened
from domain.rectification import OpenRectification
from domain.rectification_events import Rectification, RectificationClosed
from domain.repair_order import ConcludeRepairFollowUp, MarkRepairSampled
from domain.settings import Numbers
from domain.weekly_sample import OpenWeeklySample, SampleSubstituted, WeeklySample, WeeklySampleDrawn
from workflows.policy import Consequence, whenever

__all__ = ["FOLLOW_UPS"]

_COMPLAINT, _REPAIR, _FOLLOW_UP = "complaint", "repair_order", "follow_up"


def follow_up_every_resolved_complaint(complaint: Complaint, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """投诉处理完毕即安排回访 · Follow up every resolved complaint."""
    if not fact.imported:
        yield Consequence(
            OpenFollowUp(
                type=FollowUpType.COMPLAINT,
                anchor=local_date(fact.occurred_at),
                origin_kind=_COMPLAINT,
                origin_id=complaint.id,
                household=complaint.household,
                home=complaint.home,
                responsible=complaint.resolved_by,
                by_manager=complaint.severe,
                chain=complaint.id,
                round=complaint.reopened + 1,
            )
        )


def tell_the_origin_that_it_ended_well(visit: FollowUp, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """回访合格记入原事项 · Tell the complaint or the repair that the resident is satisfied."""
    yield from _conclude(visit, "satisfied")


def tell_the_origin_that_it_was_ended(visit: FollowUp, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """回访终止记入原事项 · Tell the complaint or the repair that the chain was ended lawfully."""
    yield from _conclude(visit, f"exited:{visit.exit_reason}")


def put_right_what_does_not_conform(visit: FollowUp, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """不合格项立案整改，投诉重开 · Put right what does not conform; a complaint is opened again."""
    event = fact.event
    assert isinstance(event, FollowUpFoundNonconforming)
    yield Consequence(
        OpenRectification(
            matter=event.comment,
            origin_kind=_FOLLOW_UP,
            origin_id=visit.id,
            origin_item=str(visit.round),
            home=visit.home,
            household=visit.household,
            responsible=event.responsible,
            due_by=event.rectify_by,
        )
    )
    if visit.origin_kind == _COMPLAINT and visit.origin_id is not None:
        yield Consequence(ReopenComplaint(reason=event.comment), to=visit.origin_id)
        # The complaint's chain goes on when it is resolved again: its own resolution opens the next round.
        yield Consequence(EndFollowUpRound(), to=visit.id)


def ask_again_when_it_was_put_right(work: Rectification, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """整改关闭后再次回访 · Ask again once the nonconformity was put right."""
    if work.origin_kind == _FOLLOW_UP and work.origin_id is not None:
        yield Consequence(EndFollowUpRound(), to=work.origin_id)
        yield Consequence(
            OpenFollowUp(
                type=FollowUpType.OTHER,
                anchor=local_date(fact.occurred_at),
                origin_kind="rectification",
                origin_id=work.id,
                household=work.household,
                home=work.home,
                chain=work.origin_id,
                round=int(work.origin_item or 1) + 1,
            )
        )


def sample_the_week_in_which_an_office_opens(_office: Office, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """管理处设立即开始每周抽样 · Begin the weekly sample with the office."""
    yield Consequence(OpenWeeklySample(week=str(IsoWeek.of(local_date(fact.occurred_at)))))


def sample_the_next_week(sample: WeeklySample, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """抽样后立项下一周 · Open the next week's sample with each draw."""
    yield Consequence(OpenWeeklySample(week=str(IsoWeek.parse(sample.week).next())))


def follow_up_every_chosen_repair(sample: WeeklySample, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """抽中的维修单安排回访 · Follow up every chosen repair."""
    for chosen in sample.chosen:
        yield from _visit(sample, chosen)


def follow_up_the_replacement(sample: WeeklySample, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """替换者安排回访 · Follow up the replacement instead."""
    event = fact.event
    assert isinstance(event, SampleSubstituted)
    yield from _visit(sample, event.replacement)


def _visit(sample: WeeklySample, chosen: str) -> Iterator[Consequence]:
    repair = sample.repair(chosen)
    yield Consequence(MarkRepairSampled(sample=sample.id, week=sample.week), to=chosen)
    yield Consequence(
        OpenFollowUp(
            type=FollowUpType.REPAIR,
            anchor=repair.completed_on,
            origin_kind=_REPAIR,
            origin_id=chosen,
            household=repair.household,
            home=repair.home,
            responsible=repair.worker,
            chain=chosen,
        )
    )


def _conclude(visit: Any, outcome: str) -> Iterator[Consequence]:
    if visit.origin_id is None:
        return
    if visit.origin_kind == _COMPLAINT:
        yield Consequence(ConcludeComplaintFollowUp(outcome=outcome, follow_up=visit.id), to=visit.origin_id)
    elif visit.origin_kind == _REPAIR:
        yield Consequence(ConcludeRepairFollowUp(outcome=outcome, follow_up=visit.id), to=visit.origin_id)


FOLLOW_UPS = (
    whenever(ComplaintResolved, then=follow_up_every_resolved_complaint, clause="4.5"),
    whenever(FollowUpFoundConforming, then=tell_the_origin_that_it_ended_well, clause="4.5"),
    whenever(FollowUpExited, then=tell_the_origin_that_it_was_ended, clause="5.2.D"),
    whenever(FollowUpFoundNonconforming, then=put_right_what_does_not_conform, clause="5.2.D"),
    whenever(RectificationClosed, then=ask_again_when_it_was_put_right, clause="5.2.D"),
    whenever(OfficeOpened, then=sample_the_week_in_which_an_office_opens, clause="5.2.B"),
    whenever(WeeklySampleDrawn, then=sample_the_next_week, clause="5.2.B"),
    whenever(WeeklySampleDrawn, then=follow_up_every_chosen_repair, clause="5.2.B"),
    whenever(SampleSubstituted, then=follow_up_the_replacement, clause="5.2.B"),
)
