"""What is known of a rectification 整改 after some of its facts (§1.1). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from domain.kernel.fact import Case, Fact
from domain.rounds.rectification.events import (
    RectificationAssigned,
    RectificationClosed,
    RectificationDone,
    RectificationEndedWithComplaint,
    RectificationFound,
    RectificationOrdered,
    RectificationOverdue,
    RectificationReopened,
    RectificationVerified,
    RectificationWithdrawn,
    Severity,
)

FOUND, ASSIGNED, REOPENED, DONE = "found", "assigned", "reopened", "done"
VERIFIED, CLOSED, WITHDRAWN = "verified", "closed", "withdrawn"
UNDONE = (FOUND, ASSIGNED, REOPENED)
"""The states in which the work itself is still to be done."""


@dataclass(slots=True, kw_only=True)
class Rectification(Case):
    """What is known of one rectification. ``origin_*`` name what opened it: kind, case id and item within it.

    ``missed_at`` is the breach of the deadline in force, ``first_missed_at`` the first there ever was, noted or not.
    """

    CORRECTS = ("matter", "household", "home", "department", "details", "result", "findings")
    PAPERS = True

    matter: str = ""
    severity: Severity = Severity.ORDINARY
    origin_kind: str | None = None
    origin_id: str | None = None
    origin_item: str | None = None
    home: str | None = None
    household: str | None = None
    department: str | None = None
    details: str | None = None
    found_by: str | None = None
    responsible: str | None = None
    due_by: datetime | None = None
    postponed: int = 0
    missed_at: datetime | None = None
    first_missed_at: datetime | None = None
    assigned_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    doers: set[str] = field(default_factory=set)
    result: str | None = None
    findings: str | None = None
    verified_at: datetime | None = None
    verified_by: str | None = None
    closed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    reopened: int = 0

    @property
    def running_until(self) -> datetime | None:
        """The deadline that is still to be kept or missed."""
        return self.due_by if self.missed_at is None else None

    def stays_behind(self) -> bool:
        """What was put right was put right where it says."""
        return self.state in (DONE, VERIFIED, CLOSED)


def rectification_id(visit: str) -> str:
    """The id of the rectification of what a follow-up found, where another policy must find it again."""
    return f"rectification-{visit}"


def evolve(work: Rectification, fact: Fact) -> None:
    """Fold one fact into the rectification: data only, the state comes from the table."""
    match fact.event:
        case RectificationFound() | RectificationOrdered() as e:
            work.matter, work.severity, work.due_by, work.details = e.matter, e.severity, e.due_by, e.details
            work.origin_kind, work.origin_id, work.origin_item = e.origin_kind, e.origin_id, e.origin_item
            work.home, work.household, work.department = e.home, e.household, e.department
            work.found_by = fact.user_id
            if isinstance(e, RectificationOrdered):
                work.responsible, work.assigned_at = e.responsible, fact.occurred_at
        case RectificationAssigned() as e:
            work.responsible, work.department = e.responsible, e.department or work.department
            work.assigned_at, work.postponed = fact.occurred_at, work.postponed + e.postponed
            _breached(work, fact)
            if e.due_by != work.due_by:
                work.due_by, work.missed_at = e.due_by, None
        case RectificationOverdue() as e:
            work.missed_at, work.first_missed_at = e.due_at, work.first_missed_at or e.due_at
        case RectificationDone() as e:
            _breached(work, fact)
            work.done_by, work.done_at, work.result = e.done_by, fact.occurred_at, e.result
            work.doers |= {e.done_by, fact.user_id}
        case RectificationVerified() as e:
            work.verified_at, work.verified_by, work.findings = fact.occurred_at, fact.user_id, e.findings
        case RectificationReopened() as e:
            _breached(work, fact)  # what was said to be done was not: its deadline passed all the same
            work.reopened, work.findings = work.reopened + 1, e.findings
            work.due_by, work.missed_at, work.done_at, work.done_by = e.due_by, None, None, None
            work.result = None
        case RectificationClosed():
            work.closed_at = fact.occurred_at
        case RectificationWithdrawn() | RectificationEndedWithComplaint():
            work.withdrawn_at = fact.occurred_at


def _breached(work: Rectification, fact: Fact) -> None:
    """A deadline that had passed was missed, though its clock had not come round to say so."""
    if work.due_by is not None and fact.occurred_at >= work.due_by:
        work.first_missed_at = work.first_missed_at or work.due_by
