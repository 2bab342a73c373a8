"""Files of other systems: encodings, gzip, quotes, lines, headers."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from workflows.importing.reader import SourceUnreadable, doubled, find, open_source


def written(folder: Path, content: bytes, name: str = "history.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("packed", [False, True])
def test_the_encoding_is_found(tmp_path: Path, encoding: str, *, packed: bool) -> None:
    content = "编号,内容\n1,漏水𠮷\n".encode(encoding)
    source = open_source(written(tmp_path, gzip.compress(content) if packed else content))
    assert source.header == ("编号", "内容")
    assert [row.cells for row in source.rows()] == [("1", "漏水𠮷")]


def test_the_digest_is_that_of_the_text_however_it_is_packed(tmp_path: Path) -> None:
    plain = open_source(written(tmp_path, b"a\n1\n"))
    packed = open_source(written(tmp_path, gzip.compress(b"a\n1\n"), "history.csv.gz"))
    assert plain.digest == packed.digest != open_source(written(tmp_path, b"a\n2\n", "other.csv")).digest


def test_lines_are_those_of_the_file_though_cells_have_breaks_and_lines_are_blank(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, b'a,b\r\n1,"x\r\ny"\r\n\r\n , \r\n2,z\r\n'))
    assert [(row.line, row.cells) for row in source.rows()] == [(2, ("1", "x\r\ny")), (6, ("2", "z"))]


def test_quotes_in_the_middle_and_nul_do_not_stop_it(tmp_path: Path) -> None:
    rows = list(open_source(written(tmp_path, b'a,b\n1,5" pipe\n2,x\0y\n3,z\n')).rows())
    assert [row.cells for row in rows] == [("1", '5" pipe'), ("2", "xy"), ("3", "z")]
    assert [row.repaired for row in rows] == [False, True, False]


def test_another_delimiter(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, b"a;b\n1;2,5\n"), delimiter=";")
    assert [row.cells for row in source.rows()] == [("1", "2,5")]


def test_a_second_reading_gives_the_same(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, b"a\n1\n2\n"))
    assert list(source.rows()) == list(source.rows())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"a\n\xff\xff\xff\n", "encoding-unknown"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 10_000, mtime=0)[:-30], "file-damaged"),
    ],
)
def test_what_is_no_table_is_refused_in_both_languages(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(SourceUnreadable) as refused:
        open_source(written(tmp_path, content))
    assert refused.value.code == code
    assert refused.value.zh
    assert refused.value.en


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=r"gone\.csv"):
        open_source(tmp_path / "gone.csv")


@pytest.fixture
def _limit_of_cells() -> Iterator[None]:
    """It is the whole process's: as it was, for the tests that come after."""
    limit = csv.field_size_limit()
    yield
    csv.field_size_limit(limit)


@pytest.mark.usefixtures("_limit_of_cells")
def test_a_quote_that_swallows_the_file_is_named_by_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.importing.reader._LONGEST_CELL", 1_000)
    source = open_source(written(tmp_path, b'a,b\n1,2\n3,"open\n' + b"4,5\n" * 1_000))
    with pytest.raises(SourceUnreadable, match="line 3"):
        list(source.rows())


def test_columns_are_found_by_the_whole_header_by_a_part_of_it_and_by_a_rewritten_one() -> None:
    header = ("id|自增主键", "OPEN_DT", "报修 内容", "Ｓｏｕｒｃｅ")
    assert find(header, ["自增主键"]) == find(header, ["id"]) == find(header, ["id|自增主键"]) == 0
    assert find(header, ["open_dt"]) == find(header, ["Open Dt"]) == 1
    assert find(header, ["报修内容"]) == 2
    assert find(header, ["nothing", "source"]) == 3
    assert find(header, ["close"]) is None


def test_a_name_that_fits_two_columns_fits_none_unless_it_is_exact() -> None:
    assert find(("open_dt", "OPEN_DT"), ["Open-Dt"]) is None
    assert find(("open_dt", "OPEN_DT"), ["OPEN_DT"]) == 1


def test_a_name_that_stands_twice_is_told() -> None:
    assert doubled(("a", "b ", "a", "b"), ["c", " b"]) == "b"
    assert doubled(("a", "b", ""), ["a", "b", ""]) is None
