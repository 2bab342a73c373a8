"""Registers of surveys, quarterly reviews and corrective actions (§5.1, §5.2.5(6))."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from domain.kernel.calendar import local_date
from domain.kernel.periods import Quarter
from domain.visits.corrective_action.case import CLOSED, CorrectiveAction
from domain.visits.quarterly_review import APPROVED, QuarterlyReview
from domain.visits.survey.case import EVALUATED, Survey
from projections.engine.register import Register, one_row, row_from

__all__ = [
    "CORRECTIVE_ACTIONS",
    "QUARTERLY_REVIEWS",
    "REVIEW_DETECTIONS",
    "REVIEW_FIGURES",
    "SURVEYS",
    "SURVEY_RESULTS",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyRow:
    """One survey; the response rate is ``answered`` of ``issued``."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    year: int
    number: int
    due_at: datetime
    due_on: date
    missed_at: datetime | None
    title: str | None
    questions: int
    issued: int
    issued_at: datetime | None
    closes_on: date | None
    answered: int
    reminded: int
    dissatisfied: int
    closed_at: datetime | None
    evaluated_at: datetime | None
    open: bool


def _surveys(case: Survey) -> SurveyRow:
    assert case.due_by is not None
    more = {
        "due_at": case.due_by,
        "due_on": local_date(case.due_by) - timedelta(days=1),
        "questions": len(case.questions),
        "answered": len(case.marks),
        "dissatisfied": len(case.unhappy),
        "open": case.state != EVALUATED,
    }
    return row_from(SurveyRow, case, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyResultRow:
    """One question of an evaluated survey; ``average_hundredths`` is the mean mark × 100, cut; ``chosen`` each choice's count.

    The mean is exactly ``marks_hundredths`` ÷ 100 ÷ ``marks``; ``most`` is the best mark of the scale.
    """

    source_id: str | None
    state: str
    year: int
    number: int
    question: str
    text: str
    answered: int
    satisfied: int
    dissatisfied: int
    average_hundredths: int | None
    marks: int | None
    marks_hundredths: int | None
    most: int
    chosen: str


def _results(case: Survey) -> Iterator[tuple[str, SurveyResultRow]]:
    asked = {question.code: question for question in case.questions}
    for found in case.results:
        question = asked[found.question]
        average = int(Fraction(found.average) * 100) if found.average is not None else None
        yield (
            found.question,
            SurveyResultRow(
                source_id=case.source_id,
                state=case.state,
                year=case.year,
                number=case.number,
                question=found.question,
                text=question.text,
                answered=found.answered,
                satisfied=found.satisfied,
                dissatisfied=found.dissatisfied,
                average_hundredths=average,
                marks=found.marks,
                marks_hundredths=found.hundredths,
                most=question.most,
                chosen="；".join(f"{choice} {n}" for choice, n in zip(question.choices, found.chosen, strict=False)),
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """One quarter's review; ``page`` is the page number that its statistics rest on."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    quarter: str
    ends_on: date
    page: int
    compiled_at: datetime | None
    detections: int
    due_at: datetime | None
    missed_at: datetime | None
    analysis: str | None
    improvements: str | None
    analysed_by: str | None
    analysed_at: datetime | None
    returned: str | None
    approved_at: datetime | None
    approved_by: str | None
    remark: str | None
    open: bool


def _reviews(case: QuarterlyReview) -> ReviewRow:
    more = {
        "ends_on": Quarter.parse(case.quarter).last,
        "detections": len(case.detections),
        "due_at": case.due_by,
        "open": case.state != APPROVED,
    }
    return row_from(ReviewRow, case, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One line of the quarter's statistics 回访统计表."""

    source_id: str | None
    state: str
    quarter: str
    type: str
    planned: int
    conducted: int
    in_window: int
    conforming: int
    nonconforming: int
    exited: int


def _figures(case: QuarterlyReview) -> Iterator[tuple[str, FigureRow]]:
    for found in case.figures:
        yield (
            found.type,
            FigureRow(
                source_id=case.source_id,
                state=case.state,
                quarter=case.quarter,
                type=found.type,
                planned=found.planned,
                conducted=found.conducted,
                in_window=found.in_window,
                conforming=found.conforming,
                nonconforming=found.nonconforming,
                exited=found.exited,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionRow:
    """One thing that the quarter's review detected."""

    source_id: str | None
    state: str
    quarter: str
    number: int
    kind: str
    matter: str
    cases: str
    household: str | None
    home: str | None


def _detections(case: QuarterlyReview) -> Iterator[tuple[str, DetectionRow]]:
    for found in case.detections:
        yield (
            str(found.number),
            DetectionRow(
                source_id=case.source_id,
                state=case.state,
                quarter=case.quarter,
                number=found.number,
                kind=found.kind,
                matter=found.matter,
                cases=" ".join(found.cases),
                household=found.household,
                home=found.home,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectiveActionRow:
    """One action; ``ineffective`` counts how often its measures did not help, ``first_missed_at`` is its first breach."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    procedure: str
    detection: str | None
    matter: str
    cases: str
    review: str | None
    household: str | None
    home: str | None
    due_at: datetime | None
    missed_at: datetime | None
    first_missed_at: datetime | None
    cause: str | None
    measures: str | None
    responsible: str | None
    approved_by: str | None
    result: str | None
    carried_out_at: datetime | None
    carried_out_by: str | None
    verify_from: date | None
    verify_by: date | None
    verify_missed_at: datetime | None
    verified_at: datetime | None
    evidence: str | None
    ineffective: int
    closed_at: datetime | None
    open: bool


def _actions(case: CorrectiveAction) -> CorrectiveActionRow:
    more = {"cases": " ".join(case.cases), "due_at": case.due_by, "open": case.state != CLOSED}
    return row_from(CorrectiveActionRow, case, **more)


SURVEYS = Register(
    name="surveys",
    zh="征求意见登记",
    en="opinion surveys",
    clause="5.1",
    row=SurveyRow,
    kinds=(Survey,),
    values=one_row(SurveyRow, _surveys),
    indexed=("year",),
)
SURVEY_RESULTS = Register(
    name="survey-results",
    zh="征询结果",
    en="survey results",
    clause="5.1",
    row=SurveyResultRow,
    kinds=(Survey,),
    rows=_results,
    indexed=("year",),
)
QUARTERLY_REVIEWS = Register(
    name="quarterly-reviews",
    zh="季度回访分析",
    en="quarterly reviews",
    clause="5.2.5(6)",
    row=ReviewRow,
    kinds=(QuarterlyReview,),
    values=one_row(ReviewRow, _reviews),
    indexed=("quarter",),
)
REVIEW_FIGURES = Register(
    name="review-figures",
    zh="回访统计表",
    en="follow-up statistics",
    clause="5.2.5(6)",
    row=FigureRow,
    kinds=(QuarterlyReview,),
    rows=_figures,
    indexed=("quarter",),
)
REVIEW_DETECTIONS = Register(
    name="review-detections",
    zh="季度检出事项",
    en="what the reviews detected",
    clause="5.2.5(6)",
    row=DetectionRow,
    kinds=(QuarterlyReview,),
    rows=_detections,
    indexed=("quarter",),
)
CORRECTIVE_ACTIONS = Register(
    name="corrective-actions",
    zh="纠正预防措施登记",
    en="corrective actions",
    clause="5.2.5(6)",
    row=CorrectiveActionRow,
    kinds=(CorrectiveAction,),
    values=one_row(CorrectiveActionRow, _actions),
    indexed=("state", "due_at"),
)
