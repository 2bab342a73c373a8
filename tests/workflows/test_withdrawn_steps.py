"""A wrong step leaves every figure and what followed from it ends with it, as if it had never been entered; nothing is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from domain.complaints.complaint.commands.handling import ResolveComplaint
from domain.complaints.complaint.commands.reception import InvestigateComplaint
from domain.homes.vacant_home.commands.vacancy import RecordCleaning
from domain.kernel.errors import RuleBroken
from domain.kernel.mending import WithdrawAsMistaken
from domain.kernel.people import Role
from domain.kernel.withdrawn_steps import WithdrawStep
from domain.moving.move_in.commands import (
    ApplyForMoveIn,
    CheckMoveInDocuments,
    CompleteMoveIn,
    HandOverMoveInKeys,
    InspectForMoveIn,
    SettleMoveInFees,
)
from domain.moving.move_in.events import DocumentKind
from domain.rounds.rectification.commands import AssignRectification
from domain.visits.follow_up.case import visit_id
from domain.visits.follow_up.commands.visiting import ReviewFollowUp, SubmitFollowUp
from tests.conftest import Database
from tests.office_rig import OfficeRig, shanghai
from tests.projections.test_standards import read
from tests.workflows.checked_office import checked_office, one
from tests.workflows.test_chain import visit
from tests.workflows.test_duties import CRACK, vacant
from tests.workflows.test_mending import complaint

CLERK, HEAD, MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER
WRONG = WithdrawStep(reason="记到了别家")


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def test_a_complaint_that_was_not_handled_is_owed_again_and_january_says_so(rig: OfficeRig) -> None:
    case_id = complaint(rig, "2025-01-06 09:00")
    rig.do(ResolveComplaint(done_by="li", result="好"), as_=CLERK, on=case_id, at="2025-01-08 09:00")
    rig.until("2025-02-10 09:00")
    january = (date(2025, 1, 1), date(2025, 1, 31))
    assert read(rig, "complaint-handling-rate", *january).met == 1
    assert [row["kind"] for row in rig.rows("deadlines", case_id=case_id)] == ["archiving"], "nothing else is owed"
    answer = rig.do(WRONG, as_=HEAD, by="wang", on=case_id)
    assert answer.facts == ("StepWithdrawn", "WithdrawnAsMistaken")
    assert rig.case(case_id).state == "assessed"
    assert rig.case(visit_id(case_id, 1)).set_aside.other == case_id, "nobody is asked about what was not done"
    rig.until("2025-02-11 09:00")
    assert "PromiseMissed" in rig.names(case_id), "the promise was broken, and the clock says when"
    after = read(rig, "complaint-handling-rate", *january)
    assert (after.met, after.counted) == (0, 1), "January says so too"
    [row] = rig.rows("mistakes", case_id=case_id)
    assert (row["mended"], row["before"], row["user_id"]) == ("step-withdrawn", "ComplaintResolved", "wang")
    assert "complaint-handling-rate" in row["figures"].split()
    rig.do(ResolveComplaint(done_by="li", result="真好了"), as_=CLERK, on=case_id)
    late = read(rig, "complaint-handling-rate", *january)
    assert (late.met, late.counted) == (0, 1), "and what was done at last does not unmake the breach"


def test_what_a_step_brought_about_elsewhere_is_taken_back_while_nothing_has_gone_on_from_it(rig: OfficeRig) -> None:
    case_id = complaint(rig, "2025-01-06 09:00")
    rig.do(ResolveComplaint(done_by="plumber", result="好"), as_=CLERK, on=case_id, at="2025-01-08 09:00")
    asked = visit_id(case_id, 1)
    visit(rig, asked, "2025-01-09 15:00", satisfied=False)
    verdict = ReviewFollowUp(
        comment="仍渗水", conforming=False, responsible="plumber", rectify_by=shanghai("2025-01-12 18:00")
    )
    rig.do(verdict, as_=MANAGER, on=asked, at="2025-01-10 09:00", by="boss")
    work = str(one(rig, "rectifications", origin_id=asked)["case_id"])
    assert rig.case(case_id).state == "reopened"
    with pytest.raises(RuleBroken, match="came from"):
        rig.do(WRONG, as_=HEAD, by="wang", on=case_id)  # it was reopened by the review: that is to be withdrawn
    rig.do(InvestigateComplaint(findings="f", root_cause="c"), as_=CLERK, on=case_id)
    with pytest.raises(RuleBroken, match="withdraw first"):
        rig.do(WRONG, as_=Role.COMPANY, by="wang", on=asked)
    rig.do(WRONG, as_=HEAD, by="wang", on=case_id)
    rig.do(WRONG, as_=Role.COMPANY, by="wang", on=asked)
    assert (rig.case(asked).state, rig.case(case_id).state) == ("submitted", "resolved")
    assert rig.case(work).state == "mistaken"
    rig.do(WRONG, as_=Role.COMPANY, by="wang", on=asked)
    assert rig.case(asked).state == "conducted"
    rig.do(SubmitFollowUp(), as_=CLERK, on=asked, by="li")


def test_a_completed_move_in_of_the_wrong_home_is_taken_back_to_its_beginning_and_withdrawn(rig: OfficeRig) -> None:
    home = vacant(rig)
    move = rig.do(ApplyForMoveIn(home="1-101", vacant_home=home, applicant="王", area=9_000), as_=CLERK).case_id
    papers = (DocumentKind.IDENTITY, DocumentKind.COVENANT, DocumentKind.TITLE)
    rig.do(CheckMoveInDocuments(documents=papers), as_=CLERK, on=move)
    rig.do(SettleMoveInFees(amount_fen=0), as_=CLERK, on=move)
    rig.do(InspectForMoveIn(defects=(CRACK,), signature="王"), as_=CLERK, on=move)
    rig.do(RecordCleaning(), as_=CLERK, on=home, at="2025-01-06 09:00")
    keys = HandOverMoveInKeys(keys=("1",), signature="王", defects_signature="王")
    rig.do(keys, as_=CLERK, on=move, at="2025-01-07 09:00")
    rig.do(CompleteMoveIn(), as_=CLERK, on=move, at="2025-01-07 09:30")
    file, asked = str(one(rig, "households")["case_id"]), str(one(rig, "follow-ups", type="move-in")["case_id"])
    with pytest.raises(RuleBroken, match="keys"):
        rig.do(WithdrawAsMistaken(reason="错房"), as_=HEAD, by="wang", on=move)
    rig.do(WRONG, as_=HEAD, by="wang", on=move, at="2025-01-08 09:00")
    assert (rig.case(move).state, rig.case(move).household) == ("keys-handed-over", None)
    assert (rig.case(file).state, rig.case(asked).state) == ("mistaken", "mistaken")
    rig.do(WRONG, as_=HEAD, by="wang", on=move)
    assert rig.case(home).state == "vacant", "the vacancy had not ended"
    assert one(rig, "vacant-homes")["handed_over_on"] is None
    rig.do(WithdrawAsMistaken(reason="错房"), as_=HEAD, by="wang", on=move)
    assert rig.case(str(one(rig, "rectifications")["case_id"])).state == "mistaken"
    again = rig.do(ApplyForMoveIn(home="1-101", vacant_home=home, applicant="李", area=9_000), as_=CLERK)
    assert again.state == "applied", "whoever really moves in can"
    mended = sorted((row["mended"], row["before"]) for row in rig.rows("mistakes", case_id=move))
    assert mended[1:] == [("step-withdrawn", "MoveInCompleted"), ("step-withdrawn", "MoveInKeysHandedOver")]


def test_what_people_have_gone_on_with_in_another_case_stands_in_the_way(rig: OfficeRig) -> None:
    home = vacant(rig)
    move = rig.do(ApplyForMoveIn(home="1-101", vacant_home=home, applicant="王", area=9_000), as_=CLERK).case_id
    papers = (DocumentKind.IDENTITY, DocumentKind.COVENANT, DocumentKind.TITLE)
    rig.do(CheckMoveInDocuments(documents=papers), as_=CLERK, on=move)
    rig.do(SettleMoveInFees(amount_fen=0), as_=CLERK, on=move)
    rig.do(InspectForMoveIn(defects=(CRACK,), signature="王"), as_=CLERK, on=move)
    work = str(one(rig, "rectifications")["case_id"])
    rig.do(AssignRectification(responsible="li"), as_=HEAD, on=work, by="zhao")
    with pytest.raises(RuleBroken, match="its steps first"):
        rig.do(WRONG, as_=HEAD, by="wang", on=move)
    rig.do(WRONG, as_=HEAD, by="wang", on=work)
    rig.do(WRONG, as_=HEAD, by="wang", on=move)
    assert (rig.case(work).state, rig.case(move).state, rig.case(move).open_defects) == ("mistaken", "fees-settled", ())
