"""The household's file in full 住户档案 (§9.1): people, vehicles, pets, contracts, documents, consent, quarterly upkeep."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date

from domain.kernel.calendar import add_months
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor
from domain.kernel.rules import backwards, broken, day_ahead, day_passed, forbid, missing, own_work, unsigned
from domain.residents.household.case import Household
from domain.residents.household.events import (
    ConsentGiven,
    ConsentPurpose,
    ConsentWithdrawn,
    ContractFiled,
    ContractKind,
    DocumentFiled,
    FileConfirmed,
    FileExported,
    FileFoundNeglected,
    MoveInLinked,
    PersonAdded,
    PersonRemoved,
    PetAdded,
    PetRemoved,
    Relation,
    VehicleAdded,
    VehicleKind,
    VehicleRemoved,
)


def next_update(at: Moment) -> date:
    """The day by which the file is looked after again."""
    return add_months(at.today, at.numbers.integer("households.update_every_months"))


@command
class AddPerson(Command):
    """登记家庭成员 · Add a person to the household."""

    relation: Relation
    name: Personal | None = None
    phone: Personal | None = None

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """Who lives there, and how they belong together (§9.1)."""
        if self.name is None:
            at.require_evidence(missing("name", "9.1", "请填写姓名", "say who it is"))
        number = household.listed + 1
        subject = None if at.waived else f"{household.id}/person-{number}"
        yield self.to_event(PersonAdded, number=number, update_by=next_update(at), subject=subject)


@command
class RemovePerson(Command):
    """注销家庭成员 · Remove a person from the household."""

    number: int

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """They live there no more (§9.1)."""
        _there(self.number, household.persons)
        yield self.to_event(PersonRemoved, update_by=next_update(at))


@command
class AddVehicle(Command):
    """登记车辆 · Add a vehicle."""

    kind: VehicleKind
    plate: Personal | None = None
    space: str | None = None

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """Its plate, and where it stands (§9.1)."""
        if self.plate is None and self.kind is VehicleKind.CAR:
            at.require_evidence(missing("plate", "9.1", "请填写车牌号", "say which plate"))
        yield self.to_event(VehicleAdded, number=household.listed + 1, update_by=next_update(at))


@command
class RemoveVehicle(Command):
    """注销车辆 · Remove a vehicle."""

    number: int

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """It is gone (§9.1)."""
        _there(self.number, household.vehicles)
        yield self.to_event(VehicleRemoved, update_by=next_update(at))


@command
class AddPet(Command):
    """登记宠物 · Add a pet."""

    species: str
    licence: Personal | None = None
    vaccinated_until: date | None = None

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """With its licence and vaccination (§9.1)."""
        yield self.to_event(PetAdded, number=household.listed + 1, update_by=next_update(at))


@command
class RemovePet(Command):
    """注销宠物 · Remove a pet."""

    number: int

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """It is gone (§9.1)."""
        _there(self.number, household.pets)
        yield self.to_event(PetRemoved, update_by=next_update(at))


@command
class FileContract(Command):
    """归档合同 · File a contract."""

    kind: ContractKind
    signed_on: date
    valid_until: date | None = None
    document: str | None = None

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """With its term, and its paper if that is filed (§9.1)."""
        forbid(day_ahead(self.signed_on, "9.1", at, "signed_on"))
        if self.valid_until is not None:
            forbid(backwards(self.signed_on, self.valid_until, "9.1", "valid_until"))
        if self.document is not None and self.document not in household.documents:
            raise broken("document-unknown", "9.1", "档案中没有该文件", "the file has no such document", "document")
        yield self.to_event(ContractFiled, update_by=next_update(at))


@command
class FileDocument(Command):
    """归档资料 · File a document."""

    document: str
    kind: str
    media_type: str
    size: int
    title: Personal | None = None

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """The paper itself lies sealed beside the database; the fact bears its SHA-256 (§9.1, §9.2)."""
        if not re.fullmatch(r"[0-9a-f]{64}", self.document):
            raise broken("not-a-hash", "9.1", "文件以SHA-256标识", "a document is named by its SHA-256", "document")
        if self.document in household.documents:
            raise broken("filed-already", "9.1", "该文件已归档", "it is filed already", "document")
        if self.size < 1:
            raise broken("empty", "9.1", "文件为空", "the document is empty", "size")
        yield self.to_event(DocumentFiled, update_by=next_update(at))


@command
class GiveConsent(Command):
    """登记同意 · Record consent."""

    purpose: ConsentPurpose
    until: date | None = None
    signature: Personal | None = None

    def decide(self, _household: Household, at: Moment) -> Iterator[Event]:
        """For one purpose, signed, perhaps until a day (§9.2)."""
        if self.until is not None:
            at.require_evidence(day_passed(self.until, "9.2", at, "until"))
        at.require_evidence(unsigned(self.signature, "9.2", "须住户签字", "the resident signs"))
        yield self.to_event(ConsentGiven)


@command
class WithdrawConsent(Command):
    """撤回同意 · Withdraw consent."""

    purpose: ConsentPurpose

    def decide(self, household: Household, _at: Moment) -> Iterator[Event]:
        """At any time (§9.2)."""
        if self.purpose not in household.consents:
            listed = "、".join(household.consents) or "—"
            zh, en = f"并未同意该用途，已同意：{listed}", f"there is no such consent; there is: {listed}"
            raise broken("no-consent", "9.2", zh, en, "purpose")
        yield self.to_event(ConsentWithdrawn)


@command
class ConfirmFile(Command):
    """核对档案 · Confirm that the file still holds."""

    def decide(self, _household: Household, at: Moment) -> Iterator[Event]:
        """The quarter begins anew (§9.1)."""
        yield FileConfirmed(update_by=next_update(at))


@command
class MarkFileNeglected(Command):
    """档案逾期未更新 · Note that the file was neglected."""

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """Households without an update for a quarter are listed (§9.1)."""
        yield FileFoundNeglected(due_at=household.upkeep_due_at or at.now)


@command
class RequestExport(Command):
    """申请导出档案 · Ask for everything held about the household.

    To what end; it is handed out by somebody else (§9.2).
    """

    purpose: str


@command
class ExportFile(Command):
    """导出档案 · Export everything held about the household."""

    facts: int = 0

    @staticmethod
    def ready(household: Household, who: Actor) -> RuleBroken | None:
        """Somebody else must have asked for it: two people hand it out (§9.2)."""
        if household.export_asked_by is None:
            return broken("not-requested", "9.2", "尚未申请导出", "nobody has asked for it")
        return own_work(who, {household.export_asked_by}, "9.2")

    def decide(self, household: Household, _at: Moment) -> Iterator[Event]:
        """That it was handed out, to what end, and how many facts it held (§9.2)."""
        yield FileExported(purpose=household.export_purpose or "", facts=self.facts)


@command
class LinkMoveIn(Command):
    """关联入住手续 · Link a move-in to the file."""

    move_in: str

    def decide(self, household: Household, _at: Moment) -> Iterator[Event]:
        """What was written down there before the file was known goes with the file (§9.2)."""
        if self.move_in not in household.move_ins:
            yield self.to_event(MoveInLinked)


def _there(number: int, listed: Collection[int]) -> None:
    if number not in listed:
        known = "、".join(map(str, listed)) or "—"
        zh, en = f"档案中没有该编号，已登记：{known}", f"the file does not list that number; it lists: {known}"
        raise broken("not-listed", "9.1", zh, en, "number")
