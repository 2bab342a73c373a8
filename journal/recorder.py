"""The event store library's recorder on one office's book: all that is written and read of facts passes through here.

What the library's own PostgreSQL recorder does otherwise, and why ours does not (``docs/decisions/0013``): its table
lock stalls all writers behind maintenance and needs more than INSERT (D9), or is not taken at all (D1); two
applications can write into each other's tables (D2); what is to be written with the facts is dropped (D3); tables are
made by whoever starts first (D4); subscriptions can miss what is recorded while they begin (D5); prepared statements
break after a lock time-out (D10); an append whose acknowledgement was lost is tried again blindly (D11).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Event
from typing import Any, Final
from uuid import UUID

import psycopg
from eventsourcing.persistence import ApplicationRecorder, StoredEvent, Subscription

from journal.append import Append, write
from journal.connections import Connect
from journal.errors import meaning_of
from journal.ids import uuid7
from journal.page import COLUMNS, Page, as_page, of_case, split_topic
from journal.prepared_statements import Statement, int4, int8

__all__ = ["WHOLE", "BookRecorder", "BookSubscription", "Share"]

Share = tuple[int, int]
"""(n, of): every so-many-th of a book's cases by a hash of their ids, from n on."""
WHOLE: Final[Share] = (0, 1)

_OF_CASE: Final = (
    f"select {COLUMNS} from wuye.facts"
    f" where {of_case('$1::text', '$2::text')} and version > $3::integer and version <= $4::integer"
    " order by version {} limit $5::bigint"
)
_OLDEST_FIRST: Final = Statement("wuye.facts_of_case", _OF_CASE.format("asc"), 5)
_NEWEST_FIRST: Final = Statement("wuye.facts_of_case_backwards", _OF_CASE.format("desc"), 5)
_FROM_BEGINNING: Final = int4(0)
_TO_END: Final = int4(2**31 - 1)
_PAGES: Final = f"select {COLUMNS} from wuye.facts where office = %s and number >= %s"
_POLL: Final = 0.05


def _pages(_cursor: Any) -> Callable[[Sequence[Any]], Page]:
    return as_page


class BookRecorder(ApplicationRecorder):
    """Records and selects the pages of one office's book. Not shared between threads unless ``connect`` lends to each."""

    def __init__(self, connect: Connect, office: str, share: Share = WHOLE) -> None:
        """``connect`` lends an autocommit connection of the application's role; of a ``share`` only its pages are read."""
        self._connect = connect
        self.office = office
        self._named = office.encode()
        self._share = share

    def insert_events(self, stored_events: Sequence[Any], *, append: Append | None = None, **_: Any) -> list[int]:
        """Write one append with these pages; returns their numbers and leaves in the append what was ``recorded``.

        Raises what :mod:`journal.errors` names, :class:`~domain.kernel.errors.AlreadyHeld`, or what psycopg raises; then
        nothing was written.
        """
        if append is None:  # whoever brings events alone, as the library's own test cases do
            if not stored_events:
                return []
            append = Append(self.office)
        pages = [event if isinstance(event, Page) else self._page(event) for event in stored_events]
        with self._connect() as connection:
            try:
                recorded = append.recorded = write(connection, append, pages)
            except psycopg.DatabaseError as error:
                meaning = meaning_of(error, append)
                if meaning is None:
                    raise
                raise meaning from error
        return list(range(recorded.first_number, recorded.first_number + len(pages)))

    def _page(self, event: StoredEvent) -> Page:
        """A stored event that is no page of ours."""
        name, schema = split_topic(event.topic)
        now = datetime.now(UTC)
        case_id, version = str(event.originator_id), event.originator_version
        return Page(self.office, 0, case_id, version, uuid7(), name, schema, b"{}", event.state, now, now)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[Any]:
        """The pages of one case; a case of another office has none here."""
        values = [
            str(originator_id).encode(),
            self._named,
            _FROM_BEGINNING if gt is None else int4(gt),
            _TO_END if lte is None else int4(lte),
            None if limit is None else int8(limit),
        ]
        with self._connect() as connection:
            return (_NEWEST_FIRST if desc else _OLDEST_FIRST).rows(connection, values, as_page)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Any]:
        """The pages from ``start`` on, in order and, without topics or share, without gaps."""
        first = 1 if start is None else start if inclusive_of_start else start + 1
        statement, values = _PAGES, [self.office, first]
        if stop is not None:
            statement, values = f"{statement} and number <= %s", [*values, stop]
        if topics:
            topic = "case schema when 0 then name else name || '.' || schema end"
            statement, values = f"{statement} and {topic} = any(%s)", [*values, list(topics)]
        number, shares = self._share
        if shares > 1:
            hashed = "abs(hashtextextended(case_id, 0) %% %s)"
            statement, values = f"{statement} and {hashed} = %s", [*values, shares, number]
        with self._connect() as connection, connection.cursor(binary=True, row_factory=_pages) as cursor:
            return cursor.execute(f"{statement} order by number limit %s", [*values, limit]).fetchall()

    def max_notification_id(self) -> int | None:
        """The last page, or None while the book is empty."""
        with self._connect() as connection:
            head = connection.execute("select number from wuye.offices where office = %s", [self.office]).fetchone()
        return head[0] or None if head else None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> BookSubscription:
        """Follow the book after page ``gt``."""
        return BookSubscription(self, gt, topics)


class BookSubscription(Subscription[BookRecorder]):
    """Follows the book by asking for the next page, at the latest every 50 ms: nothing can be missed.

    The library's own subscription waits for a NOTIFY that may have come before it listened (D5).
    """

    def __init__(self, recorder: BookRecorder, gt: int | None, topics: Sequence[str]) -> None:
        """Begin after page ``gt``. Topics that are not asked for are passed over without stopping."""
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._stopped = Event()
        self._ahead: list[Page] = []

    def stop(self) -> None:
        """End the iteration, also one that is waiting in another thread."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> Any:
        """The next page; waits for it."""
        while not self._stopped.is_set():
            if self._ahead:
                found = self._ahead.pop()
                self._last_notification_id = found.id
                return found
            pages = self._recorder.select_notifications(
                start=self._last_notification_id or 0, limit=500, topics=self._topics, inclusive_of_start=False
            )
            self._ahead = list(reversed(pages))
            if not self._ahead:
                self._stopped.wait(_POLL)
        raise StopIteration
