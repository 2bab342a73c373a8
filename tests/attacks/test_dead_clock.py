"""A clock that is killed holds nobody up for long, and one that is slow is not taken for dead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from domain.kernel.people import Role
from tests import drill
from tests.conftest import Database
from tests.desk import Desk, at_desk
from tests.drill import OpenDrill
from workflows.engine import clock as clocks
from workflows.engine.clock import Ticked

HOUR, SECONDS = timedelta(hours=1), timedelta(seconds=1)


class Killed(BaseException):
    """The process ended between its lease and the firing."""


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    with drill.known(), at_desk(database.app, policies=drill.POLICIES) as made:
        for n in range(3):
            made.do(OpenDrill(thing=f"{n}", ends_at=made.now + HOUR), as_=Role.ADMINISTRATOR)
        yield made


def test_what_a_killed_clock_held_is_fired_within_ten_seconds(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "monotonic", lambda: 0.0)  # however slow the machine is
    due = desk.now + HOUR

    def die(_order: Any) -> Any:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.handler, "handle", die)
        with pytest.raises(Killed):
            desk.clock.tick(due)
    assert desk.clock.tick(due + 9 * SECONDS) == Ticked()
    assert desk.clock.tick(due + 11 * SECONDS) == Ticked(fired=3)


def test_a_slow_clock_renews_what_it_holds(desk: Desk, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every firing takes eight seconds; another clock looks on at each."""
    due, passed, seen = desk.now + HOUR, 0.0, []
    handle = desk.handler.handle
    monkeypatch.setattr(clocks, "monotonic", lambda: passed)

    def slow(order: Any) -> Any:
        nonlocal passed
        passed += 8.0
        seen.append(other.clock.tick(due + timedelta(seconds=passed)))
        return handle(order)

    with at_desk(database.app, code="ZZ", policies=drill.POLICIES) as other:
        monkeypatch.setattr(desk.handler, "handle", slow)
        assert desk.clock.tick(due) == Ticked(fired=3)
    assert seen == [Ticked()] * 3
