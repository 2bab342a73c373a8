"""The resident's own word: asked for by a link, held against the record, looked into where the two differ."""

from __future__ import annotations

from typing import Any

import pytest

from domain.complaints.complaint.case import Complaint
from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.people import Role
from domain.residents.household.case import Household
from domain.rounds.repair_order.case import RepairOrder
from domain.services.service_order import ServiceOrder
from domain.visits.follow_up.case import FollowUp
from domain.visits.resident_word import (
    LIFECYCLE,
    CompareWithRecord,
    DifferenceNotSettled,
    EndInvitation,
    InviteResident,
    MissDifference,
    ResidentContradicted,
    ResidentInvited,
    ResidentSpoke,
    SettleDifference,
    SpeakForOneself,
    may_be_asked,
    office_says,
    word_id,
)
from tests.domain.story import Story, given, instant

CLERK, MANAGER, RESIDENT, POLICY, CLOCK = (
    Role.ADMINISTRATOR,
    Role.MANAGER,
    Role.RESIDENT,
    Role.POLICY,
    Role.CLOCK,
)
CONTENT = SpeakForOneself(of_case="follow_up-1", is_satisfied=True)
NOT_CONTENT = SpeakForOneself(of_case="follow_up-1", is_satisfied=False, why="又堵了")


def visit(**known: Any) -> FollowUp:
    """A follow-up that is owed, unless it is said otherwise."""
    return FollowUp(
        office="XH",
        id="follow_up-1",
        state=known.pop("state", "assigned"),
        household="household-1",
        home="7-2-1403",
        **known,
    )


def invited(matter: Any = None) -> Story:
    """A resident who was asked about this."""
    return given(LIFECYCLE).when(
        InviteResident(of_case="follow_up-1"), as_=CLERK, related={"matter": matter or visit()}
    )


def said(story: Story, word: SpeakForOneself, matter: Any, at: str = "2025-03-05 20:00") -> Story:
    return story.when(word, as_=RESIDENT, at=at, related={"matter": matter})


def test_a_link_holds_for_thirty_days_and_then_ends() -> None:
    story = invited().then(ResidentInvited, household="household-1", home="7-2-1403")
    story.owes("answer", "2025-04-03 00:00")
    said(story, CONTENT, visit(), at="2025-04-03 00:00").refused(RuleBroken, code="link-ended")
    ended = invited().when(EndInvitation(), as_=CLOCK, at="2025-04-03 00:00").is_in("lapsed").owes("answer", None)
    again = ended.when(
        InviteResident(of_case="follow_up-1"), as_=CLERK, related={"matter": visit()}, at="2025-04-04 09:00"
    )
    assert again.is_in("invited").case.invited == 2


def test_what_the_resident_says_is_a_fact_of_the_residents_own() -> None:
    story = said(invited(), CONTENT, visit()).then(ResidentSpoke, is_satisfied=True, office_said=None).is_in("spoken")
    assert not story.case.differs
    said(story, NOT_CONTENT, visit()).refused(WrongState)
    other = SpeakForOneself(of_case="follow_up-2", is_satisfied=True)
    said(invited(), other, visit()).refused(RuleBroken, code="another-matter")
    invited().when(CONTENT, as_=CLERK, related={"matter": visit()}).refused(NotPermitted)


def test_whoever_is_not_content_says_why() -> None:
    said(invited(), SpeakForOneself(of_case="follow_up-1", is_satisfied=False), visit()).refused(
        RuleBroken, code="why-missing", clause="5.2.4"
    )
    said(invited(), NOT_CONTENT, visit()).then(ResidentSpoke, is_satisfied=False, why="又堵了")


def test_a_word_that_differs_from_the_record_is_the_managers_task() -> None:
    recorded = visit(state="submitted", conforming=True)
    story = said(invited(), NOT_CONTENT, recorded).then(ResidentContradicted, office_said=True).is_in("differing")
    assert story.case.differs
    story.owes("difference", "2025-03-09 00:00")
    story.when(SettleDifference(result="再次上门，已疏通"), as_=CLERK, at="2025-03-06 09:00").refused(NotPermitted)
    settled = story.when(SettleDifference(result="再次上门，已疏通"), as_=MANAGER, at="2025-03-06 09:00").is_in(
        "settled"
    )
    assert settled.case.result == "再次上门，已疏通"
    assert said(invited(), CONTENT, recorded).is_in("spoken").case.office_said is True


def test_what_is_not_looked_into_in_time_stays_a_breach() -> None:
    recorded = visit(state="submitted", conforming=True)
    story = said(invited(), NOT_CONTENT, recorded).when(MissDifference(), as_=CLOCK, at="2025-03-09 00:00")
    story.then(DifferenceNotSettled, due_at=instant("2025-03-09 00:00")).is_in("differing").owes("difference", None)


@pytest.mark.parametrize(("recorded", "state"), [(True, "differing"), (False, "spoken")])
def test_what_the_office_records_later_is_held_against_the_word(*, recorded: bool, state: str) -> None:
    story = said(invited(), NOT_CONTENT, visit())
    story = story.when(CompareWithRecord(office_said=recorded), as_=POLICY, at="2025-03-06 09:00").is_in(state)
    assert story.case.why == "又堵了"
    assert story.case.spoken_at == instant("2025-03-05 20:00")


def resolved(state: str = "resolved") -> Complaint:
    return Complaint(
        id="complaint-1", office="XH", state=state, household="household-1", resolved_at=instant("2025-03-02 10:00")
    )


@pytest.mark.parametrize(
    ("matter", "says", "asks"),
    [
        (visit(), None, True),
        (visit(state="closed", conforming=False), False, True),
        (visit(state="lapsed"), None, False),
        (resolved(), True, True),
        (resolved("reopened"), None, False),
        (Complaint(id="complaint-1", office="XH", state="registered"), None, False),
        (RepairOrder(id="repair_order-1", office="XH", state="completed"), True, True),
        (RepairOrder(id="repair_order-1", office="XH", state="started"), None, False),
        (ServiceOrder(id="service_order-1", office="XH", state="performed"), True, True),
        (ServiceOrder(id="service_order-1", office="XH", state="ordered"), None, False),
        (Household(id="household-1", office="XH", state="resident"), None, False),
    ],
)
def test_nobody_is_asked_whether_something_is_good_that_is_not_done(
    matter: Any,
    *,
    says: bool | None,
    asks: bool,
) -> None:
    assert office_says(matter) is says
    assert may_be_asked(matter) is asks


def test_what_is_not_done_yet_can_be_looked_at_but_not_judged() -> None:
    waiting = Complaint(id="complaint-1", office="XH", state="registered", household="household-1")
    said(invited(waiting), CONTENT, waiting).refused(RuleBroken, code="not-handled")


def test_nobody_is_asked_about_what_has_nobody() -> None:
    ask = InviteResident(of_case="complaint-1")
    anonymous = Complaint(id="complaint-1", office="XH", state="resolved")
    given(LIFECYCLE).when(ask, as_=CLERK, related={"matter": anonymous}).refused(RuleBroken, code="nobody-to-ask")
    file = Household(id="household-1", office="XH", state="resident")
    given(LIFECYCLE).when(ask, as_=CLERK, related={"matter": file}).refused(RuleBroken, code="not-asked-about")
    assert LIFECYCLE.identity is not None
    assert LIFECYCLE.identity(ask, "XH") == word_id("complaint-1")
    assert LIFECYCLE.subject is not None
    assert LIFECYCLE.subject(invited().case) == "household-1"
