"""Writing many row versions at once: COPY for new versions, one UPDATE for the rows they close."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import psycopg

from journal.append import Recorded, RowVersion
from projections.engine.register import FIXED, Register

__all__ = ["copy_versions", "write_versions"]

_OIDS: Final = {"text": "text", "bigint": "int8", "boolean": "bool", "date": "date", "timestamptz": "timestamptz"}


def write_versions(
    connection: psycopg.Connection[Any],
    register: Register,
    office: str,
    versions: Sequence[RowVersion],
    recorded: Recorded,
) -> None:
    """Write one register's row versions of one append, and close the rows they replace."""
    first = recorded.first_number
    closing = [(v.case_id, v.line, first + v.i) for v in versions if not v.fresh]
    if closing:
        _close(connection, register, office, closing, recorded.recorded_at)
    copy_versions(
        connection,
        register,
        register.table,
        (_stored(office, first, recorded.recorded_at, v) for v in versions if v.values is not None),
    )


def copy_versions(
    connection: psycopg.Connection[Any], register: Register, table: str, rows: Iterable[Sequence[Any]]
) -> None:
    """COPY complete row versions (the fixed columns, then the register's own) into a register's table."""
    names = ", ".join((*FIXED, *(column.name for column in register.stored)))
    types = ["text", "text", "text", "int8", "int8", "timestamptz", "timestamptz"]
    types += [_OIDS[column.sql] for column in register.stored]
    statement = f"copy wuye.{table} ({names}) from stdin (format binary)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _stored(office: str, first: int, recorded_at: datetime, version: RowVersion) -> tuple[Any, ...]:
    assert version.values is not None
    till = version.till
    ended = (None, recorded_at, None) if till is None else (first + till, recorded_at, recorded_at)
    return (office, version.case_id, version.line, first + version.i, *ended, *version.values)


def _close(
    connection: psycopg.Connection[Any],
    register: Register,
    office: str,
    closing: Sequence[tuple[str, str, int]],
    recorded_at: datetime,
) -> None:
    connection.execute(
        f"update wuye.{register.table} t set to_number = n.number, recorded_to = %s"
        " from unnest(%s::text[], %s::text[], %s::bigint[]) as n(case_id, line, number)"
        " where t.office = %s and t.case_id = n.case_id and t.line = n.line and t.to_number is null",
        [recorded_at, *map(list, zip(*closing, strict=True)), office],
    )
