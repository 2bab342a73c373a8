"""What follows for patrols, work orders, notice boards and activities and emergencies (§1, §2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from domain.handbook.settings import Numbers
from domain.kernel.calendar import local_date
from domain.kernel.fact import Fact
from domain.office.office import Office, OfficeOpened
from domain.rounds.activity import Activity, ActivityHeld
from domain.rounds.emergency_aid import AidOutcome, EmergencyAid, EmergencyAidEnded
from domain.rounds.notice_board import SetUpNoticeBoard
from domain.rounds.patrol.case import Patrol
from domain.rounds.patrol.commands import AccountForMissedPatrol, LeavePatrolUnaccounted, OpenPatrol
from domain.rounds.patrol.events import (
    Handling,
    MissedPatrolAccountedFor,
    PatrolCompleted,
    PatrolFindingRecorded,
    PatrolMissed,
)
from domain.rounds.rectification.commands import OpenRectification
from domain.rounds.work_order import RaiseWorkOrder
from domain.visits.follow_up.case import visit_id
from domain.visits.follow_up.commands.ending import LapseFollowUp
from domain.visits.follow_up.commands.visiting import OpenFollowUp
from domain.visits.follow_up.events import FollowUpType, LapseReason
from workflows.engine.policy import Consequence, Policy, whenever

_PATROL = "patrol"


def arrange_a_notice_board_with_the_office(office: Office, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """管理处设立即设宣传栏，当月起每月更换 · Set up a notice board with the office: an edition every month from then on."""
    yield Consequence(SetUpNoticeBoard(name="宣传栏", place=office.name))


def patrol_from_the_day_an_office_opens(_office: Office, fact: Fact, numbers: Numbers) -> Iterator[Consequence]:
    """管理处设立当日起每日巡视 · Patrol every day from the day on which the office opens."""
    for number in range(1, numbers.integer("patrol.per_day") + 1):
        yield Consequence(OpenPatrol(day=local_date(fact.occurred_at), round=number))


def patrol_again_the_next_day(patrol: Patrol, fact: Fact, numbers: Numbers) -> Iterator[Consequence]:
    """当日巡视了结后立项次日巡视 · Open the next day's patrol when a day's is settled."""
    entered_late = isinstance(fact.event, PatrolCompleted) and patrol.missed_at is not None
    if patrol.round == 1 and patrol.day is not None and not entered_late:
        for number in range(1, numbers.integer("patrol.per_day") + 1):
            yield Consequence(OpenPatrol(day=patrol.day + timedelta(days=1), round=number))


def wait_no_longer_for_an_account(patrol: Patrol, _fact: Fact, numbers: Numbers) -> Iterator[Consequence]:
    """缺失逾期未说明者不再列为待办 · What nobody has accounted for leaves the desk as such, so that a long gap drowns nothing."""
    if patrol.day is not None:
        before = patrol.day - timedelta(days=numbers.integer("patrol.account_within_days"))
        yield Consequence(LeavePatrolUnaccounted(), to=f"patrol-{patrol.office}-{before}-{patrol.round}")


def account_for_the_days_before_too(patrol: Patrol, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """连续缺失的各日一并说明 · One account does for all the days in a row on which nobody went round."""
    said = fact.event
    assert isinstance(said, MissedPatrolAccountedFor)
    if patrol.day is not None:
        before = patrol.day - timedelta(days=1)
        account = AccountForMissedPatrol(reason=said.reason, measures=said.measures)
        yield Consequence(account, to=f"patrol-{patrol.office}-{before}-{patrol.round}")


def handle_every_finding(patrol: Patrol, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """巡视发现即派工单或立案整改 · Every finding becomes a work order or a rectification."""
    assert isinstance(fact.event, PatrolFindingRecorded)
    found = fact.event.finding
    if found.handling is Handling.WORK_ORDER and found.trade is not None:
        yield Consequence(
            RaiseWorkOrder(
                trade=found.trade,
                place=found.place,
                matter=found.matter,
                origin_kind=_PATROL,
                origin_id=patrol.id,
                origin_item=str(found.number),
            )
        )
    elif found.handling is Handling.RECTIFICATION:
        yield Consequence(
            OpenRectification(
                matter=f"{found.place}：{found.matter}",
                severity=found.severity,
                origin_kind=_PATROL,
                origin_id=patrol.id,
                origin_item=str(found.number),
            )
        )


def follow_up_every_activity(activity: Activity, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """活动结束后一个月内回访 · Follow up every activity within a month after it ended."""
    if not fact.imported and activity.ended_on is not None:
        yield Consequence(
            OpenFollowUp(
                type=FollowUpType.ACTIVITY,
                anchor=activity.ended_on,
                origin_kind="activity",
                origin_id=activity.id,
                responsible=activity.organiser,
                chain=activity.id,
            )
        )


def follow_up_every_emergency(aid: EmergencyAid, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """急救结束后一周内回访，虚惊另列 · Visit within a week after the aid ended; a false alarm stands beside the figure."""
    if not fact.imported:
        alarm = visit_id(aid.id, fact.version) if aid.outcome is AidOutcome.FALSE_ALARM else None
        yield Consequence(
            OpenFollowUp(
                type=FollowUpType.EMERGENCY,
                anchor=local_date(fact.occurred_at),
                origin_kind="emergency_aid",
                origin_id=aid.id,
                household=aid.household,
                home=aid.home,
                responsible=aid.taken_by,
                chain=aid.id,
            ),
            opens=alarm,
        )
        if alarm is not None:
            yield Consequence(LapseFollowUp(reason=LapseReason.FALSE_ALARM), to=alarm, must=True)


ROUNDS: tuple[Policy, ...] = (
    whenever(OfficeOpened, then=arrange_a_notice_board_with_the_office, clause="1.7"),
    whenever(OfficeOpened, then=patrol_from_the_day_an_office_opens, clause="2"),
    whenever(PatrolCompleted, then=patrol_again_the_next_day, clause="2"),
    whenever(PatrolMissed, then=patrol_again_the_next_day, clause="2"),
    whenever(PatrolMissed, then=wait_no_longer_for_an_account, clause="2"),
    whenever(MissedPatrolAccountedFor, then=account_for_the_days_before_too, clause="2"),
    whenever(PatrolFindingRecorded, then=handle_every_finding, clause="2"),
    whenever(ActivityHeld, then=follow_up_every_activity, clause="5.2.3(7)"),
    whenever(EmergencyAidEnded, then=follow_up_every_emergency, clause="5.2.3(6)"),
)
