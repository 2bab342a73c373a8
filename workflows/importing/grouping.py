"""The rows of one case together 归组, in bounded memory.

``contiguous``: the rows of a case stand together in the file; one case is in memory at a time. ``sorted_on_disk``: they
may stand anywhere; the cells that the mapping names go through a temporary database that is sorted on disk.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

__all__ = ["Group", "Picked", "contiguous", "sorted_on_disk"]

_BATCH: Final = 2_000
_CACHE_KIB: Final = 65_536


@dataclass(slots=True)  # not frozen: one is made for every line of a file
class Picked:
    """One row: its line, the key of its case, and those of its cells that the mapping names (None: no such column)."""

    line: int
    key: str
    cells: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one case in file order."""

    key: str
    rows: list[Picked] = field(default_factory=list)


def contiguous(rows: Iterable[Picked]) -> Iterator[Group]:
    """One group per run of equal keys."""
    for key, run in groupby(rows, key=lambda row: row.key):
        yield Group(key, list(run))


def sorted_on_disk(rows: Iterable[Picked], folder: Path | None = None) -> Iterator[Group]:
    """One group per key, in the order in which the keys first appear; the temporary database goes with the last."""
    with TemporaryDirectory(prefix="wuye-import-", dir=folder, ignore_cleanup_errors=True) as place:
        store = sqlite3.connect(Path(place) / "rows.sqlite", isolation_level=None)
        try:
            store.executescript(
                f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-{_CACHE_KIB};"
                "PRAGMA temp_store=FILE;"
                "CREATE TABLE cases (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);"
                "CREATE TABLE rows (cid INTEGER NOT NULL, line INTEGER NOT NULL, cells TEXT NOT NULL);"
            )
            _fill(store, rows)
            store.execute("CREATE INDEX by_case ON rows (cid, line)")
            found = store.execute(
                "SELECT c.key, r.line, r.cells FROM rows r JOIN cases c ON c.id = r.cid ORDER BY r.cid, r.line"
            )
            for key, run in groupby(found, key=lambda row: str(row[0])):
                yield Group(key, [Picked(line, key, tuple(json.loads(cells))) for _, line, cells in run])
        finally:
            store.close()


def _fill(store: sqlite3.Connection, rows: Iterable[Picked]) -> None:
    for batch in _batches(rows):
        store.execute("BEGIN")
        store.executemany("INSERT OR IGNORE INTO cases (key) VALUES (?)", ((row.key,) for row in batch))
        store.executemany(
            "INSERT INTO rows SELECT id, ?, ? FROM cases WHERE key = ?",
            ((row.line, json.dumps(row.cells, ensure_ascii=False), row.key) for row in batch),
        )
        store.execute("COMMIT")


def _batches(rows: Iterable[Picked]) -> Iterator[list[Picked]]:
    batch: list[Picked] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
