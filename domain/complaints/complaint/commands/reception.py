"""Reception of complaints 投诉的接待 (§4.1–4.3): registered, promised, taken up, investigated, the resident kept informed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.complaints.complaint.case import DISPATCHED, SEVERE, Complaint
from domain.complaints.complaint.events import (
    Channel,
    ComplaintAssessed,
    ComplaintRegistered,
    PromiseRenewed,
)
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.rules import answer_by, broken, deadline_passed, missing


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

    def decide(self, _complaint: None, at: Moment) -> Iterator[Event]:
        """Who and what is written down (§4.2); an anonymous complaint counts like any other."""
        if self.content is None:
            at.require_evidence(missing("content", "4.2", "请记录投诉内容", "write down what the complaint is about"))
        yield self.to_event(ComplaintRegistered, answer_by=answer_by(at))


@command
class AssessComplaint(Command):
    """定办法并告知时限 · Decide on a measure and tell the resident by when."""

    promised_by: datetime
    measure: Personal | None = None
    told_at: datetime | None = None

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """A promise lies after the moment it is given, and the resident has heard it (§4.2).

        Whom a department or the manager's review has given another date is told of it too; it stays with them.
        """
        if self.measure is None:
            at.require_evidence(missing("measure", "4.2", "请写明解决办法", "say what will be done"))
        if self.told_at is None:
            at.require_evidence(missing("told_at", "4.2", "请记录何时告知住户", "say when the resident was told"))
        elif self.told_at > at.now:
            at.require_evidence(
                broken("told-in-the-future", "4.2", "告知时间不能晚于现在", "that is yet to come", "told_at")
            )
        elif complaint.opened_at is not None and self.told_at < complaint.opened_at:
            at.require_evidence(
                broken("told-too-early", "4.2", "告知时间早于投诉登记", "that was before it was registered", "told_at")
            )
        at.require_evidence(deadline_passed(self.promised_by, "4.2", at, "promised_by"))
        yield self.to_event(PromiseRenewed if complaint.state in (DISPATCHED, SEVERE) else ComplaintAssessed)


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

    by: str


@command
class InvestigateComplaint(Command):
    """记录调查结果 · Record the findings and the root cause.

    The facts and the root cause 根源 (§4.3).
    """

    findings: Personal
    root_cause: str


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
    by: str | None = None
