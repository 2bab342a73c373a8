"""A month's bills from the registers to the mailbox, on a real book: each charge once, resumed, unique (§7.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from domain.fees.bill.commands.issuing import IssueBill
from domain.fees.bill_run.case import bill_of_run, bill_run_id
from domain.fees.bill_run.commands.compiling import CompileBillRun, ConfirmPart, OpenBillRun
from domain.fees.bill_run.commands.delivering import RecordBillDelivery
from domain.fees.bill_run.commands.reviewing import ApproveBillRun, ReviewBillRun
from domain.fees.bill_run.events import Anomaly
from domain.fees.charging import FeeKind
from domain.fees.fee_standard import AttachHome, SetFeeStandard
from domain.fees.shared_cost import ApportionCost, Weight
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.office.portfolio import AssignPortfolio
from domain.residents.household.commands.keeping import OpenHousehold
from domain.residents.household.events import Occupancy
from projections.engine.standard import read
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG
from tests.conftest import Database
from tests.office_rig import OfficeRig
from tests.workflows.checked_office import checked_office

CLERK, MANAGER, COMPANY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY
JANUARY = date(2025, 1, 1)
RUN = bill_run_id("XH", "2025-01")


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def test_a_months_bills_come_from_the_registers_and_reach_the_mailboxes_once(rig: OfficeRig) -> None:
    standard = rig.do(
        SetFeeStandard(
            code="WY-1", name="物业服务费", kind=FeeKind.MANAGEMENT, price="2.00", valid_from=JANUARY, reason="责任书"
        ),
        as_=MANAGER,
        by="wang",
    ).case_id
    homes: dict[str, str] = {}
    for home in ("7-101", "7-102", "8-101"):
        file = OpenHousehold(home=home, occupancy=Occupancy.OWNER, name="王", building=home[0])
        homes[home] = rig.do(file, as_=CLERK).case_id
    for home in ("7-101", "7-102"):
        attach = AttachHome(home=home, household=homes[home], quantity=10_000, first=JANUARY)
        rig.do(attach, as_=CLERK, on=standard)
    weights = tuple(Weight(home=home, weight=1, household=homes[home]) for home in ("7-101", "7-102"))
    rig.do(ApportionCost(item="公共电费", month=JANUARY, cost_fen=301, weights=weights), as_=CLERK)

    rig.do(OpenBillRun(month=JANUARY), as_=CLERK, by="li", at="2025-01-20 10:00")
    rig.do(CompileBillRun(), as_=CLERK, by="li", on=RUN, at="2025-01-30 10:00")
    rig.clock.catch_up(rig.now, office="XH")
    run = rig.case(RUN)
    assert run.state == "compiled"
    amounts = {home: run.drafts[name].amount_fen for home, name in homes.items()}
    assert amounts == {"7-101": 20_151, "7-102": 20_150, "8-101": 0}
    assert {run.drafts[name].anomaly for name in homes.values()} == {Anomaly.FIRST, Anomaly.NOTHING}
    again = [rig.do(CompileBillRun(), as_=CLERK, by="li", on=RUN), rig.clock.catch_up(rig.now, office="XH")]
    assert rig.case(RUN).drafts == run.drafts, again

    # One is billed by hand meanwhile: the run passes it over, and charges nothing twice.
    by_hand = IssueBill(household=homes["7-102"], period="2025-01", item="物业服务费", amount_fen=1)
    rig.do(ReviewBillRun(remark="首月"), as_=MANAGER, by="wang", on=RUN, at="2025-01-31 17:00")
    rig.do(by_hand, as_=CLERK)
    rig.do(ApproveBillRun(), as_=COMPANY, by="zhao", on=RUN)
    rig.clock.catch_up(rig.now, office="XH")
    run = rig.case(RUN)
    assert run.state == "issued"
    assert run.bills == {homes["7-101"]: bill_of_run(RUN, homes["7-101"])}
    bill = rig.case(run.bills[homes["7-101"]])
    assert (bill.original_fen, bill.period, bill.home) == (20_151, "2025-01", "7-101")
    assert [(line.days, line.of_days) for line in bill.lines if line.standard] == [(31, 31)]
    assert rig.case(bill_run_id("XH", "2025-02")).state == "open", "the next month's run is opened"

    rig.do(RecordBillDelivery(building="7"), as_=CLERK, on=RUN, at="2025-02-01 09:00")
    assert rig.case(RUN).state == "delivered"
    assert delivered_in_time(rig) == (1, 1)


def test_what_is_entered_after_the_day_was_not_delivered_in_time(rig: OfficeRig) -> None:
    """Whichever day it names: otherwise the rate would be whatever is entered on the 5th."""
    file = OpenHousehold(home="7-101", occupancy=Occupancy.OWNER, name="王", building="7")
    household = rig.do(file, as_=CLERK).case_id
    share = Weight(home="7-101", weight=1, household=household)
    rig.do(ApportionCost(item="公共电费", month=JANUARY, cost_fen=301, weights=(share,)), as_=CLERK)
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK, by="li", at="2025-01-20 10:00")
    rig.do(CompileBillRun(), as_=CLERK, by="li", on=RUN, at="2025-01-30 10:00")
    rig.clock.catch_up(rig.now, office="XH")
    rig.do(ReviewBillRun(remark="首月"), as_=MANAGER, by="wang", on=RUN, at="2025-01-31 17:00")
    rig.do(ApproveBillRun(), as_=COMPANY, by="zhao", on=RUN)
    rig.clock.catch_up(rig.now, office="XH")
    afterwards = RecordBillDelivery(households=(household,), delivered_on=date(2025, 2, 1))
    rig.do(afterwards, as_=CLERK, on=RUN, at="2025-02-05 09:00")
    assert delivered_in_time(rig) == (0, 1)


def test_each_administrator_compiles_the_homes_in_his_care(rig: OfficeRig) -> None:
    """§7.2a: by the portfolios of the month's last day; homes in nobody's care are looked at first."""
    homes = {}
    for home in ("7-101", "7-102", "8-101"):
        file = OpenHousehold(home=home, occupancy=Occupancy.OWNER, name="王", building=home[0])
        homes[home] = rig.do(file, as_=CLERK).case_id
    share = tuple(Weight(home=home, weight=1, household=each) for home, each in homes.items())
    rig.do(ApportionCost(item="公共电费", month=JANUARY, cost_fen=300, weights=share), as_=CLERK)
    rig.do(AssignPortfolio(person="li", buildings=("7",), first=JANUARY), as_=MANAGER, by="wang")
    rig.do(AssignPortfolio(person="chen", single_homes=("7-102",), first=JANUARY), as_=MANAGER, by="wang")
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK, by="li", at="2025-01-20 10:00")
    rig.do(CompileBillRun(), as_=CLERK, by="li", on=RUN, at="2025-01-30 10:00")
    rig.clock.catch_up(rig.now, office="XH")
    run = rig.case(RUN)
    found = {home: (run.drafts[each].looked_after_by, run.drafts[each].anomaly) for home, each in homes.items()}
    assert found == {"7-101": ("li", "first"), "7-102": ("chen", "first"), "8-101": (None, "uncared")}
    with pytest.raises(RuleBroken, match="parts"):
        rig.do(ReviewBillRun(remark="首月"), as_=MANAGER, by="wang", on=RUN, at="2025-01-31 17:00")
    rig.do(ConfirmPart(looked_after_by="li"), as_=CLERK, by="li", on=RUN)
    rig.do(ConfirmPart(looked_after_by="chen", reason="陈休假"), as_=CLERK, by="li", on=RUN)
    rig.do(ReviewBillRun(remark="首月"), as_=MANAGER, by="wang", on=RUN)
    assert rig.case(RUN).state == "reviewed"


def delivered_in_time(rig: OfficeRig) -> tuple[int, int]:
    """(met, counted) of January's bills, as it reads now."""
    with rig.pool.connection() as connection:
        standard, until = BY_SLUG["notices-delivered-in-time"], date(2025, 2, 28)
        found = read(connection, REGISTERS, standard, office="XH", since=JANUARY, until=until, now=rig.now)
    return found.met, found.counted
