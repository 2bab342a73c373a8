"""Photos and papers of cases 照片与资料: filed sealed and by hash, handed out by role, each time recorded (§9.2)."""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.http.authentication import who
from api.http.context import ApiContext
from api.http.documents import ANSWER, ANY_FILE, answered
from api.http.text import Short
from api.routes.sealed_files import check_file, filed, handed_out, key_of
from domain.cases import lifecycle_of
from domain.kernel.errors import NotFound, NotPermitted
from domain.kernel.fact import Case
from domain.kernel.papers import FILERS, FilePaper
from domain.kernel.people import Actor, Role
from journal.files import Files, digest_of
from workflows.engine.request import CommandRequest

__all__ = ["file_paper", "paper_of", "router", "subject_of_papers"]

_BINARY = {"schema": {"type": "string", "format": "binary"}}


def router(context: ApiContext) -> APIRouter:
    """In and out, for every kind of case that has papers."""
    made = APIRouter(tags=["cases"])
    files = Files(context.settings.home)
    path = "/offices/{office}/cases/{case_id}/papers"

    @made.post(
        path,
        operation_id="upload_paper",
        status_code=201,
        summary="归档事项的照片或资料 / file a photo or a paper with a case",
        responses=answered(ANSWER, 201),
        response_model=None,
        openapi_extra=ANY_FILE,
    )
    async def upload(
        request: Request, office: str, case_id: str, kind: Short, title: Short | None = None, about: Short | None = None
    ) -> Response:
        data = await request.body()
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        return await run_sync(
            lambda: file_paper(
                context, files, request, office, case_id, data, media, kind=kind, title=title, about=about
            )
        )

    @made.get(
        f"{path}/{{document}}",
        operation_id="download_paper",
        summary="事项的照片或资料 / a photo or a paper of a case",
        responses={200: {"content": {"*/*": _BINARY}}},
        response_model=None,
    )
    def download(request: Request, office: str, case_id: str, document: str) -> Response:
        return paper_of(context, files, request, office, case_id, document)

    return made


def paper_of(context: ApiContext, files: Files, request: Request, office: str, case_id: str, document: str) -> Response:
    """A photo or paper of a case for whoever may see it; that it was read is recorded first (§9.2)."""
    reader = context.reader(request, office)
    case = _case(context, office, case_id)
    paper = case.papers.get(document)
    if paper is None:
        raise _no_paper()
    lifecycle = lifecycle_of(case_id)
    if not reader.sees_personal(lifecycle.kind):
        raise NotPermitted("role", "9.2", zh="无权查看事项资料", en="these are not for your role")
    return handed_out(
        reader,
        files,
        case_id=case_id,
        subject=subject_of_papers(case),
        document=document,
        media_type=paper.media_type,
        what=f"{lifecycle.path}/papers",
        none=_no_paper(),
    )


def file_paper(
    context: ApiContext, files: Files, request: Request, office: str, case_id: str, data: bytes, media: str, **said: Any
) -> Response:
    """File a photo or a paper with a case: sealed on disk, its hash a fact. Raises what speaks against it."""
    if not any(role in FILERS for role in context.roles(request, office)):
        raise NotPermitted("role", "1", zh="审计与公司不归档资料", en="this is for the office's own staff")
    check_file(data, media, "1")
    case = _case(context, office, case_id)
    actor, subject = Actor(who(request.scope).user_id, Role.POLICY), subject_of_papers(case)
    refusal = lifecycle_of(case_id).why_not(FilePaper, case, actor)
    if refusal is not None:
        raise refusal
    command = FilePaper(document=digest_of(data), media_type=media, size=len(data), **said)
    if command.document not in case.papers:  # of a refused one nothing is left behind
        files.put(office, subject, key_of(context, office, subject), data)
    request_ = CommandRequest(office=office, command=command, case_id=case_id, actor=actor, now=context.time_in(office))
    answer = context.handler.handle(request_)
    return filed(answer, f"/offices/{office}/cases/{case_id}/papers/{command.document}")


def _case(context: ApiContext, office: str, case_id: str) -> Case:
    """A case of a kind that has papers. Raises NotFound."""
    if not lifecycle_of(case_id).of.PAPERS:
        raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")
    case: Case = context.handler.case(office, case_id)
    return case


def subject_of_papers(case: Case) -> str:
    """Whose key seals its papers: the household's, else the case's own."""
    lifecycle = lifecycle_of(case.id)
    return (lifecycle.subject(case) if lifecycle.subject is not None else None) or case.id


def _no_paper() -> NotFound:
    return NotFound("document-unknown", "1", zh="没有该照片或资料", en="there is no such photo or paper")
