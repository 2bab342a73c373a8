"""Survey sheets 征询表 (§5.1): one for each household that was asked, with its own code to answer by telephone or on paper; blank,
and as they were answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from api.console.codes import drawn
from api.console.errors import RESIDENTS
from api.console.page import Kit, Page, office_page
from api.console.survey_answers import answered
from api.console.survey_page import SurveyLink, survey_token
from api.routes.actions import checked_id
from domain.cases import BY_PATH
from domain.kernel.errors import NotFound
from domain.visits.survey.case import ISSUED, Survey

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]

_UNSAID: Final[dict[str, Any]] = {"answers": {}, "remarks": ""}
_MOST: Final = 100
"""Sheets of one page."""
_HOMES: Final = "select case_id, home, building from wuye.r_households where office = %s and case_id = any(%s) and to_number is null"


def routes(kit: Kit) -> list[Route]:
    """One survey's."""
    return [office_page(kit, "/survey-sheets/{case_id:path}", _sheets)]


def _sheets(page: Page) -> Response:
    case_id = page.request.path_params["case_id"]
    checked_id(BY_PATH["surveys"], case_id)
    survey: Survey = page.context.handler.case(page.office, case_id)
    if page.query("blank") and survey.questions:
        return _shown(page, survey, [{**_UNSAID, "home": "", "link": "", "code": None}])
    if not survey.households:
        raise NotFound("page-unknown", None, zh="征询表尚未发放", en="the questionnaire is not issued yet")
    with page.connect() as connection:
        homes = {row[0]: row[1:] for row in connection.execute(_HOMES, [page.office, list(survey.households)])}
    is_answered = bool(page.query("answered"))
    those = [
        (place, household)
        for place, household in enumerate(survey.households)
        if (household in survey.marks) is is_answered and household in homes
    ]
    those.sort(key=lambda pair: (homes[pair[1]][1] is None, homes[pair[1]][1] or "", homes[pair[1]][0] or ""))
    start = int(page.query("from")[:6]) if page.query("from").isdecimal() else 0
    shown = those[start : start + _MOST]
    following = page.here(**{"from": start + _MOST}) if len(those) > start + _MOST else ""
    if is_answered:
        said = answered(page, survey, [household for _, household in shown])
        sheets = [{"home": homes[each["household"]][0] or "", "link": "", "code": None, **each} for each in said]
        return _shown(page, survey, sheets, number=len(those), start=start, following=following, is_answered=True)
    sheets = [_sheet(page, survey, place, homes[household][0]) for place, household in shown]
    return _shown(page, survey, sheets, number=len(those), start=start, following=following)


def _shown(
    page: Page,
    survey: Survey,
    sheets: list[dict[str, Any]],
    *,
    number: int = 0,
    start: int = 0,
    following: str = "",
    is_answered: bool = False,
) -> Response:
    """The sheets; a blank one for the counter has no home and no code."""
    return page.show(
        "survey_sheets.html",
        survey=survey,
        office=page.kit.office_name(page.office),
        sheets=sheets,
        number=number,
        is_answered=is_answered,
        answered=page.at("survey-sheets", survey.id, answered="1") if survey.marks else "",
        start=start,
        following=following,
        is_blank=bool(page.query("blank")),
        blank=page.at("survey-sheets", survey.id, blank="1"),
        back=page.at("case", survey.id),
        closes=f"{survey.closes_on:%Y年%-m月%-d日}" if survey.closes_on is not None else "",
    )


def _sheet(page: Page, survey: Survey, place: int, home: str | None) -> dict[str, Any]:
    """A household's sheet; its code while one may answer."""
    path = f"{RESIDENTS}/survey/{survey_token(page.context, SurveyLink(page.office, place, survey.id))}"
    if survey.state != ISSUED:
        return {**_UNSAID, "home": home or "", "link": "", "code": None}
    return {
        **_UNSAID,
        "home": home or "",
        "link": path,
        "code": drawn(f"{str(page.request.base_url).rstrip('/')}{path}"),
    }
