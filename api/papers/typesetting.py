"""Typesetting 排版: papers to the bytes of a PDF. The same papers give the same bytes, whenever and wherever they are set.

Typst is given our own two fonts and nothing of the machine's; what it only warns of is refused, since a paper that is
nearly right is wrong. A character that neither font has is told before anything is printed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from struct import unpack_from
from typing import Any, Final

import msgspec
import typst

from api.papers.codes import picture
from api.papers.paper import Paper
from domain.kernel.errors import RuleBroken

__all__ = [
    "AT_ONCE",
    "KIND",
    "Job",
    "absent",
    "compiled",
    "pictures",
    "prepared",
    "typeset",
    "typesetter",
    "unsettable",
]

KIND: Final = "application/pdf"
AT_ONCE: Final = 100
"""Papers of one run of Typst: it keeps all pages of a document in memory."""
_HERE: Final = Path(__file__).parent
_FONTS: Final = _HERE / "fonts"
_TEMPLATE: Final = _HERE / "templates" / "papers.typ"
_TRIED: Final = (
    b'#let data = bytes(json(bytes(sys.inputs.at("file-tried"))))\n'
    b"#set page(width: 10mm, height: 10mm, margin: 0mm)\n"
    b'#if sys.inputs.form == "pdf" { for page in range(1, int(sys.inputs.pages) + 1) {'
    b' image(data, format: "pdf", page: page, width: 9mm, height: 9mm) } }'
    b" else { image(data, format: sys.inputs.form, width: 9mm, height: 9mm) }"
)
_PAGES: Final = re.compile(r"pages:([0-9,]+)")
_SPACES: Final = frozenset("\n\r\t")


@dataclass(frozen=True, slots=True)
class Job:
    """What Typst is given: JSON of so many papers, and the file's time (seconds since 1970)."""

    papers: str
    count: int
    stamp: int
    files: tuple[tuple[str, bytes], ...] = ()
    """What is shown as pages: SHA-256 and bytes."""


def prepared(papers: Sequence[Paper], address: Callable[[str], str]) -> Job:
    """What Typst is given for these papers; ``address`` is where a case is opened.

    Raises :class:`~domain.kernel.errors.RuleBroken` when a character cannot be printed.
    """
    lacking = absent(text for paper in papers for text in paper.texts)
    if lacking:
        said = "、".join(f"{each}（U+{ord(each):04X}）" for each in lacking)
        zh, en = f"字库缺字，不能打印：{said}", f"the fonts lack: {said}"
        raise RuleBroken("character-lacking", "7", zh=zh, en=en)
    given = []
    for paper in papers:
        head = paper.data
        blocks = head.pop("blocks")
        head |= {"fingerprint": paper.fingerprint, "code": list(picture(address(paper.case_id)))}
        given.append({"head": head, "blocks": blocks})
    day = max(paper.day for paper in papers)
    stamp = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    files = {name: data for paper in papers for name, data in paper.files.items()}
    return Job(msgspec.json.encode(given).decode(), len(given), stamp, tuple(sorted(files.items())))


def typeset(papers: Sequence[Paper], address: Callable[[str], str]) -> bytes:
    """One PDF of all these papers, each with pages of its own. Raises what :func:`prepared` raises."""
    return compiled(prepared(papers, address))


def compiled(job: Job) -> bytes:
    """The PDF of a job."""
    made = _compiled(job, "pdf")
    assert isinstance(made, bytes)
    return made


def pictures(papers: Sequence[Paper], address: Callable[[str], str], dots_per_inch: int = 100) -> list[bytes]:
    """The same pages as pictures (PNG), to be looked at."""
    made = _compiled(prepared(papers, address), "png", ppi=dots_per_inch)
    return made if isinstance(made, list) else [made]


def _compiled(job: Job, form: Any, **more: Any) -> bytes | list[bytes]:
    """With one page for each paper; where the template finds that some have more, once again with what it found."""
    try:
        return _set(job, [1] * job.count, form, **more)
    except typst.TypstError as wrong:
        found = _PAGES.search(wrong.message)
        if found is None:
            raise
        return _set(job, [int(each) for each in found[1].split(",")], form, **more)


def _set(job: Job, pages: list[int], form: Any, **more: Any) -> bytes | list[bytes]:
    made, warnings = _compiler().compile_with_warnings(
        input=str(_TEMPLATE),
        format=form,
        sys_inputs={"papers": job.papers, "pages": json.dumps(pages)} | _as_inputs(job.files),
        timestamp=job.stamp,
        pdf_tags=False,
        **more,
    )
    if warnings:
        raise RuntimeError("; ".join(warning.message for warning in warnings))
    assert made is not None
    return made


def _as_inputs(files: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """Bytes as Typst takes them from outside: it reads no file of ours, and what is sealed is not laid down opened."""
    return {f"file-{name}": str(list(data)) for name, data in files}


def unsettable(data: bytes, form: str, pages: int = 1) -> str | None:
    """Why Typst cannot set so many pages of a file (``png``, ``jpg`` or ``pdf``), in its own words; None when it can.

    Of a PDF that has fewer it says which page does not exist: the first that does not.
    """
    shown = {"form": form, "pages": str(pages)} | _as_inputs([("tried", data)])
    try:
        _compiler().compile(input=_TRIED, format="pdf", sys_inputs=shown, timestamp=0, pdf_tags=False)
    except typst.TypstError as wrong:
        return wrong.message
    except BaseException as broken:  # a panic of Typst's own is no Exception of Python's
        if type(broken).__name__ != "PanicException":
            raise
        return str(broken)
    return None


@cache
def _compiler() -> typst.Compiler:
    """One of a process; the fonts are read once."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])
    return typst.Compiler(root=str(_HERE), font_paths=fonts, ignore_system_fonts=True)


@cache
def typesetter() -> str:
    """The hash of all that a PDF depends on besides its papers: template, fonts and Typst."""
    files = [_TEMPLATE, *sorted(_FONTS.glob("*.ttf"))]
    return sha256(b"".join([version("typst").encode(), *(each.read_bytes() for each in files)])).hexdigest()


# -- characters ------------------------------------------------------------------------------------------------------


def absent(texts: Iterable[str]) -> list[str]:
    """The characters that the fonts do not have, each once, in order: they would be printed as empty boxes."""
    wanted = set().union(*texts) - _SPACES
    return sorted(each for each in wanted if ord(each) not in _known())


@cache
def _known() -> frozenset[int]:
    """The code points that both fonts have."""
    regular, bold = (_code_points((_FONTS / f"NotoSansSC-{each}.ttf").read_bytes()) for each in ("Regular", "Bold"))
    return regular & bold


def _code_points(font: bytes) -> frozenset[int]:
    """What a TrueType font's table of characters (format 12) lists."""
    (tables,) = unpack_from(">H", font, 4)
    offsets = {font[at : at + 4]: unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * tables, 16)}
    cmap = offsets[b"cmap"]
    (parts,) = unpack_from(">H", font, cmap + 2)
    found: set[int] = set()
    for number in range(parts):
        start = cmap + unpack_from(">I", font, cmap + 4 + 8 * number + 4)[0]
        if unpack_from(">H", font, start)[0] != 12:
            continue
        (groups,) = unpack_from(">I", font, start + 12)
        for group in range(groups):
            first, last, glyph = unpack_from(">III", font, start + 16 + 12 * group)
            found.update(range(first if glyph else first + 1, last + 1))
    return frozenset(found)
