"""The register of exports 登记簿导出记录 (§9.2): which registers left with personal data, what for, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.residents.register_export import APPROVED, REQUESTED, RegisterExport
from projections.engine.register import Register, row_values

__all__ = ["REGISTER_EXPORTS", "RegisterExportRow"]


@dataclass(slots=True, kw_only=True)
class RegisterExportRow:
    """One export. ``asked_by`` and ``approved_by`` are user ids; ``page`` is the page of the book as of which it was made."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    changed_at: datetime
    register: str
    purpose: str
    asked_by: str
    approved_by: str | None
    form: str | None
    page: int | None
    open: bool


REGISTER_EXPORTS = Register(
    name="register-exports",
    zh="登记簿导出记录",
    en="exports of registers",
    clause="9.2",
    row=RegisterExportRow,
    kinds=(RegisterExport,),
    values=row_values(RegisterExportRow, RegisterExport, open=lambda case: case.state in (REQUESTED, APPROVED)),
    indexed=("register", "asked_by"),
)
