"""Vacant homes as the sentences about them begin: unsold, entrusted, leaking, cleaned."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.homes.keys import KeyClass, KeyCondition, KeyItem, OtherKey, Whereabouts
from domain.homes.vacant_home.commands.vacancy import HandOverHome, InspectHome, RecordCleaning, TakeOverHome
from domain.homes.vacant_home.events import Checked, Defect, HandOverReason, VacancyKind
from domain.homes.vacant_home.lifecycle import LIFECYCLE
from domain.kernel.people import Role
from domain.rounds.rectification.events import Severity
from tests.domain.story import Story, given

CLERK, MANAGER, ASSISTANT, CLOCK, POLICY = Role.ADMINISTRATOR, Role.MANAGER, Role.ASSISTANT, Role.CLOCK, Role.POLICY
DOOR = KeyItem(number="A-01", key_class=KeyClass.ENTRANCE, count=2)
BOX = KeyItem(number="A-02", key_class=KeyClass.LETTERBOX)
KEYS = (DOOR, BOX)
WITH_OWNER = OtherKey(key_class=KeyClass.ENTRANCE, whereabouts=Whereabouts.OWNER, condition=KeyCondition.WORN)
GOOD = (Checked(item="门窗", good=True), Checked(item="水电", good=True))
BOTH = ("A-01", "A-02")
LATER, LAST = "2025-03-12 10:00", "2025-03-13 10:00"


def taking_over(**fields: Any) -> TakeOverHome:
    """An unsold home of 88.5 m² with two key numbers."""
    return TakeOverHome(**{"home": "1-101", "kind": VacancyKind.UNSOLD, "area": 8_850, "keys": KEYS, **fields})


def entrusting(**fields: Any) -> TakeOverHome:
    """The owner is away for half a year from the 1st of March."""
    agreed = {
        "kind": VacancyKind.ENTRUSTED,
        "owner": "王五",
        "agreement_signed_on": date(2025, 2, 20),
        "entrusted_from": date(2025, 3, 1),
        "entrusted_until": date(2025, 8, 31),
        "other_keys": (WITH_OWNER,),
    }
    return taking_over(**{**agreed, **fields})


def unsold() -> Story:
    return given(LIFECYCLE).when(taking_over(), as_=CLERK)


def entrusted(**fields: Any) -> Story:
    return given(LIFECYCLE).when(entrusting(**fields), as_=CLERK)


def inspecting(**fields: Any) -> InspectHome:
    return InspectHome(**{"checklist": GOOD, "inspector_signature": "李检", **fields})


def leaking() -> Story:
    """An unsold home in which the inspector has found two defects."""
    return unsold().when(
        inspecting(
            checklist=(*GOOD, Checked(item="厨房", good=False)),
            defects=(
                Defect(item="厨房", matter="漏水", severity=Severity.SEVERE),
                Defect(item="阳台", matter="栏杆松动"),
            ),
        ),
        as_=CLERK,
        at="2025-03-10 10:00",
    )


def handing_over(**fields: Any) -> HandOverHome:
    return HandOverHome(**{"reason": HandOverReason.RETURN_TO_OWNER, "keys": BOTH, "signature": "赵六", **fields})


def cleaned(story: Story, at: str = LATER) -> Story:
    return story.when(RecordCleaning(), as_=CLERK, at=at)
