"""A meter that nobody reads has a date (§7.2a), and a step that was a mistake is mended in the open (§7.1, §7.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.fees.correcting import BilledLine, corrections
from domain.fees.meter.case import Meter
from domain.fees.meter.commands import ChangeMeter, CorrectHandOver, HandMeterOver, MissReading, RemoveMeter
from domain.fees.meter.events import HandOverCorrected, MeterChanged, MeterHandedOver, MeterRemoved, MeterUnread
from domain.fees.metering import metered_lines
from domain.handbook.settings import Change, Settings
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.people import Role
from domain.kernel.withdrawn_steps import StepWithdrawn, WithdrawStep
from tests.domain.fees.test_meter import CLERK, MANAGER, hung, read, stretches, water
from tests.domain.story import Story


def handed(story: Story, reading: int, on: date, to: str = "household-2") -> Story:
    command = HandMeterOver(household=to, reading=reading, on=on)
    return story.when(command, as_=CLERK, by="clerk", at=f"{on} 15:00").then(MeterHandedOver)


def corrected(story: Story, number: int, to: str, **more: Any) -> Story:
    said: dict[str, Any] = {"as_": MANAGER, "by": "wang", "at": "2025-03-31 10:00"} | more
    return story.when(CorrectHandOver(number=number, household=to, reason="门牌看错"), **said)


# -- dates -------------------------------------------------------------------------------------------------------------


def test_a_meter_is_read_by_the_end_of_the_next_month_and_stays_to_be_read() -> None:
    story = hung().owes("reading", "2025-03-01 00:00")
    read(story, 121_000, date(2025, 1, 31)).owes("reading", "2025-03-01 00:00")
    story.when(MissReading(), as_=Role.CLOCK, at="2025-03-01 00:00").then(MeterUnread, due_on=date(2025, 2, 28))
    story.owes("reading", None)
    assert story.case.missed_at is not None
    read(story, 121_100, date(2025, 3, 5)).owes("reading", "2025-05-01 00:00")
    assert story.case.missed_at is None


def test_whatever_closes_a_stretch_is_a_reading_and_a_meter_that_hangs_no_more_is_not_read() -> None:
    story = handed(hung(), 121_000, date(2025, 2, 12)).owes("reading", "2025-04-01 00:00")
    change = ChangeMeter(end_reading=121_400, serial="W-99", digits=5, reading=0, reason="坏", on=date(2025, 3, 10))
    story.when(change, as_=CLERK, at="2025-03-10 15:00").then(MeterChanged).owes("reading", "2025-05-01 00:00")
    gone = RemoveMeter(end_reading=100, reason="拆", on=date(2025, 3, 20))
    story.when(gone, as_=CLERK, at="2025-03-20 15:00").then(MeterRemoved).owes("reading", None)


def test_how_often_it_is_read_is_a_setting() -> None:
    story = hung()
    story.settings = Settings((Change("meters.read_every_months", "2", date(2025, 1, 1)),))
    read(story, 121_000, date(2025, 1, 31)).owes("reading", "2025-04-01 00:00")


# -- hand-overs --------------------------------------------------------------------------------------------------------


def test_what_was_handed_over_to_the_wrong_household_goes_to_the_right_one_from_that_day_on() -> None:
    story = handed(read(hung(), 121_000, date(2025, 1, 31)), 121_250, date(2025, 2, 12))
    read(story, 122_000, date(2025, 2, 28))
    handed(story, 122_100, date(2025, 3, 10), to="household-9")
    read(story, 122_200, date(2025, 3, 30))
    corrected(story, 1, "household-3").refused(RuleBroken, code="hand-over-unknown", clause="7.2a")
    corrected(story, 9, "household-3").refused(RuleBroken, code="hand-over-unknown")
    corrected(story, 2, "household-2").refused(RuleBroken, code="same-household")
    corrected(story, 2, "household-3", by="clerk").refused(RuleBroken, code="second-person")
    corrected(story, 2, "household-3", as_=CLERK).refused(NotPermitted)
    blank = CorrectHandOver(number=2, household="household-3", reason=" ")
    story.when(blank, as_=MANAGER, by="wang").refused(RuleBroken, code="reason-missing")
    corrected(story, 2, "household-3").then(HandOverCorrected)
    assert [(each[0], each[3]) for each in stretches(story)] == [
        ("household-1", 950),
        ("household-1", 250),
        ("household-3", 750),
        ("household-3", 100),
        ("household-9", 100),
    ]
    assert story.case.household == "household-9", "the later hand-over stands"
    corrected(story, 4, "household-3").then(HandOverCorrected)
    assert story.case.household == "household-3"


def test_a_hand_over_that_was_none_leaves_the_meter_with_whoever_paid_before() -> None:
    story = handed(hung(), 121_000, date(2025, 2, 12))
    corrected(story, 1, "household-2").refused(RuleBroken, code="same-household")
    corrected(story, 1, "household-1").then(HandOverCorrected)
    assert story.case.household == "household-1"
    read(story, 122_000, date(2025, 2, 28))
    assert [each[0] for each in stretches(story)] == ["household-1", "household-1"]


def test_the_wrong_household_gets_back_what_it_was_billed_and_the_right_one_is_billed_under_another_mark() -> None:
    standard = water("4.00")
    story = read(handed(hung(), 121_050, date(2025, 1, 10)), 122_050, date(2025, 1, 31))
    meter: Meter = story.case
    [billed] = metered_lines(meter, standard, meter.stretches[1])
    assert (billed.charge, billed.amount_fen) == ("meter-1/2/1", 4_000)
    corrected(story, 1, "household-3")
    meter = story.case
    [anew] = metered_lines(meter, standard, meter.stretches[1])
    assert (anew.charge, anew.amount_fen) == ("meter-1/2~4/1", 4_000)
    cases = {"meter-1": meter, "fee_standard-1": standard}
    [back] = corrections([BilledLine(bill="bill-1", place=1, line=billed)], "household-2", cases)
    assert back.amount_fen == -4_000
    assert list(corrections([BilledLine(bill="bill-2", place=1, line=anew)], "household-3", cases)) == []


# -- steps that are taken back -----------------------------------------------------------------------------------------


def test_the_wrong_meter_was_removed_changed_or_handed_over_and_hangs_as_before() -> None:
    removed = RemoveMeter(end_reading=121_500, reason="拆错", on=date(2025, 2, 20))
    changed = ChangeMeter(end_reading=121_500, serial="W-9", digits=5, reading=0, reason="坏", on=date(2025, 2, 20))
    over = HandMeterOver(household="household-2", reading=121_500, on=date(2025, 2, 20))
    for step in (removed, changed, over):
        story = read(hung(), 121_000, date(2025, 1, 31))
        story.when(step, as_=CLERK, by="clerk", at="2025-02-20 15:00")
        back = WithdrawStep(reason="认错表")
        story.when(back, as_=MANAGER, by="wang", at="2025-02-21 10:00").then(StepWithdrawn).is_in("in-use")
        assert (story.case.serial, story.case.household, len(story.case.stretches)) == ("W-77", "household-1", 1)
        read(story, 122_000, date(2025, 2, 28))
        assert (story.case.stretches[1].used, story.case.stretches[1].code) == (1_000, "2~4")


def test_what_was_billed_of_a_stretch_that_is_there_no_more_is_given_back() -> None:
    standard = water("4.00")
    story = read(hung(), 121_000, date(2025, 1, 31))
    story.when(RemoveMeter(end_reading=121_500, reason="拆错", on=date(2025, 2, 20)), as_=CLERK, at="2025-02-20 15:00")
    [billed] = metered_lines(story.case, standard, story.case.stretches[1])
    story.when(WithdrawStep(reason="认错表"), as_=MANAGER, by="wang", at="2025-02-21 10:00")
    cases = {"meter-1": story.case, "fee_standard-1": standard}
    [back] = corrections([BilledLine(bill="bill-1", place=1, line=billed)], "household-1", cases)
    assert back.amount_fen == -2_000
