"""What was billed wrongly for a month is set right by a line of a later bill, which names the line that it corrects (§7.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.fees.bill.commands.issuing import IssueBill
from domain.fees.bill.events import BillIssued, BillLine, LineCorrected
from domain.fees.bill.lifecycle import LIFECYCLE as BILL
from domain.fees.bill_run.commands.compiling import AttachedStandard, HouseholdToBill, TakeNextHouseholds
from domain.fees.bill_run.events import Anomaly, BillDraft
from domain.fees.charged_months import days_charged
from domain.fees.charging import FeeKind
from domain.fees.correcting import BilledLine, affordable, corrections, months_of, not_billed
from domain.fees.fee_standard import LIFECYCLE as STANDARD
from domain.fees.fee_standard import AttachHome, DeclareVacancy, EndAttachment, EndFeeStandard, SetFeeStandard
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.kernel.periods import Month
from domain.kernel.standing import SetAside
from domain.rounds.repair_order.case import RepairOrder
from domain.services.service_order import ServiceOrder
from tests.domain.fees.test_bill_run import compiled
from tests.domain.story import Story, given
from tests.office_rig import shanghai

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER
FEBRUARY = Month(2025, 2)
JANUARY_1 = date(2025, 1, 1)


def standard() -> Story:
    """2.00 yuan a square metre; household h-1 has a home of 100.00 m² on it from the New Year on."""
    story = given(STANDARD).when(
        SetFeeStandard(
            code="WY-1",
            name="物业服务费",
            kind=FeeKind.MANAGEMENT,
            price="2.00",
            valid_from=JANUARY_1,
            reason="责任书",
            vacancy_share="0.5",
        ),
        as_=MANAGER,
    )
    return story.when(AttachHome(home="1-101", household="h-1", quantity=10_000, first=JANUARY_1), as_=CLERK)


def billed(story: Story, month: Month = FEBRUARY, bill: str = "bill-2") -> tuple[BilledLine, ...]:
    """What the run of a month billed for the home, as the standard stood then."""
    attached = story.case.attachments[1]
    days = days_charged(story.case, attached, month)
    assert days is not None
    lines = story.case.lines(attached, *days, f"{story.id}/1/{month}")
    return tuple(BilledLine(bill=bill, place=n, line=line) for n, line in enumerate(lines, 1))


def found(story: Story, lines: tuple[BilledLine, ...], household: str = "h-1") -> list[BillLine]:
    """The lines that the next bill has."""
    return list(corrections(lines, household, {story.id: story.case}))


def test_what_was_billed_rightly_needs_no_line() -> None:
    story = standard()
    assert found(story, billed(story)) == []


def test_a_home_that_was_sold_earlier_than_was_known_is_credited_its_days() -> None:
    story = standard()
    before = billed(story)
    story.when(EndAttachment(number=1, last=date(2025, 2, 14)), as_=CLERK)
    [line] = found(story, before)
    assert (line.amount_fen, line.corrects) == (-10_000, LineCorrected(bill="bill-2", line=1))
    assert (line.item, line.first, line.last) == ("更正2025-02物业服务费", date(2025, 2, 1), date(2025, 2, 28))
    assert line.charge == "bill-2/1/1"


def test_another_area_is_charged_from_its_day_and_each_month_once() -> None:
    story = standard()
    before = (*billed(story, Month(2025, 1), "bill-1"), *billed(story))
    story.when(EndAttachment(number=1, last=date(2025, 1, 31)), as_=CLERK)
    story.when(AttachHome(home="1-101", household="h-1", quantity=9_000, first=date(2025, 2, 1)), as_=CLERK)
    [line] = found(story, before)
    assert (line.amount_fen, line.corrects) == (-2_000, LineCorrected(bill="bill-2", line=1))
    once = (*before, BilledLine(bill="bill-3", place=2, line=line))
    assert found(story, once) == []
    part = (*before, BilledLine(bill="bill-3", place=2, line=replace(line, amount_fen=-500)))
    [rest] = found(story, part)
    assert (rest.amount_fen, rest.charge) == (-1_500, "bill-2/1/2")


def test_another_household_pays_for_its_own_days() -> None:
    story = standard()
    before = billed(story)
    story.when(EndAttachment(number=1, last=date(2025, 1, 31)), as_=CLERK)
    story.when(AttachHome(home="1-101", household="h-2", quantity=10_000, first=date(2025, 2, 1)), as_=CLERK)
    assert [line.amount_fen for line in found(story, before)] == [-20_000]
    assert found(story, (), "h-2") == []


def test_a_vacancy_that_is_declared_afterwards_is_credited() -> None:
    story = standard()
    before = billed(story)
    gone = DeclareVacancy(home="1-101", first=date(2025, 2, 1), last=date(2025, 2, 28), declaration="申报表")
    story.when(gone, as_=CLERK)
    assert [line.amount_fen for line in found(story, before)] == [-10_000]


def test_what_was_billed_by_hand_counts_and_a_month_billed_by_hand_alone_is_left_as_it_is() -> None:
    story = standard()
    before = billed(story)
    by_hand = BillLine(item="补收", amount_fen=700, standard=story.id, first=date(2025, 2, 1), last=date(2025, 2, 28))
    assert [line.amount_fen for line in found(story, (*before, BilledLine(bill="bill-9", place=1, line=by_hand)))] == [
        -700
    ]
    assert found(story, (BilledLine(bill="bill-9", place=1, line=by_hand),)) == []


def test_a_bill_that_somebody_has_corrected_is_right_and_what_it_corrects_of_others_stands() -> None:
    story = standard()
    january, february = billed(story, Month(2025, 1), "bill-1"), billed(story)
    story.when(EndAttachment(number=1, last=date(2025, 1, 16)), as_=CLERK)
    assert [line.amount_fen for line in found(story, (*january, *february))] == [-9_677, -20_000]
    seen_to = tuple(replace(each, by_hand=True) for each in january)
    [line] = found(story, (*seen_to, *february))
    assert (line.amount_fen, line.corrects) == (-20_000, LineCorrected(bill="bill-2", line=1))
    corrected = BilledLine(bill="bill-3", place=2, line=line, by_hand=True)
    assert found(story, (*seen_to, *february, corrected)) == []

    order = RepairOrder(id="repair_order-1", office="XH", household="h-2", fee_fen=5_000)
    repair = BilledLine(bill="bill-2", place=1, line=BillLine(item="水管", amount_fen=5_000, charge="repair_order-1"))
    by_hand = replace(repair, by_hand=True)
    for each, wrong in ((repair, [-5_000]), (by_hand, [])):
        assert [line.amount_fen for line in corrections([each], "h-1", {"repair_order-1": order})] == wrong


def test_what_no_run_has_charged_is_charged_for_its_own_month_and_once() -> None:
    story = standard()
    places = [(story.case, story.case.attachments[1])]
    months = [Month(2024, 12), Month(2025, 1), FEBRUARY]
    february, own = billed(story), replace(story.case.attachments[1], last=date(2025, 1, 15))
    [line] = not_billed(places, months, february)
    assert (line.item, line.amount_fen, line.charge) == ("补计2025-01物业服务费", 20_000, f"{story.id}/1/2025-01")
    assert (line.first, line.last) == (JANUARY_1, date(2025, 1, 31))
    [half] = not_billed([(story.case, own)], months, february)
    assert (half.amount_fen, half.days) == (9_677, 15)
    assert list(not_billed(places, [], february)) == []
    assert list(not_billed(places, months, (*february, BilledLine(bill="bill-3", place=2, line=line)))) == []
    assert months_of([line, BillLine(item="维修", amount_fen=1)]) == {Month(2025, 1)}


def test_lines_of_no_standard_and_of_none_that_is_known_are_passed_over() -> None:
    story = standard()
    stray = BillLine(item="x", amount_fen=1, corrects=LineCorrected(bill="bill-0", line=1))
    others = tuple(
        BilledLine(bill="bill-9", place=n, line=line)
        for n, line in enumerate(
            (BillLine(item="维修", amount_fen=5_000), stray, BillLine(item="x", amount_fen=1, standard=story.id)), 1
        )
    )
    assert found(story, others) == []
    assert list(corrections(billed(story), "h-1", {})) == []


def test_no_day_is_charged_before_the_home_is_attached_or_after_the_standard_has_ended() -> None:
    story = standard()
    assert days_charged(story.case, story.case.attachments[1], Month(2024, 12)) is None
    before = billed(story)
    story.when(EndFeeStandard(last=date(2025, 1, 31), reason="停用"), as_=MANAGER)
    assert [line.amount_fen for line in found(story, before)] == [-20_000]


@pytest.mark.parametrize(
    ("lines", "corrected", "had"),
    [
        ([500], [-200], [-200]),
        ([500], [-700], [-500]),
        ([500], [-400, -300], [-400, -100]),
        ([500], [-400, -300, 300], [300, -400, -300]),
        ([500, -500], [-1], []),
        ([], [80], [80]),
    ],
)
def test_a_bill_is_credited_as_much_as_it_charges_and_the_rest_waits(
    lines: list[int], corrected: list[int], had: list[int]
) -> None:
    found = affordable(made(lines), made(corrected))
    assert [line.amount_fen for line in found] == had


def made(amounts: list[int]) -> Iterator[BillLine]:
    return (BillLine(item="x", amount_fen=amount) for amount in amounts)


def test_the_next_run_proposes_the_lines_and_the_preview_says_what_they_come_to() -> None:
    story = standard()
    before = billed(story)
    story.when(EndAttachment(number=1, last=date(2025, 1, 31)), as_=CLERK)
    story.when(AttachHome(home="1-101", household="h-1", quantity=9_000, first=date(2025, 2, 1)), as_=CLERK)
    on = (AttachedStandard(standard=story.id, attachment=2),)
    asked = HouseholdToBill(household="h-1", standards=on, before_fen=20_000, billed_before=before)
    assert TakeNextHouseholds(households=(asked,)).related() == {story.id: story.id}
    draft = compiled(asked, related={story.id: story.case}).case.drafts["h-1"]
    assert (draft.amount_fen, draft.corrected_fen, draft.anomaly) == (16_000, -2_000, Anomaly.CORRECTS)
    again = compiled(replace(asked, billed=True), related={story.id: story.case}).case.drafts["h-1"]
    assert (again.lines, again.corrected_fen) == ((), None)


def test_it_proposes_what_was_missed_too_and_says_what_is_owed_to_whoever_has_nothing_to_pay() -> None:
    story = standard()
    on = (AttachedStandard(standard=story.id, attachment=1),)
    missed = HouseholdToBill(household="h-1", standards=on, standards_before=on, months_before=(date(2025, 2, 1),))
    assert TakeNextHouseholds(households=(missed,)).related() == {story.id: story.id}
    draft = compiled(missed, related={story.id: story.case}).case.drafts["h-1"]
    assert ([line.amount_fen for line in draft.lines], draft.anomaly) == ([20_000, 20_000], Anomaly.MISSED)
    before = billed(story)
    story.when(EndAttachment(number=1, last=date(2025, 2, 14)), as_=CLERK)
    gone = HouseholdToBill(household="h-1", billed_before=before)
    draft = compiled(gone, related={story.id: story.case}).case.drafts["h-1"]
    assert (draft.lines, draft.uncredited_fen, draft.anomaly) == ((), 10_000, Anomaly.OWED)


def test_a_bill_by_hand_settles_its_month_and_the_reviewer_sees_what_it_does_not_charge() -> None:
    """One fen by hand would be a month's fee let off in silence."""
    story = standard()
    on = (AttachedStandard(standard=story.id, attachment=1),)
    one_fen = BilledLine(bill="bill-9", place=1, line=BillLine(item="物业费", amount_fen=1))
    asked = HouseholdToBill(household="h-1", standards=on, months_settled=(JANUARY_1,), billed_before=(one_fen,))

    def draft(asked: HouseholdToBill) -> BillDraft:
        return compiled(asked, related={story.id: story.case}).case.drafts["h-1"]

    january = draft(replace(asked, billed=True))
    assert (january.lines, january.anomaly, january.unbilled_fen) == ((), Anomaly.BILLED, 20_000)
    later = draft(replace(asked, standards=(), standards_before=on))
    assert (later.lines, later.anomaly, later.unbilled_fen) == ((), Anomaly.SPARED, 20_000), "who has left, too"
    again = draft(replace(asked, standards_before=on))
    assert (len(again.lines), again.anomaly, again.unbilled_fen) == (1, Anomaly.SPARED, 20_000)
    more = BilledLine(
        bill="bill-9", place=2, line=replace(billed(story, Month.of(JANUARY_1))[0].line, amount_fen=20_001)
    )
    by_standard = draft(replace(asked, billed=True, billed_before=(one_fen, more)))
    assert (by_standard.anomaly, by_standard.unbilled_fen) == (Anomaly.BILLED, None)


@pytest.mark.parametrize(
    ("state", "month", "wrong"),
    [("accepted", JANUARY_1, []), ("performed", None, []), ("cancelled", None, [-5_000])],
)
def test_a_service_is_owed_once_it_is_accepted_and_no_more_when_it_comes_to_nothing(
    state: str, month: date | None, wrong: list[int]
) -> None:
    order = ServiceOrder(id="service_order-1", office="XH", household="h-1", amount_fen=5_000)
    order.state, order.charge_month = state, month
    line = BilledLine(bill="bill-2", place=1, line=BillLine(item="保洁", amount_fen=5_000, charge="service_order-1"))
    assert [each.amount_fen for each in corrections([line], "h-1", {"service_order-1": order})] == wrong


def earlier() -> Any:
    bill = IssueBill(household="h-1", period="2025-02", item="物业服务费", amount_fen=20_000)
    return Story(BILL, case_id="bill-2").when(bill, as_=CLERK, at="2025-02-28 17:00").then(BillIssued).case


def credit(line: int = 1, *, household: str = "h-1", period: str | None = "2025-03", amount: int = -700) -> IssueBill:
    corrected = BillLine(item="更正", amount_fen=amount, corrects=LineCorrected(bill="bill-2", line=line))
    lines = (BillLine(item="物业服务费", amount_fen=20_000), corrected)
    return IssueBill(household=household, period=period, due_on=date(2025, 4, 15), lines=lines)


@pytest.mark.parametrize("period", ["2025-03", None])
def test_a_line_by_hand_names_the_line_that_it_corrects(period: str | None) -> None:
    bill = credit(period=period)
    assert bill.related() == {"bill-2": "bill-2"}
    story = given(BILL).when(bill, as_=CLERK, at="2025-03-31 17:00", related={"bill-2": earlier()}).then(BillIssued)
    assert story.case.original_fen == 19_300


@pytest.mark.parametrize(
    "bill", [credit(2), credit(0), credit(household="h-2"), credit(period="2025-02"), credit(period="2025-01")]
)
def test_it_is_a_line_of_an_earlier_bill_of_the_same_household(bill: IssueBill) -> None:
    story = given(BILL).when(bill, as_=CLERK, at="2025-03-31 17:00", related={"bill-2": earlier()})
    story.refused(RuleBroken, code="corrects-unknown")


def test_a_void_bill_has_nothing_to_correct_and_no_bill_is_negative() -> None:
    void = earlier()
    void.state = "void"
    story = given(BILL).when(credit(), as_=CLERK, at="2025-03-31 17:00", related={"bill-2": void})
    story.refused(RuleBroken, code="corrects-unknown")
    too_much = given(BILL).when(credit(amount=-20_001), as_=CLERK, at="2025-03-31 17:00", related={"bill-2": earlier()})
    too_much.refused(RuleBroken, code="negative-bill")


def test_what_was_billed_of_something_that_was_a_mistake_goes_back_and_stops_nobodys_month() -> None:
    story = standard()
    lines = billed(story)
    gone = SetAside(
        kind="mistaken", other=None, reason="登错", by="wang", role=MANAGER, at=shanghai("2025-03-02 10:00"), version=9
    )
    never = replace(story.case, set_aside=gone)
    [line] = corrections(lines, "h-1", {story.id: never})
    assert line.amount_fen == -sum(each.line.amount_fen for each in lines)
    repair = BillLine(item="水管", amount_fen=5_000, charge="repair_order-1")
    billed_repair = BilledLine(bill="bill-2", place=1, line=repair)
    order = RepairOrder(id="repair_order-1", office="XH", household="h-1", fee_fen=5_000, set_aside=gone)
    [line] = corrections([billed_repair], "h-1", {"repair_order-1": order})
    assert (line.amount_fen, line.corrects) == (-5_000, LineCorrected(bill="bill-2", line=1))
    on = (AttachedStandard(standard="fee_standard-1", attachment=1),)
    asks = TakeNextHouseholds(
        households=(HouseholdToBill(household="h-1", standards=on, billed_before=(billed_repair,)),)
    )
    assert (asks.may_lack("repair_order-1"), asks.may_lack("fee_standard-1")) == (True, False)
