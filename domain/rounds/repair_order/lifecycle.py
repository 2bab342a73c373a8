"""The lifecycle of a repair order 维修单 (§1.11, §5.2.B): reported, dispatched, repaired, signed for; some are followed up each week."""

from __future__ import annotations

from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, opens_round, step, wait
from domain.kernel.people import Role
from domain.rounds.repair_order.case import (
    ACCEPTED,
    CANCELLED,
    CLOSED,
    COMPLETED,
    DECLINED,
    DISPATCHED,
    OPEN,
    RAISED,
    RETURNED,
    STARTED,
    RepairOrder,
    evolve,
)
from domain.rounds.repair_order.commands import (
    HEADS,
    AcceptRepair,
    BeginSurvey,
    CancelRepairOrder,
    ClassifyRepairOrder,
    CloseRepairOrder,
    ConcludeRepairFollowUp,
    DeclineRepairOrder,
    DispatchRepairOrder,
    FinishRepair,
    InformClientOfRepair,
    MarkRepairSampled,
    MissRepairDeadline,
    MissRepairDispatch,
    NoteRepairStep,
    NoteRepairVisited,
    RaiseRepairOrder,
    RecordSurvey,
    ReportRepairReady,
    ReturnRepair,
    StartRepair,
)
from domain.rounds.repair_order.events import (
    ClientInformed,
    RepairAccepted,
    RepairCancelled,
    RepairClassified,
    RepairClosed,
    RepairCompleted,
    RepairDeclined,
    RepairDispatched,
    RepairFinished,
    RepairFollowedUp,
    RepairNotDispatched,
    RepairOverdue,
    RepairRaised,
    RepairReturned,
    RepairSampled,
    RepairStarted,
    RepairStepNoted,
    RepairVisited,
    SurveyBegun,
    SurveyRecorded,
)

_CLERKS = (Role.ADMINISTRATOR, *HEADS)
_DESK = (*_CLERKS, Role.ASSISTANT)
_ACCEPT = (*_DESK, Role.RESIDENT)
_POLICY = [Role.POLICY]
_DONE = (COMPLETED, ACCEPTED, CLOSED)
_ANY = (*OPEN, *_DONE, DECLINED, CANCELLED)


# fmt: off
LIFECYCLE = Lifecycle(
    of=RepairOrder, kind="repair_order", path="repair-orders", zh="维修单", en="repair order", clauses="1.11",
    evolve=evolve, subject=lambda order: order.household,
    states={
        RAISED: ("已报修", "raised"), DISPATCHED: ("已派工", "dispatched"), STARTED: ("维修中", "started"),
        COMPLETED: ("已完成", "completed"), RETURNED: ("已退回", "returned"), ACCEPTED: ("已验收", "accepted"),
        CLOSED: ("已结案", "closed"), DECLINED: ("不予受理", "declined"), CANCELLED: ("已撤销", "cancelled"),
    },
    final=[CLOSED, DECLINED, CANCELLED],
    steps=[  # command            event             from                     to          who       clause
        step(RaiseRepairOrder,    RepairRaised,     None,                    RAISED,     _DESK,    "1.11"),
        step(ClassifyRepairOrder, RepairClassified, (*OPEN, COMPLETED),      SAME,       _DESK,    "1.11"),
        step(DispatchRepairOrder, RepairDispatched, OPEN,                    DISPATCHED, _CLERKS,  "1.11"),
        step(BeginSurvey,         SurveyBegun,      OPEN,                    SAME,       _CLERKS,  "1.11"),
        step(RecordSurvey,        SurveyRecorded,   OPEN,                    SAME,       _CLERKS,  "1.11"),
        step(StartRepair,         RepairStarted,    (*OPEN, COMPLETED),      STARTED,    _CLERKS,  "1.11"),
        step(FinishRepair,        RepairFinished,   (*OPEN, COMPLETED),      SAME,       _CLERKS,  "1.11"),
        step(ReportRepairReady,   RepairCompleted,  OPEN,                    COMPLETED,  _CLERKS,  "1.11"),
        step(InformClientOfRepair, ClientInformed,  (*OPEN, *_DONE),         SAME,       _DESK,    "1.11"),
        step(AcceptRepair,        RepairAccepted,   COMPLETED,               ACCEPTED,   _ACCEPT,  "1.11"),
        step(ReturnRepair,        RepairReturned,   (COMPLETED, ACCEPTED),   RETURNED,   _CLERKS,  "1.11"),
        step(CloseRepairOrder,    RepairClosed,     (*OPEN, COMPLETED, ACCEPTED), CLOSED, _CLERKS, "1.11"),
        step(DeclineRepairOrder,  RepairDeclined,   OPEN,                    DECLINED,   _CLERKS,  "1.11"),
        step(CancelRepairOrder,   RepairCancelled,  OPEN,                    CANCELLED,  _CLERKS,  "1.11"),
        step(NoteRepairStep,      RepairStepNoted,  _ANY,                    SAME,       _DESK,    "1.11"),
        step(MissRepairDeadline,  RepairOverdue,    OPEN,                    SAME,       [Role.CLOCK], "1.11"),
        step(MissRepairDispatch,  RepairNotDispatched, (RAISED, STARTED),    SAME,       [Role.CLOCK], "1.11"),
        step(MarkRepairSampled,   RepairSampled,    _DONE,                   SAME,       _POLICY,  "5.2.B"),
        step(NoteRepairVisited,   RepairVisited,    (*OPEN, *_DONE),         SAME,       _POLICY,  "5.2.B"),
        step(ConcludeRepairFollowUp, RepairFollowedUp, _DONE,                SAME,       _POLICY,  "5.2.D"),
    ],
    deadlines=[
        deadline("repair", OPEN, due=lambda order: order.running_until, gives=MissRepairDeadline, clause="1.11",
                 zh="按期完成维修", en="the repair is complete by its deadline"),
        deadline("dispatch", (RAISED, STARTED), due=lambda order: order.dispatching_until, gives=MissRepairDispatch,
                 clause="1.11", zh="派工并定期限", en="send somebody to the repair, with a date"),
    ],
    breaches=[
        breach(RepairOverdue, RepairCompleted, RepairDispatched, RepairClosed, RepairDeclined, RepairCancelled),
        breach(RepairNotDispatched, RepairDispatched, RepairCompleted, RepairClosed, RepairDeclined, RepairCancelled),
    ],
    rounds=[opens_round(RepairReturned), opens_round(RepairDispatched, when=lambda order: order.worker is not None)],
    waits=[
        wait("acceptance", COMPLETED, within="waiting.verified_within_days", clause="1.11", zh="请住户验收维修", en="have the repair accepted"),
        wait("closing", ACCEPTED, within="waiting.closed_within_days", clause="1.11", zh="维修单结案", en="close the repair order"),
    ],
)
# fmt: on
