"""Meters 计量表 (§7.1): readings, estimates, roll-over, changes and corrections, and the lines of bills that come of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.complaints.complaint.events import Channel
from domain.fees.bill.events import BillLine
from domain.fees.charging import FeeKind, formula
from domain.fees.correcting import BilledLine, corrections, rests_on
from domain.fees.fee_standard import LIFECYCLE as STANDARDS
from domain.fees.fee_standard import AddFeePrice, EndFeeStandard, FeeStandard, SetFeeStandard
from domain.fees.meter.case import Meter
from domain.fees.meter.commands import (
    ChangeMeter,
    CorrectReading,
    HandMeterOver,
    InstallMeter,
    ReadMeter,
    RemoveMeter,
)
from domain.fees.meter.events import (
    MeterChanged,
    MeterHandedOver,
    MeterInstalled,
    MeterRead,
    MeterRemoved,
    ReadingCorrected,
)
from domain.fees.meter.lifecycle import LIFECYCLE
from domain.fees.metering import metered_lines, stretch_of
from domain.fees.shared_cost import LIFECYCLE as SHARED_COSTS
from domain.fees.shared_cost import ApportionCost, Weight, WithdrawApportionment
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.people import Role
from domain.rounds.repair_order.commands import CancelRepairOrder, RaiseRepairOrder, ReportRepairReady, ReturnRepair
from domain.rounds.repair_order.lifecycle import LIFECYCLE as REPAIRS
from tests.domain.story import Story

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER
JAN, FEB = date(2025, 1, 1), date(2025, 2, 1)


def water(price: str = "3.45", kind: FeeKind = FeeKind.METERED, **more: Any) -> FeeStandard:
    """What a m³ costs, set on 1 January 2025."""
    said = {"code": "S1", "name": "水费", "kind": kind, "valid_from": JAN, "reason": "价格文件"}
    story = Story(STANDARDS, case_id="fee_standard-1")
    story.when(SetFeeStandard(price=price, **said, **more), as_=MANAGER, at="2025-01-01 08:00")
    case: FeeStandard = story.case
    return case


def hung(**more: Any) -> Story:
    """A meter of four digits, hung on 1 January at 1,200.50."""
    said = {"home": "7-2-1403", "household": "household-1", "standard": "fee_standard-1", "serial": "W-77"}
    command = InstallMeter(**said, **{"digits": 4, "reading": 120_050, "on": JAN} | more)
    return Story(LIFECYCLE, case_id="meter-1").when(
        command, as_=CLERK, at="2025-01-01 09:00", related={"standard": water()}
    )


def read(story: Story, reading: int, on: date, **more: Any) -> Story:
    return story.when(ReadMeter(reading=reading, on=on, **more), as_=CLERK, at=f"{on} 18:00", by="reader")


def stretches(story: Story) -> list[tuple[Any, ...]]:
    case: Meter = story.case
    return [(s.household, str(s.first), str(s.last), s.used) for s in case.stretches]


# -- readings ----------------------------------------------------------------------------------------------------------


def test_from_reading_to_reading_every_day_and_every_hundredth_is_in_one_stretch() -> None:
    story = hung().then(MeterInstalled)
    read(story, 121_275, date(2025, 1, 31)).then(MeterRead)
    read(story, 121_275, date(2025, 2, 28))
    read(story, 125_000, date(2025, 3, 30))
    assert stretches(story) == [
        ("household-1", "2025-01-01", "2025-01-31", 1_225),
        ("household-1", "2025-02-01", "2025-02-28", 0),
        ("household-1", "2025-03-01", "2025-03-30", 3_725),
    ]


def test_a_meter_runs_forward_and_one_that_begins_again_is_said_to() -> None:
    story = read(hung(), 999_900, date(2025, 1, 31))
    read(story, 1_025, date(2025, 2, 28)).refused(RuleBroken, code="reading-falls", clause="7.1")
    read(story, 1_000_000, date(2025, 2, 28)).refused(RuleBroken, code="beyond-digits")
    read(story, 999_950, date(2025, 2, 28), rolled_over=True).refused(RuleBroken, code="not-rolled-over")
    read(story, 1_025, date(2025, 2, 28), rolled_over=True).then(MeterRead)
    assert story.case.stretches[-1].used == 100 + 1_025


def test_what_is_estimated_says_on_what_and_the_next_reading_takes_the_rest() -> None:
    story = hung()
    read(story, 121_000, date(2025, 1, 31), estimated=True).refused(RuleBroken, code="basis-missing")
    read(story, 121_000, date(2025, 1, 31), estimated=True, basis="去年同月").then(MeterRead)
    assert story.case.stretches[0].estimated
    read(story, 122_000, date(2025, 2, 28))
    assert [s.used for s in story.case.stretches] == [950, 1_000]


def test_a_day_is_read_once_and_none_ahead() -> None:
    story = read(hung(), 121_000, date(2025, 1, 31))
    read(story, 121_500, date(2025, 1, 31)).refused(RuleBroken, code="read-already")
    ahead = ReadMeter(reading=121_500, on=date(2025, 3, 1))
    story.when(ahead, as_=CLERK, at="2025-02-28 18:00").refused(RuleBroken, code="day-ahead")
    story.when(ReadMeter(reading=-1), as_=CLERK, at="2025-02-28 18:00").refused(RuleBroken, code="amount-negative")
    story.when(ReadMeter(reading=121_500), as_=CLERK, at="2025-02-28 18:00").then(MeterRead, on=date(2025, 2, 28))


def test_a_changed_meter_ends_and_begins_with_its_readings_and_nothing_is_lost_between() -> None:
    story = read(hung(), 121_000, date(2025, 1, 31))
    command = ChangeMeter(
        end_reading=121_400, on=date(2025, 2, 10), serial="W-99", digits=5, reading=25, reason="到检定期", factor="10"
    )
    story.when(command, as_=CLERK, at="2025-02-10 15:00").then(MeterChanged)
    read(story, 425, date(2025, 2, 28))
    assert stretches(story)[1:] == [
        ("household-1", "2025-02-01", "2025-02-10", 400),
        ("household-1", "2025-02-11", "2025-02-28", 400),
    ]
    assert (story.case.serial, story.case.stretches[2].factor) == ("W-99", "10")
    for wrong, code in (
        ({"serial": "W-99"}, "same-meter"),
        ({"serial": " "}, "serial-missing"),
        ({"digits": 0}, "digits"),
        ({"factor": "x"}, "ratio-unreadable"),
        ({"reason": ""}, "reason-missing"),
        ({"end_reading": 100}, "reading-falls"),
        ({"reading": 10_000_000}, "beyond-digits"),
    ):
        said = {"end_reading": 500, "serial": "W-100", "digits": 5, "reading": 0, "reason": "坏", **wrong}
        story.when(ChangeMeter(**said), as_=CLERK, at="2025-03-10 15:00").refused(RuleBroken, code=code)


def test_a_home_that_is_sold_in_the_middle_of_a_month_is_read_on_that_day() -> None:
    story = read(hung(), 121_000, date(2025, 1, 31))
    over = HandMeterOver(household="household-2", reading=121_250, on=date(2025, 2, 12))
    story.when(over, as_=CLERK, at="2025-02-12 15:00").then(MeterHandedOver)
    read(story, 122_000, date(2025, 2, 28))
    assert stretches(story)[1:] == [
        ("household-1", "2025-02-01", "2025-02-12", 250),
        ("household-2", "2025-02-13", "2025-02-28", 750),
    ]
    same = HandMeterOver(household="household-2", reading=122_000)
    story.when(same, as_=CLERK, at="2025-03-01 15:00").refused(RuleBroken, code="same-household")


def test_a_meter_that_is_removed_has_its_last_reading() -> None:
    story = read(hung(), 121_000, date(2025, 1, 31))
    story.when(RemoveMeter(end_reading=121_100, reason=" "), as_=CLERK, at="2025-02-12 15:00").refused(RuleBroken)
    story.when(RemoveMeter(end_reading=121_100, reason="改造"), as_=CLERK, at="2025-02-12 15:00").then(MeterRemoved)
    assert stretches(story.is_in("removed"))[-1] == ("household-1", "2025-02-01", "2025-02-12", 100)


def test_it_is_charged_by_a_standard_for_what_is_metered_that_has_a_price() -> None:
    said = {"home": "1", "household": "h", "serial": "W", "digits": 4, "reading": 0, "standard": "fee_standard-1"}

    def tried(standard: object, **more: Any) -> Story:
        command = InstallMeter(**{**said, "on": JAN, **more})
        return Story(LIFECYCLE).when(command, as_=CLERK, at="2025-01-01 09:00", related={"standard": standard})

    tried(water(kind=FeeKind.FIXED)).refused(RuleBroken, code="standard-not-metered")
    tried(None).refused(RuleBroken, code="standard-not-metered")
    tried(water(), on=date(2024, 12, 31)).refused(RuleBroken, code="standard-unknown")
    tried(water(), on=date(2025, 1, 2)).refused(RuleBroken, code="day-ahead")
    tried(water(), home=" ").refused(RuleBroken, code="home-missing")
    tried(water()).then(MeterInstalled)


# -- a wrong reading ---------------------------------------------------------------------------------------------------


def corrects(story: Story, number: int, reading: int, *, by: str = "other", **more: Any) -> Story:
    command = CorrectReading(number=number, reading=reading, reason="抄错", **more)
    return story.when(command, as_=MANAGER, at="2025-03-05 10:00", by=by)


def test_a_corrected_reading_changes_both_stretches_that_meet_there_and_their_sum_stays() -> None:
    story = read(read(hung(), 125_000, date(2025, 1, 31)), 126_000, date(2025, 2, 28))
    assert [s.used for s in story.case.stretches] == [4_950, 1_000]
    corrects(story, 1, 121_000).then(ReadingCorrected)
    assert [(s.used, s.corrected) for s in story.case.stretches] == [(950, True), (5_000, True)]
    corrects(story, 2, 126_050)
    assert story.case.last_reading == 126_050
    read(story, 126_100, date(2025, 3, 31))
    assert story.case.stretches[-1].used == 50


def test_a_correction_does_not_reach_past_a_change_of_meters() -> None:
    story = read(hung(), 121_000, date(2025, 1, 31))
    change = ChangeMeter(end_reading=121_400, serial="W-99", digits=5, reading=25, reason="到检定期")
    story.when(change, as_=CLERK, at="2025-02-10 15:00")
    corrects(story, 2, 121_300)
    assert story.case.last_reading == 25, "the new one hangs there"
    read(story, 425, date(2025, 3, 31))
    corrects(story.branch(), 2, 121_200)
    assert story.case.stretches[2].begins == 25


def test_another_person_corrects_a_reading_with_a_reason_and_forward() -> None:
    story = read(read(hung(), 121_000, date(2025, 1, 31)), 126_000, date(2025, 2, 28))
    corrects(story, 1, 121_100, by="reader").refused(RuleBroken, code="second-person")
    story.when(CorrectReading(number=1, reading=1, reason="x"), as_=CLERK, at="2025-03-05 10:00").refused(NotPermitted)
    blank = CorrectReading(number=1, reading=121_100, reason=" ")
    story.when(blank, as_=MANAGER, at="2025-03-05 10:00", by="other").refused(RuleBroken, code="reason-missing")
    corrects(story, 3, 121_100).refused(RuleBroken, code="reading-unknown")
    corrects(story, 1, 121_000).refused(RuleBroken, code="as-it-was")
    corrects(story, 1, 120_000).refused(RuleBroken, code="reading-falls")
    corrects(story, 1, 126_001).refused(RuleBroken, code="reading-falls")
    corrects(story, 1, 1_000_000).refused(RuleBroken, code="beyond-digits")
    over = read(read(hung(), 121_000, date(2025, 1, 31)), 100, date(2025, 2, 28), rolled_over=True)
    corrects(over, 2, 200, rolled_over=True).then(ReadingCorrected)
    assert over.case.stretches[1].used == 1_000_000 - 121_000 + 200


def test_what_was_read_is_no_mistake_to_be_taken_back_but_a_reading_to_be_corrected() -> None:
    story = hung()
    assert (story.case.why_it_stands(), story.case.why_the_step_stands(story.facts[0].event)) == (None, None)
    read(story, 121_000, date(2025, 1, 31))
    assert story.case.why_it_stands().code == "meter-was-read"
    assert story.case.why_the_step_stands(story.facts[1].event).code == "correct-the-reading"


# -- lines -------------------------------------------------------------------------------------------------------------


def test_a_line_is_used_times_price_rounded_once_and_names_its_readings() -> None:
    story = read(hung(), 121_275, date(2025, 1, 31))
    [line] = metered_lines(story.case, water(), story.case.stretches[0])
    assert (line.amount_fen, line.quantity, line.charge) == (4_226, 1_225, "meter-1/1/1")  # 12.25 × 3.45 = 42.2625
    assert formula(line) == "12.25 × 3.45 = 42.26"
    assert "W-77　1200.50→1212.75" in line.item


def test_factor_coefficient_and_surcharge_are_in_the_formula() -> None:
    story = read(hung(factor="40"), 121_275, date(2025, 1, 31), estimated=True, basis="上月")
    standard = water("0.5", coefficient="3/2", surcharge_fen=100)
    [line] = metered_lines(story.case, standard, story.case.stretches[0])
    assert (formula(line), line.item[-3:]) == ("(12.25 × 0.5 × 60 + 1.00) = 368.50", "（估）")


def test_where_the_price_changes_what_was_used_is_divided_by_days_and_the_parts_are_the_whole() -> None:
    story = read(hung(), 121_050, date(2025, 2, 10))  # 10.00 in 41 days
    standards = Story(STANDARDS, case_id="fee_standard-1")
    said = {"code": "S1", "name": "水费", "kind": FeeKind.METERED, "valid_from": JAN, "reason": "文件"}
    standards.when(SetFeeStandard(price="3.00", **said), as_=MANAGER, at="2025-01-01 08:00")
    more = AddFeePrice(price="4.00", valid_from=FEB, reason="调价文件")
    standards.when(more, as_=MANAGER, at="2025-01-20 08:00")
    lines = list(metered_lines(story.case, standards.case, story.case.stretches[0]))
    assert [(line.quantity, line.amount_fen, line.charge) for line in lines] == [
        (756, 2_268, "meter-1/1/1"),
        (244, 976, "meter-1/1/2"),
    ]
    standards.when(EndFeeStandard(last=date(2025, 2, 3), reason="停用"), as_=MANAGER, at="2025-02-03 08:00")
    ended = list(metered_lines(story.case, standards.case, story.case.stretches[0]))
    assert [line.quantity for line in ended] == [756, 73]  # 1000 × 3/41
    read(story, 122_000, date(2025, 2, 28))
    assert list(metered_lines(story.case, standards.case, story.case.stretches[1])) == []


@pytest.mark.parametrize(
    ("charge", "number"), [("meter-1/1/1", 1), ("meter-1/2", None), ("meter-2/1", None), ("x", None)]
)
def test_a_charge_names_its_stretch(charge: str, number: int | None) -> None:
    story = read(hung(), 121_275, date(2025, 1, 31))
    found = stretch_of(story.case, charge)
    assert (found.number if found else None) == number


# -- what was billed ---------------------------------------------------------------------------------------------------


def billed(meter: Meter, standard: FeeStandard, bill: str = "bill-1") -> list[BilledLine]:
    lines = [line for stretch in meter.stretches for line in metered_lines(meter, standard, stretch)]
    return [BilledLine(bill=bill, place=place, line=line) for place, line in enumerate(lines, 1)]


def wrong(lines: list[BilledLine], *cases: Any) -> list[BillLine]:
    return list(corrections(lines, "household-1", {case.id: case for case in cases}))


def test_a_corrected_reading_comes_as_a_line_that_names_the_one_it_corrects_and_once() -> None:
    story, standard = read(read(hung(), 125_000, date(2025, 1, 31)), 126_000, date(2025, 2, 28)), water()
    lines = billed(story.case, standard)
    assert rests_on(lines) == {"fee_standard-1", "meter-1"}
    assert wrong(lines, story.case, standard) == []
    corrects(story, 1, 121_000)
    first, second = wrong(lines, story.case, standard)
    assert (first.amount_fen, second.amount_fen) == (3_278 - 17_078, 17_250 - 3_450)  # 9.50, 50.00 at 3.45
    assert [(each.corrects.bill, each.corrects.line) for each in (first, second) if each.corrects] == [
        ("bill-1", 1),
        ("bill-1", 2),
    ]
    later = [BilledLine(bill="bill-2", place=n, line=each) for n, each in enumerate((first, second), 1)]
    assert wrong([*lines, *later], story.case, standard) == []
    assert wrong(lines, standard) == [], "without the meter nothing is known to be wrong"
    assert wrong(lines, story.case) == []


def test_a_correction_is_reckoned_from_the_line_and_not_from_what_corrected_it_in_whatever_order_the_bills_come() -> (
    None
):
    story, standard = read(hung(), 125_000, date(2025, 1, 31)), water()
    lines = billed(story.case, standard)
    corrects(story, 1, 121_000)
    [all_of_it] = wrong(lines, story.case, standard)
    part = replace(all_of_it, amount_fen=-5_000)  # what the bill could bear
    later = BilledLine(bill="bill-0", place=1, line=part)
    for order in ([*lines, later], [later, *lines]):
        [rest] = wrong(order, story.case, standard)
        assert rest.amount_fen == all_of_it.amount_fen + 5_000
        assert rest.corrects == all_of_it.corrects


def test_a_share_of_a_cost_that_was_withdrawn_is_given_back_and_one_that_stands_is_not() -> None:
    weights = (Weight(home="7-101", weight=1, household="household-1"), Weight(home="7-102", weight=2))
    story = Story(SHARED_COSTS, case_id="shared_cost-1")
    story.when(ApportionCost(item="公共电费", month=JAN, cost_fen=1_000, weights=weights), as_=CLERK)
    line = BillLine(item="公共电费", amount_fen=333, charge="shared_cost-1/7-101")
    lines = [BilledLine(bill="bill-1", place=1, line=line)]
    assert rests_on(lines) == {"", "shared_cost-1"}
    assert wrong(lines, story.case) == []
    story.when(WithdrawApportionment(reason="倍率有误"), as_=MANAGER)
    [given_back] = wrong(lines, story.case)
    assert (given_back.item, given_back.amount_fen) == ("更正 公共电费", -333)
    assert wrong([*lines, BilledLine(bill="bill-2", place=1, line=given_back)], story.case) == []


def test_a_repair_that_was_done_again_for_another_fee_is_set_right_when_it_is_done() -> None:
    line = BillLine(item="疏通", amount_fen=6_000, charge="repair_order-1")
    lines = [BilledLine(bill="bill-1", place=1, line=line)]
    story = Story(REPAIRS, case_id="repair_order-1")
    raised = RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="疏通", home="7-101", household="household-1")
    story.when(raised, as_=CLERK, at="2025-01-10 09:00")
    ready = ReportRepairReady(done_by="plumber", result="好", fee_fen=6_000)
    story.when(ready, as_=CLERK, at="2025-01-11 09:00")
    assert rests_on(lines) == {"", "repair_order-1"}
    assert wrong(lines, story.case) == []
    assert [each.amount_fen for each in corrections(lines, "household-2", {story.id: story.case})] == [-6_000]
    story.when(ReturnRepair(reason="又堵"), as_=CLERK, at="2025-02-03 09:00").is_in("returned")
    assert wrong(lines, story.case) == [], "what it will cost is not known"
    gone = story.branch().when(CancelRepairOrder(reason="不修了"), as_=Role.DEPARTMENT_HEAD, at="2025-02-04 09:00")
    assert gone.refusal is None, gone.refusal
    assert [each.amount_fen for each in wrong(lines, gone.case)] == [-6_000]
    again = ReportRepairReady(done_by="plumber", result="好", fee_fen=4_500)
    story.when(again, as_=CLERK, at="2025-02-05 09:00")
    [given_back] = wrong(lines, story.case)
    assert (given_back.item, given_back.amount_fen) == ("更正 疏通", -1_500)


def test_what_is_metered_is_no_month_of_days() -> None:
    """A standard for what is metered attaches no homes: by days it would seem to have been charged for nothing."""
    standard = water()
    line = BillLine(
        item="水费", amount_fen=3_450, standard=standard.id, first=JAN, last=date(2025, 1, 31), charge="repair_order-1"
    )
    assert wrong([BilledLine(bill="bill-1", place=1, line=line)], standard) == []
