"""What is known of a household 住户 after some of its facts (§9). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from domain.kernel.calendar import end_of_day, local_date
from domain.kernel.fact import Case, Fact
from domain.kernel.late_entries import LateEntryConfirmed, LateEntryRejected
from domain.residents.household.events import (
    ConsentGiven,
    ConsentPurpose,
    ConsentWithdrawn,
    ContactChanged,
    ContractFiled,
    DifficultMarkRemoved,
    Document,
    DocumentFiled,
    ErasureDeclined,
    ErasureRequested,
    ExportRequested,
    FileConfirmed,
    FiledContract,
    FileExported,
    FileFoundNeglected,
    FileRead,
    FileReadingRefused,
    HouseholdErased,
    HouseholdLeft,
    HouseholdMarkedDifficult,
    HouseholdNoteAdded,
    HouseholdOpened,
    MoveInLinked,
    Occupancy,
    PeopleChanged,
    Person,
    PersonAdded,
    PersonErased,
    PersonRemoved,
    Pet,
    PetAdded,
    PetRemoved,
    Preference,
    RetentionEnded,
    Vehicle,
    VehicleAdded,
    VehicleRemoved,
)

RESIDENT, LEFT, ASKED, ERASED = "resident", "left", "erasure-requested", "erased"


@dataclass(slots=True, kw_only=True)
class Household(Case):
    """One household. Names, phones, people and notes stay sealed; ``area`` is in hundredths of a square metre."""

    CORRECTS = ("occupancy", "area", "building", "name", "phone")

    home: str = ""
    occupancy: Occupancy = Occupancy.OWNER
    area: int | None = None
    building: str | None = None
    name: str | None = None
    phone: str | None = None
    people: str | None = None
    preference: Preference | None = None
    difficult: bool = False
    difficult_reason: str | None = None
    notes: int = 0
    reads: int = 0
    refused_reads: int = 0
    last_read_at: datetime | None = None
    updated_on: date | None = None
    update_by: date | None = None
    left_on: date | None = None
    retained_until: date | None = None
    move_in: str | None = None
    move_ins: set[str] = field(default_factory=set)
    """Every move-in that is linked to the file: what was written down there before is theirs too."""
    persons: dict[int, Person] = field(default_factory=dict)
    vehicles: dict[int, Vehicle] = field(default_factory=dict)
    pets: dict[int, Pet] = field(default_factory=dict)
    gone: dict[int, str | None] = field(default_factory=dict)
    """Those who left: number → by whom that was entered; their data can be erased apart."""
    subjects: dict[int, str] = field(default_factory=dict)
    """Whose key seals the data of which person."""
    listed: int = 0
    """How many people, vehicles and pets were ever listed: numbers are never used again."""
    contracts: list[FiledContract] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)
    consents: dict[ConsentPurpose, date | None] = field(default_factory=dict)
    neglected_at: datetime | None = None
    unproven: dict[int, tuple[date, date | None]] = field(default_factory=dict)
    """Late entries that speak of a time before the file was found neglected: place → day and next date, if confirmed."""
    retention_ended: bool = False
    export_asked_by: str | None = None
    export_purpose: str | None = None
    erasure_asked_by: str | None = None
    erasure_declined: bool = False
    erased_at: datetime | None = None

    @property
    def upkeep_due_at(self) -> datetime | None:
        """24:00 of the day until which the file must be looked after, while that is still to be kept or missed."""
        return end_of_day(self.update_by) if self.update_by is not None and self.neglected_at is None else None

    @property
    def retention_ends_at(self) -> datetime | None:
        """24:00 of the last day for which the file must be kept."""
        wanted = self.retained_until is not None and not self.retention_ended
        return end_of_day(self.retained_until) if wanted and self.retained_until is not None else None

    @property
    def disposal_since(self) -> datetime | None:
        """Since when the file waits for its disposal, unless that was declined on a ground."""
        if not self.retention_ended or self.erasure_declined or self.retained_until is None:
            return None
        return end_of_day(self.retained_until)


def evolve(household: Household, fact: Fact) -> None:
    """Fold one fact into the household: its people first, then its papers and its end."""
    _of_people(household, fact)
    _of_papers(household, fact)


def _of_people(household: Household, fact: Fact) -> None:
    match fact.event:
        case HouseholdOpened() as e:
            household.home, household.occupancy, household.area = e.home, e.occupancy, e.area
            household.building, household.name, household.phone = e.building, e.name, e.phone
            household.people = e.people
            _moved_in(household, e.move_in)
            _updated(household, fact, e.update_by)
        case ContactChanged() as e:
            household.name, household.phone = e.name or household.name, e.phone or household.phone
            household.preference = e.preference or household.preference
            _updated(household, fact, e.update_by)
        case PeopleChanged() as e:
            household.people = e.people
            _updated(household, fact, e.update_by)
        case HouseholdNoteAdded() as e:
            household.notes += 1
            _updated(household, fact, e.update_by)
        case HouseholdMarkedDifficult() as e:
            household.difficult, household.difficult_reason = True, e.reason
        case DifficultMarkRemoved():
            household.difficult, household.difficult_reason = False, None
        case FileRead():
            household.reads, household.last_read_at = household.reads + 1, fact.occurred_at
        case FileReadingRefused():
            household.refused_reads += 1
        case HouseholdLeft() as e:
            household.left_on, household.retained_until = e.left_on, e.retained_until
            household.update_by = None
        case MoveInLinked() as e:
            _moved_in(household, e.move_in)
        case PersonAdded() as e:
            household.persons[e.number] = Person(e.relation, e.name, e.phone)
            if e.subject is not None:
                household.subjects[e.number] = e.subject
            _listed(household, fact, e.number, e.update_by)
        case PersonRemoved() as e:
            household.persons.pop(e.number, None)
            household.gone[e.number] = fact.user_id
            _updated(household, fact, e.update_by)
        case VehicleAdded() as e:
            household.vehicles[e.number] = Vehicle(e.kind, e.plate, e.space)
            _listed(household, fact, e.number, e.update_by)
        case VehicleRemoved() as e:
            household.vehicles.pop(e.number, None)
            _updated(household, fact, e.update_by)
        case PetAdded() as e:
            household.pets[e.number] = Pet(e.species, e.licence, e.vaccinated_until)
            _listed(household, fact, e.number, e.update_by)
        case PetRemoved() as e:
            household.pets.pop(e.number, None)
            _updated(household, fact, e.update_by)


def _of_papers(household: Household, fact: Fact) -> None:
    match fact.event:
        case ContractFiled() as e:
            household.contracts.append(FiledContract(e.kind, e.signed_on, e.valid_until, e.document))
            _updated(household, fact, e.update_by)
        case DocumentFiled() as e:
            household.documents[e.document] = Document(e.kind, e.media_type, e.size, e.title)
            _updated(household, fact, e.update_by)
        case ConsentGiven() as e:
            household.consents[e.purpose] = e.until
        case ConsentWithdrawn() as e:
            household.consents.pop(e.purpose, None)
        case FileConfirmed() as e:
            _updated(household, fact, e.update_by)
        case FileFoundNeglected() as e:
            household.neglected_at = e.due_at
        case LateEntryConfirmed() as e:
            if (kept := household.unproven.pop(e.entry, None)) is not None:
                _kept_up(household, *kept)
        case LateEntryRejected() as e:
            household.unproven.pop(e.entry, None)
        case ExportRequested() as e:
            household.export_asked_by, household.export_purpose = fact.user_id, e.purpose
        case FileExported():
            household.export_asked_by = household.export_purpose = None
            household.reads, household.last_read_at = household.reads + 1, fact.occurred_at
        case RetentionEnded():
            household.retention_ended = True
        case ErasureRequested():
            household.erasure_asked_by = fact.user_id
        case ErasureDeclined():
            household.erasure_asked_by, household.erasure_declined = None, True
        case PersonErased() as e:
            household.gone.pop(e.number, None)
            household.subjects.pop(e.number, None)
        case HouseholdErased():
            household.erased_at = fact.occurred_at


def _moved_in(household: Household, move_in: str | None) -> None:
    if move_in is not None:
        household.move_in = move_in
        household.move_ins.add(move_in)


def _listed(household: Household, fact: Fact, number: int, update_by: date | None) -> None:
    household.listed = max(household.listed, number)
    _updated(household, fact, update_by)


def _updated(household: Household, fact: Fact, update_by: date | None) -> None:
    """The file is as old as its last update; one that would unmake a breach waits until somebody has confirmed it."""
    day = local_date(fact.occurred_at)
    if household.neglected_at is not None and fact.occurred_at < household.neglected_at and not fact.imported:
        household.unproven[fact.version] = (day, update_by)
    else:
        _kept_up(household, day, update_by)


def _kept_up(household: Household, day: date, update_by: date | None) -> None:
    if household.updated_on is None or day >= household.updated_on:
        household.updated_on, household.update_by, household.neglected_at = day, update_by, None


UPDATES = (
    ContactChanged,
    PeopleChanged,
    HouseholdNoteAdded,
    PersonAdded,
    PersonRemoved,
    VehicleAdded,
    VehicleRemoved,
    PetAdded,
    PetRemoved,
    ContractFiled,
    DocumentFiled,
    FileConfirmed,
)
"""What looks after a file."""
