"""A machine whose clock stands in the future: nothing is fired of what has not come, and that is said aloud."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from api.cli import commands_serve
from api.firing_time import FiringTime

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class Machine:
    """A wall clock, a clock that only counts on, and a database that shows what it is told to."""

    def __init__(self) -> None:
        self.wall, self.counted = NOON, 1000.0
        self.database: datetime | None = None
        self.fires = FiringTime(self._connect, self._time, lambda: self.counted)

    def _time(self) -> float:
        return self.wall.timestamp()

    def _connect(self) -> Any:
        return nullcontext(self)

    def execute(self, _: str) -> Any:
        return self

    def fetchone(self) -> tuple[datetime]:
        return (self.database or self.wall,)

    def goes_on(self, **by: int) -> datetime:
        """Time passes; then the clock asks what time it is."""
        self.wall, self.counted = self.wall + timedelta(**by), self.counted + timedelta(**by).total_seconds()
        return self.fires()


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]


def test_a_clock_that_is_right_is_believed_also_after_a_night_in_which_nobody_asked(
    logged: None, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = Machine()
    assert machine.goes_on(hours=9) == machine.wall
    machine.wall += timedelta(minutes=4)  # it had drifted
    assert machine.goes_on(seconds=5) == machine.wall
    machine.wall -= timedelta(hours=1)
    assert machine.goes_on(seconds=5) == machine.wall
    assert said(capsys) == []


def test_what_it_is_set_forward_by_counts_for_nothing_until_it_has_stood_so_for_ten_minutes(
    logged: None, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = Machine()
    machine.wall += timedelta(days=400)
    for minute in range(10):
        assert machine.goes_on(minutes=1) == NOON + timedelta(minutes=minute + 1)
    assert said(capsys) == ["the clock was set forward"], "once"
    assert machine.goes_on(minutes=1) == machine.wall


def test_one_that_is_set_right_in_time_has_fired_nothing_and_is_believed_again() -> None:
    machine = Machine()
    machine.wall += timedelta(days=400)
    machine.goes_on(minutes=5)
    machine.wall -= timedelta(days=400)
    assert machine.goes_on(minutes=1) == machine.wall
    machine.wall += timedelta(days=400)
    assert machine.goes_on(minutes=9) == machine.wall - timedelta(days=400), "and doubted anew for as long"


def test_one_that_is_set_back_and_right_again_is_believed_and_later_what_it_was_set_back_to() -> None:
    machine = Machine()
    for _ in range(2):
        machine.wall -= timedelta(hours=3)
        assert machine.goes_on(minutes=1) == machine.wall
        machine.wall += timedelta(hours=3)
        assert machine.goes_on(minutes=1) == machine.wall
    machine.wall -= timedelta(hours=3)
    assert machine.goes_on(minutes=1) == machine.wall
    assert machine.goes_on(minutes=61) == machine.wall
    machine.wall += timedelta(hours=3)
    assert machine.goes_on(minutes=1) == machine.wall - timedelta(hours=3)


def test_nothing_is_fired_that_is_not_past_in_the_database(logged: None, capsys: pytest.CaptureFixture[str]) -> None:
    machine = Machine()
    machine.database = NOON - timedelta(days=2)
    assert (machine.goes_on(seconds=5), machine.goes_on(seconds=5)) == (machine.database, machine.database)
    assert said(capsys) == ["this clock is ahead of the database's"], "once"
    machine.database = NOON + timedelta(days=2)
    assert machine.goes_on(seconds=5) == machine.wall


def test_the_clock_at_work_and_whoever_tells_of_it_go_by_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands_serve, "FiringTime", lambda _connect: lambda: NOON)
    stop, told = Event(), list[tuple[str, datetime]]()
    work: Any = SimpleNamespace(
        pool=SimpleNamespace(connection=None),
        notices=None,
        note_erasures=lambda: None,
        clock=SimpleNamespace(catch_up=lambda now: (told.append(("fired", now)), stop.set())),
        tell=lambda now: told.append(("told", now)),
    )
    commands_serve._tick_until(work, stop, 0.01)
    assert {*told} == {("fired", NOON), ("told", NOON)}
