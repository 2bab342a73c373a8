"""Complaint 投诉 (§4): from the first word to the archive, with the promise in between.

*Handled* 处理, *satisfied* 满意 and *closed* 归档 are three different dates. A complaint can be archived only after a
follow-up that ended well or lawfully; an unsatisfied one opens it again, and then it counts again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import Refusal, RuleBroken
from domain.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.lifecycle import SAME, Lifecycle, deadline, step
from domain.people import Role

REGISTERED, ASSESSED, DISPATCHED, SEVERE = "registered", "assessed", "dispatched", "severe"
REOPENED, RESOLVED, FOLLOWED_UP, ARCHIVED = "reopened", "resolved", "followed-up", "archived"
OPEN = (REGISTERED, ASSESSED, DISPATCHED, SEVERE, REOPENED)
"""The states in which the matter still waits to be handled."""


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


# -- events ----------------------------------------------------------------------------------------------------------


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


@event()
class ComplaintAssessed(Event):
    """已定办法并告知时限 · Measure decided and the resident told by when."""

    measure: Personal | None
    promised_by: datetime
    told_at: datetime | None


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


@event()
class ComplaintDispatched(Event):
    """已派部门限期解决 · Dispatched to a department with a deadline."""

    department: str
    due_by: datetime


@event()
class ComplaintDeclaredSevere(Event):
    """已列为较严重投诉 · Declared severe and brought before the manager."""

    reason: str


@event()
class ComplaintReviewed(Event):
    """已检讨并落实措施 · Review held: measures, responsible person and deadline fixed."""

    measures: str
    responsible: str
    due_by: datetime


@event()
class ComplaintResolved(Event):
    """投诉已处理 · Complaint handled."""

    result: Personal | None
    resolved_by: str


@event()
class PromiseMissed(Event):
    """承诺时限已过 · The promised time has passed."""

    due_at: datetime


@event()
class ReplyLetterSent(Event):
    """已函复 · Letter of reply sent."""

    recipient: Personal
    text: Personal
    sent_by: Channel


@event()
class ComplaintFollowedUp(Event):
    """回访已有结论 · The follow-up has ended."""

    outcome: str
    follow_up: str


@event()
class ComplaintReopened(Event):
    """投诉已重开 · Complaint opened again."""

    reason: str


@event()
class ComplaintArchived(Event):
    """投诉已归档 · Complaint archived."""

    category: str


# -- the case --------------------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Complaint(Case):
    """What is known of one complaint. Instants are aware; personal fields stay sealed."""

    channel: Channel = Channel.IN_PERSON
    category: str = ""
    matter: str = ""
    household: str | None = None
    home: str | None = None
    priority: str | None = None
    content: str | None = None
    complainant: str | None = None
    contact: str | None = None
    measure: str | None = None
    result: str | None = None
    promised_by: datetime | None = None
    dispatched_by: datetime | None = None
    told_at: datetime | None = None
    department: str | None = None
    responsible: str | None = None
    root_cause: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    first_resolved_at: datetime | None = None
    missed_at: datetime | None = None
    letter_sent_at: datetime | None = None
    followed_up_at: datetime | None = None
    outcome: str | None = None
    archived_at: datetime | None = None
    severe: bool = False
    escalated: bool = False
    waiting_for: str | None = None
    reopened: int = 0
    reassigned: int = 0

    @property
    def due_at(self) -> datetime | None:
        """The later of the promised and the dispatched deadline (§4.9)."""
        given = [due for due in (self.promised_by, self.dispatched_by) if due is not None]
        return max(given, default=None)

    @property
    def running_until(self) -> datetime | None:
        """The deadline that is still to come true or be missed."""
        return self.due_at if self.missed_at is None else None


def evolve(complaint: Complaint, fact: Fact) -> None:
    """Fold one fact into the complaint: data only, the state comes from the table."""
    match fact.event:
        case ComplaintRegistered() as e:
            complaint.channel, complaint.category, complaint.matter = e.channel, e.category, e.matter
            complaint.household, complaint.home, complaint.priority = e.household, e.home, e.priority
            complaint.content, complaint.complainant, complaint.contact = e.content, e.complainant, e.contact
        case ComplaintAssessed() as e:
            complaint.measure, complaint.promised_by, complaint.told_at = e.measure, e.promised_by, e.told_at
            complaint.missed_at = None
        case ComplaintInvestigated() as e:
            complaint.root_cause = e.root_cause
        case ComplaintEscalated():
            complaint.escalated = True
        case ComplaintReassigned() as e:
            complaint.responsible, complaint.reassigned = e.to, complaint.reassigned + 1
        case ComplaintPaused() as e:
            complaint.waiting_for = e.waiting_for
        case ComplaintResumed():
            complaint.waiting_for = None
        case ComplaintDispatched() as e:
            complaint.department, complaint.dispatched_by, complaint.missed_at = e.department, e.due_by, None
        case ComplaintDeclaredSevere():
            complaint.severe = True
        case ComplaintReviewed() as e:
            complaint.responsible, complaint.dispatched_by, complaint.missed_at = e.responsible, e.due_by, None
        case ComplaintResolved() as e:
            complaint.result, complaint.resolved_by, complaint.resolved_at = e.result, e.resolved_by, fact.occurred_at
            complaint.first_resolved_at = complaint.first_resolved_at or fact.occurred_at
            complaint.waiting_for = None
        case PromiseMissed() as e:
            complaint.missed_at = e.due_at
        case ReplyLetterSent():
            complaint.letter_sent_at = fact.occurred_at
        case ComplaintFollowedUp() as e:
            complaint.followed_up_at, complaint.outcome = fact.occurred_at, e.outcome
        case ComplaintReopened():
            complaint.reopened += 1
            complaint.promised_by = complaint.dispatched_by = complaint.missed_at = None
            complaint.resolved_at = complaint.archived_at = complaint.followed_up_at = complaint.outcome = None
            complaint.letter_sent_at = None
        case ComplaintArchived() as e:
            complaint.category, complaint.archived_at = e.category, fact.occurred_at


# -- commands --------------------------------------------------------------------------------------------------------


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

    def decide(self, _complaint: None, at: Moment) -> Iterator[Event]:
        """Who and what is written down (§4.2); an anonymous complaint counts like any other."""
        if self.content is None:
            at.lacks(_missing("content", "4.2", "请记录投诉内容", "write down what the complaint is about"))
        yield ComplaintRegistered(
            channel=self.channel,
            category=self.category,
            matter=self.matter,
            content=self.content,
            complainant=self.complainant,
            contact=self.contact,
            household=self.household,
            home=self.home,
            priority=self.priority,
        )


@command
class AssessComplaint(Command):
    """定办法并告知时限 · Decide on a measure and tell the resident by when."""

    promised_by: datetime
    measure: Personal | None = None
    told_at: datetime | None = None

    def decide(self, _complaint: Complaint, at: Moment) -> Iterator[Event]:
        """A promise lies after the moment it is given, and the resident has heard it (§4.2)."""
        if self.measure is None:
            at.lacks(_missing("measure", "4.2", "请写明解决办法", "say what will be done"))
        if self.told_at is None:
            at.lacks(_missing("told_at", "4.2", "请记录何时告知住户", "say when the resident was told"))
        _after(self.promised_by, at, "promised_by", "4.2")
        yield ComplaintAssessed(measure=self.measure, promised_by=self.promised_by, told_at=self.told_at)


@command
class InvestigateComplaint(Command):
    """记录调查结果 · Record the findings and the root cause."""

    findings: Personal
    root_cause: str

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """The facts and the root cause 根源 (§4.3)."""
        yield ComplaintInvestigated(findings=self.findings, root_cause=self.root_cause)


@command
class InformResident(Command):
    """告知住户进展 · Inform the resident of the progress."""

    channel: Channel
    progress: Personal

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """The resident is kept informed (§4.3)."""
        yield ResidentInformed(channel=self.channel, progress=self.progress)


@command
class EscalateComplaint(Command):
    """请示部门负责人 · Escalate to the department head."""

    reason: str

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """What exceeds one's powers goes up at once (§4.3)."""
        yield ComplaintEscalated(reason=self.reason)


@command
class ReassignComplaint(Command):
    """转办投诉 · Hand the complaint to somebody else."""

    to: str
    reason: str | None = None

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Who is responsible now (§4.4)."""
        yield ComplaintReassigned(to=self.to, reason=self.reason)


@command
class PauseComplaint(Command):
    """登记等待他方 · Wait for somebody outside the office."""

    waiting_for: str

    def decide(self, complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Waiting is shown, and does not stop the promise (§4.3)."""
        if complaint.waiting_for == self.waiting_for:
            raise RuleBroken(
                "already-waiting", "4.3", zh="已登记为等待该方", en="it waits for them already", field="waiting_for"
            )
        yield ComplaintPaused(waiting_for=self.waiting_for)


@command
class ResumeComplaint(Command):
    """恢复办理 · Resume work on the complaint."""

    @staticmethod
    def ready(complaint: Complaint) -> Refusal | None:
        """Only what waits can be resumed."""
        if complaint.waiting_for is None:
            return RuleBroken("not-waiting", "4.3", zh="并未在等待他方", en="it does not wait for anybody")
        return None

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Work goes on (§4.3)."""
        yield ComplaintResumed()


@command
class DispatchComplaint(Command):
    """派部门限期解决 · Dispatch to a department with a deadline."""

    department: str
    due_by: datetime

    def decide(self, _complaint: Complaint, at: Moment) -> Iterator[Event]:
        """The head tells the department concerned to solve it by a deadline (§4.4)."""
        _after(self.due_by, at, "due_by", "4.4")
        yield ComplaintDispatched(department=self.department, due_by=self.due_by)


@command
class DeclareComplaintSevere(Command):
    """列为较严重投诉 · Declare the complaint severe."""

    reason: str

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Severe complaints go to the manager (§4.4)."""
        yield ComplaintDeclaredSevere(reason=self.reason)


@command
class ReviewComplaint(Command):
    """组织检讨 · Hold the review of a severe complaint."""

    measures: str
    responsible: str
    due_by: datetime

    def decide(self, _complaint: Complaint, at: Moment) -> Iterator[Event]:
        """Measures, a responsible person and a deadline (§4.4)."""
        _after(self.due_by, at, "due_by", "4.4")
        yield ComplaintReviewed(measures=self.measures, responsible=self.responsible, due_by=self.due_by)


@command
class ResolveComplaint(Command):
    """报告处理结果 · Report the result."""

    resolved_by: str
    result: Personal | None = None

    def decide(self, _complaint: Complaint, at: Moment) -> Iterator[Event]:
        """The result goes into the complaint record (§4.5, §4.6)."""
        if self.result is None:
            at.lacks(_missing("result", "4.6", "请填写处理结果", "write down the result"))
        yield ComplaintResolved(result=self.result, resolved_by=self.resolved_by)


@command
class MissPromise(Command):
    """承诺时限已过 · Note that the promised time has passed."""

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which the promise ended (§4.9)."""
        yield PromiseMissed(due_at=complaint.due_at or at.now)


@command
class SendReplyLetter(Command):
    """函复住户 · Send the letter of reply."""

    recipient: Personal
    text: Personal
    sent_by: Channel = Channel.LETTER

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Findings, solution and an apology, as a letter (§4.7)."""
        yield ReplyLetterSent(recipient=self.recipient, text=self.text, sent_by=self.sent_by)


@command
class ConcludeComplaintFollowUp(Command):
    """记入回访结论 · Take over the outcome of the follow-up."""

    outcome: str
    follow_up: str

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Every beginning has an end 做到有始有终 (§4.5)."""
        yield ComplaintFollowedUp(outcome=self.outcome, follow_up=self.follow_up)


@command
class ReopenComplaint(Command):
    """重开投诉 · Open the complaint again."""

    reason: str

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """What does not satisfy is not finished (§4.5)."""
        yield ComplaintReopened(reason=self.reason)


@command
class ArchiveComplaint(Command):
    """归类存档 · Archive by category."""

    category: str | None = None

    @staticmethod
    def ready(complaint: Complaint) -> Refusal | None:
        """Followed up first (§4.5); letters and calls are answered by letter before the file is closed (§4.7)."""
        if complaint.state == RESOLVED:
            return RuleBroken(
                "follow-up-missing", "4.5", zh="须先回访至满意再归档", en="it is followed up to satisfaction first"
            )
        if complaint.channel.wants_letter and complaint.letter_sent_at is None:
            return RuleBroken(
                "letter-missing", "4.7", zh="来函、来电投诉须先函复再归档", en="a letter or call is answered by letter first"
            )
        return None

    def decide(self, complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Filed by category, so that it does not happen again (§4.8)."""
        yield ComplaintArchived(category=self.category or complaint.category)


def _missing(field: str, clause: str, zh: str, en: str) -> RuleBroken:
    return RuleBroken(f"{field.replace('_', '-')}-missing", clause, zh=zh, en=en, field=field)


def _after(due: datetime, at: Moment, field: str, clause: str) -> None:
    if due <= at.now:
        at.lacks(
            RuleBroken("deadline-passed", clause, zh="时限须晚于当前办理时间", en="the deadline must lie ahead", field=field)
        )


# -- the table -------------------------------------------------------------------------------------------------------

_ADMINISTRATOR, _HEAD, _MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER
_HANDLERS = (_ADMINISTRATOR, _HEAD, _MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=Complaint, kind="complaint", path="complaints", zh="投诉", en="complaint", clauses="4", evolve=evolve,
    subject=lambda complaint: complaint.household,
    states={
        REGISTERED: ("已登记", "registered"), ASSESSED: ("已承诺", "assessed"), DISPATCHED: ("已派办", "dispatched"),
        SEVERE: ("待检讨", "severe"), REOPENED: ("已重开", "reopened"), RESOLVED: ("已处理", "resolved"),
        FOLLOWED_UP: ("已回访", "followed up"), ARCHIVED: ("已归档", "archived"),
    },
    final=[ARCHIVED],
    steps=[  # command               event                    from                        to           who                  clause
        step(RegisterComplaint,      ComplaintRegistered,     None,                       REGISTERED,  [_ADMINISTRATOR, _HEAD, _MANAGER], "4.2"),
        step(AssessComplaint,        ComplaintAssessed,       (REGISTERED, ASSESSED, REOPENED), ASSESSED, _HANDLERS,        "4.2"),
        step(InvestigateComplaint,   ComplaintInvestigated,   OPEN,                       SAME,        _HANDLERS,           "4.3"),
        step(InformResident,         ResidentInformed,        (*OPEN, RESOLVED),          SAME,        _HANDLERS,           "4.3"),
        step(EscalateComplaint,      ComplaintEscalated,      OPEN,                       SAME,        [_ADMINISTRATOR],    "4.3"),
        step(ReassignComplaint,      ComplaintReassigned,     (*OPEN, RESOLVED),          SAME,        _HANDLERS,           "4.4"),
        step(PauseComplaint,         ComplaintPaused,         OPEN,                       SAME,        _HANDLERS,           "4.3"),
        step(ResumeComplaint,        ComplaintResumed,        OPEN,                       SAME,        _HANDLERS,           "4.3"),
        step(DispatchComplaint,      ComplaintDispatched,     (REGISTERED, ASSESSED, DISPATCHED, REOPENED), DISPATCHED, [_HEAD, _MANAGER], "4.4"),
        step(DeclareComplaintSevere, ComplaintDeclaredSevere, (REGISTERED, ASSESSED, DISPATCHED, REOPENED), SEVERE, [_HEAD, _MANAGER], "4.4"),
        step(ReviewComplaint,        ComplaintReviewed,       SEVERE,                     DISPATCHED,  [_MANAGER],          "4.4"),
        step(ResolveComplaint,       ComplaintResolved,       (REGISTERED, ASSESSED, DISPATCHED, REOPENED), RESOLVED, _HANDLERS, "4.5"),
        step(MissPromise,            PromiseMissed,           OPEN,                       SAME,        [Role.CLOCK],        "4.9"),
        step(SendReplyLetter,        ReplyLetterSent,         (RESOLVED, FOLLOWED_UP),    SAME,        _HANDLERS,           "4.7"),
        step(ConcludeComplaintFollowUp, ComplaintFollowedUp,  RESOLVED,                   FOLLOWED_UP, [Role.POLICY],       "4.5"),
        step(ReopenComplaint,        ComplaintReopened,       (RESOLVED, FOLLOWED_UP, ARCHIVED), REOPENED, [*_HANDLERS, Role.POLICY], "4.5"),
        step(ArchiveComplaint,       ComplaintArchived,       (RESOLVED, FOLLOWED_UP),    ARCHIVED,    _HANDLERS,           "4.8"),
    ],
    deadlines=[
        deadline("promise", OPEN, due=lambda complaint: complaint.running_until, gives=MissPromise, clause="4.9",
                 zh="按承诺时限处理投诉", en="handle the complaint by the promised time"),
    ],
)
# fmt: on
