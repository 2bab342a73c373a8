"""Scans 附件: photos and papers that are filed with a case, as pages of a bundle, each with its fact, page number and hash (§8).

What Typst can set is set as it is: PNG, JPEG, and PDF page by page. What cannot be opened is not left out: a page says so and
why. A file is tried by itself first, so that a broken one spoils nothing but its own page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from struct import error, unpack_from
from typing import Final

from api.papers.paper import PAGE, Block, Column, table
from api.papers.typesetting import KIND as PDF
from api.papers.typesetting import unsettable

__all__ = ["Scan", "by_hash", "pages_of", "scan_blocks"]

_IMAGES: Final = {"image/png": "png", "image/jpeg": "jpg"}
_MOST_DOTS: Final = 60_000_000
"""Of a picture: one that says it has more is not unpacked."""
_MOST_PAGES: Final = 200
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_LACKS: Final = re.compile(r"page ([0-9]+) does not exist")
_HASH_PART: Final = 16

_COLUMNS: Final = (
    Column("附件", align="center"),
    Column("内容", 6),
    Column("类型", 2),
    Column("页数", 2, "right"),
    Column("SHA-256", 9),
    PAGE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One filed photo or paper: what it shows, the pages of the book on which it was filed, its hash, and its bytes if it opens.

    ``lacking`` says why there are none.
    """

    shows: str
    document: str
    media_type: str
    facts: tuple[int, ...]
    data: bytes | None = None
    lacking: str = ""


def scan_blocks(scans: Sequence[Scan]) -> Iterator[Block]:
    """A list of them all, then page after page of each."""
    counted = [(scan, pages_of(scan)) for scan in scans]
    rows = [
        (
            str(number),
            scan.shows,
            scan.media_type,
            str(pages) if isinstance(pages, int) else "不能显示",
            " ".join(scan.document[at : at + _HASH_PART] for at in range(0, len(scan.document), _HASH_PART)),
            "、".join(map(str, scan.facts)),
        )
        for number, (scan, pages) in enumerate(counted, 1)
    ]
    yield table(_COLUMNS, rows, facts=[scan.facts for scan in scans], small=True)
    for number, (scan, pages) in enumerate(counted, 1):
        yield from _leaves(number, scan, pages)


def _leaves(number: int, scan: Scan, pages: int | str) -> Iterator[Block]:
    known, why = (pages, "") if isinstance(pages, int) else (1, pages)
    for page in range(1, known + 1):
        yield {
            "block": "scan",
            "label": f"附件{number}　{scan.shows}",
            "counted": f"第 {page} 页，共 {known} 页",
            "document": scan.document,
            "form": "" if why else _form(scan),
            "page": page,
            "lacking": why,
            "facts": list(scan.facts),
        }


def _form(scan: Scan) -> str:
    return "pdf" if scan.media_type == PDF else _IMAGES.get(scan.media_type, "")


def pages_of(scan: Scan) -> int | str:
    """How many pages it has; or, in words, why it cannot be shown."""
    if scan.data is None:
        return scan.lacking or "原件不在存放处"
    form = _form(scan)
    if not form:
        return f"{scan.media_type} 不能排版，请见原件"
    if form == "pdf":
        return _pages_of_pdf(scan.data)
    size = _size(scan.data)
    if size is None or size[0] * size[1] > _MOST_DOTS or min(size) < 1:
        return "图像已损坏，或尺寸过大"
    return "图像已损坏，不能打开" if unsettable(scan.data, form) is not None else 1


@lru_cache(maxsize=32)
def _pages_of_pdf(data: bytes) -> int | str:
    """What Typst says when it is asked for more than there are."""
    told = unsettable(data, "pdf", _MOST_PAGES + 1)
    if told is None:
        return f"超过 {_MOST_PAGES} 页，请见原件"
    found = _LACKS.search(told)
    return int(found[1]) - 1 if found is not None and int(found[1]) > 1 else "PDF 已损坏或已加密，不能打开"


def _size(data: bytes) -> tuple[int, int] | None:
    """Width and height in dots as the file itself says; None where it is neither PNG nor JPEG."""
    try:
        return _of_png(data) if data.startswith(_PNG) else _of_jpeg(data)
    except error:
        return None


def _of_png(data: bytes) -> tuple[int, int]:
    width, height = unpack_from(">II", data, 16)
    return width, height


def _of_jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    if not data.startswith(b"\xff\xd8"):
        return None
    while True:
        mark, kind, length = unpack_from(">BBH", data, at)
        if mark != 0xFF:
            return None
        if kind in _FRAMES:
            height, width = unpack_from(">HH", data, at + 5)
            return width, height
        at += 1 if kind == 0xFF else 2 + length


def by_hash(found: Sequence[Scan]) -> list[Scan]:
    """Each file once, with every fact by which it was filed."""
    once: dict[str, Scan] = {}
    for scan in found:
        known = once.get(scan.document)
        facts = scan.facts if known is None else (*known.facts, *scan.facts)
        once[scan.document] = Scan(
            shows=scan.shows if known is None else known.shows,
            document=scan.document,
            media_type=scan.media_type,
            facts=tuple(sorted(set(facts))),
            data=scan.data if known is None or known.data is None else known.data,
            lacking=scan.lacking,
        )
    return list(once.values())
