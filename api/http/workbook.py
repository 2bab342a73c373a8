"""Workbooks 工作簿: rows as a spreadsheet keeps them, whatever stands in them; nothing in them is a formula or a link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, Any, Final
from unicodedata import east_asian_width

import msgspec

from domain.kernel.calendar import SHANGHAI
from domain.kernel.errors import RuleBroken

__all__ = ["KIND", "PLAIN", "pieces", "workbook", "written"]

KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type."""
PLAIN: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
MOST: Final = 1_048_575
"""Rows of a sheet below its head."""
_NOT_IN_TABS: Final = re.compile(r"[\[\]:*?/\\]")
_TAB: Final = 31
"""Signs of a sheet's name at most."""
_LONGEST: Final = 32_767
"""UTF-16 units of a cell."""
_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 -- the format has no zone; the same rows make the same bytes
_PIECE: Final = 65_536
_A4: Final = 9
_NARROW, _WIDE = 6, 44
"""Columns are as wide as what stands in them, within these; what is longer is wrapped."""
_MEASURED: Final = 400
"""Rows by which the widths are found."""
_UPRIGHT: Final = 6
"""More columns than these are printed across."""


def workbook(target: IO[bytes] | str, title: str, **options: Any) -> Any:
    """A workbook that says nothing of when it was made."""
    import xlsxwriter  # noqa: PLC0415 -- a tenth of a second that few processes need

    book = xlsxwriter.Workbook(target, {**PLAIN, **options})
    book.set_properties({"title": title, "created": _MADE})
    return book


def written(title: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """A file with one sheet, at its beginning. Row after row goes to disk: memory does not grow with them.

    Instants stand in the office's own time. Raises RuleBroken for more rows than a sheet has.
    """
    made = TemporaryFile()  # noqa: SIM115 -- whoever sends it closes it
    book = workbook(made, title, constant_memory=True)
    sheet = book.add_worksheet(_NOT_IN_TABS.sub(" ", title)[:_TAB].strip("' ") or None)
    top = {"valign": "top"}
    day, hour = (book.add_format(top | {"num_format": form}) for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"))
    number_, sum_, text = (
        book.add_format(top | more) for more in ({}, {"num_format": "#,##0.00"}, {"text_wrap": True})
    )
    coming = iter(rows)
    first = list(islice(coming, _MEASURED))
    _laid_out(sheet, title, names, first)
    sheet.write_row(0, 0, names, book.add_format({"bold": True, "bottom": 1}))
    number = 0
    for number, row in enumerate(chain(first, coming), 1):
        if number > MOST:
            raise RuleBroken("too-many-rows", None, zh="行数超出工作簿上限，请用 csv", en="too many rows: take csv")
        for column, value in enumerate(row):
            match value:
                case None | "":
                    pass  # what says nothing is an empty cell: it is found as one, and counted by nobody
                case bool():
                    sheet.write_boolean(number, column, value, number_)
                case int():
                    sheet.write_number(number, column, value, number_)
                case Decimal():
                    sheet.write_number(number, column, value, sum_)
                case datetime():
                    sheet.write_datetime(number, column, value.astimezone(SHANGHAI).replace(tzinfo=None), hour)
                case date():
                    sheet.write_datetime(number, column, value, day)
                case _:
                    sheet.write_string(number, column, _cell(value), text)
    sheet.autofilter(0, 0, number, len(names) - 1)
    book.close()
    made.seek(0)
    return made


def _laid_out(sheet: Any, title: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Printed without touching it: A4, one page wide, the head on each page, numbered; on the screen the head stays."""
    for column, name in enumerate(names):
        widest = max((_width(row[column]) for row in rows), default=0)
        sheet.set_column(column, column, min(max(widest, _width(name) + 3, _NARROW), _WIDE))
    sheet.freeze_panes(1, 0)
    printable(sheet, across=len(names) > _UPRIGHT)
    titled(sheet, title)


def printable(sheet: Any, *, across: bool, head: int = 0) -> None:
    """On A4, upright or ``across``, as wide as one page; the row ``head`` (from 0) on each."""
    sheet.set_paper(_A4)
    if across:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)


def titled(sheet: Any, title: str, size: str = "") -> None:
    """Each page under its title (of this ``size``, as "&14"), and numbered."""
    sheet.set_header(f"&L{size}{title.replace('&', '&&')}")
    sheet.set_footer("&R&P / &N")


def _width(value: Any) -> int:
    """How wide a cell is, in digits; a Chinese character is two."""
    match value:
        case None:
            return 0
        case datetime():
            return 19
        case date():
            return 11
        case Decimal():
            return len(f"{value:,.2f}") + 1
    text = str(value)[:_WIDE]
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text) + 1


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The file, piece by piece; closed at its end."""
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else str(msgspec.to_builtins(value))
    if len(text) * 2 <= _LONGEST:
        return text
    return text.encode("utf-16-le")[: _LONGEST * 2].decode("utf-16-le", "ignore")
