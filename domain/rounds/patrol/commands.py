"""What can be done about a patrol 日常巡视 (§2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from domain.kernel.calendar import local_date
from domain.kernel.errors import Refusal
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor, Role
from domain.kernel.rules import blank, broken, forbid, missing
from domain.rounds.patrol.case import MISSED, SUBJECT_CLAUSES, UNDER_WAY, Patrol
from domain.rounds.patrol.events import (
    Finding,
    Handling,
    MissedPatrolAccountedFor,
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

LAID_OUT: Final = "laid-out"
"""A route in use, of those that the office has, where whoever sets out names none."""


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

        Where the office has laid out a route, the head or the manager alone goes without: who only ticks four subjects saw no point.
        One that was walked and not entered by midnight is entered afterwards by the head or the manager, from the
        paper: the breach stands in the book, and this year's view of the day changes.
        """
        if at.today != patrol.day:
            raise broken("not-its-day", "2", "巡视须在当日进行", "a patrol is walked on its own day", "occurred_at")
        route = at.related.get("route")
        if route is not None and (not isinstance(route, PatrolRoute) or route.state == RETIRED):
            raise broken("route-retired", "2", "该路线不可用", "that is no route in use", "patrol_route")
        laid = at.related.get(LAID_OUT)
        walked = isinstance(laid, PatrolRoute) and laid.opened_at is not None and laid.opened_at <= at.now
        if route is None and walked and at.role not in (Role.DEPARTMENT_HEAD, Role.MANAGER):
            raise broken("route-missing", "2", "请选择巡视路线", "choose the route that is walked", "patrol_route")
        yield PatrolBegun(route=self.patrol_route, points=route.points if route is not None else ())


@command
class SeePatrolPoint(Command):
    """巡视点签到 · See a point of the patrol."""

    point: str

    @staticmethod
    def ready(patrol: Patrol, who: Actor) -> Refusal | None:
        """After midnight by whoever was walking it then."""
        return _still_walking(patrol, who)

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

    @staticmethod
    def ready(patrol: Patrol, who: Actor) -> Refusal | None:
        """After midnight by whoever was walking it then."""
        return _still_walking(patrol, who)

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

    @staticmethod
    def ready(patrol: Patrol, who: Actor) -> Refusal | None:
        """After midnight by whoever was walking it then."""
        return _still_walking(patrol, who)

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
        found = {f.subject for f in patrol.findings} & {each.subject for each in self.subjects if each.good}
        if found:
            zh = "、".join(subject.zh for subject in Subject if subject in found)
            en = ", ".join(subject for subject in Subject if subject in found)
            at.require_evidence(
                broken(
                    "finding-contradicts",
                    "2",
                    f"有巡视发现的内容不能记为合格：{zh}",
                    f"what something was found of is not in order: {en}",
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


@command
class AccountForMissedPatrol(Command):
    """说明巡视缺失 · Account for a day without a complete patrol."""

    reason: str
    measures: str

    def decide(self, _patrol: Patrol, _at: Moment) -> Iterator[Event]:
        """Why, and what is done so that it does not happen again; the breach stands, and the desk is clear (§2)."""
        forbid(blank(self.reason, "reason", "2", "请说明原因", "say why"))
        forbid(blank(self.measures, "measures", "2", "请写明措施", "say what is done about it"))
        yield self.to_event(MissedPatrolAccountedFor)


@command
class LeavePatrolUnaccounted(Command):
    """巡视缺失逾期未说明 · Note that nobody accounted for a missing patrol."""


def _still_walking(patrol: Patrol, who: Actor) -> Refusal | None:
    """Why somebody may not go on with a patrol that midnight has overtaken, or None."""
    if patrol.state != MISSED or who.role is Role.POLICY:
        return None
    if not patrol.walking:
        return broken("not-under-way", "2", "零点时巡视未在进行", "it was not under way at midnight")
    if who.user_id == patrol.done_by:
        return None
    return broken(
        "own-patrol", "2", "零点仍在巡视的，由巡视人本人办理", "who was walking it at midnight goes on with it"
    )


def _on_its_day(patrol: Patrol, at: Moment) -> None:
    if patrol.state == MISSED:
        hours = timedelta(hours=at.numbers.integer("patrol.end_within_hours"))
        if patrol.ends_at is None or at.now < (patrol.begun_at or at.now) or at.now > patrol.ends_at + hours:
            zh, en = "零点仍在巡视的，须在设定小时内结束", "it is ended within the setting's hours after midnight"
            raise broken("not-its-day", "2", zh, en, "occurred_at")
        return
    if local_date(at.now) != patrol.day or (patrol.begun_at is not None and at.now < patrol.begun_at):
        raise broken("not-its-day", "2", "须在当日、开始巡视之后", "on its day, after it set out", "occurred_at")
