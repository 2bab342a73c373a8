"""Staff 在岗人员 (§1): who is there, who stands in for whom, and to whom the tasks of somebody who leaves go over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.kernel.calendar import end_of_day, local_date
from domain.kernel.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import deadline, step
from domain.kernel.mending import MISTAKEN
from domain.kernel.people import Role
from domain.kernel.rules import blank, broken, forbid

ACTIVE, ABSENT, LEFT = "active", "absent", "left"


@event()
class StaffEnrolled(Event):
    """人员已到岗 · Staff member enrolled."""

    person: str
    name: Personal | None = None


@event()
class StaffAbsent(Event):
    """人员缺勤，由代理人代办 · Staff member absent, with a deputy."""

    since: date
    until: date
    deputy: str
    reason: Personal | None = None


@event()
class StaffBack(Event):
    """人员已返岗 · Staff member back."""


@event()
class StaffLeft(Event):
    """人员已离岗，事项已移交 · Staff member left, tasks handed over."""

    left_on: date
    successor: str


@event()
class StaffRejoined(Event):
    """人员重新到岗 · Staff member rejoined."""


@dataclass(slots=True, kw_only=True)
class StaffMember(Case):
    """One user of the office's staff. ``until`` is the last day of the absence, included."""

    CORRECTS = ("name",)

    person: str = ""
    name: str | None = None
    since: date | None = None
    until: date | None = None
    deputy: str | None = None
    left_on: date | None = None
    successor: str | None = None

    @property
    def back_at(self) -> datetime | None:
        """24:00 of the absence's last day."""
        return end_of_day(self.until) if self.until is not None else None


def evolve(member: StaffMember, fact: Fact) -> None:
    """Fold one fact into the staff member."""
    match fact.event:
        case StaffEnrolled() as e:
            member.person, member.name = e.person, e.name
        case StaffAbsent() as e:
            member.since, member.until, member.deputy = e.since, e.until, e.deputy
        case StaffBack():
            member.since = member.until = member.deputy = None
        case StaffLeft() as e:
            member.left_on, member.successor = e.left_on, e.successor
            member.since = member.until = member.deputy = None
        case StaffRejoined():
            member.left_on = member.successor = None


@command
class EnrolStaff(Command):
    """登记到岗人员 · Enrol a staff member."""

    person: str
    name: Personal | None = None

    def decide(self, _member: None, _at: Moment) -> Iterator[Event]:
        """Under the name by which cases know them (§1)."""
        forbid(blank(self.person, "person", "1", "请填写人员代号", "say who"))
        yield self.to_event(StaffEnrolled)


@command
class ReportAbsence(Command):
    """登记缺勤及代理人 · Report an absence with its deputy."""

    until: date
    deputy: str
    since: date | None = None
    reason: Personal | None = None

    def decide(self, member: StaffMember, at: Moment) -> Iterator[Event]:
        """The deputy has their tasks until the last day (§1)."""
        since = self.since or at.today
        if self.until < max(since, at.today):
            raise broken("absence-over", "1", "缺勤结束日期已过", "that absence is over", "until")
        if self.deputy == member.person:
            raise broken("own-deputy", "1", "不能由本人代理", "nobody is his own deputy", "deputy")
        yield self.to_event(StaffAbsent, since=since)


@command
class EndAbsence(Command):
    """返岗 · Note that the staff member is back.

    With the end of the last day, or earlier (§1).
    """


@command
class HandOverTasks(Command):
    """离岗移交事项 · Hand the tasks over and leave."""

    successor: str

    def decide(self, member: StaffMember, at: Moment) -> Iterator[Event]:
        """Whoever leaves hands everything over to somebody else (§1)."""
        if self.successor == member.person:
            raise broken("own-successor", "1", "不能移交给本人", "nobody is his own successor", "successor")
        yield StaffLeft(left_on=local_date(at.now), successor=self.successor)


@command
class RejoinStaff(Command):
    """重新到岗 · Rejoin the staff.

    What was handed over stays with the successor's cases (§1).
    """


_HEADS = (Role.DEPARTMENT_HEAD, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=StaffMember, kind="staff", path="staff", zh="在岗人员", en="staff member", clauses="1", evolve=evolve,
    identity=lambda command, office: f"staff-{office}-{command.person}",
    states={ACTIVE: ("在岗", "active"), ABSENT: ("缺勤", "absent"), LEFT: ("已离岗", "left")},
    final=[LEFT],
    steps=[
        step(EnrolStaff,    StaffEnrolled, None,             ACTIVE, _HEADS,               "1"),
        step(EnrolStaff,    StaffEnrolled, MISTAKEN,         ACTIVE, _HEADS,               "1"),
        step(ReportAbsence, StaffAbsent,   (ACTIVE, ABSENT), ABSENT, _HEADS,               "1"),
        step(EndAbsence,    StaffBack,     ABSENT,           ACTIVE, [*_HEADS, Role.CLOCK], "1"),
        step(HandOverTasks, StaffLeft,     (ACTIVE, ABSENT), LEFT,   _HEADS,               "1"),
        step(RejoinStaff,   StaffRejoined, LEFT,             ACTIVE, _HEADS,               "1"),
    ],
    deadlines=[
        deadline("back", ABSENT, due=lambda member: member.back_at, gives=EndAbsence, clause="1", zh="缺勤期满返岗", en="the absence ends"),
    ],
)
# fmt: on
