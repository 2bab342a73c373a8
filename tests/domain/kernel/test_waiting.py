"""What waits: when its date is made, what keeps it, what ends it, and what no table may say of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import wait
from domain.kernel.people import Role
from domain.kernel.waiting import LeftWaiting, MissWaiting, left_since
from domain.moving.move_out import LIFECYCLE as MOVE_OUT
from domain.moving.move_out import (
    GiveMoveOutNotice,
    InspectMoveOut,
    MoveOutReason,
    SettleMoveOut,
    WithdrawMoveOut,
)
from domain.office.office import LIFECYCLE as OFFICE
from domain.office.office import ChangeSetting, ConfirmSettingChange, OpenOffice, RefuseSettingChange
from domain.residents.household.case import Household
from domain.rounds.repair_order.commands import AcceptRepair, InformClientOfRepair, ReportRepairReady
from domain.rounds.repair_order.events import Channel, RepairRaised
from domain.rounds.repair_order.lifecycle import LIFECYCLE as REPAIR
from tests import drill_kind
from tests.domain.kernel.test_every_lifecycle import BARE, table
from tests.domain.story import Story, given, instant

CLERK, MANAGER, COMPANY, CLOCK = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY, Role.CLOCK


def leaving(on: date = date(2025, 3, 20), **how: Any) -> Story:
    """A household that has said when it will leave."""
    notice = GiveMoveOutNotice(household="household-1", leaving_on=on, reason=MoveOutReason.OTHER)
    file = Household(id="household-1", office="XH", state="resident", home="1-101")
    return Story(MOVE_OUT).when(notice, as_=CLERK, related={"household": file}, **how)


# -- its date --------------------------------------------------------------------------------------------------------


def test_nothing_is_expected_before_the_day_that_was_said() -> None:
    leaving().owes("completion", "2025-03-28 00:00")
    leaving(date(2025, 3, 1)).owes("completion", "2025-03-11 00:00")


def test_going_on_among_the_states_of_one_waiting_moves_no_date() -> None:
    story = leaving().when(SettleMoveOut(outstanding_fen=0), as_=CLERK, at="2025-03-25 10:00")
    story.is_in("settled").owes("completion", "2025-03-28 00:00")
    story.when(MissWaiting(), as_=CLOCK, at="2025-03-28 00:00").then(LeftWaiting, task="completion", item=None)
    story.when(InspectMoveOut(keys=("A",), signature="王"), as_=CLERK, at="2025-03-29 10:00").owes("completion", None)
    assert left_since("completion")(story.case) == instant("2025-03-28 00:00"), "it stays on the desk"
    story.when(WithdrawMoveOut(reason="不走了"), as_=CLERK, at="2025-03-30 10:00")
    assert left_since("completion")(story.case) is None
    assert story.case.waits == {}


def test_what_only_adds_to_a_case_moves_no_date() -> None:
    story = given(REPAIR, RepairRaised(channel=Channel.IN_PERSON, description="漏水", home="1-101")).when(
        ReportRepairReady(done_by="li", result="已修"), as_=CLERK
    )
    story.owes("acceptance", "2025-03-11 00:00")
    told = InformClientOfRepair(done_by="li")
    story.when(told, as_=CLERK, at="2025-03-08 10:00").owes("acceptance", "2025-03-11 00:00")
    story.when(AcceptRepair(signed_by="王"), as_=CLERK, at="2025-03-08 11:00").owes("acceptance", None)
    story.owes("closing", "2025-03-16 00:00")


def test_another_systems_history_is_not_chased() -> None:
    assert leaving(imported=True).case.waits["completion"].until is None


# -- several of one kind ----------------------------------------------------------------------------------------------


def proposed() -> Story:
    """An office in which two changes of settings wait for a second person."""
    story = Story(OFFICE).when(OpenOffice(code="XH", name="小区"), as_=Role.SYSTEM_ADMINISTRATOR, at="2025-01-01 08:00")
    for day, value in (("03", "97/100"), ("05", "99/100")):
        change = ChangeSetting(
            name="repairs.follow_up_rate", value=value, valid_from=date(2025, 4, 1), reason="公司决定"
        )
        story.when(change, as_=MANAGER, by="m", at=f"2025-03-{day} 10:00")
    return story


def test_each_of_several_has_its_own_date_and_is_ended_by_its_own_answer() -> None:
    story = proposed().owes("setting", "2025-03-11 00:00")
    story.when(MissWaiting(), as_=CLOCK, at="2025-03-11 00:00").then(LeftWaiting, task="setting", item="1")
    story.owes("setting", "2025-03-13 00:00")
    assert left_since("setting")(story.case) == instant("2025-03-11 00:00")
    story.when(RefuseSettingChange(number=1, reason="不必"), as_=COMPANY, by="c", at="2025-03-11 10:00")
    assert left_since("setting")(story.case) is None
    story.owes("setting", "2025-03-13 00:00")
    story.when(ConfirmSettingChange(number=2), as_=COMPANY, by="c", at="2025-03-12 10:00").owes("setting", None)


def test_of_several_the_one_that_passes_is_said_to_have_been_left() -> None:
    story = proposed()
    story.branch().when(MissWaiting(), as_=CLOCK, at="2025-03-13 00:00").then(LeftWaiting, item="2")
    story.when(MissWaiting(), as_=CLOCK, at="2025-03-20 00:00").then(LeftWaiting, item="1")


# -- a wrong table does not import -----------------------------------------------------------------------------------


def drill(*waits: dict[str, Any]) -> Lifecycle[Any]:
    """The drill's table with something that waits in it."""
    usual = {"within": "waiting.verified_within_days", "clause": "1", "zh": "了结", "en": "end it"}
    lines = [{"kind": "ending", "states": drill_kind.RUNNING, **usual, **each} for each in waits]
    return table(**{**BARE, "waits": [wait(**each) for each in lines]})


def test_a_line_is_a_deadline_and_a_breach_of_its_table() -> None:
    lifecycle = drill({})
    opened = drill_kind.OpenDrill(thing="hose")
    story = Story(lifecycle).when(opened, as_=CLERK).owes("ending", "2025-03-11 00:00")
    story.when(MissWaiting(), as_=CLOCK, at="2025-03-11 00:00").then(LeftWaiting)
    assert [each.due_at for each in story.case.breaches] == [instant("2025-03-11 00:00")]
    story.when(drill_kind.EndDrill(), as_=CLERK, at="2025-03-12 10:00").is_in(drill_kind.ENDED)
    assert story.case.breaches == ()
    story = Story(lifecycle).when(opened, as_=CLERK).when(MissWaiting(), as_=CLOCK, at="2025-03-11 00:00")
    story.when(MissWaiting(), as_=CLOCK, at="2025-03-12 00:00").refused(RuleBroken, code="nothing-waits")
    assert table(**BARE).open_to(drill_kind.RUNNING, MissWaiting) == ()


WRONG: dict[str, list[dict[str, Any]]] = {
    "a setting that there is not": [{"within": "waiting.for_godot"}],
    "a setting that is no span": [{"within": "late_fee.cap"}],
    "a state that there is not": [{"states": "nowhere"}],
    "no state": [{"states": ()}],
    "two that wait in one state": [{}, {"kind": "other"}],
    "an end that never comes": [{"begun_by": drill_kind.DrillOpened}],
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_line_does_not_import(what: str) -> None:
    with pytest.raises(TypeError):
        drill(*WRONG[what])


def test_what_is_asked_for_may_wait_beside_what_waits_in_its_state() -> None:
    asked: type[Event] = drill_kind.DrillExtended
    assert (
        drill({}, {"kind": "asked", "begun_by": asked, "ended_by": (drill_kind.DrillEnded,)}).waits[1].kind == "asked"
    )
