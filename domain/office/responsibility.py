"""Whose is each promise 责任: the role that owes it, the person the case names, and since when it is overdue.

A deadline that has passed is noted once by the clock, and its work is still owed until it is done: ``missed`` says
since when. What the clock itself carries out (draws, statistics, charges) is nobody's task.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from domain.arrears.debt_case.case import DebtCase
from domain.kernel.calendar import end_of_day
from domain.kernel.people import Role
from domain.kernel.waiting import LATE_ENTRY, left_since
from domain.visits.follow_up.case import FollowUp
from domain.visits.quarterly_review import ANALYSED, QuarterlyReview

__all__ = ["DUTIES", "Duty", "superior", "who_acts"]

_SUPERIORS: Final = {
    Role.ADMINISTRATOR: Role.DEPARTMENT_HEAD,
    Role.ASSISTANT: Role.MANAGER,
    Role.DUTY_OFFICER: Role.DEPARTMENT_HEAD,
    Role.DEPARTMENT_HEAD: Role.MANAGER,
    Role.MANAGER: Role.COMPANY,
}


def superior(role: Role) -> Role | None:
    """To whom a promise goes up that was not kept 上报; nobody above the company."""
    return _SUPERIORS.get(role)


def who_acts(person: str, instead: Mapping[str, str]) -> str:
    """Who does what is a person's: they, or whoever stands in for them 代办人, however far that goes on.

    ``instead`` names the deputy of whoever is absent and the successor of whoever has left. Where they stand in for
    each other, it stays with the first of them who was met twice: somebody has to be told.
    """
    met: set[str] = set()
    while person in instead and person not in met:
        met.add(person)
        person = instead[person]
    return person


def _nobody(_case: Any) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Duty:
    """Who owes a deadline. ``role`` CLOCK: the program itself carries it out."""

    role: Role
    person: Callable[[Any], str | None] = _nobody
    missed: Callable[[Any], datetime | None] = _nobody
    """Since when it is overdue, while the case stands in one of the deadline's states."""
    stays: tuple[str, ...] = ()
    """States beside the deadline's own in which what was missed stays on the desk."""
    behind: Callable[[Any], datetime | None] = _nobody
    """For a duty that recurs: since when an earlier one is still to be made up for, while the next one runs."""
    told: bool = True
    """Whether the person is told that it is theirs; not where they have taken it up themselves."""
    above: Callable[[Any], Role | None] = _nobody
    """Where somebody above whoever wrote it owes it: the role, as the case stands."""

    def owed_by(self, case: Any) -> Role:
        """The role that owes it."""
        return self.above(case) or self.role


def _notice_missed(stage: int) -> Callable[[DebtCase], datetime | None]:
    def missed(debt: DebtCase) -> datetime | None:
        by = debt.notice1_by if stage == 1 else debt.notice2_by
        given = debt.notice1_at if stage == 1 else debt.notice2_at
        late = debt.notice_late >= stage and given is None
        return end_of_day(by) if late and by is not None else None

    return missed


def _above_the_late_entry(case: Any) -> Role | None:
    """Whose word the late entry waits for that is to be judged first: of the role above whoever entered it; the company's own, its."""
    waiting = [
        (each.judge_by or each.entered_at, each.version, Role(each.role)) for each in case.late_entries if each.open
    ]
    if not waiting:
        return None
    entered_as = min(waiting)[2]
    return superior(entered_as) or (Role.COMPANY if entered_as is Role.COMPANY else None)


def _above_the_visitor(visit: FollowUp) -> Role | None:
    """A record that a manager made or handed in is the company's to review (§5.2.5(5))."""
    return Role.COMPANY if visit.recorded_by_manager else None


def _above_the_author(review: QuarterlyReview) -> Role | None:
    """What a manager has analysed is the company's to approve (§5.2.5(6)); until then it is to be analysed."""
    return Role.COMPANY if review.state == ANALYSED else None


_missed: Final = attrgetter("missed_at")
_WITH_BREACHES: Final = """
rectification move_in move_out renovation notice_board activity work_order repair_order patrol vacant_home key_loan complaint
survey follow_up resident_word takeover emergency_aid quarterly_review corrective_action service_order meter bill_run cash_day
bank_statement debt_case household register_export
"""
"""The kinds whose breaches an entry may claim to unmake afterwards: whoever stands above says whether it is so."""
_CLOCK: Final = Duty(Role.CLOCK)
_CLERK, _HEAD, _MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER

DUTIES: Final[Mapping[tuple[str, str], Duty]] = {
    ("office", "setting"): Duty(_MANAGER, missed=left_since("setting")),
    ("rectification", "rectification"): Duty(_HEAD, attrgetter("responsible"), _missed),
    ("rectification", "verification"): Duty(_HEAD, missed=left_since("verification")),
    ("rectification", "closing"): Duty(_HEAD, missed=left_since("closing")),
    ("move_in", "completion"): Duty(_CLERK, missed=_missed),
    ("move_in", "keys"): Duty(_CLERK, missed=left_since("keys")),
    ("move_in", "deposit"): Duty(_CLERK, missed=left_since("deposit")),
    ("move_out", "completion"): Duty(_CLERK, missed=left_since("completion")),
    ("renovation", "decision"): Duty(_HEAD, missed=attrgetter("decision_missed_at")),
    ("renovation", "permission"): Duty(_CLERK, missed=left_since("permission")),
    ("renovation", "permit"): Duty(_CLERK, missed=attrgetter("overrun_at")),
    ("renovation", "acceptance"): Duty(_HEAD, missed=left_since("acceptance")),
    ("renovation", "refund"): Duty(_CLERK, missed=attrgetter("refund_missed_at")),
    ("notice_board", "edition"): Duty(Role.ASSISTANT, behind=attrgetter("edition_behind")),
    ("notice_board", "take-down"): Duty(Role.ASSISTANT, missed=attrgetter("outdated_at")),
    ("activity", "activity"): Duty(_CLERK, attrgetter("organiser"), _missed),
    ("activity", "report"): Duty(_CLERK, attrgetter("organiser"), left_since("report")),
    ("work_order", "work-order"): Duty(_CLERK, attrgetter("worker"), _missed),
    ("work_order", "acceptance"): Duty(_HEAD, missed=left_since("acceptance")),
    ("repair_order", "repair"): Duty(_HEAD, attrgetter("worker"), _missed),
    ("repair_order", "dispatch"): Duty(_HEAD, missed=attrgetter("undispatched_since")),
    ("repair_order", "acceptance"): Duty(_CLERK, missed=left_since("acceptance")),
    ("repair_order", "closing"): Duty(_CLERK, missed=left_since("closing")),
    ("emergency_aid", "end"): Duty(Role.DUTY_OFFICER, attrgetter("taken_by"), _missed, told=False),
    ("patrol", "patrol"): Duty(Role.DUTY_OFFICER, attrgetter("done_by"), _missed, stays=("missed",), told=False),
    ("vacant_home", "inspection"): Duty(_CLERK, behind=attrgetter("inspection_behind")),
    ("vacant_home", "entrustment"): Duty(_CLERK, missed=attrgetter("entrustment_missed_at")),
    ("key_loan", "return"): Duty(Role.DUTY_OFFICER, missed=_missed),
    ("key_loan", "issue"): Duty(Role.DUTY_OFFICER, missed=left_since("issue")),
    ("key_loan", "papers"): _CLOCK,
    ("bank_line", "papers"): _CLOCK,
    ("complaint", "promise"): Duty(_CLERK, attrgetter("responsible"), _missed),
    ("complaint", "escalation"): Duty(_HEAD, missed=attrgetter("undecided_at")),
    ("complaint", "review"): Duty(_MANAGER, missed=attrgetter("review_missed_at")),
    ("complaint", "archiving"): Duty(_CLERK, attrgetter("responsible"), left_since("archiving")),
    ("survey", "closing"): _CLOCK,
    ("survey", "survey"): Duty(_MANAGER, missed=_missed),
    ("follow_up", "window"): Duty(Role.ASSISTANT, attrgetter("visitor"), _missed),
    ("follow_up", "submission"): Duty(_CLERK, attrgetter("visitor"), attrgetter("submit_missed_at")),
    ("follow_up", "review"): Duty(_MANAGER, missed=attrgetter("review_missed_at"), above=_above_the_visitor),
    ("follow_up", "retention"): _CLOCK,
    ("follow_up", "exit"): Duty(_MANAGER, missed=left_since("exit")),
    ("resident_word", "answer"): _CLOCK,
    ("resident_word", "difference"): Duty(_MANAGER, missed=_missed),
    ("takeover", "takeover"): Duty(_MANAGER, missed=left_since("takeover")),
    ("weekly_sample", "draw"): _CLOCK,
    ("quarterly_review", "compile"): _CLOCK,
    ("quarterly_review", "review"): Duty(_MANAGER, missed=_missed, above=_above_the_author),
    ("corrective_action", "action"): Duty(_HEAD, attrgetter("responsible"), _missed),
    ("corrective_action", "verification"): Duty(_HEAD, missed=attrgetter("verify_missed_at")),
    ("corrective_action", "approval"): Duty(_MANAGER, missed=left_since("approval")),
    ("corrective_action", "closing"): Duty(_HEAD, missed=left_since("closing")),
    ("service_order", "schedule"): Duty(_CLERK, missed=attrgetter("unscheduled_since")),
    ("service_order", "appointment"): Duty(_CLERK, attrgetter("worker"), _missed),
    ("service_order", "acceptance"): Duty(_CLERK, missed=left_since("acceptance")),
    ("service_contract", "charge"): _CLOCK,
    ("service_contract", "end"): _CLOCK,
    ("bill_run", "compile"): _CLOCK,
    ("bill_run", "issue"): _CLOCK,
    ("bill_run", "compilation"): Duty(_CLERK, missed=attrgetter("compilation_missed_at")),
    ("bill_run", "review"): Duty(_MANAGER, missed=attrgetter("review_missed_at")),
    ("bill_run", "approval"): Duty(Role.COMPANY, missed=left_since("approval")),
    ("bill_run", "delivery"): Duty(_CLERK, missed=attrgetter("delivery_missed_at")),
    ("bill_run", "month-closing"): Duty(_MANAGER, missed=left_since("month-closing")),
    ("bill", "due"): _CLOCK,
    ("account", "refund"): Duty(_MANAGER, missed=left_since("refund")),
    ("meter", "reading"): Duty(_CLERK, missed=_missed),
    ("cash_day", "closing"): Duty(_CLERK, missed=_missed),
    ("bank_statement", "matching"): Duty(_CLERK, person=attrgetter("brought_by"), missed=_missed, told=False),
    ("debt_case", "notice-1"): Duty(_CLERK, missed=_notice_missed(1)),
    ("debt_case", "notice-2"): Duty(_CLERK, missed=_notice_missed(2)),
    ("debt_case", "suspension"): _CLOCK,
    ("debt_case", "committee"): _CLOCK,
    ("debt_case", "act"): Duty(_MANAGER, missed=attrgetter("action_late_at")),
    ("debt_case", "concession"): Duty(_MANAGER, missed=left_since("concession")),
    ("debt_case", "next-step"): Duty(_CLERK, missed=attrgetter("next_late_at")),
    ("debt_case", "instalment"): Duty(_CLERK),
    ("debt_case", "limitation-near"): _CLOCK,
    ("debt_case", "limitation"): Duty(_CLERK),
    ("staff", "back"): _CLOCK,
    ("household", "upkeep"): Duty(_CLERK, missed=attrgetter("neglected_at")),
    ("household", "erasure"): Duty(_MANAGER, missed=left_since("erasure")),
    ("household", "export"): Duty(_MANAGER, missed=left_since("export")),
    ("register_export", "export"): Duty(_MANAGER, missed=left_since("export")),
    ("household", "retention"): Duty(_MANAGER, missed=attrgetter("disposal_since")),
    **{
        (kind, LATE_ENTRY): Duty(_HEAD, missed=left_since(LATE_ENTRY), above=_above_the_late_entry)
        for kind in _WITH_BREACHES.split()
    },
}
"""Every deadline of every kind of case; the tests see to it that none is left out."""
