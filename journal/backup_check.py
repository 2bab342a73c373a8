"""What no fact binds, held against what is kept elsewhere: a backup 备份 and the list of erasures 销毁清单.

By which id a household's key is named outside the database, what a request was answered, which cases were imported and what
was mended follow from no fact. They are written once, so that what stood there when a backup was made must stand there now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql

from journal.backups import Contents, put_in
from journal.hash_chain import Finding

__all__ = ["against_backup", "listed_and_living"]

_ONCE: Final = {"answers": None, "imports": ("office", "mapping", "source_case"), "mendings": None}
"""Tables whose rows are written once, never changed and never deleted; of an import the mark stays, and what it says goes on with a later export."""
_KEYS: Final = """
select t.office, t.subject, n.id is null, n.id is distinct from t.id, t.wrapped is null and n.wrapped is not null
  from then_keys t left join wuye.keys n using (office, subject)
 where n.id is distinct from t.id or t.wrapped is null and n.wrapped is not null order by 1, 2
"""
_LIVING: Final = "select office, subject from wuye.keys where wrapped is not null and id = any(%s) order by 1, 2"


def against_backup(owner: psycopg.Connection[Any], folder: Path, contents: Contents) -> Iterator[tuple[str, Finding]]:
    """Whose (an office's, or «*») is what has changed or is gone since the backup; nothing is written.

    Raises :class:`~journal.backups.BackupUnusable` when the backup was altered.
    """
    with owner.transaction(force_rollback=True):
        for table in (*_ONCE, "keys"):
            then = sql.Identifier(f"then_{table}")
            owner.execute(sql.SQL("create temporary table {} (like wuye.{})").format(then, sql.Identifier(table)))
            put_in(owner, then, contents.tables[table], folder / f"{table}.copy.z")
        for table in _ONCE:
            yield from _gone(owner, table, _ONCE[table] or contents.tables[table][0])
        for office, subject, missing, renamed, revived in owner.execute(_KEYS).fetchall():
            zh, en = "的密钥在备份之后缺失", "has gone since the backup"
            if revived:
                zh, en = "的密钥在备份时已销毁，现又存在", "was destroyed when the backup was made, and is there"
            elif renamed and not missing:
                zh, en = (
                    "的密钥编号与备份不符，销毁清单将指向他人",
                    "bears another id than in the backup: the list of erasures would name another's",
                )
            yield office, Finding(0, "key-kept-elsewhere", f"{subject} {zh}", f"the key of {subject} {en}")


def _gone(owner: psycopg.Connection[Any], table: str, columns: Sequence[str]) -> Iterator[tuple[str, Finding]]:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    whose = sql.Identifier("office") if "office" in columns else sql.Literal("*")
    found = owner.execute(
        sql.SQL(
            "select {whose}, count(*) from (select {names} from {then} except select {names} from wuye.{now}) gone"
            " group by 1 order by 1"
        ).format(whose=whose, names=names, then=sql.Identifier(f"then_{table}"), now=sql.Identifier(table))
    ).fetchall()
    for office, count in found:
        said = (
            f"{table} 中 {count} 行在备份之后被改动或删去",
            f"{count} rows of {table} were altered or are gone since the backup",
        )
        yield office, Finding(0, "kept-elsewhere", *said)


def listed_and_living(owner: psycopg.Connection[Any], listed: Mapping[UUID, datetime]) -> Iterator[tuple[str, Finding]]:
    """Whose key lives though the list of erasures names it: its id was another's, or it was brought back."""
    for office, subject in owner.execute(_LIVING, [list(listed)]).fetchall():
        yield (
            office,
            Finding(
                0,
                "key-listed",
                f"{subject} 的密钥列于销毁清单而仍在",
                f"the key of {subject} is on the list of erasures and is there",
            ),
        )
