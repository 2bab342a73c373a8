"""The register of rectifications 整改登记 (§1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.kernel.calendar import local_date
from domain.rounds.rectification.case import CLOSED, UNDONE, WITHDRAWN, Rectification
from projections.engine.register import Register, common, one_row

__all__ = ["RECTIFICATIONS", "RectificationRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RectificationRow:
    """One rectification. ``missed_at`` is the breach of the deadline in force, ``late`` whether it was done after it.

    ``postponed`` counts how often a fixed deadline was put off.
    """

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    found_on: date
    matter: str
    severity: str
    origin_kind: str | None
    origin_id: str | None
    origin_item: str | None
    home: str | None
    household: str | None
    department: str | None
    details: str | None
    responsible: str | None
    assigned_at: datetime | None
    due_at: datetime | None
    postponed: int
    first_missed_at: datetime | None
    missed_at: datetime | None
    done_at: datetime | None
    done_on: date | None
    done_by: str | None
    late: bool
    result: str | None
    findings: str | None
    verified_at: datetime | None
    verified_by: str | None
    closed_at: datetime | None
    withdrawn_at: datetime | None
    reopened: int
    undone: bool
    open: bool


def _rows(case: Rectification) -> RectificationRow:
    assert case.opened_at is not None
    return RectificationRow(
        **common(case),
        found_on=local_date(case.opened_at),
        matter=case.matter,
        severity=case.severity,
        origin_kind=case.origin_kind,
        origin_id=case.origin_id,
        origin_item=case.origin_item,
        home=case.home,
        household=case.household,
        department=case.department,
        details=case.details,
        responsible=case.responsible,
        assigned_at=case.assigned_at,
        due_at=case.due_by,
        postponed=case.postponed,
        first_missed_at=case.first_missed_at,
        missed_at=case.missed_at,
        done_at=case.done_at,
        done_on=local_date(case.done_at) if case.done_at else None,
        done_by=case.done_by,
        late=case.done_at is not None and case.due_by is not None and case.done_at >= case.due_by,
        result=case.result,
        findings=case.findings,
        verified_at=case.verified_at,
        verified_by=case.verified_by,
        closed_at=case.closed_at,
        withdrawn_at=case.withdrawn_at,
        reopened=case.reopened,
        undone=case.state in UNDONE,
        open=case.state not in (CLOSED, WITHDRAWN),
    )


RECTIFICATIONS = Register(
    name="rectifications",
    zh="整改登记",
    en="rectifications",
    clause="1.1",
    row=RectificationRow,
    kinds=(Rectification,),
    values=one_row(RectificationRow, _rows),
    indexed=("opened_at", "due_at", "state", "home", "origin_id"),
    sealed=("details", "result", "findings"),
)
