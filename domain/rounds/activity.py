"""Community activity 社区文化活动 (§1.7): planned, held, reported; its end starts the follow-up of §5.2.3(7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.kernel.calendar import end_of_day
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, step, wait
from domain.kernel.people import Role
from domain.kernel.rules import day_ahead, day_beyond_cap, day_passed, forbid, negative

PLANNED, HELD, REPORTED, CANCELLED = "planned", "held", "reported", "cancelled"


@event()
class ActivityPlanned(Event):
    """活动已计划 · Activity planned."""

    title: str
    planned_on: date
    place: str
    organiser: str | None = None
    content: str | None = None
    budget_fen: int | None = None


@event()
class ActivityPostponed(Event):
    """活动已改期 · Activity postponed."""

    planned_on: date
    reason: str


@event()
class ActivityNotHeldInTime(Event):
    """活动未如期举行 · Activity not held on its day."""

    due_at: datetime


@event()
class ActivityHeld(Event):
    """活动已举行 · Activity held."""

    ended_on: date
    participants: int | None = None


@event()
class ActivityReported(Event):
    """活动已总结 · Activity reported."""

    summary: str
    spent_fen: int | None = None
    photo: str | None = None


@event()
class ActivityCancelled(Event):
    """活动已取消 · Activity cancelled."""

    reason: str


@dataclass(slots=True, kw_only=True)
class Activity(Case):
    """What is known of one activity; amounts in fen."""

    CORRECTS = ("title", "place", "content", "budget_fen", "participants", "summary", "spent_fen")

    title: str = ""
    planned_on: date | None = None
    place: str = ""
    organiser: str | None = None
    content: str | None = None
    budget_fen: int | None = None
    postponed: int = 0
    missed_at: datetime | None = None
    ended_on: date | None = None
    participants: int | None = None
    summary: str | None = None
    spent_fen: int | None = None
    reported_at: datetime | None = None

    @property
    def held_by(self) -> datetime | None:
        """24:00 of the planned day, while it is still to be kept or missed."""
        return end_of_day(self.planned_on) if self.planned_on is not None and self.missed_at is None else None


def evolve(activity: Activity, fact: Fact) -> None:
    """Fold one fact into the activity."""
    match fact.event:
        case ActivityPlanned() as e:
            activity.title, activity.planned_on, activity.place = e.title, e.planned_on, e.place
            activity.organiser, activity.content, activity.budget_fen = e.organiser, e.content, e.budget_fen
        case ActivityPostponed() as e:
            activity.planned_on, activity.missed_at = e.planned_on, None
            activity.postponed += 1
        case ActivityNotHeldInTime() as e:
            activity.missed_at = e.due_at
        case ActivityHeld() as e:
            activity.ended_on, activity.participants = e.ended_on, e.participants
        case ActivityReported() as e:
            activity.summary, activity.spent_fen = e.summary, e.spent_fen
            activity.reported_at = fact.occurred_at


@command
class PlanActivity(Command):
    """计划社区活动 · Plan a community activity."""

    title: str
    planned_on: date
    place: str
    organiser: str | None = None
    content: str | None = None
    budget_fen: int | None = None

    def decide(self, _activity: None, at: Moment) -> Iterator[Event]:
        """With its day and place (§1.7)."""
        at.require_evidence(day_passed(self.planned_on, "1.7", at, "planned_on"))
        forbid(negative(self.budget_fen, "1.7", "budget_fen"))
        yield self.to_event(ActivityPlanned)


@command
class PostponeActivity(Command):
    """活动改期 · Postpone the activity."""

    planned_on: date
    reason: str

    def decide(self, _activity: Activity, at: Moment) -> Iterator[Event]:
        """To a day that lies ahead, with the reason (§1.7)."""
        forbid(day_passed(self.planned_on, "1.7", at, "planned_on"))
        at.require_evidence(day_beyond_cap(self.planned_on, "1.7", at, "planned_on"))
        yield self.to_event(ActivityPostponed)


@command
class MarkActivityNotHeld(Command):
    """活动未如期举行 · Note that the activity was not held on its day."""

    def decide(self, activity: Activity, at: Moment) -> Iterator[Event]:
        """At 24:00 of the planned day (§1.7)."""
        yield ActivityNotHeldInTime(due_at=activity.held_by or at.now)


@command
class RecordActivityHeld(Command):
    """记录活动举行 · Record that the activity was held."""

    ended_on: date | None = None
    participants: int | None = None

    def decide(self, _activity: Activity, at: Moment) -> Iterator[Event]:
        """Its last day starts the month of the follow-up (§5.2.3(7))."""
        ended_on = self.ended_on or at.today
        forbid(day_ahead(ended_on, "1.7", at, "ended_on"))
        forbid(negative(self.participants, "1.7", "participants"))
        yield ActivityHeld(ended_on=ended_on, participants=self.participants)


@command
class ReportActivity(Command):
    """活动总结 · Report on the activity."""

    summary: str
    spent_fen: int | None = None
    photo: str | None = None

    def decide(self, _activity: Activity, _at: Moment) -> Iterator[Event]:
        """What was done, what it cost (§1.7)."""
        forbid(negative(self.spent_fen, "1.7", "spent_fen"))
        yield self.to_event(ActivityReported)


@command
class CancelActivity(Command):
    """取消活动 · Cancel the activity.

    With the reason; it stays in the book (§1.7).
    """

    reason: str


_STAFF = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DEPARTMENT_HEAD, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=Activity, kind="activity", path="activities", zh="社区文化活动", en="community activity", clauses="1.7", evolve=evolve,
    states={PLANNED: ("已计划", "planned"), HELD: ("已举行", "held"), REPORTED: ("已总结", "reported"), CANCELLED: ("已取消", "cancelled")},
    final=[REPORTED, CANCELLED],
    steps=[  # command            event                  from     to         who           clause
        step(PlanActivity,        ActivityPlanned,       None,    PLANNED,   _STAFF,       "1.7"),
        step(PostponeActivity,    ActivityPostponed,     PLANNED, SAME,      _STAFF,       "1.7"),
        step(MarkActivityNotHeld, ActivityNotHeldInTime, PLANNED, SAME,      [Role.CLOCK], "1.7"),
        step(RecordActivityHeld,  ActivityHeld,          PLANNED, HELD,      _STAFF,       "1.7"),
        step(ReportActivity,      ActivityReported,      HELD,    REPORTED,  _STAFF,       "1.7"),
        step(CancelActivity,      ActivityCancelled,     PLANNED, CANCELLED, [Role.MANAGER, Role.DEPARTMENT_HEAD], "1.7"),
    ],
    deadlines=[
        deadline("activity", PLANNED, due=lambda activity: activity.held_by, gives=MarkActivityNotHeld, clause="1.7",
                 zh="按计划举行活动", en="hold the activity on its day"),
    ],
    breaches=[breach(ActivityNotHeldInTime, ActivityHeld, ActivityPostponed, ActivityCancelled)],
    waits=[
        wait("report", HELD, within="waiting.reported_within_days", clause="1.7", zh="总结活动", en="report the activity"),
    ],
)
# fmt: on
