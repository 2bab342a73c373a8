"""An office's book as an ``eventsourcing`` application: its repository, notification log and subscriptions read it.

``OfficeBook(...).repository.get(case_id, version=…, projector_func=…)`` is a case at any of its versions;
``notification_log`` pages through the book; ``recorder.subscribe`` follows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import ApplicationRecorder, JSONTranscoder, Mapper, StoredEvent

from domain.cases import lifecycle_of
from domain.kernel.fact import Case, Fact
from journal.codec import Row, decode, encode_event
from journal.recorder import BookRecorder, StoredFact, topic_of

__all__ = ["FactMapper", "FactRecorder", "OfficeBook", "project_case"]

Connect = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]


class FactRecorder(BookRecorder):
    """A recorder whose stored events keep their row, so that facts come back whole."""

    def stored(self, row: Row) -> StoredEvent:
        """The row and its library form in one."""
        return StoredFact(
            originator_id=row.case_id,
            originator_version=row.version,
            topic=topic_of(row.name, row.schema),
            state=row.state,
            row=row,
        )


class FactMapper(Mapper[str]):
    """Rows to facts by the codec's allow-list: no topic in the database can import anything."""

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[str]:
        """The fact of a stored row."""
        if not isinstance(stored_event, StoredFact):
            msg = "a fact is read from a row of the book"
            raise TypeError(msg)
        return decode(stored_event.row)

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """The library form of a fact; writing goes through ``Office.handle``."""
        if not isinstance(domain_event, Fact):
            msg = "only facts stand in the book"
            raise TypeError(msg)
        return StoredEvent(
            originator_id=domain_event.case_id,
            originator_version=domain_event.version,
            topic=topic_of(domain_event.name, domain_event.event.SCHEMA),
            state=encode_event(domain_event.event),
        )


class OfficeBook(Application[str]):
    """One office's book in the library's terms. Reading only: commands go through ``Office.handle``."""

    def __init__(self, connect: Connect, office: str, env: Mapping[str, str] | None = None) -> None:
        """``connect`` lends a connection of the application's role."""
        self._connect = connect
        self._office = office
        super().__init__(env)

    def construct_mapper(self) -> Mapper[str]:
        """Our mapper."""
        return FactMapper(JSONTranscoder())

    def construct_recorder(self) -> ApplicationRecorder:
        """Our recorder."""
        return FactRecorder(self._connect, self._office)


def project_case(case: Case | None, facts: Iterable[DomainEventProtocol[str]]) -> Any:
    """The library's projector function for our cases: the fold of the lifecycle table."""
    for fact in facts:
        assert isinstance(fact, Fact)
        case = lifecycle_of(fact.case_id).apply(case, fact)
    return case
