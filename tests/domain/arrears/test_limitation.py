"""Limitation 诉讼时效 (民法典188, 192, 195) and the ladder that goes on where it was when a payment is taken back."""

from __future__ import annotations

from datetime import date

import pytest

from domain.arrears.debt_case.case import OPENED, STAGE1, STAGE2, SUSPENSION_DUE, DebtCase
from domain.arrears.debt_case.commands.limitation import MarkClaimLapsed, RecordInterruption, RemindOfLimitation
from domain.arrears.debt_case.commands.measures import NoteDebtPayment
from domain.arrears.debt_case.commands.opening import OpenDebtCase
from domain.arrears.debt_case.events import (
    ClaimLapsed,
    DebtCaseOpened,
    DebtCaseResumedAtLaw,
    DebtCaseResumedBeforeNotice,
    DebtCaseResumedForSuspension,
    DebtCaseResumedInFirstStage,
    DebtCaseResumedInSecondStage,
    DebtSettled,
    DunningNoticeIssued,
    HomeVisited,
    InterruptionRecorded,
    LegalActionStarted,
    LimitationNear,
    SecondNoticeIssued,
    SecondStageBegun,
    ServicesSuspended,
    SuspensionFellDue,
)
from domain.arrears.debt_case.lifecycle import LIFECYCLE
from domain.arrears.limitation import Interruption, RunningClaim, limitation, reminders, reminders_of
from domain.arrears.terms import InterruptionKind, OptionalService, VisitOutcome
from domain.kernel.calendar import add_years
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from tests.domain.story import Story, given

CLERK, POLICY, CLOCK = Role.ADMINISTRATOR, Role.POLICY, Role.CLOCK
DEMAND, ADMISSION, PART = InterruptionKind.DEMAND, InterruptionKind.ADMISSION, InterruptionKind.PART_PAYMENT
SUIT = InterruptionKind.SUIT
DUE = date(2025, 2, 15)
OPENED_AT = "2025-02-16 00:00"


def at(kind: InterruptionKind, *day: int) -> Interruption:
    on = date(*day)  # type: ignore[misc]
    return Interruption(kind=kind, day=on, lapses_on=add_years(on, 3))


@pytest.mark.parametrize(
    ("due", "told", "lapses"),
    [
        (date(2024, 2, 29), [], date(2027, 2, 28)),
        (date(2024, 2, 29), [at(DEMAND, 2027, 2, 28)], date(2030, 2, 28)),
        (date(2024, 2, 29), [at(DEMAND, 2027, 3, 1)], date(2027, 2, 28)),
        (date(2024, 2, 29), [at(ADMISSION, 2027, 3, 1)], date(2030, 3, 1)),
        (date(2025, 2, 15), [at(ADMISSION, 2026, 1, 31), at(PART, 2025, 5, 31)], date(2029, 1, 31)),
        (date(2025, 2, 15), [at(PART, 2025, 2, 1)], date(2028, 2, 15)),
    ],
)
def test_the_last_day_is_a_function_of_what_interrupts_it_in_any_order(
    due: date, told: list[Interruption], lapses: date
) -> None:
    assert limitation(add_years(due, 3), told) == limitation(add_years(due, 3), told[::-1]) == lapses


def test_somebody_is_reminded_a_year_a_quarter_and_a_month_before() -> None:
    assert reminders_of(date(2028, 5, 31)) == (date(2027, 5, 31), date(2028, 2, 29), date(2028, 4, 30))
    claim = RunningClaim(date(2028, 2, 15), reminded=date(2027, 2, 15))
    assert list(reminders({"a": claim}, ["a", "b"])) == [(date(2027, 11, 15), "a"), (date(2028, 1, 15), "a")]
    assert not list(reminders({"a": RunningClaim(date(2028, 2, 15), lapsed_on=date(2028, 2, 15))}, ["a"]))


def opened(**fields: object) -> Story:
    said = {"bill": "bill-1", "household": "h-1", "outstanding_fen": 30_000, "due_on": DUE} | fields
    said |= {"lapses_on": add_years(DUE, 3), "notice1_by": date(2025, 2, 28), "notice2_by": date(2025, 3, 31)}
    return given(LIFECYCLE, DebtCaseOpened(**said), at=OPENED_AT)  # type: ignore[arg-type]


def test_what_is_proven_begins_the_limitation_anew_and_what_is_not_changes_nothing() -> None:
    def record(story: Story, **fields: object) -> Story:
        said = {"kind": DEMAND, "on": date(2025, 6, 1), "evidence": "回执"} | fields
        return story.when(RecordInterruption(**said), as_=CLERK, at="2025-06-02 10:00")  # type: ignore[arg-type]

    story = record(opened(), proven=False).then(InterruptionRecorded, lapses_on=date(2028, 6, 1))
    assert story.case.lapses_on == date(2028, 2, 15)
    assert record(story).case.lapses_on == date(2028, 6, 1)
    assert record(opened(), bills=("bill-1",)).case.lapses_on == date(2028, 6, 1)
    record(opened(), bills=("bill-2",)).refused(RuleBroken, code="bill-unknown")
    record(opened(), on=date(2025, 6, 3)).refused(RuleBroken, code="day-ahead")
    record(opened(), evidence="").refused(RuleBroken, code="evidence-missing")


def test_a_suit_that_was_brought_in_time_holds_the_claim_open_until_it_ended() -> None:
    """Due on 15 February 2025, it would have lapsed in February 2028, while the court had it."""
    ended = {"kind": SUIT, "on": date(2027, 11, 1), "ended_on": date(2028, 9, 30), "evidence": "撤诉裁定"}

    def record(**fields: object) -> Story:
        said = RecordInterruption(**(ended | fields))  # type: ignore[arg-type]
        return opened().when(said, as_=CLERK, at="2028-10-02 10:00")

    story = record().then(InterruptionRecorded, lapses_on=date(2031, 9, 30))
    assert story.case.lapses_on == date(2031, 9, 30)
    assert record(on=date(2028, 3, 1)).case.lapses_on == date(2028, 2, 15)  # brought too late
    record(kind=DEMAND).refused(RuleBroken, code="no-suit")
    record(ended_on=date(2028, 10, 3)).refused(RuleBroken, code="day-ahead")
    record(ended_on=date(2027, 10, 31)).refused(RuleBroken, code="term-backwards")


def test_a_part_payment_interrupts_on_its_own_day_and_one_that_is_taken_back_never_did() -> None:
    """A fault of before: paid in part on 26 February 2025, it lapsed three years after the due day."""
    story = opened()
    paid = NoteDebtPayment(bill="bill-1", outstanding_fen=20_000, paid_on=(date(2025, 2, 26),))
    story.when(paid, as_=POLICY, at="2025-02-26 10:00")
    assert story.case.lapses_on == date(2028, 2, 26)
    assert story.case.claims["bill-1"].payments[0].kind is PART
    nobodys = given(LIFECYCLE, DebtCaseOpened(bill="bill-1", household="h-1", outstanding_fen=30_000), at=OPENED_AT)
    assert nobodys.when(paid, as_=POLICY, at="2025-02-26 10:00").case.lapses_on is None
    story.when(NoteDebtPayment(bill="bill-1", outstanding_fen=30_000), as_=POLICY, at="2025-03-01 10:00")
    assert story.case.lapses_on == date(2028, 2, 15)


def test_the_clock_reminds_three_times_and_notes_the_lapse_which_a_late_entry_may_undo() -> None:
    story = opened()
    for day in reminders_of(date(2028, 2, 15)):
        story.owes("limitation-near", f"{day} 00:00")
        story.when(RemindOfLimitation(), as_=CLOCK, at=f"{day} 00:00").then(LimitationNear, remind_on=day)
    story.owes("limitation-near", None).owes("limitation", "2028-02-16 00:00")
    story.when(RemindOfLimitation(), as_=CLOCK, at="2028-02-01 00:00").then_nothing()
    story.when(MarkClaimLapsed(), as_=CLOCK, at="2028-02-16 00:00").then(ClaimLapsed, bill="bill-1")
    assert story.case.lapsed == {"bill-1"}
    late = RecordInterruption(kind=DEMAND, on=date(2026, 5, 1), evidence="快递回执")
    story.when(late, as_=CLERK, at="2028-03-01 10:00")
    assert (story.case.lapsed, story.case.lapses_on) == (set(), date(2029, 5, 1))


# -- a payment is taken back ------------------------------------------------------------------------------------------

NOTICE = DunningNoticeIssued(claims=(), current_fen=0, means=None, addressee=None)
SECOND = SecondNoticeIssued(claims=(), current_fen=0, means=None, addressee=None)
REFUSED = HomeVisited(outcome=VisitOutcome.REFUSED, by_manager=False, act_by=date(2025, 3, 28))
SUSPENDS = ServicesSuspended(services=(OptionalService.CONVENIENCE,), basis="公约")


def resumed(*facts: object) -> Story:
    """The ladder has come so far; the debt is paid, and a month later the payment is taken back."""
    story = opened()
    for n, fact in enumerate(facts):
        story.given((fact, f"2025-03-{10 + n} 10:00"))  # type: ignore[arg-type]
    story.given((DebtSettled(), "2025-03-26 10:00"))
    again = OpenDebtCase(bill="bill-1", household="h-1", outstanding_fen=30_000, due_on=DUE, resumes=True)
    return story.when(again, as_=POLICY, at="2025-04-20 10:00", related={"bill": None})


def test_the_ladder_goes_on_where_it_was_and_no_second_one_begins() -> None:
    before = resumed().then(DebtCaseResumedBeforeNotice, notice1_by=date(2025, 4, 30)).is_in(OPENED)
    assert before.case.notice2_by == date(2025, 5, 31)
    first = resumed(NOTICE).then(DebtCaseResumedInFirstStage, notice2_by=date(2025, 4, 30)).is_in(STAGE1)
    assert (first.case.ladder, first.case.notice1_at is not None, first.case.settled_at) == (1, True, None)
    assert first.case.lapses_on == date(2028, 2, 15)
    resumed(NOTICE, SecondStageBegun()).then(DebtCaseResumedInSecondStage, act_by=None).is_in(STAGE2)
    visited = resumed(NOTICE, SecondStageBegun(), SECOND, REFUSED)
    visited.then(DebtCaseResumedInSecondStage, act_by=date(2025, 4, 23))
    fell = SuspensionFellDue(act_until=date(2025, 4, 1))
    acting = (NOTICE, SecondStageBegun(), SECOND, REFUSED, fell)
    resumed(*acting).then(DebtCaseResumedForSuspension, act_until=date(2025, 4, 27)).is_in(SUSPENSION_DUE)
    resumed(*acting, SUSPENDS).is_in(SUSPENSION_DUE)
    suit = LegalActionStarted(court="区人民法院", evidence="证据", lapses_on=date(2028, 3, 16))
    resumed(*acting, suit).then(DebtCaseResumedAtLaw).is_in("legal")


def test_a_bill_that_the_case_never_had_opens_it_anew() -> None:
    assert OpenDebtCase(bill="bill-2").related() == {"bill": "bill-2"}
    story = opened().given((DebtSettled(), "2025-03-26 10:00"))
    other = OpenDebtCase(bill="bill-2", household="h-1", outstanding_fen=1, due_on=date(2025, 3, 15), resumes=True)
    story.when(other, as_=POLICY, at="2025-04-20 10:00", related={"bill": None}).is_in(OPENED)
    assert isinstance(story.case, DebtCase)
    assert story.case.ladder == 2
