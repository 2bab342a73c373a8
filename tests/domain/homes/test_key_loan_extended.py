"""What the year showed missing of key loans (§3.3): extended before its end, returned in part, its borrower forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from domain.homes.key_loan.commands import (
    EraseBorrower,
    ExtendKeyLoan,
    MarkKeysOverdue,
    RefuseKeyLoan,
    ReportKeysLost,
    ReturnKeys,
    ReturnSomeKeys,
)
from domain.homes.key_loan.events import (
    BorrowerErased,
    KeyLoanExtended,
    KeyLoanRefused,
    KeyLoanRequested,
    KeysIssued,
    KeysLost,
    KeysPartlyReturned,
    KeysReturned,
    Purpose,
)
from domain.homes.key_loan.lifecycle import LIFECYCLE
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.people import Role
from tests.domain.story import Story, given, instant

CLERK, GUARD, CLOCK = Role.ADMINISTRATOR, Role.DUTY_OFFICER, Role.CLOCK
END = instant("2025-03-03 18:00")
REQUEST = KeyLoanRequested(
    vacant_home="v", home="1-101", keys=("1", "2"), purpose=Purpose.REPAIR, expected_return=END, borrower="张"
)


def out() -> Story:
    """Two keys are out since ten, expected at six."""
    return given(LIFECYCLE, REQUEST, KeysIssued(keys=("1", "2"), expected_return=END), at="2025-03-03 10:00")


def extends(story: Story, to: str | datetime, at: str | datetime, *, as_: Role = GUARD, **said: str) -> Story:
    command = ExtendKeyLoan(expected_return=instant(to), **({"reason": "未修完", "officer_signature": "赵"} | said))
    return story.when(command, as_=as_, at=at)


def test_a_loan_is_extended_before_its_end_against_the_duty_officers_signature() -> None:
    story = (
        extends(out(), "2025-03-04 18:00", "2025-03-03 17:00").then(KeyLoanExtended).owes("return", "2025-03-04 18:00")
    )
    assert story.case.extended == 1
    extends(out(), "2025-03-04 18:00", "2025-03-03 18:00").refused(RuleBroken, code="overdue-already")
    extends(out(), "2025-03-04 18:00", "2025-03-03 17:00", as_=CLERK).refused(NotPermitted)
    extends(out(), "2025-03-04 18:00", "2025-03-03 17:00", reason=" ").refused(RuleBroken, code="reason-missing")
    for to in ("2025-03-03 17:30", "2025-03-06 17:01"):
        extends(out(), to, "2025-03-03 17:00").refused(RuleBroken, code="extension-out-of-range")
    unsigned = ExtendKeyLoan(expected_return=instant("2025-03-04 18:00"), reason="x")
    out().when(unsigned, as_=GUARD, at="2025-03-03 17:00").refused(RuleBroken, code="signature-missing")
    late = out().when(MarkKeysOverdue(), as_=CLOCK, at="2025-03-03 18:00")
    extends(late, "2025-03-04 18:00", "2025-03-03 19:00").refused(RuleBroken, code="overdue-already")


def test_again_and_again_is_the_heads_to_decide_and_not_for_ever() -> None:
    """The first return that was agreed stays; beyond one extension in all the duty officer does not put it off alone."""
    story = extends(out(), "2025-03-05 18:00", "2025-03-03 17:00")
    story = extends(story, "2025-03-06 18:00", "2025-03-05 17:00").then(KeyLoanExtended)
    assert story.case.first_expected_return == END
    extends(story, "2025-03-06 18:01", "2025-03-06 17:00").refused(RuleBroken, code="postponement")
    assert story.refusal is not None
    assert story.refusal.field == "expected_return"
    story = extends(story, "2025-03-08 18:00", "2025-03-06 17:00", as_=Role.DEPARTMENT_HEAD).then(KeyLoanExtended)
    assert (story.case.extended, story.case.first_expected_return) == (3, END)
    for day in range(8, 101, 2):
        at = END + timedelta(days=day - 3, hours=-1)
        story = extends(story, at + timedelta(days=3), at, as_=Role.MANAGER)
        if story.refusal is not None:
            break
    story.refused(RuleBroken, code="beyond-cap")
    assert story.case.expected_return <= instant("2025-06-02 00:00"), "ninety days from the issue"


def test_nobody_extends_his_own_loan_or_takes_its_keys_back_from_himself() -> None:
    own = given(LIFECYCLE, replace(REQUEST, staff_borrower="li"), KeysIssued(keys=("1", "2"), expected_return=END))
    back = ReturnKeys(keys=("1", "2"), returner_signature="李")
    for command in (
        ExtendKeyLoan(expected_return=instant("2025-03-04 18:00"), reason="x", officer_signature="李"),
        ReturnSomeKeys(keys=("1",), returner_signature="李"),
        back,
    ):
        own.when(command, as_=GUARD, by="li", at="2025-03-03 12:00").refused(RuleBroken, code="own-work")
    own.when(ReportKeysLost(keys=("1",)), as_=GUARD, by="li", at="2025-03-03 12:00").then(KeysLost)
    given(LIFECYCLE, replace(REQUEST, staff_borrower="li"), KeysIssued(keys=("1", "2"), expected_return=END)).when(
        back, as_=GUARD, by="wang", at="2025-03-03 12:00"
    ).then(KeysReturned)


def test_some_of_the_keys_come_back_and_the_others_stay_owed() -> None:
    some = ReturnSomeKeys(keys=("1",), returner_signature="张")
    story = out().when(some, as_=CLERK, at="2025-03-03 15:00").then(KeysPartlyReturned, keys=("1",)).is_in("issued")
    assert story.case.out == ("2",)
    assert LIFECYCLE.held(story.case) == {"key:1-101/2"}
    story.owes("return", "2025-03-03 18:00")
    for keys in ((), ("1",), ("2",), ("2", "2")):
        wrong = ReturnSomeKeys(keys=keys, returner_signature="张")
        story.when(wrong, as_=CLERK, at="2025-03-03 16:00").refused(RuleBroken, code="key-not-out")
    story.when(ReturnKeys(keys=("2",), returner_signature="张"), as_=CLERK, at="2025-03-03 17:00").then(KeysReturned)
    lost = out().when(ReportKeysLost(keys=("1", "2")), as_=CLERK, at="2025-03-03 15:00")
    lost.when(some, as_=CLERK, at="2025-03-03 17:00").refused(RuleBroken, code="nothing-out")


def test_the_borrower_is_forgotten_after_his_time() -> None:
    story = out().when(ReturnKeys(keys=("1", "2"), returner_signature="张"), as_=CLERK, at="2025-03-03 17:00")
    story.then(KeysReturned, papers_until=date(2026, 3, 3)).owes("papers", "2026-03-04 00:00")
    story.when(EraseBorrower(), as_=CLOCK, at="2026-03-04 00:00").then(BorrowerErased, subjects=(story.id,))
    assert story.outcome[0].destroys() == (story.id,)
    story.owes("papers", None)
    refused = given(LIFECYCLE, REQUEST).when(RefuseKeyLoan(reason="无证件"), as_=CLERK)
    refused.then(KeyLoanRefused).owes("papers", "2026-03-04 00:00")
