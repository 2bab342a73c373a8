"""``wuye openapi``: the document of the API 接口文档, whole or of one kind of case, without a database."""

from __future__ import annotations

import sys
from pathlib import Path

from api.http.application import document
from api.http.parts import compact
from api.http.reference import WHOLE, Reference
from projections.registers.index import REGISTERS

__all__ = ["write_document"]


def write_document(part: str, out: Path | None) -> None:
    """Write the whole, a kind's part, ``general`` or ``full`` to a file or to standard output.

    Raises :class:`~domain.errors.NotFound` for a part that does not exist.
    """
    text = compact(Reference(document, REGISTERS).part(part or WHOLE)).decode() + "\n"
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8")
