"""Addresses 地址: where a case is to be found."""

from __future__ import annotations

from urllib.parse import quote

from domain.cases import BY_KIND
from domain.office.office import LIFECYCLE as OFFICE

__all__ = ["address"]


def address(office: str, kind: str, case_id: str) -> str:
    """Where a case of this kind is to be found."""
    if kind == OFFICE.kind:
        return f"/offices/{office}"
    lifecycle = BY_KIND.get(kind)
    return f"/offices/{office}/{lifecycle.path if lifecycle is not None else kind}/{quote(case_id, safe='')}"
