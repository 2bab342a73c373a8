"""Notices 通知: what told of a duty, who has read it, and the subscriptions by which notices leave the program."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from fastapi import APIRouter, Body, Query, Request, Response

from api.config import ApiSettings
from api.http import cursor as cursors
from api.http.authentication import who
from api.http.context import ApiContext, json
from api.http.documents import PEOPLE, answered, ref
from api.http.text import Short, tighten
from domain.kernel.errors import NotFound, NotPermitted, RuleBroken
from domain.kernel.people import Role

__all__ = ["MOST_NAMED", "mark_read", "of_them", "router", "told"]

MOST_NAMED: Final = 100
"""As many of those that are told together stand in a list; all of them under ``of``."""
_LIST: Final = """
select n.id::text, n.office, n.case_id, n.case_kind, n.task, n.stage, n.role, n.person, n.clause, n.zh, n.en, n.due_at,
       n.made_at, n.read_at, n.read_by, n.gathered_in::text, {latest}, {count}, {unread}, {of},
       coalesce((select jsonb_agg(jsonb_build_object('channel', s.channel, 'attempts', d.attempts, 'delivered_at',
          d.delivered_at, 'given_up_at', d.given_up_at, 'last_error', d.last_error) order by s.id)
          from wuye.deliveries d join wuye.subscriptions s on s.id = d.subscription
         where d.notice = coalesce(n.gathered_in, n.id)), '[]'::jsonb)
  from wuye.notices n
 where n.office = %(office)s and {which} and (not %(unread)s or {unread} > 0)
   and (%(role)s::text is null or n.role = %(role)s)
   and (%(roles)s::text[] is null or n.person = any(%(people)s) or (n.person is null and n.role = any(%(roles)s)))
   and (%(at)s::timestamptz is null or {latest} < %(at)s or ({latest} = %(at)s and n.id > %(id)s::uuid))
 order by {latest} desc, n.id limit %(limit)s
"""
_TOGETHER: Final = _LIST.format(
    which="n.gathered_in is null",
    latest="coalesce(n.latest_at, n.made_at)",
    count="(select count(*) from wuye.notices m where m.id = n.id or m.gathered_in = n.id)",
    unread="(select count(*) from wuye.notices m where (m.id = n.id or m.gathered_in = n.id) and m.read_at is null)",
    of="""(select jsonb_agg(jsonb_build_object('id', m.id, 'case_id', m.case_id, 'due_at', m.due_at, 'made_at', m.made_at,
             'read_at', m.read_at) order by m.due_at, m.case_id, m.id)
             from (select * from wuye.notices m where m.id = n.id or m.gathered_in = n.id
                    order by m.due_at, m.case_id, m.id limit %(named)s) m)""",
)
_SINGLY: Final = _LIST.format(
    which="(%(of)s::uuid is null or n.id = %(of)s or n.gathered_in = %(of)s)",
    latest="n.made_at",
    count="1",
    unread="(n.read_at is null)::int",
    of="""jsonb_build_array(jsonb_build_object('id', n.id, 'case_id', n.case_id, 'due_at', n.due_at, 'made_at', n.made_at,
             'read_at', n.read_at))""",
)
_READ: Final = """
update wuye.notices set read_at = coalesce(read_at, %(at)s), read_by = coalesce(read_by, %(by)s)
 where office = %(office)s and (id = %(notice)s or gathered_in = %(notice)s)
   and (%(until)s::timestamptz is null or made_at <= %(until)s) returning id
"""
_NAMES: Final = (
    *("id", "office", "case_id", "case_kind", "task", "stage", "role", "person", "clause", "zh", "en", "due_at"),
    *("made_at", "read_at", "read_by", "gathered_in", "latest_at", "count", "unread", "of", "deliveries"),
)


def told(
    connection: psycopg.Connection[Any],
    office: str,
    *,
    limit: int,
    cursor: str | None = None,
    unread: bool = False,
    role: str | None = None,
    mine: tuple[list[str], list[str]] | None = None,
    together: bool = True,
    of: UUID | None = None,
) -> tuple[list[dict[str, Any]], str | None]:
    """The notices of an office, the latest first, those that say the same as one, and the cursor of what follows.

    ``mine`` are somebody's names and roles; ``of`` asks for the single ones that are told under one.
    """
    at, after = cursors.read(cursor, tuple[datetime, UUID]) if cursor else (None, None)
    values = {
        "office": office,
        "unread": unread,
        "role": role,
        "people": mine[0] if mine is not None else None,
        "roles": mine[1] if mine is not None else None,
        "of": of,
        "named": MOST_NAMED,
        "at": at,
        "id": after,
        "limit": limit + 1,
    }
    rows = connection.execute(_TOGETHER if together and of is None else _SINGLY, values).fetchall()
    shown = [dict(zip(_NAMES, row, strict=True)) for row in rows[:limit]]
    following = cursors.write(shown[-1]["latest_at"], shown[-1]["id"]) if len(rows) > limit else None
    return shown, following


def mark_read(
    connection: psycopg.Connection[Any], office: str, notice: str, by: str, at: datetime, until: datetime | None
) -> None:
    """A notice, and those told under it that were made by ``until``, have been read. Raises NotFound where there is none."""
    values = {"office": office, "notice": of_them(notice), "by": by, "at": at, "until": until}
    if connection.execute(_READ, values).fetchone() is None:
        raise _no_notice()


def of_them(notice: str) -> UUID:
    """A notice's id as it was asked for. Raises NotFound for anything else."""
    try:
        return UUID(notice)
    except ValueError:
        raise _no_notice() from None


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


def router(context: ApiContext) -> APIRouter:
    """Notices and subscriptions."""
    made = APIRouter(tags=["tasks"])
    _notices(made, context)
    _subscriptions(made, context)
    return made


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
        role: Annotated[Role | None, Query(json_schema_extra={"enum": PEOPLE})] = None,
        gathered: Annotated[  # noqa: FBT002 -- a query parameter
            bool,
            Query(description="同类归并为一条；false 为逐条 / those that say the same as one; false: each by itself"),
        ] = True,
        of: Annotated[
            Short | None, Query(description="该条所归并的各条 / the single ones that are told under this notice")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        cursor: cursors.Cursor = None,
    ) -> Response:
        context.roles(request, office)
        context.tell(office)
        bearer = of_them(of) if of is not None else None
        with context.within(office) as connection:
            shown, following = told(
                connection,
                office,
                limit=limit,
                cursor=cursor,
                unread=unread,
                role=role,
                together=gathered,
                of=bearer,
            )
        return json({"notices": shown, "next": following})

    @made.post(
        "/offices/{office}/notices/{notice}/read",
        operation_id="read_notice",
        summary="已阅 / mark as read",
        responses=answered(ref("Done")),
        response_model=None,
    )
    def read(
        request: Request,
        office: str,
        notice: str,
        until: Annotated[
            datetime | None,
            Query(description="只到此时为止归并的 / only those that had been made by then, as they were seen"),
        ] = None,
    ) -> Response:
        context.no_auditor(request, office)
        with context.within(office) as connection:
            mark_read(connection, office, notice, who(request.scope).user_id, context.time_in(office), until)
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
