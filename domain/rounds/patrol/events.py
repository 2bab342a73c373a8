"""What can happen to a patrol 日常巡视 (§2), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from domain.kernel.fact import Event, Personal, event
from domain.rounds.patrol_route import RoutePoint, Subject
from domain.rounds.rectification.events import Severity
from domain.rounds.work_order import Trade


class Handling(StrEnum):
    """What becomes of a finding 处理方式."""

    WORK_ORDER = "work-order"  # 派工单
    RECTIFICATION = "rectification"  # 立案整改
    NOTED = "noted"  # 当场处理


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding 巡视发现; ``photo`` refers to a stored picture."""

    number: int
    subject: Subject
    place: str
    matter: str
    handling: Handling
    trade: Trade | None = None
    severity: Severity = Severity.ORDINARY
    photo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectSeen:
    """One subject of the checklist, and whether it was in order."""

    subject: Subject
    good: bool
    remark: str | None = None


@event()
class PatrolOpened(Event):
    """当日巡视已立项 · The day's patrol opened."""

    day: date
    round: int = 1


@event()
class PatrolBegun(Event):
    """巡视已开始 · Patrol under way."""

    route: str | None = None
    points: tuple[RoutePoint, ...] = ()


@event()
class PatrolPointSeen(Event):
    """巡视点已到 · Point seen."""

    point: str


@event()
class PatrolPointSeenLate(Event):
    """巡视点迟到 · Point seen late."""

    point: str
    by: time


@event()
class PatrolPointSeenAgain(Event):
    """巡视点重复 · Point seen again."""

    point: str


@event()
class PatrolPointMissed(Event):
    """巡视点漏巡 · Point missed."""

    point: str


@event()
class PatrolFindingRecorded(Event):
    """巡视发现已记录 · Finding recorded."""

    finding: Finding
    details: Personal | None = None


@event()
class PatrolCompleted(Event):
    """当日巡视已完成 · The day's patrol is complete."""

    subjects: tuple[SubjectSeen, ...]
    remark: str | None = None


@event()
class PatrolEndedIncomplete(Event):
    """巡视不完整 · Patrol ended incomplete."""

    subjects: tuple[SubjectSeen, ...]
    left_out: tuple[Subject, ...]
    remark: str | None = None


@event()
class PatrolMissed(Event):
    """当日巡视缺失 · The day passed without a complete patrol."""

    day: date
    due_at: datetime


@event()
class MissedPatrolAccountedFor(Event):
    """巡视缺失已说明 · The missing patrol was accounted for."""

    reason: str
    measures: str


@event()
class PatrolLeftUnaccounted(Event):
    """巡视缺失逾期未说明 · Nobody accounted for the missing patrol in time."""
