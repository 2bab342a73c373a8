"""Answered questionnaires 已答征询表 (§5.1): what each household said, on the sheet on which it was asked.

What was said in words is opened for whoever may read it, and that is a reading; a correction stands beside what it corrects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from api.routes.cases import fact_view
from domain.kernel.calendar import local_date
from domain.kernel.fact import Fact
from domain.kernel.words import choice_names
from domain.visits.survey.events import Mark, SurveyAnswerCorrected, SurveyAnswered

if TYPE_CHECKING:
    from api.console.page import Page
    from domain.visits.survey.case import Survey

__all__ = ["answered"]


def answered(page: Page, survey: Survey, households: Sequence[str]) -> list[dict[str, Any]]:
    """The sheets of these households, in this order, as they were answered."""
    _, facts = page.context.handler.history(page.office, survey.id)
    wanted = set(households)
    views = {
        fact.event.respondent: fact_view(fact)["data"] | {"case_id": survey.id}
        for fact in facts
        if isinstance(fact.event, SurveyAnswered) and fact.event.respondent in wanted
    }
    page.reader.open(list(views.values()), "surveys/paper")
    told = {household: _told(household, views[household], facts) for household in views}
    return [{"household": each, **told[each]} for each in households if each in told]


def _told(household: str, view: dict[str, Any], facts: Sequence[Fact]) -> dict[str, Any]:
    """One answer: question → what was ticked or said, the remarks, and how and when it came."""
    [first] = [fact for fact in _of(household, facts) if isinstance(fact.event, SurveyAnswered)]
    corrected = [fact for fact in _of(household, facts) if isinstance(fact.event, SurveyAnswerCorrected)]
    last = (corrected or [first])[-1]
    answers: dict[str, Any] = {mark.question: _ticked(mark) for mark in last.event.marks}
    answers |= {code: {"said": words} for code, words in zip(view["told"], view["texts"], strict=True)}
    return {
        "answers": answers,
        "remarks": view["remarks"] or "",
        "means": choice_names(first.event.means)[0],
        "arrived": f"{first.event.arrived_on or local_date(first.occurred_at):%Y年%-m月%-d日}",
        "corrected": [f"{local_date(fact.occurred_at):%Y年%-m月%-d日}更正：{fact.event.reason}" for fact in corrected],
    }


def _of(household: str, facts: Sequence[Fact]) -> Iterator[Any]:
    for fact in facts:
        if getattr(fact.event, "respondent", None) == household:
            yield fact


def _ticked(mark: Mark) -> dict[str, Any]:
    """A mark between two whole ones is written beside them."""
    between = mark.hundredths is not None and mark.hundredths % 100
    return {
        "mark": mark.exact // 100 if mark.exact is not None and not between else None,
        "choice": mark.choice,
        "said": f"{mark.hundredths / 100:g}分" if mark.hundredths is not None and between else "",
    }
