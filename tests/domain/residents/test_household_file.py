"""Sentences about the resident's file in full and about its end (§9.1, §9.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.arrears.debt_case.case import DebtCase
from domain.arrears.debt_case.lifecycle import debt_case_id
from domain.handbook.settings import Change, Settings
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.fact import Command
from domain.kernel.people import Role
from domain.office.responsibility import DUTIES
from domain.residents.household.commands.erasure import (
    DeclineErasure,
    EraseHousehold,
    MarkRetentionEnded,
    RequestErasure,
)
from domain.residents.household.commands.keeping import ChangeContact, MoveHouseholdOut, OpenHousehold
from domain.residents.household.commands.papers import (
    AddPerson,
    AddPet,
    AddVehicle,
    ConfirmFile,
    ExportFile,
    FileContract,
    FileDocument,
    GiveConsent,
    LinkMoveIn,
    MarkFileNeglected,
    RemovePerson,
    RemovePet,
    RemoveVehicle,
    RequestExport,
    WithdrawConsent,
)
from domain.residents.household.events import (
    ConsentGiven,
    ConsentPurpose,
    ConsentWithdrawn,
    ContractFiled,
    ContractKind,
    Document,
    DocumentFiled,
    ErasureDeclined,
    ErasureRefused,
    ErasureRequested,
    ExportRequested,
    FileConfirmed,
    FiledContract,
    FileExported,
    FileFoundNeglected,
    HouseholdErased,
    HouseholdLeft,
    MoveInLinked,
    Person,
    PersonAdded,
    Pet,
    Relation,
    RetentionEnded,
    Vehicle,
    VehicleKind,
)
from domain.residents.household.lifecycle import LIFECYCLE
from tests.domain.story import Story, given, instant

CLERK, MANAGER, CLOCK, POLICY = Role.ADMINISTRATOR, Role.MANAGER, Role.CLOCK, Role.POLICY
HASH = "ab" * 32


def living(**fields: Any) -> Story:
    return given(LIFECYCLE).when(OpenHousehold(**{"home": "1-101", "name": "王", **fields}), as_=CLERK)


def gone() -> Story:
    return living().when(MoveHouseholdOut(), as_=CLERK)


# -- what the file holds ---------------------------------------------------------------------------------------------


def test_people_vehicles_and_pets_have_numbers_that_are_never_used_again() -> None:
    story = living().when(AddPerson(relation=Relation.SPOUSE, name="李"), as_=CLERK).then(PersonAdded, number=1)
    story.when(AddVehicle(kind=VehicleKind.CAR, plate="京A"), as_=CLERK)
    story.when(AddPet(species="犬", licence="L1"), as_=CLERK)
    assert story.case.persons == {1: Person(Relation.SPOUSE, "李")}
    assert story.case.vehicles == {2: Vehicle(VehicleKind.CAR, "京A")}
    assert story.case.pets == {3: Pet("犬", "L1")}
    story.when(RemovePet(number=3), as_=CLERK).when(RemoveVehicle(number=2), as_=CLERK)
    story.when(RemovePerson(number=1), as_=CLERK).when(AddPet(species="猫"), as_=CLERK)
    assert (story.case.persons, story.case.vehicles, story.case.pets) == ({}, {}, {4: Pet("猫")})


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (AddPerson(relation=Relation.CHILD), "name-missing"),
        (AddVehicle(kind=VehicleKind.CAR), "plate-missing"),
        (RemovePerson(number=9), "not-listed"),
        (RemoveVehicle(number=9), "not-listed"),
        (RemovePet(number=9), "not-listed"),
        (FileContract(kind=ContractKind.LEASE, signed_on=date(2025, 3, 4)), "day-ahead"),
        (
            FileContract(kind=ContractKind.LEASE, signed_on=date(2025, 3, 1), valid_until=date(2025, 2, 1)),
            "term-backwards",
        ),
        (FileContract(kind=ContractKind.LEASE, signed_on=date(2025, 3, 1), document=HASH), "document-unknown"),
        (GiveConsent(purpose=ConsentPurpose.SURVEY, signature="王", until=date(2025, 3, 2)), "day-passed"),
        (GiveConsent(purpose=ConsentPurpose.SURVEY), "signature-missing"),
        (WithdrawConsent(purpose=ConsentPurpose.SURVEY), "no-consent"),
    ],
)
def test_what_a_file_cannot_hold(command: Command, code: str) -> None:
    living().when(command, as_=CLERK).refused(RuleBroken, code=code)


def test_a_contract_lies_with_its_paper() -> None:
    paper = FileDocument(document=HASH, kind="lease", media_type="application/pdf", size=3, title="租约")
    # Whoever has no paper cannot say that there is one: the counter files it with its bytes.
    living().when(paper, as_=CLERK).refused(NotPermitted, clause="9.1")
    story = living().when(paper, as_=POLICY).then(DocumentFiled)
    story.when(paper, as_=POLICY).refused(RuleBroken, code="filed-already")
    assert story.case.documents == {HASH: Document("lease", "application/pdf", 3, "租约")}
    for wrong, code in (("x", "not-a-hash"), ("cd" * 32, "empty")):
        nothing = FileDocument(document=wrong, kind="lease", media_type="application/pdf", size=0)
        story.when(nothing, as_=POLICY).refused(RuleBroken, code=code)
    contract = FileContract(kind=ContractKind.LEASE, signed_on=date(2025, 3, 1), document=HASH)
    story.when(contract, as_=CLERK).then(ContractFiled)
    assert story.case.contracts == [FiledContract(ContractKind.LEASE, date(2025, 3, 1), None, HASH)]
    electric = AddVehicle(kind=VehicleKind.ELECTRIC_BICYCLE)
    living().when(electric, as_=CLERK).is_in("resident")


def test_consent_is_given_for_a_purpose_and_withdrawn_at_any_time() -> None:
    consent = GiveConsent(purpose=ConsentPurpose.PHOTOGRAPHS, signature="王", until=date(2026, 1, 1))
    story = living().when(consent, as_=CLERK).then(ConsentGiven)
    assert story.case.consents == {ConsentPurpose.PHOTOGRAPHS: date(2026, 1, 1)}
    story.when(WithdrawConsent(purpose=ConsentPurpose.PHOTOGRAPHS), as_=CLERK).then(ConsentWithdrawn)
    assert story.case.consents == {}


def test_a_file_is_looked_after_every_quarter() -> None:
    story = living().owes("upkeep", "2025-06-04 00:00")
    story.when(MarkFileNeglected(), as_=CLOCK, at="2025-06-04 00:00")
    story.then(FileFoundNeglected, due_at=instant("2025-06-04 00:00")).owes("upkeep", None)
    story.when(ConfirmFile(), as_=CLERK, at="2025-06-10 10:00").then(FileConfirmed).owes("upkeep", "2025-09-11 00:00")
    story.when(ChangeContact(phone="1"), as_=CLERK, at="2025-07-01 10:00").owes("upkeep", "2025-10-02 00:00")


def test_everything_is_handed_out_by_somebody_else_than_asked_for_it() -> None:
    story = living().when(ExportFile(facts=9), as_=POLICY, by="manager").refused(RuleBroken, code="not-requested")
    story.when(RequestExport(purpose="住户查询"), as_=CLERK, by="clerk").then(ExportRequested)
    story.when(ExportFile(facts=9), as_=POLICY, by="clerk").refused(RuleBroken, code="own-work", clause="9.2")
    story.when(ExportFile(facts=9), as_=POLICY, by="manager").then(FileExported, purpose="住户查询", facts=9)
    assert story.case.reads == 1
    story.when(ExportFile(facts=9), as_=POLICY, by="manager").refused(RuleBroken, code="not-requested")


# -- its end ---------------------------------------------------------------------------------------------------------


def test_before_retention_has_ended_an_erasure_is_refused_with_its_ground() -> None:
    living().when(RequestErasure(reason="本人要求"), as_=CLERK).then(ErasureRefused).is_in("resident")
    story = gone().owes("retention", "2028-03-04 00:00")
    story.when(RequestErasure(reason="本人要求"), as_=CLERK, at="2028-03-03 10:00").is_in("left")
    story.then(ErasureRefused, reason="本人要求")
    assert "2028-03-03" in story.outcome[0].ground


def test_the_forms_of_follow_ups_may_have_to_be_kept_longer_than_the_file() -> None:
    story = living()
    story.settings = Settings((Change("follow_up.retention_years", "5", date(2025, 1, 1)),))
    story.when(MoveHouseholdOut(), as_=CLERK).then(HouseholdLeft, retained_until=date(2030, 3, 3))


def test_nobody_leaves_before_his_file_was_opened() -> None:
    before = MoveHouseholdOut(left_on=date(2015, 3, 3))
    living().when(before, as_=CLERK).refused(RuleBroken, code="before-opening")
    bare = living()
    bare.case.opened_at = None
    bare.when(before, as_=CLERK).then(HouseholdLeft)


def test_whose_arrears_are_pursued_is_not_erased() -> None:
    assert RequestErasure(reason="x").related_to("household-1", "XH") == {"debt": debt_case_id("XH", "household-1")}
    assert EraseHousehold().related_to("household-1", "XH") == {"debt": debt_case_id("XH", "household-1")}
    owing = {"debt": DebtCase(id="debt_case-XH-h", office="XH", state="stage-2")}
    settled = {"debt": DebtCase(id="debt_case-XH-h", office="XH", state="settled")}
    story = gone().when(RequestErasure(reason="x"), as_=CLERK, at="2028-03-05 10:00", related=owing)
    story.then(ErasureRefused).is_in("left")
    story.when(RequestErasure(reason="x"), as_=CLERK, at="2028-03-05 10:00", by="clerk", related=settled)
    story.then(ErasureRequested)
    story.when(EraseHousehold(), as_=MANAGER, by="manager", related=owing).refused(RuleBroken, code="owes")
    story.when(EraseHousehold(), as_=MANAGER, by="manager", related=settled).is_in("erased")


def test_after_retention_two_people_erase_for_good() -> None:
    story = gone().when(MarkRetentionEnded(), as_=CLOCK, at="2028-03-04 00:00")
    story.then(RetentionEnded, ended_on=date(2028, 3, 3)).owes("retention", None)
    # It waits for its disposal until that is decided.
    assert DUTIES["household", "retention"].missed(story.case) == instant("2028-03-04 00:00")
    story.when(RequestErasure(reason="保管期满"), as_=CLERK, at="2028-03-05 10:00", by="clerk").then(ErasureRequested)
    story.when(DeclineErasure(ground=" "), as_=MANAGER).refused(RuleBroken, code="ground-missing")
    story.when(EraseHousehold(), as_=MANAGER, by="clerk").refused(RuleBroken, code="own-work")
    story.when(EraseHousehold(), as_=MANAGER, by="manager").then(HouseholdErased, subjects=(story.case.id,)).is_in(
        "erased"
    )


def test_an_erasure_can_be_declined_on_a_ground() -> None:
    story = gone().when(RequestErasure(reason="x"), as_=CLERK, at="2028-03-05 10:00")
    assert DUTIES["household", "retention"].missed(story.case) is None
    story.when(DeclineErasure(ground="诉讼未结"), as_=MANAGER).then(ErasureDeclined).is_in("left")
    story.when(MarkRetentionEnded(), as_=CLOCK, at="2028-03-06 00:00")
    assert DUTIES["household", "retention"].missed(story.case) is None
    assert story.case.erasure_asked_by is None


def test_with_a_household_the_data_of_its_move_in_go_too() -> None:
    story = given(LIFECYCLE).when(OpenHousehold(home="1-101", move_in="move_in-1"), as_=POLICY)
    story.when(MoveHouseholdOut(), as_=CLERK).when(RequestErasure(reason="x"), as_=CLERK, at="2028-03-05 10:00")
    story.case.erasure_asked_by = None
    story.when(EraseHousehold(), as_=MANAGER).then(HouseholdErased, subjects=(story.case.id, "move_in-1"))


def test_a_move_in_that_ended_in_a_file_of_before_goes_with_it_too() -> None:
    story = living().when(LinkMoveIn(move_in="move_in-7"), as_=POLICY).then(MoveInLinked)
    story.when(LinkMoveIn(move_in="move_in-7"), as_=POLICY).then_nothing()
    story.when(MoveHouseholdOut(), as_=CLERK).when(RequestErasure(reason="x"), as_=CLERK, at="2028-03-05 10:00")
    story.when(EraseHousehold(), as_=MANAGER, by="manager").then(HouseholdErased, subjects=(story.case.id, "move_in-7"))
