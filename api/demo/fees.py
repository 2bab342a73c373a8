"""Who plays with money: monthly bills, payers in time, some eight of a hundred households in arrears."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

from api.demo.people import STAFF, name
from api.demo.stage import Stage
from domain.arrears.debt_case.commands.dunning import (
    BeginSecondStage,
    ClassifyDebtor,
    IssueDunningNotice,
    RecordArrearsReason,
    RecordNoticeDelivery,
    RemindDebtor,
    VisitDebtor,
)
from domain.arrears.debt_case.commands.lawsuit import StartLegalAction
from domain.arrears.debt_case.commands.measures import SuspendServices
from domain.arrears.terms import (
    ArrearsReason,
    DebtorCategory,
    NoticeMeans,
    OptionalService,
    ReminderKind,
    Signer,
    SuspensionGround,
    VisitOutcome,
)
from domain.fees.bill_run.case import bill_run_id
from domain.fees.bill_run.commands.compiling import CompileBillRun, ConfirmPart, OpenBillRun
from domain.fees.bill_run.commands.delivering import CloseMonth, RecordBillDelivery
from domain.fees.bill_run.commands.reviewing import ApproveBillRun, ReviewBillRun
from domain.fees.cash_day import COUNTING, CloseCashDay, cash_day_id
from domain.fees.charging import FeeKind
from domain.fees.fee_standard import AttachHome, SetFeeStandard
from domain.fees.payment import TakePayment
from domain.fees.shared_cost import ApportionCost, Weight
from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import local_date, start_of_day
from domain.kernel.people import Role
from domain.kernel.periods import Month
from domain.office.portfolio import AssignPortfolio

_CLERK, _MANAGER = Role.ADMINISTRATOR, Role.MANAGER
_PRICE, _SINCE = "2.50", date(2025, 1, 1)
_CODE = "WY-1"
_STANDARD = (
    "select case_id from wuye.r_fee_standards where office = %(office)s and to_number is null and code = %(code)s"
)
_GONE = "select case_id from wuye.r_households where office = %(office)s and to_number is null and not open"


def bill_month(stage: Stage, households: Sequence[tuple[str, int]], debtors: dict[str, float], month: Month) -> None:
    """The day before the last the bills are compiled, on the last they are reviewed and approved, on the 1st delivered.

    In the next month most people pay before the 15th.
    """
    evening = start_of_day(month.last) + timedelta(hours=16)
    stage.at(evening - timedelta(days=1), partial(_compile, stage, households, month))
    stage.at(evening, partial(_review, stage, month))
    stage.at(start_of_day(month.next().first) + timedelta(hours=9), partial(_deliver, stage, debtors, month))


def give_into_care(stage: Stage, households: Sequence[tuple[str, int]], now: datetime) -> None:
    """The buildings are shared out among the administrators, each of whom compiles and duns his own (§7.2a)."""
    buildings = sorted({stage.case(household).building or "" for household, _ in households})
    clerks = STAFF[_CLERK.value]
    for number, clerk in enumerate(clerks):
        mine = tuple(building for building in buildings[number :: len(clerks)] if building)
        if mine:
            stage.give(AssignPortfolio(person=clerk, buildings=mine), Role.DEPARTMENT_HEAD, now)


def _compile(stage: Stage, households: Sequence[tuple[str, int]], month: Month, now: datetime) -> None:
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
    attached = {each.household for each in stage.case(standard).attachments.values()}
    for household, area in households:
        if household not in gone and household not in attached:
            home = AttachHome(home=stage.case(household).home, household=household, quantity=area, first=_SINCE)
            stage.give(home, _CLERK, now, on=standard)
    run = bill_run_id(stage.code, str(month))
    if stage.case(run) is None:
        stage.give(OpenBillRun(month=month.first), _CLERK, now)
    stage.give(CompileBillRun(), _CLERK, now, on=run)


def _review(stage: Stage, month: Month, now: datetime) -> None:
    """The program has compiled overnight; each administrator looks through his part, then the manager through all of it."""
    run = bill_run_id(stage.code, str(month))
    for clerk in stage.case(run).open_parts:
        stage.give(ConfirmPart(looked_after_by=clerk), _CLERK, now, on=run, by=clerk)
    stage.give(ReviewBillRun(remark="异常户已逐户核对"), _MANAGER, now, on=run)
    stage.give(ApproveBillRun(), Role.COMPANY, now + timedelta(minutes=30), on=run)


def _deliver(stage: Stage, debtors: dict[str, float], month: Month, now: datetime) -> None:
    """The program has issued the bills overnight; now and then a building gets its notices a day late."""
    run = bill_run_id(stage.code, str(month))
    billed = stage.case(run)
    for building in sorted({billed.drafts[household].building or "" for household in billed.bills}):
        late = stage.chance(0.02)
        when = now + timedelta(days=1) if late else now
        stage.at(when, partial(_mailboxes, stage, run, building))
    for household, bill in sorted(billed.bills.items()):
        days = debtors.get(household, 0.0)
        if days == 0.0:
            stage.later(now, stage.random.uniform(1, 13), partial(_pay, stage, bill))
        elif days < 300:
            stage.later(now, 14 + days, partial(_pay, stage, bill))


def _mailboxes(stage: Stage, run: str, building: str, now: datetime) -> None:
    waiting = [
        each for each in stage.case(run).undelivered if (stage.case(run).drafts[each].building or "") == building
    ]
    if waiting:
        stage.give(RecordBillDelivery(households=tuple(waiting)), _CLERK, now, on=run)
        if not stage.case(run).undelivered:
            stage.at(now + timedelta(days=5), partial(_close_month, stage, run))


def _close_month(stage: Stage, run: str, now: datetime) -> None:
    """Every notice is out: no bill of the month is issued any more."""
    stage.give(CloseMonth(), _MANAGER, now, on=run)


def _standard(stage: Stage, now: datetime) -> str:
    """The management fee's standard; the manager sets it before the first bills."""
    for (standard,) in stage.ask(_STANDARD, {"code": _CODE}):
        return str(standard)
    made = stage.give(
        SetFeeStandard(
            code=_CODE,
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
    if payment.method is PaymentMethod.TRANSFER and stage.by_bank is not None:
        stage.by_bank.append((payment.household, payment.payer or "", part, now))  # the bank's file will tell of it
        return
    stage.give(payment, _CLERK, now, occurred=late_entry)
    count_the_drawer(stage, now)
    if part < left:
        stage.later(now, 3, partial(_pay, stage, bill))


def count_the_drawer(stage: Stage, now: datetime) -> None:
    """This evening, since money came today."""
    stage.at(start_of_day(local_date(now)) + timedelta(hours=18, minutes=30), partial(_close, stage))


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
            if stage.give(_notice(1), _CLERK, now, on=case_id):
                means = NoticeMeans.IN_PERSON
                delivery = RecordNoticeDelivery(stage=1, means=means, signer="本人", relation=Signer.DEBTOR)
                stage.give(delivery, _CLERK, now, on=case_id)
        elif state == "stage-1":
            stage.give(RemindDebtor(kind=ReminderKind.TELEPHONE), _CLERK, now, on=case_id)
            _find_reason(stage, case_id, now)
            stage.give(BeginSecondStage(), _CLERK, now, on=case_id)
        elif state == "stage-2" and debt.notice2_at is None and debt.unpaid:
            stage.give(_notice(2), _CLERK, now, on=case_id)
        elif state == "stage-2" and debt.act_by is None:
            role = _MANAGER if debt.category is DebtorCategory.LARGE else _CLERK
            stage.give(VisitDebtor(outcome=stage.random.choice(list(VisitOutcome))), role, now, on=case_id)
        elif state == "suspension-due":
            if stage.chance(0.8):
                services = (OptionalService.CONVENIENCE, OptionalService.FACILITY_BOOKING)
                stops = SuspendServices(services=services, ground=SuspensionGround.COVENANT, article=31)
                stage.give(stops, _MANAGER, now, on=case_id)
            else:
                stage.give(
                    StartLegalAction(court="区人民法院", evidence="账单、通知、送达回执"), _MANAGER, now, on=case_id
                )


def _notice(number: int) -> IssueDunningNotice:
    """The program composes what it claims."""
    return IssueDunningNotice(stage=number, means=NoticeMeans.MAILBOX, addressee="户主")


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
