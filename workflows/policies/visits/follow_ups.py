"""What follows for follow-ups (§5.2): every beginning has an end 做到有始有终."""

from __future__ import annotations

from collections.abc import Iterator

from domain.complaints.complaint.commands.handling import ConcludeComplaintFollowUp, ReopenUnsatisfiedComplaint
from domain.handbook.settings import Numbers
from domain.kernel.calendar import local_date
from domain.kernel.fact import Case, Fact
from domain.kernel.late_entries import LateEntryConfirmed
from domain.kernel.mending import WithdrawnAsMistaken
from domain.kernel.periods import IsoWeek
from domain.kernel.standing import Verdict
from domain.office.office import Office, OfficeOpened
from domain.rounds.rectification.case import Rectification, rectification_id
from domain.rounds.rectification.commands import OpenRectification
from domain.rounds.rectification.events import RectificationClosed, RectificationWithdrawn
from domain.rounds.repair_order.case import RepairOrder
from domain.rounds.repair_order.commands import ConcludeRepairFollowUp, MarkRepairSampled, NoteRepairVisited
from domain.rounds.repair_order.events import RepairReturned, RepairSampled
from domain.visits.follow_up.case import FollowUp, visit_id
from domain.visits.follow_up.commands.ending import EndFollowUpRound, LapseFollowUp, SettleNonconformity
from domain.visits.follow_up.commands.visiting import OpenFollowUp
from domain.visits.follow_up.events import (
    FollowUpConducted,
    FollowUpExited,
    FollowUpFoundConforming,
    FollowUpFoundNonconforming,
    FollowUpRoundEnded,
    FollowUpType,
    LapseReason,
    NonconformitySettled,
)
from domain.visits.resident_word import CompareWithRecord, word_id
from domain.visits.weekly_sample import OpenWeeklySample, SampleSubstituted, WeeklySample, WeeklySampleDrawn
from workflows.engine.policy import Consequence, whenever

_COMPLAINT, _REPAIR, _FOLLOW_UP = "complaint", "repair_order", "follow_up"


def tell_the_repair_that_it_was_asked_about(visit: FollowUp, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """回访进行后记入维修单 · Tell the repair order that its resident was asked."""
    waits = any(e.version == fact.version and e.verdict is Verdict.UNCONFIRMED for e in visit.late_entries)
    if visit.origin_kind == _REPAIR and visit.origin_id is not None and not waits:
        yield Consequence(NoteRepairVisited(follow_up=visit.id), to=visit.origin_id)


def tell_the_repair_of_a_late_entry_that_is_confirmed(
    case: Case, fact: Fact, _numbers: Numbers
) -> Iterator[Consequence]:
    """补录的回访核实后记入维修单 · Tell the repair order of a visit whose late entry is confirmed."""
    said = fact.event
    assert isinstance(said, LateEntryConfirmed)
    conducted = any(e.version == said.entry and e.event == FollowUpConducted.__name__ for e in case.late_entries)
    if isinstance(case, FollowUp) and conducted and case.origin_kind == _REPAIR and case.origin_id is not None:
        yield Consequence(NoteRepairVisited(follow_up=case.id), to=case.origin_id)


def hold_the_record_against_the_residents_word(visit: FollowUp, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """回访记录与住户此前的自述核对 · Hold the record against what the resident said before."""
    assert isinstance(fact.event, FollowUpConducted)
    if not fact.imported:
        for matter in filter(None, (visit.id, visit.origin_id)):
            yield Consequence(CompareWithRecord(office_said=fact.event.conforming), to=word_id(matter))


def tell_the_origin_that_it_ended_well(visit: FollowUp, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """回访合格记入原事项 · Tell the complaint or the repair that the resident is satisfied."""
    yield from _conclude(visit, "satisfied")


def tell_the_origin_that_it_was_ended(visit: FollowUp, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """回访终止记入原事项 · Tell the complaint or the repair that the chain was ended lawfully."""
    yield from _conclude(visit, f"exited:{visit.exit_reason}")


def settle_the_nonconformity_before(visit: FollowUp, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """再次回访有了结果，前次不合格项随之了结 · How the chain ended settles the nonconformity before it."""
    if visit.previous is not None:
        settled = isinstance(fact.event, NonconformitySettled)
        yield Consequence(
            SettleNonconformity(outcome=str(visit.chain_outcome if settled else visit.outcome)), to=visit.previous
        )


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
        ),
        opens=rectification_id(visit.id),
    )
    if visit.origin_kind == _COMPLAINT and visit.origin_id is not None:
        reopen = ReopenUnsatisfiedComplaint(reason=event.comment, follow_up=visit.id, round=visit.round)
        yield Consequence(reopen, to=visit.origin_id)
        # The complaint's chain goes on when it is resolved again: its own resolution opens the next round.
        yield Consequence(EndFollowUpRound(), to=visit.id)


def end_the_round_when_it_was_put_right(work: Rectification, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """整改关闭，本轮回访结束 · A closed rectification ends the round that asked for it."""
    if work.origin_kind == _FOLLOW_UP and work.origin_id is not None:
        yield Consequence(EndFollowUpRound(doers=tuple(sorted(work.doers))), to=work.origin_id)


def end_the_round_of_a_mistaken_rectification(work: Case, fact: Fact, numbers: Numbers) -> Iterator[Consequence]:
    """误登的整改撤销，本轮回访结束 · So does one that was a mistake: the resident is asked again."""
    if isinstance(work, Rectification):
        yield from end_the_round_when_it_was_put_right(work, fact, numbers)


def ask_again_when_it_was_put_right(visit: FollowUp, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """整改后再次回访，直至满意 · Ask again once the nonconformity was put right, by somebody else than who did it."""
    if visit.origin_kind != _COMPLAINT:
        yield Consequence(
            OpenFollowUp(
                type=FollowUpType.OTHER,
                anchor=local_date(fact.occurred_at),
                origin_kind=visit.origin_kind,
                origin_id=visit.origin_id,
                household=visit.household,
                home=visit.home,
                responsible=visit.responsible,
                doers=tuple(sorted(visit.own_work)),
                by_manager=visit.by_manager,
                anonymous=visit.anonymous,
                chain=visit.chain,
                round=visit.round + 1,
                previous=visit.id,
            )
        )


def sample_the_week_in_which_an_office_opens(_office: Office, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """管理处设立即开始每周抽样 · Begin the weekly sample with the office."""
    yield Consequence(OpenWeeklySample(week=str(IsoWeek.of(local_date(fact.occurred_at)))))


def sample_the_next_week(sample: WeeklySample, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """抽样后立项下一周 · Open the next week's sample with each draw."""
    yield Consequence(OpenWeeklySample(week=str(IsoWeek.parse(sample.week).next())))


def mark_every_chosen_repair(sample: WeeklySample, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """抽中的维修单逐一标记 · Mark every repair that was drawn."""
    for chosen in sample.chosen:
        yield Consequence(MarkRepairSampled(sample=sample.id, week=sample.week), to=chosen)


def follow_up_the_replacement(sample: WeeklySample, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """替换者列入抽样，原回访失效 · The replacement is asked instead; who could not be reached is not."""
    event = fact.event
    assert isinstance(event, SampleSubstituted)
    yield Consequence(MarkRepairSampled(sample=sample.id, week=sample.week), to=event.replacement)
    if event.follow_up is not None:
        yield Consequence(LapseFollowUp(reason=LapseReason.SUBSTITUTED), to=event.follow_up)


def follow_up_every_chosen_repair(order: RepairOrder, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """抽中的维修单安排回访 · Follow up every chosen repair."""
    assert order.completed_at is not None
    yield Consequence(
        OpenFollowUp(
            type=FollowUpType.REPAIR,
            anchor=local_date(order.completed_at),
            origin_kind=_REPAIR,
            origin_id=order.id,
            household=order.household,
            home=order.home,
            responsible=order.done_by or order.worker,
            doers=order.doers,
            chain=order.id,
            unasked=order.unasked,
        ),
        opens=visit_id(order.id, order.returned + 1),
    )


def ask_no_more_about_what_was_returned(order: RepairOrder, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """维修退回，未进行的回访随之失效 · A repair that is returned is not asked about before it is done again."""
    if not fact.imported:
        yield Consequence(LapseFollowUp(reason=LapseReason.REOPENED), to=visit_id(order.id, order.returned))


def _conclude(visit: FollowUp, outcome: str) -> Iterator[Consequence]:
    if visit.origin_id is None:
        return
    if visit.origin_kind == _COMPLAINT:
        conclude = ConcludeComplaintFollowUp(outcome=outcome, follow_up=visit.id, round=visit.round)
        yield Consequence(conclude, to=visit.origin_id)
    elif visit.origin_kind == _REPAIR:
        yield Consequence(ConcludeRepairFollowUp(outcome=outcome, follow_up=visit.id), to=visit.origin_id)


FOLLOW_UPS = (
    whenever(FollowUpConducted, then=tell_the_repair_that_it_was_asked_about, clause="5.2.B"),
    whenever(FollowUpConducted, then=hold_the_record_against_the_residents_word, clause="5.2.D"),
    whenever(LateEntryConfirmed, then=tell_the_repair_of_a_late_entry_that_is_confirmed, clause="5.2.B"),
    whenever(FollowUpFoundConforming, then=tell_the_origin_that_it_ended_well, clause="4.5"),
    whenever(FollowUpExited, then=tell_the_origin_that_it_was_ended, clause="5.2.D"),
    *(
        whenever(event, then=settle_the_nonconformity_before, clause="5.2.D")
        for event in (FollowUpFoundConforming, FollowUpExited, NonconformitySettled)
    ),
    whenever(FollowUpFoundNonconforming, then=put_right_what_does_not_conform, clause="5.2.D"),
    whenever(RectificationClosed, then=end_the_round_when_it_was_put_right, clause="5.2.D"),
    whenever(RectificationWithdrawn, then=end_the_round_when_it_was_put_right, clause="5.2.D"),
    whenever(WithdrawnAsMistaken, then=end_the_round_of_a_mistaken_rectification, clause="5.2.D"),
    whenever(FollowUpRoundEnded, then=ask_again_when_it_was_put_right, clause="5.2.D"),
    whenever(OfficeOpened, then=sample_the_week_in_which_an_office_opens, clause="5.2.B"),
    whenever(WeeklySampleDrawn, then=sample_the_next_week, clause="5.2.B"),
    whenever(WeeklySampleDrawn, then=mark_every_chosen_repair, clause="5.2.B"),
    whenever(SampleSubstituted, then=follow_up_the_replacement, clause="5.2.B"),
    whenever(RepairSampled, then=follow_up_every_chosen_repair, clause="5.2.B"),
    whenever(RepairReturned, then=ask_no_more_about_what_was_returned, clause="5.2.B"),
)
