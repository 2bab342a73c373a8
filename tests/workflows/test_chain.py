"""Every beginning has an end 做到有始有终: matters told from the first call to the archived case, by clerks and the clock."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

from domain.arrears.debt_case.commands.dunning import (
    BeginSecondStage,
    IssueDunningNotice,
    RecordArrearsReason,
    VisitDebtor,
)
from domain.arrears.debt_case.commands.measures import SuspendServices
from domain.arrears.debt_case.lifecycle import debt_case_id
from domain.arrears.terms import ArrearsReason, NoticeMeans, OptionalService, SuspensionGround, VisitOutcome
from domain.complaints.complaint.case import ARCHIVED
from domain.complaints.complaint.commands.handling import ArchiveComplaint, ResolveComplaint
from domain.complaints.complaint.commands.letters import SendReplyLetter
from domain.complaints.complaint.commands.reception import AssessComplaint, InvestigateComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.fees.bill.commands.issuing import IssueBill
from domain.fees.bill.commands.payment import ReceivePayment
from domain.fees.bill.events import BillLine
from domain.kernel.calendar import local_date
from domain.kernel.errors import RuleBroken, WrongState
from domain.kernel.people import Role
from domain.kernel.periods import IsoWeek
from domain.rounds.rectification.commands import CloseRectification, ReportRectificationDone, VerifyRectification
from domain.rounds.repair_order.commands import RaiseRepairOrder, ReportRepairReady
from domain.visits.follow_up.commands.visiting import (
    AssignFollowUp,
    ConductFollowUp,
    RecordUnreachable,
    ReviewFollowUp,
    SubmitFollowUp,
)
from domain.visits.follow_up.events import Means, Mode
from domain.visits.weekly_sample import SubstituteSample
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai
from tests.solving import solved
from tests.workflows.checked_office import checked_office, one

CLERK, ASSISTANT, MANAGER = Role.ADMINISTRATOR, Role.ASSISTANT, Role.MANAGER
LETTER: dict[str, Any] = {"means": NoticeMeans.MAILBOX, "addressee": "户主"}


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def visit(rig: OfficeRig, case_id: str, at: str, *, satisfied: bool, by: str = "li", planner: Role = ASSISTANT) -> None:
    """Somebody is sent, asks by telephone, signs, and hands the record in."""
    rig.do(AssignFollowUp(visitor=by), as_=planner, on=case_id, at=at, by="assistant")
    rig.do(
        ConductFollowUp(
            mode=Mode.TELEPHONE,
            means=Means.TALK,
            quality="管道已换",
            effect="不再堵",
            satisfaction=5 if satisfied else 1,
            conforming=satisfied,
            visitor_signature="李",
        ),
        as_=CLERK,
        on=case_id,
        by=by,
    )
    rig.do(SubmitFollowUp(), as_=CLERK, on=case_id, by=by)


def test_a_complaint_goes_on_until_its_resident_is_satisfied(rig: OfficeRig) -> None:
    complaint = rig.do(
        RegisterComplaint(
            channel=Channel.TELEPHONE,
            category="drainage",
            matter="厨房下水",
            household="household-1",
            content="又堵",
            complainant="王",
        ),
        as_=CLERK,
        at="2025-03-03 10:00",
    ).case_id
    rig.do(
        AssessComplaint(promised_by=shanghai("2025-03-04 18:00"), measure="疏通", told_at=rig.now),
        as_=CLERK,
        on=complaint,
    )

    rig.until("2025-03-05 09:00")  # the promise passes
    assert one(rig, "complaints")["missed_at"] == shanghai("2025-03-04 18:00")

    rig.do(InvestigateComplaint(findings="立管塌陷", root_cause="管道老化"), as_=CLERK, on=complaint)
    rig.do(ResolveComplaint(done_by="plumber", result="换管"), as_=CLERK, on=complaint)
    first = one(rig, "follow-ups", chain=complaint)
    assert (str(first["opens_on"]), str(first["closes_on"])) == ("2025-03-05", "2025-03-08")
    with pytest.raises(RuleBroken) as refused:
        rig.do(ArchiveComplaint(), as_=CLERK, on=complaint)
    assert (refused.value.code, refused.value.clause) == ("follow-up-missing", "4.5")

    visit(rig, str(first["case_id"]), "2025-03-06 15:00", satisfied=False)
    rig.do(
        ReviewFollowUp(
            comment="仍渗水", conforming=False, responsible="plumber", rectify_by=shanghai("2025-03-10 18:00")
        ),
        as_=MANAGER,
        on=str(first["case_id"]),
        at="2025-03-07 09:00",
    )
    assert rig.case(complaint).state == "reopened"
    assert rig.case(str(first["case_id"])).state == "closed"
    work = str(one(rig, "rectifications", origin_id=first["case_id"])["case_id"])

    rig.do(ReportRectificationDone(result="重做防水"), as_=CLERK, on=work, at="2025-03-09 16:00", by="plumber")
    rig.do(VerifyRectification(), as_=MANAGER, on=work, by="manager")
    rig.do(CloseRectification(), as_=MANAGER, on=work, by="manager")
    rig.do(solved(shanghai("2025-03-10 09:00"), result="重做防水"), as_=CLERK, on=complaint, at="2025-03-10 09:00")
    second = one(rig, "follow-ups", state="planned")
    assert (second["chain"], second["round"], second["previous"]) == (complaint, 2, first["case_id"])
    visit(rig, str(second["case_id"]), "2025-03-11 15:00", satisfied=True)
    rig.do(ReviewFollowUp(comment="满意", conforming=True), as_=MANAGER, on=str(second["case_id"]))
    assert rig.case(complaint).state == "followed-up"
    assert one(rig, "follow-ups", case_id=first["case_id"])["chain_outcome"] == "satisfied"

    with pytest.raises(RuleBroken) as refused:
        rig.do(ArchiveComplaint(), as_=CLERK, on=complaint)
    assert refused.value.code == "letter-missing"
    rig.do(SendReplyLetter(recipient="王女士", text="致歉"), as_=CLERK, on=complaint)
    rig.do(ArchiveComplaint(), as_=CLERK, on=complaint)
    assert rig.case(complaint).state == ARCHIVED
    assert rig.names(complaint) == [
        "ComplaintRegistered",
        "ComplaintAssessed",
        "PromiseMissed",
        "ComplaintInvestigated",
        "ComplaintResolved",
        "ComplaintReopened",
        "ComplaintResolved",
        "ComplaintFollowedUp",
        "ReplyLetterSent",
        "ComplaintArchived",
    ]
    # One matter, one thread: everything that followed bears the registration's correlation.
    threads = {f.correlation_id for f in rig.facts() if f.case_id in (complaint, first["case_id"], work)}
    assert threads == {rig.case(complaint).correlation_id}


@pytest.mark.long
def test_every_monday_a_fifth_of_last_weeks_repairs_is_drawn_and_asked_about(rig: OfficeRig) -> None:
    done = []
    for n in range(11):
        order = rig.do(
            RaiseRepairOrder(
                channel=Channel.TELEPHONE, fault_kind="plumbing", household=f"household-{n}", home=f"1-{n}"
            ),
            as_=CLERK,
            at=f"2025-03-{10 + n % 5:02d} {9 + n:02d}:00" if n < 5 else f"2025-03-14 {9 + n % 8 + 2:02d}:30",
        ).case_id
        rig.do(ReportRepairReady(done_by="plumber", result="好"), as_=CLERK, on=order)
        done.append(order)
    rig.until("2025-03-17 08:00")  # a Monday
    week = str(IsoWeek.of(local_date(shanghai("2025-03-14 12:00"))))
    sample = rig.case(f"weekly_sample-XH-{week}")
    assert sorted(repair.case for repair in sample.population) == sorted(done)
    assert len(sample.chosen) == math.ceil(11 * 0.2) == 3
    planned = rig.rows("follow-ups", origin_kind="repair_order")
    assert {row["origin_id"] for row in planned} == set(sample.chosen)
    completed = {repair.case: repair.completed_on for repair in sample.population}
    assert {(row["opens_on"] - completed[str(row["origin_id"])]).days for row in planned} == {7}
    drawn = next(fact for fact in rig.facts() if fact.name == "WeeklySampleDrawn" and fact.case_id == sample.id)
    assert drawn.occurred_at == shanghai("2025-03-17 00:00")

    first = str(one(rig, "follow-ups", origin_id=sample.chosen[0])["case_id"])
    replace = SubstituteSample(follow_up=first, reason="三次无人接听")
    with pytest.raises(RuleBroken):
        rig.do(replace, as_=ASSISTANT, on=sample.id, at="2025-03-24 10:00")
    for at in ("2025-03-24 10:00", "2025-03-24 19:00", "2025-03-25 10:00"):
        rig.do(RecordUnreachable(mode=Mode.TELEPHONE), as_=CLERK, on=first, at=at)
    rig.do(replace, as_=ASSISTANT, on=sample.id)
    again = rig.rows("follow-ups", origin_kind="repair_order")
    assert len({row["origin_id"] for row in again}) == 4
    assert one(rig, "follow-ups", case_id=first)["state"] == "lapsed"
    assert [row["case_id"] for row in rig.rows("deadlines", kind="window")] != []
    assert not rig.rows("deadlines", case_id=first)


def test_a_week_without_repairs_is_drawn_too_and_the_next_one_follows(rig: OfficeRig) -> None:
    rig.until("2025-02-03 12:00")
    weeks = [fact.event.week for fact in rig.facts() if fact.name == "WeeklySampleDrawn"]  # type: ignore[attr-defined]
    assert weeks == ["2025-W01", "2025-W02", "2025-W03", "2025-W04", "2025-W05"]


def overdue(rig: OfficeRig) -> tuple[str, str]:
    """A bill of January, unpaid; the arrears case that the clock opened for it."""
    lines = (BillLine(item="物业服务费", amount_fen=30_000),)
    bill = rig.do(
        IssueBill(
            household="household-1", due_on=local_date(shanghai("2025-02-15 00:00")), lines=lines, period="2025-01"
        ),
        as_=CLERK,
        at="2025-02-01 09:00",
    ).case_id
    assert rig.rows("debt-cases") == []
    rig.until("2025-02-16 09:00")
    return bill, debt_case_id(rig.code, "household-1")


def test_arrears_climb_the_ladder_and_payment_brings_the_service_back(rig: OfficeRig) -> None:
    bill, debt = overdue(rig)
    assert one(rig, "debt-cases")["state"] == "opened"
    rig.do(
        IssueDunningNotice(stage=1, **LETTER),
        as_=CLERK,
        on=debt,
        at="2025-02-20 09:00",
    )
    rig.do(
        RecordArrearsReason(reason=ArrearsReason.FORGOTTEN, verified_by="li", note="出差"),
        as_=CLERK,
        on=debt,
        at="2025-03-01 09:00",
    )
    rig.do(BeginSecondStage(), as_=CLERK, on=debt, at="2025-03-20 09:00")
    rig.do(IssueDunningNotice(stage=2, **LETTER), as_=CLERK, on=debt)
    rig.do(VisitDebtor(outcome=VisitOutcome.REFUSED, note="不付"), as_=CLERK, on=debt, at="2025-03-25 19:00")
    with pytest.raises(WrongState):  # not before three days have passed
        rig.do(
            SuspendServices(services=(OptionalService.PARCEL_STORAGE,), ground=SuspensionGround.COVENANT, article=9),
            as_=MANAGER,
            on=debt,
        )
    rig.until("2025-03-29 09:00")
    assert rig.case(debt).state == "suspension-due"
    rig.do(
        SuspendServices(services=(OptionalService.PARCEL_STORAGE,), ground=SuspensionGround.COVENANT, article=9),
        as_=MANAGER,
        on=debt,
        by="manager",
    )
    assert rig.case(debt).state == "suspended"
    owed = rig.case(bill).outstanding_fen  # with the late fee that the letters assessed
    rig.do(ReceivePayment(amount_fen=owed, method="wechat"), as_=CLERK, on=bill, at="2025-04-01 09:00")
    assert rig.case(debt).state == "settled"
    assert rig.names(debt)[-2:] == ["ServicesRestored", "DebtSettled"]
    assert rig.rows("deadlines", case_id=debt) == []


@pytest.mark.long
def test_households_of_the_same_name_in_two_offices_have_each_their_own_arrears_case(
    rig: OfficeRig, database: Database
) -> None:
    _, ours = overdue(rig)
    with office_rig(database.app, code="YY") as other:
        _, theirs = overdue(other)
        assert ours != theirs
        assert other.case(theirs).state == "opened"
    assert rig.case(ours).state == "opened"
