"""What the subcommands of ``wuye`` do. Imported by them when they run."""

from __future__ import annotations

import re
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg
from psycopg_pool import PoolTimeout
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.cli.printing import echo, out, print_rows, print_spoilt, table_of
from api.figures import Figures
from api.http.context import HIDDEN
from api.http.listing import MOST_ROWS
from api.routes.standards import percent
from api.runtime import Runtime, open_runtime
from domain.kernel.calendar import SHANGHAI, end_of_day
from domain.kernel.errors import Malformed, NotFound, Refusal
from domain.kernel.money import yuan
from domain.kernel.people import Actor, Role
from domain.residents.reading import RecordReading
from journal.backups import BackupUnusable
from journal.book import Book
from journal.codec import FutureSchema, UnknownEvent
from journal.confidential import Tampered, UnusableKey, is_token, open_cell
from journal.embedded import NoPostgres
from journal.erasures import ErasureListAltered
from journal.key_rotation import StillConnected
from journal.key_store import KeyStore
from journal.locks import HeldUp
from journal.migrate import MigrationChanged
from journal.office_transaction import office_transaction
from journal.server_check import UnsafeServer
from projections.engine import timeline
from projections.engine.rebuild import Unexplained
from projections.engine.register import Register
from projections.engine.standard import BUCKETS, AsOf, Measurement, cases
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG, STANDARDS
from workflows.engine.handler import Busy
from workflows.engine.request import CommandRequest


def refusals() -> tuple[type[Exception], ...]:
    """What is said in one line instead of a traceback: what an operator can put right."""
    databases = (psycopg.OperationalError, psycopg.ProgrammingError, psycopg.DataError, PoolTimeout)
    installation = (
        UnsafeServer,
        NoPostgres,
        MigrationChanged,
        HeldUp,
        UnusableKey,
        Tampered,
        Unexplained,
        ValidationError,
    )
    backups = (BackupUnusable, ErasureListAltered, StillConnected)
    newer = (UnknownEvent, FutureSchema)
    return (Refusal, Busy, *installation, *backups, *newer, *databases, OSError)


def told(error: Exception) -> str:
    """The line: what is wrong in both languages, and then whatever the system says about it."""
    match error:
        case Busy():
            return "办理拥挤，请重试 / others keep changing the same cases: try again"
        case psycopg.Error() | PoolTimeout():
            return f"数据库无法使用 / the database cannot be used: {_first_line(error)}"
        case ValidationError():
            wrong = "; ".join(f"WUYE_{'.'.join(map(str, each['loc']))}".upper() for each in error.errors())
            return f"环境变量取值有误 / an environment variable cannot be read: {wrong}"
        case OSError():
            return f"文件或端口无法使用 / cannot use: {error.filename or ''} ({error.strerror or error})"
    return str(error)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@contextmanager
def running() -> Iterator[Runtime]:
    """The program, with a progress bar if registers have to be rebuilt first."""
    with rebuilding() as shown, open_runtime(progress=shown) as runtime:
        if runtime.rebuilt is not None:
            print_spoilt(runtime.rebuilt.spoilt)
        yield runtime


@contextmanager
def rebuilding() -> Iterator[Any]:
    """A progress bar that appears at its first step."""
    bar = Progress(
        TextColumn("重建登记簿 rebuilding"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        transient=True,
        console=Console(stderr=True),
    )
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
        every = [
            *((r.name, r.zh, r.en, r.clause) for r in REGISTERS.all),
            (timeline.NAME, timeline.ZH, timeline.EN, "1"),
        ]
        print_rows(["name", "zh", "en", "clause"], iter(every), form)
        return
    register = REGISTERS.by_name.get(name)
    if register is None and name != timeline.NAME:
        known = ", ".join(r.name for r in REGISTERS.all)
        raise NotFound("register-unknown", None, zh=f"没有这个登记簿：{name}（{known}）", en=f"no register {name}")
    _check_form(form)
    if office is None:
        raise Malformed("office", None, zh="请用 --office 指明管理处", en="say --office CODE")
    with running() as runtime:
        point = _as_of(runtime, office, as_of)
        if register is None:
            _print_timeline(runtime, office, point, form, late=False)
            return
        names = ["office", "case_id", "line", "number", *(column.name for column in register.shown)]
        with closing(_rows(runtime, register, office, point, reveal=reveal)) as rows:
            print_rows(names, rows, form)


def show_timeline(office: str, as_of: str | None, form: str, *, late: bool) -> None:
    """Print the book line by line; of late entries alone, if that is asked."""
    _check_form(form)
    with running() as runtime:
        _print_timeline(runtime, office, _as_of(runtime, office, as_of), form, late=late)


def _print_timeline(runtime: Runtime, office: str, point: AsOf, form: str, *, late: bool) -> None:
    with runtime.pool.connection() as connection, connection.transaction():
        lines = timeline.timeline(connection, office, number=point.number, instant=point.instant, late=late)
        print_rows(list(timeline.COLUMNS), lines, form)


def _check_form(form: str) -> None:
    if form not in ("table", "csv", "json"):
        raise Malformed("format", None, zh="格式为 table、csv 或 json", en="--format is table, csv or json")


def _rows(
    runtime: Runtime, register: Register, office: str, point: AsOf, *, reveal: bool
) -> Generator[tuple[Any, ...]]:
    names = ", ".join(column.name for column in register.shown)
    statement = (
        f"select office, case_id, line, from_number, {names} from wuye.{register.table}"
        f" where office = %(office)s and {point.condition} order by case_id, line"
    )
    arguments = {"office": office, "number": point.number, "instant": point.instant}
    with office_transaction(runtime.pool.connection, office) as connection:
        key_of = runtime.handler.keys.opening(KeyStore(connection, office))
        with connection.cursor(name="register") as cursor:
            cursor.itersize = 5_000
            cursor.execute(statement, arguments)
            while rows := cursor.fetchmany(MOST_ROWS):
                if reveal:
                    _record_reading(runtime, office, register, [row[1] for row in rows if any(map(is_token, row))])
                for row in rows:
                    shown = list(row)
                    for i, value in enumerate(row[4:], 4):
                        if is_token(value):
                            shown[i] = open_cell(value, row[1], key_of) if reveal else HIDDEN
                    yield tuple(shown)


def _record_reading(runtime: Runtime, office: str, register: Register, case_ids: list[str]) -> None:
    """The operator's readings are facts like everybody's (§9.2); without one nothing is shown."""
    if case_ids:
        roles = (Role.SYSTEM_ADMINISTRATOR,)
        what, distinct = f"wuye register {register.name}", tuple(dict.fromkeys(case_ids))
        command = RecordReading(reader="operator", roles=roles, what=what, case_ids=distinct)
        runtime.handler.handle(
            CommandRequest(
                office=office, command=command, actor=Actor("operator", Role.POLICY), now=runtime.time_in(office)
            )
        )


def _as_of(runtime: Runtime, office: str | None, raw: str | None) -> AsOf:
    if office is not None:
        with runtime.pool.connection() as connection:
            if Book(connection, office).head() is None:
                raise NotFound("office-unknown", None, zh=f"没有这个管理处：{office}", en=f"no office {office}")
    if raw is None:
        return AsOf()
    if re.fullmatch(r"[0-9]{1,15}", raw):
        return AsOf(number=int(raw))
    try:
        return AsOf(instant=_stood(raw).astimezone(UTC))
    except (ValueError, OverflowError):
        raise Malformed(
            "as-of",
            None,
            zh="--as-of 为页码、日期（当日24:00）或时刻，如 2026-03-31、2026-03-31T18:00、2026-03-31T10:00Z",
            en="--as-of is a page number, a date (24:00 of it) or an instant; local time unless it says another",
        ) from None


def _stood(raw: str) -> datetime:
    """An instant, or a day at its end: as it stood then."""
    return end_of_day(date.fromisoformat(raw)) if not re.search("[T ]", raw) else instant_of(raw)


def instant_of(raw: str) -> datetime:
    """An instant as people write it, local time unless it says another; a day without an hour begins at 00:00.

    Raises ``ValueError`` or ``OverflowError`` for anything else.
    """
    day, _, hour = raw.replace(" ", "T").partition("T")
    if hour in ("24:00", "24:00:00", "24:00+08:00", "24:00:00+08:00"):
        return end_of_day(date.fromisoformat(day))
    instant = datetime.fromisoformat(raw)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=SHANGHAI)


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
            out.print(standards_table(readings, out.width))


def read_standards(
    runtime: Runtime,
    office: str | None,
    since: date | None,
    until: date | None,
    as_of: str | None,
    wanted: Sequence[Any],
) -> list[Measurement]:
    """The figures of an office by its own time, or of all."""
    point = _as_of(runtime, office, as_of)
    if office is None and point.number is not None:
        raise Malformed(
            "as-of-needs-office", None, zh="页码属于一个管理处，请用 --office 指明", en="a page number is one office's"
        )
    figures = Figures(runtime.pool.connection, REGISTERS, lambda: datetime.now(UTC))
    return figures.read(wanted, office, since, until, point)


_WIDE: Final = 110
"""Columns of a screen that holds a table of standards with every name in one piece."""


def standards_table(readings: Sequence[Measurement], width: int) -> Table:
    """Value, target, kept or not, clause; on a narrow screen each standard over two lines. Nothing is cut off."""
    if width >= _WIDE:
        table = table_of("条款", "标准 standard", "读数 figure", "目标 target", "达标 kept", "未到期 not due")
    else:
        table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
        for overflow in ("ignore", "fold"):
            table.add_column(overflow=overflow, no_wrap=overflow == "ignore")
    for reading in readings:
        standard = reading.standard
        figure = "无可计量 nothing to measure"
        if reading.ratio is not None:
            shown = yuan if standard.amount else "{:,}".format
            parts = [shown(n) for n in (reading.met, reading.counted)]
            figure = f"{percent(reading.met, reading.counted)}%  ({'/'.join(parts)})"
            figure += f"  其中导入 {reading.imported:,} imported" if reading.imported else ""
        kept = {True: "[green]✓ 达标[/]", False: "[red]✗ 未达标[/]", None: "—"}[reading.kept]
        target = "—" if reading.target is None else f"{'≤' if standard.at_most else '≥'} {_target(reading.target)}"
        names = f"{standard.zh}\n[dim]{standard.en}[/]"
        if width >= _WIDE:
            table.add_row(f"§{standard.clause}", names, figure, target, kept, f"{reading.not_yet_due:,}")
            continue
        told = [figure, *((f"目标 {target}", kept) if reading.target is not None else ())]
        told += [f"未到期 {reading.not_yet_due:,}"] if reading.not_yet_due else []
        table.add_row(f"§{standard.clause}", f"{standard.zh} [dim]{standard.en}[/]\n{'  '.join(told)}")
    return table


def _target(target: Fraction) -> str:
    """«98%», or with the decimals it has."""
    return f"{percent(target.numerator, target.denominator)}".rstrip("0").rstrip(".") + "%"


def _as_json(reading: Measurement) -> dict[str, Any]:
    from api.routes.standards import reading_view

    return reading_view(reading)


def _print_cases(runtime: Runtime, reading: Measurement, bucket: str, *, as_json: bool) -> None:
    after, found = None, []
    with runtime.pool.connection() as connection:
        while page := cases(connection, REGISTERS, reading, bucket, after=after, limit=1000):
            found += page
            after = page[-1]
    print_rows(["office", "case_id", "line"], iter(found), "json" if as_json else "table")


# -- the compliance report --------------------------------------------------------------------------------------------


def show_compliance(
    office: str | None, since: date | None, until: date | None, as_of: str | None, form: str, file: Path | None
) -> None:
    """The handbook clause by clause, as table, JSON, CSV or (into a file) a workbook."""
    from api.routes import compliance
    from api.routes.clause_index import clause_index
    from workflows.policies.index import POLICIES

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
    rests = clause_index(REGISTERS, POLICIES, [(each.clause, each.slug) for each in STANDARDS])
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
