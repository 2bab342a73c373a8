"""Sentences about arrears 欠费追讨 (§8): the ladder, whom it spares, and what ends it."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from domain.debt_case import (
    LIFECYCLE,
    BreakInstalment,
    DecideConcession,
    FallDueForSuspension,
    NoteDebtPayment,
    NotePaymentInTransit,
    ProposeConcession,
    RaiseDispute,
    RecordDisputeStep,
    ReleaseDispute,
    StartLegalAction,
    SuspendServices,
)
from domain.debt_dunning import (
    BeginSecondStage,
    ClassifyDebtor,
    IssueDunningNotice,
    OpenDebtCase,
    RecordArrearsReason,
    VisitDebtor,
)
from domain.debt_events import (
    ConcessionApproved,
    ConcessionRefused,
    DebtCaseOpened,
    DebtCaseReopened,
    DebtPaymentNoted,
    DebtSettled,
    DisputeRaised,
    DisputeReleased,
    DisputeStepRecorded,
    InstalmentBroken,
    LegalActionStarted,
    PaymentInTransitNoted,
    ServicesRestored,
    ServicesSuspended,
    SuspensionFellDue,
)
from domain.debt_terms import (
    ArrearsReason,
    Claim,
    ConcessionKind,
    DebtorCategory,
    Instalment,
    OptionalService,
    VisitOutcome,
)
from domain.errors import NotPermitted, RuleBroken, WrongState
from domain.people import Role
from tests.domain.story import Story, given

CLERK, MANAGER, CLOCK, POLICY = Role.ADMINISTRATOR, Role.MANAGER, Role.CLOCK, Role.POLICY
CLAIMS = (Claim(bill="bill-1", principal_fen=30_000),)
PARCELS = (OptionalService.PARCEL_STORAGE,)


def opened() -> Story:
    """January's fee was due on 15 February and is not paid."""
    command = OpenDebtCase(bill="bill-1", household="h-1", outstanding_fen=30_000, due_on=date(2025, 2, 15))
    return given(LIFECYCLE).when(command, as_=POLICY, at="2025-02-16 00:00")


def second_stage(category: DebtorCategory | None = None) -> Story:
    """Noticed in February, the reason known, and still unpaid in March."""
    story = opened().when(IssueDunningNotice(claims=CLAIMS), as_=CLERK, at="2025-02-20 10:00")
    if category is not None:
        story.when(ClassifyDebtor(category=category), as_=CLERK, at="2025-02-21 10:00")
    reason = RecordArrearsReason(reason=ArrearsReason.REFUSAL, verified_by="li")
    story.when(reason, as_=CLERK, at="2025-02-22 10:00")
    story.when(BeginSecondStage(), as_=CLERK, at="2025-03-10 10:00")
    story.when(IssueDunningNotice(stage=2, claims=CLAIMS), as_=CLERK, at="2025-03-11 10:00")
    return story.is_in("stage-2")


def visited(category: DebtorCategory | None = None) -> Story:
    """The visit was fruitless and three days have passed."""
    story = second_stage(category)
    story.when(VisitDebtor(outcome=VisitOutcome.REFUSED), as_=CLERK, at="2025-03-12 19:00")
    story.owes("suspension", "2025-03-16 00:00")
    return story.when(FallDueForSuspension(), as_=CLOCK, at="2025-03-16 00:00").then(SuspensionFellDue)


def test_the_ladder_ends_in_the_suspension_of_extras_and_payment_brings_them_back() -> None:
    story = visited().is_in("suspension-due")
    assert story.case.stage == 2
    story.when(SuspendServices(services=PARCELS, basis="公约"), as_=CLERK).refused(NotPermitted)
    story.when(SuspendServices(services=(), basis="公约"), as_=MANAGER).refused(RuleBroken, code="services-missing")
    story.when(SuspendServices(services=PARCELS, basis="公约"), as_=MANAGER, at="2025-03-17 10:00")
    story.then(ServicesSuspended, services=PARCELS).is_in("suspended")
    assert story.case.stage == 3
    story.when(NoteDebtPayment(bill="bill-1", outstanding_fen=10_000), as_=POLICY, at="2025-03-18 10:00")
    story.then(DebtPaymentNoted).is_in("suspended")
    story.when(NoteDebtPayment(bill="bill-1", outstanding_fen=0), as_=POLICY, at="2025-03-19 10:00")
    story.then(ServicesRestored, services=PARCELS).then(DebtSettled).is_in("settled")
    assert (story.case.services, story.case.restored_at is None) == ((), False)


ESSENTIAL = (
    "water", "供水", "水", "electricity", "电", "供电", "power", "gas", "燃气", "heating", "供暖", "暖气", "lift", "lifts",
    "elevator", "电梯", "door", "doors", "access-control", "门禁", "vehicle-access", "vehicles", "车辆", "道闸", "parking-gate",
)  # fmt: skip


@pytest.mark.parametrize("service", ESSENTIAL)
def test_what_a_home_needs_cannot_be_suspended_by_any_name(service: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"services": [service], "basis": "公约"}, SuspendServices)
    assert not [each for each in OptionalService if service in each.value.split("-")]


def test_money_on_its_way_stops_the_suspension() -> None:
    story = visited()
    story.when(NotePaymentInTransit(amount_fen=30_000, expected_on=date(2025, 3, 18)), as_=CLERK, at="2025-03-16 10:00")
    story.then(PaymentInTransitNoted)
    story.when(SuspendServices(services=PARCELS, basis="公约"), as_=MANAGER).refused(RuleBroken, code="in-transit")


def test_a_large_account_is_visited_by_the_manager_first() -> None:
    story = visited(DebtorCategory.LARGE)
    story.when(SuspendServices(services=PARCELS, basis="公约"), as_=MANAGER).refused(
        RuleBroken, code="manager-visit", clause="8.B(2)"
    )
    story.when(StartLegalAction(evidence="催款记录"), as_=MANAGER).refused(RuleBroken, code="manager-visit")
    story.when(VisitDebtor(outcome=VisitOutcome.REFUSED), as_=MANAGER, at="2025-03-17 18:00")
    story.when(SuspendServices(services=PARCELS, basis="公约"), as_=MANAGER, at="2025-03-18 10:00").then(
        ServicesSuspended
    )


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
    story.when(DecideConcession(approved=True, reason="同意"), as_=MANAGER).refused(RuleBroken, code="nothing-proposed")
    story.when(plan(*parts), as_=CLERK, by="li", at="2025-03-12 10:00")
    story.when(DecideConcession(approved=True, reason="同意"), as_=MANAGER, by="li").refused(
        RuleBroken, code="second-person"
    )
    story.when(DecideConcession(approved=True, reason="同意"), as_=MANAGER, by="wang", at="2025-03-13 10:00")
    story.then(ConcessionApproved).is_in("concession").owes("instalment", "2025-04-02 00:00")


def test_a_kept_instalment_moves_the_date_and_a_broken_one_puts_the_case_back() -> None:
    story = second_stage(DebtorCategory.HARDSHIP)
    story.when(plan((10_000, date(2025, 4, 1)), (20_000, date(2025, 5, 1))), as_=CLERK, by="li", at="2025-03-12 10:00")
    story.when(DecideConcession(approved=True, reason="同意"), as_=MANAGER, by="wang", at="2025-03-13 10:00")
    story.when(NoteDebtPayment(bill="bill-1", outstanding_fen=20_000), as_=POLICY, at="2025-03-30 10:00")
    story.owes("instalment", "2025-05-02 00:00")
    story.when(BreakInstalment(), as_=CLOCK, at="2025-05-02 00:00").then(InstalmentBroken).is_in("stage-2")
    story.owes("instalment", None)


def test_a_plan_that_is_paid_owes_nothing_more() -> None:
    story = second_stage(DebtorCategory.HARDSHIP)
    story.when(plan((30_000, date(2025, 4, 1))), as_=CLERK, by="li", at="2025-03-12 10:00")
    story.when(DecideConcession(approved=True, reason="同意"), as_=MANAGER, by="wang", at="2025-03-13 10:00")
    story.when(OpenDebtCase(bill="bill-2", household="h-1", outstanding_fen=0), as_=POLICY, at="2025-03-14 10:00")
    story.when(NoteDebtPayment(bill="bill-2", outstanding_fen=-30_000), as_=POLICY, at="2025-03-15 10:00")
    story.owes("instalment", None)


def test_a_refused_concession_changes_nothing() -> None:
    story = second_stage(DebtorCategory.HARDSHIP)
    waiver = ProposeConcession(kind=ConcessionKind.LATE_FEE_WAIVER, reason="重病", amount_fen=500)
    story.when(waiver, as_=CLERK, by="li", at="2025-03-12 10:00")
    story.when(DecideConcession(approved=False, reason="材料不足"), as_=MANAGER, by="wang").then(ConcessionRefused)
    story.is_in("stage-2")
    assert story.case.proposed is None


# -- disputes --------------------------------------------------------------------------------------------------------


def test_a_dispute_stops_every_clock_and_every_step_until_it_ends() -> None:
    story = opened().owes("notice-1", "2025-03-01 00:00")
    story.when(RaiseDispute(), as_=CLERK).refused(RuleBroken, code="reason-missing", clause="8.B(5)")
    story.when(RaiseDispute(reason="面积有误"), as_=CLERK, at="2025-02-18 10:00").then(DisputeRaised, reason="面积有误")
    story.owes("notice-1", None)
    story.when(IssueDunningNotice(claims=CLAIMS), as_=CLERK).refused(RuleBroken, code="disputed")
    story.when(RecordDisputeStep(step="复测", outcome="无误"), as_=CLERK, at="2025-02-25 10:00").then(
        DisputeStepRecorded
    )
    story.when(ReleaseDispute(outcome="维持"), as_=CLERK, at="2025-02-28 10:00").then(DisputeReleased)
    story.owes("notice-1", "2025-03-11 00:00")  # ten days stood still
    story.when(ReleaseDispute(outcome="维持"), as_=CLERK).refused(RuleBroken, code="not-disputed")


def test_the_body_before_which_it_is_disputed_says_enough() -> None:
    opened().when(RaiseDispute(before="街道办"), as_=CLERK, at="2025-02-18 10:00").then(DisputeRaised, reason="街道办")


def test_during_a_dispute_nothing_is_suspended() -> None:
    story = visited().when(RaiseDispute(reason="漏水未修"), as_=CLERK, at="2025-03-16 10:00")
    story.when(SuspendServices(services=PARCELS, basis="公约"), as_=MANAGER).refused(RuleBroken, code="disputed")


# -- settled and again -----------------------------------------------------------------------------------------------


def test_what_is_owed_again_begins_the_ladder_anew() -> None:
    story = opened().when(NoteDebtPayment(bill="bill-1", outstanding_fen=0), as_=POLICY, at="2025-02-20 10:00")
    story.is_in("settled").when(IssueDunningNotice(claims=CLAIMS), as_=CLERK).refused(WrongState)
    again = OpenDebtCase(bill="bill-2", household="h-1", outstanding_fen=40_000, due_on=date(2025, 6, 15))
    story.when(again, as_=POLICY, at="2025-06-16 00:00").then(DebtCaseReopened).is_in("opened")
    assert (story.case.outstanding_fen, story.case.stage) == (40_000, 0)


def test_another_bill_joins_the_households_case_and_both_must_be_paid() -> None:
    story = opened().then(DebtCaseOpened)
    joined = OpenDebtCase(bill="bill-2", household="h-1", outstanding_fen=5_000, due_on=date(2025, 3, 15))
    story.when(joined, as_=POLICY, at="2025-03-16 00:00").is_in("opened")
    story.when(NoteDebtPayment(bill="bill-1", outstanding_fen=0), as_=POLICY, at="2025-03-17 10:00").is_in("opened")
    story.when(NoteDebtPayment(bill="bill-2", outstanding_fen=0), as_=POLICY, at="2025-03-18 10:00").is_in("settled")
