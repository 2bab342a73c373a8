"""What follows for surveys, quarterly reviews and corrective actions (§5.1, §5.2.5(6))."""

from __future__ import annotations

from collections.abc import Iterator

from domain.handbook.settings import Numbers
from domain.kernel.calendar import local_date
from domain.kernel.fact import Fact
from domain.kernel.periods import Quarter
from domain.office.office import Office, OfficeOpened
from domain.visits.corrective_action.commands import OpenCorrectiveAction
from domain.visits.corrective_action.events import DetectionKind, Procedure
from domain.visits.follow_up.commands.visiting import OpenFollowUp
from domain.visits.follow_up.events import FollowUpType
from domain.visits.quarterly_review import OpenQuarterlyReview, QuarterlyReview, QuarterlyReviewCompiled
from domain.visits.survey.case import Survey
from domain.visits.survey.commands import OweSurvey, term_of
from domain.visits.survey.events import SurveyEvaluated, SurveyMissed
from workflows.engine.policy import Consequence, Policy, whenever

__all__ = ["OPINIONS"]

_PROCEDURES = {
    DetectionKind.SAME_COMPLAINTS: Procedure.CORRECTIVE,
    DetectionKind.SAME_REPAIRS: Procedure.PREVENTIVE,
    DetectionKind.NONCONFORMITY: Procedure.NONCONFORMING_SERVICE,
}


def survey_from_the_term_in_which_an_office_opens(
    _office: Office, fact: Fact, numbers: Numbers
) -> Iterator[Consequence]:
    """管理处设立当期起征求意见 · Owe a survey from the term in which the office opens."""
    day = local_date(fact.occurred_at)
    yield Consequence(OweSurvey(year=day.year, number=term_of(day, numbers.integer("surveys.per_year"))))


def survey_again_in_the_next_term(survey: Survey, fact: Fact, numbers: Numbers) -> Iterator[Consequence]:
    """本期了结后立项下一期 · Owe the next term's survey when this one is evaluated or was missed."""
    late = isinstance(fact.event, SurveyEvaluated) and survey.missed_at is not None
    per_year = numbers.integer("surveys.per_year")
    if late:
        return
    last = survey.number >= per_year
    yield Consequence(OweSurvey(year=survey.year + last, number=1 if last else survey.number + 1))


def visit_everybody_who_is_dissatisfied(survey: Survey, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """不满意的住户逐户回访 · Visit every household that was dissatisfied."""
    event = fact.event
    assert isinstance(event, SurveyEvaluated)
    if not fact.imported:
        for household in event.dissatisfied:
            yield Consequence(
                OpenFollowUp(
                    type=FollowUpType.OTHER,
                    anchor=local_date(fact.occurred_at),
                    origin_kind="survey",
                    origin_id=survey.id,
                    household=household,
                    chain=f"{survey.id}:{household}",
                )
            )


def review_the_quarter_in_which_an_office_opens(
    _office: Office, fact: Fact, _numbers: Numbers
) -> Iterator[Consequence]:
    """管理处设立当季起季度分析 · Review every quarter from the one in which the office opens."""
    yield Consequence(OpenQuarterlyReview(quarter=str(Quarter.of(local_date(fact.occurred_at)))))


def review_the_next_quarter(review: QuarterlyReview, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """季度统计生成后立项下一季 · Open the next quarter's review when one is compiled."""
    yield Consequence(OpenQuarterlyReview(quarter=str(Quarter.parse(review.quarter).next())))


def act_on_everything_detected(review: QuarterlyReview, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """检出事项逐项立案纠正预防措施 · Every detection opens a corrective action."""
    assert isinstance(fact.event, QuarterlyReviewCompiled)
    for found in fact.event.detections:
        yield Consequence(
            OpenCorrectiveAction(
                procedure=_PROCEDURES[found.kind],
                matter=found.matter,
                detection=found.kind,
                cases=found.cases,
                review=review.id,
                household=found.household,
                home=found.home,
            )
        )


OPINIONS: tuple[Policy, ...] = (
    whenever(OfficeOpened, then=survey_from_the_term_in_which_an_office_opens, clause="5.1"),
    whenever(SurveyEvaluated, then=survey_again_in_the_next_term, clause="5.1"),
    whenever(SurveyMissed, then=survey_again_in_the_next_term, clause="5.1"),
    whenever(SurveyEvaluated, then=visit_everybody_who_is_dissatisfied, clause="5.1"),
    whenever(OfficeOpened, then=review_the_quarter_in_which_an_office_opens, clause="5.2.5(6)"),
    whenever(QuarterlyReviewCompiled, then=review_the_next_quarter, clause="5.2.5(6)"),
    whenever(QuarterlyReviewCompiled, then=act_on_everything_detected, clause="5.2.5(6)"),
)
