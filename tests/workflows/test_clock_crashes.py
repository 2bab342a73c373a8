"""Clocks that are killed in the middle of their work, or frozen beyond their leases and woken again: each deadline once.

``WUYE_CRASHES=8`` makes it eight times as long: thousands of deadlines, more than fifty kills and twenty freezes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain
from pathlib import Path
from random import Random

import psycopg
import pytest

from domain.people import Role
from journal.hash_chain import verify
from projections.rebuild import rebuild
from projections.registers import REGISTERS
from tests import drill
from tests.conftest import Database
from tests.desk import Desk, at_desk
from tests.drill import OpenDrill

TIMES = int(os.environ.get("WUYE_CRASHES", "1"))
KILLS, FREEZES, ROUNDS = 7 * TIMES, 3 * TIMES, 60 * TIMES
OFFICES = ("XH", "YY", "ZZ")
SPEED = 120.0
"""A lease of a minute ends after half a second."""


class Clocks:
    """Three clocks at work; one that is killed is replaced."""

    def __init__(self, conninfo: str, desk: Desk) -> None:
        self._words = [conninfo, str(time.time()), desk.now.isoformat(), str(SPEED)]
        self._running: list[subprocess.Popen[str]] = []

    def begin(self) -> None:
        """One more clock, once it is ready."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.workflows.ticking", *self._words],
            stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        self._running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    def kill_one(self, random: Random) -> None:
        """It dies wherever it stands; another takes its place."""
        victim = self._running.pop(random.randrange(len(self._running)))
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        assert victim.stdout is not None
        victim.stdout.close()
        self.begin()

    @contextmanager
    def one_frozen(self, random: Random) -> Iterator[None]:
        """It stops in the middle of whatever it does, and goes on later as if nothing had been."""
        victim = random.choice(self._running)
        os.kill(victim.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(victim.pid, signal.SIGCONT)

    def end(self) -> None:
        """No clock is left."""
        for process in self._running:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def left(database: Database) -> int:
    """How many of the deadlines have not had their turn."""
    with psycopg.connect(database.owner) as connection:
        row = connection.execute(
            "select count(*) from wuye.r_deadlines where to_number is null and line = 'end' and missed_at is null"
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.slow
def test_every_deadline_fires_once_whatever_becomes_of_the_clocks(database: Database) -> None:
    random = Random(7)
    with drill.known(), at_desk(database.app, policies=drill.POLICIES) as desk:
        for code in OFFICES[1:]:
            desk.open(code)
        wanted: set[str] = set()
        for office in OFFICES:
            for n in range(ROUNDS):
                # Several at one instant, and the last ones only later, so that there is work for every clock to the end.
                ends_at = desk.now + timedelta(seconds=80 * (n // 3))
                command = OpenDrill(thing=f"{n}", ends_at=ends_at)
                wanted.add(desk.do(command, as_=Role.ADMINISTRATOR, office=office).case_id)
        clocks = Clocks(database.app, desk)
        try:
            for _ in range(3):
                clocks.begin()
            for what in random.sample(["kill"] * KILLS + ["freeze"] * FREEZES, KILLS + FREEZES):
                if what == "kill":
                    clocks.kill_one(random)
                else:
                    with clocks.one_frozen(random):
                        time.sleep(0.8)
            until = time.monotonic() + 60
            while left(database) and time.monotonic() < until:
                time.sleep(0.1)
        finally:
            clocks.end()
        facts = list(chain.from_iterable(desk.facts(office) for office in OFFICES))
        assert Counter(fact.case_id for fact in facts if fact.name == "DrillRanOut") == dict.fromkeys(wanted, 1)
        assert left(database) == 0
    with psycopg.connect(database.owner, autocommit=True) as owner:
        assert all(verify(owner, office).intact for office in OFFICES)
        with drill.known():
            assert not any(rebuild(owner, REGISTERS).differences.values())
