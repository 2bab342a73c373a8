"""Sentences about follow-ups 回访 (§5.2): in their window, by somebody else, signed, handed in, reviewed, until satisfied."""

from __future__ import annotations

from datetime import date

import pytest

from domain.errors import NotPermitted, RuleBroken
from domain.follow_up import (
    LIFECYCLE,
    AppointVisit,
    AssignFollowUp,
    ConductFollowUp,
    EndFollowUpRound,
    ExitFollowUp,
    MissFollowUpWindow,
    MissSubmission,
    OpenFollowUp,
    RecordUnreachable,
    ReviewFollowUp,
    SubmitFollowUp,
)
from domain.follow_up_events import (
    ExitReason,
    FollowUpAssigned,
    FollowUpConducted,
    FollowUpExited,
    FollowUpFoundConforming,
    FollowUpFoundNonconforming,
    FollowUpOpened,
    FollowUpRoundEnded,
    FollowUpSubmitted,
    FollowUpType,
    FollowUpWindowMissed,
    Means,
    Mode,
    ResidentUnreachable,
    SubmissionMissed,
    VisitAppointed,
    visited_on,
)
from domain.people import Role
from tests.domain.story import Story, given, instant

CLERK, ASSISTANT, MANAGER, CLOCK, POLICY = (
    Role.ADMINISTRATOR, Role.ASSISTANT, Role.MANAGER, Role.CLOCK, Role.POLICY
)  # fmt: skip
ANCHOR = date(2025, 3, 3)


def opened(type_: FollowUpType = FollowUpType.COMPLAINT, **fields: object) -> Story:
    command = OpenFollowUp(type=type_, anchor=ANCHOR, responsible="plumber", **fields)  # type: ignore[arg-type]
    return given(LIFECYCLE).when(command, as_=ASSISTANT)


def assigned() -> Story:
    return opened().when(AssignFollowUp(visitor="li"), as_=ASSISTANT)


def asking(mode: Mode = Mode.TELEPHONE, **changes: object) -> ConductFollowUp:
    fields: dict[str, object] = {
        "mode": mode, "means": Means.TALK, "quality": "好", "effect": "不再漏", "satisfaction": 5, "conforming": True,
        "visitor_signature": "李",
    }  # fmt: skip
    return ConductFollowUp(**fields | changes)  # type: ignore[arg-type]


def submitted(*, conforming: bool = True) -> Story:
    story = assigned().when(asking(conforming=conforming), as_=CLERK, by="li", at="2025-03-04 10:00")
    return story.when(SubmitFollowUp(), as_=CLERK, by="li", at="2025-03-04 16:00")


WINDOWS = [
    (FollowUpType.TAKEOVER, {}, "2025-03-03", "2025-04-03"),
    (FollowUpType.COMPLAINT, {}, "2025-03-03", "2025-03-06"),
    (FollowUpType.MOVE_IN, {}, "2025-04-03", "2025-04-10"),
    (FollowUpType.REPAIR, {}, "2025-03-10", "2025-04-03"),
    (FollowUpType.SPECIAL_SERVICE, {"term_from": date(2024, 12, 3)}, "2025-01-02", "2025-02-01"),
    (FollowUpType.SPECIAL_SERVICE, {}, "2025-03-03", "2025-03-10"),
    (FollowUpType.EMERGENCY, {}, "2025-03-03", "2025-03-10"),
    (FollowUpType.ACTIVITY, {}, "2025-03-03", "2025-04-03"),
    (FollowUpType.OTHER, {}, "2025-03-03", "2025-03-10"),
]


@pytest.mark.parametrize(("type_", "more", "opens", "closes"), WINDOWS)
def test_each_kind_has_the_window_that_the_handbook_gives(
    type_: FollowUpType, more: dict[str, date], opens: str, closes: str
) -> None:
    story = opened(type_, **more).then(FollowUpOpened)
    assert (str(story.case.opens_on), str(story.case.closes_on)) == (opens, closes)


def test_a_term_does_not_end_before_it_begins() -> None:
    opened(FollowUpType.SPECIAL_SERVICE, term_from=date(2025, 3, 4)).refused(RuleBroken, code="term-backwards")


def test_nobody_follows_up_his_own_work() -> None:
    opened().when(AssignFollowUp(visitor="plumber"), as_=ASSISTANT).refused(
        RuleBroken, code="own-work", clause="5.2.5(1)"
    )
    opened().when(AssignFollowUp(visitor="li"), as_=ASSISTANT).then(FollowUpAssigned).is_in("assigned")
    assigned().when(asking(), as_=CLERK, by="plumber", at="2025-03-04 10:00").refused(RuleBroken, code="own-work")


def test_the_manager_organises_move_ins_and_severe_complaints() -> None:
    for story in (opened(FollowUpType.MOVE_IN), opened(by_manager=True)):
        story.when(AssignFollowUp(visitor="li"), as_=ASSISTANT).refused(NotPermitted, clause="5.2.5(1)")
        story.when(AssignFollowUp(visitor="li"), as_=MANAGER).then(FollowUpAssigned)


def test_a_visit_at_home_is_appointed_first_for_a_time_to_come() -> None:
    visit = asking(Mode.VISIT, resident_signature="王")
    assigned().when(visit, as_=CLERK, by="li", at="2025-03-04 10:00").refused(
        RuleBroken, code="appointment-missing", clause="5.2.6(2)"
    )
    past = AppointVisit(appointed_at=instant("2025-03-03 09:00"))
    assigned().when(past, as_=CLERK).refused(RuleBroken, code="appointment-passed")
    story = assigned().when(AppointVisit(appointed_at=instant("2025-03-04 10:00")), as_=CLERK).then(VisitAppointed)
    story.when(visit, as_=CLERK, by="li", at="2025-03-04 10:00").then(FollowUpConducted, in_window=True)


def test_both_sign_except_on_the_telephone() -> None:
    for mode in (Mode.WRITTEN, Mode.ONLINE):
        assigned().when(asking(mode), as_=CLERK, by="li", at="2025-03-04 10:00").refused(
            RuleBroken, code="signature-missing", clause="5.2.5(3)"
        )
    assigned().when(asking(visitor_signature=None), as_=CLERK, by="li", at="2025-03-04 10:00").refused(
        RuleBroken, code="signature-missing", clause="5.2.5(4)"
    )
    story = assigned()
    assert visited_on(story.case) is None
    story.when(asking(), as_=CLERK, by="li", at="2025-03-04 10:00").then(FollowUpConducted)
    assert visited_on(story.case) == date(2025, 3, 4)


def test_satisfaction_is_one_to_five() -> None:
    for wrong in (0, 6):
        assigned().when(asking(satisfaction=wrong), as_=CLERK, by="li").refused(RuleBroken, code="satisfaction-scale")


def test_too_early_is_refused_and_too_late_is_owed_still_and_marked_so() -> None:
    repair = opened(FollowUpType.REPAIR).when(AssignFollowUp(visitor="li"), as_=ASSISTANT)
    repair.when(asking(), as_=CLERK, by="li", at="2025-03-09 23:59").refused(
        RuleBroken, code="too-early", clause="5.2.3"
    )
    repair.when(asking(), as_=CLERK, by="li", at="2025-03-10 09:00").then(FollowUpConducted, in_window=True)
    late = assigned().owes("window", "2025-03-07 00:00")
    late.when(MissFollowUpWindow(), as_=CLOCK, at="2025-03-07 00:00").then(
        FollowUpWindowMissed, closes_on=date(2025, 3, 6)
    )
    late.is_in("assigned").owes("window", None)
    late.when(asking(), as_=CLERK, by="li", at="2025-03-08 10:00").then(FollowUpConducted, in_window=False)


def test_the_last_day_of_the_window_is_in_time() -> None:
    assigned().when(asking(), as_=CLERK, by="li", at="2025-03-06 23:59").then(FollowUpConducted, in_window=True)


def test_silence_is_not_satisfaction() -> None:
    story = (
        assigned().when(RecordUnreachable(mode=Mode.TELEPHONE), as_=CLERK).then(ResidentUnreachable).is_in("assigned")
    )
    assert story.case.unreachable == 1


def test_the_record_is_handed_in_within_a_day_and_kept_three_years() -> None:
    story = assigned().when(asking(), as_=CLERK, by="li", at="2025-03-04 10:00")
    story.then(FollowUpConducted, retained_until=date(2028, 3, 4)).owes("submission", "2025-03-05 10:00")
    story.when(MissSubmission(), as_=CLOCK, at="2025-03-05 10:00").then(
        SubmissionMissed, due_at=instant("2025-03-05 10:00")
    )
    story.when(SubmitFollowUp(), as_=CLERK, at="2025-03-06 10:00").then(FollowUpSubmitted).is_in("submitted")


def test_the_manager_reviews_and_satisfaction_ends_it() -> None:
    submitted().when(ReviewFollowUp(comment="好", conforming=True), as_=ASSISTANT).refused(NotPermitted)
    submitted().when(ReviewFollowUp(comment="好", conforming=True), as_=MANAGER).then(FollowUpFoundConforming).is_in(
        "closed"
    )
    submitted(conforming=False).when(ReviewFollowUp(comment="好", conforming=True), as_=MANAGER).refused(
        RuleBroken, code="not-satisfied", clause="5.2.D"
    )


def test_what_does_not_conform_names_who_corrects_it_and_by_when() -> None:
    by = instant("2025-03-10 18:00")
    for command in (
        ReviewFollowUp(comment="仍漏", conforming=False, rectify_by=by),
        ReviewFollowUp(comment="仍漏", conforming=False, responsible="plumber"),
        ReviewFollowUp(comment="仍漏", conforming=False, responsible="plumber", rectify_by=instant("2025-03-01 18:00")),
    ):
        submitted(conforming=False).when(command, as_=MANAGER, at="2025-03-05 10:00").refused(
            RuleBroken, code="rectification-missing", clause="5.2.5(5)"
        )
    order = ReviewFollowUp(comment="仍漏", conforming=False, responsible="plumber", rectify_by=by)
    story = submitted(conforming=False).when(order, as_=MANAGER, at="2025-03-05 10:00").then(FollowUpFoundNonconforming)
    story.is_in("nonconforming").when(EndFollowUpRound(), as_=POLICY).then(FollowUpRoundEnded).is_in("closed")
    assert story.case.outcome == "unsatisfied"


def test_the_lawful_way_out_has_a_reason() -> None:
    story = assigned().when(ExitFollowUp(reason=ExitReason.REFUSED, note="拒绝回访"), as_=MANAGER).then(FollowUpExited)
    story.is_in("exited")
    assert story.case.outcome == "exited"
