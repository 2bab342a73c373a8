"""Spreadsheets 电子表格: the first sheet of an Excel workbook as a CSV, which everything else of an import reads.

Numbers stand as a person reads them (89.6, not 89.599999999999994), dates as YYYY-MM-DD. A title above the table is no
row of it. Nothing is calculated: a formula counts as what it was saved with.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final
from xml.etree.ElementTree import Element, ParseError, iterparse
from zipfile import BadZipFile, ZipFile

from workflows.importing.reader import MOST_COLUMNS, SourceUnreadable

__all__ = ["Lines", "as_csv", "is_workbook", "rows_of"]

_MOST_BYTES: Final = 128 * 1024 * 1024
"""Of all parts of a workbook when they are unpacked."""
_MOST_TEXT: Final = 64 * 1024 * 1024
"""Characters of all cells together: one text may be that of a million cells."""
_MOST_WITHIN: Final = 200_000
"""Elements within one row, one text or the list of styles."""
_RELATION: Final = re.compile(r"\{[^}]*/relationships\}id")
_DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Excel's own number formats that are dates or times, those of its Chinese editions among them."""
_QUOTED: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')
_BEGAN, _BEGAN_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 -- a sheet's times have no zone
_LEAP: Final = 60
"""Excel holds 1900 for a leap year; days before its 29 February are one off."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the rows of the sheet stand in the CSV."""

    starts: tuple[int, ...]
    rows: tuple[int, ...]

    def row(self, line: int) -> int:
        """The row of the sheet that stands on a line of the CSV."""
        at = bisect_right(self.starts, line) - 1
        return self.rows[at] if at >= 0 else line


def is_workbook(data: bytes) -> bool:
    """Whether it is an Excel workbook as it is written since 2007."""
    return data.startswith(b"PK\x03\x04") and b"xl/" in data


def as_csv(file: Path, target: Path) -> Lines:
    """Write the first sheet; raises :class:`SourceUnreadable` for what is no workbook, or no bounded one."""
    return _write(rows_of(file), target)


def rows_of(file: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first sheet that say anything, titles among them; raises as :func:`as_csv`."""
    try:
        with ZipFile(file) as book:
            if sum(each.file_size for each in book.infolist()) > _MOST_BYTES:
                raise _unreadable("解开后过大", "it is too large when unpacked")
            yield from _rows(book)
    except (BadZipFile, ParseError, KeyError, ValueError, IndexError, OverflowError) as error:
        raise _unreadable(
            "不是可读的 Excel 工作簿（xlsx）", "it is no Excel workbook (xlsx) that can be read"
        ) from error


def _unreadable(zh: str, en: str) -> SourceUnreadable:
    return SourceUnreadable("workbook-unreadable", None, zh=zh, en=en)


def _write(rows: Iterator[tuple[int, list[str]]], target: Path) -> Lines:
    starts: list[int] = []
    numbers: list[int] = []
    line = 1
    width = 0
    titles: list[tuple[int, list[str]]] = []
    with target.open("w", encoding="utf-8", newline="") as made:
        writer = csv.writer(made, lineterminator="\n")
        for number, cells in rows:
            if not starts and sum(map(bool, cells)) <= 1:
                titles.append((number, cells))  # above the table, unless there is nothing else
                continue
            width = width or len(cells)
            starts.append(line)
            numbers.append(number)
            writer.writerow([*cells, *[""] * (width - len(cells))])  # a sheet leaves out what is empty at the end
            line += 1 + sum(cell.count("\n") for cell in cells)
        for number, cells in titles if not starts else ():
            starts.append(line)
            numbers.append(number)
            writer.writerow(cells)
            line += 1 + sum(cell.count("\n") for cell in cells)
    return Lines(tuple(starts), tuple(numbers))


# -- the parts of a workbook -----------------------------------------------------------------------------------------


def _parts(book: ZipFile, name: str, *wanted: str) -> Iterator[Element]:
    """The elements of these names in a part, each as it ends; a document type would let it grow without end."""
    with book.open(name) as begin:
        if b"<!DOCTYPE" in begin.read(4096):
            raise _unreadable("含有不接受的文档类型声明", "it declares a document type")
    with book.open(name) as part:
        yield from _elements(part, wanted)


def _elements(part: IO[bytes], wanted: tuple[str, ...]) -> Iterator[Element]:
    """What nobody wants is forgotten as soon as it ends: a part of empty elements would otherwise fill the memory."""
    outside: list[Element] = []
    inside = count = 0
    for event, element in iterparse(part, ("start", "end")):  # noqa: S314 -- without a document type there are no entities
        if event == "start":
            count = count + 1 if inside else 0
            if count > _MOST_WITHIN:
                raise _unreadable("内容过多", "there is too much in one row")
            if inside or _name(element) in wanted:
                inside += 1
            else:
                outside.append(element)
        elif inside > 1:
            inside -= 1
        else:
            if inside:
                yield element
                inside = 0
            else:
                outside.pop()
            element.clear()
            if outside:
                outside[-1].clear()


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _texts(element: Element) -> str:
    """The text of a cell in its runs; how characters are read aloud is none of it."""
    found = []
    for child in element:
        if _name(child) == "t":
            found.append(child.text or "")
        elif _name(child) == "r":
            found.append(_texts(child))
    return "".join(found).replace("\r\n", "\n").replace("\r", "\n")


def _first_sheet(book: ZipFile) -> tuple[str, datetime]:
    began, relation = _BEGAN, ""
    for each in _parts(book, "xl/workbook.xml", "workbookPr", "sheet"):
        if _name(each) == "workbookPr":
            began = _BEGAN_1904 if each.get("date1904") in ("1", "true") else _BEGAN
        elif not relation and each.get("state", "visible") == "visible":
            relation = next(value for name, value in each.attrib.items() if _RELATION.fullmatch(name))
    for each in _parts(book, "xl/_rels/workbook.xml.rels", "Relationship"):
        if each.get("Id") == relation:
            target = each.get("Target", "")
            return (target.lstrip("/") if target.startswith("/") else f"xl/{target}"), began
    raise _unreadable("没有工作表", "it has no sheet")


def _date_styles(book: ZipFile) -> frozenset[int]:
    """The styles of cells whose numbers are dates."""
    if "xl/styles.xml" not in book.namelist():
        return frozenset()
    own: dict[int, bool] = {}
    styles: list[int] = []
    for each in _parts(book, "xl/styles.xml", "numFmt", "cellXfs"):
        if _name(each) == "numFmt":
            plain = _QUOTED.sub("", each.get("formatCode", "")).lower()
            own[int(each.get("numFmtId", "0"))] = any(letter in plain for letter in "ymdhs")
        else:
            styles = [int(style.get("numFmtId", "0")) for style in each]
    return frozenset(at for at, form in enumerate(styles) if own.get(form, form in _DATES))


def _rows(book: ZipFile) -> Iterator[tuple[int, list[str]]]:
    sheet, began = _first_sheet(book)
    shared = [_texts(each) for each in _parts(book, "xl/sharedStrings.xml", "si")] if _has_shared(book) else []
    dates = _date_styles(book)
    number = said = 0
    for row in _parts(book, sheet, "row"):
        number = int(row.get("r", number + 1))
        cells: list[str] = []
        for cell in row:
            at = _column(cell.get("r", ""), len(cells))
            cells.extend([""] * (at - len(cells)))
            cells.append(_value(cell, shared, dates, began))
        while cells and not cells[-1]:
            cells.pop()
        said += sum(map(len, cells))
        if said > _MOST_TEXT:
            raise _unreadable("文字过多", "it says too much")
        if cells:
            yield number, cells


def _has_shared(book: ZipFile) -> bool:
    return "xl/sharedStrings.xml" in book.namelist()


def _column(reference: str, following: int) -> int:
    """Where a cell stands, from its name such as AB12."""
    letters = reference.rstrip("0123456789")
    if not letters:
        return following
    at = 0
    for letter in letters:
        at = at * 26 + ord(letter) - 64
    if not following < at <= MOST_COLUMNS:
        raise _unreadable("列过多或次序有误", "it has too many columns, or they are out of order")
    return at - 1


def _value(cell: Element, shared: list[str], dates: frozenset[int], began: datetime) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(_texts(each) for each in cell if _name(each) == "is").strip()
    text = next((each.text or "" for each in cell if _name(each) == "v"), "")
    if kind == "s":
        return shared[int(text)].strip() if text else ""
    if kind != "n" or not text:
        return text.strip()
    value = float(text)
    if int(cell.get("s", "0")) in dates:
        return _date(value, began)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _date(value: float, began: datetime) -> str:
    if value < 1:
        return (_BEGAN + timedelta(days=value)).strftime("%H:%M:%S")
    days = value + 1 if began is _BEGAN and value < _LEAP else value
    at = began + timedelta(seconds=round(days * 86_400))
    return at.strftime("%Y-%m-%d" if at == at.replace(hour=0, minute=0, second=0) else "%Y-%m-%d %H:%M:%S")
