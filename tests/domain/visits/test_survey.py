"""Sentences about opinion surveys 征求意见 (§5.1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.handbook.settings import Change, Settings
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.people import Role
from domain.visits.survey.commands import (
    CloseSurvey,
    DraftSurvey,
    EvaluateSurvey,
    ExtendSurvey,
    IssueSurvey,
    MissSurvey,
    OweSurvey,
    RecordSurveyAnswer,
    RemindSurvey,
    is_dissatisfied,
    is_satisfied,
    last_day,
    term_of,
)
from domain.visits.survey.events import (
    Mark,
    Question,
    QuestionKind,
    QuestionResult,
    SurveyAnswered,
    SurveyClosed,
    SurveyEvaluated,
    SurveyExtended,
    SurveyMissed,
    SurveyReminded,
)
from domain.visits.survey.lifecycle import LIFECYCLE
from tests.domain.story import Story, given, instant

CLERK, HEAD, MANAGER, CLOCK, POLICY = (
    Role.ADMINISTRATOR,
    Role.DEPARTMENT_HEAD,
    Role.MANAGER,
    Role.CLOCK,
    Role.POLICY,
)
QUESTIONS = (
    Question(code="q1", text="保洁"),
    Question(code="q2", text="最希望改进", kind=QuestionKind.CHOICE, choices=("绿化", "停车")),
)
HOMES = ("household-1", "household-2", "household-3")


def owed() -> Story:
    return given(LIFECYCLE).when(OweSurvey(year=2025, number=1), as_=POLICY)


def issued(*questions: Question) -> Story:
    story = owed().when(DraftSurvey(title="上半年征询", questions=questions or QUESTIONS), as_=CLERK)
    return story.when(IssueSurvey(households=(*HOMES, HOMES[0]), closes_on=date(2025, 4, 30)), as_=HEAD)


def answer(who: str, *marks: Mark, **fields: Any) -> RecordSurveyAnswer:
    return RecordSurveyAnswer(respondent=who, marks=marks, **fields)


def test_two_surveys_a_year_are_owed_each_by_the_end_of_its_half() -> None:
    owed().owes("survey", "2025-07-01 00:00")
    assert [term_of(date(2025, month, 1), 2) for month in (1, 6, 7, 12)] == [1, 1, 2, 2]
    assert [last_day(2025, number, 3) for number in (1, 2, 3)] == [
        date(2025, 4, 30),
        date(2025, 8, 31),
        date(2025, 12, 31),
    ]
    four = Story(LIFECYCLE, Settings((Change("surveys.per_year", 4, date(2025, 1, 1)),)))
    four.when(OweSurvey(year=2025, number=1), as_=POLICY).owes("survey", "2025-04-01 00:00")


def test_a_term_without_an_evaluated_survey_is_a_breach() -> None:
    story = owed().when(MissSurvey(), as_=CLOCK, at="2025-07-01 00:00")
    story.then(SurveyMissed, due_at=instant("2025-07-01 00:00")).is_in("owed").owes("survey", None)


@pytest.mark.parametrize(("year", "number", "code"), [(1999, 1, "year-unknown"), (2025, 13, "number-unknown")])
def test_a_survey_belongs_to_a_term(year: int, number: int, code: str) -> None:
    given(LIFECYCLE).when(OweSurvey(year=year, number=number), as_=HEAD).refused(RuleBroken, code=code)


@pytest.mark.parametrize(
    ("questions", "code"),
    [
        ((), "questions-missing"),
        ((QUESTIONS[0], QUESTIONS[0]), "question-twice"),
        ((Question(code="q", text="x", kind=QuestionKind.CHOICE),), "choices"),
        ((Question(code="q", text="x", most=1),), "scale"),
    ],
)
def test_a_questionnaire_can_be_answered(questions: tuple[Question, ...], code: str) -> None:
    owed().when(DraftSurvey(title="x", questions=questions), as_=CLERK).refused(RuleBroken, code=code)


def test_it_goes_to_a_population_until_a_day() -> None:
    story = owed().when(DraftSurvey(title="x", questions=QUESTIONS), as_=CLERK)
    story.when(IssueSurvey(households=(), closes_on=date(2025, 4, 1)), as_=HEAD).refused(
        RuleBroken, code="population-missing"
    )
    story.when(IssueSurvey(households=HOMES, closes_on=date(2025, 3, 1)), as_=HEAD).refused(
        RuleBroken, code="day-passed"
    )
    assert issued().owes("closing", "2025-05-01 00:00").case.issued == 3


def test_one_answer_per_household_within_the_scales() -> None:
    story = issued().when(answer("household-9"), as_=CLERK).refused(RuleBroken, code="not-asked")
    story.when(answer(HOMES[0], Mark(question="q9")), as_=CLERK).refused(RuleBroken, code="question-unknown")
    story.when(answer(HOMES[0], Mark(question="q1", mark=6)), as_=CLERK).refused(RuleBroken, code="mark-out-of-range")
    story.when(answer(HOMES[0], Mark(question="q2", choice="电梯")), as_=CLERK).refused(
        RuleBroken, code="choice-unknown"
    )
    story.when(answer(HOMES[0], Mark(question="q1", mark=2), Mark(question="q2", choice="停车")), as_=CLERK)
    story.then(SurveyAnswered, dissatisfied=True)
    story.when(answer(HOMES[0]), as_=CLERK).refused(RuleBroken, code="answered-twice")
    story.when(RemindSurvey(), as_=CLERK).then(SurveyReminded, households=2)
    story.when(answer(HOMES[1], Mark(question="q1", mark=5)), as_=CLERK).then(SurveyAnswered, dissatisfied=False)
    story.when(answer(HOMES[2], Mark(question="q1")), as_=CLERK).when(RemindSurvey(), as_=CLERK)
    story.refused(RuleBroken, code="all-answered")


def test_each_question_is_answered_once_and_in_its_own_kind() -> None:
    words = Question(code="q3", text="其他意见", kind=QuestionKind.TEXT)
    story = issued(*QUESTIONS, words)
    for wrong, code in (
        (answer(HOMES[0], Mark(question="q1", mark=5), Mark(question="q1", mark=5)), "marked-twice"),
        (answer(HOMES[0], Mark(question="q3"), told=("q3",), texts=("好",)), "marked-twice"),
        (answer(HOMES[0], Mark(question="q2", mark=1)), "no-scale"),
        (answer(HOMES[0], Mark(question="q3", mark=1)), "no-scale"),
        (answer(HOMES[0], told=("q3",)), "texts"),
        (answer(HOMES[0], told=("q1",), texts=("好",)), "texts"),
        (answer(HOMES[0], told=("q9",), texts=("好",)), "question-unknown"),
    ):
        story.when(wrong, as_=CLERK).refused(RuleBroken, code=code, clause="5.1")
    story.when(answer(HOMES[0], told=("q3",), texts=("希望增设充电桩",)), as_=CLERK).then(SurveyAnswered)
    story.when(CloseSurvey(), as_=HEAD).when(EvaluateSurvey(analysis="x"), as_=MANAGER)
    assert [result.answered for result in story.case.results] == [0, 0, 1]


def test_it_can_go_to_more_households_while_it_runs() -> None:
    story = issued().when(ExtendSurvey(households=(HOMES[0], "household-4", "household-4")), as_=HEAD)
    story.then(SurveyExtended, households=("household-4",))
    assert story.case.issued == 4
    story.when(ExtendSurvey(households=HOMES), as_=HEAD).refused(RuleBroken, code="population-missing")
    story.when(answer("household-4"), as_=CLERK).then(SurveyAnswered)


def test_the_evaluation_freezes_what_was_answered() -> None:
    story = issued().when(answer(HOMES[0], Mark(question="q1", mark=2), Mark(question="q2", choice="停车")), as_=CLERK)
    story.when(answer(HOMES[1], Mark(question="q1", mark=5)), as_=CLERK)
    story.when(CloseSurvey(), as_=CLOCK, at="2025-05-01 00:00").then(SurveyClosed, answers=2).is_in("closed")
    story.when(EvaluateSurvey(analysis=" "), as_=MANAGER).refused(RuleBroken, code="analysis-missing")
    story.when(EvaluateSurvey(analysis="x"), as_=HEAD).refused(NotPermitted)
    story.when(EvaluateSurvey(analysis="停车为主"), as_=MANAGER).then(
        SurveyEvaluated,
        issued=3,
        answered=2,
        dissatisfied=(HOMES[0],),
        results=(
            QuestionResult(
                question="q1", answered=2, satisfied=1, dissatisfied=1, average="7/2", marks=2, hundredths=700
            ),
            QuestionResult(
                question="q2", answered=1, satisfied=0, dissatisfied=0, chosen=(0, 1), marks=0, hundredths=0
            ),
        ),
    ).is_in("evaluated").owes("survey", None)


def test_satisfied_and_dissatisfied_are_the_ends_of_any_scale() -> None:
    assert [is_satisfied(mark, 5) for mark in range(1, 6)] == [False, False, False, True, True]
    assert [is_dissatisfied(mark, 5) for mark in range(1, 6)] == [True, True, False, False, False]
    assert [mark for mark in range(1, 11) if is_satisfied(mark, 10)] == [7, 8, 9, 10]


def test_a_mark_between_two_whole_ones_counts_as_exactly_what_it_is() -> None:
    story = issued().when(answer(HOMES[0], Mark(question="q1", hundredths=350)), as_=CLERK)
    story.then(SurveyAnswered, dissatisfied=False)
    story.when(answer(HOMES[1], Mark(question="q1", hundredths=50)), as_=CLERK)
    story.refused(RuleBroken, code="mark-out-of-range")
    story.when(answer(HOMES[1], Mark(question="q1", mark=3, hundredths=300)), as_=CLERK)
    story.refused(RuleBroken, code="mark-twice")
    story.when(answer(HOMES[1], Mark(question="q1", mark=2)), as_=CLERK).then(SurveyAnswered, dissatisfied=True)
    story.when(CloseSurvey(), as_=HEAD).when(EvaluateSurvey(analysis="x"), as_=MANAGER)
    first = story.case.results[0]
    assert (first.average, first.marks, first.hundredths, first.dissatisfied) == ("11/4", 2, 550, 1)


def test_another_systems_survey_comes_without_its_population_and_with_marks_off_its_scale() -> None:
    story = given(LIFECYCLE).when(OweSurvey(year=2013, number=1), as_=HEAD, imported=True)
    story.when(DraftSurvey(title="x", questions=QUESTIONS), as_=CLERK, imported=True)
    story.when(IssueSurvey(households=(), closes_on=date(2013, 12, 31)), as_=HEAD, imported=True)
    assert story.waived == ["population-missing", "day-passed"]
    story.when(answer("186", Mark(question="q1", mark=62)), as_=CLERK, imported=True).then(SurveyAnswered)
    assert story.waived == ["not-asked", "mark-out-of-range"]
