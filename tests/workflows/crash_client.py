"""A clerk of his own process, who can be killed, frozen and cut off: ``python -m tests.workflows.crash_client CONNINFO NAME N``.

He opens drill after drill, from number ``N`` on, each under a key of its own, and tries each one until he is answered,
whatever befalls the line and the server. Aloud he says what he tries, what was answered, what went wrong and what was
lost on the way. On ``SIGUSR1`` the answer to his next request gets lost.
"""

from __future__ import annotations

import signal
import sys
import time
from datetime import UTC, datetime

import psycopg

from domain.kernel.people import Actor, Role
from journal.confidential import MasterKey
from projections.registers.index import REGISTERS
from tests import drill_kind
from tests.workflows.breaking_proxy import BreakingProxy
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest

_ONE_DAY = datetime(2100, 1, 1, tzinfo=UTC)


def work_on(conninfo: str, name: str, number: int) -> None:
    """Work until the process ends."""
    line = BreakingProxy(conninfo)
    signal.signal(signal.SIGUSR1, lambda *_: setattr(line, "lose", "answer"))
    handler = CommandHandler(
        line.connect, policies=drill_kind.POLICIES, projector=REGISTERS, master=MasterKey(b"k" * 32)
    )
    with drill_kind.known():
        while True:
            say("try", number)
            say("done", number, try_until_answered(handler, f"{name}/{number}"))
            for _ in range(line.lost):
                say("lost", number)
            line.lost = 0
            number += 1
            time.sleep(0.01)


def try_until_answered(handler: CommandHandler, key: str) -> int:
    """The last page that was written for this key."""
    while True:
        now = datetime.now(UTC)
        command = drill_kind.full_drill(now, thing=key, ends_at=_ONE_DAY)  # the same under the same key
        try:
            order = CommandRequest(
                office="XH", command=command, actor=Actor("clerk", Role.ADMINISTRATOR), now=now, key=key
            )
            return handler.handle(order).number
        except (psycopg.Error, OSError) as error:
            say("failed", type(error).__name__)
            time.sleep(0.02)


def say(*words: object) -> None:
    """One line, at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    work_on(sys.argv[1], sys.argv[2], int(sys.argv[3]))
