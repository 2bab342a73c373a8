"""Who plays the estate's larger matters: moving in and out, renovations, services, surveys, reviews, a takeover."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from api.demo.people import name, phone
from api.demo.stage import Stage
from domain.fees.terms import PaymentMethod
from domain.homes.keys import Custody
from domain.homes.vacant_home.commands.vacancy import RecordCleaning
from domain.kernel.calendar import local_date, start_of_day
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
from domain.moving.takeover import CheckTakeover, CompleteTakeover, PlanTakeover, ReceiveTakeoverDocuments
from domain.residents.household.commands.keeping import ChangeContact
from domain.services.service_contract import SignServiceContract
from domain.services.service_item import OfferService, PriceUnit, ServiceKind
from domain.services.service_order import AcceptService, OrderService, ReportServicePerformed, ScheduleService
from domain.visits.corrective_action.commands import (
    AnalyseCause,
    ApproveMeasures,
    CloseCorrectiveAction,
    ProposeMeasures,
    ReportMeasuresCarriedOut,
    VerifyActionEffect,
)
from domain.visits.quarterly_review import AnalyseQuarter, ApproveQuarterlyReview
from domain.visits.survey.commands import DraftSurvey, EvaluateSurvey, IssueSurvey, RecordSurveyAnswer, RemindSurvey
from domain.visits.survey.events import AnswerMeans, Mark, Question

__all__ = [
    "begin_survey",
    "move_in",
    "move_out",
    "offer_services",
    "order_service",
    "review",
    "sign",
    "take_over_phase_two",
]

_CLERK, _HEAD, _MANAGER, _COMPANY = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER, Role.COMPANY
_QUESTIONS = tuple(
    Question(code=f"q{number}", text=text)
    for number, text in enumerate(("保洁", "绿化", "秩序", "维修", "客服态度"), 1)
)

_OWED = (
    "select case_id, outstanding_fen from wuye.r_bills"
    " where office = %(office)s and household = %(household)s and to_number is null and open"
)

# -- moving ----------------------------------------------------------------------------------------------------------


def move_in(stage: Stage, now: datetime) -> None:
    """Somebody moves into one of the vacant homes."""
    found = stage.ask(
        "select case_id, home, area from wuye.r_vacant_homes"
        " where office = %(office)s and to_number is null and open and keys_kept = keys and open_defects = 0"
        " and entrusted_until is null order by case_id limit 1",
        {},
    )
    if not found:
        return
    home, number, area = found[0]
    apply = ApplyForMoveIn(
        home=number, vacant_home=home, area=area, applicant=name(stage.random), phone=phone(stage.random)
    )
    move = stage.give(apply, _CLERK, now)
    if move is None:
        return
    papers = (DocumentKind.IDENTITY, DocumentKind.PURCHASE_CONTRACT, DocumentKind.COVENANT)
    stage.give(CheckMoveInDocuments(documents=papers), _CLERK, now + timedelta(minutes=20), on=move)
    stage.give(
        SettleMoveInFees(amount_fen=80_000, receipt=stage.numbered("RZ"), method=PaymentMethod.POS, deposit_fen=20_000),
        _CLERK,
        now + timedelta(minutes=40),
        on=move,
    )
    defects = (FoundAtInspection(item="门窗", matter="合页松动"),) if stage.chance(0.3) else ()
    inspect = InspectForMoveIn(defects=defects, signature="住户已签")
    stage.give(inspect, _CLERK, now + timedelta(hours=2), on=move)
    stage.give(RecordCleaning(), _CLERK, now + timedelta(hours=3), on=home)
    kept = stage.case(home).with_custody(Custody.KEPT)
    hand_over = HandOverMoveInKeys(keys=kept, signature="住户已签", defects_signature="住户已签" if defects else None)
    if stage.give(hand_over, _CLERK, now + timedelta(hours=4), on=move) is None:
        return
    stage.give(CompleteMoveIn(), _CLERK, now + timedelta(hours=5), on=move)
    file = stage.case(move).household
    if file is not None:
        contact = ChangeContact(name=name(stage.random), phone=phone(stage.random))
        stage.give(contact, _CLERK, now + timedelta(hours=5, minutes=10), on=file)


def move_out(stage: Stage, household: str, now: datetime) -> None:
    """A household leaves within the month; its debts stay its own."""
    leaving = local_date(now) + timedelta(days=10)
    notice = GiveMoveOutNotice(household=household, leaving_on=leaving, reason=MoveOutReason.LEASE_ENDED)
    move = stage.give(notice, _CLERK, now)
    if move is not None:
        stage.later(now, 10.5, partial(_leave, stage, move))


def _leave(stage: Stage, move: str, now: datetime) -> None:
    bills = stage.ask(_OWED, {"household": stage.case(move).household})
    owed = sum(outstanding for _, outstanding in bills)
    arrangement = "迁出前转账结清" if owed else None
    stage.give(SettleMoveOut(outstanding_fen=owed, arrangement=arrangement), _CLERK, now, on=move)
    stage.give(InspectMoveOut(keys=("1", "2"), signature="住户已签"), _CLERK, now, on=move)
    stage.give(CompleteMoveOut(), _CLERK, now, on=move)


# -- services --------------------------------------------------------------------------------------------------------


def offer_services(stage: Stage, now: datetime) -> tuple[str, str]:
    """The catalogue: house cleaning by the hour, and an elderly-care service with a term."""
    made = []
    for code, title, kind, unit, price in (
        ("B01", "家政保洁", ServiceKind.CONVENIENCE, PriceUnit.HOUR, 5_000),
        ("T01", "居家养老照看", ServiceKind.SPECIAL, PriceUnit.MONTH, 60_000),
    ):
        offer = OfferService(
            code=code,
            name=title,
            kind=kind,
            unit=unit,
            price_fen=price,
            standard="按公司服务标准",
            valid_from=date(2025, 1, 1),
        )
        case = stage.give(offer, _MANAGER, now)
        assert case is not None
        made.append(case)
    return made[0], made[1]


def order_service(stage: Stage, item: str, household: str, now: datetime) -> None:
    """Somebody wants the home cleaned."""
    order = stage.give(
        OrderService(service_item=item, household=household, quantity=stage.random.randint(1, 4)), _CLERK, now
    )
    if order is None:
        return
    when = now + timedelta(days=1)
    stage.give(ScheduleService(worker="jia-zheng-1", scheduled_at=when), _CLERK, now, on=order)
    late = timedelta(days=1) if stage.chance(0.05) else timedelta(hours=1)
    stage.at(when + late, partial(_serve, stage, order))


def _serve(stage: Stage, order: str, now: datetime) -> None:
    stage.give(ReportServicePerformed(), _CLERK, now, on=order)
    stage.give(AcceptService(signature="住户已签"), _CLERK, now + timedelta(minutes=5), on=order)


def sign(stage: Stage, item: str, household: str, now: datetime) -> None:
    """A special service for three months."""
    starts = local_date(now) + timedelta(days=1)
    contract = SignServiceContract(
        service_item=item,
        household=household,
        starts_on=starts,
        ends_on=starts + timedelta(days=89),
        provider="yang-lao-1",
        signature="住户已签",
    )
    stage.give(contract, _CLERK, now)


# -- opinions --------------------------------------------------------------------------------------------------------


def begin_survey(stage: Stage, number: int, households: list[str], now: datetime) -> None:
    """The half-year's questionnaire goes to a tenth of the households."""
    survey = f"survey-{stage.code}-2025-{number}"
    asked = tuple(stage.random.sample(households, max(len(households) // 10, 1)))
    stage.give(DraftSurvey(title=f"2025年第{number}次征询", questions=_QUESTIONS), _CLERK, now, on=survey)
    closes = local_date(now) + timedelta(days=14)
    stage.give(IssueSurvey(households=asked, closes_on=closes), _MANAGER, now + timedelta(minutes=10), on=survey)
    for household in asked:
        if stage.chance(0.7):
            stage.later(now, stage.random.uniform(1, 13), partial(_answer, stage, survey, household))
    stage.later(now, 7, partial(_remind, stage, survey))
    stage.later(now, 17, partial(_evaluate, stage, survey))


def _remind(stage: Stage, survey: str, now: datetime) -> None:
    stage.give(RemindSurvey(), _CLERK, now, on=survey)


def _answer(stage: Stage, survey: str, household: str, now: datetime) -> None:
    marks = tuple(
        Mark(question=question.code, mark=stage.random.choices(range(1, 6), (1, 2, 12, 45, 40))[0])
        for question in _QUESTIONS
    )
    answer = RecordSurveyAnswer(respondent=household, marks=marks, means=stage.random.choice(list(AnswerMeans)))
    stage.give(answer, _CLERK, now, on=survey)


def _evaluate(stage: Stage, survey: str, now: datetime) -> None:
    stage.give(EvaluateSurvey(analysis="总体满意，秩序管理须加强", measures="增加夜间巡逻"), _MANAGER, now, on=survey)


def review(stage: Stage, now: datetime) -> None:
    """Every morning: quarterly reviews are analysed and approved, corrective actions go on."""
    for case_id, state in stage.ask(
        "select case_id, state from wuye.r_quarterly_reviews where office = %(office)s and to_number is null and open",
        {},
    ):
        if state == "compiled" and stage.chance(0.5):
            analysis = AnalyseQuarter(analysis="噪音与排水为主要问题", improvements="专项整治")
            stage.give(analysis, _MANAGER, now, on=case_id)
        elif state == "analysed":
            stage.give(ApproveQuarterlyReview(), _COMPANY, now, on=case_id)
    for case_id, state, verify_from in stage.ask(
        "select case_id, state, verify_from from wuye.r_corrective_actions"
        " where office = %(office)s and to_number is null and open",
        {},
    ):
        if state == "opened" and stage.chance(0.4):
            stage.give(AnalyseCause(cause="管道老化、宣传不足"), _CLERK, now, on=case_id)
        elif state == "analysed":
            measures = ProposeMeasures(measures="更换管道并回访", responsible="gong-cheng-1")
            stage.give(measures, _CLERK, now, on=case_id)
        elif state == "proposed":
            stage.give(ApproveMeasures(), _MANAGER, now, on=case_id)
        elif state == "approved" and stage.chance(0.2):
            stage.give(ReportMeasuresCarriedOut(result="已实施"), _CLERK, now, on=case_id)
        elif state == "carried-out" and verify_from <= local_date(now):
            effect = VerifyActionEffect(effective=not stage.chance(0.1), evidence="一个月内未再发生")
            stage.give(effect, _HEAD, now, on=case_id)
        elif state == "effective":
            stage.give(CloseCorrectiveAction(), _HEAD, now, on=case_id)


# -- a second phase --------------------------------------------------------------------------------------------------


def take_over_phase_two(stage: Stage, now: datetime) -> None:
    """The second phase of the estate is taken over in spring."""
    planned = date(2025, 4, 15)
    takeover = stage.give(
        PlanTakeover(estate="云锦花园二期", handed_by="外:开发商", planned_on=planned, homes=300), _HEAD, now
    )
    if takeover is not None:
        stage.at(start_of_day(planned) + timedelta(hours=9), partial(_take_over, stage, takeover))


def _take_over(stage: Stage, takeover: str, now: datetime) -> None:
    defects = (FoundAtInspection(item="消防水箱", matter="液位计损坏"),)
    stage.give(CheckTakeover(scope="共用部位及设备", defects=defects), _CLERK, now, on=takeover)
    received = ReceiveTakeoverDocuments(documents=("竣工图", "设备清单"), missing=("电梯档案",))
    stage.give(received, _CLERK, now + timedelta(hours=2), on=takeover)
    stage.give(CompleteTakeover(), _MANAGER, now + timedelta(hours=5), on=takeover)
