"""Sentences about moving in and out (§1.3), takeovers and emergencies (§5.2.3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.fees.terms import PaymentMethod
from domain.homes.vacant_home.case import HANDED_OVER, VACANT, VacantHome
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.people import Role
from domain.moving import move_out, takeover
from domain.moving.move_in.commands import (
    ApplyForMoveIn,
    CheckMoveInDocuments,
    CompleteMoveIn,
    HandOverMoveInKeys,
    InspectForMoveIn,
    LinkMoveInHousehold,
    MarkMoveInIncomplete,
    NoteMoveInDefectSolved,
    SettleMoveInFees,
    WithdrawMoveIn,
)
from domain.moving.move_in.events import (
    DocumentKind,
    FoundAtInspection,
    Meter,
    MeterReading,
    MoveInCompleted,
    MoveInDefectSolved,
    MoveInDocumentsChecked,
    MoveInFeesSettled,
    MoveInKeysHandedOver,
    MoveInLeftIncomplete,
)
from domain.moving.move_in.lifecycle import LIFECYCLE as MOVE_IN
from domain.moving.move_out import (
    CompleteMoveOut,
    GiveMoveOutNotice,
    InspectMoveOut,
    MoveOutCompleted,
    MoveOutReason,
    SettleMoveOut,
    WithdrawMoveOut,
)
from domain.moving.takeover import (
    CancelTakeover,
    CheckTakeover,
    CompleteTakeover,
    EstateTakenOver,
    NoteTakeoverDefectSolved,
    PlanTakeover,
    ReceiveTakeoverDocuments,
)
from domain.residents.household.commands.keeping import MoveHouseholdOut, OpenHousehold
from domain.residents.household.events import Occupancy
from domain.residents.household.lifecycle import LIFECYCLE as HOUSEHOLDS
from domain.rounds import emergency_aid
from domain.rounds.emergency_aid import (
    AidOutcome,
    AidStep,
    EmergencyAidNotEnded,
    EndEmergencyAid,
    MissEmergencyEnd,
    TakeAidStep,
    TakeEmergencyCall,
)
from tests.domain.story import Story, given, instant

CLERK, HEAD, MANAGER, POLICY, GUARD, CLOCK = (
    Role.ADMINISTRATOR,
    Role.DEPARTMENT_HEAD,
    Role.MANAGER,
    Role.POLICY,
    Role.DUTY_OFFICER,
    Role.CLOCK,
)
CASH = PaymentMethod.CASH
PAPERS = (DocumentKind.IDENTITY, DocumentKind.COVENANT, DocumentKind.TITLE)
CRACK = FoundAtInspection(item="墙面", matter="裂缝")


def vacancy(**fields: Any) -> VacantHome:
    return VacantHome(
        **{"id": "vacant_home-1", "office": "XH", "state": VACANT, "home": "1-101", "area": 9_000, **fields}
    )


def applied(standing: VacantHome | None = None, /, **fields: Any) -> Story:
    command = ApplyForMoveIn(**{"home": "1-101", "applicant": "王", **fields})
    related = {} if standing is None else {"vacancy": standing}
    return given(MOVE_IN).when(command, as_=CLERK, related=related)


def inspected(*defects: FoundAtInspection) -> Story:
    story = applied().when(CheckMoveInDocuments(documents=PAPERS), as_=CLERK)
    story.when(SettleMoveInFees(amount_fen=50_000, receipt="R1", method=CASH, deposit_fen=20_000), as_=CLERK)
    meters = (MeterReading(meter=Meter.WATER, hundredths=12),)
    return story.when(InspectForMoveIn(defects=defects, meters=meters, signature="王"), as_=CLERK).is_in("inspected")


def with_keys() -> Story:
    return inspected().when(HandOverMoveInKeys(keys=("1",), signature="王"), as_=CLERK).is_in("keys-handed-over")


def file(home: str = "1-101") -> Any:
    return given(HOUSEHOLDS).when(OpenHousehold(home=home, name="王"), as_=CLERK).case


# -- moving in -------------------------------------------------------------------------------------------------------


def test_who_moves_in_applies_with_a_name_and_a_possible_area() -> None:
    applied(applicant=None).refused(RuleBroken, code="applicant-missing")
    applied(area=0).refused(RuleBroken, code="amount-not-positive")
    assert applied().lifecycle.held(applied().case) == {"move-in-of:1-101", "home:1-101"}
    vacant = applied(vacancy(), vacant_home="vacant_home-1")
    assert vacant.lifecycle.held(vacant.case) == {"move-in-of:1-101"}


def test_a_move_in_ends_the_standing_vacancy_of_its_own_home() -> None:
    assert applied(vacancy(), vacant_home="vacant_home-1").case.area == 9_000
    assert applied(vacancy(), vacant_home="vacant_home-1", area=8_850).case.area == 8_850
    for other in (None, vacancy(home="9-909"), vacancy(state=HANDED_OVER)):
        applied(other, vacant_home="vacant_home-1").refused(RuleBroken, clause="1.3", code="other-vacancy")
    named = ApplyForMoveIn(home="1-101", applicant="王", vacant_home="vacant_home-1", household="household-1")
    assert named.related() == {"vacancy": "vacant_home-1", "household": "household-1"}


def test_a_file_that_is_named_is_of_who_lives_there() -> None:
    def naming(case: Any) -> Story:
        command = ApplyForMoveIn(home="1-101", applicant="王", household="household-1")
        return given(MOVE_IN).when(command, as_=CLERK, related={"household": case})

    assert naming(file()).case.household == "household-1"
    gone = given(HOUSEHOLDS).when(OpenHousehold(home="1-101", name="王"), as_=CLERK).when(MoveHouseholdOut(), as_=CLERK)
    for other in (None, file("9-909"), gone.case):
        naming(other).refused(RuleBroken, clause="1.3", code="other-home")


def test_an_owner_brings_a_title_and_a_tenant_a_lease() -> None:
    story = applied().when(CheckMoveInDocuments(documents=PAPERS[:2]), as_=CLERK)
    story.refused(RuleBroken, clause="1.3", code="documents-missing")
    assert story.refusal is not None
    assert "购房合同" in story.refusal.zh
    story.when(CheckMoveInDocuments(documents=(*PAPERS, PAPERS[0])), as_=CLERK).then(
        MoveInDocumentsChecked, documents=PAPERS
    )
    tenant = applied(occupancy=Occupancy.TENANT)
    tenant.when(CheckMoveInDocuments(documents=PAPERS), as_=CLERK).refused(RuleBroken, code="documents-missing")
    leased = (DocumentKind.IDENTITY, DocumentKind.COVENANT, DocumentKind.LEASE)
    tenant.when(CheckMoveInDocuments(documents=leased), as_=CLERK).is_in("documents-checked")


def test_fees_are_settled_against_a_receipt() -> None:
    story = applied().when(CheckMoveInDocuments(documents=PAPERS), as_=CLERK)
    story.when(SettleMoveInFees(amount_fen=-1), as_=CLERK).refused(RuleBroken, code="amount-negative")
    story.when(SettleMoveInFees(amount_fen=1), as_=CLERK).refused(RuleBroken, code="receipt-missing")
    story.when(SettleMoveInFees(amount_fen=1, receipt="R1"), as_=CLERK).refused(RuleBroken, code="method-missing")
    for deposit in (-1, 2):
        beyond = SettleMoveInFees(amount_fen=1, receipt="R1", method=CASH, deposit_fen=deposit)
        story.when(beyond, as_=CLERK).refused(RuleBroken, code="deposit-beyond-fees", clause="1.3")
    story.when(SettleMoveInFees(amount_fen=0, method=CASH), as_=CLERK).is_in("fees-settled").then(
        MoveInFeesSettled, method=None
    )
    assert story.case.why_it_stands() is None
    story.when(InspectForMoveIn(), as_=CLERK).refused(RuleBroken, code="signature-missing")
    backwards = InspectForMoveIn(meters=(MeterReading(meter=Meter.GAS, hundredths=-1),), signature="王")
    story.when(backwards, as_=CLERK).refused(RuleBroken, code="meter-negative")


def test_no_key_is_handed_over_with_open_defects_unless_the_resident_signs_for_them() -> None:
    story = inspected(CRACK)
    story.when(HandOverMoveInKeys(keys=(), signature="王"), as_=CLERK).refused(RuleBroken, code="keys-missing")
    story.when(HandOverMoveInKeys(keys=("1",)), as_=CLERK).refused(RuleBroken, code="signature-missing")
    story.when(HandOverMoveInKeys(keys=("1",), signature="王"), as_=CLERK).refused(RuleBroken, code="open-defects")
    signed = HandOverMoveInKeys(keys=("1",), signature="王", defects_signature="王")
    story.when(signed, as_=CLERK).then(MoveInKeysHandedOver, open_defects=(1,), defects_accepted=True)


def test_a_defect_is_solved_once() -> None:
    story = inspected(CRACK).when(NoteMoveInDefectSolved(defect=1), as_=POLICY).then(MoveInDefectSolved)
    story.when(NoteMoveInDefectSolved(defect=1), as_=POLICY).then_nothing()
    story.when(HandOverMoveInKeys(keys=("1",), signature="王"), as_=CLERK).then(MoveInKeysHandedOver, open_defects=())


def test_a_move_in_ends_with_the_file_of_its_home() -> None:
    with_keys().when(CompleteMoveIn(), as_=CLERK).then(MoveInCompleted, moved_in_on=date(2025, 3, 3), household=None)
    linked = CompleteMoveIn(household="household-1")
    assert linked.related() == {"household": "household-1"}
    with_keys().when(linked, as_=CLERK, related={"household": file("9-909")}).refused(RuleBroken, code="other-home")
    story = with_keys().when(linked, as_=CLERK, related={"household": file()}).then(MoveInCompleted)
    assert story.case.household == "household-1"
    story.when(LinkMoveInHousehold(household="household-2"), as_=POLICY).then_nothing()
    opened = with_keys().when(CompleteMoveIn(), as_=CLERK)
    opened.when(LinkMoveInHousehold(household="household-2"), as_=POLICY)
    assert opened.case.household == "household-2"
    later = CompleteMoveIn(moved_in_on=date(2025, 3, 4))
    with_keys().when(later, as_=CLERK).refused(RuleBroken, code="day-ahead")
    before = CompleteMoveIn(moved_in_on=date(2025, 3, 2))
    with_keys().when(before, as_=CLERK).refused(RuleBroken, clause="1.3", code="before-the-keys")


def test_once_the_keys_are_out_the_move_in_is_completed_within_days() -> None:
    story = with_keys().owes("completion", "2025-03-07 00:00")
    story.when(MarkMoveInIncomplete(), as_=CLOCK, at="2025-03-07 00:00")
    story.then(MoveInLeftIncomplete, due_at=instant("2025-03-07 00:00")).is_in("keys-handed-over").owes(
        "completion", None
    )
    assert story.case.missed_at == instant("2025-03-07 00:00")
    story.when(CompleteMoveIn(), as_=CLERK, at="2025-03-08 10:00").then(MoveInCompleted, moved_in_on=date(2025, 3, 3))
    imported = inspected().when(HandOverMoveInKeys(keys=("1",), signature="王"), as_=CLERK, imported=True)
    imported.owes("completion", None)


def test_an_application_can_be_withdrawn_before_the_keys() -> None:
    story = applied().when(WithdrawMoveIn(reason="未购房"), as_=CLERK).is_in("withdrawn")
    assert story.case.withdrawn == "未购房"


def test_a_file_that_a_move_in_opens_needs_no_name_yet() -> None:
    story = given(HOUSEHOLDS).when(OpenHousehold(home="1-101", move_in="move_in-1"), as_=POLICY).is_in("resident")
    assert story.case.move_in == "move_in-1"


# -- moving out ------------------------------------------------------------------------------------------------------


def leaving() -> Story:
    notice = GiveMoveOutNotice(household="household-1", leaving_on=date(2025, 3, 31), reason=MoveOutReason.SALE)
    assert notice.related() == {"household": "household-1"}
    return given(move_out.LIFECYCLE).when(notice, as_=CLERK, related={"household": file()})


def test_only_who_lives_there_can_leave() -> None:
    gone = given(HOUSEHOLDS).when(OpenHousehold(home="1-101", name="王"), as_=CLERK).when(MoveHouseholdOut(), as_=CLERK)
    notice = GiveMoveOutNotice(household="household-1", leaving_on=date(2025, 3, 31), reason=MoveOutReason.SALE)
    story = given(move_out.LIFECYCLE).when(notice, as_=CLERK, related={"household": gone.case})
    story.refused(RuleBroken, code="not-resident")
    assert leaving().case.home == "1-101"


def test_what_is_owed_stays_the_leavers_with_an_arrangement() -> None:
    leaving().when(SettleMoveOut(outstanding_fen=-1), as_=CLERK).refused(RuleBroken, code="amount-negative")
    leaving().when(SettleMoveOut(outstanding_fen=1), as_=CLERK).refused(RuleBroken, code="arrangement-missing")
    story = leaving().when(SettleMoveOut(outstanding_fen=9_900, arrangement="月底前付清"), as_=CLERK).is_in("settled")
    story.when(InspectMoveOut(keys=("1",)), as_=CLERK).refused(RuleBroken, code="signature-missing")
    backwards = InspectMoveOut(keys=("1",), meters=(MeterReading(meter=Meter.GAS, hundredths=-1),), signature="王")
    story.when(backwards, as_=CLERK).refused(RuleBroken, code="meter-negative")
    story.when(InspectMoveOut(keys=("1",), defects=(CRACK,), signature="王"), as_=CLERK).is_in("inspected")
    future = CompleteMoveOut(left_on=date(2025, 5, 1))
    story.when(future, as_=CLERK, at="2025-04-02 10:00").refused(RuleBroken, code="day-ahead")
    story.when(CompleteMoveOut(), as_=CLERK, at="2025-04-02 10:00").then(MoveOutCompleted, left_on=date(2025, 3, 31))


def test_a_move_out_can_be_withdrawn() -> None:
    leaving().when(WithdrawMoveOut(reason="不卖了"), as_=CLERK).is_in("withdrawn")


# -- takeovers -------------------------------------------------------------------------------------------------------


def planned() -> Story:
    command = PlanTakeover(estate="香湖二期", handed_by="开发商", planned_on=date(2025, 4, 1), homes=600)
    return given(takeover.LIFECYCLE).when(command, as_=HEAD)


def test_an_estate_is_taken_over_with_its_documents_by_the_manager() -> None:
    story = planned().when(CheckTakeover(scope="共用部位", defects=(CRACK,)), as_=CLERK).is_in("checked")
    story.when(CompleteTakeover(), as_=MANAGER).refused(RuleBroken, code="documents-missing")
    story.when(ReceiveTakeoverDocuments(documents=()), as_=CLERK).refused(RuleBroken, code="documents-missing")
    story.when(ReceiveTakeoverDocuments(documents=("竣工图",), missing=("设备清单",)), as_=CLERK)
    story.when(CompleteTakeover(taken_over_on=date(2025, 3, 4)), as_=MANAGER).refused(RuleBroken, code="day-ahead")
    story.when(CompleteTakeover(), as_=HEAD).refused(NotPermitted)
    story.when(CompleteTakeover(), as_=MANAGER).then(EstateTakenOver, open_defects=(1,)).is_in("taken-over")
    story.when(ReceiveTakeoverDocuments(documents=("设备清单",)), as_=CLERK).is_in("taken-over")
    assert (story.case.documents, story.case.missing) == (("竣工图", "设备清单"), ())
    story.when(NoteTakeoverDefectSolved(defect=1), as_=POLICY)
    story.when(NoteTakeoverDefectSolved(defect=1), as_=POLICY).then_nothing()


def test_a_takeover_has_a_possible_size_and_can_be_cancelled() -> None:
    small = PlanTakeover(estate="x", handed_by="y", planned_on=date(2025, 4, 1), area=-1)
    given(takeover.LIFECYCLE).when(small, as_=HEAD).refused(RuleBroken, code="amount-negative")
    planned().when(CancelTakeover(reason="终止合同"), as_=MANAGER).is_in("cancelled")


# -- emergencies -----------------------------------------------------------------------------------------------------


def test_help_comes_first_and_every_step_has_its_time() -> None:
    story = given(emergency_aid.LIFECYCLE).when(TakeEmergencyCall(place="5栋大堂", patient="李"), as_=GUARD)
    story.when(TakeAidStep(step=AidStep.ARRIVED), as_=GUARD, at="2025-03-03 10:04")
    story.when(TakeAidStep(step=AidStep.ARRIVED), as_=GUARD, at="2025-03-03 10:09")
    story.when(EndEmergencyAid(outcome=AidOutcome.HOSPITAL), as_=GUARD).refused(RuleBroken, code="hospital-missing")
    story.when(EndEmergencyAid(outcome=AidOutcome.HOSPITAL, hospital="一医院"), as_=GUARD).is_in("ended")
    assert story.case.steps[AidStep.ARRIVED].minute == 4


def test_steps_of_an_aid_are_written_down_when_all_is_over() -> None:
    story = given(emergency_aid.LIFECYCLE).when(TakeEmergencyCall(place="5栋大堂"), as_=GUARD)
    story.when(EndEmergencyAid(outcome=AidOutcome.RECOVERED), as_=GUARD, at="2025-03-03 10:30")
    told = TakeAidStep(step=AidStep.FAMILY_INFORMED)
    story.when(told, as_=GUARD, at="2025-03-03 10:31").refused(RuleBroken, clause="5.2.3(6)", code="after-the-end")
    story.when(told, as_=GUARD, at="2025-03-03 10:20").is_in("ended")
    assert story.case.steps[AidStep.FAMILY_INFORMED] == instant("2025-03-03 10:20")


def test_who_was_given_aid_was_no_false_alarm() -> None:
    """Of a false alarm nobody is asked within the week: whoever was helped is, in whatever order it is written down."""
    alarm = EndEmergencyAid(outcome=AidOutcome.FALSE_ALARM)
    for step in (AidStep.FIRST_AID, AidStep.AMBULANCE_ARRIVED):
        call = given(emergency_aid.LIFECYCLE).when(TakeEmergencyCall(place="5栋大堂"), as_=GUARD)
        helped = call.branch().when(TakeAidStep(step=step), as_=GUARD)
        helped.when(alarm, as_=GUARD).refused(RuleBroken, code="aid-was-given", clause="5.2.3(6)")
        helped.when(EndEmergencyAid(outcome=AidOutcome.RECOVERED), as_=GUARD).is_in("ended")
        ended = call.branch().when(alarm, as_=GUARD).is_in("ended")
        ended.when(TakeAidStep(step=step), as_=GUARD).refused(RuleBroken, code="aid-was-given")
    arrived = given(emergency_aid.LIFECYCLE).when(TakeEmergencyCall(place="5栋大堂"), as_=GUARD)
    arrived.when(TakeAidStep(step=AidStep.ARRIVED), as_=GUARD).when(alarm, as_=GUARD).is_in("ended")


def test_an_emergency_that_nobody_ended_is_said_to_be_so() -> None:
    story = given(emergency_aid.LIFECYCLE).when(TakeEmergencyCall(place="5栋大堂"), as_=GUARD, at="2025-03-03 10:00")
    story.owes("end", "2025-03-04 10:00").when(MissEmergencyEnd(), as_=Role.CLOCK, at="2025-03-04 10:00")
    story.then(EmergencyAidNotEnded, due_at=instant("2025-03-04 10:00")).owes("end", None).is_in("called")
    assert story.case.missed_at == instant("2025-03-04 10:00")
    elsewhere = given(emergency_aid.LIFECYCLE).when(TakeEmergencyCall(place="5栋大堂"), as_=GUARD, imported=True)
    elsewhere.owes("end", None)
