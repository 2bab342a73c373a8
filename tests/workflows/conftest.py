"""An office with drills for the tests of the engine."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from journal.hash_chain import verify
from tests import drill_kind
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office with drills, their claims, deadlines and policies."""
    with drill_kind.known(), office_rig(database.app, policies=drill_kind.POLICIES) as rig:
        yield rig


@pytest.fixture
def intact(database: Database) -> Iterator[None]:
    """Afterwards the book is intact."""
    yield
    with psycopg.connect(database.owner, autocommit=True) as connection:
        assert verify(connection, "XH").intact
