"""The patrol on a telephone 手机巡视 (§2): set out, one tap at each point, what was found with its photo, and the end."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import RedirectResponse, Response

from api.console.actions import given
from api.console.form_values import Written, read
from api.console.formatting import clock, day
from api.console.page import Kit, Page, first, office_page
from api.routes.actions import checked_id
from api.routes.papers import file_paper
from domain.cases import BY_PATH
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotFound, Refusal
from domain.kernel.people import Role
from domain.kernel.words import choice_names
from domain.rounds.patrol.case import OWED, SUBJECT_CLAUSES, UNDER_WAY, UNFINISHED, Patrol
from domain.rounds.patrol.commands import BeginPatrol, EndPatrol, RecordPatrolFinding, ResumePatrol, SeePatrolPoint
from domain.rounds.patrol.events import Handling
from domain.rounds.patrol_route import PatrolRoute, Subject
from domain.rounds.work_order import Trade
from journal.files import Files

if TYPE_CHECKING:
    from starlette.routing import Route

    from domain.kernel.fact import Command

__all__ = ["routes"]

_TODAY: Final = """
select case_id from wuye.r_patrols where office = %s and to_number is null and day = %s and state = any(%s)
 order by round limit 1
"""
_ROUTES: Final = (
    "select case_id, name from wuye.r_patrol_routes where office = %s and to_number is null and open order by 2"
)
_ACTS: Final[dict[str, type[Command]]] = {
    "begin": BeginPatrol,
    "point": SeePatrolPoint,
    "finding": RecordPatrolFinding,
    "end": EndPatrol,
    "resume": ResumePatrol,
}


def routes(kit: Kit) -> list[Route]:
    """Today's, and one."""
    return [
        office_page(kit, "/walk", _today),
        office_page(kit, "/walk/{case_id:path}", _walk, ("GET", "POST")),
    ]


def _today(page: Page) -> Response:
    with page.connect() as connection:
        row = connection.execute(_TODAY, [page.office, local_date(page.now), list(UNFINISHED)]).fetchone()
    if row is None:
        return RedirectResponse(page.at("registers", "patrols", view="all"), 303)
    return RedirectResponse(page.at("walk", row[0]), 303)


def _walk(page: Page) -> Response:
    case_id = page.request.path_params["case_id"]
    lifecycle = BY_PATH["patrols"]
    checked_id(lifecycle, case_id)
    patrol: Patrol = page.context.handler.case(page.office, case_id)
    if page.request.method == "GET":
        return _shown(page, patrol)
    act = first(page.form, "do")
    command = _ACTS.get(act)
    if command is None:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    page.began = patrol.begun_at or patrol.opened_at
    photo, number = page.files.get("photo"), len(patrol.findings) + 1
    form = [(name, value) for name, value in page.form if name not in ("photo", "waited")]
    if command is RecordPatrolFinding and photo is not None:
        form.append(("photo", f"照片{number}"))
    written = read(page, command, form)
    if written.command is None:
        return _shown(page, patrol, act, written)
    try:
        given(page, lifecycle, command, written, case_id, None)
        if photo is not None and command is RecordPatrolFinding:
            _keep(page, case_id, number, photo.data, photo.media)
    except Refusal as refusal:
        return _shown(page, patrol, act, written, page.t(refusal.zh, refusal.en))
    return RedirectResponse(page.at("walk", case_id) + f"#{act}", 303)


def _keep(page: Page, case_id: str, number: int, data: bytes, media: str) -> None:
    """The photo of a finding is a sealed paper of the patrol."""
    files, about = Files(page.context.settings.home), f"发现{number}"
    file_paper(
        page.context, files, page.request, page.office, case_id, data, media, kind="照片", title=None, about=about
    )


def _shown(page: Page, patrol: Patrol, act: str = "", written: Written | None = None, said: str = "") -> Response:
    faults = "；".join(dict.fromkeys(written.errors.values())) if written is not None else ""
    with page.connect() as connection:
        ways = connection.execute(_ROUTES, [page.office]).fetchall()
    lifecycle = BY_PATH["patrols"]
    return page.show(
        "walk.html",
        200 if written is None else 409,
        framed=False,
        day=day(patrol.day, page.lang, page.now) if patrol.day is not None else "",
        state=page.t(*lifecycle.states[patrol.state]),
        owed=patrol.state == OWED,
        walking=patrol.state == UNDER_WAY,
        incomplete=patrol.state == "incomplete",
        ways=[_way(page, patrol, *way) for way in ways] if patrol.state == OWED else [],
        free={Role.DEPARTMENT_HEAD, Role.MANAGER} & {*page.roles},
        points=[_point(page, patrol, point) for point in patrol.points],
        findings=[
            (page.t(*choice_names(each.subject)), each.place, each.matter, page.t(*choice_names(each.handling)))
            for each in patrol.findings
        ],
        subjects=[(each.value, page.t(*choice_names(each)), SUBJECT_CLAUSES[each]) for each in Subject],
        found={each.subject.value for each in patrol.findings},
        handlings=[(each.value, page.t(*choice_names(each))) for each in Handling],
        trades=[(each.value, page.t(*choice_names(each))) for each in Trade],
        said=said or faults,
        act=act,
        value=(written or Written()).of,
        key=secrets.token_urlsafe(18),
        back=page.at("today"),
        case=page.at("case", patrol.id),
    )


def _way(page: Page, patrol: Patrol, case_id: str, name: str) -> dict[str, Any]:
    """A route that may be walked, with its points: they are at hand on the telephone before one sets out."""
    route: PatrolRoute = page.context.handler.case(page.office, case_id)
    return {"value": case_id, "word": name, "points": [_point(page, patrol, point) for point in route.points]}


def _point(page: Page, patrol: Patrol, point: Any) -> dict[str, Any]:
    seen = patrol.seen.get(point.code)
    return {
        "code": point.code,
        "name": point.place,
        "by": point.by.strftime("%H:%M") if point.by is not None else "",
        "seen": clock(seen) if seen is not None else "",
        "late": point.code in patrol.late,
        "word": page.t("已到", "seen"),
    }
