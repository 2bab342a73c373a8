"""The played year: simulated and saying so, intact, the same whenever it is played, and continued instead of repeated."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from rich.console import Console

from api.demo.play import play_demo, play_year
from api.runtime import Runtime, open_runtime
from journal.book import Book
from journal.hash_chain import verify
from projections.engine.rebuild import rebuild
from projections.registers.index import REGISTERS
from tests.conftest import Database, new_database


@contextmanager
def program(database: Database, home: Path) -> Iterator[Runtime]:
    """The whole program on a database of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", database.owner)
        patch.setenv("WUYE_HOME", str(home))
        patch.setenv("WUYE_ALLOW_UNSAFE_SERVER", "1")
        with open_runtime() as runtime:
            yield runtime


def told(runtime: Runtime, code: str) -> list[tuple[str, object, str, str]]:
    """What happened, when, in which case and by whom: the whole book but for what is sealed."""
    with runtime.pool.connection() as connection:
        return [(fact.name, fact.occurred_at, fact.case_id, fact.user_id) for fact in Book(connection, code).stream()]


def test_the_same_seed_plays_the_same_months_and_the_book_is_in_order(server: str, tmp_path: Path) -> None:
    played = []
    for n in range(2):
        with new_database(server) as database, program(database, tmp_path / str(n)) as runtime:
            play_year(runtime, "DEMO", households=100, months=2)
            played.append(told(runtime, "DEMO"))
            with psycopg.connect(database.owner, autocommit=True) as owner:
                assert verify(owner, "DEMO").intact
                assert not any(rebuild(owner, REGISTERS).differences.values())
    assert played[0] == played[1]
    names = {name for name, *_ in played[0]}
    assert {"HouseholdOpened", "HomeTakenOver", "BillIssued", "ComplaintRegistered", "RepairRaised"} <= names
    assert {"WeeklySampleDrawn", "FollowUpConducted", "PromiseMissed"} & names


def test_it_says_that_it_is_simulated_prints_the_standards_and_goes_on_with_the_same_data(
    database: Database, tmp_path: Path
) -> None:
    pages = []
    with program(database, tmp_path) as runtime:
        for _ in range(2):
            screen = io.StringIO()
            play_demo(runtime, households=30, months=1, out=Console(file=screen, width=120))
            for words in ("均为虚构", "simulated", "空房完好率", "投诉处理率", "§4.9", "demo-auditor"):
                assert words in screen.getvalue(), words
            pages.append(told(runtime, "DEMO"))
    assert pages[0] == pages[1]
