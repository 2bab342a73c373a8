"""Crashes of eight kinds on a durable server: nothing acknowledged is lost, doubled, skipped or reordered.

Clerks are killed and frozen, their lines cut, their answers lost; the server is stopped, killed, and finds no room for
data or for its log. ``WUYE_CRASHES=17`` makes it 816 of them.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event, Thread

import psycopg
import pytest

from api.database import prepare
from journal.book import Book
from journal.embedded import EmbeddedPostgres
from journal.hash_chain import verify
from projections.engine.rebuild import rebuild
from projections.registers.index import REGISTERS
from tests import drill_kind
from tests.waiting import wait_until

CLERKS = 4
OF_EACH = 6 * int(os.environ.get("WUYE_CRASHES", "1"))
_LOG_FILE = 16 * 2**20
"""So large is a file of PostgreSQL's log: a limit on files that spares the log still meets larger files of data."""
_BALLAST = f"""
create table ballast (page text);
alter table ballast alter page set storage plain;
insert into ballast select repeat('x', 7000) from generate_series(1, {_LOG_FILE // 8192 + 100});
create function add_ballast() returns trigger language plpgsql security definer as
  $$ begin insert into public.ballast values (repeat('x', 7000)); return null; end $$;
create trigger ballast after insert on wuye.facts execute function add_ballast();
"""
"""A table that is larger than that and needs a new page for every append: a full disk is met at once."""


class Clerk:
    """One clerk after another under one name: who takes the place of a killed one begins with what that one tried last."""

    def __init__(self, conninfo: str, name: str) -> None:
        self._conninfo, self.name = conninfo, name
        self.answered: dict[str, int] = {}
        self.said: Counter[str] = Counter()
        self.at = 1
        self.begin()

    def begin(self) -> None:
        """Somebody sits down at the rig."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.workflows.crash_client", self._conninfo, self.name, str(self.at)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self._ears = Thread(target=self._listen, daemon=True)
        self._ears.start()

    def kill(self) -> None:
        """He dies wherever he stands."""
        self.process.kill()
        self.process.wait()
        self._ears.join()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as said:
            for line in said:
                what, *words = line.split()
                if line.endswith("\n"):  # a word that was cut off was said to nobody
                    self.said[what] += 1
                    if what == "try":
                        self.at = int(words[0])
                    elif what == "done":
                        self.answered[f"{self.name}/{words[0]}"] = int(words[1])


class Watcher(Thread):
    """Reads the book page by page through all of it, and keeps what it was told."""

    def __init__(self, conninfo: str) -> None:
        super().__init__(daemon=True)
        self._conninfo = conninfo
        self._enough = Event()
        self.seen: list[tuple[int, str]] = []

    def run(self) -> None:
        """Read on after every interruption where it ended."""
        while not self._enough.wait(0.02):
            with suppress(psycopg.Error), psycopg.connect(self._conninfo, autocommit=True) as connection:
                while not self._enough.wait(0.02):
                    after = self.seen[-1][0] if self.seen else 0
                    self.seen += [(page.id, str(page.event_id)) for page in Book(connection, "XH").pages(after)]

    def stop(self) -> None:
        """Read no more."""
        self._enough.set()
        self.join()


class Calamity:
    """All that can befall the office, each as a method; ``struck`` counts what was felt."""

    def __init__(self, server: EmbeddedPostgres, clerks: list[Clerk], random: Random) -> None:
        self._server, self._clerks, self._random = server, clerks, random
        self.struck: Counter[str] = Counter()

    def kinds(self) -> dict[str, Callable[[], None]]:
        """By name."""
        return {
            "a clerk is killed": self.kill_clerk,
            "a clerk freezes": self.freeze_clerk,
            "a line is cut": self.cut_line,
            "an answer is lost": self.lose_answer,
            "the server is restarted": self.restart,
            "the server is killed": self.kill_server,
            "the disk is full": lambda: self.no_room(_LOG_FILE),
            "the log's disk is full": lambda: self.no_room(8192),
        }

    def everyone_works(self) -> None:
        """Every clerk gets one more answer."""
        had = [len(clerk.answered) for clerk in self._clerks]
        wait_until(
            lambda: all(len(clerk.answered) > before for clerk, before in zip(self._clerks, had, strict=True)),
            "every clerk gets an answer",
        )

    def kill_clerk(self) -> None:
        """Another one takes up what he was at."""
        clerk = self._random.choice(self._clerks)
        clerk.kill()
        clerk.begin()

    def freeze_clerk(self) -> None:
        """He stops in the middle of whatever he does, and goes on as if nothing had been."""
        process = self._random.choice(self._clerks).process
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        process.send_signal(signal.SIGCONT)

    def cut_line(self) -> None:
        """The server ends a session."""
        with psycopg.connect(self._server.dsn(), autocommit=True) as connection:
            wait_until(
                lambda: connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'wuye_app'"
                    " and application_name = '' and state <> 'idle' limit 1"
                ).fetchone(),
                "a line is cut",
            )

    def lose_answer(self) -> None:
        """It was done, and nobody hears of it."""
        clerk = self._random.choice(self._clerks)
        before = clerk.said["lost"]
        clerk.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: clerk.said["lost"] > before, "an answer is lost")

    def restart(self) -> None:
        """In order."""
        self._server.stop_whoever_started()
        self._server.start()

    def kill_server(self) -> None:
        """The postmaster dies at once; its children notice."""
        os.kill(self._postmaster(), signal.SIGKILL)
        self._server.start()

    def no_room(self, longest: int) -> None:
        """No file may grow beyond this: writes fail as on a full disk, until there is room again."""
        with psycopg.connect(self._server.dsn(), autocommit=True) as connection:
            pids = [pid for (pid,) in connection.execute("select pid from pg_stat_activity")]
        before = self._failures()
        with _limited([self._postmaster(), *pids], longest, self._server.data.stat()):
            wait_until(lambda: self._failures() >= before + 2, "there is no room")
        self._server.start()  # a server that could not write its log has stopped

    def _failures(self) -> int:
        return sum(clerk.said["failed"] for clerk in self._clerks)

    def _postmaster(self) -> int:
        return int((self._server.data / "postmaster.pid").read_text().split("\n", 1)[0])


@contextmanager
def _limited(pids: list[int], longest: int, owner: os.stat_result) -> Iterator[None]:
    """Files of these processes of ``owner`` may not grow beyond this; the account itself may say so, root need not."""

    def limit(to: object) -> None:
        for pid in pids:  # some of them may be gone
            words = ["prlimit", "--pid", str(pid), f"--fsize={to}:"]
            subprocess.run(words, user=owner.st_uid, group=owner.st_gid, check=False, stderr=subprocess.DEVNULL)

    limit(longest)
    try:
        yield
    finally:
        limit("unlimited")


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A server that keeps what it acknowledges, of this test alone."""
    with TemporaryDirectory(prefix="wuye-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(Path(folder) / "pg")
        server.start()
        try:
            yield server
        finally:
            server.stop_whoever_started()


@pytest.mark.long
@pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit (util-linux) sets the limits of a full disk")
def test_nothing_acknowledged_is_lost_doubled_skipped_or_reordered(server: EmbeddedPostgres) -> None:
    owner, random = server.dsn(dbname="postgres"), Random(11)
    prepare(owner)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(_BALLAST)
        Book(connection, "XH").open()
    app = server.dsn("wuye_app")
    watcher = Watcher(app)
    clerks = [Clerk(app, f"clerk-{n}") for n in range(CLERKS)]
    calamity = Calamity(server, clerks, random)
    kinds = calamity.kinds()
    try:
        watcher.start()
        calamity.everyone_works()
        for kind in random.sample(list(kinds) * OF_EACH, len(kinds) * OF_EACH):
            kinds[kind]()
            calamity.struck[kind] += 1
            calamity.everyone_works()
    finally:
        for clerk in clerks:
            clerk.kill()
        watcher.stop()
    assert calamity.struck == dict.fromkeys(kinds, OF_EACH)
    with drill_kind.known(), psycopg.connect(owner, autocommit=True) as connection:
        facts = list(Book(connection, "XH").stream())
        assert [fact.number for fact in facts] == list(range(1, len(facts) + 1)), "the pages have a gap"
        opened = Counter(getattr(fact.event, "thing", "") for fact in facts if fact.name == "DrillOpened")
        tried = {f"{clerk.name}/{n}" for clerk in clerks for n in range(1, clerk.at + 1)}
        answered = {key: number for clerk in clerks for key, number in clerk.answered.items()}
        assert not {thing for thing, times in opened.items() if times > 1}, "something was done twice"
        assert set(answered) <= set(opened) & tried, "something acknowledged is lost"
        stored = dict(connection.execute("select key, number from wuye.answers").fetchall())
        assert {key: stored[key] for key in answered} == answered, "an answer was not what was done"
        written = [(fact.number, str(fact.event_id)) for fact in facts]
        assert watcher.seen == written[: len(watcher.seen)], "somebody saw what is not, or not in order"
        verdict = verify(connection, "XH")
        assert verdict.intact, verdict.findings
        assert rebuild(connection, REGISTERS).differences == {}
