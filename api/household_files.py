"""A household's documents and everything held about it 住户资料 (§9): filed sealed, handed out by role, each time recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Body, Request, Response
from fastapi.exceptions import HTTPException

from api.actions import checked_id
from api.cases import fact_view
from api.counter import Counter, json
from api.documents import ANSWER, answered, ref
from api.guard import who
from api.text import Short, tighten
from domain.errors import Erased, NotFound, NotPermitted, Refusal, RuleBroken
from domain.household import LIFECYCLE
from domain.household_file import ExportFile, FileDocument
from domain.people import Actor, Role
from domain.reading import RecordReading
from journal.book import Book
from journal.files import Files, digest_of
from workflows.draft import Order

__all__ = ["MOST", "router"]

MOST: Final = 1_048_576
"""Bytes of one document at most; the guard lets no more through."""
_MEDIA: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")
_FILERS: Final = (Role.ADMINISTRATOR, Role.MANAGER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportHousehold:
    """To what end 用途 everything held about the household is wanted; it stands in the book."""

    purpose: str


tighten(ExportHousehold)


def router(counter: Counter) -> APIRouter:
    """Documents in and out, and the export."""
    made = APIRouter(tags=["households"])
    files = Files(counter.settings.home)
    path = "/offices/{office}/households/{case_id}/documents"

    @made.post(f"{path}", operation_id="upload_document", status_code=201,
               summary="归档资料原件 / file a document", responses=answered(ANSWER, 201), response_model=None,
               openapi_extra={"requestBody": {"required": True, "content": {"*/*": {"schema": {
                   "type": "string", "format": "binary"}}}}})  # fmt: skip
    async def upload(request: Request, office: str, case_id: str, kind: Short, title: Short | None = None) -> Response:
        data = await request.body()
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        return await run_sync(lambda: _file(counter, files, request, office, case_id, data, media, kind, title))

    @made.get(f"{path}/{{document}}", operation_id="download_document", summary="资料原件 / a document",
              responses={200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}},
              response_model=None)  # fmt: skip
    def download(request: Request, office: str, case_id: str, document: str) -> Response:
        reader = counter.reader(request, office)
        if not reader.sees_personal:
            raise NotPermitted("role", "9.2", zh="无权查看住户资料", en="these are not for your role")
        checked_id(LIFECYCLE, case_id)
        case, _ = counter.office.case(office, case_id)
        media = case.documents.get(document)
        if media is None:
            raise _no_document()
        data = files.get(office, case_id, _key(counter, office, case_id), document)
        if data is None:
            raise _no_document()
        reading = RecordReading(
            reader=reader.identity.user_id, roles=reader.roles, what="households/documents", case_ids=(case_id,)
        )
        counter.office.handle(
            Order(office=office, command=reading, actor=Actor(reader.identity.user_id, Role.POLICY), now=counter.now())
        )
        headers = {
            "Content-Disposition": f'attachment; filename="{document[:16]}"', "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox", "Cache-Control": "no-store",
        }  # fmt: skip
        return Response(data, media_type=media, headers=headers)

    @made.post("/offices/{office}/households/{case_id}/export", operation_id="export_household",
               summary="导出住户全部信息 / everything held about a household", responses=answered(ref("Export")),
               response_model=None)  # fmt: skip
    def export(request: Request, office: str, case_id: str, body: Annotated[ExportHousehold, Body()]) -> Response:
        reader = counter.reader(request, office)
        checked_id(LIFECYCLE, case_id)
        if Role.MANAGER not in reader.roles:
            raise NotPermitted("role", "9.2", zh="须由管理处经理导出", en="this is for the office's manager")
        counter.office.case(office, case_id)
        views = _held(counter, office, case_id)
        counter.office.handle(
            Order(
                office=office, command=ExportFile(purpose=body.purpose, facts=len(views)), case_id=case_id,
                actor=Actor(reader.identity.user_id, Role.POLICY), now=counter.now(),
            )
        )  # fmt: skip
        reader.open(views, "households/export")
        return json({"household": case_id, "office": office, "purpose": body.purpose, "facts": views})

    return made


def _file(
    counter: Counter, files: Files, request: Request, office: str, case_id: str, data: bytes, media: str, kind: str,
    title: str | None,
) -> Response:  # fmt: skip
    roles = [role for role in counter.roles(request, office) if role in _FILERS]
    checked_id(LIFECYCLE, case_id)
    if not roles:
        raise NotPermitted("role", "9.1", zh="须由管理员或经理归档", en="this is for administrators and managers")
    if not data:
        raise RuleBroken("empty", "9.1", zh="文件为空", en="the document is empty")
    if len(data) > MOST:
        raise HTTPException(413)
    if not _MEDIA.fullmatch(media):
        raise RuleBroken(
            "media-type", "9.1", zh="请注明文件类型", en="say what it is: Content-Type", field="Content-Type"
        )
    counter.office.case(office, case_id)
    command = FileDocument(document=digest_of(data), kind=kind, media_type=media, size=len(data), title=title)
    order = Order(
        office=office, command=command, case_id=case_id, actor=Actor(who(request.scope).user_id, roles[0]),
        now=counter.now(),
    )  # fmt: skip
    # The document lies on disk before the fact that names it stands in the book; a refused one is taken away again.
    document = files.put(office, case_id, _key(counter, office, case_id), data)
    try:
        answer = counter.office.handle(order)
    except Refusal:
        if document not in counter.office.case(office, case_id)[0].documents:
            files.remove(office, case_id, document)
        raise
    body = {
        "id": answer.case_id, "number": answer.number, "version": answer.version, "state": answer.state,
        "facts": answer.facts, "permitted": [], "repeated": answer.repeated,
    }  # fmt: skip
    location = f"/offices/{office}/households/{case_id}/documents/{document}"
    return json(body, 201, {"Location": location, "ETag": f'"{answer.version}"'})


def _key(counter: Counter, office: str, subject: str) -> bytes:
    """The household's key, made when nothing was sealed for it yet. Raises Erased when it was destroyed."""
    with counter.connect() as connection:
        book = Book(connection)
        known = book.wrapped_keys(office, [subject])
        wrapped = known.get(subject)
        if subject not in known:
            wrapped = book.make_key(office, subject, counter.master.make(f"{office}/{subject}")[1])
    if wrapped is None:
        raise Erased("erased", "9.2", zh="该住户的个人信息已依法销毁", en="this household's personal data were erased")
    return counter.master.unwrap(f"{office}/{subject}", wrapped)


def _held(counter: Counter, office: str, household: str) -> list[dict[str, Any]]:
    """Every fact of the household's file and of all cases that name it, in the order of the book; still sealed."""
    of_household = [
        register for register in counter.registers.all if any(column.name == "household" for column in register.columns)
    ]
    with counter.connect() as connection:
        cases = {household}
        for register in of_household:
            found = connection.execute(
                f"select distinct case_id from wuye.{register.table} where office = %s and household = %s".encode(),
                [office, household],
            )
            cases |= {row[0] for row in found}
        facts = [fact for each in Book(connection).load(office, sorted(cases)).values() for fact in each]
    return [fact_view(fact) for fact in sorted(facts, key=lambda fact: fact.number)]


def _no_document() -> NotFound:
    return NotFound("document-unknown", "9.1", zh="档案中没有该文件", en="the file has no such document")
