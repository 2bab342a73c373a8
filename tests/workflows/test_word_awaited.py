"""What waits for a second person's word is on that person's desk with a date, and moves no figure by being left (issue 11 §6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain.kernel.late_entries import ConfirmLateEntry, RejectLateEntry
from domain.kernel.people import Role
from domain.rounds.rectification.commands import AssignRectification, OpenRectification, ReportRectificationDone
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai
from tests.workflows.test_notices import made, notices

CLERK, HEAD, MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office at work."""
    with office_rig(database.app) as rig:
        yield rig


def done_as_if_before(rig: OfficeRig, as_: Role = CLERK) -> str:
    """A rectification that was missed, and is then said to have been done in time."""
    opened = OpenRectification(matter="漏水", home="1-101", due_by=shanghai("2025-01-08 10:00"))
    case_id = rig.do(opened, as_=CLERK, at="2025-01-06 10:00").case_id
    rig.do(AssignRectification(responsible="gong-1"), as_=HEAD, by="head", on=case_id)
    rig.until("2025-01-09 10:00")
    said = ReportRectificationDone(result="已修", done_by="gong-1")
    rig.do(said, as_=as_, on=case_id, by="li", occurred_at=shanghai("2025-01-08 09:00"))
    return case_id


def tasks(rig: OfficeRig, case_id: str) -> dict[str, tuple[str, bool]]:
    """What is owed about it: whose it is, and whether it is late."""
    rows = rig.rows("deadlines", case_id=case_id)
    return {row["kind"]: (row["role"], row["missed_at"] is not None) for row in rows}


def test_a_late_entry_is_the_task_of_whoever_stands_above_until_it_is_judged(rig: OfficeRig) -> None:
    case_id = done_as_if_before(rig)
    assert tasks(rig, case_id) == {"late-entry": ("department-head", False), "verification": ("department-head", False)}
    [due] = [row["due_at"] for row in rig.rows("deadlines", case_id=case_id) if row["kind"] == "late-entry"]
    assert due == shanghai("2025-01-13 00:00")
    told = notices(rig)
    told.make(shanghai("2025-01-12 12:00"), ["XH"])
    assert ("reminder", "department-head") in [(stage, role) for stage, role, _ in made(rig, case_id)]
    rig.until("2025-01-13 09:00")
    assert rig.names(case_id)[-1] == "LeftWaiting"
    assert tasks(rig, case_id)["late-entry"] == ("department-head", True)
    told.make(rig.now + timedelta(days=2), ["XH"])
    assert ("escalation", "manager") in [(stage, role) for stage, role, _ in made(rig, case_id)]
    [row] = rig.rows("rectifications", case_id=case_id)
    assert row["breach"] == "missed-late-entry-unconfirmed"
    rig.do(ConfirmLateEntry(reason="当日已修", evidence="照片"), as_=MANAGER, on=case_id, by="boss")
    assert "late-entry" not in tasks(rig, case_id)
    [row] = rig.rows("rectifications", case_id=case_id)
    assert row["breach"] == "kept-late-entry-confirmed", "that nobody said so for days is not the matter's breach"


def test_what_the_head_entered_is_the_managers_to_judge(rig: OfficeRig) -> None:
    case_id = done_as_if_before(rig, as_=HEAD)
    assert tasks(rig, case_id)["late-entry"] == ("manager", False)
    rig.do(RejectLateEntry(reason="无凭据"), as_=MANAGER, on=case_id, by="boss")
    assert "late-entry" not in tasks(rig, case_id)
