"""Reception 接待: the telephone rings. Find the household, see its matters, and register without asking what is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from api.console.find import households_of, meant, people_of, wanted
from api.console.form_view import FormView, form_view
from api.console.formatting import instant
from api.console.page import Kit, Page, office_page
from api.console.similar_repairs import similar_repairs
from api.console.titles import kind_of
from api.console.values import Values
from api.routes.actions import slug_of
from api.routes.household_cases import listed
from api.routes.similar import similar_to
from domain.cases import BY_KIND, BY_PATH
from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.kernel.fact import Command
from domain.rounds.repair_order.commands import RaiseRepairOrder

if TYPE_CHECKING:
    from starlette.routing import Route

    from api.console.form_values import Written

__all__ = ["KEPT", "again", "is_room", "routes"]

KEPT: Final = "at_reception"
"""A field of the form on this page: what is refused is shown here again."""

_MOST: Final = 8
_MOST_SIMILAR: Final = 5
_ROOM: Final = re.compile(r"(?![A-Za-z]+$)[0-9A-Za-z]{0,4}(-[0-9]{1,4}){0,3}")
"""What may be the number of a home and stand in an address."""
_KINDS: Final[dict[str, tuple[str, type[Command], tuple[str, ...], str]]] = {
    "complaint": (
        "complaints",
        RegisterComplaint,
        ("channel", "matter", "category", "content", "complainant", "contact", "household", "anonymous"),
        "assess-complaint",
    ),
    "repair": (
        "repair-orders",
        RaiseRepairOrder,
        ("channel", "fault_kind", "description", "home", "household", "common_area", "priority"),
        "",
    ),
}
"""What is registered here: the kind's address, its command, the fields that the telephone wants, and what comes next."""


def routes(kit: Kit) -> list[Route]:
    """The page, and what is like what is being written."""
    return [
        office_page(kit, "/reception", _page, ("GET", "POST")),
        office_page(kit, "/reception/similar", _similar, ("GET", "POST")),
    ]


def _page(page: Page) -> Response:
    return _shown(page, wanted(page), page.query("household"), page.query("kind"))


def again(page: Page, written: Written, tell: Callable[[FormView], None], status: int) -> Response:
    """The page as it was, with what was written and what speaks against it."""
    return _shown(page, "", written.of("household"), written.of(KEPT), written, tell, status)


def _shown(
    page: Page,
    words: str,
    asked: str,
    sort: str,
    written: Written | None = None,
    tell: Callable[[FormView], None] = lambda _form: None,
    status: int = 200,
) -> Response:
    chosen = asked if kind_of(asked) == "household" else ""
    found = households_of(page, words, _MOST)
    is_name = not is_room(page, words)
    chosen = chosen or meant(words, found)
    ids = list(dict.fromkeys([*([chosen] if chosen else []), *(case_id for case_id, _, _ in found)]))
    people = people_of(page, ids)
    sort = sort if sort in _KINDS else "complaint"
    here = next((each for each in people if each["case_id"] == chosen), None)
    matters = _matters(page, chosen) if here is not None else []
    form = _form(page, sort, here, written) if here is not None or page.query("nobody") or written is not None else None
    if form is not None:
        tell(form)
    return page.show(
        "reception.html",
        status,
        words=words,
        people=[
            each
            | {
                "href": page.at("reception", q="" if is_name else words, household=each["case_id"], kind=sort),
                "here": each is here,
            }
            for each in people
        ],
        here=here,
        file=page.at("case", chosen) if here is not None else "",
        open=[each for each in matters if each["open"]],
        closed=[each for each in matters if not each["open"]][:6],
        kinds=[
            (page.at("reception", q="" if is_name else words, household=chosen, kind=name), page.t(*word), name == sort)
            for name, word in (("complaint", ("投诉", "Complaint")), ("repair", ("报修", "Repair")))
        ],
        sort=sort,
        form=form,
        then=_KINDS[sort][3],
        similar=page.at(
            "reception", "similar", kind=sort, household=chosen, home=here["home"] if here is not None else ""
        ),
    )


def is_room(page: Page, words: str) -> bool:
    """Whether what is looked for may stand in an address: the number of a home does, a name or a telephone never."""
    return page.request.method != "POST" or _ROOM.fullmatch(words) is not None


def _matters(page: Page, household: str) -> list[dict[str, Any]]:
    """Everything that names the household, the newest first."""
    rows = listed(page.context, page.office, household)
    values = Values(page)
    values.expect([row["case_id"] for row in rows])
    return [
        {
            "kind": page.t(row["zh"], row["en"]),
            "text": values.titles.beside(row["case_id"], home=False),
            "href": page.at("case", row["case_id"]),
            "state": page.t(row["state_zh"], row["state_en"]),
            "open": row["open"],
            "at": instant(row["opened_at"], page.lang, page.now),
        }
        for row in rows
        if kind_of(row["case_id"]) not in ("bill", "follow_up") or row["open"]
    ]


def _form(page: Page, sort: str, here: Mapping[str, Any] | None, written: Written | None) -> FormView | None:
    """The command's own form with the fields that are wanted here; the household is known."""
    path, command, fields, _ = _KINDS[sort]
    lifecycle = BY_PATH[path]
    may = {role for row in lifecycle.steps if row.command is command for role in row.who}
    if may.isdisjoint(page.roles):
        return None
    known = {"channel": "telephone"}
    hidden = set()
    if here is not None:
        known |= {"household": here["home"], "home": here["home"], "anonymous": "false"}
        hidden = {"household", "home", "complainant", "contact", "anonymous", "common_area"}
    action = page.at("open", path, slug_of(command))
    register = page.context.registers.by_name[path]
    clause = lifecycle.clause_of(command)
    form = form_view(page, command, clause, action, written=written, known=known, register=register)
    names = [name for name in fields if name not in hidden]
    by_name = {each.name: each for each in form.inputs}
    form.inputs = tuple(by_name[name] for name in names if name in by_name)
    form.hidden = {KEPT: sort} | ({"household": here["case_id"]} if here is not None else {})
    if here is not None and sort == "repair":
        form.hidden["home"] = here["home"]
    return form


def _similar(page: Page) -> Response:
    """What is like what is being written: complaints, or repairs. The form comes in a body, since it names people."""
    written = dict(reversed(page.form))
    names = ("category", "matter", "household", "home", "fault_kind", "common_area")
    asked = {name: (written.get(name) or page.query(name)).strip()[:500] for name in names}
    kind = "repair_order" if page.query("kind") == "repair" else "complaint"
    found = _repairs_like(page, asked) if kind == "repair_order" else _complaints_like(page, asked)
    values = Values(page)
    values.expect([row["case_id"] for row in found])
    lifecycle = BY_KIND[kind]
    rows = [
        {
            "href": page.at("case", row["case_id"]),
            "text": values.titles.of(row["case_id"]).text,
            "home": values.titles.of(row["case_id"]).home or row.get("common_area") or "",
            "at": instant(row["opened_at"], page.lang, page.now),
            "state": page.t(*lifecycle.states[row["state"]]),
            "own": row["own"],
            "cause": row.get("root_cause") or "",
        }
        for row in found
    ]
    return page.show("similar.html", rows=rows)


def _complaints_like(page: Page, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """By their matter, category and household."""
    if not asked["matter"]:
        return []
    by = {"category": asked["category"][:200] or None, "matter": asked["matter"][:200], "home": None}
    found = similar_to(page.context, page.office, by | {"household": asked["household"] or None}, _MOST_SIMILAR)
    return [row | {"own": bool(row["household"]) and row["household"] == asked["household"]} for row in found]


def _repairs_like(page: Page, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """By their home, and by what is broken."""
    return similar_repairs(
        page, asked["fault_kind"][:200], asked["home"], asked["household"], asked["common_area"][:200], _MOST_SIMILAR
    )
