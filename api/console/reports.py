"""Reports 报表 (§7, §8) as people read them: one page and one workbook for each, worked out from its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from api.console.formatting import day, money
from api.console.page import Kit, Page, office_page
from api.console.register_file import file_sent
from api.console.registers import choices_of
from api.console.values import Values, in_hundredths
from api.http.workbook import KIND, pieces, written
from api.routes.reports import asked_of
from api.routes.standards import percent
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotFound
from projections.reports.index import REPORTS
from projections.reports.report import Asked, Report

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["GROUPS", "routes"]

GROUPS: Final = {
    "household": ("逐户", "by household"),
    "building": ("按楼栋", "by building"),
    "office": ("全处", "the whole office"),
    "period": ("按账期", "by billing period"),
    "due-month": ("按到期月份", "by the month it fell due"),
    "standard": ("按收费标准", "by fee standard"),
    "administrator": ("按管理员", "by administrator"),
    "stage-and-category": ("按阶段和类别", "by stage and category"),
    "voucher": ("逐笔凭证", "voucher by voucher"),
}
_NOTHING: Final = Markup('<span class="q">–</span>')
_MOST: Final = 500
"""Rows on the page; the workbook has all."""
_OF_ENTRY: Final = "journal"
"""The report of a period in which the book took things; the others are as of a day."""
_OF_ONE: Final = frozenset({"household", "voucher"})
"""Groups of which each row may be one household's."""
_GROUP: Final = ("group_key", "group_name")
_RATES: Final = frozenset({"by_amount", "by_household", "late_fee_by_amount"})
_CHOSEN: Final = {"stage": "debt-cases", "category": "debt-cases"}
"""Columns that say a choice, and the register whose choice it is."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A report as it is shown: heads, each with whether it is a figure; rows and sums of plain values or links."""

    names: tuple[str, ...]
    heads: tuple[tuple[str, bool], ...]
    rows: list[tuple[Any, ...]]
    households: list[str | None]
    """Of each row, where it is one household's."""
    sums: dict[str, int]
    values: Values


def routes(kit: Kit) -> list[Route]:
    """All reports lead from one to the other; each can be taken along."""
    return [
        office_page(kit, "/reports", lambda page: RedirectResponse(page.at("reports", next(iter(REPORTS))), 303)),
        office_page(kit, "/reports/{report}", _page),
        office_page(kit, "/reports/{report}/file", _file),
    ]


def _page(page: Page) -> Response:
    report, said = _asked(page)
    table = _table(page, report, said)
    sums = table.sums
    shown = table.rows[:_MOST]
    return page.show(
        "reports.html",
        title=page.t(report.zh, report.en),
        clause=report.clause,
        reports=[
            (page.at("reports", each.name), page.begins(each.zh, each.en), each is report) for each in REPORTS.values()
        ],
        groups=[(name, page.t(*GROUPS[name])) for name in report.groups],
        by=said.by,
        on=said.on.isoformat(),
        on_said=day(said.on, page.lang, page.now),
        since=said.since.isoformat(),
        until=said.until.isoformat(),
        period=said.period or "",
        of_entry=report.name == _OF_ENTRY,
        of_period=report.name == "collection",
        today=local_date(page.now).isoformat(),
        heads=table.heads,
        rows=[
            [
                _linked(page, household, name, _shown(table.values, name, value))
                for name, value in zip(table.names, row, strict=True)
            ]
            for household, row in zip(table.households, shown, strict=False)
        ],
        sums=[_shown(table.values, name, sums[name]) if name in sums else "" for name in table.names] if sums else [],
        more=max(len(table.rows) - _MOST, 0),
        number=len(table.rows),
        file=page.at("reports", report.name, "file", **dict(page.request.query_params)),
    )


def _file(page: Page) -> Response:
    report, said = _asked(page)
    table = _table(page, report, said)
    rows = (
        [_kept(table.values, name, value) for name, value in zip(table.names, row, strict=True)] for row in table.rows
    )
    title = page.t(report.zh, report.en)
    made = written(title, [head for head, _ in table.heads], rows)
    return file_sent(page, pieces(made), (report.name, title, "xlsx"), KIND)


def _asked(page: Page) -> tuple[Report, Asked]:
    report = REPORTS.get(page.request.path_params["report"])
    if report is None:
        raise NotFound("report-unknown", None, zh="没有这张报表", en="there is no such report")
    return report, asked_of(
        page.context,
        page.office,
        report,
        by=page.query("by") or None,
        on=page.day("on"),
        since=page.day("since"),
        until=page.day("until"),
        period=page.query("period") or None,
    )


def _table(page: Page, report: Report, said: Asked) -> _Table:
    with page.context.within(page.office) as connection:
        rows = list(report.rows(connection, said))
    values = Values(page)
    values.expect(rows)
    if said.by == "administrator":
        rows = _with_names(page, report, rows)
    of = (
        report.columns.index("household" if "household" in report.columns else "group_key")
        if said.by in _OF_ONE
        else None
    )
    households = [None if of is None else row[of] for row in rows]
    kept = [i for i, name in enumerate(report.columns) if _is_told(page, report, name, rows)]
    kept.sort(key=lambda i: report.columns[i] not in _GROUP)  # what a row is about stands first
    names = tuple(report.columns[i] for i in kept)
    heads = tuple(
        (
            page.t(*GROUPS[said.by]) if name in _GROUP else values.label(name, report.name),
            any(isinstance(row[i], int) and not isinstance(row[i], bool) for row in rows) or name in _RATES,
        )
        for i, name in zip(kept, names, strict=True)
    )
    return _Table(names, heads, [tuple(row[i] for i in kept) for row in rows], households, report.totals(rows), values)


def _with_names(page: Page, report: Report, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Whoever has the homes in his care as he is called, not by his account."""
    key, name = report.columns.index("group_key"), report.columns.index("group_name")
    called = page.kit.people.name
    return [(*row[:name], called(row[key], page.lang) if row[key] else None, *row[name + 1 :]) for row in rows]


def _is_told(page: Page, report: Report, name: str, rows: Sequence[tuple[Any, ...]]) -> bool:
    """Not twice: in the other language, in another unit, by an id beside a name; nor what nobody says."""
    said = {each: any(row[i] is not None for row in rows) for i, each in enumerate(report.columns)}
    if name.endswith(("_en" if page.lang == "zh" else "_zh", "_yuan")) or (rows and not said[name]):
        return False
    return not said.get({"household": "home", "group_key": "group_name"}.get(name, ""), False)


def _linked(page: Page, household: str | None, name: str, text: Any) -> Any:
    """A home leads to its household's statement."""
    if name not in ("home", "group_name") or household is None or not household.startswith("household-"):
        return text
    return Markup('<a class="main" href="{}">{}</a>').format(page.at("statement", household), text)


def _shown(values: Values, name: str, value: Any) -> Any:
    if isinstance(value, int) and in_hundredths(name):
        return money(value) if value else _NOTHING
    if name in _GROUP and value is None:
        return values.page.t("其他", "others")
    if name in _RATES:
        return _percent(value) if value is not None else ""
    return values.said(value, name, _choices(values, name))


def _kept(values: Values, name: str, value: Any) -> Any:
    """Days and numbers stay what they are; fen become yuan."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value).scaleb(-2) if in_hundredths(name) else value
    if name in _RATES and value is not None:
        return _percent(value)
    return value if value is None or isinstance(value, date) else values.plain(value, name, _choices(values, name))


def _percent(value: str) -> str:
    rate = Fraction(value)
    return f"{percent(rate.numerator, rate.denominator)} %"


def _choices(values: Values, name: str) -> Any:
    if name not in _CHOSEN:
        return None
    return choices_of(values.page.context.registers.by_name[_CHOSEN[name]]).get(name)
