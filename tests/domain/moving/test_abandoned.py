"""A pass that was lost and a renovation that was abandoned (§1.4): said as they are, not as something else."""

from __future__ import annotations

from domain.fees.terms import PaymentMethod
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.people import Role
from domain.moving.renovation.commands.permit import AbandonRenovation, RefundRenovationDeposit
from domain.moving.renovation.commands.site import IssueWorkerPass, ReportPassLost
from domain.moving.renovation.events import RenovationAbandoned, RenovationDepositRefunded, WorkerPassLost
from tests.domain.moving.test_renovation import CLERK, HEAD, under_way
from tests.domain.story import Story

GUARD = Role.DUTY_OFFICER
ABANDON = AbandonRenovation(reason="业主中止合同", findings="厨房已拆，未复原")


def with_pass() -> Story:
    return under_way().when(IssueWorkerPass(number="7", worker="张"), as_=GUARD, at="2025-03-11 09:00")


def test_a_lost_pass_is_void_and_its_number_is_not_used_again() -> None:
    story = with_pass().when(ReportPassLost(number=" ７", circumstances="遗失"), as_=GUARD, at="2025-03-12 09:00")
    story.then(WorkerPassLost, number="7")
    assert (story.case.passes, story.case.lost_passes) == ({}, ("7",))
    story.when(ReportPassLost(number="7"), as_=GUARD, at="2025-03-12 09:00").refused(RuleBroken, code="pass-unknown")
    story.when(IssueWorkerPass(number="7", worker="李"), as_=GUARD, at="2025-03-12 09:00")
    story.refused(RuleBroken, code="pass-twice")


def test_an_abandoned_renovation_ends_with_its_deposit_and_its_date() -> None:
    at = "2025-03-20 10:00"
    with_pass().when(ABANDON, as_=HEAD, at=at).refused(RuleBroken, code="passes-out")
    under_way().when(ABANDON, as_=CLERK, at=at).refused(NotPermitted)
    for wrong, code in (
        (AbandonRenovation(reason=" ", findings="x"), "reason-missing"),
        (AbandonRenovation(reason="x", findings=" "), "findings-missing"),
    ):
        under_way().when(wrong, as_=HEAD, at=at).refused(RuleBroken, code=code)
    story = under_way().when(ABANDON, as_=HEAD, at=at).then(RenovationAbandoned).is_in("abandoned")
    assert story.case.abandoned_at is not None
    assert "refund" in {due.kind for due in story.lifecycle.due(story.case)}
    held = story.lifecycle.held(story.case)
    assert {claim for claim in held if not claim.startswith(("permit:", "receipt:"))} == set(), "another may begin"
    refund = RefundRenovationDeposit(deducted_fen=50_000, reason="复原厨房", receipt="R1", method=PaymentMethod.CASH)
    story.when(refund, as_=CLERK, at="2025-03-25 10:00").then(RenovationDepositRefunded).is_in("settled")
