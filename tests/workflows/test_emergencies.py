"""Emergencies: who was ill is visited; a false alarm is nobody's to visit, and stands beside the figure (§5.2.3(6))."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from api.figures import Figures
from domain.kernel.people import Role
from domain.kernel.withdrawn_steps import WithdrawStep
from domain.rounds.emergency_aid import AidOutcome, EndEmergencyAid, TakeEmergencyCall
from projections.engine.standard import AsOf
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai
from tests.workflows.checked_office import one

GUARD, MANAGER = Role.DUTY_OFFICER, Role.MANAGER


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office at work."""
    with office_rig(database.app) as rig:
        yield rig


def called(rig: OfficeRig, outcome: AidOutcome) -> str:
    aid = rig.do(TakeEmergencyCall(place="6栋", patient="李"), as_=GUARD, at="2025-01-06 09:00").case_id
    rig.do(EndEmergencyAid(outcome=outcome), as_=GUARD, on=aid)
    return aid


def beside(rig: OfficeRig, slug: str) -> tuple[int, int, int]:
    """Counted, false alarms, and what else there was nothing to ask about."""
    figures = Figures(rig.pool.connection, REGISTERS, lambda: rig.now)
    [read] = figures.read([BY_SLUG[slug]], rig.code, date(2025, 1, 1), date(2025, 1, 31), AsOf())
    return read.counted, read.excluded["false alarm"], read.excluded["nothing left to ask"]


@pytest.mark.parametrize("slug", ["emergency-follow-ups-in-window", "follow-ups-in-window"])
def test_whoever_calls_an_emergency_a_false_alarm_is_seen_to(rig: OfficeRig, slug: str) -> None:
    called(rig, AidOutcome.RECOVERED)
    alarm = called(rig, AidOutcome.FALSE_ALARM)
    visit = one(rig, "follow-ups", origin_id=alarm)
    assert (visit["state"], visit["lapse_reason"]) == ("lapsed", "false-alarm")
    assert rig.rows("deadlines", case_id=visit["case_id"]) == [], "there is nobody to visit"
    rig.until("2025-02-01 09:00")
    assert beside(rig, slug) == (1, 1, 0)


def test_what_was_no_false_alarm_after_all_is_visited(rig: OfficeRig) -> None:
    aid = called(rig, AidOutcome.FALSE_ALARM)
    rig.do(WithdrawStep(reason="确有病人"), as_=MANAGER, on=aid, by="boss")
    rig.do(EndEmergencyAid(outcome=AidOutcome.RECOVERED), as_=GUARD, on=aid, at="2025-01-06 12:00")
    [visit] = rig.rows("follow-ups", origin_id=aid, state="planned")
    assert visit["closes_on"] == date(2025, 1, 13)
    rig.now = shanghai("2025-01-07 09:00")
    assert beside(rig, "emergency-follow-ups-in-window") == (0, 0, 0)
