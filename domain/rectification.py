"""Rectification 整改 (§1.1): what inspections, patrols, follow-ups and reviews find is put right by a date.

*Done* 完成, *verified* 验证 and *closed* 关闭 are three different dates. A rectification has a deadline from the moment
it is found, assigned or not; and nobody verifies his own work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.calendar import end_of_day
from domain.errors import RuleBroken
from domain.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.lifecycle import SAME, Lifecycle, deadline, step
from domain.people import Role

FOUND, ASSIGNED, REOPENED, DONE = "found", "assigned", "reopened", "done"
VERIFIED, CLOSED = "verified", "closed"
UNDONE = (FOUND, ASSIGNED, REOPENED)
"""The states in which the work itself is still to be done."""


class Severity(StrEnum):
    """How grave it is 严重程度."""

    MINOR = "minor"  # 轻微
    ORDINARY = "ordinary"  # 一般
    SEVERE = "severe"  # 严重
    HAZARD = "hazard"  # 安全隐患


# -- events ----------------------------------------------------------------------------------------------------------


@event()
class RectificationFound(Event):
    """发现须整改事项 · Something to rectify was found."""

    matter: str
    severity: Severity
    due_by: datetime
    origin_kind: str | None = None
    origin_id: str | None = None
    origin_item: str | None = None
    home: str | None = None
    household: str | None = None
    department: str | None = None
    details: Personal | None = None


@event()
class RectificationOrdered(Event):
    """已责成限期整改 · Rectification ordered, its responsible person named at once."""

    matter: str
    severity: Severity
    due_by: datetime
    responsible: str
    origin_kind: str | None = None
    origin_id: str | None = None
    origin_item: str | None = None
    home: str | None = None
    household: str | None = None
    department: str | None = None
    details: Personal | None = None


@event()
class RectificationAssigned(Event):
    """已落实责任人和期限 · Responsible person and deadline fixed."""

    responsible: str
    due_by: datetime
    department: str | None = None


@event()
class RectificationOverdue(Event):
    """整改期限已过 · The rectification's deadline has passed."""

    due_at: datetime


@event()
class RectificationDone(Event):
    """整改已完成 · Rectification done."""

    done_by: str
    result: Personal | None = None


@event()
class RectificationVerified(Event):
    """整改验证合格 · Rectification verified."""

    findings: Personal | None = None


@event()
class RectificationReopened(Event):
    """验证不合格，重新整改 · Verification failed: to be done again."""

    due_by: datetime
    findings: Personal | None = None


@event()
class RectificationClosed(Event):
    """整改已关闭 · Rectification closed."""


# -- the case --------------------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Rectification(Case):
    """What is known of one rectification. ``origin_*`` name what opened it: kind, case id and item within it."""

    matter: str = ""
    severity: Severity = Severity.ORDINARY
    origin_kind: str | None = None
    origin_id: str | None = None
    origin_item: str | None = None
    home: str | None = None
    household: str | None = None
    department: str | None = None
    details: str | None = None
    responsible: str | None = None
    due_by: datetime | None = None
    missed_at: datetime | None = None
    first_missed_at: datetime | None = None
    assigned_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    doers: set[str] = field(default_factory=set)
    result: str | None = None
    findings: str | None = None
    verified_at: datetime | None = None
    verified_by: str | None = None
    closed_at: datetime | None = None
    reopened: int = 0

    @property
    def running_until(self) -> datetime | None:
        """The deadline that is still to be kept or missed."""
        return self.due_by if self.missed_at is None else None


def evolve(work: Rectification, fact: Fact) -> None:
    """Fold one fact into the rectification: data only, the state comes from the table."""
    match fact.event:
        case RectificationFound() | RectificationOrdered() as e:
            work.matter, work.severity, work.due_by, work.details = e.matter, e.severity, e.due_by, e.details
            work.origin_kind, work.origin_id, work.origin_item = e.origin_kind, e.origin_id, e.origin_item
            work.home, work.household, work.department = e.home, e.household, e.department
            if isinstance(e, RectificationOrdered):
                work.responsible, work.assigned_at = e.responsible, fact.occurred_at
        case RectificationAssigned() as e:
            work.responsible, work.department = e.responsible, e.department or work.department
            work.assigned_at = fact.occurred_at
            if e.due_by != work.due_by:
                work.due_by, work.missed_at = e.due_by, None
        case RectificationOverdue() as e:
            work.missed_at, work.first_missed_at = e.due_at, work.first_missed_at or e.due_at
        case RectificationDone() as e:
            work.done_by, work.done_at, work.result = e.done_by, fact.occurred_at, e.result
            work.doers |= {e.done_by, fact.user_id}
        case RectificationVerified() as e:
            work.verified_at, work.verified_by, work.findings = fact.occurred_at, fact.user_id, e.findings
        case RectificationReopened() as e:
            work.reopened, work.findings = work.reopened + 1, e.findings
            work.due_by, work.missed_at, work.done_at, work.done_by = e.due_by, None, None, None
            work.result = None
        case RectificationClosed():
            work.closed_at = fact.occurred_at


# -- commands --------------------------------------------------------------------------------------------------------


@command
class OpenRectification(Command):
    """提出整改 · Ask for a rectification."""

    matter: str
    severity: Severity = Severity.ORDINARY
    origin_kind: str | None = None
    origin_id: str | None = None
    origin_item: str | None = None
    home: str | None = None
    household: str | None = None
    department: str | None = None
    details: Personal | None = None
    responsible: str | None = None
    due_by: datetime | None = None

    def decide(self, _work: None, at: Moment) -> Iterator[Event]:
        """Every finding gets a deadline (§1.1); who names the responsible person at once has it assigned."""
        due_by = _due(self.due_by, None, at)
        opened = RectificationFound(
            matter=self.matter,
            severity=self.severity,
            due_by=due_by,
            origin_kind=self.origin_kind,
            origin_id=self.origin_id,
            origin_item=self.origin_item,
            home=self.home,
            household=self.household,
            department=self.department,
            details=self.details,
        )
        if self.responsible is None:
            yield opened
        else:
            yield _ordered(opened, self.responsible)


def _ordered(found: RectificationFound, responsible: str) -> RectificationOrdered:
    return RectificationOrdered(
        matter=found.matter,
        severity=found.severity,
        due_by=found.due_by,
        responsible=responsible,
        origin_kind=found.origin_kind,
        origin_id=found.origin_id,
        origin_item=found.origin_item,
        home=found.home,
        household=found.household,
        department=found.department,
        details=found.details,
    )


@command
class AssignRectification(Command):
    """落实责任人和期限 · Fix the responsible person and the deadline."""

    responsible: str
    due_by: datetime | None = None
    department: str | None = None

    def decide(self, work: Rectification, at: Moment) -> Iterator[Event]:
        """Without a new deadline the one that is still ahead stays (§1.1)."""
        due_by = _due(self.due_by, work.due_by, at)
        yield RectificationAssigned(responsible=self.responsible, due_by=due_by, department=self.department)


@command
class MarkRectificationOverdue(Command):
    """整改期限已过 · Note that the rectification's deadline has passed."""

    def decide(self, work: Rectification, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which the deadline ended (§1.1)."""
        yield RectificationOverdue(due_at=work.due_by or at.now)


@command
class ReportRectificationDone(Command):
    """报告整改完成 · Report that the rectification is done."""

    result: Personal | None = None
    done_by: str | None = None

    def decide(self, _work: Rectification, at: Moment) -> Iterator[Event]:
        """What was done, and by whom: whoever reports, unless he names another (§1.1)."""
        if self.result is None:
            at.lacks(
                RuleBroken("result-missing", "1.1", zh="请填写整改结果", en="write down the result", field="result")
            )
        yield RectificationDone(done_by=self.done_by or at.user_id, result=self.result)


@command
class VerifyRectification(Command):
    """验证整改合格 · Verify the rectification."""

    findings: Personal | None = None

    def decide(self, work: Rectification, at: Moment) -> Iterator[Event]:
        """Seen by somebody else and found good (§1.1)."""
        _seen_by_another(work, at)
        yield RectificationVerified(findings=self.findings)


@command
class FailRectification(Command):
    """验证不合格，退回整改 · Find the rectification insufficient."""

    findings: Personal
    due_by: datetime | None = None

    def decide(self, work: Rectification, at: Moment) -> Iterator[Event]:
        """It goes back with a new deadline, and counts as reopened (§1.1)."""
        _seen_by_another(work, at)
        yield RectificationReopened(due_by=_due(self.due_by, None, at), findings=self.findings)


@command
class CloseRectification(Command):
    """关闭整改 · Close the rectification."""

    def decide(self, _work: Rectification, _at: Moment) -> Iterator[Event]:
        """Only what was verified is closed: the table says so (§1.1)."""
        yield RectificationClosed()


def _due(asked: datetime | None, standing: datetime | None, at: Moment) -> datetime:
    """The deadline that is asked for, else the standing one if it is still ahead, else the default."""
    if asked is not None:
        if asked <= at.now:
            at.lacks(
                RuleBroken(
                    "deadline-passed",
                    "1.1",
                    zh="整改期限须晚于当前时间",
                    en="the deadline must lie ahead",
                    field="due_by",
                )
            )
        return asked
    if standing is not None and standing > at.now:
        return standing
    return end_of_day(at.today + timedelta(days=int(at.numbers["rectification.default_days"])))


def _seen_by_another(work: Rectification, at: Moment) -> None:
    if at.user_id in work.doers or at.user_id == work.responsible:
        at.lacks(
            RuleBroken("own-work", "1.1", zh="整改责任人、完成人不能验证自己的工作", en="nobody verifies his own work")
        )
    if work.done_at is not None and at.now < work.done_at:
        at.lacks(
            RuleBroken(
                "before-done",
                "1.1",
                zh="验证不能早于整改完成",
                en="it is verified after it was done",
                field="occurred_at",
            )
        )


# -- the table -------------------------------------------------------------------------------------------------------

_STAFF = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER)
_HANDLERS = (Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER)
_VERIFIERS = (*_HANDLERS, Role.POLICY)

# fmt: off
LIFECYCLE = Lifecycle(
    of=Rectification, kind="rectification", path="rectifications", zh="整改", en="rectification", clauses="1.1",
    evolve=evolve, subject=lambda work: work.household,
    states={
        FOUND: ("已发现", "found"), ASSIGNED: ("整改中", "assigned"), REOPENED: ("重新整改", "reopened"),
        DONE: ("待验证", "done"), VERIFIED: ("验证合格", "verified"), CLOSED: ("已关闭", "closed"),
    },
    final=[CLOSED],
    steps=[  # command                event                  from                   to        who                    clause
        step(OpenRectification,        RectificationFound,    None,                  FOUND,    [*_STAFF, Role.POLICY], "1.1"),
        step(OpenRectification,        RectificationOrdered,  None,                  ASSIGNED, [*_STAFF, Role.POLICY], "1.1"),
        step(AssignRectification,      RectificationAssigned, UNDONE,                ASSIGNED, _HANDLERS,             "1.1"),
        step(MarkRectificationOverdue, RectificationOverdue,  UNDONE,                SAME,     [Role.CLOCK],          "1.1"),
        step(ReportRectificationDone,  RectificationDone,     (ASSIGNED, REOPENED),  DONE,     [*_STAFF, Role.POLICY], "1.1"),
        step(VerifyRectification,      RectificationVerified, DONE,                  VERIFIED, _VERIFIERS,            "1.1"),
        step(FailRectification,        RectificationReopened, DONE,                  REOPENED, _VERIFIERS,            "1.1"),
        step(CloseRectification,       RectificationClosed,   VERIFIED,              CLOSED,   _VERIFIERS,            "1.1"),
    ],
    deadlines=[
        deadline("rectification", UNDONE, due=lambda work: work.running_until, gives=MarkRectificationOverdue,
                 clause="1.1", zh="按期完成整改", en="finish the rectification by its deadline"),
    ],
)
# fmt: on
