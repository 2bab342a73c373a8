"""The compliance report 合规报告 on the screen and on paper: the handbook clause by clause, as the API gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from api.console.compliance_workbook import compliance_workbook
from api.console.figures import figure_of
from api.console.formatting import day, instant
from api.console.page import Kit, Page, office_page
from api.console.register_file import file_sent
from api.console.standards import Period, period_of
from api.http.workbook import KIND
from api.routes.clause_index import clause_index
from api.routes.compliance import Line, Status, lines, missed
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
    """One page, on paper the signed report; and its workbook."""
    standards = [(each.clause, each.slug) for each in STANDARDS]
    rests = clause_index(kit.context.registers, kit.context.handler.policies, standards)
    return [
        office_page(kit, "/compliance", lambda page: _page(page, rests)),
        office_page(kit, "/compliance/file", lambda page: _file(page, rests)),
    ]


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read: of which days, each clause's line, and where the book stood."""

    period: Period
    readings: Sequence[Measurement]
    lines: Sequence[Line]
    rows: Sequence[dict[str, Any]]

    def days(self, page: Page) -> str:
        """The period in words."""
        since, until = (day(each, page.lang, page.now) for each in (self.period.since, self.period.until))
        return page.t(f"{since}至{until}", f"{since} – {until}")

    def stood(self, page: Page) -> str:
        """From which page of the book, and when it stood so."""
        first = self.readings[0]
        number, moment = first.pages.get(page.office, 0), instant(first.moment, page.lang, page.now)
        zh = f"依据台账第 {number:,} 页，{moment} 的情况。"
        return page.t(zh, f"From page {number:,} of the book, as it stood on {moment}.")


def _found(page: Page, rests: dict[str, dict[str, list[str]]]) -> _Found:
    period = period_of(page)
    readings = page.context.figures.read(STANDARDS, page.office, period.since, period.until, period.as_of)
    by_slug: dict[str, Measurement] = {reading.standard.slug: reading for reading in readings}

    def read(standard: Standard) -> Measurement:
        return by_slug[standard.slug]

    every = list(lines(read, STANDARDS, rests))
    return _Found(period, readings, every, [_row(page, line, by_slug, period.query()) for line in every])


def _page(page: Page, rests: dict[str, dict[str, list[str]]]) -> Response:
    found = _found(page, rests)
    return page.show(
        "compliance.html",
        period=found.period,
        said=found.days(page),
        stood=found.stood(page),
        rows=found.rows,
        kept=sum(line.status is Status.KEPT for line in found.lines),
        broken=sum(line.status is Status.BROKEN for line in found.lines),
        workbook=page.at("compliance", "file", **found.period.query()),
    )


def _file(page: Page, rests: dict[str, dict[str, list[str]]]) -> Response:
    """The same as a workbook, with the cases that missed."""
    found = _found(page, rests)
    with page.connect() as connection:
        behind = missed(connection, page.context.registers, found.readings)
    named = {
        figure_of(page, reading).name: [case_id for _, case_id, _ in behind[reading.standard.slug]]
        for reading in found.readings
        if reading.standard.slug in behind
    }
    name = page.kit.office_name(page.office)
    title = f"{name}　{page.t('合规报告', 'Compliance report')}　{found.days(page)}"
    content = compliance_workbook(page, title, found.stood(page), found.rows, named)
    return file_sent(page, [content], ("compliance", page.t("合规报告", "Compliance report"), "xlsx"), KIND)


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
