"""What belongs to no office 无主的行: rows under a code that has no book. No reading of a book would come upon them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql

from journal.hash_chain import Finding

__all__ = ["homeless_findings"]

_TABLES = """
select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'office' and not a.attisdropped
 where c.relnamespace = 'wuye'::regnamespace and c.relkind = 'r' and c.relname not in ('offices', 'grants') order by 1
"""


def homeless_findings(owner: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Tables that hold rows of offices without a book; figures of the whole company would count them."""
    for (table,) in owner.execute(_TABLES).fetchall():
        statement = sql.SQL(
            "select exists (select from wuye.{} where office not in (select office from wuye.offices))"
        ).format(sql.Identifier(table))
        if owner.execute(statement).fetchone() == (True,):
            yield Finding(
                0, "office", f"表 {table} 中有不属于任何管理处的行", f"the table {table} has rows of no office at all"
            )
