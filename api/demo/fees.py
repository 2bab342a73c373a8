"""Who plays with money: monthly bills, payers in time, some eight of a hundred households in arrears."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

from api.demo.people import name
from api.demo.stage import Stage
from domain.arrears.debt_case.case import DebtCase
from domain.arrears.debt_case.commands.dunning import (
    BeginSecondStage,
    ClassifyDebtor,
    IssueDunningNotice,
    RecordArrearsReason,
    RecordNoticeDelivery,
    RemindDebtor,
    VisitDebtor,
)
from domain.arrears.debt_case.commands.measures import StartLegalAction, SuspendServices
from domain.arrears.terms import (
    ArrearsReason,
    Claim,
    DebtorCategory,
    NoticeMeans,
    OptionalService,
    ReminderKind,
    Signer,
    VisitOutcome,
)
from domain.fees.bill.commands.issuing import IssueBill, StandardCharge
from domain.fees.bill.commands.late_fee import AssessLateFee
from domain.fees.cash_day import COUNTING, CloseCashDay, cash_day_id
from domain.fees.charging import FeeKind
from domain.fees.fee_standard import AttachHome, SetFeeStandard
from domain.fees.payment import TakePayment
from domain.fees.shared_cost import ApportionCost, Weight
from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import Month, local_date, start_of_day
from domain.kernel.people import Role

_CLERK, _MANAGER = Role.ADMINISTRATOR, Role.MANAGER
_PRICE, _SINCE = "2.50", date(2025, 1, 1)
_STANDARD = "select case_id from wuye.r_fee_standards where office = %(office)s and to_number is null"
_GONE = "select case_id from wuye.r_households where office = %(office)s and to_number is null and not open"


def bill_month(stage: Stage, households: Sequence[tuple[str, int]], debtors: dict[str, float], month: Month) -> None:
    """On the month's last day a bill for everybody; in the next month most people pay before the 15th."""
    issued = start_of_day(month.last) + timedelta(hours=16)
    stage.at(issued, partial(_issue, stage, households, debtors, month))


def _issue(
    stage: Stage, households: Sequence[tuple[str, int]], debtors: dict[str, float], month: Month, now: datetime
) -> None:
    due = date(month.next().year, month.next().month, 15)
    gone = {row[0] for row in stage.ask(_GONE, {})}
    standard = _standard(stage, now)
    weights = tuple(
        Weight(home=stage.case(household).home, weight=area, household=household)
        for household, area in households
        if household not in gone
    )
    power = ApportionCost(
        item="公共电费", month=month.first, cost_fen=stage.random.randint(80_000, 160_000), weights=weights
    )
    stage.give(power, _CLERK, now)
    attached = {each.household: each.number for each in stage.case(standard).attachments.values()}
    for household, area in households:
        if household in gone:
            continue
        if household not in attached:
            home = AttachHome(home=stage.case(household).home, household=household, quantity=area, first=_SINCE)
            stage.give(home, _CLERK, now, on=standard)
            attached[household] = len(stage.case(standard).attachments)
        days = StandardCharge(standard=standard, attachment=attached[household], first=month.first, last=month.last)
        bill = stage.give(IssueBill(household=household, period=str(month), due_on=due, charges=(days,)), _CLERK, now)
        assert bill is not None
        late = debtors.get(household, 0.0)
        if late == 0.0:
            stage.later(now, stage.random.uniform(1, 14), partial(_pay, stage, bill))
        elif late < 300:
            stage.later(now, 15 + late, partial(_pay, stage, bill))


def _standard(stage: Stage, now: datetime) -> str:
    """The management fee's standard; the manager sets it before the first bills."""
    for (standard,) in stage.ask(_STANDARD, {}):
        return str(standard)
    made = stage.give(
        SetFeeStandard(
            code="WY-1",
            name="物业服务费",
            kind=FeeKind.MANAGEMENT,
            price=_PRICE,
            valid_from=_SINCE,
            reason="年度目标责任书",
            document="2025-01",
        ),
        _MANAGER,
        now,
    )
    assert made is not None
    return made


def _pay(stage: Stage, bill: str, now: datetime) -> None:
    left = stage.case(bill).outstanding_fen
    if left <= 0:
        return
    part = left // 2 if stage.chance(0.02) else left
    late_entry = now - timedelta(days=1) if stage.chance(0.03) else None
    payment = TakePayment(
        household=stage.case(bill).household,
        amount_fen=part,
        method=stage.random.choice(tuple(PaymentMethod)),
        bills=(bill,),
        payer=name(stage.random),
    )
    stage.give(payment, _CLERK, now, occurred=late_entry)
    stage.at(start_of_day(local_date(now)) + timedelta(hours=18, minutes=30), partial(_close, stage))
    if part < left:
        stage.later(now, 3, partial(_pay, stage, bill))


def _close(stage: Stage, now: datetime) -> None:
    """In the evening the drawer is counted, and nothing is missing."""
    day = cash_day_id(stage.code, local_date(now))
    cash = stage.case(day)
    if cash is not None and cash.state == COUNTING:
        stage.give(CloseCashDay(counted_fen=max(cash.cash_fen, 0)), _CLERK, now, on=day)


def pursue(stage: Stage, now: datetime) -> None:
    """Every morning somebody goes through the arrears; not every case is looked at every day."""
    for case_id, state in stage.ask(
        "select case_id, state from wuye.r_debt_cases where office = %(office)s and to_number is null and open", {}
    ):
        if not stage.chance(0.12):
            continue
        debt = stage.case(case_id)
        if state == "opened" and debt.unpaid:
            if stage.give(_notice(stage, debt, 1, now), _CLERK, now, on=case_id):
                means = NoticeMeans.IN_PERSON
                delivery = RecordNoticeDelivery(stage=1, means=means, signer="本人", relation=Signer.DEBTOR)
                stage.give(delivery, _CLERK, now, on=case_id)
        elif state == "stage-1":
            stage.give(RemindDebtor(kind=ReminderKind.TELEPHONE), _CLERK, now, on=case_id)
            _find_reason(stage, case_id, now)
            stage.give(BeginSecondStage(), _CLERK, now, on=case_id)
        elif state == "stage-2" and debt.notice2_at is None and debt.unpaid:
            stage.give(_notice(stage, debt, 2, now), _CLERK, now, on=case_id)
        elif state == "stage-2" and debt.act_by is None:
            role = _MANAGER if debt.category is DebtorCategory.LARGE else _CLERK
            stage.give(VisitDebtor(outcome=stage.random.choice(list(VisitOutcome))), role, now, on=case_id)
        elif state == "suspension-due":
            if stage.chance(0.8):
                services = (OptionalService.CONVENIENCE, OptionalService.FACILITY_BOOKING)
                stage.give(SuspendServices(services=services, basis="管理服务公约"), _MANAGER, now, on=case_id)
            else:
                stage.give(
                    StartLegalAction(court="区人民法院", evidence="账单、通知、送达回执"), _MANAGER, now, on=case_id
                )


def _notice(stage: Stage, debt: DebtCase, number: int, now: datetime) -> IssueDunningNotice:
    """The late fee is assessed up to the day, and the letter says exactly what is left."""
    claims = []
    for bill in debt.unpaid:
        stage.give(AssessLateFee(), _CLERK, now, on=bill)
        left = stage.case(bill).left
        claims.append(
            Claim(bill=bill, principal_fen=left["principal"], late_fee_fen=left["penalty"], charges_fen=left["costs"])
        )
    return IssueDunningNotice(stage=number, claims=tuple(claims), means=NoticeMeans.MAILBOX, addressee="户主")


def _find_reason(stage: Stage, case_id: str, now: datetime) -> None:
    if stage.case(case_id).reason is not None:
        return
    reason = stage.random.choice(list(ArrearsReason))
    stage.give(RecordArrearsReason(reason=reason, verified_by="guan-li-1"), _CLERK, now, on=case_id)
    category = {ArrearsReason.HARDSHIP: DebtorCategory.HARDSHIP, ArrearsReason.REFUSAL: DebtorCategory.HOLDOUT}.get(
        reason
    )
    if category is not None:
        stage.give(ClassifyDebtor(category=category), _CLERK, now, on=case_id)
