"""Printed papers by the hundred 整批打印 over HTTP (§7.2c, §8.A): a month's payment notices, a day's dunning notices."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from api.http.context import ApiContext, json
from api.http.documents import answered, ref
from api.http.text import Short
from api.papers.dunning_notice import dunning_notices
from api.papers.handing_out import handed_out
from api.papers.run_notices import Part, hand_out_part, parts_ready, set_parts
from api.papers.typesetting import AT_ONCE
from api.routes.actions import checked_id
from api.routes.printed import FILES, office_name
from domain.fees.bill_run.lifecycle import LIFECYCLE as BILL_RUN
from domain.kernel.errors import NotFound

__all__ = ["day_of", "issued_on", "nothing_that_day", "number_of", "router"]

PartAsked = Annotated[int, Query(alias="part", ge=1, le=100_000, description="第几册，自 1 起 / which part, from 1")]
Limit = Annotated[int, Query(ge=1, le=100)]
Stage = Annotated[int | None, Query(ge=1, le=2, description="第几次，缺省两次都印 / which letter; both if left out")]
_ISSUED: Final = """
select n.case_id, n.stage from wuye.r_dunning_notices n
  left join lateral (select h.building, h.home from wuye.r_households h
    where h.office = n.office and h.case_id = n.household and h.to_number is null limit 1) h on true
 where n.office = %(office)s and n.to_number is null and n.issued_on = %(day)s
   and (%(stage)s::integer is null or n.stage = %(stage)s)
 order by length(h.building), h.building, h.home, n.case_id, n.stage
"""


def router(context: ApiContext) -> APIRouter:
    """A run in parts, and a day in parts."""
    made = APIRouter()
    path = "/offices/{office}/bill-runs/{case_id}/notices"

    def told(office: str, run: str, parts: list[tuple[Part, bool]]) -> Response:
        return json({"parts": [_view(office, run, part, is_set) for part, is_set in parts]})

    @made.get(
        path,
        operation_id="bill_run_notices",
        tags=[BILL_RUN.path],
        summary="整批缴费通知单分册 / the parts of a month's payment notices, by building",
        responses=answered(ref("NoticeParts")),
        response_model=None,
    )
    def parts(request: Request, office: str, case_id: str) -> Response:
        _run(context, request, office, case_id)
        return told(office, case_id, parts_ready(context.reader(request, office), request, case_id))

    @made.post(
        path,
        operation_id="set_bill_run_notices",
        tags=[BILL_RUN.path],
        summary="排版整批缴费通知单 / set the parts that are not set yet; asked again, it goes on where it was",
        responses=answered(ref("NoticeParts")),
        response_model=None,
    )
    def set_all(request: Request, office: str, case_id: str, limit: Limit = 20) -> Response:
        context.no_auditor(request, office)
        _run(context, request, office, case_id)
        reader = context.reader(request, office)
        return told(office, case_id, set_parts(reader, request, case_id, office_name(context, office), limit))

    @made.get(
        f"{path}/{{part}}.pdf",
        operation_id="print_bill_run_notices",
        tags=[BILL_RUN.path],
        summary="整批缴费通知单一册（PDF） / one part of a month's payment notices",
        responses=answered(None, files=FILES),
        response_model=None,
    )
    def one_part(request: Request, office: str, case_id: str, part: Short) -> Response:
        _run(context, request, office, case_id)
        reader = context.reader(request, office)
        return hand_out_part(reader, request, case_id, number_of(part), office_name(context, office))

    @made.get(
        "/offices/{office}/issued-notices/{day}.pdf",
        operation_id="print_issued_notices",
        tags=["debt-cases"],
        summary="某日发出的催款通知单（PDF） / the dunning notices that went out on a day, a hundred a part",
        responses=answered(None, files=FILES),
        response_model=None,
    )
    def of_day(request: Request, office: str, day: Short, stage: Stage = None, part: PartAsked = 1) -> Response:
        reader = context.reader(request, office)
        on = day_of(day)
        found = issued_on(context, office, on, stage)[(part - 1) * AT_ONCE : part * AT_ONCE]
        if not found:
            raise nothing_that_day()
        papers = dunning_notices(reader, found, office_name(context, office), on)
        return handed_out(reader, request, papers, f"催款通知单-{on}-{part}")

    return made


def day_of(text: str) -> date:
    """A day as an address names it. Raises NotFound for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise nothing_that_day() from None


def number_of(text: str) -> int:
    """A part as an address names it; for what is no number 0, a part that never exists."""
    return int(text[:6]) if text.isascii() and text.isdecimal() else 0


def nothing_that_day() -> NotFound:
    """Of a day without notices, and of what is no day."""
    return NotFound("notice-unknown", "8.A", zh="当日没有发出催款通知", en="no notice went out on that day")


def issued_on(context: ApiContext, office: str, day: date, stage: int | None = None) -> list[tuple[str, int]]:
    """Case and stage of the notices that went out on a day, by building and home."""
    with context.within(office) as connection:
        rows = connection.execute(_ISSUED, {"office": office, "day": day, "stage": stage}).fetchall()
    return [(row[0], row[1]) for row in rows]


def _run(context: ApiContext, request: Request, office: str, case_id: str) -> None:
    context.roles(request, office)
    checked_id(BILL_RUN, case_id)
    context.handler.case(office, case_id)


def _view(office: str, run: str, part: Part, is_set: bool) -> dict[str, Any]:  # noqa: FBT001 -- a row
    return {
        "part": part.number,
        "building": part.building or None,
        "first_home": part.first,
        "last_home": part.last,
        "notices": len(part.bills),
        "ready": is_set,
        "href": f"/offices/{quote(office)}/bill-runs/{quote(run)}/notices/{part.number}.pdf",
    }
