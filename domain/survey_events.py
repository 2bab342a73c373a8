"""What can happen to an opinion survey 征求意见 (§5.1), and what is then known."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from domain.calendar import end_of_day
from domain.fact import Case, Event, Fact, Personal, event

OWED, DRAFTED, ISSUED, CLOSED, EVALUATED = "owed", "drafted", "issued", "closed", "evaluated"
UNEVALUATED = (OWED, DRAFTED, ISSUED, CLOSED)


class QuestionKind(StrEnum):
    """How a question is answered 题型."""

    SATISFACTION = "satisfaction"  # 满意度 1–5
    CHOICE = "choice"  # 单选
    TEXT = "text"  # 意见


class AnswerMeans(StrEnum):
    """How the answer came 填写方式."""

    PAPER = "paper"  # 纸质
    ONLINE = "online"  # 网上
    TELEPHONE = "telephone"  # 电话


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; ``choices`` for those that have them; ``most`` is the best mark of a satisfaction question."""

    code: str
    text: str
    kind: QuestionKind = QuestionKind.SATISFACTION
    choices: tuple[str, ...] = ()
    most: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One answer to a question with marks or choices: ``mark`` from 1, or ``choice``; neither when it was left out."""

    question: str
    mark: int | None = None
    choice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionResult:
    """One question's result; ``satisfied`` are marks in the upper two fifths, ``average`` an exact fraction as text.

    ``chosen`` counts each choice, in the question's order.
    """

    question: str
    answered: int
    satisfied: int
    dissatisfied: int
    average: str | None = None
    chosen: tuple[int, ...] = ()


@event()
class SurveyOwed(Event):
    """征求意见已立项 · Survey owed."""

    year: int
    number: int
    due_by: datetime


@event()
class SurveyDrafted(Event):
    """征询表已拟定 · Questionnaire drafted."""

    title: str
    questions: tuple[Question, ...]


@event()
class SurveyIssued(Event):
    """征询表已发放 · Questionnaire issued."""

    households: tuple[str, ...]
    issued: int
    closes_on: date


@event()
class SurveyExtended(Event):
    """征询表已补发 · Questionnaire issued to more households."""

    households: tuple[str, ...]


@event()
class SurveyReminded(Event):
    """已提醒住户填写 · Households reminded."""

    households: int


@event()
class SurveyAnswered(Event):
    """已收到答卷 · Answer received."""

    SUBJECT = "respondent"

    respondent: str
    means: AnswerMeans
    marks: tuple[Mark, ...]
    dissatisfied: bool = False
    remarks: Personal | None = None
    told: tuple[str, ...] = ()
    texts: tuple[Personal, ...] = ()


@event()
class SurveyClosed(Event):
    """征求意见已截止 · Survey closed."""

    answers: int


@event()
class SurveyEvaluated(Event):
    """征求意见已评议 · Survey evaluated."""

    issued: int
    answered: int
    results: tuple[QuestionResult, ...]
    dissatisfied: tuple[str, ...]
    analysis: str
    measures: str | None = None


@event()
class SurveyMissed(Event):
    """征求意见逾期未评议 · The term passed without an evaluated survey."""

    due_at: datetime


@dataclass(slots=True, kw_only=True)
class Survey(Case):
    """One survey. ``marks`` are kept by respondent; remarks and what was said in words stay sealed in their facts.

    ``told`` counts the answers in words by question.
    """

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
    closed_at: datetime | None = None
    results: tuple[QuestionResult, ...] = ()
    evaluated_at: datetime | None = None

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
            if e.dissatisfied:
                survey.unhappy.append(e.respondent)
        case SurveyClosed():
            survey.closed_at = fact.occurred_at
        case SurveyEvaluated() as e:
            survey.results, survey.evaluated_at = e.results, fact.occurred_at
        case SurveyMissed() as e:
            survey.missed_at = e.due_at
