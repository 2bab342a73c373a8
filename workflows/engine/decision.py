"""Deciding 决定: whether a request may be carried out on its case at all, and what its decision may look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.handbook.settings import Settings
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotFound, Stale, WrongState
from domain.kernel.fact import Case, Moment
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.people import Actor
from workflows.engine.occurrence import check_order
from workflows.engine.open_cases import OpenCase
from workflows.engine.request import CommandRequest

__all__ = ["check_applies", "check_still_due", "moment_of"]


def check_applies(
    request: CommandRequest, lifecycle: Lifecycle[Any], opened: OpenCase, occurred: datetime, *, opens: bool
) -> None:
    """The case exists, is of the command's kind, is what the caller saw, and had begun when this happened.

    Raises :class:`~domain.kernel.errors.NotFound`, :class:`~domain.kernel.errors.Stale` or :class:`~domain.kernel.errors.RuleBroken`.
    """
    case = opened.case
    if lifecycle is not opened.lifecycle:
        raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case of this kind")
    if case is None:
        if request.case_id is not None and not opens and lifecycle.identity is None:
            raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")
        return
    if request.expected is not None and request.expected != case.version:
        raise Stale(
            "version",
            None,
            zh=f"该事项已更新到第{case.version}版，您看到的是第{request.expected}版",
            en=f"the case is at version {case.version}, you saw {request.expected}",
        )
    if not request.imported:
        check_order(case, occurred)


def check_still_due(lifecycle: Lifecycle[Any], case: Case | None, deadline: tuple[str, datetime]) -> None:
    """The case still owes this deadline. Raises :class:`~domain.kernel.errors.WrongState`."""
    owed = [] if case is None else [(due.kind, due.due_at) for due in lifecycle.due(case)]
    if deadline not in owed:
        raise WrongState("not-due", lifecycle.clauses, zh="该期限已不再适用", en="this deadline is no longer owed")


def moment_of(
    request: CommandRequest,
    actor: Actor,
    case: Case | None,
    occurred: datetime,
    settings: Settings,
    related: Mapping[str, Any],
) -> Moment:
    """What the decision may look at besides its case: the settings are those of the day on which it happened.

    ``actor`` is whoever gives the request, with the names by which the book knows him.
    """
    at = Moment(
        now=occurred,
        recorded=request.now,
        numbers=settings.at(local_date(occurred)),
        user_id=actor.user_id,
        role=actor.role,
        known_as=actor.known_as,
        office=request.office,
        settings=settings,
        related=related,
        waived=request.imported,
    )
    if request.imported and case is not None and case.opened_at is not None and occurred < case.opened_at:
        at.waivers.append("before-opening")
    return at
