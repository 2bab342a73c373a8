"""What can be done about a survey 征求意见 (§5.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from math import ceil

from domain.kernel.calendar import add_months, end_of_day
from domain.kernel.corrections import not_corrected_by
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor, Role
from domain.kernel.rules import blank, broken, day_ahead, day_passed, forbid, missing
from domain.visits.survey.case import CLOSED, Survey
from domain.visits.survey.events import (
    AnswerMeans,
    Mark,
    Question,
    QuestionKind,
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


def term_of(day: date, per_year: int) -> int:
    """Which of the year's terms a day falls into, from 1."""
    return min(((day.month - 1) * per_year) // 12 + 1, per_year)


def last_day(year: int, number: int, per_year: int) -> date:
    """The last day of a term; with two a year, 30 June and 31 December."""
    after = add_months(date(year, 1, 1), ceil(Fraction(12 * number, per_year)))
    return date.fromordinal(after.toordinal() - 1)


def is_satisfied(mark: int, most: int) -> bool:
    """Marks in the upper two fifths of the scale: 4 and 5 of 5, 7 to 10 of 10."""
    return Fraction(mark, most) > Fraction(3, 5)


def is_dissatisfied(mark: int, most: int) -> bool:
    """Marks in the lower two fifths of the scale: 1 and 2 of 5."""
    return Fraction(mark, most) <= Fraction(2, 5)


@command
class OweSurvey(Command):
    """立项征求意见 · Open the survey of a term."""

    year: int
    number: int

    def decide(self, _survey: None, at: Moment) -> Iterator[Event]:
        """Evaluated by the end of its term (§5.1)."""
        if not 2000 <= self.year <= 2199:
            raise broken("year-unknown", "5.1", "年份须为四位公历年", "a year such as 2025", "year")
        if not 1 <= self.number <= 12:
            raise broken("number-unknown", "5.1", "期次须为1至12", "a number from 1 to 12", "number")
        per_year = max(at.numbers.integer("surveys.per_year"), self.number)
        yield SurveyOwed(
            year=self.year, number=self.number, due_by=end_of_day(last_day(self.year, self.number, per_year))
        )


@command
class DraftSurvey(Command):
    """拟定征询表 · Draft the questionnaire."""

    title: str
    questions: tuple[Question, ...]

    def decide(self, _survey: Survey, _at: Moment) -> Iterator[Event]:
        """At least one question, each with a code; choices where it has them (§5.1)."""
        if not self.questions:
            raise missing("questions", "5.1", "征询表须有题目", "a questionnaire has questions")
        if len({question.code for question in self.questions}) != len(self.questions):
            raise broken(
                "question-twice", "5.1", "题目编号不得重复", "each question has a code of its own", "questions"
            )
        for question in self.questions:
            if (question.kind is QuestionKind.CHOICE) != bool(question.choices):
                raise broken(
                    "choices", "5.1", f"题目{question.code}：单选题须有选项", "choices go with choice", "questions"
                )
            if question.most < 2:
                raise broken("scale", "5.1", "量表至少两级", "a scale has two marks at least", "questions")
        yield self.to_event(SurveyDrafted)


@command
class IssueSurvey(Command):
    """发放征询表 · Issue the questionnaire."""

    households: tuple[str, ...]
    closes_on: date

    def decide(self, _survey: Survey, at: Moment) -> Iterator[Event]:
        """To whom, and until when: these are what the response rate is taken of (§5.1)."""
        households = tuple(dict.fromkeys(self.households))
        if not households:
            at.require_evidence(broken("population-missing", "5.1", "请选择发放对象", "say to whom", "households"))
        at.require_evidence(day_passed(self.closes_on, "5.1", at, "closes_on"))
        yield SurveyIssued(households=households, issued=len(households), closes_on=self.closes_on)


@command
class ExtendSurvey(Command):
    """补发征询表 · Issue the questionnaire to more households."""

    households: tuple[str, ...]

    def decide(self, survey: Survey, _at: Moment) -> Iterator[Event]:
        """Those who were left out, or a large estate's next thousand (§5.1)."""
        more = tuple(each for each in dict.fromkeys(self.households) if each not in survey.households)
        if not more:
            raise broken("population-missing", "5.1", "所选住户均已发放", "all of them have it already", "households")
        yield SurveyExtended(households=more)


@command
class RemindSurvey(Command):
    """提醒填写 · Remind those who have not answered."""

    @staticmethod
    def ready(survey: Survey, _who: Actor) -> RuleBroken | None:
        """Somebody must be left to be reminded."""
        if not set(survey.households) - set(survey.marks):
            return broken("all-answered", "5.1", "均已答复", "everybody has answered")
        return None

    def decide(self, survey: Survey, _at: Moment) -> Iterator[Event]:
        """Those who have not answered (§5.1)."""
        yield SurveyReminded(households=len(set(survey.households) - set(survey.marks)))


@command
class RecordSurveyAnswer(Command):
    """登记答卷 · Record an answer."""

    respondent: str
    marks: tuple[Mark, ...]
    means: AnswerMeans = AnswerMeans.PAPER
    remarks: Personal | None = None
    told: tuple[str, ...] = ()
    texts: tuple[Personal, ...] = ()
    arrived_on: date | None = None

    def decide(self, survey: Survey, at: Moment) -> Iterator[Event]:
        """One per household, of those who were asked, each question answered once and in its own kind (§5.1).

        ``told`` names the questions that were answered in words, ``texts`` says the words, in the same order.
        """
        self._check_arrival(survey, at)
        if self.respondent not in survey.households:
            at.require_evidence(
                broken("not-asked", "5.1", "该户不在发放范围", "that household was not asked", "respondent")
            )
        if self.respondent in survey.marks:
            raise broken("answered-twice", "5.1", "该户已答复", "that household has answered", "respondent")
        questions = {question.code: question for question in survey.questions}
        codes = [*(mark.question for mark in self.marks), *self.told]
        for code in codes:
            if code not in questions:
                listed = "、".join(questions)
                zh, en = f"没有题目{code}，题目有：{listed}", f"there is no question {code}: {listed}"
                raise broken("question-unknown", "5.1", zh, en, "marks")
        if len(set(codes)) < len(codes):
            raise broken("marked-twice", "5.1", "每题只能作答一次", "a question is answered once", "marks")
        for mark in self.marks:
            _check_mark(mark, questions[mark.question], at)
        if len(self.told) != len(self.texts) or any(
            questions[code].kind is not QuestionKind.TEXT for code in self.told
        ):
            raise broken("texts", "5.1", "文字答复须与文字题一一对应", "words go with questions of words", "texts")
        yield self.to_event(SurveyAnswered, dissatisfied=_unhappy(self.marks, survey))

    def _check_arrival(self, survey: Survey, at: Moment) -> None:
        """After the closing only what came on paper before it, with the day on which it came (§5.1)."""
        if survey.state == CLOSED and (self.arrived_on is None or self.means is not AnswerMeans.PAPER):
            zh, en = (
                "截止后只补录截止前收到的纸质答卷，并注明收到日期",
                "after closing only paper that came before, with its day",
            )
            at.require_evidence(broken("survey-closed", "5.1", zh, en, "arrived_on"))
        if self.arrived_on is None:
            return
        forbid(day_ahead(self.arrived_on, "5.1", at, "arrived_on"))
        issued = at.day_of(survey.issued_at) if survey.issued_at is not None else self.arrived_on
        last = at.day_of(survey.closed_at) if survey.closed_at is not None else survey.closes_on or self.arrived_on
        if not issued <= self.arrived_on <= min(last, survey.closes_on or last):
            zh, en = "收到日期须在发放之后、截止之前", "it came after it was issued and before the closing"
            raise broken("arrived-too-late", "5.1", zh, en, "arrived_on")


@command
class CorrectSurveyAnswer(Command):
    """更正答卷 · Correct an answer."""

    respondent: str
    marks: tuple[Mark, ...]
    reason: str

    @staticmethod
    def ready(survey: Survey, _who: Actor) -> RuleBroken | None:
        """Something was answered."""
        return None if survey.marks else broken("nothing-answered", "5.1", "尚无答卷", "nobody has answered")

    def decide(self, survey: Survey, at: Moment) -> Iterator[Event]:
        """Who entered it corrects it alone for an hour, then somebody else; what it said before stands in the fact.

        What residents filled in themselves is nobody's to correct.
        """
        forbid(blank(self.reason, "reason", "5.1", "请说明理由", "say why"))
        if self.respondent not in survey.marks:
            raise broken("not-answered", "5.1", "该户尚未答复", "that household has not answered", "respondent")
        entry = survey.answered_by[self.respondent]
        if entry.by == Role.RESIDENT:
            zh, en = "住户本人所填，不由他人更正", "the resident filled it in: nobody else corrects it"
            raise broken("residents-own", "5.1", zh, en, "respondent")
        forbid(not_corrected_by(entry, at, "respondent"))
        questions = {question.code: question for question in survey.questions}
        before = survey.marks[self.respondent]
        if sorted(mark.question for mark in self.marks) != sorted(mark.question for mark in before):
            zh, en = "须就原答各题重新填写", "the same questions as before"
            raise broken("other-questions", "5.1", zh, en, "marks")
        for mark in self.marks:
            _check_mark(mark, questions[mark.question], at)
        yield self.to_event(
            SurveyAnswerCorrected, before=before, dissatisfied=_unhappy(self.marks, survey), written_by=entry.by
        )


def _unhappy(marks: tuple[Mark, ...], survey: Survey) -> bool:
    most = {question.code: question.most * 100 for question in survey.questions}
    return any(mark.exact is not None and is_dissatisfied(mark.exact, most[mark.question]) for mark in marks)


def _check_mark(mark: Mark, question: Question, at: Moment) -> None:
    if mark.mark is not None and mark.hundredths is not None:
        raise broken("mark-twice", "5.1", "同一题目评分重复", "the mark is given twice", "marks")
    if mark.exact is not None and question.kind is not QuestionKind.SATISFACTION:
        raise broken("no-scale", "5.1", f"题目{question.code}不评分", "that question has no marks", "marks")
    if mark.exact is not None and not 100 <= mark.exact <= question.most * 100:
        at.require_evidence(
            broken(
                "mark-out-of-range", "5.1", f"评分须为1至{question.most}", f"a mark is 1 to {question.most}", "marks"
            )
        )
    if mark.choice is not None and mark.choice not in question.choices:
        listed = "、".join(question.choices)
        zh, en = (
            f"没有此选项，题目{question.code}可选：{listed}",
            f"there is no such choice in {question.code}: {listed}",
        )
        raise broken("choice-unknown", "5.1", zh, en, "marks")


@command
class CloseSurvey(Command):
    """截止征求意见 · Close the survey."""

    def decide(self, survey: Survey, _at: Moment) -> Iterator[Event]:
        """At 24:00 of the closing date, or when the manager says so (§5.1)."""
        yield SurveyClosed(answers=len(survey.marks))


@command
class EvaluateSurvey(Command):
    """评议征询结果 · Evaluate the survey."""

    analysis: str
    measures: str | None = None

    def decide(self, survey: Survey, _at: Moment) -> Iterator[Event]:
        """Response rate, satisfaction by question and the dissatisfied are frozen with the analysis (§5.1)."""
        forbid(blank(self.analysis, "analysis", "5.1", "请写明评议意见", "say what the answers mean"))
        yield SurveyEvaluated(
            issued=survey.issued,
            answered=len(survey.marks),
            dissatisfied=tuple(survey.unhappy),
            results=tuple(_result(question, survey) for question in survey.questions),
            analysis=self.analysis,
            measures=self.measures,
        )


def _result(question: Question, survey: Survey) -> QuestionResult:
    given = [mark for marks in survey.marks.values() for mark in marks if mark.question == question.code]
    marks = [mark.exact for mark in given if mark.exact is not None]
    choices = [mark.choice for mark in given if mark.choice is not None]
    return QuestionResult(
        question=question.code,
        answered=len(marks) + len(choices) + survey.told.get(question.code, 0),
        satisfied=sum(1 for mark in marks if is_satisfied(mark, question.most * 100)),
        dissatisfied=sum(1 for mark in marks if is_dissatisfied(mark, question.most * 100)),
        average=str(Fraction(sum(marks), 100 * len(marks))) if marks else None,
        chosen=tuple(choices.count(choice) for choice in question.choices),
        marks=len(marks),
        hundredths=sum(marks),
    )


@command
class MissSurvey(Command):
    """征求意见逾期 · Note that the term passed without an evaluated survey."""

    def decide(self, survey: Survey, at: Moment) -> Iterator[Event]:
        """The breach stands at the term's end; it can still be evaluated late (§5.1)."""
        yield SurveyMissed(due_at=survey.due_by or at.now)
