"""Bills that are owed, and arrears cases on each rung of the ladder, for sentences about arrears 欠费追讨 (§8)."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.arrears.debt_case.commands.dunning import (
    BeginSecondStage,
    ClassifyDebtor,
    IssueDunningNotice,
    RecordArrearsReason,
    VisitDebtor,
)
from domain.arrears.debt_case.commands.measures import FallDueForSuspension, NoteDebtPayment
from domain.arrears.debt_case.commands.opening import OpenDebtCase
from domain.arrears.debt_case.events import SuspensionFellDue
from domain.arrears.debt_case.lifecycle import LIFECYCLE
from domain.arrears.terms import ArrearsReason, DebtorCategory, NoticeMeans, VisitOutcome
from domain.fees.bill.case import Bill
from domain.fees.bill.events import BillIssued, BillLine, BillOverdue
from domain.fees.bill.lifecycle import LIFECYCLE as BILLS
from domain.kernel.fact import Event
from domain.kernel.people import Role
from tests.domain.story import Story, given

CLERK, MANAGER, CLOCK, POLICY = Role.ADMINISTRATOR, Role.MANAGER, Role.CLOCK, Role.POLICY
DUE = date(2025, 2, 15)


def a_bill(
    *more: Event, id: str = "bill-1", amount: int = 30_000, due: date = DUE, household: str | None = "h-1"
) -> Bill:
    """A bill that was due and is not paid."""
    lines = (BillLine(item="物业服务费", amount_fen=amount),)
    story = Story(BILLS, case_id=id).given(
        BillIssued(lines=lines, household=household, due_on=due), at="2025-01-31 16:00"
    )
    overdue = BillOverdue(due_on=due, outstanding_fen=amount)
    case: Bill = story.given(overdue, *more, at="2025-02-16 00:00").case
    return case


def joins(story: Story, bill: Bill, at: str = "2025-02-16 00:00") -> Story:
    """The clock brings a bill to the household's case."""
    command = OpenDebtCase(bill=bill.id, household="h-1", outstanding_fen=bill.outstanding_fen, due_on=bill.due_on)
    return story.when(command, as_=POLICY, at=at, related={"bill": bill})


def opened() -> Story:
    """January's fee was due on 15 February and is not paid: the letters are owed by the ends of February and March."""
    return joins(given(LIFECYCLE), a_bill())


def letter(story: Story, stage: int, at: str, *bills: Bill, **more: Any) -> Story:
    """A letter, as the program composes it from these bills (the first one, unless others are named) and what else is known."""
    owed = bills or (a_bill(),)
    command = IssueDunningNotice(stage=stage, means=NoticeMeans.MAILBOX, addressee="户主")
    return story.when(command, as_=CLERK, at=at, related={**{bill.id: bill for bill in owed}, **more})


def noticed() -> Story:
    """The first letter went out in February."""
    return letter(opened(), 1, "2025-02-20 10:00")


def in_second_stage(category: DebtorCategory | None = None) -> Story:
    """Noticed in February, the reason known, and still unpaid in March; the second letter is not out yet."""
    story = noticed()
    if category is not None:
        story.when(ClassifyDebtor(category=category), as_=CLERK, at="2025-02-21 10:00")
    reason = RecordArrearsReason(reason=ArrearsReason.REFUSAL, verified_by="li")
    story.when(reason, as_=CLERK, at="2025-02-22 10:00")
    return story.when(BeginSecondStage(), as_=CLERK, at="2025-03-10 10:00").is_in("stage-2")


def second_stage(category: DebtorCategory | None = None) -> Story:
    """And the second letter went out too."""
    return letter(in_second_stage(category), 2, "2025-03-11 10:00").is_in("stage-2")


def visited(category: DebtorCategory | None = None) -> Story:
    """The visit was fruitless and three days have passed."""
    story = second_stage(category)
    story.when(VisitDebtor(outcome=VisitOutcome.REFUSED), as_=CLERK, at="2025-03-12 19:00")
    story.owes("suspension", "2025-03-16 00:00")
    return story.when(FallDueForSuspension(), as_=CLOCK, at="2025-03-16 00:00").then(SuspensionFellDue)


def pays(story: Story, bill: str, left: int, at: str, *, received: bool = True) -> Story:
    """What the bill tells the case when something was paid on it, or otherwise changed."""
    return story.when(NoteDebtPayment(bill=bill, outstanding_fen=left, received=received), as_=POLICY, at=at)
