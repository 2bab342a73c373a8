"""A deadline whose command fails is put off, then parked with its error; nothing but somebody's word wakes it again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from projections.engine.rebuild import rebuild
from projections.registers.index import REGISTERS
from tests import drill_kind
from tests.conftest import Database
from tests.drill_kind import POLICIES, ExtendDrill, OpenDrill, known
from tests.office_rig import OfficeRig, office_rig
from tests.workflows.clock_rig import CLERK, DAY, HOUR, INSTANT, drills, fired, leased_until, rig
from workflows.engine.clock import MOST_ATTEMPTS, PARKED, Ticked
from workflows.engine.notices import Notices
from workflows.engine.simulation import SimulatedClock

__all__ = ["rig"]


def test_a_poisoned_deadline_is_parked_with_its_error_and_the_others_go_on(rig: OfficeRig) -> None:
    [bad] = drills(rig, 1, poisoned=True, thing="poison", ends_at=rig.now + INSTANT)
    good = drills(rig, 3)
    rig.now += DAY
    assert rig.clock.catch_up(rig.now) == Ticked(fired=3, failed=1)
    assert {fact.case_id for fact in fired(rig)} == set(good)
    [row] = rig.clock_work(bad)
    assert row["attempts"] == 1
    assert row["last_error"].startswith("AttributeError")
    attempts = 1
    for _ in range(200):
        rig.now += timedelta(minutes=5)
        attempts += rig.clock.catch_up(rig.now).failed
    [row] = rig.clock_work(bad)
    assert attempts == row["attempts"] == MOST_ATTEMPTS
    assert row["leased_until"] == PARKED
    assert "no_such_attribute" in row["last_error"]
    assert rig.clock.catch_up(rig.now + 3650 * DAY) == Ticked()


def test_a_simulated_clock_stops_on_its_way_to_try_again_what_failed(database: Database) -> None:
    with known(), office_rig(database.app, policies=POLICIES) as rig:
        [bad] = drills(rig, 1, poisoned=True)
        clock = SimulatedClock(rig.clock, rig.pool.connection, Notices(rig.pool.connection, rig.handler.settings, {}))
        assert clock.move("XH", rig.now + DAY).failed == MOST_ATTEMPTS
        assert leased_until(rig, bad) == PARKED


def test_more_poisoned_deadlines_than_a_tick_takes_do_not_hold_up_the_others(rig: OfficeRig) -> None:
    for i in range(4):
        rig.do(OpenDrill(thing=f"poison-{i}", poisoned=True, ends_at=rig.now + INSTANT), as_=CLERK)
    good = drills(rig, 1)
    rig.now += DAY
    done = sum((rig.clock.tick(rig.now, limit=2) for _ in range(3)), Ticked())
    assert done == Ticked(fired=1, failed=4)
    assert [fact.case_id for fact in fired(rig)] == good


def test_a_parked_deadline_that_is_put_off_begins_anew(rig: OfficeRig) -> None:
    [bad] = drills(rig, 1, poisoned=True)
    for _ in range(MOST_ATTEMPTS):
        rig.now += DAY
        rig.clock.catch_up(rig.now)
    assert leased_until(rig, bad) == PARKED
    rig.do(ExtendDrill(ends_at=rig.now + DAY), as_=CLERK, on=bad)
    assert len(rig.rows("deadlines", case_id=bad)) == 1
    assert rig.clock_work(bad) == []


def test_what_was_parked_is_taken_up_again_once_it_is_mended(rig: OfficeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    [bad] = drills(rig, 1, poisoned=True)
    due = rig.now + HOUR
    for _ in range(MOST_ATTEMPTS):
        rig.now += DAY
        rig.clock.catch_up(rig.now)
    assert rig.clock.retry(office="YY") == 0
    assert rig.clock.catch_up(rig.now + DAY) == Ticked()
    monkeypatch.setattr(drill_kind.Drill, "no_such_attribute", "mended", raising=False)
    assert rig.clock.retry(office="XH") == 1
    assert rig.clock.retry() == 0
    assert rig.clock.catch_up(rig.now) == Ticked(fired=1)
    [fact] = fired(rig)
    assert (fact.case_id, fact.occurred_at) == (bad, due)


def test_a_row_that_stands_open_though_nothing_is_owed_is_parked_too(rig: OfficeRig, database: Database) -> None:
    """A register that was tampered with: the clock asks the case, and does not ask for ever."""
    [case_id] = drills(rig, 1)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("update wuye.r_deadlines set due_at = due_at - interval '10 minutes'")
    for _ in range(MOST_ATTEMPTS + 2):
        rig.now += DAY
        rig.clock.catch_up(rig.now)
    assert fired(rig) == []
    assert leased_until(rig, case_id) == PARKED


# -- the register is rebuilt, the clock's work is not -----------------------------------------------------------------


def test_a_rebuild_of_the_register_wakes_no_parked_deadline_and_takes_no_lease_away(
    rig: OfficeRig, database: Database
) -> None:
    [bad] = drills(rig, 1, poisoned=True)
    for _ in range(MOST_ATTEMPTS):
        rig.now += DAY
        rig.clock.catch_up(rig.now)
    [taken] = drills(rig, 1, thing="taken")
    due = rig.now + HOUR

    class Died(BaseException):
        """The clock's process ended between its lease and the firing."""

    def die(_request: Any) -> Any:
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rig.handler, "handle", die)
        with pytest.raises(Died):
            rig.clock.tick(due)
    noted = rig.clock_work()
    assert {row["case_id"] for row in noted} == {bad, taken}
    with psycopg.connect(database.owner, autocommit=True) as owner:
        assert rebuild(owner, REGISTERS).differences == {}
    assert rig.clock_work() == noted
    assert rig.clock.tick(due) == Ticked(), "one is parked, the other leased"
    assert rig.clock.catch_up(due + DAY) == Ticked(fired=1)
    assert [fact.case_id for fact in fired(rig)] == [taken]
    assert leased_until(rig, bad) == PARKED


def test_what_became_of_a_deadline_is_forgotten_once_it_is_closed(rig: OfficeRig, database: Database) -> None:
    drills(rig, 3)
    rig.now += DAY
    assert rig.clock.catch_up(rig.now) == Ticked(fired=3)
    with psycopg.connect(database.owner) as owner:
        assert owner.execute("select count(*) from wuye.clock_work").fetchone() == (0,)
