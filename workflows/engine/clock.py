"""The clock 时钟: fires what has fallen due. Time is an argument; nothing here sleeps.

A deadline is an open row of the deadlines register. ``tick`` leases what fell due at the oldest instant of an office,
gives each one's command through the same door as everybody else, and the row is closed in the transaction that writes
the effect. An office's deadlines are fired in the order of their instants, also when several clocks are at work: what
an earlier one brings about (the next day's patrol, a sample's visits) falls due in its turn before later ones are
looked at. The idempotency key is the deadline itself, so that firing twice, late or by two processes ends in one
effect. A deadline whose command fails is put off, holds up nobody, and is after some attempts parked with its error
and shown; ``retry`` takes it up again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final

import structlog

from domain.kernel.errors import WrongState
from domain.kernel.fact import COMMANDS, Command
from domain.kernel.people import Actor, Role
from journal.book import Book
from workflows.engine.handler import CommandHandler, Connect
from workflows.engine.request import CommandRequest

__all__ = ["Clock", "Gather", "Ticked"]

Gather = Callable[[Book, str, Any, datetime], Command]
"""Builds the command of a deadline that needs more than its case: (book, office, case, due instant)."""

_LEASE: Final = timedelta(seconds=10)
"""How long a clock that has died holds up others; one that lives and needs longer renews what it has leased."""
_BACK_OFF: Final = timedelta(minutes=1)
MOST_ATTEMPTS: Final = 5
"""After so many failures a deadline is parked."""
PARKED: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Until when a parked deadline is leased: until somebody looks at it."""
_CLOCK = Actor("clock", Role.CLOCK)
_log = structlog.get_logger()

_OPEN: Final = "to_number is null and {0}.missed_at is null"
_LEASE_SQL: Final = f"""
with oldest as (
  select d.office, d.due_at from wuye.r_deadlines d
   where d.{_OPEN.format("d")} and d.due_at <= %(now)s and (d.leased_until is null or d.leased_until <= %(now)s)
     and (%(office)s::text is null or d.office = %(office)s)
     -- Nothing of an office is fired while something older is at work; what has failed holds up nobody.
     and not exists (
       select from wuye.r_deadlines e
        where e.{_OPEN.format("e")} and e.due_at < d.due_at and e.office = d.office and e.attempts = 0)
   order by d.due_at limit 1 for update of d skip locked)
update wuye.r_deadlines d
   set leased_until = %(until)s,
       -- A lease that ended without a word: its clock has died. It counts, so that it does not hold up the office again.
       attempts = d.attempts + (d.leased_until is not null and d.last_error is null)::integer
  from (select r.office, r.case_id, r.line, r.from_number
          from wuye.r_deadlines r join oldest o on o.office = r.office and o.due_at = r.due_at
         where r.{_OPEN.format("r")} and (r.leased_until is null or r.leased_until <= %(now)s)
         order by r.case_id, r.line limit %(limit)s for update of r skip locked) l
 where d.office = l.office and d.case_id = l.case_id and d.line = l.line and d.from_number = l.from_number
returning d.office, d.case_id, d.line, d.from_number, d.due_at, d.gives, d.attempts
"""
_RENEW_SQL: Final = """
update wuye.r_deadlines d set leased_until = %(until)s
  from unnest(%(cases)s::text[], %(lines)s::text[]) l (case_id, line)
 where d.office = %(office)s and d.case_id = l.case_id and d.line = l.line and d.to_number is null
   and d.leased_until = %(was)s
"""
_RETRY_SQL: Final = """
update wuye.r_deadlines set attempts = 0, last_error = null, leased_until = null
 where to_number is null and missed_at is null and leased_until = %(parked)s
   and (%(office)s::text is null or office = %(office)s)
"""


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did: deadlines fired, found superseded, and failed."""

    fired: int = 0
    stale: int = 0
    failed: int = 0

    def __add__(self, other: Ticked) -> Ticked:
        """Sum of two ticks."""
        return Ticked(self.fired + other.fired, self.stale + other.stale, self.failed + other.failed)


@dataclass(frozen=True, slots=True)
class _Leased:
    office: str
    case_id: str
    line: str
    from_number: int
    due_at: datetime
    gives: str
    attempts: int


class _Life:
    """How long the leases of one tick are good: ten seconds from when this process was last heard of.

    Real time passes while a clock works, whatever the time is that it was told.
    """

    def __init__(self, now: datetime) -> None:
        self._now, self._began = now, monotonic()
        self._heard = self._began
        self.until = now

    def wanes(self) -> bool:
        """Whether a third of it has gone."""
        return monotonic() - self._heard > _LEASE.total_seconds() / 3

    def extended(self) -> datetime:
        """Until when it is good from now on."""
        self._heard = monotonic()
        self.until = self._now + timedelta(seconds=self._heard - self._began) + _LEASE
        return self.until


class Clock:
    """Fires deadlines. As many clocks as wanted may run against one database."""

    def __init__(self, handler: CommandHandler, connect: Connect, gather: Mapping[type[Command], Gather]) -> None:
        """``gather`` builds the commands that need more than their case."""
        self._handler = handler
        self._connect = connect
        self._gather = gather

    def tick(self, now: datetime, *, office: str | None = None, limit: int = 200) -> Ticked:
        """Fire up to ``limit`` deadlines that were due at ``now``, each office's in the order of their instants."""
        return self._tick(now, office, limit, _Life(now))

    def catch_up(self, now: datetime, *, office: str | None = None) -> Ticked:
        """Tick until nothing is due any more: a month of outage is caught up in order."""
        total, life = Ticked(), _Life(now)
        while (done := self._tick(now, office, 200, life)) != Ticked():
            total += done
        return total

    def _tick(self, now: datetime, office: str | None, limit: int, life: _Life) -> Ticked:
        done, left = Ticked(), limit
        while left > 0 and (leased := self._lease(now, office, left, life)):
            for at, each in enumerate(leased):
                if life.wanes():
                    self._renew(leased[at:], life)
                done += self._fire(each, now)
            left -= len(leased)
        return done

    def retry(self, *, office: str | None = None) -> int:
        """Take up again what was parked, once its cause is mended; returns how many deadlines that are."""
        with self._connect() as connection:
            return connection.execute(_RETRY_SQL, {"parked": PARKED, "office": office}).rowcount

    def _lease(self, now: datetime, office: str | None, limit: int, life: _Life) -> list[_Leased]:
        """Take what is due at the oldest instant of one office, so that no other clock fires it meanwhile."""
        with self._connect() as connection:
            rows = connection.execute(
                _LEASE_SQL, {"now": now, "until": life.extended(), "office": office, "limit": limit}
            ).fetchall()
        return sorted((_Leased(*row) for row in rows), key=lambda each: (each.case_id, each.line))

    def _renew(self, leased: list[_Leased], life: _Life) -> None:
        """Say that this clock lives; what another has taken over meanwhile stays with it."""
        values = {
            "was": life.until,
            "until": life.extended(),
            "office": leased[0].office,
            "cases": [each.case_id for each in leased],
            "lines": [each.line for each in leased],
        }
        with self._connect() as connection:
            connection.execute(_RENEW_SQL, values)

    def _fire(self, leased: _Leased, now: datetime) -> Ticked:
        try:
            command = self._command(leased)
            answer = self._handler.handle(
                CommandRequest(
                    office=leased.office,
                    command=command,
                    actor=_CLOCK,
                    now=now,
                    case_id=leased.case_id,
                    # A played office's own time may stand before the deadline's when it catches up.
                    occurred_at=min(leased.due_at, now),
                    deadline=(leased.line, leased.due_at),
                    key=f"deadline/{leased.case_id}/{leased.line}/{leased.from_number}",
                )
            )
        except WrongState as superseded:
            # Superseded between lease and firing: the row was closed by whoever moved the case on. Should it still
            # stand open, it is put off like any other failure, and not asked again every minute for ever.
            self._put_off(leased, now, superseded)
            return Ticked(stale=1)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with one deadline, the others go on
            self._put_off(leased, now, error)
            return Ticked(failed=1)
        return Ticked(stale=1) if answer.repeated else Ticked(fired=1)

    def _command(self, leased: _Leased) -> Command:
        kind = COMMANDS[leased.gives]
        gather = self._gather.get(kind)
        if gather is None:
            return kind()
        case = self._handler.case(leased.office, leased.case_id)
        with self._connect() as connection:
            return gather(Book(connection, leased.office), leased.office, case, leased.due_at)

    def _put_off(self, leased: _Leased, now: datetime, error: Exception) -> None:
        attempts = leased.attempts + 1
        again = PARKED if attempts >= MOST_ATTEMPTS else now + _BACK_OFF * 2**attempts
        with self._connect() as connection:
            put_off = connection.execute(
                "update wuye.r_deadlines set attempts = %s, last_error = %s, leased_until = %s"
                " where office = %s and case_id = %s and line = %s and from_number = %s and to_number is null",
                [
                    attempts,
                    f"{type(error).__name__}: {error}"[:2000],
                    again,
                    leased.office,
                    leased.case_id,
                    leased.line,
                    leased.from_number,
                ],
            ).rowcount
        if put_off:
            _log.warning(
                "deadline failed", office=leased.office, case=leased.case_id, kind=leased.line, attempts=attempts
            )
