"""Who plays the day's work: patrols, cleaners and gardeners, notice boards, activities, emergencies."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import partial

from api.demo.people import STAFF, name
from api.demo.stage import Stage
from domain.kernel.calendar import local_date, start_of_day
from domain.kernel.late_entries import ConfirmLateEntry
from domain.kernel.people import Role
from domain.kernel.periods import Month
from domain.rounds.activity import PlanActivity, RecordActivityHeld, ReportActivity
from domain.rounds.emergency_aid import AidOutcome, AidStep, EndEmergencyAid, TakeAidStep, TakeEmergencyCall
from domain.rounds.notice_board import PostEdition, PrepareEdition, SetUpNoticeBoard
from domain.rounds.patrol.commands import BeginPatrol, EndPatrol, RecordPatrolFinding, SeePatrolPoint
from domain.rounds.patrol.events import Handling, SubjectSeen
from domain.rounds.patrol_route import LayOutPatrolRoute, RoutePoint, Subject
from domain.rounds.work_order import AcceptWorkOrder, DispatchWorkOrder, ReportWorkOrderDone, ReturnWorkOrder, Trade

__all__ = ["call_for_help", "routine", "set_up"]

_CLERK, _HEAD, _GUARD, _MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.DUTY_OFFICER, Role.MANAGER
_POINTS = ("东门岗", "地下车库", "水泵房", "配电房", "儿童乐园", "3号楼屋面")
_FOUND = (
    (Subject.CLEANING_AND_GREENING, "楼道有杂物", Handling.WORK_ORDER, Trade.CLEANING),
    (Subject.CLEANING_AND_GREENING, "草坪枯黄", Handling.WORK_ORDER, Trade.GREENING),
    (Subject.SAFETY, "消防通道被占", Handling.RECTIFICATION, None),
    (Subject.VIOLATIONS, "擅自搭建雨棚", Handling.RECTIFICATION, None),
    (Subject.STAFF, "未佩戴工牌", Handling.NOTED, None),
)
_ACTIVITIES = ((2, 12, "元宵灯会"), (6, 1, "儿童节游园"), (9, 28, "邻里节"), (12, 20, "冬至包饺子"))


def set_up(stage: Stage, months: int, now: datetime) -> None:
    """A route, two boards, and the year's activities."""
    points = tuple(
        RoutePoint(code=str(number), place=place, by=time(11, 30) if number == 1 else None)
        for number, place in enumerate(_POINTS, 1)
    )
    route = stage.give(LayOutPatrolRoute(name="日常巡视路线", points=points), _HEAD, now)
    assert route is not None
    for day in (
        date(2025, 1, 1) + timedelta(days=n) for n in range((Month(2025, months).last - date(2025, 1, 1)).days + 1)
    ):
        begins = start_of_day(day) + timedelta(hours=10, minutes=stage.random.randint(0, 50))
        if not stage.chance(0.015):
            stage.at(max(begins, now + timedelta(minutes=30)), partial(_walk, stage, route))
        elif stage.chance(0.3):  # walked, and forgotten on paper
            stage.at(begins + timedelta(days=1), partial(_enter, stage, begins))
    [[first]] = stage.ask(
        "select case_id from wuye.r_notice_boards where office = %(office)s and to_number is null", {}
    )
    second = stage.give(SetUpNoticeBoard(name="中心花园宣传栏", place="中心花园"), _CLERK, now)
    assert second is not None
    for case in (first, second):
        for number in range(1, months + 1):
            if not stage.chance(0.05):
                posted = start_of_day(date(2025, number, stage.random.randint(3, 26))) + timedelta(hours=14)
                stage.at(posted, partial(_post, stage, case))
    for month, day_of_month, title in _ACTIVITIES:
        if month <= months:
            held = date(2025, month, day_of_month)
            planned = start_of_day(held) - timedelta(days=20)
            stage.at(max(planned + timedelta(hours=10), now), partial(_plan, stage, title, held))


def routine(stage: Stage, now: datetime) -> None:
    """Every morning the open work orders are gone through."""
    for case_id, state, worker in stage.ask(
        "select case_id, state, worker from wuye.r_work_orders"
        " where office = %(office)s and to_number is null and open",
        {},
    ):
        if state in ("raised", "returned"):
            stage.give(DispatchWorkOrder(worker="bao-jie-1"), _CLERK, now, on=case_id)
        elif state == "dispatched" and stage.chance(0.8):
            stage.give(ReportWorkOrderDone(result="已处理"), _CLERK, now, on=case_id, by=worker)
        elif state == "done" and stage.chance(0.05):
            stage.give(ReturnWorkOrder(reason="不彻底"), _HEAD, now, on=case_id)
        elif state == "done":
            stage.give(AcceptWorkOrder(), _HEAD, now, on=case_id)


def call_for_help(stage: Stage, household: str, now: datetime) -> None:
    """A resident has fallen ill."""
    call = TakeEmergencyCall(
        place="住户家中",
        household=household,
        home=stage.case(household).home,
        patient=name(stage.random),
        condition="胸闷",
    )
    case = stage.give(call, _GUARD, now)
    if case is None:
        return
    stage.give(TakeAidStep(step=AidStep.AMBULANCE_CALLED), _GUARD, now + timedelta(minutes=1), on=case)
    stage.give(TakeAidStep(step=AidStep.ARRIVED), _GUARD, now + timedelta(minutes=6), on=case)
    ended = EndEmergencyAid(outcome=AidOutcome.HOSPITAL, hospital="市一医院")
    stage.give(ended, _GUARD, now + timedelta(minutes=40), on=case)


def _walk(stage: Stage, route: str, now: datetime) -> None:
    patrol = f"patrol-{stage.code}-{local_date(now)}-1"
    if stage.give(BeginPatrol(patrol_route=route), _GUARD, now, on=patrol) is None:
        return
    for number in range(1, len(_POINTS) + 1):
        if not stage.chance(0.003):
            stage.give(SeePatrolPoint(point=str(number)), _GUARD, now + timedelta(minutes=8 * number), on=patrol)
    ends, good = now + timedelta(minutes=70), dict.fromkeys(Subject, True)
    if stage.chance(0.3):
        subject, matter, handling, trade = stage.random.choice(_FOUND)
        place, photo = stage.random.choice(_POINTS), f"IMG{stage.random.randint(1000, 9999)}"
        found = RecordPatrolFinding(
            subject=subject, place=place, matter=matter, handling=handling, trade=trade, photo=photo
        )
        stage.give(found, _GUARD, ends - timedelta(minutes=5), on=patrol)
        good[subject] = False
    seen = tuple(SubjectSeen(subject=subject, good=fine) for subject, fine in good.items())
    stage.give(EndPatrol(subjects=seen), _GUARD, ends, on=patrol)


def _enter(stage: Stage, walked: datetime, now: datetime) -> None:
    """The head enters from paper what was walked the day before."""
    patrol = f"patrol-{stage.code}-{local_date(walked)}-1"
    stage.give(BeginPatrol(), _HEAD, now, on=patrol, occurred=walked)
    seen = tuple(SubjectSeen(subject=subject, good=True) for subject in Subject)
    stage.give(EndPatrol(subjects=seen), _HEAD, now, on=patrol, occurred=walked + timedelta(hours=1))
    stage.at(now + timedelta(days=1), partial(_confirm, stage, patrol))


def _confirm(stage: Stage, patrol: str, now: datetime) -> None:
    """The manager looks into the patrol book and confirms what was entered from it."""
    confirmed = ConfirmLateEntry(reason="纸质巡视记录属实", evidence="巡视记录本")
    stage.give(confirmed, _MANAGER, now, on=patrol, by=STAFF[_MANAGER.value][0])


def _post(stage: Stage, board: str, now: datetime) -> None:
    title = stage.random.choice(("消防安全", "垃圾分类", "文明养犬", "防汛提示", "春节祝福"))
    stage.give(PrepareEdition(title=title), _CLERK, now - timedelta(hours=1), on=board)
    stage.give(PostEdition(photo=f"IMG{stage.random.randint(1000, 9999)}"), _CLERK, now, on=board)


def _plan(stage: Stage, title: str, held: date, now: datetime) -> None:
    plan = PlanActivity(title=title, planned_on=held, place="中心花园", organiser="guan-li-1", budget_fen=300_000)
    case = stage.give(plan, _CLERK, now)
    if case is not None:
        stage.at(start_of_day(held) + timedelta(hours=19), partial(_hold, stage, case))


def _hold(stage: Stage, activity: str, now: datetime) -> None:
    stage.give(RecordActivityHeld(participants=stage.random.randint(40, 200)), _CLERK, now, on=activity)
    report = ReportActivity(summary="住户反响良好", spent_fen=stage.random.randint(100_000, 300_000))
    stage.give(report, _CLERK, now + timedelta(hours=2), on=activity)
