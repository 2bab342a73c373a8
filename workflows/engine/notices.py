"""Notices 通知: who is told that a task is theirs, that its time comes, that it has passed, and to whom it goes up.

The deadlines register is the outbox: it is written in the transaction of the facts, so a promise that stands can be
told and one that was kept is not. A notice's id derives from the deadline and the stage, so that it is made once by
whichever process comes first; it is delivered at least once, with that id, and not in quiet hours. Those that say the same
to the same person are told together (``workflows.engine.notice_groups``). What is wrong with one office or one address holds up no
other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

import psycopg
import structlog

from domain.handbook.settings import Numbers, Settings
from domain.kernel.calendar import SHANGHAI, local_date
from domain.kernel.people import Role
from domain.office.responsibility import DUTIES, superior, who_acts
from journal.connections import Connect
from workflows.engine.notice_groups import Gathered, gathered, joined, told_together

__all__ = ["MOST_ATTEMPTS", "STAGES", "Delivery", "Notice", "Notices", "after_quiet_hours", "stand_ins"]

_SPACE: Final = UUID("6f6a1f6e-3f0e-5c5e-9d43-5b8a4c1f0a57")
STAGES: Final = {
    "assigned": ("由您承办", "yours to do"),
    "reminder": ("将到期", "due soon"),
    "warning": ("将到期而未办", "due soon and not done"),
    "overdue": ("已逾期", "overdue"),
    "escalation": ("上报", "escalated"),
}
"""What a notice says of its task 通知的情况: in Chinese and in English."""
MOST_ATTEMPTS: Final = 8
"""After so many failures a delivery is given up and shown."""
_BACK_OFF: Final = timedelta(minutes=1)
_LEASE: Final = timedelta(minutes=5)
_log = structlog.get_logger()

_OWED: Final = """
select d.case_id, d.line, d.case_kind, d.role, coalesce(a.person, d.person), a.person is not null, d.due_at, d.clause,
       d.zh, d.en
  from wuye.r_deadlines d
  left join wuye.r_assignments a
    on a.office = d.office and a.of_case = d.case_id and a.task = d.line and a.to_number is null and a.open
 where d.to_number is null and d.role <> 'clock' and d.office = %(office)s
   and (d.due_at <= %(horizon)s or coalesce(a.person, d.person) is not null)
 order by d.due_at, d.case_id, d.line
"""
_STAND_INS: Final = """
select person, case state when 'left' then successor else deputy end
  from wuye.r_staff
 where office = %s and to_number is null and (state = 'left' or (state = 'absent' and since <= %s))
"""
_ALONE: Final = "select pg_advisory_xact_lock(hashtextextended('wuye notices ' || %s, 0))"
"""Of one office one process makes notices at a time: two would each begin a message of the same."""
_MAKE: Final = """
insert into wuye.notices (id, office, case_id, case_kind, task, stage, role, person, clause, zh, en, due_at, made_at,
                          gathered_in)
values (%(id)s, %(office)s, %(case_id)s, %(case_kind)s, %(task)s, %(stage)s, %(role)s, %(person)s, %(clause)s, %(zh)s,
        %(en)s, %(due_at)s, %(made_at)s, %(gathered_in)s)
on conflict do nothing
"""
_ADDRESS: Final = """
insert into wuye.deliveries (notice, subscription, next_at)
select %(id)s, s.id, %(at)s from wuye.subscriptions s
  join wuye.offices o on o.office = s.office and o.clock is null -- a simulated office writes to nobody
 where s.office = %(office)s and s.ended_at is null and (s.role is null or s.role = %(role)s)
   and (s.person is null or s.person = %(person)s)
on conflict do nothing
"""
_FOLLOWING: Final = """
select min(t.at)
  from wuye.r_deadlines d,
       unnest(array[d.due_at - %(remind)s, d.due_at - %(warn)s, d.due_at, d.due_at + %(escalate)s,
                    d.due_at + 2 * %(escalate)s, d.due_at + 3 * %(escalate)s, d.due_at + 4 * %(escalate)s]) as t(at)
 where d.to_number is null and d.role <> 'clock' and d.office = %(office)s and t.at > %(now)s
"""
_WAITING: Final = """
select distinct n.office from wuye.deliveries d join wuye.notices n on n.id = d.notice
 where d.delivered_at is null and d.given_up_at is null and d.next_at <= %s
"""
_TAKE: Final = """
update wuye.deliveries d set next_at = %(until)s, attempts = attempts + 1
  from (select d.notice, d.subscription from wuye.deliveries d join wuye.notices n on n.id = d.notice
         where d.delivered_at is null and d.given_up_at is null and d.next_at <= %(now)s and n.office = any(%(awake)s)
         order by d.next_at limit %(limit)s for update of d skip locked) t, wuye.notices n, wuye.subscriptions s
 where d.notice = t.notice and d.subscription = t.subscription and n.id = d.notice and s.id = d.subscription
returning n.id, s.id, s.channel, s.address, s.secret, n.office, n.case_id, n.task, n.stage, n.role, n.person, n.clause,
          n.zh, n.en, n.due_at, d.attempts
"""


def stand_ins(connection: psycopg.Connection[Any], office: str, day: date) -> dict[str, str]:
    """Who stands in for whom in this office on a local date: deputies of the absent, successors of those who left."""
    return dict(connection.execute(_STAND_INS, [office, day]).fetchall())


class _Owed(NamedTuple):
    """One row of the deadlines register as it is told of."""

    case_id: str
    task: str
    case_kind: str
    role: str
    person: str | None
    assigned: bool
    due_at: datetime
    clause: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class _Spans:
    """How long before and after a deadline somebody is told."""

    remind: timedelta
    warn: timedelta
    escalate: timedelta

    @classmethod
    def of(cls, numbers: Numbers) -> _Spans:
        """As the office has them."""
        names = ("tasks.remind_hours_before", "tasks.warn_superior_hours_before", "tasks.escalate_hours_after")
        return cls(*(timedelta(hours=numbers.integer(name)) for name in names))


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told, to whom: ``stage`` is assigned, reminder, warning, overdue or escalation."""

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
    """One notice on its way to one address, with those that are told under it."""

    notice: Notice
    gathered: Gathered
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
        connect: Connect,
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
            try:
                made += self._make_for(office, now)
            except psycopg.OperationalError:
                raise
            except Exception as error:  # noqa: BLE001 -- whatever is wrong with one office, the others are told
                _log.warning("notices not made", office=office, error=type(error).__name__)
        return made

    def following(self, office: str, now: datetime) -> datetime | None:
        """The next instant after ``now`` at which an office may have something to tell, as its promises stand."""
        spans = _Spans.of(self._settings(office).at(local_date(now)))
        values = {"office": office, "now": now, "remind": spans.remind, "warn": spans.warn, "escalate": spans.escalate}
        with self._connect() as connection:
            row = connection.execute(_FOLLOWING, values).fetchone()
        return row[0].astimezone(UTC) if row is not None and row[0] is not None else None

    def _make_for(self, office: str, now: datetime) -> int:
        numbers = self._settings(office).at(local_date(now))
        spans, at = _Spans.of(numbers), after_quiet_hours(now, numbers)
        with self._connect() as connection, connection.transaction():
            connection.execute(_ALONE, [office])
            instead = stand_ins(connection, office, local_date(now))
            horizon = now + max(spans.remind, spans.warn)
            wanted = {
                notice["id"]: notice
                for row in connection.execute(_OWED, {"office": office, "horizon": horizon})
                for notice in _notices(office, _Owed(*row), now, spans, instead)
            }
            stored = connection.execute("select id from wuye.notices where id = any(%s)", [list(wanted)])
            known = {id_ for (id_,) in stored}
            new = [notice for id_, notice in wanted.items() if id_ not in known]
            for alike in told_together(new):
                self._tell(connection, alike, at)
            return len(new)

    @staticmethod
    def _tell(connection: psycopg.Connection[Any], alike: list[Mapping[str, Any]], at: datetime) -> None:
        """Write down what is told together: under what waits unread and untried already, else under the first of them."""
        bearer = joined(connection, alike[0])
        if bearer is None:
            first, *alike = alike
            bearer = first["id"]
            connection.execute(_MAKE, {**first, "gathered_in": None})
            connection.execute(_ADDRESS, {**first, "at": at})
        with connection.cursor() as cursor:
            cursor.executemany(_MAKE, [{**notice, "gathered_in": bearer} for notice in alike])

    def deliver(self, now: datetime, limit: int = 100) -> tuple[int, int]:
        """Send what waits; returns how many were delivered and how many failed. A failed one is tried again later.

        An office in its quiet hours waits for their end, whatever the delivery was put off to.
        """
        with self._connect() as connection:
            waiting = [office for (office,) in connection.execute(_WAITING, [now])]
        awake = [office for office in waiting if self._awake(office, now)]
        sent = failed = 0
        if not awake:
            return sent, failed
        with self._connect() as connection:
            rows = connection.execute(
                _TAKE, {"now": now, "until": now + _LEASE, "limit": limit, "awake": awake}
            ).fetchall()
        with self._connect() as connection:  # only now, when nothing more can join them
            told = gathered(connection, [row[0] for row in rows])
        for row in rows:
            delivery = Delivery(Notice(row[0], *row[5:15]), told[row[0]], row[1], row[2], row[3], row[4], row[15])
            try:
                self._senders[delivery.channel](delivery, now)
            except Exception as error:  # noqa: BLE001 -- whatever is wrong with one address, the others get theirs
                failed += 1
                self._put_off(delivery, now, error)
            else:
                sent += 1
                self._note(delivery, "delivered_at = %s, last_error = null", [now])
        return sent, failed

    def _awake(self, office: str, now: datetime) -> bool:
        return after_quiet_hours(now, self._settings(office).at(local_date(now))) == now

    def _put_off(self, delivery: Delivery, now: datetime, error: Exception) -> None:
        _log.warning(
            "notice not delivered", notice=str(delivery.notice.id), channel=delivery.channel, error=type(error).__name__
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


def _notices(
    office: str, owed: _Owed, now: datetime, spans: _Spans, instead: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """What there is to tell of one task now: each has an id of its own, which is the same whoever finds it."""
    named = owed.person
    person = who_acts(named, instead) if named is not None else None
    told = owed.assigned or ((duty := DUTIES.get((owed.case_kind, owed.task))) is not None and duty.told)
    for stage, role in _stages(owed, now, spans, to_person=person is not None and told):
        told_to = person if role == owed.role else None
        mark = f"{office}/{owed.case_id}/{owed.task}/{owed.due_at.timestamp()}/{stage}/{role}"
        if stage == "assigned":
            mark += f"/{person}"
        yield {
            "id": uuid5(_SPACE, mark),
            "office": office,
            "case_id": owed.case_id,
            "case_kind": owed.case_kind,
            "task": owed.task,
            "stage": stage,
            "role": role,
            "person": told_to,
            "clause": owed.clause,
            "zh": owed.zh,
            "en": owed.en,
            "due_at": owed.due_at,
            "made_at": now,
        }


def _stages(owed: _Owed, now: datetime, spans: _Spans, *, to_person: bool) -> Iterator[tuple[str, str]]:
    """Whose it is, a reminder, and word to the next role while there is time; overdue after, and up for each span."""
    above = superior(Role(owed.role))
    if now < owed.due_at:
        if to_person:
            yield "assigned", owed.role
        if now >= owed.due_at - spans.remind:
            yield "reminder", owed.role
        if above is not None and now >= owed.due_at - spans.warn:
            yield "warning", above.value
        return
    yield "overdue", owed.role
    span = spans.escalate
    while above is not None and now >= owed.due_at + span:
        yield "escalation", above.value
        above, span = superior(above), span + spans.escalate


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
