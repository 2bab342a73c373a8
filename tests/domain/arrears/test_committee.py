"""The owners' committee 业主委员会 (§8.A(2)): where the setting asks for it, it hears of a suspension or a suit beforehand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.arrears.debt_case.commands.committee import ConsultCommittee, NoteCommitteeSilence, RecordCommitteeAnswer
from domain.arrears.debt_case.commands.dunning import VisitDebtor
from domain.arrears.debt_case.commands.lawsuit import StartLegalAction
from domain.arrears.debt_case.commands.measures import FallDueForSuspension, MissAction, SuspendServices
from domain.arrears.debt_case.events import (
    ActionLate,
    CommitteeAnswered,
    CommitteeConsulted,
    CommitteeSilent,
    LegalActionStarted,
    ServicesSuspended,
)
from domain.arrears.terms import (
    CommitteeAnswer,
    DebtorCategory,
    LastMeasure,
    OptionalService,
    SuspensionGround,
    VisitOutcome,
)
from domain.handbook.settings import Change, Settings
from domain.kernel.errors import RuleBroken
from tests.domain.arrears.owing import CLERK, CLOCK, MANAGER, a_bill, joins, pays, second_stage, visited
from tests.domain.story import Story

SUSPENSION, SUIT = LastMeasure.SUSPENSION, LastMeasure.LEGAL_ACTION
BOTH = (SUSPENSION, SUIT)


def under(step: str, story: Story, since: date = date(2025, 1, 1)) -> Story:
    """The same case in an office with this setting."""
    story.settings = Settings((Change("arrears.committee", step, since),))
    return story


def suspends(story: Story, at: str, **more: Any) -> Story:
    command = SuspendServices(services=(OptionalService.SPECIAL,), ground=SuspensionGround.COVENANT, article=9, **more)
    return story.when(command, as_=MANAGER, at=at)


def sues(story: Story, at: str, **more: Any) -> Story:
    return story.when(StartLegalAction(evidence="清单", **more), as_=MANAGER, at=at)


def consults(story: Story, at: str, *measures: LastMeasure, **more: Any) -> Story:
    command = ConsultCommittee(measures=measures or BOTH, document="征询函〔2025〕3号", **more)
    return story.when(command, as_=CLERK, at=at)


def answers(story: Story, at: str, answer: CommitteeAnswer, on: date, *measures: LastMeasure) -> Story:
    command = RecordCommitteeAnswer(answer=answer, on=on, document="复函", measures=measures)
    return story.when(command, as_=CLERK, at=at)


def test_where_the_setting_does_not_ask_for_it_nothing_waits() -> None:
    suspends(visited(), "2025-03-16 10:00").then(ServicesSuspended)
    sues(under("none", visited()), "2025-03-16 10:00").then(LegalActionStarted)


@pytest.mark.parametrize("measure", [suspends, sues])
def test_told_beforehand_is_enough_where_the_setting_says_told(measure: Any) -> None:
    story = under("told", visited())
    measure(story, "2025-03-16 10:00").refused(RuleBroken, code="committee-first", clause="8.A(2)")
    consults(story, "2025-03-16 11:00").then(CommitteeConsulted, on=date(2025, 3, 16), answer_by=None, act_until=None)
    story.owes("committee", None).owes("act", "2025-03-24 00:00")
    assert measure(story, "2025-03-16 12:00").refusal is None


def test_asked_it_has_its_days_and_the_managers_own_are_counted_from_their_end() -> None:
    story = under("asked", visited()).owes("act", "2025-03-24 00:00")
    asked = consults(story, "2025-03-18 09:00").then(CommitteeConsulted, answer_by=date(2025, 3, 25))
    asked.then(CommitteeConsulted, act_until=date(2025, 4, 1)).owes("act", "2025-04-02 00:00")
    story.owes("committee", "2025-03-26 00:00")
    suspends(story, "2025-03-25 10:00").refused(RuleBroken, code="committee-waits")
    story.when(NoteCommitteeSilence(), as_=CLOCK, at="2025-03-26 00:00").then(
        CommitteeSilent, answer_by=date(2025, 3, 25)
    )
    story.owes("committee", None)
    suspends(story, "2025-03-26 10:00").then(ServicesSuspended)
    late = answers(story, "2025-03-28 10:00", CommitteeAnswer.OBJECTS, date(2025, 3, 27)).then(CommitteeAnswered)
    assert late.case.unanswered == ()


def test_who_asks_nobody_is_late_all_the_same() -> None:
    story = under("asked", visited()).when(MissAction(), as_=CLOCK, at="2025-03-24 00:00").then(ActionLate)
    consults(story, "2025-03-25 09:00")
    assert story.case.action_late_at is not None, "asking afterwards makes nothing punctual"


def test_it_is_asked_once_for_each_measure_of_an_ascent() -> None:
    story = consults(under("asked", visited()), "2025-03-17 09:00", SUSPENSION)
    consults(story, "2025-03-24 09:00", SUSPENSION).then(CommitteeConsulted, counts=False)
    sues(story, "2025-03-30 09:00").refused(RuleBroken, code="committee-first")
    consults(story, "2025-03-24 09:00", SUIT).then(CommitteeConsulted, answer_by=date(2025, 3, 31))
    story.owes("committee", "2025-03-25 00:00")
    assert story.case.unanswered == BOTH
    silent = story.when(NoteCommitteeSilence(), as_=CLOCK, at="2025-03-25 00:00")
    silent.then(CommitteeSilent, answer_by=date(2025, 3, 24)).owes("committee", "2025-04-01 00:00")
    assert len(silent.outcome) == 1, "of the suit there are days left"


def test_an_objection_asks_for_the_managers_reason_and_agreement_for_nothing() -> None:
    story = consults(under("asked", visited()), "2025-03-17 09:00")
    answers(story, "2025-03-20 09:00", CommitteeAnswer.OBJECTS, date(2025, 3, 19), SUSPENSION)
    answers(story, "2025-03-20 09:10", CommitteeAnswer.AGREES, date(2025, 3, 19)).then(
        CommitteeAnswered, measures=(SUIT,)
    )
    suspends(story, "2025-03-20 10:00").refused(RuleBroken, code="despite-missing")
    suspends(story, "2025-03-20 10:00", despite=" ").refused(RuleBroken, code="despite-missing")
    sues(story.branch(), "2025-03-20 10:00").then(LegalActionStarted)
    suspends(story, "2025-03-20 10:00", despite="该户有缴费能力").then(ServicesSuspended, despite="该户有缴费能力")


def test_a_claim_that_would_lapse_meanwhile_is_sued_for_at_once() -> None:
    story = under("asked", visited())
    story.case.claims["bill-1"].interruptions.clear()
    story.case.relapse()
    assert story.case.lapses_on == date(2028, 2, 15)
    sues(story.branch(), "2028-02-07 09:00").refused(RuleBroken, code="committee-first")
    suspends(story.branch(), "2028-02-08 09:00").refused(RuleBroken, code="committee-first")
    sues(story, "2028-02-08 09:00").then(LegalActionStarted)


def test_the_setting_of_the_day_is_asked_and_what_was_told_under_another_counts() -> None:
    story = under("asked", visited(), since=date(2025, 3, 20))
    suspends(story.branch(), "2025-03-19 09:00").then(ServicesSuspended)
    consults(story, "2025-03-18 09:00").then(CommitteeConsulted, answer_by=None)
    suspends(story, "2025-03-25 09:00").refused(RuleBroken, code="committee-waits")
    suspends(story, "2025-03-26 09:00").then(ServicesSuspended)


def test_what_it_is_asked_says_of_what_when_and_by_which_letter() -> None:
    story = under("asked", visited())
    empty = ConsultCommittee(measures=(), document="函")
    story.when(empty, as_=CLERK, at="2025-03-17 09:00").refused(RuleBroken, code="measures-missing")
    unnamed = ConsultCommittee(measures=BOTH, document=" ")
    story.when(unnamed, as_=CLERK, at="2025-03-17 09:00").refused(RuleBroken, code="document-missing")
    consults(story, "2025-03-17 09:00", on=date(2025, 3, 18)).refused(RuleBroken, code="day-ahead")
    consults(story.branch(), "2025-03-17 09:00", on=date(2025, 3, 9)).then(CommitteeConsulted, counts=False)
    consults(story, "2025-03-17 09:00", on=date(2025, 3, 10)).then(CommitteeConsulted, answer_by=date(2025, 3, 17))


def test_an_answer_is_one_to_what_was_asked() -> None:
    story = under("asked", visited())
    answers(story, "2025-03-17 09:00", CommitteeAnswer.AGREES, date(2025, 3, 17)).refused(
        RuleBroken, code="committee-not-asked"
    )
    consults(story, "2025-03-17 09:00", SUSPENSION)
    answers(story, "2025-03-18 09:00", CommitteeAnswer.AGREES, date(2025, 3, 18), SUIT).refused(
        RuleBroken, code="committee-not-asked"
    )
    answers(story, "2025-03-18 09:00", CommitteeAnswer.AGREES, date(2025, 3, 16)).refused(
        RuleBroken, code="before-it-was-asked"
    )
    answers(story, "2025-03-18 09:00", CommitteeAnswer.AGREES, date(2025, 3, 19)).refused(RuleBroken, code="day-ahead")
    unnamed = RecordCommitteeAnswer(answer=CommitteeAnswer.NO_VIEW, on=date(2025, 3, 18), document="")
    story.when(unnamed, as_=CLERK, at="2025-03-18 09:00").refused(RuleBroken, code="document-missing")
    answers(story, "2025-03-18 09:00", CommitteeAnswer.NO_VIEW, date(2025, 3, 18)).owes("committee", None)
    suspends(story, "2025-03-18 10:00").then(ServicesSuspended)


def test_asked_in_the_second_stage_the_next_step_waits_for_the_answer() -> None:
    """A holdout is sued at once from the second stage; an ordinary debtor's three days run beside."""
    story = under("asked", second_stage(DebtorCategory.HOLDOUT)).owes("next-step", "2025-03-27 00:00")
    consults(story, "2025-03-12 09:00", SUIT).owes("next-step", "2025-03-28 00:00")
    sues(story, "2025-03-19 09:00").refused(RuleBroken, code="committee-waits")
    sues(story, "2025-03-20 09:00").then(LegalActionStarted).owes("committee", None)
    other = consults(under("asked", second_stage()), "2025-03-12 09:00", SUSPENSION)
    other.when(VisitDebtor(outcome=VisitOutcome.REFUSED), as_=CLERK, at="2025-03-12 19:00")
    other.when(FallDueForSuspension(), as_=CLOCK, at="2025-03-16 00:00").owes("act", "2025-03-27 00:00")


def test_a_ladder_that_begins_anew_asks_anew() -> None:
    story = consults(under("told", visited()), "2025-03-17 09:00")
    joins(story, a_bill(id="bill-2", due=date(2025, 3, 15)), at="2025-03-18 00:00")
    pays(story, "bill-1", 0, "2025-03-18 09:00").is_in("opened")
    assert story.case.committee == {}


def test_another_systems_history_is_taken_as_it_is() -> None:
    story = under("asked", visited())
    command = SuspendServices(services=(OptionalService.SPECIAL,), ground=SuspensionGround.COVENANT, article=9)
    story.when(command, as_=MANAGER, at="2025-03-16 10:00", imported=True).then(ServicesSuspended)
    assert "committee-first" in story.waived
