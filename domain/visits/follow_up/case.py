"""What is known of a follow-up 回访 after some of its facts (§5.2). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.kernel.calendar import end_of_day, local_date
from domain.kernel.fact import Case, Fact
from domain.kernel.mending import EntryCorrected
from domain.kernel.people import Role
from domain.visits.follow_up.events import (
    ExitReason,
    FollowUpAssigned,
    FollowUpConducted,
    FollowUpExited,
    FollowUpExitProposed,
    FollowUpExitRefused,
    FollowUpFoundConforming,
    FollowUpFoundNonconforming,
    FollowUpLapsed,
    FollowUpOpened,
    FollowUpRetentionEnded,
    FollowUpReviewMissed,
    FollowUpRoundEnded,
    FollowUpSubmitted,
    FollowUpType,
    FollowUpWindowMissed,
    FollowUpWithdrawn,
    LapseReason,
    Means,
    Mode,
    NonconformitySettled,
    ResidentUnreachable,
    SubmissionMissed,
    VisitAppointed,
)

PLANNED, ASSIGNED, CONDUCTED, SUBMITTED = "planned", "assigned", "conducted", "submitted"
NONCONFORMING, CLOSED, EXITED, LAPSED = "nonconforming", "closed", "exited", "lapsed"
WITHDRAWN = "withdrawn"
WAITING = (PLANNED, ASSIGNED)
"""The states in which the visit is still owed."""
ENDED = (CLOSED, EXITED, LAPSED, WITHDRAWN)
RECORDED = (CONDUCTED, SUBMITTED, NONCONFORMING, CLOSED, EXITED)
"""The states in which there can be a record that is kept, whether or not anybody has reviewed it."""


@dataclass(slots=True, kw_only=True)
class FollowUp(Case):
    """One visit of a chain that goes on until the resident is satisfied or the manager ends it lawfully.

    ``doers`` worked on what is asked about, besides ``origin_responsible``; ``extra`` was planned by a person beside what
    the book owes; ``unasked`` is how many visits in a row fell away before it because the matter was gone about again
    before anybody had asked; ``on_time`` says of a visit at home whether the appointment was kept; ``chain_outcome`` is how the chain
    ended to which a nonconformity led. ``attempts`` are the instants at which the resident was tried in vain, as far as
    they were entered on their own day: later ones do not prove themselves; an
    ``exit_proposed`` waits for another's signature. Shortcomings, suggestions and the resident's words stay sealed.
    """

    CORRECTS = ("household", "home", "quality", "effect", "shortcomings", "suggestions", "comment")
    PAPERS = True

    type: FollowUpType = FollowUpType.OTHER
    opens_on: date | None = None
    closes_on: date | None = None
    origin_kind: str | None = None
    origin_id: str | None = None
    household: str | None = None
    home: str | None = None
    origin_responsible: str | None = None
    doers: tuple[str, ...] = ()
    by_manager: bool = False
    anonymous: bool = False
    extra: bool = False
    unasked: int = 0
    chain: str | None = None
    round: int = 1
    previous: str | None = None
    visitor: str | None = None
    appointed_at: datetime | None = None
    first_appointed_at: datetime | None = None
    unreachable: int = 0
    attempts: tuple[datetime, ...] = ()
    mode: Mode | None = None
    means: Means | None = None
    quality: str | None = None
    effect: str | None = None
    satisfaction: int | None = None
    conforming: bool | None = None
    shortcomings: str | None = None
    suggestions: str | None = None
    resident_signed: bool = False
    conducted_at: datetime | None = None
    recorded_by: tuple[str, ...] = ()
    recorded_by_manager: bool = False
    in_window: bool | None = None
    on_time: bool | None = None
    missed_at: datetime | None = None
    submit_by: datetime | None = None
    submitted_at: datetime | None = None
    submit_missed_at: datetime | None = None
    review_by: datetime | None = None
    review_missed_at: datetime | None = None
    reviewed_at: datetime | None = None
    verdict: str | None = None
    comment: str | None = None
    responsible: str | None = None
    rectify_by: datetime | None = None
    settle_by: date | None = None
    outcome: str | None = None
    chain_outcome: str | None = None
    exit_proposed: ExitReason | None = None
    exit_proposed_by: str | None = None
    exit_words: str | None = None
    exits_refused: int = 0
    exit_reason: ExitReason | None = None
    exit_note: str | None = None
    lapse_reason: LapseReason | None = None
    retained_until: date | None = None
    retention_ended: bool = False
    ended_at: datetime | None = None

    @property
    def window_until(self) -> datetime | None:
        """24:00 of the window's last day, until the visit is made or missed."""
        return end_of_day(self.closes_on) if self.closes_on is not None and self.missed_at is None else None

    @property
    def submission_until(self) -> datetime | None:
        """When the record is to be in the archive, unless that was missed."""
        return self.submit_by if self.submit_missed_at is None else None

    @property
    def review_until(self) -> datetime | None:
        """When the record is to be reviewed, unless that was missed."""
        return self.review_by if self.review_missed_at is None else None

    @property
    def kept_until(self) -> datetime | None:
        """24:00 of the last day for which the record must be kept, until it is flagged for disposal."""
        kept = self.retained_until is not None and not self.retention_ended
        return end_of_day(self.retained_until) if kept and self.retained_until is not None else None

    def stays_behind(self) -> bool:
        """Somebody was asked, or the asking was ended: with whom, only the record can say."""
        return self.state in RECORDED

    @property
    def own_work(self) -> frozenset[str]:
        """Those whose own work it would be 经办人: none of them goes."""
        return frozenset(filter(None, (self.origin_responsible, *self.doers)))


def evolve(visit: FollowUp, fact: Fact) -> None:
    """Fold one fact into the follow-up."""
    match fact.event:
        case FollowUpOpened() as e:
            visit.type, visit.opens_on, visit.closes_on = e.type, e.opens_on, e.closes_on
            visit.origin_kind, visit.origin_id = e.origin_kind, e.origin_id
            visit.household, visit.home, visit.origin_responsible = e.household, e.home, e.responsible
            visit.by_manager, visit.round, visit.chain = e.by_manager, e.round, e.chain or fact.case_id
            visit.doers, visit.previous, visit.anonymous, visit.extra = e.doers, e.previous, e.anonymous, e.extra
            visit.unasked = e.unasked
        case FollowUpAssigned() as e:
            visit.visitor = e.visitor
        case VisitAppointed() as e:
            visit.appointed_at = e.appointed_at
            visit.first_appointed_at = visit.first_appointed_at or e.appointed_at
        case ResidentUnreachable() as e:
            visit.unreachable += 1
            if e.entered_at is None or local_date(e.entered_at) == local_date(fact.occurred_at):
                visit.attempts = (*visit.attempts, fact.occurred_at)
        case FollowUpConducted() as e:
            visit.mode, visit.satisfaction, visit.conforming = e.mode, e.satisfaction, e.conforming
            visit.means, visit.quality, visit.effect = e.means, e.quality, e.effect
            visit.shortcomings, visit.suggestions = e.shortcomings, e.suggestions
            visit.resident_signed, visit.on_time = e.resident_signature is not None, e.on_time
            visit.conducted_at, visit.in_window = fact.occurred_at, e.in_window
            visit.submit_by, visit.retained_until = e.submit_by, e.retained_until
            visit.exit_proposed = visit.exit_proposed_by = visit.exit_words = None
            _recorded(visit, fact)
        case FollowUpWindowMissed() as e:
            visit.missed_at = end_of_day(e.closes_on)
        case FollowUpSubmitted() as e:
            visit.submitted_at, visit.review_by = fact.occurred_at, e.review_by
            _recorded(visit, fact)
        case FollowUpReviewMissed() as e:
            visit.review_missed_at = e.due_at
        case SubmissionMissed() as e:
            visit.submit_missed_at = e.due_at
        case FollowUpFoundConforming() as e:
            visit.reviewed_at, visit.verdict, visit.outcome = fact.occurred_at, "conforming", "satisfied"
            visit.comment, visit.ended_at = e.comment, fact.occurred_at
        case FollowUpFoundNonconforming() as e:
            visit.reviewed_at, visit.verdict, visit.comment = fact.occurred_at, "nonconforming", e.comment
            visit.responsible, visit.rectify_by, visit.settle_by = e.responsible, e.rectify_by, e.settle_by
        case FollowUpRoundEnded() as e:
            visit.outcome, visit.ended_at = "unsatisfied", fact.occurred_at
            visit.doers = tuple(dict.fromkeys((*visit.doers, *e.doers)))
        case NonconformitySettled() as e:
            visit.chain_outcome = e.outcome
        case FollowUpExitProposed() as e:
            visit.exit_proposed, visit.exit_proposed_by, visit.exit_words = e.reason, fact.user_id, e.words
        case FollowUpExitRefused():
            visit.exit_proposed = visit.exit_proposed_by = visit.exit_words = None
            visit.exits_refused += 1
        case FollowUpWithdrawn():
            visit.outcome, visit.ended_at = "withdrawn", fact.occurred_at
        case FollowUpExited() as e:
            visit.outcome, visit.exit_reason, visit.ended_at = "exited", e.reason, fact.occurred_at
            visit.exit_note = e.note
        case FollowUpLapsed() as e:
            visit.outcome, visit.lapse_reason, visit.ended_at = "lapsed", e.reason, fact.occurred_at
        case FollowUpRetentionEnded():
            visit.retention_ended = True
        case EntryCorrected(field="household" | "home") if visit.state in WAITING:
            # Who was tried, and with whom a time was agreed, was somebody else.
            visit.attempts, visit.unreachable = (), 0
            visit.appointed_at = visit.first_appointed_at = None
            visit.exit_proposed = visit.exit_proposed_by = visit.exit_words = None


def _recorded(visit: FollowUp, fact: Fact) -> None:
    """Whoever conducted it and whoever handed it in: neither reviews the record."""
    visit.recorded_by = tuple(dict.fromkeys((*visit.recorded_by, fact.user_id)))
    visit.recorded_by_manager = visit.recorded_by_manager or fact.role is Role.MANAGER


def visit_id(chain: str, number: int) -> str:
    """The id of the follow-up of a chain's round, where another policy must find it again."""
    return f"follow_up-{chain}-{number}"
