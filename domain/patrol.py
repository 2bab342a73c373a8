"""Patrol 日常巡视 (§2): every day, over four subjects; a day without a complete patrol is a breach.

A patrol is owed from the first minute of its day. Points that were seen, seen late, seen again or not seen are four
different facts; a finding opens a work order or a rectification.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.calendar import end_of_day, local_date
from domain.fact import Case, Command, Event, Fact, Moment, Personal, command
from domain.lifecycle import SAME, Lifecycle, deadline, step
from domain.patrol_events import (
    COMPLETED,
    INCOMPLETE,
    MISSED,
    OWED,
    SUBJECT_CLAUSES,
    UNDER_WAY,
    UNFINISHED,
    Finding,
    Handling,
    PatrolBegun,
    PatrolCompleted,
    PatrolEndedIncomplete,
    PatrolFindingRecorded,
    PatrolMissed,
    PatrolOpened,
    PatrolPointMissed,
    PatrolPointSeen,
    PatrolPointSeenAgain,
    PatrolPointSeenLate,
    SubjectSeen,
)
from domain.patrol_route import RETIRED, PatrolRoute, RoutePoint, Subject
from domain.people import Role
from domain.rectification_events import Severity
from domain.rules import broken
from domain.work_order import Trade


@dataclass(slots=True, kw_only=True)
class Patrol(Case):
    """One patrol of one day. ``seen`` are codes of points with the time at which each was seen first."""

    day: date | None = None
    round: int = 1
    route: str | None = None
    points: tuple[RoutePoint, ...] = ()
    seen: dict[str, datetime] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    repeated: int = 0
    points_missed: int = 0
    findings: list[Finding] = field(default_factory=list)
    begun_at: datetime | None = None
    by: str | None = None
    completed_at: datetime | None = None
    missed_at: datetime | None = None

    @property
    def unseen(self) -> tuple[RoutePoint, ...]:
        """The points that nobody has been to yet."""
        return tuple(point for point in self.points if point.code not in self.seen)

    @property
    def ends_at(self) -> datetime | None:
        """24:00 of its day, local time."""
        return end_of_day(self.day) if self.day is not None else None

    @property
    def owed_until(self) -> datetime | None:
        """24:00 of its day, while that is still to be kept or missed."""
        return self.ends_at if self.missed_at is None else None


def evolve(patrol: Patrol, fact: Fact) -> None:
    """Fold one fact into the patrol."""
    match fact.event:
        case PatrolOpened() as e:
            patrol.day, patrol.round = e.day, e.round
        case PatrolBegun() as e:
            patrol.route, patrol.points = e.route, e.points
            patrol.begun_at, patrol.by = patrol.begun_at or fact.occurred_at, fact.user_id
            patrol.points_missed = 0
        case PatrolPointSeen() as e:
            patrol.seen[e.point] = fact.occurred_at
        case PatrolPointSeenLate() as e:
            patrol.seen[e.point] = fact.occurred_at
            patrol.late.add(e.point)
        case PatrolPointSeenAgain():
            patrol.repeated += 1
        case PatrolPointMissed():
            patrol.points_missed += 1
        case PatrolFindingRecorded() as e:
            patrol.findings.append(e.finding)
        case PatrolCompleted():
            patrol.completed_at, patrol.points_missed = fact.occurred_at, 0
        case PatrolMissed() as e:
            patrol.missed_at = e.due_at


# -- commands --------------------------------------------------------------------------------------------------------


@command
class OpenPatrol(Command):
    """立项当日巡视 · Open the patrol of a day."""

    day: date
    round: int = 1

    def decide(self, _patrol: None, _at: Moment) -> Iterator[Event]:
        """It is owed until 24:00 of its day (§2)."""
        yield self.said(PatrolOpened)


@command
class BeginPatrol(Command):
    """开始巡视 · Set out on the patrol."""

    patrol_route: str | None = None

    def related(self) -> dict[str, str]:
        """The route that is walked."""
        return {"route": self.patrol_route} if self.patrol_route is not None else {}

    def decide(self, patrol: Patrol, at: Moment) -> Iterator[Event]:
        """On its day, along a route that is in use; without a route it is a round over the four subjects (§2).

        One that was walked and not entered by midnight is entered afterwards by the head or the manager, from the
        paper: the breach stands in the book, and this year's view of the day changes.
        """
        if at.today != patrol.day:
            raise broken("not-its-day", "2", "巡视须在当日进行", "a patrol is walked on its own day", "occurred_at")
        route = at.related.get("route")
        if route is not None and (not isinstance(route, PatrolRoute) or route.state == RETIRED):
            raise broken("route-retired", "2", "该路线不可用", "that is no route in use", "patrol_route")
        yield PatrolBegun(route=self.patrol_route, points=route.points if route is not None else ())


@command
class SeePatrolPoint(Command):
    """巡视点签到 · See a point of the patrol."""

    point: str

    def decide(self, patrol: Patrol, at: Moment) -> Iterator[Event]:
        """In time, late and again are different facts (§2)."""
        point = next((each for each in patrol.points if each.code == self.point), None)
        if point is None:
            raise broken("point-unknown", "2", "路线上没有此巡视点", "the route has no such point", "point")
        _on_its_day(patrol, at)
        if self.point in patrol.seen:
            yield PatrolPointSeenAgain(point=self.point)
        elif point.by is not None and at.local_time > point.by:
            yield PatrolPointSeenLate(point=self.point, by=point.by)
        else:
            yield PatrolPointSeen(point=self.point)


@command
class RecordPatrolFinding(Command):
    """记录巡视发现 · Record what the patrol found."""

    subject: Subject
    place: str
    matter: str
    handling: Handling
    trade: Trade | None = None
    severity: Severity = Severity.ORDINARY
    photo: str | None = None
    details: Personal | None = None

    def decide(self, patrol: Patrol, at: Moment) -> Iterator[Event]:
        """With a photo's reference; it becomes a work order or a rectification at once (§2.1–2.4)."""
        _on_its_day(patrol, at)
        clause = SUBJECT_CLAUSES[self.subject]
        if self.handling is Handling.WORK_ORDER and self.trade is None:
            raise broken("trade-missing", clause, "派工单须注明工种", "say whose work it is", "trade")
        if self.photo is None and self.handling is not Handling.NOTED:
            at.lacks(broken("photo-missing", clause, "请附照片编号", "refer to a photo", "photo"))
        finding = Finding(
            number=len(patrol.findings) + 1, subject=self.subject, place=self.place, matter=self.matter,
            handling=self.handling, trade=self.trade, severity=self.severity, photo=self.photo,
        )  # fmt: skip
        yield PatrolFindingRecorded(finding=finding, details=self.details)


@command
class EndPatrol(Command):
    """结束巡视 · End the patrol."""

    subjects: tuple[SubjectSeen, ...]
    remark: str | None = None

    def decide(self, patrol: Patrol, at: Moment) -> Iterator[Event]:
        """Complete when all four subjects and every point were seen; otherwise it says what is missing (§2)."""
        _on_its_day(patrol, at)
        named = [each.subject for each in self.subjects]
        if len(set(named)) != len(named):
            raise broken("subject-twice", "2", "巡视内容不得重复", "each subject once", "subjects")
        unsaid = {each.subject for each in self.subjects if not each.good} - {f.subject for f in patrol.findings}
        if unsaid:
            lacking = [subject for subject in Subject if subject in unsaid]
            at.lacks(
                broken(
                    "finding-missing",
                    "2",
                    f"不合格的内容须先记录发现：{'、'.join(subject.zh for subject in lacking)}",
                    f"say what was found: {', '.join(lacking)}",
                    "subjects",
                )
            )
        left_out = tuple(subject for subject in Subject if subject not in named)
        for point in patrol.unseen:
            yield PatrolPointMissed(point=point.code)
        if left_out or patrol.unseen:
            yield PatrolEndedIncomplete(subjects=self.subjects, left_out=left_out, remark=self.remark)
        else:
            yield PatrolCompleted(subjects=self.subjects, remark=self.remark)


@command
class ResumePatrol(Command):
    """继续巡视 · Go on with the patrol."""

    def decide(self, patrol: Patrol, at: Moment) -> Iterator[Event]:
        """What was left out can still be seen on the same day (§2)."""
        _on_its_day(patrol, at)
        yield PatrolBegun(route=patrol.route, points=patrol.points)


@command
class MarkPatrolMissed(Command):
    """当日巡视缺失 · Note that the day passed without a complete patrol."""

    def decide(self, patrol: Patrol, at: Moment) -> Iterator[Event]:
        """The breach stands at 24:00 of the day (§2)."""
        if patrol.state == UNDER_WAY:
            for point in patrol.unseen:
                yield PatrolPointMissed(point=point.code)
        yield PatrolMissed(day=patrol.day or at.today, due_at=patrol.ends_at or at.now)


def _on_its_day(patrol: Patrol, at: Moment) -> None:
    if local_date(at.now) != patrol.day or (patrol.begun_at is not None and at.now < patrol.begun_at):
        raise broken("not-its-day", "2", "须在当日、开始巡视之后", "on its day, after it set out", "occurred_at")


_HEADS = (Role.DEPARTMENT_HEAD, Role.MANAGER)
_STAFF = (Role.ADMINISTRATOR, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=Patrol, kind="patrol", path="patrols", zh="日常巡视", en="patrol", clauses="2", evolve=evolve,
    identity=lambda command, office: f"patrol-{office}-{command.day}-{command.round}",
    states={
        OWED: ("待巡视", "owed"), UNDER_WAY: ("巡视中", "under way"), INCOMPLETE: ("未巡视完整", "incomplete"),
        COMPLETED: ("已完成", "completed"), MISSED: ("缺失", "missed"),
    },
    final=[COMPLETED, MISSED],
    steps=[  # command            event                  from        to          who            clause
        step(OpenPatrol,          PatrolOpened,          None,       OWED,       [Role.POLICY], "2"),
        step(BeginPatrol,         PatrolBegun,           OWED,       UNDER_WAY,  _STAFF,        "2"),
        step(BeginPatrol,         PatrolBegun,           MISSED,     UNDER_WAY,  _HEADS,        "2"),
        step(SeePatrolPoint,      PatrolPointSeen,       UNDER_WAY,  SAME,       _STAFF,        "2"),
        step(SeePatrolPoint,      PatrolPointSeenLate,   UNDER_WAY,  SAME,       _STAFF,        "2"),
        step(SeePatrolPoint,      PatrolPointSeenAgain,  UNDER_WAY,  SAME,       _STAFF,        "2"),
        step(RecordPatrolFinding, PatrolFindingRecorded, UNDER_WAY,  SAME,       _STAFF,        "2"),
        step(EndPatrol,           PatrolPointMissed,     UNDER_WAY,  SAME,       _STAFF,        "2"),
        step(EndPatrol,           PatrolCompleted,       UNDER_WAY,  COMPLETED,  _STAFF,        "2"),
        step(EndPatrol,           PatrolEndedIncomplete, UNDER_WAY,  INCOMPLETE, _STAFF,        "2"),
        step(ResumePatrol,        PatrolBegun,           INCOMPLETE, UNDER_WAY,  _STAFF,        "2"),
        step(MarkPatrolMissed,    PatrolPointMissed,     UNFINISHED, SAME,       [Role.CLOCK],  "2"),
        step(MarkPatrolMissed,    PatrolMissed,          UNFINISHED, MISSED,     [Role.CLOCK],  "2"),
    ],
    deadlines=[
        deadline("patrol", UNFINISHED, due=lambda patrol: patrol.owed_until, gives=MarkPatrolMissed, clause="2",
                 zh="当日完成巡视", en="complete the day's patrol"),
    ],
)
# fmt: on
