"""Sealed files 密封文件: what documents of households and papers of cases have in common on their way in and out (§9)."""

from __future__ import annotations

import re
from typing import Final

from fastapi import Response
from fastapi.exceptions import HTTPException

from api.http.body_limits import MOST_BYTES
from api.http.context import ApiContext, Reader, json
from domain.kernel.errors import NotFound, RuleBroken
from journal.confidential import Tampered
from journal.files import Files
from journal.key_store import KeyStore
from workflows.engine.household_keys import erased, key_unreadable
from workflows.engine.idempotency import Answer

__all__ = ["check_file", "filed", "handed_out", "key_of"]

_MEDIA: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")


def check_file(data: bytes, media: str, clause: str) -> None:
    """Refuse what cannot be filed. Raises RuleBroken, and HTTPException 413 for what is too long."""
    if not data:
        raise RuleBroken("empty", clause, zh="文件为空", en="the document is empty")
    if len(data) > MOST_BYTES:
        raise HTTPException(413)
    if not _MEDIA.fullmatch(media):
        raise RuleBroken(
            "media-type", clause, zh="请注明文件类型", en="say what it is: Content-Type", field="Content-Type"
        )


def filed(answer: Answer, location: str) -> Response:
    """What whoever filed something is told."""
    body = {
        "id": answer.case_id,
        "number": answer.number,
        "version": answer.version,
        "state": answer.state,
        "facts": answer.facts,
        "permitted": [],
        "repeated": answer.repeated,
    }
    return json(body, 201, {"Location": location, "ETag": f'"{answer.version}"'})


def handed_out(
    reader: Reader,
    files: Files,
    *,
    case_id: str,
    subject: str,
    document: str,
    media_type: str,
    what: str,
    none: NotFound,
) -> Response:
    """A file of a case, sealed with the key of ``subject``; that it was read is a fact before it is handed over (§9.2).

    Raises ``none`` when it does not lie here, and RuleBroken when it was altered.
    """
    try:
        data = files.get(reader.office, subject, key_of(reader.context, reader.office, subject), document)
    except Tampered as altered:
        raise RuleBroken(
            "document-altered", "9.2", zh="该文件已被改动，无法打开", en="this document was altered and does not open"
        ) from altered
    if data is None:
        raise none
    reader.record(what, (case_id,))
    headers = {
        "Content-Disposition": f'attachment; filename="{document[:16]}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
        "Cache-Control": "no-store",
    }
    return Response(data, media_type=media_type, headers=headers)


def key_of(context: ApiContext, office: str, subject: str) -> bytes:
    """The household's key, made when nothing was sealed for it yet. Raises Erased when it was destroyed."""
    with context.within(office) as connection:
        keys = KeyStore(connection, office)
        known = keys.wrapped([subject])
        wrapped = known.get(subject)
        if subject not in known:
            wrapped = keys.make(subject, context.master.make(f"{office}/{subject}")[1])
    if wrapped is None:
        raise erased()
    try:
        return context.master.unwrap(f"{office}/{subject}", wrapped)
    except Tampered as broken:
        raise key_unreadable() from broken
