"""Registers with memory 登记簿: every version of every row, from page to page.

A register is a frozen row type and a pure function from a case to its rows. Its table, its migration, its filters,
its history and its replay all derive from the row type: ``date`` and ``datetime`` become dates, ``int`` a bigint
(fen 分 where the name says so), ``str`` text. Personal fields arrive sealed and stay sealed.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from domain.fact import Case

__all__ = ["FIXED", "Column", "Register", "columns_of", "common", "filled"]

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
    rows: Callable[[Any], Iterable[tuple[str, Any]]]
    indexed: Sequence[str] = ()
    sealed: Sequence[str] = ()
    working: Sequence[str] = ()
    """Columns in which the program keeps notes on open rows: no part of the fold."""

    @property
    def table(self) -> str:
        """The table's name in the schema ``wuye``."""
        return f"r_{self.name.replace('-', '_')}"

    @property
    def columns(self) -> tuple[Column, ...]:
        """The register's own columns, in the order of the row type."""
        return columns_of(self.row)


def columns_of(row: type) -> tuple[Column, ...]:
    """The columns of a row type. Raises TypeError for a type a register cannot hold."""
    hints = get_type_hints(row)
    made = []
    for each in fields(row):
        kind = hints[each.name]
        if get_origin(kind) in (Union, types.UnionType):
            kind = next(part for part in get_args(kind) if part is not type(None))
        sql = next(
            (name for base, name in _SQL.items() if kind is base or (base is str and issubclass(kind, str))), None
        )
        if sql is None:
            msg = f"{row.__name__}.{each.name}: a register cannot hold {kind!r}"
            raise TypeError(msg)
        made.append(Column(each.name, kind, sql))
    return tuple(made)


def common(case: Case) -> dict[str, Any]:
    """The columns every register of cases begins with."""
    return {
        "source_id": case.source_id,
        "state": case.state,
        "version": case.version,
        "opened_at": case.opened_at,
        "imported": case.imported,
    }


def filled(row: type[R], case: Case, **more: Any) -> R:
    """A row whose columns of the same name come from the case; ``more`` says the others."""
    named = common(case)
    names = [each.name for each in fields(row) if each.name not in named and each.name not in more]  # type: ignore[arg-type]
    return row(**named, **{name: getattr(case, name) for name in names}, **more)
