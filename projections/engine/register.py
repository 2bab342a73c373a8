"""Registers with memory 登记簿: every version of every row, from page to page.

A register is a frozen row type and a pure function from a case to its rows. Its table, its migration, its filters,
its history and its replay all derive from the row type: ``date`` and ``datetime`` become dates, ``int`` a bigint
(fen 分 where the name says so), ``str`` text. Personal fields arrive sealed and stay sealed.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from domain.kernel.calendar import local_date
from domain.kernel.fact import Case
from domain.kernel.words import field_names
from journal.blind_index import How

__all__ = [
    "FIXED",
    "MARKS",
    "STAMPS",
    "ByLine",
    "Column",
    "Register",
    "columns_of",
    "common",
    "day_of",
    "one_row",
    "row_from",
    "row_values",
]

R = TypeVar("R")

FIXED: Final = ("office", "case_id", "line", "from_number", "to_number", "recorded_from", "recorded_to")
"""The columns every register has before its own."""

_SQL: Final[dict[type, str]] = {
    str: "text",
    int: "bigint",
    bool: "boolean",
    date: "date",
    datetime: "timestamptz",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a register."""

    name: str
    type: type
    sql: str


MARKS: Final = (Column("breach", str, "text"), Column("standing", str, "text"), Column("set_aside", str, "text"))
"""What every row says of its case: how it stands with its breaches and the events of those that count, and whether it
was withdrawn as mistaken or merged as a duplicate; then it counts in no figure."""
STAMPS: Final = (Column("late_entry", bool, "boolean"), Column("effective_from", datetime, "timestamptz"))
"""What every version of a row says of the fact that made it: a late entry, now or earlier; and from when it speaks."""


@dataclass(frozen=True)
class ByLine:
    """The lines of a case that grows with the office, so that a fact costs what it changes and not what there is.

    ``touched`` says which lines a fact may have changed, None: any of them; ``rows`` gives the rows of some lines.
    """

    touched: Callable[[Any, Any], Iterable[str] | None]
    rows: Callable[[Any, Iterable[str]], Iterable[tuple[str, Any]]]


@dataclass(frozen=True)
class Register:
    """One register: ``rows`` gives a case's rows by line; most cases have one row, whose line is ``""``.

    ``indexed`` names columns that readers filter by; ``sealed`` those that hold sealed personal data.
    """

    name: str
    zh: str
    en: str
    clause: str
    row: type
    kinds: tuple[type[Case], ...]
    rows: Callable[[Any], Iterable[tuple[str, Any]]] | None = None
    values: Callable[[Any], tuple[Any, ...]] | None = None
    """Instead of ``rows``, for a case's one row, which it always has: its values in the order of the columns."""
    by_line: ByLine | None = None
    """How the lines of a large case are brought up to date one by one."""
    indexed: Sequence[str] = ()
    ours_alone: bool = False
    """Whether it holds what happened here alone: another system's history has no line of it."""
    newest_first: bool = False
    """Of a register with so many rows that its list, the newest first, wants an index."""
    sealed: Sequence[str] = ()
    found_by: Mapping[str, How] = field(default_factory=dict)
    """The columns by which people look for a row, and how: entries of the blind index, also where the column is sealed."""
    named: Mapping[str, type[StrEnum]] = field(default_factory=dict)
    """Columns of text whose values have names where they are of this list; whoever typed another word, said that."""

    @property
    def table(self) -> str:
        """The table's name in the schema ``wuye``."""
        return f"r_{self.name.replace('-', '_')}"

    @property
    def columns(self) -> tuple[Column, ...]:
        """The register's own columns, in the order of the row type."""
        return columns_of(self.row)

    @property
    def lasts(self) -> bool:
        """Whether a line that stands once is never gone: each case has its one row, whatever becomes of the case."""
        return self.values is not None

    def names(self, column: str) -> tuple[str, str]:
        """What people call a column, in Chinese and English. Raises KeyError for one that has no name."""
        return field_names(column, self.row.__name__)

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that readers see: its own, how the row stands, and whether a late entry touched it."""
        return (*self.columns, *MARKS, STAMPS[0])

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns of its table after the fixed ones."""
        return (*self.columns, *MARKS, *STAMPS)


@cache
def columns_of(row: type) -> tuple[Column, ...]:
    """The columns of a row type. Raises TypeError for a type a register cannot hold."""
    hints = get_type_hints(row)
    made = []
    for each in fields(row):
        kind = _plain(hints[each.name])
        sql = next(
            (name for base, name in _SQL.items() if kind is base or (base is str and issubclass(kind, str))), None
        )
        if sql is None:
            msg = f"{row.__name__}.{each.name}: a register cannot hold {kind!r}"
            raise TypeError(msg)
        made.append(Column(each.name, kind, sql))
    return tuple(made)


def _plain(kind: Any) -> Any:
    """A type without its None."""
    if get_origin(kind) in (Union, types.UnionType):
        return next(part for part in get_args(kind) if part is not type(None))
    return kind


def row_values(row: type, of: type[Case], **computed: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    """What gives the values of a case's one row: ``computed`` says some, the others bear the names of what the case knows.

    Every fact gives a row anew, so this is done without a row object in between. Raises TypeError when the row has no
    such column, or the case knows nothing of that name and kind.
    """
    columns = columns_of(row)
    same = [column for column in columns if column.name not in computed]
    if len(same) + len(computed) != len(columns):
        msg = f"{row.__name__} has no column {sorted(computed.keys() - {column.name for column in columns})}"
        raise TypeError(msg)
    hints = get_type_hints(of)
    for column in same:
        kind = _plain(_kind_of(of, column.name, hints))
        if not (isinstance(kind, type) and issubclass(kind, column.type)):
            msg = f"{row.__name__}.{column.name} is {column.type.__name__}, {of.__name__}.{column.name} is {kind!r}"
            raise TypeError(msg)
    assert len(same) > 1, "every case has more than one thing to say"
    known = attrgetter(*(column.name for column in same))
    given = [*(column.name for column in same), *computed]
    placed = itemgetter(*(given.index(column.name) for column in columns))
    makers = tuple(computed.values())

    def values(case: Any) -> tuple[Any, ...]:
        return placed((*known(case), *[make(case) for make in makers]))  # type: ignore[no-any-return]

    return values


def one_row(row: type, make: Callable[[Any], R]) -> Callable[[Any], tuple[Any, ...]]:
    """What gives the values of a case's one row, where ``make`` makes the row of it."""
    values = attrgetter(*(column.name for column in columns_of(row)))
    return lambda case: values(make(case))


def day_of(instant: str) -> Callable[[Any], date | None]:
    """The local date of what the case knows as an instant."""
    at = attrgetter(instant)

    def day(case: Any) -> date | None:
        found = at(case)
        return local_date(found) if found is not None else None

    return day


def _kind_of(of: type[Case], name: str, hints: Mapping[str, Any]) -> Any:
    found = getattr(of, name, None)
    return get_type_hints(found.fget).get("return") if isinstance(found, property) else hints.get(name)


def common(case: Case) -> dict[str, Any]:
    """The columns every register of cases begins with."""
    return {
        "source_id": case.source_id,
        "state": case.state,
        "version": case.version,
        "opened_at": case.opened_at,
        "imported": case.imported,
    }


def row_from(row: type[R], case: Case, **more: Any) -> R:
    """A row whose columns of the same name come from the case; ``more`` says the others."""
    named = common(case)
    names = [name for name in _names_of(row) if name not in named and name not in more]
    return row(**named, **{name: getattr(case, name) for name in names}, **more)


_NAMES: Final[dict[type, tuple[str, ...]]] = {}


def _names_of(row: type) -> tuple[str, ...]:
    """The names of a row type's columns."""
    found = _NAMES.get(row)
    if found is None:
        found = _NAMES[row] = tuple(each.name for each in fields(row))
    return found
