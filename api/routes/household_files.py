"""A household's documents and everything held about it 住户资料 (§9): filed sealed, handed out by role, each time recorded."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.http.authentication import who
from api.http.context import ApiContext, Reader, json
from api.http.documents import ANSWER, ANY_FILE, answered, ref
from api.http.text import Short
from api.routes.actions import checked_id
from api.routes.cases import fact_view
from api.routes.household_cases import held, listed
from api.routes.sealed_files import check_file, filed, handed_out, key_of
from domain.kernel.errors import NotFound, NotPermitted, WrongState
from domain.kernel.people import Actor, Role
from domain.residents.household.commands.keeping import RecordRefusedReading
from domain.residents.household.commands.papers import ExportFile, FileDocument
from domain.residents.household.lifecycle import LIFECYCLE
from journal.files import Files, digest_of
from workflows.engine.request import CommandRequest

__all__ = ["router"]

_FILERS: Final = (Role.ADMINISTRATOR, Role.MANAGER)


def router(context: ApiContext) -> APIRouter:
    """Documents in and out, the household's every case, and the export."""
    made = APIRouter(tags=["households"])
    files = Files(context.settings.home)
    path = "/offices/{office}/households/{case_id}"

    @made.post(
        f"{path}/documents",
        operation_id="upload_document",
        status_code=201,
        summary="归档资料原件 / file a document",
        responses=answered(ANSWER, 201),
        response_model=None,
        openapi_extra=ANY_FILE,
    )
    async def upload(request: Request, office: str, case_id: str, kind: Short, title: Short | None = None) -> Response:
        data = await request.body()
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        return await run_sync(lambda: _file(context, files, request, office, case_id, data, media, kind, title))

    @made.get(
        f"{path}/documents/{{document}}",
        operation_id="download_document",
        summary="资料原件 / a document",
        responses={200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}},
        response_model=None,
    )
    def download(request: Request, office: str, case_id: str, document: str) -> Response:
        reader = _reader(context, request, office, case_id)
        kept = context.handler.case(office, case_id).documents.get(document)
        if kept is None:
            raise _no_document()
        if not reader.sees_personal(LIFECYCLE.kind):
            raise _refused(reader, case_id, "资料 document", "无权查看住户资料", "these are not for your role")
        return handed_out(
            reader,
            files,
            case_id=case_id,
            subject=case_id,
            document=document,
            media_type=kept.media_type,
            what="households/documents",
            none=_no_document(),
        )

    @made.get(
        f"{path}/cases",
        operation_id="cases_of_household",
        summary="住户的全部事项 / every case of a household",
        responses=answered(ref("HouseholdCases")),
        response_model=None,
    )
    def cases(request: Request, office: str, case_id: str) -> Response:
        _reader(context, request, office, case_id)
        context.handler.case(office, case_id)
        return json({"household": case_id, "cases": listed(context, office, case_id)})

    @made.post(
        f"{path}/export",
        operation_id="export_household",
        summary="导出住户全部信息（由另一人先行申请） / everything held about a household, asked for by somebody else",
        responses=answered(ref("Export")),
        response_model=None,
    )
    def export(request: Request, office: str, case_id: str) -> Response:
        reader = _reader(context, request, office, case_id)
        household = context.handler.case(office, case_id)
        if Role.MANAGER not in reader.roles:
            raise _refused(reader, case_id, "导出 export", "须由管理处经理导出", "this is for the office's manager")
        facts, readings = held(context, office, case_id)
        views = [fact_view(fact) for fact in facts]
        context.handler.handle(
            CommandRequest(
                office=office,
                command=ExportFile(facts=len(views)),
                case_id=case_id,
                actor=Actor(reader.identity.user_id, Role.POLICY),
                now=context.time_in(office),
            )
        )
        reader.open(views, "households/export")
        purpose = household.export_purpose
        body = {"household": case_id, "office": office, "purpose": purpose, "facts": views, "readings": readings}
        return json(body)

    return made


def _reader(context: ApiContext, request: Request, office: str, case_id: str) -> Reader:
    reader = context.reader(request, office)
    checked_id(LIFECYCLE, case_id)
    return reader


def _refused(reader: Reader, case_id: str, what: str, zh: str, en: str) -> NotPermitted:
    """To open a file without a right is itself a fact (§9.2); an erased file has nothing left to be opened."""
    attempt = RecordRefusedReading(who=reader.identity.user_id, reason=what)
    actor = Actor(reader.identity.user_id, Role.POLICY)
    with suppress(WrongState):
        reader.context.handler.handle(
            CommandRequest(
                office=reader.office,
                command=attempt,
                case_id=case_id,
                actor=actor,
                now=reader.context.time_in(reader.office),
            )
        )
    return NotPermitted("role", "9.2", zh=zh, en=en)


def _file(
    context: ApiContext,
    files: Files,
    request: Request,
    office: str,
    case_id: str,
    data: bytes,
    media: str,
    kind: str,
    title: str | None,
) -> Response:
    roles = [role for role in context.roles(request, office) if role in _FILERS]
    checked_id(LIFECYCLE, case_id)
    if not roles:
        raise NotPermitted("role", "9.1", zh="须由管理员或经理归档", en="this is for administrators and managers")
    check_file(data, media, "9.1")
    household = context.handler.case(office, case_id)
    key = key_of(context, office, case_id)
    refusal = LIFECYCLE.why_not(FileDocument, household, Actor(who(request.scope).user_id, Role.POLICY))
    if refusal is not None:
        raise refusal
    command = FileDocument(document=digest_of(data), kind=kind, media_type=media, size=len(data), title=title)
    if command.document not in household.documents:  # of a refused one nothing is left behind
        files.put(office, case_id, key, data)
    answer = context.handler.handle(
        CommandRequest(
            office=office,
            command=command,
            case_id=case_id,
            actor=Actor(who(request.scope).user_id, Role.POLICY),
            now=context.time_in(office),
        )
    )
    return filed(answer, f"/offices/{office}/households/{case_id}/documents/{command.document}")


def _no_document() -> NotFound:
    return NotFound("document-unknown", "9.1", zh="档案中没有该文件", en="the file has no such document")
