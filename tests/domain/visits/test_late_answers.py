"""An answer on paper that came in time and is entered later, and one that was entered wrongly (§5.1)."""

from __future__ import annotations

from datetime import date

import pytest

from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.visits.survey.commands import CloseSurvey, CorrectSurveyAnswer, EvaluateSurvey
from domain.visits.survey.events import AnswerMeans, Mark, SurveyAnswerCorrected, SurveyAnswered, SurveyEvaluated
from tests.domain.story import Story
from tests.domain.visits.test_survey import CLERK, CLOCK, HOMES, MANAGER, answer, issued

GOOD, BAD = Mark(question="q1", mark=5), Mark(question="q1", mark=1)
AFTER = "2025-05-02 10:00"


def closed() -> Story:
    """Issued on 3 March, closed at the end of 30 April; one has answered."""
    story = issued().when(answer(HOMES[0], BAD), as_=CLERK, at="2025-03-10 10:00").then(SurveyAnswered)
    return story.when(CloseSurvey(), as_=CLOCK, at="2025-05-01 00:00").is_in("closed")


def test_paper_that_came_before_the_closing_is_entered_after_it() -> None:
    story = closed().when(answer(HOMES[1], GOOD, arrived_on=date(2025, 4, 30)), as_=CLERK, at=AFTER)
    story.then(SurveyAnswered, arrived_on=date(2025, 4, 30))
    story.when(EvaluateSurvey(analysis="阅"), as_=MANAGER, at=AFTER).then(SurveyEvaluated, answered=2)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "survey-closed"),
        ({"means": AnswerMeans.ONLINE, "arrived_on": date(2025, 4, 30)}, "survey-closed"),
        ({"arrived_on": date(2025, 5, 1)}, "arrived-too-late"),
        ({"arrived_on": date(2025, 3, 2)}, "arrived-too-late"),
        ({"arrived_on": date(2025, 5, 3)}, "day-ahead"),
    ],
)
def test_nothing_else_is(fields: dict, code: str) -> None:  # type: ignore[type-arg]
    closed().when(answer(HOMES[1], GOOD, **fields), as_=CLERK, at=AFTER).refused(RuleBroken, code=code)


def test_while_it_runs_the_day_of_arrival_may_be_said() -> None:
    issued().when(answer(HOMES[1], GOOD, arrived_on=date(2025, 3, 9)), as_=CLERK, at="2025-03-10 10:00").then(
        SurveyAnswered
    )


def corrected(
    story: Story, *marks: Mark, at: str, by: str = "someone", who: str = HOMES[0], why: str = "录错"
) -> Story:
    return story.when(CorrectSurveyAnswer(respondent=who, marks=marks, reason=why), as_=CLERK, at=at, by=by)


def test_an_answer_is_corrected_with_what_it_said_before() -> None:
    story = corrected(closed(), GOOD, at=AFTER, by="other").then(SurveyAnswerCorrected, before=(BAD,), marks=(GOOD,))
    assert story.case.unhappy == []
    corrected(story, BAD, at="2025-05-02 10:30", by="other").then(SurveyAnswerCorrected, dissatisfied=True)
    assert story.case.unhappy == [HOMES[0]]


def test_alone_for_an_hour_and_about_the_same_questions() -> None:
    corrected(closed(), GOOD, at=AFTER).refused(RuleBroken, code="second-person")
    first = issued().when(answer(HOMES[0], BAD), as_=CLERK, at="2025-03-10 10:00")
    corrected(first, GOOD, at="2025-03-10 10:59").then(SurveyAnswerCorrected)
    corrected(closed(), GOOD, at=AFTER, by="other", why=" ").refused(RuleBroken, code="reason-missing")
    corrected(closed(), GOOD, at=AFTER, by="other", who=HOMES[2]).refused(RuleBroken, code="not-answered")
    corrected(closed(), at=AFTER, by="other").refused(RuleBroken, code="other-questions")
    corrected(closed(), Mark(question="q1", mark=9), at=AFTER, by="other").refused(RuleBroken, code="mark-out-of-range")
    corrected(issued(), GOOD, at="2025-03-10 10:00").refused(RuleBroken, code="nothing-answered")


def test_what_residents_filled_in_themselves_is_nobodys_to_correct() -> None:
    story = issued().when(answer(HOMES[1], GOOD), as_=Role.RESIDENT, by="resident", at="2025-03-10 10:00")
    story.then(SurveyAnswered)
    corrected(story, BAD, at="2025-03-11 10:00", who=HOMES[1]).refused(RuleBroken, code="residents-own")
