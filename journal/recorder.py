"""The event store library's recorder interface on the book: one office, notification id = page number.

Appends go through ``wuye.record`` like all others, so that the library's readers and ours see one order. The library's
own subscriptions can stall between their first pull and LISTEN; ours polls, and skips nothing because the numbers of
an office have no gaps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any, Final
from uuid import UUID

import psycopg
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    ProgrammingError,
    StoredEvent,
    Subscription,
)

from journal.append import Append, Stored
from journal.book import Book, Conflict
from journal.codec import Row
from journal.ids import uuid7

__all__ = ["BookRecorder", "BookSubscription", "StoredFact"]

_COLUMNS: Final = "office, number, case_id, version, event_id, name, schema, metadata, state, occurred_at, recorded_at"
_POLL: Final = 0.05


@dataclass(frozen=True)
class StoredFact(StoredEvent):
    """A stored event together with the row it was read from."""

    row: Row


class BookRecorder(ApplicationRecorder):
    """Records and selects the stored events of one office's book. Topics are ``Name.schema``; bare words schema 0."""

    def __init__(self, connect: Callable[[], AbstractContextManager[psycopg.Connection[Any]]], office: str) -> None:
        """``connect`` lends an autocommit connection of the application's role."""
        self._connect = connect
        self.office = office

    def insert_events(self, stored_events: Sequence[StoredEvent], **_kwargs: Any) -> Sequence[int] | None:
        """Append in one transaction; returns the page numbers. Raises the library's IntegrityError on a conflict."""
        if not stored_events:
            return []
        now = datetime.now(UTC)
        rows = [
            Stored(str(e.originator_id), e.originator_version, uuid7(), *split_topic(e.topic), b"{}", e.state, now)
            for e in stored_events
        ]
        with self._connect() as connection:
            try:
                recorded = Book(connection).record_stored(Append(self.office), rows)
            except Conflict as conflict:
                raise IntegrityError(str(conflict)) from conflict
        return list(range(recorded.first_number, recorded.first_number + len(rows)))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The stored events of one case."""
        order = "desc" if desc else "asc"
        with self._connect() as connection:
            rows = connection.execute(
                f"select {_COLUMNS} from wuye.facts where case_id = %s and office = %s"
                " and version > coalesce(%s, -1) and version <= coalesce(%s, version)"
                f" order by version {order} limit %s",
                [str(originator_id), self.office, gt, lte, limit],
            ).fetchall()
        return [self.stored(Row(*row)) for row in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The pages from ``start`` on, in order."""
        first = 1 if start is None else start if inclusive_of_start else start + 1
        with self._connect() as connection:
            rows = connection.execute(
                f"select {_COLUMNS} from wuye.facts where office = %s and number >= %s"
                " and number <= coalesce(%s, number)"
                " and (%s::text[] is null or case schema when 0 then name else name || '.' || schema end = any(%s))"
                " order by number limit %s",
                [self.office, first, stop, list(topics) or None, list(topics), limit],
            ).fetchall()
        return [
            Notification(
                originator_id=row[2], originator_version=row[3], topic=topic_of(row[5], row[6]), state=row[8], id=row[1]
            )
            for row in rows
        ]

    def max_notification_id(self) -> int | None:
        """The last page, or None while the book is empty."""
        with self._connect() as connection:
            head = Book(connection).head(self.office)
        return head[0] or None if head else None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Follow the book after page ``gt``."""
        return BookSubscription(self, gt, topics)

    def stored(self, row: Row) -> StoredEvent:
        """The library's form of a row."""
        return StoredEvent(
            originator_id=row.case_id,
            originator_version=row.version,
            topic=topic_of(row.name, row.schema),
            state=row.state,
        )


class BookSubscription(Subscription[ApplicationRecorder]):
    """Follows the book by asking for the next page, at the latest every 50 ms: nothing can be missed."""

    def __init__(self, recorder: ApplicationRecorder, gt: int | None, topics: Sequence[str]) -> None:
        """Begin after page ``gt``. Topics that are not asked for are passed over without stopping."""
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._stopped = Event()
        self._ahead: list[Notification] = []

    def stop(self) -> None:
        """End the iteration, also one that is waiting in another thread."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        """The next page; waits for it."""
        while not self._stopped.is_set():
            if self._ahead:
                found = self._ahead.pop(0)
                self._last_notification_id = found.id
                return found
            self._ahead = list(
                self._recorder.select_notifications(
                    start=self._last_notification_id or 0, limit=500, topics=self._topics, inclusive_of_start=False
                )
            )
            if not self._ahead:
                self._stopped.wait(_POLL)
        raise StopIteration


def split_topic(topic: str) -> tuple[str, int]:
    """«ComplaintResolved.2» → name and schema."""
    name, dot, schema = topic.rpartition(".")
    if not dot:
        return topic, 0
    if not schema.isdigit():
        msg = f"{topic}: 主题须为「名称.版本号」 / a topic is «Name.schema», never a path"
        raise ProgrammingError(msg)
    return name, int(schema)


def topic_of(name: str, schema: int) -> str:
    """The reverse of :func:`split_topic`."""
    return f"{name}.{schema}" if schema else name
