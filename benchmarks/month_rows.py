"""What came of a month: its rows, to be written by COPY.

The rows lie in files, so that nobody holds a whole month in memory.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import psycopg

from projections.registers.index import REGISTERS

__all__ = ["Rows", "Spans", "between"]

_TABLES: Final = ("facts", *(register.table for register in REGISTERS.all))
_BLOCK: Final = 1 << 20
_EMPTY: Final = 21
"""The bytes of a binary COPY without a row: its head and its end."""

Spans = Mapping[str, Sequence[tuple[int, int]]]
"""Office → the pages after and up to which its month was written."""


class Rows:
    """All rows that came of a month: facts and versions of register rows."""

    def __init__(self, conninfo: str, folder: Path, spans: Spans) -> None:
        """They are laid into files of the folder as COPY gives them."""
        self._conninfo, self._files = conninfo, list[tuple[str, Path]]()
        with psycopg.connect(conninfo) as connection:
            for name in _TABLES:
                for office, its in spans.items():
                    file = folder / f"{name}-{office}"
                    number = "number" if name == "facts" else "from_number"
                    within = between(number, its)
                    query = f"copy (select * from wuye.{name} where office = '{office}' and ({within})) to stdout (format binary)"
                    with file.open("wb") as written, connection.cursor().copy(query.encode()) as copy:
                        for part in copy:
                            written.write(part)
                    if file.stat().st_size > _EMPTY:
                        self._files.append((name, file))

    @property
    def size(self) -> int:
        """Their bytes."""
        return sum(file.stat().st_size for _, file in self._files)

    def copied(self, *, indexed: bool = False) -> float:
        """Seconds in which they are copied into tables of the same columns, one transaction; ``indexed``: with our indexes."""
        with psycopg.connect(self._conninfo) as connection:
            for name in _TABLES:
                connection.execute(f"drop table if exists public.copy_{name}")
                indexes = " including indexes" if indexed else ""
                connection.execute(f"create table public.copy_{name} (like wuye.{name}{indexes})")
            connection.commit()
            began = time.perf_counter()
            for name, file in self._files:
                with (
                    file.open("rb") as read,
                    connection.cursor().copy(f"copy public.copy_{name} from stdin (format binary)") as copy,
                ):
                    while part := read.read(_BLOCK):
                        copy.write(part)
            connection.commit()
            return time.perf_counter() - began


def between(number: str, its: Sequence[tuple[int, int]]) -> str:
    """The condition that a row is of these pages."""
    return " or ".join(f"{number} > {after} and {number} <= {last}" for after, last in its)
