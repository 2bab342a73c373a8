"""What waits for somebody else's word has a date and an owner: late entries of every kind, and what was proposed (§1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.arrears.debt_case.commands.concession import DecideConcession, ProposeConcession
from domain.arrears.terms import ConcessionKind, DebtorCategory
from domain.cases import CASES
from domain.complaints.complaint.events import Channel, ComplaintRegistered
from domain.complaints.complaint.lifecycle import LIFECYCLE as COMPLAINT
from domain.handbook.settings import Settings
from domain.kernel.errors import RuleBroken
from domain.kernel.late_entries import ConfirmLateEntry, RejectLateEntry, awaits_a_word
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.mending import SET_ASIDE
from domain.kernel.people import Role
from domain.kernel.standing import Standing, summary
from domain.kernel.waiting import LATE_ENTRY, LeftWaiting, MissWaiting, judge_by, left_since
from domain.office.responsibility import DUTIES
from domain.visits.follow_up.case import FollowUp
from domain.visits.follow_up.commands.ending import ProposeFollowUpExit, RefuseFollowUpExit
from domain.visits.follow_up.commands.visiting import OpenFollowUp
from domain.visits.follow_up.events import ExitReason, FollowUpType, Mode
from domain.visits.follow_up.lifecycle import LIFECYCLE as FOLLOW_UP
from domain.visits.quarterly_review import AnalyseQuarter, ReturnQuarterlyReview
from tests.domain.arrears.owing import second_stage
from tests.domain.kernel.test_late_entries import COMPANY, HEAD, MANAGER, SIGNED, enter, missed, resolved
from tests.domain.story import Story, given, instant
from tests.domain.visits.test_review import compiled

CLERK, ASSISTANT, CLOCK, DUTY_OFFICER = Role.ADMINISTRATOR, Role.ASSISTANT, Role.CLOCK, Role.DUTY_OFFICER
ENTERED, BY = "2025-04-10 09:00", "2025-04-14 00:00"
OWED = DUTIES["complaint", LATE_ENTRY]


def late(role: Role = CLERK, **more: Any) -> Story:
    """Handled in time, as is said in April: somebody above has three days to say whether that is so."""
    said: dict[str, Any] = {"entered": ENTERED, "role": role, "judge_by": instant(BY)} | more
    return enter(missed(), resolved(), "2025-01-31 11:00", **said)


# -- late entries ----------------------------------------------------------------------------------------------------


def test_a_late_entry_waits_for_the_word_of_somebody_above_with_a_date() -> None:
    assert judge_by(instant(ENTERED), Settings().at(instant(ENTERED).date())) == instant(BY)
    late().owes(LATE_ENTRY, BY)
    enter(missed(), resolved(), "2025-02-03 09:00", entered=ENTERED).owes(LATE_ENTRY, None)


def test_whether_an_entry_waits_for_a_word_is_known_before_it_is_written() -> None:
    story = late()
    before, entry = story.lifecycle.fold(story.facts[:-1]), story.facts[-1]
    assert awaits_a_word(story.lifecycle.breaches, before, entry)
    assert not awaits_a_word(story.lifecycle.breaches, None, entry)
    assert not awaits_a_word(story.lifecycle.breaches, story.lifecycle.fold(story.facts[:2]), story.facts[2])


@pytest.mark.parametrize(
    ("entered_as", "owed_by"),
    [
        (CLERK, HEAD),
        (DUTY_OFFICER, HEAD),
        (ASSISTANT, MANAGER),
        (HEAD, MANAGER),
        (MANAGER, COMPANY),
        (COMPANY, COMPANY),
    ],
)
def test_it_is_owed_by_the_role_above_whoever_entered_it(entered_as: Role, owed_by: Role) -> None:
    assert OWED.owed_by(late(entered_as).case) is owed_by
    assert OWED.owed_by(missed().case) is HEAD, "where nothing waits nobody asks"
    by_policy = late(Role.POLICY, by="policy:x", entered_by="li")
    assert OWED.owed_by(by_policy.case) is HEAD


@pytest.mark.parametrize("word", [SIGNED, RejectLateEntry(reason="无凭据")])
def test_either_answer_ends_it(word: ConfirmLateEntry | RejectLateEntry) -> None:
    story = late().when(word, as_=HEAD, by="wang", at="2025-04-11 09:00").owes(LATE_ENTRY, None)
    assert LATE_ENTRY not in {at.partition("/")[0] for at in story.case.waits}
    story.owes("archiving", None)  # what another wait of the case owes is untouched by it


def test_left_without_a_word_it_stays_on_the_desk_and_is_no_breach_of_the_matter() -> None:
    story = (
        late().when(MissWaiting(), as_=CLOCK, at=BY).then(LeftWaiting, task=LATE_ENTRY, item="4", due_at=instant(BY))
    )
    story.owes(LATE_ENTRY, None)
    assert OWED.missed(story.case) == instant(BY)
    assert summary(story.case.breaches, story.case.late_entries, "") == (Standing.UNCONFIRMED, "PromiseMissed")
    story.when(SIGNED, as_=HEAD, by="wang", at="2025-05-02 09:00")
    assert OWED.missed(story.case) is None
    assert summary(story.case.breaches, story.case.late_entries, "") == (Standing.CONFIRMED, None), (
        "nobody's delay but his"
    )


def test_each_of_several_has_its_own_date_and_the_earliest_says_whose_it_is() -> None:
    story = late().when(RejectLateEntry(reason="无凭据"), as_=HEAD, by="wang", at="2025-04-11 09:00")
    later: dict[str, Any] = {"entered": "2025-04-12 09:00", "role": MANAGER, "judge_by": instant("2025-04-16 00:00")}
    enter(story, resolved(), "2025-01-31 11:30", **later).owes(LATE_ENTRY, "2025-04-16 00:00")
    again = late()
    enter(again, resolved(), "2025-01-31 11:30", **later).owes(LATE_ENTRY, BY)
    assert OWED.owed_by(again.case) is HEAD
    again.when(MissWaiting(), as_=CLOCK, at=BY).owes(LATE_ENTRY, "2025-04-16 00:00")
    assert left_since(LATE_ENTRY)(again.case) == instant(BY)


@pytest.mark.parametrize("lifecycle", [each for each in CASES if each.breaches], ids=lambda each: str(each.kind))
def test_every_kind_that_has_breaches_has_it_in_every_state_of_its_own(lifecycle: Lifecycle[Any]) -> None:
    [line] = [each for each in lifecycle.deadlines if each.kind == LATE_ENTRY]
    assert set(line.states) == set(lifecycle.states) - set(SET_ASIDE)
    assert all(lifecycle.open_to(state, MissWaiting) for state in line.states)


# -- what an older program gave no date ---------------------------------------------------------------------------------


def test_what_an_older_program_gave_no_date_is_on_the_desk_since_it_began_and_is_no_breach() -> None:
    undated = late(judge_by=None).owes(LATE_ENTRY, None)
    assert OWED.missed(undated.case) == instant(ENTERED)
    assert [each.event for each in undated.case.breaches] == ["PromiseMissed"]
    undated.when(MissWaiting(), as_=CLOCK, at=BY).refused(RuleBroken, code="nothing-waits")
    undated.when(SIGNED, as_=HEAD, by="wang", at="2025-05-02 09:00")
    assert OWED.missed(undated.case) is None
    began = given(COMPLAINT, ComplaintRegistered(channel=Channel.IN_PERSON, category="noise", matter="x", content="y"))
    enter(began, resolved(), "2025-03-04 10:00")
    assert DUTIES["complaint", "archiving"].missed(began.case) == instant("2025-03-04 10:00")


# -- what was proposed -----------------------------------------------------------------------------------------------


def proposed() -> Story:
    """A follow-up of which it was proposed that it ends."""
    opened = OpenFollowUp(type=FollowUpType.COMPLAINT, anchor=instant("2025-03-03 10:00").date(), home="1-101")
    refused = ProposeFollowUpExit(reason=ExitReason.REFUSED, note="拒访", mode=Mode.TELEPHONE, words="不用来了")
    return Story(FOLLOW_UP).when(opened, as_=ASSISTANT).when(refused, as_=CLERK, by="li")


def test_a_proposed_end_of_a_follow_up_is_the_managers_to_sign_or_refuse() -> None:
    story = proposed().owes("exit", "2025-03-07 00:00")
    duty = DUTIES["follow_up", "exit"]
    assert duty.owed_by(story.case) is MANAGER
    story.branch().when(RefuseFollowUpExit(comment="再访"), as_=MANAGER, by="wang").owes("exit", None)
    story.when(MissWaiting(), as_=CLOCK, at="2025-03-07 00:00").then(LeftWaiting, task="exit")
    assert duty.missed(story.case) == instant("2025-03-07 00:00")
    assert not story.case.breaches, "the visitor has missed nothing by that"


def test_proposing_again_moves_no_date() -> None:
    again = ProposeFollowUpExit(reason=ExitReason.REFUSED, note="再拒", mode=Mode.TELEPHONE, words="说了不用")
    later = instant("2025-03-03 10:00") + timedelta(days=2)
    proposed().when(again, as_=CLERK, by="li", at=later).owes("exit", "2025-03-07 00:00")


def test_a_proposed_concession_is_the_managers_to_decide() -> None:
    story = second_stage(DebtorCategory.HARDSHIP)
    waiver = ProposeConcession(
        kind=ConcessionKind.LATE_FEE_WAIVER, reason="困难", amount_fen=1, bill=story.case.unpaid[0]
    )
    story.when(waiver, as_=CLERK, by="li", at="2025-03-13 10:00").owes("concession", "2025-03-17 00:00")
    assert DUTIES["debt_case", "concession"].owed_by(story.case) is MANAGER
    for approved in (True, False):
        decided = DecideConcession(approved=approved, reason="已核")
        story.branch().when(decided, as_=MANAGER, by="wang", at="2025-03-14 10:00").owes("concession", None)


# -- what the manager did himself is the company's ---------------------------------------------------------------------


@pytest.mark.parametrize(("handed_in_as", "owed_by"), [(CLERK, MANAGER), (MANAGER, COMPANY)])
def test_a_record_is_reviewed_by_the_manager_and_a_managers_by_the_company(handed_in_as: Role, owed_by: Role) -> None:
    visit = FollowUp(id="follow_up-1", office="XH", recorded_by_manager=handed_in_as is MANAGER)
    assert DUTIES["follow_up", "review"].owed_by(visit) is owed_by


def test_a_quarter_is_analysed_by_the_manager_and_then_the_companys_to_approve() -> None:
    duty, story = DUTIES["quarterly_review", "review"], compiled()
    assert duty.owed_by(story.case) is MANAGER
    story.when(AnalyseQuarter(analysis="主要为管道老化"), as_=MANAGER, at="2025-04-02 10:00").is_in("analysed")
    assert duty.owed_by(story.case) is COMPANY
    story.when(ReturnQuarterlyReview(reason="未写措施"), as_=COMPANY, by="c", at="2025-04-03 10:00")
    assert duty.owed_by(story.case) is MANAGER
