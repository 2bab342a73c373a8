"""Each deadline fires exactly once, at its true instant, however many clocks there are and whenever they come round."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from domain.complaints.complaint.commands.reception import AssessComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.fact import Fact
from domain.kernel.people import Role
from journal.hash_chain import verify
from tests import drill
from tests.conftest import Database
from tests.desk import Desk, at_desk
from tests.drill import EndDrill, ExtendDrill, OpenDrill
from tests.solving import solved
from tests.waiting import PATIENCE
from workflows.engine.clock import Clock, Ticked

CLERK, HOUR, DAY, INSTANT = Role.ADMINISTRATOR, timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    with drill.known(), at_desk(database.app, policies=drill.POLICIES, simulated=False) as desk:
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


# -- exactly once ----------------------------------------------------------------------------------------------------


def test_a_deadline_does_not_fire_before_its_instant(desk: Desk) -> None:
    [case_id], due = drills(desk, 1), desk.now + HOUR
    assert desk.clock.tick(due - INSTANT) == Ticked()
    assert leased_until(desk, case_id) is None
    assert desk.clock.tick(due) == Ticked(fired=1)
    assert fired(desk)[0].occurred_at == due
    assert desk.rows("deadlines") == []


def test_it_fires_once_however_often_the_clock_comes_round(desk: Desk) -> None:
    drills(desk, 3)
    desk.now += DAY
    assert sum((desk.clock.tick(desk.now + HOUR * i) for i in range(5)), Ticked()) == Ticked(fired=3)
    assert len(fired(desk)) == 3


def test_two_clocks_fire_each_deadline_once(desk: Desk, database: Database) -> None:
    cases = drills(desk, 40)
    late = desk.now + HOUR * 50
    with at_desk(database.app, code="ZZ", policies=drill.POLICIES) as other:
        gate = threading.Barrier(4, timeout=PATIENCE)

        def ticking(clock: Clock) -> Ticked:
            gate.wait()
            done = Ticked()
            while desk.rows("deadlines"):
                done += clock.tick(late, limit=5)
            return done

        with ThreadPoolExecutor(4) as threads:
            done = sum(threads.map(ticking, [desk.clock, other.clock] * 2), Ticked())
    assert Counter(fact.case_id for fact in fired(desk)) == dict.fromkeys(cases, 1)
    assert (done.fired, done.failed) == (40, 0)
    assert desk.rows("deadlines") == []


def test_two_clocks_that_took_the_same_deadline_write_it_once(desk: Desk, database: Database) -> None:
    """The lease of one has ended while it was away; both now fire. The key decides."""
    [case_id] = drills(desk, 1)
    late = desk.now + DAY
    [row] = desk.rows("deadlines", case_id=case_id)
    leased, gate = threading.Event(), threading.Barrier(2, timeout=PATIENCE)
    handle = desk.handler.handle

    def at_once(order: Any) -> Any:
        leased.set()
        gate.wait()
        return handle(order)

    with at_desk(database.app, code="ZZ", policies=drill.POLICIES) as other, pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.handler, "handle", at_once)
        patch.setattr(other.handler, "handle", at_once)
        with ThreadPoolExecutor(2) as threads:
            first = threads.submit(desk.clock.tick, late)
            assert leased.wait(PATIENCE)
            second = threads.submit(other.clock.tick, late + DAY)  # the first one's lease has ended by then
            done = first.result() + second.result()
    assert done == Ticked(fired=1, stale=1)
    assert len(fired(desk)) == 1
    assert row["from_number"] == 2


def test_a_lease_that_has_not_ended_is_respected_and_a_dead_clocks_lease_is_taken_over(desk: Desk) -> None:
    [case_id] = drills(desk, 1)
    due = desk.now + HOUR

    class Died(BaseException):
        """The clock's process ended between its lease and the firing."""

    def die(_order: Any) -> Any:
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.handler, "handle", die)
        with pytest.raises(Died):
            desk.clock.tick(due)
    until = leased_until(desk, case_id)
    assert until is not None
    assert until > due
    assert desk.clock.tick(until - INSTANT) == Ticked()
    assert desk.clock.tick(until) == Ticked(fired=1)
    [fact] = fired(desk)
    assert fact.occurred_at == due


def test_a_clock_passes_over_what_another_is_taking_and_does_not_wait(desk: Desk, database: Database) -> None:
    """The office in which another clock is at work keeps its order; the other offices do not wait for it."""
    taken, after = drills(desk, 2)
    desk.open("YY")
    free = desk.do(OpenDrill(thing="free", ends_at=desk.now + HOUR), as_=CLERK, office="YY").case_id
    impatient = make_conninfo(database.app, options="-c lock_timeout=500ms")
    with psycopg.connect(database.owner) as other, at_desk(impatient, code="ZZ", policies=drill.POLICIES) as clerk:
        other.execute("select from wuye.r_deadlines where case_id = %s for update", [taken])
        assert clerk.clock.tick(desk.now + DAY) == Ticked(fired=1)
        assert [fact.case_id for fact in desk.facts("YY") if fact.name == "DrillRanOut"] == [free]
        assert fired(desk) == []
    assert desk.clock.tick(desk.now + DAY) == Ticked(fired=2)
    assert [fact.case_id for fact in fired(desk)] == [taken, after]


def test_one_office_can_be_ticked_alone(desk: Desk) -> None:
    desk.open("YY")
    drills(desk, 1)
    desk.do(OpenDrill(thing="x", ends_at=desk.now + HOUR), as_=CLERK, office="YY")
    desk.now += DAY
    assert desk.clock.tick(desk.now, office="XH") == Ticked(fired=1)
    assert desk.clock.tick(desk.now) == Ticked(fired=1)
    assert [fact.name for fact in desk.facts("YY")] == ["OfficeOpened", "DrillOpened", "DrillRanOut"]


# -- late, superseded ------------------------------------------------------------------------------------------------


def test_a_month_of_outage_is_caught_up_in_order_and_with_the_true_instants(desk: Desk) -> None:
    begun = desk.now
    [renewing] = drills(desk, 1, thing="rounds", ends_at=None, round_at=begun + DAY)
    ending = drills(desk, 5)
    back = begun + 30 * DAY
    desk.now = back
    done = desk.clock.catch_up(back)
    assert done == Ticked(fired=35)
    rounds = fired(desk, "RoundMade")
    assert [fact.occurred_at for fact in rounds] == [begun + DAY * (i + 1) for i in range(30)]
    assert {fact.case_id for fact in rounds} == {renewing}
    assert [(f.case_id, f.occurred_at) for f in fired(desk)] == [
        (c, begun + HOUR * (i + 1)) for i, c in enumerate(ending)
    ]
    assert desk.clock.catch_up(back) == Ticked()
    assert desk.rows("deadlines", case_id=renewing)[0]["due_at"] == begun + 31 * DAY


def test_what_is_due_is_fired_oldest_first_across_cases(desk: Desk) -> None:
    for hours in (5, 2, 9, 1, 7):
        desk.do(OpenDrill(thing=f"{hours}", ends_at=desk.now + HOUR * hours), as_=CLERK)
    desk.now += DAY
    desk.clock.tick(desk.now, limit=3)
    instants = [fact.occurred_at for fact in fired(desk)]
    assert len(instants) == 3
    desk.clock.catch_up(desk.now)
    instants = [fact.occurred_at for fact in fired(desk)]
    assert instants == sorted(instants)


def test_what_an_earlier_deadline_brings_about_comes_before_a_later_one(desk: Desk) -> None:
    """A duty that renews itself stands in the list only once; each of its days still has its turn in order."""
    begun = desk.now
    drills(desk, 1, thing="rounds", ends_at=None, round_at=begun + DAY)
    for day in (3, 1, 7):
        desk.do(OpenDrill(thing=f"{day}", ends_at=begun + DAY * day + HOUR), as_=CLERK)
    desk.now = begun + 9 * DAY
    assert desk.clock.catch_up(desk.now) == Ticked(fired=12)
    instants = [fact.occurred_at for fact in desk.facts() if fact.role is Role.CLOCK]
    assert instants == sorted(instants)
    assert len(instants) == 12


def test_two_clocks_keep_an_offices_order_between_them(desk: Desk, database: Database) -> None:
    begun = desk.now
    drills(desk, 1, thing="rounds", ends_at=None, round_at=begun + DAY)
    for day in range(1, 12):
        desk.do(OpenDrill(thing=f"{day}", ends_at=begun + DAY * day + HOUR), as_=CLERK)
    late = begun + 12 * DAY
    with at_desk(database.app, code="ZZ", policies=drill.POLICIES) as other, ThreadPoolExecutor(2) as threads:
        gate = threading.Barrier(2, timeout=PATIENCE)

        def ticking(clock: Clock) -> Ticked:
            gate.wait()
            done = Ticked()
            while any(row["due_at"] <= late for row in desk.rows("deadlines")):
                done += clock.tick(late, limit=1)
            return done

        done = sum(threads.map(ticking, [desk.clock, other.clock]), Ticked())
    assert (done.fired, done.failed) == (23, 0)
    instants = [fact.occurred_at for fact in desk.facts() if fact.role is Role.CLOCK]
    assert instants == sorted(instants)


def test_a_deadline_over_which_clocks_die_does_not_hold_up_its_office(desk: Desk) -> None:
    [deadly] = drills(desk, 1, thing="deadly", ends_at=desk.now + INSTANT)
    good = drills(desk, 2)
    late, handle = desk.now + DAY, desk.handler.handle

    class Died(BaseException):
        """The process ended while it fired this one."""

    def die(order: Any) -> Any:
        if order.case_id == deadly:
            raise Died
        return handle(order)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.handler, "handle", die)
        for _ in range(2):
            with pytest.raises(Died):
                desk.clock.tick(late)
            assert fired(desk) == []
            late = leased_until(desk, deadly) or late
        with pytest.raises(Died):
            desk.clock.tick(late)
        assert desk.clock.tick(late) == Ticked(fired=2)
    assert [fact.case_id for fact in fired(desk)] == good
    assert desk.clock.tick(late + DAY) == Ticked(fired=1)


def test_a_deadline_that_was_put_off_fires_at_its_new_instant_only(desk: Desk) -> None:
    [case_id] = drills(desk, 1)
    due = desk.now + HOUR
    desk.do(ExtendDrill(ends_at=due + DAY), as_=CLERK, on=case_id)
    assert desk.clock.catch_up(due + HOUR) == Ticked()
    assert desk.clock.catch_up(due + DAY) == Ticked(fired=1)
    assert [fact.occurred_at for fact in fired(desk)] == [due + DAY]


def test_a_deadline_that_was_met_never_fires(desk: Desk) -> None:
    [case_id] = drills(desk, 1)
    desk.do(EndDrill(), as_=CLERK, on=case_id)
    assert desk.rows("deadlines") == []
    assert desk.clock.catch_up(desk.now + DAY) == Ticked()


@pytest.mark.parametrize("command", [EndDrill(), ExtendDrill(ends_at=None), "later"])
def test_a_deadline_superseded_between_lease_and_firing_does_nothing(desk: Desk, command: Any) -> None:
    [case_id] = drills(desk, 1)
    desk.now += DAY
    if command == "later":
        command = ExtendDrill(ends_at=desk.now + DAY)
    handle = desk.handler.handle

    def overtaken(order: Any) -> Any:
        patch.undo()
        desk.do(command, as_=CLERK, on=case_id)
        return handle(order)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.handler, "handle", overtaken)
        assert desk.clock.tick(desk.now) == Ticked(stale=1)
    assert fired(desk) == []
    assert desk.clock.catch_up(desk.now + HOUR) == Ticked()


# -- a real promise --------------------------------------------------------------------------------------------------


def test_a_missed_promise_bears_the_instant_at_which_it_ended(desk: Desk) -> None:
    noise = RegisterComplaint(channel=Channel.ONLINE, category="noise", matter="噪音", content="每晚", home="1-101")
    registered = desk.do(noise, as_=CLERK)
    promised = desk.now + 2 * DAY
    desk.do(AssessComplaint(promised_by=promised, measure="劝导", told_at=desk.now), as_=CLERK, on=registered.case_id)
    desk.now = promised + 5 * DAY
    assert desk.clock.catch_up(desk.now) == Ticked(fired=1)
    [missed] = fired(desk, "PromiseMissed")
    assert missed.occurred_at == promised
    assert (missed.user_id, missed.role) == ("clock", Role.CLOCK)
    desk.do(solved(desk.now), as_=CLERK, on=registered.case_id)
    assert desk.clock.catch_up(desk.now + 300 * DAY) == Ticked()


def test_what_was_past_before_its_case_began_is_broken_from_the_first_moment(desk: Desk) -> None:
    """A bill entered late is overdue at once, and is not parked for ever; the breach's data keep the true date."""
    opened = desk.now
    [case_id] = drills(desk, 1, ends_at=opened - DAY)
    assert desk.clock.catch_up(desk.now + HOUR).failed == 0
    [broken] = fired(desk)
    assert (broken.case_id, broken.occurred_at, broken.event.due_at) == (case_id, opened, opened - DAY)  # type: ignore[attr-defined]
