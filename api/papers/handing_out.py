"""Handing out 交付打印件: a PDF leaves, and its hash is a fact before it does (§7.2c, §8, §9.2). The same PDF is one fact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from urllib.parse import quote

from fastapi import Request, Response

from api.console.errors import HOME
from api.http.context import PRIVATE, ApiContext, Reader
from api.papers.paper import Paper
from api.papers.typesetting import KIND, typeset
from domain.kernel.errors import NotFound, Refusal
from domain.kernel.people import Actor, Role
from domain.residents.printed_paper import PrintedSheet, RecordPrint, printed_paper_id
from workflows.engine.request import CommandRequest

__all__ = ["address_in", "as_file", "handed_out", "record_print"]


def address_in(request: Request, office: str) -> Callable[[str], str]:
    """Where the code on a paper leads: the case's page in the console, by the name under which the program was spoken to."""
    base = str(request.base_url).rstrip("/")
    return lambda case_id: f"{base}{HOME}/{quote(office, safe='')}/case/{quote(case_id, safe='')}"


def handed_out(reader: Reader, request: Request, papers: Sequence[Paper], name: str | None = None) -> Response:
    """These papers as one PDF, for whoever asks; that it was printed is recorded first. Raises what speaks against it."""
    pdf = typeset(papers, address_in(request, reader.office))
    record_print(reader, papers, pdf)
    return as_file(pdf, name or papers[0].number)


def as_file(pdf: bytes, name: str) -> Response:
    """A PDF that is shown by the browser, and kept by none."""
    headers = {**PRIVATE, "Content-Disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}.pdf"}
    return Response(pdf, media_type=KIND, headers=headers)


def record_print(reader: Reader, papers: Sequence[Paper], pdf: bytes) -> None:
    """That it was printed, of what, and its hash; once, however often it is printed again."""
    digest = sha256(pdf).hexdigest()
    if is_recorded(reader.context, reader.office, digest):
        return
    sheets = tuple(
        PrintedSheet(
            paper_number=paper.number,
            fingerprint=paper.fingerprint,
            printed_case=paper.case_id,
            book_pages=paper.facts,
        )
        for paper in papers
    )
    request = CommandRequest(
        office=reader.office,
        command=RecordPrint(paper_kind=papers[0].kind, sha256=digest, sheets=sheets),
        actor=Actor(reader.identity.user_id, Role.POLICY),
        now=reader.context.time_in(reader.office),
    )
    try:
        reader.context.handler.handle(request)
    except Refusal:
        if not is_recorded(reader.context, reader.office, digest):  # else somebody printed it in the same moment
            raise


def is_recorded(context: ApiContext, office: str, digest: str) -> bool:
    """Whether a PDF of this hash has been printed."""
    with suppress(NotFound):
        context.handler.case(office, printed_paper_id(office, digest))
        return True
    return False
