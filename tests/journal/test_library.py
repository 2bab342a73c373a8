"""The book passes the event store library's own recorder test cases, and serves its repository and subscriptions."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import Notification, ProgrammingError
from eventsourcing.tests.persistence import ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
from psycopg_pool import ConnectionPool

from domain.complaints.complaint.commands.reception import InformResident, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.people import Role
from journal.book import Book
from journal.mapper import project_case
from journal.page import split_topic
from journal.recorder import BookRecorder
from tests.conftest import Database
from tests.office_rig import office_rig


@pytest.fixture(autouse=True)
def book(database: Database, request: pytest.FixtureRequest) -> Iterator[None]:
    """Gives the library's unittest classes a fresh database each."""
    with ConnectionPool(database.app, min_size=2, max_size=24, kwargs={"autocommit": True}) as pool:
        if request.cls is not None:
            request.cls.pool = pool
        yield


class _OnTheBook:
    pool: ConnectionPool[Any]
    INITIAL_VERSION = 1

    def create_recorder(self) -> BookRecorder:
        with self.pool.connection() as connection:
            Book(connection, "LIB").open()
        return BookRecorder(self.pool.connection, "LIB")

    def new_originator_id(self) -> str:
        return f"case-{uuid4()}"


class TestTheLibrarysRecorderCase(_OnTheBook, ApplicationRecorderTestCase[BookRecorder]):  # type: ignore[misc]
    """``eventsourcing.tests.persistence.ApplicationRecorderTestCase``."""

    def test_insert_subscribe(self) -> None:
        """The library keeps this one optional."""
        self.optional_test_insert_subscribe()


class TestTheLibrarysNonInterleavingCase(_OnTheBook, NonInterleavingNotificationIDsBaseCase):  # type: ignore[misc]
    """``eventsourcing.tests.persistence.NonInterleavingNotificationIDsBaseCase``."""


def test_the_repository_shows_a_case_at_each_of_its_versions(database: Database) -> None:
    with office_rig(database.app) as rig:
        made = rig.do(
            RegisterComplaint(
                channel=Channel.ONLINE, category="lift", matter="电梯异响", content="三号梯", home="1-101"
            ),
            as_=Role.ADMINISTRATOR,
        )
        rig.do(InformResident(channel=Channel.ONLINE, progress="已报修"), as_=Role.ADMINISTRATOR, on=made.case_id)
        with rig.pool.connection() as connection:
            book = Book(connection, "XH")
            case = book.repository.get(made.case_id, version=1, projector_func=project_case)
            assert (case.version, case.matter) == (1, "电梯异响")
            assert book.repository.get(made.case_id, projector_func=project_case).version == 2
            numbers = [item.id for item in book.notification_log["1,10"].items]
            assert numbers == list(range(1, len(rig.facts()) + 1))


def test_a_case_as_of_a_page_has_what_the_book_said_up_to_there(database: Database) -> None:
    with office_rig(database.app) as rig:
        informed = InformResident(channel=Channel.ONLINE, progress="已报修")
        made = rig.do(
            RegisterComplaint(
                channel=Channel.ONLINE, category="lift", matter="电梯异响", content="三号梯", home="5-501"
            ),
            as_=Role.ADMINISTRATOR,
        )
        pages = [made.number, *(rig.do(informed, as_=Role.ADMINISTRATOR, on=made.case_id).number for _ in range(3))]
        with rig.pool.connection() as connection:
            book = Book(connection, "XH")
            for version, page in enumerate(pages, 1):
                assert book.case(made.case_id, until=page).version == version
                assert [fact.version for fact in book.facts_of(made.case_id, until=page)] == list(range(1, version + 1))
            assert book.case(made.case_id, until=pages[0] - 1) is None
            assert book.facts_of(made.case_id, until=0) == []
            assert book.case(made.case_id).version == len(pages)
            assert Book(connection, "YY").case(made.case_id) is None, "a case of another office is not here"


def test_a_subscription_misses_nothing_that_is_written_while_it_begins(database: Database) -> None:
    """The library's own subscription can stall between its first pull and LISTEN (its issue 305)."""
    with office_rig(database.app) as rig:
        recorder = BookRecorder(rig.pool.connection, "XH")
        head = recorder.max_notification_id()
        seen: list[Notification] = []
        with recorder.subscribe(gt=head) as subscription:
            writer = Thread(target=_write_ten, args=(recorder,))
            writer.start()
            for notification in subscription:
                seen.append(notification)
                if len(seen) == 10:
                    break
            writer.join()
        assert [n.id for n in seen] == list(range((head or 0) + 1, (head or 0) + 11))


def _write_ten(recorder: BookRecorder) -> None:
    from eventsourcing.persistence import StoredEvent

    for _ in range(10):
        recorder.insert_events([StoredEvent(f"case-{uuid4()}", 1, "word", b"{}")])


def test_a_topic_is_a_word_and_a_number_never_a_path() -> None:
    assert split_topic("ComplaintResolved.2") == ("ComplaintResolved", 2)
    with pytest.raises(ProgrammingError):
        split_topic("os:system.popen")
