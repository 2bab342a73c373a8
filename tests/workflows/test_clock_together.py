"""What falls due at one instant is fired in one transaction, as if each had its own: in order, each once, or each by itself."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from journal.append import Recorded
from journal.book import Book
from tests.drill_kind import EndDrill
from tests.office_rig import OfficeRig
from tests.workflows.clock_rig import CLERK, DAY, HOUR, INSTANT, drills, fired, rig
from workflows.engine import clock
from workflows.engine.clock import Ticked

__all__ = ["rig"]


def at_one_instant(rig: OfficeRig, count: int, thing: str) -> list[str]:
    """So many drills that all end in an hour, and one of them that is in the way of whoever fires it."""
    ends_at = rig.now + HOUR
    return [drills(rig, 1, thing=f"{thing}-{n}", ends_at=ends_at, poisoned=thing == "poison")[0] for n in range(count)]


def appends(rig: OfficeRig) -> int:
    """How many transactions have written to the book: the last fact of each bears the link."""
    with rig.pool.connection() as connection:
        [count] = connection.execute("select count(chain) from wuye.facts where office = 'XH'").fetchone() or [0]
    return int(count)


def test_deadlines_of_one_instant_are_written_together_in_the_order_of_their_cases(
    rig: OfficeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "_AT_ONCE", 3)
    cases, due = at_one_instant(rig, 7, "hose"), rig.now + HOUR
    before = appends(rig)
    assert rig.clock.catch_up(due) == Ticked(fired=7)
    assert appends(rig) == before + 3
    assert [(fact.case_id, fact.occurred_at) for fact in fired(rig)] == [(case, due) for case in sorted(cases)]
    assert rig.clock.catch_up(due + DAY) == Ticked()


def test_one_that_fails_takes_none_of_the_others_with_it(rig: OfficeRig) -> None:
    bad, good = at_one_instant(rig, 1, "poison"), at_one_instant(rig, 3, "hose")
    rig.now += DAY
    assert rig.clock.catch_up(rig.now) == Ticked(fired=3, failed=1)
    assert [fact.case_id for fact in fired(rig)] == sorted(good)
    [work] = rig.clock_work(bad[0])
    assert work["attempts"] == 1
    assert rig.clock.catch_up(rig.now + HOUR) == Ticked(failed=1), "by itself from then on"


def test_one_that_was_met_between_lease_and_firing_is_not_fired(
    rig: OfficeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, met, last = sorted(at_one_instant(rig, 3, "hose"))
    together = rig.handler.handle_together

    def overtaken(requests: Any, key: str) -> None:
        rig.do(EndDrill(), as_=CLERK, on=met)
        together(requests, key)

    monkeypatch.setattr(rig.handler, "handle_together", overtaken)
    rig.now += DAY
    assert rig.clock.tick(rig.now) == Ticked(fired=2, stale=1)
    assert [fact.case_id for fact in fired(rig)] == [first, last]


@pytest.mark.parametrize("when", ["before", "after"])
def test_whether_it_was_written_is_known_by_the_key_when_the_connection_breaks(
    rig: OfficeRig, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    cases, record, tries = at_one_instant(rig, 3, "hose"), Book.record, []

    def broken(self: Book, append: Any) -> Recorded:
        tries.append(append.key)
        if len(tries) > 1:
            return record(self, append)
        if when == "after":
            record(self, append)
        raise psycopg.OperationalError

    monkeypatch.setattr(Book, "record", broken)
    assert rig.clock.tick(rig.now + HOUR + INSTANT) == Ticked(fired=3)
    assert len(tries) == (1 if when == "after" else 4)
    assert [fact.case_id for fact in fired(rig)] == sorted(cases)
