"""One who left is erased without the others; two households under one roof (§9)."""

from __future__ import annotations

from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.residents.household.commands.erasure import EraseHousehold, ErasePerson, RequestErasure
from domain.residents.household.commands.papers import AddPerson, RemovePerson
from domain.residents.household.events import (
    HouseholdErased,
    HouseholdLeft,
    HouseholdOpened,
    Occupancy,
    PersonAdded,
    PersonErased,
    Relation,
)
from domain.residents.household.lifecycle import LIFECYCLE
from tests.domain.story import Story, given, instant

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER


def lived_in() -> Story:
    """A household with two people besides its head, each sealed apart."""
    story = given(LIFECYCLE, HouseholdOpened(home="1-101", occupancy=Occupancy.OWNER, name="王"))
    for relation in (Relation.CHILD, Relation.CO_TENANT):
        story.when(AddPerson(relation=relation, name="某"), as_=CLERK).then(PersonAdded)
    return story


def test_who_left_is_erased_by_another_and_the_others_stay() -> None:
    story = lived_in()
    assert [each.whose() for each in story.outcome] == [f"{story.id}/person-2"]
    erase = ErasePerson(number=2, reason="已搬离，本人要求")
    story.when(erase, as_=MANAGER, by="boss").refused(RuleBroken, code="nobody-left")
    story.when(RemovePerson(number=2), as_=MANAGER, by="boss")
    story.when(erase, as_=MANAGER, by="boss").refused(RuleBroken, code="own-work")
    story.when(ErasePerson(number=2, reason=" "), as_=MANAGER).refused(RuleBroken, code="reason-missing")
    story.when(ErasePerson(number=1, reason="x"), as_=MANAGER).refused(RuleBroken, code="not-gone")
    story.when(RemovePerson(number=1), as_=CLERK, by="other")
    story.when(ErasePerson(number=2, reason="x"), as_=MANAGER, by="boss").refused(RuleBroken, code="own-work")
    story.when(erase, as_=MANAGER).then(PersonErased, subjects=(f"{story.id}/person-2",))
    assert [event.destroys() for event in story.outcome] == [(f"{story.id}/person-2",)]
    assert set(story.case.subjects) == {1}


def test_the_household_takes_along_those_who_are_sealed_apart() -> None:
    story = lived_in().given(
        HouseholdLeft(left_on=instant("2025-01-01").date(), retained_until=instant("2025-02-01").date())
    )
    story.when(RequestErasure(reason="期满"), as_=CLERK, related={"debt": None})
    story.when(EraseHousehold(), as_=MANAGER, by="boss", related={"debt": None})
    story.then(HouseholdErased, subjects=(story.id, f"{story.id}/person-1", f"{story.id}/person-2"))
    assert [event.destroys() for event in story.outcome] == [(story.id, f"{story.id}/person-1", f"{story.id}/person-2")]


def test_an_owner_and_his_tenants_live_under_one_roof() -> None:
    owner = given(LIFECYCLE, HouseholdOpened(home="1-101", occupancy=Occupancy.OWNER))
    tenant = given(LIFECYCLE, HouseholdOpened(home="1-101", occupancy=Occupancy.TENANT))
    other = given(LIFECYCLE, HouseholdOpened(home="1-101", occupancy=Occupancy.TENANT))
    assert not LIFECYCLE.held(owner.case) & LIFECYCLE.held(tenant.case)
    assert LIFECYCLE.held(other.case) == LIFECYCLE.held(tenant.case)
