"""What follows for complaints (§4): every beginning has an end 做到有始有终."""

from __future__ import annotations

from collections.abc import Iterator

from domain.complaints.complaint.case import Complaint
from domain.complaints.complaint.events import ComplaintReopened, ComplaintResolved
from domain.handbook.settings import Numbers
from domain.kernel.calendar import local_date
from domain.kernel.fact import Fact
from domain.rounds.rectification.case import rectification_id
from domain.rounds.rectification.commands import EndRectificationWithComplaint
from domain.visits.follow_up.case import visit_id
from domain.visits.follow_up.commands.ending import LapseFollowUp
from domain.visits.follow_up.commands.visiting import OpenFollowUp
from domain.visits.follow_up.events import (
    FollowUpType,
    LapseReason,
)
from workflows.engine.policy import Consequence, whenever


def follow_up_every_resolved_complaint(complaint: Complaint, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """投诉处理完毕即安排回访 · Follow up every resolved complaint."""
    if not fact.imported:
        number = complaint.reopened + 1
        yield Consequence(
            OpenFollowUp(
                type=FollowUpType.COMPLAINT,
                anchor=local_date(fact.occurred_at),
                origin_kind="complaint",
                origin_id=complaint.id,
                household=complaint.household,
                home=complaint.home,
                responsible=complaint.done_by,
                doers=complaint.handlers,
                by_manager=complaint.severe,
                anonymous=complaint.anonymous,
                chain=complaint.id,
                round=number,
                previous=complaint.unsatisfied,
                unasked=complaint.unasked,
            ),
            opens=visit_id(complaint.id, number),
        )


def end_the_rectification_of_what_was_solved_otherwise(
    complaint: Complaint, fact: Fact, _numbers: Numbers
) -> Iterator[Consequence]:
    """投诉重新处理完毕，前次回访的整改随之终止 · A complaint that is handled again ends what its follow-up had put right apart."""
    if complaint.unsatisfied is not None and not fact.imported:
        ended = EndRectificationWithComplaint(complaint=complaint.id)
        yield Consequence(ended, to=rectification_id(complaint.unsatisfied))


def ask_no_more_about_what_was_opened_again(
    complaint: Complaint, fact: Fact, _numbers: Numbers
) -> Iterator[Consequence]:
    """投诉重开，未进行的回访随之失效 · A complaint that the resident opens again is not asked about before it is handled."""
    assert isinstance(fact.event, ComplaintReopened)
    if fact.event.follow_up is None and not fact.imported:
        yield Consequence(LapseFollowUp(reason=LapseReason.REOPENED), to=visit_id(complaint.id, complaint.reopened))


COMPLAINTS = (
    whenever(ComplaintResolved, then=follow_up_every_resolved_complaint, clause="4.5"),
    whenever(ComplaintResolved, then=end_the_rectification_of_what_was_solved_otherwise, clause="5.2.D"),
    whenever(ComplaintReopened, then=ask_no_more_about_what_was_opened_again, clause="4.5"),
)
