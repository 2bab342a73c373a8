"""A case 事项: how it stands, what may be done with it and why the rest may not, and its facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.http.context import ApiContext, Reader
from api.http.documents import answered, ref
from api.http.people_names import with_names
from api.http.text import Instant
from api.http.typed import case_schema, facts_schema
from api.routes.actions import checked_id, href_of, offered, slug_of
from domain.cases import CASES
from domain.kernel.errors import NotPermitted, Refusal
from domain.kernel.people import Actor
from domain.office.office import LIFECYCLE as OFFICE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domain.kernel.fact import Case, Command, Fact
    from domain.kernel.lifecycle.ask import Lifecycle

__all__ = ["AsOf", "case_view", "choices", "data_of", "fact_view", "router"]

AsOf = Annotated[
    Annotated[int, Query(ge=0, le=2**53)] | Instant | None,
    Query(description="台账页码或时刻：当时的样子 / a page number or an instant: as it stood then"),
]

Late = Annotated[
    bool | None, Query(description="只看补录（或只看及时登记）的记录 / only late entries, or only the others")
]


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody may do with a case now, and why not the rest."""

    permitted: list[type[Command]]
    refused: list[tuple[type[Command], Refusal]]


def router(context: ApiContext) -> APIRouter:
    """Two routes per kind of case."""
    made = APIRouter()
    for lifecycle in CASES:
        if lifecycle is OFFICE:
            continue
        path = f"/offices/{{office}}/{lifecycle.path}/{{case_id}}"
        made.add_api_route(
            path,
            _get(context, lifecycle),
            methods=["GET"],
            operation_id=f"get_{lifecycle.kind}",
            tags=[lifecycle.path],
            summary=f"{lifecycle.zh} / {lifecycle.en}",
            responses=answered(ref(case_schema(lifecycle)), headers=("ETag",)),
            response_model=None,
        )
        made.add_api_route(
            f"{path}/facts",
            _facts(context, lifecycle),
            methods=["GET"],
            operation_id=f"facts_of_{lifecycle.kind}",
            tags=[lifecycle.path],
            summary=f"{lifecycle.zh}：记录 / {lifecycle.en}: its facts",
            responses=answered(ref(facts_schema(lifecycle)), headers=("ETag",)),
            response_model=None,
        )
    return made


def _get(context: ApiContext, lifecycle: Lifecycle[Any]) -> Callable[..., Response]:
    def get(request: Request, office: str, case_id: str, as_of: AsOf = None) -> Response:
        reader, case, facts = _found(context, lifecycle, request, office, case_id, as_of)
        body = case_view(reader, lifecycle, case, facts[-1].number)
        return with_names(context.names, body, {"ETag": f'"{case.version}"'})

    return get


def _facts(context: ApiContext, lifecycle: Lifecycle[Any]) -> Callable[..., Response]:
    def get(request: Request, office: str, case_id: str, as_of: AsOf = None, late: Late = None) -> Response:
        reader, case, facts = _found(context, lifecycle, request, office, case_id, as_of)
        entered_late = {entry.version for entry in case.late_entries}
        views = [fact_view(fact) for fact in facts if late is None or (fact.version in entered_late) is late]
        reader.open(views, f"{lifecycle.path}/facts")
        return with_names(context.names, {"id": case.id, "facts": views}, {"ETag": f'"{case.version}"'})

    return get


def _found(
    context: ApiContext,
    lifecycle: Lifecycle[Any],
    request: Request,
    office: str,
    case_id: str,
    as_of: int | datetime | None,
) -> tuple[Reader, Any, Sequence[Fact]]:
    reader = context.reader(request, office)
    checked_id(lifecycle, case_id)
    case, facts = context.handler.history(office, case_id, until=context.page(office, as_of))
    return reader, case, facts


def case_view(reader: Reader, lifecycle: Lifecycle[Any], case: Case, number: int) -> dict[str, Any]:
    """All that is to be seen of a case."""
    data = data_of(case)
    row = {"case_id": case.id, "data": data}
    reader.open([row], lifecycle.path)
    who = reader.context.handler.actor(case.office, Actor(reader.identity.user_id, reader.roles[0]))
    found = choices(lifecycle, case, [replace(who, role=role) for role in reader.roles])
    zh, en = lifecycle.states[case.state]
    return {
        "id": case.id,
        "kind": lifecycle.kind,
        "office": case.office,
        "version": case.version,
        "number": number,
        "state": case.state,
        "state_zh": zh,
        "state_en": en,
        "data": data,
        "due": lifecycle.due(case),
        "permitted": [
            {
                "command": slug_of(command),
                "zh": command.ZH,
                "en": command.EN,
                "clause": lifecycle.open_to(case.state, command)[0].clause,
                "href": href_of(case.office, lifecycle.kind, case.id, command),
            }
            for command in found.permitted
        ],
        "refused": [
            {
                "command": slug_of(command),
                "zh": command.ZH,
                "en": command.EN,
                "code": why.code,
                "clause": why.clause,
                "why_zh": why.zh,
                "why_en": why.en,
            }
            for command, why in found.refused
        ],
    }


def choices(lifecycle: Lifecycle[Any], case: Case, acting: Sequence[Actor]) -> Choices:
    """What somebody may do in these roles, and the reason that tells most where he may not."""
    made = Choices([], [])
    for command in offered(lifecycle)[1]:
        whys = [lifecycle.why_not(command, case, who) for who in acting]
        if None in whys:
            made.permitted.append(command)
            continue
        # "The letter is missing" says more than "that is for the manager".
        telling = sorted((why for why in whys if why is not None), key=lambda why: isinstance(why, NotPermitted))
        made.refused.append((command, telling[0]))
    return made


def fact_view(fact: Fact) -> dict[str, Any]:
    """One fact as a reader sees it; personal fields still sealed."""
    return {
        "number": fact.number,
        "case_id": fact.case_id,
        "version": fact.version,
        "event_id": fact.event_id,
        "name": fact.name,
        "zh": fact.event.ZH,
        "en": fact.event.EN,
        "occurred_at": fact.occurred_at,
        "recorded_at": fact.recorded_at,
        "user_id": fact.user_id,
        "role": fact.role,
        "correlation_id": fact.correlation_id,
        "causation_id": fact.causation_id,
        "source_id": fact.source_id,
        "imported": fact.imported,
        "waived": fact.waived,
        "late_seconds": fact.late,
        "late_reason": fact.late_reason,
        "data": data_of(fact.event),
    }


def data_of(value: Any) -> Any:
    """A record as JSON can say it: what it is keyed by becomes text (a month «2025-03»), what has no order is put in one."""
    if is_dataclass(value):
        return {each.name: data_of(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): data_of(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(data_of, value))
    if isinstance(value, list | tuple):
        return [data_of(each) for each in value]
    return value
