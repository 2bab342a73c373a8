"""An office whose book and registers are looked through when a test is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from journal.hash_chain import verify
from projections.registers.index import REGISTERS
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig
from tests.register_oracle import breaches

__all__ = ["checked_office", "one"]


@contextmanager
def checked_office(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with office_rig(database.app) as rig:
        yield rig
        with psycopg.connect(database.owner, autocommit=True) as connection:
            assert verify(connection, "XH").intact
            last = len(rig.facts())
            assert list(breaches(connection, REGISTERS, "XH", {1, (last + 1) // 2, last})) == []


def one(rig: OfficeRig, register: str, **where: Any) -> dict[str, Any]:
    """The only current row that fits."""
    [row] = rig.rows(register, **where)
    return row
