"""Due letters 应发催款通知 (§8.A) over HTTP: what every notice that is due would say, and all of them issued in one request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Query, Request, Response

from api.http import cursor as cursors
from api.http.authentication import who
from api.http.context import ApiContext, json
from api.http.documents import answered, ref
from api.http.metrics import COMMANDS
from api.http.text import Short, tighten
from api.routes.actions import ActingRole, IdempotencyKey, slug_of
from domain.arrears.debt_case.commands.dunning import IssueDunningNotice
from domain.arrears.debt_case.lifecycle import LIFECYCLE
from domain.arrears.terms import NoticeMeans
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotPermitted
from domain.kernel.people import Actor, Role
from workflows.engine.due_letters import DueLetter, LetterGiven, due_letters, issued, previewed
from workflows.engine.request import CommandRequest

__all__ = ["MAY", "IssueDueNotices", "looking_at", "order_of", "router"]

MAY: Final = tuple(
    dict.fromkeys(role for row in LIFECYCLE.steps if row.command is IssueDunningNotice for role in row.who)
)
_HOUSEHOLDER: Final = "户主"
Stage = Annotated[int | None, Query(ge=1, le=2, description="第几次，缺省两次都发 / which letter; both if left out")]
Building = Annotated[Short | None, Query(description="只限某楼栋 / of one building only")]
Limit = Annotated[int, Query(ge=1, le=1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDueNotices:
    """By which means the letters go, and to whom they are addressed (to the householder, unless somebody else is said)."""

    means: NoticeMeans
    addressee: str | None = None


tighten(IssueDueNotices)


def router(context: ApiContext) -> APIRouter:
    """What would go out, and that it does."""
    made = APIRouter(tags=[LIFECYCLE.path])

    @made.get(
        "/offices/{office}/due-notices",
        operation_id="preview_due_notices",
        summary="应发催款通知预览 / what each notice that is due would say now",
        responses=answered(ref("DueNotices")),
        response_model=None,
    )
    def preview(
        request: Request,
        office: str,
        stage: Stage = None,
        building: Building = None,
        limit: Limit = 200,
        cursor: cursors.Cursor = None,
        role: ActingRole = None,
    ) -> Response:
        order = looking_at(context, request, office, role)
        letters, following = _due(context, order, stage, building, limit, cursor)
        return _answer(previewed(context.handler, context.connect, order, letters), following)

    @made.post(
        "/offices/{office}/due-notices",
        operation_id="issue_due_notices",
        summary="一次发出全部应发催款通知 / issue every notice that is due, each household in its own transaction",
        responses=answered(ref("DueNotices")),
        response_model=None,
    )
    def issue(
        request: Request,
        office: str,
        body: Annotated[IssueDueNotices, Body()],
        stage: Stage = None,
        building: Building = None,
        limit: Limit = 200,
        cursor: cursors.Cursor = None,
        key: IdempotencyKey = None,
        role: ActingRole = None,
    ) -> Response:
        order = order_of(context, request, office, body, role, key)
        letters, following = _due(context, order, stage, building, limit, cursor)
        given = list(issued(context.handler, order, letters))
        COMMANDS.labels(slug_of(IssueDunningNotice)).inc(sum(each.notice is not None for each in given))
        return _answer(given, following)

    return made


def order_of(
    context: ApiContext,
    request: Request,
    office: str,
    body: IssueDueNotices,
    role: Role | None,
    key: str | None = None,
) -> CommandRequest:
    """The one order that is given for every household. Raises NotPermitted for who may issue none."""
    roles = context.roles(request, office)
    acting = [each for each in roles if each in MAY and role in (None, each)]
    if not acting:
        zh = f"「{IssueDunningNotice.ZH}」须由{'、'.join(each.zh for each in MAY)}办理"
        raise NotPermitted("role", "8.A(1)", zh=zh, en=f"“{IssueDunningNotice.EN}” is for: {', '.join(MAY)}")
    user = who(request.scope).user_id
    return CommandRequest(
        office=office,
        command=IssueDunningNotice(means=body.means, addressee=body.addressee or _HOUSEHOLDER),
        actor=Actor(user, acting[0]),
        now=context.time_in(office),
        key=f"{user}:{key}" if key is not None else None,
    )


def looking_at(context: ApiContext, request: Request, office: str, role: Role | None = None) -> CommandRequest:
    """The order as whoever may give it would, for anybody who reads in the office: nothing of it is carried out."""
    roles = context.roles(request, office)
    acting = next((each for each in roles if each in MAY and role in (None, each)), MAY[0])
    return CommandRequest(
        office=office,
        command=IssueDunningNotice(means=NoticeMeans.MAILBOX, addressee=_HOUSEHOLDER),
        actor=Actor(who(request.scope).user_id, acting),
        now=context.time_in(office),
    )


def _due(
    context: ApiContext, order: CommandRequest, stage: int | None, building: str | None, limit: int, cursor: str | None
) -> tuple[list[DueLetter], str | None]:
    [after] = cursors.read(cursor, tuple[str]) if cursor else [""]
    today = local_date(order.now)
    found = due_letters(
        context.connect, order.office, today, stage=stage, building=building, after=after, limit=limit + 1
    )
    more = len(found) > limit
    return found[:limit], cursors.write(found[limit - 1].case_id) if more else None


def _answer(given: Iterable[LetterGiven], following: str | None) -> Response:
    letters: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    for each in given:
        letter: dict[str, Any] = {
            "case_id": each.letter.case_id,
            "household": each.letter.household,
            "stage": each.letter.stage,
            "due_on": each.letter.due_on,
        }
        if each.refusal is not None:
            why = each.refusal
            left_out.append({**letter, "code": why.code, "clause": why.clause, "why_zh": why.zh, "why_en": why.en})
        elif each.notice is not None:
            said = each.notice
            letter |= {"claims": said.claims, "current": said.current, "current_fen": said.current_fen}
            letters.append({**letter, "total_fen": said.total_fen, "late_fee_until": said.late_fee_until})
    return json({"notices": letters, "left_out": left_out, "next": following})
