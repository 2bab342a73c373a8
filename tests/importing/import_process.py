"""An import in a process of its own, which can be killed: ``python -m tests.importing.import_process CONNINFO FILE MAPPING``."""

from __future__ import annotations

import sys
from pathlib import Path

from psycopg_pool import ConnectionPool

from journal.confidential import MasterKey
from projections.registers.index import REGISTERS
from tests.importing.small import NOW
from workflows.engine.handler import CommandHandler
from workflows.importing.run import import_history
from workflows.policies.index import POLICIES


def import_all(conninfo: str, file: Path, mapping: Path) -> None:
    """Bring it in, two hundred cases at a time."""
    with ConnectionPool(conninfo, min_size=1, max_size=4, kwargs={"autocommit": True}, open=True) as pool:
        handler = CommandHandler(pool.connection, policies=POLICIES, projector=REGISTERS, master=MasterKey(b"k" * 32))
        import_history(handler, pool.connection, file, mapping, "XH", now=NOW, batch=200)


if __name__ == "__main__":
    import_all(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
