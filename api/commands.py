"""What the subcommands of ``wuye`` do. Imported by them when they run."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.counter import HIDDEN
from api.listing import MOST_ROWS
from api.registers import neutral
from api.runtime import Runtime, open_runtime
from api.standards import percent, settings_then
from domain.calendar import local_date
from domain.errors import Malformed, NotFound, Refusal
from domain.money import yuan
from domain.people import Actor, Role
from domain.reading import RecordReading
from journal.book import Book
from journal.confidential import is_token, open_token
from journal.embedded import NoPostgres
from journal.migrate import MigrationChanged
from journal.server_check import UnsafeServer
from projections.register import Register
from projections.registers import REGISTERS
from projections.standard import BUCKETS, AsOf, Reading, cases, read
from projections.standards import BY_SLUG, STANDARDS
from workflows.office import Busy
from workflows.order import Order

out = Console(width=None if sys.stdout.isatty() else 120)


def refusals() -> tuple[type[Exception], ...]:
    """What is said in one line instead of a traceback."""
    installation = (UnsafeServer, NoPostgres, MigrationChanged)
    return (Refusal, Busy, *installation, psycopg.OperationalError, FileNotFoundError, IsADirectoryError)


@contextmanager
def running() -> Iterator[Runtime]:
    """The program, with a progress bar if registers have to be rebuilt first."""
    with rebuilding() as shown, open_runtime(progress=shown) as runtime:
        yield runtime


@contextmanager
def rebuilding() -> Iterator[Any]:
    """A progress bar that appears at its first step."""
    bar = Progress(
        TextColumn("重建登记簿 rebuilding"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), transient=True,
        console=Console(stderr=True),
    )  # fmt: skip
    task = bar.add_task("rebuild", total=None)

    def step(done: int, total: int) -> None:
        bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield step
    finally:
        if bar.live.is_started:  # stopping what never began would print an empty line
            bar.stop()


# -- registers --------------------------------------------------------------------------------------------------------


def show_register(name: str | None, office: str | None, as_of: str | None, form: str, *, reveal: bool) -> None:
    """List the registers, or print the rows of one."""
    if name is None:
        print_rows(["name", "zh", "en", "clause"], ((r.name, r.zh, r.en, r.clause) for r in REGISTERS.all), form)
        return
    register = REGISTERS.by_name.get(name)
    if register is None:
        known = ", ".join(r.name for r in REGISTERS.all)
        raise NotFound("register-unknown", None, zh=f"没有这个登记簿：{name}（{known}）", en=f"no register {name}")
    if form not in ("table", "csv", "json"):
        raise Malformed("format", None, zh="格式为 table、csv 或 json", en="--format is table, csv or json")
    if office is None:
        raise Malformed("office", None, zh="请用 --office 指明管理处", en="say --office CODE")
    with running() as runtime:
        point = _as_of(runtime, office, as_of)
        names = ["office", "case_id", "line", "number", *(column.name for column in register.columns)]
        with closing(_rows(runtime, register, office, point, reveal=reveal)) as rows:
            print_rows(names, rows, form)


def _rows(
    runtime: Runtime, register: Register, office: str, point: AsOf, *, reveal: bool
) -> Generator[tuple[Any, ...]]:
    names = ", ".join(column.name for column in register.columns)
    sealed = [4 + i for i, column in enumerate(register.columns) if column.name in register.sealed]
    statement = (
        f"select office, case_id, line, from_number, {names} from wuye.{register.table}"
        f" where office = %(office)s and {point.condition} order by case_id, line"
    )
    arguments = {"office": office, "number": point.number, "instant": point.instant}
    with runtime.pool.connection() as connection, connection.transaction():
        key_of = runtime.office.opening_key(Book(connection), office)
        with connection.cursor(name="register") as cursor:
            cursor.itersize = 5_000
            cursor.execute(statement, arguments)
            while rows := cursor.fetchmany(MOST_ROWS):
                if reveal:
                    _record_reading(runtime, office, register, [row[1] for row in rows if any(map(is_token, row))])
                for row in rows:
                    shown = list(row)
                    for i in sealed:
                        if is_token(shown[i]):
                            shown[i] = open_token(shown[i], row[1], key_of) if reveal else HIDDEN
                    yield tuple(shown)


def _record_reading(runtime: Runtime, office: str, register: Register, case_ids: list[str]) -> None:
    """The operator's readings are facts like everybody's (§9.2); without one nothing is shown."""
    if case_ids:
        roles = (Role.SYSTEM_ADMINISTRATOR,)
        what, distinct = f"wuye register {register.name}", tuple(dict.fromkeys(case_ids))
        command = RecordReading(reader="operator", roles=roles, what=what, case_ids=distinct)
        runtime.office.handle(
            Order(office=office, command=command, actor=Actor("operator", Role.POLICY), now=datetime.now(UTC))
        )


def _as_of(runtime: Runtime, office: str | None, raw: str | None) -> AsOf:
    if office is not None:
        with runtime.pool.connection() as connection:
            if Book(connection).head(office) is None:
                raise NotFound("office-unknown", None, zh=f"没有这个管理处：{office}", en=f"no office {office}")
    if raw is None:
        return AsOf()
    if raw.isdigit():
        return AsOf(number=int(raw))
    try:
        instant = datetime.fromisoformat(raw)
    except ValueError:
        raise Malformed(
            "as-of",
            None,
            zh="--as-of 为页码或时刻（如 2026-03-31T24:00+08:00）",
            en="--as-of is a page number or an instant",
        ) from None
    if instant.tzinfo is None:
        from domain.calendar import SHANGHAI, end_of_day

        instant = end_of_day(instant.date()) if len(raw) == 10 else instant.replace(tzinfo=SHANGHAI)
    return AsOf(instant=instant.astimezone(UTC))


def print_rows(names: Sequence[str], rows: Iterator[tuple[Any, ...]], form: str) -> None:
    """Print rows as a table, CSV or JSON."""
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
    else:
        table = Table(*names, show_lines=False)
        for row in rows:
            table.add_row(*("" if value is None else str(value) for value in row))
        out.print(table)


# -- standards --------------------------------------------------------------------------------------------------------


def show_standards(  # the question has these parts
    slug: str | None,
    office: str | None,
    since: date | None,
    until: date | None,
    as_of: str | None,
    bucket: str | None,
    *,
    as_json: bool,
) -> None:
    """Print every standard, one, or the cases under one number of it."""
    if slug is not None and slug not in BY_SLUG:
        raise NotFound("standard-unknown", None, zh=f"没有这项标准：{slug}", en=f"no standard {slug}")
    if bucket is not None and (bucket not in BUCKETS or slug is None):
        raise Malformed(
            "cases", None, zh=f"--cases 为 {'、'.join(BUCKETS)}", en="--cases needs a standard and a number"
        )
    with running() as runtime:
        readings = read_standards(runtime, office, since, until, as_of, [BY_SLUG[slug]] if slug else list(STANDARDS))
        if bucket is not None:
            _print_cases(runtime, readings[0], bucket, as_json=as_json)
        elif as_json:
            echo([_as_json(reading) for reading in readings])
        else:
            out.print(standards_table(readings))


def read_standards(
    runtime: Runtime,
    office: str | None,
    since: date | None,
    until: date | None,
    as_of: str | None,
    wanted: Sequence[Any],
) -> list[Reading]:
    """The figures of an office; a played office's «now» is the time of its last page."""
    point = _as_of(runtime, office, as_of)
    with runtime.pool.connection() as connection:
        now = datetime.now(UTC)
        if office is not None:
            head = Book(connection).head(office)
            if head is not None and head[3]:
                now = head[1]
        last = until or local_date(now)
        return [
            read(
                connection,
                REGISTERS,
                standard,
                office=office,
                since=since or date(last.year, 1, 1),
                until=last,
                now=now,
                as_of=point,
                settings=settings_then(runtime.office, office, _page(runtime, office, point)) if office else None,
            )
            for standard in wanted
        ]


def _page(runtime: Runtime, office: str, point: AsOf) -> int | None:
    """The page that a moment means; None while the figures are today's."""
    if point.instant is None:
        return point.number
    with runtime.pool.connection() as connection:
        return Book(connection).number_at(office, point.instant)


def standards_table(readings: Sequence[Reading]) -> Table:
    """Value, target, kept or not, clause."""
    table = Table("条款", "标准 standard", "读数 figure", "目标 target", "达标 kept", "未到期 not due", title=None)
    for reading in readings:
        standard = reading.standard
        figure = "无可计量 nothing to measure"
        if reading.ratio is not None:
            shown = yuan if standard.amount else "{:,}".format
            parts = [shown(n) for n in (reading.met, reading.counted)]
            figure = f"{percent(reading.met, reading.counted)}%  ({'/'.join(parts)})"
        kept = {True: "[green]✓ 达标[/]", False: "[red]✗ 未达标[/]", None: "—"}[reading.kept]
        target = "—" if reading.target is None else f"{'≤' if standard.at_most else '≥'} {_target(reading)}"
        names = f"{standard.zh}\n[dim]{standard.en}[/]"
        table.add_row(f"§{standard.clause}", names, figure, target, kept, f"{reading.not_yet_due:,}")
    return table


def _target(reading: Reading) -> str:
    assert reading.target is not None
    return f"{percent(reading.target.numerator, reading.target.denominator)}%"


def _as_json(reading: Reading) -> dict[str, Any]:
    from api.standards import reading_view

    return reading_view(reading)


def _print_cases(runtime: Runtime, reading: Reading, bucket: str, *, as_json: bool) -> None:
    after, found = None, []
    with runtime.pool.connection() as connection:
        while page := cases(connection, REGISTERS, reading, bucket, after=after, limit=1000):
            found += page
            after = page[-1]
    print_rows(["office", "case_id", "line"], iter(found), "json" if as_json else "table")


def echo(value: Any) -> None:
    """Print as JSON."""
    print(json.dumps(msgspec.to_builtins(value, enc_hook=str), ensure_ascii=False))


# -- the compliance report --------------------------------------------------------------------------------------------


def show_compliance(
    office: str | None, since: date | None, until: date | None, as_of: str | None, form: str, file: Path | None
) -> None:
    """The handbook clause by clause, as table, JSON, CSV or (into a file) a workbook."""
    from api import compliance
    from api.resting import resting
    from workflows.policies import POLICIES

    if form not in ("table", "json", "csv", "xlsx"):
        raise Malformed("format", None, zh="格式为 table、csv、json 或 xlsx", en="--format is table, csv, json or xlsx")
    if form == "xlsx" and file is None:
        raise Malformed("file", None, zh="请用 --file 指明文件", en="say --file FILE")
    with running() as runtime:
        readings = {
            each.standard.slug: each for each in read_standards(runtime, office, since, until, as_of, STANDARDS)
        }
        with runtime.pool.connection() as connection:
            behind = compliance.missed(connection, REGISTERS, readings.values()) if form == "xlsx" else {}
    rests = resting(REGISTERS, POLICIES, [(each.clause, each.slug) for each in STANDARDS])
    found = list(compliance.lines(lambda standard: readings[standard.slug], STANDARDS, rests))
    first = next(iter(readings.values()))
    if form == "json":
        made = msgspec.json.encode([compliance.view(line) for line in found], enc_hook=str) + b"\n"
    elif form == "csv":
        made = compliance.as_csv(found)
    elif form == "xlsx":
        title = compliance.title_of(office, first.since, first.until, first.moment)
        made = compliance.as_xlsx(found, title, behind)
    else:
        made = b""
        names = ["条款", "职责 duty", "标准 standard", "％", "目标", "未达 missed", "结论 status"]
        rows = ((x.clause, x.zh, x.figure_zh, x.percent, x.target, x.missed, x.status.zh) for x in found)
        print_rows(names, iter(rows), "table")
    if file is not None:
        file.write_bytes(made)
        out.print(f"✓ {file}")
    elif made:
        sys.stdout.write(made.decode("utf-8-sig"))
