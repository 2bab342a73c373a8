"""The duties that nobody has to start, and what follows from move-ins, renovations, services, surveys and reviews."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from api.figures import Figures
from domain.complaints.complaint.commands.reception import AssessComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.complaints.complaint.events import Channel as RepairChannel
from domain.fees.terms import PaymentMethod
from domain.homes.keys import KeyClass, KeyItem
from domain.homes.vacant_home.commands.vacancy import RecordCleaning, TakeOverHome
from domain.homes.vacant_home.events import VacancyKind
from domain.kernel.errors import AlreadyHeld, RuleBroken, WrongState
from domain.kernel.people import Role
from domain.moving.move_in.commands import (
    ApplyForMoveIn,
    CheckMoveInDocuments,
    CompleteMoveIn,
    HandOverMoveInKeys,
    InspectForMoveIn,
    SettleMoveInFees,
)
from domain.moving.move_in.events import DocumentKind, FoundAtInspection
from domain.moving.move_out import CompleteMoveOut, GiveMoveOutNotice, InspectMoveOut, MoveOutReason, SettleMoveOut
from domain.moving.renovation.commands.permit import (
    ApplyForRenovation,
    ApproveRenovation,
    BeginRenovation,
    PayRenovationDeposit,
    PermitRenovation,
)
from domain.moving.renovation.commands.site import ResumeRenovation, StopRenovation
from domain.moving.renovation.events import ViolationKind
from domain.moving.takeover import CheckTakeover, CompleteTakeover, PlanTakeover, ReceiveTakeoverDocuments
from domain.residents.household.commands.erasure import EraseHousehold, RequestErasure
from domain.residents.household.commands.keeping import MoveHouseholdOut, OpenHousehold
from domain.residents.household.commands.papers import ConfirmFile
from domain.rounds.activity import PlanActivity, RecordActivityHeld
from domain.rounds.emergency_aid import AidOutcome, EndEmergencyAid, TakeEmergencyCall
from domain.rounds.notice_board import PostEdition, SetUpNoticeBoard
from domain.rounds.patrol.commands import BeginPatrol, EndPatrol, RecordPatrolFinding
from domain.rounds.patrol.events import Handling, SubjectSeen
from domain.rounds.patrol_route import Subject
from domain.rounds.rectification.commands import (
    AssignRectification,
    CloseRectification,
    ReportRectificationDone,
    VerifyRectification,
)
from domain.rounds.repair_order.commands import RaiseRepairOrder
from domain.rounds.work_order import Trade
from domain.services.service_contract import SignServiceContract
from domain.services.service_item import OfferService, PriceUnit, ServiceKind
from domain.services.service_order import AcceptService, OrderService, ReportServicePerformed
from domain.visits.quarterly_review import AnalyseQuarter, ApproveQuarterlyReview
from domain.visits.survey.commands import DraftSurvey, EvaluateSurvey, IssueSurvey, RecordSurveyAnswer
from domain.visits.survey.events import Mark, Question
from projections.engine import standard as measure
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai
from tests.workflows.checked_office import checked_office, one

CLERK, HEAD, MANAGER, GUARD, COMPANY = (
    Role.ADMINISTRATOR,
    Role.DEPARTMENT_HEAD,
    Role.MANAGER,
    Role.DUTY_OFFICER,
    Role.COMPANY,
)
CRACK = FoundAtInspection(item="墙面", matter="裂缝")


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def share(rig: OfficeRig, slug: str, since: date, until: date) -> tuple[int, int, int]:
    """A standard's figure: met, counted, not yet due."""
    with rig.pool.connection() as connection:
        read = measure.read(
            connection, REGISTERS, BY_SLUG[slug], office=rig.code, since=since, until=until, now=rig.now
        )
    return read.met, read.counted, read.not_yet_due


def put_right(rig: OfficeRig, work: str) -> None:
    """Assigned, done, verified by another, closed."""
    rig.do(AssignRectification(responsible="plumber"), as_=HEAD, on=work, by="head")
    rig.do(ReportRectificationDone(result="已修"), as_=CLERK, on=work, by="plumber")
    rig.do(VerifyRectification(findings="好"), as_=HEAD, on=work, by="head")
    rig.do(CloseRectification(), as_=HEAD, on=work, by="head")


# -- recurring duties ------------------------------------------------------------------------------------------------


def test_an_office_that_opens_in_mid_year_owes_what_applies_from_its_day_on(database: Database) -> None:
    with office_rig(database.app, at="2025-08-20 09:00") as rig:
        owed = {row["kind"]: row["due_at"] for row in rig.rows("deadlines")}
        assert owed == {
            "patrol": shanghai("2025-08-21 00:00"),
            "edition": shanghai("2025-09-01 00:00"),
            "draw": shanghai("2025-08-25 00:00"),
            "compile": shanghai("2025-10-01 00:00"),
            "survey": shanghai("2026-01-01 00:00"),
        }


def test_a_month_without_a_clock_is_caught_up_with_every_breach_at_its_true_instant(rig: OfficeRig) -> None:
    rig.now = shanghai("2025-02-15 09:00")
    rig.clock.catch_up(rig.now, office="XH")
    missed = [fact for fact in rig.facts() if fact.name == "PatrolMissed"]
    assert [fact.occurred_at for fact in missed] == [shanghai(f"2025-01-{day:02} 00:00") for day in range(2, 32)] + [
        shanghai(f"2025-02-{day:02} 00:00") for day in range(1, 16)
    ]
    instants = [fact.occurred_at for fact in rig.facts() if fact.role is Role.CLOCK]
    assert instants == sorted(instants), "everything in its turn, whichever case it belongs to"
    assert one(rig, "board-months", month=date(2025, 1, 1))["missed_at"] == shanghai("2025-02-01 00:00")
    assert share(rig, "notice-board-rate", date(2025, 1, 1), date(2025, 2, 28)) == (0, 1, 1)
    assert share(rig, "patrol-rate", date(2025, 1, 1), date(2025, 1, 31)) == (0, 31, 0)


def test_a_patrol_is_walked_and_its_findings_become_work(rig: OfficeRig) -> None:
    patrol = one(rig, "patrols")["case_id"]
    rig.do(BeginPatrol(), as_=GUARD, on=patrol, at="2025-01-01 09:00")
    found = {"place": "3栋", "photo": "p"}
    rig.do(
        RecordPatrolFinding(
            subject=Subject.CLEANING_AND_GREENING,
            matter="积水",
            handling=Handling.WORK_ORDER,
            trade=Trade.CLEANING,
            **found,
        ),
        as_=GUARD,
        on=patrol,
    )
    rig.do(
        RecordPatrolFinding(subject=Subject.SAFETY, matter="栏杆松动", handling=Handling.RECTIFICATION, **found),
        as_=GUARD,
        on=patrol,
    )
    rig.do(
        RecordPatrolFinding(subject=Subject.STAFF, matter="未戴胸牌", handling=Handling.NOTED, place="岗亭"),
        as_=GUARD,
        on=patrol,
    )
    seen = tuple(SubjectSeen(subject=s, good=s is Subject.VIOLATIONS) for s in Subject)
    rig.do(EndPatrol(subjects=seen), as_=GUARD, on=patrol)
    assert one(rig, "work-orders")["origin_id"] == patrol
    assert one(rig, "rectifications")["matter"] == "3栋：栏杆松动"
    assert len(rig.rows("patrol-findings")) == 3
    rig.until("2025-01-03 00:00")
    assert share(rig, "patrol-rate", date(2025, 1, 1), date(2025, 1, 3)) == (1, 2, 1)


def test_notice_boards_and_activities(rig: OfficeRig) -> None:
    board = rig.do(SetUpNoticeBoard(name="东门栏", place="东门"), as_=CLERK).case_id
    rig.do(PostEdition(title="新年", photo="p"), as_=CLERK, on=board, at="2025-01-10 10:00")
    plan = rig.do(PlanActivity(title="灯会", planned_on=date(2025, 2, 12), place="广场"), as_=CLERK).case_id
    rig.until("2025-02-12 20:00")
    rig.do(RecordActivityHeld(participants=60), as_=CLERK, on=plan)
    visit = one(rig, "follow-ups", origin_id=plan)
    assert (visit["type"], visit["closes_on"]) == ("activity", date(2025, 3, 12))
    assert share(rig, "notice-board-rate", date(2025, 1, 1), date(2025, 1, 31)) == (
        1,
        2,
        0,
    )  # the office's own had none


# -- moving in and out -----------------------------------------------------------------------------------------------


def vacant(rig: OfficeRig) -> str:
    keys = (KeyItem(number="1", key_class=KeyClass.ENTRANCE, count=1),)
    return rig.do(
        TakeOverHome(home="1-101", kind=VacancyKind.UNSOLD, area=9_000, keys=keys), as_=CLERK, at="2025-01-05 09:00"
    ).case_id


def test_no_key_leaves_before_the_cleaning_and_the_move_in_ends_the_vacancy(rig: OfficeRig) -> None:
    home = vacant(rig)
    with pytest.raises(AlreadyHeld):  # a vacant home is not moved into behind its register's back
        rig.do(ApplyForMoveIn(home="1-101", applicant="王"), as_=CLERK)
    move = rig.do(ApplyForMoveIn(home="1-101", vacant_home=home, applicant="王", area=9_000), as_=CLERK).case_id
    papers = (DocumentKind.IDENTITY, DocumentKind.COVENANT, DocumentKind.TITLE)
    rig.do(CheckMoveInDocuments(documents=papers), as_=CLERK, on=move)
    rig.do(SettleMoveInFees(amount_fen=0), as_=CLERK, on=move)
    rig.do(InspectForMoveIn(defects=(CRACK,), signature="王"), as_=CLERK, on=move)
    keys = HandOverMoveInKeys(keys=("1",), signature="王", defects_signature="王")
    with pytest.raises(RuleBroken) as refused:
        rig.do(keys, as_=CLERK, on=move)
    assert (refused.value.code, refused.value.clause) == ("cleaning-missing", "3.4")
    rig.do(RecordCleaning(), as_=CLERK, on=home, at="2025-01-06 09:00")
    rig.do(keys, as_=CLERK, on=move, at="2025-01-07 09:00")
    assert one(rig, "vacant-homes")["handed_over_on"] == date(2025, 1, 7)
    rig.do(CompleteMoveIn(), as_=CLERK, on=move)
    file = one(rig, "households")
    assert (file["home"], file["area"]) == ("1-101", 9_000)
    assert one(rig, "move-ins")["household"] == file["case_id"]
    visit = one(rig, "follow-ups", type="move-in")
    assert (visit["opens_on"], visit["closes_on"], visit["by_manager"]) == (date(2025, 2, 7), date(2025, 2, 14), True)
    put_right(rig, one(rig, "rectifications")["case_id"])
    assert one(rig, "move-ins")["open_defects"] == 0


def test_a_move_out_closes_the_file_and_the_next_household_has_its_own(rig: OfficeRig) -> None:
    file = rig.do(OpenHousehold(home="2-202", name="张"), as_=CLERK).case_id
    notice = GiveMoveOutNotice(household=file, leaving_on=date(2025, 1, 31), reason=MoveOutReason.SALE)
    move = rig.do(notice, as_=CLERK, at="2025-01-20 09:00").case_id
    rig.do(SettleMoveOut(outstanding_fen=0), as_=CLERK, on=move)
    rig.do(InspectMoveOut(keys=("1",), defects=(CRACK,), signature="张"), as_=CLERK, on=move, at="2025-01-31 09:00")
    rig.do(CompleteMoveOut(), as_=CLERK, on=move)
    assert one(rig, "households")["left_on"] == date(2025, 1, 31)
    assert one(rig, "rectifications")["origin_kind"] == "move_out"
    rig.do(OpenHousehold(home="2-202", name="李"), as_=CLERK)
    assert len(rig.rows("households")) == 2


# -- renovations, takeovers, emergencies -----------------------------------------------------------------------------


def test_a_violation_is_rectified_before_the_work_goes_on(rig: OfficeRig) -> None:
    apply = ApplyForRenovation(
        home="1-101", scope="厨房", planned_from=date(2025, 1, 6), planned_until=date(2025, 2, 28)
    )
    work = rig.do(apply, as_=CLERK, at="2025-01-02 09:00").case_id
    rig.do(ApproveRenovation(), as_=HEAD, by="head", on=work)
    rig.do(PayRenovationDeposit(amount_fen=200_000, receipt="D1", method=PaymentMethod.CASH), as_=CLERK, on=work)
    permit = PermitRenovation(permit="Z-1", valid_from=date(2025, 1, 6), valid_until=date(2025, 2, 28))
    rig.do(permit, as_=HEAD, on=work)
    rig.do(BeginRenovation(), as_=CLERK, on=work, at="2025-01-06 09:00")
    rig.do(StopRenovation(kind=ViolationKind.LOAD_BEARING, matter="拆承重墙"), as_=GUARD, on=work)
    with pytest.raises(RuleBroken, match="整改"):
        rig.do(ResumeRenovation(), as_=HEAD, on=work)
    put_right(rig, one(rig, "rectifications")["case_id"])
    rig.do(ResumeRenovation(), as_=HEAD, on=work)
    row = one(rig, "renovations")
    assert (row["state"], row["held_fen"], row["violations"], row["unrectified"]) == ("under-way", 200_000, 1, 0)
    assert share(rig, "renovation-decisions-in-time", date(2025, 1, 1), date(2025, 12, 31)) == (1, 1, 0)


def test_takeovers_and_emergencies_are_followed_up(rig: OfficeRig) -> None:
    takeover = rig.do(PlanTakeover(estate="二期", handed_by="开发商", planned_on=date(2025, 1, 9)), as_=HEAD).case_id
    rig.do(CheckTakeover(scope="共用部位", defects=(CRACK,)), as_=CLERK, on=takeover, by="checker")
    rig.do(ReceiveTakeoverDocuments(documents=("竣工图",)), as_=CLERK, on=takeover)
    rig.do(CompleteTakeover(), as_=MANAGER, on=takeover, at="2025-01-31 09:00")
    visit = one(rig, "follow-ups", type="takeover")
    assert (visit["opens_on"], visit["closes_on"]) == (date(2025, 1, 31), date(2025, 2, 28))
    put_right(rig, one(rig, "rectifications")["case_id"])
    assert one(rig, "takeovers")["open_defects"] == 0
    aid = rig.do(TakeEmergencyCall(place="5栋", patient="李"), as_=GUARD).case_id
    rig.do(EndEmergencyAid(outcome=AidOutcome.RECOVERED), as_=GUARD, on=aid)
    assert one(rig, "follow-ups", type="emergency")["closes_on"] == date(2025, 2, 7)
    alarm = rig.do(TakeEmergencyCall(place="6栋"), as_=GUARD).case_id
    rig.do(EndEmergencyAid(outcome=AidOutcome.FALSE_ALARM), as_=GUARD, on=alarm)
    assert one(rig, "follow-ups", type="emergency", state="planned")["origin_id"] == aid, (
        "nobody is visited for an alarm"
    )


# -- services --------------------------------------------------------------------------------------------------------


def test_services_are_charged_to_their_month_and_visited(rig: OfficeRig) -> None:
    def offer(code: str, kind: ServiceKind) -> str:
        command = OfferService(
            code=code,
            name=code,
            kind=kind,
            unit=PriceUnit.MONTH,
            price_fen=3_000,
            standard="x",
            valid_from=date(2025, 1, 1),
        )
        return rig.do(command, as_=MANAGER).case_id

    order = rig.do(
        OrderService(service_item=offer("C", ServiceKind.CONVENIENCE), household="household-1", quantity=2), as_=CLERK
    ).case_id
    rig.do(ReportServicePerformed(), as_=CLERK, on=order, at="2025-01-08 10:00")
    rig.do(AcceptService(signature="王"), as_=CLERK, on=order)
    assert one(rig, "follow-ups", origin_id=order)["closes_on"] == date(2025, 1, 15)
    contract = rig.do(
        SignServiceContract(
            service_item=offer("S", ServiceKind.SPECIAL),
            household="household-1",
            starts_on=date(2025, 1, 10),
            ends_on=date(2025, 2, 8),
            signature="王",
        ),
        as_=CLERK,
        at="2025-01-09 09:00",
    ).case_id
    [middle] = rig.rows("follow-ups", origin_id=contract)
    assert (middle["opens_on"], middle["closes_on"]) == (date(2025, 1, 20), date(2025, 1, 29))
    rig.until("2025-02-10 00:00")
    [_, after] = rig.rows("follow-ups", origin_id=contract)
    assert (after["opens_on"], after["closes_on"]) == (date(2025, 2, 8), date(2025, 2, 15))
    charges = sorted((row["month"], row["code"], row["amount_fen"]) for row in rig.rows("service-charges"))
    # Twenty-two of January's days and eight of February's.
    assert charges == [(date(2025, 1, 1), "C", 6_000), (date(2025, 1, 1), "S", 2_129), (date(2025, 2, 1), "S", 857)]


# -- opinions --------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_two_surveys_a_year_and_the_dissatisfied_are_visited(rig: OfficeRig) -> None:
    first = one(rig, "surveys")["case_id"]
    rig.do(DraftSurvey(title="上半年", questions=(Question(code="q1", text="保洁"),)), as_=CLERK, on=first)
    issue = IssueSurvey(households=("household-1", "household-2"), closes_on=date(2025, 3, 31))
    rig.do(issue, as_=MANAGER, on=first, at="2025-03-01 09:00")
    rig.do(RecordSurveyAnswer(respondent="household-1", marks=(Mark(question="q1", mark=1),)), as_=CLERK, on=first)
    rig.until("2025-04-02 00:00")
    rig.do(EvaluateSurvey(analysis="保洁不足"), as_=MANAGER, on=first, at="2025-04-02 09:00")
    assert one(rig, "follow-ups", origin_id=first)["household"] == "household-1"
    assert one(rig, "survey-results")["average_hundredths"] == 100
    assert one(rig, "surveys", number=2)["due_on"] == date(2025, 12, 31)
    rig.until("2026-01-02 00:00")
    assert one(rig, "surveys", number=2)["missed_at"] == shanghai("2026-01-01 00:00")
    assert one(rig, "surveys", year=2026)["number"] == 1
    assert share(rig, "surveys-evaluated", date(2025, 1, 1), date(2025, 12, 31)) == (1, 2, 0)


def test_the_quarter_is_compiled_and_what_it_detects_is_acted_on(rig: OfficeRig) -> None:
    def complain(category: str, at: str) -> str:
        command = RegisterComplaint(
            channel=Channel.IN_PERSON, category=category, matter="x", content="y", household="household-1", home="1-101"
        )
        return rig.do(command, as_=CLERK, at=at).case_id

    in_a_row = [complain("noise", "2025-01-10 09:00"), complain("noise", "2025-01-20 09:00")]
    complain("water", "2025-01-21 09:00")
    complain("noise", "2025-01-22 09:00")
    for day in (5, 6, 7):
        order = RaiseRepairOrder(channel=RepairChannel.TELEPHONE, fault_kind="drain", home="2-202", description="堵")
        rig.do(order, as_=CLERK, at=f"2025-02-{day:02} 09:00")
    rig.until("2025-04-01 08:00")
    review = one(rig, "quarterly-reviews", quarter="2025-Q1")
    assert (review["state"], review["detections"]) == ("compiled", 2)
    page = next(fact.number for fact in rig.facts() if fact.name == "QuarterlyReviewCompiled") - 1
    assert review["page"] <= page
    assert [row["cases"] for row in rig.rows("review-detections", kind="same-complaints")] == [" ".join(in_a_row)]
    assert {row["procedure"] for row in rig.rows("corrective-actions")} == {"corrective", "preventive"}
    rig.do(AnalyseQuarter(analysis="噪音"), as_=MANAGER, on=review["case_id"], by="manager", at="2025-04-02 09:00")
    rig.do(ApproveQuarterlyReview(), as_=COMPANY, on=review["case_id"], by="company")
    assert one(rig, "quarterly-reviews", quarter="2025-Q2")["state"] == "running"
    assert share(rig, "quarterly-reviews-in-time", date(2025, 1, 1), date(2025, 12, 31)) == (1, 1, 0)


def test_every_standard_can_be_read_of_an_office_and_of_all(rig: OfficeRig) -> None:
    case_id = rig.do(
        RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter="x", content="y", home="1-101"), as_=CLERK
    ).case_id
    rig.do(
        AssessComplaint(measure="m", promised_by=shanghai("2025-01-02 09:00"), told_at=rig.now), as_=CLERK, on=case_id
    )
    for slug in BY_SLUG:
        figures = []
        for office in ("XH", None):
            reader = Figures(rig.pool.connection, REGISTERS, lambda: rig.now)
            [read] = reader.read([BY_SLUG[slug]], office, date(2025, 1, 1), date(2025, 12, 31), measure.AsOf())
            figures.append((read.met, read.counted, read.not_yet_due))
        assert figures[0] == figures[1], f"{slug}: the one office there is, is all of them"
        assert 0 <= figures[0][0] <= figures[0][1], slug


# -- the end of a file -----------------------------------------------------------------------------------------------


def test_an_erasure_destroys_the_key_with_the_fact_that_says_so(rig: OfficeRig, database: Database) -> None:
    file = rig.do(OpenHousehold(home="2-202", name="张大山"), as_=CLERK).case_id
    rig.do(MoveHouseholdOut(), as_=CLERK, on=file, at="2025-01-31 09:00")
    assert rig.do(RequestErasure(reason="本人要求"), as_=CLERK, on=file).facts == ("ErasureRefused",)
    before = rig.facts()
    rig.do(RequestErasure(reason="保管期满"), as_=CLERK, on=file, at="2028-02-10 09:00", by="clerk")
    rig.do(EraseHousehold(), as_=MANAGER, on=file, by="manager")
    with psycopg.connect(database.owner, autocommit=True) as owner:
        row = owner.execute(
            "select wrapped, destroyed_at is not null from wuye.keys where subject = %s", [file]
        ).fetchone()
    assert row == (None, True)
    assert rig.facts()[: len(before)] == before
    with pytest.raises(WrongState):
        rig.do(ConfirmFile(), as_=CLERK, on=file)
