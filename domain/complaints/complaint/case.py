"""What is known of a complaint 投诉 after some of its facts (§4). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.complaints.complaint.events import (
    Channel,
    ComplaintArchived,
    ComplaintAssessed,
    ComplaintDeclaredSevere,
    ComplaintDispatched,
    ComplaintEscalated,
    ComplaintFollowedUp,
    ComplaintInvestigated,
    ComplaintLinked,
    ComplaintPaused,
    ComplaintReassigned,
    ComplaintReclassified,
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintResumed,
    ComplaintReviewed,
    ComplaintStepNoted,
    ComplaintTakenUp,
    PromiseMissed,
    PromiseRenewed,
    ReplyLetterArrived,
    ReplyLetterExcused,
    ReplyLetterSent,
    ResidentInformed,
)
from domain.kernel.fact import Case, Fact

REOPENED, RESOLVED, FOLLOWED_UP, ARCHIVED = "reopened", "resolved", "followed-up", "archived"

REGISTERED, ASSESSED, DISPATCHED, SEVERE = "registered", "assessed", "dispatched", "severe"
OPEN = (REGISTERED, ASSESSED, DISPATCHED, SEVERE, REOPENED)
"""The states in which the matter still waits to be handled."""

ANY = (*OPEN, RESOLVED, FOLLOWED_UP, ARCHIVED)


@dataclass(slots=True, kw_only=True)
class Complaint(Case):
    """What is known of one complaint. Instants are aware; personal fields stay sealed.

    ``late``: a time for handling passed before it was handled, whatever was promised afterwards. ``unsatisfied`` is the
    follow-up that opened it again, until one ends well; ``complained_again`` how often the resident did, unasked.
    """

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
    answer_by: datetime | None = None
    promised_by: datetime | None = None
    promises: int = 0
    dispatched_by: datetime | None = None
    told_at: datetime | None = None
    department: str | None = None
    responsible: str | None = None
    findings: str | None = None
    root_cause: str | None = None
    informed: int = 0
    last_informed_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolved_stated: bool = True
    first_resolved_at: datetime | None = None
    missed_at: datetime | None = None
    ever_missed: bool = False
    late: bool = False
    taken_up_at: datetime | None = None
    stated_channel: str | None = None
    letter_sent_at: datetime | None = None
    letter_sent_by: Channel | None = None
    letter_arrived_on: date | None = None
    letter_excused: bool = False
    links: tuple[str, ...] = ()
    unsatisfied: str | None = None
    followed_up_at: datetime | None = None
    outcome: str | None = None
    archived_at: datetime | None = None
    severe: bool = False
    escalated: bool = False
    escalation: str | None = None
    reviewed_at: datetime | None = None
    measures: str | None = None
    attendees: tuple[str, ...] = ()
    waiting_for: str | None = None
    reopened: int = 0
    complained_again: int = 0
    reassigned: int = 0
    steps: int = 0

    @property
    def due_at(self) -> datetime | None:
        """The later of the promised and the dispatched deadline (§4.9); before there is any, the local rule's answer."""
        given = [due for due in (self.promised_by, self.dispatched_by) if due is not None]
        return max(given, default=self.answer_by)

    @property
    def running_until(self) -> datetime | None:
        """The deadline that is still to come true or be missed."""
        return self.due_at if self.missed_at is None else None

    @property
    def anonymous(self) -> bool:
        """Whether nobody is known who could be answered or asked 匿名."""
        return self.household is None and self.complainant is None and self.contact is None

    @property
    def handlers(self) -> tuple[str, ...]:
        """Those who handled it 经办人: none of them asks whether it is solved."""
        return tuple(dict.fromkeys(filter(None, (self.resolved_by, self.responsible))))


def evolve(complaint: Complaint, fact: Fact) -> None:
    """Fold one fact into the complaint: data only, the state comes from the table."""
    match fact.event:
        case ComplaintRegistered() as e:
            complaint.channel, complaint.category, complaint.matter = e.channel, e.category, e.matter
            complaint.household, complaint.home, complaint.priority = e.household, e.home, e.priority
            complaint.content, complaint.complainant, complaint.contact = e.content, e.complainant, e.contact
            complaint.stated_channel, complaint.answer_by = e.stated_channel, e.answer_by
        case ComplaintReclassified() as e:
            complaint.category, complaint.matter, complaint.priority = e.category, e.matter, e.priority
            complaint.stated_channel = e.stated_channel
        case ComplaintTakenUp() as e:
            complaint.responsible, complaint.taken_up_at = e.by, fact.occurred_at
        case ComplaintAssessed() | PromiseRenewed() as e:
            _begin_term(complaint, fact)
            complaint.measure, complaint.promised_by, complaint.told_at = e.measure, e.promised_by, e.told_at
            complaint.promises += 1
        case ComplaintInvestigated() as e:
            complaint.findings, complaint.root_cause = e.findings, e.root_cause
        case ResidentInformed():
            complaint.informed, complaint.last_informed_at = complaint.informed + 1, fact.occurred_at
        case ComplaintEscalated() as e:
            complaint.escalated, complaint.escalation = True, e.reason
        case ComplaintReassigned() as e:
            complaint.responsible, complaint.reassigned = e.to, complaint.reassigned + 1
        case ComplaintPaused() as e:
            complaint.waiting_for = e.waiting_for
        case ComplaintResumed():
            complaint.waiting_for = None
        case ComplaintStepNoted():
            complaint.steps += 1
        case ComplaintDispatched() as e:
            _begin_term(complaint, fact)
            complaint.department, complaint.dispatched_by = e.department, e.due_by
        case ComplaintDeclaredSevere():
            complaint.severe = True
        case ComplaintReviewed() as e:
            _begin_term(complaint, fact)
            complaint.responsible, complaint.dispatched_by, complaint.reviewed_at = (
                e.responsible,
                e.due_by,
                fact.occurred_at,
            )
            complaint.measures, complaint.attendees = e.measures, e.attendees
        case ComplaintResolved() as e:
            complaint.result, complaint.resolved_by, complaint.resolved_at = e.result, e.resolved_by, fact.occurred_at
            complaint.first_resolved_at = complaint.first_resolved_at or fact.occurred_at
            complaint.resolved_stated, complaint.waiting_for = e.time_stated, None
        case PromiseMissed() as e:
            complaint.missed_at, complaint.ever_missed = e.due_at or fact.occurred_at, True
            # Another system's history says it without saying when it would have been in time.
            complaint.late = complaint.late or complaint.due_at is None
        case ReplyLetterSent() as e:
            complaint.letter_sent_at, complaint.letter_sent_by = fact.occurred_at, e.sent_by
        case ReplyLetterExcused():
            complaint.letter_excused = True
        case ReplyLetterArrived() as e:
            complaint.letter_arrived_on = e.arrived_on
        case ComplaintLinked() as e:
            complaint.links = (*complaint.links, e.case)
        case ComplaintFollowedUp() as e:
            complaint.followed_up_at, complaint.outcome, complaint.unsatisfied = fact.occurred_at, e.outcome, None
        case ComplaintReopened() as e:
            _begin_anew(complaint, e, asked=e.follow_up is not None or fact.imported)
        case ComplaintArchived() as e:
            complaint.category, complaint.archived_at = e.category, fact.occurred_at


def _begin_term(complaint: Complaint, fact: Fact) -> None:
    """Another time for handling is set. What had run out by then stays broken: no later promise mends it."""
    complaint.late = complaint.late or (complaint.due_at is not None and fact.occurred_at >= complaint.due_at)
    complaint.missed_at = None


def _begin_anew(complaint: Complaint, again: ComplaintReopened, *, asked: bool) -> None:
    """All that was said of the earlier handling is void, but for the deadline that it may have broken."""
    handled, due = complaint.resolved_at, complaint.due_at
    complaint.late = complaint.late or (handled is not None and due is not None and handled >= due)
    complaint.reopened, complaint.complained_again = complaint.reopened + 1, complaint.complained_again + (not asked)
    complaint.promised_by = complaint.dispatched_by = complaint.missed_at = None
    complaint.resolved_at = complaint.archived_at = complaint.followed_up_at = complaint.outcome = None
    complaint.letter_sent_at = complaint.letter_sent_by = complaint.letter_arrived_on = None
    complaint.letter_excused, complaint.answer_by = False, again.answer_by
    complaint.unsatisfied = again.follow_up or complaint.unsatisfied
