"""Convenience service 便民服务 (§6): ordered at the day's price, performed, accepted, charged to the month's bill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from domain.arrears.debt_case.case import DebtCase
from domain.arrears.debt_case.lifecycle import debt_case_id
from domain.arrears.terms import OptionalService
from domain.kernel.calendar import end_of_day, local_date
from domain.kernel.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, opens_round, step, wait
from domain.kernel.people import Role
from domain.kernel.periods import Month
from domain.kernel.rules import beyond_cap, blank, broken, deadline_passed, forbid, not_positive, unsigned
from domain.services.service_item import OFFERED, ServiceItem, ServiceKind

ORDERED, SCHEDULED, PERFORMED, ACCEPTED, CANCELLED = "ordered", "scheduled", "performed", "accepted", "cancelled"


@event(schema=2)
class ServiceOrdered(Event):
    """服务已预订 · Service ordered.

    ``schedule_by``: until when somebody is sent for; another system's history has no such date.
    """

    item: str
    code: str
    name: str
    standard: str
    unit_price_fen: int
    quantity: int
    amount_fen: int
    household: str
    home: str | None = None
    wanted_on: date | None = None
    wishes: Personal | None = None
    schedule_by: datetime | None = None


@event()
class ServiceNotScheduled(Event):
    """服务逾期未安排 · Nobody was sent for the service in time."""

    due_at: datetime


@event()
class ServiceScheduled(Event):
    """服务已安排 · Service scheduled."""

    worker: str
    scheduled_at: datetime
    reason: str | None = None


@event()
class ServiceAppointmentMissed(Event):
    """服务未按约进行 · Appointment of the service missed."""

    due_at: datetime


@event(schema=2)
class ServicePerformed(Event):
    """服务已完成 · Service performed."""

    done_by: str
    result: Personal | None = None


@event(schema=2)
class ServiceReturned(Event):
    """服务须返工 · Service to be done again."""

    reason: str
    schedule_by: datetime | None = None


@event()
class ServiceAccepted(Event):
    """服务已验收 · Service accepted."""

    month: date
    amount_fen: int
    signature: Personal | None = None


@event()
class ServiceCancelled(Event):
    """服务已取消 · Service cancelled."""

    reason: str


@dataclass(slots=True, kw_only=True)
class ServiceOrder(Case):
    """What is known of one order. Amounts are fen; ``charge_month`` is the 1st of the month whose bill bears them."""

    CORRECTS = ("home", "wanted_on")

    item: str = ""
    code: str = ""
    name: str = ""
    standard: str = ""
    unit_price_fen: int = 0
    quantity: int = 1
    amount_fen: int = 0
    household: str = ""
    home: str | None = None
    wanted_on: date | None = None
    schedule_by: datetime | None = None
    not_scheduled_at: datetime | None = None
    worker: str | None = None
    scheduled_at: datetime | None = None
    appointments: int = 0
    missed_at: datetime | None = None
    first_missed_at: datetime | None = None
    performed_at: datetime | None = None
    first_performed_at: datetime | None = None
    performers: set[str] = field(default_factory=set)
    returned: int = 0
    accepted_at: datetime | None = None
    charge_month: date | None = None

    @property
    def scheduling_until(self) -> datetime | None:
        """Until when somebody is sent for, while that is still to be kept or missed."""
        return self.schedule_by if self.scheduled_at is None and self.not_scheduled_at is None else None

    @property
    def unscheduled_since(self) -> datetime | None:
        """Since when somebody should have been sent for, while nobody is."""
        return self.not_scheduled_at if self.scheduled_at is None else None

    @property
    def kept_until(self) -> datetime | None:
        """24:00 of the appointment's day, while it is still to be kept or missed."""
        if self.scheduled_at is None or self.missed_at is not None:
            return None
        return end_of_day(local_date(self.scheduled_at))


def evolve(order: ServiceOrder, fact: Fact) -> None:
    """Fold one fact into the order."""
    match fact.event:
        case ServiceOrdered() as e:
            order.item, order.code, order.name, order.standard = e.item, e.code, e.name, e.standard
            order.unit_price_fen, order.quantity, order.amount_fen = e.unit_price_fen, e.quantity, e.amount_fen
            order.household, order.home, order.wanted_on = e.household, e.home, e.wanted_on
            order.schedule_by = e.schedule_by
        case ServiceNotScheduled() as e:
            order.not_scheduled_at = e.due_at
        case ServiceScheduled() as e:
            if order.scheduled_at is not None and order.missed_at is None and fact.occurred_at >= order.scheduled_at:
                # Put off once its hour had come: that it was not kept does not wait for the day's end.
                order.first_missed_at = order.first_missed_at or order.scheduled_at
            order.worker, order.scheduled_at, order.missed_at = e.worker, e.scheduled_at, None
            order.appointments += 1
        case ServiceAppointmentMissed() as e:
            order.missed_at = e.due_at
            order.first_missed_at = order.first_missed_at or e.due_at
        case ServicePerformed() as e:
            order.performed_at = fact.occurred_at
            order.first_performed_at = order.first_performed_at or fact.occurred_at
            order.performers |= {e.done_by, fact.user_id}
        case ServiceReturned() as e:
            order.returned, order.performed_at, order.scheduled_at = order.returned + 1, None, None
            order.schedule_by, order.not_scheduled_at = e.schedule_by, None
        case ServiceAccepted() as e:
            order.accepted_at, order.charge_month = fact.occurred_at, e.month


@command
class OrderService(Command):
    """预订服务 · Order a service."""

    service_item: str
    household: str
    quantity: int = 1
    home: str | None = None
    wanted_on: date | None = None
    wishes: Personal | None = None

    MAY_LACK = frozenset({"debt"})

    def related(self) -> dict[str, str]:
        """The item of the catalogue."""
        return {"item": self.service_item}

    def related_to(self, _case_id: str, office: str) -> dict[str, str]:
        """And the household's arrears, if it has any."""
        return {**self.related(), "debt": debt_case_id(office, self.household)}

    def decide(self, _order: None, at: Moment) -> Iterator[Event]:
        """From the catalogue, at the price of the day, which stays (§6); not while it is suspended (§8.A(2))."""
        item = at.related["item"]
        if not isinstance(item, ServiceItem) or item.state != OFFERED or item.kind is not ServiceKind.CONVENIENCE:
            raise broken(
                "not-offered", "6", "目录中没有此便民服务", "the catalogue has no such service", "service_item"
            )
        check_not_suspended(at.related.get("debt"), OptionalService.CONVENIENCE)
        price = item.price_on(at.today)
        if price is None:
            raise broken("no-price", "6", "该服务当日尚无价格", "it has no price on that day", "service_item")
        forbid(not_positive(self.quantity, "6", "quantity"))
        yield ServiceOrdered(
            item=self.service_item,
            code=item.code,
            name=item.name,
            standard=price.standard,
            unit_price_fen=price.price_fen,
            quantity=self.quantity,
            amount_fen=price.price_fen * self.quantity,
            household=self.household,
            home=self.home,
            wanted_on=self.wanted_on,
            wishes=self.wishes,
            schedule_by=_schedule_by(at),
        )


def _schedule_by(at: Moment) -> datetime | None:
    """Until when somebody is sent for what was ordered, or has to be done again."""
    hours = at.numbers.integer("services.schedule_within_hours")
    return None if at.waived else at.now + timedelta(hours=hours)


def check_not_suspended(debt: Any, service: OptionalService) -> None:
    """What was suspended for arrears is not ordered until they are paid (§8.A(2)). ``debt``: that case, or None."""
    if isinstance(debt, DebtCase) and service in debt.services:
        raise broken(
            "suspended", "8.A(2)", "该户此项服务因欠费已停止", "suspended until the arrears are paid", "household"
        )


@command
class MissServiceSchedule(Command):
    """服务逾期未安排 · Note that nobody was sent for the service."""

    def decide(self, order: ServiceOrder, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which it passed (§6)."""
        yield ServiceNotScheduled(due_at=order.schedule_by or at.now)


@command
class ScheduleService(Command):
    """安排服务 · Schedule the service."""

    worker: str
    scheduled_at: datetime
    reason: str | None = None

    def decide(self, order: ServiceOrder, at: Moment) -> Iterator[Event]:
        """Who comes, and when (§6); another time than is still to be kept has its reason."""
        at.require_evidence(deadline_passed(self.scheduled_at, "6", at, "scheduled_at"))
        at.require_evidence(beyond_cap(self.scheduled_at, "6", at, "scheduled_at"))
        if order.kept_until is not None and self.scheduled_at != order.scheduled_at:
            at.require_evidence(blank(self.reason, "reason", "6", "改约须说明理由", "another time has its reason"))
        yield self.to_event(ServiceScheduled)


@command
class MarkServiceAppointmentMissed(Command):
    """服务未按约进行 · Note that the appointment was missed."""

    def decide(self, order: ServiceOrder, at: Moment) -> Iterator[Event]:
        """At 24:00 of the appointment's day (§6)."""
        yield ServiceAppointmentMissed(due_at=order.kept_until or at.now)


@command
class ReportServicePerformed(Command):
    """服务完成 · Report the service as performed."""

    result: Personal | None = None
    done_by: str | None = None

    def decide(self, order: ServiceOrder, at: Moment) -> Iterator[Event]:
        """By the worker who was sent, unless another is named (§6)."""
        yield ServicePerformed(done_by=self.done_by or order.worker or at.user_id, result=self.result)


@command
class ReturnService(Command):
    """服务返工 · Have the service done again.

    The resident is not content with it (§6).
    """

    reason: str

    def decide(self, _order: ServiceOrder, at: Moment) -> Iterator[Event]:
        """Somebody is sent for it anew, by a date of its own (§6)."""
        yield self.to_event(ServiceReturned, schedule_by=_schedule_by(at))


@command
class AcceptService(Command):
    """服务验收 · Accept the service."""

    signature: Personal | None = None

    def decide(self, order: ServiceOrder, at: Moment) -> Iterator[Event]:
        """The resident signs, or accepts it by his own link; the charge goes on the bill of the month (§6, §7.2a)."""
        if at.who.role is not Role.RESIDENT:
            at.require_evidence(unsigned(self.signature, "6", "住户须签字验收", "the resident signs"))
        yield ServiceAccepted(
            month=Month.of(local_date(at.now)).first, amount_fen=order.amount_fen, signature=self.signature
        )


@command
class CancelService(Command):
    """取消服务 · Cancel the service.

    Before it is performed; nothing is charged (§6).
    """

    reason: str


_STAFF = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DEPARTMENT_HEAD, Role.MANAGER)
_ACCEPT = (*_STAFF, Role.RESIDENT)

# fmt: off
LIFECYCLE = Lifecycle(
    of=ServiceOrder, kind="service_order", path="service-orders", zh="便民服务", en="convenience service", clauses="6", evolve=evolve,
    subject=lambda order: order.household or None,
    states={
        ORDERED: ("已预订", "ordered"), SCHEDULED: ("已安排", "scheduled"), PERFORMED: ("待验收", "performed"),
        ACCEPTED: ("已验收", "accepted"), CANCELLED: ("已取消", "cancelled"),
    },
    final=[ACCEPTED, CANCELLED],
    steps=[  # command                      event                     from                  to         who           clause
        step(OrderService,                  ServiceOrdered,           None,                 ORDERED,   _STAFF,       "6"),
        step(ScheduleService,               ServiceScheduled,         (ORDERED, SCHEDULED), SCHEDULED, _STAFF,       "6"),
        step(MissServiceSchedule,           ServiceNotScheduled,      ORDERED,              SAME,      [Role.CLOCK], "6"),
        step(MarkServiceAppointmentMissed,  ServiceAppointmentMissed, SCHEDULED,            SAME,      [Role.CLOCK], "6"),
        step(ReportServicePerformed,        ServicePerformed,         (ORDERED, SCHEDULED), PERFORMED, _STAFF,       "6"),
        step(ReturnService,                 ServiceReturned,          PERFORMED,            ORDERED,   _STAFF,       "6"),
        step(AcceptService,                 ServiceAccepted,          PERFORMED,            ACCEPTED,  _ACCEPT,      "6"),
        step(CancelService,                 ServiceCancelled,         (ORDERED, SCHEDULED), CANCELLED, _STAFF,       "6"),
    ],
    deadlines=[
        deadline("schedule", ORDERED, due=lambda order: order.scheduling_until, gives=MissServiceSchedule, clause="6",
                 zh="安排便民服务", en="send somebody for the service"),
        deadline("appointment", SCHEDULED, due=lambda order: order.kept_until, gives=MarkServiceAppointmentMissed, clause="6",
                 zh="按约提供服务", en="keep the service's appointment"),
    ],
    breaches=[
        breach(ServiceNotScheduled, ServiceScheduled, ServicePerformed, ServiceCancelled),
        breach(ServiceAppointmentMissed, ServicePerformed, ServiceScheduled, ServiceCancelled),
    ],
    rounds=[opens_round(ServiceReturned)],
    waits=[
        wait("acceptance", PERFORMED, within="waiting.verified_within_days", clause="6", zh="请住户验收服务", en="have the service accepted"),
    ],
)
# fmt: on
