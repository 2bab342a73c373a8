"""Checking a paper 核验打印件 (§9.2): which paper is it, from which pages of the book was it made, is it as it was printed?

A file is known by its hash, a sheet by the fingerprint at its foot. Where the facts of a paper are frozen, it is put together
from the book again: so it shows whether the book still says what the paper does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from api.http.context import Reader
from api.papers.bill_notice import bill_notice
from api.papers.dunning_notice import dunning_notices, stage_and_day
from api.papers.paper import Paper
from api.papers.receipt import receipt
from domain.kernel.errors import NotFound
from domain.residents.printed_paper import PaperKind

__all__ = ["Checked", "PaperVerdict", "Printed", "by_word", "of_file"]

_BORNE: Final = re.compile(rb"wuye:([0-9A-F]{16})\b")
_MOST_BORNE: Final = 100
_MOST_AGAIN: Final = 5
"""Papers that one check puts together again; of a whole part each sheet is asked for by its own fingerprint."""
_COLUMNS: Final = (
    "case_id",
    "printed_at",
    "printed_by",
    "paper_kind",
    "paper_number",
    "fingerprint",
    "sha256",
    "printed_case",
    "book_pages",
)
_FOUND: Final = (
    f"select {', '.join(_COLUMNS)} from wuye.r_printed_papers where office = %s and to_number is null"
    " and ({by}) order by printed_at, case_id, line"
)


class PaperVerdict(StrEnum):
    """What a check came to 核验结果."""

    AS_PRINTED = "as-printed"
    KNOWN = "known"
    ANOTHER_FILE = "another-file"
    UNKNOWN = "unknown"

    @property
    def said(self) -> tuple[str, str]:
        """In Chinese and English."""
        return _SAID[self.value]


_SAID: Final = {
    "as-printed": ("与打印时逐字节一致", "byte for byte as it was printed"),
    "known": ("本管理处打印过", "this office has printed it"),
    "another-file": (
        "带有已打印文书的指纹，但文件已被改动或另存",
        "it bears a known fingerprint, and is not the file that was printed",
    ),
    "unknown": ("本管理处没有打印过", "this office has not printed it"),
}


@dataclass(frozen=True, slots=True)
class Printed:
    """One paper that was printed, as the register has it; ``agrees``: whether the book still says it, if that was asked."""

    row: dict[str, Any]
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found."""

    verdict: PaperVerdict
    papers: tuple[Printed, ...]


def of_file(reader: Reader, pdf: bytes, name: str) -> Checked:
    """A file: is it what was printed, byte for byte, or does it only bear the fingerprints of what was?"""
    rows = _rows(reader, "sha256 = %s", sha256(pdf).hexdigest())
    if rows:
        return Checked(PaperVerdict.AS_PRINTED, _again(reader, rows, name))
    borne = sorted({each.decode() for each in _BORNE.findall(pdf)})[:_MOST_BORNE]
    rows = _rows(reader, "fingerprint = any(%s)", borne)
    return Checked(PaperVerdict.ANOTHER_FILE if rows else PaperVerdict.UNKNOWN, _again(reader, rows, name))


def by_word(reader: Reader, word: str, name: str) -> Checked:
    """A fingerprint as it is read off a sheet, with blanks or without, or the hash of a file."""
    said = "".join(word.split())
    rows = _rows(reader, "fingerprint = %s or sha256 = %s", said.upper(), said.lower())
    return Checked(PaperVerdict.KNOWN if rows else PaperVerdict.UNKNOWN, _again(reader, rows, name))


def _rows(reader: Reader, by: str, *values: Any) -> list[dict[str, Any]]:
    with reader.context.within(reader.office) as connection:
        found = connection.execute(_FOUND.format(by=by).encode(), [reader.office, *values]).fetchall()
    return [dict(zip(_COLUMNS, row, strict=True)) for row in found]


def _again(reader: Reader, rows: list[dict[str, Any]], name: str) -> tuple[Printed, ...]:
    """Each paper once, with whether the book says the same of the first few."""
    once = list({row["fingerprint"]: row for row in reversed(rows)}.values())[::-1]
    return tuple(
        Printed(row, _agrees(reader, row, name) if place < _MOST_AGAIN else None) for place, row in enumerate(once)
    )


def _agrees(reader: Reader, row: dict[str, Any], name: str) -> bool | None:
    """Whether the paper comes out of the book as it was; None where it speaks of a day, or of names that one may not read."""
    make = _FROZEN.get(PaperKind(row["paper_kind"]))
    personal = PaperKind(row["paper_kind"]) is not PaperKind.BILL_NOTICE
    if make is None or (personal and not reader.sees_personal(str(row["printed_case"]).partition("-")[0])):
        return None
    with suppress(NotFound):
        return bool(make(reader, row, name).fingerprint == row["fingerprint"])
    return False


def _letter(reader: Reader, row: dict[str, Any], name: str) -> Paper:
    stage, day = stage_and_day(row["paper_number"])
    return dunning_notices(reader, [(row["printed_case"], stage)], name, day)[0]


_FROZEN: Final[dict[PaperKind, Callable[[Reader, dict[str, Any], str], Paper]]] = {
    PaperKind.BILL_NOTICE: lambda reader, row, name: bill_notice(
        reader.context, reader.office, row["printed_case"], name
    ),
    PaperKind.FIRST_DUNNING_NOTICE: _letter,
    PaperKind.SECOND_DUNNING_NOTICE: _letter,
    PaperKind.RECEIPT: lambda reader, row, name: receipt(reader, row["printed_case"], name),
}
"""Papers that say what a fact said, whenever they are made."""
