"""Standards 标准: one declaration per measured duty, and how a figure is read from a register.

A figure is a fraction of rows: ``met`` over ``counted``; beside it stand the rows *excluded* (with the reason) and
those *not yet due*, which are never counted as done. 0 of 0 is «nothing to measure», not 100 %. Every number opens to
its cases. Percentages are fractions; nothing here is a float.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any, Final, cast

import psycopg

from domain.handbook.clauses import clause as handbook_clause
from domain.handbook.settings import SETTINGS, Settings, Source
from domain.kernel.calendar import end_of_day, local_date
from domain.office.office import Changed
from projections.engine.collection import Registers
from projections.engine.figure import Counted, as_one, counted
from projections.engine.standard_rows import rows_of

__all__ = [
    "BUCKETS",
    "AsOf",
    "Asked",
    "Measurement",
    "Standard",
    "cases",
    "confirmed",
    "pages_read",
    "read",
    "read_each",
]

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
    breach: str | None = None
    """The clock's event that makes a row missed while it stands: a late entry counts once it is confirmed."""
    minds: tuple[str, ...] = ()
    """Other breaches that it rests on: what late entries that nobody has confirmed say against them does not count."""
    only: Mapping[str, Any] = field(default_factory=dict)
    """Of which cases of its kind it speaks at all, by what they keep: a late visit touches the figures of its own type."""
    view: str | None = None
    """Instead of the register's table, a view of the book whose lines never change."""
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
    def follows(self) -> bool:
        """Whether the rows that are not yet due when a period ends are followed until they are settled."""
        return self.not_due != "false"

    @property
    def keeps_breaches(self) -> bool:
        """Whether a row counts as it stood when its breach was written, as long as that stands.

        Nobody moves it out of the figure by what he enters afterwards. Not of those who are counted on a period's last day.
        """
        return self.breach is not None and "%(until)s" not in self.of

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

    @property
    def known(self) -> str:
        """The SQL condition on the versions that had been written by then, whether they still stood or not."""
        if self.number is not None:
            return "from_number <= %(number)s"
        return "recorded_from <= %(instant)s" if self.instant is not None else "true"

    @property
    def closed(self) -> str:
        """The SQL condition on those that had ended by then."""
        if self.number is not None:
            return "to_number <= %(number)s"
        return "recorded_to <= %(instant)s" if self.instant is not None else "to_number is not null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
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
    imported: int
    """Of the counted rows those of another system's history: what they say was done elsewhere."""
    excluded: Mapping[str, int]
    ratio: Fraction | None
    target: Fraction | None
    target_since: date | None
    settings: Mapping[str, Source]
    """Every setting that it rests on, as it was in force on ``until``."""
    by_group: Mapping[str, tuple[int, int]]
    changes: tuple[Changed, ...] = ()
    """What was changed since, reaching back into the period, of the settings that it rests on."""
    parts: tuple[Measurement, ...] = ()
    """Of several offices: each one's own reading, with its own target, settings and time."""

    @property
    def kept(self) -> bool | None:
        """Whether the target is kept, by each office its own; None when there is nothing to measure or no target."""
        if self.parts:
            told = [part.kept for part in self.parts if part.kept is not None]
            return all(told) if told else None
        if self.ratio is None or self.target is None:
            return None
        return self.ratio <= self.target if self.standard.at_most else self.ratio >= self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One office whose figure is asked for: its own time, and its settings as they stood in the book.

    ``history`` is how the settings came about; ``pages`` up to where the book is read, where that is known already.
    """

    office: str
    now: datetime
    settings: Settings | None = None
    history: Iterable[Changed] = ()
    pages: Mapping[str, int] | None = None


def read(
    connection: psycopg.Connection[Any],
    registers: Registers,
    standard: Standard,
    *,
    office: str,
    since: date,
    until: date,
    now: datetime,
    as_of: AsOf = AsOf(),
    settings: Settings | None = None,
    history: Iterable[Changed] = (),
    pages: Mapping[str, int] | None = None,
) -> Measurement:
    """Read one figure of an office over the local dates ``since``–``until`` inclusive; ``now`` is the office's own.

    ``settings`` are the office's as they stood in the book at ``as_of``; those in force on ``until`` are used. What is
    overdue is judged at the moment that is asked for, never at one that is still to come. ``history`` is how the settings
    came about: what reaches back into the period is listed beside the figure. ``pages`` is up to where the book is read,
    where that is known already.
    """
    asked = Asked(office=office, now=now, settings=settings, history=history, pages=pages)
    return read_each(connection, registers, standard, [asked], since=since, until=until, as_of=as_of)[0]


def read_each(
    connection: psycopg.Connection[Any],
    registers: Registers,
    standard: Standard,
    offices: Sequence[Asked],
    *,
    since: date,
    until: date,
    as_of: AsOf = AsOf(),
) -> list[Measurement]:
    """The same figure of several offices, each by its own time and settings; offices of one time in one statement."""
    moments = {
        asked.office: min(as_of.instant or _instant_of(connection, asked.office, as_of.number) or asked.now, asked.now)
        for asked in offices
    }
    numbers: dict[str, Counted] = {}
    reasons: tuple[str, ...] = ()
    for moment in sorted(set(moments.values())):
        of_one_time = [office for office, its in moments.items() if its == moment]
        within = "office = %(office)s" if len(of_one_time) == 1 else "office = any(%(offices)s)"
        rows = rows_of(registers, standard, as_of, until, moment, within)
        arguments = _arguments(of_one_time[0], since, until, moment, as_of) | {"offices": of_one_time}
        numbers |= counted(connection, standard, rows, arguments, of_one_time)
        reasons = tuple(rows.excluded)
    return [
        _measured(
            standard,
            asked,
            numbers[asked.office],
            reasons,
            since=since,
            until=until,
            moment=moments[asked.office],
            as_of=as_of,
            pages=asked.pages if asked.pages is not None else pages_read(connection, asked.office, as_of),
        )
        for asked in offices
    ]


def _measured(
    standard: Standard,
    asked: Asked,
    numbers: Counted,
    reasons: Sequence[str],
    *,
    since: date,
    until: date,
    moment: datetime,
    as_of: AsOf,
    pages: Mapping[str, int],
) -> Measurement:
    in_force = (asked.settings or Settings()).at(until)
    used = {name: in_force.source(name) for name in standard.settings}
    target = used[standard.target] if standard.target is not None else None
    return Measurement(
        standard=standard,
        office=asked.office,
        since=since,
        until=until,
        moment=moment,
        as_of=as_of,
        pages=pages,
        met=numbers.met,
        counted=numbers.counted,
        not_yet_due=numbers.not_due,
        imported=numbers.imported,
        excluded={
            reason: count
            for reason, count in zip(reasons, numbers.excluded, strict=True)
            if count or reason in standard.excluded
        },
        ratio=Fraction(numbers.met, numbers.counted) if numbers.counted else None,
        target=Fraction(cast(Fraction, target.value)) if target is not None else None,
        target_since=target.valid_from if target is not None else None,
        settings=used,
        by_group=as_one(numbers.groups),
        changes=tuple(
            each for each in asked.history if each.name in used and each.reaches_into(since, until, local_date(each.at))
        ),
    )


def cases(
    connection: psycopg.Connection[Any],
    registers: Registers,
    reading: Measurement,
    bucket: str,
    *,
    after: tuple[str, str, str] | None = None,
    limit: int = 500,
) -> list[tuple[str, str, str]]:
    """The (office, case, line) under one number of a reading, in a stable order, after ``after``."""
    if reading.parts:
        found: list[tuple[str, str, str]] = []
        for part in reading.parts:
            if len(found) < limit and (after is None or str(part.office) >= after[0]):
                found += cases(connection, registers, part, bucket, after=after, limit=limit - len(found))
        return found
    standard, office, as_of = reading.standard, reading.office, reading.as_of
    assert office is not None
    rows = rows_of(registers, standard, as_of, reading.until, reading.moment)
    where = f"{rows.where} and {rows.buckets[bucket]}"
    if after is not None:
        where += " and (office, case_id, line) > (%(after_office)s, %(after_case)s, %(after_line)s)"
    arguments = _arguments(office, reading.since, reading.until, reading.moment, as_of) | {"limit": limit}
    if after is not None:
        arguments |= dict(zip(("after_office", "after_case", "after_line"), after, strict=True))
    statement = f"select office, case_id, line from {rows.source} where {where} order by 1, 2, 3 limit %(limit)s"
    return connection.execute(statement, arguments).fetchall()


def confirmed(connection: psycopg.Connection[Any], registers: Registers, reading: Measurement) -> tuple[int, int]:
    """Of the counted cases of an office's reading those on which the resident spoke, and those content by their own word."""
    rows = rows_of(registers, reading.standard, reading.as_of, reading.until, reading.moment)
    statement = (
        "select count(*), count(*) filter (where is_satisfied) from wuye.r_resident_words"
        f" where office = %(office)s and is_satisfied is not null and {reading.as_of.condition} and of_case in (select"
        f" case_id from {rows.source} where {rows.where} and ({rows.buckets['met']} or {rows.buckets['missed']}))"
    )
    office = cast(str, reading.office)
    spoken, content = _one(
        connection, statement, _arguments(office, reading.since, reading.until, reading.moment, reading.as_of)
    )
    return spoken, content


def _arguments(office: str, since: date, until: date, moment: datetime, as_of: AsOf) -> dict[str, Any]:
    return {
        "office": office,
        "since": since,
        "until": until,
        "end": end_of_day(until),
        "moment": moment,
        "today": local_date(moment),
        "number": as_of.number,
        "instant": as_of.instant,
    }


def _instant_of(connection: psycopg.Connection[Any], office: str, number: int | None) -> datetime | None:
    if number is None:
        return None
    row = connection.execute(
        "select recorded_at from wuye.facts where office = %s and number <= %s order by number desc limit 1",
        [office, number],
    ).fetchone()
    return row[0].astimezone(UTC) if row else None


def pages_read(connection: psycopg.Connection[Any], office: str, as_of: AsOf) -> dict[str, int]:
    """Up to which page of its book the figure was read."""
    if as_of.number is not None:
        return {office: as_of.number}
    page = "number" if as_of.instant is None else "wuye.number_at(office, %(instant)s)"
    rows: Iterable[tuple[str, int]] = connection.execute(
        f"select office, {page} from wuye.offices where office = %(office)s",
        {"office": office, "instant": as_of.instant},
    )
    return dict(rows)


def _one(connection: psycopg.Connection[Any], statement: str, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    row = connection.execute(statement, arguments).fetchone()
    assert row is not None
    return cast(tuple[Any, ...], row)
