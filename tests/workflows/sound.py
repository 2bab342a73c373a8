"""An office whose book and registers are looked through when a test is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from journal.hash_chain import verify
from projections.engine.rebuild import rebuild
from projections.registers.index import REGISTERS
from tests.conftest import Database
from tests.desk import Desk, at_desk

__all__ = ["one", "sound"]


@contextmanager
def sound(database: Database) -> Iterator[Desk]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with at_desk(database.app) as desk:
        yield desk
        with psycopg.connect(database.owner, autocommit=True) as connection:
            assert verify(connection, "XH").intact
            assert not any(rebuild(connection, REGISTERS).differences.values())


def one(desk: Desk, register: str, **where: Any) -> dict[str, Any]:
    """The only current row that fits."""
    [row] = desk.rows(register, **where)
    return row
