"""Spreadsheets: what stands in a cell is read as a person reads it, and what is no workbook is refused whole."""

from __future__ import annotations

import csv
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from workflows.importing.reader import SourceUnreadable
from workflows.importing.sheets import Lines, as_csv, is_workbook

TITLE = "住户名册"


def book(folder: Path, rows: list[list[Any]], **options: Any) -> Path:
    """A workbook as Excel writes it."""
    path = folder / "book.xlsx"
    made = xlsxwriter.Workbook(str(path), options)
    sheet = made.add_worksheet()
    day, instant, time = (
        made.add_format({"num_format": form}) for form in ("yyyy年m月d日", "yyyy-mm-dd hh:mm", "h:mm")
    )
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            match cell:
                case datetime():
                    sheet.write_datetime(number, column, cell, instant)
                case date():
                    sheet.write_datetime(number, column, cell, day)
                case ("time", value):
                    sheet.write_number(number, column, value, time)
                case None:
                    pass
                case _:
                    sheet.write(number, column, cell)
    made.close()
    return path


def read(path: Path) -> tuple[list[list[str]], Lines]:
    target = path.with_suffix(".csv")
    lines = as_csv(path, target)
    with target.open(encoding="utf-8", newline="") as table:
        return list(csv.reader(table)), lines


def test_numbers_dates_and_texts_stand_as_a_person_reads_them(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        [
            ["房号", "面积", "入住", "几时", "电话", "备注"],
            ["1-101", 89.6, date(2024, 3, 1), datetime(2024, 3, 1, 9, 30), 13900001111, "两\n行"],
            ["1-102", 0.1 + 0.2, None, ("time", 0.75), True, "=1+1"],
        ],
    )
    rows, lines = read(path)
    assert is_workbook(path.read_bytes())
    assert rows[1] == ["1-101", "89.6", "2024-03-01", "2024-03-01 09:30:00", "13900001111", "两\n行"]
    assert rows[2][:4] == ["1-102", "0.3", "", "18:00:00"]
    assert [lines.row(line) for line in (1, 2, 3, 4)] == [1, 2, 2, 3], "the second row takes two lines"


def test_a_title_above_the_table_is_no_row_and_lines_are_those_of_the_sheet(tmp_path: Path) -> None:
    rows, lines = read(book(tmp_path, [[TITLE], [], ["房号", "姓名"], ["1-101", "王"]]))
    assert rows == [["房号", "姓名"], ["1-101", "王"]]
    assert [lines.row(line) for line in (1, 2)] == [3, 4]
    alone, _ = read(book(tmp_path, [["房号"], ["1-101"]]))
    assert alone == [["房号"], ["1-101"]]


def test_days_are_counted_from_where_the_workbook_says(tmp_path: Path) -> None:
    rows, _ = read(book(tmp_path, [["a", "b"], [date(2024, 3, 1), "x"]], date_1904=True))
    assert rows[1] == ["2024-03-01", "x"]
    early, _ = read(book(tmp_path, [["a", "b"], [date(1900, 1, 5), "x"]]))
    assert early[1] == ["1900-01-05", "x"]


def _zip(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, text in members.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return path


@pytest.mark.parametrize("kind", ["text", "empty", "foreign", "entities"])
def test_what_is_no_workbook_is_refused_whole(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.xlsx"
    if kind == "text":
        path.write_text("房号,姓名")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "foreign":
        _zip(path, word="x")
    else:
        _zip(path, xl__workbook_dot_xml='<!DOCTYPE x [<!ENTITY a "aaaa">]><workbook>&a;</workbook>')
    with pytest.raises(SourceUnreadable):
        as_csv(path, tmp_path / "out.csv")
