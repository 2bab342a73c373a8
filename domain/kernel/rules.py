"""How a kind of case says what is missing or forbidden: one line per rule, with its clause."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.kernel.calendar import end_of_day
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Moment
from domain.kernel.people import Role

__all__ = ["ahead", "another_person", "answer_by", "broken", "deadline_from", "may_postpone", "missing"]


def broken(code: str, clause: str, zh: str, en: str, field: str | None = None) -> RuleBroken:
    """A rule of the handbook that is not met."""
    return RuleBroken(code, clause, zh=zh, en=en, field=field)


def missing(field: str, clause: str, zh: str, en: str) -> RuleBroken:
    """What the form wants in this field."""
    return RuleBroken(f"{field.replace('_', '-')}-missing", clause, zh=zh, en=en, field=field)


def ahead(due_by: datetime, clause: str, at: Moment, field: str = "due_by") -> datetime:
    """A deadline lies ahead."""
    if due_by <= at.now:
        at.require_evidence(
            RuleBroken(
                "deadline-passed", clause, zh="期限须晚于当前时间", en="the deadline must lie ahead", field=field
            )
        )
    return due_by


def deadline_from(asked: datetime | None, setting: str, clause: str, at: Moment) -> datetime:
    """The deadline that is asked for, else the end of the day so many days on as the setting says."""
    if asked is not None:
        return ahead(asked, clause, at)
    return end_of_day(at.today + timedelta(days=at.numbers.integer(setting)))


def another_person(user_ids: set[str] | frozenset[str], clause: str, at: Moment) -> None:
    """Nobody accepts, verifies or approves his own work."""
    if at.user_id in user_ids:
        at.require_evidence(
            RuleBroken("own-work", clause, zh="不能由本人验收、审批自己的工作", en="nobody passes his own work")
        )


def answer_by(at: Moment) -> datetime | None:
    """Until when a complaint is answered, while nothing is promised (杭州50); another system's history has no such date."""
    if at.waived:
        return None
    return end_of_day(at.today + timedelta(days=at.numbers.integer("complaints.answer_within_days")))


def may_postpone(at: Moment, reason: str | None) -> bool:
    """Whether a deadline that was fixed for somebody may be put off: by the head or the manager, who says why."""
    return at.role in (Role.DEPARTMENT_HEAD, Role.MANAGER) and bool(reason and reason.strip())
