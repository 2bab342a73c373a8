"""All registers together: the rows that a case has in them, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import psycopg

from domain.kernel.fact import Case
from domain.kernel.lifecycle.ask import Lifecycle
from journal.append import Append, Recorded
from projections.engine.register import Register
from projections.engine.writing import write_versions

__all__ = ["EveryCase", "Registers"]


class Registers:
    """All registers, and the rows that a case has in them."""

    def __init__(self, registers: Iterable[Register], every: Iterable[EveryCase] = ()) -> None:
        """``every`` are registers that every kind of case appears in (deadlines)."""
        self.every = tuple(every)
        self.all: tuple[Register, ...] = (*registers, *(e.register for e in self.every))
        self.by_name: Mapping[str, Register] = {register.name: register for register in self.all}
        self._columns = {r.name: tuple(column.name for column in r.columns) for r in self.all}
        self._of: dict[type[Case], list[tuple[str, Callable[[Any], tuple[Any, ...]], Callable[[Any], Any]]]] = {}
        self._straight: dict[type[Case], list[tuple[tuple[str, str], Callable[[Any], tuple[Any, ...]]]]] = {}
        for register in self.all:
            values = attrgetter(*self._columns[register.name])
            for kind in register.kinds:
                if register.values is not None:
                    self._straight.setdefault(kind, []).append(((register.name, ""), register.values))
                if register.rows is not None:
                    self._of.setdefault(kind, []).append((register.name, values, register.rows))
        self._every = [(e.register.name, attrgetter(*self._columns[e.register.name]), e.rows) for e in self.every]

    def columns(self, register: str) -> tuple[str, ...]:
        """The names of a register's own columns, in the order of its rows' values."""
        return self._columns[register]

    def lines(self, lifecycle: Lifecycle[Any], case: Case) -> dict[tuple[str, str], tuple[Any, ...]]:
        """All rows of this case in all registers, as values in the order of :meth:`columns`."""
        found: dict[tuple[str, str], tuple[Any, ...]] = {}
        for at, straight in self._straight.get(type(case), ()):
            found[at] = straight(case)
        for name, values, rows in self._of.get(type(case), ()):
            for line, row in rows(case):
                found[name, line] = values(row)
        for name, values, owed in self._every:
            for line, row in owed(lifecycle, case):
                found[name, line] = values(row)
        return found

    def write(self, connection: psycopg.Connection[Any], append: Append, recorded: Recorded) -> None:
        """Write the rows of an append that was recorded without them; call inside the same transaction."""
        for name, versions in append.rows.items():
            write_versions(connection, self.by_name[name], append.office, versions, recorded)


@dataclass(frozen=True)
class EveryCase:
    """A register whose rows come from the lifecycle rather than from one kind of case."""

    register: Register
    rows: Callable[[Lifecycle[Any], Any], Iterable[tuple[str, Any]]]
