"""What was billed for a service that was never rendered, or was written down by mistake, goes back with the next bill (§6, §7.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from domain.fees.bill_run.commands.compiling import OpenBillRun
from domain.fees.fee_standard import DeclareVacancy
from domain.kernel.mending import WithdrawAsMistaken
from domain.kernel.periods import Month
from domain.kernel.withdrawn_steps import WithdrawStep
from domain.services.service_contract import EndServiceContract, SignServiceContract
from domain.services.service_item import OfferService, PriceUnit, ServiceKind
from domain.services.service_order import (
    AcceptService,
    CancelService,
    OrderService,
    ReportServicePerformed,
    ReturnService,
)
from tests.conftest import Database
from tests.office_rig import OfficeRig, shanghai
from tests.workflows.checked_office import checked_office
from tests.workflows.test_bill_corrections import CLERK, JANUARY, MANAGER, compiled, drafted, furnish, issued

FEE = ("物业服务费", 20_000, None)


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def offered(rig: OfficeRig, kind: ServiceKind, unit: PriceUnit) -> str:
    offer = OfferService(code="BJ", name="保洁", kind=kind, unit=unit, price_fen=5_000, standard="擦净")
    return rig.do(offer, as_=MANAGER).case_id


def billed(rig: OfficeRig) -> tuple[str, str, str]:
    """A cleaning that was accepted and billed in January: the order, its household and the bill; it is 10 February."""
    _, homes = furnish(rig)
    household = homes["7-101"]
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    item = offered(rig, ServiceKind.CONVENIENCE, PriceUnit.ORDER)
    order = rig.do(OrderService(service_item=item, household=household, home="7-101"), as_=CLERK).case_id
    rig.now += timedelta(hours=3)
    rig.do(ReportServicePerformed(), as_=CLERK, by="li", on=order)
    rig.do(AcceptService(signature="王"), as_=CLERK, by="zhou", on=order)
    first = compiled(rig, Month(2025, 1))
    issued(rig, first)
    assert drafted(rig, first, household) == [FEE, ("保洁", 5_000, None)]
    rig.now = rig.now.replace(month=2, day=10)
    return order, household, rig.case(first).bills[household]


def contracted(rig: OfficeRig) -> tuple[str, str, str, str]:
    """A contract whose first month stands on February's bill: it, the household, the bill, the standard; it is 10 March."""
    standard, homes = furnish(rig)
    household = homes["7-101"]
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK)
    item = offered(rig, ServiceKind.SPECIAL, PriceUnit.MONTH)
    sign = SignServiceContract(
        service_item=item, household=household, starts_on=JANUARY, ends_on=date(2025, 6, 30), signature="王"
    )
    contract = rig.do(sign, as_=CLERK).case_id
    issued(rig, compiled(rig, Month(2025, 1)))
    rig.until("2025-02-10 09:00")
    second = compiled(rig, Month(2025, 2))
    issued(rig, second)
    assert drafted(rig, second, household) == [FEE, ("保洁", 5_000, None)], "January's month"
    rig.until("2025-03-10 09:00")
    return contract, household, rig.case(second).bills[household], standard


def next_month(rig: OfficeRig, household: str, month: Month) -> list[tuple[str, int, str | None]]:
    """The household's lines of the month: what, how much, and of which bill it corrects a line."""
    lines = drafted(rig, compiled(rig, month), household)
    return [(item, amount, corrects.bill if corrects else None) for item, amount, corrects in lines]


def test_an_order_that_was_a_mistake_goes_back_once(rig: OfficeRig) -> None:
    order, household, bill = billed(rig)
    rig.do(WithdrawAsMistaken(reason="别家的"), as_=MANAGER, by="wang", on=order)
    assert next_month(rig, household, Month(2025, 2)) == [FEE, ("更正 保洁", -5_000, bill)]
    issued(rig, compiled(rig, Month(2025, 2)))
    assert next_month(rig, household, Month(2025, 3)) == [FEE]


def test_a_service_whose_acceptance_is_taken_back_is_waited_for(rig: OfficeRig) -> None:
    """It stays charged while it may still be accepted; when it comes to nothing, it goes back."""
    order, household, bill = billed(rig)
    rig.do(WithdrawStep(reason="未做"), as_=MANAGER, by="wang", on=order)
    assert next_month(rig, household, Month(2025, 2)) == [FEE]
    issued(rig, compiled(rig, Month(2025, 2)))
    rig.do(ReturnService(reason="未做"), as_=CLERK, on=order)
    rig.do(CancelService(reason="不要了"), as_=CLERK, on=order)
    assert next_month(rig, household, Month(2025, 3)) == [FEE, ("更正 保洁", -5_000, bill)]


def test_and_accepted_again_it_is_charged_as_it_was(rig: OfficeRig) -> None:
    order, household, _ = billed(rig)
    rig.do(WithdrawStep(reason="签字有误"), as_=MANAGER, by="wang", on=order)
    rig.do(AcceptService(signature="王"), as_=CLERK, by="zhou", on=order)
    assert next_month(rig, household, Month(2025, 2)) == [FEE]


def test_months_of_a_contract_that_was_a_mistake_go_back(rig: OfficeRig) -> None:
    contract, household, bill, _ = contracted(rig)
    rig.do(WithdrawAsMistaken(reason="别家的"), as_=MANAGER, by="wang", on=contract)
    assert next_month(rig, household, Month(2025, 3)) == [FEE, ("更正 保洁", -5_000, bill)]


def test_a_contract_that_ended_early_keeps_nothing_else_of_its_bill_from_being_set_right(rig: OfficeRig) -> None:
    """What the program itself corrects of a bill is no word of anybody's on the rest; and a contract's month goes back once."""
    contract, household, bill, standard = contracted(rig)
    ended = EndServiceContract(reason="搬走")
    rig.do(ended, as_=MANAGER, on=contract, occurred_at=shanghai("2025-01-16 09:00"), late_reason="补录")
    assert [each.charged for each in rig.case(bill).corrections] == [-2_419]
    empty = DeclareVacancy(home="7-101", first=date(2025, 2, 1), last=date(2025, 2, 28), declaration="申报表")
    rig.do(empty, as_=CLERK, on=standard)
    rig.do(WithdrawAsMistaken(reason="别家的"), as_=MANAGER, by="wang", on=contract)
    assert next_month(rig, household, Month(2025, 3)) == [FEE, ("更正2025-02物业服务费", -10_000, bill)]
