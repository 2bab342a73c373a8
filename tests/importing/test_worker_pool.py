"""A large file is imported by several processes, and nobody sees a difference but the clock on the wall."""

from __future__ import annotations

import os
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path
from subprocess import run
from typing import Any

import psycopg
import pytest

from api.cli.import_worker import worker_pool
from domain.kernel.errors import RuleBroken
from journal.confidential import MasterKey
from journal.hash_chain import verify
from tests.conftest import Database
from tests.importing.small import NOW, listed, small
from tests.office_rig import OfficeRig, office_rig
from workflows.importing import worker_pool as crews
from workflows.importing.binding import Tally
from workflows.importing.interpret import Share
from workflows.importing.run import Report, import_history
from workflows.importing.work import Task, work
from workflows.importing.worker_pool import WorkerPool, together

SHARES = 3


@pytest.fixture(autouse=True)
def every_file_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "LEAST_LINES", 1)
    monkeypatch.setattr("workflows.importing.run.LEAST_LINES", 1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    MasterKey.begin(tmp_path)
    return tmp_path


def rows(cases: int) -> str:
    """Every seventh case has a row that nobody explained, every eleventh an impossible day; one row has no case."""
    made = []
    for n in range(cases):
        day = "2024-02-30" if n % 11 == 0 else "2024-02-20"
        made += [f"M{n},new,{day} 08:00,telephone,music {n},", f"M{n},wait,2024-03-02 08:00,,,police"]
        if n % 7 == 0:
            made.append(f"M{n},dance,2024-03-03 08:00,,,")
    made.insert(3_000, ",wait,2024-03-02 08:00,,,nobody")
    return "\n".join(made) + "\n"


def bring(rig: OfficeRig, home: Path, *, processes: int, **more: Any) -> Report:
    return import_history(
        rig.handler,
        rig.pool.connection,
        home / "small.csv",
        home / "small.toml",
        rig.code,
        now=NOW,
        workers=worker_pool(rig.pool.conninfo, home, processes),
        problems=home / "problems.csv",
        **more,
    )


def plain(report: Report) -> Report:
    return replace(report, seconds=0.0, office="")


@pytest.mark.long
def test_three_hands_bring_in_what_one_does(database: Database, home: Path) -> None:
    small(home, rows(2_100))
    with office_rig(database.app) as rig:
        with office_rig(database.app, code="YD") as other:
            alone = bring(other, home, processes=1)
            told_alone = listed(home)
            apart = facts(other)
        report = bring(rig, home, processes=SHARES)
        assert plain(report) == plain(alone)
        assert listed(home) == told_alone, "problems stand in the order of the file"
        assert (report.cases, report.refused > 0) == (2_100 - report.problems["case-not-opened"], True)
        assert facts(rig) == apart
        with rig.pool.connection() as connection:
            assert verify(connection, rig.code).intact


@pytest.mark.long
def test_a_second_import_changes_nothing_and_a_dry_run_writes_nothing(database: Database, home: Path) -> None:
    small(home, rows(1_600))
    with office_rig(database.app) as rig:
        dry = bring(rig, home, processes=SHARES, dry_run=True)
        assert [fact for fact in rig.facts() if fact.imported] == []
        first = bring(rig, home, processes=SHARES)
        assert plain(first) == replace(plain(dry), dry_run=False)
        before = len(rig.facts())
        again = bring(rig, home, processes=SHARES)
        assert (again.facts, again.skipped, len(rig.facts())) == (0, first.cases, before)


@pytest.mark.long
def test_all_shares_together_are_the_file(database: Database, home: Path) -> None:
    file, mapping = small(home, rows(2_100))
    with office_rig(database.app) as rig:
        whole, parts = Tally(), Tally()
        task = Task(file=file, mapping=mapping, office=rig.code, now=NOW, write=False, batch=200)
        in_one = [each.handful for each in work(rig.handler, rig.pool.connection, task, whole)]
        handfuls: Counter[int] = Counter()
        for number in range(SHARES):
            tally = Tally()
            own = replace(task, share=Share(number, SHARES))
            handfuls.update(each.handful for each in work(rig.handler, rig.pool.connection, own, tally))
            parts.add(tally)
        assert parts == whole
        # What belongs to no case is told by the first hand, at the next place of its own.
        assert sum(handfuls.values()) >= len(set(in_one))


@pytest.mark.long
def test_a_worker_that_dies_ends_the_import_and_the_next_one_goes_on(database: Database, home: Path) -> None:
    small(home, rows(2_100))
    with office_rig(database.app) as rig:
        first = together(
            worker_pool(rig.pool.conninfo, home, SHARES),
            Task(file=home / "small.csv", mapping=home / "small.toml", office=rig.code, now=NOW, write=True, batch=100),
            Tally(),
        )
        next(first)
        with psycopg.connect(database.owner) as holding:
            # Nobody writes any more, so that none of them comes to its end before it is killed.
            holding.execute("select from wuye.offices where office = %s for update", [rig.code])
            for worker in children():
                os.kill(worker, signal.SIGKILL)
        with pytest.raises(RuntimeError, match="导入进程中断"):
            list(first)
        stood = len({fact.source_id for fact in rig.facts() if fact.imported and fact.source_id})
        report = bring(rig, home, processes=SHARES)
        assert report.skipped == stood > 0
        assert len(rig.rows("complaints")) == report.cases + report.skipped


@pytest.mark.long
def test_what_a_worker_cannot_do_is_said_here(database: Database, home: Path) -> None:
    file, mapping = small(home, rows(10))
    with office_rig(database.app) as rig:
        task = Task(file=file.with_name("gone.csv"), mapping=mapping, office=rig.code, now=NOW, write=True, batch=100)
        with pytest.raises(Exception, match="找不到文件"):
            list(together(worker_pool(rig.pool.conninfo, home, 2), task, Tally()))


def test_a_worker_that_does_not_start_is_an_interrupted_import(home: Path) -> None:
    file, mapping = small(home, rows(10))
    task = Task(file=file, mapping=mapping, office="XH", now=NOW, write=True, batch=100)
    with pytest.raises(RuntimeError, match="导入进程中断"):
        list(together(WorkerPool(("-c", "import sys; sys.stdin.buffer.read()"), b"", 2), task, Tally()))


@pytest.mark.long
def test_workers_of_a_killed_import_are_waited_for(database: Database, home: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(crews, "_PATIENCE", "50ms")
    small(home, rows(10))
    with office_rig(database.app) as rig, rig.pool.connection() as orphan:
        orphan.execute("select pg_advisory_lock_shared(hashtextextended(%s, 1))", [f"import/{rig.code}"])
        with pytest.raises(RuleBroken) as refused:
            bring(rig, home, processes=2)
        assert refused.value.code == "import-running"
        orphan.execute("select pg_advisory_unlock_all()")
        assert bring(rig, home, processes=2).cases > 0


def facts(rig: OfficeRig) -> list[tuple[Any, ...]]:
    """What each case has been through, without the pages: batches of several workers stand in another order."""
    return sorted(
        (f.source_id or "", f.version, f.name, f.occurred_at, f.term or "", f.line or 0)
        for f in rig.facts()
        if f.imported
    )


def children() -> list[int]:
    found = run(["ps", "-o", "pid=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=True)
    own = [int(pid) for pid in found.stdout.split()]
    workers = [pid for pid in own if b"import_worker" in command_of(pid)]
    assert workers
    return workers


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
