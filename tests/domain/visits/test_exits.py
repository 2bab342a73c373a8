"""Sentences about ways out 终止与撤销 (§5.2.D): what is claimed is shown, one proposes, another signs; else the round goes on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.handbook.settings import Change, Settings
from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.people import Actor, Role
from domain.visits.follow_up.commands.ending import (
    ExitFollowUp,
    ProposeFollowUpExit,
    RefuseFollowUpExit,
    WithdrawFollowUp,
    tried_in_vain,
)
from domain.visits.follow_up.commands.visiting import (
    AssignFollowUp,
    ConductFollowUp,
    OpenFollowUp,
    RecordUnreachable,
    SubmitFollowUp,
)
from domain.visits.follow_up.events import (
    ExitReason,
    FollowUpConducted,
    FollowUpExited,
    FollowUpExitProposed,
    FollowUpExitRefused,
    FollowUpType,
    FollowUpWithdrawn,
    Means,
    Mode,
    ResidentUnreachable,
)
from domain.visits.follow_up.lifecycle import LIFECYCLE
from tests.domain.story import Story, given, instant

CLERK, ASSISTANT, MANAGER, COMPANY, POLICY = (
    Role.ADMINISTRATOR,
    Role.ASSISTANT,
    Role.MANAGER,
    Role.COMPANY,
    Role.POLICY,
)
ANCHOR = date(2025, 3, 3)
APART = ("2025-03-03 10:00", "2025-03-03 19:00", "2025-03-04 10:30")


def owed(settings: Settings | None = None, **fields: Any) -> Story:
    command = OpenFollowUp(type=FollowUpType.COMPLAINT, anchor=ANCHOR, responsible="plumber", **fields)
    story = Story(LIFECYCLE, settings).when(command, as_=POLICY)
    return story.when(AssignFollowUp(visitor="li"), as_=ASSISTANT)


def tried(story: Story, *at: str) -> Story:
    for when in at:
        story.when(RecordUnreachable(mode=Mode.TELEPHONE), as_=CLERK, by="li", at=when).then(ResidentUnreachable)
    return story


def proposal(reason: ExitReason, **fields: Any) -> ProposeFollowUpExit:
    return ProposeFollowUpExit(reason=reason, note="已尽力", **fields)


def signed(reason: ExitReason) -> ExitFollowUp:
    return ExitFollowUp(reason=reason, note="同意")


HEARD: dict[str, Any] = {"mode": Mode.TELEPHONE, "words": "不用再打了"}


def asked(story: Story) -> Story:
    told = ConductFollowUp(
        mode=Mode.TELEPHONE,
        means=Means.TALK,
        quality="差",
        effect="反复",
        satisfaction=1,
        conforming=False,
        visitor_signature="李",
    )
    return story.when(told, as_=CLERK, by="li", at="2025-03-04 10:00").then(FollowUpConducted)


def test_nobody_ends_what_nobody_proposed() -> None:
    for reason in ExitReason:
        owed().when(signed(reason), as_=MANAGER, by="m").refused(RuleBroken, code="exit-not-proposed", clause="5.2.D")
    refusal = LIFECYCLE.why_not(ExitFollowUp, owed().case, Actor("m", MANAGER))
    assert isinstance(refusal, RuleBroken)
    assert owed().when(signed(ExitReason.REFUSED), as_=MANAGER, imported=True).waived == ["exit-not-proposed"]


@pytest.mark.parametrize("reason", [ExitReason.REFUSED, ExitReason.OUTSIDE_DUTY])
def test_a_refusal_bears_the_residents_own_words_and_how_they_were_heard(reason: ExitReason) -> None:
    for lacks, code in (
        ({"words": None}, "words-missing"),
        ({"words": " "}, "words-missing"),
        ({"mode": None}, "mode-missing"),
    ):
        story = owed().when(proposal(reason, **{**HEARD, **lacks}), as_=CLERK, by="li")
        story.refused(RuleBroken, code=code, clause="5.2.D")
    story = owed().when(proposal(reason, **HEARD), as_=CLERK, by="li").then(FollowUpExitProposed, words="不用再打了")
    story.is_in("assigned").owes("window", "2025-03-07 00:00")  # until it is signed off the round goes on
    story.when(signed(reason), as_=MANAGER, by="m").then(FollowUpExited).is_in("exited")
    case = story.case
    assert (case.outcome, case.exit_reason, case.exit_words, case.exit_note) == ("exited", reason, "不用再打了", "同意")


def test_another_signs_it_off() -> None:
    def waiting() -> Story:
        return owed().when(proposal(ExitReason.REFUSED, **HEARD), as_=MANAGER, by="proposer")

    for who in ("proposer", "li", "plumber"):
        waiting().when(signed(ExitReason.REFUSED), as_=MANAGER, by=who).refused(RuleBroken, code="own-work")
    waiting().when(signed(ExitReason.REFUSED), as_=CLERK, by="other").refused(NotPermitted)
    waiting().when(signed(ExitReason.OUTSIDE_DUTY), as_=MANAGER, by="m").refused(RuleBroken, code="other-reason")
    waiting().when(signed(ExitReason.REFUSED), as_=COMPANY, by="m").then(FollowUpExited)


def test_what_is_not_signed_off_goes_on_and_can_be_proposed_again() -> None:
    story = owed().when(RefuseFollowUpExit(comment="再访"), as_=MANAGER).refused(RuleBroken, code="exit-not-proposed")
    story.when(proposal(ExitReason.REFUSED, **HEARD), as_=CLERK, by="li")
    story.when(RefuseFollowUpExit(comment="再访"), as_=MANAGER, by="m").then(FollowUpExitRefused).is_in("assigned")
    assert (story.case.exits_refused, story.case.exit_words) == (1, None)
    story.when(signed(ExitReason.REFUSED), as_=MANAGER, by="m").refused(RuleBroken, code="exit-not-proposed")
    asked(story.when(proposal(ExitReason.REFUSED, **HEARD), as_=CLERK, by="li"))
    assert story.case.exit_proposed is None  # who was asked after all did not refuse


def test_three_calls_in_one_second_are_one() -> None:
    for at in (
        ("2025-03-03 10:00",) * 3,
        ("2025-03-03 10:00", "2025-03-03 12:00", "2025-03-03 19:00"),  # one day
        ("2025-03-03 10:00", "2025-03-04 10:00", "2025-03-05 10:59"),  # one hour of the day
        ("2025-03-03 10:00", "2025-03-04 19:00", "2025-03-04 19:30"),  # two attempts
    ):
        for reason in (ExitReason.UNREACHABLE, ExitReason.SIGNED_OFF):
            tried(owed(), *at).when(proposal(reason), as_=CLERK, by="li").refused(
                RuleBroken, code="never-tried", clause="5.2.D"
            )
    for reason in (ExitReason.UNREACHABLE, ExitReason.SIGNED_OFF):
        story = tried(owed(), *APART).when(proposal(reason), as_=CLERK, by="li").then(FollowUpExitProposed)
        story.when(signed(reason), as_=MANAGER, by="m").then(FollowUpExited)
        assert story.case.unreachable == 3
    strict = Settings((Change("follow_up.unreachable_days", 3, ANCHOR),))
    tried(owed(strict), *APART).when(proposal(ExitReason.UNREACHABLE), as_=CLERK).refused(
        RuleBroken, code="never-tried"
    )


def test_what_counted_when_it_was_proposed_has_to_count_when_it_is_signed() -> None:
    story = tried(owed(), *APART).when(proposal(ExitReason.UNREACHABLE), as_=CLERK, by="li")
    story.settings = Settings((Change("follow_up.unreachable_attempts", 4, ANCHOR),))
    story.when(signed(ExitReason.UNREACHABLE), as_=MANAGER, by="m").refused(RuleBroken, code="never-tried")
    assert not tried_in_vain(story.case, story.settings.at(ANCHOR))


def test_attempts_that_are_entered_later_do_not_prove_themselves() -> None:
    """Four of them written down within one second, each said to be of another day and hour."""
    story = owed()
    for at, entered in (
        ("2025-03-03 10:00", "2025-03-06 09:00"),
        ("2025-03-04 15:00", "2025-03-06 09:00"),
        ("2025-03-05 19:00", "2025-03-06 09:00"),
        ("2025-03-06 08:00", "2025-03-06 09:00"),
    ):
        story.given((ResidentUnreachable(mode=Mode.TELEPHONE, entered_at=instant(entered)), at))
    assert (story.case.unreachable, len(story.case.attempts)) == (4, 1)
    story.when(proposal(ExitReason.UNREACHABLE), as_=CLERK, by="li", at="2025-03-06 09:00")
    story.refused(RuleBroken, code="never-tried", clause="5.2.D")


def test_nobody_is_tried_before_the_window_opens() -> None:
    repair = given(LIFECYCLE).when(OpenFollowUp(type=FollowUpType.REPAIR, anchor=ANCHOR), as_=POLICY)
    attempt = RecordUnreachable(mode=Mode.TELEPHONE)
    repair.when(attempt, as_=CLERK, at="2025-03-09 23:00").refused(RuleBroken, code="too-early", clause="5.2.3")
    repair.when(attempt, as_=CLERK, at="2025-03-10 09:00").then(ResidentUnreachable)


def test_who_was_reached_is_not_unreachable_but_the_manager_may_end_it() -> None:
    story = asked(tried(owed(), "2025-03-03 19:00"))
    story.when(proposal(ExitReason.SIGNED_OFF), as_=CLERK, by="li").refused(WrongState)  # first it is handed in
    story.when(SubmitFollowUp(), as_=CLERK, by="li", at="2025-03-04 11:00")
    story.when(proposal(ExitReason.UNREACHABLE), as_=CLERK, by="li").refused(RuleBroken, code="was-reached")
    story.when(proposal(ExitReason.SIGNED_OFF), as_=CLERK, by="li").then(FollowUpExitProposed)
    story.when(signed(ExitReason.SIGNED_OFF), as_=MANAGER, by="m").then(FollowUpExited)


def test_a_later_round_is_tried_as_the_first_was() -> None:
    owed(chain="x", round=2).when(proposal(ExitReason.SIGNED_OFF), as_=CLERK, by="li").refused(
        RuleBroken, code="never-tried"
    )


def test_only_of_the_anonymous_is_nobody_to_ask() -> None:
    owed().when(proposal(ExitReason.NOBODY), as_=CLERK, by="li").refused(RuleBroken, code="somebody-to-ask")
    story = owed(anonymous=True).when(proposal(ExitReason.NOBODY), as_=CLERK, by="li").then(FollowUpExitProposed)
    story.when(signed(ExitReason.NOBODY), as_=MANAGER, by="m").then(FollowUpExited)


def test_an_exit_says_why() -> None:
    blank = ProposeFollowUpExit(reason=ExitReason.REFUSED, note=" ", **HEARD)
    owed().when(blank, as_=CLERK, by="li").refused(RuleBroken, code="note-missing", clause="5.2.D")


def test_what_was_planned_by_mistake_is_withdrawn_and_what_is_owed_is_not() -> None:
    withdraw = WithdrawFollowUp(reason="误录")
    owed().when(withdraw, as_=MANAGER).refused(RuleBroken, code="owed-by-the-book", clause="5.2.5(1)")

    def planned() -> Story:
        return given(LIFECYCLE).when(OpenFollowUp(type=FollowUpType.OTHER, anchor=ANCHOR), as_=ASSISTANT)

    story = planned().when(withdraw, as_=ASSISTANT).then(FollowUpWithdrawn, reason="误录").is_in("withdrawn")
    story.owes("window", None)
    assert story.case.outcome == "withdrawn"
    planned().when(withdraw, as_=CLERK).refused(NotPermitted)
    planned().when(WithdrawFollowUp(reason=" "), as_=ASSISTANT).refused(RuleBroken, code="reason-missing")
