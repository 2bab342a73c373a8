"""Rebuild 重建: replay all books into new tables beside the live ones, prove them, and swap.

A register that nobody writes meanwhile equals its replay exactly. Where it does not, no fact explains its rows: it is mended by
the owner's word only, which is written down (``wuye.mendings``).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any, cast

import psycopg
from psycopg.types.json import Jsonb

from journal.book import Book, all_offices
from projections.engine.collection import Registers
from projections.engine.names import rebuild_names
from projections.engine.register import FIXED, Register
from projections.engine.replay import Replay, Spoilt, another
from projections.engine.replay_workers import WorkerPool
from projections.engine.tables import index_sql, install_functions, make_table, shape

__all__ = ["Rebuilt", "Unexplained", "compare", "rebuild"]

PARALLEL_FROM = 50_000
"""Facts of a book from which on worker processes are worth their start of half a second."""
_Sum = tuple[Any, ...]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: facts replayed, row versions written, where the live tables had differed, what could not be read."""

    facts: int
    versions: int
    differences: dict[str, int]
    spoilt: tuple[Spoilt, ...] = ()


class Unexplained(Exception):
    """Registers hold rows that no fact explains; nothing was changed. ``differences`` counts them by register."""

    def __init__(self, differences: dict[str, int]) -> None:
        """What was found."""
        self.differences = differences
        rows = "，".join(f"{name} {count}" for name, count in differences.items())
        super().__init__(
            f"登记簿有事实不能解释的行（{rows}），未作改动；更正须写明理由：wuye rebuild --mend 理由 / registers hold rows"
            " that no fact explains, nothing was changed: wuye rebuild --mend REASON mends them, and that is written down"
        )


def compare(
    owner: psycopg.Connection[Any], registers: Registers, progress: Progress | None = None, **more: Any
) -> Rebuilt:
    """As :func:`rebuild`, but the new tables are thrown away: nothing is changed, whatever is found."""
    try:
        rebuild(owner, registers, progress, mend=None, keep=False, **more)
    except _Compared as compared:
        return compared.done
    raise AssertionError


class _Compared(Exception):
    """What a comparison found, on its way out of the transaction that it undoes."""

    def __init__(self, done: Rebuilt) -> None:
        super().__init__()
        self.done = done


def rebuild(
    owner: psycopg.Connection[Any],
    registers: Registers,
    progress: Progress | None = None,
    *,
    mend: str | None = None,
    keep: bool = True,
    parallel_from: int = PARALLEL_FROM,
) -> Rebuilt:
    """Replay every office's book into new tables and swap them in, in one transaction of the owner.

    Raises :class:`Unexplained` when the live tables differ and ``mend``, the owner's reason, is missing; then nothing is
    changed, and neither without ``keep``.

    A case with a page that nobody can read keeps the rows it had before that page, and is named (``spoilt``, and in
    ``wuye.mendings``).

    An office's writers wait only from the end of its own replay to the swap; readers read the old tables until it
    commits. A rebuild that is interrupted leaves the live tables as they were. Books of ``parallel_from`` facts and more are
    replayed by as many processes as there are processors, each a share of the cases.
    """
    with (
        _no_collection(),
        _one_at_a_time(owner),
        _new_tables(owner, registers),
        owner.transaction(),
        another(owner) as reader,
        ThreadPoolExecutor(2) as threads,
    ):
        count = _Count(progress)
        replay = Replay(owner, reader, threads, registers, count)
        lengths = {
            office: head.number for office in all_offices(reader) if (head := Book(reader, office).head()) is not None
        }
        count.total = sum(lengths.values())
        with WorkerPool(owner, replay, wanted=max(lengths.values(), default=0) >= parallel_from) as workers:
            for office, length in lengths.items():
                _replay(owner, workers, office, parallel=length >= parallel_from)
            owner.execute("lock table wuye.offices in exclusive mode")
            for office in all_offices(reader):
                if office not in lengths:
                    _replay(owner, workers, office, parallel=False)
            versions = workers.commit()
        # From here on nobody writes: while one table is swapped, the next live one is summed up.
        live = {register.name: threads.submit(_sum, reader, register) for register in registers.all}
        differences = {
            register.name: _swap(owner, register, live.pop(register.name).result()) for register in registers.all
        }
        differences["names"] = rebuild_names(owner, registers.all)
        found = {name: differing for name, differing in differences.items() if differing}
        done = Rebuilt(count.facts, versions, found, tuple(replay.spoilt))
        if not keep:
            raise _Compared(done)
        if found and mend is None:
            raise Unexplained(found)
        if found or done.spoilt:  # no register passes over a page in silence
            what = found | ({"spoilt": [asdict(case) for case in done.spoilt]} if done.spoilt else {})
            owner.execute(
                "insert into wuye.mendings (reason, what) values (%s, %s)", [mend or "wuye rebuild", Jsonb(what)]
            )
        install_functions(owner, registers.all)
    return done


def _replay(owner: psycopg.Connection[Any], workers: WorkerPool, office: str, *, parallel: bool) -> None:
    """Replay one book to its end, then hold its writers and replay what came meanwhile."""
    workers.begin(office, parallel=parallel)
    owner.execute("select from wuye.offices where office = %s for update", [office])
    workers.end()


class _Count:
    """Facts folded so far, by all processes."""

    def __init__(self, progress: Progress | None) -> None:
        self.facts = self.total = 0
        self._progress = progress
        self._lock = Lock()

    def __call__(self, facts: int) -> None:
        with self._lock:
            self.facts += facts
            if self._progress is not None:
                self._progress(self.facts, max(self.total, self.facts))


@contextmanager
def _one_at_a_time(owner: psycopg.Connection[Any]) -> Iterator[None]:
    owner.execute("select pg_advisory_lock(hashtextextended('wuye rebuild', 0))")
    try:
        yield
    finally:
        if not owner.closed:
            owner.execute("select pg_advisory_unlock(hashtextextended('wuye rebuild', 0))")


@contextmanager
def _new_tables(owner: psycopg.Connection[Any], registers: Registers) -> Iterator[None]:
    """Empty tables beside the live ones, for all to see; what a rebuild that came to nothing leaves of them is removed."""

    def remove() -> None:
        for register in registers.all:
            owner.execute(f"drop table if exists wuye.{register.table}_new")

    with owner.transaction():
        remove()
        for register in registers.all:
            make_table(owner, register, f"{register.table}_new", indexes=False)
    try:
        yield
    except BaseException:
        if not owner.closed:
            remove()
        raise


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
        f"select count(*), sum(hash_record_extended(row({_columns(register)}), 0)::numeric) from wuye.{table}",
    )


def _differing(owner: psycopg.Connection[Any], register: Register) -> int:
    """How many row versions stand in one of the two tables only."""
    names, live, new = _columns(register), f"wuye.{register.table}", f"wuye.{register.table}_new"
    counted = _fetch(
        owner,
        f"select count(*) from ((select {names} from {live} except all select {names} from {new})"
        f" union all (select {names} from {new} except all select {names} from {live})) d",
    )
    return int(counted[0])


def _columns(register: Register) -> str:
    return ", ".join((*FIXED, *(column.name for column in register.stored)))


def _fetch(connection: psycopg.Connection[Any], statement: str) -> tuple[Any, ...]:
    found = connection.execute(statement).fetchone()
    assert found is not None
    return cast(tuple[Any, ...], found)
