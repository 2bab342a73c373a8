"""The register of repair orders 维修单登记 (§1.11, §5.2.B)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar import IsoWeek, local_date
from domain.repair_order_events import OPEN, RepairOrder
from projections.register import Register, common

__all__ = ["REPAIR_ORDERS", "RepairRow"]


@dataclass(slots=True, kw_only=True)
class RepairRow:
    """One repair order. ``closed_at`` is the filing, ``completed_at`` the repair; ``completed_week`` its ISO week.

    ``sampled`` by the weekly draw, ``visited_at`` when its resident was asked, in time until the end of ``follow_up_by``.
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
    priority: str | None
    description: str | None
    worker: str | None
    due_by: datetime | None
    missed_at: datetime | None
    dispatched_at: datetime | None
    surveyed_at: datetime | None
    started_at: datetime | None
    repair_starts: int
    means_used: str | None
    completed_at: datetime | None
    completed_on: date | None
    completed_week: str | None
    completed_by: str | None
    informed_at: datetime | None
    accepted_at: datetime | None
    unsigned_reason: str | None
    closed_at: datetime | None
    declined: bool
    returned: int
    fee_fen: int | None
    sampled: bool
    sample_week: str | None
    follow_up_by: date | None
    visited_at: datetime | None
    outcome: str | None
    followed_up_at: datetime | None
    open: bool


def _rows(case: RepairOrder) -> Iterator[tuple[str, RepairRow]]:
    assert case.opened_at is not None
    completed_on = local_date(case.completed_at) if case.completed_at else None
    yield (
        "",
        RepairRow(
            **common(case),
            registered_on=local_date(case.opened_at),
            opening_known=case.opening_known,
            channel=case.channel,
            stated_channel=case.stated_channel,
            fault_kind=case.fault_kind,
            household=case.household,
            home=case.home,
            common_area=case.common_area,
            priority=case.priority,
            description=case.description,
            worker=case.worker,
            due_by=case.due_by,
            missed_at=case.missed_at,
            dispatched_at=case.dispatched_at,
            surveyed_at=case.surveyed_at,
            started_at=case.started_at,
            repair_starts=case.repair_starts,
            means_used="、".join(case.means) or None,
            completed_at=case.completed_at,
            completed_on=completed_on,
            completed_week=str(IsoWeek.of(completed_on)) if completed_on else None,
            completed_by=case.completed_by,
            informed_at=case.informed_at,
            accepted_at=case.accepted_at,
            unsigned_reason=case.unsigned_reason,
            closed_at=case.closed_at,
            declined=case.declined,
            returned=case.returned,
            fee_fen=case.fee_fen,
            sampled=case.sample is not None,
            sample_week=case.sample_week,
            follow_up_by=case.follow_up_by,
            visited_at=case.visited_at,
            outcome=case.outcome,
            followed_up_at=case.followed_up_at,
            open=case.state in OPEN,
        ),
    )


REPAIR_ORDERS = Register(
    name="repair-orders",
    zh="维修单登记",
    en="repair orders",
    clause="1.11",
    row=RepairRow,
    kinds=(RepairOrder,),
    rows=_rows,
    indexed=("opened_at", "home", "completed_on"),
    sealed=("description",),
)
