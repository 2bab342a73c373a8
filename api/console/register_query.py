"""What a page asks of a register 登记簿查询: view, filters, order, columns and page, all of it in the address.

The listing is the API's own (:mod:`api.http.listing`): the same filters, the same rows, the same rights. Days are asked
for as days, and mean the office's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from starlette.requests import Request

from api.console.page import first
from api.console.register_views import default_columns, title_column
from api.http.listing import Listing, Malformed, Plan, Sort, parse
from api.http.text import NOT_IN_LINE, SHORT
from api.routes.registers import looked_for
from domain.cases import BY_PATH
from domain.kernel.calendar import end_of_day, local_date, start_of_day
from journal.blind_index import How
from projections.engine.register import MARKS, STAMPS, Column, Register
from projections.engine.search import found_in

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["VIEWS", "Chip", "RegisterQuery", "View", "asked", "counts", "period_in", "plan_of", "posed", "title_of"]

ROWS: Final = 50
_MOST_KEPT: Final = 500
"""Counts of registers that are kept; then they are counted anew."""
_OVERDUE: Final = (
    "case_id in (select case_id from wuye.r_deadlines where office = %(office)s and to_number is null"
    " and role <> 'clock' and (missed_at is not null or due_at <= %(now)s))"
)
_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class View:
    """One standing question to a register."""

    name: str
    zh: str
    en: str
    condition: str

    def fits(self, register: Register) -> bool:
        """Whether the register can be asked so."""
        names = {column.name for column in register.shown}
        match self.name:
            case "open":
                return "open" in names
            case "late":
                return register.name in BY_PATH
            case "month":
                return "opened_at" in names
            case _:
                return True


VIEWS: Final = (
    View("open", "未结", "Open", "open"),
    View("late", "有逾期", "Overdue", _OVERDUE),
    View("month", "本月登记", "This month", "opened_at >= %(month)s"),
    View("entries", "补录", "Late entries", "late_entry"),
    View("all", "全部", "All", "true"),
)
"""The views that every register has of which they can be asked."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is in force, and what the address is without it."""

    label: str
    said: str
    without: str


@dataclass
class RegisterQuery:
    """One question to a register, read from an address."""

    plan: Plan
    listing: Listing
    views: tuple[View, ...]
    view: View
    columns: tuple[str, ...]
    filters: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    """Parameters that cannot be read: they are shown, and filter nothing."""
    words: str = ""
    names_people: bool = False
    """Whether the words are a name or a telephone number of somebody: they stand in no address."""
    page: int | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether more than the view narrows it down."""
        return bool(self.filters or self.words)


_PLANS: Final[dict[str, Plan]] = {}


def plan_of(register: Register) -> Plan:
    """What can be asked of a register, worked out once."""
    known = _PLANS.get(register.name)
    if known is None or known.register is not register:
        known = _PLANS[register.name] = Plan(register)
    return known


def asked(page: Page, register: Register) -> RegisterQuery:
    """The address's question. What cannot be read is left out and told."""
    plan = plan_of(register)
    views = tuple(view for view in VIEWS if view.fits(register))
    wanted = page.query("view")
    view = next((each for each in views if each.name == wanted), views[0] if views[0].name == "open" else views[-1])
    columns = _columns(page, plan)
    number = _page_number(page)
    listing = Listing(plan, page.office, page=number, sort=_sort(page, plan, columns), limit=ROWS)
    query = RegisterQuery(plan, listing, views, view, columns, page=number)
    listing.values |= {"now": page.now, "month": start_of_day(local_date(page.now).replace(day=1))}
    listing.wheres.append(view.condition)
    for name in plan.filters:
        raw = page.query(name)
        if raw:
            _filter(query, name, raw)
    words = page.query("q")[:SHORT]
    if words and not NOT_IN_LINE.search(words):
        query.words = words
        listing.search(_folded(words))
    return query


def posed(page: Page, register: Register) -> tuple[Page, RegisterQuery]:
    """The question, and the page as its address asks it: words that came in a body may name people, and find them.

    What no name, pinyin or telephone number is may stand in an address as well; what is one never does.
    """
    words = first(page.form, "q").strip()[:SHORT]
    if page.request.method != "POST":
        return page, asked(page, register)
    rest = [(name, value) for name, value in page.form if name != "q" and value]
    said = {name for name, _ in rest}
    kept = [
        (name, value) for name, value in page.request.query_params.multi_items() if name not in said and name != "q"
    ]
    scope = {**page.request.scope, "query_string": urlencode([*kept, *rest]).encode()}
    page = replace(page, request=Request(scope), form=[])
    query = asked(page, register)
    if words and not NOT_IN_LINE.search(words):
        tokens = looked_for(page.reader, query.plan, _folded(words))
        query.words = words
        query.names_people = bool(tokens) and _names(page, register, tokens)
        query.listing.search(_folded(words), tokens if query.names_people else ())
    return page, query


def _names(page: Page, register: Register, tokens: list[list[str]]) -> bool:
    """Whether somebody of this register is found by these words, and not his room alone."""
    with page.connect() as connection:
        found = found_in(connection, page.office, tokens, [register.name], _MOST_KEPT)
    return any(register.found_by[field] is not How.ROOM for fields in found.values() for field in fields)


def _page_number(page: Page) -> int | None:
    raw = page.query("as_of")
    if not raw.isdecimal():
        return None
    return min(int(raw[:15]), page.context.last_page(page.office))


def _columns(page: Page, plan: Plan) -> tuple[str, ...]:
    chosen = [name for name in page.request.query_params.getlist("column") if name in plan.columns]
    if chosen:
        return tuple(dict.fromkeys(chosen))
    named = {"zh": page.lang}  # where a row has a name in each language, the page's
    return tuple(named.get(name, name) for name in default_columns(plan.register))


def _sort(page: Page, plan: Plan, columns: tuple[str, ...]) -> Sort:
    wanted = page.query("sort")
    if wanted.removeprefix("-") in plan.sortable:
        return Sort(wanted.removeprefix("-"), wanted.startswith("-"))
    leading = next((name for name in columns if name in plan.sortable), "case_id")
    if leading in plan.columns and plan.columns[leading].type in (date, datetime):
        return Sort(leading, descending=True)
    return Sort(leading) if leading in ("home", "code", "quarter", "name", "week") else plan.default_sort


def _filter(query: RegisterQuery, name: str, raw: str) -> None:
    column, comparison = query.plan.filters[name]
    listing = query.listing
    try:
        if column.type is datetime and len(raw) == len("2025-12-31"):
            _of_days(listing, column, comparison, name, raw)
        else:
            listing.where(name, raw)
    except Malformed:
        query.faults[name] = raw
        return
    query.filters[name] = raw


def _of_days(listing: Listing, column: Column, comparison: str, name: str, raw: str) -> None:
    """A day for an instant: from its beginning, to its end, or within it."""
    on: date = parse(Column(name, date, "date"), name, raw)
    key = f"d{len(listing.values)}"
    listing.values |= {f"{key}a": start_of_day(on), f"{key}b": end_of_day(on) - _MOMENT}
    if comparison in (">=", "="):
        listing.wheres.append(f"{column.name} >= %({key}a)s")
    if comparison in ("<=", "="):
        listing.wheres.append(f"{column.name} <= %({key}b)s")


def _folded(words: str) -> str:
    """As people type them: full-width digits and the dash of an input method are plain ones."""
    return words.replace("－", "-").replace("—", "-").strip()


def _counted(query: RegisterQuery, conditions: Sequence[str], where: str = "true") -> str:
    """How many rows each condition has, in one reading of the table."""
    parts = ", ".join(f"count(*) filter (where {each})" for each in conditions)
    return f"select {parts} from wuye.{query.plan.register.table} where office = %(office)s and {_stands(query)} and {where}"


def _stands(query: RegisterQuery) -> str:
    if query.page is None:
        return "to_number is null"
    return "from_number <= %(page)s and (to_number is null or to_number > %(page)s)"


def counts(page: Page, query: RegisterQuery, seen: int | None = None) -> tuple[dict[str, int], int]:
    """How many rows each view has, and how many this question finds: ``seen``, where the page has all of them."""
    of_views = _of_views(page, query)
    if seen is not None or not query.is_filtered:
        return of_views, seen if seen is not None else of_views[query.view.name]
    values: dict[str, Any] = {**query.listing.values, "office": page.office, "page": query.page}
    where = " and ".join(f"({each})" for each in query.listing.wheres)
    with page.connect() as connection:
        row = connection.execute(_counted(query, ("true",), where), values).fetchone()
    assert row is not None
    return of_views, row[0]


def _of_views(page: Page, query: RegisterQuery) -> dict[str, int]:
    """How many rows each view has: counted anew once something is written, or the clock's minute is another."""
    asked_for = (page.office, query.plan.register.name, query.page)
    state = (page.written, page.now.replace(second=0, microsecond=0))
    kept: dict[Any, tuple[Any, dict[str, int]]] = page.kit.kept.setdefault("views", {})
    known = kept.get(asked_for)
    if known is not None and known[0] == state and query.plan.register.name != "readings":  # which a look itself writes
        return known[1]
    values: dict[str, Any] = {**query.listing.values, "office": page.office, "page": query.page}
    with page.connect() as connection:
        row = connection.execute(_counted(query, [view.condition for view in query.views]), values).fetchone()
    assert row is not None
    found = {view.name: count for view, count in zip(query.views, row, strict=True)}
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[asked_for] = (state, found)
    return found


MARKED: Final = {column.name for column in (*MARKS, STAMPS[0])}
"""What every register says of its rows beside its own columns."""


def title_of(register: Register, columns: Sequence[str]) -> str:
    """The shown column by which a row is opened."""
    title = title_column(register)
    return title if title in columns else next((n for n in columns if n not in register.sealed), columns[0])


def period_in(page: Page) -> tuple[date, date]:
    """The days that an address names, else this month until today; what cannot be read is today's."""
    today = local_date(page.now)
    until = page.day("until") or today
    since = page.day("since") or until.replace(day=1)
    return min(since, until), max(since, until)
