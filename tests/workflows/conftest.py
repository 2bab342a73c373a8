"""An office with drills for the tests of the engine."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from journal.hash_chain import verify
from tests import drill
from tests.conftest import Database
from tests.desk import Desk, at_desk


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """An office with drills, their claims, deadlines and policies."""
    with drill.known(), at_desk(database.app, policies=drill.POLICIES) as desk:
        yield desk


@pytest.fixture
def intact(database: Database) -> Iterator[None]:
    """Afterwards the book is intact."""
    yield
    with psycopg.connect(database.owner, autocommit=True) as connection:
        assert verify(connection, "XH").intact
