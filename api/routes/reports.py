"""Reports 报表 over HTTP: a table as of any day and any page, as JSON, CSV or a workbook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import chain
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.http.context import PRIVATE, ApiContext, json
from api.http.documents import answered, ref
from api.http.text import Day, Short
from api.http.workbook import KIND, pieces, written
from api.routes.cases import AsOf
from api.routes.registers import csv_head, csv_line
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotFound, RuleBroken
from domain.kernel.periods import Month
from projections.reports.index import REPORTS
from projections.reports.report import Asked, Report

__all__ = ["asked_of", "router"]

_CSV: Final = "text/csv; charset=utf-8"
On = Annotated[
    Day | None, Query(description="截至哪一天（含），缺省为今天 / at the end of which day, today if left out")
]
By = Annotated[Short | None, Query(description="分组方式，见各报表 / how it is grouped: see the report")]
Since = Annotated[Day | None, Query(description="入账期间起日，缺省为当月 / from which day of entry; this month")]
Until = Annotated[Day | None, Query(description="入账期间止日 / to which day of entry")]
Period = Annotated[Short | None, Query(description="只限某账期，如2025-03 / of one billing period")]
Which = Annotated[str, Path(description="报表 / report", json_schema_extra={"enum": list(REPORTS)})]


def router(context: ApiContext) -> APIRouter:
    """One address for every report, and one per form of file."""
    made = APIRouter(tags=["registers"])

    def as_json(found: Report, said: Asked) -> Response:
        with context.within(said.office) as connection:
            told = list(found.rows(connection, said))
        rows = [dict(zip(found.columns, row, strict=True)) for row in told]
        head = {"report": found.name, "zh": found.zh, "en": found.en, "clause": found.clause, "as_of": said.page}
        return json(
            {**head, "on": said.on, "since": said.since, "until": said.until, "by": said.by, "rows": rows}
            | {"totals": found.totals(told)}
        )

    def as_csv(found: Report, said: Asked) -> Response:
        with context.within(said.office) as connection:
            rows = list(found.rows(connection, said))
        lines = chain([csv_head(found.columns)], map(csv_line, rows))
        return StreamingResponse(lines, media_type=_CSV, headers=_saved_as(f"{found.name}.csv"))

    def as_workbook(found: Report, said: Asked) -> Response:
        with context.within(said.office) as connection:
            rows = list(found.rows(connection, said))
        made = written(found.zh, found.columns, rows)
        return StreamingResponse(pieces(made), media_type=KIND, headers=_saved_as(f"{found.name}.xlsx"))

    for form, (kind, schema), answer in (
        ("csv", ("text/csv", {"type": "string"}), as_csv),
        ("xlsx", (KIND, {"type": "string", "format": "binary"}), as_workbook),
    ):  # their addresses are asked first: the other would take them for reports
        made.add_api_route(
            f"/offices/{{office}}/reports/{{report}}.{form}",
            _asked(context, answer),
            methods=["GET"],
            operation_id=f"report_{form}",
            summary=f"报表（{form}）/ a report as {form}",
            responses=answered(None, files={kind: schema}),
            response_model=None,
            response_class=Response,
        )
    made.add_api_route(
        "/offices/{office}/reports/{report}",
        _asked(context, as_json),
        methods=["GET"],
        operation_id="report",
        summary="报表：账龄、预收、收缴率、欠费户、会计凭证 / ageing, prepayments, collection rates, debtors, the journal",
        responses=answered(ref("Report")),
        response_model=None,
    )
    return made


def _saved_as(name: str) -> dict[str, str]:
    return {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}


def _asked(context: ApiContext, answer: Callable[[Report, Asked], Response]) -> Callable[..., Response]:
    """What an address does: makes out what is asked for, and has it answered in its form."""

    def get(
        request: Request,
        office: str,
        report: Which,
        on: On = None,
        by: By = None,
        since: Since = None,
        until: Until = None,
        period: Period = None,
        due_from: Day | None = None,
        due_to: Day | None = None,
        as_of: AsOf = None,
    ) -> Response:
        context.roles(request, office)
        found = REPORTS.get(report)
        if found is None:
            raise NotFound("report-unknown", None, zh="没有这张报表", en="there is no such report")
        return answer(
            found,
            asked_of(
                context,
                office,
                found,
                by=by,
                on=on,
                since=since,
                until=until,
                period=period,
                due_from=due_from,
                due_to=due_to,
                page=context.page(office, as_of),
            ),
        )

    return get


def asked_of(
    context: ApiContext,
    office: str,
    report: Report,
    *,
    by: str | None = None,
    on: date | None = None,
    since: date | None = None,
    until: date | None = None,
    period: str | None = None,
    due_from: date | None = None,
    due_to: date | None = None,
    page: int | None = None,
) -> Asked:
    """What is asked of a report; what is left out is today, this month, its first grouping, the book as it stands.

    Raises :class:`RuleBroken` for a grouping that it has not, or an end before its beginning.
    """
    if by is not None and by not in report.groups:
        listed = "、".join(report.groups)
        zh, en = f"可按以下方式分组：{listed}", f"it can be grouped by: {listed}"
        raise RuleBroken("group-unknown", None, zh=zh, en=en, field="by")
    today = local_date(context.time_in(office))
    first = since or (until or today).replace(day=1)
    last = until or Month.of(first).last
    if last < first:
        zh, en = "止日早于起日", "it ends before it begins"
        raise RuleBroken("backwards", None, zh=zh, en=en, field="until")
    return Asked(
        office=office,
        page=page if page is not None else context.last_page(office),
        on=on or today,
        by=by or report.groups[0],
        since=first,
        until=last,
        period=period,
        due_from=due_from,
        due_to=due_to,
    )
