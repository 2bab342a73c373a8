"""Fees of repairs that were billed and were wrong, on a real book: each is charged once, to whose it is, and stops no month (§7.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from domain.complaints.complaint.events import Channel
from domain.fees.bill_run.commands.compiling import OpenBillRun
from domain.fees.shared_cost import ApportionCost, Weight
from domain.kernel.mending import CorrectEntry, WithdrawAsMistaken
from domain.kernel.people import Role
from domain.kernel.periods import Month
from domain.residents.household.commands.keeping import OpenHousehold
from domain.residents.household.events import Occupancy
from domain.rounds.repair_order.commands import RaiseRepairOrder, ReportRepairReady
from tests.conftest import Database
from tests.office_rig import OfficeRig
from tests.workflows.checked_office import checked_office
from tests.workflows.test_bill_corrections import compiled, issued

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER
JANUARY = date(2025, 1, 1)


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def two(rig: OfficeRig) -> dict[str, str]:
    """Two households by their homes, and the first month's run."""
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    opened = (
        OpenHousehold(home=home, occupancy=Occupancy.OWNER, name="王", building="7") for home in ("7-101", "7-102")
    )
    return {each.home: rig.do(each, as_=CLERK).case_id for each in opened}


def repaired(rig: OfficeRig, household: str, home: str, fen: int = 5_000) -> str:
    order = RaiseRepairOrder(
        channel=Channel.TELEPHONE, fault_kind="水管", description="漏", household=household, home=home
    )
    case_id = rig.do(order, as_=CLERK, by="li").case_id
    rig.do(ReportRepairReady(done_by="wang", result="已换", fee_fen=fen), as_=CLERK, by="li", on=case_id)
    return case_id


def billed(rig: OfficeRig, month: int, households: dict[str, str]) -> dict[str, int]:
    """Bills the month, with a shared cost from which credits can be taken; home → what its repairs were charged by then."""
    rig.now = max(rig.now, rig.now.replace(month=month, day=6))
    weights = tuple(Weight(home=home, weight=1, household=each) for home, each in households.items())
    rig.do(ApportionCost(item="公共电费", month=date(2025, month, 1), cost_fen=40_000, weights=weights), as_=CLERK)
    issued(rig, compiled(rig, Month(2025, month)))
    lines = {}
    for row in rig.rows("bills"):
        bill = rig.case(row["case_id"])
        lines |= {(bill.id, place): (bill.household, line) for place, line in enumerate(bill.lines, 1)}
    found: dict[str, int] = defaultdict(int)
    for household, line in lines.values():
        first = line if line.corrects is None else lines[line.corrects.bill, line.corrects.line][1]
        if (first.charge or "").startswith("repair_order-"):
            found[household] += line.amount_fen
    return {home: found[each] for home, each in households.items()}


def test_a_repair_that_was_billed_and_was_a_mistake_is_set_right_and_stops_nobodys_month(rig: OfficeRig) -> None:
    households = two(rig)
    order = repaired(rig, households["7-101"], "7-101")
    assert billed(rig, 1, households) == {"7-101": 5_000, "7-102": 0}
    rig.now += timedelta(days=5)
    rig.do(WithdrawAsMistaken(reason="登错"), as_=MANAGER, by="zhou", on=order)
    assert billed(rig, 2, households) == {"7-101": 0, "7-102": 0}
    assert billed(rig, 3, households) == {"7-101": 0, "7-102": 0}


def test_a_shared_cost_that_was_billed_and_was_a_mistake_stops_nobodys_month_either(rig: OfficeRig) -> None:
    households = two(rig)
    weights = tuple(Weight(home=home, weight=1, household=each) for home, each in households.items())
    cost = rig.do(ApportionCost(item="清洗", month=JANUARY, cost_fen=10_000, weights=weights), as_=CLERK).case_id
    billed(rig, 1, households)
    rig.now += timedelta(days=5)
    rig.do(WithdrawAsMistaken(reason="登错"), as_=MANAGER, by="wang", on=cost)
    billed(rig, 2, households)
    taken = [row["original_fen"] for row in rig.rows("bills") if row["period"] == "2025-02"]
    assert taken == [15_000, 15_000], "20,000 less the 5,000 that were charged for nothing"


def test_a_repair_that_was_billed_to_the_wrong_household_is_charged_to_whose_it_is(rig: OfficeRig) -> None:
    households = two(rig)
    wrong, right = households.values()
    order = repaired(rig, wrong, "7-101")
    assert billed(rig, 1, households) == {"7-101": 5_000, "7-102": 0}
    for month, whose, found in ((2, right, (0, 5_000)), (3, wrong, (5_000, 0)), (4, right, (0, 5_000))):
        rig.now = rig.now.replace(month=month, day=5)
        corrected = CorrectEntry(field="household", value=whose, reason="报修人写错")
        rig.do(corrected, as_=MANAGER, by=f"wang-{month}", on=order)
        assert tuple(billed(rig, month, households).values()) == found, month
    early = repaired(rig, wrong, "7-101", 700)
    rig.do(CorrectEntry(field="household", value=right, reason="报修人写错"), as_=MANAGER, by="wang", on=early)
    assert billed(rig, 5, households) == {"7-101": 0, "7-102": 5_700}
    assert billed(rig, 6, households) == {"7-101": 0, "7-102": 5_700}
