"""The survey by a resident's own hand 住户自填征询表 (§5.1): a link on the sheet, no log-in, answered once, until it closes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from api.console.formatting import instant
from api.console.page import Form, Page, first
from api.console.resident_links import said_by, token_of
from api.console.resident_view import refuse_staff
from api.http.text import LONG
from domain.kernel.errors import NotFound, Refusal
from domain.kernel.people import Actor, Role
from domain.kernel.rules import missing
from domain.visits.survey.case import ISSUED, Survey
from domain.visits.survey.commands import RecordSurveyAnswer
from domain.visits.survey.events import AnswerMeans, Mark, QuestionKind
from workflows.engine.request import CommandRequest

if TYPE_CHECKING:
    from api.http.context import ApiContext

__all__ = ["SurveyLink", "survey_page", "survey_token"]

_PURPOSE: Final = "residents' survey links"
_RESIDENT: Final = Actor("resident", Role.RESIDENT)


@dataclass(frozen=True, slots=True)
class SurveyLink:
    """Whose sheet of which survey: ``place`` is the household's place among those who were asked, so that no id is shown."""

    office: str
    place: int
    survey: str


def survey_token(context: ApiContext, link: SurveyLink) -> str:
    """The token of a household's own sheet; nobody can guess it."""
    return token_of(context, f"{link.office}/{link.place}/{link.survey}", _PURPOSE)


def _read(context: ApiContext, token: str) -> SurveyLink | None:
    said = said_by(context, token, _PURPOSE)
    if said is None:
        return None
    office, place, survey = said.split("/", 2)
    return SurveyLink(office, int(place), survey)


def survey_page(page: Page) -> Response:
    """The questions, or that they were answered; no name, no home."""
    link = _read(page.context, page.request.path_params["token"])
    if link is None or not page.context.exists(link.office):
        raise NotFound("link-unknown", None, zh="没有这个链接", en="there is no such link")
    page.office, page.moment = link.office, page.context.time_in(link.office)
    survey: Survey = page.context.handler.case(page.office, link.survey)
    household, said = survey.households[link.place], ""
    if page.request.method == "POST" and household not in survey.marks:
        try:
            _answer(page, survey, household)
            survey = page.context.handler.case(page.office, link.survey)
        except Refusal as refusal:
            said = page.t(refusal.zh, refusal.en)
    return page.show(
        "resident_survey.html",
        409 if said else 200,
        office_name=page.kit.office_name(page.office),
        survey=survey,
        questions=[(f"q{number}", question) for number, question in enumerate(survey.questions)],
        said=said,
        value=lambda name: first(page.form, name),
        answered=household in survey.marks,
        asks=survey.state == ISSUED,
        until=instant(survey.closes_at, page.lang, page.now, ends=True) if survey.closes_at is not None else "",
        most=LONG,
        other=f"{page.request.url.path}{'' if page.lang == 'en' else '?lang=en'}",
        framed=False,
    )


def _answer(page: Page, survey: Survey, household: str) -> None:
    """What was filled in becomes a fact of role resident; a second click finds it answered."""
    refuse_staff(page, "5.1")
    command = _written(page.form, survey, household)
    page.context.handler.handle(
        CommandRequest(office=page.office, command=command, case_id=survey.id, actor=_RESIDENT, now=page.now)
    )


def _written(form: Form, survey: Survey, household: str) -> RecordSurveyAnswer:
    """What was left out is no answer. Raises RuleBroken for an empty sheet."""
    marks, told, texts = [], [], []
    for number, question in enumerate(survey.questions):
        value = first(form, f"q{number}").strip()[:LONG]
        if not value:
            continue
        if question.kind is QuestionKind.TEXT:
            told.append(question.code)
            texts.append(value)
        elif question.kind is QuestionKind.CHOICE:
            marks.append(Mark(question=question.code, choice=value))
        elif value.isdecimal():
            marks.append(Mark(question=question.code, mark=int(value[:4])))
    remarks = first(form, "remarks").strip()[:LONG] or None
    if not marks and not told and remarks is None:
        raise missing("marks", "5.1", "请至少回答一题", "answer one question at least")
    return RecordSurveyAnswer(
        respondent=household,
        marks=tuple(marks),
        means=AnswerMeans.ONLINE,
        remarks=remarks,
        told=tuple(told),
        texts=tuple(texts),
    )
