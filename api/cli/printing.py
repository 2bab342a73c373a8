"""What the command line shows 显示: tables that fit the screen, records where they do not, JSON and CSV for programs."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table

from api.routes.registers import neutral
from domain.kernel.calendar import SHANGHAI
from journal.hash_chain import Verdict
from projections.engine.rebuild import Rebuilt
from projections.engine.replay import Spoilt

__all__ = ["echo", "out", "print_mended", "print_rows", "print_spoilt", "print_verdict", "shown", "table_of"]

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


def print_verdict(verdict: Verdict) -> None:
    """Whether a book is intact (``*``: what stands beside all of them), and the first hundred things that were found."""
    mark = "[green]✓ 完好 intact[/]" if verdict.intact else "[red]✗ 被改动 touched[/]"
    out.print(f"{verdict.office}  {mark}  {verdict.facts:,} 页 facts  {verdict.chain[:16]}")
    for finding in verdict.findings[:100]:
        place = f"第 {finding.number} 页 page: " if finding.number else ""
        out.print(f"  {place}{finding.zh} / {finding.en}", markup=False)


def print_mended(done: Rebuilt, *, left: bool = False) -> None:
    """Where the registers had differed from the facts, and whether that was mended or ``left``."""
    what = "未更正 and were left" if left else "已更正 and were mended"
    for name, count in done.differences.items():
        out.print(f"[yellow]  {name}: {count} 行不同 rows differed，{what}[/]")


def print_spoilt(cases: Iterable[Spoilt]) -> None:
    """Name the cases that a rebuild could not read to their end; on standard error, so that what a program reads stays whole."""
    err = Console(stderr=True)
    for case in cases:
        zh = f"{case.office} {case.case_id}: 第{case.number}页起读不出，登记簿停在此前"
        en = f"cannot be read from page {case.number} on, its rows stand as before it ({case.reason})"
        err.print(f"  {zh} / {en}", style="yellow", markup=False, highlight=False, soft_wrap=True)


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
