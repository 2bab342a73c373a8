"""What was billed wrongly is set right by the next run, on a real book: once, shown beforehand, and never below nothing (§7.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from domain.fees.bill.commands.issuing import CorrectBill, IssueBill, StandardCharge, VoidBill
from domain.fees.bill.events import LineCorrected
from domain.fees.bill_run.case import bill_run_id
from domain.fees.bill_run.commands.compiling import CompileBillRun, LeaveHouseholdOut, OpenBillRun
from domain.fees.bill_run.commands.reviewing import ApproveBillRun, ReviewBillRun
from domain.fees.bill_run.events import Anomaly
from domain.fees.charging import FeeKind
from domain.fees.fee_standard import AttachHome, DeclareVacancy, EndAttachment, SetFeeStandard
from domain.fees.shared_cost import ApportionCost, Weight
from domain.kernel.mending import WithdrawAsMistaken
from domain.kernel.people import Role
from domain.kernel.periods import Month
from domain.residents.household.commands.keeping import MoveHouseholdOut, OpenHousehold
from domain.residents.household.events import Occupancy
from tests.conftest import Database
from tests.office_rig import OfficeRig
from tests.workflows.checked_office import checked_office, one

CLERK, MANAGER, COMPANY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY
JANUARY = date(2025, 1, 1)
FEE, MISSED = "物业服务费", "补计2025-01物业服务费"


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def furnish(rig: OfficeRig) -> tuple[str, dict[str, str]]:
    """Three homes of 100.00 m² on a standard of 2.00 yuan; a declared vacancy pays half."""
    price = {"code": "WY-1", "name": "物业服务费", "price": "2.00", "valid_from": JANUARY, "reason": "责任书"}
    set_ = SetFeeStandard(kind=FeeKind.MANAGEMENT, vacancy_share="0.5", **price)  # type: ignore[arg-type]
    standard = rig.do(set_, as_=MANAGER, by="wang").case_id
    homes = {}
    for home in ("7-101", "7-102", "7-103"):
        file = OpenHousehold(home=home, occupancy=Occupancy.OWNER, name="王", building="7")
        homes[home] = rig.do(file, as_=CLERK).case_id
        rig.do(AttachHome(home=home, household=homes[home], quantity=10_000, first=JANUARY), as_=CLERK, on=standard)
    return standard, homes


def compiled(rig: OfficeRig, month: Month) -> str:
    """The month's run with its drafts."""
    run = bill_run_id("XH", str(month))
    # The last day; later on it when it is compiled again.
    last_day = rig.now.replace(year=month.year, month=month.month, day=month.last.day, hour=2, minute=0)
    rig.now = max(last_day, rig.now + timedelta(minutes=1))
    rig.do(CompileBillRun(), as_=CLERK, by="li", on=run)
    rig.now += timedelta(minutes=1)
    rig.clock.catch_up(rig.now, office="XH")
    assert rig.clock_work(run) == []
    assert rig.case(run).state == "compiled"
    return run


def issued(rig: OfficeRig, run: str) -> None:
    """The run with its bills."""
    rig.do(ReviewBillRun(remark="已核对"), as_=MANAGER, by="wang", on=run)
    rig.do(ApproveBillRun(), as_=COMPANY, by="zhao", on=run)
    rig.now += timedelta(minutes=1)
    rig.clock.catch_up(rig.now, office="XH")
    assert rig.case(run).state == "issued"


def january_without(rig: OfficeRig, household: str) -> str:
    """January's run with its bills, of which one household was left out."""
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    run = compiled(rig, Month(2025, 1))
    rig.do(LeaveHouseholdOut(household=household, reason="面积待核"), as_=CLERK, on=run)
    issued(rig, run)
    return run


def parking(rig: OfficeRig) -> str:
    """A standard of 50 yuan a month for a parking place."""
    price = {"code": "TC-1", "name": "停车费", "price": "50", "valid_from": JANUARY, "reason": "责任书"}
    return rig.do(SetFeeStandard(kind=FeeKind.FIXED, **price), as_=MANAGER, by="wang").case_id  # type: ignore[arg-type]


def drafted(rig: OfficeRig, run: str, household: str) -> list[tuple[str, int, LineCorrected | None]]:
    """The lines of a household in a run."""
    return [(line.item, line.amount_fen, line.corrects) for line in rig.case(run).drafts[household].lines]


def test_the_next_run_sets_right_what_changed_since_the_last_and_does_so_once(rig: OfficeRig) -> None:
    standard, homes = furnish(rig)
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    first = compiled(rig, Month(2025, 1))
    issued(rig, first)
    bills = rig.case(first).bills
    smaller, vacant, sold = (homes[each] for each in ("7-101", "7-102", "7-103"))

    # February: one area was too large from the New Year on, one home stood empty in January, one was sold in mid-January.
    rig.now = rig.now.replace(month=2, day=10)
    rig.do(EndAttachment(number=1, last=JANUARY), as_=CLERK, on=standard)
    anew = AttachHome(home="7-101", household=smaller, quantity=9_000, first=date(2025, 1, 2))
    rig.do(anew, as_=CLERK, on=standard)
    empty = DeclareVacancy(home="7-102", first=JANUARY, last=date(2025, 1, 31), declaration="申报表")
    rig.do(empty, as_=CLERK, on=standard)
    rig.do(EndAttachment(number=3, last=date(2025, 1, 15)), as_=CLERK, on=standard)
    second = compiled(rig, Month(2025, 2))
    fee, wrong = FEE, "更正2025-01物业服务费"
    assert drafted(rig, second, smaller) == [
        (fee, 18_000, None),
        (wrong, -1_936, LineCorrected(bill=bills[smaller], line=1)),
    ]
    assert drafted(rig, second, vacant) == [
        (fee, 20_000, None),
        (wrong, -10_000, LineCorrected(bill=bills[vacant], line=1)),
    ]
    assert drafted(rig, second, sold) == [], "nothing is charged from which it could be taken: it waits"
    assert one(rig, "bill-run-households", case_id=second, line=sold)["anomaly"] == "owed"
    row = one(rig, "bill-run-households", case_id=second, line=vacant)
    assert (row["amount_fen"], row["corrected_fen"], row["anomaly"]) == (10_000, -10_000, "corrects")
    assert compiled(rig, Month(2025, 2)) == second
    assert rig.case(second).drafts[vacant].amount_fen == 10_000, "compiled again, it is the same"
    issued(rig, second)
    bill = rig.case(rig.case(second).bills[vacant])
    assert (bill.original_fen, bill.lines[1].corrects) == (10_000, LineCorrected(bill=bills[vacant], line=1))
    assert rig.case(bills[vacant]).original_fen == 20_000, "January stays what it was"

    share = (Weight(home="7-103", weight=1, household=sold),)
    power = ApportionCost(item="公共电费", month=date(2025, 3, 1), cost_fen=500, weights=share)
    rig.do(power, as_=CLERK, at=rig.now + timedelta(days=1))
    third = compiled(rig, Month(2025, 3))
    waited = (wrong, -500, LineCorrected(bill=bills[sold], line=1))
    assert drafted(rig, third, sold) == [("公共电费", 500, None), waited]
    for household in (smaller, vacant):
        assert [amount for _, amount, corrects in drafted(rig, third, household) if corrects] == []


def test_what_a_bill_cannot_bear_waits_for_the_next_and_what_is_void_is_not_corrected(rig: OfficeRig) -> None:
    standard, homes = furnish(rig)
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    first = compiled(rig, Month(2025, 1))
    issued(rig, first)
    moved, void = homes["7-101"], homes["7-102"]

    # A tenth of the area: January was billed 18,000 too high, and February comes to 2,000.
    rig.now = rig.now.replace(month=2, day=10)
    for number, home in ((1, "7-101"), (2, "7-102")):
        rig.do(EndAttachment(number=number, last=JANUARY), as_=CLERK, on=standard)
        anew = AttachHome(home=home, household=homes[home], quantity=1_000, first=date(2025, 1, 2))
        rig.do(anew, as_=CLERK, on=standard)
    second = compiled(rig, Month(2025, 2))
    assert [amount for _, amount, _ in drafted(rig, second, moved)] == [2_000, -2_000]
    rig.do(VoidBill(reason="误出"), as_=MANAGER, by="wang", on=rig.case(first).bills[void])
    issued(rig, second)
    run = rig.case(second)
    assert moved in run.bills
    assert void in run.left_out, "its correction has nothing to correct any more"

    third = compiled(rig, Month(2025, 3))
    assert [amount for _, amount, _ in drafted(rig, third, moved)] == [2_000, -2_000]
    assert drafted(rig, third, void) == [(FEE, 2_000, None), ("补计2025-02物业服务费", 2_000, None)], (
        "February had no bill"
    )


def test_what_a_run_missed_is_charged_by_the_next_once(rig: OfficeRig) -> None:
    """Who was left out, a home that was attached late, the buyer's days of a sale: each is a line of its own month."""
    standard, homes = furnish(rig)
    left_out, sold, _ = homes.values()
    first = january_without(rig, left_out)

    rig.now = rig.now.replace(month=2, day=10)
    rig.do(MoveHouseholdOut(), as_=CLERK, on=sold)
    buyer = rig.do(OpenHousehold(home="7-102", occupancy=Occupancy.OWNER, name="赵", building="7"), as_=CLERK).case_id
    late = rig.do(OpenHousehold(home="7-104", occupancy=Occupancy.OWNER, name="钱", building="7"), as_=CLERK).case_id
    rig.do(EndAttachment(number=2, last=date(2025, 1, 15)), as_=CLERK, on=standard)
    for household, home, day in ((buyer, "7-102", date(2025, 1, 16)), (late, "7-104", date(2024, 12, 1))):
        rig.do(AttachHome(home=home, household=household, quantity=10_000, first=day), as_=CLERK, on=standard)
    second = compiled(rig, Month(2025, 2))
    assert drafted(rig, second, left_out) == [(FEE, 20_000, None), (MISSED, 20_000, None)]
    assert drafted(rig, second, late) == [(FEE, 20_000, None), (MISSED, 20_000, None)], "December had no run"
    assert drafted(rig, second, buyer) == [(FEE, 20_000, None), (MISSED, 10_323, None)]
    drafts = rig.case(second).drafts
    seller = (drafts[sold].lines, drafts[sold].anomaly, drafts[sold].uncredited_fen)
    assert seller == ((), Anomaly.OWED, 10_323), "who is not here any more is shown what the bill was too high by"
    assert {drafts[each].anomaly for each in (left_out, late, buyer)} == {Anomaly.MISSED}
    missed = drafts[buyer].lines[1]
    assert (missed.first, missed.last, missed.days, missed.of_days) == (date(2025, 1, 16), date(2025, 1, 31), 16, 31)
    issued(rig, second)
    rig.do(
        DeclareVacancy(home="7-104", first=JANUARY, last=date(2025, 1, 31), declaration="申报表"),
        as_=CLERK,
        on=standard,
    )
    third = compiled(rig, Month(2025, 3))
    assert one(rig, "bill-run-households", case_id=third, line=sold)["uncredited_fen"] == 10_323, "until it is seen to"
    less = CorrectBill(item="一月售房", amount_fen=-10_323, reason="一月十五日售出", from_start=True)
    rig.do(less, as_=MANAGER, by="wang", on=rig.case(first).bills[sold])
    assert compiled(rig, Month(2025, 3)) == third
    gone = rig.case(third).drafts[sold]
    assert (gone.lines, gone.anomaly) == ((), Anomaly.NOTHING)
    assert drafted(rig, third, left_out) == drafted(rig, third, buyer) == [(FEE, 20_000, None)]
    corrected = LineCorrected(bill=rig.case(second).bills[late], line=2)
    assert drafted(rig, third, late) == [(FEE, 20_000, None), ("更正2025-01物业服务费", -10_000, corrected)]


def test_what_a_bill_by_hand_leaves_of_the_standards_is_shown_in_its_months_run_and_in_the_next(rig: OfficeRig) -> None:
    standard, homes = furnish(rig)
    one_fen, in_full, spared_later = homes.values()
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    rig.do(IssueBill(household=one_fen, period="2025-01", item=FEE, amount_fen=1), as_=CLERK)
    month = StandardCharge(standard=standard, attachment=2, first=JANUARY, last=date(2025, 1, 31))
    rig.do(IssueBill(household=in_full, period="2025-01", charges=(month,)), as_=CLERK)

    def told(run: str) -> list[tuple[Anomaly | None, int | None]]:
        drafts = rig.case(run).drafts
        return [(drafts[each].anomaly, drafts[each].unbilled_fen) for each in homes.values()]

    first = compiled(rig, Month(2025, 1))
    assert told(first) == [(Anomaly.BILLED, 20_000), (Anomaly.BILLED, None), (Anomaly.FIRST, None)]
    rig.do(LeaveHouseholdOut(household=spared_later, reason="面积待核"), as_=CLERK, on=first)
    issued(rig, first)
    rig.do(IssueBill(household=spared_later, period="2025-01", item=FEE, amount_fen=1), as_=CLERK)
    rig.now = rig.now.replace(month=2, day=10)
    second = compiled(rig, Month(2025, 2))
    assert told(second) == [(Anomaly.SPARED, 20_000), (None, None), (Anomaly.SPARED, 20_000)]
    row = one(rig, "bill-run-households", case_id=second, line=spared_later)
    assert (row["anomaly"], row["unbilled_fen"], row["amount_fen"]) == ("spared", 20_000, 20_000)
    issued(rig, second)
    assert told(compiled(rig, Month(2025, 3))) == [(None, None)] * 3, "said once"


def test_a_month_that_somebody_has_decided_upon_is_not_charged_again(rig: OfficeRig) -> None:
    """Billed by hand, voided by the manager, corrected by hand: whatever changes then, the next run adds nothing."""
    _, homes = furnish(rig)
    by_hand, void, corrected = homes.values()
    first = january_without(rig, by_hand)
    bills = rig.case(first).bills
    rig.do(VoidBill(reason="误出"), as_=MANAGER, by="wang", on=bills[void])
    less = CorrectBill(item="更正", amount_fen=-5_000, reason="漏水未修", from_start=True)
    rig.do(less, as_=MANAGER, by="wang", on=bills[corrected])
    mistaken = IssueBill(household=by_hand, period="2025-01", item=FEE, amount_fen=1)
    rig.do(WithdrawAsMistaken(reason="录错"), as_=MANAGER, by="wang", on=rig.do(mistaken, as_=CLERK).case_id)
    own = IssueBill(household=by_hand, period="2025-01", item=FEE, amount_fen=17_000)
    bill = rig.do(own, as_=CLERK).case_id

    place = parking(rig)
    for home, household in homes.items():
        rig.do(AttachHome(home=home, household=household, quantity=100, first=JANUARY), as_=CLERK, on=place)
    second = compiled(rig, Month(2025, 2))
    drafts = rig.case(second).drafts
    for household in homes.values():
        assert sorted(drafted(rig, second, household)) == [("停车费", 5_000, None), (FEE, 20_000, None)]
        assert drafts[household].anomaly is Anomaly.SPARED, "and the reviewer is told"
    spared = [drafts[household].unbilled_fen for household in (by_hand, void, corrected)]
    assert spared == [25_000, 25_000, 5_000], "his own bill names no standard, a voided one charges nothing"
    rig.do(WithdrawAsMistaken(reason="录错"), as_=MANAGER, by="wang", on=bill)
    assert compiled(rig, Month(2025, 2)) == second
    missed = [("补计2025-01停车费", 5_000, None), (MISSED, 20_000, None)]
    assert sorted(drafted(rig, second, by_hand)) == sorted([("停车费", 5_000, None), (FEE, 20_000, None), *missed])


def test_a_bill_that_is_corrected_by_hand_keeps_what_it_corrects_of_others(rig: OfficeRig) -> None:
    """January was set right by February's bill, of which the manager then took something off: January is not set right twice."""
    standard, homes = furnish(rig)
    household = homes["7-101"]
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    issued(rig, compiled(rig, Month(2025, 1)))
    rig.now = rig.now.replace(month=2, day=10)
    empty = DeclareVacancy(home="7-101", first=JANUARY, last=date(2025, 1, 31), declaration="申报表")
    rig.do(empty, as_=CLERK, on=standard)
    second = compiled(rig, Month(2025, 2))
    assert [amount for _, amount, _ in drafted(rig, second, household)] == [20_000, -10_000]
    issued(rig, second)
    bill = rig.case(second).bills[household]
    rig.do(CorrectBill(item="更正", amount_fen=-500, reason="停水", from_start=True), as_=MANAGER, by="wang", on=bill)
    third = compiled(rig, Month(2025, 3))
    assert drafted(rig, third, household) == [(FEE, 20_000, None)]


def test_a_standard_that_came_late_is_charged_for_the_months_that_were_billed_without_it(rig: OfficeRig) -> None:
    _, homes = furnish(rig)
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    issued(rig, compiled(rig, Month(2025, 1)))
    rig.now = rig.now.replace(month=2, day=10)
    place = parking(rig)
    first, household = next(iter(homes.items()))
    ended = AttachHome(home=first, household=household, quantity=100, first=date(2025, 1, 12), last=date(2025, 1, 31))
    rig.do(ended, as_=CLERK, on=place)
    second = compiled(rig, Month(2025, 2))
    assert drafted(rig, second, household) == [(FEE, 20_000, None), ("补计2025-01停车费", 3_226, None)]


def test_who_has_moved_out_and_is_charged_on_is_one_to_look_at(rig: OfficeRig) -> None:
    """A home that was sold in mid-month, whose place on the standard nobody has ended: the reviewer sees it."""
    standard, homes = furnish(rig)
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    for home in ("7-101", "7-102"):
        rig.do(MoveHouseholdOut(), as_=CLERK, on=homes[home], at="2025-01-15 09:00")
    rig.do(EndAttachment(number=2, last=date(2025, 1, 15)), as_=CLERK, on=standard)
    run = compiled(rig, Month(2025, 1))
    anomalies = {home: rig.case(run).drafts[household].anomaly for home, household in homes.items()}
    assert anomalies == {"7-101": Anomaly.LEFT, "7-102": Anomaly.FIRST, "7-103": Anomaly.FIRST}
    [line] = rig.case(run).drafts[homes["7-102"]].lines
    assert (line.days, line.of_days, line.amount_fen) == (15, 31, 9_677)
