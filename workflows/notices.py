"""Notices 通知: who is told of a promise before it is due, when it is broken, and to whom it goes up when it stays so.

The deadlines register is the outbox: it is written in the transaction of the facts, so a promise that stands can be
told and one that was kept is not. A notice's id derives from the deadline's version and the stage, so that it is made
once by whichever process comes first; it is delivered at least once, with that id, and not in quiet hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

import psycopg
import structlog

from domain.calendar import SHANGHAI, local_date
from domain.people import Role
from domain.responsibility import superior
from domain.settings import Numbers, Settings

__all__ = ["MOST_ATTEMPTS", "Delivery", "Notice", "Notices", "after_quiet_hours"]

_SPACE: Final = UUID("6f6a1f6e-3f0e-5c5e-9d43-5b8a4c1f0a57")
MOST_ATTEMPTS: Final = 8
"""After so many failures a delivery is given up and shown."""
_BACK_OFF: Final = timedelta(minutes=1)
_LEASE: Final = timedelta(minutes=5)
_log = structlog.get_logger()

_DUE: Final = """
select d.office, d.case_id, d.line, d.from_number, d.case_kind, d.role, coalesce(a.person, d.person), d.due_at,
       d.missed_at, d.clause, d.zh, d.en, s.state, s.deputy, s.successor
  from wuye.r_deadlines d
  join wuye.offices o on o.office = d.office
  left join wuye.r_assignments a
    on a.office = d.office and a.of_case = d.case_id and a.task = d.line and a.to_number is null and a.open
  left join wuye.r_staff s
    on s.office = d.office and s.person = coalesce(a.person, d.person) and s.to_number is null
 where d.to_number is null and d.role <> 'clock' and d.due_at <= %(horizon)s and d.office = %(office)s
"""
_MAKE: Final = """
insert into wuye.notices (id, office, case_id, case_kind, task, stage, role, person, clause, zh, en, due_at, made_at)
values (%(id)s, %(office)s, %(case_id)s, %(case_kind)s, %(task)s, %(stage)s, %(role)s, %(person)s, %(clause)s, %(zh)s,
        %(en)s, %(due_at)s, %(made_at)s)
on conflict do nothing returning id
"""
_ADDRESS: Final = """
insert into wuye.deliveries (notice, subscription, next_at)
select %(id)s, s.id, %(at)s from wuye.subscriptions s
 where s.office = %(office)s and s.ended_at is null and (s.role is null or s.role = %(role)s)
   and (s.person is null or s.person = %(person)s)
on conflict do nothing
"""
_TAKE: Final = """
update wuye.deliveries d set next_at = %(until)s, attempts = attempts + 1
  from (select notice, subscription from wuye.deliveries
         where delivered_at is null and given_up_at is null and next_at <= %(now)s
         order by next_at limit %(limit)s for update skip locked) t, wuye.notices n, wuye.subscriptions s
 where d.notice = t.notice and d.subscription = t.subscription and n.id = d.notice and s.id = d.subscription
returning n.id, s.id, s.channel, s.address, s.secret, n.office, n.case_id, n.task, n.stage, n.role, n.person, n.clause,
          n.zh, n.en, n.due_at, d.attempts
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told, to whom: ``stage`` is reminder, overdue or escalation."""

    id: UUID
    office: str
    case_id: str
    task: str
    stage: str
    role: str
    person: str | None
    clause: str
    zh: str
    en: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice on its way to one address."""

    notice: Notice
    subscription: str
    channel: str
    address: str
    secret: bytes | None
    attempts: int


Send = Callable[[Delivery, datetime], None]
"""Sends one delivery, or raises."""


class Notices:
    """Makes notices and delivers them. As many as wanted may run against one database; time is an argument."""

    def __init__(
        self,
        connect: Callable[[], AbstractContextManager[psycopg.Connection[Any]]],
        settings: Callable[[str], Settings],
        senders: Mapping[str, Send],
    ) -> None:
        """``settings`` gives an office's settings, ``senders`` the way of each channel."""
        self._connect = connect
        self._settings = settings
        self._senders = senders

    def make(self, now: datetime, offices: Iterable[str]) -> int:
        """Make the notices that are due; returns how many are new."""
        made = 0
        for office in offices:
            numbers = self._settings(office).at(local_date(now))
            remind = timedelta(hours=numbers.integer("tasks.remind_hours_before"))
            escalate = timedelta(hours=numbers.integer("tasks.escalate_hours_after"))
            with self._connect() as connection, connection.transaction():
                rows = connection.execute(_DUE, {"office": office, "horizon": now + remind}).fetchall()
                for row in rows:
                    for stage, role in _stages(row, now, escalate):
                        made += self._make_one(connection, row, stage, role, now, numbers)
        return made

    def _make_one(
        self, connection: psycopg.Connection[Any], row: tuple[Any, ...], stage: str, role: str, now: datetime,
        numbers: Numbers,
    ) -> bool:  # fmt: skip
        office, case_id, task, number, case_kind = row[:5]
        values = {
            "id": uuid5(_SPACE, f"{office}/{case_id}/{task}/{row[7].timestamp()}/{stage}/{role}"), "office": office,
            "case_id": case_id, "case_kind": case_kind, "task": task, "stage": stage, "role": role,
            "person": _stand_in(row) if stage != "escalation" else None, "clause": row[9], "zh": row[10], "en": row[11],
            "due_at": row[7], "made_at": now, "number": number,
        }  # fmt: skip
        if connection.execute(_MAKE, values).fetchone() is None:
            return False
        connection.execute(_ADDRESS, values | {"at": after_quiet_hours(now, numbers)})
        return True

    def deliver(self, now: datetime, limit: int = 100) -> tuple[int, int]:
        """Send what waits; returns how many were delivered and how many failed. A failed one is tried again later."""
        with self._connect() as connection:
            rows = connection.execute(_TAKE, {"now": now, "until": now + _LEASE, "limit": limit}).fetchall()
        sent = failed = 0
        for row in rows:
            delivery = Delivery(Notice(row[0], *row[5:15]), row[1], row[2], row[3], row[4], row[15])
            try:
                self._senders[delivery.channel](delivery, now)
            except Exception as error:  # noqa: BLE001 -- whatever is wrong with one address, the others get theirs
                failed += 1
                self._put_off(delivery, now, error)
            else:
                sent += 1
                self._note(delivery, "delivered_at = %s, last_error = null", [now])
        return sent, failed

    def _put_off(self, delivery: Delivery, now: datetime, error: Exception) -> None:
        _log.warning(
            "notice not delivered", notice=str(delivery.notice.id), channel=delivery.channel, error=repr(error)
        )
        again = now + _BACK_OFF * 2**delivery.attempts
        given_up = now if delivery.attempts >= MOST_ATTEMPTS else None
        text = f"{type(error).__name__}: {error}"[:500]
        self._note(delivery, "next_at = %s, given_up_at = %s, last_error = %s", [again, given_up, text])

    def _note(self, delivery: Delivery, what: str, values: list[Any]) -> None:
        with self._connect() as connection:
            connection.execute(
                f"update wuye.deliveries set {what} where notice = %s and subscription = %s".encode(),
                [*values, delivery.notice.id, delivery.subscription],
            )


def _stages(row: tuple[Any, ...], now: datetime, escalate: timedelta) -> Iterable[tuple[str, str]]:
    """Reminder before, overdue after, then up one role for each further span."""
    role, due_at = row[5], row[7]
    if now < due_at:
        yield "reminder", role
        return
    yield "overdue", role
    above, span = superior(Role(role)), escalate
    while above is not None and now >= due_at + span:
        yield "escalation", above.value
        above, span = superior(above), span + escalate


def _stand_in(row: tuple[Any, ...]) -> str | None:
    """The person, or who stands in for them: the deputy while absent, the successor once gone."""
    person, state, deputy, successor = row[6], row[12], row[13], row[14]
    found: str | None = {"absent": deputy, "left": successor}.get(state or "", person) or person
    return found


def after_quiet_hours(now: datetime, numbers: Numbers) -> datetime:
    """Now, or the end of the quiet hours in which it falls (local time, Asia/Shanghai)."""
    local = now.astimezone(SHANGHAI)
    begins, ends = numbers.time_of_day("notifications.quiet_from"), numbers.time_of_day("notifications.quiet_until")
    clock = local.time()
    quiet = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
    if not quiet:
        return now
    until = local.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    return (until if until > local else until + timedelta(days=1)).astimezone(now.tzinfo)
