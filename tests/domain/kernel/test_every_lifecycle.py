"""What holds of every kind of case, whichever it is: tried over every state, command and role, and over long walks."""

from __future__ import annotations

import copy
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from domain.handbook.clauses import UnknownClause, clause
from domain.kernel.errors import NotPermitted, Refusal, RuleBroken, WrongState
from domain.kernel.fact import Command, Fact
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import NOT_YET, SAME, Step, deadline, step
from domain.kernel.people import Actor, Role
from domain.kernel.withdrawn_steps import StepWithdrawn
from tests import drill_kind
from tests.domain.kinds import every_kind, large_ones_apart, longest_apart
from tests.domain.walking import branch, fire, walk, world
from tests.filler import fill

NOON = datetime(2025, 3, 3, 4, tzinfo=UTC)


def rows_of(lifecycle: Lifecycle[Any], state: str, command: type[Command]) -> list[Step]:
    """The rows of the table, read by hand."""
    return [row for row in lifecycle.steps if row.command is command and state in row.sources]


def says_why(refusal: Refusal) -> bool:
    """Whether a refusal gives its reason in two languages and the clause it rests on."""
    if refusal.clause is not None:
        clause(refusal.clause)
    return bool(refusal.zh and refusal.en and refusal.code) and refusal.zh != refusal.en


def standing(lifecycle: Lifecycle[Any], state: str) -> list[Any]:
    """Cases that stand in a state: those that a walk has brought there, else a bare one."""
    if state == NOT_YET:
        return [None]
    found = [story.case for story, _ in walk(lifecycle.kind).standing.get(state, ())]
    return found or [lifecycle.of(id=f"{lifecycle.kind}-x", office="XH", state=state)]


@every_kind
def test_a_fact_of_another_kind_changes_nothing(lifecycle: Lifecycle[Any]) -> None:
    case = lifecycle.of(id=f"{lifecycle.kind}-x", office="XH")
    before = copy.deepcopy(case)
    foreign = Fact(
        office="XH",
        number=1,
        case_id=case.id,
        version=1,
        event_id=uuid4(),
        event=drill_kind.DrillRanOut(due_at=NOON),
        user_id="someone",
        role=Role.CLOCK,
        occurred_at=NOON,
        recorded_at=NOON,
        correlation_id=uuid4(),
    )
    lifecycle.evolve(case, foreign)
    assert case == before


# -- state × command × role ------------------------------------------------------------------------------------------


@large_ones_apart
def test_permitted_is_what_the_table_permits_and_every_refusal_says_why(lifecycle: Lifecycle[Any]) -> None:
    walked = walk(lifecycle.kind)
    for state, role in product((NOT_YET, *lifecycle.states), Role):
        offered = [(case, lifecycle.permitted(case, [Actor("someone", role)])) for case in standing(lifecycle, state)]
        for (case, permitted), command in product(offered, lifecycle.commands):
            rows = rows_of(lifecycle, state, command)
            if not rows:
                expected: tuple[type[Refusal], ...] = (WrongState,)
            elif all(role not in row.who for row in rows):
                expected = (NotPermitted,)
            elif state == NOT_YET or state not in walked.standing:
                # What a bare case lacks says nothing about the table; a real one is asked below.
                continue
            else:
                expected = (RuleBroken, NotPermitted)  # the case may be for fewer roles than its table
            refusal = lifecycle.why_not(command, case, Actor("someone", role))
            assert (command in permitted) == (refusal is None)
            if refusal is None:
                assert RuleBroken in expected, (state, command, role)
            else:
                assert isinstance(refusal, expected), (state, command, role, refusal)
                assert refusal.clause is not None
                assert says_why(refusal)


@large_ones_apart
def test_what_is_refused_is_refused_also_when_it_is_tried(lifecycle: Lifecycle[Any]) -> None:
    random = Random(5)
    for state, story, now in walk(lifecycle.kind):
        for command, role in product(lifecycle.commands, Role):
            refusal = lifecycle.why_not(command, story.case, Actor("someone", role))
            if refusal is None:
                continue
            tried = branch(story).when(fill(command, random, now), as_=role, at=now)
            assert tried.refusal is not None, (state, command, role)
            assert tried.refusal.code == refusal.code


# -- walks -----------------------------------------------------------------------------------------------------------


@large_ones_apart
def test_every_command_gives_events_of_the_table_or_a_refusal_that_says_why(lifecycle: Lifecycle[Any]) -> None:
    """Over every state that a walk reaches: any other exception ends this test."""
    random = Random(6)
    for state, story, now in walk(lifecycle.kind):
        for command, _ in product(lifecycle.commands, range(3)):
            roles = list(dict.fromkeys(role for row in rows_of(lifecycle, state, command) for role in row.who))
            if not roles:
                continue
            filled = fill(command, random, now + timedelta(hours=1), _known())
            led_to = filled.led_to(story.case, "XH") if story.case is not None else {}
            named = {**filled.related(), **{n: each for n, each in led_to.items() if n not in filled.MAY_LACK}}
            related = {name: world().get(case_id) for name, case_id in named.items()}
            if None in related.values():
                continue
            tried = branch(story).when(
                filled, as_=random.choice(roles), at=now + timedelta(hours=1), related=copy.deepcopy(related)
            )
            if tried.refusal is not None:
                assert says_why(tried.refusal), (command, tried.refusal)
            elif tried.outcome:
                rows = {row.event: row for row in rows_of(lifecycle, state, command)}
                last = rows.get(type(tried.outcome[-1]))
                if last is not None and last.event is not StepWithdrawn:  # it comes to where the case was before
                    assert tried.case.state == (state if last.target == SAME else last.target)


@cache
def _known() -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for case_id in world():
        known.setdefault(case_id.partition("-")[0], []).append(case_id)
    return known


@longest_apart
def test_a_replay_comes_to_where_the_decisions_came(lifecycle: Lifecycle[Any]) -> None:
    for _, story, _ in walk(lifecycle.kind):
        assert lifecycle.fold(story.facts) == story.case


@longest_apart
def test_every_deadline_fires_once(lifecycle: Lifecycle[Any]) -> None:
    """Fired at its instant it is gone, or renewed for a later one; several of one kind are fired one by one; and the clock is never
    refused what it must say.
    """
    random = Random(7)
    for state, story, _ in walk(lifecycle.kind):
        if story.case is None:
            continue
        for due in lifecycle.due(story.case):
            fired = fire(story, due, random)
            if fired.refusal is not None:
                # A command that the clock must gather from elsewhere may meet a rule; one without fields may not.
                gathered = bool(fields(fired_command(lifecycle, due.gives)))  # type: ignore[arg-type]
                assert gathered, (state, due, fired.refusal)
                continue
            assert fired.outcome, (state, due)
            said = [fired.outcome]
            while any(d.kind == due.kind and d.due_at <= due.due_at for d in lifecycle.due(fired.case)):
                fired = fire(fired, due, random)  # another of its kind that waited until the same instant
                assert fired.outcome, (state, due)
                assert fired.outcome not in said, (state, due)
                said.append(fired.outcome)


def fired_command(lifecycle: Lifecycle[Any], name: str) -> type[Command]:
    """The command of a kind of case by its name."""
    return next(command for command in lifecycle.commands if command.__name__ == name)


@longest_apart
def test_every_deadline_is_an_aware_instant_in_words_and_gives_a_command_of_the_clock(
    lifecycle: Lifecycle[Any],
) -> None:
    assert len({row.kind for row in lifecycle.deadlines}) == len(lifecycle.deadlines)
    for row in lifecycle.deadlines:
        assert row.zh
        assert row.en
        clause(row.clause)
    for _, story, _ in walk(lifecycle.kind):
        if story.case is not None:
            assert all(due.due_at.utcoffset() is not None for due in lifecycle.due(story.case))


@longest_apart
def test_every_final_state_can_be_reached_from_every_state(lifecycle: Lifecycle[Any]) -> None:
    """By the table: no matter is lost in a corner from which it cannot come to an end."""
    assert set(lifecycle.final) <= set(lifecycle.states)
    for start in (NOT_YET, *lifecycle.states):
        reached, frontier = {start}, [start]
        while frontier:
            state = frontier.pop()
            for row in lifecycle.steps:
                if state in row.sources and row.target not in (SAME, *reached):
                    reached.add(row.target)
                    frontier.append(row.target)
        assert reached & set(lifecycle.final), f"{start} never comes to an end"
        if start == NOT_YET:
            assert set(lifecycle.final) <= reached


# -- planted: a wrong table does not import --------------------------------------------------------------------------


def table(**changes: Any) -> Lifecycle[Any]:
    """The drill's table with something changed."""
    right = drill_kind.LIFECYCLE
    names = [f.name for f in fields(Lifecycle) if f.init]
    return Lifecycle(**{**{name: getattr(right, name) for name in names}, **changes})


CLERK = [Role.ADMINISTRATOR]
OPENS = step(drill_kind.OpenDrill, drill_kind.DrillOpened, None, drill_kind.RUNNING, CLERK, "1")
ENDS = step(drill_kind.EndDrill, drill_kind.DrillEnded, drill_kind.RUNNING, drill_kind.ENDED, CLERK, "1")
EXTENDS = step(drill_kind.ExtendDrill, drill_kind.DrillExtended, drill_kind.RUNNING, SAME, CLERK, "1")
RUNS_OUT = {"due": lambda d: d.ends_at, "gives": drill_kind.NoteDrillRanOut, "zh": "期", "en": "end"}
BARE: dict[str, Any] = {"deadlines": (), "holds": (), "steps": [OPENS, ENDS]}
WRONG_TABLES: dict[str, tuple[type[Exception], dict[str, Any]]] = {
    "an event with two targets": (
        TypeError,
        {
            "steps": [
                OPENS,
                ENDS,
                step(drill_kind.EndDrill, drill_kind.DrillEnded, drill_kind.RUNNING, drill_kind.RUNNING, CLERK, "1"),
            ]
        },
    ),
    "an unknown clause of a step": (
        UnknownClause,
        {
            "steps": [
                OPENS,
                step(drill_kind.EndDrill, drill_kind.DrillEnded, drill_kind.RUNNING, drill_kind.ENDED, CLERK, "99.9"),
            ]
        },
    ),
    "an unknown clause of a deadline": (
        UnknownClause,
        {"deadlines": [deadline("end", drill_kind.RUNNING, clause="99.9", **RUNS_OUT)]},  # type: ignore[arg-type]
    ),
    "an unknown clause of the kind": (UnknownClause, {"clauses": "99.9"}),
    "an unreachable state": (
        TypeError,
        {
            "states": {**drill_kind.LIFECYCLE.states, "island": ("孤岛", "island")},
            "final": [drill_kind.ENDED, "island"],
        },
    ),
    "a dead end": (TypeError, {"final": []}),
    "an unknown source": (
        TypeError,
        {"steps": [OPENS, ENDS, step(drill_kind.ExtendDrill, drill_kind.DrillExtended, "nowhere", SAME, CLERK, "1")]},
    ),
    "an unknown target": (
        TypeError,
        {
            "steps": [
                OPENS,
                ENDS,
                step(drill_kind.ExtendDrill, drill_kind.DrillExtended, drill_kind.RUNNING, "nowhere", CLERK, "1"),
            ]
        },
    ),
    "a step for nobody": (
        TypeError,
        {
            "steps": [
                OPENS,
                step(drill_kind.EndDrill, drill_kind.DrillEnded, drill_kind.RUNNING, drill_kind.ENDED, [], "1"),
            ]
        },
    ),
    "a case opened without a state": (
        TypeError,
        {"steps": [step(drill_kind.OpenDrill, drill_kind.DrillOpened, None, SAME, CLERK, "1"), ENDS]},
    ),
    "a command that the clock may not give": (
        TypeError,
        {
            "steps": [
                OPENS,
                ENDS,
                step(drill_kind.NoteDrillRanOut, drill_kind.DrillRanOut, drill_kind.RUNNING, SAME, CLERK, "1"),
            ],
            "deadlines": [deadline("end", drill_kind.RUNNING, clause="1", **RUNS_OUT)],  # type: ignore[arg-type]
        },
    ),
    "a deadline in a state in which the clock may not speak": (
        TypeError,
        {
            "steps": [
                OPENS,
                ENDS,
                step(drill_kind.NoteDrillRanOut, drill_kind.DrillRanOut, drill_kind.RUNNING, SAME, [Role.CLOCK], "1"),
            ],
            "deadlines": [deadline("end", (drill_kind.RUNNING, drill_kind.ENDED), clause="1", **RUNS_OUT)],  # type: ignore[arg-type]
        },
    ),
}


def test_the_table_that_the_wrong_ones_are_made_of_is_right() -> None:
    assert table(**BARE).permitted(None, [Actor("someone", role) for role in CLERK]) == [drill_kind.OpenDrill]


@pytest.mark.parametrize("what", WRONG_TABLES)
def test_a_wrong_table_does_not_import(what: str) -> None:
    error, changes = WRONG_TABLES[what]
    with pytest.raises(error):
        table(**{**BARE, **changes})


def test_an_event_outside_the_table_is_not_allowed() -> None:
    lifecycle = table(**BARE)
    assert lifecycle.allows(drill_kind.RUNNING, drill_kind.EndDrill, drill_kind.DrillEnded)
    assert not lifecycle.allows(drill_kind.RUNNING, drill_kind.EndDrill, drill_kind.DrillOpened)
    assert not lifecycle.allows(drill_kind.ENDED, drill_kind.EndDrill, drill_kind.DrillEnded)
