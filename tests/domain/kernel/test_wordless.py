"""Where words are asked for, words are said: a full stop or a dash is no reason, no cause and nothing that was checked."""

from __future__ import annotations

from typing import Any

import pytest

from domain.complaints.complaint.commands.handling import EscalateComplaint, SolveComplaintOnTheSpot
from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.complaints.complaint.lifecycle import LIFECYCLE as COMPLAINT
from domain.homes.keys import KeyClass, KeyItem
from domain.homes.vacant_home.commands.vacancy import InspectHome, TakeOverHome
from domain.homes.vacant_home.events import Checked, VacancyKind
from domain.homes.vacant_home.lifecycle import LIFECYCLE as VACANT_HOME
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command
from domain.kernel.people import Role
from domain.kernel.rules import wordless
from domain.kernel.spelling import says
from domain.services.service_order import CancelService
from tests.domain.story import Story, instant

CLERK = Role.ADMINISTRATOR


@pytest.mark.parametrize("text", ["", " ", "。", "……", "—", "???", "\u3000", "\u200b"])
def test_a_sign_says_nothing(text: str) -> None:
    assert not says(text)
    assert not says(None)
    assert says(f"{text}老化{text}")


def registered() -> Story:
    said = RegisterComplaint(
        channel=Channel.IN_PERSON, category="noise", matter="水泵", content="夜间", complainant="王", home="1-101"
    )
    return Story(COMPLAINT).when(said, as_=CLERK, at="2025-03-03 10:00")


@pytest.mark.parametrize("field", ["measure", "result", "root_cause"])
def test_a_complaint_is_not_handled_by_signs(field: str) -> None:
    said = {"measure": "检修", "result": "好", "root_cause": "老化", field: "。"}
    on_the_spot = SolveComplaintOnTheSpot(done_by="gong", told_at=instant("2025-03-03 10:00"), **said)
    registered().when(on_the_spot, as_=CLERK).refused(RuleBroken, code=f"{field.replace('_', '-')}-missing")


def test_a_reason_is_said_where_nothing_but_the_table_decides() -> None:
    registered().when(EscalateComplaint(reason="——"), as_=CLERK).refused(
        RuleBroken, code="reason-missing", clause="4.3"
    )
    assert wordless(CancelService(reason="-"), "6") is not None
    assert wordless(CancelService(reason="住户不要了"), "6") is None


def test_a_home_is_not_inspected_by_ticking_a_full_stop() -> None:
    taken = TakeOverHome(
        home="1-101", kind=VacancyKind.UNSOLD, area=9_000, keys=(KeyItem(number="1", key_class=KeyClass.ENTRANCE),)
    )
    home = Story(VACANT_HOME).when(taken, as_=CLERK, at="2025-03-03 10:00")

    def inspected(item: str) -> Command:
        return InspectHome(checklist=(Checked(item=item, good=True),), inspector_signature="李")

    home.when(inspected("."), as_=CLERK).refused(RuleBroken, code="checklist-missing")
    assert home.when(inspected("门窗"), as_=CLERK).refusal is None


def test_another_systems_history_says_what_it_says() -> None:
    said: Any = {"measure": "-", "result": "-", "root_cause": "-"}
    story = Story(COMPLAINT).when(
        RegisterComplaint(channel=Channel.IN_PERSON, category="?", matter="?", content="?"),
        as_=CLERK,
        at="2025-03-03 10:00",
        imported=True,
    )
    on_the_spot = SolveComplaintOnTheSpot(done_by="gong", told_at=instant("2025-03-03 10:00"), **said)
    assert story.when(on_the_spot, as_=CLERK, imported=True).refusal is None
