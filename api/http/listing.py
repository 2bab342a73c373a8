"""One reading of a register, worked out from its columns: filters, order, page and search, as SQL with parameters.

Column names come from our own row types and are the only words that are put into statements; whatever a caller sends
is a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, LiteralString, get_args, get_type_hints
from unicodedata import normalize

import psycopg

from api.http import cursor as cursors
from api.http.choices import listed
from api.http.text import DAY_FORM, INSTANT_FORM, MOST_NUMBER, NOT_IN_LINE
from domain.kernel.names import NameKind
from domain.kernel.spelling import canonical
from journal.connections import Connect
from projections.engine.choices import choices_of
from projections.engine.names import named_columns
from projections.engine.register import Column, Register
from projections.engine.search import FOUND

__all__ = ["HOUSEHOLDS_OF", "Listing", "Malformed", "Plan", "Sort", "parse", "whole"]

DEFAULT_LIMIT: Final = 100
MOST_ROWS: Final = 1_000
HOUSEHOLDS_OF: Final = "select h.case_id from wuye.r_households h where h.office = %(office)s and h.home in"
"""The households of a home, now or before; the names of the home come behind."""
_FIXED: Final = ("office", "case_id", "line")
_RANGES: Final = (int, date, datetime)
_FIRST, _LAST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)


class Malformed(Exception):
    """A query parameter cannot be read: its name and the type of fault."""

    def __init__(self, name: str, fault: str, **said: Any) -> None:
        """As ``problems.malformed`` wants it; ``said`` are the limits or the choices that would be right."""
        super().__init__(name)
        self.fault = {"type": fault, "loc": ("query", name), "ctx": said}


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column, and which way."""

    column: str
    descending: bool = False

    @property
    def word(self) -> str:
        """As it is written in a query."""
        return f"-{self.column}" if self.descending else self.column


@dataclass
class Plan:
    """What can be asked of a register; made once."""

    register: Register
    columns: Mapping[str, Column] = field(init=False)
    names: tuple[str, ...] = field(init=False)
    filters: Mapping[str, tuple[Column, str]] = field(init=False)
    searched: tuple[str, ...] = field(init=False)
    never_null: frozenset[str] = field(init=False)
    choices: Mapping[str, Mapping[str, str]] = field(init=False)
    named: Mapping[str, NameKind] = field(init=False)

    def __post_init__(self) -> None:
        """Work out filters, sortable and searched columns."""
        register = self.register
        self.columns = {column.name: column for column in register.shown}
        page = () if "number" in self.columns else ("number",)  # of its last fact, unless it has a number of its own
        self.names = (*_FIXED, *page, *self.columns)
        hints = get_type_hints(register.row)
        own = {column.name for column in register.columns}
        never = (n for n in own if type(None) not in get_args(hints[n]))
        self.never_null = frozenset({"case_id", "late_entry", *never})
        filters: dict[str, tuple[Column, str]] = {"case_id": (Column("case_id", str, "text"), "=")}
        for name, column in self.columns.items():
            if name in register.sealed:
                continue
            filters[name] = (column, "=")
            if column.type in _RANGES:
                filters.setdefault(f"{name}_from", (column, ">="))
                filters.setdefault(f"{name}_to", (column, "<="))
        self.filters = filters
        self.choices = choices_of(register)
        self.named = named_columns(register)
        self.searched = tuple(
            name
            for name, column in self.columns.items()
            if column.type is str and name in own and name not in register.sealed
        )

    @property
    def sortable(self) -> tuple[str, ...]:
        """What a page can be ordered by: a sealed value has no order."""
        return ("case_id", *(name for name in self.columns if name not in self.register.sealed))

    @property
    def default_sort(self) -> Sort:
        """The newest first where the register knows it."""
        return Sort("opened_at", descending=True) if "opened_at" in self.columns else Sort("case_id")


@dataclass
class Listing:
    """One query of one office's register."""

    plan: Plan
    office: str
    page: int | None = None
    wheres: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    sort: Sort = Sort("case_id")
    limit: int = DEFAULT_LIMIT

    def where(self, name: str, raw: str) -> None:
        """Add a filter by its name in the query. Raises :class:`Malformed`."""
        column, comparison = self.plan.filters[name]
        value = parse(column, name, raw)
        choices = self.plan.choices.get(name)
        if choices is not None and value not in choices:
            raise Malformed(name, "enum", **listed(choices))
        key = f"f{len(self.values)}"
        self.values[key] = value
        kind = self.plan.named.get(name)
        if kind is None:
            self.wheres.append(f"{column.name} {comparison} %({key})s")
            return
        # Whatever spelling is asked for, the rows bear the name as it was typed first.
        self.values |= {f"{key}_kind": kind.value, f"{key}_name": canonical(value)}
        names = (
            f"(%({key})s, (select n.shown from wuye.names n where n.office = %(office)s"
            f" and n.kind = %({key}_kind)s and n.compared = %({key}_name)s))"
        )
        its = f"{name} in {names}"
        if kind is NameKind.HOME and "household" in self.plan.columns:
            # Older rows tell only the household: they are about the home in which it lives.
            its = f"({its} or {name} is null and household in ({HOUSEHOLDS_OF} {names}))"
        self.wheres.append(its)

    def search(self, words: str, asked: Sequence[Sequence[str]] = ()) -> None:
        """Rows in which these words stand, however wide or narrow they were typed, or that are found by what is ``asked``
        of the blind index (current entries, also for a past page).
        """
        ways = []
        for n, tokens in enumerate(asked):
            self.values |= {f"asked{n}": list(tokens), "register": self.plan.register.name}
            ways.append(f"(case_id, line) in ({FOUND} %(register)s and f.tokens && %(asked{n})s::text[])")
        if self.plan.searched:
            # Both sides by the same function: what is a capital letter, the database's locale decides. Digits and Chinese
            # have none: the texts are looked through as they are.
            self.values["q"] = words
            plain_words = normalize("NFKC", words)
            form = "{}" if plain_words.lower() == plain_words.upper() else "lower({})"
            texts = f"concat_ws(' ', {', '.join(self.plan.searched)})"
            # What is plain already is not made so again: of a hundred thousand rows that is most of the work.
            plain = (
                f"case when octet_length({texts}) = char_length({texts}) then {texts} else normalize({texts}, nfkc) end"
            )
            stands = f"position({form.format('normalize(%(q)s::text, nfkc)')} in {form.format(plain)}) > 0"
            self.wheres.append(f"({stands} or {' and '.join(ways)})" if ways else stands)

    def start_after(self, cursor: str) -> None:
        """Go on after the last row of the page before. Raises RuleBroken for another listing's cursor."""
        register, sort, value, case_id, line = cursors.read(cursor, tuple[str, str, Any, str, str])
        if register != self.plan.register.name or sort != self.sort.word:
            raise cursors.misfit()
        if any("\x00" in text for text in (case_id, line, value) if isinstance(text, str)):
            raise cursors.misfit()
        name = self.sort.column
        self.values |= {"c_case": case_id, "c_line": line}
        tie = "(case_id, line) > (%(c_case)s, %(c_line)s)"
        if name == "case_id":
            self.wheres.append(f"(case_id, line) {'<' if self.sort.descending else '>'} (%(c_case)s, %(c_line)s)")
            return
        if value is None:
            self.wheres.append(f"{name} is null and {tie}")
            return
        try:
            self.values["c_value"] = parse(self.plan.columns[name], "cursor", _word(value))
        except Malformed as wrong:
            raise cursors.misfit() from wrong
        further = f"{name} {'<' if self.sort.descending else '>'} %(c_value)s"
        nulls = "" if name in self.plan.never_null else f" or {name} is null"
        self.wheres.append(f"({further} or ({name} = %(c_value)s and {tie}){nulls})")

    def statement(self, limit: int) -> tuple[LiteralString, dict[str, Any]]:
        """The statement and its parameters."""
        if self.page is None:
            stands = "to_number is null"
        else:
            stands = "from_number <= %(page)s and (to_number is null or to_number > %(page)s)"
        way = " desc" if self.sort.descending else ""
        name = self.sort.column
        if name == "case_id":
            order = f"case_id{way}, line{way}"
        else:
            nulls = "" if name in self.plan.never_null else f"{name} is null, "
            order = f"{nulls}{name}{way}, case_id, line"
        wheres = "".join(f" and {each}" for each in self.wheres)
        selected = ("from_number" if n == "number" and n not in self.plan.columns else n for n in self.plan.names)
        sql = (
            f"select {', '.join(selected)} from wuye.{self.plan.register.table}"
            f" where office = %(office)s and {stands}{wheres} order by {order} limit %(limit)s"
        )
        values = {**self.values, "office": self.office, "page": self.page, "limit": limit}
        return sql, values

    def rows(self, connection: psycopg.Connection[Any]) -> tuple[list[dict[str, Any]], str | None]:
        """One page, and the cursor of the next."""
        sql, values = self.statement(self.limit + 1)
        found = connection.execute(sql, values).fetchall()
        rows = [dict(zip(self.plan.names, row, strict=True)) for row in found[: self.limit]]
        return rows, self.after(rows[-1]) if len(found) > self.limit else None

    def after(self, row: Mapping[str, Any]) -> str:
        """The cursor behind this row."""
        value = None if self.sort.column == "case_id" else row[self.sort.column]
        return cursors.write(self.plan.register.name, self.sort.word, value, row["case_id"], row["line"])

    def all(self, connect: Connect) -> Iterator[list[dict[str, Any]]]:
        """Every row, page by page; no connection waits while a page is taken away, however slowly."""
        base = len(self.wheres)
        while True:
            with connect() as connection:
                rows, following = self.rows(connection)
            if rows:
                yield rows
            if following is None:
                return
            del self.wheres[base:]
            self.start_after(following)


def parse(column: Column, name: str, raw: str) -> Any:
    """A query's text as the column's type. Raises :class:`Malformed`."""
    try:
        if column.type is bool:
            return {"true": True, "false": False}[raw]
        if column.type is int:
            return whole(raw)
        if column.type is datetime:
            return _instant(raw)
        if column.type is date:
            return date.fromisoformat(raw if DAY_FORM.fullmatch(raw) else "")
    except (KeyError, ValueError) as wrong:
        fault = {bool: "bool_type", int: "int_type", datetime: "time_form", date: "date_type"}[column.type]
        raise Malformed(name, fault) from wrong
    if NOT_IN_LINE.search(raw):
        raise Malformed(name, "text_character")
    return normalize("NFC", raw)


def whole(raw: str) -> int:
    """A whole number; 15.0 is one too, says JSON. Raises ``ValueError``."""
    found = re.fullmatch(r"(-?[0-9]{1,16})(?:\.0{1,3})?", raw, re.ASCII)
    if found is None or abs(int(found[1])) > MOST_NUMBER:
        raise ValueError
    return int(found[1])


def _instant(raw: str) -> datetime:
    if not INSTANT_FORM.fullmatch(raw):
        raise ValueError
    instant = datetime.fromisoformat(raw.upper().replace(" ", "+"))
    # The first and the last year have instants that do not exist in other zones.
    return max(min(instant, _LAST), _FIRST)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
