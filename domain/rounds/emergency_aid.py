"""Emergency aid 急救 (§5.2.3(6)): a resident fell ill; every step with its time, and a visit within a week after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.kernel.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, step
from domain.kernel.people import Role
from domain.kernel.rules import broken, missing

CALLED, ENDED = "called", "ended"


class AidStep(StrEnum):
    """What was done 急救措施."""

    ARRIVED = "arrived"  # 到达现场
    FIRST_AID = "first-aid"  # 现场救护
    AMBULANCE_CALLED = "ambulance-called"  # 呼叫120
    AMBULANCE_ARRIVED = "ambulance-arrived"  # 急救车到达
    FAMILY_INFORMED = "family-informed"  # 通知家属
    OTHER = "other"  # 其他


class AidOutcome(StrEnum):
    """How it ended 救助结果."""

    HOSPITAL = "hospital"  # 送医
    RECOVERED = "recovered"  # 就地好转
    DECEASED = "deceased"  # 死亡
    FALSE_ALARM = "false-alarm"  # 虚惊


@event()
class EmergencyCalled(Event):
    """已接急救呼叫 · Emergency call taken."""

    place: str
    home: str | None = None
    household: str | None = None
    patient: Personal | None = None
    condition: Personal | None = None
    caller: Personal | None = None
    end_by: datetime | None = None


@event()
class EmergencyAidNotEnded(Event):
    """急救逾期未登记结束 · The emergency was not recorded as ended in time."""

    due_at: datetime


@event()
class AidStepTaken(Event):
    """急救措施已采取 · A step of the aid was taken."""

    step: AidStep
    note: Personal | None = None


@event()
class EmergencyAidEnded(Event):
    """急救已结束 · Emergency aid ended."""

    outcome: AidOutcome
    hospital: Personal | None = None
    note: Personal | None = None


@dataclass(slots=True, kw_only=True)
class EmergencyAid(Case):
    """What is known of one emergency. ``end_by`` is when it should be recorded as ended: a date of our own."""

    CORRECTS = ("place", "household", "home", "patient", "condition", "hospital")
    PAPERS = True

    place: str = ""
    home: str | None = None
    household: str | None = None
    patient: str | None = None
    condition: str | None = None
    taken_by: str | None = None
    end_by: datetime | None = None
    missed_at: datetime | None = None
    steps: dict[AidStep, datetime] = field(default_factory=dict)
    outcome: AidOutcome | None = None
    hospital: str | None = None
    ended_at: datetime | None = None

    @property
    def ending_until(self) -> datetime | None:
        """Until when its end is recorded, unless that was missed."""
        return self.end_by if self.missed_at is None else None


def evolve(aid: EmergencyAid, fact: Fact) -> None:
    """Fold one fact into the emergency."""
    match fact.event:
        case EmergencyCalled() as e:
            aid.place, aid.home, aid.household = e.place, e.home, e.household
            aid.patient, aid.condition, aid.taken_by, aid.end_by = e.patient, e.condition, fact.user_id, e.end_by
        case EmergencyAidNotEnded() as e:
            aid.missed_at = e.due_at
        case AidStepTaken() as e:
            aid.steps[e.step] = min(aid.steps.get(e.step, fact.occurred_at), fact.occurred_at)
        case EmergencyAidEnded() as e:
            aid.outcome, aid.hospital, aid.ended_at = e.outcome, e.hospital, fact.occurred_at


@command
class TakeEmergencyCall(Command):
    """受理急救呼叫 · Take an emergency call.

    Nothing but the place is asked for: help first (§5.2.3(6)).
    """

    place: str
    home: str | None = None
    household: str | None = None
    patient: Personal | None = None
    condition: Personal | None = None
    caller: Personal | None = None

    def decide(self, _aid: None, at: Moment) -> Iterator[Event]:
        """Nothing but the place is asked for: help first (§5.2.3(6)); its end is recorded within some hours (ours)."""
        hours = at.numbers.integer("emergency.end_within_hours")
        yield self.to_event(EmergencyCalled, end_by=None if at.waived else at.now + timedelta(hours=hours))


@command
class MissEmergencyEnd(Command):
    """急救逾期未登记结束 · Note that the emergency was not recorded as ended."""

    def decide(self, aid: EmergencyAid, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which it passed: no week of a visit runs before the end (§5.2.3(6))."""
        yield EmergencyAidNotEnded(due_at=aid.end_by or at.now)


@command
class TakeAidStep(Command):
    """记录急救措施 · Record a step of the aid."""

    step: AidStep
    note: Personal | None = None

    def decide(self, aid: EmergencyAid, at: Moment) -> Iterator[Event]:
        """With its own time; help came first, so that it may be written down when all is over (§5.2.3(6))."""
        if aid.ended_at is not None and at.now > aid.ended_at:
            raise broken(
                "after-the-end", "5.2.3(6)", "救助已结束，请补录发生时间", "the aid had ended by then", "occurred_at"
            )
        yield self.to_event(AidStepTaken)


@command
class EndEmergencyAid(Command):
    """结束急救 · End the emergency aid."""

    outcome: AidOutcome
    hospital: Personal | None = None
    note: Personal | None = None

    def decide(self, _aid: EmergencyAid, at: Moment) -> Iterator[Event]:
        """From here the week of the visit runs (§5.2.3(6))."""
        if self.outcome is AidOutcome.HOSPITAL and self.hospital is None:
            at.require_evidence(missing("hospital", "5.2.3(6)", "请填写送往的医院", "say to which hospital"))
        yield self.to_event(EmergencyAidEnded)


_STAFF = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=EmergencyAid, kind="emergency_aid", path="emergency-aids", zh="急救", en="emergency aid", clauses="5.2.3(6)", evolve=evolve,
    subject=lambda aid: aid.household,
    states={CALLED: ("救助中", "under way"), ENDED: ("已结束", "ended")},
    final=[ENDED],
    steps=[
        step(TakeEmergencyCall, EmergencyCalled,   None,   CALLED, _STAFF, "5.2.3(6)"),
        step(TakeAidStep,       AidStepTaken,      (CALLED, ENDED), SAME, _STAFF, "5.2.3(6)"),
        step(EndEmergencyAid,   EmergencyAidEnded, CALLED, ENDED,  _STAFF, "5.2.3(6)"),
        step(MissEmergencyEnd,  EmergencyAidNotEnded, CALLED, SAME, [Role.CLOCK], "5.2.3(6)"),
    ],
    deadlines=[
        deadline("end", CALLED, due=lambda aid: aid.ending_until, gives=MissEmergencyEnd, clause="5.2.3(6)",
                 zh="登记急救结束", en="record that the emergency has ended"),
    ],
    breaches=[breach(EmergencyAidNotEnded, EmergencyAidEnded)],
)
# fmt: on
