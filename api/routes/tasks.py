"""Tasks 待办: everything the office owes a date, whose it is, and who stands in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from api.http import cursor as cursors
from api.http.addresses import address
from api.http.authentication import who
from api.http.context import ApiContext
from api.http.documents import PEOPLE, answered, ref
from api.http.people_names import with_names
from api.http.text import Short
from api.identity import Identity
from api.routes.deadlines import Due, horizon
from domain.kernel.calendar import local_date
from domain.kernel.people import HANDBOOK_ROLES, Role
from domain.office.responsibility import superior, who_acts
from workflows.engine.notices import stand_ins

__all__ = ["router", "tasks_of"]

_SQL: Final = """
select d.office, d.case_id, d.line, d.case_kind, d.due_at, d.missed_at, d.clause, d.zh, d.en, d.state, d.role,
       coalesce(a.person, d.person) as named, a.person is not null as assigned
  from wuye.r_deadlines d
  join (select office, coalesce(since, '-infinity') as since, coalesce(until, 'infinity') as until
          from unnest(%(offices)s::text[], %(from)s::timestamptz[], %(to)s::timestamptz[]) u(office, since, until)) w
    on d.office = w.office and d.due_at >= w.since and d.due_at < w.until
  left join wuye.r_assignments a
    on a.office = d.office and a.of_case = d.case_id and a.task = d.line and a.to_number is null and a.open
 where d.to_number is null and d.role <> 'clock'
   and d.office = any(%(offices)s) and d.due_at >= %(earliest)s::timestamptz and d.due_at < %(latest)s::timestamptz
   and (%(role)s::text is null or d.role = %(role)s)
   and (%(at)s::timestamptz is null
        or (d.due_at, d.office, d.case_id, d.line) > (%(at)s, %(after_office)s, %(after_case)s, %(after_line)s))
   and (not %(mine)s or (d.office, coalesce(a.person, d.person)) in (
          select * from unnest(%(of_offices)s::text[], %(of_persons)s::text[]))
        or (coalesce(a.person, d.person) is null and (d.office, d.role) in (
          select * from unnest(%(role_offices)s::text[], %(roles)s::text[]))))
   and (%(person)s::text is null or (d.office, coalesce(a.person, d.person)) in (
     select * from unnest(%(of_offices)s::text[], %(of_persons)s::text[])))
 order by d.due_at, d.office, d.case_id, d.line limit %(limit)s
"""


class Whose(StrEnum):
    """Whose tasks are shown."""

    MINE = "mine"
    ALL = "all"


def tasks_of(
    context: ApiContext,
    offices: list[str],
    due: Due,
    role: str | None,
    person: str | None,
    limit: int,
    cursor: str | None = None,
    mine: Identity | None = None,
) -> tuple[list[dict[str, Any]], str | None]:
    """What these offices owe, the most urgent first, and the cursor of what follows.

    Of somebody it is what is his by name, by account or as a stand-in, and what is his role's and nobody's by name.
    """
    names = {mine.user_id, mine.name} if mine is not None else {person} if person is not None else set()
    roles = [(office, each.value) for office in offices for each in (mine.roles(office) if mine is not None else ())]
    now = {office: context.time_in(office) for office in offices}
    spans = [horizon(due, now[office]) for office in offices]
    at = cursors.read(cursor, tuple[datetime, str, str, str]) if cursor else (None,) * 4
    values = {
        "offices": offices,
        "from": [since for since, _ in spans],
        "to": [until for _, until in spans],
        # The same once more for all offices, said so that the planner knows how little it is.
        "earliest": _first(since for since, _ in spans) or "-infinity",
        "latest": _last(until for _, until in spans) or "infinity",
        "role": role,
        "person": person,
        "mine": mine is not None,
        "role_offices": [office for office, _ in roles],
        "roles": [each for _, each in roles],
        "limit": limit + 1,
        **dict(zip(("at", "after_office", "after_case", "after_line"), at, strict=True)),
    }
    with context.within(*offices) as connection:
        instead = {office: stand_ins(connection, office, local_date(now[office])) for office in offices}
        called = context.handler.people.called
        whose = {office: names | {called(connection, office, name) for name in names} for office in offices}
        theirs = [
            (office, name)
            for office in offices
            for name in {*whose[office], *instead[office]}
            if who_acts(name, instead[office]) in whose[office]
        ]
        values |= {"of_offices": [office for office, _ in theirs], "of_persons": [name for _, name in theirs]}
        rows = connection.execute(_SQL, values).fetchall()
    following = None
    if len(rows) > limit:
        office, case_id, task, _, due_at = rows[limit - 1][:5]
        following = cursors.write(due_at, office, case_id, task)
    return [_view(row, now[row[0]], instead[row[0]]) for row in rows[:limit]], following


def _first(instants: Iterable[datetime | None]) -> datetime | None:
    """The earliest; None where one has no beginning."""
    found = list(instants)
    known = [each for each in found if each is not None]
    return min(known) if known and len(known) == len(found) else None


def _last(instants: Iterable[datetime | None]) -> datetime | None:
    """The latest; None where one has no end."""
    found = list(instants)
    known = [each for each in found if each is not None]
    return max(known) if known and len(known) == len(found) else None


def _view(row: tuple[Any, ...], now: datetime, instead: Mapping[str, str]) -> dict[str, Any]:
    office, case_id, task, kind, due_at, missed_at = row[:6]
    named = row[11]
    person = who_acts(named, instead) if named is not None else None
    above = superior(Role(row[10]))
    return {
        "office": office,
        "case_id": case_id,
        "task": task,
        "case_kind": kind,
        "due_at": due_at,
        "overdue": missed_at is not None or due_at <= now,
        "clause": row[6],
        "zh": row[7],
        "en": row[8],
        "state": row[9],
        "role": row[10],
        "person": person,
        "in_place_of": named if person != named else None,
        "assigned": row[12],
        "goes_up_to": above.value if above is not None else None,
        "href": address(office, kind, case_id),
    }


def router(context: ApiContext) -> APIRouter:
    """What is owed."""
    made = APIRouter(tags=["tasks"])

    @made.get(
        "/tasks",
        operation_id="tasks",
        summary="待办：今日、本周、逾期 / today, this week, overdue",
        responses=answered(ref("Tasks")),
        response_model=None,
    )
    def tasks(
        request: Request,
        office: Annotated[str | None, Query(description="缺省为可查看的全部管理处 / all offices if left out")] = None,
        due: Due = Due.ALL,
        role: Annotated[Role | None, Query(json_schema_extra={"enum": PEOPLE})] = None,
        person: Short | None = None,
        whose: Annotated[
            Whose | None,
            Query(description="缺省为本人的，指明角色或人员时为其全部 / mine, unless a role or a person is asked for"),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        cursor: cursors.Cursor = None,
    ) -> Response:
        if office is not None:
            context.roles(request, office)
        offices = [office] if office is not None else context.offices(who(request.scope))
        identity = who(request.scope)
        works = any(each in HANDBOOK_ROLES for where in offices for each in identity.roles(where))
        asked = whose or (Whose.MINE if works and role is None and person is None else Whose.ALL)
        mine = identity if asked is Whose.MINE else None
        found, following = tasks_of(context, offices, due, role.value if role else None, person, limit, cursor, mine)
        return with_names(context.names, {"tasks": found, "next": following})

    return made
