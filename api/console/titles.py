"""What cases are called 事项名称: «厨房下水堵塞 7-2-1403» instead of an id, looked up for a whole page at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from api.console.formatting import day, period
from api.console.register_views import title_column
from api.console.text import Language, says
from domain.cases import BY_KIND
from projections.engine.choices import choice_pairs_of

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["Title", "Titles", "is_case_id", "kind_of"]

_HOME: Final = """
select h.home from wuye.r_households h where h.office = t.office and h.case_id = t.household and h.to_number is null limit 1
"""
"""Of a case that names its household alone."""
_ID: Final = re.compile(r"([a-z_]+)-[^\s]{1,480}")


def kind_of(value: str) -> str | None:
    """The kind of case whose id this is, if it looks like one."""
    found = _ID.fullmatch(value)
    return found[1] if found is not None and found[1] in BY_KIND else None


def is_case_id(value: Any) -> bool:
    """Whether a value is a case's id."""
    return isinstance(value, str) and kind_of(value) is not None


@dataclass(frozen=True, slots=True)
class Title:
    """What one case is called, where it belongs, and how it stands."""

    text: str
    home: str | None = None
    state: str = ""
    open: bool = True

    @property
    def whole(self) -> str:
        """With the home, which some titles say already."""
        return f"{self.text} {self.home}" if self.home and self.home not in self.text else self.text


class Titles:
    """The titles of the cases on a page; what is not looked up is called by its kind alone."""

    def __init__(self, page: Page) -> None:
        """Nothing is looked up yet."""
        self._page = page
        self._known: dict[str, Title] = {}

    def look_up(self, values: Iterable[Any]) -> None:
        """Look up every case among these values, one statement per kind."""
        wanted: dict[str, set[str]] = {}
        for value in values:
            for word in value.split(" ") if isinstance(value, str) else ():
                kind = kind_of(word)
                if kind is not None and word not in self._known:
                    wanted.setdefault(kind, set()).add(word)
        if not wanted:
            return
        with self._page.connect() as connection:
            for kind, ids in wanted.items():
                for case_id, title in self._read(connection, kind, sorted(ids)):
                    self._known[case_id] = title

    def of(self, case_id: str) -> Title:
        """What a case is called."""
        found = self._known.get(case_id)
        if found is not None:
            return found
        kind = kind_of(case_id)
        assert kind is not None
        lifecycle = BY_KIND[kind]
        return Title(says(self._page.lang, lifecycle.zh, lifecycle.en))

    def beside(self, case_id: str, *, home: bool = True) -> str:
        """What it is called beside its kind, which is not said twice; with its home, unless that is known."""
        kind, title = BY_KIND[str(kind_of(case_id))], self.of(case_id)
        whole = title.whole if home else title.text
        return whole.removeprefix(says(self._page.lang, kind.zh, kind.en)).strip() or whole

    def _read(self, connection: Any, kind: str, ids: list[str]) -> Iterable[tuple[str, Title]]:
        lifecycle, lang = BY_KIND[kind], self._page.lang
        register = self._page.context.registers.by_name.get(lifecycle.path)
        if register is None:
            return
        names = {column.name for column in register.columns}
        column = title_column(register)
        home = "home" if "home" in names else "null"
        if "household" in names:
            home = f"coalesce({home}, ({_HOME}))"
        is_open = "open" if "open" in names else "true"
        rows = connection.execute(
            f"select distinct on (case_id) case_id, {column}, {home}, state, {is_open} from wuye.{register.table} t"
            " where office = %s and case_id = any(%s) and to_number is null order by case_id, line",
            [self._page.office, ids],
        ).fetchall()
        choices = choice_pairs_of(register).get(column, {})
        for case_id, found, place, state, open_ in rows:
            value = self._page.register_name(found) if column in ("what", "register") and found else found
            value = self._page.kit.people.name(value, lang) if column == "person" and value else value
            pair = lifecycle.states.get(state)
            yield (
                case_id,
                Title(
                    _titled(value, column, place, choices, lifecycle.zh, lifecycle.en, lang, self._page.now),
                    place,
                    says(lang, *pair) if pair is not None else "",
                    open_,
                ),
            )


def _titled(
    value: Any,
    column: str,
    place: str | None,
    choices: dict[str, tuple[str, str]],
    zh: str,
    en: str,
    lang: Language,
    now: datetime,
) -> str:
    kind = says(lang, zh, en)
    if value is None or is_case_id(value):
        return f"{kind} {place}" if place else kind
    if column == "month" and isinstance(value, date):
        return f"{kind} {period(f'{value:%Y-%m}', lang)}"
    if isinstance(value, date):
        return f"{day(value, lang, now)} {kind}"
    if value in choices:
        return f"{says(lang, *choices[value])} {kind}" if lang == "en" else f"{choices[value][0]}{kind}"
    if column in ("period", "week", "quarter"):
        return f"{kind} {period(value, lang)}"
    if column in ("matter", "title", "scope"):
        return str(value)
    return f"{kind} {value}"
