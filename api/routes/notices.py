"""Notices 通知: what told of a duty, who has read it, and the subscriptions by which notices leave the program."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Body, Query, Request, Response

from api.config import ApiSettings
from api.http import cursor as cursors
from api.http.authentication import who
from api.http.context import ApiContext, json
from api.http.documents import PEOPLE, answered, ref
from api.http.text import tighten
from domain.kernel.errors import NotFound, NotPermitted, RuleBroken
from domain.kernel.people import Role

__all__ = ["router"]


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
