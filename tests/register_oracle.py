"""The law of every register, told the plain way: as of page *n* it holds what the facts up to *n* say, and nothing else.

Nothing of the program's own replay is used here but what a case *is* and what lines a register makes of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import psycopg

from domain.cases import lifecycle_of
from domain.kernel.fact import Fact
from journal.book import Book
from projections.engine.collection import Registers
from projections.engine.register import Register

__all__ = ["breaches", "rows_as_of"]


def breaches(
    connection: psycopg.Connection[Any], registers: Registers, office: str, numbers: Iterable[int]
) -> Iterator[str]:
    """Where an office's registers as of these pages, or as of the instants at which they were taken, say otherwise."""
    connection.execute("set timezone to 'UTC'")
    book, wanted = Book(connection, office), set(numbers)
    cases: dict[str, Any] = {}
    rows: dict[str, dict[tuple[str, str], tuple[Any, ...]]] = {}
    for fact in book.stream():
        lifecycle = lifecycle_of(fact.case_id)
        case = cases[fact.case_id] = lifecycle.apply(cases.get(fact.case_id), fact)
        rows[fact.case_id] = dict(_stamped(rows.get(fact.case_id, {}), registers.lines(lifecycle, case), case, fact))
        if fact.number in wanted:
            said = _said(registers, rows)
            for register in registers.all:
                found = rows_as_of(connection, register, office, fact.number)
                yield from _between(f"{register.name} as of {fact.number}", said[register.name], found)
    for number in sorted(wanted):
        instant = next(iter(book.since(number - 1, 1))).recorded_at
        last = book.number_at(instant)
        for register in registers.all:
            then, found = (rows_as_of(connection, register, office, at) for at in (last, instant))
            yield from _between(f"{register.name} at the instant of {number}", then, found)


def rows_as_of(
    connection: psycopg.Connection[Any], register: Register, office: str, at: int | datetime
) -> Counter[tuple[Any, ...]]:
    """The rows that stood at a page, or at an instant."""
    begins, ends = ("from_number", "to_number") if isinstance(at, int) else ("recorded_from", "recorded_to")
    columns = ", ".join(["case_id", "line", *(column.name for column in register.stored)])
    return Counter(
        connection.execute(
            f"select {columns} from wuye.{register.table} where office = %s"
            f" and {begins} <= %s and ({ends} is null or {ends} > %s)",
            [office, at, at],
        ).fetchall()
    )


def _stamped(
    before: dict[tuple[str, str], tuple[Any, ...]], after: dict[tuple[str, str], tuple[Any, ...]], case: Any, fact: Fact
) -> Iterator[tuple[tuple[str, str], tuple[Any, ...]]]:
    """The rows after a fact, each with whether a late entry has touched it and from when what it says holds."""
    entry = next((entry for entry in case.late_entries if entry.version == fact.version), None)
    since = getattr(fact.event, "speaks_of", fact.occurred_at)
    for at, values in after.items():
        standing = before.get(at)
        if standing is not None and standing[:-2] == values:
            yield at, standing
        else:
            yield at, (*values, entry is not None or (standing is not None and standing[-2]), since)


def _said(
    registers: Registers, rows: dict[str, dict[tuple[str, str], tuple[Any, ...]]]
) -> dict[str, Counter[tuple[Any, ...]]]:
    said: dict[str, Counter[tuple[Any, ...]]] = {register.name: Counter() for register in registers.all}
    for case_id, lines in rows.items():
        for (name, line), values in lines.items():
            said[name][(case_id, line, *values)] += 1
    return said


def _between(where: str, wanted: Counter[tuple[Any, ...]], found: Counter[tuple[Any, ...]]) -> Iterator[str]:
    yield from (f"{where}: {row} is missing" for row in wanted - found)
    yield from (f"{where}: {row} is too many" for row in found - wanted)
