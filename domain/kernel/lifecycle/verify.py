"""A lifecycle table is verified when it is made: one that contradicts itself does not import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

from domain.handbook.clauses import clause as handbook_clause
from domain.kernel.fact import Command
from domain.kernel.lifecycle.declare import NOT_YET, SAME
from domain.kernel.people import Role

if TYPE_CHECKING:
    from domain.kernel.fact import Event
    from domain.kernel.lifecycle.ask import Lifecycle
    from domain.kernel.lifecycle.declare import Step


def verify_rows(lifecycle: Lifecycle[Any]) -> None:
    """Every row names a known clause, known states and somebody; every deadline fires where the clock may speak."""
    for row in lifecycle.steps:
        handbook_clause(row.clause)
        unknown = {*row.sources, row.target} - {NOT_YET, SAME, *lifecycle.states}
        if unknown:
            _wrong(lifecycle, f"{row.command.__name__} names unknown states {sorted(unknown)}")
        if not row.who:
            _wrong(lifecycle, f"nobody may give {row.command.__name__}")
        if row.sources == (NOT_YET,) and row.target == SAME:
            _wrong(lifecycle, f"{row.command.__name__} opens a case without a state")
    for due in lifecycle.deadlines:
        handbook_clause(due.clause)
        rows = [row for row in lifecycle.steps if row.command is due.gives and Role.CLOCK in row.who]
        missing = set(due.states) - {source for row in rows for source in row.sources}
        if missing:
            _wrong(lifecycle, f"deadline {due.kind}: the clock may not give {due.gives.__name__} in {sorted(missing)}")
    events = {row.event for row in lifecycle.steps}
    by_clock = {row.event for row in lifecycle.steps if Role.CLOCK in row.who}
    for breach in lifecycle.breaches:
        if breach.event not in by_clock:
            _wrong(lifecycle, f"the clock does not write the breach {breach.event.__name__}")
        if not breach.mended_by or not set(breach.mended_by) <= events:
            _wrong(lifecycle, f"the breach {breach.event.__name__} is mended by nothing of the table")
    if not {opening.event for opening in lifecycle.rounds} <= events:
        _wrong(lifecycle, "a round is opened by an event that the table has not")
    handbook_clause(lifecycle.clauses)


def targets_of(lifecycle: Lifecycle[Any]) -> dict[type[Event], str]:
    """Event → the state it leads to. An event has one target, so that a replay knows the state without asking a guard."""
    targets: dict[type[Event], str] = {}
    for row in lifecycle.steps:
        if targets.setdefault(row.event, row.target) != row.target:
            _wrong(lifecycle, f"event {row.event.__name__} has two targets: {targets[row.event]} and {row.target}")
    return targets


def said_by_table(
    lifecycle: Lifecycle[Any], table: Mapping[tuple[str, type[Command]], tuple[Step, ...]]
) -> dict[tuple[str, type[Command]], type[Event]]:
    """The one event of every command that defines no ``decide``, by state: it says all that the command says."""
    said: dict[tuple[str, type[Command]], type[Event]] = {}
    for (state, command), rows in table.items():
        if command.decide is not Command.decide:
            continue
        events = {row.event for row in rows}
        if len(events) > 1:
            names = sorted(event.__name__ for event in events)
            _wrong(lifecycle, f"{command.__name__} does not decide between {names} in {state!r}")
        event = events.pop()
        given = {each.name for each in fields(command)}  # type: ignore[arg-type]
        wanted = {each.name: each.default is MISSING for each in fields(event)}  # type: ignore[arg-type]
        if given - set(wanted):
            _wrong(lifecycle, f"{event.__name__} forgets what {command.__name__} says: {sorted(given - set(wanted))}")
        lacking = {name for name, needed in wanted.items() if needed} - given
        if lacking:
            _wrong(lifecycle, f"{command.__name__} does not say what {event.__name__} wants: {sorted(lacking)}")
        said[state, command] = event
    return said


def verify_reach(lifecycle: Lifecycle[Any]) -> None:
    """Every state can be reached, and left unless it is final."""
    reached, frontier = {NOT_YET}, [NOT_YET]
    while frontier:
        state = frontier.pop()
        for row in lifecycle.steps:
            if state in row.sources and row.target not in (SAME, *reached):
                reached.add(row.target)
                frontier.append(row.target)
    unreachable = set(lifecycle.states) - reached
    if unreachable:
        _wrong(lifecycle, f"states nobody can reach: {sorted(unreachable)}")
    for state in lifecycle.states:
        leaves = any(state in row.sources and row.target not in (SAME, state) for row in lifecycle.steps)
        if not leaves and state not in lifecycle.final:
            _wrong(lifecycle, f"state {state} has no exit and is not final")


def _wrong(lifecycle: Lifecycle[Any], what: str) -> None:
    msg = f"{lifecycle.of.__name__}: {what}"
    raise TypeError(msg)
