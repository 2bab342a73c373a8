"""Records that pass with one decision, and frozen ones that are said otherwise."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, fields
from datetime import UTC, datetime

import pytest

from domain.complaints.complaint.events import ComplaintResolved
from domain.handbook.settings import Settings
from domain.kernel.fact import EVENTS, Fact, Moment
from domain.kernel.people import Actor, Role
from domain.kernel.record import restated

_NOW = datetime(2025, 3, 3, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    said: str
    by: str = "li"


def test_a_record_is_said_otherwise_and_says_the_rest_alike() -> None:
    first = _Sentence(said="通")
    assert restated(first, said="不通") == _Sentence(said="不通", by="li")
    assert restated(first) == first == _Sentence(said="通"), "the first stands as it was"


def test_a_record_of_one_field_too() -> None:
    assert restated(_Word(said="通"), said="不通") == _Word(said="不通")


def test_what_it_does_not_have_cannot_be_said() -> None:
    with pytest.raises(TypeError):
        restated(_Word(said="通"), by="li")


def test_facts_events_and_people_are_frozen() -> None:
    assert Fact.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert all(event.__dataclass_params__.frozen for event in EVENTS.values())  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError):
        Actor("li", Role.MANAGER).role = Role.CLOCK  # type: ignore[misc]
    assert fields(ComplaintResolved)


def test_a_moment_knows_whose_it_is() -> None:
    at = Moment(now=_NOW, recorded=_NOW, numbers=Settings().at(_NOW.date()), user_id="li", role=Role.MANAGER)
    assert at.who == Actor("li", Role.MANAGER)


def test_whether_an_account_can_hold_a_role_is_said_of_each() -> None:
    program = {role for role in Role if not role.is_person}
    assert program == {Role.CLOCK, Role.POLICY, Role.IMPORTER, Role.RESIDENT}
