"""Payments, the account that they go to, and the day that counts them (§7)."""

from __future__ import annotations

from datetime import date

from domain.fees.account import (
    LIFECYCLE as ACCOUNT,
)
from domain.fees.account import (
    AccountReckoned,
    EntryPosted,
    HouseholdAccount,
    PayRefund,
    PostEntry,
    PrepaymentRefunded,
    ReckonAccount,
    RefundRefused,
    RefundRequested,
    RefuseRefund,
    RequestRefund,
    account_id,
)
from domain.fees.cash_day import LIFECYCLE as CASH_DAY
from domain.fees.cash_day import (
    BookMoney,
    CashDayClosed,
    CashDayLeftOpen,
    CloseCashDay,
    MissClosing,
    MoneyBooked,
    cash_day_id,
)
from domain.fees.payment import LIFECYCLE as PAYMENT
from domain.fees.payment import (
    NumberReceipt,
    PaymentTaken,
    ReceiptNumbered,
    ReceiptReversed,
    ReverseReceipt,
    TakePayment,
)
from domain.fees.terms import BillReckoning, Entry, EntryKind, FeeTerms, PartOrder, PaymentMethod
from domain.handbook.settings import Change, Settings
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.mending import WithdrawAsMistaken
from domain.kernel.people import Role
from domain.kernel.withdrawn_steps import WithdrawStep
from tests.domain.story import Story, given

CLERK, MANAGER, POLICY, CLOCK = Role.ADMINISTRATOR, Role.MANAGER, Role.POLICY, Role.CLOCK
CASH, TRANSFER = PaymentMethod.CASH, PaymentMethod.TRANSFER
TODAY = date(2025, 3, 3)


def taken(related: dict[str, object] | None = None, **fields: object) -> Story:
    """A payment of 300.00 is taken."""
    said: dict[str, object] = {"household": "h-1", "amount_fen": 30_000, "method": CASH} | fields
    return given(PAYMENT).when(TakePayment(**said), as_=CLERK, by="cashier", related=related)  # type: ignore[arg-type]


# -- payments --------------------------------------------------------------------------------------------------------


def test_a_payment_has_a_value_date_and_a_day_of_entry() -> None:
    story = taken(value_date=date(2025, 2, 20)).then(PaymentTaken, value_date=date(2025, 2, 20))
    assert (story.case.value_date, story.case.taken_on) == (date(2025, 2, 20), TODAY)
    taken().then(PaymentTaken, value_date=TODAY)
    taken(value_date=date(2025, 3, 4)).refused(RuleBroken, code="day-ahead")


def test_a_payment_says_whose_and_how_much() -> None:
    taken(amount_fen=0).refused(RuleBroken, code="amount-not-positive")
    taken(household=" ").refused(RuleBroken, code="household-missing")


def test_change_is_reckoned_from_the_cash_that_was_given() -> None:
    taken(tendered_fen=50_000).then(PaymentTaken, change_fen=20_000)
    taken(tendered_fen=29_999).refused(RuleBroken, code="tendered-less")


def test_another_order_of_the_parts_rests_on_an_agreement() -> None:
    order = PartOrder.PRINCIPAL_PENALTY_COSTS
    taken(order=order).refused(RuleBroken, code="agreement-missing", clause="民法典561")
    taken(order=order, agreement="补充协议").then(PaymentTaken, order=order)
    assert order.parts == ("principal", "penalty", "costs")


def test_the_payer_names_bills_of_his_own_household_each_once() -> None:
    account = HouseholdAccount(id="account-1", office="XH", figures={"bill-1": BillReckoning(bill="bill-1")})
    related = {"account": account}
    taken(related, bills=("bill-1",)).then(PaymentTaken, bills=("bill-1",))
    taken(related, bills=("bill-1", "bill-1")).refused(RuleBroken, code="bill-unknown")
    taken(related, bills=("bill-2",)).refused(RuleBroken, code="bill-unknown")
    taken(bills=("bill-1",)).refused(RuleBroken, code="bill-unknown")
    assert TakePayment(household="h-1", amount_fen=1, method=CASH).related_to("", "XH") == {
        "account": account_id("XH", "h-1")
    }


def test_a_banks_reference_is_entered_once_while_the_payment_stands() -> None:
    story = taken(reference="TX-9", method=TRANSFER)
    assert PAYMENT.held(story.case) == {"payment-reference:transfer:TX-9"}
    story.when(ReverseReceipt(reason="退票"), as_=CLERK, by="other").then(ReceiptReversed)
    assert not PAYMENT.held(story.case)
    assert not PAYMENT.held(taken().case)
    assert (story.case.reversed_on, story.case.reversal) == (TODAY, "退票")
    story.when(WithdrawStep(reason="误登"), as_=MANAGER, by="zhao").refused(RuleBroken, code="money-moved")


def test_a_payment_is_taken_back_by_a_second_person_with_a_reason_and_once() -> None:
    taken().when(ReverseReceipt(reason="退票"), as_=CLERK, by="cashier").refused(RuleBroken, code="second-person")
    taken().when(ReverseReceipt(reason=" "), as_=CLERK, by="other").refused(RuleBroken, code="reason-missing")


# -- the account -----------------------------------------------------------------------------------------------------


def entry(kind: EntryKind, day: date, source: str, fen: int = 0, **more: object) -> Entry:
    return Entry(kind=kind, day=day, source=source, amount_fen=fen, **more)  # type: ignore[arg-type]


BILL = entry(EntryKind.BILL, date(2025, 1, 1), "bill-1", 30_000, bill="bill-1", due_on=date(2025, 1, 15))


def post(story: Story, told: Entry) -> Story:
    return story.when(PostEntry(household="h-1", entry=told), as_=POLICY)


def billed() -> Story:
    return post(given(ACCOUNT), BILL)


def test_a_bill_that_nothing_meets_changes_nothing_of_what_bills_were_told() -> None:
    story = billed()
    assert [type(event) for event in story.outcome] == [EntryPosted]
    post(story, BILL).then_nothing()
    story.when(ReckonAccount(), as_=CLERK).then_nothing()


def test_money_is_allocated_and_each_bill_is_told() -> None:
    story = post(billed(), entry(EntryKind.PAYMENT, date(2025, 1, 10), "payment-1", 40_000))
    story.then(AccountReckoned, prepaid_fen=10_000)
    [told] = story.outcome[-1].bills  # type: ignore[attr-defined]
    assert [(move.principal_fen, move.source) for move in told.moves] == [(30_000, "payment-1")]
    assert story.case.prepaid_fen == 10_000


def test_money_that_a_bill_has_counted_itself_is_no_news_to_it_and_what_is_too_much_is_prepaid() -> None:
    paid = post(billed(), entry(EntryKind.PAYMENT, date(2025, 1, 10), "bill-1#4", 30_000, names=("bill-1",)))
    assert [type(event) for event in paid.outcome] == [EntryPosted]
    post(paid, entry(EntryKind.PAYMENT, date(2025, 1, 11), "bill-1#5", 10_000)).then(
        AccountReckoned, prepaid_fen=10_000
    )
    [told] = paid.case.figures.values()
    assert [(move.source, move.principal_fen) for move in told.moves] == [("bill-1#4", 30_000)], "not twice"
    assert paid.case.prepaid_fen == 10_000


def test_an_assessment_that_is_right_is_no_news_and_one_that_is_not_is_told() -> None:
    right = entry(EntryKind.ASSESSMENT, date(2025, 1, 25), "bill-1#2", 150, bill="bill-1")
    assert [type(event) for event in post(billed(), right).outcome] == [EntryPosted]
    wrong = entry(EntryKind.ASSESSMENT, date(2025, 1, 25), "bill-1#2", 999, bill="bill-1")
    post(billed(), wrong).then(AccountReckoned)
    waiver = entry(EntryKind.WAIVER, date(2025, 1, 26), "bill-1#3", 100, bill="bill-1")
    assert [type(event) for event in post(post(billed(), right), waiver).outcome] == [EntryPosted]


def test_a_rate_that_was_changed_for_days_that_have_passed_is_taken_up_when_the_account_is_reckoned_anew() -> None:
    told = entry(EntryKind.ASSESSMENT, date(2025, 1, 25), "bill-1#2", 150, bill="bill-1")
    story = post(billed(), told)
    story.settings = Settings((Change("late_fee.rate_per_day", "0.001", date(2025, 1, 20)),))
    story.when(ReckonAccount(), as_=CLERK).then(AccountReckoned)
    assert story.case.figures["bill-1"].assessed[0].amount_fen == 4 * 15 + 6 * 30


def prepaid() -> Story:
    return post(given(ACCOUNT), entry(EntryKind.PAYMENT, date(2025, 3, 1), "payment-1", 10_000))


def test_a_prepayment_is_refunded_by_a_second_person_and_never_more_than_it() -> None:
    asked = prepaid().when(RequestRefund(amount_fen=10_001, reason="搬迁"), as_=CLERK)
    asked.refused(RuleBroken, code="amount-out-of-range")
    asked.when(RequestRefund(amount_fen=9_000, reason=" "), as_=CLERK).refused(RuleBroken, code="reason-missing")
    asked.when(RequestRefund(amount_fen=9_000, reason="搬迁"), as_=MANAGER, by="m").then(RefundRequested, number=1)
    asked.when(PayRefund(number=1, method=TRANSFER), as_=MANAGER, by="m").refused(RuleBroken, code="second-person")
    asked.when(PayRefund(number=7, method=TRANSFER), as_=MANAGER, by="n").refused(RuleBroken, code="refund-unknown")
    asked.when(PayRefund(number=1, method=TRANSFER), as_=CLERK, by="n").refused(NotPermitted)
    asked.when(PayRefund(number=1, method=TRANSFER), as_=MANAGER, by="n").then(PrepaymentRefunded, amount_fen=9_000)
    assert asked.case.prepaid_fen == 1_000
    assert asked.case.reckoned(FeeTerms.of(Settings())).prepaid == 1_000
    asked.when(PayRefund(number=1, method=TRANSFER), as_=MANAGER, by="n").refused(RuleBroken, code="no-refund-asked")


def test_a_refund_is_refused_with_a_reason_and_nothing_prepaid_is_nothing_to_refund() -> None:
    billed().when(RequestRefund(amount_fen=1, reason="搬迁"), as_=CLERK).refused(RuleBroken, code="nothing-prepaid")
    asked = prepaid().when(RequestRefund(amount_fen=9_000, reason="搬迁"), as_=CLERK, by="a")
    asked.when(RequestRefund(amount_fen=500, reason="搬迁"), as_=MANAGER, by="b")
    asked.when(PayRefund(number=2, method=CASH), as_=MANAGER, by="b").refused(RuleBroken, code="second-person")
    asked.when(RefuseRefund(number=1, reason=""), as_=MANAGER, by="n").refused(RuleBroken, code="reason-missing")
    asked.when(RefuseRefund(number=1, reason="须抵下月"), as_=MANAGER, by="n").then(RefundRefused)
    assert list(asked.case.asked) == [2]


def test_a_refund_that_was_paid_earlier_than_a_set_off_takes_the_money_first() -> None:
    story = prepaid().when(RequestRefund(amount_fen=8_000, reason="搬迁"), as_=CLERK, by="a", at="2025-03-02 10:00")
    late = entry(EntryKind.BILL, date(2025, 3, 5), "bill-2", 5_000, bill="bill-2", due_on=date(2025, 3, 20))
    post(story, late).then(AccountReckoned, prepaid_fen=5_000)
    story.when(PayRefund(number=1, method=CASH), as_=MANAGER, by="n").refused(RuleBroken, code="amount-out-of-range")
    story = prepaid().when(RequestRefund(amount_fen=4_000, reason="搬迁"), as_=CLERK, by="a", at="2025-03-02 10:00")
    later = entry(EntryKind.BILL, date(2025, 3, 5), "bill-2", 8_000, bill="bill-2", due_on=date(2025, 3, 20))
    post(story, later).then(AccountReckoned, prepaid_fen=2_000)
    more = entry(EntryKind.PAYMENT, date(2025, 3, 6), "payment-2", 5_000)
    post(story, more)
    story.when(PayRefund(number=1, method=CASH), as_=MANAGER, by="n", at="2025-03-03 10:00").then(PrepaymentRefunded)
    story.then(AccountReckoned, prepaid_fen=3_000)


# -- the day ---------------------------------------------------------------------------------------------------------


def booked(*amounts: int, method: PaymentMethod = CASH) -> Story:
    story = given(CASH_DAY)
    for n, fen in enumerate(amounts):
        story.when(BookMoney(day=TODAY, source=f"payment-{n}", method=method, amount_fen=fen), as_=POLICY)
    return story


def test_receipts_run_through_the_day_without_a_gap() -> None:
    story = booked(5_000, 700)
    story.then(MoneyBooked, number=2, receipt="20250303-0002")
    assert story.case.receipts == {"payment-0": "20250303-0001", "payment-1": "20250303-0002"}
    assert (story.case.cash_fen, story.case.total_fen) == (5_700, 5_700)
    assert booked(900, method=TRANSFER).case.cash_fen == 0
    numbered = taken().when(NumberReceipt(receipt="20250303-0001"), as_=POLICY).then(ReceiptNumbered)
    assert numbered.case.receipt == "20250303-0001"
    booking = BookMoney(day=TODAY, source="payment-1", method=CASH, amount_fen=1)
    assert CASH_DAY.identity is not None
    assert CASH_DAY.identity(booking, "XH") == cash_day_id("XH", TODAY) != cash_day_id("YH", TODAY)


def test_the_drawer_is_counted_and_a_difference_explained() -> None:
    story = booked(5_000, -300)
    story.when(CloseCashDay(counted_fen=4_600), as_=CLERK).refused(RuleBroken, code="reason-missing")
    story.when(CloseCashDay(counted_fen=-1), as_=CLERK).refused(RuleBroken, code="amount-negative")
    closing = CloseCashDay(counted_fen=4_600, reason="找零有误")
    story.when(closing, as_=CLERK).then(CashDayClosed, expected_fen=4_700, difference_fen=-100).is_in("closed")
    story.when(BookMoney(day=TODAY, source="payment-9", method=CASH, amount_fen=100), as_=POLICY).is_in("open")
    assert story.case.counted_fen is None
    story.owes("closing", "2025-03-04 00:00")
    story.when(CloseCashDay(counted_fen=4_800), as_=CLERK).then(CashDayClosed, difference_fen=0).owes("closing", None)


def test_the_change_that_always_lies_in_the_drawer_is_counted_with_it() -> None:
    """500.00 of change lie there from the 3rd on; before, none did."""
    story = booked(5_000)
    story.settings = Settings((Change("cash.float_fen", "50000", TODAY),))
    story.when(CloseCashDay(counted_fen=5_000), as_=CLERK).refused(RuleBroken, code="reason-missing")
    closed = {"expected_fen": 55_000, "difference_fen": 0, "float_fen": 50_000}
    story.when(CloseCashDay(counted_fen=55_000), as_=CLERK).then(CashDayClosed, **closed)
    before = booked(5_000)
    before.settings = Settings((Change("cash.float_fen", "50000", date(2025, 3, 4)),))
    late = CloseCashDay(counted_fen=5_000)
    before.when(late, as_=CLERK, at="2025-03-05 09:00").then(CashDayClosed, expected_fen=5_000, float_fen=0)


def test_a_drawer_counted_in_the_morning_is_not_closed_and_what_comes_after_the_day_makes_no_breach() -> None:
    story = booked(5_000).when(CloseCashDay(counted_fen=5_000), as_=CLERK, at="2025-03-03 09:00")
    more = BookMoney(day=TODAY, source="payment-9", method=CASH, amount_fen=100)
    story.branch().when(more, as_=POLICY, at="2025-03-03 17:00").owes("closing", "2025-03-04 00:00")
    story.when(more, as_=POLICY, at="2025-03-04 09:00").is_in("open").owes("closing", None)


def test_a_day_that_is_not_closed_by_its_end_is_a_breach() -> None:
    story = booked(5_000).owes("closing", "2025-03-04 00:00")
    story.when(MissClosing(), as_=CLOCK, at="2025-03-04 00:00").then(CashDayLeftOpen, day=TODAY).owes("closing", None)


def test_a_payment_is_taken_back_before_it_is_withdrawn_as_a_mistake() -> None:
    mistaken = WithdrawAsMistaken(reason="重复录入")
    story = taken().when(mistaken, as_=Role.COMPANY, by="zhao").refused(RuleBroken, code="not-reversed")
    story.when(ReverseReceipt(reason="重复录入"), as_=Role.MANAGER, by="zhao").then(ReceiptReversed)
    story.when(mistaken, as_=Role.COMPANY, by="wang").is_in("mistaken")
