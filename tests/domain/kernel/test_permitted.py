"""The table never lies: what somebody is offered is never refused to him for his role, the state or who he is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest

from domain.complaints.complaint.commands.handling import PauseComplaint
from domain.kernel.errors import NotPermitted, Refusal, RuleBroken, WrongState
from domain.kernel.fact import Command, Event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import NOT_YET
from domain.kernel.people import Actor, Role
from domain.moving.renovation.commands.permit import WithdrawRenovation
from domain.rounds.rectification.commands import VerifyRectification
from tests.domain.kinds import large_ones_apart
from tests.domain.story import Story
from tests.domain.walking import (
    CLERKS,
    Walk,
    branch,
    form,
    known_ids,
    pointing_at_what_is_there,
    related_to,
    walk,
    world,
)

PEOPLE = (*CLERKS, "somebody else")
PERSON = {"own-work", "second-person", "role"}
"""The codes of refusals that rest on who acts, unless they name a field that he could fill in otherwise."""
_TRIES = 2


def tried(found: Walk, random: Random, people: Sequence[str]) -> Iterator[tuple[str, type[Command], Actor, Story]]:
    """Everything that is offered to people over every case of a walk, tried with forms that are filled in."""
    lifecycle, cases = found.lifecycle, world()
    known = known_ids(cases)
    for state, story, now in found:
        for role in (role for role in Role if role.is_person):
            for who in (Actor(user_id, role) for user_id in people):
                for command in lifecycle.permitted(story.case, [who]):
                    for _ in range(_TRIES):
                        filled = form(command, story.case, random, now, cases, known)
                        filled = pointing_at_what_is_there(filled, cases, known, random)
                        related = related_to(filled, cases, story.case)
                        if related is None:
                            continue
                        yield (
                            state,
                            command,
                            who,
                            branch(story).when(filled, as_=role, by=who.user_id, at=now, related=related),
                        )


def lies(found: Walk, random: Random) -> list[str]:
    """What was offered and refused all the same for the role, the state or the person."""
    return [
        f"{state}: {command.__name__} to {who}: {story.refusal!r}"
        for state, command, who, story in tried(found, random, PEOPLE)
        if untrue(story.refusal)
    ]


def in_vain(found: Walk, random: Random) -> set[str]:
    """What was offered and refused whenever it was tried, without a field that could be filled in otherwise."""
    offered, hopeful = set(), set()
    for _, command, _, story in tried(found, random, PEOPLE[-1:]):
        offered.add(command.__name__)
        if story.refusal is None or story.refusal.field is not None:
            hopeful.add(command.__name__)
    return offered - hopeful


def untrue(refusal: Refusal | None) -> bool:
    """Whether a refusal contradicts that the command was offered: it rests on nothing that the form says."""
    if isinstance(refusal, NotPermitted | WrongState):
        return True
    return refusal is not None and refusal.code in PERSON and refusal.field is None


@large_ones_apart
def test_what_is_permitted_is_never_refused_for_role_state_or_person(lifecycle: Lifecycle[Any]) -> None:
    assert not lies(walk(lifecycle.kind), Random(8))


@large_ones_apart
def test_nothing_is_offered_in_vain(lifecycle: Lifecycle[Any]) -> None:
    """A step that only another system's history makes is the importer's: people are not offered it."""
    assert not in_vain(walk(lifecycle.kind), Random(9))


@large_ones_apart
def test_what_the_importer_says_nobody_else_says_and_it_can_be_said(lifecycle: Lifecycle[Any]) -> None:
    told = {row.command for row in lifecycle.steps if Role.IMPORTER in row.who}
    for row in lifecycle.steps:
        if row.command in told:
            assert row.who == (Role.IMPORTER,)
    assert told <= {command for _, command in walk(lifecycle.kind).accepted}


# -- planted: these checks can fail ------------------------------------------------------------------------------------


def _never(_case: Any, _who: Actor) -> None:
    return None


@pytest.mark.parametrize(
    ("kind", "command"), [("renovation", WithdrawRenovation), ("rectification", VerifyRectification)]
)
def test_a_rule_about_the_person_that_only_the_decision_knows_is_found(
    monkeypatch: pytest.MonkeyPatch, kind: str, command: type[Command]
) -> None:
    """As it was: offered by the table, and refused when it is tried."""
    ready = command.ready
    offered = walk(kind).lifecycle
    monkeypatch.setattr(command, "ready", staticmethod(_never))
    asked = Lifecycle.decide

    def decide(lifecycle: Lifecycle[Any], case: Any, given: Command, at: Any) -> Any:
        refusal = ready(case, at.who) if type(given) is command and case is not None else None
        if refusal is not None:
            raise refusal
        return asked(lifecycle, case, given, at)

    monkeypatch.setattr(Lifecycle, "decide", decide)
    found = lies(walk(offered.kind), Random(8))
    assert found
    assert all(command.__name__ in each for each in found)


def test_a_step_that_is_refused_whatever_its_form_says_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """As noting a missed promise was: offered to managers, and never accepted."""

    def decide(_command: Command, _case: Any, _at: Any) -> Iterator[Event]:
        raise RuleBroken("clocks-own", "4.9", zh="逾期由时钟记录", en="the clock writes breaches")

    monkeypatch.setattr(PauseComplaint, "decide", decide)
    assert in_vain(walk("complaint"), Random(9)) == {"PauseComplaint"}


def test_a_case_that_is_not_opened_is_asked_too() -> None:
    assert NOT_YET in {state for state, _, _ in walk("complaint")}
