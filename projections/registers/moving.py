"""Registers of moving in and out, renovations, takeovers and emergencies (§1.3, §1.4, §5.2.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from domain.kernel.calendar import local_date
from domain.moving.move_in.case import COMPLETED as MOVED_IN
from domain.moving.move_in.case import WITHDRAWN as MOVE_IN_WITHDRAWN
from domain.moving.move_in.case import MoveIn
from domain.moving.move_out import COMPLETED as MOVED_OUT
from domain.moving.move_out import WITHDRAWN as MOVE_OUT_WITHDRAWN
from domain.moving.move_out import MoveOut
from domain.moving.renovation.case import REJECTED, SETTLED, WITHDRAWN, Renovation
from domain.moving.takeover import CANCELLED, TAKEN_OVER, Takeover
from domain.rounds.emergency_aid import CALLED, AidStep, EmergencyAid
from journal.blind_index import How
from projections.engine.register import Register, one_row, row_from

__all__ = ["EMERGENCY_AIDS", "MOVE_INS", "MOVE_OUTS", "RENOVATIONS", "TAKEOVERS"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveInRow:
    """One move-in. ``area`` is in hundredths of a square metre, ``fees_fen`` in fen."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    applied_on: date
    home: str
    vacant_home: str | None
    household: str | None
    occupancy: str
    area: int | None
    wanted_on: date | None
    applicant: str | None
    phone: str | None
    documents: str
    fees_fen: int | None
    receipt: str | None
    inspected_at: datetime | None
    defects: int
    open_defects: int
    keys_at: datetime | None
    complete_by: datetime | None
    missed_at: datetime | None
    moved_in_on: date | None
    completed_at: datetime | None
    open: bool


def _move_ins(case: MoveIn) -> Iterator[tuple[str, MoveInRow]]:
    assert case.opened_at is not None
    more = {
        "applied_on": local_date(case.opened_at),
        "documents": "、".join(case.documents),
        "defects": len(case.defects),
        "open_defects": len(case.open_defects),
        "open": case.state not in (MOVED_IN, MOVE_IN_WITHDRAWN),
    }
    yield "", row_from(MoveInRow, case, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOutRow:
    """One move-out; ``outstanding_fen`` is what was owed when the accounts were checked."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    home: str
    household: str
    leaving_on: date
    reason: str
    outstanding_fen: int | None
    defects: int
    inspected_at: datetime | None
    left_on: date | None
    completed_at: datetime | None
    open: bool


def _move_outs(case: MoveOut) -> Iterator[tuple[str, MoveOutRow]]:
    yield "", row_from(MoveOutRow, case, open=case.state not in (MOVED_OUT, MOVE_OUT_WITHDRAWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class RenovationRow:
    """One renovation. ``held_fen`` is the deposit that the office holds for somebody else: no income."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    applied_on: date
    home: str
    household: str | None
    scope: str
    contractor: str | None
    foreman: str | None
    phone: str | None
    channel: str
    stated_channel: str | None
    planned_from: date | None
    planned_until: date | None
    decide_by: datetime | None
    decision_planned_at: datetime | None
    decision_missed_at: datetime | None
    decided_at: datetime | None
    decided_in_time: bool
    wanted_fen: int
    held_fen: int
    refunded_fen: int
    deducted_fen: int
    permit: str | None
    valid_from: date | None
    valid_until: date | None
    hours: str | None
    passes_out: int
    keys_out: int
    begun_at: datetime | None
    checks: int
    outside_hours: int
    violations: int
    unrectified: int
    overrun_at: datetime | None
    first_overrun_at: datetime | None
    extended: int
    finished_at: datetime | None
    accepted_at: datetime | None
    refund_by: datetime | None
    refund_missed_at: datetime | None
    refunded_at: datetime | None
    closed_at: datetime | None
    steps: int
    open: bool


def _renovations(case: Renovation) -> RenovationRow:
    assert case.opened_at is not None
    in_time = case.decided_at is not None and case.decide_by is not None and case.decided_at < case.decide_by
    more = {
        "applied_on": local_date(case.opened_at),
        "decided_in_time": in_time,
        "hours": f"{_clock(case.hours_from)}–{_clock(case.hours_until)}" if case.hours_from else None,
        "passes_out": len(case.passes),
        "keys_out": len(case.key_loans),
        "unrectified": len(case.unrectified),
        "open": case.state not in (SETTLED, REJECTED, WITHDRAWN),
    }
    return row_from(RenovationRow, case, **more)


def _clock(at: time | None) -> str:
    return at.strftime("%H:%M") if at is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeoverRow:
    """One takeover of an estate."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    estate: str
    handed_by: str
    planned_on: date
    homes: int | None
    area: int | None
    defects: int
    open_defects: int
    documents: int
    documents_missing: int
    taken_over_on: date | None
    open: bool


def _takeovers(case: Takeover) -> Iterator[tuple[str, TakeoverRow]]:
    more = {
        "defects": len(case.defects),
        "open_defects": len(case.open_defects),
        "documents": len(case.documents),
        "documents_missing": len(case.missing),
        "open": case.state not in (TAKEN_OVER, CANCELLED),
    }
    yield "", row_from(TakeoverRow, case, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRow:
    """One emergency with the times of its steps."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    place: str
    home: str | None
    household: str | None
    patient: str | None
    condition: str | None
    arrived_at: datetime | None
    ambulance_called_at: datetime | None
    family_informed_at: datetime | None
    outcome: str | None
    hospital: str | None
    end_by: datetime | None
    missed_at: datetime | None
    ended_at: datetime | None
    open: bool


def _emergencies(case: EmergencyAid) -> Iterator[tuple[str, EmergencyRow]]:
    more = {
        "arrived_at": case.steps.get(AidStep.ARRIVED),
        "ambulance_called_at": case.steps.get(AidStep.AMBULANCE_CALLED),
        "family_informed_at": case.steps.get(AidStep.FAMILY_INFORMED),
        "open": case.state == CALLED,
    }
    yield "", row_from(EmergencyRow, case, **more)


MOVE_INS = Register(
    name="move-ins",
    zh="入住登记",
    en="move-ins",
    clause="1.3",
    row=MoveInRow,
    kinds=(MoveIn,),
    rows=_move_ins,
    indexed=("home", "state"),
    sealed=("applicant", "phone"),
    found_by={"applicant": How.NAME, "phone": How.TELEPHONE, "home": How.ROOM},
)
MOVE_OUTS = Register(
    name="move-outs",
    zh="迁出登记",
    en="move-outs",
    clause="1.3",
    row=MoveOutRow,
    kinds=(MoveOut,),
    rows=_move_outs,
    indexed=("home", "household"),
)
RENOVATIONS = Register(
    name="renovations",
    zh="装修登记",
    en="renovations",
    clause="1.4",
    row=RenovationRow,
    kinds=(Renovation,),
    values=one_row(RenovationRow, _renovations),
    indexed=("home", "state", "applied_on"),
    sealed=("contractor", "foreman", "phone"),
    found_by={"foreman": How.NAME, "phone": How.TELEPHONE, "home": How.ROOM},
)
TAKEOVERS = Register(
    name="takeovers",
    zh="接管登记",
    en="takeovers",
    clause="5.2.3(1)",
    row=TakeoverRow,
    kinds=(Takeover,),
    rows=_takeovers,
)
EMERGENCY_AIDS = Register(
    name="emergency-aids",
    zh="急救登记",
    en="emergency aids",
    clause="5.2.3(6)",
    row=EmergencyRow,
    kinds=(EmergencyAid,),
    rows=_emergencies,
    indexed=("opened_at",),
    sealed=("patient", "condition", "hospital"),
)
