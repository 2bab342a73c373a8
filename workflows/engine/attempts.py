"""Refused attempts 擅自拿用 (§3.2): who is refused the keys of a vacant home leaves the attempt in the home's book."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from domain.homes.key_loan.commands import IssueKeys
from domain.homes.vacant_home.commands.custody import RefuseKeyTaking
from domain.homes.vacant_home.commands.vacancy import HandOverHome
from domain.kernel.errors import NotPermitted, Refusal, RuleBroken, WrongState
from domain.kernel.fact import Command
from domain.kernel.people import Actor, Role
from domain.moving.move_in.commands import HandOverMoveInKeys
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest

__all__ = ["note_refused_attempt"]

_WANTED: Final[Mapping[type[Command], Callable[[Any, Any], tuple[str | None, tuple[str, ...]]]]] = {
    IssueKeys: lambda loan, _command: (loan.vacant_home, loan.keys),
    HandOverHome: lambda home, command: (home.id, command.keys),
    HandOverMoveInKeys: lambda move, command: (move.vacant_home, command.keys),
}
"""The commands by which keys leave the office: from the case and the command, the vacant home and the keys wanted."""


def note_refused_attempt(handler: CommandHandler, order: CommandRequest, refusal: Refusal) -> None:
    """Record the attempt with who made it and why it was refused; nothing if no keys of a vacant home were wanted.

    Without authority any of the three is an attempt. A loan that breaks a rule is one too; a hand-over that comes before
    its cleaning is only too early.
    """
    wanted = _WANTED.get(type(order.command))
    if wanted is None or order.case_id is None or not _is_attempt(order, refusal):
        return
    with suppress(Refusal):
        home_id, named = wanted(handler.case(order.office, order.case_id), order.command)
        if home_id is None:
            return
        known = handler.case(order.office, home_id).keys
        attempt = RefuseKeyTaking(
            keys=tuple(number for number in known if number in named) or tuple(known),
            circumstances=f"{order.command.ZH}：{refusal.zh}",
        )
        actor = Actor(order.actor.user_id, Role.POLICY)
        handler.handle(
            CommandRequest(office=order.office, command=attempt, actor=actor, now=order.now, case_id=home_id)
        )


def _is_attempt(order: CommandRequest, refusal: Refusal) -> bool:
    if isinstance(refusal, NotPermitted):
        return True
    return (
        isinstance(order.command, IssueKeys) and isinstance(refusal, RuleBroken | WrongState) and bool(refusal.clause)
    )
