"""What can be done about a patrol 日常巡视 (§2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.kernel.calendar import local_date
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.rules import broken, missing
from domain.rounds.patrol.case import SUBJECT_CLAUSES, UNDER_WAY, Patrol
from domain.rounds.patrol.events import (
    Finding,
    Handling,
    PatrolBegun,
    PatrolCompleted,
    PatrolEndedIncomplete,
    PatrolFindingRecorded,
    PatrolMissed,
    PatrolPointMissed,
    PatrolPointSeen,
    PatrolPointSeenAgain,
    PatrolPointSeenLate,
    SubjectSeen,
)
from domain.rounds.patrol_route import RETIRED, PatrolRoute, Subject
from domain.rounds.rectification.events import Severity
from domain.rounds.work_order import Trade


@command
class OpenPatrol(Command):
    """立项当日巡视 · Open the patrol of a day.

    It is owed until 24:00 of its day (§2).
    """

    day: date
    round: int = 1


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
            listed = "、".join(each.code for each in patrol.points) or "—"
            zh, en = f"路线上没有此巡视点，巡视点有：{listed}", f"the route has no such point; it has: {listed}"
            raise broken("point-unknown", "2", zh, en, "point")
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
            raise missing("trade", clause, "派工单须注明工种", "say whose work it is")
        if self.photo is None and self.handling is not Handling.NOTED:
            at.require_evidence(missing("photo", clause, "请附照片编号", "refer to a photo"))
        finding = Finding(
            number=len(patrol.findings) + 1,
            subject=self.subject,
            place=self.place,
            matter=self.matter,
            handling=self.handling,
            trade=self.trade,
            severity=self.severity,
            photo=self.photo,
        )
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
            at.require_evidence(
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
