"""Choosing 选取: a matter that a form names is found by what people know of it, and by nobody's id.

A household is found by its home, by a name, pinyin or a telephone: as whoever asks may see it, and a look that opens
names is a reading like any other (§9.2). Everything else is found by its home or its matter. What fits more than one is
asked again, with these to choose from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from api.console.find import MOST_OFFERED, cases_of, households_of, living_at, people_of, wanted
from api.console.page import Kit, Page, office_page
from api.http.context import HIDDEN, json
from domain.cases import BY_KIND, CASES
from domain.kernel.errors import NotFound

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["ANY", "offers", "plain", "routes"]

ANY: Final = "any"
"""In an address: a case of whatever kind."""

_NOBODY_NAMES: Final = ("office", "reading")
"""What nobody speaks of in a form."""


def routes(kit: Kit) -> list[Route]:
    """What a field offers as one types; what may be a name comes in a body and in no address."""
    return [office_page(kit, "/pick/{kind}", _pick, ("GET", "POST"))]


def _pick(page: Page) -> Response:
    """What fits what was typed, as value and word."""
    kind, words = page.request.path_params["kind"], wanted(page)
    if kind not in ("home", ANY) and kind not in BY_KIND:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    if not words:
        return json([])
    if kind == "home":
        rooms = households_of(page, words, rooms_alone=True)
        return json([[home, home] for home in dict.fromkeys(home for _, home, _ in rooms)])
    found = offers(page, "" if kind == ANY else kind, words)
    if kind == "household":  # told apart by what they are called, they are found again by it; else by their ids
        called = [text for _, text in found]
        return json([[text if called.count(text) == 1 else case_id, text] for case_id, text in found])
    return json([list(each) for each in found])


def plain(words: str) -> str:
    """Words as they are looked for: full-width dashes and blanks are plain ones."""
    return words.replace("－", "-").replace("—", "-").replace("　", " ").strip()


def offers(page: Page, kind: str, words: str) -> list[tuple[str, str]]:
    """The cases of a kind (of any, where it is left open) that these words mean: id, and what people call it."""
    words = plain(words)
    if not words:
        return []
    found = _households(page, words) if kind in ("household", "") else []
    if kind != "household":
        kinds = (
            (kind,) if kind else tuple(each.kind for each in CASES if each.kind not in (*_NOBODY_NAMES, "household"))
        )
        found += [(case_id, text) for case_id, text, _ in cases_of(page, words, kinds, MOST_OFFERED)]
    return found[:MOST_OFFERED]


def _households(page: Page, words: str) -> list[tuple[str, str]]:
    """Those that live there first; one whose home is meant exactly leaves the others out."""
    found = households_of(page, words)
    people = people_of(page, living_at(words, found) or [case_id for case_id, _, _ in found])
    people.sort(key=lambda each: (each["gone"], each["home"], each["case_id"]))
    return [(each["case_id"], _called(page, each)) for each in people]


def _called(page: Page, each: dict[str, str]) -> str:
    """Home and name, as he may see it who asks; two under one roof are told apart by how they live there."""
    name = each["name"] if each["name"] != HIDDEN else ""
    gone = page.t("已迁出", "has left") if each["gone"] else ""
    return "　".join(part for part in (each["home"], name or each["occupancy"], gone) if part)
