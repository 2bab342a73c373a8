"""Registers of patrols, their findings, routes, work orders, notice boards and activities (§1.7, §1.11, §2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.kernel.calendar import local_date
from domain.kernel.periods import Month
from domain.rounds.activity import PLANNED, Activity
from domain.rounds.notice_board import NoticeBoard
from domain.rounds.patrol.case import COMPLETED, UNFINISHED, Patrol
from domain.rounds.patrol_route import IN_USE, PatrolRoute
from domain.rounds.work_order import OWED, WorkOrder
from projections.engine.register import Register, one_row, row_from

__all__ = ["ACTIVITIES", "BOARD_MONTHS", "NOTICE_BOARDS", "PATROLS", "PATROL_FINDINGS", "PATROL_ROUTES", "WORK_ORDERS"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrderRow:
    """One order; ``due_at`` is the deadline in force, ``late`` whether the work was done after it."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    raised_on: date
    trade: str
    place: str
    matter: str
    details: str | None
    home: str | None
    household: str | None
    origin_kind: str | None
    origin_id: str | None
    origin_item: str | None
    worker: str | None
    due_at: datetime | None
    postponed: int
    missed_at: datetime | None
    first_missed_at: datetime | None
    dispatched_at: datetime | None
    done_at: datetime | None
    result: str | None
    accepted_at: datetime | None
    accepted_by: str | None
    returned: int
    cancelled_at: datetime | None
    late: bool
    open: bool


def _work_orders(case: WorkOrder) -> WorkOrderRow:
    assert case.opened_at is not None
    late = case.done_at is not None and case.due_by is not None and case.done_at >= case.due_by
    more = {"raised_on": local_date(case.opened_at), "due_at": case.due_by, "late": late}
    return row_from(WorkOrderRow, case, open=case.state in (*OWED, "done"), **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolRow:
    """One patrol of one day. ``points`` and the other numbers count the route's points."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    day: date
    round: int
    due_at: datetime
    route: str | None
    points: int
    points_seen: int
    points_late: int
    points_missed: int
    points_repeated: int
    findings: int
    begun_at: datetime | None
    done_by: str | None
    completed_at: datetime | None
    missed_at: datetime | None
    complete: bool
    open: bool


def _patrols(case: Patrol) -> PatrolRow:
    more = {
        "due_at": case.ends_at,
        "points": len(case.points),
        "points_seen": len(case.seen),
        "points_late": len(case.late),
        "points_repeated": case.repeated,
        "findings": len(case.findings),
        "complete": case.state == COMPLETED,
        "open": case.state in UNFINISHED,
    }
    return row_from(PatrolRow, case, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding of a patrol."""

    source_id: str | None
    state: str
    day: date
    number: int
    subject: str
    place: str
    matter: str
    handling: str
    trade: str | None
    severity: str
    photo: str | None


def _findings(case: Patrol) -> Iterator[tuple[str, FindingRow]]:
    assert case.day is not None
    for found in case.findings:
        yield (
            str(found.number),
            FindingRow(
                source_id=case.source_id,
                state=case.state,
                day=case.day,
                number=found.number,
                subject=found.subject,
                place=found.place,
                matter=found.matter,
                handling=found.handling,
                trade=found.trade,
                severity=found.severity,
                photo=found.photo,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRow:
    """One route."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    name: str
    points: int
    places: str
    open: bool


def _routes(case: PatrolRoute) -> Iterator[tuple[str, RouteRow]]:
    places = "、".join(point.place for point in case.points)
    yield "", row_from(RouteRow, case, points=len(case.points), places=places, open=case.state == IN_USE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One notice board, and what hangs there."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    name: str
    place: str
    title: str | None
    prepared: str | None
    posted_at: datetime | None
    take_down_by: date | None
    outdated_at: datetime | None
    edition_due_at: datetime | None
    months_missed: int
    retired_on: date | None
    open: bool


def _boards(case: NoticeBoard) -> Iterator[tuple[str, BoardRow]]:
    missed = sum(1 for month in case.months.values() if month.missed_at is not None)
    yield "", row_from(BoardRow, case, months_missed=missed, open=case.state == IN_USE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardMonthRow:
    """One month of one board: ``wanted`` editions, ``posted`` ones."""

    source_id: str | None
    state: str
    name: str
    month: date
    due_at: datetime
    wanted: int
    posted: int
    posted_at: datetime | None
    missed_at: datetime | None
    retired_on: date | None
    settled: bool


def _board_months(case: NoticeBoard) -> Iterator[tuple[str, BoardMonthRow]]:
    """A month in which the board was retired owes nothing more, and stands there all the same; none comes after it."""
    retired = Month.of(case.retired_on) if case.retired_on is not None else None
    for month, found in sorted(case.months.items()):
        if retired is not None and month > retired and found.posted < found.wanted:
            continue
        yield (
            str(month),
            BoardMonthRow(
                source_id=case.source_id,
                state=case.state,
                name=case.name,
                month=month.first,
                due_at=month.ends_at,
                wanted=found.wanted,
                posted=found.posted,
                posted_at=found.posted_at,
                missed_at=found.missed_at,
                retired_on=case.retired_on if month == retired else None,
                settled=found.posted >= found.wanted,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow:
    """One activity; amounts in fen."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    title: str
    planned_on: date
    place: str
    organiser: str | None
    content: str | None
    budget_fen: int | None
    spent_fen: int | None
    postponed: int
    missed_at: datetime | None
    ended_on: date | None
    participants: int | None
    summary: str | None
    reported_at: datetime | None
    open: bool


def _activities(case: Activity) -> Iterator[tuple[str, ActivityRow]]:
    yield "", row_from(ActivityRow, case, open=case.state in (PLANNED, "held"))


WORK_ORDERS = Register(
    name="work-orders",
    zh="保洁绿化工单",
    en="work orders",
    clause="1.11",
    row=WorkOrderRow,
    kinds=(WorkOrder,),
    values=one_row(WorkOrderRow, _work_orders),
    indexed=("opened_at", "due_at", "state", "origin_id"),
    sealed=("details",),
)
PATROLS = Register(
    name="patrols",
    zh="日常巡视记录",
    en="daily patrols",
    clause="2",
    row=PatrolRow,
    kinds=(Patrol,),
    values=one_row(PatrolRow, _patrols),
    indexed=("day", "state"),
)
PATROL_FINDINGS = Register(
    name="patrol-findings",
    zh="巡视发现",
    en="patrol findings",
    clause="2",
    row=FindingRow,
    kinds=(Patrol,),
    rows=_findings,
    indexed=("day", "subject"),
)
PATROL_ROUTES = Register(
    name="patrol-routes",
    zh="巡视路线",
    en="patrol routes",
    clause="2",
    row=RouteRow,
    kinds=(PatrolRoute,),
    rows=_routes,
    indexed=("name",),
)
NOTICE_BOARDS = Register(
    name="notice-boards",
    zh="宣传栏",
    en="notice boards",
    clause="1.7",
    row=BoardRow,
    kinds=(NoticeBoard,),
    rows=_boards,
    indexed=("name",),
)
BOARD_MONTHS = Register(
    name="board-months",
    zh="宣传栏每月更换",
    en="editions month by month",
    clause="1.7",
    row=BoardMonthRow,
    kinds=(NoticeBoard,),
    rows=_board_months,
    indexed=("month",),
)
ACTIVITIES = Register(
    name="activities",
    zh="社区文化活动",
    en="community activities",
    clause="1.7",
    row=ActivityRow,
    kinds=(Activity,),
    rows=_activities,
    indexed=("planned_on", "state"),
)
