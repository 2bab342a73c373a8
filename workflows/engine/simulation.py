"""The clock of a simulated office 模拟管理处的时钟: it stands still until it is told, and fires on its way what falls due.

One durable instant per office, in the database: it is *now* for everything in that office and stamps its facts. Moved
from one instant to another it stops at every instant between at which a deadline falls due (or is to be tried again)
or a notice is to be made, so that many small steps and one large one come to the same book.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.kernel.errors import NotFound, RuleBroken
from journal.book import Book
from journal.connections import Connect
from journal.errors import ClockBackward
from workflows.engine.clock import Clock, Ticked
from workflows.engine.notices import Notices

__all__ = ["MOST_AT_ONCE", "Moved", "SimulatedClock"]

MOST_AT_ONCE: Final = timedelta(days=3_660)
"""How far a clock moves at one word: whoever mistypes the year is told so before ten years of patrols are missed."""

_LOCK: Final = "select pg_try_advisory_xact_lock(hashtextextended('wuye clock ' || %s, 0))"
# What falls due, by its index; and what has, and is to be tried again.
_NEXT: Final = """
select least(
  (select due_at from wuye.r_deadlines
    where office = %(office)s and to_number is null and missed_at is null and due_at > %(now)s order by due_at limit 1),
  (select min(w.leased_until) from wuye.clock_work w
    where w.office = %(office)s and w.leased_until > %(now)s
      and (select true from wuye.r_deadlines d
            where d.office = w.office and d.case_id = w.case_id and d.line = w.line and d.from_number = w.from_number
              and d.to_number is null and d.missed_at is null limit 1)))
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a clock shows now, how many deadlines it fired on the way, and how many attempts failed."""

    now: datetime
    fired: int
    failed: int


class SimulatedClock:
    """Moves the clocks of simulated offices, one at a time in each office; real offices have none."""

    def __init__(self, clock: Clock, connect: Connect, notices: Notices) -> None:
        """``clock`` fires, ``notices`` makes what the office's people are told; nothing of it is sent to anybody."""
        self._clock = clock
        self._connect = connect
        self._notices = notices

    def shows(self, office: str) -> datetime:
        """What the clock of an office shows. Raises :class:`NotFound` for a real office, and for none."""
        with self._connect() as connection:
            head = Book(connection, office).head()
        if head is None or head.clock is None:
            raise _no_clock()
        return head.clock.astimezone(UTC)

    def tell(self, office: str) -> None:
        """Make the notices that are due at the instant at which the clock stands."""
        self._notices.make(self.shows(office), [office])

    def move(self, office: str, to: datetime) -> Moved:
        """Move the clock forward to an instant, firing everything in order.

        Raises :class:`NotFound` where there is no such clock, :class:`RuleBroken` when it would go back or too far, or is
        being moved by somebody else.
        """
        to = to.astimezone(UTC)
        with self._connect() as connection, connection.transaction():
            row = connection.execute(_LOCK, [office]).fetchone()  # there is one order of events
            if row is None or not row[0]:
                raise _moving()
            now = self.shows(office)
            if to < now:
                raise _backward(now)
            if to - now > MOST_AT_ONCE:
                raise _too_far()
            self._notices.make(now, [office])
            done = self._clock.catch_up(now, office=office)
            while (following := self._following(office, now)) is not None and following <= to:
                now = following
                done += self._to(office, now)
            done += self._to(office, to)
        return Moved(to, done.fired, done.failed)

    def _to(self, office: str, now: datetime) -> Ticked:
        with self._connect() as connection:
            try:
                Book(connection, office).move_clock(now)
            except ClockBackward as overtaken:  # whoever writes the play moves it without asking here
                raise _backward(self.shows(office)) from overtaken
        done = self._clock.catch_up(now, office=office)
        self._notices.make(now, [office])
        return done

    def _following(self, office: str, now: datetime) -> datetime | None:
        """The next instant at which anything is to be done in this office."""
        with self._connect() as connection:
            row = connection.execute(_NEXT, {"office": office, "now": now}).fetchone()
        due = row[0].astimezone(UTC) if row is not None and row[0] is not None else None
        told = self._notices.following(office, now)
        return min((each for each in (due, told) if each is not None), default=None)


def _no_clock() -> NotFound:
    return NotFound(
        "no-clock",
        None,
        zh="没有这个模拟管理处；真实管理处没有自己的时钟",
        en="there is no such simulated office; a real one has no clock of its own",
    )


def _backward(now: datetime) -> RuleBroken:
    return RuleBroken(
        "clock-backward",
        None,
        zh=f"时钟不能倒拨，现为 {now.isoformat()}",
        en=f"a clock does not go back; it shows {now.isoformat()}",
        field="to",
    )


def _moving() -> RuleBroken:
    return RuleBroken(
        "clock-moving", None, zh="时钟正由他人拨动，请稍后再试", en="somebody is moving this clock: try again later"
    )


def _too_far() -> RuleBroken:
    return RuleBroken(
        "clock-too-far",
        None,
        zh=f"一次最多前移{MOST_AT_ONCE.days}天",
        en=f"a clock moves {MOST_AT_ONCE.days} days at once at most",
        field="to",
    )
