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
    ComplaintReviewMissed,
    ComplaintStepNoted,
    ComplaintTakenUp,
    EscalationUnanswered,
    PromiseMissed,
    PromiseRenewed,
    ReplyLetterArrived,
    ReplyLetterExcused,
    ReplyLetterSent,
    ResidentInformed,
)
from domain.kernel.fact import Case, Fact
from domain.kernel.people import Role
from domain.kernel.standing import Verdict

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
    ``first_promised_by`` is the first promise since it was registered or opened again, ``first_due_by`` the first date
    of all, a department's included; ``first_broken``: an earlier first promise was not kept; ``postponed`` counts the
    dates that were put off; ``unasked`` how often in a row it was opened again before anybody had asked whether it was
    solved: the first dates stay until somebody has. ``first_told_at`` is when the resident first heard what will be
    done, ``told_entered_at`` when that was written down, and ``told_by_fact`` by which fact of the case.
    """

    CORRECTS = (
        "category",
        "matter",
        "household",
        "home",
        "priority",
        "content",
        "complainant",
        "contact",
        "measure",
        "result",
        "findings",
        "root_cause",
    )
    PAPERS = True
    DUPLICATES = True
    FINISHED = (FOLLOWED_UP, ARCHIVED)

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
    promised_at: datetime | None = None
    first_promised_by: datetime | None = None
    first_due_by: datetime | None = None
    first_broken: bool = False
    postponed: int = 0
    dispatched_by: datetime | None = None
    told_at: datetime | None = None
    tell_by: datetime | None = None
    first_told_at: datetime | None = None
    told_entered_at: datetime | None = None
    told_by_fact: int = 0
    department: str | None = None
    responsible: str | None = None
    findings: str | None = None
    root_cause: str | None = None
    informed: int = 0
    last_informed_at: datetime | None = None
    resolved_at: datetime | None = None
    done_by: str | None = None
    resolved_stated: bool = True
    on_the_spot: bool = False
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
    decide_by: datetime | None = None
    undecided_at: datetime | None = None
    review_by: datetime | None = None
    review_missed_at: datetime | None = None
    reviewed_at: datetime | None = None
    measures: str | None = None
    attendees: tuple[str, ...] = ()
    waiting_for: str | None = None
    said_to_be_anonymous: bool = False
    reopened: int = 0
    reopened_at: datetime | None = None
    complained_again: int = 0
    unasked: int = 0
    reassigned: int = 0
    steps: int = 0

    @property
    def due_at(self) -> datetime | None:
        """The later of the promised and the dispatched deadline (§4.9); before there is any, the local rule's answer."""
        return self.given_until or self.answer_by

    @property
    def running_until(self) -> datetime | None:
        """The deadline that is still to come true or be missed."""
        return self.due_at if self.missed_at is None else None

    @property
    def deciding_until(self) -> datetime | None:
        """Until when the head decides what was escalated, unless that was missed."""
        return self.decide_by if self.undecided_at is None else None

    @property
    def review_until(self) -> datetime | None:
        """Until when the review of a severe one is held, unless that was missed."""
        return self.review_by if self.review_missed_at is None else None

    @property
    def given_until(self) -> datetime | None:
        """The latest date that the resident or a department was given; None while there is none."""
        return max((due for due in (self.promised_by, self.dispatched_by) if due is not None), default=None)

    @property
    def began_at(self) -> datetime:
        """When the present round of handling began: registered, or opened again."""
        began = self.reopened_at or self.opened_at
        assert began is not None, "a case that is there has been opened"
        return began

    @property
    def told_confirmed(self) -> bool:
        """Whether somebody above has confirmed that the resident was told in time, though it was entered later."""
        told = (entry for entry in self.late_entries if entry.version == self.told_by_fact)
        return bool(self.late_entries) and any(entry.verdict is Verdict.CONFIRMED for entry in told)

    def tells_belatedly(self, fact: Fact) -> datetime | None:
        """A first telling that was in time and is entered after it (§4.2)."""
        told_at: datetime | None = getattr(fact.event, "told_at", None)
        entered_at: datetime | None = getattr(fact.event, "entered_at", None)
        if self.tell_by is None or self.first_told_at is not None or told_at is None or entered_at is None:
            return None
        return told_at if told_at < self.tell_by <= entered_at else None

    @property
    def anonymous(self) -> bool:
        """Whether nobody is known who could be answered or asked 匿名: said to be so, or nobody is named."""
        return self.said_to_be_anonymous or not (self.household or self.home or self.complainant or self.contact)

    @property
    def handlers(self) -> tuple[str, ...]:
        """Those who handled it 经办人: none of them asks whether it is solved."""
        return tuple(dict.fromkeys(filter(None, (self.done_by, self.responsible))))


def evolve(complaint: Complaint, fact: Fact) -> None:
    """Fold one fact into the complaint: data only, the state comes from the table."""
    match fact.event:
        case ComplaintRegistered() as e:
            complaint.channel, complaint.category, complaint.matter = e.channel, e.category, e.matter
            complaint.household, complaint.home, complaint.priority = e.household, e.home, e.priority
            complaint.content, complaint.complainant, complaint.contact = e.content, e.complainant, e.contact
            complaint.stated_channel, complaint.answer_by = e.stated_channel, e.answer_by
            complaint.said_to_be_anonymous, complaint.tell_by = e.anonymous, e.tell_by
        case ComplaintReclassified() as e:
            complaint.category, complaint.matter, complaint.priority = e.category, e.matter, e.priority
            complaint.stated_channel = e.stated_channel
        case ComplaintTakenUp() as e:
            complaint.responsible, complaint.taken_up_at = e.done_by, fact.occurred_at
        case ComplaintAssessed() | PromiseRenewed() as e:
            _begin_term(complaint, fact, e.promised_by, postponed=e.postponed)
            complaint.measure, complaint.promised_by = e.measure, e.promised_by
            complaint.first_promised_by = complaint.first_promised_by or e.promised_by
            complaint.promises, complaint.promised_at = complaint.promises + 1, fact.occurred_at
            _told(complaint, fact, e.told_at, e.entered_at)
            _decided(complaint, fact)
        case ComplaintInvestigated() as e:
            complaint.findings, complaint.root_cause = e.findings, e.root_cause
        case ResidentInformed():
            complaint.informed, complaint.last_informed_at = complaint.informed + 1, fact.occurred_at
        case ComplaintEscalated() as e:
            complaint.escalated, complaint.escalation = True, e.reason
            complaint.decide_by, complaint.undecided_at = e.decide_by, None
        case EscalationUnanswered() as e:
            complaint.undecided_at = e.due_at
        case ComplaintReassigned() as e:
            complaint.responsible, complaint.reassigned = e.to, complaint.reassigned + 1
            _decided(complaint, fact)
        case ComplaintPaused() as e:
            complaint.waiting_for = e.waiting_for
        case ComplaintResumed():
            complaint.waiting_for = None
        case ComplaintStepNoted():
            complaint.steps += 1
        case ComplaintDispatched() as e:
            _begin_term(complaint, fact, e.due_by, postponed=e.postponed)
            complaint.department, complaint.dispatched_by = e.department, e.due_by
            _told(complaint, fact, e.told_at, e.entered_at)
            _decided(complaint, fact)
        case ComplaintDeclaredSevere() as e:
            complaint.severe, complaint.review_by, complaint.review_missed_at = True, e.review_by, None
            _decided(complaint, fact)
        case ComplaintReviewMissed() as e:
            complaint.review_missed_at = e.due_at
        case ComplaintReviewed() as e:
            _begin_term(complaint, fact, e.due_by, postponed=e.postponed)
            complaint.responsible, complaint.dispatched_by, complaint.reviewed_at = (
                e.responsible,
                e.due_by,
                fact.occurred_at,
            )
            complaint.measures, complaint.attendees, complaint.review_by = e.measures, e.attendees, None
        case ComplaintResolved() as e:
            complaint.result, complaint.done_by, complaint.resolved_at = e.result, e.done_by, fact.occurred_at
            complaint.first_resolved_at = complaint.first_resolved_at or fact.occurred_at
            complaint.resolved_stated, complaint.waiting_for, complaint.on_the_spot = e.time_stated, None, e.on_the_spot
            complaint.decide_by = None
            if e.on_the_spot:
                complaint.measure, complaint.findings, complaint.root_cause = e.measure, e.findings, e.root_cause
                _told(complaint, fact, e.told_at, e.entered_at)
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
            complaint.reopened_at = fact.occurred_at
        case ComplaintArchived() as e:
            complaint.category, complaint.archived_at = e.category, fact.occurred_at


def _begin_term(complaint: Complaint, fact: Fact, until: datetime, *, postponed: bool) -> None:
    """Another time for handling is set. What had run out by then stays broken: no later promise mends it."""
    passed = complaint.due_at is not None and fact.occurred_at >= complaint.due_at
    complaint.late = complaint.late or passed or complaint.missed_at is not None
    complaint.missed_at = None
    complaint.first_due_by, complaint.postponed = complaint.first_due_by or until, complaint.postponed + postponed


def _told(complaint: Complaint, fact: Fact, told_at: datetime | None, entered_at: datetime | None) -> None:
    """The resident was told what will be done, and by when (§4.2); the first time is the one that counts."""
    if told_at is not None:
        if complaint.first_told_at is None:
            complaint.told_entered_at, complaint.told_by_fact = entered_at, fact.version
        complaint.told_at, complaint.first_told_at = told_at, complaint.first_told_at or told_at


def _decided(complaint: Complaint, fact: Fact) -> None:
    """What was escalated is decided by whatever the head or the manager then does about it (§4.3)."""
    if fact.role in (Role.DEPARTMENT_HEAD, Role.MANAGER):
        complaint.decide_by = complaint.undecided_at = None


def _begin_anew(complaint: Complaint, again: ComplaintReopened, *, asked: bool) -> None:
    """All that was said of the earlier handling is void, but for the deadline that it may have broken."""
    handled, due = complaint.resolved_at, complaint.due_at
    complaint.late = complaint.late or (handled is not None and due is not None and handled >= due)
    first = complaint.first_promised_by
    complaint.first_broken = complaint.first_broken or (handled is not None and first is not None and handled >= first)
    if asked or complaint.followed_up_at is not None:
        complaint.first_promised_by = complaint.first_due_by = None
        complaint.postponed = complaint.unasked = 0
    else:
        complaint.unasked += 1
    complaint.promised_at, complaint.on_the_spot = None, False
    complaint.measure = complaint.measures = complaint.told_at = complaint.findings = complaint.root_cause = None
    complaint.reopened, complaint.complained_again = complaint.reopened + 1, complaint.complained_again + (not asked)
    complaint.promised_by = complaint.dispatched_by = complaint.missed_at = None
    complaint.resolved_at = complaint.archived_at = complaint.followed_up_at = complaint.outcome = None
    complaint.letter_sent_at = complaint.letter_sent_by = complaint.letter_arrived_on = None
    complaint.letter_excused, complaint.answer_by = False, again.answer_by
    complaint.unsatisfied = again.follow_up or complaint.unsatisfied
