"""Tasks 待办: everything the office owes a date, whose it is, and who stands in; and the notices that told of it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Body, Query, Request, Response

from api.config import ApiSettings
from api.http import cursor as cursors
from api.http.addresses import address
from api.http.authentication import who
from api.http.context import ApiContext, json
from api.http.documents import answered, ref
from api.http.people_names import with_names
from api.http.text import Short, tighten
from api.identity import Identity
from api.routes.deadlines import Due, horizon
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotFound, NotPermitted, RuleBroken
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
_PEOPLE: Final = [role for role in Role if role.is_person]


class Whose(StrEnum):
    """Whose tasks are shown."""

    MINE = "mine"
    ALL = "all"


class NoticeChannel(StrEnum):
    """How a notice leaves the program."""

    E_MAIL = "e-mail"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """Where notices go: all of the office, or only those for a role or a person."""

    channel: NoticeChannel
    address: str
    role: Role | None = None
    person: str | None = None


tighten(Subscribe)


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
    """Tasks, notices and subscriptions."""
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
        role: Annotated[Role | None, Query(json_schema_extra={"enum": [each.value for each in _PEOPLE]})] = None,
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

    _notices(made, context)
    _subscriptions(made, context)
    return made


_NOTICES: Final = """
select n.id::text, n.office, n.case_id, n.case_kind, n.task, n.stage, n.role, n.person, n.clause, n.zh, n.en, n.due_at,
       n.made_at, n.read_at, n.read_by,
       coalesce((select jsonb_agg(jsonb_build_object('channel', s.channel, 'attempts', d.attempts, 'delivered_at',
          d.delivered_at, 'given_up_at', d.given_up_at, 'last_error', d.last_error) order by s.id)
          from wuye.deliveries d join wuye.subscriptions s on s.id = d.subscription where d.notice = n.id), '[]'::jsonb)
  from wuye.notices n
 where n.office = %(office)s and (not %(unread)s or n.read_at is null) and (%(role)s::text is null or n.role = %(role)s)
   and (%(at)s::timestamptz is null or n.made_at < %(at)s or (n.made_at = %(at)s and n.id::text > %(id)s))
 order by n.made_at desc, n.id::text limit %(limit)s
"""
_NAMES: Final = (
    "id",
    "office",
    "case_id",
    "case_kind",
    "task",
    "stage",
    "role",
    "person",
    "clause",
    "zh",
    "en",
    "due_at",
    "made_at",
    "read_at",
    "read_by",
    "deliveries",
)


def _notices(made: APIRouter, context: ApiContext) -> None:
    @made.get(
        "/offices/{office}/notices",
        operation_id="notices",
        summary="通知及送达情况 / notices and their delivery",
        responses=answered(ref("Notices")),
        response_model=None,
    )
    def notices(
        request: Request,
        office: str,
        unread: Annotated[bool, Query()] = False,  # noqa: FBT002 -- a query parameter
        role: Annotated[Role | None, Query(json_schema_extra={"enum": [each.value for each in _PEOPLE]})] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        cursor: cursors.Cursor = None,
    ) -> Response:
        context.roles(request, office)
        at, after = cursors.read(cursor, tuple[datetime, str]) if cursor else (None, None)
        values = {"office": office, "unread": unread, "role": role, "at": at, "id": after, "limit": limit + 1}
        context.tell(office)
        with context.within(office) as connection:
            rows = connection.execute(_NOTICES, values).fetchall()
        shown = [dict(zip(_NAMES, row, strict=True)) for row in rows[:limit]]
        following = cursors.write(shown[-1]["made_at"], shown[-1]["id"]) if len(rows) > limit else None
        return json({"notices": shown, "next": following})

    @made.post(
        "/offices/{office}/notices/{notice}/read",
        operation_id="read_notice",
        summary="已阅 / mark as read",
        responses=answered(ref("Done")),
        response_model=None,
    )
    def read(request: Request, office: str, notice: str) -> Response:
        context.no_auditor(request, office)
        if not notice.isascii() or not notice.isprintable():
            raise _no_notice()
        with context.within(office) as connection:
            found = connection.execute(
                "update wuye.notices set read_at = coalesce(read_at, %s), read_by = coalesce(read_by, %s)"
                " where id::text = %s and office = %s returning id",
                [context.time_in(office), who(request.scope).user_id, notice, office],
            ).fetchone()
        if found is None:
            raise _no_notice()
        return json({"done": True})


def _no_notice() -> NotFound:
    return NotFound("notice-unknown", None, zh="没有这条通知", en="there is no such notice")


def _subscriptions(made: APIRouter, context: ApiContext) -> None:
    def manager(request: Request, office: str, *, reads: bool = False) -> str:
        allowed = {Role.MANAGER, Role.AUDITOR} if reads else {Role.MANAGER}
        if allowed.isdisjoint(context.roles(request, office)):
            raise NotPermitted("role", None, zh="须由管理处经理办理", en="this is for the office's manager")
        return who(request.scope).user_id

    @made.get(
        "/offices/{office}/subscriptions",
        operation_id="subscriptions",
        summary="通知订阅 / who is sent notices",
        responses=answered(ref("Subscriptions")),
        response_model=None,
    )
    def listed(request: Request, office: str) -> Response:
        manager(request, office, reads=True)
        with context.within(office) as connection:
            rows = connection.execute(
                "select id, role, person, channel, address, made_by, made_at from wuye.subscriptions"
                " where office = %s and ended_at is null order by made_at, id",
                [office],
            ).fetchall()
        names = ("id", "role", "person", "channel", "address", "made_by", "made_at")
        return json({"subscriptions": [dict(zip(names, row, strict=True)) for row in rows]})

    @made.post(
        "/offices/{office}/subscriptions",
        operation_id="subscribe",
        status_code=201,
        summary="订阅通知 / send notices there",
        responses=answered(ref("Subscription"), 201),
        response_model=None,
    )
    def subscribe(request: Request, office: str, body: Annotated[Subscribe, Body()]) -> Response:
        by = manager(request, office)
        _checked(body, context.settings)
        made_id = secrets.token_hex(8)
        hook = body.channel is NoticeChannel.WEBHOOK
        secret, wrapped = context.master.make(f"webhook/{made_id}") if hook else (None, None)
        with context.within(office) as connection:
            connection.execute(
                "insert into wuye.subscriptions (id, office, role, person, channel, address, secret, made_by)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s)",
                [made_id, office, body.role, body.person, body.channel, body.address, wrapped, by],
            )
        # The secret is shown once: whoever receives the webhook checks its signature with it.
        return json({"id": made_id, "secret": secret.hex() if secret is not None else None}, status=201)

    @made.delete(
        "/offices/{office}/subscriptions/{subscription}",
        operation_id="unsubscribe",
        summary="取消订阅 / send no more there",
        responses=answered(ref("Done")),
        response_model=None,
    )
    def unsubscribe(request: Request, office: str, subscription: str) -> Response:
        manager(request, office)
        if not subscription.isascii() or not subscription.isalnum():
            raise _no_subscription()
        with context.within(office) as connection:
            found = connection.execute(
                "update wuye.subscriptions set ended_at = %s where office = %s and id = %s and ended_at is null returning id",
                [context.time_in(office), office, subscription],
            ).fetchone()
        if found is None:
            raise _no_subscription()
        return json({"done": True})


def _no_subscription() -> NotFound:
    return NotFound("subscription-unknown", None, zh="没有这项订阅", en="there is no such subscription")


def _checked(body: Subscribe, settings: ApiSettings) -> None:
    if body.role is not None and not body.role.is_person:
        raise RuleBroken(
            "no-such-role", None, zh="该角色属于系统自身", en="that role is the program's own", field="role"
        )
    try:
        url = urlsplit(body.address)
        good = (
            url.scheme in ("http", "https") and bool(url.hostname)
            if body.channel is NoticeChannel.WEBHOOK
            else "@" in body.address.strip("@")
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
    if body.channel is NoticeChannel.WEBHOOK and not settings.may_call(body.address):
        raise RuleBroken(
            "address-not-allowed",
            None,
            zh="该主机不在 WUYE_WEBHOOK_HOSTS 之列，请系统管理员加入",
            en="webhooks may not call this host: it has to stand in WUYE_WEBHOOK_HOSTS",
            field="address",
        )
