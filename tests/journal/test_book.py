"""What one append writes and when it was taken: times never run backwards, words are kept whatever stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from journal.book import Book
from journal.errors import ClockBackward, Conflict, UnknownOffice
from journal.hash_chain import verify
from tests.conftest import Database
from tests.journal.crash_writer import put, stored

BEGUN = datetime(2025, 3, 3, 8, tzinfo=UTC)


@pytest.fixture
def book(database: Database) -> Iterator[Book]:
    """The book of a simulated office, whose times come from the test; afterwards it is intact."""
    with psycopg.connect(database.app, autocommit=True) as connection:
        book = Book(connection, "XH")
        book.open(clock=BEGUN)
        yield book
        assert verify(connection, "XH").intact


def take(book: Book, now: datetime, count: int = 1) -> tuple[int, datetime]:
    book.move_clock(now)
    recorded = put(book, [stored("a", "x") for _ in range(count)])
    return recorded.first_number, recorded.recorded_at


@pytest.mark.parametrize("count", [1, 3])
def test_the_books_time_never_runs_backwards_though_its_clock_may(book: Book, database: Database, count: int) -> None:
    assert take(book, BEGUN) == (1, BEGUN)
    with psycopg.connect(database.owner, autocommit=True) as owner:  # as the server's own clock may be set back
        owner.execute("update wuye.offices set clock = clock - interval '2 hours'")
    assert take(book, BEGUN - timedelta(hours=1), count) == (2, BEGUN)
    assert take(book, BEGUN + timedelta(hours=1)) == (2 + count, BEGUN + timedelta(hours=1))


def test_a_clock_goes_forward_only_and_only_a_simulated_offices(book: Book) -> None:
    real, none = (Book(book.connection, office) for office in ("REAL", "NO"))
    real.open()
    book.move_clock(BEGUN)
    with pytest.raises(ClockBackward):
        book.move_clock(BEGUN - timedelta(microseconds=1))
    for other in (real, none):
        with pytest.raises(UnknownOffice):
            other.move_clock(BEGUN + timedelta(hours=1))
    assert [head and head.clock for head in (book.head(), real.head(), none.head())] == [BEGUN, None, None]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        book.connection.execute("update wuye.offices set clock = null")


def test_a_page_stood_in_the_book_from_the_instant_at_which_it_was_taken(book: Book) -> None:
    for hour in range(4):
        take(book, BEGUN + timedelta(hours=hour), 2)
    instants = [BEGUN + timedelta(minutes=minutes) for minutes in (-1, 0, 59, 60, 180, 9_999)]
    assert [book.number_at(instant) for instant in instants] == [0, 2, 2, 4, 8, 8]
    assert Book(book.connection, "NO").number_at(BEGUN) == 0


def test_statements_that_the_driver_discarded_are_prepared_anew_one_by_one(book: Book) -> None:
    take(book, BEGUN, 2)
    book.connection.execute("deallocate all")  # as the driver does after a rollback
    for count in (1, 2, 1, 2):
        take(book, BEGUN, count)
    assert book.head() is not None and book.head().number == 8


NASTY = ('say "no"', "back\\slash", "{a,b}", '","', "null", "", " ", "一号楼,二单元")


@pytest.mark.parametrize("word", NASTY)
def test_a_case_may_be_called_anything(book: Book, word: str) -> None:
    """Several facts go over as literals that are put together here."""
    facts = [stored("a", "x")._replace(case_id=f"complaint-{n}-{word}") for n in range(3)]
    put(book, facts)
    assert [page.originator_id for page in book.pages(0)] == [fact.case_id for fact in facts]


def test_cases_come_in_the_order_in_which_they_were_asked_for(book: Book) -> None:
    facts = [stored("a", "x") for _ in range(4)]
    put(book, facts)
    first, second, third, fourth = (fact.case_id for fact in facts)
    asked = [third, first, "complaint-none", fourth, second]
    assert list(book.cases(asked)) == [third, first, fourth, second]


def test_an_append_that_conflicts_or_has_no_book_writes_nothing(book: Book) -> None:
    fact = stored("a", "x")
    put(book, [fact])
    for facts in ([fact], [stored("a", "y"), fact]):
        with pytest.raises(Conflict):
            put(book, facts)
        with pytest.raises(UnknownOffice):
            put(Book(book.connection, "NO"), facts)
    assert len(book.pages(0)) == 1
