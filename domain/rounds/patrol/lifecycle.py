"""The lifecycle of a patrol 日常巡视 (§2): every day, over four subjects; a day without a complete patrol is a breach."""

from __future__ import annotations

from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, step
from domain.kernel.people import Role
from domain.rounds.patrol.case import (
    ACCOUNTED,
    COMPLETED,
    INCOMPLETE,
    MISSED,
    OWED,
    UNACCOUNTED,
    UNDER_WAY,
    UNFINISHED,
    Patrol,
    evolve,
)
from domain.rounds.patrol.commands import (
    AccountForMissedPatrol,
    BeginPatrol,
    EndPatrol,
    LeavePatrolUnaccounted,
    MarkPatrolMissed,
    OpenPatrol,
    RecordPatrolFinding,
    ResumePatrol,
    SeePatrolPoint,
)
from domain.rounds.patrol.events import (
    MissedPatrolAccountedFor,
    PatrolBegun,
    PatrolCompleted,
    PatrolEndedIncomplete,
    PatrolFindingRecorded,
    PatrolLeftUnaccounted,
    PatrolMissed,
    PatrolOpened,
    PatrolPointMissed,
    PatrolPointSeen,
    PatrolPointSeenAgain,
    PatrolPointSeenLate,
)

_HEADS = (Role.DEPARTMENT_HEAD, Role.MANAGER)
_STAFF = (Role.ADMINISTRATOR, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER)


# fmt: off
LIFECYCLE = Lifecycle(
    of=Patrol, kind="patrol", path="patrols", zh="日常巡视", en="patrol", clauses="2", evolve=evolve,
    identity=lambda command, office: f"patrol-{office}-{command.day}-{command.round}",
    states={
        OWED: ("待巡视", "owed"), UNDER_WAY: ("巡视中", "under way"), INCOMPLETE: ("未巡视完整", "incomplete"),
        COMPLETED: ("已完成", "completed"), MISSED: ("缺失", "missed"),
        ACCOUNTED: ("缺失已说明", "accounted for"), UNACCOUNTED: ("缺失未说明", "unaccounted for"),
    },
    final=[COMPLETED, MISSED, ACCOUNTED, UNACCOUNTED],
    steps=[  # command            event                  from        to          who            clause
        step(OpenPatrol,          PatrolOpened,          None,       OWED,       [Role.POLICY], "2"),
        step(BeginPatrol,         PatrolBegun,           OWED,       UNDER_WAY,  _STAFF,        "2"),
        step(BeginPatrol,         PatrolBegun,           (MISSED, ACCOUNTED, UNACCOUNTED), UNDER_WAY, _HEADS, "2"),
        step(LeavePatrolUnaccounted, PatrolLeftUnaccounted, MISSED,  UNACCOUNTED, [Role.POLICY], "2"),
        step(AccountForMissedPatrol, MissedPatrolAccountedFor, (MISSED, UNACCOUNTED), ACCOUNTED, [*_HEADS, Role.POLICY], "2"),
        step(SeePatrolPoint,      PatrolPointSeen,       (UNDER_WAY, MISSED),  SAME,       _STAFF,        "2"),
        step(SeePatrolPoint,      PatrolPointSeenLate,   (UNDER_WAY, MISSED),  SAME,       _STAFF,        "2"),
        step(SeePatrolPoint,      PatrolPointSeenAgain,  (UNDER_WAY, MISSED),  SAME,       _STAFF,        "2"),
        step(RecordPatrolFinding, PatrolFindingRecorded, (UNDER_WAY, MISSED),  SAME,       _STAFF,        "2"),
        step(EndPatrol,           PatrolPointMissed,     (UNDER_WAY, MISSED),  SAME,       _STAFF,        "2"),
        step(EndPatrol,           PatrolCompleted,       (UNDER_WAY, MISSED),  COMPLETED,  _STAFF,        "2"),
        step(EndPatrol,           PatrolEndedIncomplete, (UNDER_WAY, MISSED),  INCOMPLETE, _STAFF,        "2"),
        step(ResumePatrol,        PatrolBegun,           INCOMPLETE, UNDER_WAY,  _STAFF,        "2"),
        step(MarkPatrolMissed,    PatrolPointMissed,     UNFINISHED, SAME,       [Role.CLOCK],  "2"),
        step(MarkPatrolMissed,    PatrolMissed,          UNFINISHED, MISSED,     [Role.CLOCK],  "2"),
    ],
    deadlines=[
        deadline("patrol", UNFINISHED, due=lambda patrol: patrol.owed_until, gives=MarkPatrolMissed, clause="2",
                 zh="当日完成巡视", en="complete the day's patrol"),
    ],
    breaches=[breach(PatrolMissed, PatrolCompleted)],
)
# fmt: on
