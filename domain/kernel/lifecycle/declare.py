"""The rows of a lifecycle table 流程表: steps, deadlines and holds, as a kind of case declares them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from domain.kernel.fact import Command, Event, Fact
from domain.kernel.people import Role

SAME: Final = "="
"""The target of a step that keeps the state."""
NOT_YET: Final = "-"
"""The state of a case that has no facts."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: this command, given by one of these roles in one of these states, makes this event."""

    command: type[Command]
    event: type[Event]
    sources: tuple[str, ...]
    target: str
    who: tuple[Role, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock that runs in these states until ``due(case)``; then the clock gives ``gives``."""

    kind: str
    states: tuple[str, ...]
    due: Callable[[Any], datetime | None]
    gives: type[Command]
    clause: str
    zh: str
    en: str


def _only_line(_case: Any, _fact: Fact) -> str:
    """The line of a case that has one."""
    return ""


def _always(_said: Any) -> bool:
    """Whatever the event says."""
    return True


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach that the clock writes, and the events that keep or mend what it was about.

    One of these that is entered after the breach and speaks of a time before it would unmake it: that is a late entry,
    and counts once a second person has confirmed it. ``line`` says which line of a register a fact is about. A breach of
    a duty that recurs within its line is over (``recurs``) when the duty is next done. ``ended_by``: what would end the duty
    itself, and so unmake its breaches of every line. ``counts`` sees what the event says: whether it is a breach of the matter itself.
    """

    event: type[Event]
    mended_by: tuple[type[Event], ...]
    line: Callable[[Any, Fact], str] = _only_line
    recurs: bool = False
    ended_by: tuple[type[Event], ...] = ()
    counts: Callable[[Any], bool] = _always


@dataclass(frozen=True, slots=True)
class Round:
    """An event that opens another round of a case; ``when`` sees the case before it."""

    event: type[Event]
    when: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Wait:
    """Something that waits in these states for the next step, no longer than the setting ``within`` says (days or hours).

    It begins when a case comes to one of them from elsewhere, or with ``begun_by``; it ends when the case leaves them, or
    with one of ``ended_by``, or once it is no longer asked (``asked`` sees the case). ``since``: a local day before which nothing
    is expected. ``item``: which of several it is.
    """

    kind: str
    states: tuple[str, ...]
    within: str
    clause: str
    zh: str
    en: str
    since: Callable[[Any, Any], date | None] | None = None
    begun_by: type[Event] | None = None
    ended_by: tuple[type[Event], ...] = ()
    item: Callable[[Any], object] | None = None
    asked: Callable[[Any], bool] = _always


Claim = Callable[[Any], str | tuple[str, ...] | None]
"""What a case claims: one thing, several, or nothing."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What a case in these states (none named: for ever) holds alone within its office, such as a key, or several."""

    states: tuple[str, ...]
    claim: Claim
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Due:
    """One promise with its date: what falls due, when, and what the clock will then say."""

    kind: str
    due_at: datetime
    gives: str
    clause: str
    zh: str
    en: str


def _among(states: str | Sequence[str]) -> tuple[str, ...]:
    """One state, or several."""
    return (states,) if isinstance(states, str) else tuple(states)


def step(
    command: type[Command],
    event: type[Event],
    source: str | Sequence[str] | None,
    target: str,
    who: Iterable[Role],
    clause: str,
) -> Step:
    """One row of a lifecycle table; ``source`` None opens a case, ``target`` SAME keeps the state."""
    sources = (NOT_YET,) if source is None else _among(source)
    return Step(command, event, sources, target, tuple(who), clause)


def deadline(
    kind: str,
    states: str | Sequence[str],
    *,
    due: Callable[[Any], datetime | None],
    gives: type[Command],
    clause: str,
    zh: str,
    en: str,
) -> Deadline:
    """One deadline of a lifecycle table."""
    return Deadline(kind, _among(states), due, gives, clause, zh, en)


def wait(
    kind: str,
    states: str | Sequence[str],
    *,
    within: str,
    clause: str,
    zh: str,
    en: str,
    since: Callable[[Any, Any], date | None] | None = None,
    begun_by: type[Event] | None = None,
    ended_by: Sequence[type[Event]] = (),
    item: Callable[[Any], object] | None = None,
    asked: Callable[[Any], bool] = _always,
) -> Wait:
    """One line of a lifecycle table for what waits; ``since`` sees the case before (None: it is opened) and the event."""
    return Wait(kind, _among(states), within, clause, zh, en, since, begun_by, tuple(ended_by), item, asked)


def hold(states: str | Sequence[str], claim: Claim, *, zh: str, en: str) -> Hold:
    """One claim of a lifecycle table."""
    return Hold(_among(states), claim, zh, en)


def breach(
    event: type[Event],
    *mended_by: type[Event],
    line: Callable[[Any, Fact], str] = _only_line,
    recurs: bool = False,
    ended_by: tuple[type[Event], ...] = (),
    counts: Callable[[Any], bool] = _always,
) -> Breach:
    """One breach of a lifecycle table: the clock's event, and what keeps or mends it."""
    return Breach(event, mended_by, line, recurs, ended_by, counts)


def opens_round(event: type[Event], *, when: Callable[[Any], bool] = lambda _case: True) -> Round:
    """One event that opens another round 新一轮: nothing of it occurs before."""
    return Round(event, when)
