"""Who plays with repairs and follow-ups: something breaks, workers come, every week some residents are asked."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from api.demo.people import FAULTS
from api.demo.stage import Stage
from domain.complaints.complaint.events import Channel
from domain.kernel.calendar import local_date
from domain.kernel.people import Role
from domain.rounds.repair_order.commands import (
    AcceptRepair,
    CancelRepairOrder,
    CloseRepairOrder,
    DispatchRepairOrder,
    RaiseRepairOrder,
    ReportRepairReady,
    ReturnRepair,
    StartRepair,
)
from domain.visits.follow_up.commands.ending import ExitFollowUp, ProposeFollowUpExit
from domain.visits.follow_up.commands.visiting import (
    AppointVisit,
    AssignFollowUp,
    ConductFollowUp,
    RecordUnreachable,
    ReviewFollowUp,
    SubmitFollowUp,
)
from domain.visits.follow_up.events import ExitReason, Means, Mode
from domain.visits.weekly_sample import SubstituteSample

_CLERK, _HEAD, _ASSISTANT, _MANAGER, _COMPANY = (
    Role.ADMINISTRATOR,
    Role.DEPARTMENT_HEAD,
    Role.ASSISTANT,
    Role.MANAGER,
    Role.COMPANY,
)
_WORKERS = ("gong-1", "gong-2", "gong-3", "gong-4")


def something_breaks(stage: Stage, household: str, now: datetime) -> None:
    """A repair order is raised; most are done the same or the next day."""
    order = stage.give(
        RaiseRepairOrder(
            channel=stage.random.choice(list(Channel)),
            fault_kind=stage.random.choice(FAULTS),
            household=household,
            home=stage.case(household).home,
            description="请尽快安排维修",
        ),
        _CLERK,
        now,
    )
    if order is None:
        return
    if stage.chance(0.02):
        stage.later(now, 0.2, partial(_cancel, stage, order))
        return
    due = now + timedelta(days=stage.random.choice((1, 2, 3)))
    stage.give(DispatchRepairOrder(to=stage.random.choice(_WORKERS), due_by=due), _HEAD, now, on=order)
    days = 0.8 * (due - now).total_seconds() / 86_400 if stage.chance(0.95) else 4.5
    stage.later(now, days * stage.random.random(), partial(_repair, stage, order))


def _cancel(stage: Stage, order: str, now: datetime) -> None:
    stage.give(CancelRepairOrder(reason="住户自行解决"), _CLERK, now, on=order)


def _repair(stage: Stage, order: str, now: datetime) -> None:
    worker = stage.case(order).worker or _WORKERS[0]
    stage.give(StartRepair(means="上门维修", done_by=worker), _CLERK, now, on=order)
    ready = ReportRepairReady(
        done_by=worker, ok=True, result="已修复", fee_fen=stage.random.choice((None, None, 2_000, 5_000))
    )
    stage.give(ready, _CLERK, now, on=order, occurred=now - timedelta(days=2) if stage.chance(0.02) else None)
    if stage.chance(0.03):
        stage.give(ReturnRepair(reason="仍有渗漏"), _CLERK, now, on=order)
        stage.give(
            DispatchRepairOrder(to=worker, due_by=now + timedelta(days=2), reason="材料未到"), _HEAD, now, on=order
        )
        stage.later(now, 1, partial(_repair, stage, order))
        return
    stage.give(AcceptRepair(signed_by="住户已签"), _CLERK, now, on=order)
    stage.give(CloseRepairOrder(done_by="guan-li-1"), _CLERK, now, on=order)


def ask_residents(stage: Stage, now: datetime) -> None:
    """Every morning: what may be asked today is assigned and asked; some are forgotten, some are not satisfied."""
    today: date = local_date(now)
    for case_id, state, opens_on, by_manager in stage.ask(
        "select case_id, state, opens_on, by_manager from wuye.r_follow_ups"
        " where office = %(office)s and to_number is null and open and opens_on <= %(today)s",
        {"today": today},
    ):
        if state == "planned" and stage.chance(0.75):
            role = _MANAGER if by_manager else _ASSISTANT
            visitor = "jing-li" if by_manager else stage.random.choice(("guan-li-3", "guan-li-4"))
            stage.give(AssignFollowUp(visitor=visitor), role, now, on=case_id)
        elif state == "assigned" and (opens_on < today or stage.chance(0.6)):
            _ask(stage, case_id, now)
        elif state == "submitted":
            _review(stage, case_id, now)


def _ask(stage: Stage, visit: str, now: datetime) -> None:
    case = stage.case(visit)
    visitor = case.visitor or "guan-li-3"
    if case.exit_proposed is not None:
        return
    if case.anonymous:
        nobody = ProposeFollowUpExit(reason=ExitReason.NOBODY, note="匿名投诉，无人可访")
        stage.give(nobody, _CLERK, now, on=visit, by=visitor)
        stage.later(now, 1, partial(_sign_off, stage, visit, ExitReason.NOBODY))
        return
    if stage.chance(0.01):
        words = ProposeFollowUpExit(
            reason=ExitReason.REFUSED, note="住户谢绝回访", mode=Mode.TELEPHONE, words="已经好了，不用再问。"
        )
        stage.give(words, _CLERK, now, on=visit, by=visitor)
        stage.later(now, 1, partial(_sign_off, stage, visit, ExitReason.REFUSED))
        return
    if stage.chance(0.01):
        for hours in (0, 9, 26):  # on two days and at three hours
            stage.at(now + timedelta(hours=hours), partial(_nobody_answers, stage, visit, visitor))
        return
    mode = stage.random.choice((Mode.TELEPHONE, Mode.TELEPHONE, Mode.VISIT, Mode.ONLINE))
    if mode is Mode.VISIT:
        appointed = now + timedelta(hours=2)
        stage.give(AppointVisit(appointed_at=appointed), _CLERK, now, on=visit, by=visitor)
        stage.at(appointed, partial(_tell, stage, visit, mode, visitor))
    else:
        _tell(stage, visit, mode, visitor, now)


def _tell(stage: Stage, visit: str, mode: Mode, visitor: str, now: datetime) -> None:
    conforming = not stage.chance(0.05)
    told = ConductFollowUp(
        mode=mode,
        means=Means.TALK,
        quality="良好" if conforming else "一般",
        effect="已解决" if conforming else "反复",
        satisfaction=stage.random.randint(4, 5) if conforming else stage.random.randint(1, 2),
        conforming=conforming,
        resident_signature=None if mode is Mode.TELEPHONE else "住户已签",
        visitor_signature="已签",
    )
    role = _MANAGER if visitor == "jing-li" else _CLERK
    if stage.give(told, role, now, on=visit, by=visitor) is None:
        return
    hours = 40 if stage.chance(0.03) else stage.random.randint(1, 20)
    stage.at(now + timedelta(hours=hours), partial(_hand_in, stage, visit, role, visitor))


def _nobody_answers(stage: Stage, visit: str, visitor: str, now: datetime) -> None:
    """Tried on two days; then the next in the week's order is asked instead, or the manager signs that it ends."""
    stage.give(RecordUnreachable(mode=Mode.TELEPHONE), _CLERK, now, on=visit, by=visitor)
    case = stage.case(visit)
    sample = stage.case(case.origin_id).sample if case.origin_kind == "repair_order" else None
    if case.unreachable < 3:
        return
    if sample is not None:
        stage.give(SubstituteSample(follow_up=visit, reason="三次无人接听"), _ASSISTANT, now, on=sample)
    else:
        proposed = ProposeFollowUpExit(reason=ExitReason.UNREACHABLE, note="两天三次无人接听")
        stage.give(proposed, _CLERK, now, on=visit, by=visitor)
        stage.later(now, 1, partial(_sign_off, stage, visit, ExitReason.UNREACHABLE))


def _sign_off(stage: Stage, visit: str, reason: ExitReason, now: datetime) -> None:
    """Another than went signs it off; a visit of the manager's own is signed by the company."""
    own = stage.case(visit).visitor == "jing-li"
    stage.give(ExitFollowUp(reason=reason, note="同意终止"), _COMPANY if own else _MANAGER, now, on=visit)


def _hand_in(stage: Stage, visit: str, role: Role, visitor: str, now: datetime) -> None:
    stage.give(SubmitFollowUp(), role, now, on=visit, by=visitor)


def _review(stage: Stage, visit: str, now: datetime) -> None:
    case = stage.case(visit)
    if case.round > 3:
        proposed = ProposeFollowUpExit(reason=ExitReason.SIGNED_OFF, note="已尽责处理，提请终止")
        stage.give(proposed, _CLERK, now, on=visit, by=case.visitor)
        _sign_off(stage, visit, ExitReason.SIGNED_OFF, now)
    elif case.conforming:
        stage.give(ReviewFollowUp(comment="同意", conforming=True), _MANAGER, now, on=visit)
    else:
        review = ReviewFollowUp(
            comment="须整改", conforming=False, responsible="gong-cheng-1", rectify_by=now + timedelta(days=5)
        )
        stage.give(review, _MANAGER, now, on=visit)
