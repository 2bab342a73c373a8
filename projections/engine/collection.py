"""All registers together: the rows that a case has in them, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

from domain.kernel.fact import Case, Fact
from domain.kernel.late_entries import just_entered_late
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.standing import summary
from journal.blind_index import How
from projections.engine.register import MARKS, ByLine, Register

__all__ = ["EveryCase", "Registers"]


class Registers:
    """All registers, and the rows that a case has in them."""

    def __init__(self, registers: Iterable[Register], every: Iterable[EveryCase] = ()) -> None:
        """``every`` are registers that every kind of case appears in (deadlines)."""
        self.every = tuple(every)
        self.all: tuple[Register, ...] = (*registers, *(e.register for e in self.every))
        self.by_name: Mapping[str, Register] = {register.name: register for register in self.all}
        self._columns = {r.name: tuple(column.name for column in (*r.columns, *MARKS)) for r in self.all}
        self.found_by: Mapping[str, Sequence[tuple[int, str, How]]] = {
            r.name: tuple((i, c.name, r.found_by[c.name]) for i, c in enumerate(r.columns) if c.name in r.found_by)
            for r in self.all
            if r.found_by
        }
        """By which of a register's columns people look for a row: place among its values, name, how."""
        kinds = dict.fromkeys(kind for register in self.all for kind in register.kinds)
        self._forms: Mapping[bool, Mapping[type[Case], _Forms]] = {
            imported: {kind: self._forms_of(kind, imported=imported) for kind in kinds} for imported in (False, True)
        }
        """The registers that a kind of case appears in, by whether it is another system's."""
        self._bare = {imported: self._forms_of(Case, imported=imported) for imported in (False, True)}
        """Those of a kind that has none of its own."""

    def _forms_of(self, kind: type[Case], *, imported: bool) -> _Forms:
        own = [r for r in self.all if kind in r.kinds and not (imported and r.ours_alone)]
        return _Forms(
            single_rows=tuple(((r.name, ""), r.values) for r in own if r.values is not None),
            by_rows=tuple((r.name, _values_of(r), r.rows) for r in own if r.rows is not None),
            every=tuple(
                (e.register.name, _values_of(e.register), e.rows)
                for e in self.every
                if not (imported and e.register.ours_alone)
            ),
            by_line={r.name: r.by_line for r in own if r.by_line is not None},
        )

    def columns(self, register: str) -> tuple[str, ...]:
        """The names of a register's own columns and marks, in the order of its rows' values."""
        return self._columns[register]

    def lines(self, lifecycle: Lifecycle[Any], case: Case) -> dict[tuple[str, str], tuple[Any, ...]]:
        """All rows of this case in all registers, as values in the order of :meth:`columns`."""
        return _lines(self._forms[case.imported].get(type(case), self._bare[case.imported]), lifecycle, case, _ANY)

    def changed(
        self, lifecycle: Lifecycle[Any], case: Case, fact: Fact, before: Mapping[tuple[str, str], tuple[Any, ...]]
    ) -> dict[tuple[str, str], tuple[Any, ...] | None]:
        """The rows that the case's last fact has changed, of those that it had ``before``; None: the row is gone.

        The lines of a large case that the fact says nothing of are not even looked at.
        """
        forms = self._forms[case.imported].get(type(case), self._bare[case.imported])
        by_line = forms.by_line
        touched = _touched(by_line, case, fact) if by_line and not lifecycle.judges(case, fact) else _ANY
        after = _lines(forms, lifecycle, case, touched)
        if not before:
            return dict[tuple[str, str], tuple[Any, ...] | None](after)
        found: dict[tuple[str, str], tuple[Any, ...] | None] = {
            at: row for at, row in after.items() if before.get(at) != row
        }
        for at in before:
            if at not in after and (at[0] not in touched or at[1] in touched[at[0]]):
                found[at] = None
        return found

    def marks(self, lifecycle: Lifecycle[Any], facts: Sequence[Fact]) -> set[tuple[str, str]]:
        """The rows that late entries among these facts have touched, as (register, line)."""
        marked: set[tuple[str, str]] = set()
        case, before = None, dict[tuple[str, str], tuple[Any, ...]]()
        for fact in facts:
            case = lifecycle.apply(case, fact)
            changed = self.changed(lifecycle, case, fact, before)
            for at, row in changed.items():
                if row is None:
                    del before[at]
                    marked.discard(at)
                else:
                    before[at] = row
            if just_entered_late(case):
                marked |= changed.keys() & before.keys()
        return marked


_Rows = Callable[[Any], Iterable[tuple[str, Any]]]
_Values = Callable[[Any], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Forms:
    """The registers of one kind of case: those with its one row, those with rows by line, those of every kind."""

    single_rows: Sequence[tuple[tuple[str, str], _Values]] = ()
    by_rows: Sequence[tuple[str, _Values, _Rows]] = ()
    every: Sequence[tuple[str, _Values, Callable[[Lifecycle[Any], Any], Iterable[tuple[str, Any]]]]] = ()
    by_line: Mapping[str, ByLine] = field(default_factory=dict)


_ANY: Final[Mapping[str, frozenset[str]]] = {}
"""A fact may have changed any line."""


def _touched(by_line: Mapping[str, ByLine], case: Case, fact: Fact) -> Mapping[str, frozenset[str]]:
    """Of the registers that go line by line: which lines a fact may have changed, where not any of them."""
    said = {name: each.touched(case, fact) for name, each in by_line.items()}
    return {name: frozenset(lines) for name, lines in said.items() if lines is not None}


def _lines(
    forms: _Forms, lifecycle: Lifecycle[Any], case: Case, only: Mapping[str, Iterable[str]]
) -> dict[tuple[str, str], tuple[Any, ...]]:
    """The case's rows; of a register that ``only`` names, these lines."""
    found = dict[tuple[str, str], tuple[Any, ...]]()
    aside = case.set_aside.kind if case.set_aside is not None else None
    whole = _marks_of(case, "", aside)
    for at, row_values in forms.single_rows:
        found[at] = row_values(case) + whole
    for name, values, rows in forms.by_rows:
        some = only.get(name)
        for line, row in rows(case) if some is None else forms.by_line[name].rows(case, some):
            found[name, line] = values(row) + (_marks_of(case, line, aside) if case.breaches else whole)
    for name, values, owed in forms.every:
        for line, row in owed(lifecycle, case):
            found[name, line] = values(row) + (_marks_of(case, line, aside) if case.breaches else whole)
    return found


def _marks_of(case: Case, line: str, aside: str | None) -> tuple[str | None, ...]:
    """What a line of the case's rows says of breaches, and whether the case is out of every figure."""
    if not case.breaches:
        return None, None, aside
    return *summary(case.breaches, case.late_entries, line), aside


def _values_of(register: Register) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*(column.name for column in register.columns))


@dataclass(frozen=True)
class EveryCase:
    """A register whose rows come from the lifecycle rather than from one kind of case."""

    register: Register
    rows: Callable[[Lifecycle[Any], Any], Iterable[tuple[str, Any]]]
