"""Sentences about staff 在岗人员, assigned tasks, whose each promise is, and what a complaint is linked with (§1, §4.7, §4.8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.arrears.debt_case.case import DebtCase
from domain.cases import CASES
from domain.complaints.complaint.commands.handling import LinkComplaint, ResolveComplaint
from domain.complaints.complaint.commands.letters import RecordLetterArrival, SendReplyLetter
from domain.complaints.complaint.commands.reception import AssessComplaint, InvestigateComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel, ComplaintLinked, LinkKind, ReplyLetterArrived
from domain.complaints.complaint.lifecycle import LIFECYCLE as COMPLAINTS
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.office import assignment, staff
from domain.office.assignment import AssignTask, ReassignTask, TaskAssigned, TaskReassigned, WithdrawAssignment
from domain.office.responsibility import DUTIES, superior, who_acts
from domain.office.staff import (
    EndAbsence,
    EnrolStaff,
    HandOverTasks,
    RejoinStaff,
    ReportAbsence,
    StaffAbsent,
    StaffLeft,
)
from domain.rounds.repair_order.case import RepairOrder
from domain.visits.follow_up.case import FollowUp
from tests.domain.story import Story, given, instant

CLERK, HEAD, MANAGER, CLOCK = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER, Role.CLOCK


def there() -> Story:
    return given(staff.LIFECYCLE).when(EnrolStaff(person="li", name="李"), as_=MANAGER)


def test_every_deadline_is_somebodys_and_nothing_else_is() -> None:
    assert set(DUTIES) == {(lifecycle.kind, due.kind) for lifecycle in CASES for due in lifecycle.deadlines}
    assert superior(Role.ADMINISTRATOR) is Role.DEPARTMENT_HEAD
    assert superior(Role.COMPANY) is None
    assert {duty.person(None) for duty in DUTIES.values() if duty.role is Role.CLOCK} == {None}, "what the program does"


def test_whoever_stands_in_may_have_somebody_standing_in_for_him() -> None:
    instead = {"li": "wang", "wang": "sun", "a": "b", "b": "a"}
    assert [who_acts(person, instead) for person in ("li", "wang", "sun", "zhao")] == ["sun", "sun", "sun", "zhao"]
    assert who_acts("a", instead) == "a", "in a ring it stays with somebody"


def test_a_notice_that_is_late_is_overdue_until_it_is_given() -> None:
    debt = DebtCase(id="debt_case-1", office="XH", notice1_by=date(2025, 3, 1), notice2_by=date(2025, 4, 1))
    first, second = (DUTIES["debt_case", f"notice-{stage}"].missed for stage in (1, 2))
    assert first(debt) is None
    debt.notice_late = 1
    assert (first(debt), second(debt)) == (instant("2025-03-02 00:00"), None)
    debt.notice1_at, debt.notice_late = instant("2025-03-05 10:00"), 2
    assert (first(debt), second(debt)) == (None, instant("2025-04-02 00:00"))


def test_a_record_that_was_not_filed_in_time_is_overdue_since_then() -> None:
    visit = FollowUp(id="follow_up-1", office="XH", visitor="li", submit_missed_at=instant("2025-03-05 10:00"))
    duty = DUTIES["follow_up", "submission"]
    assert (duty.person(visit), duty.missed(visit)) == ("li", instant("2025-03-05 10:00"))


def test_who_is_absent_has_a_deputy_until_the_last_day() -> None:
    story = there().when(ReportAbsence(until=date(2025, 3, 7), deputy="wang"), as_=MANAGER)
    story.then(StaffAbsent, since=date(2025, 3, 3)).owes("back", "2025-03-08 00:00")
    story.when(EndAbsence(), as_=CLOCK, at="2025-03-08 00:00").is_in("active").owes("back", None)
    assert story.case.deputy is None
    there().when(ReportAbsence(until=date(2025, 3, 1), deputy="wang"), as_=MANAGER).refused(
        RuleBroken, code="absence-over"
    )
    there().when(ReportAbsence(until=date(2025, 3, 7), deputy="li"), as_=MANAGER).refused(RuleBroken, code="own-deputy")
    given(staff.LIFECYCLE).when(EnrolStaff(person=" "), as_=MANAGER).refused(RuleBroken, code="person-missing")


def test_who_leaves_hands_everything_over() -> None:
    there().when(HandOverTasks(successor="li"), as_=MANAGER).refused(RuleBroken, code="own-successor")
    story = there().when(HandOverTasks(successor="wang"), as_=MANAGER).then(StaffLeft, successor="wang").is_in("left")
    story.when(RejoinStaff(), as_=MANAGER).is_in("active")
    assert story.case.successor is None


def test_a_task_is_given_to_a_person_and_to_another_with_a_reason() -> None:
    command = AssignTask(of_case="complaint-1", task="promise", person="li")
    assert command.related() == {"case": "complaint-1"}
    story = given(assignment.LIFECYCLE).when(command, as_=HEAD).then(TaskAssigned)
    story.when(ReassignTask(person="li", reason="x"), as_=HEAD).refused(RuleBroken, code="same-person")
    story.when(ReassignTask(person="wang", reason="熟悉情况"), as_=HEAD).then(TaskReassigned)
    assert story.case.person == "wang"
    story.when(WithdrawAssignment(), as_=HEAD).is_in("withdrawn")
    story.when(command, as_=HEAD).then(TaskAssigned).is_in("assigned")
    nobody = AssignTask(of_case="complaint-1", task="promise", person=" ")
    given(assignment.LIFECYCLE).when(nobody, as_=HEAD).refused(RuleBroken, code="person-missing")
    for of_case, task in (("complaint-1", "promis"), ("nothing-1", "promise"), ("bill-1", "due")):
        wrong = AssignTask(of_case=of_case, task=task, person="li")
        given(assignment.LIFECYCLE).when(wrong, as_=HEAD).refused(RuleBroken, code="task-unknown")


# -- what a complaint is linked with ---------------------------------------------------------------------------------


def complaint() -> Story:
    register = RegisterComplaint(channel=Channel.LETTER, category="water", matter="漏水", content="x", complainant="王")
    return given(COMPLAINTS).when(register, as_=CLERK)


def linked(kind: LinkKind, case: Any) -> Story:
    command = LinkComplaint(kind=kind, case=case.id)
    assert command.related() == {"case": case.id}
    return complaint().when(command, as_=CLERK, related={"case": case})


def test_a_complaint_is_linked_once_with_the_case_that_solves_it() -> None:
    repair = RepairOrder(id="repair_order-1", office="XH")
    linked(LinkKind.DEBT_CASE, repair).refused(RuleBroken, code="other-kind")
    story = linked(LinkKind.REPAIR_ORDER, repair).then(ComplaintLinked)
    again = LinkComplaint(kind=LinkKind.REPAIR_ORDER, case=repair.id)
    story.when(again, as_=CLERK, related={"case": repair}).refused(RuleBroken, code="linked-already")
    assert story.case.links == ("repair_order-1",)


def test_a_letter_arrives_after_it_was_sent() -> None:
    story = complaint()
    story.when(
        AssessComplaint(measure="修", promised_by=instant("2025-03-05 10:00"), told_at=instant("2025-03-03 10:00")),
        as_=CLERK,
    )
    story.when(InvestigateComplaint(findings="漏水", root_cause="老化"), as_=CLERK)
    story.when(ResolveComplaint(done_by="gong", result="已修"), as_=CLERK, at="2025-03-04 10:00")
    arrived = RecordLetterArrival(arrived_on=date(2025, 3, 6), proof="EMS1")
    story.when(arrived, as_=CLERK, at="2025-03-06 10:00").refused(RuleBroken, code="letter-not-sent")
    story.when(SendReplyLetter(recipient="王", text="致歉"), as_=CLERK, at="2025-03-05 10:00")
    early = RecordLetterArrival(arrived_on=date(2025, 3, 4))
    story.when(early, as_=CLERK, at="2025-03-06 10:00").refused(RuleBroken, code="arrival-out-of-range")
    story.when(arrived, as_=CLERK, at="2025-03-06 10:00").then(ReplyLetterArrived)
    assert story.case.letter_arrived_on == date(2025, 3, 6)


@pytest.mark.parametrize("said", ["外:王师傅", "outsider:Wang"])
def test_nobody_from_outside_is_enrolled_or_given_what_is_ours_to_do(said: str) -> None:
    given(staff.LIFECYCLE).when(EnrolStaff(person=said), as_=MANAGER).refused(RuleBroken, code="person-outside")
    ours = there()
    ours.when(ReportAbsence(deputy=said, until=date(2030, 3, 3)), as_=MANAGER).refused(
        RuleBroken, code="person-outside"
    )
    ours.when(HandOverTasks(successor=said), as_=MANAGER).refused(RuleBroken, code="person-outside")
