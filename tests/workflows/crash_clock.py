"""A clock of its own process, which can be killed and frozen: ``python -m tests.workflows.crash_clock CONNINFO``.

What time it is in the office stands in the table ``office_time``: the test alone moves it on, so that a lease ends when
the test says so and not when the machine is slow.
"""

from __future__ import annotations

import sys
import time

from psycopg_pool import ConnectionPool

from journal.confidential import MasterKey
from projections.registers.index import REGISTERS
from tests import drill_kind
from workflows.engine.clock import Clock
from workflows.engine.handler import CommandHandler


def run_clock(conninfo: str) -> None:
    """Tick until the process ends."""
    with drill_kind.known(), ConnectionPool(conninfo, min_size=1, max_size=4, kwargs={"autocommit": True}) as pool:
        handler = CommandHandler(
            pool.connection, policies=drill_kind.POLICIES, projector=REGISTERS, master=MasterKey(b"k" * 32)
        )
        clock = Clock(handler, pool.connection, {})
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            with pool.connection() as connection:
                [now] = connection.execute("select now from office_time").fetchone() or [None]
            clock.tick(now, limit=20)
            time.sleep(0.01)


if __name__ == "__main__":
    run_clock(sys.argv[1])
