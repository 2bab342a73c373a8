"""Standards 标准: one declaration per measured duty, and how a figure is read from a register.

A figure is a fraction of rows: ``met`` over ``counted``; beside it stand the rows *excluded* (with the reason) and
those *not yet due*, which are never counted as done. 0 of 0 is «nothing to measure», not 100 %. Every number opens to
its cases. Percentages are fractions; nothing here is a float.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any, Final, cast

import psycopg

from domain.handbook.clauses import clause as handbook_clause
from domain.handbook.settings import SETTINGS, Settings, Source
from domain.kernel.calendar import local_date
from projections.engine.collection import Registers

__all__ = ["BUCKETS", "AsOf", "Reading", "Standard", "cases", "read"]

BUCKETS: Final = ("met", "missed", "not-yet-due", "excluded")
"""Where a row of the population can stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """One measured duty.

    ``of`` is the local date by which a row belongs to a period, ``population`` which rows count at all, ``met``,
    ``not_due`` and ``excluded`` (reason → condition) where each stands: SQL over the register's columns, with
    ``%(moment)s`` (the instant of the reading), ``%(today)s`` (its local date), ``%(since)s`` and ``%(until)s`` (local
    dates, inclusive). ``amount`` sums columns, in hundredths of what ``unit`` names (fen), instead of counting rows. ``target`` names the setting; ``at_most`` turns it round.
    """

    slug: str
    zh: str
    en: str
    clause: str
    register: str
    of: str
    met: str
    population: str = "true"
    not_due: str = "false"
    excluded: Mapping[str, str] = field(default_factory=dict)
    target: str | None = None
    at_most: bool = False
    amount: tuple[str, str] | None = None
    unit: str = "fen"
    group: str | None = None
    note_zh: str = ""
    note_en: str = ""
    rests_on: tuple[str, ...] = ()
    """The settings that made its deadlines, and how an open question of the handbook was answered."""

    def __post_init__(self) -> None:
        """Unknown clauses and settings do not import."""
        handbook_clause(self.clause)
        for name in self.settings:
            if name not in SETTINGS:
                msg = f"{self.slug}: no setting {name}"
                raise TypeError(msg)

    @property
    def settings(self) -> tuple[str, ...]:
        """Every setting behind the figure, its target first: all are shown with it."""
        return self.rests_on if self.target is None else (self.target, *self.rests_on)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The state of the book that is read: up to a page, up to an instant, or (neither) as it stands."""

    number: int | None = None
    instant: datetime | None = None

    @property
    def condition(self) -> str:
        """The SQL condition on a register's row versions."""
        if self.number is not None:
            return "from_number <= %(number)s and (to_number is null or to_number > %(number)s)"
        if self.instant is not None:
            return "recorded_from <= %(instant)s and (recorded_to is null or recorded_to > %(instant)s)"
        return "to_number is null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One figure and all it rests on. ``ratio`` is None when there is nothing to measure; sums are in the standard's unit."""

    standard: Standard
    office: str | None
    since: date
    until: date
    moment: datetime
    as_of: AsOf
    pages: Mapping[str, int]
    met: int
    counted: int
    not_yet_due: int
    excluded: Mapping[str, int]
    ratio: Fraction | None
    target: Fraction | None
    target_since: date | None
    settings: Mapping[str, Source]
    """Every setting that it rests on, as it was in force on ``until``."""
    by_group: Mapping[str, tuple[int, int]]

    @property
    def kept(self) -> bool | None:
        """Whether the target is kept; None when there is nothing to measure or no target."""
        if self.ratio is None or self.target is None:
            return None
        return self.ratio <= self.target if self.standard.at_most else self.ratio >= self.target


def read(
    connection: psycopg.Connection[Any],
    registers: Registers,
    standard: Standard,
    *,
    office: str | None,
    since: date,
    until: date,
    now: datetime,
    as_of: AsOf = AsOf(),
    settings: Settings | None = None,
) -> Reading:
    """Read one figure for an office, or (None) for all, over the local dates ``since``–``until`` inclusive.

    ``settings`` are the office's as they stood in the book at ``as_of``; those in force on ``until`` are used. What is
    overdue is judged at the moment that is asked for, never at one that is still to come.
    """
    moment = min(as_of.instant or _instant_of(connection, office, as_of.number) or now, now)
    numbers = (settings or Settings()).at(until)
    used = {name: numbers.source(name) for name in standard.settings}
    arguments = _arguments(office, since, until, moment, as_of)
    row = _one(connection, _figure_sql(registers, standard, office, as_of), arguments)
    met, counted, not_due, *excluded = (int(value or 0) for value in row)
    target = used[standard.target] if standard.target is not None else None
    return Reading(
        standard=standard,
        office=office,
        since=since,
        until=until,
        moment=moment,
        as_of=as_of,
        pages=_pages(connection, office, as_of),
        met=met,
        counted=counted,
        not_yet_due=not_due,
        excluded=dict(zip(standard.excluded, excluded, strict=True)),
        ratio=Fraction(met, counted) if counted else None,
        target=Fraction(cast(Fraction, target.value)) if target is not None else None,
        target_since=target.valid_from if target is not None else None,
        settings=used,
        by_group=_by_group(connection, registers, standard, office, as_of, arguments),
    )


def cases(
    connection: psycopg.Connection[Any],
    registers: Registers,
    reading: Reading,
    bucket: str,
    *,
    after: tuple[str, str, str] | None = None,
    limit: int = 500,
) -> list[tuple[str, str, str]]:
    """The (office, case, line) under one number of a reading, in a stable order, after ``after``."""
    standard, office, as_of = reading.standard, reading.office, reading.as_of
    where = f"{_scope(standard, office, as_of)} and {_buckets(standard)[bucket]}"
    if after is not None:
        where += " and (office, case_id, line) > (%(after_office)s, %(after_case)s, %(after_line)s)"
    arguments = _arguments(office, reading.since, reading.until, reading.moment, as_of) | {"limit": limit}
    if after is not None:
        arguments |= dict(zip(("after_office", "after_case", "after_line"), after, strict=True))
    table = registers.by_name[standard.register].table
    statement = f"select office, case_id, line from wuye.{table} where {where} order by 1, 2, 3 limit %(limit)s"
    return connection.execute(statement, arguments).fetchall()


def _scope(standard: Standard, office: str | None, as_of: AsOf) -> str:
    where = f"({standard.population}) and {standard.of} between %(since)s and %(until)s and {as_of.condition}"
    return where if office is None else f"office = %(office)s and {where}"


def _buckets(standard: Standard) -> dict[str, str]:
    """The four conditions; each row of the population stands in exactly one."""
    excluded = " or ".join(f"coalesce(({sql}), false)" for sql in standard.excluded.values()) or "false"
    met, not_due = f"coalesce(({standard.met}), false)", f"coalesce(({standard.not_due}), false)"
    return {
        "excluded": f"({excluded})",
        "met": f"(not ({excluded}) and {met})",
        "not-yet-due": f"(not ({excluded}) and not {met} and {not_due})",
        "missed": f"(not ({excluded}) and not {met} and not {not_due})",
    }


def _figure_sql(registers: Registers, standard: Standard, office: str | None, as_of: AsOf) -> str:
    table = registers.by_name[standard.register].table
    buckets = _buckets(standard)
    if standard.amount is not None:
        part, whole = standard.amount
        counted = f"not {buckets['excluded']} and not {buckets['not-yet-due']}"
        sums = [f"sum({part}) filter (where {counted})", f"sum({whole}) filter (where {counted})"]
    else:
        sums = [
            f"count(*) filter (where {buckets['met']})",
            f"count(*) filter (where {buckets['met']} or {buckets['missed']})",
        ]
    sums.append(f"count(*) filter (where {buckets['not-yet-due']})")
    sums += [f"count(*) filter (where coalesce(({sql}), false))" for sql in standard.excluded.values()]
    return f"select {', '.join(sums)} from wuye.{table} where {_scope(standard, office, as_of)}"


def _by_group(
    connection: psycopg.Connection[Any],
    registers: Registers,
    standard: Standard,
    office: str | None,
    as_of: AsOf,
    arguments: Mapping[str, Any],
) -> dict[str, tuple[int, int]]:
    if standard.group is None:
        return {}
    buckets = _buckets(standard)
    table = registers.by_name[standard.register].table
    statement = (
        f"select {standard.group}::text, count(*) filter (where {buckets['met']}),"
        f" count(*) filter (where {buckets['met']} or {buckets['missed']})"
        f" from wuye.{table} where {_scope(standard, office, as_of)} group by 1 order by 1"
    )
    rows = connection.execute(statement, arguments).fetchall()
    return {group: (met, counted) for group, met, counted in rows if group is not None}


def _arguments(office: str | None, since: date, until: date, moment: datetime, as_of: AsOf) -> dict[str, Any]:
    return {
        "office": office,
        "since": since,
        "until": until,
        "moment": moment,
        "today": local_date(moment),
        "number": as_of.number,
        "instant": as_of.instant,
    }


def _instant_of(connection: psycopg.Connection[Any], office: str | None, number: int | None) -> datetime | None:
    if number is None or office is None:
        return None
    row = connection.execute(
        "select recorded_at from wuye.facts where office = %s and number <= %s order by number desc limit 1",
        [office, number],
    ).fetchone()
    return row[0].astimezone(UTC) if row else None


def _pages(connection: psycopg.Connection[Any], office: str | None, as_of: AsOf) -> dict[str, int]:
    """Up to which page of each book the figure was read."""
    if office is not None and as_of.number is not None:
        return {office: as_of.number}
    statement = "select office, number from wuye.offices"
    if as_of.instant is not None:
        statement = "select office, wuye.number_at(office, %(instant)s) from wuye.offices"
    rows: Iterable[tuple[str, int]] = connection.execute(
        f"{statement} where %(office)s::text is null or office = %(office)s order by office",
        {"office": office, "instant": as_of.instant},
    )
    return dict(rows)


def _one(connection: psycopg.Connection[Any], statement: str, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    row = connection.execute(statement, arguments).fetchone()
    assert row is not None
    return cast(tuple[Any, ...], row)
