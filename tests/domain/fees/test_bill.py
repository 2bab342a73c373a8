"""Sentences about bills 账单 (§7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.fees.bill.case import ISSUED, PAID, PART_PAID, VOID, WRITTEN_OFF
from domain.fees.bill.commands.issuing import (
    AddBillCharge,
    CorrectBill,
    IssueBill,
    MarkBillOverdue,
    VoidBill,
    WriteOffBill,
)
from domain.fees.bill.commands.late_fee import (
    AssessLateFee,
    EndLateFeeHold,
    GrantWaiver,
    HoldLateFee,
    WaiveLateFee,
    WithdrawWaiver,
)
from domain.fees.bill.commands.payment import ReceivePayment, RefundOverpayment, ReversePayment
from domain.fees.bill.events import (
    BillCharged,
    BillCorrected,
    BillIssued,
    BillLine,
    BillOverdue,
    BillReopened,
    BillSettled,
    LateFeeAssessed,
    LateFeeHeld,
    LateFeeHoldEnded,
    LateFeeWaived,
    LateFeeWaiverWithdrawn,
    OverpaymentRefunded,
    PaymentReceived,
    PaymentReversed,
)
from domain.fees.bill.lifecycle import LIFECYCLE
from domain.fees.bill_run.case import bill_run_id
from domain.handbook.settings import Change, Settings
from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.mending import WithdrawAsMistaken
from domain.kernel.people import Role
from tests.domain.story import Story, given

CLERK, MANAGER, COMPANY, CLOCK, POLICY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY, Role.CLOCK, Role.POLICY
LINES = (BillLine(item="物业服务费", amount_fen=20_000, quantity=8_000, price_fen=250),)
LATE = "2025-03-20 10:00"


def issued(**fields: object) -> Story:
    return given(
        LIFECYCLE,
        BillIssued(lines=LINES, household="household-1", period="2025-02", due_on=date(2025, 3, 15), **fields),  # type: ignore[arg-type]
        at="2025-03-01 09:00",
    )


def paid(amount: int = 20_000) -> Story:
    return issued().when(ReceivePayment(amount_fen=amount, method="cash"), as_=CLERK, by="cashier")


def test_a_bill_freezes_its_lines() -> None:
    story = given(LIFECYCLE).when(IssueBill(household="household-1", due_on=date(2025, 3, 15), lines=LINES), as_=CLERK)
    story.then(BillIssued, lines=LINES).is_in(ISSUED).owes("due", "2025-03-16 00:00")
    assert story.case.original_fen == 20_000


def test_a_bill_of_a_period_reads_the_run_of_its_month() -> None:
    bill = IssueBill(household="household-1", due_on=date(2025, 3, 15), item="门禁卡", amount_fen=500)
    assert bill.related_to("bill-1", "XH") == {}
    monthly = replace(bill, period="2025-02")
    assert monthly.related_to("bill-1", "XH") == {"run": bill_run_id("XH", "2025-02")}


def test_a_bill_of_one_sum_needs_only_its_name_and_amount() -> None:
    given(LIFECYCLE).when(
        IssueBill(household="household-1", due_on=date(2025, 3, 15), amount_fen=500, item="门禁卡"), as_=CLERK
    ).then(BillIssued, lines=(BillLine(item="门禁卡", amount_fen=500),))


def test_a_bill_without_lines_due_date_or_household_is_refused() -> None:
    due = date(2025, 3, 15)
    given(LIFECYCLE).when(IssueBill(household="h", due_on=due), as_=CLERK).refused(RuleBroken, code="lines-missing")
    given(LIFECYCLE).when(IssueBill(household="h", amount_fen=1), as_=CLERK).refused(RuleBroken, code="due-on-missing")
    given(LIFECYCLE).when(IssueBill(due_on=due, amount_fen=1), as_=CLERK).refused(RuleBroken, code="household-missing")
    given(LIFECYCLE).when(IssueBill(household="h", due_on=due, amount_fen=-1), as_=CLERK).refused(
        RuleBroken, code="negative-bill"
    )
    given(LIFECYCLE).when(IssueBill(amount_fen=1), as_=CLERK, imported=True).then(BillIssued)


def test_the_months_bill_is_due_on_the_settings_day_of_the_next_month() -> None:
    bill = IssueBill(household="h", period="2025-02", lines=LINES)
    given(LIFECYCLE).when(bill, as_=CLERK, at="2025-02-28 16:00").then(BillIssued, due_on=date(2025, 3, 15))
    given(LIFECYCLE).when(bill, as_=CLERK, at="2025-03-16 09:00").refused(RuleBroken, code="day-passed")
    wrong = IssueBill(household="h", period="二月", lines=LINES)
    given(LIFECYCLE).when(wrong, as_=CLERK).refused(RuleBroken, code="period", clause="7.2a")


def test_a_household_has_one_bill_a_month_and_extras_beside_it() -> None:
    story = issued()
    assert story.lifecycle.held(story.case) == {"bill-of:household-1:2025-02"}
    assert story.lifecycle.held(paid().case) == {"bill-of:household-1:2025-02"}
    void = issued().when(VoidBill(reason="重复"), as_=MANAGER, by="boss")
    assert void.lifecycle.held(void.case) == set()
    extra = given(LIFECYCLE, BillIssued(lines=LINES, household="household-1", due_on=date(2025, 3, 15)))
    assert extra.lifecycle.held(extra.case) == set()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"amount_fen": 20_001, "quantity": 8_000, "price_fen": 250}, "line-differs"),
        ({"amount_fen": 1, "quantity": 1, "price_fen": 1, "coefficient": "1/0"}, "coefficient"),
        ({"amount_fen": 1, "days": 3}, "line-days"),
        ({"amount_fen": 1, "days": 32, "of_days": 31}, "line-days"),
    ],
)
def test_a_line_comes_to_what_its_quantity_and_price_come_to(line: dict[str, Any], code: str) -> None:
    bill = IssueBill(household="h", due_on=date(2025, 3, 15), lines=(BillLine(item="物业服务费", **line),))
    given(LIFECYCLE).when(bill, as_=CLERK).refused(RuleBroken, code=code, clause="7.2a")


def test_a_prorated_line_is_rounded_once() -> None:
    line = BillLine(
        item="物业服务费", amount_fen=7_857, quantity=8_000, price_fen=250, coefficient="1.1", days=10, of_days=28
    )
    bill = IssueBill(household="h", due_on=date(2025, 3, 15), lines=(line,))
    given(LIFECYCLE).when(bill, as_=CLERK).then(BillIssued)


def test_a_bill_is_paid_in_parts() -> None:
    story = paid(15_000).then(PaymentReceived, value_date=date(2025, 3, 3)).is_in(PART_PAID)
    assert story.case.outstanding_fen == 5_000
    story.when(ReceivePayment(amount_fen=5_000, method="wechat"), as_=CLERK).then(BillSettled, overpaid_fen=0).is_in(
        PAID
    )
    story.owes("due", None)


def test_what_is_paid_too_much_becomes_a_prepayment() -> None:
    story = paid(21_000).then(BillSettled, overpaid_fen=1_000).is_in(PAID)
    assert story.case.outstanding_fen == -1_000


def test_what_was_paid_too_much_is_given_back_by_who_did_not_take_it() -> None:
    paid().when(RefundOverpayment(amount_fen=1, method="cash", reason="多缴"), as_=CLERK, by="other").refused(
        RuleBroken, code="nothing-overpaid"
    )
    back = RefundOverpayment(amount_fen=600, method="cash", reason="多缴")
    story = paid(21_000).when(back, as_=CLERK, by="cashier").refused(RuleBroken, code="second-person")
    for wrong in (0, 1_001):
        story.when(RefundOverpayment(amount_fen=wrong, method="cash", reason="x"), as_=CLERK, by="other").refused(
            RuleBroken, code="amount-out-of-range"
        )
    story.when(back, as_=CLERK, by="other").then(OverpaymentRefunded, amount_fen=600).is_in(PAID)
    assert (story.case.paid_fen, story.case.refunded_fen, story.case.outstanding_fen) == (20_400, 600, -400)
    # What was given back counts no more for the principal, should that be corrected upwards.
    assert sum(each.charged - each.paid for each in story.case.movements) == -400


def test_a_payment_meets_costs_then_late_fee_then_principal_and_that_is_frozen_in_it() -> None:
    story = issued().when(AddBillCharge(item="邮费", amount_fen=200), as_=CLERK, at=LATE)
    story.when(AssessLateFee(), as_=CLERK, at=LATE).then(LateFeeAssessed, amount_fen=50)
    story.when(ReceivePayment(amount_fen=230, method="cash"), as_=CLERK, at=LATE)
    story.then(PaymentReceived, costs_fen=200, penalty_fen=30)
    assert story.case.left == {"costs": 0, "penalty": 20, "principal": 20_000}
    story.when(ReceivePayment(amount_fen=20_100, method="cash"), as_=CLERK, at=LATE)
    story.then(PaymentReceived, costs_fen=0, penalty_fen=20).then(BillSettled, overpaid_fen=80)
    assert story.case.left == {"costs": 0, "penalty": 0, "principal": 0}


def test_an_office_may_agree_on_another_order() -> None:
    story = Story(LIFECYCLE, Settings((Change("payments.order", "principal-penalty-costs", date(2025, 1, 1)),)))
    story.given(
        BillIssued(lines=LINES, household="h", due_on=date(2025, 3, 15)), BillCharged(item="邮费", amount_fen=200)
    )
    story.when(ReceivePayment(amount_fen=20_100, method="cash"), as_=CLERK)
    story.then(PaymentReceived, costs_fen=100, penalty_fen=0)


def test_a_payment_of_before_met_what_the_law_says() -> None:
    story = issued().given(BillCharged(item="邮费", amount_fen=200))
    story.given(PaymentReceived(amount_fen=500, value_date=date(2025, 3, 3)))
    assert (story.case.payments[0].costs_fen, story.case.payments[0].principal_fen) == (200, 300)


def test_a_payment_says_how_much_and_by_which_means() -> None:
    ahead = ReceivePayment(amount_fen=1, method="cash", value_date=date(2025, 3, 4))
    issued().when(ahead, as_=CLERK).refused(RuleBroken, code="day-ahead")
    issued().when(ReceivePayment(amount_fen=0, method="cash"), as_=CLERK).refused(
        RuleBroken, code="amount-not-positive"
    )
    issued().when(ReceivePayment(amount_fen=1), as_=CLERK).refused(RuleBroken, code="method-missing")
    issued().when(ReceivePayment(amount_fen=1, method="cash"), as_=Role.AUDITOR).refused(NotPermitted)


def test_a_payment_is_reversed_by_a_second_person() -> None:
    number = paid().case.standing[0].number
    paid().when(ReversePayment(payment=number, reason="退票"), as_=CLERK, by="cashier").refused(
        RuleBroken, code="second-person"
    )
    paid().when(ReversePayment(payment=99, reason="退票"), as_=CLERK, by="other").refused(
        RuleBroken, code="payment-unknown"
    )
    story = paid().when(ReversePayment(payment=number, reason="退票"), as_=CLERK, by="other")
    story.then(PaymentReversed).then(BillReopened).is_in(PART_PAID)
    assert story.case.paid_fen == 0
    story.when(ReversePayment(payment=number, reason="再退"), as_=CLERK, by="other").refused(
        RuleBroken, code="nothing-paid"
    )


def test_reversing_one_of_two_payments_leaves_the_other() -> None:
    story = paid(25_000).when(ReceivePayment(amount_fen=1_000, method="cash"), as_=CLERK, by="cashier")
    last = story.case.standing[-1].number
    story.when(ReversePayment(payment=last, reason="重复"), as_=CLERK, by="other").is_in(PAID)
    assert story.case.paid_fen == 25_000


def test_charges_corrections_and_late_fees_are_lines_of_their_own() -> None:
    story = issued().when(AddBillCharge(item="邮费", amount_fen=200), as_=CLERK).then(BillCharged)
    story.when(CorrectBill(item="面积更正", amount_fen=-1_000, reason="复测"), as_=MANAGER, by="boss").then(
        BillCorrected
    )
    story.when(AssessLateFee(amount_fen=40), as_=CLERK, at=LATE).then(LateFeeAssessed).is_in(ISSUED)
    assert (story.case.owed_fen, story.case.lines) == (19_240, LINES)


def test_what_comes_after_payment_opens_the_bill_again() -> None:
    charge = AddBillCharge(item="邮费", amount_fen=200)
    paid().when(charge, as_=CLERK, at=LATE).then(BillReopened).is_in(PART_PAID)
    paid(21_000).when(charge, as_=CLERK, at=LATE).is_in(PAID)
    taken_off = CorrectBill(item="减免", amount_fen=-1_000, reason="误减")
    comes_back = CorrectBill(item="恢复", amount_fen=1_000, reason="误减")
    story = paid(19_000).when(taken_off, as_=MANAGER, by="boss", at=LATE).is_in(PAID)
    story.when(comes_back, as_=MANAGER, at=LATE).then(BillReopened).is_in(PART_PAID)
    story = paid(21_000).when(taken_off, as_=MANAGER, by="boss", at=LATE)
    story.when(comes_back, as_=MANAGER, at=LATE).is_in(PAID)


def test_a_late_fee_is_not_lost_with_the_principal() -> None:
    late = ReceivePayment(amount_fen=20_000, method="cash", value_date=date(2025, 3, 18))
    story = issued().when(late, as_=CLERK, at=LATE).is_in(PAID)
    story.when(AssessLateFee(), as_=CLERK, at=LATE).then(LateFeeAssessed, amount_fen=30).then(BillReopened)
    over = ReceivePayment(amount_fen=21_000, method="cash", value_date=date(2025, 3, 18))
    issued().when(over, as_=CLERK, at=LATE).when(AssessLateFee(), as_=CLERK, at=LATE).is_in(PAID)


def test_a_correction_may_settle_the_bill_and_never_makes_it_negative() -> None:
    paid(19_000).when(CorrectBill(item="减免", amount_fen=-1_000, reason="停梯补偿"), as_=MANAGER, by="boss").then(
        BillSettled
    )
    issued().when(CorrectBill(item="减免", amount_fen=-20_001, reason="误"), as_=MANAGER, by="boss").refused(
        RuleBroken, code="correction-too-large"
    )
    issued().when(CorrectBill(item="减免", amount_fen=-1, reason="误"), as_=MANAGER).refused(
        RuleBroken, code="second-person"
    )
    issued().when(AddBillCharge(item="邮费", amount_fen=-1), as_=CLERK).refused(RuleBroken, code="amount-negative")


def test_a_late_fee_waits_for_the_due_date_and_is_what_has_accrued() -> None:
    issued().when(AssessLateFee(amount_fen=50), as_=CLERK, at="2025-03-15 12:00").refused(
        RuleBroken, code="not-overdue"
    )
    issued().when(AssessLateFee(amount_fen=6_001), as_=CLERK, at=LATE).refused(RuleBroken, code="late-fee-cap")
    issued().when(AssessLateFee(amount_fen=51), as_=CLERK, at=LATE).refused(
        RuleBroken, code="more-than-accrued", clause="民法典585"
    )
    issued().when(AssessLateFee(amount_fen=-1), as_=CLERK, at=LATE).refused(RuleBroken, code="nothing-to-assess")
    issued().when(AssessLateFee(until=date(2025, 3, 21)), as_=CLERK, at=LATE).refused(RuleBroken, code="day-ahead")
    story = (
        issued().when(AssessLateFee(amount_fen=20), as_=CLERK, at=LATE).then(LateFeeAssessed, until=date(2025, 3, 20))
    )
    story.when(AssessLateFee(until=date(2025, 3, 18)), as_=CLERK, at=LATE).then(LateFeeAssessed, amount_fen=10)
    story.when(AssessLateFee(), as_=CLERK, at=LATE).then(LateFeeAssessed, amount_fen=20)
    story.when(AssessLateFee(), as_=CLERK, at=LATE).refused(RuleBroken, code="nothing-to-assess")
    assert (story.case.late_fee_fen, story.case.late_fee_no) == (50, 2)


def test_another_systems_late_fee_is_taken_as_it_was() -> None:
    issued().when(AssessLateFee(amount_fen=-1), as_=CLERK, imported=True).then(LateFeeAssessed)
    unpaid = given(LIFECYCLE, BillIssued(lines=LINES))
    unpaid.when(AssessLateFee(), as_=CLERK, imported=True).refused(RuleBroken, code="amount-fen-missing")


def test_after_part_payment_only_the_rest_bears_a_late_fee_and_a_dispute_stops_it() -> None:
    part = ReceivePayment(amount_fen=10_000, method="cash", value_date=date(2025, 3, 17))
    story = issued().when(part, as_=CLERK, at="2025-03-18 10:00")
    story.when(HoldLateFee(), as_=POLICY, at="2025-03-19 10:00").then(LateFeeHeld, since=date(2025, 3, 19))
    assert story.case.held
    story.when(HoldLateFee(), as_=POLICY, at="2025-03-19 11:00").then_nothing()
    story.when(EndLateFeeHold(), as_=POLICY, at="2025-03-24 10:00").then(LateFeeHoldEnded, until=date(2025, 3, 24))
    story.when(EndLateFeeHold(), as_=POLICY, at="2025-03-24 10:00").then_nothing()
    # Two days on the whole bill, one on the half, then nothing, then two days on the half again.
    story.when(AssessLateFee(), as_=CLERK, at="2025-03-26 10:00").then(LateFeeAssessed, amount_fen=20 + 5 + 10)


def test_who_assessed_any_of_a_late_fee_does_not_waive_it() -> None:
    story = issued().when(AssessLateFee(amount_fen=40), as_=CLERK, at=LATE, by="boss")
    story.when(AssessLateFee(), as_=CLERK, at=LATE, by="cashier")
    story.when(WaiveLateFee(amount_fen=40, reason="住院"), as_=MANAGER, by="boss").refused(
        RuleBroken, code="second-person"
    )


def test_a_late_fee_is_waived_by_the_manager_who_did_not_assess_it() -> None:
    story = issued().when(AssessLateFee(amount_fen=50), as_=CLERK, at=LATE, by="cashier")
    story.when(WaiveLateFee(amount_fen=50, reason="住院"), as_=MANAGER, by="cashier").refused(
        RuleBroken, code="second-person"
    )
    story.when(WaiveLateFee(amount_fen=51, reason="住院"), as_=MANAGER, by="boss").refused(
        RuleBroken, code="amount-out-of-range"
    )
    story.when(WaiveLateFee(amount_fen=20, reason="住院"), as_=MANAGER, by="boss").then(LateFeeWaived).is_in(ISSUED)
    story.when(ReceivePayment(amount_fen=20_000, method="cash"), as_=CLERK).is_in(PART_PAID)
    story.when(WaiveLateFee(amount_fen=30, reason="住院"), as_=MANAGER, by="boss").then(BillSettled).is_in(PAID)


def test_a_waiver_is_withdrawn_by_another_than_who_gave_it_and_is_owed_again() -> None:
    story = issued().when(AssessLateFee(amount_fen=50), as_=CLERK, at=LATE, by="cashier")
    none = WithdrawWaiver(waiver=1, reason="有误")
    story.when(none, as_=MANAGER, by="boss").refused(RuleBroken, code="nothing-waived")
    story.when(WaiveLateFee(amount_fen=20, reason="住院"), as_=MANAGER, by="boss")
    story.when(GrantWaiver(amount_fen=30, reason="优惠", granted_by="chief"), as_=POLICY)
    first, second = story.case.waivers
    story.when(ReceivePayment(amount_fen=20_000, method="cash"), as_=CLERK).is_in(PAID)
    for number, by, code in (
        (first, "boss", "second-person"),
        (second, "chief", "second-person"),
        (9, "x", "waiver-unknown"),
    ):
        command = WithdrawWaiver(waiver=number, reason="有误")
        story.when(command, as_=MANAGER, by=by).refused(RuleBroken, code=code)
    story.when(WithdrawWaiver(waiver=first, reason=" "), as_=MANAGER, by="chief").refused(
        RuleBroken, code="reason-missing"
    )
    story.when(WithdrawWaiver(waiver=second, reason="有误"), as_=MANAGER, by="boss")
    story.then(LateFeeWaiverWithdrawn, waiver=second, amount_fen=30).then(BillReopened, resumes=True).is_in(PART_PAID)
    assert (story.case.waived_fen, story.case.outstanding_fen) == (20, 30)
    only = WithdrawWaiver(waiver=first, reason="有误")
    story.when(only, as_=MANAGER, by="boss").refused(RuleBroken, code="second-person")
    story.when(only, as_=COMPANY, by="company").then(LateFeeWaiverWithdrawn).is_in(PART_PAID)
    assert (story.case.waived_fen, story.case.outstanding_fen) == (0, 50)


def test_the_clock_notes_that_a_bill_is_overdue_once() -> None:
    story = issued().when(MarkBillOverdue(), as_=CLOCK, at="2025-03-16 00:00")
    story.then(BillOverdue, due_on=date(2025, 3, 15), outstanding_fen=20_000).owes("due", None)


def test_voiding_wants_a_second_person_and_no_payments() -> None:
    issued().when(VoidBill(reason="重复出账"), as_=MANAGER, by="someone").refused(RuleBroken, code="second-person")
    issued().when(VoidBill(reason="重复出账"), as_=MANAGER, by="boss").is_in(VOID)
    paid(1).when(VoidBill(reason="重复出账"), as_=MANAGER, by="boss").refused(RuleBroken, code="paid-already")
    issued().when(VoidBill(reason="x"), as_=MANAGER, by="boss").when(
        ReceivePayment(amount_fen=1, method="cash"), as_=CLERK
    ).refused(WrongState)


def test_the_company_writes_off_what_somebody_else_billed() -> None:
    issued().when(WriteOffBill(reason="户主死亡"), as_=COMPANY, by="someone").refused(RuleBroken, code="second-person")
    issued().when(WriteOffBill(reason="户主死亡"), as_=COMPANY, by="company").is_in(WRITTEN_OFF)


def test_an_overdue_note_without_a_due_date_takes_the_day_itself() -> None:
    given(LIFECYCLE, BillIssued(lines=LINES)).when(MarkBillOverdue(), as_=CLOCK).then(
        BillOverdue, due_on=date(2025, 3, 3)
    )


def test_an_old_book_may_end_a_hold_that_it_never_began() -> None:
    assert not issued().given(LateFeeHoldEnded(until=date(2025, 3, 24))).case.holds


def test_a_bill_that_was_paid_is_no_mistake_until_the_payment_is_reversed() -> None:
    mistaken = WithdrawAsMistaken(reason="开错了户")
    paid().when(mistaken, as_=COMPANY, by="wang").refused(RuleBroken, code="paid-already")
    issued().when(mistaken, as_=COMPANY, by="wang").is_in("mistaken")
