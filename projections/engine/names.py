"""Names 名称 in the registers: which columns bear them, and the table of names, made anew from all rows.

A name is shown as it was typed first: of the spellings that a book has, the one on its earliest page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import psycopg

from domain.kernel.names import FIELDS, NameKind
from domain.kernel.spelling import canonical
from projections.engine.register import Register

__all__ = ["named_columns", "rebuild_names"]

_OWN: Final = {
    ("keys", "number"): NameKind.KEY,
    ("staff", "person"): NameKind.PERSON,
    ("notice-boards", "name"): NameKind.BOARD,
    ("patrol-routes", "name"): NameKind.ROUTE,
    ("service-items", "code"): NameKind.SERVICE,
}
"""Where such names come into use; homes do in whichever register."""


def named_columns(register: Register) -> Mapping[str, NameKind]:
    """The columns of a register that bear names."""
    kinds = {c.name: _OWN.get((register.name, c.name)) or FIELDS.get(c.name) for c in register.columns if c.type is str}
    return {name: kind for name, kind in kinds.items() if kind is not None and name not in register.sealed}


def rebuild_names(owner: psycopg.Connection[Any], registers: Iterable[Register]) -> int:
    """Make the table of names anew from the registers' rows; returns how many names were missing, too many or otherwise."""
    first: dict[tuple[str, str, str], tuple[int, str]] = {}
    for register in registers:
        for column, kind in named_columns(register).items():
            if kind is not NameKind.HOME and (register.name, column) not in _OWN:
                continue
            rows = owner.execute(
                f"select office, {column}, min(from_number) from wuye.{register.table}"
                f" where {column} is not null group by office, {column}"
            )
            for office, text, page in rows:
                name = (office, kind.value, canonical(text))
                first[name] = min(first.get(name, (page, text)), (page, text))
    stored = {row[:3]: row[3] for row in owner.execute("select office, kind, compared, shown from wuye.names")}
    made = {name: text for name, (_, text) in first.items() if name[2]}
    wrong = dict(made.items() ^ stored.items())
    if wrong:
        owner.execute("delete from wuye.names")
        with (
            owner.cursor() as cursor,
            cursor.copy("copy wuye.names (office, kind, compared, shown) from stdin") as copy,
        ):
            for name, text in made.items():
                copy.write_row((*name, text))
    return len(wrong)
