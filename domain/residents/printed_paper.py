"""Printed paper 打印件 (§7.2c, §8, §9.2): a notice, receipt, statement or court file that was printed to be handed over.

Its hash is a fact: whoever holds the paper, or the file, can be told by it which paper that is, from which pages of the
book it was made, and whether it is still as it was printed. One print is one case with one fact; the same print again
is no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.ids import named_uuid
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import step
from domain.kernel.people import Role
from domain.kernel.rules import broken

PRINTED = "printed"
_IDS: Final = UUID("5a1f0c3e-7d42-5b96-9c0e-3f8b6a2d1e74")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class PaperKind(StrEnum):
    """What was printed 打印件种类."""

    BILL_NOTICE = "bill-notice"  # 缴费通知单
    FIRST_DUNNING_NOTICE = "first-dunning-notice"  # 催款通知单（第一次）
    SECOND_DUNNING_NOTICE = "second-dunning-notice"  # 催款通知单（第二次）
    RECEIPT = "receipt"  # 收款收据
    STATEMENT = "statement"  # 对账单
    COURT_FILE = "court-file"  # 起诉材料


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedSheet:
    """One paper of a print: its number and fingerprint as they stand on it, the case, and the pages of the book it rests on."""

    paper_number: str
    fingerprint: str
    printed_case: str
    book_pages: tuple[int, ...]


@event()
class PaperPrinted(Event):
    """文书已打印 · Paper printed."""

    paper_kind: PaperKind
    sha256: str
    sheets: tuple[PrintedSheet, ...]


@dataclass(slots=True, kw_only=True)
class PrintedPaper(Case):
    """One print: the SHA-256 of its PDF (hexadecimal) and the papers in it; ``printed_by`` is a user id."""

    paper_kind: PaperKind = PaperKind.BILL_NOTICE
    sha256: str = ""
    sheets: tuple[PrintedSheet, ...] = ()
    printed_by: str = ""
    printed_at: datetime | None = None


def printed_paper_id(office: str, sha256: str) -> str:
    """The one case of a print in its office."""
    return f"printed_paper-{named_uuid(_IDS, f'{office}/{sha256}')}"


def evolve(paper: PrintedPaper, fact: Fact) -> None:
    """Fold one fact into the print."""
    match fact.event:
        case PaperPrinted() as e:
            paper.paper_kind, paper.sha256, paper.sheets = e.paper_kind, e.sha256, e.sheets
            paper.printed_by, paper.printed_at = fact.user_id, fact.occurred_at


@command
class RecordPrint(Command):
    """登记打印 · Record a print."""

    paper_kind: PaperKind
    sha256: str
    sheets: tuple[PrintedSheet, ...]

    def decide(self, _paper: None, _at: Moment) -> Iterator[Event]:
        """Something was printed, and its hash is one (§9.2)."""
        if not self.sheets:
            raise broken("nothing-printed", "9.2", "没有打印任何文书", "nothing was printed", "sheets")
        if not _SHA256.fullmatch(self.sha256):
            raise broken("not-a-hash", "9.2", "须为 SHA-256（64 位小写十六进制）", "SHA-256 in lower case", "sha256")
        yield self.to_event(PaperPrinted)


LIFECYCLE = Lifecycle(
    of=PrintedPaper,
    kind="printed_paper",
    path="printed-papers",
    zh="打印件",
    en="printed paper",
    clauses="9.2",
    evolve=evolve,
    identity=lambda command, office: printed_paper_id(office, command.sha256),
    states={PRINTED: ("已打印", "printed")},
    final=[PRINTED],
    steps=[step(RecordPrint, PaperPrinted, None, PRINTED, [Role.POLICY], "9.2")],
)
