"""Sentences about daily patrols 日常巡视 and their routes (§2)."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.people import Role
from domain.rounds.patrol.commands import (
    LAID_OUT,
    BeginPatrol,
    EndPatrol,
    MarkPatrolMissed,
    OpenPatrol,
    RecordPatrolFinding,
    ResumePatrol,
    SeePatrolPoint,
)
from domain.rounds.patrol.events import (
    Handling,
    PatrolBegun,
    PatrolCompleted,
    PatrolEndedIncomplete,
    PatrolFindingRecorded,
    PatrolMissed,
    PatrolPointMissed,
    PatrolPointSeen,
    PatrolPointSeenAgain,
    PatrolPointSeenLate,
    SubjectSeen,
)
from domain.rounds.patrol.lifecycle import LIFECYCLE
from domain.rounds.patrol_route import LIFECYCLE as ROUTES
from domain.rounds.patrol_route import (
    ChangePatrolRoute,
    LayOutPatrolRoute,
    PatrolRouteChanged,
    RetirePatrolRoute,
    RoutePoint,
    Subject,
)
from domain.rounds.work_order import Trade
from tests.domain.story import Story, given, instant

GUARD, HEAD, CLOCK, POLICY = Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.CLOCK, Role.POLICY
DAY = date(2025, 3, 3)
POINTS = (RoutePoint(code="1", place="东门", by=time(11)), RoutePoint(code="2", place="水泵房"))
ALL_GOOD = tuple(SubjectSeen(subject=subject, good=True) for subject in Subject)


def route() -> Story:
    return given(ROUTES).when(LayOutPatrolRoute(name="日巡", points=POINTS), as_=HEAD)


def owed() -> Story:
    return given(LIFECYCLE).when(OpenPatrol(day=DAY), as_=POLICY, at="2025-03-03 00:00")


def walking(**related: Any) -> Story:
    begin = BeginPatrol(patrol_route="patrol_route-1")
    return owed().when(begin, as_=GUARD, at="2025-03-03 10:00", related={"route": route().case, **related})


def finding(**fields: Any) -> RecordPatrolFinding:
    return RecordPatrolFinding(
        **{
            "subject": Subject.SAFETY,
            "place": "水泵房",
            "matter": "渗水",
            "handling": Handling.RECTIFICATION,
            "photo": "p1",
            **fields,
        }
    )


def test_where_a_route_is_laid_out_whoever_sets_out_walks_it() -> None:
    """Else four ticks at the gate are a patrol; a head or a manager may have a reason to go another way (§2)."""
    laid = {LAID_OUT: route().case}
    free = BeginPatrol()
    owed().when(free, as_=GUARD, at="2025-03-03 10:00", related=laid).refused(
        RuleBroken, code="route-missing", clause="2"
    )
    owed().when(free, as_=HEAD, at="2025-03-03 10:00", related=laid).then(PatrolBegun, points=())
    walked = given(ROUTES).when(LayOutPatrolRoute(name="日巡", points=POINTS), as_=HEAD, at="2025-03-03 15:00").case
    owed().when(free, as_=GUARD, at="2025-03-03 10:00", related={LAID_OUT: walked}).then(PatrolBegun, points=())
    owed().when(free, as_=GUARD, at="2025-03-03 10:00").then(PatrolBegun, points=())


def test_each_day_owes_its_patrol_until_midnight() -> None:
    owed().is_in("owed").owes("patrol", "2025-03-04 00:00")


def test_a_patrol_that_saw_every_point_and_subject_is_complete() -> None:
    story = walking().then(PatrolBegun, points=POINTS)
    story.when(SeePatrolPoint(point="1"), as_=GUARD, at="2025-03-03 10:30").then(PatrolPointSeen, point="1")
    story.when(SeePatrolPoint(point="2"), as_=GUARD, at="2025-03-03 11:30").then(PatrolPointSeen)
    story.when(EndPatrol(subjects=ALL_GOOD), as_=GUARD, at="2025-03-03 12:00").then(PatrolCompleted).is_in("completed")
    story.owes("patrol", None)
    assert story.case.completed_at == instant("2025-03-03 12:00")


def test_late_and_repeated_and_missed_points_are_different_facts() -> None:
    story = walking().when(SeePatrolPoint(point="1"), as_=GUARD, at="2025-03-03 11:30")
    story.then(PatrolPointSeenLate, by=time(11))
    story.when(SeePatrolPoint(point="1"), as_=GUARD, at="2025-03-03 11:40").then(PatrolPointSeenAgain)
    story.when(EndPatrol(subjects=ALL_GOOD), as_=GUARD, at="2025-03-03 12:00")
    story.then(PatrolPointMissed, point="2").then(PatrolEndedIncomplete, left_out=()).is_in("incomplete")
    assert (story.case.late, story.case.repeated, story.case.points_missed) == ({"1"}, 1, 1)
    story.when(ResumePatrol(), as_=GUARD, at="2025-03-03 15:00").is_in("under-way")
    story.when(SeePatrolPoint(point="2"), as_=GUARD, at="2025-03-03 15:10")
    story.when(EndPatrol(subjects=ALL_GOOD), as_=GUARD, at="2025-03-03 15:20").then(PatrolCompleted)
    assert story.case.points_missed == 0
    assert story.case.begun_at == instant("2025-03-03 10:00")
    walking().when(SeePatrolPoint(point="9"), as_=GUARD, at="2025-03-03 10:30").refused(
        RuleBroken, code="point-unknown"
    )


def test_a_subject_that_was_left_out_makes_it_incomplete() -> None:
    story = owed().when(BeginPatrol(), as_=GUARD, at="2025-03-03 10:00")
    story.when(EndPatrol(subjects=ALL_GOOD[:3]), as_=GUARD, at="2025-03-03 10:30")
    story.then(PatrolEndedIncomplete, left_out=(Subject.STAFF,))
    twice = EndPatrol(subjects=(*ALL_GOOD, ALL_GOOD[0]))
    walking().when(twice, as_=GUARD, at="2025-03-03 10:30").refused(RuleBroken, code="subject-twice")


def test_what_is_not_good_is_a_finding_with_a_photo() -> None:
    bad = (*ALL_GOOD[:2], SubjectSeen(subject=Subject.SAFETY, good=False), ALL_GOOD[3])
    story = owed().when(BeginPatrol(), as_=GUARD, at="2025-03-03 10:00")
    story.when(EndPatrol(subjects=bad), as_=GUARD, at="2025-03-03 10:30").refused(RuleBroken, code="finding-missing")
    assert story.refusal is not None
    assert (story.refusal.zh, story.refusal.en) == (
        "不合格的内容须先记录发现：安全隐患",
        "say what was found: safety",
    )
    story.when(finding(photo=None), as_=GUARD, at="2025-03-03 10:10").refused(
        RuleBroken, clause="2.3", code="photo-missing"
    )
    story.when(finding(handling=Handling.WORK_ORDER), as_=GUARD, at="2025-03-03 10:10").refused(
        RuleBroken, code="trade-missing"
    )
    story.when(finding(), as_=GUARD, at="2025-03-03 10:10").then(PatrolFindingRecorded)
    story.when(finding(handling=Handling.NOTED, photo=None), as_=GUARD, at="2025-03-03 10:11")
    story.when(finding(handling=Handling.WORK_ORDER, trade=Trade.GREENING), as_=GUARD, at="2025-03-03 10:12")
    assert [each.number for each in story.case.findings] == [1, 2, 3]
    story.when(EndPatrol(subjects=bad), as_=GUARD, at="2025-03-03 10:30").then(PatrolCompleted)


def test_a_day_without_a_complete_patrol_is_a_breach_at_midnight() -> None:
    story = owed().when(MarkPatrolMissed(), as_=CLOCK, at="2025-03-04 00:00")
    story.then(PatrolMissed, day=DAY, due_at=instant("2025-03-04 00:00")).is_in("missed")
    begun = walking().when(MarkPatrolMissed(), as_=CLOCK, at="2025-03-04 00:00")
    begun.then(PatrolPointMissed, point="1").then(PatrolMissed)
    assert begun.case.points_missed == 2


def test_a_patrol_that_was_walked_and_not_entered_is_entered_late_by_the_head() -> None:
    story = owed().when(MarkPatrolMissed(), as_=CLOCK, at="2025-03-04 00:00")
    story.when(BeginPatrol(), as_=GUARD, at="2025-03-03 09:00").refused(NotPermitted, clause="2")
    story.when(BeginPatrol(), as_=HEAD, at="2025-03-04 09:00").refused(RuleBroken, code="not-its-day")
    story.when(BeginPatrol(), as_=HEAD, at="2025-03-03 09:00").is_in("under-way").owes("patrol", None)
    story.when(EndPatrol(subjects=ALL_GOOD), as_=GUARD, at="2025-03-03 09:40").then(PatrolCompleted).is_in("completed")
    assert story.case.missed_at == instant("2025-03-04 00:00"), "the breach stands in the book"


def test_a_patrol_belongs_to_its_day_and_to_a_route_in_use() -> None:
    owed().when(BeginPatrol(), as_=GUARD, at="2025-03-04 10:00").refused(RuleBroken, code="not-its-day")
    walking().when(SeePatrolPoint(point="1"), as_=GUARD, at="2025-03-03 09:00").refused(RuleBroken, code="not-its-day")
    retired = route().when(RetirePatrolRoute(), as_=HEAD).case
    begin = BeginPatrol(patrol_route="patrol_route-1")
    story = owed().when(begin, as_=GUARD, at="2025-03-03 10:00", related={"route": retired})
    story.refused(RuleBroken, code="route-retired")
    assert begin.related() == {"route": "patrol_route-1"}
    assert BeginPatrol().related() == {}


def test_a_route_has_points_each_with_its_own_code() -> None:
    given(ROUTES).when(LayOutPatrolRoute(name="x", points=()), as_=HEAD).refused(RuleBroken, code="points-missing")
    twice = LayOutPatrolRoute(name="x", points=(POINTS[0], POINTS[0]))
    given(ROUTES).when(twice, as_=HEAD).refused(RuleBroken, code="point-twice")
    route().when(ChangePatrolRoute(points=POINTS[:1], reason="修路"), as_=HEAD).then(
        PatrolRouteChanged, points=POINTS[:1]
    )
