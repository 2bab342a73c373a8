"""Checking papers 核验打印件 (§9.2) on a page: the fingerprint typed in, or the file itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from api.console.formatting import instant
from api.console.page import Kit, Page, office_page
from api.papers.checking import Checked, PaperVerdict, by_word, of_file
from domain.kernel.words import choice_names
from domain.residents.printed_paper import PaperKind

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]


def routes(kit: Kit) -> list[Route]:
    """One page."""
    return [office_page(kit, "/paper-check", _check, ("GET", "POST"))]


def _check(page: Page) -> Response:
    word, sent = page.query("fingerprint")[:100], page.files.get("file")
    name, checked = page.kit.office_name(page.office), None
    if sent is not None:
        checked = of_file(page.reader, sent.data, name)
    elif word:
        checked = by_word(page.reader, word, name)
    return page.show("paper_check.html", word=word, sent=sent is not None, **_said(page, checked))


def _said(page: Page, checked: Checked | None) -> dict[str, Any]:
    if checked is None:
        return {"verdict": "", "good": False, "papers": []}
    agreeing = {
        True: page.t("与台账一致", "the book says the same"),
        False: page.t("与台账不符", "the book says otherwise"),
    }
    return {
        "verdict": page.begins(*checked.verdict.said),
        "good": checked.verdict in (PaperVerdict.AS_PRINTED, PaperVerdict.KNOWN),
        "papers": [
            {
                "kind": page.t(*choice_names(PaperKind(each.row["paper_kind"]))),
                "number": each.row["paper_number"],
                "fingerprint": each.row["fingerprint"],
                "pages": [
                    (page.at("facts", before=int(number) + 1), number) for number in each.row["book_pages"].split()
                ],
                "case": page.at("case", each.row["printed_case"]),
                "printed": instant(each.row["printed_at"], page.lang, page.now),
                "by": page.kit.people.name(each.row["printed_by"], page.lang),
                "agrees": agreeing.get(each.agrees, "") if each.agrees is not None else "",
                "differs": each.agrees is False,
            }
            for each in checked.papers
        ],
    }
