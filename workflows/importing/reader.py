"""Files of other systems, row by row: CSV, plain or gzipped, in UTF-8 or GB 18030, with the line of every row.

A file is read twice: once to find its encoding and its digest, once for its rows. Memory holds one row at a time.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import re
import unicodedata
import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from domain.kernel.errors import Malformed

__all__ = [
    "ENCODINGS",
    "MOST_COLUMNS",
    "Row",
    "Source",
    "SourceUnreadable",
    "doubled",
    "find",
    "open_source",
    "unpacked",
]

ENCODINGS: Final = ("utf-8-sig", "gb18030")
"""Tried in this order; the first that reads the whole file is taken."""

MOST_COLUMNS: Final = 500
"""Columns of a table."""
_CHUNK: Final = 1 << 20
_MOST_UNPACKED: Final = 64 * 1024 * 1024
_LONGEST_CELL: Final = 1 << 24
_GZIP: Final = b"\x1f\x8b"
_GAPS: Final = re.compile(r"[\s_\-]+")


class SourceUnreadable(Malformed):
    """文件无法读取: the file as a whole cannot be read as a table."""


@dataclass(slots=True)  # not frozen: one is made for every line of a file
class Row:
    """One row: the line on which it begins (the header is line 1) and its cells, as they stand in the file.

    ``repaired`` says that NUL characters were taken out; ``until`` is its last line, and ``unclosed`` says that a quote
    was open at the end of the file, so that whatever stood after it is no rows.
    """

    line: int
    cells: tuple[str, ...]
    repaired: bool = False
    until: int = 0
    unclosed: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read: its header, its encoding, and the digest by which a second import knows it."""

    path: Path
    header: tuple[str, ...]
    digest: str
    encoding: str
    delimiter: str = ","
    lines: int = 0

    def rows(self) -> Iterator[Row]:
        """The rows below the header. Blank lines are no rows; cells are not changed but for NUL characters."""
        yield from _data(self.path, self.encoding, self.delimiter)

    def where(self, names: Sequence[str]) -> int | None:
        """The position of the column that has the first of these names, or None."""
        return find(self.header, names)


def open_source(path: Path, delimiter: str = ",", encodings: Sequence[str] = ENCODINGS) -> Source:
    """Look at a file: raises :class:`SourceUnreadable` unless it is a table with a header in a known encoding."""
    if not path.is_file():
        raise SourceUnreadable(
            "file-missing", None, zh=f"找不到文件「{path.name}」", en=f"there is no file “{path.name}”"
        )
    encoding, digest, lines = _encoding_and_digest(path, encodings)
    with closing(_lines(path, encoding, delimiter)) as rows:
        header = next((row.cells for row in rows), None)
    if header is None:
        raise SourceUnreadable(
            "file-empty", None, zh=f"文件「{path.name}」为空，没有表头", en=f"“{path.name}” is empty: it has no header"
        )
    if len(header) > MOST_COLUMNS:
        raise SourceUnreadable(
            "too-many-columns",
            None,
            zh=f"文件「{path.name}」有 {len(header):,} 列，最多 {MOST_COLUMNS} 列",
            en=f"“{path.name}” has {len(header):,} columns, of at most {MOST_COLUMNS}",
        )
    names = tuple(name.strip() for name in header)
    return Source(path, names, digest, encoding, delimiter, lines)


# -- columns by name -------------------------------------------------------------------------------------------------


def find(header: Sequence[str], names: Iterable[str]) -> int | None:
    """Where a column is that goes by one of these names, the first name that is found deciding.

    A header like ``id|自增主键`` goes by the whole and by each of its parts. When no name is found as it stands,
    capitals, width, blanks, hyphens and underscores are disregarded: other systems change them between exports.
    """
    wanted = tuple(names)
    for same in (_as_it_stands, _plain):
        known = [{same(name), *(same(part) for part in name.split("|"))} for name in header]
        for name in wanted:
            places = [place for place, aliases in enumerate(known) if same(name) in aliases]
            if len(places) == 1:
                return places[0]
    return None


def doubled(header: Sequence[str], names: Iterable[str]) -> str | None:
    """The first of these names by which the header calls more than one column, or None."""
    stand = [_as_it_stands(name) for name in header]
    return next((name for name in map(_as_it_stands, names) if name and stand.count(name) > 1), None)


def _as_it_stands(name: str) -> str:
    return name.strip()


def _plain(name: str) -> str:
    return _GAPS.sub("", unicodedata.normalize("NFKC", name)).casefold()


# -- bytes, text, rows -----------------------------------------------------------------------------------------------


def unpacked(data: bytes) -> bytes:
    """What somebody sent, unpacked if it is gzipped, within a bound: a few megabytes may be as many gigabytes.

    Raises :class:`SourceUnreadable` for what is damaged or too large.
    """
    if not data.startswith(_GZIP):
        return data
    press = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = press.decompress(data, _MOST_UNPACKED)
    except zlib.error as broken:
        raise SourceUnreadable(
            "file-damaged", None, zh="压缩文件已损坏", en="the compressed file is damaged", field="file"
        ) from broken
    if not press.eof:
        raise SourceUnreadable(
            "file-too-large",
            None,
            zh="压缩文件不完整，或解压后过大",
            en="the compressed file is incomplete, or too large when it is unpacked",
            field="file",
        )
    return plain


@contextmanager
def _bytes(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked if they are gzipped, whatever the file is called."""
    try:
        with path.open("rb") as file:
            packed = file.peek(2)[:2] == _GZIP
            if packed:
                with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
                    yield unpacked  # type: ignore[misc]
            else:
                yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
        raise SourceUnreadable(
            "file-damaged",
            None,
            zh=f"压缩文件「{path.name}」不完整或已损坏",
            en=f"the compressed file “{path.name}” is incomplete or damaged",
        ) from broken


def _encoding_and_digest(path: Path, encodings: Sequence[str]) -> tuple[str, str, int]:
    digest, lines = hashlib.sha256(), 0
    decoders = {name: codecs.getincrementaldecoder(name)() for name in encodings}
    with _bytes(path) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            lines += chunk.count(b"\n")
            _drop_those_that_cannot(decoders, chunk, final=False)
    _drop_those_that_cannot(decoders, b"", final=True)
    for name in encodings:
        if name in decoders:
            return name, digest.hexdigest(), lines
    raise SourceUnreadable(
        "encoding-unknown",
        None,
        zh=f"文件「{path.name}」的编码无法识别（已尝试 {'、'.join(encodings)}）",
        en=f"the encoding of “{path.name}” is unknown (tried {', '.join(encodings)})",
    )


def _drop_those_that_cannot(decoders: dict[str, codecs.IncrementalDecoder], chunk: bytes, *, final: bool) -> None:
    for name, decoder in list(decoders.items()):
        try:
            decoder.decode(chunk, final=final)
        except UnicodeDecodeError:
            del decoders[name]


def _lines(path: Path, encoding: str, delimiter: str) -> Generator[Row, None, None]:
    csv.field_size_limit(_LONGEST_CELL)
    with _bytes(path) as file:
        text = _WithoutNul(io.TextIOWrapper(file, encoding=encoding, newline=""))
        reader = csv.reader(text, delimiter=delimiter)
        begins = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as broken:
                raise SourceUnreadable(
                    "row-unreadable",
                    None,
                    zh=f"文件「{path.name}」自第 {begins} 行起无法按表格读取（引号是否缺失？）",
                    en=f"“{path.name}” cannot be read as a table from line {begins} on (is a quote missing?)",
                ) from broken
            if cells and (cells[0].strip() or any(cell.strip() for cell in cells)):
                yield Row(begins, tuple(cells), text.touched, reader.line_num, text.ended)
            text.touched = False
            begins = reader.line_num + 1


def _data(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    with closing(_lines(path, encoding, delimiter)) as rows:
        next(rows, None)
        yield from rows


class _WithoutNul:
    """The lines of a text without NUL characters; ``touched`` says whether there were any since it was last reset.

    ``ended``: a line was asked for after the last one. Who is given a row all the same was within a quote.
    """

    __slots__ = ("_lines", "ended", "touched")

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.touched = False
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = next(self._lines)
        except StopIteration:
            self.ended = True
            raise
        if "\0" in line:
            self.touched = True
            return line.replace("\0", "")
        return line
