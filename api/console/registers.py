"""The page of a register 登记簿页面: one for all registers; its columns, filters, words and file derive from the row type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from api.console.bulk_actions import bulk_actions
from api.console.page import Kit, Page, office_page
from api.console.register_query import Chip, RegisterQuery, counts, posed, title_of
from api.console.saved_views import saved_views
from api.console.values import Values
from api.routes.actions import offered, slug_of
from domain.cases import BY_KIND, BY_PATH
from domain.handbook.clauses import CLAUSES
from domain.kernel.errors import NotFound
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import NOT_YET
from projections.engine.choices import choice_pairs_of
from projections.engine.register import Register

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["choices_of", "openings", "register_in", "routes", "row_of", "state_class"]

_FIXED: Final = ("case_id", "line", "number", "late_entry", "standing", "open", "state", "case_kind", "household")
"""What a row is drawn with beside its shown columns."""
_MOST_CHOICES: Final = 4
_SHORT: Final = frozenset({"keys", "receipt", "reference", "paper_number", "name", "item"})
"""Names of few signs: where a row is called by one of them, it takes no more room than the other columns."""


def routes(kit: Kit) -> list[Route]:
    """One address for all."""
    return [office_page(kit, "/registers/{register}", _page, ("GET", "POST"))]


def register_in(page: Page) -> Register:
    """The register of the address. Raises NotFound for none."""
    register = page.context.registers.by_name.get(page.request.path_params["register"])
    if register is None:
        raise NotFound("register-unknown", None, zh="没有这本登记簿", en="there is no such register")
    return register


_CHOICES: Final[dict[str, Mapping[str, Mapping[str, tuple[str, str]]]]] = {}


def choices_of(register: Register) -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """Column → value → its names."""
    if register.name not in _CHOICES:
        _CHOICES[register.name] = choice_pairs_of(register)
    return _CHOICES[register.name]


def _page(page: Page) -> Response:
    register = register_in(page)
    is_posed = page.request.method == "POST"
    page, query = posed(page, register)
    if is_posed and not query.names_people and not page.is_part:  # what names nobody stands in the address as ever
        return RedirectResponse(page.here(q=query.words or None, cursor=None), 303)
    cursor = page.query("cursor")
    if cursor:
        query.listing.start_after(cursor)
    with page.connect() as connection:
        rows, following = query.listing.rows(connection)
    cut = [_cut(row, query) for row in rows]
    page.reader.open(cut, register.name)
    values = Values(page)
    values.expect(cut)
    of_views, found = (None, None) if cursor else counts(page, query, len(cut) if following is None else None)
    clause = CLAUSES[register.clause]
    answer = page.show(
        "register_rows.html" if page.is_part else "register.html",
        register=register,
        title=page.begins(register.zh, register.en),
        clause=register.clause,
        duty=page.t(clause.zh, clause.en),
        query=query,
        heads=[_head(page, query, values, name) for name in query.columns],
        together=bulk_actions(page, register.name, cut) if query.page is None else None,
        rows=[row_of(page, register, query.columns, values, row, query.page) for row in cut],
        following=page.here(cursor=following) if following else None,
        first=page.here(cursor=None) if cursor else None,
        counts=of_views,
        found=found,
        views=[(view, page.here(view=view.name, cursor=None), page.t(view.zh, view.en)) for view in query.views],
        saved=saved_views(page, register.name),
        asked=page.request.url.query,
        chips=list(_chips(page, query, values)),
        panel=_panel(page, query, values),
        every=[(name, values.label(name, register.row.__name__)) for name in query.plan.columns],
        opening=openings(page, BY_PATH.get(register.name)),
        file=_file_address(page, register),
        text_file=_file_address(page, register, form="csv"),
    )
    if is_posed and page.is_part:
        answer.headers["HX-Replace-Url"] = page.here(q=None if query.names_people else query.words or None, cursor=None)
    return answer


def _cut(row: dict[str, Any], query: RegisterQuery) -> dict[str, Any]:
    """A row with what the page shows: what is not shown is not opened either."""
    return {name: value for name, value in row.items() if name in query.columns or name in _FIXED}


def _file_address(page: Page, register: Register, **form: str) -> str:
    asked_for = "&".join(word for word in (page.request.url.query, urlencode(form)) if word)
    base = page.at("registers", register.name, "file")
    return f"{base}?{asked_for}" if asked_for else base


def openings(page: Page, lifecycle: Lifecycle[Any] | None) -> list[tuple[str, str]]:
    """Where this person opens a case of this kind: address and word."""
    if lifecycle is None:
        return []
    may = {row.command for row in lifecycle.steps if NOT_YET in row.sources and not set(row.who).isdisjoint(page.roles)}
    named = [command for command in offered(lifecycle)[0] if command in may]
    return [(page.at("open", lifecycle.path, slug_of(each)), page.t(each.ZH, each.EN)) for each in named]


# -- the table -------------------------------------------------------------------------------------------------------


def _head(page: Page, query: RegisterQuery, values: Values, name: str) -> dict[str, Any]:
    column = query.plan.columns[name]
    sort = query.listing.sort
    chosen = sort.column == name
    down = column.type in (date, datetime)
    turned = f"-{name}" if (not sort.descending if chosen else down) else name
    return {
        "text": values.label(name, query.plan.register.row.__name__),
        "href": page.here(sort=turned, cursor=None) if name in query.plan.sortable else None,
        "sort": ("descending" if sort.descending else "ascending") if chosen else None,
        "number": column.type is int,
    }


def row_of(
    page: Page,
    register: Register,
    columns: Sequence[str],
    values: Values,
    row: Mapping[str, Any],
    as_of: int | None = None,
) -> dict[str, Any]:
    """A row as the page shows it."""
    title = title_of(register, columns)
    kinds = {column.name: column.type for column in register.shown}
    choices = dict(choices_of(register))
    lifecycle = BY_KIND.get(row.get("case_kind") or row["case_id"].partition("-")[0])
    if lifecycle is not None:
        choices["state"] = lifecycle.states
    cells = []
    for name in columns:
        said = values.said(row[name], name, choices.get(name), register.row.__name__)
        if name == "home" and row[name] is None and row.get("household"):
            said = values.home_of(row["household"])
        shape = state_class(lifecycle, row) if name == "state" else None
        cells.append(
            {
                "said": said,
                "title": name == title,
                "text": kinds[name] is str and name not in ("home", "period", "week", "quarter"),
                "short": name in choices or name in _SHORT,
                "state": shape,
                "number": kinds[name] is int,
                "late": name == "missed_at" and row[name] is not None,
                "label": values.label(name, register.row.__name__),
                "wide": kinds[name] is str and name not in choices and not _is_short(said),
            }
        )
    target = str(row["read_case"]) if row.get("read_case") else row["case_id"]
    about = "" if register.kinds else values.plain(row["case_id"])  # rows of every kind of case say of which
    return {
        "href": page.at("case", target, as_of=as_of),
        "case_id": row["case_id"],
        "title": next((cell["said"] for cell in cells if cell["title"]), ""),
        "cells": cells,
        "late_entry": row["late_entry"],
        "about": about,
    }


def _is_short(said: Any) -> bool:
    return len(str(said)) <= 12


def state_class(lifecycle: Lifecycle[Any] | None, row: Mapping[str, Any]) -> str:
    """The shape beside a state: late, filed, done, running or waiting. Colour is never alone."""
    if row.get("missed_at") is not None and row.get("open", True):
        return "st-late"
    if lifecycle is None or row.get("state") is None:
        return ""
    begins = row["state"] == next(iter(lifecycle.states))
    if row["state"] in lifecycle.final and not begins:  # what begins at rest is in force, not filed
        return "st-file"
    if row.get("open") is False:
        return "st-done"
    return "" if begins else "st-run"


# -- filters ---------------------------------------------------------------------------------------------------------


def _chips(page: Page, query: RegisterQuery, values: Values) -> Iterator[Chip]:
    register = query.plan.register
    for name, raw in query.filters.items():
        column, comparison = query.plan.filters[name]
        label = values.label(column.name, register.row.__name__)
        pair = choices_of(register).get(column.name, {}).get(raw)
        said = page.t(*pair) if pair is not None else _said_filter(values, column.type, column.name, raw)
        sign = {">=": page.t("自 ", "from "), "<=": page.t("至 ", "until ")}.get(comparison, "")
        yield Chip(label, f"{sign}{said}", page.here(**{name: None, "cursor": None}))
    if query.words:
        yield Chip(page.t("含有", "with"), query.words, page.here(q=None, cursor=None))
    if query.page is not None:
        said = page.t(f"第 {query.page:,} 页时", f"as of page {query.page:,}")
        yield Chip(page.t("看当时", "as of"), said, page.here(as_of=None, cursor=None))


def _said_filter(values: Values, kind: type, name: str, raw: str) -> str:
    if kind is bool:
        return values.plain(raw == "true")
    if kind in (date, datetime):
        return values.plain(date.fromisoformat(raw[:10]))
    return values.plain(raw, name)


def _panel(page: Page, query: RegisterQuery, values: Values) -> list[dict[str, Any]]:
    """The filters a form offers: choices first, then days."""
    register = query.plan.register
    made: list[dict[str, Any]] = []
    choices = choices_of(register)
    for name in [*(n for n in query.columns if n in choices), *(n for n in choices if n not in query.columns)]:
        if len(made) < _MOST_CHOICES:
            options = [(value, page.t(*pair)) for value, pair in choices[name].items()]
            made.append(_field(query, values, name, "choice") | {"options": options})
    for name in query.columns:
        if query.plan.columns[name].type in (date, datetime):
            made.append(_field(query, values, name, "days"))
        elif query.plan.columns[name].type is bool:
            made.append(_field(query, values, name, "yes-no"))
    return made


def _field(query: RegisterQuery, values: Values, name: str, sort: str) -> dict[str, Any]:
    given = {end: query.filters.get(f"{name}{end}", "")[:10] for end in ("_from", "_to")}
    return {
        "name": name,
        "label": values.label(name, query.plan.register.row.__name__),
        "sort": sort,
        "value": query.filters.get(name, ""),
        "since": given["_from"],
        "until": given["_to"],
        "options": [],
    }
