"""Registers of the staff, of assigned tasks, and of who looks after which homes (§1, §7.2a)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.office.assignment import ASSIGNED, Assignment
from domain.office.portfolio import IN_CARE, Portfolio
from domain.office.staff import LEFT, StaffMember
from projections.engine.register import Register, row_from

__all__ = ["ASSIGNMENTS", "PORTFOLIOS", "STAFF"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow:
    """One staff member: ``deputy`` while absent, ``successor`` once gone."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    person: str
    name: str | None
    since: date | None
    until: date | None
    deputy: str | None
    left_on: date | None
    successor: str | None
    open: bool


def _staff(case: StaffMember) -> Iterator[tuple[str, StaffRow]]:
    yield "", row_from(StaffRow, case, open=case.state != LEFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRow:
    """Who has which task of which case."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    of_case: str
    task: str
    person: str
    assigned_by: str | None
    assigned_at: datetime | None
    open: bool


def _assignments(case: Assignment) -> Iterator[tuple[str, AssignmentRow]]:
    yield "", row_from(AssignmentRow, case, open=case.state == ASSIGNED)


STAFF = Register(
    name="staff",
    zh="在岗人员",
    en="staff",
    clause="1",
    row=StaffRow,
    kinds=(StaffMember,),
    rows=_staff,
    indexed=("person",),
    sealed=("name",),
)
ASSIGNMENTS = Register(
    name="assignments",
    zh="任务指派",
    en="assignments",
    clause="1",
    row=AssignmentRow,
    kinds=(Assignment,),
    rows=_assignments,
    indexed=("of_case",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioRow:
    """A building or a home in an administrator's care, from ``first`` to ``last``; a line for each, past ones too."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    person: str
    building: str | None
    home: str | None
    first: date
    last: date | None
    note: str | None
    open: bool


def _portfolios(case: Portfolio) -> Iterator[tuple[str, PortfolioRow]]:
    for number, each in enumerate(case.care):
        yield (
            f"{number:04}",
            row_from(
                PortfolioRow,
                case,
                person=each.person,
                building=each.building,
                home=each.home,
                first=each.first,
                last=each.last,
                open=each.last is None and case.state == IN_CARE,
            ),
        )


PORTFOLIOS = Register(
    name="portfolios",
    zh="分管户",
    en="portfolios",
    clause="7.2a",
    row=PortfolioRow,
    kinds=(Portfolio,),
    rows=_portfolios,
    indexed=("person",),
)
