"""Sentences about bills 账单 (§7)."""

from __future__ import annotations

from datetime import date

from domain.bill import (
    ISSUED,
    LIFECYCLE,
    PAID,
    PART_PAID,
    VOID,
    WRITTEN_OFF,
    AddBillCharge,
    AssessLateFee,
    BillCharged,
    BillCorrected,
    BillIssued,
    BillLine,
    BillOverdue,
    BillReopened,
    BillSettled,
    CorrectBill,
    IssueBill,
    LateFeeAssessed,
    LateFeeWaived,
    MarkBillOverdue,
    PaymentReceived,
    PaymentReversed,
    ReceivePayment,
    ReversePayment,
    VoidBill,
    WaiveLateFee,
    WriteOffBill,
)
from domain.errors import NotPermitted, RuleBroken, WrongState
from domain.people import Role
from tests.domain.story import Story, given

CLERK, MANAGER, COMPANY, CLOCK = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY, Role.CLOCK
LINES = (BillLine(item="物业服务费", amount_fen=20_000, quantity=8_000, price_fen=250, standard="2025 §7.1"),)
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


def test_a_payment_says_how_much_and_by_which_means() -> None:
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
    story.when(CorrectBill(item="面积更正", amount_fen=-1_000, reason="复测"), as_=MANAGER).then(BillCorrected)
    story.when(AssessLateFee(amount_fen=50), as_=CLERK, at=LATE).then(LateFeeAssessed).is_in(ISSUED)
    assert (story.case.owed_fen, story.case.lines) == (19_250, LINES)


def test_what_comes_after_payment_opens_the_bill_again() -> None:
    for command, role in (
        (AddBillCharge(item="邮费", amount_fen=200), CLERK),
        (CorrectBill(item="补收", amount_fen=300, reason="漏计"), MANAGER),
        (AssessLateFee(amount_fen=50), CLERK),
    ):
        paid().when(command, as_=role, at=LATE).then(BillReopened).is_in(PART_PAID)
    paid(21_000).when(AddBillCharge(item="邮费", amount_fen=200), as_=CLERK).is_in(PAID)
    paid(21_000).when(CorrectBill(item="补收", amount_fen=300, reason="漏计"), as_=MANAGER).is_in(PAID)
    paid(21_000).when(AssessLateFee(amount_fen=50), as_=CLERK, at=LATE).is_in(PAID)


def test_a_correction_may_settle_the_bill_and_never_makes_it_negative() -> None:
    paid(19_000).when(CorrectBill(item="减免", amount_fen=-1_000, reason="停梯补偿"), as_=MANAGER).then(BillSettled)
    issued().when(CorrectBill(item="减免", amount_fen=-20_001, reason="误"), as_=MANAGER).refused(
        RuleBroken, code="amount-not-positive"
    )
    issued().when(AddBillCharge(item="邮费", amount_fen=-1), as_=CLERK).refused(RuleBroken, code="amount-not-positive")


def test_a_late_fee_waits_for_the_due_date_and_stays_under_its_cap() -> None:
    issued().when(AssessLateFee(amount_fen=50), as_=CLERK, at="2025-03-15 12:00").refused(
        RuleBroken, code="not-overdue"
    )
    issued().when(AssessLateFee(amount_fen=6_001), as_=CLERK, at=LATE).refused(RuleBroken, code="late-fee-cap")
    issued().when(AssessLateFee(amount_fen=-1), as_=CLERK, at=LATE).refused(RuleBroken, code="amount-not-positive")
    issued().when(AssessLateFee(amount_fen=-1), as_=CLERK, imported=True).then(LateFeeAssessed)
    twice = issued().when(AssessLateFee(amount_fen=50), as_=CLERK, at=LATE)
    twice.when(AssessLateFee(amount_fen=20), as_=CLERK, at=LATE).then(LateFeeAssessed)
    assert (twice.case.late_fee_fen, twice.case.late_fee_no) == (70, 2)


def test_a_late_fee_is_waived_by_the_manager_who_did_not_assess_it() -> None:
    story = issued().when(AssessLateFee(amount_fen=50), as_=CLERK, at=LATE, by="cashier")
    story.when(WaiveLateFee(amount_fen=50, reason="住院"), as_=MANAGER, by="cashier").refused(
        RuleBroken, code="second-person"
    )
    story.when(WaiveLateFee(amount_fen=51, reason="住院"), as_=MANAGER, by="boss").refused(
        RuleBroken, code="waiver-too-large"
    )
    story.when(WaiveLateFee(amount_fen=20, reason="住院"), as_=MANAGER, by="boss").then(LateFeeWaived).is_in(ISSUED)
    story.when(ReceivePayment(amount_fen=20_000, method="cash"), as_=CLERK).is_in(PART_PAID)
    story.when(WaiveLateFee(amount_fen=30, reason="住院"), as_=MANAGER, by="boss").then(BillSettled).is_in(PAID)


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
