"""What is known of a survey 征求意见 after some of its facts (§5.1). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from domain.kernel.calendar import end_of_day
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Fact
from domain.kernel.rules import broken
from domain.kernel.standing import Written
from domain.visits.survey.events import (
    Mark,
    Question,
    QuestionResult,
    SurveyAnswerCorrected,
    SurveyAnswered,
    SurveyClosed,
    SurveyDrafted,
    SurveyEvaluated,
    SurveyExtended,
    SurveyIssued,
    SurveyMissed,
    SurveyOwed,
    SurveyReminded,
)

OWED, DRAFTED, ISSUED, CLOSED, EVALUATED = "owed", "drafted", "issued", "closed", "evaluated"
UNEVALUATED = (OWED, DRAFTED, ISSUED, CLOSED)


@dataclass(slots=True, kw_only=True)
class Survey(Case):
    """One survey. ``marks`` are kept by respondent; remarks and what was said in words stay sealed in their facts.

    ``told`` counts the answers in words by question.
    """

    CORRECTS = ("title",)

    year: int = 0
    number: int = 0
    due_by: datetime | None = None
    missed_at: datetime | None = None
    title: str | None = None
    questions: tuple[Question, ...] = ()
    households: tuple[str, ...] = ()
    issued: int = 0
    issued_at: datetime | None = None
    closes_on: date | None = None
    reminded: int = 0
    marks: dict[str, tuple[Mark, ...]] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    unhappy: list[str] = field(default_factory=list)
    answered_by: dict[str, Written] = field(default_factory=dict)
    closed_at: datetime | None = None
    results: tuple[QuestionResult, ...] = ()
    evaluated_at: datetime | None = None

    def why_it_stands(self) -> Refusal | None:
        """The handbook owes one in every term: a wrong draft is drafted anew."""
        zh, en = "每期均应征求意见，拟错的重新拟定", "every term owes one: a wrong draft is drafted anew"
        return broken("owed-by-the-handbook", "5.1", zh, en)

    @property
    def evaluation_due_at(self) -> datetime | None:
        """The end of its term, while it is still to be kept or missed."""
        return self.due_by if self.missed_at is None else None

    @property
    def closes_at(self) -> datetime | None:
        """24:00 of the closing date."""
        return end_of_day(self.closes_on) if self.closes_on is not None else None


def evolve(survey: Survey, fact: Fact) -> None:
    """Fold one fact into the survey."""
    match fact.event:
        case SurveyOwed() as e:
            survey.year, survey.number, survey.due_by = e.year, e.number, e.due_by
        case SurveyDrafted() as e:
            survey.title, survey.questions = e.title, e.questions
        case SurveyIssued() as e:
            survey.households, survey.issued, survey.closes_on = e.households, e.issued, e.closes_on
            survey.issued_at = fact.occurred_at
        case SurveyExtended() as e:
            survey.households = (*survey.households, *e.households)
            survey.issued = len(survey.households)
        case SurveyReminded():
            survey.reminded += 1
        case SurveyAnswered() as e:
            survey.marks[e.respondent] = e.marks
            for code in e.told:
                survey.told[code] = survey.told.get(code, 0) + 1
            survey.answered_by[e.respondent] = _written(fact)
            if e.dissatisfied:
                survey.unhappy.append(e.respondent)
        case SurveyAnswerCorrected() as e:
            survey.marks[e.respondent] = e.marks
            survey.answered_by[e.respondent] = _written(fact)
            survey.unhappy = [each for each in survey.unhappy if each != e.respondent]
            if e.dissatisfied:
                survey.unhappy.append(e.respondent)
        case SurveyClosed():
            survey.closed_at = fact.occurred_at
        case SurveyEvaluated() as e:
            survey.results, survey.evaluated_at = e.results, fact.occurred_at
        case SurveyMissed() as e:
            survey.missed_at = e.due_at


def _written(fact: Fact) -> Written:
    """Who entered it, and when: for a while he may correct it alone."""
    return Written(by=fact.user_id, at=max(fact.occurred_at, fact.recorded_at), version=fact.version)
