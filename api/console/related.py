"""What a case is linked to 相关事项: what its facts name, and what names it in any register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.console.titles import is_case_id, kind_of
from api.console.values import Values
from domain.cases import BY_KIND

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["Linked", "related"]

_NAMING: Final = (
    "origin_id",
    "vacant_home",
    "renovation",
    "review",
    "move_in",
    "previous",
    "item",
    "bill",
    "loan",
    "of_case",
    "register_export",
)
"""Columns by which a case names the one that it came from."""
_MOST: Final = 40


@dataclass(frozen=True, slots=True)
class Linked:
    """One linked case."""

    kind: str
    text: str
    href: str
    state: str
    css: str


def related(page: Page, values: Values, case_id: str, said: Iterable[Any]) -> list[Linked]:
    """The cases, first those that came of this one."""
    ids = dict.fromkeys([*_naming(page, case_id), *(word for word in _ids(said) if word != case_id)])
    wanted = list(ids)[:_MOST]
    values.titles.look_up(wanted)
    made: list[Linked] = []
    for other in wanted:
        kind = kind_of(other)
        assert kind is not None
        lifecycle, title = BY_KIND[kind], values.titles.of(other)
        if not title.state and lifecycle.path in page.context.registers.by_name:
            continue  # no case of ours bears this name
        name = page.t(lifecycle.zh, lifecycle.en)
        css = "" if title.open else "st-file"
        made.append(
            Linked(
                name,
                values.titles.beside(other),
                page.at("case", other),
                title.state,
                "st-run" if title.open else css,
            )
        )
    return made


def _naming(page: Page, case_id: str) -> list[str]:
    """The cases whose registers name this one; a household's newest ones."""
    kind = kind_of(case_id)
    parts = []
    for register in page.context.registers.all:
        names = {column.name for column in register.columns}
        columns: list[str] = [name for name in _NAMING if name in names]
        if kind == "household" and "household" in names and "opened_at" in names:
            columns.append("household")
        if columns and "opened_at" in names:
            wheres = " or ".join(f"{name} = %(case)s" for name in columns)
            parts.append(
                f"(select case_id, opened_at from wuye.{register.table} where office = %(office)s"
                f" and to_number is null and ({wheres}) order by opened_at desc limit {_MOST})"
            )
    statement = f"select case_id from ({' union all '.join(parts)}) every order by opened_at desc limit {_MOST}"
    with page.connect() as connection:
        rows = connection.execute(statement.encode(), {"office": page.office, "case": case_id}).fetchall()
    return [row[0] for row in rows if row[0] != case_id]


def _ids(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        for word in value.split(" "):
            if is_case_id(word):
                yield word
    elif isinstance(value, dict):
        for each in value.values():
            yield from _ids(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _ids(each)
