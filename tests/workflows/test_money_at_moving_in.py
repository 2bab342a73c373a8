"""Money at a move-in on a real book (§1.3, §7): fees in advance meet the household's bills, the deposit goes back with a date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from domain.fees.account import PayRefund, RequestRefund, account_id
from domain.fees.bill.commands.issuing import IssueBill
from domain.fees.bill.commands.payment import ReceivePayment, RefundOverpayment, ReversePayment
from domain.fees.payment import TakePayment
from domain.fees.terms import PaymentMethod
from domain.kernel.people import Role
from domain.kernel.withdrawn_steps import WithdrawStep
from domain.moving.move_in.commands import (
    CompleteMoveIn,
    HandOverMoveInKeys,
    InspectForMoveIn,
    RefundMoveInDeposit,
    WithdrawMoveIn,
)
from domain.residents.household.commands.keeping import MoveHouseholdOut, OpenHousehold
from tests.conftest import Database
from tests.moving_in import moving_in
from tests.office_rig import OfficeRig, shanghai
from tests.projections.test_reports import report
from tests.workflows.checked_office import checked_office, one
from tests.workflows.test_notices import made, notices

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER
CASH = PaymentMethod.CASH


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def moved_in(rig: OfficeRig, home: str = "1-101", *, advance: int = 60_000, deposit: int = 20_000) -> tuple[str, str]:
    """The same with keys and a file: the move-in and its household."""
    move = moving_in(rig, home, advance=advance, deposit=deposit)
    rig.do(InspectForMoveIn(signature="王"), as_=CLERK, on=move)
    rig.do(HandOverMoveInKeys(keys=("1",), signature="王"), as_=CLERK, on=move)
    rig.do(CompleteMoveIn(), as_=CLERK, on=move)
    return move, rig.case(move).household


def prepaid(rig: OfficeRig, on: date | None = None) -> dict[str, int]:
    """What is prepaid, by household or home; today it is what the journal has on account 2203."""
    rows = report(rig, "prepayments", **({} if on is None else {"on": on}))
    found = {row["household"] or row["home"]: row["prepaid_fen"] for row in rows}
    if on is None:
        booked = sum(
            row["credit_fen"] - row["debit_fen"] for row in report(rig, "journal") if row["account_code"] == "2203"
        )
        assert sum(found.values()) == booked
    return found


def income(rig: OfficeRig, code: str) -> int:
    """What the journal has on an account, credit above zero."""
    return sum(row["credit_fen"] - row["debit_fen"] for row in report(rig, "journal") if row["account_code"] == code)


def test_fees_in_advance_are_the_households_and_meet_its_bills_before_they_fall_due(rig: OfficeRig) -> None:
    move = moving_in(rig, advance=60_000)
    assert (prepaid(rig), income(rig, "605102"), income(rig, "224101")) == ({"1-101": 60_000}, 30_000, 20_000)
    rig.until("2025-01-06 09:00")
    rig.do(InspectForMoveIn(signature="王"), as_=CLERK, on=move)
    rig.do(HandOverMoveInKeys(keys=("1",), signature="王"), as_=CLERK, on=move)
    rig.do(CompleteMoveIn(), as_=CLERK, on=move)
    household = rig.case(move).household
    account = rig.case(account_id("XH", household))
    assert (account.prepaid_fen, [entry.day for entry in account.entries]) == (60_000, [date(2025, 1, 1)])
    assert prepaid(rig) == prepaid(rig, date(2025, 1, 2)) == {household: 60_000}
    bill = rig.do(IssueBill(household=household, period="2025-01", amount_fen=25_000, item="物业服务费"), as_=CLERK)
    assert rig.case(bill.case_id).state == "paid"
    assert (prepaid(rig), income(rig, "605102"), income(rig, "600101")) == ({household: 35_000}, 30_000, 25_000)
    rig.do(RequestRefund(amount_fen=35_000, reason="改按月缴"), as_=CLERK, by="li", on=account.id)
    rig.do(PayRefund(number=1, method=CASH), as_=MANAGER, by="wang", on=account.id)
    assert (prepaid(rig), prepaid(rig, date(2025, 1, 5))) == ({}, {household: 60_000})


def test_fees_in_advance_go_back_with_all_the_rest_when_nobody_moves_in(rig: OfficeRig) -> None:
    move = moving_in(rig, advance=60_000)
    rig.until("2025-01-05 09:00")
    rig.do(WithdrawMoveIn(reason="不住了", method=CASH), as_=CLERK, by="other", on=move)
    assert (prepaid(rig), prepaid(rig, date(2025, 1, 3))) == ({}, {"1-101": 60_000})
    assert (income(rig, "605102"), income(rig, "224101"), income(rig, "1001")) == (0, 0, 0)


def test_they_are_posted_once_where_the_file_was_known_before_and_again_where_the_keys_are_given_again(
    rig: OfficeRig,
) -> None:
    file = rig.do(OpenHousehold(home="1-101", name="王"), as_=CLERK).case_id
    move = moving_in(rig, advance=60_000, household=file)
    rig.do(InspectForMoveIn(signature="王"), as_=CLERK, on=move)
    account = account_id("XH", file)
    for times in (1, 2):
        assert prepaid(rig) == {"1-101": 60_000}
        rig.do(HandOverMoveInKeys(keys=("1",), signature="王"), as_=CLERK, on=move)
        assert (prepaid(rig), rig.case(account).prepaid_fen) == ({file: 60_000}, 60_000)
        rig.do(CompleteMoveIn(), as_=CLERK, on=move)
        assert (prepaid(rig), rig.case(account).prepaid_fen) == ({file: 60_000}, 60_000)
        while times == 1 and rig.case(move).state != "inspected":
            rig.do(WithdrawStep(reason="登错"), as_=MANAGER, by="wang", on=move)


def test_they_leave_the_account_when_a_step_was_a_mistake_and_are_there_once_when_it_is_done_again(
    rig: OfficeRig,
) -> None:
    move, household = moved_in(rig)
    bill = rig.do(IssueBill(household=household, period="2025-01", amount_fen=70_000, item="物业服务费"), as_=CLERK)
    assert rig.case(bill.case_id).outstanding_fen == 10_000
    rig.until("2025-01-05 09:00")
    while rig.case(move).state != "inspected":
        rig.do(WithdrawStep(reason="房号有误"), as_=MANAGER, by="wang", on=move)
    assert rig.case(bill.case_id).outstanding_fen == 70_000
    assert prepaid(rig) == {"1-101": 60_000}
    rig.do(HandOverMoveInKeys(keys=("1",), signature="王"), as_=CLERK, on=move)
    rig.do(CompleteMoveIn(), as_=CLERK, on=move)
    again = rig.case(move).household
    assert prepaid(rig) == {again: 60_000}
    assert rig.case(account_id("XH", again)).prepaid_fen == 60_000
    assert rig.case(bill.case_id).outstanding_fen == 70_000, "a bill of the file that was a mistake is not met by it"


def test_the_deposit_of_who_has_left_is_the_clerks_task_with_a_date_until_it_goes_back(rig: OfficeRig) -> None:
    move, household = moved_in(rig)
    assert [row["refund_by"] for row in rig.rows("deposits")] == [None]
    rig.do(MoveHouseholdOut(left_on=date(2025, 1, 1)), as_=CLERK, on=household, at="2025-01-03 10:00")
    task = one(rig, "deadlines", case_id=move)
    assert (task["kind"], task["role"], task["due_at"]) == ("deposit", "administrator", shanghai("2025-01-11 00:00"))
    assert one(rig, "deposits")["refund_by"] == date(2025, 1, 10)
    told = notices(rig)
    told.make(shanghai("2025-01-10 12:00"), ["XH"])
    assert [(stage, role) for stage, role, _ in made(rig, move)] == [("reminder", "administrator")]
    rig.until("2025-01-12 09:00")
    assert rig.names(move)[-1] == "LeftWaiting"
    task = one(rig, "deadlines", case_id=move)
    assert (task["kind"], task["missed_at"]) == ("deposit", shanghai("2025-01-11 00:00"))
    rig.do(RefundMoveInDeposit(method=CASH), as_=CLERK, by="other", on=move)
    assert rig.rows("deadlines", case_id=move) == []
    row = one(rig, "deposits")
    assert (row["held_fen"], row["refund_by"], row["open"]) == (0, None, False)


def test_a_deposit_is_held_on_when_the_leaving_was_a_mistake(rig: OfficeRig) -> None:
    move, household = moved_in(rig)
    rig.do(MoveHouseholdOut(), as_=CLERK, on=household, at="2025-01-03 10:00")
    rig.do(WithdrawStep(reason="登错户"), as_=MANAGER, by="wang", on=household, at="2025-01-04 10:00")
    assert rig.rows("deadlines", case_id=move) == []
    assert one(rig, "deposits")["refund_by"] is None


def test_what_is_over_on_another_systems_bill_is_a_prepayment_until_it_goes_back(rig: OfficeRig) -> None:
    told = IssueBill(amount_fen=3_000, item="停车费", home="1-105", due_on=date(2024, 12, 15))
    bill = rig.do(told, as_=CLERK, on="bill-theirs", imported=True, source_id="77").case_id
    rig.do(ReceivePayment(amount_fen=1_000), as_=CLERK, on=bill, imported=True)
    rig.do(ReceivePayment(amount_fen=1_500, method="现金"), as_=CLERK, by="li", on=bill)
    assert (prepaid(rig), income(rig, "112204")) == ({}, 1_500)
    rig.do(ReceivePayment(amount_fen=1_500, method="现金"), as_=CLERK, by="li", on=bill, at="2025-01-03 10:00")
    assert (prepaid(rig), prepaid(rig, date(2025, 1, 2))) == ({"1-105": 1_000}, {})
    assert income(rig, "112204") == 2_000
    rig.do(
        RefundOverpayment(amount_fen=400, method="现金", reason="多缴"),
        as_=MANAGER,
        by="wang",
        on=bill,
        at="2025-01-05 10:00",
    )
    assert (prepaid(rig), prepaid(rig, date(2025, 1, 4))) == ({"1-105": 600}, {"1-105": 1_000})
    number = rig.case(bill).payments[1].number
    rig.do(ReversePayment(payment=number, reason="假币"), as_=MANAGER, by="zhao", on=bill)
    assert (prepaid(rig), income(rig, "112204")) == ({}, 1_100)
    rig.do(TakePayment(household="household-2", amount_fen=700, method=CASH), as_=CLERK, by="li")
    assert prepaid(rig) == {"household-2": 700}
