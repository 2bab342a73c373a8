"""Sentences about follow-ups 回访 (§5.2): in their window, by somebody else, signed, handed in, reviewed, until satisfied."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import holidays
import pytest

from domain.complaints.complaint.case import Complaint
from domain.handbook.holidays import OFFICIAL
from domain.handbook.settings import Change, Settings
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.people import Role
from domain.rounds.repair_order.case import RepairOrder
from domain.visits.follow_up.case import visit_id
from domain.visits.follow_up.commands.ending import (
    EndFollowUpRound,
    ExitFollowUp,
    LapseFollowUp,
    MarkFollowUpRetentionEnded,
    ProposeFollowUpExit,
    SettleNonconformity,
)
from domain.visits.follow_up.commands.visiting import (
    AppointVisit,
    AssignFollowUp,
    ConductFollowUp,
    MissFollowUpReview,
    MissFollowUpWindow,
    MissSubmission,
    OpenFollowUp,
    RecordUnreachable,
    ReviewFollowUp,
    SubmitFollowUp,
    visited_on,
)
from domain.visits.follow_up.events import (
    ExitReason,
    FollowUpAssigned,
    FollowUpConducted,
    FollowUpFoundConforming,
    FollowUpFoundNonconforming,
    FollowUpLapsed,
    FollowUpOpened,
    FollowUpRetentionEnded,
    FollowUpReviewMissed,
    FollowUpRoundEnded,
    FollowUpSubmitted,
    FollowUpType,
    FollowUpWindowMissed,
    LapseReason,
    Means,
    Mode,
    NonconformitySettled,
    ResidentUnreachable,
    SubmissionMissed,
    VisitAppointed,
)
from domain.visits.follow_up.lifecycle import LIFECYCLE
from domain.visits.survey.case import Survey
from domain.visits.windows import window_of
from tests.domain.story import Story, given, instant

CLERK, ASSISTANT, MANAGER, CLOCK, POLICY = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.MANAGER, Role.CLOCK, Role.POLICY)
ANCHOR = date(2025, 3, 3)


def opened(type_: FollowUpType = FollowUpType.COMPLAINT, **fields: object) -> Story:
    command = OpenFollowUp(type=type_, anchor=ANCHOR, responsible="plumber", **fields)  # type: ignore[arg-type]
    return given(LIFECYCLE).when(command, as_=ASSISTANT)


def assigned() -> Story:
    return opened().when(AssignFollowUp(visitor="li"), as_=ASSISTANT)


def asking(mode: Mode = Mode.TELEPHONE, **changes: object) -> ConductFollowUp:
    fields: dict[str, object] = {
        "mode": mode,
        "means": Means.TALK,
        "quality": "好",
        "effect": "不再漏",
        "satisfaction": 5,
        "conforming": True,
        "visitor_signature": "李",
    }
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


def test_every_kind_has_its_chinese_name() -> None:
    assert len({each.zh for each in FollowUpType}) == len(FollowUpType)


def chosen(**choices: str | int) -> Settings:
    return Settings(tuple(Change(f"follow_up.{name}", value, date(2025, 1, 1)) for name, value in choices.items()))


def test_days_are_working_days_and_a_last_day_moves_where_the_office_says_so() -> None:
    friday, eve = date(2025, 3, 7), date(2025, 1, 24)
    working = chosen(counting="working").at(friday)
    assert window_of(FollowUpType.COMPLAINT, friday, working).closes == date(2025, 3, 12)
    # 26 January was worked, 28 January to 4 February was the Spring Festival.
    assert window_of(FollowUpType.COMPLAINT, eve, working).closes == date(2025, 2, 5)
    moves = chosen(last_day_on_holiday="moves").at(friday)
    assert window_of(FollowUpType.COMPLAINT, date(2025, 3, 5), moves).closes == date(2025, 3, 10)
    assert window_of(FollowUpType.MOVE_IN, date(2025, 2, 21), moves).closes == date(2025, 3, 28)
    long = Settings((*chosen(counting="working").changes, Change("follow_up.repair.from_days", 28, date(2025, 1, 1))))
    span = window_of(FollowUpType.REPAIR, friday, long.at(friday))
    assert (span.opens, span.closes) == (date(2025, 4, 17), date(2025, 4, 17))


def test_the_holidays_are_the_official_ones() -> None:
    for year in (2024, 2025, 2026):
        said = holidays.country_holidays("CN", years=year)
        day = date(year, 1, 1)
        while day.year == year:
            assert OFFICIAL.is_working_day(day) == said.is_working_day(day), day
            day += timedelta(days=1)


def test_a_person_plans_beside_what_the_book_owes_and_says_no_more_than_is_his_to_say() -> None:
    opened().then(FollowUpOpened, extra=True, chain=None)
    for fields in ({"chain": "x"}, {"round": 2}, {"previous": "x"}, {"doers": ("x",)}, {"anonymous": True}):
        opened(**fields).refused(RuleBroken, code="chain-by-program", clause="5.2.D")
    opened(origin_kind="complaint").refused(RuleBroken, code="origin-id-missing")
    owed = OpenFollowUp(type=FollowUpType.COMPLAINT, anchor=ANCHOR, chain="complaint-1", round=2)
    given(LIFECYCLE).when(owed, as_=POLICY).then(FollowUpOpened, extra=False, chain="complaint-1", round=2)


def beside(origin: Any, type_: FollowUpType, **fields: Any) -> Story:
    command = OpenFollowUp(type=type_, anchor=ANCHOR, origin_id=origin.id, **fields)
    assert command.related() == {"origin": origin.id}
    return given(LIFECYCLE).when(command, as_=ASSISTANT, related={"origin": origin})


def test_the_case_itself_says_who_worked_on_it_and_how_often_it_was_gone_about() -> None:
    complaint = Complaint(
        id="complaint-1",
        office="XH",
        household="h-1",
        done_by="plumber",
        responsible="zhao",
        severe=True,
        reopened=1,
    )
    story = beside(complaint, FollowUpType.COMPLAINT).then(
        FollowUpOpened, origin_kind="complaint", household="h-1", doers=("plumber", "zhao"), round=2, by_manager=True
    )
    story.when(AssignFollowUp(visitor="zhao"), as_=MANAGER).refused(RuleBroken, code="own-work")
    repair = RepairOrder(id="repair_order-1", office="XH", home="1-101", worker="li", hands=("zhang",))
    beside(repair, FollowUpType.REPAIR).then(
        FollowUpOpened, home="1-101", doers=("li", "zhang"), chain="repair_order-1"
    )
    survey = Survey(id="survey-1", office="XH")
    beside(survey, FollowUpType.OTHER, household="h-2").then(FollowUpOpened, household="h-2", doers=())
    beside(survey, FollowUpType.COMPLAINT).refused(RuleBroken, code="other-type", clause="5.2.3")
    beside(survey, FollowUpType.OTHER, origin_kind="complaint").refused(RuleBroken, code="other-kind")


def test_administrators_visit_for_services() -> None:
    for story in (
        opened(FollowUpType.SPECIAL_SERVICE),
        given(LIFECYCLE).when(
            OpenFollowUp(type=FollowUpType.OTHER, anchor=ANCHOR, origin_kind="service_order"), as_=POLICY
        ),
    ):
        story.when(AssignFollowUp(visitor="li"), as_=ASSISTANT)
        story.when(asking(), as_=ASSISTANT, by="li").refused(NotPermitted, clause="5.2.5(1)")
        story.when(asking(), as_=CLERK, by="li").then(FollowUpConducted)


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
    assigned().when(past, as_=CLERK).refused(RuleBroken, code="deadline-passed")
    appoint = AppointVisit(appointed_at=instant("2025-03-04 10:00"))
    story = assigned().when(appoint, as_=CLERK).then(VisitAppointed)
    story.when(visit, as_=CLERK, by="li", at="2025-03-05 10:00").refused(
        RuleBroken, code="appointment-not-kept", clause="5.2.6(2)"
    )
    story.when(visit, as_=CLERK, by="li", at="2025-03-04 10:30").then(FollowUpConducted, in_window=True, on_time=True)
    late = assigned().when(appoint, as_=CLERK).when(visit, as_=CLERK, by="li", at="2025-03-04 10:31")
    late.then(FollowUpConducted, on_time=False)
    repair = opened(FollowUpType.REPAIR).when(AppointVisit(appointed_at=instant("2025-03-09 10:00")), as_=CLERK)
    repair.refused(RuleBroken, code="too-early", clause="5.2.3")


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


def test_a_resident_who_is_not_satisfied_does_not_conform() -> None:
    assigned().when(asking(satisfaction=2), as_=CLERK, by="li").refused(
        RuleBroken, code="verdict-contradicts", clause="5.2.4"
    )
    assigned().when(asking(satisfaction=2, conforming=False), as_=CLERK, by="li").then(FollowUpConducted)
    assigned().when(asking(satisfaction=3), as_=CLERK, by="li").then(FollowUpConducted)


def test_the_form_holds_what_was_said() -> None:
    story = assigned().when(asking(Mode.WRITTEN, shortcomings="慢", resident_signature="王"), as_=CLERK, by="li")
    story.when(SubmitFollowUp(), as_=CLERK, by="li").when(ReviewFollowUp(comment="阅", conforming=True), as_=MANAGER)
    case = story.case
    assert (case.means, case.quality, case.effect, case.shortcomings) == (Means.TALK, "好", "不再漏", "慢")
    assert (case.resident_signed, case.comment, case.on_time) == (True, "阅", None)


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
    story.owes("retention", "2028-03-05 00:00").when(SubmitFollowUp(), as_=CLERK, at="2025-03-06 10:00")
    story.then(FollowUpSubmitted).is_in("submitted").owes("retention", "2028-03-05 00:00")


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


def test_a_nonconformity_is_settled_by_how_its_chain_ends() -> None:
    order = ReviewFollowUp(
        comment="仍漏", conforming=False, responsible="plumber", rectify_by=instant("2025-03-10 18:00")
    )
    story = submitted(conforming=False).when(order, as_=MANAGER, at="2025-03-05 10:00")
    story.then(FollowUpFoundNonconforming, settle_by=date(2025, 3, 17))
    story.when(EndFollowUpRound(doers=("wang",)), as_=POLICY)
    assert story.case.own_work == {"plumber", "wang"}
    story.when(SettleNonconformity(outcome="satisfied"), as_=POLICY).then(NonconformitySettled)
    story.when(SettleNonconformity(outcome="exited"), as_=POLICY).then_nothing()
    assert story.case.chain_outcome == "satisfied"


def test_what_has_nothing_left_to_ask_lapses_and_what_was_missed_by_then_stays_owed() -> None:
    story = assigned().when(LapseFollowUp(reason=LapseReason.REOPENED), as_=POLICY, at="2025-03-05 10:00")
    story.then(FollowUpLapsed).is_in("lapsed").owes("window", None)
    early = LapseFollowUp(reason=LapseReason.ENDED_EARLY)
    assigned().when(early, as_=POLICY, at="2025-03-07 10:00").then_nothing().is_in("assigned")
    assigned().when(early, as_=POLICY, at="2025-03-06 10:00").then(FollowUpLapsed)


def test_after_three_years_the_record_is_flagged_for_disposal() -> None:
    story = submitted().when(ReviewFollowUp(comment="好", conforming=True), as_=MANAGER)
    story.owes("retention", "2028-03-05 00:00")
    story.when(MarkFollowUpRetentionEnded(), as_=CLOCK, at="2028-03-05 00:00")
    story.then(FollowUpRetentionEnded, retained_until=date(2028, 3, 4)).is_in("closed").owes("retention", None)
    never = assigned()
    never.when(
        ProposeFollowUpExit(reason=ExitReason.REFUSED, note="拒绝", mode=Mode.VISIT, words="不"), as_=CLERK, by="li"
    )
    never.when(ExitFollowUp(reason=ExitReason.REFUSED, note="拒绝"), as_=MANAGER, by="manager").is_in("exited")
    never.owes("retention", None)


def test_what_nobody_reviews_is_owed_a_review_and_is_kept_no_longer_than_any_other() -> None:
    story = submitted().owes("review", "2025-03-08 00:00")
    story.when(MissFollowUpReview(), as_=CLOCK, at="2025-03-08 00:00")
    story.then(FollowUpReviewMissed, due_at=instant("2025-03-08 00:00")).owes("review", None).is_in("submitted")
    assert story.case.review_missed_at == instant("2025-03-08 00:00")
    story.when(MarkFollowUpRetentionEnded(), as_=CLOCK, at="2028-03-05 00:00").then(FollowUpRetentionEnded)
    story.is_in("submitted").owes("retention", None)
    taken_over = assigned().when(asking(), as_=CLERK, by="li", at="2025-03-04 10:00")
    taken_over.when(SubmitFollowUp(), as_=CLERK, by="li", imported=True).owes("review", None)


def test_another_than_was_assigned_goes_only_where_he_may_and_that_is_a_fact() -> None:
    story = assigned().when(asking(), as_=CLERK, by="wang", at="2025-03-04 10:00")
    story.then(FollowUpAssigned, visitor="wang").then(FollowUpConducted)
    major = opened(FollowUpType.COMPLAINT, by_manager=True).when(AssignFollowUp(visitor="zhao"), as_=MANAGER)
    major.when(asking(), as_=CLERK, by="wang", at="2025-03-04 10:00")
    major.refused(RuleBroken, code="assigned-to-another", clause="5.2.5(1)")
    major.when(asking(), as_=MANAGER, by="boss", at="2025-03-04 10:00").then(FollowUpAssigned, visitor="boss")


def test_another_policy_finds_a_round_by_its_chain() -> None:
    assert visit_id("complaint-1", 2) == "follow_up-complaint-1-2"
