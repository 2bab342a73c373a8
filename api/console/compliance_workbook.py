"""The compliance report as a workbook 合规报告工作簿 that a manager prints without touching it: A4 across, heads repeated, rows
wrapped, numbers as numbers; behind it the cases that missed, by name and home, each a link to its page.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from api.console.figures import Figure
from api.console.titles import Titles
from api.http.workbook import printable, titled, workbook
from api.routes.compliance import MOST_BEHIND

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["compliance_workbook"]

_INK: Final[Mapping[str, object]] = {"font_name": "SimSun", "valign": "top", "border": 1, "border_color": "#999999"}
_LOOKS: Final[Mapping[str, Mapping[str, object]]] = {
    "text": {"text_wrap": True},
    "late": {"text_wrap": True, "bold": True, "font_color": "#B00020"},
    "number": {"num_format": "#,##0"},
    "sum": {"num_format": "#,##0.00"},
    "share": {"num_format": "0.00%", "bold": True},
    "link": {"text_wrap": True, "font_color": "#1C4F7F", "underline": 1},
    "head": {"bold": True, "bg_color": "#E8EDF3", "text_wrap": True},
}
_WIDTHS: Final = (8, 44, 28, 13, 13, 10, 9, 8, 12)
_WIDTHS_BEHIND: Final = (30, 34, 14, 14)


def compliance_workbook(
    page: Page, title: str, foot: str, rows: Sequence[Mapping[str, Any]], behind: Mapping[str, Sequence[str]]
) -> bytes:
    """``rows`` as the page shows them; ``behind`` the ids of the cases that missed, by the name of their figure."""
    out = io.BytesIO()
    book = workbook(out, title, in_memory=True)
    looks = {name: book.add_format({**_INK, **more}) for name, more in _LOOKS.items()}
    _report(page, book.add_worksheet(page.t("合规报告", "Compliance")), looks, title, foot, rows)
    _behind(page, book.add_worksheet(page.t("未达事项", "Missed")), looks, behind)
    book.close()
    return out.getvalue()


def _report(
    page: Page, sheet: Any, looks: Mapping[str, Any], title: str, foot: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    t = page.t
    heads = (
        t("条款", "Clause"),
        t("职责", "Duty"),
        t("标准", "Standard"),
        t("达到", "Met"),
        t("应计", "Counted"),
        t("读数", "Figure"),
        t("目标", "Target"),
        t("未达", "Missed"),
        t("结论", "Conclusion"),
    )
    sheet.write_row(0, 0, heads, looks["head"])
    for number, row in enumerate(rows, 1):
        figure: Figure | None = row["figure"]
        for column, words in ((0, row["clause"]), (1, row["duty"]), (2, figure.name if figure else "")):
            sheet.write_string(number, column, words, looks["text"])
        _numbers(sheet, number, looks, figure, row["missed"])
        sheet.write_string(number, 8, row["status"], looks["late" if row["css"] == "st-late" else "text"])
    signed = "　　　　　　　　".join(
        (
            t("编制：", "Compiled by: "),
            t("审核：", "Reviewed by: "),
            t("批准：", "Approved by: "),
            t("日期：", "Date: "),
        )
    )
    sheet.write_string(len(rows) + 2, 1, foot)
    sheet.write_string(len(rows) + 4, 1, signed)
    _laid_out(sheet, title, _WIDTHS)


def _numbers(sheet: Any, number: int, looks: Mapping[str, Any], figure: Figure | None, missed: int | None) -> None:
    """What is counted is a number that one can go on with; the share is cut as everywhere, never rounded up."""
    reading = figure.reading if figure is not None else None
    if figure is None or reading is None or not reading.counted:
        for column in (3, 4, 5, 7):
            sheet.write_blank(number, column, None, looks["text"])
    else:
        in_hundredths = figure.standard.amount is not None
        for column, value in ((3, reading.met), (4, reading.counted)):
            sheet.write_number(
                number,
                column,
                Decimal(value).scaleb(-2) if in_hundredths else value,
                looks["sum" if in_hundredths else "number"],
            )
        sheet.write_number(number, 5, Decimal(reading.met * 10_000 // reading.counted).scaleb(-4), looks["share"])
        if missed and not in_hundredths:
            sheet.write_number(number, 7, missed, looks["number"])
        else:
            sheet.write_blank(number, 7, None, looks["text"])
    sheet.write_string(number, 6, figure.target if figure is not None else "", looks["text"])


def _behind(page: Page, sheet: Any, looks: Mapping[str, Any], behind: Mapping[str, Sequence[str]]) -> None:
    t = page.t
    heads = (t("标准", "Standard"), t("事项", "Matter"), t("房屋", "Home"), t("状态", "State"))
    sheet.write_row(0, 0, heads, looks["head"])
    titles = Titles(page)
    titles.look_up(case_id for ids in behind.values() for case_id in ids)
    base = str(page.request.base_url).rstrip("/")
    number = 1
    for name, ids in behind.items():
        for case_id in ids[:MOST_BEHIND]:
            title = titles.of(case_id)
            sheet.write_string(number, 0, name, looks["text"])
            sheet.write_url(number, 1, base + page.at("case", case_id), looks["link"], title.text)
            sheet.write_string(number, 2, title.home or "", looks["text"])
            sheet.write_string(number, 3, title.state, looks["text"])
            number += 1
        if len(ids) > MOST_BEHIND:
            sheet.write_string(number, 0, name, looks["text"])
            sheet.write_string(number, 1, t(f"只列前 {MOST_BEHIND} 件", f"the first {MOST_BEHIND} only"), looks["text"])
            number += 1
    sheet.autofilter(0, 0, number - 1, len(heads) - 1)
    _laid_out(sheet, t("未达事项", "Missed"), _WIDTHS_BEHIND)


def _laid_out(sheet: Any, title: str, widths: Sequence[int]) -> None:
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.set_margins(left=0.5, right=0.5)
    printable(sheet, across=True)
    titled(sheet, title, "&14")
