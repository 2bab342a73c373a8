"""A row that tells of several spans 逐期展开, such as a month to a group of columns: read once for each of them.

It stays one row: it is taken or refused as a whole, and counts once. A span of which it says nothing is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workflows.importing.mapping import Mapping
from workflows.importing.problems import Problem, Trouble
from workflows.importing.reader import Source, find
from workflows.importing.values import Column, Unfolded, Value
from workflows.importing.view import RowView

__all__ = ["Spans", "places_read"]


def places_read(column: Column, header: Sequence[str]) -> list[int]:
    """Which columns of a header, from 0, a column of the mapping reads: one, several, or those of its spans."""
    unfold = column.unfold if column.unfold is not None else Unfolded()
    named = (find(header, names) for names in (*column.parts, *unfold.heads.values()))
    places = [place for place in named if place is not None]
    pattern = column.headers if column.headers is not None else unfold.pattern
    if pattern is not None:
        fits = (place for place, head in enumerate(header) if head and pattern.search(head))
        places += [place for place in fits if not (column.but and column.but.search(header[place]))]
    return places


class Spans:
    """The spans of a mapping in one file: which cell each unfolded column reads for each of them.

    ``places`` are the cells that are wanted besides, ``lacking`` the columns that the file does not have.
    """

    def __init__(self, mapping: Mapping, source: Source) -> None:
        """Find each span of each unfolded column in the header."""
        self.places: list[int] = []
        self.lacking: list[str] = []
        self._cells: dict[tuple[str, str], int] = {}
        self._heads: dict[tuple[str, str], str] = {}
        self._columns = [(column, column.unfold) for column in mapping.columns.values() if column.unfold is not None]
        found: dict[str, None] = {}
        for column, unfold in self._columns:
            for span, place in self._found(column, unfold, source):
                found.setdefault(span)
                self._cells[column.name, span] = len(self.places)
                self._heads[column.name, span] = source.header[place]
                self.places.append(place)
        self.names = mapping.spans or tuple(found)

    def _found(self, column: Column, unfold: Unfolded, source: Source) -> Iterator[tuple[str, int]]:
        for span, names in unfold.heads.items():
            place = source.where(names)
            if place is not None:
                yield span, place
            elif not column.optional:
                self.lacking.append("／".join(names))
        if unfold.pattern is None:
            return
        fits = [(fit[1], place) for place, head in enumerate(source.header) if (fit := unfold.pattern.search(head))]
        if not fits and not column.optional:
            self.lacking.append(unfold.pattern.pattern)
        yield from fits

    def of(self, row: RowView, cells: Sequence[str | None], problems: list[Problem]) -> Iterator[RowView]:
        """The row's views, one for each span of which it says anything; of a row that says nothing of any, the first alone."""
        said = [span for span in self.names if any(self._text(column, span, cells) for column, _ in self._columns)]
        for span in said or self.names[:1]:
            texts, values = dict(row.texts), dict(row.values)
            for column, unfold in self._columns:
                text = span if unfold.is_name else self._text(column, span, cells)
                texts[column.name], values[column.name] = self._read(column, span, text, row.line, problems)
            yield RowView(row.line, texts, values, several=row.several, heads=row.heads)

    def _a_head_of(self, span: str) -> str:
        """A header in which the span is named: by it a name that cannot be read is found in the file."""
        return next((head for (_, of), head in self._heads.items() if of == span), "")

    def _text(self, column: Column, span: str, cells: Sequence[str | None]) -> str | None:
        place = self._cells.get((column.name, span))
        return None if place is None else column.text((cells[place],))

    def _read(
        self, column: Column, span: str, text: str | None, line: int, problems: list[Problem]
    ) -> tuple[str | None, Value | None]:
        """The text and its value; what cannot be read is a problem in the column of that span."""
        head = self._heads.get((column.name, span)) or self._a_head_of(span) or column.label
        if text is None:
            if column.required:
                missing = Trouble("value-missing", zh="缺少必填的值", en="a required value is missing", column=head)
                problems.append(missing.on(line))
            return None, None
        try:
            value = column.read(text)
        except Trouble as trouble:
            trouble.column = head
            problems.append(trouble.on(line, taken=column.bad_is_missing))
            return (None if column.bad_is_missing else text), None
        odd = None if value is text else column.odd(text, value)
        if odd is not None:
            problems.append(odd.on(line, head, text, taken=True))
        return text, value
