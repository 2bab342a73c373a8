"""Files that are larger within than without: what is unpacked, and what is kept of it in memory, is bounded."""

from __future__ import annotations

import gzip
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.conftest import ApiClient
from workflows.importing.bank_file import MOST_ROWS, read_bank_file
from workflows.importing.reader import MOST_COLUMNS, SourceUnreadable, open_source, unpacked
from workflows.importing.sheets import as_csv

_BOOK = (
    '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="1" r:id="a"/></sheets></workbook>'
)
_LINKS = '<Relationships><Relationship Id="a" Target="worksheets/sheet1.xml"/></Relationships>'


def workbook(path: Path, sheet: str, shared: str = "") -> Path:
    """A workbook of one sheet, as somebody writes it by hand."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", _BOOK)
        made.writestr("xl/_rels/workbook.xml.rels", _LINKS)
        made.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{sheet}</sheetData></worksheet>")
        if shared:
            made.writestr("xl/sharedStrings.xml", f"<sst>{shared}</sst>")
    return path


ROW = '<row r="1"><c t="inlineStr"><is><t>房号</t></is></c><c><v>1</v></c></row>'
MANY = {
    "rows of nothing": "<row/>",
    "what belongs to no sheet": "<x/>",
    "what lies deep": "<x><y><z/></y></x>",
}


@pytest.mark.parametrize("what", MANY)
def test_what_a_sheet_has_many_of_is_not_kept(tmp_path: Path, what: str) -> None:
    few, many = (workbook(tmp_path / f"{n}.xlsx", ROW + MANY[what] * n) for n in (10, 60_000))
    peaks = []
    for book in (few, many):
        tracemalloc.start()
        as_csv(book, tmp_path / "out.csv")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (tmp_path / "out.csv").read_text() == "房号,1\n"
    assert peaks[1] < peaks[0] + 1_000_000, "sixteen bytes for each of them would be more"


BOMBS: dict[str, tuple[str, str]] = {
    "a row without end": (f"<row>{'<c/>' * 200_001}</row>", ""),
    "a cell without end": (f"<row><c><is>{'<t/>' * 200_001}</is></c></row>", ""),
    "a text that is that of every cell": (
        ("<row>" + '<c t="s"><v>0</v></c>' * 100 + "</row>") * 25,
        f"<si><t>{'a' * 32_000}</t></si>",
    ),
    "a cell at the end of the world": ('<row><c r="XFD1048576"><v>1</v></c></row>', ""),
}


@pytest.mark.parametrize("what", BOMBS)
def test_a_workbook_that_grows_when_it_is_read_is_refused(tmp_path: Path, what: str) -> None:
    book = workbook(tmp_path / "book.xlsx", *BOMBS[what])
    assert book.stat().st_size < 20_000
    with pytest.raises(SourceUnreadable) as refused:
        as_csv(book, tmp_path / "out.csv")
    assert refused.value.code == "workbook-unreadable"


def test_a_workbook_of_parts_that_are_too_large_together_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as made, made.open("xl/x", "w") as part:
        for _ in range(129):
            part.write(bytes(1 << 20))
    with pytest.raises(SourceUnreadable) as refused:
        as_csv(tmp_path / "book.xlsx", tmp_path / "out.csv")
    assert "过大" in refused.value.zh


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(bytes(64 * 1024 * 1024 + 1), 1), gzip.compress(b"a,b\n1,2\n")[:-9], b"\x1f\x8bnonsense"],
    ids=["more than it may be", "cut off", "nonsense"],
)
def test_what_is_packed_is_unpacked_within_a_bound(packed: bytes) -> None:
    with pytest.raises(SourceUnreadable):
        unpacked(packed)
    assert unpacked(gzip.compress(b"a,b\n")) == unpacked(b"a,b\n") == b"a,b\n"


def test_a_table_has_so_many_columns(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    for columns, refused in ((MOST_COLUMNS, False), (MOST_COLUMNS + 1, True), (100_000, True)):
        file.write_text(",".join(f"c{n}" for n in range(columns)))
        if refused:
            with pytest.raises(SourceUnreadable):
                open_source(file)
        else:
            assert len(open_source(file).header) == columns


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_of_a_banks_file_no_more_rows_are_kept_than_may_be_taken(pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(SourceUnreadable) as refused:
        read_bank_file(pack(b"x,y\n" * (10 * MOST_ROWS)))
    assert f"{MOST_ROWS:,}" in refused.value.en


def test_whoever_sends_one_is_told_in_a_problem_document(api: ApiClient, tmp_path: Path) -> None:
    from domain.kernel.people import Role

    for data in (
        workbook(tmp_path / "book.xlsx", BOMBS["a row without end"][0]).read_bytes(),
        gzip.compress(bytes(65 * 1024 * 1024), 1),
        ",".join(map(str, range(100_000))).encode(),
        b"x,y\n" * 20_000,
        b"",
        b"\xff" * 1000,
        b"PK\x03\x04 xl/ and nothing else",
    ):
        answer = api.client.post(
            "/offices/XH/bank-files", content=data, headers=api.headers(Role.MANAGER) | {"Content-Type": "text/csv"}
        )
        assert 400 <= answer.status_code < 500, answer.text
        assert {"zh", "en", "code"} <= answer.json().keys()
