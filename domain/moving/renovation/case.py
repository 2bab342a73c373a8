"""What is known of a renovation 装修 after some of its facts (§1.4). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time

from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import end_of_day
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Fact
from domain.kernel.rules import broken
from domain.moving.renovation.events import (
    RenovationAbandoned,
    RenovationAccepted,
    RenovationApplied,
    RenovationApproved,
    RenovationBegun,
    RenovationChannel,
    RenovationChecked,
    RenovationDecisionOverdue,
    RenovationDepositPaid,
    RenovationDepositRefunded,
    RenovationExtended,
    RenovationFailedAcceptance,
    RenovationFinished,
    RenovationOverrun,
    RenovationPermitted,
    RenovationRefundOverdue,
    RenovationRejected,
    RenovationStepNoted,
    RenovationStopped,
    RenovationViolationRectified,
    RenovationWithdrawn,
    SiteKeysBack,
    SiteKeysOut,
    WorkerPassIssued,
    WorkerPassLost,
    WorkerPassReturned,
)

APPLIED, APPROVED, SECURED, PERMITTED = "applied", "approved", "deposit-paid", "permitted"
UNDER_WAY, STOPPED, FINISHED, ACCEPTED, SETTLED = "under-way", "stopped", "finished", "accepted", "settled"
ABANDONED = "abandoned"
REJECTED, WITHDRAWN = "rejected", "withdrawn"
ON_SITE = (UNDER_WAY, STOPPED, FINISHED)
"""The states in which workers may be about."""


@dataclass(slots=True, kw_only=True)
class Renovation(Case):
    """What is known of one renovation. ``held_fen`` is the deposit that the office holds for somebody else (fen).

    ``decide_by`` is until when the decision is owed, ``decision_planned_at`` when it was meant to be taken.
    """

    CORRECTS = ("household", "scope", "contractor", "foreman", "phone")
    PAPERS = True

    home: str = ""
    household: str | None = None
    scope: str = ""
    contractor: str | None = None
    foreman: str | None = None
    phone: str | None = None
    channel: RenovationChannel = RenovationChannel.COUNTER
    stated_channel: str | None = None
    planned_from: date | None = None
    planned_until: date | None = None
    decide_by: datetime | None = None
    decision_planned_at: datetime | None = None
    decision_missed_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    wanted_fen: int = 0
    deposit_fen: int = 0
    deposit_at: datetime | None = None
    deposit_method: PaymentMethod | None = None
    refund_method: PaymentMethod | None = None
    held_fen: int = 0
    deducted_fen: int = 0
    refunded_fen: int = 0
    applied_by: str | None = None
    reported_by: str | None = None
    received_by: str | None = None
    receipts: tuple[str, ...] = ()
    permit: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    hours_from: time | None = None
    hours_until: time | None = None
    passes: dict[str, date] = field(default_factory=dict)
    lost_passes: tuple[str, ...] = ()
    key_loans: set[str] = field(default_factory=set)
    begun_at: datetime | None = None
    checks: int = 0
    outside_hours: int = 0
    violations: int = 0
    unrectified: set[int] = field(default_factory=set)
    overrun_at: datetime | None = None
    first_overrun_at: datetime | None = None
    extended: int = 0
    finished_at: datetime | None = None
    accepted_at: datetime | None = None
    abandoned_at: datetime | None = None
    refund_by: datetime | None = None
    refund_missed_at: datetime | None = None
    refunded_at: datetime | None = None
    steps: int = 0
    closed_at: datetime | None = None

    def why_it_stands(self) -> Refusal | None:
        """A deposit that is held is refunded first, and keys of the site come back."""
        if self.held_fen > 0 or self.key_loans:
            return broken(
                "not-settled", "1.4", "押金未退或钥匙未还，不能撤销", "the deposit is held, or keys of the site are out"
            )
        return None

    @property
    def decision_due_at(self) -> datetime | None:
        """The promise of a decision, while it is still to be kept or missed."""
        return self.decide_by if self.decision_missed_at is None else None

    @property
    def permit_ends_at(self) -> datetime | None:
        """24:00 of the permit's last day, while it has not been overrun."""
        return end_of_day(self.valid_until) if self.valid_until is not None and self.overrun_at is None else None

    @property
    def refund_due_at(self) -> datetime | None:
        """Until when the deposit is refunded, while it is still to be kept or missed."""
        return self.refund_by if self.refund_missed_at is None else None


def evolve(work: Renovation, fact: Fact) -> None:
    """Fold one fact into the renovation."""
    match fact.event:
        case RenovationApplied() as e:
            work.home, work.household, work.scope, work.contractor = e.home, e.household, e.scope, e.contractor
            work.foreman, work.phone, work.channel, work.decide_by = e.foreman, e.phone, e.channel, e.decide_by
            work.planned_from, work.planned_until = e.planned_from, e.planned_until
            work.stated_channel, work.decision_planned_at = e.stated_channel, e.decision_planned_at
            work.applied_by = fact.user_id
        case RenovationDecisionOverdue() as e:
            work.decision_missed_at = e.due_at
        case RenovationStepNoted():
            work.steps += 1
        case RenovationApproved() as e:
            work.wanted_fen, work.decided_at, work.decided_by = e.deposit_fen, fact.occurred_at, fact.user_id
        case RenovationRejected():
            work.decided_at, work.decided_by, work.closed_at = fact.occurred_at, fact.user_id, fact.occurred_at
        case RenovationDepositPaid() as e:
            work.held_fen, work.received_by = work.held_fen + e.amount_fen, fact.user_id
            work.deposit_fen, work.deposit_at = work.deposit_fen + e.amount_fen, fact.occurred_at
            work.deposit_method = e.method
            _note_receipt(work, e.receipt)
        case RenovationPermitted() as e:
            work.permit, work.valid_from, work.valid_until = e.permit, e.valid_from, e.valid_until
            work.hours_from, work.hours_until = e.hours_from, e.hours_until
        case WorkerPassIssued() as e:
            work.passes[e.number] = e.valid_until
        case WorkerPassReturned() as e:
            work.passes.pop(e.number, None)
        case WorkerPassLost() as e:
            work.passes.pop(e.number, None)
            work.lost_passes = (*work.lost_passes, e.number)
        case SiteKeysOut() as e:
            work.key_loans.add(e.loan)
        case SiteKeysBack() as e:
            work.key_loans.discard(e.loan)
        case RenovationBegun():
            work.begun_at = fact.occurred_at
        case RenovationChecked() as e:
            work.checks += 1
            work.outside_hours += e.at_work_outside_hours
        case RenovationStopped() as e:
            work.violations += 1
            work.unrectified.add(e.violation)
        case RenovationViolationRectified() as e:
            work.unrectified.discard(e.violation)
        case RenovationOverrun() as e:
            work.overrun_at, work.first_overrun_at = e.due_at, work.first_overrun_at or e.due_at
        case RenovationExtended() as e:
            work.valid_until, work.overrun_at, work.extended = e.valid_until, None, work.extended + 1
        case RenovationFinished():
            work.finished_at, work.reported_by = fact.occurred_at, fact.user_id
        case RenovationFailedAcceptance():
            work.finished_at = None
        case RenovationAbandoned() as e:
            work.abandoned_at, work.refund_by = fact.occurred_at, e.refund_by
        case RenovationAccepted() as e:
            work.accepted_at, work.refund_by = fact.occurred_at, e.refund_by
        case RenovationRefundOverdue() as e:
            work.refund_missed_at = e.due_at
        case RenovationDepositRefunded() as e:
            work.refunded_fen, work.deducted_fen, work.held_fen = e.refunded_fen, e.deducted_fen, 0
            work.refund_method = e.method
            work.refunded_at = work.closed_at = fact.occurred_at
            _note_receipt(work, e.receipt)
        case RenovationWithdrawn() as e:
            work.refunded_fen, work.held_fen, work.closed_at = e.refunded_fen, 0, fact.occurred_at
            work.refund_method = e.method


def _note_receipt(work: Renovation, number: str | None) -> None:
    if number is not None:
        work.receipts = (*work.receipts, number)
