"""Who plays with complaints: residents complain, clerks promise, some forget, some residents are not satisfied."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from api.demo.people import COMPLAINTS
from api.demo.stage import Stage
from domain.complaints.complaint.case import RESOLVED
from domain.complaints.complaint.commands.handling import (
    ArchiveComplaint,
    DeclareComplaintSevere,
    DispatchComplaint,
    EscalateComplaint,
    ResolveComplaint,
    ReviewComplaint,
    SolveComplaintOnTheSpot,
)
from domain.complaints.complaint.commands.letters import ExcuseReplyLetter, RecordLetterArrival, SendReplyLetter
from domain.complaints.complaint.commands.reception import (
    AssessComplaint,
    InformResident,
    InvestigateComplaint,
    RegisterComplaint,
)
from domain.complaints.complaint.events import Channel
from domain.kernel.calendar import local_date, start_of_day
from domain.kernel.people import Role

_CLERK, _HEAD, _MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER


def complain(stage: Stage, household: str, now: datetime) -> None:
    """A complaint is registered; what becomes of it goes into the diary."""
    category, matter = stage.random.choice(COMPLAINTS)
    anonymous = stage.chance(0.03)
    case = stage.give(
        RegisterComplaint(
            channel=stage.random.choice(list(Channel)),
            category=category,
            matter=matter,
            household=None if anonymous else household,
            content=f"{matter}，希望尽快处理。",
            anonymous=anonymous,
        ),
        _CLERK,
        now,
        by=stage.random.choice(("guan-li-1", "guan-li-2")),
    )
    assert case is not None
    if stage.chance(0.1):
        stage.at(now + timedelta(minutes=stage.random.randint(10, 90)), partial(_solve_at_once, stage, case))
    elif stage.chance(0.9):
        stage.at(now + timedelta(minutes=stage.random.randint(10, 110)), partial(_assess, stage, case))
    else:  # told the next day only
        stage.later(now, 1, partial(_assess, stage, case))


def _solve_at_once(stage: Stage, case: str, now: datetime) -> None:
    told = None if stage.case(case).anonymous else now
    solved = SolveComplaintOnTheSpot(
        done_by="gong-cheng-1", measure="当场处理", result="已当场解决", root_cause="人员疏忽", told_at=told
    )
    stage.give(solved, _CLERK, now, on=case)
    _answer(stage, case, now)


def _assess(stage: Stage, case: str, now: datetime) -> None:
    day = local_date(now) + timedelta(days=stage.random.choice((1, 2, 3, 5)))
    promised = start_of_day(day) + timedelta(hours=18)  # by the end of that working day
    told = None if stage.case(case).anonymous else now
    stage.give(AssessComplaint(promised_by=promised, measure="上门查看并处理", told_at=told), _CLERK, now, on=case)
    if stage.chance(0.06):
        stage.give(EscalateComplaint(reason="涉及多户，超出权限"), _CLERK, now, on=case)
        stage.give(DeclareComplaintSevere(reason="多户反映"), _HEAD, now, on=case)
        review = ReviewComplaint(
            measures="专人负责",
            responsible="bu-men",
            due_by=now + timedelta(days=4),
            attendees=("经理", "工程部", "客服部"),
        )
        stage.give(review, _MANAGER, now, on=case)
    elif stage.chance(0.4):
        stage.give(DispatchComplaint(department="工程部", due_by=promised), _HEAD, now, on=case)
    forgets = stage.chance(0.04)
    days = (
        (promised - now).days + 1.5
        if forgets
        else (promised - now).total_seconds() / 86_400 * stage.random.uniform(0.2, 0.7)
    )
    if not forgets and stage.chance(0.05):  # material is awaited: put off once, with the reason
        stage.later(now, days / 2, partial(_put_off, stage, case))
        days = (promised - now).total_seconds() / 86_400 + 0.5
    stage.later(now, days, partial(_resolve, stage, case))


def _put_off(stage: Stage, case: str, now: datetime) -> None:
    complaint = stage.case(case)
    later = (complaint.given_until or now) + timedelta(days=2)
    told = None if complaint.anonymous else now
    again = AssessComplaint(promised_by=later, measure="待料后处理", told_at=told, reason="材料未到")
    stage.give(again, _CLERK, now, on=case)


def _resolve(stage: Stage, case: str, now: datetime) -> None:
    stage.give(
        InvestigateComplaint(
            findings="已现场核实", root_cause=stage.random.choice(("设施老化", "人员疏忽", "使用不当"))
        ),
        _CLERK,
        now,
        on=case,
    )
    if stage.chance(0.3):
        told = InformResident(channel=Channel.TELEPHONE, progress="已查明原因，正在处理")
        stage.give(told, _CLERK, now, on=case)
    late_entry = now - timedelta(hours=20) if stage.chance(0.05) else None
    stage.give(ResolveComplaint(done_by="gong-cheng-1", result="已处理完毕"), _CLERK, now, on=case, occurred=late_entry)
    _answer(stage, case, now)


def _answer(stage: Stage, case: str, now: datetime) -> None:
    complaint = stage.case(case)
    if complaint.channel.wants_letter and complaint.state == RESOLVED:
        stage.later(now, 1, partial(_excuse if complaint.anonymous else _write, stage, case))


def _excuse(stage: Stage, case: str, now: datetime) -> None:
    stage.give(ExcuseReplyLetter(reason="匿名投诉，无联系方式"), _MANAGER, now, on=case)


def _write(stage: Stage, case: str, now: datetime) -> None:
    letter = SendReplyLetter(recipient="投诉住户", text="经查……已处理，谨致歉意。")
    if stage.give(letter, _CLERK, now, on=case) is not None:
        stage.later(now, 2, partial(_arrive, stage, case))


def _arrive(stage: Stage, case: str, now: datetime) -> None:
    stage.give(RecordLetterArrival(arrived_on=local_date(now), proof="住户签收"), _CLERK, now, on=case)


def resolve_again(stage: Stage, now: datetime) -> None:
    """Every morning: reopened complaints are promised and handled anew, followed-up ones are archived."""
    for case_id, state in stage.ask(
        "select case_id, state from wuye.r_complaints where office = %(office)s and to_number is null"
        " and state in ('reopened', 'followed-up')",
        {},
    ):
        if state == "reopened":
            promised = now + timedelta(days=2)
            told = None if stage.case(case_id).anonymous else now
            stage.give(
                AssessComplaint(promised_by=promised, measure="重新处理", told_at=told), _MANAGER, now, on=case_id
            )
            stage.later(now, 1, partial(_resolve, stage, case_id))
        else:
            stage.give(ArchiveComplaint(), _CLERK, now, on=case_id)
