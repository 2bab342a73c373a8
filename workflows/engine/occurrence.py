"""When something occurred 发生时间: what is held against it, and what marks an entry that comes late 补录."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.handbook.settings import Settings
from domain.kernel.bounds import check_bounds, speaks_of
from domain.kernel.calendar import local_date
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Case, Fact
from domain.kernel.late_entries import awaits_a_word
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.spelling import says
from domain.kernel.waiting import judge_by
from workflows.engine.plan import PLANS
from workflows.engine.request import CommandRequest

__all__ = ["begun", "check_order", "check_times", "stamped"]


def check_times(request: CommandRequest, settings: Settings, since: datetime | None) -> datetime:
    """When it happened. Refuses what lies in the future or before the office (``since``), and what is late without a reason.

    What a command says of time beside ``occurred_at`` is held to the same bounds (``domain.kernel.bounds``).
    """
    occurred = request.occurred_at or request.now
    if occurred > request.now:
        raise RuleBroken(
            "in-the-future", None, zh="发生时间不能晚于现在", en="it cannot have happened yet", field="occurred_at"
        )
    bound = since if not request.imported and request.deadline is None else None
    check_bounds(request.command, occurred, bound, PLANS[type(request.command)].clause)
    if request.actor.role.is_person and not request.imported:
        _insist_on_a_reason(request, settings, occurred)
    return occurred


def _insist_on_a_reason(request: CommandRequest, settings: Settings, occurred: datetime) -> None:
    """What a person enters so late of its time needs one."""
    numbers, spoken_of = settings.at(local_date(request.now)), speaks_of(request.command, occurred)
    late = request.now - spoken_of > timedelta(days=numbers.integer("entries.reason_after_days"))
    if late and not says(request.late_reason):
        raise RuleBroken(
            "late-reason-missing",
            "1",
            zh="补录已逾规定天数，请说明理由",
            en="it is entered so late that a reason is needed",
            field="late_reason",
        )


def begun(case: Case) -> datetime:
    """Before which nothing of the case occurs: its opening, or the fact that opened the present round."""
    assert case.opened_at is not None
    return max(case.opened_at, case.round_began_at or case.opened_at)


def check_order(case: Case, occurred: datetime) -> None:
    """Refuse what lies before the case, or before its present round; the same instant is no contradiction."""
    if case.opened_at is not None and occurred < case.opened_at:
        raise RuleBroken(
            "before-opening",
            None,
            zh="发生时间早于立案时间",
            en="it cannot have happened before the case began",
            field="occurred_at",
        )
    if case.round_began_at is not None and occurred < case.round_began_at:
        raise RuleBroken(
            "before-the-round",
            None,
            zh="发生时间早于本轮办理开始（重开、退回或重派）的时间",
            en="it cannot have happened before the present round began (opened again, returned or dispatched anew)",
            field="occurred_at",
        )


def stamped(
    fact: Fact, request: CommandRequest, lifecycle: Lifecycle[Any], case: Case | None, settings: Settings
) -> Fact:
    """The fact, marked as a late entry where it is one: entered late by a person, or speaking against what stands.

    What the clock writes late is no entry, and an imported history is another book's.
    """
    if request.imported or request.deadline is not None:
        return fact
    spoken_of = speaks_of(fact.event, fact.occurred_at)
    if request.now <= spoken_of:
        return fact
    person, waits = fact.role.is_person, awaits_a_word(lifecycle.breaches, case, fact)
    if not person and not waits:
        return fact
    numbers = settings.at(local_date(request.now))
    hours = numbers.integer("entries.late_after_hours")
    late = person and request.now - spoken_of > timedelta(hours=hours)
    if not late and not waits:
        return fact
    seconds = int((request.now - fact.occurred_at).total_seconds())
    fact = replace(fact, late=seconds, late_reason=request.late_reason, entered_by=request.entered_by)
    return replace(fact, judge_by=judge_by(request.now, numbers)) if waits else fact
