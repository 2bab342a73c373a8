"""The blind index 盲索引 made anew from the registers' rows, for whoever holds the master key; and asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import psycopg
from psycopg.types.json import Jsonb

from journal.blind_index import BlindIndex, index_purpose
from journal.confidential import ERASED, UNREADABLE, MasterKey, is_token, open_cell, subject_of
from projections.engine.rebuild import Unexplained
from projections.engine.register import Register

__all__ = ["FOUND", "cases_found", "found_in", "rebuild_search"]

FOUND: Final = "select f.case_id, f.line from wuye.found_by f where f.office = %(office)s and f.register = "
"""The rows of a register that are found; its name and the tokens come behind."""
_Entry = tuple[str | None, tuple[str, ...]]


def cases_found(asked: Sequence[Sequence[str]]) -> tuple[str, dict[str, list[str]]]:
    """A query for the cases of ``registers`` of an ``office`` in a row of which something of every word is found, and what it asks."""
    wheres = "".join(
        " and exists (select from wuye.found_by g where (g.office, g.register, g.case_id, g.line)"
        f" = (f.office, f.register, f.case_id, f.line) and g.tokens && %(w{n})s::text[])"
        for n in range(1, len(asked))
    )
    query = (
        "select f.case_id from wuye.found_by f where f.office = %(office)s and f.register = any(%(registers)s)"
        f" and f.tokens && %(w0)s::text[]{wheres}"
    )
    return query, {f"w{n}": list(word) for n, word in enumerate(asked)}


def found_in(
    connection: psycopg.Connection[Any],
    office: str,
    asked: Sequence[Sequence[str]],
    registers: Sequence[str],
    most: int,
) -> dict[tuple[str, str, str], list[str]]:
    """The rows in which something of every word is found: (register, case, line) → the columns by which."""
    wheres = " and ".join(
        "exists (select from wuye.found_by g where (g.office, g.register, g.case_id, g.line)"
        f" = (f.office, f.register, f.case_id, f.line) and g.tokens && %(w{n})s::text[])"
        for n in range(1, len(asked))
    )
    every = sorted({token for word in asked for token in word})
    values = {f"w{n}": list(word) for n, word in enumerate(asked)}
    rows = connection.execute(
        "select f.register, f.case_id, f.line, array_agg(f.field order by f.field) filter (where f.tokens && %(every)s::text[])"
        # What the first word finds is asked once, not for every entry of the office: the rest is looked at beside it alone.
        " from wuye.found_by f where f.office = %(office)s and (f.register, f.case_id, f.line) in ("
        "   select h.register, h.case_id, h.line from wuye.found_by h"
        "    where h.office = %(office)s and h.register = any(%(registers)s) and h.tokens && %(w0)s::text[])"
        f"{' and ' + wheres if wheres else ''}"
        " group by f.register, f.case_id, f.line order by f.register, f.case_id desc, f.line limit %(most)s",
        values | {"office": office, "registers": list(registers), "every": every, "most": most},
    )
    return {(register, case_id, line): fields for register, case_id, line, fields in rows}


def rebuild_search(
    owner: psycopg.Connection[Any],
    registers: Iterable[Register],
    master: MasterKey,
    *,
    keep: bool = True,
    mend: str | None = None,
) -> int:
    """Make the index anew, in one transaction of the owner; returns how many entries were missing, too many or otherwise.

    What was erased has no entry. Writers wait meanwhile. Without ``keep`` nothing is changed. Raises :class:`Unexplained`
    when something differs and ``mend``, the owner's reason, is missing.
    """
    with owner.transaction():
        owner.execute("lock table wuye.offices in exclusive mode")
        made = dict(_entries(owner, [r for r in registers if r.found_by], master))
        stored = {
            tuple(row[:5]): (row[5], tuple(row[6]))
            for row in owner.execute(
                "select office, register, case_id, line, field, subject, tokens from wuye.found_by"
            )
        }
        wrong = {at for at in made.keys() | stored.keys() if made.get(at) != stored.get(at)}
        if wrong and keep:
            if mend is None:
                raise Unexplained({"search": len(wrong)})
            owner.execute(
                "insert into wuye.mendings (reason, what) values (%s, %s)", [mend, Jsonb({"search": len(wrong)})]
            )
            owner.execute("truncate wuye.found_by")
            columns = "office, register, case_id, line, field, subject, tokens"
            with owner.cursor() as cursor, cursor.copy(f"copy wuye.found_by ({columns}) from stdin") as copy:
                for at, (subject, tokens) in made.items():
                    copy.write_row((*at, subject, list(tokens)))
    return len(wrong)


def _entries(
    owner: psycopg.Connection[Any], registers: Sequence[Register], master: MasterKey
) -> Iterable[tuple[tuple[str, ...], _Entry]]:
    indexes: dict[str, BlindIndex] = {}
    keys: dict[str, Callable[[str], bytes | None]] = {}
    for register in registers:
        names = list(register.found_by)
        rows = owner.execute(
            f"select office, case_id, line, {', '.join(names)} from wuye.{register.table} where to_number is null"
        ).fetchall()
        for office, case_id, line, *values in rows:
            if office not in indexes:
                indexes[office] = BlindIndex(master.secret(index_purpose(office)))
                keys[office] = _keys(owner, office, master)
            for name, value in zip(names, values, strict=True):
                if value is None:
                    continue
                text = open_cell(value, case_id, keys[office]) if is_token(value) else value
                tokens = [] if text in (ERASED, UNREADABLE) else indexes[office].tokens(register.found_by[name], text)
                if tokens:
                    subject = subject_of(value) if is_token(value) else None
                    yield (office, register.name, case_id, line, name), (subject, tuple(tokens))


def _keys(owner: psycopg.Connection[Any], office: str, master: MasterKey) -> Callable[[str], bytes | None]:
    wrapped: Mapping[str, bytes | None] = dict(
        owner.execute("select subject, wrapped from wuye.keys where office = %s", [office]).fetchall()
    )
    opened: dict[str, bytes | None] = {}

    def key_of(subject: str) -> bytes | None:
        if subject not in opened:
            key = wrapped.get(subject)
            opened[subject] = None if key is None else master.unwrap(f"{office}/{subject}", key)
        return opened[subject]

    return key_of
