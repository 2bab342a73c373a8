"""Cash day 收款日结 (§7): what came in and went out on one day, with running receipt numbers, counted at the day's end.

A receipt's number is the day's and runs without gaps: unique in the office, and given in the same transaction as the
payment. What is entered for a day that is closed opens it again, and it is counted anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import end_of_day
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.ids import named_uuid
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, step
from domain.kernel.people import Role
from domain.kernel.rules import blank, forbid, negative

COUNTING, CLOSED = "open", "closed"


@event()
class MoneyBooked(Event):
    """款项已入日记账 · Money booked into the day."""

    day: date
    number: int
    receipt: str
    source: str
    method: PaymentMethod
    amount_fen: int


@event(schema=2)
class CashDayClosed(Event):
    """收款已日结 · Cash day closed.

    ``expected_fen`` is the day's cash and the change that always lies in the drawer (``float_fen``).
    """

    expected_fen: int
    counted_fen: int
    difference_fen: int
    reason: str | None = None
    float_fen: int = 0


@event()
class CashDayLeftOpen(Event):
    """收款未日结 · Cash day not closed by its end."""

    day: date


@dataclass(slots=True, kw_only=True)
class CashDay(Case):
    """One day's money. ``totals`` by method, in fen; what was paid out counts below zero."""

    day: date | None = None
    number: int = 0
    totals: dict[str, int] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    """Source → receipt number."""
    counted_fen: int | None = None
    difference_fen: int | None = None
    float_fen: int = 0
    closed_on: date | None = None
    missed_at: datetime | None = None
    counted_once: bool = False

    @property
    def cash_fen(self) -> int:
        """What of the day should lie in the drawer, beside the change that always does."""
        return self.totals.get(PaymentMethod.CASH, 0)

    @property
    def total_fen(self) -> int:
        """All methods together."""
        return sum(self.totals.values())

    @property
    def closing_due(self) -> datetime | None:
        """24:00 of the day, until it is closed or missed; what is entered for it after the day makes no breach.

        Money that comes later on the same day is counted by its end: a drawer that is counted in the morning is not closed.
        """
        if self.day is None or self.missed_at is not None or self.counted_once:
            return None
        return end_of_day(self.day)


def cash_day_id(office: str, day: date) -> str:
    """The one book of a day in its office."""
    return f"cash_day-{named_uuid(_IDS, f'{office}/{day}')}"


_IDS = UUID("5d1f1f5c-0c1b-5d0c-9d58-0f5b8f3d2a10")


def evolve(cash: CashDay, fact: Fact) -> None:
    """Fold one fact into the day."""
    match fact.event:
        case MoneyBooked() as e:
            cash.day, cash.number = e.day, e.number
            cash.totals[e.method] = cash.totals.get(e.method, 0) + e.amount_fen
            cash.receipts[e.source] = e.receipt
            cash.counted_fen = cash.difference_fen = cash.closed_on = None
            cash.counted_once = cash.counted_once and fact.entered_on > e.day
        case CashDayClosed() as e:
            cash.counted_fen, cash.difference_fen, cash.float_fen = e.counted_fen, e.difference_fen, e.float_fen
            cash.closed_on, cash.counted_once = Moment.day_of(fact.occurred_at), True
        case CashDayLeftOpen() as e:
            cash.missed_at = end_of_day(e.day)


@command
class BookMoney(Command):
    """款项记入日记账 · Book money into the day."""

    day: date
    source: str
    method: PaymentMethod
    amount_fen: int

    def decide(self, cash: CashDay | None, _at: Moment) -> Iterator[Event]:
        """With the day's next number; money that goes out is negative (§7)."""
        number = (cash.number if cash is not None else 0) + 1
        yield self.to_event(MoneyBooked, number=number, receipt=f"{self.day:%Y%m%d}-{number:04}")


@command
class CloseCashDay(Command):
    """日结 · Close the cash day."""

    counted_fen: int
    reason: str | None = None

    def decide(self, cash: CashDay, at: Moment) -> Iterator[Event]:
        """All that lies in the drawer is counted, the change with it; what is over or short is said and explained (§7)."""
        forbid(negative(self.counted_fen, "7", "counted_fen"))
        change = at.settings.at(cash.day or at.today).integer("cash.float_fen")
        expected = cash.cash_fen + change
        difference = self.counted_fen - expected
        if difference:
            forbid(blank(self.reason, "reason", "7", "长款、短款须说明", "say why it is over or short"))
        yield self.to_event(CashDayClosed, expected_fen=expected, difference_fen=difference, float_fen=change)


@command
class MissClosing(Command):
    """未日结 · Note that the day was not closed."""

    def decide(self, cash: CashDay, at: Moment) -> Iterator[Event]:
        """At its end; it stays to be done (§7)."""
        yield CashDayLeftOpen(day=cash.day or at.today)


_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=CashDay, kind="cash_day", path="cash-days", zh="收款日结", en="cash day", clauses="7", evolve=evolve,
    identity=lambda command, office: cash_day_id(office, command.day),
    states={COUNTING: ("未日结", "open"), CLOSED: ("已日结", "closed")},
    final=[CLOSED],
    steps=[  # command     event            from      to        who            clause
        step(BookMoney,    MoneyBooked,     None,     COUNTING, [Role.POLICY], "7"),
        step(BookMoney,    MoneyBooked,     (COUNTING, CLOSED), COUNTING, [Role.POLICY], "7"),
        step(CloseCashDay, CashDayClosed,   COUNTING, CLOSED,   _CLERKS,       "7"),
        step(MissClosing,  CashDayLeftOpen, COUNTING, SAME,     [Role.CLOCK],  "7"),
    ],
    deadlines=[
        deadline("closing", COUNTING, due=lambda cash: cash.closing_due, gives=MissClosing, clause="7",
                 zh="当日收款日结", en="the day's money is counted"),
    ],
    breaches=[breach(CashDayLeftOpen, CashDayClosed)],
)
# fmt: on
