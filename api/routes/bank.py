"""Bank statements 银行对账 (§7) over HTTP: a file is taken, each line has its proposals, and what a person confirms is booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Body, Query, Request, Response

from api.bank_matching import bank_lines, proposals_for
from api.http import cursor as cursors
from api.http.authentication import who
from api.http.context import ApiContext, json
from api.http.documents import ANY_FILE, answered, ref
from api.http.metrics import COMMANDS
from api.http.text import Short, tighten
from api.routes.actions import ActingRole, IdempotencyKey, checked_id, slug_of
from domain.fees.bank_line import LIFECYCLE as LINE
from domain.fees.bank_line import ConfirmBankLine
from domain.fees.bank_statement import LIFECYCLE as STATEMENT
from domain.fees.matching import Ground, Proposal
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotPermitted
from domain.kernel.fact import Command
from domain.kernel.people import Actor, Role
from domain.kernel.words import choice_names
from workflows.engine.bank_matches import LineMatch, confirmed
from workflows.engine.request import CommandRequest
from workflows.importing.bank_file import read_bank_file
from workflows.importing.bank_taking import BankFileTaken, take_bank_file

__all__ = ["ConfirmMatches", "MatchSaid", "bring", "order_of", "router"]

MAY: Final = tuple(dict.fromkeys(role for row in LINE.steps if row.command is ConfirmBankLine for role in row.who))
"""Who brings statements and says whose the lines are."""
Limit = Annotated[int, Query(ge=1, le=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSaid:
    """A line, and the household whose payment it is; ``bills``, where the payer named some; the grounds that were shown."""

    bank_line: Short
    household: Short
    bills: tuple[Short, ...] = ()
    match_grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmMatches:
    """What a person confirms, line by line."""

    matches: tuple[MatchSaid, ...]


tighten(MatchSaid)
tighten(ConfirmMatches)


def router(context: ApiContext) -> APIRouter:
    """In, the proposals, and the yes."""
    made = APIRouter(tags=[STATEMENT.path])

    @made.post(
        "/offices/{office}/bank-files",
        operation_id="take_bank_file",
        summary="读入银行对账单文件（CSV、XLSX），只取新流水 / take a bank's file; lines that are in the book already stay as they are",
        responses=answered(ref("BankFile")),
        response_model=None,
        openapi_extra=ANY_FILE,
    )
    async def take(
        request: Request, office: str, bank_account: Short | None = None, role: ActingRole = None
    ) -> Response:
        data = await request.body()
        return await run_sync(lambda: _brought(bring(context, request, office, data, bank_account, role)))

    @made.get(
        "/offices/{office}/bank-statements/{case_id}/proposals",
        operation_id="bank_proposals",
        summary="待处理流水的匹配建议 / whose the lines may be that are to be dealt with, and why",
        responses=answered(ref("Proposals")),
        response_model=None,
    )
    def proposals(
        request: Request, office: str, case_id: str, limit: Limit = 50, cursor: cursors.Cursor = None
    ) -> Response:
        reader = context.reader(request, office)
        checked_id(STATEMENT, case_id)
        context.handler.case(office, case_id)
        after: tuple[int, str] = cursors.read(cursor, tuple[int, str]) if cursor else (0, "")
        rows = bank_lines(reader, case_id, state="open", after=after, limit=limit + 1)
        shown, more = rows[:limit], len(rows) > limit
        numbers = context.handler.settings(office).at(local_date(context.time_in(office)))
        found = proposals_for(reader, shown, numbers)
        lines = [_line(row, found.get(row["case_id"], ())) for row in shown]
        return json({"lines": lines, "next": cursors.write(*_place(shown[-1])) if more else None})

    @made.post(
        "/offices/{office}/bank-statements/{case_id}/matches",
        operation_id="confirm_bank_matches",
        summary="确认若干流水入账，逐笔成交 / confirm whose several lines are, each in its own transaction",
        responses=answered(ref("Matched")),
        response_model=None,
    )
    def confirm(
        request: Request,
        office: str,
        case_id: str,
        body: Annotated[ConfirmMatches, Body()],
        key: IdempotencyKey = None,
        role: ActingRole = None,
    ) -> Response:
        order = order_of(context, request, office, ConfirmBankLine(household=""), role, key)
        checked_id(STATEMENT, case_id)
        context.handler.case(office, case_id)
        for each in body.matches:
            checked_id(LINE, each.bank_line)
        matches = [
            LineMatch(line=each.bank_line, household=each.household, bills=each.bills, grounds=each.match_grounds)
            for each in body.matches
        ]
        given = list(confirmed(context.handler, order, matches))
        COMMANDS.labels(slug_of(ConfirmBankLine)).inc(sum(each.refusal is None for each in given))
        return json(
            {
                "matched": [
                    {"bank_line": each.match.line, "payment": each.payment, "number": each.number}
                    for each in given
                    if each.refusal is None
                ],
                "left_out": [
                    {
                        "bank_line": each.match.line,
                        "code": each.refusal.code,
                        "clause": each.refusal.clause,
                        "why_zh": each.refusal.zh,
                        "why_en": each.refusal.en,
                    }
                    for each in given
                    if each.refusal is not None
                ],
            }
        )

    return made


def order_of(
    context: ApiContext, request: Request, office: str, command: Command, role: Role | None, key: str | None = None
) -> CommandRequest:
    """An order of whoever may deal with bank lines. Raises NotPermitted for who may not."""
    roles = context.roles(request, office)
    acting = [each for each in roles if each in MAY and role in (None, each)]
    if not acting:
        zh = f"银行对账须由{'、'.join(each.zh for each in MAY)}办理"
        raise NotPermitted("role", "7", zh=zh, en=f"bank statements are for: {', '.join(MAY)}")
    user = who(request.scope).user_id
    return CommandRequest(
        office=office,
        command=command,
        actor=Actor(user, acting[0]),
        now=context.time_in(office),
        key=f"{user}:{key}" if key is not None else None,
    )


def bring(
    context: ApiContext, request: Request, office: str, data: bytes, bank_account: str | None, role: Role | None = None
) -> BankFileTaken:
    """Take a file for whoever may. Raises what speaks against it."""
    order = order_of(context, request, office, ConfirmBankLine(household=""), role)
    order = _by_the_program(order)
    return take_bank_file(context.handler, context.connect, order, read_bank_file(data), bank_account)


def _by_the_program(order: CommandRequest) -> CommandRequest:
    """The program writes down what the file says, in the name of whoever brought it."""
    return CommandRequest(
        office=order.office, command=order.command, actor=Actor(order.actor.user_id, Role.POLICY), now=order.now
    )


def _brought(taken: BankFileTaken) -> Response:
    return json(
        {
            "statement": taken.statement,
            "number": taken.number,
            "rows_taken": taken.taken,
            "rows_known": taken.known,
            "rows_refused": taken.refused,
            "credits_fen": taken.credits_fen,
            "debits_fen": taken.debits_fen,
            "rows": [
                {
                    "row": each.line,
                    "field": each.column,
                    "cell": each.value,
                    "code": each.code,
                    "zh": each.zh,
                    "en": each.en,
                    "taken_anyway": each.taken,
                }
                for each in taken.problems
            ],
        }
    )


def _place(row: dict[str, Any]) -> tuple[int, str]:
    return row["row"], row["case_id"]


def _line(row: dict[str, Any], proposals: Sequence[Proposal]) -> dict[str, Any]:
    names = ("case_id", "row", "booked_on", "amount_fen", "reference", "payer", "payer_account", "narration")
    return {name: row[name] for name in names} | {
        "candidates": [
            {
                "household": each.household,
                "home": each.home,
                "points": each.points,
                "sure": each.sure,
                "payment": each.payment,
                "match_grounds": [_ground(ground) for ground in each.grounds],
            }
            for each in proposals
        ]
    }


def _ground(ground: Ground) -> dict[str, str]:
    zh, en = choice_names(ground)
    return {"ground": ground.value, "zh": zh, "en": en}
