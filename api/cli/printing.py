"""What the command line shows 显示: tables that fit the screen, records where they do not, JSON and CSV for programs."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table

from api.routes.registers import neutral
from domain.kernel.calendar import SHANGHAI

__all__ = ["echo", "out", "print_rows", "shown", "table_of"]

out = Console(width=None if sys.stdout.isatty() else 120)
_LEAST_WIDTH: Final = 12
"""Columns of the screen without which a column of a table is no use."""


def echo(value: Any) -> None:
    """Print as JSON."""
    sys.stdout.write(json.dumps(msgspec.to_builtins(value, enc_hook=str), ensure_ascii=False) + "\n")


def print_rows(names: Sequence[str], rows: Iterator[tuple[Any, ...]], form: str) -> None:
    """Print rows as a table, CSV or JSON. What is too wide to be a table stands field by field, one row after another."""
    if form == "json":
        sys.stdout.write("[")
        for i, row in enumerate(rows):
            sys.stdout.write((",\n" if i else "\n") + msgspec.json.encode(dict(zip(names, row, strict=True))).decode())
        sys.stdout.write("\n]\n")
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow([neutral(value) for value in row])
    elif len(names) * _LEAST_WIDTH > out.width:
        _print_records(names, rows)
    else:
        table = table_of(*names)
        table.columns[0].no_wrap = True  # what one copies into the next command stands in one piece
        for row in rows:
            table.add_row(*(shown(value) for value in row))
        out.print(table)


def table_of(*names: str) -> Table:
    """A table that breaks what is too long and cuts nothing off."""
    table = Table()
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def _print_records(names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    first = next(rows, None)
    if first is None:
        out.print("（无 none）")
        return
    longest = max(map(len, names))
    for row in chain([first], rows):
        told = ((name, shown(value)) for name, value in zip(names, row, strict=True))
        lines = [f"{name:<{longest}}  {value}" for name, value in told if value]
        out.print("\n".join(lines), end="\n\n", markup=False, highlight=False, soft_wrap=True)


def shown(value: Any) -> str:
    """A value as people read it: nothing as nothing, instants in the office's own time."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat(" ", "minutes")
    return str(value)
