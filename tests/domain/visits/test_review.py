"""Sentences about quarterly reviews and corrective actions (§5.2.5(6))."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.handbook.settings import Change, Settings
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.visits import quarterly_review
from domain.visits.corrective_action.commands import (
    AnalyseCause,
    ApproveMeasures,
    CloseCorrectiveAction,
    MarkCorrectiveActionOverdue,
    MarkVerificationOverdue,
    OpenCorrectiveAction,
    ProposeMeasures,
    RejectMeasures,
    ReportMeasuresCarriedOut,
    VerifyActionEffect,
)
from domain.visits.corrective_action.events import (
    ActionFoundEffective,
    ActionFoundIneffective,
    ActionVerificationOverdue,
    CorrectiveActionOverdue,
    DetectionKind,
    MeasuresProposed,
    Procedure,
)
from domain.visits.corrective_action.lifecycle import LIFECYCLE as CORRECTIVE_ACTION
from domain.visits.quarterly_review import (
    AnalyseQuarter,
    ApproveQuarterlyReview,
    CompileQuarterlyReview,
    Detection,
    MarkQuarterlyReviewOverdue,
    OpenQuarterlyReview,
    QuarterlyReviewCompiled,
    QuarterlyReviewOverdue,
    ReturnQuarterlyReview,
)
from tests.domain.story import Story, given, instant

CLERK, HEAD, MANAGER, COMPANY, CLOCK, POLICY = (
    Role.ADMINISTRATOR,
    Role.DEPARTMENT_HEAD,
    Role.MANAGER,
    Role.COMPANY,
    Role.CLOCK,
    Role.POLICY,
)


def found(kind: DetectionKind, *cases: str) -> Detection:
    return Detection(number=0, kind=kind, matter="x", cases=cases)


DETECTED = (
    found(DetectionKind.SAME_COMPLAINTS, "complaint-1", "complaint-2"),
    found(DetectionKind.SAME_REPAIRS, "repair_order-1", "repair_order-2"),
    found(DetectionKind.NONCONFORMITY, "follow_up-1"),
)


def compiled(settings: Settings | None = None) -> Story:
    story = Story(quarterly_review.LIFECYCLE, settings or Settings())
    story.when(OpenQuarterlyReview(quarter="2025-Q1"), as_=POLICY)
    command = CompileQuarterlyReview(page=900, figures=(), detections=DETECTED)
    return story.when(command, as_=CLOCK, at="2025-04-01 00:00")


def analysed() -> Story:
    return compiled().when(AnalyseQuarter(analysis="噪音为主"), as_=MANAGER, at="2025-04-03 10:00", by="manager")


def test_a_quarter_is_compiled_at_its_end_with_the_page_it_rests_on() -> None:
    story = given(quarterly_review.LIFECYCLE).when(OpenQuarterlyReview(quarter="2025-Q1"), as_=POLICY)
    story.owes("compile", "2025-04-01 00:00")
    compiled().then(QuarterlyReviewCompiled, page=900, quarter="2025-Q1").owes("review", "2025-04-08 00:00")
    bad = given(quarterly_review.LIFECYCLE).when(OpenQuarterlyReview(quarter="spring"), as_=POLICY)
    bad.refused(RuleBroken, code="quarter-unknown")


def test_two_complaints_in_a_row_are_detected_two_repairs_are_not() -> None:
    assert [(each.number, each.kind) for each in compiled().case.detections] == [
        (1, DetectionKind.SAME_COMPLAINTS),
        (2, DetectionKind.NONCONFORMITY),
    ]
    looser = Settings((Change("reviews.same_kind_repairs", 2, date(2025, 1, 1)),))
    assert len(compiled(looser).case.detections) == 3


def test_the_review_is_analysed_and_approved_by_another_in_time() -> None:
    story = compiled().when(AnalyseQuarter(analysis=" "), as_=MANAGER).refused(RuleBroken, code="analysis-missing")
    story.when(MarkQuarterlyReviewOverdue(), as_=CLOCK, at="2025-04-08 00:00")
    story.then(QuarterlyReviewOverdue, due_at=instant("2025-04-08 00:00")).owes("review", None)
    analysed().when(ApproveQuarterlyReview(), as_=MANAGER, by="manager").refused(RuleBroken, code="own-work")
    analysed().when(ApproveQuarterlyReview(), as_=COMPANY, by="company").is_in("approved").owes("review", None)
    story = analysed().when(ReturnQuarterlyReview(reason="补充数据"), as_=COMPANY).is_in("compiled")
    assert story.case.returned == "补充数据"
    again = AnalyseQuarter(analysis="噪音为主", improvements="限时施工")
    story.when(again, as_=MANAGER, by="manager").when(ApproveQuarterlyReview(remark="同意"), as_=COMPANY, by="company")
    case = story.case
    assert (case.improvements, case.returned, case.approved_by, case.remark) == ("限时施工", None, "company", "同意")


# -- corrective actions ----------------------------------------------------------------------------------------------


def opened(**fields: Any) -> Story:
    command = OpenCorrectiveAction(**{"procedure": Procedure.CORRECTIVE, "matter": "连续投诉", **fields})
    return given(CORRECTIVE_ACTION).when(command, as_=HEAD)


def proposed() -> Story:
    story = opened().when(AnalyseCause(cause="水泵老化"), as_=CLERK)
    return story.when(ProposeMeasures(measures="更换水泵", responsible="engineer"), as_=CLERK, by="clerk")


def carried_out() -> Story:
    story = proposed().when(ApproveMeasures(), as_=MANAGER, by="manager")
    return story.when(ReportMeasuresCarriedOut(result="已更换"), as_=CLERK, at="2025-03-10 10:00")


def test_an_action_has_a_deadline_a_cause_and_measures() -> None:
    opened().owes("action", "2025-04-03 00:00")
    opened().when(AnalyseCause(cause=" "), as_=CLERK).refused(RuleBroken, code="cause-missing")
    proposed().then(MeasuresProposed, due_by=instant("2025-04-03 00:00"))
    story = opened().when(MarkCorrectiveActionOverdue(), as_=CLOCK, at="2025-04-03 00:00").then(CorrectiveActionOverdue)
    story.owes("action", None).when(AnalyseCause(cause="x"), as_=CLERK, at="2025-04-05 10:00")
    story.when(ProposeMeasures(measures="x", responsible="y"), as_=CLERK, at="2025-04-05 10:00")
    story.owes("action", "2025-05-06 00:00")
    assert story.case.first_missed_at == instant("2025-04-03 00:00")  # another deadline does not mend the first


def test_measures_are_approved_by_another_or_sent_back() -> None:
    proposed().when(ApproveMeasures(), as_=MANAGER, by="clerk").refused(RuleBroken, code="own-work")
    proposed().when(RejectMeasures(reason="太贵"), as_=MANAGER).is_in("analysed")
    imported = given(CORRECTIVE_ACTION).when(OpenCorrectiveAction(procedure=Procedure.PREVENTIVE, matter="x"), as_=HEAD)
    imported.case.state = "proposed"
    imported.when(ApproveMeasures(), as_=MANAGER).is_in("approved")


def test_the_effect_is_verified_later_and_by_another() -> None:
    good = VerifyActionEffect(effective=True, evidence="一月无投诉")
    carried_out().when(good, as_=HEAD, at="2025-03-24 10:00", by="someone").refused(RuleBroken, code="own-work")
    late = carried_out().owes("verification", "2025-04-10 00:00")
    late.when(MarkVerificationOverdue(), as_=CLOCK, at="2025-04-10 00:00").owes("verification", None)
    late.then(ActionVerificationOverdue, due_at=instant("2025-04-10 00:00")).is_in("carried-out")
    carried_out().when(good, as_=HEAD, at="2025-03-20 10:00", by="head").refused(RuleBroken, code="too-early")
    carried_out().when(good, as_=HEAD, at="2025-03-24 10:00", by="engineer").refused(RuleBroken, code="own-work")
    entered = given(CORRECTIVE_ACTION).when(
        OpenCorrectiveAction(procedure=Procedure.PREVENTIVE, matter="x"), as_=HEAD, by="opener"
    )
    entered.when(AnalyseCause(cause="x"), as_=CLERK, by="analyst")
    entered.when(ProposeMeasures(measures="x", responsible="engineer"), as_=CLERK, by="proposer")
    entered.when(ApproveMeasures(), as_=MANAGER, by="manager")
    entered.when(ReportMeasuresCarriedOut(result="x"), as_=CLERK, at="2025-03-10 10:00", by="clerk")
    for who in ("opener", "proposer"):
        entered.when(good, as_=HEAD, at="2025-03-24 10:00", by=who).refused(RuleBroken, code="own-work")
    story = carried_out().when(good, as_=HEAD, at="2025-03-24 10:00", by="head").then(ActionFoundEffective)
    assert story.case.evidence == "一月无投诉"
    story.when(CloseCorrectiveAction(), as_=HEAD).is_in("closed")


def test_measures_without_effect_begin_again() -> None:
    bad = VerifyActionEffect(effective=False, evidence="又有投诉")
    story = carried_out().when(bad, as_=HEAD, at="2025-03-25 10:00", by="head").then(ActionFoundIneffective)
    story.is_in("opened").owes("action", "2025-04-25 00:00")
    assert story.case.ineffective == 1
    bare = given(CORRECTIVE_ACTION).when(OpenCorrectiveAction(procedure=Procedure.PREVENTIVE, matter="x"), as_=HEAD)
    bare.case.state = "carried-out"
    bare.when(VerifyActionEffect(effective=True, evidence="x"), as_=HEAD, by="head").is_in("effective")
