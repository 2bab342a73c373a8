"""What meters measured comes into the month's bills, on a real book: once, at its prices, and corrected by a later bill (§7.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from domain.complaints.complaint.events import Channel
from domain.fees.bill.events import LineCorrected
from domain.fees.bill_run.commands.compiling import OpenBillRun
from domain.fees.bill_run.events import Anomaly
from domain.fees.charging import FeeKind
from domain.fees.fee_standard import SetFeeStandard
from domain.fees.meter.commands import CorrectHandOver, CorrectReading, HandMeterOver, InstallMeter, ReadMeter
from domain.fees.shared_cost import ApportionCost, Weight, WithdrawApportionment
from domain.kernel.errors import RuleBroken
from domain.kernel.mending import WithdrawAsMistaken
from domain.kernel.people import Role
from domain.kernel.periods import Month
from domain.residents.household.commands.keeping import MoveHouseholdOut, OpenHousehold
from domain.residents.household.events import Occupancy
from domain.rounds.repair_order.commands import RaiseRepairOrder, ReportRepairReady, ReturnRepair
from tests.conftest import Database
from tests.office_rig import OfficeRig
from tests.workflows.checked_office import checked_office
from tests.workflows.test_bill_corrections import compiled, drafted, issued

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER
JANUARY = date(2025, 1, 1)


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def household(rig: OfficeRig, home: str) -> str:
    return rig.do(OpenHousehold(home=home, occupancy=Occupancy.OWNER, name="王", building="7"), as_=CLERK).case_id


def metered(rig: OfficeRig, payer: str, serial: str = "W-1") -> str:
    """A meter at 100.00, hung on New Year's Day; a m³ is 3.00 yuan."""
    price = {"code": f"S-{serial}", "name": "水费", "price": "3.00", "valid_from": JANUARY, "reason": "价格文件"}
    set_ = SetFeeStandard(kind=FeeKind.METERED, **price)  # type: ignore[arg-type]
    standard = rig.do(set_, as_=MANAGER, by="wang").case_id
    hung = InstallMeter(
        home="7-101", household=payer, standard=standard, serial=serial, digits=5, reading=10_000, on=JANUARY
    )
    return rig.do(hung, as_=CLERK).case_id


def read(rig: OfficeRig, meter: str, reading: int, on: date, **more: object) -> None:
    rig.now = rig.now.replace(year=on.year, month=on.month, day=on.day, hour=1, minute=30)
    rig.do(ReadMeter(reading=reading, on=on, **more), as_=CLERK, by="li", on=meter)  # type: ignore[arg-type]


def test_a_stretch_is_billed_once_and_a_wrong_reading_comes_right_with_the_next_bill(rig: OfficeRig) -> None:
    payer = household(rig, "7-101")
    meter = metered(rig, payer)
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    read(rig, meter, 15_000, date(2025, 1, 30))  # it was 11,500
    first = compiled(rig, Month(2025, 1))
    item = "水费　W-1　100.00→150.00"
    assert drafted(rig, first, payer) == [(item, 15_000, None)]
    issued(rig, first)
    read(rig, meter, 16_000, date(2025, 2, 20))
    rig.do(CorrectReading(number=1, reading=11_500, reason="抄错一位"), as_=MANAGER, by="wang", on=meter)
    second = compiled(rig, Month(2025, 2))
    bill = rig.case(first).bills[payer]
    assert drafted(rig, second, payer) == [
        ("水费　W-1　115.00→160.00", 13_500, None),
        (f"更正 {item}", -10_500, LineCorrected(bill=bill, line=1)),
    ]
    issued(rig, second)
    charged = [rig.case(rig.case(run).bills[payer]).original_fen for run in (first, second)]
    assert sum(charged) == 18_000 == 6_000 * 3, "60.00 m³ in all, at 3.00"
    read(rig, meter, 16_000, date(2025, 3, 20))
    assert payer not in rig.case(compiled(rig, Month(2025, 3))).bills
    rows = rig.rows("meter-stretches")
    assert [(row["quantity"], row["corrected"]) for row in rows] == [(1_500, True), (4_500, True), (0, False)]
    [row] = rig.rows("meters")
    assert (row["reading"], row["read_on"], row["readings"], row["open"]) == (16_000, date(2025, 3, 20), 3, True)


def test_who_has_a_meter_that_nobody_read_is_one_to_look_at(rig: OfficeRig) -> None:
    payer = household(rig, "7-101")
    meter = metered(rig, payer)
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    first = compiled(rig, Month(2025, 1))
    assert rig.case(first).drafts[payer].anomaly is Anomaly.NOTHING, "it was hung this month"
    issued(rig, first)
    second = compiled(rig, Month(2025, 2))
    assert rig.case(second).drafts[payer].anomaly is Anomaly.UNREAD
    issued(rig, second)
    read(rig, meter, 11_000, date(2025, 3, 20))
    assert rig.case(compiled(rig, Month(2025, 3))).drafts[payer].anomaly is Anomaly.FIRST


def test_each_household_pays_what_was_used_in_its_days(rig: OfficeRig) -> None:
    before = household(rig, "7-101")
    meter = metered(rig, before)
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    rig.now = rig.now.replace(day=12)
    rig.do(MoveHouseholdOut(), as_=CLERK, on=before)
    after = household(rig, "7-101")
    sold = HandMeterOver(household=after, reading=10_400, on=date(2025, 1, 12))
    rig.do(sold, as_=CLERK, by="li", on=meter)
    read(rig, meter, 11_000, date(2025, 1, 30), estimated=True, basis="去年同月")
    run = compiled(rig, Month(2025, 1))
    assert drafted(rig, run, before) == [("水费　W-1　100.00→104.00", 1_200, None)]
    assert drafted(rig, run, after) == [("水费　W-1　104.00→110.00（估）", 1_800, None)]


def shared(rig: OfficeRig, month: date, *households: str) -> None:
    """A cost of 50.00 for each of them."""
    for payer in households:
        share = (Weight(home="7-101", weight=1, household=payer),)
        rig.do(ApportionCost(item="公共电费", month=month, cost_fen=5_000, weights=share), as_=CLERK)


def test_what_was_billed_to_the_wrong_household_is_given_back_and_billed_to_the_right_one(rig: OfficeRig) -> None:
    """Everything else of February and March is a shared cost of 50.00 each, so that a bill has room for what goes back."""
    before = household(rig, "7-101")
    meter = metered(rig, before)
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    rig.now = rig.now.replace(day=12)
    rig.do(MoveHouseholdOut(), as_=CLERK, on=before)
    tenant = OpenHousehold(home="7-101", occupancy=Occupancy.TENANT, name="赵", building="7")
    wrong, right = household(rig, "7-101"), rig.do(tenant, as_=CLERK).case_id
    rig.do(HandMeterOver(household=wrong, reading=10_400, on=date(2025, 1, 12)), as_=CLERK, by="li", on=meter)
    read(rig, meter, 11_000, date(2025, 1, 30))
    first = compiled(rig, Month(2025, 1))
    assert drafted(rig, first, wrong) == [("水费　W-1　104.00→110.00", 1_800, None)]
    issued(rig, first)
    bill = rig.case(first).bills[wrong]
    rig.now += timedelta(days=5)
    rig.do(CorrectHandOver(number=1, household=right, reason="门牌看错"), as_=MANAGER, by="wang", on=meter)
    read(rig, meter, 11_500, date(2025, 2, 20))
    shared(rig, date(2025, 2, 1), wrong, right)
    second = compiled(rig, Month(2025, 2))
    assert drafted(rig, second, wrong) == [
        ("公共电费", 5_000, None),
        ("更正 水费　W-1　104.00→110.00", -1_800, LineCorrected(bill=bill, line=1)),
    ]
    assert drafted(rig, second, right) == [
        ("公共电费", 5_000, None),
        ("水费　W-1　104.00→110.00", 1_800, None),
        ("水费　W-1　110.00→115.00", 1_500, None),
    ]
    issued(rig, second)
    rig.now += timedelta(days=5)
    shared(rig, date(2025, 3, 1), wrong, right)
    third = compiled(rig, Month(2025, 3))
    assert [drafted(rig, third, who) for who in (wrong, right)] == [[("公共电费", 5_000, None)]] * 2


def test_a_meter_that_nobody_reads_is_somebodys_task_and_stays_one(rig: OfficeRig) -> None:
    payer = household(rig, "7-101")
    meter = metered(rig, payer)
    [task] = rig.rows("deadlines", case_id=meter)
    assert (task["line"], task["due_at"].date(), task["missed_at"]) == ("reading", date(2025, 2, 28), None)
    rig.until("2025-03-02 09:00")
    [task] = rig.rows("deadlines", case_id=meter)
    assert task["missed_at"] is not None
    [row] = rig.rows("meters")
    assert (row["reading_by"], row["missed_at"]) == (date(2025, 2, 28), task["missed_at"])
    read(rig, meter, 10_500, date(2025, 3, 2))
    [task] = rig.rows("deadlines", case_id=meter)
    assert (task["missed_at"], rig.rows("meters")[0]["missed_at"]) == (None, None)


def test_a_withdrawn_apportionment_is_given_back_by_the_next_bill(rig: OfficeRig) -> None:
    payers = [household(rig, home) for home in ("7-101", "7-102", "7-103")]
    weights = tuple(Weight(home=f"7-10{n}", weight=1, household=who) for n, who in enumerate(payers, 1))
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    cost = rig.do(ApportionCost(item="公共电费", month=JANUARY, cost_fen=1_000, weights=weights), as_=CLERK).case_id
    first = compiled(rig, Month(2025, 1))
    assert [drafted(rig, first, who)[0][1] for who in payers] == [334, 333, 333]
    issued(rig, first)
    rig.now += timedelta(days=5)
    rig.do(WithdrawApportionment(reason="电表倍率有误"), as_=MANAGER, by="wang", on=cost)
    again = ApportionCost(item="公共电费", month=date(2025, 2, 1), cost_fen=2_000, weights=weights)
    rig.do(again, as_=CLERK)
    second = compiled(rig, Month(2025, 2))
    bills = rig.case(first).bills
    for who, new, old in zip(payers, (667, 667, 666), (334, 333, 333), strict=True):
        assert drafted(rig, second, who) == [
            ("公共电费", new, None),
            ("更正 公共电费", -old, LineCorrected(bill=bills[who], line=1)),
        ]


def test_a_repair_that_was_billed_and_done_again_for_less_is_set_right_by_the_next_bill(rig: OfficeRig) -> None:
    payer = household(rig, "7-101")
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    raised = RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="疏通", home="7-101", household=payer)
    order = rig.do(raised, as_=CLERK, at="2025-01-10 09:00").case_id
    rig.do(ReportRepairReady(done_by="plumber", result="好", fee_fen=6_000), as_=CLERK, on=order)
    first = compiled(rig, Month(2025, 1))
    assert drafted(rig, first, payer) == [("疏通", 6_000, None)]
    issued(rig, first)
    rig.do(ReturnRepair(reason="又堵"), as_=CLERK, on=order, at="2025-02-03 09:00")
    rig.do(ReportRepairReady(done_by="plumber", result="好", fee_fen=4_500), as_=CLERK, on=order)
    share = (Weight(home="7-101", weight=1, household=payer),)
    rig.do(ApportionCost(item="公共电费", month=date(2025, 2, 1), cost_fen=2_000, weights=share), as_=CLERK)
    second = compiled(rig, Month(2025, 2))
    bill = rig.case(first).bills[payer]
    assert drafted(rig, second, payer) == [
        ("公共电费", 2_000, None),
        ("更正 疏通", -1_500, LineCorrected(bill=bill, line=1)),
    ]


def test_a_household_that_pays_for_a_meter_is_no_mistake_while_it_hangs_there(rig: OfficeRig) -> None:
    payer = household(rig, "7-101")
    meter = metered(rig, payer)
    with pytest.raises(RuleBroken) as refused:
        rig.do(WithdrawAsMistaken(reason="误登"), as_=MANAGER, by="wang", on=payer)
    assert (refused.value.code, meter in refused.value.en) == ("matters-stand", True)
