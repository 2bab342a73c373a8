"""Rounds and notice boards on a real database: duties that nobody starts, and what is entered from paper (§1.7, §2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.rounds.notice_board import RetireNoticeBoard
from domain.rounds.patrol.commands import BeginPatrol, EndPatrol
from domain.rounds.patrol.events import SubjectSeen
from domain.rounds.patrol_route import LayOutPatrolRoute, RoutePoint, Subject
from projections.engine import standard as measure
from tests.conftest import Database
from tests.office_rig import OfficeRig, shanghai
from tests.workflows.checked_office import checked_office, one
from tests.workflows.test_homes import CONFIRMED, HEAD, MANAGER, read, share


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


@pytest.mark.long
def test_an_office_owes_its_notice_board_an_edition_from_its_first_month(rig: OfficeRig) -> None:
    board = one(rig, "notice-boards")
    assert (board["place"], board["edition_due_at"]) == ("XH小区", shanghai("2025-02-01 00:00"))
    rig.until("2025-03-02 00:00")
    assert share(rig, "notice-board-rate", date(2025, 1, 1), date(2025, 3, 31)) == (0, 2, 1)
    rig.do(RetireNoticeBoard(reason="本小区无宣传栏"), as_=MANAGER, on=board["case_id"])
    assert rig.rows("deadlines", case_id=board["case_id"]) == []


def test_a_patrol_walked_and_not_entered_is_entered_from_paper_by_the_head(rig: OfficeRig) -> None:
    patrol = one(rig, "patrols")["case_id"]
    rig.until("2025-01-02 09:00")
    report = measure.AsOf(number=len(rig.facts()))
    assert share(rig, "patrol-rate", date(2025, 1, 1), date(2025, 1, 1)) == (0, 1, 0)
    seen = tuple(SubjectSeen(subject=subject, good=True) for subject in Subject)
    rig.do(BeginPatrol(), as_=HEAD, on=patrol, occurred_at=shanghai("2025-01-01 09:00"))
    rig.do(EndPatrol(subjects=seen), as_=HEAD, on=patrol, occurred_at=shanghai("2025-01-01 10:00"))
    assert share(rig, "patrol-rate", date(2025, 1, 1), date(2025, 1, 1)) == (0, 1, 0)
    rig.do(CONFIRMED, as_=MANAGER, on=patrol, by="zhao")
    assert share(rig, "patrol-rate", date(2025, 1, 1), date(2025, 1, 1)) == (1, 1, 0)
    then = read(rig, "patrol-rate", date(2025, 1, 1), as_of=report)
    assert (then.met, then.counted) == (0, 1)
    assert len(rig.rows("patrols")) == 2, "the next day's patrol is there already"
    assert one(rig, "patrols", case_id=patrol)["missed_at"] == shanghai("2025-01-02 00:00")


def test_an_office_that_has_a_route_is_not_walked_by_ticking_four_subjects(rig: OfficeRig) -> None:
    patrol = one(rig, "patrols")["case_id"]
    route = LayOutPatrolRoute(name="日巡", points=(RoutePoint(code="1", place="东门"),))
    laid = rig.do(route, as_=HEAD, at="2025-01-01 09:00").case_id
    with pytest.raises(RuleBroken, match="route"):
        rig.do(BeginPatrol(), as_=Role.DUTY_OFFICER, on=patrol, by="guard")
    rig.do(BeginPatrol(patrol_route=laid), as_=Role.DUTY_OFFICER, on=patrol, by="guard")
    seen = tuple(SubjectSeen(subject=subject, good=True) for subject in Subject)
    rig.do(EndPatrol(subjects=seen), as_=Role.DUTY_OFFICER, on=patrol, by="guard")
    assert one(rig, "patrols", case_id=patrol)["state"] == "incomplete"
