"""The register of households 住户档案 (§9). Names, phones and people stand here sealed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.residents.household.case import RESIDENT, Household
from journal.blind_index import How
from projections.engine.register import Register, one_row, row_from

__all__ = ["HOUSEHOLDS", "HOUSEHOLD_PERSONS", "HouseholdRow"]


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
    move_in: str | None
    persons: int
    vehicles: int
    pets: int
    contracts: int
    documents: int
    consents: str
    neglected_at: datetime | None
    retention_ended: bool
    erased_at: datetime | None
    open: bool


def _rows(case: Household) -> HouseholdRow:
    more = {
        "persons": len(case.persons),
        "vehicles": len(case.vehicles),
        "pets": len(case.pets),
        "contracts": len(case.contracts),
        "documents": len(case.documents),
        "consents": ",".join(sorted(case.consents)),
        "open": case.state == RESIDENT,
    }
    return row_from(HouseholdRow, case, **more)


HOUSEHOLDS = Register(
    name="households",
    zh="住户档案",
    en="households",
    clause="9.1",
    row=HouseholdRow,
    kinds=(Household,),
    values=one_row(HouseholdRow, _rows),
    indexed=("home",),
    sealed=("name", "phone", "people"),
    found_by={"name": How.NAME, "phone": How.TELEPHONE, "home": How.ROOM},
)


@dataclass(slots=True, kw_only=True)
class PersonRow:
    """One person of a household, by the number under which the file lists him."""

    source_id: str | None
    state: str
    imported: bool
    home: str
    number: int
    relation: str
    name: str | None
    phone: str | None


def _persons(case: Household) -> Iterator[tuple[str, PersonRow]]:
    for number, person in case.persons.items():
        yield (
            str(number),
            PersonRow(
                source_id=case.source_id,
                state=case.state,
                imported=case.imported,
                home=case.home,
                number=number,
                relation=person.relation,
                name=person.name,
                phone=person.phone,
            ),
        )


HOUSEHOLD_PERSONS = Register(
    name="household-persons",
    zh="住户成员",
    en="persons of households",
    clause="9.1",
    row=PersonRow,
    kinds=(Household,),
    rows=_persons,
    indexed=("home",),
    sealed=("name", "phone"),
    found_by={"name": How.NAME, "phone": How.TELEPHONE},
)
