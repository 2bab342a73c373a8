"""What is known of a repair order 维修单 after some of its facts (§1.11, §5.2.B). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from domain.complaints.complaint.events import Channel
from domain.kernel.fact import Case, Fact
from domain.rounds.repair_order.events import (
    ClientInformed,
    RepairAccepted,
    RepairClassified,
    RepairClosed,
    RepairCompleted,
    RepairDeclined,
    RepairDispatched,
    RepairFinished,
    RepairFollowedUp,
    RepairNotDispatched,
    RepairOverdue,
    RepairRaised,
    RepairReturned,
    RepairSampled,
    RepairStarted,
    RepairVisited,
    SurveyBegun,
)

RAISED, DISPATCHED, STARTED, COMPLETED, RETURNED = "raised", "dispatched", "started", "completed", "returned"
ACCEPTED, CLOSED, DECLINED, CANCELLED = "accepted", "closed", "declined", "cancelled"
OPEN = (RAISED, DISPATCHED, STARTED, RETURNED)
"""The states in which the repair is still owed."""


@dataclass(slots=True, kw_only=True)
class RepairOrder(Case):
    """What is known of one repair order. ``surveyed_at`` is when the survey began; ``fee_fen`` is fen.

    ``follow_up_by`` is the last day on which its resident can be asked in time; ``visited_at`` when that was done;
    ``unasked`` how often in a row it was drawn and returned before anybody had asked.
    """

    CORRECTS = ("fault_kind", "description", "household", "home", "common_area", "raised_by", "priority")
    PAPERS = True
    DUPLICATES = True
    FINISHED = (CLOSED, DECLINED, CANCELLED)

    channel: Channel = Channel.IN_PERSON
    stated_channel: str | None = None
    fault_kind: str | None = None
    description: str | None = None
    household: str | None = None
    home: str | None = None
    common_area: str | None = None
    raised_by: str | None = None
    priority: str | None = None
    opening_known: bool = True
    worker: str | None = None
    hands: tuple[str, ...] = ()
    due_by: datetime | None = None
    missed_at: datetime | None = None
    dispatch_by: datetime | None = None
    not_dispatched_at: datetime | None = None
    dispatched_at: datetime | None = None
    surveyed_at: datetime | None = None
    repair_starts: int = 0
    means: list[str] = field(default_factory=list)
    started_at: datetime | None = None
    completed_at: datetime | None = None
    done_by: str | None = None
    follow_up_by: date | None = None
    informed_at: datetime | None = None
    accepted_at: datetime | None = None
    unsigned_reason: str | None = None
    closed_at: datetime | None = None
    declined: bool = False
    returned: int = 0
    fee_fen: int | None = None
    sample: str | None = None
    sample_week: str | None = None
    visited_at: datetime | None = None
    unasked: int = 0
    outcome: str | None = None
    followed_up_at: datetime | None = None

    @property
    def running_until(self) -> datetime | None:
        """The deadline that is still to come true or be missed."""
        return self.due_by if self.missed_at is None else None

    @property
    def dispatching_until(self) -> datetime | None:
        """Until when somebody is sent with a date, while there is none and that was not missed."""
        wanted = self.due_by is None and self.completed_at is None
        return self.dispatch_by if wanted and self.not_dispatched_at is None else None

    @property
    def undispatched_since(self) -> datetime | None:
        """Since when a date has been owed, while there is still none."""
        return self.not_dispatched_at if self.due_by is None else None

    @property
    def doers(self) -> tuple[str, ...]:
        """To whom it was dispatched and who laid hands on it 经办人: none of them asks how it was."""
        return tuple(dict.fromkeys(filter(None, (self.worker, *self.hands))))


def evolve(order: RepairOrder, fact: Fact) -> None:
    """Fold one fact into the repair order."""
    match fact.event:
        case RepairRaised() as e:
            order.channel, order.stated_channel, order.fault_kind = e.channel, e.stated_channel, e.fault_kind
            order.description, order.household, order.home = e.description, e.household, e.home
            order.common_area, order.priority, order.opening_known = e.common_area, e.priority, e.opening_known
            order.raised_by, order.dispatch_by = e.raised_by, e.dispatch_by
        case RepairNotDispatched() as e:
            order.not_dispatched_at = e.due_at
        case RepairClassified() as e:
            order.fault_kind, order.home = e.fault_kind or order.fault_kind, e.home or order.home
        case RepairDispatched() as e:
            order.worker, order.due_by, order.missed_at = e.to, e.due_by, None
            order.dispatched_at = order.dispatched_at or fact.occurred_at
        case SurveyBegun():
            order.surveyed_at = order.surveyed_at or fact.occurred_at
        case RepairStarted() as e:
            order.repair_starts += 1
            order.started_at = order.started_at or fact.occurred_at
            if e.means not in order.means:
                order.means.append(e.means)
            _note_hand(order, e.done_by)
        case RepairFinished() as e:
            _note_hand(order, e.done_by)
        case RepairCompleted() as e:
            order.completed_at, order.fee_fen = fact.occurred_at, e.fee_fen
            order.done_by, order.follow_up_by = e.done_by, e.follow_up_by
            _note_hand(order, e.done_by)
        case ClientInformed():
            order.informed_at = fact.occurred_at
        case RepairAccepted() as e:
            order.accepted_at, order.unsigned_reason = fact.occurred_at, e.unsigned_reason
        case RepairReturned() as e:
            order.returned, order.due_by, order.missed_at = order.returned + 1, e.due_by, None
            order.completed_at = order.accepted_at = order.follow_up_by = order.unsigned_reason = None
            order.unasked = order.unasked + 1 if order.sample is not None and order.visited_at is None else 0
            # Done again it is another piece of work, to be drawn and asked about as such.
            order.sample = order.sample_week = order.visited_at = None
        case RepairClosed():
            order.closed_at = fact.occurred_at
        case RepairDeclined():
            order.declined = True
        case RepairOverdue() as e:
            order.missed_at = e.due_at
        case RepairSampled() as e:
            order.sample, order.sample_week = e.sample, e.week
        case RepairVisited():
            order.visited_at = order.visited_at or fact.occurred_at
        case RepairFollowedUp() as e:
            order.outcome, order.followed_up_at = e.outcome, fact.occurred_at


def _note_hand(order: RepairOrder, who: str) -> None:
    if who not in order.hands:
        order.hands = (*order.hands, who)
