"""Where a walk comes only by luck, a story leads: cases from which the walk that looks for every command also goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Final

from domain.arrears.debt_case.commands.dunning import (
    BeginSecondStage,
    IssueDunningNotice,
    RecordArrearsReason,
    VisitDebtor,
)
from domain.arrears.debt_case.commands.measures import FallDueForSuspension
from domain.arrears.debt_case.commands.opening import OpenDebtCase
from domain.arrears.debt_case.lifecycle import LIFECYCLE as DEBT_CASE
from domain.arrears.terms import ArrearsReason, NoticeMeans, VisitOutcome
from domain.fees.bill_run.case import RETURNED
from domain.fees.bill_run.commands.compiling import CompileBillRun
from domain.fees.bill_run.commands.reviewing import ReturnBillRun
from domain.visits.survey.case import CLOSED
from domain.visits.survey.commands import CloseSurvey
from tests.domain.arrears.owing import CLERK, CLOCK, MANAGER, a_bill, joins, letter, pays
from tests.domain.arrears.test_what_happened import sued
from tests.domain.fees.test_bill_run import LAST_DAY, approved, compiled, issued, opened, reviewed
from tests.domain.story import Story, given, instant
from tests.domain.visits.test_survey import issued as a_survey_issued

__all__ = ["BESIDE", "ROADS"]


BESIDE: Final = {bill.id: bill for bill in (a_bill(), a_bill(id="bill-2", due=date(2025, 4, 15)))}
"""Cases that the stories refer to."""


def _arrears() -> Iterator[tuple[Story, datetime]]:
    yield from _a_suit_beside_the_ladder()
    yield _another_systems_letter(), instant("2025-02-21 10:00")


def _another_systems_letter() -> Story:
    """Another system's case may have had a second letter in the first stage."""
    bring = OpenDebtCase(bill="bill-1", household="h-1")
    related = {"bill": BESIDE["bill-1"]}
    theirs = given(DEBT_CASE).when(bring, as_=CLERK, at="2025-02-16 10:00", related=related, imported=True)
    sent = IssueDunningNotice(stage=1, claims=(), means=NoticeMeans.MAILBOX, addressee="户主")
    theirs.when(sent, as_=CLERK, at="2025-02-20 10:00", related=dict(BESIDE), imported=True)
    return theirs.is_in("stage-1")


def _a_suit_beside_the_ladder() -> Iterator[tuple[Story, datetime]]:
    """What a suit is about is paid, another bill is not: its ladder begins anew, and the suit is not over on any rung."""
    later = BESIDE["bill-2"]
    story = pays(joins(sued(), later, at="2025-04-16 00:00"), "bill-1", 0, "2025-04-20 10:00").is_in("opened")
    yield story, instant("2025-04-21 10:00")
    story = letter(story.branch(), 1, "2025-05-10 10:00", later).is_in("stage-1")
    yield story, instant("2025-05-11 10:00")
    story = story.branch()
    reason = RecordArrearsReason(reason=ArrearsReason.REFUSAL, verified_by="li")
    story.when(reason, as_=CLERK, at="2025-05-20 10:00")
    story.when(BeginSecondStage(), as_=CLERK, at="2025-06-02 10:00")
    letter(story, 2, "2025-06-03 10:00", later).is_in("stage-2")
    yield story, instant("2025-06-04 10:00")
    story = story.branch()
    story.when(VisitDebtor(outcome=VisitOutcome.REFUSED), as_=CLERK, at="2025-06-05 19:00")
    story.when(FallDueForSuspension(), as_=CLOCK, at="2025-06-09 00:00").is_in("suspension-due")
    yield story, instant("2025-06-09 10:00")


def _a_run_in_time() -> Iterator[tuple[Story, datetime]]:
    """A month's run, taken each step in time: nothing of it is late yet."""
    yield opened(), instant("2025-03-03 11:00")
    yield opened().when(CompileBillRun(), as_=CLERK, at="2025-03-30 10:00", by="li"), instant("2025-03-30 10:00")
    yield compiled(), instant("2025-03-30 11:00")
    returned = compiled().when(ReturnBillRun(reason="补抄表"), as_=MANAGER, at="2025-03-30 12:00", by="wang")
    yield returned.is_in(RETURNED), instant("2025-03-30 13:00")
    for story in (reviewed(), approved(), issued()):
        yield story, instant(LAST_DAY)


def _a_survey_in_time() -> Iterator[tuple[Story, datetime]]:
    """Its days are over and its half of the year is not: it waits for the manager's evaluation."""
    closed = a_survey_issued().when(CloseSurvey(), as_=CLOCK, at="2025-05-01 00:00")
    yield closed.is_in(CLOSED), instant("2025-05-01 10:00")


ROADS: Final[Mapping[str, Callable[[], Iterator[tuple[Story, datetime]]]]] = {
    "debt_case": _arrears,
    "survey": _a_survey_in_time,
    "bill_run": _a_run_in_time,
}
