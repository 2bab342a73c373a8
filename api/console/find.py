"""Finding 查找: homes, households and open cases by the number of a home or a word of their matter, over all registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from api.console.page import Kit, Page, first, office_page
from api.console.register_views import title_column
from api.console.titles import kind_of
from api.console.values import Values, named
from api.http.text import NOT_IN_LINE, SHORT
from api.routes.search import households_found, people_found
from domain.cases import BY_KIND, CASES

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["MOST_OFFERED", "cases_of", "households_of", "living_at", "meant", "people_of", "routes", "wanted"]

MOST_OFFERED: Final = 12
_MOST_FOUND: Final = 60
_OF_CASES: Final = frozenset({"household", "route"})
"""Columns that hold a case's id, in which nobody finds a word."""
_HOUSEHOLD_ROWS: Final = """
select case_id, home, name, phone, occupancy, area, preference, difficult, state from wuye.r_households
 where office = %s and to_number is null and case_id = any(%s) order by home, case_id
"""
_OF_HOUSEHOLD: Final = ("case_id", "home", "name", "phone", "occupancy", "area", "preference", "difficult", "state")


def routes(kit: Kit) -> list[Route]:
    """The page."""
    return [office_page(kit, "/find", _page, ("GET", "POST"))]


def wanted(page: Page) -> str:
    """What is looked for: full-width signs are plain ones, and what is no text is nothing."""
    asked = first(page.form, "q").strip() if page.form else page.query("q")
    words = asked[:SHORT].replace("－", "-").replace("—", "-").replace("　", " ").strip()
    return "" if NOT_IN_LINE.search(words) else words


def households_of(
    page: Page, words: str, limit: int = MOST_OFFERED, *, rooms_alone: bool = False
) -> list[tuple[str, str, str]]:
    """Households by their home, whole or its beginning or tail, and by whom they name: id, home and state. Nothing is opened."""
    return households_found(page.reader, words, limit, rooms_alone=rooms_alone)


def living_at(home: str, found: list[tuple[str, str, str]]) -> list[str]:
    """Those of the households found that live at this very home."""
    return [case_id for case_id, its, state in found if state == "resident" and its == home]


def meant(words: str, found: list[tuple[str, str, str]]) -> str:
    """The household that is meant: the only one found, or the only one that lives at this very home; else none."""
    lives = living_at(words, found)
    return found[0][0] if len(found) == 1 else lives[0] if len(lives) == 1 else ""


def people_of(page: Page, ids: list[str]) -> list[dict[str, Any]]:
    """The households, opened for whoever may read them; that is written down as everywhere."""
    with page.connect() as connection:
        rows = [
            dict(zip(_OF_HOUSEHOLD, row, strict=True))
            for row in connection.execute(_HOUSEHOLD_ROWS, [page.office, ids])
        ]
    page.reader.open(rows, "households")
    values = Values(page)
    return [
        {
            "case_id": row["case_id"],
            "home": row["home"],
            "name": row["name"] or "",
            "phone": row["phone"] or "",
            "occupancy": named("Occupancy", row["occupancy"], page.lang),
            "area": values.plain(row["area"], "area"),
            "difficult": row["difficult"],
            "gone": row["state"] == "left",
            "preference": row["preference"] or "",
        }
        for row in rows
    ]


def _named(page: Page, words: str) -> list[dict[str, Any]]:
    """Who is found by name, pinyin, initials or telephone (§9.2), in whatever register.

    Such words come in a form, so that no name stands in an address; the end of a number may.
    """
    if not words:
        return []
    registers = page.context.registers.by_name
    made = []
    for row in people_found(page.reader, words, rooms=False)[:_MOST_FOUND]:
        register = registers[row["register"]]
        lifecycle = BY_KIND[kind_of(row["case_id"]) or ""]
        said = "　".join(str(row[field]) for field in row["by"] if row.get(field))
        state = lifecycle.states.get(row.get("state") or "")
        made.append(
            {
                "case_id": row["case_id"],
                "href": page.at("case", row["case_id"]),
                "kind": page.t(register.zh, register.en),
                "said": said or row.get("home") or page.t("打开", "open"),
                "home": row.get("home") or "",
                "state": page.t(*state) if state is not None else "",
            }
        )
    return made


def _page(page: Page) -> Response:
    words = wanted(page)
    people = _named(page, words)
    households = households_of(page, words, rooms_alone=True)
    kinds = tuple(lifecycle.kind for lifecycle in CASES if lifecycle.kind not in ("office", "household", "reading"))
    found = cases_of(page, words, kinds, _MOST_FOUND) if words else []
    return page.show(
        "find.html",
        words=words,
        people=people,
        households=[(page.at("case", case_id), home, state) for case_id, home, state in households],
        cases=[
            (page.at("case", case_id), text.removeprefix(name).strip() or text, title, name)
            for case_id, text, title in found
            if (kind := kind_of(case_id)) is not None and (name := page.t(BY_KIND[kind].zh, BY_KIND[kind].en))
        ],
    )


def cases_of(page: Page, words: str, kinds: tuple[str, ...], limit: int) -> list[tuple[str, str, Any]]:
    """Cases whose home or title holds the words, open ones first, the newest first: id, text and title."""
    parts = []
    # Digits and Chinese have no capitals: the texts are looked through as they are.
    form = "{}" if words.lower() == words.upper() else "lower({})"
    for kind in kinds:
        register = page.context.registers.by_name.get(BY_KIND[kind].path)
        if register is None:
            continue
        columns = {column.name: column for column in register.columns}
        texts = [name for name in (title_column(register), "home", "place", "period") if name in columns]
        texts = [
            name
            for name in dict.fromkeys(texts)
            if columns[name].type is str and name not in register.sealed and name not in _OF_CASES
        ]
        if not texts or "opened_at" not in columns:
            continue
        is_open = "open" if "open" in columns else "true"
        where = " or ".join(f"position(%(words)s in {form.format(name)}) > 0" for name in texts)
        parts.append(
            f"(select case_id, {is_open} as open, opened_at from wuye.{register.table} where office = %(office)s"
            f" and to_number is null and ({where}) order by 2 desc, opened_at desc limit {limit})"
        )
    if not parts:
        return []
    statement = (
        f"select case_id from ({' union all '.join(parts)}) every order by open desc, opened_at desc limit {limit}"
    )
    with page.connect() as connection:
        rows = connection.execute(statement.encode(), {"office": page.office, "words": words.lower()}).fetchall()
    values = Values(page)
    ids = list(dict.fromkeys(row[0] for row in rows))
    values.expect(ids)
    return [(case_id, values.titles.of(case_id).whole, values.titles.of(case_id)) for case_id in ids]
