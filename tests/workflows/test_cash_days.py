"""The day's cash on a real book (§7): whatever came or went back in cash is in the day that is counted, and in the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import pytest

from domain.fees.account import PayRefund, RequestRefund, account_id
from domain.fees.bill.commands.issuing import IssueBill
from domain.fees.bill.commands.payment import ReceivePayment, RefundOverpayment, ReversePayment
from domain.fees.cash_day import CloseCashDay, cash_day_id
from domain.fees.payment import ReverseReceipt, TakePayment
from domain.fees.terms import PaymentMethod
from domain.kernel.people import Role
from domain.kernel.withdrawn_steps import WithdrawStep
from domain.moving.move_in.commands import (
    HandOverMoveInKeys,
    InspectForMoveIn,
    RefundMoveInDeposit,
    SettleMoveInFees,
    WithdrawMoveIn,
)
from domain.moving.renovation.commands.permit import (
    ApplyForRenovation,
    ApproveRenovation,
    PayRenovationDeposit,
    WithdrawRenovation,
)
from tests.conftest import Database
from tests.moving_in import moving_in
from tests.office_rig import OfficeRig
from tests.projections.test_reports import report
from tests.workflows.checked_office import checked_office

CLERK, HEAD, MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER
CASH, TRANSFER = PaymentMethod.CASH, PaymentMethod.TRANSFER


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def secured(rig: OfficeRig, home: str, method: PaymentMethod, receipt: str) -> str:
    """A renovation whose deposit of 2,000.00 was paid."""
    apply = ApplyForRenovation(home=home, scope="厨房", planned_from=date(2025, 1, 6), planned_until=date(2025, 2, 28))
    work = rig.do(apply, as_=CLERK).case_id
    rig.do(ApproveRenovation(), as_=HEAD, by="head", on=work)
    paid = PayRenovationDeposit(amount_fen=200_000, receipt=receipt, method=method)
    rig.do(paid, as_=CLERK, by="cashier", on=work)
    return work


def drawer(rig: OfficeRig, day: date) -> int:
    """What should lie in the drawer of a day."""
    fen: int = rig.case(cash_day_id("XH", day)).cash_fen
    return fen


def of_cash(rig: OfficeRig) -> dict[date, int]:
    """The account of cash in hand, day by day, as the journal has it; every voucher of it balances."""
    cash: dict[date, int] = defaultdict(int)
    vouchers: dict[int, int] = defaultdict(int)
    for row in report(rig, "journal"):
        moved = row["debit_fen"] - row["credit_fen"]
        vouchers[row["voucher"]] += moved
        cash[row["entered_on"]] += moved if row["account_code"] == "1001" else 0
    assert not any(vouchers.values())
    return {day: fen for day, fen in cash.items() if fen}


def test_deposits_that_came_and_went_back_in_cash_are_in_the_day_and_in_the_journal(rig: OfficeRig) -> None:
    in_cash, by_card = secured(rig, "1-101", CASH, "D1"), secured(rig, "1-102", PaymentMethod.POS, "D2")
    first = rig.now.date()
    assert drawer(rig, first) == 200_000
    rig.do(CloseCashDay(counted_fen=200_000), as_=CLERK, on=cash_day_id("XH", first))
    rig.until("2025-01-05 09:00")
    for work, method in ((in_cash, CASH), (by_card, CASH)):
        back = WithdrawRenovation(reason="不装了", method=method)
        rig.do(back, as_=CLERK, by="other", on=work)
    second = date(2025, 1, 5)
    assert (drawer(rig, first), drawer(rig, second)) == (200_000, -400_000)
    assert of_cash(rig) == {first: 200_000, second: -400_000}
    said = [(row["summary_en"], row["account_code"]) for row in report(rig, "journal") if row["debit_fen"]]
    assert said == [
        ("deposit", "1001"),
        ("deposit", "1002"),
        ("deposit given back", "224101"),
        ("deposit given back", "224101"),
    ]
    rows = rig.rows("deposits")
    assert [(row["received_method"], row["refunded_method"]) for row in rows] == [("cash", "cash"), ("pos", "cash")]


def test_a_deposit_that_was_never_paid_is_booked_back_when_its_step_is_withdrawn(rig: OfficeRig) -> None:
    work = secured(rig, "1-101", CASH, "D1")
    first = rig.now.date()
    rig.do(WithdrawStep(reason="收的是转账"), as_=MANAGER, by="wang", on=work)
    assert (drawer(rig, first), rig.rows("deposits"), of_cash(rig)) == (0, [], {})
    paid = PayRenovationDeposit(amount_fen=200_000, receipt="D1", method=TRANSFER)
    rig.do(paid, as_=CLERK, by="cashier", on=work)
    totals = rig.case(cash_day_id("XH", first)).totals
    assert totals == {"cash": 0, "transfer": 200_000}


def test_what_is_taken_reversed_and_given_back_in_cash_is_in_the_day_however_it_is_entered(rig: OfficeRig) -> None:
    first = rig.now.date()
    bill = rig.do(IssueBill(household="household-1", period="2025-01", amount_fen=30_000, item="物业服务费"), as_=CLERK)
    on_bill = ReceivePayment(amount_fen=30_000, method="cash")
    rig.do(on_bill, as_=CLERK, by="li", on=bill.case_id)
    rig.do(ReceivePayment(amount_fen=500, method="微信"), as_=CLERK, by="li", on=bill.case_id)
    assert (drawer(rig, first), of_cash(rig)) == (30_000, {first: 30_000})
    paid = next(payment.number for payment in rig.case(bill.case_id).payments if payment.amount_fen == 30_000)
    mistaken = ReversePayment(payment=paid, reason="重复登记")
    rig.do(mistaken, as_=CLERK, by="wang", on=bill.case_id)
    assert drawer(rig, first) == 0
    taken = TakePayment(household="household-1", amount_fen=40_000, method=CASH)
    receipt = rig.do(taken, as_=CLERK, by="li").case_id
    account = account_id("XH", "household-1")
    rig.do(RequestRefund(amount_fen=10_000, reason="多缴"), as_=CLERK, by="li", on=account)
    rig.do(PayRefund(number=1, method=CASH), as_=MANAGER, by="wang", on=account)
    assert (drawer(rig, first), of_cash(rig)) == (30_000, {first: 30_000})
    rig.do(ReverseReceipt(reason="假币"), as_=MANAGER, by="wang", on=receipt)
    assert (drawer(rig, first), of_cash(rig)) == (-10_000, {first: -10_000})


def test_what_is_taken_at_a_move_in_is_in_the_day_the_ledgers_and_the_journal(rig: OfficeRig) -> None:
    first = rig.now.date()
    stays, goes = moving_in(rig, "1-101"), moving_in(rig, "1-102", method=PaymentMethod.POS)
    assert rig.case(cash_day_id("XH", first)).totals == {"cash": 50_000, "pos": 50_000}
    assert of_cash(rig) == {first: 50_000}
    credits = {(row["account_code"], row["credit_fen"]) for row in report(rig, "journal") if row["credit_fen"]}
    assert credits == {("224101", 20_000), ("605102", 30_000)}
    assert [(row["amount_fen"], row["came_for"]) for row in rig.rows("money-movements")] == [(30_000, "move-in")] * 2
    assert {row["home"]: row["held_fen"] for row in rig.rows("deposits")} == {"1-101": 20_000, "1-102": 20_000}
    rig.do(InspectForMoveIn(signature="王"), as_=CLERK, on=stays)
    rig.do(HandOverMoveInKeys(keys=("1",), signature="王"), as_=CLERK, on=stays)
    rig.until("2025-01-05 09:00")
    rig.do(WithdrawMoveIn(reason="不住了", method=CASH), as_=CLERK, by="other", on=goes)
    kept = RefundMoveInDeposit(method=CASH, deducted_fen=500, reason="门卡遗失")
    rig.do(kept, as_=CLERK, by="other", on=stays)
    second = date(2025, 1, 5)
    assert (drawer(rig, first), drawer(rig, second)) == (50_000, -69_500)
    assert of_cash(rig) == {first: 50_000, second: -69_500}
    given_back = {
        row["home"]: (row["held_fen"], row["refunded_fen"], row["deducted_fen"]) for row in rig.rows("deposits")
    }
    assert given_back == {"1-101": (0, 19_500, 500), "1-102": (0, 20_000, 0)}
    assert sum(row["amount_fen"] for row in rig.rows("money-movements")) == 30_000
    assert report(rig, "prepayments") == [], "nobody has prepaid anything"


def test_fees_of_a_move_in_that_were_never_taken_are_booked_back(rig: OfficeRig) -> None:
    move = moving_in(rig, "1-101")
    first = rig.now.date()
    rig.do(WithdrawStep(reason="收的是刷卡"), as_=MANAGER, by="wang", on=move)
    assert (drawer(rig, first), rig.rows("deposits"), rig.rows("money-movements"), of_cash(rig)) == (0, [], [], {})
    taken = SettleMoveInFees(amount_fen=50_000, receipt="R-1-101", method=PaymentMethod.POS)
    rig.do(taken, as_=CLERK, by="cashier", on=move)
    assert rig.case(cash_day_id("XH", first)).totals == {"cash": 0, "pos": 50_000}


def test_what_another_system_took_is_in_no_drawer_of_ours_and_what_we_take_on_its_bill_is(rig: OfficeRig) -> None:
    first = rig.now.date()
    told = IssueBill(amount_fen=3_000, item="停车费", due_on=date(2024, 12, 15))
    bill = rig.do(told, as_=CLERK, on="bill-theirs", imported=True, source_id="77").case_id
    rig.do(ReceivePayment(amount_fen=1_000), as_=CLERK, on=bill, imported=True)
    rig.do(ReceivePayment(amount_fen=2_500, method="现金"), as_=CLERK, by="li", on=bill)
    rig.do(RefundOverpayment(amount_fen=500, method="现金", reason="多缴"), as_=MANAGER, by="wang", on=bill)
    assert drawer(rig, first) == 2_000
    assert of_cash(rig) == {first: 2_000}, "the journal has what the drawer has"
    against = {row["account_code"]: row["credit_fen"] for row in report(rig, "journal") if row["credit_fen"]}
    assert against == {"112204": 2_000, "2203": 500, "1001": 500}, (
        "a receivable of that system's bills; what is over, prepaid"
    )
    moved = [(row["amount_fen"], row["came_for"]) for row in rig.rows("money-movements")]
    assert sorted(moved) == [(-500, "taken-over-bill"), (2_500, "taken-over-bill")]
    theirs, ours = (payment.number for payment in rig.case(bill).payments)
    for number, left in ((theirs, 2_000), (ours, -500)):
        rig.do(ReversePayment(payment=number, reason="误登"), as_=MANAGER, by="zhao", on=bill)
        assert drawer(rig, first) == left
