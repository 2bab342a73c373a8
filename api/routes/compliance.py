"""The compliance report 合规报告: the handbook clause by clause, with what was owed, the figure, and whether it was kept.

Every measured duty stands with its figure, target in force and the number of cases that missed it; every other clause
with what enforces or records it; and a clause on which nothing rests says so. With ``as_of`` it says what the report
said then.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

import psycopg
from fastapi import APIRouter, Query, Request, Response

from api.http.context import ApiContext, json
from api.http.documents import answered, ref
from api.http.workbook import KIND, printable, workbook
from api.routes.cases import AsOf
from api.routes.clause_index import clause_index
from api.routes.registers import neutral
from api.routes.standards import OfficeQuery, Since, Until, changes_view, percent, reading_of
from domain.handbook.clauses import CLAUSES
from domain.handbook.reach import BY_PEOPLE
from domain.kernel.calendar import SHANGHAI
from projections.engine.standard import cases

if TYPE_CHECKING:
    from projections.engine.collection import Registers
    from projections.engine.standard import Measurement, Standard

__all__ = ["HEAD", "Line", "as_csv", "as_xlsx", "lines", "missed", "router", "title_of", "view"]

_ENFORCING: Final = ("commands", "policies", "deadlines", "registers", "cases", "rules")


class Form(StrEnum):
    """What the report is wanted as."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


class Status(StrEnum):
    """How a clause stands."""

    KEPT = "kept"
    BROKEN = "not-kept"
    NOTHING = "nothing-to-measure"
    MEASURED = "measured"
    """Measured, without a target."""
    ENFORCED = "enforced"
    """No figure: the program enforces, reminds of or records it."""
    REFERS = "see-other-clauses"
    """It points to other clauses, each with its own line."""
    PEOPLE = "by-people"
    """No program can do or record it."""
    MISSING = "missing"
    """Nothing rests on it."""

    @property
    def zh(self) -> str:
        """The Chinese that people read."""
        return _ZH[self]


_ZH: Final = {
    Status.KEPT: "达标",
    Status.BROKEN: "未达标",
    Status.NOTHING: "无可计量",
    Status.MEASURED: "已计量",
    Status.ENFORCED: "由程序执行",
    Status.REFERS: "见所指各条",
    Status.PEOPLE: "由人遵守",
    Status.MISSING: "尚无支持",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One clause, or one figure of it. ``percent`` is cut, never rounded up."""

    clause: str
    zh: str
    en: str
    status: Status
    rests: Mapping[str, list[str]]
    standard: str | None = None
    figure_zh: str | None = None
    figure_en: str | None = None
    met: int | None = None
    counted: int | None = None
    percent: str | None = None
    target: str | None = None
    missed: int | None = None
    not_yet_due: int | None = None
    imported: int | None = None
    unit: str | None = None
    changes_since: tuple[Mapping[str, Any], ...] = ()
    """Settings that were changed since, reaching back into the period."""


def lines(
    read: Callable[[Standard], Measurement], standards: Iterable[Standard], rests: Mapping[str, Mapping[str, list[str]]]
) -> Iterator[Line]:
    """The handbook in its order; headings and law are left out."""
    by_clause: dict[str, list[Standard]] = {}
    for standard in standards:
        by_clause.setdefault(standard.clause, []).append(standard)
    for clause in CLAUSES.values():
        measured = by_clause.get(clause.id, [])
        if clause.is_law or ("group" in clause.kinds and not measured):
            continue
        on_it = dict(rests.get(clause.id, {}))
        if not measured:
            yield Line(clause.id, clause.zh, clause.en, _unmeasured(clause.id, on_it), on_it)
        for standard in measured:
            found = read(standard)
            yield Line(
                clause.id,
                clause.zh,
                clause.en,
                _status(found),
                on_it,
                standard.slug,
                standard.zh,
                standard.en,
                found.met,
                found.counted,
                percent(found.met, found.counted) if found.counted else None,
                None if found.target is None else f"{'≤' if standard.at_most else '≥'} {float(found.target * 100):g}",
                found.counted - found.met,
                found.not_yet_due,
                found.imported,
                standard.unit if standard.amount else "cases",
                tuple(changes_view(found)),
            )


def _unmeasured(clause_id: str, on_it: Mapping[str, list[str]]) -> Status:
    if any(on_it.get(sort) for sort in _ENFORCING):
        return Status.ENFORCED
    if on_it.get("clauses"):
        return Status.REFERS
    return Status.PEOPLE if clause_id in BY_PEOPLE else Status.MISSING


def _status(reading: Measurement) -> Status:
    if not reading.counted:
        return Status.NOTHING
    if reading.target is None:
        return Status.MEASURED
    return Status.KEPT if reading.kept else Status.BROKEN


def view(line: Line, query: str | None = None) -> dict[str, Any]:
    """The line for a program; ``query`` leads on to the cases that missed the figure."""
    behind = f"/standards/{line.standard}/cases?{query}" if line.standard is not None and query is not None else None
    shown = {name: getattr(line, name) for name in Line.__slots__}
    return shown | {"status_zh": line.status.zh, "missed_href": behind}


# -- files -----------------------------------------------------------------------------------------------------------

HEAD: Final = (
    "条款 clause",
    "职责 duty",
    "duty (en)",
    "标准 standard",
    "standard (en)",
    "达到 met",
    "应计 counted",
    "％ percent",
    "目标 target ％",
    "未达 missed",
    "未到期 not due",
    "其中导入 imported",
    "单位 unit",
    "结论 status",
    "status (en)",
    "事后变更的设定 settings changed since",
)


HEAD_BEHIND: Final = ("标准 standard", "管理处 office", "事项 case", "行 line")
MOST_BEHIND: Final = 5_000
"""So many cases of one figure are listed in a workbook; the API pages through all of them."""
Behind = Mapping[str, list[tuple[str, str, str]]]
"""The cases behind each figure: the standard's slug → (office, case, line)."""

_UNITS: Final = {"fen": "元 CNY", "hundredths-of-m2": "m²", "cases": "件 cases"}


def _shown(line: Line, number: int | None) -> int | str | None:
    """Sums in yuan, to the fen; areas in m²."""
    return f"{number // 100}.{number % 100:02}" if line.unit != "cases" and number is not None else number


def _cells(line: Line) -> list[Any]:
    return [
        line.clause,
        line.zh,
        line.en,
        line.figure_zh,
        line.figure_en,
        *(_shown(line, n) for n in (line.met, line.counted)),
        line.percent,
        line.target,
        *(_shown(line, n) for n in (line.missed, line.not_yet_due)),
        line.imported,
        _UNITS.get(line.unit or ""),
        line.status.zh,
        line.status.value,
        "; ".join(f"{each['name']} {each['before']} → {each['value']}" for each in line.changes_since) or None,
    ]


def as_csv(found: Iterable[Line]) -> bytes:
    """UTF-8 with the mark that spreadsheets want; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for line in found:
        writer.writerow([neutral(cell) for cell in _cells(line)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(found: Iterable[Line], title: str, behind: Behind) -> bytes:
    """A workbook to be printed: landscape, head repeated, what was not kept in red; the cases behind on a second sheet.

    The same report, the same bytes.
    """
    out = io.BytesIO()
    book = workbook(out, title, in_memory=True)
    sheet = book.add_worksheet("合规报告 compliance")
    plain = {"font_name": "SimSun", "valign": "top", "text_wrap": True, "border": 1}
    normal, broken = book.add_format(plain), book.add_format(plain | {"font_color": "#B00020", "bold": True})
    head = book.add_format(plain | {"bold": True, "bg_color": "#E8EDF3"})
    sheet.merge_range(0, 0, 0, len(HEAD) - 1, title, book.add_format({"bold": True, "font_size": 14}))
    sheet.write_row(1, 0, HEAD, head)
    for row, line in enumerate(found, 2):
        look = broken if line.status is Status.BROKEN else normal
        for column, cell in enumerate(_cells(line)):
            sheet.write(row, column, "" if cell is None else cell, look)
    for column, width in enumerate((10, 36, 36, 18, 20, 9, 9, 8, 9, 9, 9, 9, 9, 11, 13, 24)):
        sheet.set_column(column, column, width)
    _sheet_behind(book.add_worksheet("未达事项 missed"), behind, head, normal)
    printable(sheet, across=True, head=1)
    sheet.freeze_panes(2, 1)
    book.close()
    return out.getvalue()


def _sheet_behind(sheet: Any, behind: Behind, head: Any, normal: Any) -> None:
    """The cases that missed, figure by figure, each to be looked up by its id; what is cut off is said."""
    sheet.write_row(0, 0, HEAD_BEHIND, head)
    row = 1
    for slug, found in behind.items():
        for case in found[:MOST_BEHIND]:
            sheet.write_row(row, 0, (slug, *case), normal)
            row += 1
        if len(found) > MOST_BEHIND:
            sheet.write_row(row, 0, (slug, f"只列前{MOST_BEHIND}件 / the first {MOST_BEHIND} only"), normal)
            row += 1
    for column, width in enumerate((36, 12, 60, 14)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)


def missed(connection: psycopg.Connection[Any], registers: Registers, readings: Iterable[Measurement]) -> Behind:
    """The cases that missed each figure: what stands behind it and is to be put right."""
    return {
        each.standard.slug: found
        for each in readings
        if (found := cases(connection, registers, each, "missed", limit=MOST_BEHIND + 1))
    }


# -- over HTTP -------------------------------------------------------------------------------------------------------


def router(context: ApiContext, standards: Iterable[Standard]) -> APIRouter:
    """The report of an office, or of the company for those who may see it."""
    made = APIRouter(tags=["standards"])
    declared = list(standards)
    rests = clause_index(context.registers, context.handler.policies, [(each.clause, each.slug) for each in declared])

    @made.get(
        "/compliance",
        operation_id="compliance",
        summary="合规报告，逐条 / the compliance report, clause by clause",
        responses=answered(ref("Compliance")),
        response_model=None,
    )
    def compliance(
        request: Request,
        office: OfficeQuery = None,
        since: Since = None,
        until: Until = None,
        as_of: AsOf = None,
        form: Annotated[Form, Query(alias="format", include_in_schema=False)] = Form.JSON,
    ) -> Response:
        return told(request, office, since, until, as_of, form)

    @made.get(
        "/compliance.csv",
        operation_id="export_compliance_csv",
        summary="合规报告（csv）/ the compliance report as csv",
        responses=answered(None, files={"text/csv": {"type": "string"}}),
        response_model=None,
        response_class=Response,
    )
    def as_text(
        request: Request, office: OfficeQuery = None, since: Since = None, until: Until = None, as_of: AsOf = None
    ) -> Response:
        return told(request, office, since, until, as_of, Form.CSV)

    @made.get(
        "/compliance.xlsx",
        operation_id="export_compliance_xlsx",
        summary="合规报告（xlsx）/ the compliance report as xlsx",
        responses=answered(None, files={KIND: {"type": "string", "format": "binary"}}),
        response_model=None,
        response_class=Response,
    )
    def as_workbook(
        request: Request, office: OfficeQuery = None, since: Since = None, until: Until = None, as_of: AsOf = None
    ) -> Response:
        return told(request, office, since, until, as_of, Form.XLSX)

    def told(
        request: Request,
        office: str | None,
        since: date | None,
        until: date | None,
        as_of: int | datetime | None,
        form: Form,
    ) -> Response:
        readings: list[Measurement] = []
        # One moment for all figures, whatever is written meanwhile.
        at = context.figures.latest(office) if as_of is None else as_of

        def read(standard: Standard) -> Measurement:
            readings.append(reading_of(context, request, standard, office, since, until, at))
            return readings[-1]

        found = list(lines(read, declared, rests))
        first = readings[0]
        if form is Form.JSON:
            pages = {code: number for reading in readings for code, number in (reading.pages or {}).items()}
            asked = {
                "bucket": "missed",
                "office": office,
                "since": first.since,
                "until": first.until,
                "as_of": at.isoformat() if isinstance(at, datetime) else at,
            }
            query = urlencode({name: value for name, value in asked.items() if value is not None})
            return json(
                {
                    "office": office,
                    "since": first.since,
                    "until": first.until,
                    "moment": first.moment,
                    "pages": pages,
                    "lines": [view(line, query) for line in found],
                }
            )
        name = f"compliance-{office or 'all'}-{first.since}-{first.until}.{form.value}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        if form is Form.CSV:
            return Response(as_csv(found), media_type="text/csv; charset=utf-8", headers=headers)
        title = title_of(office, first.since, first.until, first.moment)
        with context.reading(office) as connection:
            behind = missed(connection, context.registers, readings)
        return Response(as_xlsx(found, title, behind), media_type=KIND, headers=headers)

    return made


def title_of(office: str | None, since: date, until: date, moment: datetime) -> str:
    """What stands above the report."""
    said = moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return f"合规报告 Compliance report · {office or '全公司 all offices'} · {since} – {until} · {said}"
