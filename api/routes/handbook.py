"""The handbook 手册 with what rests on each clause: derived from the tables, never written down twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request, Response

from api.http.context import ApiContext, as_json, json
from api.http.documents import answered, ref
from api.routes.clause_index import clause_index
from domain.handbook.clauses import CLAUSES
from domain.handbook.reach import BY_PEOPLE
from domain.kernel.errors import NotFound

__all__ = ["router"]


def router(context: ApiContext, standards: Iterable[tuple[str, str]] = ()) -> APIRouter:
    """All clauses, and one."""
    made = APIRouter(tags=["handbook"])
    rests = clause_index(context.registers, context.handler.policies, standards)
    clauses: dict[str, dict[str, Any]] = {
        clause.id: {
            "id": clause.id,
            "zh": clause.zh,
            "en": clause.en,
            "kinds": list(clause.kinds),
            "chapter": clause.chapter,
            "law": clause.is_law,
            "rests": rests.get(clause.id, {}),
            "by_people": dict(zip(("zh", "en"), BY_PEOPLE[clause.id], strict=True)) if clause.id in BY_PEOPLE else None,
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
