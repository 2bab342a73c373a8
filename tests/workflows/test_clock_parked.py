"""A deadline whose command fails is put off, then parked with its error; nothing but somebody's word wakes it again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from domain.kernel.fact import Fact
from domain.kernel.people import Role
from journal.hash_chain import verify
from projections.engine.rebuild import rebuild
from projections.registers.index import REGISTERS
from tests import drill
from tests.conftest import Database
from tests.desk import Desk, at_desk
from tests.drill import ExtendDrill, OpenDrill
from workflows.engine.clock import MOST_ATTEMPTS, PARKED, Ticked

CLERK, HOUR, DAY, INSTANT = Role.ADMINISTRATOR, timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    with drill.known(), at_desk(database.app, policies=drill.POLICIES) as desk:
        yield desk
        with psycopg.connect(database.owner, autocommit=True) as connection:
            assert verify(connection, "XH").intact


def drills(desk: Desk, count: int, **fields: Any) -> list[str]:
    """So many drills, the first of which ends in an hour, each next one an hour later."""
    return [
        desk.do(OpenDrill(**{"thing": f"thing-{i}", "ends_at": desk.now + HOUR * (i + 1), **fields}), as_=CLERK).case_id
        for i in range(count)
    ]


def fired(desk: Desk, name: str = "DrillRanOut") -> list[Fact]:
    """What the clock has written, in the book's order."""
    return [fact for fact in desk.facts() if fact.name == name]


def leased_until(desk: Desk, case_id: str) -> datetime | None:
    """Until when somebody has taken this deadline."""
    return next((row["leased_until"] for row in desk.clock_work(case_id)), None)


def test_a_poisoned_deadline_is_parked_with_its_error_and_the_others_go_on(desk: Desk) -> None:
    [bad] = drills(desk, 1, poisoned=True, thing="poison", ends_at=desk.now + INSTANT)
    good = drills(desk, 3)
    desk.now += DAY
    assert desk.clock.catch_up(desk.now) == Ticked(fired=3, failed=1)
    assert {fact.case_id for fact in fired(desk)} == set(good)
    [row] = desk.clock_work(bad)
    assert row["attempts"] == 1
    assert row["last_error"].startswith("AttributeError")
    attempts = 1
    for _ in range(200):
        desk.now += timedelta(minutes=5)
        attempts += desk.clock.catch_up(desk.now).failed
    [row] = desk.clock_work(bad)
    assert attempts == row["attempts"] == MOST_ATTEMPTS
    assert row["leased_until"] == PARKED
    assert "no_such_attribute" in row["last_error"]
    assert desk.clock.catch_up(desk.now + 3650 * DAY) == Ticked()


def test_more_poisoned_deadlines_than_a_tick_takes_do_not_hold_up_the_others(desk: Desk) -> None:
    for i in range(4):
        desk.do(OpenDrill(thing=f"poison-{i}", poisoned=True, ends_at=desk.now + INSTANT), as_=CLERK)
    good = drills(desk, 1)
    desk.now += DAY
    done = sum((desk.clock.tick(desk.now, limit=2) for _ in range(3)), Ticked())
    assert done == Ticked(fired=1, failed=4)
    assert [fact.case_id for fact in fired(desk)] == good


def test_a_parked_deadline_that_is_put_off_begins_anew(desk: Desk) -> None:
    [bad] = drills(desk, 1, poisoned=True)
    for _ in range(MOST_ATTEMPTS):
        desk.now += DAY
        desk.clock.catch_up(desk.now)
    assert leased_until(desk, bad) == PARKED
    desk.do(ExtendDrill(ends_at=desk.now + DAY), as_=CLERK, on=bad)
    assert len(desk.rows("deadlines", case_id=bad)) == 1
    assert desk.clock_work(bad) == []


def test_what_was_parked_is_taken_up_again_once_it_is_mended(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    [bad] = drills(desk, 1, poisoned=True)
    due = desk.now + HOUR
    for _ in range(MOST_ATTEMPTS):
        desk.now += DAY
        desk.clock.catch_up(desk.now)
    assert desk.clock.retry(office="YY") == 0
    assert desk.clock.catch_up(desk.now + DAY) == Ticked()
    monkeypatch.setattr(drill.Drill, "no_such_attribute", "mended", raising=False)
    assert desk.clock.retry(office="XH") == 1
    assert desk.clock.retry() == 0
    assert desk.clock.catch_up(desk.now) == Ticked(fired=1)
    [fact] = fired(desk)
    assert (fact.case_id, fact.occurred_at) == (bad, due)


def test_a_row_that_stands_open_though_nothing_is_owed_is_parked_too(desk: Desk, database: Database) -> None:
    """A register that was tampered with: the clock asks the case, and does not ask for ever."""
    [case_id] = drills(desk, 1)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("update wuye.r_deadlines set due_at = due_at - interval '10 minutes'")
    for _ in range(MOST_ATTEMPTS + 2):
        desk.now += DAY
        desk.clock.catch_up(desk.now)
    assert fired(desk) == []
    assert leased_until(desk, case_id) == PARKED


# -- the register is rebuilt, the clock's work is not -----------------------------------------------------------------


def test_a_rebuild_of_the_register_wakes_no_parked_deadline_and_takes_no_lease_away(
    desk: Desk, database: Database
) -> None:
    [bad] = drills(desk, 1, poisoned=True)
    for _ in range(MOST_ATTEMPTS):
        desk.now += DAY
        desk.clock.catch_up(desk.now)
    [taken] = drills(desk, 1, thing="taken")
    due = desk.now + HOUR

    class Died(BaseException):
        """The clock's process ended between its lease and the firing."""

    def die(_request: Any) -> Any:
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.handler, "handle", die)
        with pytest.raises(Died):
            desk.clock.tick(due)
    noted = desk.clock_work()
    assert {row["case_id"] for row in noted} == {bad, taken}
    with psycopg.connect(database.owner, autocommit=True) as owner:
        assert rebuild(owner, REGISTERS).differences == {}
    assert desk.clock_work() == noted
    assert desk.clock.tick(due) == Ticked(), "one is parked, the other leased"
    assert desk.clock.catch_up(due + DAY) == Ticked(fired=1)
    assert [fact.case_id for fact in fired(desk)] == [taken]
    assert leased_until(desk, bad) == PARKED


def test_what_became_of_a_deadline_is_forgotten_once_it_is_closed(desk: Desk, database: Database) -> None:
    drills(desk, 3)
    desk.now += DAY
    assert desk.clock.catch_up(desk.now) == Ticked(fired=3)
    with psycopg.connect(database.owner) as owner:
        assert owner.execute("select count(*) from wuye.clock_work").fetchone() == (0,)
