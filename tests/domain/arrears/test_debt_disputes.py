"""Sentences about arrears that are disputed, and that are owed again after they were settled (§8.B(5))."""

from __future__ import annotations

from datetime import date

from domain.arrears.debt_case.commands.dunning import IssueDunningNotice, MissNotice
from domain.arrears.debt_case.commands.measures import RaiseDispute, RecordDisputeStep, ReleaseDispute, SuspendServices
from domain.arrears.debt_case.events import (
    DebtCaseOpened,
    DebtCaseReopened,
    DisputeRaised,
    DisputeReleased,
    DisputeStepRecorded,
    LadderBegunAnew,
    ServicesRestored,
)
from domain.arrears.debt_case.lifecycle import LIFECYCLE
from domain.arrears.terms import OptionalService, SuspensionGround
from domain.kernel.errors import RuleBroken, WrongState
from tests.domain.arrears.owing import (
    CLERK,
    CLOCK,
    MANAGER,
    a_bill,
    in_second_stage,
    joins,
    letter,
    noticed,
    opened,
    pays,
    visited,
)
from tests.domain.story import Story, given

PARCELS = (OptionalService.PARCEL_STORAGE,)


# -- disputes --------------------------------------------------------------------------------------------------------


def test_a_dispute_stops_every_clock_and_every_step_until_it_ends() -> None:
    story = opened().owes("notice-1", "2025-03-01 00:00")
    story.when(RaiseDispute(), as_=CLERK).refused(RuleBroken, code="reason-missing", clause="8.B(5)")
    story.when(RaiseDispute(reason="面积有误"), as_=CLERK, at="2025-02-18 10:00").then(DisputeRaised, reason="面积有误")
    story.owes("notice-1", None)
    letter(story, 1, "2025-02-20 10:00").refused(RuleBroken, code="disputed")
    story.when(RecordDisputeStep(step="复测", outcome="无误"), as_=CLERK, at="2025-02-25 10:00").then(
        DisputeStepRecorded
    )
    story.when(ReleaseDispute(outcome="维持"), as_=CLERK, at="2025-02-28 10:00").then(DisputeReleased)
    story.owes("notice-1", "2025-03-11 00:00")  # ten days stood still
    story.when(ReleaseDispute(outcome="维持"), as_=CLERK).refused(RuleBroken, code="not-disputed")


def test_the_body_before_which_it_is_disputed_says_enough() -> None:
    opened().when(RaiseDispute(before="街道办"), as_=CLERK, at="2025-02-18 10:00").then(DisputeRaised, reason="街道办")


def test_during_a_dispute_nothing_is_suspended_and_the_managers_days_stand_still() -> None:
    story = visited().when(RaiseDispute(reason="漏水未修"), as_=CLERK, at="2025-03-16 10:00").owes("act", None)
    story.when(SuspendServices(services=PARCELS, ground=SuspensionGround.COVENANT, article=9), as_=MANAGER).refused(
        RuleBroken, code="disputed"
    )
    story.when(ReleaseDispute(outcome="已修"), as_=CLERK, at="2025-03-20 10:00").owes("act", "2025-03-28 00:00")


def test_a_dispute_does_not_stop_the_limitation() -> None:
    story = noticed().when(RaiseDispute(reason="漏水未修"), as_=CLERK, at="2025-03-16 10:00")
    story.owes("limitation", "2028-02-16 00:00")


def two_bills() -> Story:
    """January's bill, due on 15 February, and one that fell due ten days later."""
    return joins(opened(), a_bill(id="bill-2", due=date(2025, 2, 25)), at="2025-02-26 00:00")


def disputes(story: Story, *bills: str, at: str) -> Story:
    return story.when(RaiseDispute(reason="面积有误", bills=bills), as_=CLERK, at=at)


def test_one_bill_is_disputed_while_the_others_are_pursued() -> None:
    disputes(two_bills(), "bill-3", at="2025-02-26 10:00").refused(RuleBroken, code="bill-unknown", clause="8.B(5)")
    story = disputes(two_bills(), "bill-1", at="2025-02-26 10:00").then(DisputeRaised, bills=("bill-1",))
    story.owes("notice-1", "2025-03-01 00:00")
    letter(story, 1, "2025-02-27 10:00", a_bill(), a_bill(id="bill-2", due=date(2025, 2, 25)))
    [claim] = story.outcome[0].claims  # type: ignore[attr-defined]
    assert (claim.bill, story.case.dunned) == ("bill-2", {"bill-2"})
    story.when(RecordDisputeStep(step="复测"), as_=CLERK, at="2025-02-28 10:00").then(DisputeStepRecorded)
    assert story.case.next_by is not None
    story.when(ReleaseDispute(outcome="维持", bills=("bill-2",)), as_=CLERK).refused(RuleBroken, code="not-disputed")
    story.when(ReleaseDispute(outcome="维持", bills=("bill-1",)), as_=CLERK, at="2025-03-01 10:00")
    story.then(DisputeReleased).when(ReleaseDispute(outcome="维持"), as_=CLERK).refused(RuleBroken, code="not-disputed")


def test_where_nothing_but_disputed_bills_is_owed_every_clock_stands_still() -> None:
    story = disputes(two_bills(), "bill-1", at="2025-02-26 10:00").owes("notice-1", "2025-03-01 00:00")
    disputes(story, "bill-2", at="2025-02-27 10:00").owes("notice-1", None)
    letter(story, 1, "2025-02-27 11:00").refused(RuleBroken, code="disputed")
    story.when(ReleaseDispute(outcome="维持", bills=("bill-2",)), as_=CLERK, at="2025-03-09 10:00")
    story.owes("notice-1", "2025-03-11 00:00")  # ten days stood still
    pays(story, "bill-2", 0, "2025-03-10 10:00").owes("notice-1", None)
    joins(story, a_bill(id="bill-4", due=date(2025, 3, 14)), at="2025-03-15 00:00").owes("notice-1", "2025-03-16 00:00")
    disputes(story, at="2025-03-15 10:00").owes("notice-1", None)
    story.when(ReleaseDispute(outcome="维持"), as_=CLERK, at="2025-03-16 10:00").owes("notice-1", "2025-03-17 00:00")
    assert (story.case.disputed, story.case.disputed_bills) == (False, set())


# -- settled and again -----------------------------------------------------------------------------------------------


def test_what_is_owed_again_begins_the_ladder_anew() -> None:
    story = pays(opened(), "bill-1", 0, "2025-02-20 10:00")
    story.is_in("settled").when(IssueDunningNotice(), as_=CLERK).refused(WrongState)
    joins(story, a_bill(id="bill-2", amount=40_000, due=date(2025, 6, 15)), at="2025-06-16 00:00")
    story.then(DebtCaseReopened).is_in("opened")
    assert (story.case.outstanding_fen, story.case.stage) == (40_000, 0)


def test_whoever_owes_again_long_after_is_not_late_with_letters_from_before() -> None:
    """A cheque of February bounces in May: the letters are owed from May on."""
    story = pays(opened(), "bill-1", 0, "2025-02-20 10:00")
    joins(story, a_bill(), at="2025-05-06 10:00")
    story.then(DebtCaseReopened, notice1_by=date(2025, 5, 31), notice2_by=date(2025, 6, 30))
    story.when(MissNotice(), as_=CLOCK, at="2025-06-01 00:00").is_in("opened")


def test_another_bill_joins_the_households_case_and_both_must_be_paid() -> None:
    story = opened().then(DebtCaseOpened)
    joins(story, a_bill(id="bill-2", amount=5_000, due=date(2025, 3, 15)), at="2025-03-16 00:00").is_in("opened")
    pays(story, "bill-9", 0, "2025-03-16 10:00").then_nothing()
    pays(story, "bill-1", 0, "2025-03-17 10:00").is_in("opened")
    pays(story, "bill-2", 0, "2025-03-18 10:00").is_in("settled")


def test_a_bill_that_was_never_dunned_does_not_stand_on_another_bills_rung() -> None:
    """What was suspended for January is restored with January's payment, though March is overdue by a day."""
    story = visited().when(
        SuspendServices(services=PARCELS, ground=SuspensionGround.COVENANT, article=9),
        as_=MANAGER,
        at="2025-03-17 10:00",
    )
    joins(story, a_bill(id="bill-3", due=date(2025, 4, 15)), at="2025-04-16 00:00").is_in("suspended")
    pays(story, "bill-3", 29_000, "2025-04-16 10:00").is_in("suspended")
    pays(story, "bill-1", 0, "2025-04-16 11:00").then(ServicesRestored).then(LadderBegunAnew).is_in("opened")
    assert (story.case.services, story.case.stage, story.case.notice1_by) == ((), 0, date(2025, 4, 30))
    pays(story, "bill-3", 0, "2025-04-17 10:00").is_in("settled")


def test_a_dispute_goes_on_when_the_ladder_begins_anew() -> None:
    story = noticed()
    joins(story, a_bill(id="bill-2", due=date(2025, 3, 15)), at="2025-03-16 00:00")
    story.when(RaiseDispute(reason="漏水"), as_=CLERK, at="2025-03-17 10:00")
    pays(story, "bill-1", 0, "2025-03-18 10:00").then(LadderBegunAnew).owes("notice-1", None)
    story.when(ReleaseDispute(outcome="维持"), as_=CLERK, at="2025-03-20 10:00").owes("notice-1", "2025-04-03 00:00")


def test_a_case_without_bills_lapses_never() -> None:
    story = given(LIFECYCLE, DebtCaseOpened(bill="bill-1"))
    assert story.case.lapses_on is None
    assert in_second_stage().case.lapses_on == date(2028, 2, 15)
