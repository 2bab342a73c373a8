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
from workflows.importing.reader import Row, Source, SourceUnreadable, doubled
from workflows.importing.rules import Steps
from workflows.importing.spans import Spans
from workflows.importing.values import Column, Several, Value
from workflows.importing.view import RowView

__all__ = ["Binding", "Tally"]

_MOST_VALUES: Final = 1_000
_MOST_KNOWN, _LONGEST_KNOWN = 4_096, 40
"""So many texts of a column, and up to so long ones, are remembered with their values: words, amounts and days come again."""
_NOT_GIVEN: Final = (None, None)
_LONGEST_KEY: Final = 600
"""Characters: a source case's key stands in an index, whose entries have at most 2,704 bytes."""
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
        self.heads: dict[str, tuple[str, ...]] = {}
        self._places: list[int | None] = []
        self._cells: dict[str, slice] = {}
        lacking = [each for column in mapping.columns.values() for each in self._bind(column)]
        lacking += [each for column in mapping.columns.values() for each in self._bind_several(column)]
        self._read: list[tuple[str, Column, int, dict[str | None, tuple[str | None, Value | None]]]] = [
            (name, column, self._cells[name].start if len(column.parts) == 1 and not column.squeeze else -1, {})
            for name, column in mapping.columns.items()
            if column.unfold is None
        ]
        self._judged = [column for column in mapping.columns.values() if column.known_at is not None]
        self.steps = Steps(mapping.steps)
        self._spans = Spans(mapping, source)
        lacking += self._spans.lacking
        self._unfolds = len(self._places)
        self._places += self._spans.places
        if lacking:
            header = "、".join(source.header)
            raise SourceUnreadable(
                "columns-missing",
                None,
                zh=f"文件「{source.path.name}」缺少列：{'、'.join(lacking)}。表头为：{header}",
                en=f"“{source.path.name}” lacks the columns {', '.join(lacking)}; its header is: {header}",
            )

    def _bind(self, column: Column) -> Iterator[str]:
        """Find the column's parts; yields those that are lacking."""
        begin = len(self._places)
        for names in column.parts:
            place = self.source.where(names)
            if place is None:
                twice = doubled(self.source.header, names)
                if twice is not None:
                    raise SourceUnreadable(
                        "header-doubled",
                        None,
                        zh=f"文件「{self.source.path.name}」的表头有重复列：{twice}",
                        en=f"the header of “{self.source.path.name}” names a column twice: {twice}",
                    )
                if not column.optional:
                    yield "／".join(names)
            self._places.append(place)
        self._cells[column.name] = slice(begin, len(self._places))

    def _bind_several(self, column: Column) -> Iterator[str]:
        """Find all columns whose headers fit and that nothing else reads; yields the pattern when none does."""
        if column.headers is None:
            return
        used, begin, heads = set(self._places), len(self._places), []
        for place, head in enumerate(self.source.header):
            fits = column.headers.search(head) and not (column.but and column.but.search(head))
            if head and fits and place not in used:
                self._places.append(place)
                heads.append(head)
        self._cells[column.name] = slice(begin, len(self._places))
        self.heads[column.name] = tuple(heads)
        if not heads and not column.optional:
            yield column.headers.pattern

    def pick(self, tally: Tally) -> Iterator[Picked | Problem]:
        """Every row as the cells that the mapping names, or as the problem that keeps it from belonging to a case."""
        width, begins = len(self.source.header), self.source.header[0]
        for name in self.mapping.tally:
            tally.values.setdefault(name, Counter())
        keys = [(self.mapping.columns[name], self._cells[name]) for name in self.mapping.key]
        for row in self.source.rows():
            tally.rows += 1
            if row.unclosed:
                yield _unclosed(row)
                continue
            # Cells beyond the header that are empty come from a delimiter at the end of the line.
            its = row.cells
            count = len(its)
            if count != width and (count < width or any(cell.strip() for cell in its[width:])):
                yield _wrong_width(row, width)
                continue
            if its[0].strip() == begins and tuple(map(str.strip, its[:width])) == self.source.header:
                yield Problem(row.line, "", "", "header-repeated", *_REPEATED)
                continue
            if row.repaired:
                yield _repaired(row.line)
            cells = tuple([None if place is None else its[place] for place in self._places])
            for name in self.mapping.tally:
                _count(tally.values[name], self._raw(name, cells))
            key = [column.text(cells[place]) for column, place in keys]
            if None in key:
                column, place = keys[key.index(None)]
                troubles = column.lacking(cells[place])
                yield from (trouble.on(row.line) for trouble in troubles)
                continue
            joined = KEY_JOINT.join([part for part in key if part is not None])
            if len(joined) > _LONGEST_KEY:
                yield Problem(row.line, self.mapping.columns[self.mapping.key[0]].label, joined, "key-too-long", *_LONG)
                continue
            yield Picked(row.line, joined, cells)

    def stands_together(self) -> bool:
        """Whether the rows of each case stand together in the file. Of a key only its hash is remembered."""
        places = [place for name in self.mapping.key for place in self._places[self._cells[name]] if place is not None]
        seen: set[int] = set()
        before: object = None
        for row in self.source.rows():
            key = tuple([row.cells[place].strip() for place in places if place < len(row.cells)])
            if key != before:
                mark, before = hash(key), key
                if mark in seen:
                    return False
                seen.add(mark)
        return True

    def _raw(self, name: str, cells: tuple[str | None, ...]) -> str:
        column = self.mapping.columns[name]
        return column.joint.join((cell or "").strip() for cell in cells[self._cells[name]])

    def view(self, picked: Picked) -> tuple[RowView, list[Problem]]:
        """The row's texts and values, and all its problems; those that are not ``taken`` refuse it."""
        texts: dict[str, str | None] = {}
        values: dict[str, Value | None] = {}
        several: dict[str, Several] = {}
        problems: list[Problem] = []
        cells = picked.cells
        text: str | None
        for name, column, place, known in self._read:
            value: Value | None = None
            cell: str | None = None
            if place >= 0:  # as Column.text does it, which is asked a million times for a large file
                cell = cells[place]
                found = known.get(cell)
                if found is not None:
                    texts[name], values[name] = found
                    continue
                text = cell.strip() if cell else ""
                if text in column.missing:
                    text = None
            elif column.headers is not None:
                several[name] = tuple(self._several(column, cells[self._cells[name]], picked.line, problems))
                continue
            else:
                text = column.text(cells[self._cells[name]])
            if text is None:
                if column.required:
                    lacking = column.lacking(cells[self._cells[name]])
                    problems += (trouble.on(picked.line) for trouble in lacking)
                elif place >= 0 and len(known) < _MOST_KNOWN:
                    known[cell] = _NOT_GIVEN
            else:
                try:
                    value = column.read(text)
                except Trouble as trouble:
                    problems.append(trouble.on(picked.line, taken=column.bad_is_missing))
                    text = None if column.bad_is_missing else text
                else:
                    odd = None if value is text else column.odd(text, value)
                    if odd is not None:
                        problems.append(odd.on(picked.line, column.label, text, taken=True))
                    elif place >= 0 and len(known) < _MOST_KNOWN and len(cell or "") <= _LONGEST_KNOWN:
                        known[cell] = text, value
            texts[name], values[name] = text, value
        if self._judged:
            self._hide_the_future(texts, values)
        return RowView(picked.line, texts, values, several=several, heads=self.heads), problems

    def views(self, picked: Picked) -> tuple[list[RowView], list[Problem]]:
        """The row as its spans, one view for each of which it says anything; most rows are one view."""
        whole, problems = self.view(picked)
        if not self._spans.names:
            return [whole], problems
        views = list(self._spans.of(whole, picked.cells[self._unfolds :], problems))
        for view in views:
            self._hide_the_future(view.texts, view.values)
        return views, problems

    def _several(
        self, column: Column, cells: tuple[str | None, ...], line: int, problems: list[Problem]
    ) -> Iterator[tuple[str, Value]]:
        for head, cell in zip(self.heads[column.name], cells, strict=True):
            text = column.text((cell,))
            if text is None:
                continue
            try:
                yield head, column.read(text)
            except Trouble as trouble:
                trouble.column = head
                problems.append(trouble.on(line, taken=column.bad_is_missing))

    def _hide_the_future(self, texts: dict[str, str | None], values: dict[str, Value | None]) -> None:
        for column in self._judged:
            if column.name not in values:
                continue
            stated, seen = values[column.name], values[column.known_at or ""]
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


def _wrong_width(row: Row, width: int) -> Problem:
    cells, to_zh, to_en = len(row.cells), "", ""
    if row.until > row.line:
        to_zh, to_en = f"（至第 {row.until} 行）", f" (to line {row.until})"
    return Problem(
        row.line,
        "",
        str(cells),
        "cells-miscounted",
        zh=f"此行{to_zh}有 {cells} 格，表头有 {width} 列",
        en=f"the row{to_en} has {cells} cells, the header has {width} columns",
    )


def _unclosed(row: Row) -> Problem:
    return Problem(
        row.line,
        "",
        row.cells[-1],
        "quote-unclosed",
        zh=f"此行的引号没有闭合：至文件末尾（第 {row.until} 行）均未能读取",
        en=f"a quote is never closed: nothing could be read from here to the end of the file (line {row.until})",
    )


def _repaired(line: int) -> Problem:
    return Problem(
        line, "", "", "nul-removed", zh="已删去空字符（NUL）", en="NUL characters were taken out", taken=True
    )


_REPEATED: Final = ("此行为重复的表头", "this row is the header once more")
_LONG: Final = ("来源编号过长", "the source's id is too long")
