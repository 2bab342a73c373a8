"""What is known of a patrol 日常巡视 after some of its facts (§2). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from domain.kernel.calendar import end_of_day
from domain.kernel.fact import Case, Fact
from domain.rounds.patrol.events import (
    Finding,
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
)
from domain.rounds.patrol_route import RoutePoint, Subject


@dataclass(slots=True, kw_only=True)
class Patrol(Case):
    """One patrol of one day. ``seen`` are codes of points with the time at which each was seen first.

    ``walking``: somebody (``by``) has set out and has not come to an end.
    """

    CORRECTS = ("remark",)
    PAPERS = True

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
    done_by: str | None = None
    completed_at: datetime | None = None
    missed_at: datetime | None = None
    walking: bool = False
    remark: str | None = None

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
            patrol.begun_at, patrol.done_by = patrol.begun_at or fact.occurred_at, fact.user_id
            patrol.points_missed, patrol.walking = 0, True
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
        case PatrolCompleted() as e:
            patrol.completed_at, patrol.points_missed, patrol.remark = fact.occurred_at, 0, e.remark
            patrol.walking = False
        case PatrolEndedIncomplete() as e:
            patrol.remark, patrol.walking = e.remark, False
        case PatrolMissed() as e:
            patrol.missed_at = e.due_at


OWED, UNDER_WAY, INCOMPLETE, COMPLETED, MISSED = "owed", "under-way", "incomplete", "completed", "missed"
ACCOUNTED, UNACCOUNTED = "accounted-for", "unaccounted"
UNFINISHED = (OWED, UNDER_WAY, INCOMPLETE)
"""The states in which the day's patrol is still owed."""

SUBJECT_CLAUSES: Final = {
    Subject.CLEANING_AND_GREENING: "2.1",
    Subject.VIOLATIONS: "2.2",
    Subject.SAFETY: "2.3",
    Subject.STAFF: "2.4",
}
"""Each subject's clause."""
