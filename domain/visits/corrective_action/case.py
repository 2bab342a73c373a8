"""What is known of a corrective action 不合格服务控制、纠正和预防措施 after some of its facts (§5.2.5(6)). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.kernel.calendar import end_of_day
from domain.kernel.fact import Case, Fact
from domain.visits.corrective_action.events import (
    ActionFoundEffective,
    ActionFoundIneffective,
    ActionVerificationOverdue,
    CauseAnalysed,
    CorrectiveActionClosed,
    CorrectiveActionOpened,
    CorrectiveActionOverdue,
    DetectionKind,
    MeasuresApproved,
    MeasuresCarriedOut,
    MeasuresProposed,
    Procedure,
)

OPENED, ANALYSED, PROPOSED, APPROVED = "opened", "analysed", "proposed", "approved"
CARRIED_OUT, EFFECTIVE, CLOSED = "carried-out", "effective", "closed"
UNDONE = (OPENED, ANALYSED, PROPOSED, APPROVED)


@dataclass(slots=True, kw_only=True)
class CorrectiveAction(Case):
    """What is known of one action. ``cases`` are those from which it was detected."""

    CORRECTS = ("matter", "household", "home", "cause", "measures", "result", "evidence")

    procedure: Procedure = Procedure.CORRECTIVE
    matter: str = ""
    detection: DetectionKind | None = None
    cases: tuple[str, ...] = ()
    review: str | None = None
    household: str | None = None
    home: str | None = None
    due_by: datetime | None = None
    missed_at: datetime | None = None
    first_missed_at: datetime | None = None
    cause: str | None = None
    measures: str | None = None
    responsible: str | None = None
    proposed_by: str | None = None
    approved_by: str | None = None
    result: str | None = None
    verify_from: date | None = None
    verify_by: date | None = None
    verify_missed_at: datetime | None = None
    carried_out_at: datetime | None = None
    carried_out_by: str | None = None
    verified_at: datetime | None = None
    evidence: str | None = None
    ineffective: int = 0
    closed_at: datetime | None = None

    @property
    def running_until(self) -> datetime | None:
        """The deadline that is still to be kept or missed."""
        return self.due_by if self.missed_at is None else None

    @property
    def verification_until(self) -> datetime | None:
        """24:00 of the last day on which the effect is verified in time, while that is still to be kept or missed."""
        wanted = self.verify_by is not None and self.verify_missed_at is None
        return end_of_day(self.verify_by) if wanted and self.verify_by is not None else None


def evolve(action: CorrectiveAction, fact: Fact) -> None:
    """Fold one fact into the action."""
    match fact.event:
        case CorrectiveActionOpened() as e:
            action.procedure, action.matter, action.detection, action.due_by = (
                e.procedure,
                e.matter,
                e.detection,
                e.due_by,
            )
            action.cases, action.review, action.household, action.home = e.cases, e.review, e.household, e.home
        case CauseAnalysed() as e:
            action.cause = e.cause
        case MeasuresProposed() as e:
            action.measures, action.responsible, action.proposed_by = e.measures, e.responsible, fact.user_id
            if e.due_by != action.due_by:
                action.due_by, action.missed_at = e.due_by, None
        case MeasuresApproved():
            action.approved_by = fact.user_id
        case MeasuresCarriedOut() as e:
            action.result, action.verify_from, action.carried_out_at = e.result, e.verify_from, fact.occurred_at
            action.verify_by, action.carried_out_by, action.verify_missed_at = e.verify_by, fact.user_id, None
        case CorrectiveActionOverdue() as e:
            action.missed_at, action.first_missed_at = e.due_at, action.first_missed_at or e.due_at
        case ActionVerificationOverdue() as e:
            action.verify_missed_at = e.due_at
        case ActionFoundEffective() as e:
            action.verified_at, action.evidence = fact.occurred_at, e.evidence
        case ActionFoundIneffective() as e:
            action.ineffective, action.due_by, action.missed_at = action.ineffective + 1, e.due_by, None
            action.evidence, action.result, action.carried_out_at = e.evidence, None, None
        case CorrectiveActionClosed():
            action.closed_at = fact.occurred_at
