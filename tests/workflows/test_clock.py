"""Each deadline fires exactly once, at its true instant, however many clocks there are and whenever they come round."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from domain.kernel.people import Role
from tests.conftest import Database
from tests.drill_kind import POLICIES, EndDrill, ExtendDrill, OpenDrill
from tests.office_rig import OfficeRig, office_rig
from tests.waiting import PATIENCE
from tests.workflows.clock_rig import CLERK, DAY, HOUR, INSTANT, drills, fired, leased_until, rig
from workflows.engine.clock import Clock, Ticked

__all__ = ["rig"]


# -- exactly once ----------------------------------------------------------------------------------------------------


def test_a_deadline_does_not_fire_before_its_instant(rig: OfficeRig) -> None:
    [case_id], due = drills(rig, 1), rig.now + HOUR
    assert rig.clock.tick(due - INSTANT) == Ticked()
    assert leased_until(rig, case_id) is None
    assert rig.clock.tick(due) == Ticked(fired=1)
    assert fired(rig)[0].occurred_at == due
    assert rig.rows("deadlines") == []


def test_it_fires_once_however_often_the_clock_comes_round(rig: OfficeRig) -> None:
    drills(rig, 3)
    rig.now += DAY
    assert sum((rig.clock.tick(rig.now + HOUR * i) for i in range(5)), Ticked()) == Ticked(fired=3)
    assert len(fired(rig)) == 3


def test_two_clocks_fire_each_deadline_once(rig: OfficeRig, database: Database) -> None:
    cases = drills(rig, 40)
    late = rig.now + HOUR * 50
    with office_rig(database.app, code="ZZ", policies=POLICIES) as other:
        gate = threading.Barrier(4, timeout=PATIENCE)

        def ticking(clock: Clock) -> Ticked:
            gate.wait()
            done = Ticked()
            while rig.rows("deadlines"):
                done += clock.tick(late, limit=5)
            return done

        with ThreadPoolExecutor(4) as threads:
            done = sum(threads.map(ticking, [rig.clock, other.clock] * 2), Ticked())
    assert Counter(fact.case_id for fact in fired(rig)) == dict.fromkeys(cases, 1)
    assert (done.fired, done.failed) == (40, 0)
    assert rig.rows("deadlines") == []


def test_two_clocks_that_took_the_same_deadline_write_it_once(rig: OfficeRig, database: Database) -> None:
    """The lease of one has ended while it was away; both now fire. The key decides."""
    [case_id] = drills(rig, 1)
    late = rig.now + DAY
    [row] = rig.rows("deadlines", case_id=case_id)
    leased, gate = threading.Event(), threading.Barrier(2, timeout=PATIENCE)
    handle = rig.handler.handle

    def at_once(order: Any) -> Any:
        leased.set()
        gate.wait()
        return handle(order)

    with office_rig(database.app, code="ZZ", policies=POLICIES) as other, pytest.MonkeyPatch.context() as patch:
        patch.setattr(rig.handler, "handle", at_once)
        patch.setattr(other.handler, "handle", at_once)
        with ThreadPoolExecutor(2) as threads:
            first = threads.submit(rig.clock.tick, late)
            assert leased.wait(PATIENCE)
            second = threads.submit(other.clock.tick, late + DAY)  # the first one's lease has ended by then
            done = first.result() + second.result()
    assert done == Ticked(fired=1, stale=1)
    assert len(fired(rig)) == 1
    assert row["from_number"] == 2


def test_a_lease_that_has_not_ended_is_respected_and_a_dead_clocks_lease_is_taken_over(rig: OfficeRig) -> None:
    """What falls due meanwhile waits its turn behind it."""
    [case_id] = drills(rig, 1)
    due = rig.now + HOUR
    later = rig.do(OpenDrill(thing="later", ends_at=due + INSTANT), as_=CLERK).case_id

    class Died(BaseException):
        """The clock's process ended between its lease and the firing."""

    def die(_order: Any) -> Any:
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rig.handler, "handle", die)
        with pytest.raises(Died):
            rig.clock.tick(due)
    until = leased_until(rig, case_id)
    assert until is not None
    assert until > due
    assert rig.clock.tick(until - INSTANT) == Ticked()
    assert rig.clock.tick(until) == Ticked(fired=2)
    assert [(fact.case_id, fact.occurred_at) for fact in fired(rig)] == [(case_id, due), (later, due + INSTANT)]


def test_a_clock_passes_over_what_another_is_taking_and_does_not_wait(rig: OfficeRig, database: Database) -> None:
    """The office in which another clock is at work keeps its order; the other offices do not wait for it."""
    taken, after = drills(rig, 2)
    rig.open("YY")
    free = rig.do(OpenDrill(thing="free", ends_at=rig.now + HOUR), as_=CLERK, office="YY").case_id
    impatient = make_conninfo(database.app, options="-c lock_timeout=500ms")
    with psycopg.connect(database.owner) as other, office_rig(impatient, code="ZZ", policies=POLICIES) as clerk:
        other.execute("select from wuye.r_deadlines where case_id = %s for update", [taken])
        assert clerk.clock.tick(rig.now + DAY) == Ticked(fired=1)
        assert [fact.case_id for fact in rig.facts("YY") if fact.name == "DrillRanOut"] == [free]
        assert fired(rig) == []
    assert rig.clock.tick(rig.now + DAY) == Ticked(fired=2)
    assert [fact.case_id for fact in fired(rig)] == [taken, after]


def test_one_office_can_be_ticked_alone(rig: OfficeRig) -> None:
    rig.open("YY")
    drills(rig, 1)
    rig.do(OpenDrill(thing="x", ends_at=rig.now + HOUR), as_=CLERK, office="YY")
    rig.now += DAY
    assert rig.clock.tick(rig.now, office="XH") == Ticked(fired=1)
    assert rig.clock.tick(rig.now) == Ticked(fired=1)
    assert [fact.name for fact in rig.facts("YY")] == ["OfficeOpened", "DrillOpened", "DrillRanOut"]


# -- late, superseded ------------------------------------------------------------------------------------------------


def test_a_month_of_outage_is_caught_up_in_order_and_with_the_true_instants(rig: OfficeRig) -> None:
    begun = rig.now
    [renewing] = drills(rig, 1, thing="rounds", ends_at=None, round_at=begun + DAY)
    ending = drills(rig, 5)
    back = begun + 30 * DAY
    rig.now = back
    done = rig.clock.catch_up(back)
    assert done == Ticked(fired=35)
    rounds = fired(rig, "RoundMade")
    assert [fact.occurred_at for fact in rounds] == [begun + DAY * (i + 1) for i in range(30)]
    assert {fact.case_id for fact in rounds} == {renewing}
    assert [(f.case_id, f.occurred_at) for f in fired(rig)] == [
        (c, begun + HOUR * (i + 1)) for i, c in enumerate(ending)
    ]
    assert rig.clock.catch_up(back) == Ticked()
    assert rig.rows("deadlines", case_id=renewing)[0]["due_at"] == begun + 31 * DAY


def test_what_is_due_is_fired_oldest_first_across_cases(rig: OfficeRig) -> None:
    for hours in (5, 2, 9, 1, 7):
        rig.do(OpenDrill(thing=f"{hours}", ends_at=rig.now + HOUR * hours), as_=CLERK)
    rig.now += DAY
    rig.clock.tick(rig.now, limit=3)
    instants = [fact.occurred_at for fact in fired(rig)]
    assert len(instants) == 3
    rig.clock.catch_up(rig.now)
    instants = [fact.occurred_at for fact in fired(rig)]
    assert instants == sorted(instants)


def test_what_an_earlier_deadline_brings_about_comes_before_a_later_one(rig: OfficeRig) -> None:
    """A duty that renews itself stands in the list only once; each of its days still has its turn in order."""
    begun = rig.now
    drills(rig, 1, thing="rounds", ends_at=None, round_at=begun + DAY)
    for day in (3, 1, 7):
        rig.do(OpenDrill(thing=f"{day}", ends_at=begun + DAY * day + HOUR), as_=CLERK)
    rig.now = begun + 9 * DAY
    assert rig.clock.catch_up(rig.now) == Ticked(fired=12)
    instants = [fact.occurred_at for fact in rig.facts() if fact.role is Role.CLOCK]
    assert instants == sorted(instants)
    assert len(instants) == 12


def test_two_clocks_keep_an_offices_order_between_them(rig: OfficeRig, database: Database) -> None:
    begun = rig.now
    drills(rig, 1, thing="rounds", ends_at=None, round_at=begun + DAY)
    for day in range(1, 12):
        rig.do(OpenDrill(thing=f"{day}", ends_at=begun + DAY * day + HOUR), as_=CLERK)
    late = begun + 12 * DAY
    with office_rig(database.app, code="ZZ", policies=POLICIES) as other, ThreadPoolExecutor(2) as threads:
        gate = threading.Barrier(2, timeout=PATIENCE)

        def ticking(clock: Clock) -> Ticked:
            gate.wait()
            done = Ticked()
            while any(row["due_at"] <= late for row in rig.rows("deadlines")):
                done += clock.tick(late, limit=1)
            return done

        done = sum(threads.map(ticking, [rig.clock, other.clock]), Ticked())
    assert (done.fired, done.failed) == (23, 0)
    instants = [fact.occurred_at for fact in rig.facts() if fact.role is Role.CLOCK]
    assert instants == sorted(instants)


def test_a_deadline_over_which_clocks_die_does_not_hold_up_its_office(rig: OfficeRig) -> None:
    [deadly] = drills(rig, 1, thing="deadly", ends_at=rig.now + INSTANT)
    good = drills(rig, 2)
    late, handle = rig.now + DAY, rig.handler.handle

    class Died(BaseException):
        """The process ended while it fired this one."""

    def die(order: Any) -> Any:
        if order.case_id == deadly:
            raise Died
        return handle(order)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rig.handler, "handle", die)
        for _ in range(2):
            with pytest.raises(Died):
                rig.clock.tick(late)
            assert fired(rig) == []
            late = leased_until(rig, deadly) or late
        with pytest.raises(Died):
            rig.clock.tick(late)
        assert rig.clock.tick(late) == Ticked(fired=2)
    assert [fact.case_id for fact in fired(rig)] == good
    assert rig.clock.tick(late + DAY) == Ticked(fired=1)


def test_a_deadline_that_was_put_off_fires_at_its_new_instant_only(rig: OfficeRig) -> None:
    [case_id] = drills(rig, 1)
    due = rig.now + HOUR
    rig.do(ExtendDrill(ends_at=due + DAY), as_=CLERK, on=case_id)
    assert rig.clock.catch_up(due + HOUR) == Ticked()
    assert rig.clock.catch_up(due + DAY) == Ticked(fired=1)
    assert [fact.occurred_at for fact in fired(rig)] == [due + DAY]


def test_a_deadline_that_was_met_never_fires(rig: OfficeRig) -> None:
    [case_id] = drills(rig, 1)
    rig.do(EndDrill(), as_=CLERK, on=case_id)
    assert rig.rows("deadlines") == []
    assert rig.clock.catch_up(rig.now + DAY) == Ticked()


@pytest.mark.parametrize("command", [EndDrill(), ExtendDrill(ends_at=None), "later"])
def test_a_deadline_superseded_between_lease_and_firing_does_nothing(rig: OfficeRig, command: Any) -> None:
    [case_id] = drills(rig, 1)
    rig.now += DAY
    if command == "later":
        command = ExtendDrill(ends_at=rig.now + DAY)
    handle = rig.handler.handle

    def overtaken(order: Any) -> Any:
        patch.undo()
        rig.do(command, as_=CLERK, on=case_id)
        return handle(order)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rig.handler, "handle", overtaken)
        assert rig.clock.tick(rig.now) == Ticked(stale=1)
    assert fired(rig) == []
    assert rig.clock.catch_up(rig.now + HOUR) == Ticked()
