"""A clock that is killed holds nobody up for long, and one that is slow is not taken for dead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from domain.kernel.people import Role
from tests import drill_kind
from tests.conftest import Database
from tests.drill_kind import OpenDrill
from tests.office_rig import OfficeRig, office_rig
from workflows.engine import clock as clocks
from workflows.engine.clock import Ticked

HOUR, SECONDS = timedelta(hours=1), timedelta(seconds=1)


class Killed(BaseException):
    """The process ended between its lease and the firing."""


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    with drill_kind.known(), office_rig(database.app, policies=drill_kind.POLICIES, simulated=False) as made:
        for n in range(3):
            made.do(OpenDrill(thing=f"{n}", ends_at=made.now + HOUR), as_=Role.ADMINISTRATOR)
        yield made


def test_what_a_killed_clock_held_is_fired_within_ten_seconds(rig: OfficeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "monotonic", lambda: 0.0)  # however slow the machine is
    due = rig.now + HOUR

    def die(_orders: Any, _key: str) -> Any:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rig.handler, "handle_together", die)
        with pytest.raises(Killed):
            rig.clock.tick(due)
    assert rig.clock.tick(due + 9 * SECONDS) == Ticked()
    assert rig.clock.tick(due + 11 * SECONDS) == Ticked(fired=3)


def test_a_slow_clock_renews_what_it_holds(rig: OfficeRig, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every firing takes eight seconds; another clock looks on at each."""
    due, passed, seen = rig.now + HOUR, 0.0, []
    handle = rig.handler.handle
    monkeypatch.setattr(clocks, "monotonic", lambda: passed)
    monkeypatch.setattr(clocks, "_AT_ONCE", 1)

    def slow(order: Any) -> Any:
        nonlocal passed
        passed += 8.0
        seen.append(other.clock.tick(due + timedelta(seconds=passed)))
        return handle(order)

    with office_rig(database.app, code="ZZ", policies=drill_kind.POLICIES, simulated=False) as other:
        monkeypatch.setattr(rig.handler, "handle", slow)
        assert rig.clock.tick(due) == Ticked(fired=3)
    assert seen == [Ticked()] * 3
