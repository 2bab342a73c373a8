"""The register of households 住户档案 (§9). Names, phones and people stand here sealed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.household import RESIDENT, Household
from projections.register import Register

__all__ = ["HOUSEHOLDS", "HouseholdRow"]


@dataclass(slots=True, kw_only=True)
class HouseholdRow:
    """One household. ``area`` is in hundredths of a square metre; ``update_by`` when the file counts as neglected."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    home: str
    building: str | None
    area: int | None
    occupancy: str
    name: str | None
    phone: str | None
    people: str | None
    preference: str | None
    difficult: bool
    notes: int
    reads: int
    refused_reads: int
    last_read_at: datetime | None
    updated_on: date | None
    update_by: date | None
    left_on: date | None
    retained_until: date | None
    open: bool


def _rows(case: Household) -> Iterator[tuple[str, HouseholdRow]]:
    assert case.opened_at is not None
    yield (
        "",
        HouseholdRow(
            source_id=case.source_id,
            state=case.state,
            version=case.version,
            imported=case.imported,
            opened_at=case.opened_at,
            home=case.home,
            building=case.building,
            area=case.area,
            occupancy=case.occupancy,
            name=case.name,
            phone=case.phone,
            people=case.people,
            preference=case.preference,
            difficult=case.difficult,
            notes=case.notes,
            reads=case.reads,
            refused_reads=case.refused_reads,
            last_read_at=case.last_read_at,
            updated_on=case.updated_on,
            update_by=case.update_by,
            left_on=case.left_on,
            retained_until=case.retained_until,
            open=case.state == RESIDENT,
        ),
    )


HOUSEHOLDS = Register(
    name="households",
    zh="住户档案",
    en="households",
    clause="9.1",
    row=HouseholdRow,
    kinds=(Household,),
    rows=_rows,
    indexed=("home",),
    sealed=("name", "phone", "people"),
)
