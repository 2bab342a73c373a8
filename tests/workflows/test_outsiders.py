"""Outsiders in the book: their names stand sealed wherever they go, one is one, and they are erased with whose matter it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from domain.complaints.complaint.events import Channel
from domain.kernel.errors import RuleBroken
from domain.kernel.mending import CorrectEntry
from domain.kernel.people import Role
from domain.moving.takeover import PlanTakeover
from domain.office.assignment import AssignTask
from domain.office.portfolio import AssignPortfolio
from domain.office.staff import EnrolStaff, HandOverTasks, ReportAbsence
from domain.rounds.rectification.commands import AssignRectification, OpenRectification, ReportRectificationDone
from domain.rounds.repair_order.commands import DispatchRepairOrder, RaiseRepairOrder
from journal.confidential import ERASED, is_token, open_cell, subject_of
from journal.key_store import KeyStore
from tests.conftest import Database
from tests.database_dump import places_of
from tests.office_rig import OfficeRig, erase, office_rig

CLERK, HEAD, MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER
NAME = "欧阳路过玄"


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that keeps a staff register."""
    with office_rig(database.app, simulated=False) as rig:
        rig.do(EnrolStaff(person="gong-1"), as_=MANAGER)
        yield rig


def raised(rig: OfficeRig, household: str | None = "household-1", by: str = f"外:{NAME}") -> str:
    said = {"household": household} if household else {"home": "1-101"}
    return rig.do(
        RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="drain", description="堵", raised_by=by, **said),
        as_=CLERK,
    ).case_id


def opened(rig: OfficeRig, value: str, case_id: str) -> str:
    with rig.pool.connection() as connection:
        return open_cell(value, case_id, rig.handler.keys.opening(KeyStore(connection, "XH")))


def test_an_outsiders_name_stands_in_no_table_and_opens_for_whoever_may(rig: OfficeRig, database: Database) -> None:
    order = raised(rig)
    rig.do(DispatchRepairOrder(to=f"外:{NAME}", due_by=rig.now + timedelta(days=1)), as_=CLERK, on=order)
    takeover = rig.do(
        PlanTakeover(estate="二期", handed_by=f"外：{NAME}", planned_on=date(2030, 1, 1)), as_=HEAD
    ).case_id
    said = CorrectEntry(field="handed_by", value=f"outsider:{NAME}乙", reason="写错")
    rig.do(said, as_=HEAD, on=takeover)
    assert places_of(NAME, database.owner) == []
    [row] = rig.rows("repair-orders")
    assert is_token(row["raised_by"])
    assert (opened(rig, row["raised_by"], order), row["worker"]) == (f"外:{NAME}", row["raised_by"]), (
        "one person is one"
    )
    [row] = rig.rows("takeovers")
    assert opened(rig, row["handed_by"], takeover) == f"外:{NAME}乙"


def test_our_own_people_stand_there_as_the_book_calls_them(rig: OfficeRig) -> None:
    raised(rig, by="GONG-1")
    assert rig.rows("repair-orders")[0]["raised_by"] == "gong-1"


def test_an_outsider_is_erased_with_the_household_whose_matter_it_was(rig: OfficeRig, database: Database) -> None:
    order = raised(rig)
    other = raised(rig, household="household-2")
    erase(database.owner, "XH", "household-1")
    rig.handler.forget("XH")
    said = {row["case_id"]: opened(rig, row["raised_by"], row["case_id"]) for row in rig.rows("repair-orders")}
    assert said == {order: ERASED, other: f"外:{NAME}"}


def test_what_an_outsider_did_goes_along_sealed_to_where_it_is_asked_about(rig: OfficeRig, database: Database) -> None:
    """A policy hands his name on without knowing it, and it opens there as well."""
    case_id = rig.do(OpenRectification(matter="墙裂", household="household-1"), as_=CLERK).case_id
    due = rig.now + timedelta(days=1)
    rig.do(AssignRectification(responsible=f"外:{NAME}", due_by=due), as_=HEAD, on=case_id)
    [owed] = rig.rows("deadlines", case_id=case_id)
    assert (owed["person"], owed["role"]) == (None, "department-head"), "nobody of ours: the role's own"
    rig.do(ReportRectificationDone(result="好"), as_=CLERK, on=case_id)
    assert places_of(NAME, database.owner) == []
    [row] = rig.rows("rectifications")
    assert subject_of(row["responsible"]) == "household-1"


@pytest.mark.parametrize("field", ["person", "deputy", "successor"])
def test_somebody_from_outside_is_no_staff_and_stands_in_for_nobody(rig: OfficeRig, field: str) -> None:
    [staff] = rig.rows("staff")
    orders: dict[str, list[tuple[Any, str | None]]] = {
        "person": [
            (EnrolStaff(person=f"外:{NAME}"), None),
            (AssignTask(of_case=raised(rig), task="repair", person=f"外:{NAME}"), None),
            (AssignPortfolio(person=f"外:{NAME}", buildings=("1",)), None),
        ],
        "deputy": [(ReportAbsence(until=date(2025, 2, 1), deputy=f"外:{NAME}"), staff["case_id"])],
        "successor": [(HandOverTasks(successor=f"外:{NAME}"), staff["case_id"])],
    }
    for command, on in orders[field]:
        with pytest.raises(RuleBroken) as refused:
            rig.do(command, as_=MANAGER, on=on)
        assert (refused.value.code, refused.value.field) == ("person-outside", field)
