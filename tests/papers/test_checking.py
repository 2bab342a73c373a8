"""Checking a paper (§9.2): which it is, from which pages of the book, and whether it was changed since."""

from __future__ import annotations

from typing import Any

import pytest

from api.papers.bill_notice import bill_notice
from api.papers.checking import PaperVerdict, by_word, of_file
from api.papers.dunning_notice import dunning_notice
from api.papers.handing_out import record_print
from api.papers.paper import Paper
from tests.api.test_mistakes import get
from tests.papers.conftest import AUDITOR, CLERK, Dunned

NAME = "SIM小区"


@pytest.fixture(scope="module")
def printed(dunned: Dunned) -> tuple[Paper, bytes]:
    """A notice as it was printed: the bytes are no matter of this test, but that they are recorded."""
    paper = bill_notice(dunned.api.context, "SIM", dunned.bills["2025-01"], NAME)
    pdf = f"%PDF-1.7 … wuye:{paper.fingerprint} …".encode()
    record_print(dunned.reader(CLERK), [paper], pdf)
    record_print(dunned.reader(AUDITOR), [paper], pdf)
    return paper, pdf


def test_a_file_is_known_by_its_bytes_and_a_changed_one_by_what_it_bears(
    dunned: Dunned, printed: tuple[Paper, bytes]
) -> None:
    reader, (paper, pdf) = dunned.reader(CLERK), printed
    found = of_file(reader, pdf, NAME)
    [only] = found.papers
    assert (found.verdict, only.agrees) == (PaperVerdict.AS_PRINTED, True)
    assert only.row["book_pages"].split() == [str(page) for page in paper.facts]
    changed = of_file(reader, pdf + b" ", NAME)
    assert (changed.verdict, changed.papers[0].row["printed_case"]) == (PaperVerdict.ANOTHER_FILE, paper.case_id)
    assert of_file(reader, b"%PDF-1.7 wuye:0000000000000000", NAME).verdict is PaperVerdict.UNKNOWN


def test_a_fingerprint_is_read_off_the_sheet_with_or_without_blanks(
    dunned: Dunned, printed: tuple[Paper, bytes]
) -> None:
    mark = printed[0].fingerprint
    spaced = " ".join(mark[place : place + 4] for place in range(0, 16, 4))
    for word in (mark, mark.lower(), spaced, f"  {spaced} "):
        assert by_word(dunned.reader(CLERK), word, NAME).verdict is PaperVerdict.KNOWN
    other = ("0" if mark[0] != "0" else "1") + mark[1:]
    assert by_word(dunned.reader(CLERK), other, NAME).verdict is PaperVerdict.UNKNOWN


def test_a_paper_that_the_book_does_not_say_is_told(dunned: Dunned) -> None:
    """Somebody who wrote into the register by hand, or an office that is called otherwise: the book says another paper."""
    reader = dunned.reader(CLERK)
    letter = dunning_notice(reader, dunned.debt, 2, "别的管理处")
    record_print(reader, [letter], b"forged")
    [only] = by_word(reader, letter.fingerprint, NAME).papers
    assert only.agrees is False
    [same] = by_word(reader, letter.fingerprint, "别的管理处").papers
    assert same.agrees is True


def test_it_is_checked_over_http_and_on_a_page(dunned: Dunned, printed: tuple[Paper, bytes]) -> None:
    paper, pdf = printed
    told: dict[str, Any] = get(dunned.api, f"/offices/SIM/paper-check/{paper.fingerprint}", AUDITOR)
    assert (told["verdict"], told["papers"][0]["book_pages"]) == ("known", list(paper.facts))
    sent = {"Content-Type": "application/pdf"}
    answer = dunned.api.ask("POST", "/offices/SIM/paper-check", AUDITOR, "SIM", content=pdf, headers=sent)
    assert (answer.json()["verdict"], answer.json()["papers"][0]["agrees"]) == ("as-printed", True)
    assert dunned.api.ask("GET", "/offices/YH/paper-check/0", CLERK, "SIM").status_code == 404
    for lang, words in (
        ("zh", ("本管理处打印过", "与台账一致")),
        ("en", ("This office has printed it", "the book says the same")),
    ):
        page = dunned.api.page(f"/console/SIM/paper-check?fingerprint={paper.fingerprint}", CLERK, lang, "SIM").text
        assert all(word in page for word in (*words, paper.number, f"before={paper.facts[0] + 1}"))
    sheet = {"file": ("a.pdf", pdf, "application/pdf")}
    page = dunned.api.ask("POST", "/console/SIM/paper-check", CLERK, "SIM", files=sheet).text
    assert "与打印时逐字节一致" in page
    assert "核验打印件" in dunned.api.page("/console/SIM/facts", CLERK, office="SIM").text
