"""Writing a register's whole versions at once, by COPY, for a rebuild."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import psycopg

from projections.engine.register import FIXED, Register

__all__ = ["copy_versions"]

_OIDS: Final = {"text": "text", "bigint": "int8", "boolean": "bool", "date": "date", "timestamptz": "timestamptz"}


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
