"""Checking papers 核验打印件 (§9.2) over HTTP: by the fingerprint on a sheet, by a file's hash, or by the file itself."""

from __future__ import annotations

from typing import Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.http.context import ApiContext, json
from api.http.documents import ANY_FILE, answered, ref
from api.http.text import Short
from api.papers.checking import Checked, by_word, of_file
from api.routes.printed import office_name
from domain.residents.printed_paper import LIFECYCLE

__all__ = ["router"]

_PATH: Final = "/offices/{office}/paper-check"


def router(context: ApiContext) -> APIRouter:
    """Two ways to ask."""
    made = APIRouter(tags=[LIFECYCLE.path])

    @made.get(
        f"{_PATH}/{{fingerprint}}",
        operation_id="check_paper",
        summary="按指纹或哈希核验文书 / check a paper by the fingerprint at its foot, or by a file's SHA-256",
        responses=answered(ref("PaperCheck")),
        response_model=None,
    )
    def check(request: Request, office: str, fingerprint: Short) -> Response:
        reader = context.reader(request, office)
        return json(_view(by_word(reader, fingerprint, office_name(context, office))))

    @made.post(
        _PATH,
        operation_id="check_paper_file",
        summary="按文件核验文书 / check a PDF itself",
        responses=answered(ref("PaperCheck")),
        response_model=None,
        openapi_extra=ANY_FILE,
    )
    async def check_file(request: Request, office: str) -> Response:
        pdf = await request.body()

        def found() -> Response:
            reader = context.reader(request, office)
            return json(_view(of_file(reader, pdf, office_name(context, office))))

        return await run_sync(found)

    return made


def _view(checked: Checked) -> dict[str, Any]:
    zh, en = checked.verdict.said
    papers = [
        {**each.row, "book_pages": [int(page) for page in each.row["book_pages"].split()], "agrees": each.agrees}
        for each in checked.papers
    ]
    return {"verdict": checked.verdict, "zh": zh, "en": en, "papers": papers}
