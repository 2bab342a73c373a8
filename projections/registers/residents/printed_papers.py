"""The register of printed papers 打印登记 (§7.2c, §8, §9.2): one line for each notice, receipt, statement and court file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.residents.printed_paper import PaperKind, PrintedPaper
from projections.engine.register import Register

__all__ = ["PRINTED_PAPERS", "PrintedPaperRow"]


@dataclass(slots=True, kw_only=True)
class PrintedPaperRow:
    """One paper of a print. ``book_pages`` are the pages of the book that it rests on, separated by blanks."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    printed_at: datetime
    printed_by: str
    paper_kind: PaperKind
    paper_number: str
    fingerprint: str
    sha256: str
    printed_case: str
    book_pages: str


def _rows(case: PrintedPaper) -> Iterator[tuple[str, PrintedPaperRow]]:
    assert case.printed_at is not None
    for line, sheet in enumerate(case.sheets):
        yield (
            f"{line:05d}",
            PrintedPaperRow(
                source_id=case.source_id,
                state=case.state,
                version=case.version,
                imported=case.imported,
                printed_at=case.printed_at,
                printed_by=case.printed_by,
                paper_kind=case.paper_kind,
                paper_number=sheet.paper_number,
                fingerprint=sheet.fingerprint,
                sha256=case.sha256,
                printed_case=sheet.printed_case,
                book_pages=" ".join(str(page) for page in sheet.book_pages),
            ),
        )


PRINTED_PAPERS = Register(
    name="printed-papers",
    zh="打印登记",
    en="printed papers",
    clause="9.2",
    row=PrintedPaperRow,
    kinds=(PrintedPaper,),
    rows=_rows,
    indexed=("fingerprint", "sha256", "printed_case"),
)
