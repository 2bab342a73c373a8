"""Sentences about printed papers 打印件 (§7.2c, §8, §9.2): a print is one fact with its hash, written by the program alone."""

from __future__ import annotations

from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.people import Role
from domain.residents.printed_paper import (
    LIFECYCLE,
    PaperKind,
    PaperPrinted,
    PrintedSheet,
    RecordPrint,
    printed_paper_id,
)
from tests.domain.story import given

SHEET = PrintedSheet(paper_number="JF-1", fingerprint="0" * 16, printed_case="bill-1", book_pages=(12, 13))
PRINT = RecordPrint(paper_kind=PaperKind.BILL_NOTICE, sha256="ab" * 32, sheets=(SHEET,))


def test_a_print_says_what_was_printed_from_which_pages_of_the_book() -> None:
    given(LIFECYCLE).when(PRINT, as_=Role.ADMINISTRATOR).refused(NotPermitted, clause="9.2")
    story = given(LIFECYCLE).when(PRINT, as_=Role.POLICY).then(PaperPrinted, sheets=(SHEET,))
    assert (story.case.sha256, story.case.sheets, story.case.paper_kind) == ("ab" * 32, (SHEET,), PaperKind.BILL_NOTICE)
    assert story.case.printed_at == story.case.opened_at


def test_nothing_and_what_is_no_hash_is_not_recorded() -> None:
    nothing = RecordPrint(paper_kind=PaperKind.RECEIPT, sha256="ab" * 32, sheets=())
    given(LIFECYCLE).when(nothing, as_=Role.POLICY).refused(RuleBroken, code="nothing-printed")
    for wrong in ("AB" * 32, "ab", ""):
        told = RecordPrint(paper_kind=PaperKind.RECEIPT, sha256=wrong, sheets=(SHEET,))
        given(LIFECYCLE).when(told, as_=Role.POLICY).refused(RuleBroken, code="not-a-hash", clause="9.2")


def test_the_same_file_is_one_case_of_its_office() -> None:
    assert printed_paper_id("XH", "ab") == printed_paper_id("XH", "ab")
    assert len({printed_paper_id("XH", "ab"), printed_paper_id("YH", "ab"), printed_paper_id("XH", "ac")}) == 3
