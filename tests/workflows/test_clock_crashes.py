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
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from random import Random

import psycopg
import pytest

from domain.kernel.people import Role
from journal.hash_chain import verify
from projections.engine.rebuild import rebuild
from projections.registers.index import REGISTERS
from tests import drill_kind
from tests.conftest import Database
from tests.drill_kind import OpenDrill
from tests.office_rig import office_rig
from tests.waiting import wait_until

TIMES = int(os.environ.get("WUYE_CRASHES", "1"))
KILLS, FREEZES, ROUNDS = 7 * TIMES, 3 * TIMES, 60 * TIMES
OFFICES = ("XH", "YY", "ZZ")
STEP = timedelta(seconds=80)
"""From one instant at which something falls due to the next; every lease ends meanwhile."""


class Clocks:
    """Three clocks at work; one that is killed is replaced."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._running: list[subprocess.Popen[str]] = []

    def begin(self) -> None:
        """One more clock, once it is ready."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.workflows.crash_clock", self._conninfo],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
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

    def close(self) -> None:
        """No clock is left."""
        for process in self._running:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


class Played:
    """The time of the offices, and what has not had its turn."""

    def __init__(self, database: Database, now: datetime) -> None:
        self._owner = psycopg.connect(database.owner, autocommit=True)
        self._owner.execute("create table office_time (now timestamptz)")
        self._owner.execute("grant select on office_time to wuye_app")
        self._owner.execute("insert into office_time values (%s)", [now])

    def go_on(self) -> None:
        """Some time passes."""
        self._owner.execute("update office_time set now = now + %s", [STEP])

    def left(self) -> int:
        """How many of the deadlines have not had their turn."""
        return self._count(_LEFT)

    def to_be_taken(self) -> int:
        """How many of them are due, and no clock is at work on them or has died over them."""
        return self._count(f"{_LEFT} and due_at <= now and (leased_until is null or leased_until <= now)")

    def somebody_waits(self) -> bool:
        """Whether a clock waits for what another one holds."""
        return self._count("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") > 0

    def close(self) -> None:
        """Give the connection back."""
        self._owner.close()

    def _count(self, query: str) -> int:
        [count] = self._owner.execute(query).fetchone() or [0]
        return int(count)


_LEFT = (
    "select count(*) from office_time, wuye.r_deadlines left join wuye.clock_work using (office, case_id, line, from_number)"
    " where to_number is null and line = 'end' and missed_at is null"
)


@pytest.mark.long
def test_every_deadline_fires_once_whatever_becomes_of_the_clocks(database: Database) -> None:
    random = Random(7)
    with drill_kind.known(), office_rig(database.app, policies=drill_kind.POLICIES, simulated=False) as rig:
        for code in OFFICES[1:]:
            rig.open(code)
        wanted: set[str] = set()
        for office in OFFICES:
            for n in range(ROUNDS):
                # Several at one instant, and the last ones only later, so that there is work for every clock to the end.
                command = OpenDrill(thing=f"{n}", ends_at=rig.now + STEP * (n // 3))
                wanted.add(rig.do(command, as_=Role.ADMINISTRATOR, office=office).case_id)
        with closing(Played(database, rig.now)) as played, closing(Clocks(database.app)) as clocks:
            for _ in range(3):
                clocks.begin()
            for what in random.sample(["kill"] * KILLS + ["freeze"] * FREEZES, KILLS + FREEZES):
                played.go_on()
                time.sleep(random.random() * 0.05)  # somewhere in the middle of it
                if what == "kill":
                    clocks.kill_one(random)
                else:
                    with clocks.one_frozen(random):
                        left = played.left()
                        played.go_on()
                        wait_until(lambda left=left: played.left() < left or played.somebody_waits(), "others go on")
            while played.left():
                wait_until(lambda: not played.to_be_taken(), "what is due is taken")
                played.go_on()
        facts = list(chain.from_iterable(rig.facts(office) for office in OFFICES))
        assert Counter(fact.case_id for fact in facts if fact.name == "DrillRanOut") == dict.fromkeys(wanted, 1)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        assert all(verify(owner, office).intact for office in OFFICES)
        with drill_kind.known():
            assert not any(rebuild(owner, REGISTERS).differences.values())
