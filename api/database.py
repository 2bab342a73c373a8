"""The database made ready: migrations of the journal, then the registers' tables. Only the api sees both."""

from __future__ import annotations

import psycopg

from journal.locks import alone
from journal.migrate import migrate
from projections.engine.tables import install
from projections.registers.index import REGISTERS

__all__ = ["prepare"]

_LOCK = 0x57757966


def prepare(owner: str) -> list[str]:
    """Bring the database of this owner connection string up to date.

    Returns the registers whose stored shape is not today's: they must be rebuilt (``projections.engine.rebuild``) before
    commands that touch them can be written. Safe to run in several processes at once. Raises what ``migrate`` raises.
    """
    migrate(owner)
    with psycopg.connect(owner, autocommit=True) as connection, alone(connection, _LOCK):
        return install(connection, REGISTERS)
