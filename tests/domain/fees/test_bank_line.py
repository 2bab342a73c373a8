"""Bank statements and their lines (§7): nothing is booked without a person's yes, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.fees.account import account_id
from domain.fees.bank_line import LIFECYCLE as LINE
from domain.fees.bank_line import (
    BankLineConfirmed,
    BankLineErased,
    BankLineLeftOut,
    BankLineLinked,
    BankLineReopened,
    BankLineTaken,
    BankPaymentReversed,
    ConfirmBankLine,
    EraseBankLine,
    LeaveBankLineOut,
    LinkBankLine,
    NotePaymentReversed,
    ReopenBankLine,
    TakeBankLine,
    payment_of_line,
)
from domain.fees.bank_statement import LIFECYCLE as STATEMENT
from domain.fees.bank_statement import (
    OPEN_LINE,
    BankStatement,
    BankStatementClosed,
    BankStatementLeftOpen,
    BankStatementOpened,
    BankStatementReopened,
    CloseBankStatement,
    MissMatching,
    OpenBankStatement,
    ReopenBankStatement,
)
from domain.fees.matching import Ground
from domain.fees.payment import LIFECYCLE as PAYMENT
from domain.fees.payment import (
    BankLineNoted,
    BookTransfer,
    HouseholdPayment,
    NoteBankLine,
    PaymentTaken,
    ReceiptReversed,
    ReverseReceipt,
)
from domain.fees.terms import PaymentMethod
from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.people import Role
from domain.office.responsibility import DUTIES
from tests.domain.story import DAY as MORNING
from tests.domain.story import Story, given, instant

CLERK, MANAGER, POLICY, AUDITOR = Role.ADMINISTRATOR, Role.MANAGER, Role.POLICY, Role.AUDITOR
CLOCK = Role.CLOCK
DAY = date(2025, 3, 1)
OPENING = OpenBankStatement(
    bank_account="33001616", fingerprint="f", first=DAY, last=date(2025, 3, 31), rows_taken=2, credits_fen=30_000
)
OPENED = OPENING.to_event(BankStatementOpened)
STANDS = BankStatement(id="bank_statement-1", office="XH", state="matching", bank_account="33001616")
TAKING = TakeBankLine(
    statement="bank_statement-1", row=5, booked_on=DAY, amount_fen=30_000, line_mark="m-1", reference="T001"
)


def line(**said: object) -> Story:
    """A line of 300.00 that came in."""
    event = TAKING.to_event(BankLineTaken, bank_account="33001616", **said)
    return given(LINE, event)


def payment(**said: object) -> HouseholdPayment:
    """The same money as the counter took it."""
    known = {"household": "h-1", "amount_fen": 30_000, "method": PaymentMethod.TRANSFER, "state": "taken"}
    return HouseholdPayment(id="payment-1", office="XH", **known | said)  # type: ignore[arg-type]


# -- statements ------------------------------------------------------------------------------------------------------


def test_a_statement_says_of_which_account_and_when() -> None:
    given(STATEMENT).when(OPENING, as_=POLICY).then(BankStatementOpened, bank_account="33001616")
    given(STATEMENT).when(OPENING, as_=CLERK).refused(NotPermitted)
    for wrong, code in (
        ({"bank_account": " "}, "bank-account-missing"),
        ({"last": date(2025, 2, 1)}, "term-backwards"),
        ({"rows_known": -1}, "amount-negative"),
        ({"stated_debits_fen": -1}, "amount-negative"),
    ):
        given(STATEMENT).when(replace(OPENING, **wrong), as_=POLICY).refused(RuleBroken, code=code)  # type: ignore[arg-type]


def test_a_statement_closes_when_no_line_is_open_and_opens_again_with_one_of_them() -> None:
    story = given(STATEMENT, OPENED)
    assert story.case.rows_read == 2
    story.when(CloseBankStatement(), as_=CLERK, related={OPEN_LINE: object()}).refused(RuleBroken, code="lines-open")
    story.when(CloseBankStatement(), as_=AUDITOR).refused(NotPermitted)
    story.when(CloseBankStatement(), as_=CLERK).then(BankStatementClosed).is_in("closed")
    story.when(CloseBankStatement(), as_=CLERK).refused(WrongState)
    again = ReopenBankStatement(bank_line="bank_line-1")
    story.when(again, as_=POLICY).then(BankStatementReopened).is_in("matching")


@pytest.mark.parametrize(
    "said",
    [
        {"rows_refused": 1},
        {"stated_rows": 3},
        {"stated_credits_fen": 30_001},
        {"stated_debits_fen": 1},
    ],
)
def test_what_differs_from_the_file_is_explained(said: dict[str, int]) -> None:
    story = given(STATEMENT, replace(OPENED, **said))
    assert not story.case.agrees
    story.when(CloseBankStatement(), as_=CLERK).refused(RuleBroken, code="reason-missing", clause="7")
    story.when(CloseBankStatement(reason="银行合计行有误"), as_=CLERK).then(BankStatementClosed)
    assert story.case.closing_reason == "银行合计行有误"


# -- lines -----------------------------------------------------------------------------------------------------------


def test_a_line_is_taken_of_an_open_statement_and_stands_once() -> None:
    story = given(LINE).when(TAKING, as_=POLICY, related={"statement": STANDS})
    story.then(BankLineTaken, bank_account="33001616", amount_fen=30_000)
    assert LINE.held(story.case) == {"bank-line:m-1"}
    assert TAKING.related() == {"statement": "bank_statement-1"}
    for wrong, code in (
        ({"row": 0}, "amount-not-positive"),
        ({"amount_fen": 0}, "amount-nothing"),
        ({"booked_on": date(2025, 3, 4)}, "day-ahead"),
    ):
        taking = replace(TAKING, **wrong)  # type: ignore[arg-type]
        given(LINE).when(taking, as_=POLICY, related={"statement": STANDS}).refused(RuleBroken, code=code)
    closed = replace(STANDS, state="closed")
    given(LINE).when(TAKING, as_=POLICY, related={"statement": closed}).refused(RuleBroken, code="statement-closed")
    given(LINE).when(TAKING, as_=POLICY, related={"statement": payment()}).refused(RuleBroken, code="statement-closed")


def test_a_person_says_whose_it_is_and_it_is_a_payment_then() -> None:
    story = line().when(ConfirmBankLine(household=" "), as_=CLERK).refused(RuleBroken, code="household-missing")
    story.when(ConfirmBankLine(household="h-1"), as_=AUDITOR).refused(NotPermitted)
    confirming = ConfirmBankLine(household="h-1", bills=("bill-1",), match_grounds=(Ground.HOME,))
    paid = payment_of_line(story.id, 1, instant(MORNING))
    story.when(confirming, as_=CLERK, by="zhang", at=MORNING).then(
        BankLineConfirmed, payment=paid, match_grounds=(Ground.HOME,)
    )
    assert (story.case.household, story.case.payment, story.case.dealt_with_by) == ("h-1", paid, "zhang")
    assert (story.case.bills, story.case.match_grounds) == (("bill-1",), (Ground.HOME,))
    story.when(confirming, as_=CLERK).refused(WrongState)
    story.when(ReopenBankLine(reason="错"), as_=MANAGER).refused(RuleBroken, code="payment-stands", clause="7")
    story.when(NotePaymentReversed(payment=paid), as_=POLICY).then(BankPaymentReversed).is_in("open")
    assert (story.case.household, story.case.payment, story.case.bills) == (None, None, ())
    again = payment_of_line(story.id, 2, instant("2025-03-04 10:00"))
    story.when(confirming, as_=CLERK, at="2025-03-04 10:00").then(BankLineConfirmed, payment=again)


def test_payments_of_bank_lines_stand_in_the_order_in_which_they_were_entered() -> None:
    """As those of the counter do: payments of one day act by number."""
    entered = [payment_of_line(f"bank_line-{n}", 1, instant(f"2025-03-03 09:{59 - n:02}")) for n in range(50)]
    assert entered == sorted(entered, reverse=True)
    assert len({payment_of_line(f"bank_line-{n}", m, instant(MORNING)) for n in range(50) for m in (1, 2)}) == 100


def test_money_that_went_out_is_nobodys_payment() -> None:
    story = line(amount_fen=-9_900)
    story.when(ConfirmBankLine(household="h-1"), as_=CLERK).refused(RuleBroken, code="outgoing")
    linking = LinkBankLine(found_payment="payment-1")
    story.when(linking, as_=CLERK, related={"payment": payment()}).refused(RuleBroken, code="outgoing")
    story.when(LeaveBankLineOut(reason=" "), as_=CLERK).refused(RuleBroken, code="reason-missing")
    story.when(LeaveBankLineOut(reason="水费"), as_=CLERK).then(BankLineLeftOut).is_in("left-out")
    assert story.case.reason == "水费"
    assert LINE.held(story.case) == {"bank-line:m-1"}, "it is not taken again"
    story.when(ReopenBankLine(reason=""), as_=CLERK).refused(RuleBroken, code="reason-missing")
    story.when(ReopenBankLine(reason="看错"), as_=CLERK).then(BankLineReopened, payment=None).is_in("open")
    assert (story.case.reason, story.case.dealt_with_on) == (None, None)


def test_a_payment_in_the_book_is_matched_when_it_is_the_same_money() -> None:
    linking = LinkBankLine(found_payment="payment-1")
    assert linking.related() == {"payment": "payment-1"}
    for other, code in (
        (payment(state="reversed"), "payment-unfit"),
        (payment(method=PaymentMethod.CASH), "payment-unfit"),
        (STANDS, "payment-unfit"),
        (payment(amount_fen=1), "amount-differs"),
        (payment(bank_line="bank_line-9"), "payment-matched"),
    ):
        line().when(linking, as_=CLERK, related={"payment": other}).refused(RuleBroken, code=code)
    story = line().when(linking, as_=CLERK, related={"payment": payment()})
    story.then(BankLineLinked, household="h-1", payment="payment-1").is_in("booked")
    story.when(ReopenBankLine(reason="对错了"), as_=CLERK).then(BankLineReopened, payment="payment-1").is_in("open")


def test_what_is_said_of_a_person_is_known_to_be() -> None:
    assert not line().case.is_personal
    assert line(narration="〔密〕").case.is_personal


# -- the payment that a line is --------------------------------------------------------------------------------------


def test_a_line_is_booked_as_a_transfer_by_the_program_in_the_persons_name() -> None:
    booking = BookTransfer(
        household="h-1",
        amount_fen=30_000,
        value_date=DAY,
        bank_line="bank_line-1",
        confirmed_by="zhang",
        reference="T1",
    )
    assert booking.related_to("payment-1", "XH") == {"account": account_id("XH", "h-1")}
    given(PAYMENT).when(booking, as_=CLERK).refused(NotPermitted)
    story = given(PAYMENT).when(booking, as_=POLICY, by="policy:book_what_was_confirmed")
    story.then(PaymentTaken, method=PaymentMethod.TRANSFER, value_date=DAY, reference="T1", bank_line="bank_line-1")
    assert (story.case.taken_by, story.case.bank_line) == ("zhang", "bank_line-1")
    story.when(ReverseReceipt(reason="错户"), as_=CLERK, by="zhang").refused(RuleBroken, code="second-person")
    story.when(ReverseReceipt(reason="错户"), as_=CLERK, by="li").then(ReceiptReversed)


def test_a_payment_of_the_counter_knows_its_line() -> None:
    story = given(PAYMENT, PaymentTaken(household="h-1", amount_fen=1, method=PaymentMethod.WECHAT, value_date=DAY))
    story.when(NoteBankLine(bank_line="bank_line-1"), as_=POLICY).then(BankLineNoted)
    assert story.case.bank_line == "bank_line-1"
    story.when(NoteBankLine(), as_=POLICY).then(BankLineNoted)
    assert story.case.bank_line is None


def test_a_statement_has_a_last_day_whoever_brought_it_owes_it_and_a_new_one_when_it_is_opened_again() -> None:
    story = given(STATEMENT).when(replace(OPENING, brought_by="u-li"), as_=POLICY, at="2025-04-01 09:00")
    story.then(BankStatementOpened, brought_by="u-li").owes("matching", "2025-04-05 00:00")
    assert DUTIES["bank_statement", "matching"].person(story.case) == "u-li"
    story.when(MissMatching(), as_=CLOCK, at="2025-04-05 00:00").then(BankStatementLeftOpen).is_in("matching")
    assert (story.case.missed_at, story.case.matching_until) == (story.case.match_by, None)
    story.when(CloseBankStatement(), as_=CLERK, at="2025-04-06 09:00").is_in("closed")
    story.when(ReopenBankStatement(bank_line="bank_line-1"), as_=POLICY, at="2025-04-10 09:00").is_in("matching")
    story.owes("matching", "2025-04-14 00:00")


def test_a_statement_of_before_there_was_a_last_day_owes_none() -> None:
    story = given(STATEMENT, OPENED)
    assert story.case.matching_until is None
    story.when(MissMatching(), as_=CLOCK, at="2025-04-05 00:00").then(BankStatementLeftOpen)


def test_who_paid_what_was_set_aside_is_destroyed_after_the_settings_months() -> None:
    left = LeaveBankLineOut(reason="水费代收")
    story = line(payer="某公司", narration="水费").when(left, as_=CLERK, at="2025-03-05 10:00")
    story.then(BankLineLeftOut, papers_until=date(2028, 3, 5)).owes("papers", "2028-03-06 00:00")
    again = line(payer="某公司").when(left, as_=CLERK, at="2025-03-05 10:00")
    again.when(ReopenBankLine(reason="是住户"), as_=CLERK, at="2025-03-06 10:00").owes("papers", None)
    story.when(EraseBankLine(), as_=CLOCK, at="2028-03-06 00:00").then(BankLineErased, subjects=(story.id,))
    assert (story.case.payer, story.case.narration, story.case.is_personal) == (None, None, False)
    story.is_in("left-out").owes("papers", None)
    assert BankLineErased(subjects=("bank_line-1",)).destroys() == ("bank_line-1",)
    line().when(left, as_=CLERK, at="2025-03-05 10:00").owes("papers", None)  # nobody is named in it
