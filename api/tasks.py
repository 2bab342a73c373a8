"""Tasks 待办: everything the office owes a date, whose it is, and who stands in; and the notices that told of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Body, Query, Request, Response

from api.counter import Counter, json
from api.deadlines import Due, horizon
from api.documents import answered, ref
from api.guard import who
from api.text import Short
from domain.calendar import local_date
from domain.cases import BY_KIND
from domain.errors import NotFound, NotPermitted, RuleBroken
from domain.people import Role
from domain.responsibility import superior, who_acts
from workflows.notices import stand_ins

__all__ = ["router", "tasks_of"]

_SQL: Final = """
select d.office, d.case_id, d.line, d.case_kind, d.due_at, d.missed_at, d.clause, d.zh, d.en, d.state, d.role,
       coalesce(a.person, d.person) as named, a.person is not null as assigned
  from wuye.r_deadlines d
  left join wuye.r_assignments a
    on a.office = d.office and a.of_case = d.case_id and a.task = d.line and a.to_number is null and a.open
 where d.to_number is null and d.role <> 'clock' and d.office = any(%(offices)s)
   and (%(from)s::timestamptz is null or d.due_at >= %(from)s) and (%(to)s::timestamptz is null or d.due_at < %(to)s)
   and (%(role)s::text is null or d.role = %(role)s)
   and (%(person)s::text is null or (d.office, coalesce(a.person, d.person)) in (
     select * from unnest(%(of_offices)s::text[], %(of_persons)s::text[])))
 order by d.due_at, d.office, d.case_id, d.line limit %(limit)s
"""
_PEOPLE: Final = [role for role in Role if role.is_person]


def tasks_of(
    counter: Counter, offices: list[str], due: Due, role: str | None, person: str | None, limit: int
) -> list[dict[str, Any]]:
    """What these offices owe, the most urgent first."""
    now = counter.now()
    since, until = horizon(due, now)
    values = {
        "offices": offices, "from": since, "to": until, "role": role, "person": person, "limit": limit,
    }  # fmt: skip
    with counter.connect() as connection:
        instead = {office: stand_ins(connection, office, local_date(now)) for office in offices}
        theirs = [
            (office, name) for office in offices for name in {person, *instead[office]}
            if name is not None and who_acts(name, instead[office]) == person
        ]  # fmt: skip
        values |= {"of_offices": [office for office, _ in theirs], "of_persons": [name for _, name in theirs]}
        return [_view(row, now, instead[row[0]]) for row in connection.execute(_SQL, values)]


def _view(row: tuple[Any, ...], now: datetime, instead: Mapping[str, str]) -> dict[str, Any]:
    office, case_id, task, kind, due_at, missed_at = row[:6]
    named = row[11]
    person = who_acts(named, instead) if named is not None else None
    lifecycle = BY_KIND.get(kind)
    path = lifecycle.path if lifecycle is not None else kind
    above = superior(Role(row[10]))
    return {
        "office": office, "case_id": case_id, "task": task, "case_kind": kind, "due_at": due_at,
        "overdue": missed_at is not None or due_at <= now, "clause": row[6], "zh": row[7], "en": row[8], "state": row[9],
        "role": row[10], "person": person, "in_place_of": named if person != named else None, "assigned": row[12],
        "goes_up_to": above.value if above is not None else None,
        "href": f"/offices/{office}/{path}/{quote(case_id)}",
    }  # fmt: skip


def router(counter: Counter) -> APIRouter:
    """Tasks, notices and subscriptions."""
    made = APIRouter(tags=["tasks"])

    @made.get("/tasks", operation_id="tasks", summary="待办：今日、本周、逾期 / today, this week, overdue",
              responses=answered(ref("Tasks")), response_model=None)  # fmt: skip
    def tasks(
        request: Request,
        office: Annotated[str | None, Query(description="缺省为可查看的全部管理处 / all offices if left out")] = None,
        due: Due = Due.ALL,
        role: Annotated[Role | None, Query(json_schema_extra={"enum": [each.value for each in _PEOPLE]})] = None,
        person: Short | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> Response:
        if office is not None:
            counter.roles(request, office)
        offices = [office] if office is not None else counter.offices(who(request.scope))
        return json({"tasks": tasks_of(counter, offices, due, role.value if role else None, person, limit)})

    _notices(made, counter)
    _subscriptions(made, counter)
    return made


_NOTICES: Final = """
select n.id::text, n.office, n.case_id, n.case_kind, n.task, n.stage, n.role, n.person, n.clause, n.zh, n.en, n.due_at,
       n.made_at, n.read_at, n.read_by,
       coalesce((select jsonb_agg(jsonb_build_object('channel', s.channel, 'attempts', d.attempts, 'delivered_at',
          d.delivered_at, 'given_up_at', d.given_up_at, 'last_error', d.last_error) order by s.id)
          from wuye.deliveries d join wuye.subscriptions s on s.id = d.subscription where d.notice = n.id), '[]'::jsonb)
  from wuye.notices n
 where n.office = %s and (not %s or n.read_at is null) and (%s::text is null or n.role = %s)
 order by n.made_at desc, n.id limit %s
"""
_NAMES: Final = (
    "id", "office", "case_id", "case_kind", "task", "stage", "role", "person", "clause", "zh", "en", "due_at", "made_at",
    "read_at", "read_by", "deliveries",
)  # fmt: skip


def _notices(made: APIRouter, counter: Counter) -> None:
    @made.get("/offices/{office}/notices", operation_id="notices", summary="通知及送达情况 / notices and their delivery",
              responses=answered(ref("Notices")), response_model=None)  # fmt: skip
    def notices(
        request: Request, office: str, unread: Annotated[bool, Query()] = False,  # noqa: FBT002 -- a query parameter

        role: Annotated[Role | None, Query(json_schema_extra={"enum": [each.value for each in _PEOPLE]})] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Response:  # fmt: skip
        counter.roles(request, office)
        with counter.connect() as connection:
            rows = connection.execute(_NOTICES, [office, unread, role, role, limit]).fetchall()
        return json({"notices": [dict(zip(_NAMES, row, strict=True)) for row in rows]})

    @made.post("/offices/{office}/notices/{notice}/read", operation_id="read_notice", summary="已阅 / mark as read",
               responses=answered(ref("Done")), response_model=None)  # fmt: skip
    def read(request: Request, office: str, notice: str) -> Response:
        counter.roles(request, office)
        if not notice.isascii() or not notice.isprintable():
            raise _no_notice()
        with counter.connect() as connection:
            found = connection.execute(
                "update wuye.notices set read_at = coalesce(read_at, %s), read_by = coalesce(read_by, %s)"
                " where id::text = %s and office = %s returning id",
                [counter.now(), who(request.scope).user_id, notice, office],
            ).fetchone()
        if found is None:
            raise _no_notice()
        return json({"done": True})


def _no_notice() -> NotFound:
    return NotFound("notice-unknown", None, zh="没有这条通知", en="there is no such notice")


def _subscriptions(made: APIRouter, counter: Counter) -> None:
    def manager(request: Request, office: str, *, reads: bool = False) -> str:
        allowed = {Role.MANAGER, Role.AUDITOR} if reads else {Role.MANAGER}
        if allowed.isdisjoint(counter.roles(request, office)):
            raise NotPermitted("role", None, zh="须由管理处经理办理", en="this is for the office's manager")
        return who(request.scope).user_id

    @made.get("/offices/{office}/subscriptions", operation_id="subscriptions", summary="通知订阅 / who is sent notices",
              responses=answered(ref("Subscriptions")), response_model=None)  # fmt: skip
    def listed(request: Request, office: str) -> Response:
        manager(request, office, reads=True)
        with counter.connect() as connection:
            rows = connection.execute(
                "select id, role, person, channel, address, made_by, made_at from wuye.subscriptions"
                " where office = %s and ended_at is null order by made_at, id", [office],
            ).fetchall()  # fmt: skip
        names = ("id", "role", "person", "channel", "address", "made_by", "made_at")
        return json({"subscriptions": [dict(zip(names, row, strict=True)) for row in rows]})

    @made.post("/offices/{office}/subscriptions", operation_id="subscribe", status_code=201,
               summary="订阅通知 / send notices there", responses=answered(ref("Subscription"), 201),
               response_model=None)  # fmt: skip
    def subscribe(
        request: Request, office: str,
        channel: Annotated[Literal["e-mail", "webhook"], Body()],
        address: Annotated[Short, Body()],
        role: Annotated[Role | None, Body(json_schema_extra={"enum": [*(each.value for each in _PEOPLE), None]})] = None,
        person: Annotated[Short | None, Body()] = None,
    ) -> Response:  # fmt: skip
        by = manager(request, office)
        _checked(channel, address)
        made_id = secrets.token_hex(8)
        secret, wrapped = counter.master.make(f"webhook/{made_id}") if channel == "webhook" else (None, None)
        with counter.connect() as connection:
            connection.execute(
                "insert into wuye.subscriptions (id, office, role, person, channel, address, secret, made_by)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s)",
                [made_id, office, role, person, channel, address, wrapped, by],
            )
        # The secret is shown once: whoever receives the webhook checks its signature with it.
        return json({"id": made_id, "secret": secret.hex() if secret is not None else None}, status=201)

    @made.delete("/offices/{office}/subscriptions/{subscription}", operation_id="unsubscribe",
                 summary="取消订阅 / send no more there", responses=answered(ref("Done")), response_model=None)  # fmt: skip
    def unsubscribe(request: Request, office: str, subscription: str) -> Response:
        manager(request, office)
        if not subscription.isascii() or not subscription.isalnum():
            raise _no_subscription()
        with counter.connect() as connection:
            found = connection.execute(
                "update wuye.subscriptions set ended_at = %s where office = %s and id = %s and ended_at is null returning id",
                [counter.now(), office, subscription],
            ).fetchone()
        if found is None:
            raise _no_subscription()
        return json({"done": True})


def _no_subscription() -> NotFound:
    return NotFound("subscription-unknown", None, zh="没有这项订阅", en="there is no such subscription")


def _checked(channel: str, address: str) -> None:
    try:
        url = urlsplit(address)
        good = (
            url.scheme in ("http", "https") and bool(url.hostname)
            if channel == "webhook"
            else "@" in address.strip("@")
        )
    except ValueError:
        good = False
    if not good:
        raise RuleBroken(
            "address-unreadable",
            None,
            zh="地址须为网址（webhook）或电子邮箱",
            en="a URL or an e-mail address",
            field="address",
        )
