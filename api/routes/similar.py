"""Similar complaints 类似投诉 (§4.8): what was complained of before, how it was solved, found when one is registered."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from api.http.addresses import address
from api.http.context import ApiContext, json
from api.http.documents import answered, ref
from api.http.text import Short
from domain.complaints.complaint.lifecycle import LIFECYCLE as COMPLAINT
from domain.kernel.names import NameKind
from domain.kernel.spelling import canonical
from journal.book import Book

__all__ = ["likeness", "router", "similar_to"]

_SQL: Final = """
select case_id, state, category, matter, coalesce(home, (
         select h.home from wuye.r_households h where h.office = c.office and h.case_id = c.household and h.to_number is null
       )), household, opened_at, resolved_at, root_cause, outcome
  from wuye.r_complaints c
 where office = %(office)s and to_number is null
   and set_aside is null
   and (category = %(category)s or home = %(home)s or household = %(household)s
        or household in (select h.case_id from wuye.r_households h where h.office = %(office)s and h.home = %(home)s)
        or %(matter)s::text is not null)
 order by (household = %(household)s) is true desc, (home = %(home)s) is true desc,
          (category = %(category)s) is true desc, opened_at desc, case_id
 limit 2000
"""
_NAMES: Final = (
    "case_id",
    "state",
    "category",
    "matter",
    "home",
    "household",
    "opened_at",
    "resolved_at",
    "root_cause",
    "outcome",
)
_HOUSEHOLD, _HOME, _CATEGORY, _MATTER, _LEAST = 30, 20, 20, 60, 20
"""Points of a hundred and more; what has less than ``_LEAST`` is not shown."""


def likeness(one: str, other: str) -> float:
    """How alike two texts are: the share of pairs of characters they have in common (Dice), from 0 to 1."""
    pairs = [
        {text[n : n + 2] for n in range(len(text) - 1)} or {text}
        for text in (unicodedata.normalize("NFKC", each).casefold().strip() for each in (one, other))
    ]
    return 2 * len(pairs[0] & pairs[1]) / (len(pairs[0]) + len(pairs[1]))


def router(context: ApiContext) -> APIRouter:
    """What to look at before a complaint is registered, or beside one."""
    made = APIRouter(tags=["complaints"])

    @made.get(
        "/offices/{office}/complaints/similar",
        operation_id="similar_complaints",
        summary="类似投诉 / similar complaints, and how they were solved",
        responses=answered(ref("Similar")),
        response_model=None,
    )
    def similar(
        request: Request,
        office: str,
        category: Short | None = None,
        matter: Short | None = None,
        home: Short | None = None,
        household: Short | None = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
    ) -> Response:
        context.roles(request, office)
        asked = {"category": category, "matter": matter, "home": home, "household": household}
        return json({"complaints": similar_to(context, office, asked, limit)})

    return made


def similar_to(context: ApiContext, office: str, asked: dict[str, str | None], limit: int) -> list[dict[str, Any]]:
    """The complaints most like what is asked for by category, matter, home or household, the most alike first."""
    with context.within(office) as connection:
        if asked["home"] is not None and (compared := canonical(asked["home"])):
            in_use = Book(connection, office).shown([(NameKind.HOME, compared)])
            asked = asked | {"home": in_use.get((NameKind.HOME, compared), asked["home"])}
        rows = [dict(zip(_NAMES, row, strict=True)) for row in connection.execute(_SQL, asked | {"office": office})]
    for row in rows:
        row["likeness"] = _points(row, asked)
        row["href"] = address(office, COMPLAINT.kind, row["case_id"])
    rows.sort(key=lambda row: (-row["likeness"], -row["opened_at"].timestamp()))
    return [row for row in rows if row["likeness"] >= _LEAST][:limit]


def _points(row: dict[str, Any], asked: dict[str, str | None]) -> int:
    points = 0
    for name, worth in (("household", _HOUSEHOLD), ("home", _HOME), ("category", _CATEGORY)):
        if asked[name] is not None and row[name] == asked[name]:
            points += worth
    if asked["matter"] is not None:
        points += round(_MATTER * likeness(asked["matter"], row["matter"]))
    return points
