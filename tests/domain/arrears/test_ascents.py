"""A payment bounces after the ladder began anew for other bills (§8, C10): what it had paid is pursued from where that was."""

from __future__ import annotations

from datetime import date

from domain.arrears.debt_case.case import CONCESSION, OPENED, STAGE2, SUSPENSION_DUE, DebtCase
from domain.arrears.debt_case.commands.concession import DecideConcession, ProposeConcession
from domain.arrears.debt_case.commands.dunning import RecordNoticeDelivery
from domain.arrears.debt_case.commands.lawsuit import StartLegalAction
from domain.arrears.debt_case.commands.opening import OpenDebtCase
from domain.arrears.debt_case.events import (
    BillJoinedDebtCase,
    DebtCaseReopened,
    DebtCaseResumedAtLaw,
    DebtCaseResumedForSuspension,
    DebtCaseResumedInFirstStage,
    DebtCaseResumedInSecondStage,
    DebtPaymentNoted,
    DebtSettled,
    LadderBegunAnew,
    NoticeDelivered,
)
from domain.arrears.terms import ConcessionKind, DebtorCategory, Instalment, NoticeMeans, Signer
from tests.domain.arrears.owing import CLERK, MANAGER, POLICY, a_bill, letter, noticed, pays, second_stage, visited
from tests.domain.story import Story

DUE = date(2025, 2, 15)
SECOND = a_bill(id="bill-2", amount=20_000, due=date(2025, 4, 15))


def joins(story: Story, at: str = "2025-04-16 00:00") -> Story:
    """March's bill, due on 15 April, is not paid either."""
    other = OpenDebtCase(bill="bill-2", household="h-1", outstanding_fen=20_000, due_on=date(2025, 4, 15))
    return story.when(other, as_=POLICY, at=at, related={"bill": None})


def bounces(story: Story, at: str = "2025-05-20 10:00", **more: object) -> Story:
    """The payment of the first bill is taken back."""
    again = OpenDebtCase(  # type: ignore[arg-type]
        **{"bill": "bill-1", "household": "h-1", "outstanding_fen": 30_000, "due_on": DUE, "resumes": True} | more
    )
    return story.when(again, as_=POLICY, at=at, related={"bill": None})


def anew(story: Story) -> Story:
    """The first bill is paid and the ladder begins anew for the second."""
    story = joins(story).then(BillJoinedDebtCase)
    return pays(story, "bill-1", 0, "2025-04-20 10:00").then(LadderBegunAnew).is_in(OPENED)


def test_what_was_at_the_managers_action_is_there_again() -> None:
    story = anew(visited())
    before = story.case.climbed["bill-1"]
    bounces(story).then(DebtCaseResumedForSuspension, ladder=1, act_until=date(2025, 5, 27)).is_in(SUSPENSION_DUE)
    case = story.case
    assert (case.ladder, case.notice1_at, case.notice2_at) == (1, before.notice1_at, before.notice2_at)
    assert (case.visit_outcome, case.reason, case.dunned) == (before.visit_outcome, before.reason, {"bill-1"})
    assert case.bills == {"bill-1": 30_000, "bill-2": 20_000}
    assert [(each.ladder, each.stage) for each in (*case.past, *case.letters)] == [(1, 1), (1, 2)]
    assert case.lapses["bill-1"] == before.claims["bill-1"].lapses_on
    pays(story, "bill-1", 0, "2025-05-22 10:00").then(LadderBegunAnew).is_in(OPENED)
    assert (story.case.ladder, story.case.unpaid) == (2, ("bill-2",))


def test_what_was_pursued_meanwhile_is_an_ascent_of_before_and_another_one_has_another_number() -> None:
    story = letter(anew(second_stage()), 1, "2025-05-05 10:00", SECOND).is_in("stage-1")
    bounces(story).then(DebtCaseResumedInSecondStage, ladder=1, act_by=None, next_by=date(2025, 6, 4)).is_in(STAGE2)
    assert [(each.ladder, each.stage) for each in story.case.past] == [(2, 1)]
    assert story.case.next_due is not None
    pays(story, "bill-1", 0, "2025-05-22 10:00").then(LadderBegunAnew)
    assert story.case.ladder == 3


def test_who_is_as_high_on_another_ascent_stays_there() -> None:
    story = letter(anew(noticed()), 1, "2025-05-05 10:00", SECOND).is_in("stage-1")
    bounces(story).then(BillJoinedDebtCase).is_in("stage-1")
    assert (story.case.ladder, story.case.dunned) == (2, {"bill-2"})
    bounces(anew(noticed())).then(DebtCaseResumedInFirstStage, ladder=1).is_in("stage-1")


def test_a_plan_that_is_kept_for_others_goes_on() -> None:
    story = anew(second_stage(DebtorCategory.HARDSHIP))
    parts = (Instalment(due_on=date(2025, 6, 1), amount_fen=20_000),)
    asked = ProposeConcession(kind=ConcessionKind.INSTALMENTS, reason="困难", instalments=parts)
    story.when(asked, as_=CLERK, at="2025-04-25 10:00")
    story.when(DecideConcession(approved=True, reason="同意"), as_=MANAGER, by="other", at="2025-04-26 10:00")
    bounces(story.is_in(CONCESSION)).then(BillJoinedDebtCase).is_in(CONCESSION)


def test_a_suit_goes_on_with_a_next_date() -> None:
    story = second_stage(DebtorCategory.HOLDOUT)
    story.when(StartLegalAction(evidence="通知两份"), as_=MANAGER, at="2025-03-20 10:00")
    brought = story.case.legal_at
    story = bounces(anew(story)).then(DebtCaseResumedAtLaw, ladder=1, next_by=date(2025, 6, 4)).is_in("legal")
    assert story.case.legal_at == brought


def test_a_case_that_was_settled_and_opened_again_for_another_bill_remembers_too() -> None:
    """The demand of the first letter interrupted the limitation in February; the payment that bounces never did."""
    story = noticed()
    arrived = RecordNoticeDelivery(stage=1, means=NoticeMeans.IN_PERSON, signer="王", relation=Signer.DEBTOR)
    story.when(arrived, as_=CLERK, at="2025-02-25 10:00").then(NoticeDelivered)
    pays(story, "bill-1", 0, "2025-03-10 10:00").then(DebtSettled)
    joins(story).then(DebtCaseReopened).is_in(OPENED)
    assert "bill-1" not in story.case.claims
    bounces(story, paid_on=(date(2025, 2, 18),))
    story.then(DebtCaseResumedInFirstStage, ladder=1).then(DebtPaymentNoted, paid_on=(date(2025, 2, 18),))
    assert story.case.lapses == {"bill-1": date(2028, 2, 25), "bill-2": date(2028, 4, 15)}
    again = joins(pays(noticed(), "bill-1", 0, "2025-03-10 10:00"))
    settled = pays(again, "bill-2", 0, "2025-05-01 10:00").then(DebtSettled)
    bounces(settled).then(DebtCaseResumedInFirstStage, ladder=1).is_in("stage-1")
    assert isinstance(settled.case, DebtCase)
