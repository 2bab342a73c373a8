"""What can happen to a survey 征求意见 (§5.1), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.kernel.fact import Event, Personal, event


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
    """One answer to a question with marks or choices: ``mark`` from 1, or ``choice``; neither when it was left out.

    A mark between two whole ones, as some people give it, stands in ``hundredths`` instead: 750 is 7½.
    """

    question: str
    mark: int | None = None
    choice: str | None = None
    hundredths: int | None = None

    @property
    def exact(self) -> int | None:
        """The mark in hundredths, whole or not."""
        return self.hundredths if self.mark is None else self.mark * 100


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionResult:
    """One question's result; ``satisfied`` are marks in the upper two fifths, ``average`` an exact fraction as text.

    ``chosen`` counts each choice, in the question's order; ``marks`` is how many marks were given, ``hundredths`` their
    sum in hundredths.
    """

    question: str
    answered: int
    satisfied: int
    dissatisfied: int
    average: str | None = None
    chosen: tuple[int, ...] = ()
    marks: int | None = None
    hundredths: int | None = None


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
    arrived_on: date | None = None


@event()
class SurveyAnswerCorrected(Event):
    """答卷已更正 · An answer was corrected."""

    respondent: str
    marks: tuple[Mark, ...]
    before: tuple[Mark, ...]
    reason: str
    dissatisfied: bool = False
    written_by: str | None = None


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
