"""What can happen to a complaint 投诉 (§4), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from domain.kernel.fact import Event, Personal, event


class Channel(StrEnum):
    """How it reached the office 来源."""

    IN_PERSON = "in-person"  # 来访
    TELEPHONE = "telephone"  # 来电
    LETTER = "letter"  # 来函
    ONLINE = "online"  # 网络

    @property
    def wants_letter(self) -> bool:
        """Letters and calls are answered with a letter 来函、来电须函复 (§4.7)."""
        return self in (Channel.LETTER, Channel.TELEPHONE)


class LinkKind(StrEnum):
    """What kind of case solves a complaint's cause 关联类别. The value is what the form says."""

    REPAIR_ORDER = "repair-order"  # 维修
    RECTIFICATION = "rectification"  # 整改
    DEBT_CASE = "debt-case"  # 欠费

    @property
    def case_kind(self) -> str:
        """The kind of the case, with which its id begins."""
        return _KINDS[self]


_KINDS = {
    LinkKind.REPAIR_ORDER: "repair_order",
    LinkKind.RECTIFICATION: "rectification",
    LinkKind.DEBT_CASE: "debt_case",
}


@event()
class ComplaintRegistered(Event):
    """投诉已登记 · Complaint registered."""

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
    answer_by: datetime | None = None
    anonymous: bool = False
    tell_by: datetime | None = None


@event()
class ComplaintReclassified(Event):
    """投诉已改类 · Complaint classified otherwise."""

    category: str
    matter: str
    priority: str | None = None
    stated_channel: str | None = None


@event(schema=2)
class ComplaintTakenUp(Event):
    """投诉已受理 · Complaint taken up."""

    done_by: str


@event()
class ComplaintAssessed(Event):
    """已定办法并告知时限 · Measure decided and the resident told by when."""

    measure: Personal | None
    promised_by: datetime
    told_at: datetime | None
    reason: str | None = None
    postponed: bool = False
    entered_at: datetime | None = None


@event()
class PromiseRenewed(Event):
    """已向住户另定时限 · The resident told of another time."""

    measure: Personal | None
    promised_by: datetime
    told_at: datetime | None
    reason: str | None = None
    postponed: bool = False
    entered_at: datetime | None = None


@event()
class ComplaintInvestigated(Event):
    """已调查原因 · Investigated to the root cause."""

    findings: Personal
    root_cause: str


@event()
class ResidentInformed(Event):
    """已告知进展 · Resident informed of the progress."""

    channel: Channel
    progress: Personal


@event()
class ComplaintEscalated(Event):
    """已请示部门负责人 · Escalated to the department head."""

    reason: str
    decide_by: datetime | None = None


@event()
class EscalationUnanswered(Event):
    """请示逾期未答复 · The department head has not decided in time."""

    due_at: datetime


@event()
class ComplaintReassigned(Event):
    """已转办 · Handed to somebody else."""

    to: str
    reason: str | None = None


@event()
class ComplaintPaused(Event):
    """等待他方 · Waiting for somebody outside the office."""

    waiting_for: str


@event()
class ComplaintResumed(Event):
    """恢复办理 · Work resumed."""


@event(schema=2)
class ComplaintStepNoted(Event):
    """投诉办理步骤已登记 · Another step of the complaint noted."""

    step: str
    done_by: str | None = None


@event()
class ComplaintDispatched(Event):
    """已派部门限期解决 · Dispatched to a department with a deadline."""

    department: str
    due_by: datetime
    reason: str | None = None
    told_at: datetime | None = None
    postponed: bool = False
    entered_at: datetime | None = None


@event()
class ComplaintDeclaredSevere(Event):
    """已列为较严重投诉 · Declared severe and brought before the manager."""

    reason: str
    review_by: datetime | None = None


@event()
class ComplaintReviewMissed(Event):
    """检讨逾期未组织 · The review of a severe complaint was not held in time."""

    due_at: datetime


@event()
class ComplaintReviewed(Event):
    """已检讨并落实措施 · Review held: measures, responsible person and deadline fixed."""

    measures: str
    responsible: str
    due_by: datetime
    attendees: tuple[str, ...] = ()
    minutes: Personal | None = None
    postponed: bool = False


@event(schema=2)
class ComplaintResolved(Event):
    """投诉已处理 · Complaint handled."""

    result: Personal | None
    done_by: str
    time_stated: bool = True
    on_the_spot: bool = False
    measure: Personal | None = None
    told_at: datetime | None = None
    findings: Personal | None = None
    root_cause: str | None = None
    entered_at: datetime | None = None


@event()
class PromiseMissed(Event):
    """处理时限已过 · The time for handling has passed."""

    due_at: datetime | None


@event()
class ReplyLetterSent(Event):
    """已函复 · Letter of reply sent."""

    recipient: Personal
    text: Personal
    sent_by: Channel


@event()
class ReplyLetterExcused(Event):
    """匿名投诉免函复 · Nobody to whom a letter could go."""

    reason: str


@event()
class ReplyLetterArrived(Event):
    """函复已送达 · Letter of reply arrived."""

    arrived_on: date
    proof: str | None = None


@event()
class ComplaintLinked(Event):
    """投诉已关联事项 · Complaint linked with another case."""

    kind: LinkKind
    case: str


@event()
class ComplaintFollowedUp(Event):
    """回访已有结论 · The follow-up has ended."""

    outcome: str
    follow_up: str


@event()
class ComplaintReopened(Event):
    """投诉已重开 · Complaint opened again."""

    reason: str
    answer_by: datetime | None = None
    follow_up: str | None = None


@event()
class ComplaintArchived(Event):
    """投诉已归档 · Complaint archived."""

    category: str
