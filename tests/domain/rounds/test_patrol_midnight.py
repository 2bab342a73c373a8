"""A patrol that midnight overtakes, and a day on which nobody went round (§2): neither falls off the desk."""

from __future__ import annotations

from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.people import Role
from domain.rounds.patrol.commands import (
    AccountForMissedPatrol,
    BeginPatrol,
    EndPatrol,
    MarkPatrolMissed,
    RecordPatrolFinding,
    SeePatrolPoint,
)
from domain.rounds.patrol.events import (
    Handling,
    MissedPatrolAccountedFor,
    PatrolBegun,
    PatrolCompleted,
    PatrolEndedIncomplete,
    PatrolFindingRecorded,
    PatrolMissed,
    PatrolPointSeen,
    SubjectSeen,
)
from domain.rounds.patrol_route import Subject
from tests.domain.rounds.test_patrol import ALL_GOOD, CLOCK, GUARD, HEAD, owed, route, walking
from tests.domain.story import Story

MIDNIGHT = "2025-03-04 00:00"


def overtaken() -> Story:
    """«someone» set out at ten to twelve along a route; then the day was over."""
    related = {"route": route().case}
    story = owed().when(BeginPatrol(patrol_route="r"), as_=GUARD, at="2025-03-03 23:50", related=related)
    return story.when(MarkPatrolMissed(), as_=CLOCK, at=MIDNIGHT).then(PatrolMissed).is_in("missed")


def test_whoever_was_walking_at_midnight_goes_on_and_ends_it() -> None:
    story = overtaken()
    for point in "12":
        story.when(SeePatrolPoint(point=point), as_=GUARD, at="2025-03-04 00:10")
    assert story.case.seen
    found = RecordPatrolFinding(subject=Subject.SAFETY, place="泵房", matter="漏", handling=Handling.NOTED)
    story.when(found, as_=GUARD, at="2025-03-04 00:12").then(PatrolFindingRecorded)
    seen = tuple(SubjectSeen(subject=subject, good=subject is not Subject.SAFETY) for subject in Subject)
    story.when(EndPatrol(subjects=seen), as_=GUARD, at="2025-03-04 00:20").then(PatrolCompleted).is_in("completed")
    assert story.case.missed_at is not None, "the day passed without a complete patrol all the same"


def test_nobody_else_ends_it_and_nobody_much_later() -> None:
    overtaken().when(EndPatrol(subjects=ALL_GOOD), as_=GUARD, by="other", at="2025-03-04 00:20").refused(
        RuleBroken, code="own-patrol"
    )
    overtaken().when(EndPatrol(subjects=ALL_GOOD), as_=GUARD, at="2025-03-04 02:01").refused(
        RuleBroken, code="not-its-day"
    )
    story = owed().when(MarkPatrolMissed(), as_=CLOCK, at=MIDNIGHT)
    for command in (EndPatrol(subjects=ALL_GOOD), SeePatrolPoint(point="1")):
        story.when(command, as_=GUARD, at="2025-03-04 00:20").refused(RuleBroken, code="not-under-way")


def test_what_is_left_out_after_midnight_is_said_so() -> None:
    story = overtaken().when(EndPatrol(subjects=ALL_GOOD[:2]), as_=GUARD, at="2025-03-04 00:20")
    story.then(PatrolEndedIncomplete).is_in("incomplete")
    assert not story.case.walking


def test_a_finding_contradicts_all_good() -> None:
    story = walking()
    for point in "12":
        story.when(SeePatrolPoint(point=point), as_=GUARD, at="2025-03-03 10:30").then(PatrolPointSeen)
    found = RecordPatrolFinding(subject=Subject.SAFETY, place="泵房", matter="漏", handling=Handling.NOTED)
    story.when(found, as_=GUARD, at="2025-03-03 10:40")
    story.when(EndPatrol(subjects=ALL_GOOD), as_=GUARD, at="2025-03-03 11:00")
    story.refused(RuleBroken, code="finding-contradicts")


def test_the_head_accounts_for_a_missing_day_and_it_can_still_be_entered() -> None:
    story = owed().when(MarkPatrolMissed(), as_=CLOCK, at=MIDNIGHT)
    account = AccountForMissedPatrol(reason="台风", measures="加派一人")
    story.when(account, as_=GUARD, at="2025-03-04 09:00").refused(NotPermitted)
    empty = AccountForMissedPatrol(reason=" ", measures="x")
    story.when(empty, as_=HEAD, at="2025-03-04 09:00").refused(RuleBroken, code="reason-missing")
    empty = AccountForMissedPatrol(reason="x", measures=" ")
    story.when(empty, as_=HEAD, at="2025-03-04 09:00").refused(RuleBroken, code="measures-missing")
    story.when(account, as_=HEAD, at="2025-03-04 09:00").then(MissedPatrolAccountedFor).is_in("accounted-for")
    story.when(account, as_=HEAD, at="2025-03-04 09:00").refused(WrongState)
    story.when(BeginPatrol(), as_=Role.MANAGER, at="2025-03-03 10:00").then(PatrolBegun)
