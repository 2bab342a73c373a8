"""Waiting for what other processes and threads do: as long as it takes, within a limit that only a broken one reaches."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

__all__ = ["PATIENCE", "free_port", "wait_until"]

PATIENCE = 180.0
"""Seconds. No test measures by it how fast something is: it only ends one in which something never happens."""


def wait_until(there: Callable[[], object], what: str) -> None:
    """Ask until it is so; ``what`` is said when it never is."""
    until = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < until, f"it does not happen: {what}"
        time.sleep(0.005)


def free_port() -> int:
    """A port on loopback that nobody serves on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
