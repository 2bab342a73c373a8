"""Sentences about the catalogue, convenience services and special services (§6, §5.2.3(5))."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.arrears.debt_case.case import DebtCase
from domain.arrears.debt_case.lifecycle import debt_case_id
from domain.arrears.terms import OptionalService
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.kernel.periods import Month
from domain.services import service_contract, service_item, service_order
from domain.services.service_contract import (
    ChargeContractMonth,
    ContractChargeBilled,
    ContractChargeCorrected,
    ContractCharged,
    EndServiceContract,
    NoteChargeBilled,
    RenderContractService,
    ServiceContract,
    ServiceContractEnded,
    ServiceContractSigned,
    SignServiceContract,
)
from domain.services.service_item import (
    ChangeServicePrice,
    OfferService,
    PriceUnit,
    ServiceKind,
    ServicePriceChanged,
    WithdrawService,
)
from domain.services.service_order import (
    AcceptService,
    CancelService,
    MarkServiceAppointmentMissed,
    OrderService,
    ReportServicePerformed,
    ReturnService,
    ScheduleService,
    ServiceAccepted,
    ServiceAppointmentMissed,
    ServiceOrdered,
    ServiceScheduled,
)
from tests.domain.story import Story, given, instant

CLERK, MANAGER, CLOCK, POLICY = Role.ADMINISTRATOR, Role.MANAGER, Role.CLOCK, Role.POLICY


def offered(kind: ServiceKind = ServiceKind.CONVENIENCE, **fields: Any) -> Story:
    command = OfferService(
        **{
            "code": "C1",
            "name": "家政保洁",
            "kind": kind,
            "unit": PriceUnit.HOUR,
            "price_fen": 5_000,
            "standard": "两人一小时",
            **fields,
        }
    )
    return given(service_item.LIFECYCLE).when(command, as_=MANAGER)


def ordered(item: Any = None, debt: Any = None, **fields: Any) -> Story:
    command = OrderService(**{"service_item": "service_item-1", "household": "household-1", "quantity": 3, **fields})
    assert command.related() == {"item": "service_item-1"}
    related = {"item": item or offered().case, "debt": debt}
    return given(service_order.LIFECYCLE).when(command, as_=CLERK, related=related)


def suspended(*services: OptionalService) -> DebtCase:
    """The arrears case of a household whose services were suspended."""
    return DebtCase(id="debt_case-XH-household-1", office="XH", state="suspended", services=services)


def special(**fields: Any) -> Any:
    """A special service in the catalogue, at 50 yuan a month."""
    return offered(ServiceKind.SPECIAL, unit=PriceUnit.MONTH, **fields).case


def signed(item: Any = None, debt: Any = None, **fields: Any) -> Story:
    command = SignServiceContract(
        **{
            "service_item": "service_item-1",
            "household": "household-1",
            "starts_on": date(2025, 3, 15),
            "ends_on": date(2025, 5, 14),
            "signature": "王",
            **fields,
        }
    )
    assert command.related() == {"item": "service_item-1"}
    related = {"item": item or special(), "debt": debt}
    return given(service_contract.LIFECYCLE).when(command, as_=CLERK, related=related)


# -- the catalogue ---------------------------------------------------------------------------------------------------


def test_a_price_holds_from_its_day_and_never_for_the_past() -> None:
    story = offered()
    change = ChangeServicePrice(price_fen=6_000, standard="同前", valid_from=date(2025, 4, 1), reason="人工上涨")
    story.when(change, as_=MANAGER).then(ServicePriceChanged)
    item = story.case
    assert [item.price_on(day) and item.price_on(day).price_fen for day in (date(2025, 3, 31), date(2025, 4, 1))] == [
        5_000,
        6_000,
    ]
    assert item.price_on(date(2025, 3, 1)) is None
    past = ChangeServicePrice(price_fen=1, standard="x", valid_from=date(2025, 3, 2), reason="x")
    story.when(past, as_=MANAGER).refused(RuleBroken, code="day-passed")
    offered(price_fen=-1).refused(RuleBroken, code="amount-negative")


def test_what_was_withdrawn_cannot_be_ordered() -> None:
    gone = offered().when(WithdrawService(reason="停办"), as_=MANAGER).case
    ordered(gone).refused(RuleBroken, code="not-offered")
    ordered(special()).refused(RuleBroken, code="not-offered")
    ordered(offered(valid_from=date(2025, 6, 1)).case).refused(RuleBroken, code="no-price")


def test_a_special_service_is_priced_by_the_month() -> None:
    offered(ServiceKind.SPECIAL).refused(RuleBroken, code="unit-not-month", clause="6")


# -- convenience services --------------------------------------------------------------------------------------------


def test_an_order_keeps_the_price_of_its_day_and_is_charged_when_it_is_accepted() -> None:
    story = ordered().then(ServiceOrdered, amount_fen=15_000, standard="两人一小时")
    story.when(ScheduleService(worker="w", scheduled_at=instant("2025-03-05 09:00")), as_=CLERK)
    story.owes("appointment", "2025-03-06 00:00")
    story.when(ReportServicePerformed(), as_=CLERK, at="2025-03-05 11:00", by="clerk").owes("appointment", None)
    assert story.case.performers == {"w", "clerk"}
    story.when(AcceptService(), as_=CLERK).refused(RuleBroken, code="signature-missing")
    story.when(AcceptService(signature="王"), as_=CLERK, at="2025-03-05 12:00")
    story.then(ServiceAccepted, month=date(2025, 3, 1), amount_fen=15_000).is_in("accepted")


def test_who_accepts_a_service_by_his_own_link_has_signed_with_that() -> None:
    story = ordered().when(ScheduleService(worker="w", scheduled_at=instant("2025-03-05 09:00")), as_=CLERK)
    story.when(ReportServicePerformed(), as_=CLERK, at="2025-03-05 11:00", by="clerk")
    story.when(AcceptService(), as_=Role.RESIDENT).then(ServiceAccepted, signature=None, amount_fen=15_000)


def test_an_appointment_that_was_missed_is_a_breach() -> None:
    past = ScheduleService(worker="w", scheduled_at=instant("2025-03-01 09:00"))
    ordered().when(past, as_=CLERK).refused(RuleBroken, code="deadline-passed")
    story = ordered().when(ScheduleService(worker="w", scheduled_at=instant("2025-03-05 09:00")), as_=CLERK)
    story.when(MarkServiceAppointmentMissed(), as_=CLOCK, at="2025-03-06 00:00")
    story.then(ServiceAppointmentMissed, due_at=instant("2025-03-06 00:00")).owes("appointment", None)


def test_a_service_is_done_again_or_cancelled() -> None:
    ordered(quantity=0).refused(RuleBroken, code="amount-not-positive")
    ordered().when(CancelService(reason="改期"), as_=CLERK).is_in("cancelled")
    story = ordered().when(ReportServicePerformed(), as_=CLERK).when(ReturnService(reason="不净"), as_=CLERK)
    assert (story.is_in("ordered").case.returned, story.case.performed_at) == (1, None)


def test_another_time_has_its_reason_and_what_is_put_off_in_its_hour_was_missed() -> None:
    def arranged() -> Story:
        return ordered().when(ScheduleService(worker="w", scheduled_at=instant("2025-03-05 09:00")), as_=CLERK)

    later = {"worker": "w", "scheduled_at": instant("2025-03-07 09:00")}
    arranged().when(ScheduleService(**later), as_=CLERK).refused(RuleBroken, code="reason-missing", clause="6")
    story = arranged().when(ScheduleService(**later, reason="住户不在"), as_=CLERK, at="2025-03-05 08:59")
    assert story.then(ServiceScheduled, reason="住户不在").case.first_missed_at is None
    story = arranged().when(ScheduleService(**later, reason="住户不在"), as_=CLERK, at="2025-03-05 09:00")
    assert story.case.first_missed_at == instant("2025-03-05 09:00")
    far = ScheduleService(worker="w", scheduled_at=instant("2025-06-03 09:00"))
    ordered().when(far, as_=CLERK).refused(RuleBroken, code="beyond-cap")


def test_a_missed_appointment_stays_missed_whatever_is_arranged_afterwards() -> None:
    story = ordered().when(ScheduleService(worker="w", scheduled_at=instant("2025-03-05 09:00")), as_=CLERK)
    story.when(MarkServiceAppointmentMissed(), as_=CLOCK, at="2025-03-06 00:00")
    story.when(ScheduleService(worker="w", scheduled_at=instant("2025-03-07 09:00")), as_=CLERK, at="2025-03-06 09:00")
    story.when(ReportServicePerformed(), as_=CLERK, at="2025-03-07 11:00")
    assert (story.case.missed_at, story.case.first_missed_at) == (None, instant("2025-03-06 00:00"))
    story.when(ReturnService(reason="不净"), as_=CLERK, at="2025-03-07 12:00")
    assert (story.case.performed_at, story.case.first_performed_at) == (None, instant("2025-03-07 11:00"))
    assert story.case.appointments == 2


def test_what_was_suspended_for_arrears_is_not_ordered_until_they_are_paid() -> None:
    assert OrderService(service_item="s", household="household-1").related_to("service_order-1", "XH") == {
        "item": "s",
        "debt": debt_case_id("XH", "household-1"),
    }
    days = {"starts_on": date(2025, 3, 15), "ends_on": date(2025, 5, 14)}
    contract = SignServiceContract(service_item="s", household="household-1", **days)
    assert contract.related_to("service_contract-1", "XH")["debt"] == debt_case_id("XH", "household-1")
    for debt in (None, suspended(), suspended(OptionalService.SPECIAL)):
        ordered(debt=debt).then(ServiceOrdered)
    ordered(debt=suspended(OptionalService.CONVENIENCE)).refused(RuleBroken, code="suspended", clause="8.A(2)")
    signed(debt=suspended(OptionalService.SPECIAL)).refused(RuleBroken, code="suspended")
    signed(debt=suspended(OptionalService.CONVENIENCE)).then(ServiceContractSigned)


# -- special services ------------------------------------------------------------------------------------------------


def test_every_month_is_charged_by_its_days_of_the_term_and_then_it_ends() -> None:
    story = signed().owes("charge", "2025-04-01 00:00").owes("end", None)
    story.when(RenderContractService(), as_=CLERK)
    for month, days, amount, at in (
        (3, 17, 2_742, "2025-04-01 00:00"),
        (4, 30, 5_000, "2025-05-01 00:00"),
        (5, 14, 2_258, "2025-05-15 00:00"),
    ):
        story.owes("charge", at).when(ChargeContractMonth(), as_=CLOCK, at=at)
        story.then(ContractCharged, month=date(2025, month, 1), amount_fen=amount, days=days)
    story.owes("charge", None).owes("end", "2025-05-15 00:00")
    story.when(ChargeContractMonth(), as_=CLOCK, at="2025-05-15 00:00").refused(RuleBroken, code="all-charged")
    story.when(EndServiceContract(), as_=CLOCK, at="2025-05-15 00:00")
    story.then(ServiceContractEnded, ended_on=date(2025, 5, 14), early=False).is_in("ended")


def test_a_contract_ends_early_with_a_reason_and_the_last_month_is_charged() -> None:
    story = signed()
    story.when(EndServiceContract(), as_=CLERK, at="2025-03-20 10:00").refused(RuleBroken, code="reason-missing")
    story.when(EndServiceContract(reason="搬家"), as_=CLERK, at="2025-03-20 10:00")
    story.then(ContractCharged, month=date(2025, 3, 1), amount_fen=968, days=6, of_days=31).then(
        ServiceContractEnded, ended_on=date(2025, 3, 20), early=True
    )
    other = signed().when(ChargeContractMonth(), as_=CLOCK, at="2025-04-01 00:00")
    other.when(EndServiceContract(reason="搬家"), as_=CLERK, at="2025-03-31 23:00")
    assert [type(event) for event in other.outcome] == [ServiceContractEnded]


def test_whoever_ends_a_contract_on_its_last_day_or_long_after_charges_what_is_left() -> None:
    for at in ("2025-05-14 17:00", "2025-06-20 10:00"):
        story = signed().when(EndServiceContract(), as_=CLERK, at=at)
        charged = [event for event in story.outcome if isinstance(event, ContractCharged)]
        assert [event.amount_fen for event in charged] == [2_742, 5_000, 2_258]
        story.then(ServiceContractEnded, ended_on=date(2025, 5, 14), early=False)


def test_a_contract_that_ends_before_it_began_is_not_charged() -> None:
    story = signed().when(EndServiceContract(reason="反悔"), as_=CLERK, at="2025-03-10 10:00")
    assert [type(event) for event in story.outcome] == [ServiceContractEnded]


def test_months_that_were_charged_beyond_an_end_that_is_entered_late_are_corrected() -> None:
    """A fault of before: the charge stayed and nothing could correct it."""
    story = signed().when(ChargeContractMonth(), as_=CLOCK, at="2025-04-01 00:00")
    story.when(NoteChargeBilled(month=date(2025, 3, 1), bill="bill-3"), as_=POLICY).then(ContractChargeBilled)
    story.when(NoteChargeBilled(month=date(2024, 3, 1), bill="bill-1"), as_=POLICY).then_nothing()
    story.when(ChargeContractMonth(), as_=CLOCK, at="2025-05-01 00:00")
    story.when(EndServiceContract(reason="搬家"), as_=CLERK, at="2025-03-20 10:00")
    corrected = [event for event in story.outcome if isinstance(event, ContractChargeCorrected)]
    assert [(e.amount_fen, e.was_fen, e.days, e.bill) for e in corrected] == [
        (968, 2_742, 6, "bill-3"),
        (0, 5_000, 0, None),
    ]
    assert sum(story.case.charged.values()) == 968


def test_a_contract_has_a_term_a_price_and_a_signature() -> None:
    signed(starts_on=date(2025, 3, 1)).refused(RuleBroken, code="day-passed")
    signed(ends_on=date(2025, 3, 1)).refused(RuleBroken, clause="5.2.3(5)", code="term-backwards")
    signed(special(valid_from=date(2025, 6, 1))).refused(RuleBroken, code="no-price")
    signed(signature=None).refused(RuleBroken, code="signature-missing")
    command = SignServiceContract(
        service_item="service_item-1", household="h", starts_on=date(2025, 3, 15), ends_on=date(2025, 5, 14)
    )
    story = given(service_contract.LIFECYCLE).when(command, as_=CLERK, related={"item": offered().case})
    story.refused(RuleBroken, code="not-offered")
    bare = ServiceContract(id="service_contract-x", office="XH")
    assert (bare.next_charge, bare.charge_at, bare.ends_at) == (None, None, None)
    assert signed().case.next_charge == Month(2025, 3)
