"""What stands still is on somebody's desk with its date, and its being left is a fact, a task and a notice (issue 11 §6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from domain.kernel.late_entries import ConfirmLateEntry
from domain.kernel.people import Role
from domain.kernel.waiting import LeftWaiting
from domain.kernel.withdrawn_steps import WithdrawStep
from domain.rounds.work_order import (
    AcceptWorkOrder,
    DispatchWorkOrder,
    RaiseWorkOrder,
    ReportWorkOrderDone,
    ReturnWorkOrder,
    Trade,
)
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai
from tests.workflows.checked_office import one
from tests.workflows.test_notices import made, notices

CLERK, HEAD, MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office at work."""
    with office_rig(database.app) as rig:
        yield rig


def done(rig: OfficeRig, at: str = "2025-01-06 10:00") -> str:
    """Work that was reported as done, and that nobody has looked at."""
    order = rig.do(RaiseWorkOrder(trade=Trade.CLEANING, place="1栋", matter="清扫"), as_=CLERK, at=at).case_id
    rig.do(DispatchWorkOrder(worker="wang"), as_=CLERK, on=order)
    rig.do(ReportWorkOrderDone(done_by="wang", result="已清扫"), as_=CLERK, on=order)
    return order


def test_work_that_nobody_accepts_is_the_heads_task_until_somebody_does(rig: OfficeRig) -> None:
    order = done(rig)
    task = one(rig, "deadlines", case_id=order)
    assert (task["kind"], task["role"], task["due_at"]) == (
        "acceptance",
        "department-head",
        shanghai("2025-01-14 00:00"),
    )
    told = notices(rig)
    told.make(shanghai("2025-01-13 12:00"), ["XH"])
    assert [(stage, role) for stage, role, _ in made(rig, order)] == [("reminder", "department-head")]
    rig.until("2025-01-14 09:00")
    assert rig.names(order)[-1] == "LeftWaiting"
    assert rig.case(order).breaches[-1].due_at == shanghai("2025-01-14 00:00")
    task = one(rig, "deadlines", case_id=order)
    assert (task["kind"], task["missed_at"], task["state"]) == ("acceptance", shanghai("2025-01-14 00:00"), "done")
    told.make(rig.now, ["XH"])
    assert ("overdue", "department-head") in [(stage, role) for stage, role, _ in made(rig, order)]
    told.make(rig.now + timedelta(days=7), ["XH"])
    assert ("escalation", "manager") in [(stage, role) for stage, role, _ in made(rig, order)]
    rig.do(AcceptWorkOrder(), as_=HEAD, on=order, by="head")
    assert rig.rows("deadlines", case_id=order) == []


def test_work_that_is_done_again_waits_anew_and_what_was_left_stays_in_the_book(rig: OfficeRig) -> None:
    order = done(rig)
    rig.until("2025-01-15 09:00")
    rig.do(ReturnWorkOrder(reason="未清"), as_=HEAD, on=order, by="head")
    assert one(rig, "deadlines", case_id=order)["kind"] == "work-order"
    rig.do(ReportWorkOrderDone(done_by="wang", result="已清"), as_=CLERK, on=order, at="2025-01-16 09:00")
    assert one(rig, "deadlines", case_id=order)["due_at"] == shanghai("2025-01-24 00:00")
    assert rig.names(order).count("LeftWaiting") == 1


def test_accepted_as_if_before_waits_for_somebody_above(rig: OfficeRig) -> None:
    """A breach that is written stays so: what is said afterwards to have been accepted in time shows as that (issue 11 §1)."""
    order = done(rig)
    rig.until("2025-01-15 09:00")
    rig.do(AcceptWorkOrder(), as_=HEAD, on=order, by="head", occurred_at=shanghai("2025-01-13 09:00"))
    [late] = rig.rows("late-entries", case_id=order)
    assert (late["verdict"], late["user_id"]) == ("unconfirmed", "head")
    rig.do(ConfirmLateEntry(reason="当日已验", evidence="照片"), as_=MANAGER, on=order, by="boss")
    assert one(rig, "late-entries", case_id=order)["verdict"] == "confirmed"


def test_nobody_is_late_with_what_nobody_knew_of_and_no_setting_moves_a_date_that_was_made(rig: OfficeRig) -> None:
    order = done(rig)
    late = rig.do(RaiseWorkOrder(trade=Trade.OTHER, place="2栋", matter="换灯"), as_=CLERK).case_id
    rig.do(DispatchWorkOrder(worker="wang"), as_=CLERK, on=late)
    rig.do(
        ReportWorkOrderDone(done_by="wang", result="已换"),
        as_=CLERK,
        on=late,
        at="2025-01-20 09:00",
        occurred_at=shanghai("2025-01-06 18:00"),
        late_reason="漏记",
    )
    assert one(rig, "deadlines", case_id=late)["due_at"] == shanghai("2025-01-28 00:00")
    rig.set("waiting.verified_within_days", "2", date(2025, 1, 20))
    assert one(rig, "deadlines", case_id=order)["due_at"] == shanghai("2025-01-14 00:00")
    newer = done(rig, "2025-01-21 09:00")
    assert one(rig, "deadlines", case_id=newer)["due_at"] == shanghai("2025-01-24 00:00")


def test_a_step_that_is_taken_back_leaves_the_first_date_and_the_breach_where_they_were(rig: OfficeRig) -> None:
    order = done(rig)
    rig.until("2025-01-15 09:00")
    rig.do(AcceptWorkOrder(), as_=HEAD, on=order, by="head")
    rig.do(WithdrawStep(reason="点错"), as_=MANAGER, on=order, by="boss")
    task = one(rig, "deadlines", case_id=order)
    assert (task["kind"], task["missed_at"]) == ("acceptance", shanghai("2025-01-14 00:00"))
    [left] = [fact for fact in rig.facts() if isinstance(fact.event, LeftWaiting)]
    assert left.case_id == order
