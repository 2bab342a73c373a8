"""Sentences about dunning 催款 (§8.A, §8.B(5), 民法典195, 1033): one letter a stage, politely, and never in the dark."""

from __future__ import annotations

from datetime import date

import pytest

from domain.arrears.debt_case.commands.dunning import (
    BeginSecondStage,
    IssueDunningNotice,
    MissNotice,
    PlanContact,
    RecordArrearsReason,
    RecordNoticeDelivery,
    RemindDebtor,
    VisitDebtor,
)
from domain.arrears.debt_case.commands.lawsuit import StartLegalAction
from domain.arrears.debt_case.commands.limitation import MarkClaimLapsed
from domain.arrears.debt_case.commands.measures import NotePaymentInTransit, RaiseDispute
from domain.arrears.debt_case.commands.opening import OpenDebtCase
from domain.arrears.debt_case.events import (
    BillJoinedDebtCase,
    ClaimLapsed,
    ContactPlanned,
    DebtCaseOpened,
    DunningNoticeIssued,
    HomeVisited,
    NoticeDelivered,
    NoticeLate,
    ReminderGiven,
    SecondNoticeIssued,
    SecondStageBegun,
)
from domain.arrears.debt_case.lifecycle import LIFECYCLE
from domain.arrears.terms import (
    ArrearsReason,
    ContactLimit,
    DebtorCategory,
    NoticeMeans,
    ReminderKind,
    Signer,
    VisitOutcome,
)
from domain.fees.bill.events import PaymentReceived
from domain.handbook.settings import Change, Settings
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.kernel.withdrawn_steps import StepWithdrawn, WithdrawStep
from tests.domain.arrears.owing import (
    CLERK,
    CLOCK,
    MANAGER,
    a_bill,
    in_second_stage,
    joins,
    letter,
    noticed,
    opened,
    pays,
    second_stage,
)
from tests.domain.story import given
from tests.office_rig import shanghai

CALL = RemindDebtor(kind=ReminderKind.TELEPHONE)
REASON = RecordArrearsReason(reason=ArrearsReason.FORGOTTEN, verified_by="li")


# -- the case --------------------------------------------------------------------------------------------------------


def test_whoever_brings_a_bill_by_hand_says_only_which() -> None:
    bring = OpenDebtCase(bill="bill-1", household="h-1", outstanding_fen=1, due_on=date(2020, 1, 1))
    story = given(LIFECYCLE).when(bring, as_=CLERK, at="2025-02-17 09:00", related={"bill": a_bill()})
    story.then(DebtCaseOpened, outstanding_fen=30_000, due_on=date(2025, 2, 15))
    other = a_bill(id="bill-2", due=date(2025, 2, 16))
    bring = OpenDebtCase(bill="bill-2", household="h-1")
    story.when(bring, as_=CLERK, at="2025-02-18 09:00", related={"bill": other}).then(BillJoinedDebtCase)


@pytest.mark.parametrize(
    ("bill", "household", "code"),
    [
        (a_bill(household="h-2"), "h-1", "other-household"),
        (a_bill(household=None), None, "other-household"),
        (a_bill(PaymentReceived(amount_fen=30_000, value_date=date(2025, 2, 16))), "h-1", "not-overdue"),
        (None, "h-1", "other-household"),
    ],
)
def test_a_bill_that_is_not_overdue_or_anothers_is_not_pursued(bill: object, household: str | None, code: str) -> None:
    bring = OpenDebtCase(bill="bill-1", household=household)
    given(LIFECYCLE).when(bring, as_=CLERK, related={"bill": bill}).refused(RuleBroken, code=code)


def test_a_bill_of_another_household_does_not_join_the_case() -> None:
    bring = OpenDebtCase(bill="bill-2", household="h-2")
    other = a_bill(id="bill-2", household="h-2")
    opened().when(bring, as_=CLERK, related={"bill": other}).refused(RuleBroken, code="other-household")


def test_another_systems_overdue_bill_may_be_pursued_here() -> None:
    bill = a_bill()
    bill.overdue_at, bill.imported = None, True
    bring = OpenDebtCase(bill="bill-1", household="h-1")
    early = given(LIFECYCLE).when(bring, as_=CLERK, at="2025-02-15 09:00", related={"bill": bill})
    early.refused(RuleBroken, code="not-overdue")
    given(LIFECYCLE).when(bring, as_=CLERK, at="2025-02-16 09:00", related={"bill": bill}).then(DebtCaseOpened)


def test_what_is_overdue_only_after_its_second_month_has_a_whole_month_for_its_letter() -> None:
    bill = a_bill(due=date(2025, 2, 28))
    story = joins(given(LIFECYCLE), bill, at="2025-03-01 00:00")
    story.then(DebtCaseOpened, notice1_by=date(2025, 3, 31), notice2_by=date(2025, 4, 30))


# -- letters ---------------------------------------------------------------------------------------------------------


def test_a_notice_says_to_whom_it_goes_and_how() -> None:
    for lacking, code in (
        (IssueDunningNotice(), "means-missing"),
        (IssueDunningNotice(means=NoticeMeans.POST), "addressee-missing"),
    ):
        opened().when(lacking, as_=CLERK, at="2025-02-20 10:00").refused(RuleBroken, code=code)


def test_a_letter_shows_the_money_that_is_on_its_way() -> None:
    story = opened().when(
        NotePaymentInTransit(amount_fen=5_000, expected_on=date(2025, 2, 21)), as_=CLERK, at="2025-02-19 10:00"
    )
    letter(story, 1, "2025-02-20 10:00").then(DunningNoticeIssued, in_transit_fen=5_000)


def test_each_stage_has_one_letter_and_none_is_skipped() -> None:
    letter(opened(), 3, "2025-02-20 10:00").refused(RuleBroken, code="stage-unknown")
    letter(opened(), 2, "2025-02-20 10:00").refused(RuleBroken, code="stage-skipped")
    letter(noticed(), 1, "2025-02-21 10:00").refused(RuleBroken, code="one-letter")
    story = noticed().when(REASON, as_=CLERK).when(BeginSecondStage(), as_=CLERK, at="2025-03-05 10:00")
    letter(story, 1, "2025-03-06 10:00").refused(RuleBroken, code="one-letter")
    letter(story, 2, "2025-03-06 10:00").then(SecondNoticeIssued).is_in("stage-2")
    letter(story, 2, "2025-03-07 10:00").refused(RuleBroken, code="one-letter")


def test_even_a_history_cannot_send_the_first_letter_in_the_second_stage() -> None:
    story = noticed().when(REASON, as_=CLERK).when(BeginSecondStage(), as_=CLERK, at="2025-03-05 10:00")
    story.when(IssueDunningNotice(), as_=CLERK, imported=True).refused(RuleBroken, code="stage-skipped")


def test_another_systems_letter_says_no_more_than_that_it_went_out() -> None:
    opened().when(IssueDunningNotice(), as_=CLERK, imported=True).then(DunningNoticeIssued).is_in("stage-1")


def test_the_second_stage_wants_the_third_month_and_the_real_reason() -> None:
    opened().when(BeginSecondStage(), as_=CLERK).refused(RuleBroken, code="stage-skipped", clause="8.A")
    noticed().when(BeginSecondStage(), as_=CLERK, at="2025-03-05 10:00").refused(
        RuleBroken, code="reason-missing", clause="8.B(5)"
    )
    story = noticed().when(REASON, as_=CLERK)
    story.when(BeginSecondStage(), as_=CLERK, at="2025-02-28 18:00").refused(RuleBroken, code="too-early")
    story.when(BeginSecondStage(), as_=CLERK, at="2025-03-01 10:00").then(SecondStageBegun)
    story.when(BeginSecondStage(), as_=CLERK, at="2025-03-02 10:00").refused(RuleBroken, code="second-stage-already")


def test_no_ladder_is_climbed_in_a_minute() -> None:
    """A fault of before: a first notice that was late, the second stage, its notice and a fruitless visit within one minute."""
    story = letter(opened(), 1, "2025-03-05 10:00").when(REASON, as_=CLERK, at="2025-03-05 10:00")
    story.when(BeginSecondStage(), as_=CLERK, at="2025-03-05 10:01").refused(RuleBroken, code="too-early")
    story.when(BeginSecondStage(), as_=CLERK, at="2025-03-31 18:00").refused(RuleBroken, code="too-early")
    story.when(BeginSecondStage(), as_=CLERK, at="2025-04-01 10:00").then(SecondStageBegun)
    letter(story, 2, "2025-04-01 10:01")
    refused = VisitDebtor(outcome=VisitOutcome.REFUSED)
    story.when(refused, as_=CLERK, at="2025-04-01 10:02").then(HomeVisited, act_by=None).owes("suspension", None)
    assert story.case.next_by is not None
    story.when(refused, as_=CLERK, at="2025-04-02 10:00").then(HomeVisited, act_by=date(2025, 4, 5))
    handed = second_stage().when(
        RecordNoticeDelivery(stage=2, means=NoticeMeans.IN_PERSON), as_=CLERK, at="2025-03-11 11:00"
    )
    handed.when(refused, as_=CLERK, at="2025-03-11 18:00").then(HomeVisited, act_by=date(2025, 3, 14))


def test_a_notice_that_is_not_sent_in_time_is_the_offices_breach() -> None:
    story = opened().owes("notice-1", "2025-03-01 00:00")
    story.when(MissNotice(), as_=CLOCK, at="2025-03-01 00:00").then(NoticeLate, stage=1, due_on=date(2025, 2, 28))
    story.is_in("opened").owes("notice-1", None)
    letter(story, 1, "2025-03-03 10:00").owes("notice-2", "2025-04-01 00:00")
    story.when(MissNotice(), as_=CLOCK, at="2025-04-01 00:00").then(NoticeLate, stage=2, due_on=date(2025, 3, 31))
    story.owes("notice-2", None)


def test_an_imported_case_without_dates_owes_no_notice() -> None:
    story = given(LIFECYCLE).when(
        OpenDebtCase(bill="bill-1"), as_=CLERK, imported=True, related={"bill": a_bill(household=None)}
    )
    story.case.notice1_by = None
    story.when(MissNotice(), as_=CLOCK).then_nothing()


# -- the limitation --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delivery", "lapses"),
    [
        (RecordNoticeDelivery(means=NoticeMeans.POST, signer="王", relation=Signer.DEBTOR), date(2028, 2, 25)),
        (RecordNoticeDelivery(means=NoticeMeans.IN_PERSON, signer="王", relation=Signer.FAMILY), date(2028, 2, 25)),
        (RecordNoticeDelivery(means=NoticeMeans.IN_PERSON, signer="李", relation=Signer.OTHER), date(2028, 2, 15)),
        (RecordNoticeDelivery(means=NoticeMeans.MAILBOX), date(2028, 2, 15)),
        (RecordNoticeDelivery(means=NoticeMeans.MESSAGE), date(2028, 2, 15)),
        (RecordNoticeDelivery(means=NoticeMeans.MESSAGE, proof="回执 0091"), date(2028, 2, 25)),
        (RecordNoticeDelivery(means=NoticeMeans.COURT), date(2028, 2, 25)),
    ],
)
def test_only_a_notice_that_provably_arrived_interrupts_the_limitation(
    delivery: RecordNoticeDelivery, lapses: date
) -> None:
    story = noticed()
    assert story.case.lapses_on == date(2028, 2, 15)
    story.when(delivery, as_=CLERK, at="2025-02-25 10:00").then(NoticeDelivered)
    assert story.case.lapses_on == lapses


def test_a_delivery_is_of_a_notice_that_was_issued_and_says_who_signed() -> None:
    opened().when(RecordNoticeDelivery(means=NoticeMeans.POST), as_=CLERK).refused(RuleBroken, code="no-notice")
    story = noticed()
    story.when(RecordNoticeDelivery(), as_=CLERK).refused(RuleBroken, code="means-missing", clause="民法典195")
    story.when(RecordNoticeDelivery(stage=2, means=NoticeMeans.POST), as_=CLERK).refused(RuleBroken, code="no-notice")
    story.when(RecordNoticeDelivery(stage=3, means=NoticeMeans.POST), as_=CLERK).refused(
        RuleBroken, code="stage-unknown"
    )
    unsaid = RecordNoticeDelivery(means=NoticeMeans.POST, signer="王")
    story.when(unsaid, as_=CLERK).refused(RuleBroken, code="relation-missing")
    both = second_stage().when(RecordNoticeDelivery(stage=2, means=NoticeMeans.COURT), as_=CLERK, at="2025-03-12 10:00")
    assert (both.case.delivered_at, both.case.delivered2_at is None) == (None, False)


def test_a_promise_that_the_debtor_signs_is_an_admission_and_so_is_a_suit_an_interruption() -> None:
    promise = VisitDebtor(outcome=VisitOutcome.PROMISED, signature="王")
    noticed().when(promise, as_=CLERK, at="2025-02-24 18:00").then(HomeVisited, lapses_on=date(2028, 2, 24))
    said = VisitDebtor(outcome=VisitOutcome.PROMISED)
    noticed().when(said, as_=CLERK, at="2025-02-24 18:00").then(HomeVisited, lapses_on=None)
    story = second_stage(DebtorCategory.HOLDOUT)
    story.when(StartLegalAction(evidence="通知两份"), as_=MANAGER, at="2025-03-20 10:00").owes("limitation", None)
    assert story.case.lapses_on == date(2028, 3, 20)


def test_a_claim_that_nobody_interrupted_lapses_at_its_instant_bill_by_bill() -> None:
    second = a_bill(id="bill-2", due=date(2025, 3, 15))
    story = joins(noticed(), second, at="2025-03-16 00:00").owes("limitation", "2028-02-16 00:00")
    story.when(MarkClaimLapsed(), as_=CLOCK, at="2028-02-16 00:00").then(
        ClaimLapsed, bill="bill-1", lapsed_on=date(2028, 2, 15)
    )
    assert len(story.outcome) == 1
    story.owes("limitation", "2028-03-16 00:00")
    story.when(
        RecordNoticeDelivery(means=NoticeMeans.COURT), as_=CLERK, at="2028-02-20 10:00"
    )  # what has lapsed does not come back by a demand
    assert story.case.lapses == {"bill-1": date(2028, 2, 15), "bill-2": date(2028, 3, 15)}
    story.when(VisitDebtor(outcome=VisitOutcome.PROMISED, signature="王"), as_=CLERK, at="2028-02-21 18:00")
    assert story.case.lapses["bill-1"] == date(2031, 2, 21)


# -- politely --------------------------------------------------------------------------------------------------------


def planned(at: str) -> PlanContact:
    return PlanContact(appointed_at=shanghai(at))


def test_nobody_is_to_be_dunned_at_night_nor_more_often_than_is_decent() -> None:
    for night in ("2025-02-21 21:30", "2025-02-22 06:00"):
        story = noticed().when(planned(night), as_=CLERK, at="2025-02-21 10:00")
        story.refused(RuleBroken, code="quiet-hours", clause="民法典1033")
    noticed().when(planned("2025-02-20 10:00"), as_=CLERK, at="2025-02-21 10:00").refused(
        RuleBroken, code="deadline-passed"
    )
    story = noticed().when(CALL, as_=CLERK, at="2025-02-21 09:00")
    for day in ("2025-02-26 10:00", "2025-02-24 10:00"):
        story.when(planned(day), as_=CLERK, at="2025-02-21 10:00").then(ContactPlanned)
    for day in ("2025-02-22 10:00", "2025-02-27 10:00"):
        story.when(planned(day), as_=CLERK, at="2025-02-21 10:00").refused(RuleBroken, code="contact-cap")
    story.when(planned("2025-02-28 10:00"), as_=CLERK, at="2025-02-21 10:00").then(ContactPlanned)
    story.when(CALL, as_=CLERK, at="2025-02-25 10:00")
    assert [at.day for at in story.case.contacts_planned] == [26, 28]
    story.when(RaiseDispute(reason="面积有误"), as_=CLERK, at="2025-02-25 11:00")
    story.when(planned("2025-03-20 10:00"), as_=CLERK, at="2025-02-25 12:00").refused(RuleBroken, code="disputed")


def test_what_happened_is_never_refused_and_says_which_limit_it_passed() -> None:
    """A fault of before: after three calls in a week a visit on which the debtor paid could not be entered."""
    story = noticed()
    for night in ("2025-02-20 21:30", "2025-02-21 06:00"):
        story.when(CALL, as_=CLERK, at=night).then(ReminderGiven, beyond=ContactLimit.QUIET_HOURS)
    story.when(CALL, as_=CLERK, at="2025-02-21 10:00").then(ReminderGiven, beyond=None)
    paid = VisitDebtor(outcome=VisitOutcome.PAID)
    story.when(paid, as_=CLERK, at="2025-02-26 10:00").then(HomeVisited, beyond=ContactLimit.WEEKLY_CAP)
    assert story.case.contacts_beyond == 3
    story.when(CALL, as_=CLERK, at="2025-02-28 10:00").then(ReminderGiven, beyond=None)
    noticed().when(CALL, as_=CLERK, at="2025-02-21 23:00", imported=True).then(ReminderGiven, beyond=None)


def test_a_visit_before_the_first_letter_is_written_down_and_begins_nothing() -> None:
    absent = VisitDebtor(outcome=VisitOutcome.ABSENT)
    opened().when(absent, as_=CLERK, at="2025-02-17 18:00").then(HomeVisited, act_by=None, next_by=None)


def test_quiet_hours_need_not_go_over_midnight() -> None:
    story = noticed()
    story.settings = Settings(
        (
            Change("contact.quiet_from", "12:00", date(2025, 1, 1)),
            Change("contact.quiet_until", "14:00", date(2025, 1, 1)),
        )
    )
    story.when(CALL, as_=CLERK, at="2025-02-21 13:00").then(ReminderGiven, beyond=ContactLimit.QUIET_HOURS)
    story.when(CALL, as_=CLERK, at="2025-02-21 14:00").then(ReminderGiven, beyond=None)


def test_a_visit_before_the_second_stage_starts_no_three_days() -> None:
    story = noticed().when(VisitDebtor(outcome=VisitOutcome.ABSENT), as_=CLERK, at="2025-02-24 18:00")
    story.then(HomeVisited, act_by=None, by_manager=False).owes("suspension", None)


def test_nor_does_one_before_the_second_letter() -> None:
    story = in_second_stage().when(VisitDebtor(outcome=VisitOutcome.ABSENT), as_=CLERK, at="2025-03-11 18:00")
    story.then(HomeVisited, act_by=None).owes("suspension", None)


def test_a_visit_that_brought_a_promise_starts_no_three_days() -> None:
    story = second_stage()
    story.when(VisitDebtor(outcome=VisitOutcome.PROMISED), as_=CLERK, at="2025-03-12 18:00").then(
        HomeVisited, act_by=None
    )
    story.when(VisitDebtor(outcome=VisitOutcome.ABSENT), as_=MANAGER, at="2025-03-14 18:00")
    story.then(HomeVisited, act_by=date(2025, 3, 17), by_manager=True).owes("suspension", "2025-03-18 00:00")


def test_the_three_days_may_be_working_days() -> None:
    story = second_stage()
    story.settings = Settings((Change("arrears.fruitless_visit_counting", "working", date(2025, 1, 1)),))
    story.when(VisitDebtor(outcome=VisitOutcome.ABSENT), as_=CLERK, at="2025-03-14 18:00")  # a Friday
    story.then(HomeVisited, act_by=date(2025, 3, 19))


def test_a_disputed_debt_does_not_come_into_the_second_stage() -> None:
    story = noticed().when(REASON, as_=CLERK).when(RaiseDispute(reason="面积有误"), as_=CLERK, at="2025-02-24 10:00")
    story.when(BeginSecondStage(), as_=CLERK, at="2025-03-05 10:00")
    story.refused(RuleBroken, code="disputed", clause="8.B(5)")


def test_a_pursuit_whose_letter_was_late_is_not_taken_back_step_by_step() -> None:
    """The late letter is written on the climb that the step began."""
    story = pays(noticed(), "bill-1", 0, "2025-03-02 10:00").is_in("settled")
    bill = a_bill(id="bill-2", due=date(2025, 3, 15))
    again = OpenDebtCase(bill="bill-2", household="h-1", outstanding_fen=30_000, due_on=bill.due_on)
    story.when(again, as_=CLERK, by="li", at="2025-04-02 10:00", related={"bill": bill}).is_in("opened")
    wrong = WithdrawStep(reason="记错户")
    story.branch().when(wrong, as_=Role.COMPANY, by="zhao", at="2025-04-03 10:00").then(StepWithdrawn)
    story.when(MissNotice(), as_=CLOCK, at="2025-05-01 00:00").then(NoticeLate, stage=1)
    story.when(wrong, as_=Role.COMPANY, by="zhao", at="2025-05-02 10:00").refused(RuleBroken, code="letter-late")
