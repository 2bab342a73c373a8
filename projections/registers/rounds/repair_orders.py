"""The register of repair orders 维修单登记 (§1.11, §5.2.B)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.kernel.calendar import local_date
from domain.kernel.periods import IsoWeek
from domain.rounds.repair_order.case import OPEN, RepairOrder
from projections.engine.register import Register, day_of, row_values

__all__ = ["REPAIR_ORDERS", "RepairRow"]


@dataclass(slots=True, kw_only=True)
class RepairRow:
    """One repair order. ``closed_at`` is the filing, ``completed_at`` the repair; ``completed_week`` its ISO week.

    ``raised_by`` is one of the office's people, or marked as an outsider; ``sampled`` by the weekly draw, ``visited_at`` when its resident was asked, in time until the end of ``follow_up_by``.
    """

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    registered_on: date
    opening_known: bool
    channel: str
    stated_channel: str | None
    fault_kind: str | None
    household: str | None
    home: str | None
    common_area: str | None
    raised_by: str | None
    priority: str | None
    description: str | None
    worker: str | None
    due_by: datetime | None
    missed_at: datetime | None
    dispatch_by: datetime | None
    not_dispatched_at: datetime | None
    dispatched_at: datetime | None
    surveyed_at: datetime | None
    started_at: datetime | None
    repair_starts: int
    means_used: str | None
    completed_at: datetime | None
    completed_on: date | None
    completed_week: str | None
    done_by: str | None
    informed_at: datetime | None
    accepted_at: datetime | None
    unsigned_reason: str | None
    closed_at: datetime | None
    declined: bool
    returned: int
    fee_fen: int | None
    charge: str
    sampled: bool
    sample_week: str | None
    follow_up_by: date | None
    visited_at: datetime | None
    outcome: str | None
    followed_up_at: datetime | None
    open: bool


def _charge(case: RepairOrder) -> str:
    """Under what name its fee is charged: its own, and that of whose it is where another household was written down first."""
    anew = any(each.field == "household" for each in case.corrections_made)
    return f"{case.id}/{case.household}" if anew else case.id


def _week(case: RepairOrder) -> str | None:
    return str(IsoWeek.of(local_date(case.completed_at))) if case.completed_at else None


REPAIR_ORDERS = Register(
    name="repair-orders",
    zh="维修单登记",
    en="repair orders",
    clause="1.11",
    row=RepairRow,
    kinds=(RepairOrder,),
    values=row_values(
        RepairRow,
        RepairOrder,
        registered_on=day_of("opened_at"),
        means_used=lambda case: "、".join(case.means) or None,
        completed_on=day_of("completed_at"),
        completed_week=_week,
        charge=_charge,
        sampled=lambda case: case.sample is not None,
        open=lambda case: case.state in OPEN,
    ),
    indexed=("opened_at", "home", "household", "completed_on"),
    sealed=("description",),
)
