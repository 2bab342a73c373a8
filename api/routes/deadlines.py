"""What the office owes a date 期限: due this week, overdue, or all of it, over every office one may read."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from api.http import cursor as cursors
from api.http.addresses import address
from api.http.authentication import who
from api.http.context import ApiContext, json
from api.http.documents import answered, ref
from domain.cases import BY_KIND
from domain.kernel.calendar import end_of_day, local_date
from workflows.engine.clock import PARKED

__all__ = ["Due", "horizon", "router"]

_SQL: Final = """
select office, case_id, line as kind, case_kind, due_at, due_at < w.now as overdue, clause, zh, en, state, gives, role, person, missed_at,
       coalesce(attempts, 0) as attempts, last_error, coalesce(leased_until = %(parked)s, false) as parked
  from wuye.r_deadlines left join wuye.clock_work using (office, case_id, line, from_number)
  join unnest(%(offices)s::text[], %(now)s::timestamptz[], %(from)s::timestamptz[], %(to)s::timestamptz[])
    w(office, now, since, until) using (office)
 where to_number is null and (%(due)s <> 'parked' or leased_until = %(parked)s)
   and (w.since is null or due_at >= w.since) and (w.until is null or due_at < w.until)
   and (%(kind)s::text is null or case_kind = %(kind)s)
   and (%(at)s::timestamptz is null or (due_at, office, case_id, line) > (%(at)s, %(office)s, %(case)s, %(line)s))
 order by due_at, office, case_id, line limit %(limit)s
"""
_NAMES: Final = (
    "office",
    "case_id",
    "kind",
    "case_kind",
    "due_at",
    "overdue",
    "clause",
    "zh",
    "en",
    "state",
    "gives",
    "role",
    "person",
    "missed_at",
    "attempts",
    "last_error",
    "parked",
)


_WITH_IT: Final = timedelta(microseconds=1)


class Due(StrEnum):
    """Which deadlines."""

    OVERDUE = "overdue"
    TODAY = "today"
    THIS_WEEK = "this-week"
    ALL = "all"
    PARKED = "parked"
    """What the clock could not carry out and gave up, with its error."""


def horizon(due: Due, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when, until when. Today and the week are what is still to come of them, with 24:00 (of Sunday).

    What falls due at 24:00 of a day is that day's (民法典203), although the clock calls it 00:00 of the next.
    """
    today = local_date(now)
    if due is Due.OVERDUE:
        return None, now
    if due is Due.TODAY:
        return now, end_of_day(today) + _WITH_IT
    if due is Due.THIS_WEEK:
        return now, end_of_day(today + timedelta(days=7 - today.isoweekday())) + _WITH_IT
    return None, None


def router(context: ApiContext) -> APIRouter:
    """The list that the office works by."""
    made = APIRouter(tags=["deadlines"])

    @made.get(
        "/deadlines",
        operation_id="deadlines",
        summary="期限：本周到期、已逾期 / what is due this week, and what is overdue",
        responses=answered(ref("Deadlines")),
        response_model=None,
    )
    def deadlines(
        request: Request,
        office: Annotated[str | None, Query(description="缺省为可查看的全部管理处 / all offices if left out")] = None,
        due: Due = Due.ALL,
        kind: Annotated[str | None, Query(json_schema_extra={"enum": list(BY_KIND)})] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        cursor: cursors.Cursor = None,
    ) -> Response:
        if kind is not None and kind not in BY_KIND:
            raise RequestValidationError([{"type": "enum", "loc": ("query", "kind")}])
        if office is not None:
            context.roles(request, office)
        offices = [office] if office is not None else context.offices(who(request.scope))
        now = [context.time_in(each) for each in offices]
        spans = [horizon(due, each) for each in now]
        at = cursors.read(cursor, tuple[datetime, str, str, str]) if cursor else (None,) * 4
        if any("\x00" in word for word in at if isinstance(word, str)):
            raise cursors.misfit()
        values: dict[str, Any] = {"now": now, "offices": offices, "kind": kind}
        values |= {"from": [since for since, _ in spans], "to": [until for _, until in spans]}
        values |= {"due": due, "parked": PARKED}
        values |= dict(zip(("at", "office", "case", "line"), at, strict=True)) | {"limit": limit + 1}
        with context.within(*offices) as connection:
            rows = [dict(zip(_NAMES, row, strict=True)) for row in connection.execute(_SQL, values)]
        more, rows = len(rows) > limit, rows[:limit]
        for row in rows:
            row["href"] = address(row["office"], row["case_kind"], row["case_id"])
        last = rows[-1] if more else None
        following = cursors.write(last["due_at"], last["office"], last["case_id"], last["kind"]) if last else None
        return json({"deadlines": rows, "next": following})

    return made
