"""A matter that was written down under a wrong household is set right: whose it is, where, and what it may not become."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.cases import CASES
from domain.complaints.complaint.events import Channel, ComplaintRegistered
from domain.complaints.complaint.lifecycle import LIFECYCLE as COMPLAINT
from domain.kernel.corrections import personal_fields
from domain.kernel.errors import RuleBroken
from domain.kernel.mending import CorrectEntry, EntryCorrected, PersonalEntryCorrected
from domain.kernel.people import Role
from domain.kernel.whose import HOME, HOUSEHOLD, done_already
from domain.moving.renovation.events import RenovationApplied
from domain.moving.renovation.lifecycle import LIFECYCLE as RENOVATION
from domain.residents.household.events import HouseholdOpened, Occupancy
from domain.residents.household.lifecycle import LIFECYCLE as FILE
from domain.rounds.rectification.case import Rectification
from domain.rounds.rectification.lifecycle import LIFECYCLE as RECTIFICATION
from domain.rounds.repair_order.events import RepairRaised
from domain.rounds.repair_order.lifecycle import LIFECYCLE as REPAIR
from domain.rounds.work_order import LIFECYCLE as WORK_ORDER
from domain.rounds.work_order import WorkOrder
from domain.visits.follow_up.case import ASSIGNED, CONDUCTED, RECORDED, WAITING
from domain.visits.follow_up.events import (
    ExitReason,
    FollowUpAssigned,
    FollowUpExitProposed,
    FollowUpOpened,
    FollowUpType,
    Mode,
    ResidentUnreachable,
    VisitAppointed,
)
from domain.visits.follow_up.lifecycle import LIFECYCLE as FOLLOW_UP
from domain.visits.resident_word import LIFECYCLE as WORD
from domain.visits.resident_word import ResidentInvited, ResidentSpoke
from tests.domain.story import Story, given, instant

CLERK, HEAD = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD
REGISTERED = ComplaintRegistered(
    channel=Channel.TELEPHONE, category="noise", matter="噪音", content="每晚", household="household-a", home="1-101"
)


def living(home: str) -> Any:
    return given(FILE, HouseholdOpened(home=home, occupancy=Occupancy.OWNER)).case


def corrected(story: Story, household: str | None, lives: str | None = "1-102", **how: Any) -> Story:
    related = {} if lives is None else {HOUSEHOLD: living(lives)}
    command = CorrectEntry(field=HOUSEHOLD, value=household, reason="听错了房号")
    return story.when(command, as_=how.get("as_", CLERK), by=how.get("by", "someone"), related=related)


def changes(story: Story) -> list[tuple[str, str | None, str | None]]:
    assert story.refusal is None, story.refusal
    return [(said.field, said.before, said.after) for said in story.outcome]  # type: ignore[attr-defined]


def test_the_home_goes_with_the_household() -> None:
    story = corrected(given(COMPLAINT, REGISTERED), "household-b")
    assert changes(story) == [("household", "household-a", "household-b"), ("home", "1-101", "1-102")]
    assert (story.case.household, story.case.home) == ("household-b", "1-102")
    assert [(each.field, each.reason, each.written_by) for each in story.case.corrections_made] == [
        ("household", "听错了房号", "someone"),
        ("home", "听错了房号", "someone"),
    ]
    assert COMPLAINT.fold(story.facts) == story.case


def test_it_is_as_strict_as_every_correction() -> None:
    story = given(COMPLAINT, REGISTERED)
    command = CorrectEntry(field=HOUSEHOLD, value="household-b", reason="听错")
    related = {HOUSEHOLD: living("1-102")}
    story.when(command, as_=CLERK, at="2025-03-03 11:01", related=related).refused(RuleBroken, code="second-person")
    story.when(replace(command, value="household-a"), as_=CLERK, related=related)
    story.refused(RuleBroken, code="nothing-to-correct")
    story.when(command, as_=HEAD, by="wang", at="2025-04-03 11:01", related=related).then(EntryCorrected, entry=1)


def test_a_household_of_the_same_home_leaves_the_home_as_it_is() -> None:
    """Owner and tenant live under one roof."""
    story = corrected(given(COMPLAINT, REGISTERED), "household-b", "１－１０１")
    assert changes(story) == [("household", "household-a", "household-b")]


def test_what_is_nobodys_matter_after_all_keeps_its_home() -> None:
    story = corrected(given(COMPLAINT, REGISTERED), " ", None)
    assert changes(story) == [("household", "household-a", None)]
    assert (story.case.household, story.case.home) == (None, "1-101")
    corrected(story, "", None).refused(RuleBroken, code="nothing-to-correct")


def test_who_called_may_become_known_later_and_where_they_live_with_it() -> None:
    story = corrected(given(COMPLAINT, replace(REGISTERED, household=None, home=None)), "household-b")
    assert changes(story) == [("household", None, "household-b"), ("home", None, "1-102")]


def test_a_matter_that_names_no_home_of_its_household_goes_on_without() -> None:
    story = corrected(given(COMPLAINT, replace(REGISTERED, home=None)), "household-b")
    assert changes(story) == [("household", "household-a", "household-b")]


def test_what_is_broken_in_a_common_area_stays_there() -> None:
    raised = RepairRaised(channel=Channel.TELEPHONE, household="household-a", common_area="电梯厅")
    assert changes(corrected(given(REPAIR, raised), "household-b")) == [("household", "household-a", "household-b")]


def test_a_kind_whose_home_cannot_be_corrected_stays_in_its_home() -> None:
    applied = RenovationApplied(home="1-101", household="household-a", scope="厨房")
    corrected(given(RENOVATION, applied), "household-b").refused(RuleBroken, code="household-elsewhere")
    story = corrected(given(RENOVATION, applied), "household-b", "1-101")
    assert changes(story) == [("household", "household-a", "household-b")]


# -- the program's own part -------------------------------------------------------------------------------------------------


def test_the_program_seals_anew_without_becoming_the_writer_and_says_nothing_twice() -> None:
    story = given(COMPLAINT, REGISTERED)
    again = CorrectEntry(field="content", value="每晚", reason="听错了房号")
    story.when(again, as_=Role.POLICY, by="policy:x").then(PersonalEntryCorrected, before="每晚", after="每晚")
    assert story.case.written["content"].by == "someone"
    assert not story.case.acted & {"policy:x"}
    story.when(replace(again, value=None), as_=Role.POLICY, by="policy:x").then_nothing()  # it was erased
    corrected(story, "household-a", as_=Role.POLICY, by="policy:x").then_nothing()
    story.when(replace(again, field="matter"), as_=Role.POLICY, by="policy:x").then(EntryCorrected)


def test_every_kind_with_a_household_to_correct_lets_the_program_do_its_part() -> None:
    with_one = [lifecycle for lifecycle in CASES if HOUSEHOLD in lifecycle.of.CORRECTS]
    assert {lifecycle.kind for lifecycle in with_one} == {
        "complaint",
        "corrective_action",
        "emergency_aid",
        "follow_up",
        "rectification",
        "renovation",
        "repair_order",
        "resident_word",
        "work_order",
    }
    for lifecycle in with_one:
        for state in set(lifecycle.states) - {"mistaken", "duplicate"}:
            rows = lifecycle.open_to(state, CorrectEntry)
            assert all(Role.POLICY in row.who for row in rows), lifecycle.kind
        assert personal_fields(lifecycle.of) <= set(lifecycle.of.CORRECTS)
    others = [lifecycle for lifecycle in CASES if lifecycle not in with_one and lifecycle.of.CORRECTS]
    for lifecycle in others:
        rows = lifecycle.open_to(next(iter(lifecycle.states)), CorrectEntry)
        assert not any(Role.POLICY in row.who for row in rows), lifecycle.kind


# -- what came from it ------------------------------------------------------------------------------------------------------

OPENED = FollowUpOpened(
    type=FollowUpType.COMPLAINT,
    anchor=date(2025, 3, 3),
    opens_on=date(2025, 3, 3),
    closes_on=date(2025, 3, 6),
    household="household-a",
    home="1-101",
)


@pytest.mark.parametrize("field", [HOUSEHOLD, HOME])
def test_who_was_tried_before_was_somebody_else(field: str) -> None:
    story = given(
        FOLLOW_UP,
        OPENED,
        FollowUpAssigned(visitor="li"),
        VisitAppointed(appointed_at=instant("2025-03-04 10:00")),
        ResidentUnreachable(mode=Mode.TELEPHONE),
        FollowUpExitProposed(reason=ExitReason.UNREACHABLE, note="多次"),
    )
    before = story.case
    assert (before.unreachable, len(before.attempts), before.exit_proposed) == (1, 1, ExitReason.UNREACHABLE)
    story.when(
        CorrectEntry(field=field, value="1-102", reason="听错"), as_=CLERK, by="w", related={HOUSEHOLD: living("1-102")}
    )
    after = story.case
    assert (after.state, after.visitor) == (ASSIGNED, "li")
    assert (after.unreachable, after.attempts, after.appointed_at, after.first_appointed_at) == (0, (), None, None)
    assert (after.exit_proposed, after.exit_proposed_by, after.exit_words) == (None, None, None)
    made = replace(FOLLOW_UP.fold(story.facts[:-1]), state=CONDUCTED, unreachable=1)
    FOLLOW_UP.evolve(made, story.facts[-1])
    assert made.unreachable == 1, "what was done was done"


def test_what_was_done_stays_behind_and_says_what_to_do_instead() -> None:
    visit = given(FOLLOW_UP, OPENED).case
    assert {state for state in FOLLOW_UP.states if replace(visit, state=state).stays_behind()} == set(RECORDED)
    assert not any(replace(visit, state=state).stays_behind() for state in WAITING)
    refusal = done_already(visit)
    assert (refusal.code, refusal.field) == ("done-already", "value")
    assert visit.id in refusal.zh
    assert "先撤销" in refusal.zh
    assert not given(COMPLAINT, REGISTERED).case.stays_behind()
    work, order = Rectification(id="rectification-1", office="XH"), WorkOrder(id="work_order-1", office="XH")
    assert {state for state in RECTIFICATION.states if replace(work, state=state).stays_behind()} == {
        "done",
        "verified",
        "closed",
    }
    assert {state for state in WORK_ORDER.states if replace(order, state=state).stays_behind()} == {"done", "accepted"}


def test_a_link_that_was_handed_to_another_household_opens_nothing_any_more() -> None:
    invited = ResidentInvited(
        of_case="complaint-1", until=instant("2025-03-10 00:00"), household="household-a", home="1-101"
    )
    story = corrected(given(WORD, invited), "household-b")
    assert (story.case.household, story.case.home) == ("household-b", "1-102")
    assert story.case.invited > 1, "the link names the round in which it was handed out"
    assert not story.case.stays_behind()
    spoken = given(WORD, invited, ResidentSpoke(is_satisfied=True))
    assert spoken.case.stays_behind()
    assert corrected(spoken, "household-b").case.invited == 1
