"""Sentences about suits 诉讼 (§8.A(2), §8.B(3), 民法典195): what became of them, and what it means for the bills."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.arrears.debt_case.commands.lawsuit import RecordLegalOutcome, StartLegalAction
from domain.arrears.debt_case.events import LegalActionEnded, LegalActionStarted, LegalStepRecorded
from domain.arrears.terms import DebtorCategory, LegalOutcome, Reduction
from domain.kernel.errors import RuleBroken
from tests.domain.arrears.owing import MANAGER, second_stage
from tests.domain.story import Story

SUED, HEARD = date(2025, 3, 20), date(2025, 6, 10)


def sued() -> Story:
    """A holdout is sued on 20 March 2025 for 30,000 fen."""
    story = second_stage(DebtorCategory.HOLDOUT)
    story.when(StartLegalAction(evidence="通知两份"), as_=MANAGER, at="2025-03-20 10:00").then(LegalActionStarted)
    return story


def told(story: Story, outcome: LegalOutcome, **more: Any) -> Story:
    """What became of the suit, entered on 12 June."""
    said = {"on": HEARD, "document": "(2025)民初1号"} | more
    return story.when(RecordLegalOutcome(outcome=outcome, **said), as_=MANAGER, at="2025-06-12 10:00")


def test_a_suit_is_filed_decided_and_enforced_and_always_has_a_next_date() -> None:
    story = told(sued(), LegalOutcome.FILED, on=date(2025, 4, 1)).then(LegalStepRecorded).is_in("legal")
    told(story, LegalOutcome.ENFORCED).refused(RuleBroken, code="nothing-decided", clause="8.B(3)")
    awarded = (Reduction(bill="bill-1", principal_fen=1_000, late_fee_fen=500),)
    told(story, LegalOutcome.JUDGMENT, costs_fen=5_000, reductions=awarded).then(LegalStepRecorded, costs_fen=5_000)
    assert (story.case.legal_outcome, story.case.legal_outcome_on) == (LegalOutcome.JUDGMENT, HEARD)
    assert story.case.next_by is not None
    told(story, LegalOutcome.DISMISSED).refused(RuleBroken, code="decided-already")
    told(story, LegalOutcome.ENFORCED).then(LegalStepRecorded)
    told(story, LegalOutcome.ENFORCED).then(LegalStepRecorded)


@pytest.mark.parametrize("outcome", [LegalOutcome.WITHDRAWN, LegalOutcome.DISMISSED])
def test_a_suit_that_ends_without_a_decision_leaves_the_debt_where_it_was_and_its_limitation_runs_anew(
    outcome: LegalOutcome,
) -> None:
    story = told(sued(), outcome).then(LegalActionEnded, lapses_on=date(2028, 6, 10)).is_in("stage-2")
    assert (story.case.lapses_on, story.case.legal_at, story.case.stage) == (date(2028, 6, 10), None, 2)
    story.owes("limitation", "2028-06-11 00:00")
    told(story, LegalOutcome.FILED).refused(RuleBroken, code="no-suit")
    again = StartLegalAction(evidence="补充证据")
    story.when(again, as_=MANAGER, at="2025-07-01 10:00").is_in("legal")
    assert story.case.legal_outcome is None


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"document": " "}, "document-missing"),
        ({"on": date(2025, 6, 13)}, "day-ahead"),
        ({"on": date(2025, 3, 19)}, "before-the-suit"),
        ({"costs_fen": -1}, "amount-negative"),
        ({"reductions": (Reduction(bill="bill-1"),)}, "reduction-wrong"),
        ({"reductions": (Reduction(bill="bill-1", late_fee_fen=1),) * 2}, "reduction-wrong"),
        ({"reductions": (Reduction(bill="bill-2", principal_fen=1),)}, "reduction-wrong"),
        ({"reductions": (Reduction(bill="bill-1", principal_fen=-1),)}, "amount-negative"),
    ],
)
def test_a_decision_names_its_document_its_day_and_bills_of_the_case_once(more: dict[str, Any], code: str) -> None:
    told(sued(), LegalOutcome.JUDGMENT, **more).refused(RuleBroken, code=code, clause="8.B(3)")


def test_only_a_decision_says_amounts() -> None:
    told(sued(), LegalOutcome.WITHDRAWN, costs_fen=1).refused(RuleBroken, code="says-no-amounts")
    lowered = (Reduction(bill="bill-1", principal_fen=1),)
    story = told(sued(), LegalOutcome.FILED, reductions=lowered)
    story.refused(RuleBroken, code="says-no-amounts")


def test_a_court_may_find_that_less_was_owed_than_is_left_or_was_paid() -> None:
    """30,000 are left of a larger bill; that 40,000 of it were never owed is what the court found: the bill has the rest."""
    awarded = (Reduction(bill="bill-1", principal_fen=40_000),)
    told(sued(), LegalOutcome.JUDGMENT, reductions=awarded).then(LegalStepRecorded, reductions=awarded)
