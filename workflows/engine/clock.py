"""The clock 时钟: fires what has fallen due. Time is an argument; nothing here sleeps.

A deadline is an open row of the deadlines register; who is at work on it, and what failed, stands in ``clock_work``, which
no rebuild of the register touches. ``tick`` leases what fell due at the oldest instant of an office,
gives each one's command through the same door as everybody else, and the row is closed in the transaction that writes
the effect. What has fallen due at one instant is fired fifty at a time in one transaction (a month's overdue bills), in the
same order; where one of them fails, each has its own again. An office's deadlines are fired in the order of their instants, also when several clocks are at work: what
an earlier one brings about (the next day's patrol, a sample's visits) falls due in its turn before later ones are
looked at. The idempotency key is the deadline itself, so that firing twice, late or by two processes ends in one
effect. A deadline whose command fails is put off, holds up nobody, and is after some attempts parked with its error
and shown; ``retry`` takes it up again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import takewhile
from time import monotonic
from typing import Any, Final

import structlog

from domain.kernel.errors import WrongState
from domain.kernel.fact import COMMANDS, Command
from domain.kernel.people import Actor, Role
from journal.book import Book
from journal.codec import FutureSchema
from journal.connections import Connect
from journal.errors import Superseded
from workflows.engine.found import FOUND
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest

__all__ = ["Clock", "Gather", "Ticked"]

Gather = Callable[[Book, str, Any, datetime], Command]
"""Builds the command of a deadline that needs more than its case: (book, office, case, due instant)."""

_LEASE: Final = timedelta(seconds=10)
"""How long a clock that has died holds up others; one that lives and needs longer renews what it has leased."""
_AT_ONCE: Final = 50
"""So many deadlines of one instant in one transaction: what a crash interrupts is done again, and nothing twice."""
_BACK_OFF: Final = timedelta(minutes=1)
MOST_ATTEMPTS: Final = 5
"""After so many failures a deadline is parked."""
PARKED: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Until when a parked deadline is leased: until somebody looks at it."""
_CLOCK = Actor("clock", Role.CLOCK)
_log = structlog.get_logger()

_OPEN: Final = "to_number is null and {0}.missed_at is null"
_WORK_ON: Final = "wuye.clock_work w where w.office = {0}.office and w.case_id = {0}.case_id and w.line = {0}.line and w.from_number = {0}.from_number"
# Every part is asked so that it has one index to go by, row by row, whatever the server knows of tables that grow and shrink
# within a minute: as joins they were planned over all open deadlines of all offices, and over all of an office for each of them.
_LEASE_SQL: Final = f"""
with swept as ( -- what became of a deadline is nobody's business once it is closed
  delete from wuye.clock_work where ctid = any (array(
    select w.ctid from wuye.clock_work w
     where (select true from wuye.r_deadlines d
             where d.office = w.office and d.case_id = w.case_id and d.line = w.line and d.from_number = w.from_number
               and d.to_number is null limit 1) is null
       for update skip locked))),
free as materialized ( -- the oldest deadline of each office that nobody has in hand
  select its.* from (
    -- A simulated office has a clock of its own: it is fired when that is moved, and named then.
    select o.office from wuye.offices o where o.office = %(office)s or %(office)s::text is null and o.clock is null) o
   cross join lateral (
    select d.office, d.case_id, d.line, d.due_at from wuye.r_deadlines d
     where d.office = o.office and d.{_OPEN.format("d")} and d.due_at <= %(now)s
       and (select true from {_WORK_ON.format("d")} and w.leased_until > %(now)s limit 1) is null
     order by d.due_at limit 1) its
   -- Nothing of an office is fired while something older is at work; what has failed holds up nobody.
   where its.due_at <= coalesce((
    select e.due_at from wuye.r_deadlines e
     where e.office = its.office and e.{_OPEN.format("e")} and e.due_at < its.due_at
       and (select true from {_WORK_ON.format("e")} and w.attempts > 0 limit 1) is null
     order by e.due_at limit 1), its.due_at)),
oldest as (
  select its.* from (select * from free order by due_at) f cross join lateral (
    select d.office, d.due_at from wuye.r_deadlines d
     where d.office = f.office and d.case_id = f.case_id and d.line = f.line and d.to_number is null
       for update of d skip locked) its limit 1),
wanted as (
  select its.* from oldest o cross join lateral (
    select r.office, r.case_id, r.line, r.from_number, r.due_at, r.gives from wuye.r_deadlines r
     where r.due_at = o.due_at and r.office = o.office and r.{_OPEN.format("r")}
       and (select true from {_WORK_ON.format("r")} and w.leased_until > %(now)s limit 1) is null
     order by r.case_id, r.line limit %(limit)s for update of r skip locked) its),
leased as (
  insert into wuye.clock_work as w (office, case_id, line, from_number, leased_until)
  select office, case_id, line, from_number, %(until)s from wanted
      on conflict on constraint clock_work_pkey do update
     set leased_until = %(until)s,
         -- A lease that ended without a word: its clock has died. It counts, so that it does not hold up the office again.
         attempts = w.attempts + (w.last_error is null)::integer
   where w.leased_until <= %(now)s -- not if another clock was quicker: this one may have seen the table before that
  returning w.office, w.case_id, w.line, w.from_number, w.attempts)
select w.office, w.case_id, w.line, w.from_number, w.due_at, w.gives, l.attempts
  from leased l join wanted w using (office, case_id, line, from_number)
"""
_RENEW_SQL: Final = """
update wuye.clock_work w set leased_until = %(until)s
  from unnest(%(cases)s::text[], %(lines)s::text[], %(numbers)s::bigint[]) l (case_id, line, from_number)
 where w.office = %(office)s and w.case_id = l.case_id and w.line = l.line and w.from_number = l.from_number
   and w.leased_until = %(was)s
"""
_PUT_OFF_SQL: Final = """
update wuye.clock_work w set attempts = %(attempts)s, last_error = %(error)s, leased_until = %(again)s
  from wuye.r_deadlines d
 where (w.office, w.case_id, w.line, w.from_number) = (%(office)s, %(case)s, %(line)s, %(number)s)
   and (d.office, d.case_id, d.line, d.from_number) = (%(office)s, %(case)s, %(line)s, %(number)s)
   and d.to_number is null
"""
_RETRY_SQL: Final = f"""
delete from wuye.clock_work w using wuye.r_deadlines d
 where w.leased_until = %(parked)s and (%(office)s::text is null or w.office = %(office)s)
   and (d.office, d.case_id, d.line, d.from_number) = (w.office, w.case_id, w.line, w.from_number)
   and d.{_OPEN.format("d")}
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

    @property
    def key(self) -> str:
        """The idempotency key of its firing."""
        return f"deadline/{self.case_id}/{self.line}/{self.from_number}"


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
        """Fire up to ``limit`` deadlines that were due at ``now``, each office's in the order of their instants.

        Of all real offices, or of the one that is named.
        """
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
            at = 0
            while at < len(leased):
                some = self._together(leased[at : at + _AT_ONCE])
                if len(some) > 1 and self._fire_together(some, leased[at:], now, life):
                    done += Ticked(fired=len(some))
                else:
                    for place, each in enumerate(some, at):
                        self._keep(leased[place:], life)
                        done += self._fire(each, now)
                at += len(some)
            left -= len(leased)
        return done

    def _together(self, leased: Sequence[_Leased]) -> Sequence[_Leased]:
        """Those from the first on that may be fired in one transaction: none has failed, or is decided by what registers say."""
        some = list(takewhile(lambda each: each.attempts == 0 and self._by_its_case(COMMANDS[each.gives]), leased))
        return some or leased[:1]

    def _by_its_case(self, command: type[Command]) -> bool:
        """Whether nothing has to be read of the registers, which know of nothing that is not yet written."""
        return command not in self._gather and command not in FOUND

    def _keep(self, leased: Sequence[_Leased], life: _Life) -> None:
        if life.wanes():
            self._renew(leased, life)

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

    def _renew(self, leased: Sequence[_Leased], life: _Life) -> None:
        """Say that this clock lives; what another has taken over meanwhile stays with it."""
        values = {
            "was": life.until,
            "until": life.extended(),
            "office": leased[0].office,
            "cases": [each.case_id for each in leased],
            "lines": [each.line for each in leased],
            "numbers": [each.from_number for each in leased],
        }
        with self._connect() as connection:
            connection.execute(_RENEW_SQL, values)

    def _fire_together(self, some: Sequence[_Leased], leased: Sequence[_Leased], now: datetime, life: _Life) -> bool:
        """Fire these in one transaction; whether they were. Whatever is wrong with one of them, nothing was done."""
        self._keep(leased, life)
        key = sha256("\n".join(each.key for each in some).encode()).hexdigest()
        try:
            requests = [self._request(each, COMMANDS[each.gives](), now) for each in some]
            self._handler.handle_together(requests, f"deadlines/{key}")
        except Exception as error:  # noqa: BLE001 -- each is tried by itself, and says what is wrong with it
            _log.info("deadlines one by one", office=some[0].office, count=len(some), error=type(error).__name__)
            return False
        return True

    def _request(self, leased: _Leased, command: Command, now: datetime, key: str | None = None) -> CommandRequest:
        return CommandRequest(
            office=leased.office,
            command=command,
            actor=_CLOCK,
            now=now,
            case_id=leased.case_id,
            # A played office's own time may stand before the deadline's when it catches up.
            occurred_at=min(leased.due_at, now),
            deadline=(leased.line, leased.due_at),
            key=key,
        )

    def _fire(self, leased: _Leased, now: datetime) -> Ticked:
        try:
            answer = self._handler.handle(self._request(leased, self._command(leased), now, leased.key))
        except WrongState as superseded:
            # Superseded between lease and firing: the row was closed by whoever moved the case on. Should it still
            # stand open, it is put off like any other failure, and not asked again every minute for ever.
            self._put_off(leased, now, superseded)
            return Ticked(stale=1)
        except (Superseded, FutureSchema) as newer:
            # A newer version is at work beside this one: its clock takes the deadline up when the lease ends.
            _log.warning("deadline left to a newer version", office=leased.office, error=type(newer).__name__)
            return Ticked(failed=1)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with one deadline, the others go on
            self._put_off(leased, now, error)
            return Ticked(failed=1)
        return Ticked(stale=1) if answer.repeated else Ticked(fired=1)

    def _command(self, leased: _Leased) -> Command:
        kind = COMMANDS[leased.gives]
        gather = self._gather.get(kind)
        if gather is None:
            return kind()
        with self._connect() as connection:
            book = Book(connection, leased.office)
            with self._handler.lent(book, leased.case_id) as case:
                return gather(book, leased.office, case, leased.due_at)

    def _put_off(self, leased: _Leased, now: datetime, error: Exception) -> None:
        attempts = leased.attempts + 1
        again = PARKED if attempts >= MOST_ATTEMPTS else now + _BACK_OFF * 2**attempts
        values = {
            "attempts": attempts,
            "error": f"{type(error).__name__}: {error}"[:2000],
            "again": again,
            "office": leased.office,
            "case": leased.case_id,
            "line": leased.line,
            "number": leased.from_number,
        }
        with self._connect() as connection:
            put_off = connection.execute(_PUT_OFF_SQL, values).rowcount
        if put_off:
            _log.warning(
                "deadline failed", office=leased.office, kind=leased.line, attempts=attempts, error=type(error).__name__
            )
