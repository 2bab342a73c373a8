"""Sentences about dunning 催款 (§8.A, §8.B(5), 民法典195, 1033): one letter a stage, politely, and never in the dark."""

from __future__ import annotations

from datetime import date

from domain.debt_case import LIFECYCLE, RaiseDispute
from domain.debt_dunning import (
    BeginSecondStage,
    IssueDunningNotice,
    MissNotice,
    OpenDebtCase,
    RecordArrearsReason,
    RecordNoticeDelivery,
    RemindDebtor,
    VisitDebtor,
)
from domain.debt_events import (
    DunningNoticeIssued,
    HomeVisited,
    NoticeDelivered,
    NoticeLate,
    ReminderGiven,
    SecondNoticeIssued,
    SecondStageBegun,
)
from domain.debt_terms import ArrearsReason, Claim, NoticeMeans, ReminderKind, VisitOutcome
from domain.errors import RuleBroken
from domain.people import Role
from tests.domain.story import Story, given

CLERK, CLOCK, POLICY = Role.ADMINISTRATOR, Role.CLOCK, Role.POLICY
CLAIMS = (
    Claim(bill="bill-1", principal_fen=30_000, late_fee_fen=150, charges_fen=200),
    Claim(bill="bill-2", principal_fen=5_000),
)
FIRST, SECOND = IssueDunningNotice(claims=CLAIMS, current_fen=30_000), IssueDunningNotice(stage=2, claims=CLAIMS)
CALL = RemindDebtor(kind=ReminderKind.TELEPHONE)
REASON = RecordArrearsReason(reason=ArrearsReason.FORGOTTEN, verified_by="li")


def opened() -> Story:
    """January's fee, due on 15 February; the notices are owed by the ends of February and March."""
    command = OpenDebtCase(bill="bill-1", household="h-1", outstanding_fen=30_000, due_on=date(2025, 2, 15))
    return given(LIFECYCLE).when(command, as_=POLICY, at="2025-02-16 00:00")


def noticed() -> Story:
    return opened().when(FIRST, as_=CLERK, at="2025-02-20 10:00")


def test_the_first_notice_says_exactly_what_it_claims() -> None:
    opened().when(IssueDunningNotice(), as_=CLERK, at="2025-02-20 10:00").refused(RuleBroken, code="claims-missing")
    story = noticed().then(DunningNoticeIssued, claims=CLAIMS).is_in("stage-1")
    assert story.case.claimed_fen == 65_350
    assert story.case.stage == 1


def test_each_stage_has_one_letter_and_none_is_skipped() -> None:
    opened().when(IssueDunningNotice(stage=3, claims=CLAIMS), as_=CLERK).refused(RuleBroken, code="stage-unknown")
    opened().when(SECOND, as_=CLERK).refused(RuleBroken, code="stage-skipped")
    noticed().when(FIRST, as_=CLERK).refused(RuleBroken, code="one-letter")
    story = noticed().when(REASON, as_=CLERK).when(BeginSecondStage(), as_=CLERK, at="2025-03-05 10:00")
    story.when(IssueDunningNotice(claims=CLAIMS), as_=CLERK).refused(RuleBroken, code="one-letter")
    story.when(SECOND, as_=CLERK, at="2025-03-06 10:00").then(SecondNoticeIssued).is_in("stage-2")
    story.when(SECOND, as_=CLERK, at="2025-03-07 10:00").refused(RuleBroken, code="one-letter")


def test_even_a_history_cannot_send_the_first_letter_in_the_second_stage() -> None:
    story = noticed().when(REASON, as_=CLERK).when(BeginSecondStage(), as_=CLERK, at="2025-03-05 10:00")
    story.when(FIRST, as_=CLERK, imported=True).refused(RuleBroken, code="stage-skipped")


def test_the_second_stage_wants_the_third_month_and_the_real_reason() -> None:
    opened().when(BeginSecondStage(), as_=CLERK).refused(RuleBroken, code="stage-skipped", clause="8.A")
    noticed().when(BeginSecondStage(), as_=CLERK, at="2025-03-05 10:00").refused(
        RuleBroken, code="reason-missing", clause="8.B(5)"
    )
    story = noticed().when(REASON, as_=CLERK)
    story.when(BeginSecondStage(), as_=CLERK, at="2025-02-28 18:00").refused(RuleBroken, code="too-early")
    story.when(BeginSecondStage(), as_=CLERK, at="2025-03-01 10:00").then(SecondStageBegun)
    story.when(BeginSecondStage(), as_=CLERK, at="2025-03-02 10:00").refused(RuleBroken, code="second-stage-already")


def test_a_notice_that_is_not_sent_in_time_is_the_offices_breach() -> None:
    story = opened().owes("notice-1", "2025-03-01 00:00")
    story.when(MissNotice(), as_=CLOCK, at="2025-03-01 00:00").then(NoticeLate, stage=1, due_on=date(2025, 2, 28))
    story.is_in("opened").owes("notice-1", None)
    story.when(FIRST, as_=CLERK, at="2025-03-03 10:00").owes("notice-2", "2025-04-01 00:00")
    story.when(MissNotice(), as_=CLOCK, at="2025-04-01 00:00").then(NoticeLate, stage=2, due_on=date(2025, 3, 31))
    story.owes("notice-2", None)


def test_an_imported_case_without_dates_owes_no_notice() -> None:
    story = given(LIFECYCLE).when(OpenDebtCase(bill="bill-1"), as_=POLICY, imported=True)
    story.case.notice1_by = None
    story.when(MissNotice(), as_=CLOCK).then_nothing()


def test_only_a_notice_that_provably_arrived_interrupts_the_limitation() -> None:
    opened().when(RecordNoticeDelivery(means=NoticeMeans.POST), as_=CLERK).refused(RuleBroken, code="no-notice")
    story = noticed()
    before = story.case.lapses_on
    story.when(RecordNoticeDelivery(), as_=CLERK).refused(RuleBroken, code="means-missing", clause="民法典195")
    story.when(RecordNoticeDelivery(means=NoticeMeans.POST, signer="王"), as_=CLERK, at="2025-02-25 10:00")
    story.then(NoticeDelivered, lapses_on=date(2028, 2, 25))
    assert before == date(2028, 2, 15)
    assert story.case.lapses_on == date(2028, 2, 25)


# -- politely --------------------------------------------------------------------------------------------------------


def test_nobody_is_dunned_at_night_nor_more_often_than_is_decent() -> None:
    for night in ("2025-02-21 21:30", "2025-02-21 06:00"):
        noticed().when(CALL, as_=CLERK, at=night).refused(RuleBroken, code="quiet-hours", clause="民法典1033")
    story = noticed()
    most = story.settings.at(date(2025, 2, 21)).integer("contact.per_week")
    for n in range(most):
        story.when(CALL, as_=CLERK, at=f"2025-02-21 1{n}:00").then(ReminderGiven)
    story.when(CALL, as_=CLERK, at="2025-02-27 10:00").refused(RuleBroken, code="contact-cap")
    story.when(CALL, as_=CLERK, at="2025-02-28 10:00").then(ReminderGiven)


def test_a_visit_before_the_second_stage_starts_no_three_days() -> None:
    story = noticed().when(VisitDebtor(outcome=VisitOutcome.ABSENT), as_=CLERK, at="2025-02-24 18:00")
    story.then(HomeVisited, act_by=None, by_manager=False).owes("suspension", None)


def test_a_visit_that_brought_a_promise_starts_no_three_days() -> None:
    story = noticed().when(REASON, as_=CLERK).when(BeginSecondStage(), as_=CLERK, at="2025-03-05 10:00")
    story.when(VisitDebtor(outcome=VisitOutcome.PROMISED), as_=CLERK, at="2025-03-06 18:00").then(
        HomeVisited, act_by=None
    )
    story.when(VisitDebtor(outcome=VisitOutcome.ABSENT), as_=Role.MANAGER, at="2025-03-07 18:00")
    story.then(HomeVisited, act_by=date(2025, 3, 10), by_manager=True).owes("suspension", "2025-03-11 00:00")


def test_a_disputed_debt_is_neither_called_about_nor_visited() -> None:
    story = noticed().when(REASON, as_=CLERK).when(RaiseDispute(reason="面积有误"), as_=CLERK, at="2025-02-24 10:00")
    for command in (CALL, VisitDebtor(outcome=VisitOutcome.ABSENT), BeginSecondStage()):
        story.when(command, as_=CLERK, at="2025-03-05 10:00").refused(RuleBroken, code="disputed", clause="8.B(5)")
