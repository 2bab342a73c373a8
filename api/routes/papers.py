"""Photos and papers of cases 照片与资料: filed sealed and by hash, handed out by role, each time recorded (§9.2)."""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import HTTPException

from api.http.authentication import who
from api.http.context import ApiContext, json
from api.http.documents import ANSWER, answered
from api.http.text import Short
from api.routes.household_files import MEDIA, MOST, key_of
from domain.cases import lifecycle_of
from domain.kernel.errors import NotFound, NotPermitted, RuleBroken
from domain.kernel.fact import Case
from domain.kernel.papers import FILERS, FilePaper
from domain.kernel.people import Actor, Role
from domain.residents.reading import RecordReading
from journal.files import Files, digest_of
from workflows.engine.request import CommandRequest

__all__ = ["router"]

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
        openapi_extra={"requestBody": {"required": True, "content": {"*/*": _BINARY}}},
    )
    async def upload(
        request: Request, office: str, case_id: str, kind: Short, title: Short | None = None, about: Short | None = None
    ) -> Response:
        data = await request.body()
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        return await run_sync(
            lambda: _file(context, files, request, office, case_id, data, media, kind=kind, title=title, about=about)
        )

    @made.get(
        f"{path}/{{document}}",
        operation_id="download_paper",
        summary="事项的照片或资料 / a photo or a paper of a case",
        responses={200: {"content": {"*/*": _BINARY}}},
        response_model=None,
    )
    def download(request: Request, office: str, case_id: str, document: str) -> Response:
        reader = context.reader(request, office)
        case = _case(context, office, case_id)
        filed = case.papers.get(document)
        if filed is None:
            raise _no_paper()
        lifecycle = lifecycle_of(case_id)
        if not reader.sees_personal(lifecycle.kind):
            raise NotPermitted("role", "9.2", zh="无权查看事项资料", en="these are not for your role")
        subject = _subject(case)
        data = files.get(office, subject, key_of(context, office, subject), document)
        if data is None:
            raise _no_paper()
        reading = RecordReading(
            reader=reader.identity.user_id, roles=reader.roles, what=f"{lifecycle.path}/papers", case_ids=(case_id,)
        )
        context.handler.handle(
            CommandRequest(
                office=office,
                command=reading,
                actor=Actor(reader.identity.user_id, Role.POLICY),
                now=context.time_in(office),
            )
        )
        headers = {
            "Content-Disposition": f'attachment; filename="{document[:16]}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
            "Cache-Control": "no-store",
        }
        return Response(data, media_type=filed.media_type, headers=headers)

    return made


def _file(
    context: ApiContext, files: Files, request: Request, office: str, case_id: str, data: bytes, media: str, **said: Any
) -> Response:
    if not any(role in FILERS for role in context.roles(request, office)):
        raise NotPermitted("role", "1", zh="审计与公司不归档资料", en="this is for the office's own staff")
    if not data:
        raise RuleBroken("empty", "1", zh="文件为空", en="the document is empty")
    if len(data) > MOST:
        raise HTTPException(413)
    if not MEDIA.fullmatch(media):
        raise RuleBroken(
            "media-type", "1", zh="请注明文件类型", en="say what it is: Content-Type", field="Content-Type"
        )
    case = _case(context, office, case_id)
    actor, subject = Actor(who(request.scope).user_id, Role.POLICY), _subject(case)
    refusal = lifecycle_of(case_id).why_not(FilePaper, case, actor)
    if refusal is not None:
        raise refusal
    command = FilePaper(document=digest_of(data), media_type=media, size=len(data), **said)
    if command.document not in case.papers:  # of a refused one nothing is left behind
        files.put(office, subject, key_of(context, office, subject), data)
    request_ = CommandRequest(office=office, command=command, case_id=case_id, actor=actor, now=context.time_in(office))
    answer = context.handler.handle(request_)
    body = {
        "id": answer.case_id,
        "number": answer.number,
        "version": answer.version,
        "state": answer.state,
        "facts": answer.facts,
        "permitted": [],
        "repeated": answer.repeated,
    }
    location = f"/offices/{office}/cases/{case_id}/papers/{command.document}"
    return json(body, 201, {"Location": location, "ETag": f'"{answer.version}"'})


def _case(context: ApiContext, office: str, case_id: str) -> Case:
    """A case of a kind that has papers. Raises NotFound."""
    if not lifecycle_of(case_id).of.PAPERS:
        raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")
    case: Case = context.handler.case(office, case_id)
    return case


def _subject(case: Case) -> str:
    """Whose key seals its papers: the household's, else the case's own."""
    lifecycle = lifecycle_of(case.id)
    return (lifecycle.subject(case) if lifecycle.subject is not None else None) or case.id


def _no_paper() -> NotFound:
    return NotFound("document-unknown", "1", zh="没有该照片或资料", en="there is no such photo or paper")
