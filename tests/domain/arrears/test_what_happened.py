"""What happened is taken and says what it was (§8, 民法典1033): only what is planned is refused."""

from __future__ import annotations

from datetime import date

import pytest

from domain.arrears.debt_case.commands.committee import ConsultCommittee, RecordCommitteeAnswer
from domain.arrears.debt_case.commands.concession import DecideConcession, ProposeConcession
from domain.arrears.debt_case.commands.dunning import PlanContact, RecordNoticeDelivery, RemindDebtor, VisitDebtor
from domain.arrears.debt_case.commands.lawsuit import RecordLegalOutcome, StartLegalAction
from domain.arrears.debt_case.commands.measures import RaiseDispute, ReleaseDispute, SuspendServices
from domain.arrears.debt_case.commands.opening import OpenDebtCase
from domain.arrears.debt_case.events import (
    CommitteeAnswered,
    CommitteeConsulted,
    HomeVisited,
    LadderBegunAnew,
    LegalActionStarted,
    LegalOutcomeNoted,
    LegalStepRecorded,
    NoticeDelivered,
    ReminderGiven,
)
from domain.arrears.debt_case.lifecycle import LIFECYCLE
from domain.arrears.terms import (
    CommitteeAnswer,
    ConcessionKind,
    ContactLimit,
    DebtorCategory,
    Instalment,
    LastMeasure,
    LegalOutcome,
    NoticeMeans,
    OptionalService,
    Reduction,
    ReminderKind,
    SuspensionGround,
    VisitOutcome,
)
from domain.handbook.settings import Change, Settings
from domain.kernel.errors import RuleBroken, WrongState
from tests.domain.arrears.owing import CLERK, MANAGER, a_bill, joins, noticed, opened, pays, second_stage, visited
from tests.domain.story import Story, given
from tests.office_rig import shanghai

CALL = RemindDebtor(kind=ReminderKind.TELEPHONE)
REFUSED = VisitDebtor(outcome=VisitOutcome.REFUSED)


def disputed(story: Story, at: str) -> Story:
    return story.when(RaiseDispute(reason="面积有误"), as_=CLERK, at=at)


def on_a_plan(at: str = "2025-03-13 10:00") -> Story:
    """The whole debt is to be paid by the first of April."""
    parts = (Instalment(amount_fen=30_000, due_on=date(2025, 4, 1)),)
    story = second_stage(DebtorCategory.HARDSHIP)
    proposed = ProposeConcession(kind=ConcessionKind.INSTALMENTS, reason="失业", instalments=parts)
    story.when(proposed, as_=CLERK, by="li", at=at)
    approved = DecideConcession(approved=True, reason="同意")
    return story.when(approved, as_=MANAGER, by="wang", at=at).is_in("concession")


# -- contacts ----------------------------------------------------------------------------------------------------------


def test_a_call_made_during_a_dispute_is_on_the_file_and_counts_beyond_the_limit() -> None:
    story = disputed(noticed(), "2025-02-21 10:00")
    ahead = PlanContact(appointed_at=shanghai("2025-02-24 10:00"))
    story.when(ahead, as_=CLERK, at="2025-02-21 11:00").refused(RuleBroken, code="disputed")
    story.when(CALL, as_=CLERK, at="2025-02-22 10:00").then(ReminderGiven, beyond=ContactLimit.DISPUTE)
    assert story.case.contacts_beyond == 1


def test_a_call_is_judged_by_the_moment_at_which_it_was_made_whenever_it_is_entered() -> None:
    """Nobody waits with an entry until the dispute is over, and none is called beyond that was made before it."""
    story = disputed(noticed(), "2025-02-21 10:00")
    story.when(ReleaseDispute(outcome="维持"), as_=CLERK, at="2025-02-25 10:00")
    for at, beyond in (
        ("2025-02-21 09:59", None),
        ("2025-02-21 10:00", ContactLimit.DISPUTE),
        ("2025-02-25 09:59", ContactLimit.DISPUTE),
        ("2025-02-25 10:00", None),
    ):
        story.branch().when(CALL, as_=CLERK, at=at).then(ReminderGiven, beyond=beyond)
    disputed(story, "2025-02-26 10:00").when(CALL, as_=CLERK, at="2025-02-26 11:00")
    story.then(ReminderGiven, beyond=ContactLimit.DISPUTE)


def test_where_one_of_two_bills_is_disputed_the_debtor_may_be_called_for_the_other() -> None:
    story = joins(opened(), a_bill(id="bill-2", due=date(2025, 2, 25)), at="2025-02-26 00:00")
    story.when(RaiseDispute(reason="面积有误", bills=("bill-1",)), as_=CLERK, at="2025-02-26 10:00")
    story.when(CALL, as_=CLERK, at="2025-02-26 11:00").then(ReminderGiven, beyond=None)


def test_the_gravest_limit_is_named() -> None:
    story = disputed(noticed(), "2025-02-21 10:00")
    story.when(CALL, as_=CLERK, at="2025-02-21 23:00").then(ReminderGiven, beyond=ContactLimit.DISPUTE)
    pays(story, "bill-1", 0, "2025-02-22 09:00").when(CALL, as_=CLERK, at="2025-02-22 23:00")
    story.then(ReminderGiven, beyond=ContactLimit.NOTHING_OWED)


def test_a_fruitless_visit_during_a_dispute_begins_no_days_and_puts_nothing_off() -> None:
    story = disputed(second_stage(), "2025-03-12 09:00")
    before = story.case.next_by
    story.when(REFUSED, as_=CLERK, at="2025-03-13 18:00")
    story.then(HomeVisited, beyond=ContactLimit.DISPUTE, act_by=None).owes("suspension", None)
    assert (story.case.next_by, story.case.visit_outcome) == (before, None)
    story.when(ReleaseDispute(outcome="维持"), as_=CLERK, at="2025-03-14 09:00").owes("suspension", None)
    story.when(REFUSED, as_=CLERK, at="2025-03-14 18:00").owes("suspension", "2025-03-18 00:00")


def test_a_visit_during_a_dispute_leaves_the_days_that_an_earlier_one_began() -> None:
    story = second_stage().when(REFUSED, as_=CLERK, at="2025-03-12 19:00").owes("suspension", "2025-03-16 00:00")
    disputed(story, "2025-03-13 09:00").owes("suspension", None).when(REFUSED, as_=CLERK, at="2025-03-13 19:00")
    story.when(ReleaseDispute(outcome="维持"), as_=CLERK, at="2025-03-14 09:00").owes("suspension", "2025-03-17 00:00")


def test_who_keeps_a_plan_is_not_to_be_called_and_is_found_to_have_been() -> None:
    story = on_a_plan()
    ahead = PlanContact(appointed_at=shanghai("2025-03-20 10:00"))
    story.when(ahead, as_=CLERK, at="2025-03-14 10:00").refused(WrongState)
    story.when(CALL, as_=CLERK, at="2025-03-14 10:00").then(ReminderGiven, beyond=ContactLimit.PLAN)
    story.when(REFUSED, as_=CLERK, at="2025-03-15 10:00").then(HomeVisited, beyond=ContactLimit.PLAN, act_by=None)
    story.owes("instalment", "2025-04-02 00:00").owes("next-step", None).owes("suspension", None)
    story.when(CALL, as_=CLERK, at="2025-03-13 09:00").then(ReminderGiven, beyond=None)
    joins(story, a_bill(id="bill-2", due=date(2025, 3, 15)), at="2025-03-16 00:00")
    pays(story, "bill-1", 0, "2025-03-20 10:00").then(LadderBegunAnew)
    story.when(CALL, as_=CLERK, at="2025-03-21 10:00").then(ReminderGiven, beyond=None)


def test_a_manager_who_visits_a_large_debtor_during_a_dispute_was_there() -> None:
    story = disputed(second_stage(DebtorCategory.LARGE), "2025-03-12 09:00")
    story.when(REFUSED, as_=MANAGER, at="2025-03-13 10:00")
    assert story.case.manager_visited


def test_who_has_paid_and_was_called_all_the_same_is_on_the_file() -> None:
    story = pays(noticed(), "bill-1", 0, "2025-02-24 10:00").is_in("settled")
    story.when(CALL, as_=CLERK, at="2025-02-24 09:00").then(ReminderGiven, beyond=None)
    story.when(CALL, as_=CLERK, at="2025-02-24 11:00").then(ReminderGiven, beyond=ContactLimit.NOTHING_OWED)
    promised = VisitDebtor(outcome=VisitOutcome.PAID)
    story.when(promised, as_=CLERK, at="2025-02-24 12:00").then(HomeVisited, beyond=ContactLimit.NOTHING_OWED)
    joins(story, a_bill(id="bill-2", due=date(2025, 6, 15)), at="2025-06-16 00:00").is_in("opened")
    story.when(CALL, as_=CLERK, at="2025-06-17 10:00").then(ReminderGiven, beyond=None)


# -- letters -----------------------------------------------------------------------------------------------------------


def test_a_letter_of_an_earlier_round_arrived_though_the_ladder_has_begun_anew_and_demanded_its_own_bills_alone() -> (
    None
):
    story = joins(noticed(), a_bill(id="bill-2", due=date(2025, 2, 25)), at="2025-02-26 00:00")
    pays(story, "bill-1", 0, "2025-02-27 10:00").then(LadderBegunAnew).is_in("opened")
    arrived = RecordNoticeDelivery(means=NoticeMeans.COURT)
    story.when(arrived, as_=CLERK, at="2025-02-26 10:00").then(NoticeDelivered, earlier=True)
    assert (story.case.delivered_at, story.case.lapses["bill-2"]) == (None, date(2028, 2, 25))
    assert story.case.lapses["bill-1"] == date(2028, 2, 26)
    second = RecordNoticeDelivery(stage=2, means=NoticeMeans.COURT)
    story.when(second, as_=CLERK, at="2025-02-24 10:00").refused(RuleBroken, code="no-notice")


# -- the owners' committee ---------------------------------------------------------------------------------------------


def asked(story: Story, at: str, *measures: LastMeasure) -> Story:
    story.settings = Settings((Change("arrears.committee", "asked", date(2025, 1, 1)),))
    return story.when(ConsultCommittee(measures=measures, document="征询函"), as_=CLERK, at=at)


def test_a_letter_to_the_committee_that_went_out_too_early_is_on_the_file_and_counts_for_nothing() -> None:
    story = asked(noticed(), "2025-02-22 09:00", LastMeasure.SUSPENSION).then(CommitteeConsulted, counts=False)
    assert (story.case.committee, story.case.next_by) == ({}, None)
    story.owes("committee", None)
    settled = pays(visited(), "bill-1", 0, "2025-03-16 10:00")
    asked(settled, "2025-03-16 11:00", LastMeasure.SUSPENSION).then(CommitteeConsulted, counts=False)


def test_one_that_was_sent_again_puts_nothing_off() -> None:
    story = asked(visited(), "2025-03-17 09:00", LastMeasure.SUSPENSION).owes("committee", "2025-03-25 00:00")
    asked(story, "2025-03-20 09:00", *LastMeasure)
    again, anew = story.outcome
    assert (again.counts, again.measures) == (False, (LastMeasure.SUSPENSION,))  # type: ignore[attr-defined]
    assert (anew.counts, anew.measures) == (True, (LastMeasure.LEGAL_ACTION,))  # type: ignore[attr-defined]
    story.owes("committee", "2025-03-25 00:00")


def test_the_committee_is_told_also_while_it_is_disputed_or_a_plan_runs() -> None:
    story = disputed(visited(), "2025-03-17 09:00")
    asked(story, "2025-03-18 09:00", LastMeasure.SUSPENSION).then(CommitteeConsulted, counts=True)
    stops = SuspendServices(services=(OptionalService.SPECIAL,), ground=SuspensionGround.COVENANT, article=9)
    story.when(stops, as_=MANAGER, at="2025-03-30 10:00").refused(RuleBroken, code="disputed")
    kept = asked(on_a_plan(), "2025-03-18 09:00", LastMeasure.SUSPENSION).then(CommitteeConsulted, next_by=None)
    kept.owes("next-step", None)


def test_the_committee_may_say_something_else_later_and_the_answer_of_the_latest_day_stands() -> None:
    story = asked(visited(), "2025-03-17 09:00", LastMeasure.SUSPENSION)
    for on, answer in ((18, CommitteeAnswer.AGREES), (20, CommitteeAnswer.OBJECTS), (19, CommitteeAnswer.NO_VIEW)):
        said = RecordCommitteeAnswer(answer=answer, on=date(2025, 3, on), document="复函")
        story.when(said, as_=CLERK, at="2025-03-20 10:00").then(CommitteeAnswered)
    consulted = story.case.committee[LastMeasure.SUSPENSION]
    assert (consulted.answer, consulted.answered_on) == (CommitteeAnswer.OBJECTS, date(2025, 3, 20))
    pays(story, "bill-1", 0, "2025-03-21 10:00").is_in("settled")
    late = RecordCommitteeAnswer(answer=CommitteeAnswer.AGREES, on=date(2025, 3, 21), document="复函")
    story.when(late, as_=CLERK, at="2025-03-22 10:00").then(CommitteeAnswered)


# -- the court ---------------------------------------------------------------------------------------------------------


def sued() -> Story:
    story = second_stage(DebtorCategory.HOLDOUT)
    return story.when(StartLegalAction(evidence="清单"), as_=MANAGER, at="2025-03-20 10:00").then(LegalActionStarted)


def court(story: Story, outcome: LegalOutcome, on: date, **more: object) -> Story:
    said = RecordLegalOutcome(outcome=outcome, on=on, document="(2025)民初1号", **more)  # type: ignore[arg-type]
    return story.when(said, as_=MANAGER, at="2025-06-30 10:00")


def test_who_pays_during_the_suit_is_settled_and_the_suit_is_withdrawn_all_the_same() -> None:
    story = pays(sued(), "bill-1", 0, "2025-04-20 10:00").is_in("settled")
    court(story, LegalOutcome.WITHDRAWN, date(2025, 3, 1)).refused(RuleBroken, code="before-the-suit")
    court(story, LegalOutcome.JUDGMENT, date(2025, 5, 10), costs_fen=5_000).refused(RuleBroken, code="says-no-amounts")
    lowered = (Reduction(bill="bill-1", principal_fen=1),)
    refused = court(story, LegalOutcome.JUDGMENT, date(2025, 5, 10), reductions=lowered)
    refused.refused(RuleBroken, code="says-no-amounts")
    court(story, LegalOutcome.FILED, date(2025, 4, 1)).then(LegalOutcomeNoted, lapses_on=None).is_in("settled")
    court(story, LegalOutcome.WITHDRAWN, date(2025, 4, 25)).then(LegalOutcomeNoted, lapses_on=date(2028, 4, 25))
    assert (story.case.legal_outcome, story.case.legal_at) == (LegalOutcome.WITHDRAWN, None)
    court(story, LegalOutcome.WITHDRAWN, date(2025, 4, 26)).refused(RuleBroken, code="no-suit")


def test_a_suit_about_bills_that_are_paid_goes_on_beside_a_ladder_that_begins_anew() -> None:
    story = joins(sued(), a_bill(id="bill-2", due=date(2025, 4, 15)), at="2025-04-16 00:00")
    pays(story, "bill-1", 0, "2025-04-20 10:00").is_in("opened")
    court(story, LegalOutcome.WITHDRAWN, date(2025, 4, 25)).then(LegalOutcomeNoted).is_in("opened")
    assert story.case.suit_at is None


@pytest.mark.parametrize("outcome", [LegalOutcome.JUDGMENT, LegalOutcome.MEDIATED, LegalOutcome.FILED])
def test_a_judgment_is_followed_by_what_a_higher_court_makes_of_it(outcome: LegalOutcome) -> None:
    story = court(sued(), LegalOutcome.JUDGMENT, date(2025, 5, 10)).then(LegalStepRecorded)
    court(story.branch(), LegalOutcome.WITHDRAWN, date(2025, 6, 1)).refused(RuleBroken, code="decided-already")
    court(story, outcome, date(2025, 6, 10)).then(LegalStepRecorded).is_in("legal")


# -- another system's ------------------------------------------------------------------------------------------------------


def test_another_systems_case_holds_the_pursuit_of_its_bills_and_claims_what_is_left_on_them() -> None:
    bring = OpenDebtCase(bill="bill-1", household="h-1")
    theirs = given(LIFECYCLE).when(bring, as_=CLERK, at="2025-02-16 10:00", related={"bill": a_bill()}, imported=True)
    assert (theirs.case.bills, LIFECYCLE.held(theirs.case)) == ({"bill-1": 30_000}, {"pursuit-of:bill-1"})
    assert LIFECYCLE.held(opened().case) == set()
