"""A real office with drills for the tests of the clock: its time is the test's, and afterwards its book is intact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from domain.kernel.fact import Fact
from domain.kernel.people import Role
from journal.hash_chain import verify
from tests.conftest import Database
from tests.drill_kind import POLICIES, OpenDrill, known
from tests.office_rig import OfficeRig, office_rig

__all__ = ["CLERK", "DAY", "HOUR", "INSTANT", "drills", "fired", "leased_until", "rig"]

CLERK, HOUR, DAY, INSTANT = Role.ADMINISTRATOR, timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    with known(), office_rig(database.app, policies=POLICIES, simulated=False) as rig:
        yield rig
        with psycopg.connect(database.owner, autocommit=True) as connection:
            assert verify(connection, "XH").intact


def drills(rig: OfficeRig, count: int, **fields: Any) -> list[str]:
    """So many drills, the first of which ends in an hour, each next one an hour later."""
    return [
        rig.do(OpenDrill(**{"thing": f"thing-{i}", "ends_at": rig.now + HOUR * (i + 1), **fields}), as_=CLERK).case_id
        for i in range(count)
    ]


def fired(rig: OfficeRig, name: str = "DrillRanOut") -> list[Fact]:
    """What the clock has written, in the book's order."""
    return [fact for fact in rig.facts() if fact.name == name]


def leased_until(rig: OfficeRig, case_id: str) -> datetime | None:
    """Until when somebody has taken this deadline."""
    return next((row["leased_until"] for row in rig.clock_work(case_id)), None)
