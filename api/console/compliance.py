"""The compliance report 合规报告 on the screen and on paper: the handbook clause by clause, as the API gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from starlette.responses import Response

from api.console.figures import figure_of
from api.console.page import Kit, Page, office_page
from api.console.said import day, instant
from api.console.standards import period_of
from api.routes.clause_index import clause_index
from api.routes.compliance import Line, Status, lines
from projections.engine.standard import Measurement, Standard
from projections.standards.index import STANDARDS

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]

_SHAPES: Final = {
    Status.KEPT: "st-kept",
    Status.BROKEN: "st-late",
    Status.NOTHING: "st-none",
    Status.MEASURED: "",
    Status.ENFORCED: "st-file",
    Status.REFERS: "st-none",
    Status.PEOPLE: "st-none",
    Status.MISSING: "st-late",
}
_EN: Final = {
    Status.KEPT: "kept",
    Status.BROKEN: "not kept",
    Status.NOTHING: "nothing to measure",
    Status.MEASURED: "measured, no target",
    Status.ENFORCED: "by the program",
    Status.REFERS: "see other clauses",
    Status.PEOPLE: "by people",
    Status.MISSING: "nothing rests on it",
}


def routes(kit: Kit) -> list[Route]:
    """One page; on paper it is the signed report."""
    standards = [(each.clause, each.slug) for each in STANDARDS]
    rests = clause_index(kit.context.registers, kit.context.handler.policies, standards)
    return [office_page(kit, "/compliance", lambda page: _page(page, rests))]


def _page(page: Page, rests: dict[str, dict[str, list[str]]]) -> Response:
    period = period_of(page)
    readings = page.context.figures.read(STANDARDS, page.office, period.since, period.until, period.as_of)
    by_slug: dict[str, Measurement] = {reading.standard.slug: reading for reading in readings}

    def read(standard: Standard) -> Measurement:
        return by_slug[standard.slug]

    found = list(lines(read, STANDARDS, rests))
    first = readings[0]
    asked = {"office": page.office, **period.query()}
    moment = asked.pop("moment", None)
    if moment is not None:
        asked["as_of"] = f"{moment}:00+08:00"
    return page.show(
        "compliance.html",
        period=period,
        said=page.t(
            f"{day(period.since, 'zh', page.now)}至{day(period.until, 'zh', page.now)}",
            f"{day(period.since, 'en', page.now)} – {day(period.until, 'en', page.now)}",
        ),
        moment=instant(first.moment, page.lang, page.now),
        number=first.pages.get(page.office, 0),
        rows=[_row(page, line, by_slug, period.query()) for line in found],
        kept=sum(line.status is Status.KEPT for line in found),
        broken=sum(line.status is Status.BROKEN for line in found),
        workbook=f"/compliance.xlsx?{urlencode(asked)}",
    )


def _row(page: Page, line: Line, readings: dict[str, Measurement], asked: dict[str, str]) -> dict[str, Any]:
    figure = figure_of(page, readings[line.standard]) if line.standard is not None else None
    return {
        "clause": line.clause,
        "duty": page.t(line.zh, line.en),
        "figure": figure,
        "status": page.t(line.status.zh, _EN[line.status]),
        "css": _SHAPES[line.status],
        "missed": line.missed,
        "target": line.target,
        "not_yet_due": line.not_yet_due,
        "href": page.at("standards", line.standard, **asked) if line.standard is not None else None,
        "missed_href": page.at("standards", line.standard, "cases", bucket="missed", **asked)
        if line.standard
        else None,
    }
