"""Sentences about what a notice claims 催款通知的编制 (§8.A): reckoned by the program from the account, typed by nobody."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.arrears.debt_case.commands.dunning import IssueDunningNotice
from domain.arrears.debt_case.events import DunningNoticeIssued, SecondNoticeIssued
from domain.arrears.terms import Claim, MonthCharge, NoticeMeans
from domain.fees.account import HouseholdAccount, account_id
from domain.fees.attaching import Attachment
from domain.fees.bill.events import BillCharged, LateFeeAssessed, PaymentReceived
from domain.fees.charging import FeeKind, PriceVersion
from domain.fees.fee_standard import FeeStandard
from domain.fees.terms import Entry, EntryKind
from domain.handbook.settings import Change, Settings
from domain.kernel.errors import RuleBroken
from tests.domain.arrears.owing import CLERK, DUE, a_bill, in_second_stage, joins, letter, opened

ON = "2025-02-20 10:00"
HOW: dict[str, Any] = {"means": NoticeMeans.MAILBOX, "addressee": "户主"}


def account(*more: Entry, bills: tuple[tuple[str, int, date], ...] = (("bill-1", 30_000, DUE),)) -> HouseholdAccount:
    """The household's account with these bills of January, and what else was entered."""
    issued = [
        Entry(kind=EntryKind.BILL, day=date(2025, 1, 31), source=id, bill=id, amount_fen=fen, due_on=due)
        for id, fen, due in bills
    ]
    return HouseholdAccount(id="account-1", office="XH", household="h-1", entries=[*issued, *more])


def paid(day: date, fen: int) -> Entry:
    return Entry(kind=EntryKind.PAYMENT, day=day, source="payment-1", amount_fen=fen)


def standard(kind: FeeKind = FeeKind.MANAGEMENT, **more: Any) -> FeeStandard:
    """2.50 a m² and month; 100 m² of the household, and a home of somebody else's."""
    attached = {
        n: Attachment(number=n, home=f"1-10{n}", household=f"h-{n}", quantity=10_000, first=date(2025, 1, 1))
        for n in (1, 2)
    }
    price = PriceVersion(valid_from=date(2024, 1, 1), price="2.50")
    return FeeStandard(
        id="fee_standard-1", office="XH", name="物业服务费", kind=kind, versions=(price,), attachments=attached, **more
    )


# -- what is claimed -------------------------------------------------------------------------------------------------


def test_a_notice_claims_each_overdue_bill_with_its_late_fee_to_the_day() -> None:
    story = letter(opened(), 1, ON, account=account()).is_in("stage-1")
    claim = Claim(bill="bill-1", principal_fen=30_000, late_fee_fen=75, assessed_fen=75, due_on=DUE)
    story.then(DunningNoticeIssued, claims=(claim,), current_fen=0, total_fen=30_075, late_fee_until=date(2025, 2, 20))
    assert story.case.claimed_fen == 30_075
    assert IssueDunningNotice().led_to(story.case, "XH") == {"account": account_id("XH", "h-1"), "bill-1": "bill-1"}


def test_money_of_the_same_day_meets_the_late_fee_that_the_notice_assesses() -> None:
    story = letter(opened(), 1, ON, account=account(paid(date(2025, 2, 20), 1_000)))
    [claim] = story.outcome[0].claims  # type: ignore[attr-defined]
    assert (claim.principal_fen, claim.late_fee_fen, claim.assessed_fen) == (29_075, 0, 75)


def test_money_that_came_before_lowers_the_principal_and_the_fee() -> None:
    story = letter(opened(), 1, ON, account=account(paid(date(2025, 2, 17), 10_000)))
    [claim] = story.outcome[0].claims  # type: ignore[attr-defined]
    assert (claim.principal_fen, claim.late_fee_fen) == (20_000, 60)  # 2 days on 30,000, 3 on 20,000


def test_what_was_assessed_before_is_claimed_and_not_assessed_again() -> None:
    was = Entry(kind=EntryKind.ASSESSMENT, day=date(2025, 2, 18), source="bill-1#3", bill="bill-1", amount_fen=45)
    [claim] = letter(opened(), 1, ON, account=account(was)).outcome[0].claims  # type: ignore[attr-defined]
    assert (claim.late_fee_fen, claim.assessed_fen) == (75, 30)


def test_each_day_bears_its_own_rate() -> None:
    story = opened()
    story.settings = Settings([Change("late_fee.rate_per_day", "0.001", date(2025, 2, 19))])
    [claim] = letter(story, 1, ON, account=account()).outcome[0].claims  # type: ignore[attr-defined]
    assert claim.late_fee_fen == 3 * 15 + 2 * 30


def test_every_overdue_bill_of_the_household_is_claimed_and_one_that_is_paid_is_not() -> None:
    second, third = a_bill(id="bill-2", due=date(2025, 2, 16)), a_bill(id="bill-3", due=date(2025, 2, 17))
    story = joins(joins(opened(), second, at="2025-02-17 00:00"), third, at="2025-02-18 00:00")
    bills = (("bill-1", 30_000, DUE), ("bill-2", 30_000, date(2025, 2, 16)), ("bill-3", 0, date(2025, 2, 17)))
    story = letter(story, 1, ON, a_bill(), second, third, account=account(bills=bills))
    assert [claim.bill for claim in story.outcome[0].claims] == ["bill-1", "bill-2"]  # type: ignore[attr-defined]


def test_a_bill_of_another_system_is_claimed_as_it_says_itself() -> None:
    owed = a_bill(BillCharged(item="邮费", amount_fen=200), LateFeeAssessed(amount_fen=15))
    [claim] = letter(opened(), 1, ON, owed).outcome[0].claims  # type: ignore[attr-defined]
    told = (claim.principal_fen, claim.late_fee_fen, claim.charges_fen, claim.assessed_fen)
    assert told == (30_000, 75, 200, 60)
    never = a_bill()
    never.due_on = None
    [claim] = letter(opened(), 1, ON, never).outcome[0].claims  # type: ignore[attr-defined]
    assert (claim.late_fee_fen, claim.assessed_fen) == (0, 0)


def test_where_nothing_is_owed_there_is_no_notice() -> None:
    settled = a_bill(PaymentReceived(amount_fen=30_000, value_date=date(2025, 2, 10)))
    letter(opened(), 1, ON, settled).refused(RuleBroken, code="nothing-owed", clause="8.A(1)")
    command = IssueDunningNotice(**HOW)
    opened().when(command, as_=CLERK, at=ON, related={"bill-1": None}).refused(RuleBroken, code="nothing-owed")


# -- this month's fee ------------------------------------------------------------------------------------------------


def test_this_months_fee_is_named_though_it_is_not_due_yet() -> None:
    known = account(bills=(("bill-1", 30_000, DUE), ("bill-2", 31_000, date(2025, 3, 15))))
    story = letter(in_second_stage(), 2, "2025-03-05 10:00", account=known)
    story.then(
        SecondNoticeIssued,
        current=(MonthCharge(amount_fen=31_000, bill="bill-2", due_on=date(2025, 3, 15)),),
        current_fen=31_000,
    )
    assert story.case.claimed_fen == 30_000 + 18 * 15 + 31_000
    assert story.case.dunned == {"bill-1"}, "what is not due is named, not demanded"


def test_a_month_that_has_no_bill_yet_is_charged_by_the_standards() -> None:
    charge = MonthCharge(amount_fen=25_000, item="物业服务费", standard="fee_standard-1")
    story = letter(opened(), 1, ON, account=account(), standard=standard()).then(DunningNoticeIssued, current=(charge,))
    assert story.case.claimed_fen == 30_075 + 25_000
    half = standard(ended_on=date(2025, 2, 14))
    letter(opened(), 1, ON, account=account(), standard=half).then(DunningNoticeIssued, current_fen=12_500)
    for none in (standard(FeeKind.METERED), standard(ended_on=date(2025, 1, 31))):
        letter(opened(), 1, ON, account=account(), standard=none).then(DunningNoticeIssued, current=())
    known = {"account": account(), "standard": standard(), "month": a_bill(id="bill-9", due=date(2025, 3, 15))}
    letter(opened(), 1, ON, **known).then(DunningNoticeIssued, current=())


# -- nobody types it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [{"claims": (Claim(bill="bill-1", principal_fen=30_000, late_fee_fen=75),)}, {"current_fen": 999}],
)
def test_amounts_that_somebody_typed_are_refused_even_if_they_are_right(typed: dict[str, Any]) -> None:
    command = IssueDunningNotice(**HOW, **typed)
    story = opened().when(command, as_=CLERK, at=ON, related={"bill-1": a_bill(), "account": account()})
    story.refused(RuleBroken, code="amounts-typed", clause="8.A(1)")
    assert story.refusal is not None
    assert story.refusal.field == next(iter(typed))


def test_another_systems_letter_says_what_it_said() -> None:
    claims = (Claim(bill="bill-0815", principal_fen=1),)
    told = IssueDunningNotice(claims=claims, current_fen=7)
    story = opened().when(told, as_=CLERK, at=ON, imported=True)
    story.then(DunningNoticeIssued, claims=claims, current_fen=7, late_fee_until=None)
    assert story.waived == ["means-missing", "addressee-missing"]
    wrong = IssueDunningNotice(claims=claims, current_fen=-1)
    opened().when(wrong, as_=CLERK, at=ON, imported=True).refused(RuleBroken, code="amount-negative")
