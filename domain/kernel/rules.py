"""One vocabulary of rules 规则: what kinds of case ask of deadlines, days, amounts, signatures and people.

A rule answers None when it is kept, else the refusal. ``ready`` returns it; ``decide`` gives it to
:meth:`~domain.kernel.fact.Moment.require_evidence` when another system's history may lack the evidence, and to
:func:`forbid` when nothing excuses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

from domain.kernel.calendar import end_of_day
from domain.kernel.errors import NotPermitted, Refusal, RuleBroken
from domain.kernel.fact import Command, Moment
from domain.kernel.money import yuan
from domain.kernel.people import Actor, Role, outsider
from domain.kernel.spelling import same, says

__all__ = [
    "answer_by",
    "backwards",
    "before",
    "beyond_cap",
    "blank",
    "broken",
    "day_ahead",
    "day_beyond_cap",
    "day_passed",
    "deadline_from",
    "deadline_passed",
    "forbid",
    "from_outside",
    "missing",
    "negative",
    "not_positive",
    "only_for",
    "out_of_range",
    "own_work",
    "put_off",
    "receipt_twice",
    "second_person",
    "standing",
    "told_origin",
    "unsigned",
    "wordless",
]


def broken(code: str, clause: str, zh: str, en: str, field: str | None = None) -> RuleBroken:
    """A rule of the handbook that is not met."""
    return RuleBroken(code, clause, zh=zh, en=en, field=field)


def forbid(refusal: Refusal | None) -> None:
    """Refuse whatever the history: nothing excuses it."""
    if refusal is not None:
        raise refusal


# -- fields that must be there ------------------------------------------------------------------------------------------


def missing(field: str, clause: str, zh: str, en: str) -> RuleBroken:
    """What the form wants in this field."""
    return broken(f"{field.replace('_', '-')}-missing", clause, zh, en, field)


def blank(text: str | None, field: str, clause: str, zh: str, en: str) -> RuleBroken | None:
    """The form wants words in this field."""
    return None if text is not None and text.strip() else missing(field, clause, zh, en)


_WORDS: Final = frozenset(
    [
        "analysis",
        "basis",
        "cause",
        "comment",
        "evidence",
        "findings",
        "measure",
        "measures",
        "minutes",
        "reason",
        "result",
        "root_cause",
        "summary",
    ]
)
"""The fields in which the office says something of what it does: why, what was found, what was done."""
_LINES: Final = frozenset({"item", "matter"})
"""Within the lines of what is checked or found."""
_LISTS: Final = frozenset({"checklist", "defects", "findings", "questions", "lines"})
"""Those in which it is said line by line."""
_SAID: Final[dict[type[Command], tuple[str, ...]]] = {}


def wordless(command: Command, clause: str) -> RuleBroken | None:
    """Where words are given, they say something, in every command of every kind."""
    names = _SAID.get(type(command))
    if names is None:
        names = _SAID[type(command)] = tuple(
            n for n in getattr(command, "__dataclass_fields__", ()) if n in _WORDS | _LISTS
        )
    for name, value in _within(command, names):
        if isinstance(value, str) and value.strip() and not says(value):
            return missing(
                name, clause, "标点或空格不是说明，请写明", "a sign or a blank says nothing: say it in words"
            )
    return None


def _within(record: Any, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """What these fields say, also within the lines of what is checked or found."""
    for name in names:
        value = getattr(record, name)
        if isinstance(value, tuple):
            for line in value:
                inner = getattr(line, "__dataclass_fields__", ())
                yield from ((name, getattr(line, each)) for each in inner if each in _LINES)
        else:
            yield name, value


_OURS: Final = ("person", "deputy", "successor")
"""By these somebody comes onto the register, stands in or is given tasks: nobody from outside can."""
_TASKED: Final[dict[type[Command], tuple[str, ...]]] = {}
"""Those of them that a command has, in the open."""


def from_outside(command: Command, clause: str) -> RuleBroken | None:
    """Who is given a task, enrolled or made a stand-in is one of ours."""
    names = _TASKED.get(type(command))
    if names is None:
        names = _TASKED[type(command)] = tuple(n for n in _OURS if hasattr(command, n) and n not in command.PERSONAL)
    for name in names:
        said = getattr(command, name)
        if isinstance(said, str) and outsider(said) is not None:
            zh = "外部人员不在岗，不承办、不代办"
            en = "somebody from outside is no staff: he is given no tasks and stands in for nobody"
            return broken("person-outside", clause, zh, en, name)
    return None


def unsigned(signature: str | None, clause: str, zh: str, en: str, field: str = "signature") -> RuleBroken | None:
    """Somebody signs."""
    return broken("signature-missing", clause, zh, en, field) if signature is None else None


# -- time -----------------------------------------------------------------------------------------------------------------


def deadline_passed(due: datetime, clause: str, at: Moment, field: str = "due_by") -> RuleBroken | None:
    """What is promised or appointed lies ahead."""
    if due > at.now:
        return None
    return broken(
        "deadline-passed", clause, "时限须晚于办理时间", "it must lie ahead of the time at which this is done", field
    )


def beyond_cap(due: datetime | None, clause: str, at: Moment, field: str = "due_by") -> RuleBroken | None:
    """No deadline, appointment or return lies further ahead than the setting's days: else it never comes true or is missed."""
    days = at.numbers.integer("tasks.deadline_within_days")
    if due is None or due <= end_of_day(at.today + timedelta(days=days)):
        return None
    zh, en = f"期限最迟为当日起{days}天", f"no date lies more than {days} days ahead"
    return broken("beyond-cap", clause, zh, en, field)


def day_beyond_cap(day: date, clause: str, at: Moment, field: str) -> RuleBroken | None:
    """The same of a day."""
    return beyond_cap(end_of_day(day), clause, at, field)


def day_passed(day: date, clause: str, at: Moment, field: str) -> RuleBroken | None:
    """A day that is still to come, or today."""
    if day >= at.today:
        return None
    return broken("day-passed", clause, f"日期不能早于当日（{at.today}）", f"not before that day ({at.today})", field)


def day_ahead(day: date, clause: str, at: Moment, field: str) -> RuleBroken | None:
    """What has happened did so today or before."""
    if day <= at.today:
        return None
    return broken(
        "day-ahead", clause, f"日期不能晚于当日（{at.today}）", f"it has not happened by that day ({at.today})", field
    )


def backwards(first: date, last: date, clause: str, field: str) -> RuleBroken | None:
    """A term ends no earlier than it begins."""
    if first <= last:
        return None
    return broken(
        "term-backwards", clause, f"终止日期早于起始日期（{first}）", f"it ends before it begins ({first})", field
    )


def before(
    begun: datetime | None, clause: str, at: Moment, zh: str, en: str, code: str = "before-the-round"
) -> RuleBroken | None:
    """Nothing is done before what it belongs to began: the round, the loan, the work that is verified."""
    return broken(code, clause, zh, en, "occurred_at") if begun is not None and at.now < begun else None


def deadline_from(asked: datetime | None, setting: str, clause: str, at: Moment) -> datetime:
    """The deadline that is asked for, else the end of the day so many days on as the setting says."""
    if asked is not None:
        at.require_evidence(deadline_passed(asked, clause, at))
        at.require_evidence(beyond_cap(asked, clause, at))
        return asked
    return end_of_day(at.today + timedelta(days=at.numbers.integer(setting)))


def standing(due: datetime | None, at: Moment) -> datetime | None:
    """A deadline that was fixed and is still ahead; whoever names no other keeps it."""
    return due if due is not None and due > at.now else None


def answer_by(at: Moment) -> datetime | None:
    """Until when a complaint is answered, while nothing is promised (杭州50); another system's history has no such date."""
    if at.waived:
        return None
    return end_of_day(at.today + timedelta(days=at.numbers.integer("complaints.answer_within_days")))


# -- amounts --------------------------------------------------------------------------------------------------------------


def negative(amount: int | None, clause: str, field: str) -> RuleBroken | None:
    """Money (fen), sizes and counts are not less than nothing."""
    if amount is None or amount >= 0:
        return None
    return broken("amount-negative", clause, "数额不能为负", "it is not negative", field)


def not_positive(amount: int | None, clause: str, field: str) -> RuleBroken | None:
    """Money (fen), sizes and counts that are more than nothing."""
    if amount is None or amount > 0:
        return None
    return broken("amount-not-positive", clause, "数额须大于零", "it is more than nothing", field)


def out_of_range(amount: int, most: int, clause: str, field: str) -> RuleBroken | None:
    """Money (fen) that is more than nothing and at most what there is."""
    if 0 < amount <= most:
        return None
    zh, en = f"金额须大于零，至多{yuan(most)}元", f"more than nothing, at most CNY {yuan(most)}"
    return broken("amount-out-of-range", clause, zh, en, field)


def receipt_twice(receipt: str | None, known: Iterable[str | None], clause: str) -> RuleBroken | None:
    """A receipt's number stands on one receipt: other cases are kept from it by their claims, a case's own by this."""
    if not any(same(receipt, other) for other in known):
        return None
    return broken("receipt-twice", clause, "该收据编号已用过", "a receipt with this number has been given", "receipt")


# -- people ---------------------------------------------------------------------------------------------------------------


def own_work(
    who: Actor,
    whose: set[str] | frozenset[str],
    clause: str,
    zh: str = "不能由本人验收、审批自己的工作",
    en: str = "nobody passes his own work",
) -> RuleBroken | None:
    """Nobody accepts, verifies or approves his own work; ``whose`` are those (user ids) whose work it is."""
    return broken("own-work", clause, zh, en) if who.is_any(whose) else None


def second_person(
    who: Actor, whose: set[str] | frozenset[str], clause: str, field: str | None = None
) -> RuleBroken | None:
    """What one has proposed, charged or taken, another decides on, gives up or gives back."""
    if not who.is_any(whose):
        return None
    return broken("second-person", clause, "须由另一人办理", "somebody else must do this", field)


def only_for(who: Actor, roles: tuple[Role, ...], clause: str, zh: str, en: str) -> NotPermitted | None:
    """The table lets more roles do it than this case allows."""
    return None if who.role in roles else NotPermitted("role", clause, zh=zh, en=en)


def put_off(who: Actor, reason: str | None, clause: str, field: str = "due_by") -> RuleBroken | None:
    """A deadline that was fixed for somebody is put off by the head or the manager, who says why."""
    if who.role in (Role.DEPARTMENT_HEAD, Role.MANAGER) and reason is not None and reason.strip():
        return None
    zh = "延长已定的期限须由部门负责人或经理办理并说明理由"
    en = "a deadline that was fixed is put off by the head or the manager, with the reason"
    return broken("postponement", clause, zh, en, field)


def told_origin(who: Actor, clause: str, **origin: str | None) -> RuleBroken | None:
    """What a case comes from is filled in by the program alone: its end is told to the origin, and figures count by it."""
    told = next((field for field, value in origin.items() if value), None)
    if told is None or who.role is Role.POLICY:
        return None
    zh, en = "事项来源由程序填写", "what it comes from is filled in by the program"
    return broken("origin-of-program", clause, zh, en, told)
