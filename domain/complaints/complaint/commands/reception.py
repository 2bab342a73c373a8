"""Reception of complaints 投诉的接待 (§4.1–4.3): registered, promised, taken up, investigated, the resident kept informed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.complaints.complaint.case import DISPATCHED, SEVERE, Complaint
from domain.complaints.complaint.events import (
    Channel,
    ComplaintAssessed,
    ComplaintInvestigated,
    ComplaintRegistered,
    PromiseRenewed,
)
from domain.kernel.calendar import end_of_day
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Role
from domain.kernel.rules import answer_by, blank, broken, deadline_passed, forbid, missing


@command
class RegisterComplaint(Command):
    """登记投诉 · Register a complaint."""

    channel: Channel
    category: str
    matter: str
    content: Personal | None = None
    complainant: Personal | None = None
    contact: Personal | None = None
    household: str | None = None
    home: str | None = None
    priority: str | None = None
    stated_channel: str | None = None
    anonymous: bool = False

    def decide(self, _complaint: None, at: Moment) -> Iterator[Event]:
        """Who and what is written down (§4.2); an anonymous complaint is said to be so, and counts like any other."""
        if self.content is None:
            at.require_evidence(missing("content", "4.2", "请记录投诉内容", "write down what the complaint is about"))
        somebody = self.household or self.home or self.complainant or self.contact
        if not self.anonymous and not somebody:
            at.require_evidence(
                missing(
                    "complainant",
                    "4.2",
                    "请写明投诉人、住户、房号或联系方式，匿名的须注明匿名",
                    "say who complains (name, household, home or contact), or that it is anonymous",
                )
            )
        if self.anonymous and (self.household or self.complainant or self.contact):
            raise broken(
                "anonymous-but-named",
                "4.2",
                "匿名投诉不填住户、姓名和联系方式",
                "an anonymous complaint names no household, name or contact",
                "anonymous",
            )
        hours = at.numbers.integer("complaints.tell_within_hours")
        tell_by = None if at.waived or self.anonymous else at.now + timedelta(hours=hours)
        yield self.to_event(ComplaintRegistered, answer_by=answer_by(at), tell_by=tell_by)


@command
class AssessComplaint(Command):
    """定办法并告知时限 · Decide on a measure and tell the resident by when."""

    promised_by: datetime
    measure: Personal | None = None
    told_at: datetime | None = None
    reason: str | None = None

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """A promise lies after the moment it is given, and the resident has heard it (§4.2).

        A later one says why, is told anew, and is the head's to give when there have been some already. Whom a department
        or the manager's review has given another date is told of it too; it stays with them.
        """
        at.require_evidence(blank(self.measure, "measure", "4.2", "请写明解决办法", "say what will be done"))
        check_told(complaint, self.told_at, at, since=complaint.promised_at)
        at.require_evidence(deadline_passed(self.promised_by, "4.2", at, "promised_by"))
        postponed = put_off(complaint, self.promised_by, self.reason, at, field="promised_by", clause="4.2")
        event = PromiseRenewed if complaint.state in (DISPATCHED, SEVERE) else ComplaintAssessed
        yield self.to_event(event, postponed=postponed, entered_at=entered_at(at))


@command
class ReclassifyComplaint(Command):
    """改类 · Classify the complaint otherwise.

    Complaints are filed by category (§4.8); the first guess may be wrong.
    """

    category: str
    matter: str
    priority: str | None = None
    stated_channel: str | None = None


@command
class TakeUpComplaint(Command):
    """受理投诉 · Take the complaint up.

    Somebody is at work on it (§4.3).
    """

    done_by: str


@command
class InvestigateComplaint(Command):
    """记录调查结果 · Record the findings and the root cause.

    The facts and the root cause 根源 (§4.3).
    """

    findings: Personal
    root_cause: str

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """The facts and the root cause 根源 (§4.3)."""
        forbid(blank(self.root_cause, "root_cause", "4.3", "请写明根源", "say what the root cause is"))
        yield self.to_event(ComplaintInvestigated)


@command
class InformResident(Command):
    """告知住户进展 · Inform the resident of the progress.

    The resident is kept informed (§4.3).
    """

    channel: Channel
    progress: Personal


@command
class NoteComplaintStep(Command):
    """登记投诉办理步骤 · Note another step of the complaint.

    Whatever else was done about it, so that its record is whole (§4.6).
    """

    step: str
    done_by: str | None = None


def entered_at(at: Moment) -> datetime | None:
    """When a telling is written down: one that is entered after its time is not told in time; unknown of another's history."""
    return None if at.waived else at.recorded


def check_told(complaint: Complaint, told_at: datetime | None, at: Moment, *, since: datetime | None = None) -> None:
    """The resident was told, between the last promise (or the beginning) and now; nobody can tell the anonymous (§4.2)."""
    if told_at is None:
        if not complaint.anonymous:
            at.require_evidence(missing("told_at", "4.2", "请记录何时告知住户", "say when the resident was told"))
    elif told_at > at.now:
        at.require_evidence(
            broken("told-in-the-future", "4.2", "告知时间不能晚于现在", "that is yet to come", "told_at")
        )
    elif told_at < (since or complaint.began_at):
        at.require_evidence(
            broken(
                "told-too-early",
                "4.2",
                "告知时间早于投诉登记（重开）或上次承诺",
                "that was before it was registered, opened again or last promised",
                "told_at",
            )
        )


def put_off(
    complaint: Complaint,
    until: datetime,
    reason: str | None,
    at: Moment,
    *,
    field: str,
    clause: str,
    by: tuple[Role, ...] = (Role.DEPARTMENT_HEAD, Role.MANAGER),
) -> bool:
    """Whether this date puts off one that was given, to the resident or a department (§4.2, §4.4).

    Then it has a reason, and beyond so many times or days it is given ``by`` those above. What is opened again before
    anybody asked whether it was solved puts the first date off like a later promise, and had its reason. Nothing is
    promised beyond the cap, counted from the day on which the complaint was registered or opened again.
    """
    days = at.numbers.integer("complaints.promise_within_days")
    if until > end_of_day(at.day_of(complaint.began_at) + timedelta(days=days)):
        at.require_evidence(
            broken(
                "beyond-cap",
                clause,
                f"时限最迟为登记（重开）后{days}天",
                f"no date lies more than {days} days after it began",
                field,
            )
        )
    again = complaint.given_until is None
    given = complaint.first_due_by if again else complaint.given_until
    if given is None or until <= given:
        return False
    if not again and not (reason or "").strip():
        at.require_evidence(
            broken(
                "postponement",
                clause,
                "推迟已定的时限须说明理由",
                "a date that was given is put off with the reason",
                "reason",
            )
        )
    more = timedelta(days=at.numbers.integer("complaints.later_promise_days"))
    often = complaint.postponed >= at.numbers.integer("complaints.later_promises")
    far = not again and until > (complaint.first_due_by or given) + more
    if (often or far) and at.role not in by:
        names = "或".join(role.zh for role in by)
        at.require_evidence(
            broken(
                "postponement",
                clause,
                f"再次或大幅推迟时限须由{names}办理",
                f"to put a date off again, or so far, is for: {', '.join(by)}",
                field,
            )
        )
    return True
