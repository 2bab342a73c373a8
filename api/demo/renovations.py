"""Who plays the renovations: applied for, secured, permitted, sometimes stopped, accepted, the deposit given back."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from api.demo.people import name, phone
from api.demo.stage import Stage
from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import local_date
from domain.kernel.people import Role
from domain.moving.renovation.commands.permit import (
    AcceptRenovation,
    ApplyForRenovation,
    ApproveRenovation,
    BeginRenovation,
    PayRenovationDeposit,
    PermitRenovation,
    RefundRenovationDeposit,
    RejectRenovation,
    ReportRenovationFinished,
)
from domain.moving.renovation.commands.site import (
    CheckRenovation,
    ExtendRenovation,
    IssueWorkerPass,
    ResumeRenovation,
    ReturnWorkerPass,
    StopRenovation,
)
from domain.moving.renovation.events import ViolationKind

__all__ = ["apply"]

_CLERK, _HEAD, _GUARD = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.DUTY_OFFICER


def apply(stage: Stage, household: str, now: datetime) -> None:
    """Somebody wants a new kitchen."""
    first = local_date(now) + timedelta(days=10)
    application = ApplyForRenovation(
        home=stage.case(household).home,
        household=household,
        scope=stage.random.choice(("厨房", "卫生间", "全屋")),
        planned_from=first,
        planned_until=first + timedelta(days=40),
        contractor="佳居装饰（虚构）",
        foreman=name(stage.random),
        phone=phone(stage.random),
    )
    work = stage.give(application, _CLERK, now)
    if work is not None:
        stage.later(now, 9 if stage.chance(0.05) else stage.random.uniform(1, 5), partial(_decide, stage, work))


def _decide(stage: Stage, work: str, now: datetime) -> None:
    if stage.chance(0.05):
        stage.give(RejectRenovation(reason="拟拆承重墙"), _HEAD, now, on=work)
        return
    stage.give(ApproveRenovation(), _HEAD, now, on=work)
    case = stage.case(work)
    deposit = PayRenovationDeposit(
        amount_fen=case.wanted_fen,
        receipt=stage.numbered(f"YJ{stage.random.randint(1000, 9999)}"),
        method=PaymentMethod.POS,
    )
    stage.give(deposit, _CLERK, now, on=work, by="guan-li-1")
    permit = PermitRenovation(
        permit=stage.numbered(f"Z{stage.random.randint(1000, 9999)}"),
        valid_from=case.planned_from,
        valid_until=case.planned_until,
    )
    stage.give(permit, _HEAD, now, on=work)
    stage.give(IssueWorkerPass(number="01", worker=name(stage.random)), _GUARD, now, on=work)
    stage.later(now, 10, partial(_begin, stage, work))


def _begin(stage: Stage, work: str, now: datetime) -> None:
    stage.give(BeginRenovation(), _CLERK, now, on=work)
    stage.later(now, 8, partial(_look, stage, work))


def _look(stage: Stage, work: str, now: datetime) -> None:
    stage.give(CheckRenovation(findings="现场正常"), _GUARD, now, on=work)
    if stage.chance(0.2):
        stop = StopRenovation(kind=stage.random.choice(list(ViolationKind)), matter="与图纸不符")
        stage.give(stop, _GUARD, now, on=work)
    stage.later(now, stage.random.randint(14, 26), partial(_finish, stage, work))


def _finish(stage: Stage, work: str, now: datetime) -> None:
    case = stage.case(work)
    if case.state == "stopped":
        if case.unrectified or stage.give(ResumeRenovation(), _HEAD, now, on=work) is None:
            stage.later(now, 3, partial(_finish, stage, work))
            return
        extended = ExtendRenovation(valid_until=case.valid_until + timedelta(days=20), reason="停工整改")
        stage.give(extended, _HEAD, now, on=work)
    stage.give(ReportRenovationFinished(), _CLERK, now, on=work)
    stage.give(ReturnWorkerPass(number="01"), _GUARD, now, on=work)
    stage.give(AcceptRenovation(signature="住户已签"), _HEAD, now, on=work)
    stage.later(now, 33 if stage.chance(0.05) else stage.random.randint(3, 25), partial(_refund, stage, work))


def _refund(stage: Stage, work: str, now: datetime) -> None:
    damage = 20_000 if stage.chance(0.1) else 0
    refund = RefundRenovationDeposit(
        deducted_fen=damage,
        reason="电梯轿厢划伤" if damage else None,
        receipt=stage.numbered("TK"),
        method=PaymentMethod.TRANSFER,
    )
    stage.give(refund, _CLERK, now, on=work, by="guan-li-2")
