"""Sentences about arrears 欠费追讨 (§8): the ladder, whom it spares, and what ends it."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from domain.arrears.debt_case.commands.concession import BreakInstalment, DecideConcession, ProposeConcession
from domain.arrears.debt_case.commands.dunning import ClassifyDebtor, IssueDunningNotice, VisitDebtor
from domain.arrears.debt_case.commands.lawsuit import StartLegalAction
from domain.arrears.debt_case.commands.measures import (
    MissAction,
    NotePaymentInTransit,
    RaiseDispute,
    ReleaseDispute,
    SuspendServices,
)
from domain.arrears.debt_case.events import (
    ActionLate,
    ConcessionApproved,
    ConcessionProposed,
    ConcessionRefused,
    DebtPaymentNoted,
    DebtSettled,
    HomeVisited,
    InstalmentBroken,
    InstalmentBrokenBeforeNotice,
    InstalmentBrokenInFirstStage,
    LadderBegunAnew,
    LegalActionStarted,
    PaymentInTransitNoted,
    ReliefGranted,
    ServicesRestored,
    ServicesSuspended,
)
from domain.arrears.terms import (
    ConcessionKind,
    DebtorCategory,
    Instalment,
    OptionalService,
    SuspensionGround,
    VisitOutcome,
)
from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from tests.domain.arrears.owing import (
    CLERK,
    CLOCK,
    MANAGER,
    a_bill,
    joins,
    noticed,
    opened,
    pays,
    second_stage,
    visited,
)
from tests.domain.story import Story

PARCELS = (OptionalService.PARCEL_STORAGE,)


def test_the_ladder_ends_in_the_suspension_of_extras_and_payment_brings_them_back() -> None:
    story = visited().is_in("suspension-due")
    assert story.case.stage == 2
    story.when(SuspendServices(services=PARCELS, ground=SuspensionGround.COVENANT, article=9), as_=CLERK).refused(
        NotPermitted
    )
    story.when(SuspendServices(services=(), ground=SuspensionGround.COVENANT, article=9), as_=MANAGER).refused(
        RuleBroken, code="services-missing"
    )
    story.when(
        SuspendServices(services=PARCELS, ground=SuspensionGround.COVENANT, article=9),
        as_=MANAGER,
        at="2025-03-17 10:00",
    )
    story.then(ServicesSuspended, services=PARCELS).is_in("suspended").owes("act", None)
    assert story.case.stage == 3
    pays(story, "bill-1", 10_000, "2025-03-18 10:00").then(DebtPaymentNoted).is_in("suspended")
    pays(story, "bill-1", 0, "2025-03-19 10:00")
    story.then(ServicesRestored, services=PARCELS).then(DebtSettled).is_in("settled")
    assert (story.case.services, story.case.restored_at is None) == ((), False)


def test_the_manager_acts_within_the_settings_days_or_it_is_the_offices_breach() -> None:
    story = visited().owes("act", "2025-03-24 00:00")
    story.when(MissAction(), as_=CLOCK, at="2025-03-24 00:00").then(ActionLate, due_on=date(2025, 3, 23))
    story.owes("act", None)
    assert story.case.action_late_at is not None
    story.when(StartLegalAction(evidence="通知两份"), as_=MANAGER, at="2025-03-25 10:00").is_in("legal").owes(
        "act", None
    )
    other = visited()
    other.case.act_until = None
    other.when(MissAction(), as_=CLOCK, at="2025-03-24 00:00").then(ActionLate, due_on=date(2025, 3, 24))


ESSENTIAL = (
    "water",
    "供水",
    "水",
    "electricity",
    "电",
    "供电",
    "power",
    "gas",
    "燃气",
    "heating",
    "供暖",
    "暖气",
    "lift",
    "lifts",
    "elevator",
    "电梯",
    "door",
    "doors",
    "access-control",
    "门禁",
    "vehicle-access",
    "vehicles",
    "车辆",
    "道闸",
    "parking-gate",
)


@pytest.mark.parametrize("service", ESSENTIAL)
def test_what_a_home_needs_cannot_be_suspended_by_any_name(service: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"services": [service], "ground": "covenant", "article": 9}, SuspendServices)
    assert not [each for each in OptionalService if service in each.value.split("-")]


def test_money_on_its_way_stops_the_suspension_until_its_day() -> None:
    for wrong, code in (
        (NotePaymentInTransit(amount_fen=0, expected_on=date(2025, 3, 18)), "amount-not-positive"),
        (NotePaymentInTransit(amount_fen=1, expected_on=date(2025, 3, 15)), "day-passed"),
    ):
        visited().when(wrong, as_=CLERK, at="2025-03-16 10:00").refused(RuleBroken, code=code)
    story = visited()
    story.when(NotePaymentInTransit(amount_fen=30_000, expected_on=date(2025, 3, 18)), as_=CLERK, at="2025-03-16 10:00")
    story.then(PaymentInTransitNoted)
    suspend = SuspendServices(services=PARCELS, ground=SuspensionGround.COVENANT, article=9)
    story.when(suspend, as_=MANAGER, at="2025-03-18 10:00").refused(RuleBroken, code="in-transit")
    # A late fee assessed meanwhile is no money that came.
    pays(story, "bill-1", 30_100, "2025-03-18 10:00", received=False)
    assert story.case.in_transit_fen == 30_000
    story.when(suspend, as_=MANAGER, at="2025-03-19 10:00").then(ServicesSuspended)


def test_nothing_is_suspended_without_the_second_letter() -> None:
    story = visited()
    story.case.notice2_at = None  # as a case that was suspended over before this was asked for might have it
    story.when(SuspendServices(services=PARCELS, ground=SuspensionGround.COVENANT, article=9), as_=MANAGER).refused(
        RuleBroken, code="stage-skipped"
    )


def test_to_a_large_account_no_visit_but_the_managers_ends_the_stage() -> None:
    story = second_stage(DebtorCategory.LARGE)
    refused = VisitDebtor(outcome=VisitOutcome.REFUSED)
    story.when(refused, as_=CLERK, at="2025-03-12 19:00").then(HomeVisited, act_by=None)
    story.owes("suspension", None).owes("next-step", "2025-03-28 00:00")
    story.when(refused, as_=MANAGER, at="2025-03-13 19:00").then(HomeVisited, act_by=date(2025, 3, 16))
    story.owes("suspension", "2025-03-17 00:00").owes("next-step", None)
    again = story.branch().when(refused, as_=CLERK, at="2025-03-14 19:00")
    again.then(HomeVisited, act_by=date(2025, 3, 17))
    history = second_stage(DebtorCategory.LARGE).when(refused, as_=CLERK, at="2025-03-12 19:00", imported=True)
    history.then(HomeVisited, act_by=date(2025, 3, 15))


def test_who_turns_out_to_be_a_large_account_is_visited_by_the_manager_first() -> None:
    story = visited()
    story.when(ClassifyDebtor(category=DebtorCategory.LARGE), as_=CLERK, at="2025-03-16 09:00")
    story.when(SuspendServices(services=PARCELS, ground=SuspensionGround.COVENANT, article=9), as_=MANAGER).refused(
        RuleBroken, code="manager-visit", clause="8.B(2)"
    )
    story.when(StartLegalAction(evidence="催款记录"), as_=MANAGER).refused(RuleBroken, code="manager-visit")
    story.when(VisitDebtor(outcome=VisitOutcome.REFUSED), as_=MANAGER, at="2025-03-17 18:00")
    story.when(
        SuspendServices(services=PARCELS, ground=SuspensionGround.COVENANT, article=9),
        as_=MANAGER,
        at="2025-03-18 10:00",
    ).then(ServicesSuspended)


def test_a_holdout_goes_to_law_from_the_second_stage_with_evidence() -> None:
    second_stage().when(StartLegalAction(evidence="催款记录"), as_=MANAGER).refused(RuleBroken, code="visit-first")
    story = second_stage(DebtorCategory.HOLDOUT)
    story.when(StartLegalAction(court="区法院"), as_=MANAGER).refused(
        RuleBroken, code="evidence-missing", clause="8.B(3)"
    )
    story.when(StartLegalAction(evidence="通知两份、上门记录"), as_=MANAGER, at="2025-03-20 10:00")
    story.then(LegalActionStarted).is_in("legal")
    assert story.case.stage == 3


# -- hardship --------------------------------------------------------------------------------------------------------


def plan(*parts: tuple[int, date]) -> ProposeConcession:
    return ProposeConcession(
        kind=ConcessionKind.INSTALMENTS,
        reason="失业",
        instalments=tuple(Instalment(amount_fen=amount, due_on=day) for amount, day in parts),
    )


TWO = ((10_000, date(2025, 4, 1)), (20_000, date(2025, 5, 1)))
YES = DecideConcession(approved=True, reason="同意")


def on_a_plan(story: Story, *parts: tuple[int, date], at: str = "2025-03-13 10:00") -> Story:
    """A plan is proposed by one and approved by another."""
    story.when(plan(*(parts or TWO)), as_=CLERK, by="li", at=at)
    return story.when(YES, as_=MANAGER, by="wang", at=at).then(ConcessionApproved).is_in("concession")


def test_a_concession_is_for_real_hardship_and_pays_everything_in_days_to_come() -> None:
    parts = ((20_000, date(2025, 5, 1)), (10_000, date(2025, 4, 1)))
    second_stage().when(plan(*parts), as_=CLERK, at="2025-03-12 10:00").refused(RuleBroken, code="not-hardship")
    story = second_stage(DebtorCategory.HARDSHIP)
    for unsound in (
        plan((20_000, date(2025, 5, 1))),
        plan((30_000, date(2025, 3, 1))),
        plan((31_000, date(2025, 5, 1)), (-1_000, date(2025, 6, 1))),
    ):
        story.when(unsound, as_=CLERK, at="2025-03-12 10:00").refused(RuleBroken, code="plan-unsound")
    story.when(YES, as_=MANAGER).refused(RuleBroken, code="nothing-proposed")
    story.when(plan(*parts), as_=CLERK, by="li", at="2025-03-12 10:00")
    story.when(YES, as_=MANAGER, by="li").refused(RuleBroken, code="second-person")
    story.when(YES, as_=MANAGER, by="wang", at="2025-04-02 10:00").refused(RuleBroken, code="plan-unsound")
    story.when(YES, as_=MANAGER, by="wang", at="2025-03-13 10:00")
    story.then(ConcessionApproved, bills=("bill-1",)).is_in("concession").owes("instalment", "2025-04-02 00:00")


def test_who_keeps_a_plan_is_not_dunned() -> None:
    story = on_a_plan(second_stage(DebtorCategory.HARDSHIP))
    story.when(IssueDunningNotice(), as_=CLERK, at="2025-03-14 10:00").refused(WrongState)
    story.owes("notice-2", None)


def test_a_kept_instalment_moves_the_date_and_a_broken_one_puts_the_case_back() -> None:
    story = on_a_plan(second_stage(DebtorCategory.HARDSHIP))
    pays(story, "bill-1", 20_000, "2025-03-30 10:00").owes("instalment", "2025-05-02 00:00")
    story.when(BreakInstalment(), as_=CLOCK, at="2025-05-02 00:00")
    story.then(InstalmentBroken, due_on=date(2025, 5, 1)).is_in("stage-2").owes("instalment", None)


def test_a_plan_brings_suspended_services_back_at_once() -> None:
    """A fault of before: the suspension stayed through an approved plan."""
    story = visited(DebtorCategory.HARDSHIP)
    suspend = SuspendServices(services=(OptionalService.PARCEL_STORAGE,), ground=SuspensionGround.COVENANT, article=9)
    story.when(suspend, as_=MANAGER, at="2025-03-17 10:00").then(ServicesSuspended)
    story.when(plan(*TWO), as_=CLERK, by="li", at="2025-03-18 10:00")
    story.when(YES, as_=MANAGER, by="wang", at="2025-03-18 11:00")
    assert [type(each) for each in story.outcome] == [ServicesRestored, ConcessionApproved]
    assert (story.case.state, story.case.services) == ("concession", ())
    story.when(BreakInstalment(), as_=CLOCK, at="2025-04-02 00:00").is_in("stage-2")


def test_a_plan_broken_in_the_first_stage_goes_back_to_it_and_no_letter_is_late_for_the_time_it_ran() -> None:
    story = (
        noticed().when(ClassifyDebtor(category=DebtorCategory.HARDSHIP), as_=CLERK).owes("notice-2", "2025-04-01 00:00")
    )
    on_a_plan(story, (30_000, date(2025, 4, 10)), at="2025-03-02 10:00")
    story.when(BreakInstalment(), as_=CLOCK, at="2025-04-11 00:00").then(InstalmentBrokenInFirstStage).is_in("stage-1")
    story.owes("notice-2", "2025-05-11 00:00")  # forty days stood still


def test_a_plan_broken_before_any_letter_goes_back_there() -> None:
    story = opened().when(ClassifyDebtor(category=DebtorCategory.HARDSHIP), as_=CLERK)
    on_a_plan(story, (30_000, date(2025, 4, 10)), at="2025-02-18 10:00").owes("notice-1", None)
    story.when(BreakInstalment(), as_=CLOCK, at="2025-04-11 00:00").then(InstalmentBrokenBeforeNotice).is_in("opened")
    story.owes("notice-1", "2025-04-22 00:00")


def test_a_newer_bill_breaks_no_plan_but_the_manager_may_end_it_for_that() -> None:
    story = on_a_plan(second_stage(DebtorCategory.HARDSHIP))
    story.when(BreakInstalment(reason="反悔"), as_=MANAGER, at="2025-03-14 10:00").refused(RuleBroken, code="plan-kept")
    joins(story, a_bill(id="bill-2", due=date(2025, 3, 15)), at="2025-03-16 00:00")
    story.owes("instalment", "2025-04-02 00:00")
    pays(story, "bill-1", 20_000, "2025-03-30 10:00").owes("instalment", "2025-05-02 00:00")
    story.when(BreakInstalment(), as_=MANAGER, at="2025-04-20 10:00").refused(RuleBroken, code="reason-missing")
    story.when(BreakInstalment(reason="新账单不缴"), as_=MANAGER, at="2025-04-20 10:00")
    story.then(InstalmentBroken, due_on=date(2025, 4, 20), reason="新账单不缴").is_in("stage-2")


def test_a_plan_that_is_paid_ends_and_a_newer_bill_begins_at_the_first_stage() -> None:
    story = on_a_plan(second_stage(DebtorCategory.HARDSHIP))
    joins(story, a_bill(id="bill-2", due=date(2025, 4, 15)), at="2025-04-16 00:00")
    pays(story, "bill-1", 0, "2025-04-20 10:00").then(LadderBegunAnew, notice1_by=date(2025, 4, 30)).is_in("opened")
    story.owes("instalment", None).owes("notice-1", "2025-05-01 00:00")
    assert story.case.stage == 0
    alone = on_a_plan(second_stage(DebtorCategory.HARDSHIP))
    pays(alone, "bill-1", 0, "2025-03-20 10:00").is_in("settled")
    assert alone.case.next_instalment is None


def test_a_dispute_stops_the_plans_clock_and_what_was_left_of_it_is_still_left() -> None:
    story = on_a_plan(second_stage(DebtorCategory.HARDSHIP))
    story.when(RaiseDispute(reason="漏水"), as_=CLERK, at="2025-03-20 10:00").owes("instalment", None)
    story.when(ReleaseDispute(outcome="维持"), as_=CLERK, at="2025-03-30 10:00").owes("instalment", "2025-04-12 00:00")
    story.when(BreakInstalment(), as_=CLOCK, at="2025-04-12 00:00").is_in("stage-2")
    assert story.case.held_since is None
    disputed = on_a_plan(second_stage(DebtorCategory.HARDSHIP))
    disputed.when(RaiseDispute(reason="漏水"), as_=CLERK, at="2025-03-20 10:00")
    joins(disputed, a_bill(id="bill-2", due=date(2025, 3, 21)), at="2025-03-22 00:00")
    disputed.when(BreakInstalment(reason="新账单不缴"), as_=MANAGER, at="2025-03-25 10:00").is_in("stage-2")
    assert disputed.case.held_since is not None


def test_what_of_a_plan_was_paid_before_a_dispute_keeps_its_day() -> None:
    story = on_a_plan(
        second_stage(DebtorCategory.HARDSHIP).when(RaiseDispute(reason="旧"), as_=CLERK, at="2025-03-12 10:00")
    )
    story.when(ReleaseDispute(outcome="维持"), as_=CLERK, at="2025-03-13 11:00")
    pays(story, "bill-1", 20_000, "2025-04-01 10:00")
    story.when(RaiseDispute(reason="漏水"), as_=CLERK, at="2025-04-03 10:00")
    story.when(ReleaseDispute(outcome="维持"), as_=CLERK, at="2025-04-05 10:00")
    assert [part.due_on for part in story.case.instalments] == [date(2025, 4, 1), date(2025, 5, 3)]


RELIEF = ProposeConcession(kind=ConcessionKind.LATE_FEE_WAIVER, reason="重病", amount_fen=500, bill="bill-1")


def test_a_waiver_or_a_discount_goes_onto_its_bill_and_the_case_stays_where_it_is() -> None:
    story = second_stage(DebtorCategory.HARDSHIP)
    for wrong, code in (
        (ProposeConcession(kind=ConcessionKind.DISCOUNT, reason="重病", amount_fen=500), "bill-not-owed"),
        (
            ProposeConcession(kind=ConcessionKind.DISCOUNT, reason="重病", amount_fen=500, bill="bill-9"),
            "bill-not-owed",
        ),
        (ProposeConcession(kind=ConcessionKind.DISCOUNT, reason="重病", bill="bill-1"), "amount-out-of-range"),
        (
            ProposeConcession(kind=ConcessionKind.DISCOUNT, reason="重病", bill="bill-1", amount_fen=30_001),
            "amount-out-of-range",
        ),
    ):
        story.when(wrong, as_=CLERK, by="li", at="2025-03-12 10:00").refused(RuleBroken, code=code)
    story.when(RELIEF, as_=CLERK, by="li", at="2025-03-12 10:00")
    story.when(YES, as_=MANAGER, by="wang", at="2025-03-13 10:00")
    story.then(ReliefGranted, bill="bill-1", amount_fen=500).is_in("stage-2")
    assert story.case.proposed is None


def test_a_relief_that_was_proposed_without_its_bill_is_proposed_anew() -> None:
    story = second_stage(DebtorCategory.HARDSHIP)
    story.given(ConcessionProposed(kind=ConcessionKind.DISCOUNT, reason="重病"), at="2025-03-12 10:00")
    story.when(YES, as_=MANAGER, by="wang", at="2025-03-13 10:00").refused(RuleBroken, code="bill-missing")


def test_a_plan_of_before_that_did_not_name_its_bills_covers_what_was_unpaid() -> None:
    parts = (Instalment(due_on=date(2025, 4, 1), amount_fen=30_000),)
    approved = ConcessionApproved(kind=ConcessionKind.INSTALMENTS, instalments=parts)
    story = second_stage(DebtorCategory.HARDSHIP).given(approved, at="2025-03-13 10:00")
    assert story.case.plan == ("bill-1",)
    story.owes("instalment", "2025-04-02 00:00")


def test_a_refused_concession_changes_nothing() -> None:
    story = second_stage(DebtorCategory.HARDSHIP).when(RELIEF, as_=CLERK, by="li", at="2025-03-12 10:00")
    story.when(DecideConcession(approved=False, reason="材料不足"), as_=MANAGER, by="wang").then(ConcessionRefused)
    story.is_in("stage-2")
    assert story.case.proposed is None


def test_no_plan_puts_a_debt_aside_for_years() -> None:
    """By a year from now all is paid, unless the setting says otherwise; another system's plan is what it was."""

    def proposes(day: date, **more: Any) -> Story:
        story = second_stage(DebtorCategory.HARDSHIP)
        parts = (Instalment(due_on=day, amount_fen=30_000),)
        plan = ProposeConcession(kind=ConcessionKind.INSTALMENTS, reason="失业", instalments=parts)
        return story.when(plan, as_=CLERK, at="2025-03-12 09:00", **more)

    proposes(date(2026, 3, 13)).refused(RuleBroken, code="plan-too-long", clause="8.B(4)")
    proposes(date(2026, 3, 13), imported=True).then(ConcessionProposed)
    proposes(date(2026, 3, 12)).then(ConcessionProposed)
