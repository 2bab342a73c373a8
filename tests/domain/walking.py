"""Walks through every kind of case: each state that can be reached by filling in commands, with cases that stand in it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from domain.cases import CASES
from domain.fact import COMMANDS, Command
from domain.lifecycle import NOT_YET, Due, Lifecycle
from domain.people import HANDBOOK_ROLES, Role
from tests.domain.story import Story, instant
from tests.filler import fill

__all__ = ["Walk", "branch", "walk", "world"]

_BEGIN = "2025-03-03 10:00"
_ROLES = (*HANDBOOK_ROLES, Role.SYSTEM_ADMINISTRATOR, Role.POLICY)
_CLERKS = ("a", "b", "c")
"""Some rules want a second person."""
_KEPT = 4
"""So many cases are kept of each state."""


class Walk:
    """What a walk through one kind of case has found."""

    def __init__(self, lifecycle: Lifecycle[Any]) -> None:
        self.lifecycle = lifecycle
        self.standing: dict[str, list[tuple[Story, datetime]]] = {NOT_YET: [(Story(lifecycle), instant(_BEGIN))]}
        self.skipped: set[type[Command]] = set()
        """Commands that read cases which the world does not have."""
        self.given = 0
        self.accepted: set[tuple[str, type[Command]]] = set()

    def take(self, story: Story, now: datetime) -> None:
        """Keep this case as one of its state, a late one rather than an early one."""
        kept = self.standing.setdefault(story.case.state, [])
        kept.append((story, now))
        if len(kept) > _KEPT:
            kept.pop(0)

    def __iter__(self) -> Iterator[tuple[str, Story, datetime]]:
        """Each kept case with its state and the time there."""
        for state, kept in self.standing.items():
            for story, now in kept:
                yield state, story, now


def branch(story: Story) -> Story:
    """The same case, free to go another way; a case that is not opened yet gets an id of its own."""
    other = Story(story.lifecycle, story.settings, story.id if story.case is not None else None)
    other.case, other.facts = copy.deepcopy(story.case), list(story.facts)
    return other


@cache
def world() -> dict[str, Any]:
    """Cases of every kind by id, for commands that read other cases: filled kind by kind in the handbook's order."""
    cases: dict[str, Any] = {}
    for lifecycle in CASES:
        for _, story, _ in _walk(lifecycle, cases, steps=60, seed=1):
            if story.case is not None:
                cases[story.case.id] = story.case
    return cases


@cache
def walk(kind: str) -> Walk:
    """A bounded walk through one kind of case."""
    lifecycle = next(each for each in CASES if each.kind == kind)
    return _walk(lifecycle, world(), steps=240, seed=2)


def _walk(lifecycle: Lifecycle[Any], cases: dict[str, Any], *, steps: int, seed: int) -> Walk:
    random = Random(seed)
    found = Walk(lifecycle)
    known: dict[str, list[str]] = {}
    for case_id in cases:
        known.setdefault(case_id.partition("-")[0], []).append(case_id)
    for turn in range(steps):
        # Round the states, so that rare ones are gone on from as often as common ones.
        states = list(found.standing)
        story, now = random.choice(found.standing[states[turn % len(states)]])
        now += timedelta(hours=random.choice((1, 12, 100)))
        state = story.case.state if story.case is not None else NOT_YET
        for command in lifecycle.commands:
            roles = [role for role in _ROLES if lifecycle.why_not(command, story.case, role) is None]
            if not roles:
                continue
            filled = fill(command, random, now, known)
            related = _related(filled, cases)
            if related is None:
                found.skipped.add(command)
                continue
            found.given += 1
            next_story = branch(story).when(
                filled, as_=random.choice(roles), at=now, by=random.choice(_CLERKS), related=related
            )
            if next_story.refusal is None and next_story.outcome:
                found.accepted.add((state, command))
                found.take(next_story, now)
        for due in lifecycle.due(story.case) if story.case is not None else ():
            fired = fire(story, due, random)
            if fired.refusal is None and fired.outcome:
                found.take(fired, max(now, due.due_at))
    return found


def fire(story: Story, due: Due, random: Random) -> Story:
    """The same case after the clock has given the command of this deadline at its instant."""
    kind = COMMANDS[due.gives]
    command = fill(kind, random, due.due_at) if fields(kind) else kind()  # type: ignore[arg-type]
    return branch(story).when(command, as_=Role.CLOCK, at=due.due_at)


def _related(command: Command, cases: dict[str, Any]) -> dict[str, Any] | None:
    wanted = command.related()
    if any(case_id not in cases for case_id in wanted.values()):
        return None
    return {name: copy.deepcopy(cases[case_id]) for name, case_id in wanted.items()}
