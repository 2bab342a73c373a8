"""Files that a clerk takes from the console: the names, dates and sums of the page, laid out so that they are printed as they are."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from api.http.workbook import written
from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.console.test_forms import XH, registered


def sheet_of(content: bytes, number: int = 1) -> tuple[str, str]:
    """A sheet as it is written, and the words that it shares."""
    book = zipfile.ZipFile(io.BytesIO(content))
    words = book.read("xl/sharedStrings.xml").decode() if "xl/sharedStrings.xml" in book.namelist() else ""
    return book.read(f"xl/worksheets/sheet{number}.xml").decode(), words


def test_a_workbook_is_printed_without_touching_it() -> None:
    names = ("房号", "金额", "到期", "记入", "说明")
    row: tuple[Any, ...] = (
        "7-2-1403",
        Decimal("1234.50"),
        date(2025, 3, 1),
        datetime(2025, 3, 1, 2, tzinfo=UTC),
        "堵" * 60,
    )
    with written("账单", names, [row]) as file:
        sheet, _ = sheet_of(file.read())
    assert "<v>1234.50</v>" in sheet, "a sum is a number"
    for laid in (
        '<autoFilter ref="A1:E2"/>',
        'paperSize="9"',
        'fitToHeight="0"',
        'state="frozen"',
        "账单",
        "&amp;P / &amp;N",
    ):
        assert laid in sheet, laid
    widths = [
        float(width)
        for first, last, width in re.findall(r'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', sheet)
        for _ in range(int(first), int(last) + 1)
    ]
    assert len(widths) == len(names)
    assert widths[3] > widths[2] > widths[0] * 0.9, "an instant is wider than a day"
    assert 40 < widths[4] < 50, "what is long is wrapped, not as wide as it is long"
    assert "landscape" not in sheet
    with written("账单：应收/实收", names, [("", Decimal(1), None, None, "甲")]) as file:
        book = zipfile.ZipFile(file)
        assert 'name="账单：应收 实收"' in book.read("xl/workbook.xml").decode(), "the sheet is called as the register"
        assert 'r="A2"' not in book.read("xl/worksheets/sheet1.xml").decode(), "what says nothing is an empty cell"
    with written("账单", names * 2, [row * 2]) as file:
        assert 'orientation="landscape"' in sheet_of(file.read())[0], "many columns lie across"
    with written("账单", names, []) as file:
        assert '<autoFilter ref="A1:E1"/>' in sheet_of(file.read())[0]


def test_a_registers_file_says_what_its_page_says(api: ApiClient) -> None:
    registered(api, matter="=厨房")
    path = f"{XH}/registers/complaints"
    page = api.get(f"{path}?view=all&channel=telephone").text
    links = [each.replace("&amp;", "&") for each in re.findall(r'href="([^"]+/file[^"]*)"', page)]
    assert [link.rpartition("form=")[2] == "csv" for link in links] == [False, True]
    text = api.get(links[1]).content.decode("utf-8-sig")
    [head, row] = csv.reader(io.StringIO(text))
    said = dict(zip(head, row, strict=True))
    assert said["来源"] == "来电"
    assert said["事由"] == "'=厨房", "nothing is executed"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", row[0])
    sheet, _ = sheet_of(api.get(links[0]).content)
    assert "来电" in sheet
    assert sheet.count("<row ") == 2


def test_the_compliance_workbook_names_what_missed_and_leads_to_it(api: ApiClient) -> None:
    case_id = registered(api)
    answer = api.get(f"{XH}/compliance/file", Role.MANAGER)
    assert answer.status_code == 200
    sheet, words = sheet_of(answer.content)
    for laid in ('paperSize="9"', 'orientation="landscape"', 'fitToHeight="0"'):
        assert laid in sheet
    for said in ("投诉处理率", "编制：", "无可计量", "依据台账第"):
        assert said in words, said
    assert "complaint-handling-rate" not in words
    assert case_id not in words
    english = api.get(f"{XH}/compliance/file", Role.MANAGER, headers={"Cookie": "wuye_language=en"})
    assert "nothing to measure" in sheet_of(english.content)[1]


def test_a_register_with_numbers_of_its_own_shows_them_and_turns_its_pages_by_them(api: ApiClient) -> None:
    keys = [
        {"number": number, "count": 1, "key_class": "room", "condition": "good"}
        for number in ("901-3", "901-1", "901-2")
    ]
    body = {"home": "9-901", "kind": "unsold", "area": 8_000, "keys": keys}
    assert api.post("/offices/XH/vacant-homes", body, Role.MANAGER).status_code == 201
    first = api.get("/offices/XH/registers/keys?sort=number&limit=2").json()
    then = api.get(f"/offices/XH/registers/keys?sort=number&limit=2&cursor={first['next']}").json()
    assert [row["number"] for row in (*first["rows"], *then["rows"])] == ["901-1", "901-2", "901-3"]
    assert "901-2" in api.get(f"{XH}/registers/keys?view=all").text


def test_a_row_of_many_kinds_says_of_which_case_it_is(api: ApiClient) -> None:
    registered(api, matter="车位被占")
    assert "车位被占" in api.get(f"{XH}/registers/deadlines?view=all").text


def test_a_share_is_typed_in_per_cent(api: ApiClient) -> None:
    path = f"{XH}/settings/repairs.follow_up_rate"
    page = api.get(path, Role.MANAGER).text
    assert 'value="20%"' in page
    said = {"value": "25 %", "valid_from": "2099-01-01", "reason": "加强抽样"}
    assert api.ask("POST", path, Role.MANAGER, data=said, follow_redirects=False).status_code == 303
    assert "25%" in api.get(f"{XH}/settings", Role.MANAGER).text
