"""Briefing 回访前案头 (§5.2.6(1)): what is known of the household before somebody goes, from the registers and without names."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from api.http.context import ApiContext, json
from api.http.documents import answered, ref
from api.routes.actions import checked_id
from domain.cases import BY_PATH, lifecycle_of
from domain.visits.follow_up.lifecycle import LIFECYCLE

__all__ = ["router"]

_MOST: Final = 20
_HISTORY: Final[dict[str, tuple[str, ...]]] = {
    "complaints": ("category", "matter", "resolved_at", "reopened", "outcome"),
    "repair-orders": ("fault_kind", "completed_at", "returned", "outcome"),
    "follow-ups": ("type", "conducted_on", "satisfaction", "verdict", "outcome"),
    "rectifications": ("matter", "due_at", "closed_at"),
    "service-orders": ("name", "performed_at", "accepted_at"),
    "debt-cases": ("stage", "disputed", "settled_on"),
}
"""What is shown of each matter of the household; nothing of it is sealed."""
_FILE: Final = ("case_id", "state", "home", "occupancy", "preference", "difficult", "left_on")


def router(context: ApiContext) -> APIRouter:
    """Beside every follow-up."""
    made = APIRouter(tags=[LIFECYCLE.path])

    @made.get(
        "/offices/{office}/follow-ups/{case_id}/briefing",
        operation_id="briefing",
        summary="回访前了解住户情况 / what to know before the visit",
        responses=answered(ref("Briefing")),
        response_model=None,
    )
    def briefing(request: Request, office: str, case_id: str) -> Response:
        context.roles(request, office)
        checked_id(LIFECYCLE, case_id)
        visit = context.handler.case(office, case_id)
        return json(
            {
                "id": visit.id,
                "household": visit.household,
                "home": visit.home,
                "file": _file(context, office, visit),
                "asked_about": _place(office, visit.origin_id) if visit.origin_id is not None else None,
                "history": {path: _matters(context, office, path, visit) for path in _HISTORY},
            }
        )

    return made


def _file(context: ApiContext, office: str, visit: Any) -> dict[str, Any] | None:
    """The household's file, else of whoever lives in the home now."""
    with context.within(office) as connection:
        row = connection.execute(
            f"select {', '.join(_FILE)} from wuye.r_households where office = %s and to_number is null"
            " and (case_id = %s or (%s::text is null and home = %s and state = 'resident'))",
            [office, visit.household, visit.household, visit.home],
        ).fetchone()
    return None if row is None else dict(zip(_FILE, row, strict=True))


def _matters(context: ApiContext, office: str, path: str, visit: Any) -> list[dict[str, Any]]:
    """The newest matters of the household, and of its home where no household was named, without the visit itself."""
    theirs = ["household = %(household)s"]
    if "home" in context.registers.columns(path):
        theirs.append("household is null and home = %(home)s")
    if visit.household is None:
        theirs[0] = "%(household)s::text is null and home = %(home)s" if len(theirs) > 1 else "false"
    names = ("case_id", "state", "opened_at", *_HISTORY[path])
    with context.within(office) as connection:
        rows = connection.execute(
            f"select {', '.join(names)} from wuye.{context.registers.by_name[path].table}"
            f" where office = %(office)s and to_number is null and case_id <> %(visit)s"
            f" and (({') or ('.join(theirs)})) order by opened_at desc, case_id limit {_MOST}",
            {"office": office, "household": visit.household, "home": visit.home, "visit": visit.id},
        ).fetchall()
    base = f"/offices/{office}/{BY_PATH[path].path}"
    return [dict(zip(names, row, strict=True)) | {"href": f"{base}/{quote(row[0])}"} for row in rows]


def _place(office: str, case_id: str) -> dict[str, str]:
    return {"case_id": case_id, "href": f"/offices/{office}/{lifecycle_of(case_id).path}/{quote(case_id)}"}
