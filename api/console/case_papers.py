"""Photos, papers and signatures of a case 照片、资料、签名: looked at one by one, each time recorded; taken on the telephone.

They lie sealed beside the database, and a fact bears the hash of each. A signature is drawn on the screen in the form of
what is signed, and filed with the case when that was written down.
"""

from __future__ import annotations

import base64
import re
from binascii import Error
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import RedirectResponse, Response

from api.console.page import Kit, Page, first, office_page
from api.console.values import label_of
from api.routes.papers import file_paper, paper_of
from domain.cases import lifecycle_of
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Case, Command
from domain.kernel.papers import FILERS
from journal.files import Files

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["SIGNED", "case_papers", "file_signatures", "routes"]

SIGNED: Final = "sign."
"""How the fields of a form begin that bear a drawn signature; then the field that it belongs to."""
KINDS: Final = {"photo": "照片", "paper": "资料"}
_SIGNATURE: Final = "签名"
_NAMES: Final = {zh: en for en, zh in KINDS.items()} | {_SIGNATURE: "signature"}
_IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
_DRAWN: Final = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]{1,400000})")
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_MOST_ABOUT: Final = 60


def routes(kit: Kit) -> list[Route]:
    """In and out."""
    return [
        office_page(kit, "/papers/{case_id:path}", _upload, ("POST",)),
        office_page(kit, "/paper/{document}/{case_id:path}", _download),
    ]


def case_papers(page: Page, case: Case) -> dict[str, Any] | None:
    """What the case's page shows of them; None for a kind that has none, or a reader who may not see them."""
    if not type(case).PAPERS or not page.reader.sees_personal(lifecycle_of(case.id).kind):
        return None
    rows = [
        {
            "kind": page.t(paper.kind, _NAMES.get(paper.kind, paper.kind)),
            "about": paper.about or "",
            "by": page.kit.people.name(paper.by, page.lang),
            "size": f"{max(1, paper.size // 1024):,} KB",
            "href": page.at("paper", document, case.id),
        }
        for document, paper in case.papers.items()
    ]
    may = not set(FILERS).isdisjoint(page.roles)
    return {"rows": rows, "may": may, "action": page.at("papers", case.id)} if rows or may else None


def _files(page: Page) -> Files:
    return Files(page.context.settings.home)


def _upload(page: Page) -> Response:
    case_id, sent = page.request.path_params["case_id"], page.files.get("file")
    if sent is None:
        raise RuleBroken("file-missing", "1", zh="请选择照片或文件", en="choose a photo or a file", field="file")
    kind = KINDS.get(first(page.form, "kind"), KINDS["paper"])
    about = first(page.form, "about").strip()[:_MOST_ABOUT] or None
    file_paper(
        page.context,
        _files(page),
        page.request,
        page.office,
        case_id,
        sent.data,
        sent.media,
        kind=kind,
        title=None,
        about=about,
    )
    return RedirectResponse(page.at("case", case_id) + "#papers", 303)


def _download(page: Page) -> Response:
    """Pictures on the page of the browser itself, anything else as a file."""
    document, case_id = page.request.path_params["document"], page.request.path_params["case_id"]
    answer = paper_of(page.context, _files(page), page.request, page.office, case_id, document)
    if answer.media_type in _IMAGES:
        answer.headers["Content-Disposition"] = "inline"
    return answer


def file_signatures(page: Page, command: type[Command], case_id: str) -> None:
    """File what was drawn in a form with the case it was written into; the same once, whoever sends the form again."""
    if not lifecycle_of(case_id).of.PAPERS or set(FILERS).isdisjoint(page.roles):
        return
    for name, value in page.form:
        found = _DRAWN.fullmatch(value) if name.startswith(SIGNED) else None
        if found is None:
            continue
        with suppress(Error, Refusal):
            data = base64.b64decode(found[1], validate=True)
            if data.startswith(_PNG):
                about = label_of(name.removeprefix(SIGNED), command.__name__, "zh")
                file_paper(
                    page.context,
                    _files(page),
                    page.request,
                    page.office,
                    case_id,
                    data,
                    "image/png",
                    kind=_SIGNATURE,
                    title=None,
                    about=about,
                )
