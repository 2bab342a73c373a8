"""The played year: simulated and saying so, intact, the same whenever it is played, and continued instead of repeated."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from rich.console import Console

from api.cli.commands import read_standards
from api.demo.play import play_demo, play_year
from api.demo.practice import play_practice
from api.runtime import Runtime, open_runtime
from journal.book import Book
from journal.hash_chain import verify
from projections.engine.rebuild import rebuild
from projections.engine.standard import Measurement
from projections.registers.index import REGISTERS
from projections.standards.index import STANDARDS
from tests.conftest import Database, new_database
from tests.office_rig import shanghai
from workflows.engine.clock import Ticked


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


@pytest.mark.long
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
    assert {"PortfolioAssigned", "PaperPrinted", "BankStatementOpened", "BankStatementClosed"} <= names
    assert {"BankLineConfirmed", "BankLineLeftOut"} <= names, "what is nobody's is set aside"
    assert {"WeeklySampleDrawn", "FollowUpConducted", "PromiseMissed"} & names


@pytest.mark.long
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


def test_it_ends_on_the_evening_of_its_last_day_and_what_it_printed_holds_while_it_serves(
    database: Database, tmp_path: Path
) -> None:
    with program(database, tmp_path) as runtime:
        screen = io.StringIO()
        play_demo(runtime, households=30, months=1, out=Console(file=screen, width=120))
        ends = shanghai("2025-01-31 18:00")
        assert runtime.simulated.shows("DEMO") == ends
        with runtime.pool.connection() as connection:
            left = connection.execute(
                "select count(*) from wuye.r_deadlines"
                " where office = 'DEMO' and to_number is null and missed_at is null and due_at <= %s",
                [ends],
            ).fetchone()
        assert left == (0,), "every deadline up to then has fired"
        before = told(runtime, "DEMO")
        printed = [(r.standard.slug, r.met, r.counted) for r in figures(runtime)]
        assert runtime.clock.catch_up(datetime.now(UTC)) == Ticked(), "the serving clock leaves it alone"
        assert told(runtime, "DEMO") == before
        assert [(r.standard.slug, r.met, r.counted) for r in figures(runtime)] == printed
        assert {(r.since, r.until) for r in figures(runtime)} == {(date(2025, 1, 1), date(2025, 1, 31))}
        counts = [reading for reading in figures(runtime) if reading.counted and reading.standard.amount is None]
        assert counts
        assert all(f"({each.met:,}/{each.counted:,})" in screen.getvalue() for each in counts)


def figures(runtime: Runtime) -> list[Measurement]:
    """The standards without dates: this year until the office's own today."""
    return read_standards(runtime, "DEMO", None, None, None, list(STANDARDS))


def test_somebody_new_gets_an_office_to_practise_in(database: Database, tmp_path: Path) -> None:
    with program(database, tmp_path) as runtime:
        screen = io.StringIO()
        codes = [play_practice(runtime, out=Console(file=screen, width=120)) for _ in range(2)]
        assert codes == ["PRACTICE", "PRACTICE-2"]
        assert "demo-clerk-practice" in screen.getvalue()
        with runtime.pool.connection() as connection:
            row = connection.execute(
                "select (select count(*) from wuye.r_households h where h.office = o.office and h.to_number is null),"
                " (select count(*) from wuye.r_vacant_homes v where v.office = o.office and v.to_number is null),"
                " (select count(*) from wuye.r_complaints c where c.office = o.office and c.to_number is null"
                "   and c.resolved_at is null)"
                " from wuye.offices o where o.office = 'PRACTICE'"
            ).fetchone()
        assert row is not None
        assert (row[0], row[1]) == (8, 3)
        assert row[2] >= 1, "complaints are left open"
        moved = runtime.simulated.move("PRACTICE", runtime.simulated.shows("PRACTICE") + timedelta(days=1))
        assert (moved.fired > 0, moved.failed) == (True, 0)
