"""Sentences about renovations 装修 (§1.4)."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from domain.fees.terms import PaymentMethod
from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.people import Role
from domain.moving.renovation.commands.permit import (
    AcceptRenovation,
    ApplyForRenovation,
    ApproveRenovation,
    BeginRenovation,
    FailRenovationAcceptance,
    MarkRenovationDecisionOverdue,
    MarkRenovationRefundOverdue,
    NoteRenovationStep,
    PayRenovationDeposit,
    PermitRenovation,
    RefundRenovationDeposit,
    RejectRenovation,
    ReportRenovationFinished,
    WithdrawRenovation,
)
from domain.moving.renovation.commands.site import (
    CheckRenovation,
    ExtendRenovation,
    IssueWorkerPass,
    MarkRenovationOverrun,
    NoteSiteKeysBack,
    NoteSiteKeysOut,
    NoteViolationRectified,
    ResumeRenovation,
    ReturnWorkerPass,
    StopRenovation,
)
from domain.moving.renovation.events import (
    RenovationApplied,
    RenovationChecked,
    RenovationDecisionOverdue,
    RenovationDepositRefunded,
    RenovationOverrun,
    RenovationPermitted,
    RenovationRefundOverdue,
    RenovationStopped,
    RenovationViolationRectified,
    RenovationWithdrawn,
    SiteKeysBack,
    SiteKeysOut,
    ViolationKind,
)
from domain.moving.renovation.lifecycle import LIFECYCLE
from tests.domain.story import Story, given, instant

CLERK, HEAD, CLOCK, POLICY, GUARD = (
    Role.ADMINISTRATOR,
    Role.DEPARTMENT_HEAD,
    Role.CLOCK,
    Role.POLICY,
    Role.DUTY_OFFICER,
)
TERM = {"planned_from": date(2025, 3, 10), "planned_until": date(2025, 4, 30)}
PERMIT = PermitRenovation(permit="Z-1", valid_from=date(2025, 3, 10), valid_until=date(2025, 4, 30))


def applied(**fields: Any) -> Story:
    command = ApplyForRenovation(**{"home": "1-101", "scope": "厨房", **TERM, **fields})
    return given(LIFECYCLE).when(command, as_=CLERK)


def secured() -> Story:
    story = applied().when(ApproveRenovation(), as_=HEAD, by="head").is_in("approved")
    return story.when(
        PayRenovationDeposit(amount_fen=200_000, receipt="D1", method=PaymentMethod.CASH), as_=CLERK, by="cashier"
    ).is_in("deposit-paid")


def under_way() -> Story:
    story = secured().when(PERMIT, as_=HEAD).then(RenovationPermitted, hours_from=time(8), hours_until=time(18))
    return story.when(BeginRenovation(), as_=CLERK, at="2025-03-10 09:00").is_in("under-way")


def accepted() -> Story:
    story = under_way().when(ReportRenovationFinished(), as_=CLERK, at="2025-04-20 10:00")
    return story.when(AcceptRenovation(signature="王"), as_=HEAD, by="head", at="2025-04-21 10:00").is_in("accepted")


def test_an_application_says_when_and_is_decided_in_time() -> None:
    applied(planned_from=None).refused(RuleBroken, code="term-missing")
    applied(planned_until=date(2025, 3, 1)).refused(RuleBroken, code="term-backwards")
    story = applied().then(RenovationApplied).owes("decision", "2025-03-11 00:00")
    story.when(MarkRenovationDecisionOverdue(), as_=CLOCK, at="2025-03-11 00:00")
    story.then(RenovationDecisionOverdue, due_at=instant("2025-03-11 00:00")).owes("decision", None)
    applied(decide_by=instant("2025-03-05 12:00")).owes("decision", "2025-03-05 12:00")
    imported = given(LIFECYCLE).when(ApplyForRenovation(home="1", scope="x"), as_=CLERK, imported=True)
    imported.owes("decision", None)
    assert imported.lifecycle.held(imported.case) == set()


def test_another_systems_channel_and_plan_are_kept_beside_ours() -> None:
    story = applied(stated_channel="Fax", decision_planned_at=instant("2025-03-20 00:00"))
    assert (story.case.stated_channel, story.case.decision_planned_at) == ("Fax", instant("2025-03-20 00:00"))


def test_it_is_rejected_with_a_reason_or_approved_with_a_deposit() -> None:
    applied().when(RejectRenovation(reason="拆承重墙"), as_=HEAD).is_in("rejected")
    applied().when(ApproveRenovation(), as_=CLERK).refused(NotPermitted)
    applied().when(ApproveRenovation(deposit_fen=-1), as_=HEAD, by="head").refused(RuleBroken, code="amount-negative")
    story = applied().when(NoteRenovationStep(step="现场踏勘"), as_=CLERK)
    assert story.case.steps == 1
    story.when(ApproveRenovation(deposit_fen=300_000), as_=HEAD, by="head")
    assert story.case.wanted_fen == 300_000


def test_the_deposit_is_taken_whole_and_held_apart() -> None:
    story = applied().when(ApproveRenovation(), as_=HEAD, by="head")
    story.when(PayRenovationDeposit(amount_fen=100, receipt="D"), as_=CLERK).refused(RuleBroken, code="deposit-differs")
    story.when(PayRenovationDeposit(amount_fen=200_000), as_=CLERK).refused(RuleBroken, code="receipt-missing")
    unsaid = PayRenovationDeposit(amount_fen=200_000, receipt="D")
    story.when(unsaid, as_=CLERK).refused(RuleBroken, code="method-missing", clause="1.4")
    assert secured().case.held_fen == 200_000


def test_a_permit_has_a_term_and_hours() -> None:
    backwards = PermitRenovation(permit="Z", valid_from=date(2025, 3, 10), valid_until=date(2025, 3, 9))
    secured().when(backwards, as_=HEAD).refused(RuleBroken, code="term-backwards")
    hours = PermitRenovation(
        permit="Z", valid_from=date(2025, 3, 10), valid_until=date(2025, 3, 19), hours_from=time(9), hours_until=time(9)
    )
    secured().when(hours, as_=HEAD).refused(RuleBroken, code="hours-backwards")
    story = secured().when(PERMIT, as_=HEAD)
    story.when(BeginRenovation(), as_=CLERK, at="2025-05-02 09:00").refused(RuleBroken, code="permit-ended")
    story.when(BeginRenovation(), as_=CLERK, at="2025-03-09 09:00").refused(
        RuleBroken, clause="1.4", code="permit-not-begun"
    )
    story.when(BeginRenovation(), as_=CLERK, at="2025-03-10 00:00").is_in("under-way")


def test_passes_are_numbered_no_longer_than_the_permit_and_all_back_at_the_end() -> None:
    story = under_way().when(IssueWorkerPass(number="7", worker="赵"), as_=GUARD)
    story.when(IssueWorkerPass(number="7", worker="钱"), as_=GUARD).refused(RuleBroken, code="pass-twice")
    story.when(IssueWorkerPass(number="8"), as_=GUARD).refused(RuleBroken, code="worker-missing")
    long = IssueWorkerPass(number="8", worker="钱", valid_until=date(2025, 6, 1))
    story.when(long, as_=GUARD).refused(RuleBroken, code="pass-too-long")
    story.when(ReturnWorkerPass(number="9"), as_=GUARD).refused(RuleBroken, code="pass-unknown")
    story.when(ReportRenovationFinished(), as_=CLERK)
    story.when(AcceptRenovation(signature="王"), as_=HEAD, by="head").refused(RuleBroken, code="passes-out")
    story.when(ReturnWorkerPass(number="7"), as_=GUARD)
    story.when(AcceptRenovation(), as_=HEAD, by="head").refused(RuleBroken, code="signature-missing")
    story.when(FailRenovationAcceptance(findings="防水未做"), as_=HEAD).is_in("under-way")
    assert story.case.finished_at is None


def test_who_works_outside_the_hours_is_noted() -> None:
    story = under_way().when(CheckRenovation(findings="敲墙"), as_=GUARD, at="2025-03-11 21:00")
    story.then(RenovationChecked, at_work_outside_hours=True)
    story.when(CheckRenovation(findings="正常"), as_=GUARD, at="2025-03-12 10:00")
    story.then(RenovationChecked, at_work_outside_hours=False)
    story.when(CheckRenovation(findings="无人施工", at_work=False), as_=GUARD, at="2025-03-12 21:00")
    story.then(RenovationChecked, at_work_outside_hours=False)
    assert (story.case.checks, story.case.outside_hours) == (3, 1)


def test_a_violation_stops_the_work_until_it_is_rectified() -> None:
    past = StopRenovation(kind=ViolationKind.PIPES, matter="改燃气管", rectify_by=instant("2025-03-01 10:00"))
    under_way().when(past, as_=GUARD).refused(RuleBroken, code="deadline-passed")
    ahead = StopRenovation(kind=ViolationKind.PIPES, matter="改燃气管", rectify_by=instant("2025-03-20 10:00"))
    under_way().when(ahead, as_=GUARD).then(RenovationStopped, violation=1)
    stop = StopRenovation(kind=ViolationKind.LOAD_BEARING, matter="拆承重墙")
    story = under_way().when(stop, as_=GUARD).then(RenovationStopped, violation=1).is_in("stopped")
    story.when(ReportRenovationFinished(), as_=CLERK).refused(WrongState)
    story.when(ResumeRenovation(), as_=HEAD).refused(RuleBroken, code="violations-open")
    story.when(NoteViolationRectified(violation=1), as_=POLICY).then(RenovationViolationRectified)
    story.when(NoteViolationRectified(violation=1), as_=POLICY).then_nothing()
    story.when(ResumeRenovation(), as_=HEAD).is_in("under-way")


def test_work_that_overruns_its_permit_is_a_breach_until_it_is_extended() -> None:
    story = under_way().owes("permit", "2025-05-01 00:00")
    story.when(MarkRenovationOverrun(), as_=CLOCK, at="2025-05-01 00:00").then(RenovationOverrun).owes("permit", None)
    earlier = ExtendRenovation(valid_until=date(2025, 4, 30), reason="x")
    story.when(earlier, as_=HEAD, at="2025-05-02 10:00").refused(RuleBroken, code="not-later")
    story.when(ExtendRenovation(valid_until=date(2025, 5, 20), reason="缺料"), as_=HEAD, at="2025-05-02 10:00")
    story.owes("permit", "2025-05-21 00:00")
    assert (story.case.overrun_at, story.case.first_overrun_at) == (None, instant("2025-05-01 00:00"))


def test_workers_keys_are_all_back_before_it_is_accepted_or_withdrawn() -> None:
    story = under_way().when(NoteSiteKeysOut(loan="key_loan-1", keys=("1",)), as_=POLICY).then(SiteKeysOut)
    story.when(ReportRenovationFinished(), as_=CLERK)
    story.when(AcceptRenovation(signature="王"), as_=HEAD, by="head").refused(
        RuleBroken, clause="3.3", code="site-keys-out"
    )
    story.when(NoteSiteKeysBack(loan="key_loan-1"), as_=POLICY).then(SiteKeysBack)
    story.when(NoteSiteKeysBack(loan="key_loan-1"), as_=POLICY).then_nothing()
    story.when(AcceptRenovation(signature="王"), as_=HEAD, by="head").is_in("accepted")
    permitted = secured().when(PERMIT, as_=HEAD).when(IssueWorkerPass(number="7", worker="赵"), as_=GUARD)
    permitted.when(WithdrawRenovation(reason="不装了"), as_=CLERK).refused(RuleBroken, code="passes-out")
    stopped = under_way().when(StopRenovation(kind=ViolationKind.PIPES, matter="改管"), as_=GUARD)
    stopped.when(NoteSiteKeysOut(loan="key_loan-2", keys=("1",)), as_=POLICY).refused(WrongState)


def test_the_deposit_is_refunded_in_time_by_somebody_else() -> None:
    story = accepted().owes("refund", "2025-05-22 00:00")
    story.when(RefundRenovationDeposit(), as_=CLERK, by="cashier").refused(RuleBroken, code="own-work")
    too_much = RefundRenovationDeposit(deducted_fen=200_001, reason="x")
    story.when(too_much, as_=CLERK, by="other").refused(RuleBroken, code="deduction-out-of-range")
    story.when(RefundRenovationDeposit(deducted_fen=1), as_=CLERK, by="other").refused(
        RuleBroken, code="reason-missing"
    )
    story.when(MarkRenovationRefundOverdue(), as_=CLOCK, at="2025-05-22 00:00").then(RenovationRefundOverdue)
    unsaid = RefundRenovationDeposit(deducted_fen=5_000, reason="电梯划伤")
    story.when(unsaid, as_=CLERK, by="other").refused(RuleBroken, code="method-missing")
    kept = RefundRenovationDeposit(deducted_fen=200_000, reason="墙体复原")
    story.branch().when(kept, as_=CLERK, by="other").then(RenovationDepositRefunded, refunded_fen=0, method=None)
    refund = RefundRenovationDeposit(deducted_fen=5_000, reason="电梯划伤", method=PaymentMethod.CASH)
    story.when(refund, as_=CLERK, by="other").then(RenovationDepositRefunded, refunded_fen=195_000).is_in("settled")
    assert story.case.held_fen == 0
    imported = given(LIFECYCLE).when(ApplyForRenovation(home="1", scope="x"), as_=CLERK, imported=True)
    imported.case.state = "accepted"
    imported.when(RefundRenovationDeposit(), as_=CLERK, imported=True).is_in("settled")


def test_a_withdrawn_renovation_gives_the_deposit_back_whole() -> None:
    secured().when(WithdrawRenovation(reason="不装了"), as_=CLERK).refused(RuleBroken, code="method-missing")
    back = WithdrawRenovation(reason="不装了", method=PaymentMethod.TRANSFER)
    story = secured().when(back, as_=CLERK).then(RenovationWithdrawn, refunded_fen=200_000)
    assert (story.case.deposit_method, story.case.refund_method) == (PaymentMethod.CASH, PaymentMethod.TRANSFER)


def test_whoever_took_the_deposit_does_not_give_it_back_by_a_withdrawal() -> None:
    withdrawing = WithdrawRenovation(reason="不装了")
    secured().when(withdrawing, as_=CLERK, by="cashier").refused(RuleBroken, clause="1.4", code="own-work")
    applied().when(withdrawing, as_=CLERK).then(RenovationWithdrawn, refunded_fen=0, method=None)


def test_nobody_approves_what_he_entered_nor_accepts_what_he_reported() -> None:
    applied().when(ApproveRenovation(), as_=HEAD).refused(RuleBroken, code="own-work", clause="1.4")
    story = under_way().when(ReportRenovationFinished(), as_=CLERK, by="head")
    story.when(AcceptRenovation(signature="王"), as_=HEAD, by="head").refused(RuleBroken, code="own-work", clause="1.4")
