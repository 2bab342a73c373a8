"""The handbook 手册 with what rests on each clause: derived from the tables, never written down twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response

from api.actions import slug_of
from api.counter import Counter, as_json, json
from api.documents import answered, ref
from domain.cases import CASES
from domain.errors import NotFound
from domain.handbook import CLAUSES
from domain.settings import SETTINGS

if TYPE_CHECKING:
    from projections.collection import Registers
    from workflows.policy import Policies

__all__ = ["resting", "router"]


def resting(
    registers: Registers, policies: Policies, standards: Iterable[tuple[str, str]] = ()
) -> dict[str, dict[str, list[str]]]:
    """Clause → what kind of thing → their names. ``standards`` are (clause, slug)."""
    found: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for clause, sort, name in (*_of_tables(), *_of_the_rest(registers, policies)):
        found[clause][sort][name] = None
    for clause, name in standards:
        found[clause]["standards"][name] = None
    return {clause: {sort: list(names) for sort, names in sorts.items()} for clause, sorts in found.items()}


def _of_tables() -> Iterator[tuple[str, str, str]]:
    for lifecycle in CASES:
        yield lifecycle.clauses, "cases", lifecycle.path
        for row in lifecycle.steps:
            yield row.clause, "commands", slug_of(row.command)
            yield row.clause, "facts", row.event.__name__
        for due in lifecycle.deadlines:
            yield due.clause, "deadlines", f"{lifecycle.path}/{due.kind}"


def _of_the_rest(registers: Registers, policies: Policies) -> Iterator[tuple[str, str, str]]:
    for policy in policies.all:
        yield policy.clause, "policies", policy.name
    for register in registers.all:
        yield register.clause, "registers", register.name
    for setting in SETTINGS.values():
        yield setting.clause, "settings", setting.name


def router(counter: Counter, standards: Iterable[tuple[str, str]] = ()) -> APIRouter:
    """All clauses, and one."""
    made = APIRouter(tags=["handbook"])
    rests = resting(counter.registers, counter.office.policies, standards)
    clauses: dict[str, dict[str, Any]] = {
        clause.id: {
            "id": clause.id,
            "zh": clause.zh,
            "en": clause.en,
            "kinds": list(clause.kinds),
            "chapter": clause.chapter,
            "law": clause.is_law,
            "rests": rests.get(clause.id, {}),
        }
        for clause in CLAUSES.values()
    }
    whole = as_json({"clauses": list(clauses.values())})

    @made.get(
        "/handbook",
        operation_id="handbook",
        summary="手册逐条，及其上的功能 / every clause with what rests on it",
        responses=answered(ref("Handbook")),
        response_model=None,
    )
    def handbook(_request: Request) -> Response:
        return Response(whole, media_type="application/json")

    @made.get(
        "/handbook/{clause}",
        operation_id="handbook_clause",
        summary="一条 / one clause",
        responses=answered(ref("Clause")),
        response_model=None,
    )
    def one(_request: Request, clause: str) -> Response:
        found = clauses.get(clause)
        if found is None:
            raise NotFound("clause-unknown", None, zh="手册中没有此条", en="the handbook has no such clause")
        return json(found)

    return made
