"""Whoever follows a book reads every fact once and in order, whatever its writers do: commit late, roll back or die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from threading import Event, Thread

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from journal.book import Book
from journal.hash_chain import verify
from tests.conftest import Database
from tests.journal.crash_writer import put, stored
from tests.waiting import PATIENCE, wait_until

_WRITERS = 8
_KILLS = 6
_BETWEEN = 40
"""So many pages are written before another writer is killed."""


def faults(seen: Sequence[int], written: Sequence[int]) -> list[str]:
    """What is wrong with what a follower has seen, given what stands in the log: the checker of this file."""
    found = [f"{after} came after {before}" for before, after in pairwise(seen) if after < before]
    found += [f"{number} was doubled" for number in sorted({n for n in seen if seen.count(n) > 1})]
    found += [f"{number} was skipped" for number in sorted(set(written) - set(seen))]
    found += [f"{number} is not in the log" for number in sorted(set(seen) - set(written))]
    return found


class Follower(Thread):
    """Follows in a thread of its own until told to stop and nothing more comes."""

    def __init__(self, follow: Callable[[Follower], None]) -> None:
        super().__init__(daemon=True)
        self.numbers: list[int] = []
        self.words: list[object] = []
        self.last_page: int | None = None
        self._follow = follow
        self.failed: BaseException | None = None

    def take(self, number: int, word: object) -> None:
        """One fact was read."""
        self.numbers.append(number)
        self.words.append(word)

    @property
    def finished(self) -> bool:
        """Whether the last page that will ever be written has been read."""
        return self.last_page is not None and bool(self.numbers) and self.numbers[-1] >= self.last_page

    def run(self) -> None:
        try:
            self._follow(self)
        except BaseException as error:
            self.failed = error


def by_since(conninfo: str, limit: int) -> Callable[[Follower], None]:
    """Asks the book for what comes after the last page read."""

    def follow(follower: Follower) -> None:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            book = Book(connection, "XH")
            while not follower.finished:
                for fact in book.since(follower.numbers[-1] if follower.numbers else 0, limit):
                    follower.take(fact.number, fact.event_id)
                time.sleep(0.005)

    return follow


def by_subscription(conninfo: str) -> Callable[[Follower], None]:
    """The event store library's subscription."""

    def follow(follower: Follower) -> None:
        with (
            psycopg.connect(conninfo, autocommit=True) as connection,
            Book(connection, "XH").recorder.subscribe(gt=0) as subscription,
        ):
            for notification in subscription:
                follower.take(notification.id, notification.originator_id)
                if follower.finished:
                    return

    return follow


def by_notification_log(conninfo: str) -> Callable[[Follower], None]:
    """The event store library's notification log, section by section."""

    def follow(follower: Follower) -> None:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            log = Book(connection, "XH").notification_log
            while not follower.finished:
                start = follower.numbers[-1] + 1 if follower.numbers else 1
                for notification in log[f"{start},{start + 9}"].items:
                    follower.take(notification.id, notification.originator_id)
                time.sleep(0.01)

    return follow


class Writers:
    """Writing processes, some of which are killed and replaced."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._count = 0
        self.running: list[subprocess.Popen[str]] = []
        self.acknowledged: list[int] = []
        self._readers: list[Thread] = []

    def begin(self) -> None:
        """One more writer."""
        self._count += 1
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.journal.crash_writer", self._conninfo, "XH", f"w{self._count}"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self.running.append(process)
        reader = Thread(target=self._listen, args=(process,), daemon=True)
        reader.start()
        self._readers.append(reader)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as said:
            for line in said:
                # A line cut off by the kill was acknowledged to nobody.
                if line.endswith("\n"):
                    first, count = map(int, line.split())
                    self.acknowledged.extend(range(first, first + count))

    def go_on(self) -> None:
        """Wait while some more is written."""
        enough = len(self.acknowledged) + _BETWEEN
        wait_until(lambda: len(self.acknowledged) >= enough, "the writers go on")

    def kill_one(self, random: Random) -> None:
        """A writer dies in the middle of whatever it is doing, and another one begins."""
        victim = self.running.pop(random.randrange(len(self.running)))
        os.kill(victim.pid, signal.SIGKILL)
        assert victim.wait() == -signal.SIGKILL

    def end(self) -> None:
        """Let the rest come to its end."""
        for process in self.running:
            process.send_signal(signal.SIGTERM)
            process.wait()
        for reader in self._readers:
            reader.join()


def hold_open(conninfo: str, stop: Event) -> None:
    """The slow writer: keeps its transaction open after its append, then commits or takes it back by turns."""
    turn = 0
    with psycopg.connect(conninfo) as connection:
        while not stop.wait(0.3):
            turn += 1
            put(Book(connection, "XH"), [stored("slow", "held open")])
            time.sleep(0.15)
            (connection.rollback if turn % 2 else connection.commit)()


@pytest.mark.long
def test_no_follower_misses_doubles_or_reorders_a_fact(database: Database) -> None:
    random = Random(4)
    with ConnectionPool(database.app, min_size=2, max_size=8, kwargs={"autocommit": True}) as pool:
        with pool.connection() as connection:
            Book(connection, "XH").open()
        followers = [
            Follower(by_since(database.app, 7)),
            Follower(by_since(database.app, 1000)),
            Follower(by_subscription(database.app)),
            Follower(by_notification_log(database.app)),
        ]
        for follower in followers:
            follower.start()
        written, acknowledged = write_with_kills(database, random)
        for follower in followers:
            follower.last_page = len(written) + 1
        with pool.connection() as connection:
            last = put(Book(connection, "XH"), [stored("last", "the last page")])
        written.append(last.first_number)
        for follower in followers:
            follower.join(PATIENCE)
    assert [follower.failed for follower in followers] == [None] * 4
    assert written == list(range(1, len(written) + 1)), "the pages have a gap"
    assert sorted(acknowledged) == sorted(set(acknowledged)), "a page was acknowledged twice"
    assert set(acknowledged) <= set(written), "an acknowledged page is lost"
    for follower in followers:
        assert faults(follower.numbers, written) == []
    with psycopg.connect(database.owner, autocommit=True) as connection:
        order = [row[0] for row in connection.execute("select event_id from wuye.facts order by number")]
        assert followers[0].words == followers[1].words == order
        assert connection.execute("select count(*) from wuye.facts where state like '%taken back%'").fetchone() == (0,)
        verdict = verify(connection, "XH")
    assert verdict.intact, verdict.findings
    assert verdict.facts == len(written) > _BETWEEN * _KILLS


def write_with_kills(database: Database, random: Random) -> tuple[list[int], list[int]]:
    """Eight processes and a slow writer; now and then one is killed. Returns the pages that stand, and those acknowledged."""
    writers, stop = Writers(database.app), Event()
    slow = Thread(target=hold_open, args=(database.app, stop))
    try:
        for _ in range(_WRITERS):
            writers.begin()
        slow.start()
        wait_until(lambda: _writing(database) >= _WRITERS, "every writer has written")
        for _ in range(_KILLS):
            writers.go_on()
            writers.kill_one(random)
            writers.begin()
        writers.go_on()
    finally:
        stop.set()
        slow.join()
        writers.end()
    _wait_until_nobody_writes(database)
    with psycopg.connect(database.app) as connection:
        return [
            row[0] for row in connection.execute("select number from wuye.facts order by number")
        ], writers.acknowledged


def _writing(database: Database) -> int:
    """How many writers have written something."""
    names = "select count(distinct convert_from(metadata, 'UTF8')::jsonb->>'user_id') from wuye.facts"
    with psycopg.connect(database.app) as connection:
        [count] = connection.execute(names).fetchone() or [0]
    return int(count)


def _wait_until_nobody_writes(database: Database) -> None:
    """The server may still finish what a killed writer has sent."""
    busy = (
        "select count(*) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()"
        " and (state <> 'idle') and query like '%%wuye.record%%'"
    )
    with psycopg.connect(database.owner, autocommit=True) as connection:
        wait_until(lambda: connection.execute(busy, [database.name]).fetchone() == (0,), "nobody writes any more")


# -- the check can fail ----------------------------------------------------------------------------------------------


def test_a_follower_of_a_naive_log_misses_a_fact_and_the_checker_says_so(database: Database) -> None:
    """A planted violation: numbers drawn from a sequence become visible in another order than that of the numbers."""
    with psycopg.connect(database.owner, autocommit=True) as reader:
        reader.execute("create table naive (number bigserial primary key)")
        seen: list[int] = []

        def follow() -> None:
            after = seen[-1] if seen else 0
            seen.extend(
                row[0] for row in reader.execute("select number from naive where number > %s order by 1", [after])
            )

        with psycopg.connect(database.owner) as slow, psycopg.connect(database.owner, autocommit=True) as fast:
            slow.execute("insert into naive default values")
            fast.execute("insert into naive default values")
            follow()
            slow.commit()
        follow()
        written = [row[0] for row in reader.execute("select number from naive order by 1")]
    assert (seen, written) == ([2], [1, 2])
    assert faults(seen, written) == ["1 was skipped"]


def test_in_the_book_the_second_writer_waits_for_the_first(database: Database) -> None:
    """The same interleaving as in the naive log: page 2 cannot be seen before page 1."""
    with psycopg.connect(database.app, autocommit=True) as reader:
        book = Book(reader, "XH")
        book.open()
        Book(reader, "YY").open()
        with psycopg.connect(database.app) as slow, psycopg.connect(database.app, autocommit=True) as fast:
            put(Book(slow, "XH"), [stored("slow", "first")])
            fast.execute("set lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                put(Book(fast, "XH"), [stored("fast", "second")])
            assert book.since(0) == []
            # Another office does not wait.
            assert put(Book(fast, "YY"), [stored("fast", "elsewhere")]).first_number == 1
            slow.commit()
            assert put(Book(fast, "XH"), [stored("fast", "second")]).first_number == 2
        assert [fact.number for fact in book.since(0)] == [1, 2]
        assert verify(reader, "XH").intact


def test_a_rolled_back_append_leaves_no_gap(database: Database) -> None:
    with psycopg.connect(database.app) as connection:
        book = Book(connection, "XH")
        book.open()
        connection.commit()
        for expected in (1, 2, 3):
            put(book, [stored("a", "taken back"), stored("a", "too")])
            connection.rollback()
            assert put(book, [stored("a", "kept")]).first_number == expected
            connection.commit()
        assert verify(connection, "XH").intact


@pytest.mark.parametrize(
    ("seen", "fault"),
    [
        ([1, 3], "2 was skipped"),
        ([1, 2, 2, 3], "2 was doubled"),
        ([1, 3, 2], "2 came after 3"),
        ([1, 2, 3, 4], "4 is not in the log"),
    ],
)
def test_the_checker_finds_each_kind_of_fault(seen: list[int], fault: str) -> None:
    assert faults([1, 2, 3], [1, 2, 3]) == []
    assert fault in faults(seen, [1, 2, 3])
