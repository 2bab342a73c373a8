"""A clock of its own process, who can be killed and frozen: ``python -m tests.workflows.ticking CONNINFO BEGUN AT SPEED``.

``BEGUN`` is when the play began on the wall (seconds), ``AT`` what time it was then in the office (ISO), ``SPEED`` how
many of the office's seconds pass in one: so that a lease of a minute ends while the test waits.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta

from psycopg_pool import ConnectionPool

from journal.confidential import MasterKey
from projections.registers import REGISTERS
from tests import drill
from workflows.clock import Clock
from workflows.handler import CommandHandler


def tick_on(conninfo: str, begun: float, at: datetime, speed: float) -> None:
    """Tick until the process ends."""
    with drill.known(), ConnectionPool(conninfo, min_size=1, max_size=4, kwargs={"autocommit": True}) as pool:
        handler = CommandHandler(
            pool.connection, policies=drill.POLICIES, projector=REGISTERS, master=MasterKey(b"k" * 32)
        )
        clock = Clock(handler, pool.connection, {})
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            clock.tick(at + timedelta(seconds=(time.time() - begun) * speed), limit=20)
            time.sleep(0.01)


if __name__ == "__main__":
    tick_on(sys.argv[1], float(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), float(sys.argv[4]))
