"""Offers 提示: what the search of every page offers while one types: pages, homes, open matters.

Names and telephones are looked for by the search itself alone: to look for them is a reading, which one wants to do once
and not with every letter. Bills, payments and what else money leaves behind are found by the home.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from api.console.find import cases_of, households_of, wanted
from api.console.navigation import places
from api.console.page import Kit, Page, office_page
from api.http.context import json
from domain.cases import CASES
from domain.handbook.clauses import CLAUSES

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]

_MOST_PLACES: Final = 3
_MOST_HOMES: Final = 4
_MOST_CASES: Final = 5
_KINDS: Final = tuple(
    each.kind
    for each in CASES
    if each.kind not in ("office", "household", "reading") and CLAUSES[each.clauses].chapter not in ("7", "9")
)
_LEAST: Final = 2
"""Signs of a matter: one of them is in nearly all."""


def routes(kit: Kit) -> list[Route]:
    """What may be a name comes in a body and in no address."""
    return [office_page(kit, "/find/offers", _offers, ("POST",))]


def _offers(page: Page) -> Response:
    """Address, words and what it is, of each that fits."""
    words = wanted(page)
    if not words:
        return json([])
    found = [
        [each.href, each.text, page.t("页面", "page")] for each in places(page) if words.lower() in each.text.lower()
    ][:_MOST_PLACES]
    rooms = households_of(page, words, _MOST_HOMES, rooms_alone=True)
    found += [
        [
            page.at("case", case_id),
            home,
            page.t("住户", "household") if state == "resident" else page.t("已迁出", "has left"),
        ]
        for case_id, home, state in rooms
    ]
    if len(words) >= _LEAST:
        cases = cases_of(page, words, _KINDS, _MOST_CASES)
        found += [[page.at("case", case_id), text, title.state or ""] for case_id, text, title in cases]
    return json(found)
