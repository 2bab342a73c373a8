"""Work order 工单 (§1.11): cleaners and gardeners are dispatched, their work is accepted by somebody else, or returned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, opens_round, step, wait
from domain.kernel.people import Actor, Role
from domain.kernel.rules import blank, deadline_from, forbid, own_work, put_off, standing, told_origin

RAISED, DISPATCHED, DONE, RETURNED = "raised", "dispatched", "done", "returned"
ACCEPTED, CANCELLED = "accepted", "cancelled"
OWED = (RAISED, DISPATCHED, RETURNED)
"""The states in which the work is still owed."""


class Trade(StrEnum):
    """Whose work it is 工种; repairs have orders of their own."""

    CLEANING = "cleaning"  # 保洁
    GREENING = "greening"  # 绿化
    OTHER = "other"  # 其他


@event()
class WorkOrderRaised(Event):
    """工单已提出 · Work order raised."""

    trade: Trade
    place: str
    matter: str
    due_by: datetime
    details: Personal | None = None
    home: str | None = None
    household: str | None = None
    origin_kind: str | None = None
    origin_id: str | None = None
    origin_item: str | None = None


@event()
class WorkOrderDispatched(Event):
    """工单已派出 · Work order dispatched."""

    worker: str
    due_by: datetime
    postponed: bool = False
    reason: str | None = None


@event()
class WorkOrderOverdue(Event):
    """工单已逾期 · Work order overdue."""

    due_at: datetime


@event()
class WorkOrderDone(Event):
    """工单已完成 · Work done."""

    done_by: str
    result: str | None = None


@event()
class WorkOrderAccepted(Event):
    """工单已验收 · Work accepted."""

    remark: str | None = None


@event()
class WorkOrderReturned(Event):
    """工单已退回 · Work returned."""

    reason: str
    due_by: datetime


@event()
class WorkOrderCancelled(Event):
    """工单已撤销 · Work order cancelled."""

    reason: str


@dataclass(slots=True, kw_only=True)
class WorkOrder(Case):
    """What is known of one work order. ``origin_*`` name what opened it: kind, case id and item within it.

    ``missed_at`` is the breach of the deadline in force, ``first_missed_at`` the first there ever was, noted or not.
    """

    CORRECTS = ("place", "matter", "household", "home", "details")
    PAPERS = True

    trade: Trade = Trade.OTHER
    place: str = ""
    matter: str = ""
    details: str | None = None
    home: str | None = None
    household: str | None = None
    origin_kind: str | None = None
    origin_id: str | None = None
    origin_item: str | None = None
    worker: str | None = None
    due_by: datetime | None = None
    postponed: int = 0
    missed_at: datetime | None = None
    first_missed_at: datetime | None = None
    dispatched_at: datetime | None = None
    done_at: datetime | None = None
    doers: set[str] = field(default_factory=set)
    result: str | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    returned: int = 0
    cancelled_at: datetime | None = None

    @property
    def running_until(self) -> datetime | None:
        """The deadline that is still to be kept or missed."""
        return self.due_by if self.missed_at is None else None

    def stays_behind(self) -> bool:
        """The work was done where it says."""
        return self.state in (DONE, ACCEPTED)

    @property
    def involved(self) -> set[str]:
        """Whoever had a hand in the work: none of them passes it."""
        return self.doers if self.worker is None else {*self.doers, self.worker}


def evolve(order: WorkOrder, fact: Fact) -> None:
    """Fold one fact into the work order."""
    match fact.event:
        case WorkOrderRaised() as e:
            order.trade, order.place, order.matter, order.due_by = e.trade, e.place, e.matter, e.due_by
            order.details, order.home, order.household = e.details, e.home, e.household
            order.origin_kind, order.origin_id, order.origin_item = e.origin_kind, e.origin_id, e.origin_item
        case WorkOrderDispatched() as e:
            order.worker, order.postponed = e.worker, order.postponed + e.postponed
            order.dispatched_at = order.dispatched_at or fact.occurred_at
            _breached(order, fact)
            if e.due_by != order.due_by:
                order.due_by, order.missed_at = e.due_by, None
        case WorkOrderOverdue() as e:
            order.missed_at, order.first_missed_at = e.due_at, order.first_missed_at or e.due_at
        case WorkOrderDone() as e:
            _breached(order, fact)
            order.done_at, order.result = fact.occurred_at, e.result
            order.doers |= {e.done_by, fact.user_id}
        case WorkOrderAccepted():
            order.accepted_at, order.accepted_by = fact.occurred_at, fact.user_id
        case WorkOrderReturned() as e:
            _breached(order, fact)  # what was said to be done was not: its deadline passed all the same
            order.returned, order.due_by, order.missed_at = order.returned + 1, e.due_by, None
            order.done_at = order.result = None
        case WorkOrderCancelled():
            order.cancelled_at = fact.occurred_at


def _breached(order: WorkOrder, fact: Fact) -> None:
    """A deadline that had passed was missed, though its clock had not come round to say so."""
    if order.due_by is not None and fact.occurred_at >= order.due_by:
        order.first_missed_at = order.first_missed_at or order.due_by


@command
class RaiseWorkOrder(Command):
    """提出工单 · Raise a work order."""

    trade: Trade
    place: str
    matter: str
    details: Personal | None = None
    home: str | None = None
    household: str | None = None
    due_by: datetime | None = None
    origin_kind: str | None = None
    origin_id: str | None = None
    origin_item: str | None = None

    def decide(self, _order: None, at: Moment) -> Iterator[Event]:
        """Every order has a deadline from its first hour; what it comes from is said by the policies alone (§1.11)."""
        origin = {"origin_kind": self.origin_kind, "origin_id": self.origin_id, "origin_item": self.origin_item}
        forbid(told_origin(at.who, "1.11", **origin))
        yield self.to_event(WorkOrderRaised, due_by=deadline_from(self.due_by, "work_orders.default_days", "1.11", at))


@command
class DispatchWorkOrder(Command):
    """派出工单 · Dispatch the work order."""

    worker: str
    due_by: datetime | None = None
    reason: str | None = None

    def decide(self, order: WorkOrder, at: Moment) -> Iterator[Event]:
        """To a cleaner or gardener; the standing deadline stays if it is still ahead (§1.11).

        Who puts off a deadline that was fixed for somebody is the head or the manager, and says why.
        """
        ahead = standing(order.due_by, at)
        due_by = deadline_from(self.due_by or ahead, "work_orders.default_days", "1.11", at)
        postponed = ahead is not None and due_by > ahead
        if postponed:
            at.require_evidence(put_off(at.who, self.reason, "1.11"))
        yield self.to_event(WorkOrderDispatched, due_by=due_by, postponed=postponed)


@command
class MarkWorkOrderOverdue(Command):
    """工单已逾期 · Note that the work order's deadline has passed."""

    def decide(self, order: WorkOrder, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which the deadline ended (§1.11)."""
        yield WorkOrderOverdue(due_at=order.due_by or at.now)


@command
class ReportWorkOrderDone(Command):
    """报告工单完成 · Report that the work is done."""

    result: str | None = None
    done_by: str | None = None

    def decide(self, order: WorkOrder, at: Moment) -> Iterator[Event]:
        """By the worker it was dispatched to, unless another is named (§1.11)."""
        yield WorkOrderDone(done_by=self.done_by or order.worker or at.user_id, result=self.result)


@command
class AcceptWorkOrder(Command):
    """验收工单 · Accept the work."""

    remark: str | None = None

    @staticmethod
    def ready(order: WorkOrder, who: Actor) -> Refusal | None:
        """Seen by somebody else than its worker, whoever did it and whoever asked for it (§1.11)."""
        whose = order.involved if order.opened_by is None else {*order.involved, order.opened_by}
        return own_work(who, whose, "1.11")


@command
class ReturnWorkOrder(Command):
    """退回工单 · Return the work."""

    reason: str
    due_by: datetime | None = None

    @staticmethod
    def ready(order: WorkOrder, who: Actor) -> Refusal | None:
        """Seen by somebody else than its worker and whoever did it (§1.11)."""
        return own_work(who, order.involved, "1.11")

    def decide(self, order: WorkOrder, at: Moment) -> Iterator[Event]:
        """It is to be done again, by the deadline that is still ahead, else by a new one (§1.11).

        What was said to be done puts no deadline off: only the head or the manager does, with the reason.
        """
        ahead = standing(order.due_by, at)
        due_by = deadline_from(self.due_by or ahead, "work_orders.default_days", "1.11", at)
        if ahead is not None and due_by > ahead:
            at.require_evidence(put_off(at.who, self.reason, "1.11"))
        yield WorkOrderReturned(reason=self.reason, due_by=due_by)


@command
class CancelWorkOrder(Command):
    """撤销工单 · Cancel the work order."""

    reason: str

    def decide(self, _order: WorkOrder, _at: Moment) -> Iterator[Event]:
        """With a reason; it stays in the book (§1.11)."""
        forbid(blank(self.reason, "reason", "1.11", "请说明撤销理由", "say why it is cancelled"))
        yield self.to_event(WorkOrderCancelled)


_STAFF = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER)
_HANDLERS = (Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=WorkOrder, kind="work_order", path="work-orders", zh="保洁绿化工单", en="work order", clauses="1.11", evolve=evolve,
    subject=lambda order: order.household,
    states={
        RAISED: ("待派工", "raised"), DISPATCHED: ("已派工", "dispatched"), DONE: ("待验收", "done"),
        RETURNED: ("已退回", "returned"), ACCEPTED: ("已验收", "accepted"), CANCELLED: ("已撤销", "cancelled"),
    },
    final=[ACCEPTED, CANCELLED],
    steps=[  # command             event                from                             to          who                     clause
        step(RaiseWorkOrder,       WorkOrderRaised,     None,                            RAISED,     [*_STAFF, Role.POLICY], "1.11"),
        step(DispatchWorkOrder,    WorkOrderDispatched, OWED,                            DISPATCHED, _HANDLERS,              "1.11"),
        step(MarkWorkOrderOverdue, WorkOrderOverdue,    OWED,                            SAME,       [Role.CLOCK],           "1.11"),
        step(ReportWorkOrderDone,  WorkOrderDone,       (DISPATCHED, RETURNED),          DONE,       _STAFF,                 "1.11"),
        step(AcceptWorkOrder,      WorkOrderAccepted,   DONE,                            ACCEPTED,   _HANDLERS,              "1.11"),
        step(ReturnWorkOrder,      WorkOrderReturned,   DONE,                            RETURNED,   _HANDLERS,              "1.11"),
        step(CancelWorkOrder,      WorkOrderCancelled,  OWED,                            CANCELLED,  _HANDLERS,              "1.11"),
    ],
    deadlines=[
        deadline("work-order", OWED, due=lambda order: order.running_until, gives=MarkWorkOrderOverdue, clause="1.11",
                 zh="按期完成工单", en="finish the work order by its deadline"),
    ],
    breaches=[breach(WorkOrderOverdue, WorkOrderDone, WorkOrderDispatched, WorkOrderCancelled)],
    rounds=[
        opens_round(WorkOrderReturned), opens_round(WorkOrderDispatched, when=lambda order: order.worker is not None),
    ],
    waits=[
        wait("acceptance", DONE, within="waiting.verified_within_days", clause="1.11", zh="验收工单", en="accept the work or return it"),
    ],
)
# fmt: on
