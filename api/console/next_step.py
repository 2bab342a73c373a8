"""The next step 下一步: which of the permitted actions does what a deadline wants, read from the tables alone.

A deadline names the breach that the clock would write; the table names the events that mend it, in the order in which
they are the answer. What waits (LeftWaiting) is mended by whatever leaves its state: of that the step that leads on is
meant, not the one that leads back or sets the matter aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from api.console.forms import inputs_of
from domain.kernel.fact import Command, Event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME
from domain.kernel.waiting import LeftWaiting

__all__ = ["fulfilling"]


def fulfilling(
    lifecycle: Lifecycle[Any], gives: str, state: str, permitted: Sequence[type[Command]]
) -> type[Command] | None:
    """The permitted action that does what a deadline wants: what mends its breach, first what leads on."""
    breach = next((row.event for row in lifecycle.steps if row.command.__name__ == gives), None)
    mended = next((each.mended_by for each in lifecycle.breaches if each.event is breach), ())
    events = _onward(lifecycle, state, mended) if breach is LeftWaiting else _not_ending(lifecycle, mended)
    doing = [
        (event, each)
        for event in events
        for each in permitted
        if any(row.event is event for row in lifecycle.open_to(state, each))
    ]
    if not doing:
        return None
    if breach is not LeftWaiting:
        doing = _step_by_step(lifecycle, state, doing)
    first = doing[0][0]
    if lifecycle.targets[first] == SAME:  # of those that leave the matter where it is, one that asks for nothing
        asking_nothing = (each for event, each in doing if lifecycle.targets[event] == SAME and _asks(each) == (0, 0))
        if (found := next(asking_nothing, None)) is not None:
            return found
    return min((each for event, each in doing if event is first), key=_asks)  # of several ways the one that asks least


def _step_by_step(
    lifecycle: Lifecycle[Any], state: str, doing: list[tuple[type[Event], type[Command]]]
) -> list[tuple[type[Event], type[Command]]]:
    """What lies on the way to where the first leads, and asks less than that, comes before it."""
    places = {each: place for place, each in enumerate(lifecycle.states)}
    here, aim = places[state], doing[0][0]
    least = min(_asks(each) for event, each in doing if event is aim)
    until = places.get(lifecycle.targets[aim], -1)
    between = [
        (event, each)
        for event, each in doing
        if here < places.get(lifecycle.targets[event], -1) < until and _asks(each) < least
    ]
    return [*between, *doing]


def _not_ending(lifecycle: Lifecycle[Any], mended: Sequence[type[Event]]) -> list[type[Event]]:
    """The events without those that only end the matter: where another leads on, they are not the next step."""
    ends = [lifecycle.targets[event] in lifecycle.final for event in mended]
    return [event for event, is_end in zip(mended, ends, strict=True) if not is_end or ends[0]]


def _onward(lifecycle: Lifecycle[Any], state: str, mended: Sequence[type[Event]]) -> list[type[Event]]:
    """Those that lead to a later state or to the proper end, the nearest first."""
    places = {each: place for place, each in enumerate(lifecycle.states)}
    end = next(iter(lifecycle.final), None)
    found = [
        event
        for event in mended
        if (target := lifecycle.targets[event]) in places
        and places[target] > places[state]
        and (target == end or (target not in lifecycle.final and state not in set(_straight_on(lifecycle, target))))
    ]
    return sorted(found, key=lambda event: places[lifecycle.targets[event]])


def _straight_on(lifecycle: Lifecycle[Any], state: str) -> Iterator[str]:
    """The states to which one step leads from this one: what is sent back comes from there once more."""
    return (row.target for row in lifecycle.steps if state in row.sources and row.target != SAME)


def _asks(command: type[Command]) -> tuple[int, int]:
    """How much a form asks for: what has to be written, then what can be."""
    inputs = inputs_of(command, "zh")
    return sum(each.required for each in inputs), len(inputs)
