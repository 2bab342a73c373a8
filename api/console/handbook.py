"""The handbook 手册 on pages: clause by clause, with what rests on each; derived, never written down twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from api.console.figures import measured
from api.console.page import Kit, Page, office_page
from api.console.standards import BY_SLUG
from api.routes.actions import slug_of
from api.routes.clause_index import clause_index
from domain.cases import BY_PATH, CASES
from domain.handbook.clauses import CLAUSES
from domain.handbook.reach import BY_PEOPLE
from domain.handbook.settings import SETTINGS
from domain.kernel.errors import NotFound
from domain.kernel.fact import EVENTS
from projections.engine.standard import AsOf
from projections.standards.index import STANDARDS

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]

Rests = Mapping[str, Mapping[str, list[str]]]
_SORTS: Final = {
    "cases": ("事项", "Kinds of case"),
    "commands": ("办理", "Actions"),
    "facts": ("记录", "Facts"),
    "deadlines": ("期限", "Deadlines"),
    "registers": ("登记簿", "Registers"),
    "settings": ("设定", "Settings"),
    "policies": ("规程", "Policies"),
    "rules": ("拒绝的规定", "Rules that refuse"),
    "clauses": ("所指条款", "Clauses it points to"),
}


def routes(kit: Kit) -> list[Route]:
    """All clauses, and one."""
    rests = clause_index(kit.context.registers, kit.context.handler.policies, [(s.clause, s.slug) for s in STANDARDS])
    return [
        office_page(kit, "/handbook", lambda page: _all(page, rests)),
        office_page(kit, "/handbook/{clause}", lambda page: _one(page, rests)),
    ]


def _all(page: Page, rests: Rests) -> Response:
    rows = []
    for clause in CLAUSES.values():
        on_it = rests.get(clause.id, {})
        said = [page.t(zh, en.lower()) + f" {len(on_it[sort])}" for sort, (zh, en) in _SORTS.items() if on_it.get(sort)]
        if on_it.get("standards"):
            said.insert(0, page.t("标准", "standards") + f" {len(on_it['standards'])}")
        if clause.id in BY_PEOPLE:
            said.append(page.t("由人遵守", "by people"))
        rows.append(
            {
                "id": clause.id,
                "text": page.t(clause.zh, clause.en),
                "heading": "group" in clause.kinds and "." not in clause.id,
                "law": clause.is_law,
                "depth": clause.id.count("."),
                "rests": "　".join(said),
                "href": page.at("handbook", clause.id),
            }
        )
    return page.show("handbook.html", rows=rows)


def _one(page: Page, rests: Rests) -> Response:
    clause = CLAUSES.get(page.request.path_params["clause"])
    if clause is None:
        raise NotFound("clause-unknown", None, zh="手册中没有此条", en="the handbook has no such clause")
    on_it = rests.get(clause.id, {})
    standards = [BY_SLUG[slug] for slug in on_it.get("standards", ())]
    ids = list(CLAUSES)
    at = ids.index(clause.id)
    return page.show(
        "clause.html",
        clause=clause,
        text=page.t(clause.zh, clause.en),
        figures=measured(page, standards, None, None, AsOf()) if standards else [],
        sorts=[(page.t(*_SORTS[sort]), list(_named(page, sort, on_it[sort]))) for sort in _SORTS if on_it.get(sort)],
        people=page.t(*BY_PEOPLE[clause.id]) if clause.id in BY_PEOPLE else "",
        before=page.at("handbook", ids[at - 1]) if at else None,
        after=page.at("handbook", ids[at + 1]) if at + 1 < len(ids) else None,
    )


def _named(page: Page, sort: str, names: list[str]) -> Iterator[tuple[str, str | None]]:
    """What rests on it, by what people call it; with an address where it has a page."""
    for name in names:
        if sort == "cases" and name in BY_PATH:
            yield page.t(BY_PATH[name].zh, BY_PATH[name].en), page.at("registers", name)
        elif sort == "commands":
            command = _COMMANDS.get(name)
            yield (page.t(command.ZH, command.EN) if command is not None else name), None
        elif sort == "facts":
            yield page.t(EVENTS[name].ZH, EVENTS[name].EN), page.at("facts", event=name)
        elif sort == "registers":
            register = page.context.registers.by_name[name]
            yield page.t(register.zh, register.en), page.at("registers", name)
        elif sort == "settings":
            yield page.t(SETTINGS[name].zh, SETTINGS[name].en), page.at("settings", name)
        elif sort == "deadlines":
            path, _, kind = name.partition("/")
            row = next((each for each in BY_PATH[path].deadlines if each.kind == kind), None)
            yield (page.t(row.zh, row.en) if row is not None else name), None
        elif sort == "clauses":
            yield f"{name} {page.t(CLAUSES[name].zh, CLAUSES[name].en)}", page.at("handbook", name)
        else:
            yield name.replace("_", " ").replace("-", " "), None


_COMMANDS: Final[dict[str, Any]] = {slug_of(command): command for life in CASES for command in life.commands}
