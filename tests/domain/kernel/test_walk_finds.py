"""What the walk through every lifecycle is meant to find, it finds."""

from __future__ import annotations

from typing import Any

import pytest

from domain.kernel.fact import Case, Command, Event, Fact
from domain.kernel.lifecycle.ask import Lifecycle
from tests import drill_kind
from tests.domain.kernel import test_every_lifecycle as every
from tests.domain.walking import Walk

# -- planted: the checks of this file can fail -----------------------------------------------------------------------


class _Unending:
    """A clock's command that forgets to move its deadline on."""

    @staticmethod
    def evolve(case: Case, fact: Fact) -> None:
        if not isinstance(fact.event, drill_kind.DrillRanOut):
            drill_kind.evolve(case, fact)  # type: ignore[arg-type]


def test_a_deadline_that_would_fire_for_ever_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    lifecycle = every.table(evolve=_Unending.evolve)
    monkeypatch.setattr(drill_kind.NoteDrillRanOut, "decide", _unpoisoned)
    monkeypatch.setattr("tests.domain.kernel.test_every_lifecycle.walk", lambda _kind: _walked(lifecycle))
    with drill_kind.known(), pytest.raises(AssertionError):
        every.test_every_deadline_fires_once(lifecycle)


def test_an_unforeseen_exception_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def decide(_self: Command, drill_case: Any, _at: Any) -> list[Event]:
        return [drill_case.no_such_attribute]

    monkeypatch.setattr(drill_kind.NoteDrillRanOut, "decide", _unpoisoned)
    walked = _walked(drill_kind.LIFECYCLE)
    monkeypatch.setattr("tests.domain.kernel.test_every_lifecycle.walk", lambda _kind: walked)
    monkeypatch.setattr(drill_kind.CountDrill, "decide", decide)
    with drill_kind.known(), pytest.raises(AttributeError):
        every.test_every_command_gives_events_of_the_table_or_a_refusal_that_says_why(drill_kind.LIFECYCLE)


def _unpoisoned(_self: Command, drill_case: Any, at: Any) -> list[Event]:
    return [drill_kind.DrillRanOut(due_at=drill_case.ends_at or at.now)]


def _walked(lifecycle: Lifecycle[Any]) -> Walk:
    from tests.domain.walking import _walk

    with drill_kind.known():
        return _walk(Walk(lifecycle), {}, steps=20, seed=3)
