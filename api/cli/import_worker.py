"""A worker of an import's pool: a process of its own with the same program around it (see ``workflows.importing.worker_pool``)."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from pathlib import Path
from typing import Final

from psycopg_pool import ConnectionPool

from journal.confidential import MasterKey
from journal.key_store import check_master
from projections.registers.index import REGISTERS
from workflows.engine.handler import CommandHandler
from workflows.importing.worker_pool import WorkerPool, serve
from workflows.policies.index import POLICIES

__all__ = ["main", "worker_pool"]

_MOST: Final = 8
_COMMAND: Final = ("-c", "from api.cli.import_worker import main; main()")


def worker_pool(app: str, home: Path, size: int | None = None) -> WorkerPool:
    """A worker for each processor, on the application's connection and the master key of this home."""
    return WorkerPool(_COMMAND, pickle.dumps((app, str(home))), size or min(os.cpu_count() or 1, _MOST))


def main() -> None:
    """Take the setup and the task from standard input and do it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started this one, and ends it
    setup, task = pickle.load(sys.stdin.buffer)  # noqa: S301  (it comes from the process that started this one)
    app, home = pickle.loads(setup)  # noqa: S301
    with ConnectionPool(app, min_size=2, max_size=4, kwargs={"autocommit": True}, open=True) as pool:
        master = MasterKey.load(Path(home))
        with pool.connection() as connection:
            check_master(connection, master)
        serve(
            CommandHandler(pool.connection, policies=POLICIES, projector=REGISTERS, master=master),
            pool.connection,
            task,
        )
