"""Rebuild 重建: replay a book into new tables beside the live ones, prove them, and swap.

The folding runs the same code as a live command: the case before and after each fact, and the difference of its rows.
Facts are read in pages through one snapshot; a register that nobody writes meanwhile equals its replay exactly.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import psycopg

from domain.cases import lifecycle_of
from domain.fact import Fact
from journal.book import Book
from journal.codec import Row, decode
from projections.collection import Registers
from projections.register import FIXED, Register
from projections.tables import index_sql, install_functions, make_table, shape
from projections.writing import copy_versions

__all__ = ["Folded", "Rebuilt", "fold", "rebuild"]

_BATCH = 20_000
_Sum = tuple[Any, ...]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: facts replayed, row versions written, and where the live tables had differed."""

    facts: int
    versions: int
    differences: dict[str, int]


class Folded:
    """Folds facts of one office into row versions; a version is finished when the next one begins."""

    def __init__(self, registers: Registers, office: str) -> None:
        """Begin before the first page."""
        self._registers = registers
        self._office = office
        self._cases: dict[str, Any] = {}
        self._open: dict[str, dict[tuple[str, str], tuple[int, datetime, tuple[Any, ...]]]] = {}
        self.finished: dict[str, list[tuple[Any, ...]]] = {register.name: [] for register in registers.all}

    def take(self, fact: Fact) -> None:
        """Fold one fact."""
        case_id, number, recorded_at = fact.case_id, fact.number, fact.recorded_at
        lifecycle = lifecycle_of(case_id)
        case = self._cases[case_id] = lifecycle.apply(self._cases.get(case_id), fact)
        after = self._registers.lines(lifecycle, case)
        before = self._open.get(case_id)
        if before is None:
            before = self._open[case_id] = {}
        for at, values in after.items():
            standing = before.get(at)
            if standing is None or standing[2] != values:
                if standing is not None:
                    self._finish(case_id, at, standing, number, recorded_at)
                before[at] = (number, recorded_at, values)
        if len(before) != len(after):
            for at in [at for at in before if at not in after]:
                self._finish(case_id, at, before.pop(at), number, recorded_at)

    def _finish(
        self,
        case_id: str,
        at: tuple[str, str],
        standing: tuple[int, datetime, tuple[Any, ...]],
        number: int | None,
        recorded_at: datetime | None,
    ) -> None:
        self.finished[at[0]].append(
            (self._office, case_id, at[1], standing[0], number, standing[1], recorded_at, *standing[2])
        )

    def close(self) -> None:
        """Bring out the rows that are still open."""
        for case_id, rows in self._open.items():
            for at, standing in rows.items():
                self._finish(case_id, at, standing, None, None)
        self._open.clear()

    def drain(self) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        """The finished versions so far, by register; they are forgotten here."""
        for name, rows in self.finished.items():
            if rows:
                self.finished[name] = []
                yield name, rows


def fold(registers: Registers, office: str, facts: Sequence[Fact]) -> dict[str, list[tuple[Any, ...]]]:
    """The row versions that these facts give, by register: the law that the registers are held to."""
    folded = Folded(registers, office)
    for fact in facts:
        folded.take(fact)
    folded.close()
    return folded.finished


def rebuild(owner: psycopg.Connection[Any], registers: Registers, progress: Progress | None = None) -> Rebuilt:
    """Replay every office's book into new tables and swap them in, in one transaction of the owner.

    An office's writers wait only from the end of its own replay to the swap; readers read the old tables until it
    commits. A rebuild that is interrupted leaves everything as it was.
    """
    with _no_collection(), owner.transaction():
        for register in registers.all:
            owner.execute(f"drop table if exists wuye.{register.table}_new")
            make_table(owner, register, f"{register.table}_new", indexes=False)
        with _reader(owner) as reader, ThreadPoolExecutor(2) as hands:
            replay = _Replay(owner, reader, hands, registers, progress)
            replay.offices()
            owner.execute("lock table wuye.offices in exclusive mode")
            replay.offices()
            # From here on nobody writes: while one table is swapped, the next live one is summed up.
            live = {register.name: hands.submit(_sum, reader, register) for register in registers.all}
            differences = {
                register.name: _swap(owner, register, live.pop(register.name).result()) for register in registers.all
            }
        install_functions(owner, registers.all)
    return Rebuilt(replay.facts, replay.versions, {name: count for name, count in differences.items() if count})


def _reader(owner: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """A second connection of the same owner to the same database."""
    return psycopg.connect(owner.info.dsn, password=owner.info.password, autocommit=True)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of rows live until the end and none is part of a cycle: looking for cycles takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Replay:
    """The replay of one book after another: the next page is read and the last one's rows are written while one is folded.

    Reading has a connection of its own: the owner's is busy writing the new tables in its transaction. What it reads was
    committed before it asked, and facts are never changed.
    """

    def __init__(
        self, owner: psycopg.Connection[Any], reader: psycopg.Connection[Any], hands: Executor, registers: Registers,
        progress: Progress | None,
    ) -> None:  # fmt: skip
        self.facts = 0
        self.versions = 0
        self._owner = owner
        self._book = Book(reader)
        self._hands = hands
        self._writing: Future[int] | None = None
        self._registers = registers
        self._progress = progress
        self._done: set[str] = set()
        self._total = sum(head[0] for office in self._book.offices() if (head := self._book.head(office)))

    def offices(self) -> None:
        """Replay every book that was not replayed yet."""
        for office in self._book.offices():
            if office not in self._done:
                self._office(office)
                self._done.add(office)

    def _office(self, office: str) -> None:
        """Replay one book to its end, then hold its writers and replay what came meanwhile."""
        folded = Folded(self._registers, office)
        after = self._fold(office, folded, 0)
        self._settle()
        self._owner.execute("select from wuye.offices where office = %s for update", [office])
        self._fold(office, folded, after)
        folded.close()
        self._write(folded)
        self._settle()

    def _fold(self, office: str, folded: Folded, after: int) -> int:
        for page in self._pages(office, after):
            for row in page:
                folded.take(decode(row))
            after = page[-1][1]
            self.facts += len(page)
            self._write(folded)
            if self._progress is not None:
                self._progress(self.facts, max(self._total, self.facts))
        return after

    def _pages(self, office: str, after: int) -> Iterator[list[Row]]:
        reading = self._hands.submit(self._book.rows_since, office, after, _BATCH)
        while page := reading.result():
            reading = self._hands.submit(self._book.rows_since, office, page[-1][1], _BATCH)
            yield page

    def _write(self, folded: Folded) -> None:
        self._settle()
        self._writing = self._hands.submit(_write, self._owner, self._registers, list(folded.drain()))

    def _settle(self) -> None:
        """Wait until the owner's connection is free."""
        if self._writing is not None:
            self.versions += self._writing.result()
            self._writing = None


def _write(owner: psycopg.Connection[Any], registers: Registers, finished: Sequence[tuple[str, list[Any]]]) -> int:
    for name, rows in finished:
        register = registers.by_name[name]
        copy_versions(owner, register, f"{register.table}_new", rows)
    return sum(len(rows) for _, rows in finished)


def _swap(owner: psycopg.Connection[Any], register: Register, live: _Sum | None) -> int:
    """Put the new table in the old one's place; returns how many row versions the two had otherwise."""
    table = register.table
    differing = 0 if live is None or live == _sum_of(owner, register, f"{table}_new") else _differing(owner, register)
    owner.execute(f"drop table if exists wuye.{table}")
    owner.execute(f"alter table wuye.{table}_new rename to {table}")
    for statement in index_sql(register, table):
        owner.execute(statement)
    owner.execute(
        "insert into wuye.registers values (%s, %s) on conflict (name) do update set shape = excluded.shape",
        [register.name, shape(register)],
    )
    return differing


def _sum(reader: psycopg.Connection[Any], register: Register) -> _Sum | None:
    """What the live table comes to; None if it has another shape and can not be compared."""
    row = reader.execute("select shape from wuye.registers where name = %s", [register.name]).fetchone()
    return None if row is None or row[0] != shape(register) else _sum_of(reader, register, register.table)


def _sum_of(connection: psycopg.Connection[Any], register: Register, table: str) -> _Sum:
    """How many row versions there are, and the sum of their hashes."""
    return _fetch(
        connection,
        f"select count(*), sum(hash_record_extended(row({_folded(register)}), 0)::numeric) from wuye.{table}",
    )


def _differing(owner: psycopg.Connection[Any], register: Register) -> int:
    """How many row versions stand in one of the two tables only."""
    names, live, new = _folded(register), f"wuye.{register.table}", f"wuye.{register.table}_new"
    counted = _fetch(
        owner,
        f"select count(*) from ((select {names} from {live} except all select {names} from {new})"
        f" union all (select {names} from {new} except all select {names} from {live})) d",
    )
    return int(counted[0])


def _folded(register: Register) -> str:
    """The columns that come of the fold."""
    own = (column.name for column in register.columns if column.name not in register.working)
    return ", ".join((*FIXED, *own))


def _fetch(connection: psycopg.Connection[Any], statement: str) -> tuple[Any, ...]:
    found = connection.execute(statement).fetchone()
    assert found is not None
    return cast(tuple[Any, ...], found)
