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
from domain.arrears.debt_case.commands.lawsuit import StartLegalAction
from domain.arrears.debt_case.commands.measures import FallDueForSuspension
from domain.arrears.debt_case.commands.opening import OpenDebtCase
from domain.arrears.debt_case.lifecycle import LIFECYCLE as DEBT_CASE
from domain.arrears.terms import ArrearsReason, DebtorCategory, NoticeMeans, VisitOutcome
from domain.fees.bill_run.case import COMPILED, ISSUED, ISSUING, RETURNED, REVIEWED
from domain.fees.bill_run.commands.compiling import CompileBillRun, HouseholdToBill, OpenBillRun, TakeNextHouseholds
from domain.fees.bill_run.commands.delivering import IssueNextBills
from domain.fees.bill_run.commands.reviewing import ApproveBillRun, ReturnBillRun, ReviewBillRun
from domain.fees.bill_run.lifecycle import LIFECYCLE as BILL_RUN
from domain.kernel.people import Role
from domain.visits.survey.case import CLOSED
from domain.visits.survey.commands import CloseSurvey, DraftSurvey, IssueSurvey, OweSurvey
from domain.visits.survey.events import Question
from domain.visits.survey.lifecycle import LIFECYCLE as SURVEY
from tests.domain.arrears.owing import CLERK, CLOCK, MANAGER, a_bill, joins, letter, pays, second_stage
from tests.domain.story import Story, given, instant

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
    story = second_stage(DebtorCategory.HOLDOUT)
    story.when(StartLegalAction(evidence="清单"), as_=MANAGER, at="2025-03-20 10:00")
    later = BESIDE["bill-2"]
    pays(joins(story, later, at="2025-04-16 00:00"), "bill-1", 0, "2025-04-20 10:00").is_in("opened")
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
    story = given(BILL_RUN).when(OpenBillRun(month=date(2025, 3, 1)), as_=CLERK, at="2025-03-03 10:00", by="li")
    yield story, instant("2025-03-03 11:00")
    story = story.branch()
    story.when(CompileBillRun(), as_=CLERK, at="2025-03-30 10:00", by="li")
    yield story, instant("2025-03-30 10:00")
    story = story.branch()
    taken = TakeNextHouseholds(households=(HouseholdToBill(household="h-1", building="7"),), page=7)
    story.when(taken, as_=CLOCK, at="2025-03-30 10:00").is_in(COMPILED)
    yield story, instant("2025-03-30 11:00")
    returned = story.branch().when(ReturnBillRun(reason="补抄表"), as_=MANAGER, at="2025-03-30 12:00", by="wang")
    yield returned.is_in(RETURNED), instant("2025-03-30 13:00")
    story = story.branch()
    story.when(ReviewBillRun(remark="首月"), as_=MANAGER, at="2025-03-31 15:00", by="wang").is_in(REVIEWED)
    yield story, instant("2025-03-31 15:30")
    story = story.branch()
    story.when(ApproveBillRun(), as_=Role.COMPANY, at="2025-03-31 16:00", by="zhao").is_in(ISSUING)
    yield story, instant("2025-03-31 17:00")
    story = story.branch()
    yield story.when(IssueNextBills(), as_=CLOCK, at="2025-03-31 16:00").is_in(ISSUED), instant("2025-03-31 17:00")


def _a_survey_in_time() -> Iterator[tuple[Story, datetime]]:
    """Its days are over and its half of the year is not: it waits for the manager's evaluation."""
    story = given(SURVEY).when(OweSurvey(year=2025, number=1), as_=Role.POLICY)
    story.when(DraftSurvey(title="上半年征询", questions=(Question(code="q1", text="保洁"),)), as_=CLERK)
    story.when(IssueSurvey(households=("household-1",), closes_on=date(2025, 4, 30)), as_=Role.DEPARTMENT_HEAD)
    yield story.when(CloseSurvey(), as_=CLOCK, at="2025-05-01 00:00").is_in(CLOSED), instant("2025-05-01 10:00")


ROADS: Final[Mapping[str, Callable[[], Iterator[tuple[Story, datetime]]]]] = {
    "debt_case": _arrears,
    "survey": _a_survey_in_time,
    "bill_run": _a_run_in_time,
}
