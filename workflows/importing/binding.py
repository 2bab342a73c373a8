"""A mapping bound to one file: which cell each column reads, and each row as values or as problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from workflows.importing.grouping import Picked
from workflows.importing.mapping import Mapping
from workflows.importing.problems import Problem, Trouble
from workflows.importing.reader import Source, SourceUnreadable
from workflows.importing.rules import RowView
from workflows.importing.values import Column, Value

__all__ = ["Binding", "Tally"]

_MOST_VALUES: Final = 1_000
KEY_JOINT: Final = "\x1f"


@dataclass(slots=True)
class Tally:
    """What was read and what became of it. ``values`` counts the raw texts of the columns that the mapping names.

    ``taken`` are rows that gave facts, ``understood`` those that a step knew and that changed nothing; ``noted`` are
    rows that were not refused although something is odd about them. rows = taken + understood + refused.
    """

    rows: int = 0
    cases: int = 0
    facts: int = 0
    taken: int = 0
    understood: int = 0
    refused: int = 0
    noted: int = 0
    problems: Counter[tuple[str, str]] = field(default_factory=Counter)
    values: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """What another process found in its share of the same file."""
        for name in ("rows", "cases", "facts", "taken", "understood", "refused", "noted"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.problems.update(other.problems)
        for name, counter in other.values.items():
            self.values.setdefault(name, Counter()).update(counter)

    def note(self, problems: list[Problem]) -> None:
        """Count problems by code and column."""
        self.problems.update((problem.code, problem.column) for problem in problems)


class Binding:
    """A mapping and the header of a file; raises :class:`SourceUnreadable` naming every column that is missing."""

    def __init__(self, mapping: Mapping, source: Source) -> None:
        """Find each part of each column in the header."""
        self.mapping = mapping
        self.source = source
        self._places: list[int | None] = []
        self._cells: dict[str, slice] = {}
        lacking: list[str] = []
        for column in mapping.columns.values():
            begin = len(self._places)
            for names in column.parts:
                place = source.where(names)
                if place is None and not column.optional:
                    lacking.append("／".join(names))
                self._places.append(place)
            self._cells[column.name] = slice(begin, len(self._places))
        if lacking:
            header = "、".join(source.header)
            raise SourceUnreadable(
                "columns-missing",
                None,
                zh=f"文件「{source.path.name}」缺少列：{'、'.join(lacking)}。表头为：{header}",
                en=f"“{source.path.name}” lacks the columns {', '.join(lacking)}; its header is: {header}",
            )

    def pick(self, tally: Tally) -> Iterator[Picked | Problem]:
        """Every row as the cells that the mapping names, or as the problem that keeps it from belonging to a case."""
        width = len(self.source.header)
        for name in self.mapping.tally:
            tally.values.setdefault(name, Counter())
        for row in self.source.rows():
            tally.rows += 1
            if len(row.cells) != width:
                yield _wrong_width(row.line, len(row.cells), width)
                continue
            if row.repaired:
                yield _repaired(row.line)
            cells = tuple(None if place is None else row.cells[place] for place in self._places)
            for name in self.mapping.tally:
                _count(tally.values[name], self._raw(name, cells))
            key = [self.mapping.columns[name].text(cells[self._cells[name]]) for name in self.mapping.key]
            if None in key:
                column = self.mapping.columns[self.mapping.key[key.index(None)]]
                troubles = column.lacking(cells[self._cells[column.name]])
                yield from (trouble.on(row.line) for trouble in troubles)
                continue
            yield Picked(row.line, KEY_JOINT.join(part for part in key if part is not None), cells)

    def _raw(self, name: str, cells: tuple[str | None, ...]) -> str:
        column = self.mapping.columns[name]
        return column.joint.join((cell or "").strip() for cell in cells[self._cells[name]])

    def view(self, picked: Picked) -> tuple[RowView, list[Problem]]:
        """The row's texts and values, and all its problems; those that are not ``taken`` refuse it."""
        texts: dict[str, str | None] = {}
        values: dict[str, Value | None] = {}
        problems: list[Problem] = []
        for name, column in self.mapping.columns.items():
            cells = picked.cells[self._cells[name]]
            text = column.text(cells)
            value: Value | None = None
            if text is None:
                if column.required:
                    problems += (trouble.on(picked.line) for trouble in column.lacking(cells))
            else:
                try:
                    value = column.read(text)
                except Trouble as trouble:
                    problems.append(trouble.on(picked.line, taken=column.bad_is_missing))
                    text = None if column.bad_is_missing else text
            texts[name], values[name] = text, value
        self._hide_the_future(texts, values)
        return RowView(picked.line, texts, values), problems

    def _hide_the_future(self, texts: dict[str, str | None], values: dict[str, Value | None]) -> None:
        for column in self.mapping.columns.values():
            if column.known_at is None:
                continue
            stated, seen = values[column.name], values[column.known_at]
            if isinstance(stated, datetime) and (not isinstance(seen, datetime) or stated > seen):
                texts[column.name] = values[column.name] = None

    def column(self, name: str) -> Column:
        """The column of that name."""
        return self.mapping.columns[name]


def _count(counter: Counter[str], text: str) -> None:
    if text in counter or len(counter) < _MOST_VALUES:
        counter[text] += 1
    else:
        counter["…"] += 1


def _wrong_width(line: int, cells: int, width: int) -> Problem:
    return Problem(
        line,
        "",
        str(cells),
        "cells-miscounted",
        zh=f"此行有 {cells} 格，表头有 {width} 列",
        en=f"the row has {cells} cells, the header has {width} columns",
    )


def _repaired(line: int) -> Problem:
    return Problem(
        line, "", "", "nul-removed", zh="已删去空字符（NUL）", en="NUL characters were taken out", taken=True
    )
