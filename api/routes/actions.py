"""Actions 办理: one typed POST per command, made from the tables; nothing here knows any kind of case.

The body *is* the command. Who may give it, in which state and by which rule is decided by the workflow engine; here only
the role is chosen with which somebody acts when he has several.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Body, Header, Query, Request, Response

from api.http.addresses import address
from api.http.authentication import who
from api.http.context import ApiContext, json
from api.http.documents import ANSWER, PEOPLE, answered, slug
from api.http.metrics import COMMANDS
from api.http.text import Instant, Short, tighten
from api.routes.command_route import IDEMPOTENCY_KEY, IF_MATCH, CommandRoute, Give
from domain.cases import BY_KIND, CASES, lifecycle_of
from domain.kernel.errors import NotFound, NotPermitted, Refusal
from domain.kernel.fact import Case, Command
from domain.kernel.late_entries import GENERIC as OF_LATE_ENTRIES
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import NOT_YET
from domain.kernel.mending import GENERIC as OF_MISTAKES
from domain.kernel.people import Actor, Role
from domain.office.office import LIFECYCLE as OFFICE
from domain.office.office import ChangeSetting
from workflows.engine.attempts import note_refused_attempt
from workflows.engine.request import CommandRequest

if TYPE_CHECKING:
    from workflows.engine.idempotency import Answer

__all__ = ["CASE_ID", "RESERVED", "act", "checked_id", "href_of", "offered", "permitted", "router"]

RESERVED: Final = frozenset({"facts", "registers", "offices", "cases"})
"""Addresses under an office that no kind of case may take."""
CASE_ID: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,500}")
"""An id may be made of what people call a home or a person: «7/2 1403» is as good as any."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=IDEMPOTENCY_KEY,
        description="同一请求重复提交时只办理一次 / a repeated request is carried out once",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=IF_MATCH,
        description="您看到的版本（ETag），已有更新则拒绝 / the version you saw; refused when it has moved on",
    ),
]
ActingRole = Annotated[
    Role | None,
    Header(
        alias="Wuye-Role",
        description="以何角色办理，缺省自动选择 / the role to act in; chosen when left out",
        json_schema_extra={"enum": PEOPLE},
    ),
]
OccurredAt = Annotated[
    Instant | None,
    Query(description="发生时间（补录），缺省为现在，不得晚于现在 / when it happened, if not now; never in the future"),
]

LateReason = Annotated[
    Short | None,
    Query(description="补录理由，超过设定天数时必填 / why it is entered late; needed beyond the setting's days"),
]


def router(context: ApiContext) -> APIRouter:
    """The routes of every command that people or their programs give."""
    made = APIRouter()
    for lifecycle in CASES:
        if lifecycle is OFFICE:
            continue  # offices and their settings have addresses of their own
        if lifecycle.path in RESERVED:
            msg = f"{lifecycle.path}: 保留路径 / reserved address"
            raise ValueError(msg)
        opening, going_on = offered(lifecycle)
        going_on = [command for command in going_on if command not in OF_MISTAKES]
        for command in opening:
            path = f"/offices/{{office}}/{lifecycle.path}"
            if len(opening) > 1:
                path += f"/{slug(command.__name__)}"
            _add(made, path, context, lifecycle, command, 201)
        for command in going_on:
            path = f"/offices/{{office}}/{lifecycle.path}/{{case_id}}/{slug(command.__name__)}"
            _add(made, path, context, lifecycle, command, 200)
    for command in dict.fromkeys(c for lifecycle in CASES for c in offered(lifecycle)[1] if c in OF_MISTAKES):
        _add_for_all(made, context, command)
    return made


def href_of(office: str, kind: str, case_id: str, command: type[Command]) -> str:
    """Where a command is given to a case: those that mend mistakes have one address for all kinds."""
    if command in OF_MISTAKES:
        return f"/offices/{office}/cases/{quote(case_id, safe='')}/{slug_of(command)}"
    return f"{address(office, kind, case_id)}/{slug_of(command)}"


def offered(lifecycle: Lifecycle[Any]) -> tuple[list[type[Command]], list[type[Command]]]:
    """The commands that people give: those that open a case, and those that go on with one; nobody changes the lists."""
    known = _OFFERED.get(lifecycle.kind)
    if known is None or known[0] is not lifecycle:
        known = _OFFERED[lifecycle.kind] = (lifecycle, _worked_out(lifecycle))
    return known[1]


_OFFERED: Final[dict[str, tuple[Lifecycle[Any], tuple[list[type[Command]], list[type[Command]]]]]] = {}


def _worked_out(lifecycle: Lifecycle[Any]) -> tuple[list[type[Command]], list[type[Command]]]:
    rows = [row for row in lifecycle.steps if any(role.is_person for role in row.who)]
    opening = dict.fromkeys(row.command for row in rows if NOT_YET in row.sources)
    going_on = dict.fromkeys(row.command for row in rows if set(row.sources) - {NOT_YET})
    return list(opening), list(going_on)


def _add(
    made: APIRouter, path: str, context: ApiContext, lifecycle: Lifecycle[Any], command: type[Command], status: int
) -> None:
    clauses = sorted({row.clause for row in lifecycle.steps if row.command is command})
    roles = dict.fromkeys(role for row in lifecycle.steps if row.command is command for role in row.who)
    opens = status == 201
    give = act(context, lifecycle, command, status=status)
    word = slug(command.__name__).replace("-", "_") + (f"_of_{lifecycle.kind}" if command in OF_LATE_ENTRIES else "")
    made.add_api_route(
        path,
        _signed(_opening(give) if opens else _going_on(give), command, case=not opens),
        methods=["POST"],
        status_code=status,
        name=command.__name__,
        operation_id=f"{'open' if opens else 'do'}_{word}",
        tags=[lifecycle.path],
        summary=f"{command.ZH} / {command.EN}",
        responses=answered(ANSWER, status, headers=("ETag", "Location")),
        response_model=None,
        openapi_extra={"x-clauses": clauses, "x-roles": [role.value for role in roles if role.is_person]},
        route_class_override=CommandRoute,
    )
    route = made.routes[-1]
    assert isinstance(route, CommandRoute)
    route.open_short_way(give, command, context.executor)


def _add_for_all(made: APIRouter, context: ApiContext, command: type[Command]) -> None:
    """One address for all kinds of case: the case's id says which it is."""
    kinds = [each for each in CASES if command in each.commands]
    by_kind = {each.kind: act(context, each, command, status=200) for each in kinds}
    roles = dict.fromkeys(role for each in kinds for row in each.steps if row.command is command for role in row.who)

    def give(request: Request, office: str, case_id: str, *said: Any) -> Response:
        if not set(context.roles(request, office)) & roles.keys():
            names = [role for role in roles if role.is_person]
            raise NotPermitted(
                "role",
                "1",
                zh=f"「{command.ZH}」须由{'、'.join(role.zh for role in names)}办理",
                en=f"“{command.EN}” is for: {', '.join(names)}",
            )
        found = by_kind.get(lifecycle_of(case_id).kind)
        if found is None:
            raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")
        return found(request, office, case_id, *said)

    made.add_api_route(
        f"/offices/{{office}}/cases/{{case_id}}/{slug(command.__name__)}",
        _signed(_going_on(give), command, case=True),
        methods=["POST"],
        status_code=200,
        name=command.__name__,
        operation_id=f"do_{slug(command.__name__).replace('-', '_')}",
        tags=["cases"],
        summary=f"{command.ZH} / {command.EN}",
        responses=answered(ANSWER, 200, headers=("ETag", "Location")),
        response_model=None,
        openapi_extra={"x-clauses": ["1"], "x-roles": [role.value for role in roles if role.is_person]},
        route_class_override=CommandRoute,
    )
    route = made.routes[-1]
    assert isinstance(route, CommandRoute)
    route.open_short_way(give, command, context.executor)


def _opening(give: Give) -> Callable[..., Response]:
    def endpoint(
        request: Request, office: str, body: Any, occurred_at: Any, late_reason: Any, key: Any, role: Any
    ) -> Response:
        return give(request, office, None, body, occurred_at, key, None, role, late_reason)

    return endpoint


def _going_on(give: Give) -> Callable[..., Response]:
    def endpoint(
        request: Request,
        office: str,
        case_id: str,
        body: Any,
        occurred_at: Any,
        late_reason: Any,
        key: Any,
        match: Any,
        role: Any,
    ) -> Response:
        return give(request, office, case_id, body, occurred_at, key, match, role, late_reason)

    return endpoint


def _signed(endpoint: Callable[..., Response], command: type[Command], *, case: bool) -> Callable[..., Response]:
    """FastAPI reads a route's types from its signature: here the body's type is the command."""
    tighten(command)
    keyword = Parameter.KEYWORD_ONLY
    parameters = [
        Parameter("request", keyword, annotation=Request),
        Parameter("office", keyword, annotation=str),
        *([Parameter("case_id", keyword, annotation=str)] if case else []),
        Parameter("body", keyword, annotation=Annotated[command, Body()]),
        Parameter("occurred_at", keyword, annotation=OccurredAt, default=None),
        Parameter("late_reason", keyword, annotation=LateReason, default=None),
        Parameter("key", keyword, annotation=IdempotencyKey, default=None),
        *([Parameter("match", keyword, annotation=IfMatch, default=None)] if case else []),
        Parameter("role", keyword, annotation=ActingRole, default=None),
    ]
    endpoint.__signature__ = inspect.Signature(parameters, return_annotation=Response)  # type: ignore[attr-defined]
    return endpoint


def act(context: ApiContext, lifecycle: Lifecycle[Any], command: type[Command], *, status: int) -> Give:
    """What the route of a command does."""
    rows = [row for row in lifecycle.steps if row.command is command]
    may = tuple(dict.fromkeys(role for row in rows for role in row.who if role.is_person))

    def give(
        request: Request,
        office: str,
        case_id: str | None,
        body: Command,
        occurred_at: Any,
        key: str | None,
        match: str | None,
        role: Role | None,
        late_reason: str | None = None,
    ) -> Response:
        identity = who(request.scope)
        roles = _roles(context, request, office, command)
        acting = [each for each in roles if each in may and role in (None, each)]
        order = CommandRequest(
            office=office,
            command=body,
            actor=Actor(identity.user_id, (acting or roles)[0]),
            now=context.time_in(office),
            case_id=case_id,
            occurred_at=occurred_at,
            late_reason=late_reason,
            # A key belongs to whoever sent it: nobody can take another's, nor the clock's.
            key=f"{identity.user_id}:{key}" if key is not None else None,
            expected=int(match[1:-1]) if match is not None else None,
        )
        if not acting:
            barred = NotPermitted(
                "role",
                rows[0].clause,
                zh=f"「{command.ZH}」须由{'、'.join(each.zh for each in may)}办理",
                en=f"“{command.EN}” is for: {', '.join(may)}",
            )
            with suppress(NotFound):
                _note(context, lifecycle, order, barred)
            raise barred
        if case_id is not None:
            checked_id(lifecycle, case_id)
        try:
            answer = _handled(context, order, acting)
        except Refusal as refusal:
            _note(context, lifecycle, order, refusal)
            raise
        COMMANDS.labels(slug_of(command)).inc()
        case = answer.case
        if case is None:
            case = context.handler.case(office, answer.case_id)
        return json(
            {
                "id": answer.case_id,
                "number": answer.number,
                "version": answer.version,
                "state": answer.state,
                "facts": answer.facts,
                "permitted": [
                    slug_of(each)
                    for each in permitted(lifecycle, case, context.handler.actor(office, order.actor), roles)
                ],
                "repeated": answer.repeated,
            },
            status,
            {"ETag": f'"{answer.version}"', "Location": address(office, lifecycle.kind, answer.case_id)},
        )

    return give


def _note(context: ApiContext, lifecycle: Lifecycle[Any], order: CommandRequest, refusal: Refusal) -> None:
    """Some attempts are facts though they were refused (§3.2)."""
    if order.case_id is not None:
        checked_id(lifecycle, order.case_id)
        note_refused_attempt(context.handler, order, refusal)


def _roles(context: ApiContext, request: Request, office: str, command: type[Command]) -> tuple[Role, ...]:
    """An office is opened by somebody who has no role in it yet."""
    if OFFICE.steps[0].command is command:
        return who(request.scope).roles(office) or (Role.SYSTEM_ADMINISTRATOR,)
    if command is ChangeSetting and who(request.scope).is_system_administrator and context.exists(office):
        return who(request.scope).roles(office) or (Role.SYSTEM_ADMINISTRATOR,)  # what is laid down at the opening
    return context.roles(request, office)


def _handled(context: ApiContext, order: CommandRequest, acting: list[Role]) -> Answer:
    """Several roles are tried in the handbook's order: the first that the state allows acts."""
    for role in acting[:-1]:
        try:
            return context.handler.handle(_as(order, role))
        except NotPermitted:
            continue
    return context.handler.handle(_as(order, acting[-1]))


def _as(order: CommandRequest, role: Role) -> CommandRequest:
    if order.actor.role is role:
        return order
    return replace(order, actor=Actor(order.actor.user_id, role))


def checked_id(lifecycle: Lifecycle[Any], case_id: str) -> None:
    """An id of another kind, or none at all, is not found here."""
    if not case_id.startswith(f"{lifecycle.kind}-") or not CASE_ID.fullmatch(case_id):
        raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")


def permitted(lifecycle: Lifecycle[Any], case: Case, who: Actor, roles: tuple[Role, ...]) -> list[type[Command]]:
    """What somebody with these roles may do now with this case."""
    acts = {role: replace(who, role=role) for role in roles}
    return [
        command
        for command, acting in _by_table(lifecycle.kind, case.state, roles)
        if any(command.ready(case, acts[role]) is None for role in acting)
    ]


@lru_cache(maxsize=20_000)
def _by_table(kind: str, state: str, roles: tuple[Role, ...]) -> tuple[tuple[type[Command], tuple[Role, ...]], ...]:
    """The commands that the table lets these roles give in this state, each with those of them that may."""
    lifecycle = BY_KIND[kind]
    found = []
    for command in lifecycle.commands:
        may = {role for row in lifecycle.open_to(state, command) for role in row.who}
        acting = tuple(role for role in roles if role in may)
        if acting:
            found.append((command, acting))
    return tuple(found)


def slug_of(command: type[Command]) -> str:
    """A command's place in addresses."""
    return slug(command.__name__)
