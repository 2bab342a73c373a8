"""Bounds of time 时间界限: how far back anything may lie that is entered into an office's book, in one place.

Nothing is said to have happened before 1970: clocks and time zones of earlier years are of another kind (before 1901
Shanghai's is 8:05:43 ahead of UTC), and nobody means them. And nothing that an office did, or that happened to what it
keeps, happened before the office was opened; a contract may have been signed earlier. Another system's history may be
older than the office, never than 1970.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from functools import cache
from typing import Any, Final, get_args, get_type_hints

from domain.kernel.calendar import local_date
from domain.kernel.errors import RuleBroken

__all__ = ["AHEAD", "EARLIEST", "OLDER", "SINCE_THE_OFFICE", "check_bounds", "speaks_of"]

EARLIEST: Final = date(1970, 1, 1)
"""The first local date that may be entered at all."""

SINCE_THE_OFFICE: Final = frozenset(
    {
        "arrived_on",
        "booked_on",
        "delivered_on",
        "effective_on",
        "ended_on",
        "left_on",
        "moved_in_on",
        "paid_on",
        "since",
        "taken_over_on",
        "told_at",
        "value_date",
    }
)
"""Fields of commands that say when something happened in the office's care: not before it was opened, as `occurred_at`."""
OLDER: Final = frozenset(
    {
        "agreement_signed_on",
        "document_on",
        "entrusted_from",
        "signed_on",
        "starts_on",
        "anchor",
        "backed_up_at",
        "term_from",
        "due_on",
        "first",
        "month",
        "on",
        "valid_from",
        "vaccinated_until",
    }
)
"""Fields whose date may be older than the office: contracts, terms, debts and what was handed over with them."""
AHEAD: Final = frozenset(
    {
        "appointed_at",
        "closes_on",
        "day",
        "decide_by",
        "decision_planned_at",
        "due_at",
        "due_by",
        "ends_on",
        "entrusted_until",
        "expected_on",
        "expected_return",
        "last",
        "leaving_on",
        "next_by",
        "planned_from",
        "planned_on",
        "planned_until",
        "promised_by",
        "rectify_by",
        "scheduled_at",
        "take_down_by",
        "until",
        "valid_until",
        "wanted_on",
    }
)
"""Fields that speak of what is to come, or of a deadline: their own rules hold them."""


def speaks_of(said: object, occurred_at: datetime) -> datetime:
    """The earliest instant of which a command or an event speaks: when the resident was told, say, before it was entered."""
    told: datetime | None = getattr(said, "told_at", None)
    return occurred_at if told is None else min(told, occurred_at)


def check_bounds(command: Any, occurred_at: datetime, opened_at: datetime | None, clause: str) -> None:
    """Raise :class:`RuleBroken` when a command lies, or says that something lies, before what may be entered.

    ``opened_at`` is when its office was opened, None when that sets no bound: the opening itself, another system's history.
    """
    _check(occurred_at, "occurred_at", opened_at, clause)
    for name in _dated(command.__class__):
        value = getattr(command, name)
        for each in value if isinstance(value, tuple) else () if value is None else (value,):
            _check(each, name, opened_at if name in SINCE_THE_OFFICE else None, clause)


@cache
def _dated(command: type) -> tuple[str, ...]:
    """The fields of a command that are dates or instants."""
    hints = get_type_hints(command)
    return tuple(f.name for f in fields(command) if {date, datetime} & {hints[f.name], *get_args(hints[f.name])})


def _check(value: date, field: str, opened_at: datetime | None, clause: str) -> None:
    naive = isinstance(value, datetime) and value.tzinfo is None
    if (value.year <= EARLIEST.year or naive) and _day(value) < EARLIEST:
        raise RuleBroken(
            "too-early",
            clause,
            zh=f"时间不得早于{EARLIEST.year}年",
            en=f"nothing is entered that lies before {EARLIEST.year}",
            field=field,
        )
    if opened_at is None:
        return
    early = value < opened_at if isinstance(value, datetime) else value < local_date(opened_at)
    if early:
        raise RuleBroken(
            "before-office",
            clause,
            zh=f"时间早于本管理处设立（{local_date(opened_at)}）",
            en=f"the office was opened later, on {local_date(opened_at)}",
            field=field,
        )


def _day(value: date) -> date:
    """The local date of an instant, or of a date itself; an instant without its zone is none."""
    return local_date(value) if isinstance(value, datetime) else value
