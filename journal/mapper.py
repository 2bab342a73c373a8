"""Facts to pages and back, by the codec's allow-list: the event store library's mapper, and its projector for cases."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import Any, cast

from eventsourcing.application import ProjectorFunction
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper

from domain.cases import lifecycle_of
from domain.kernel.fact import Case, Fact
from journal.codec import decode, encode_event, encode_metadata
from journal.page import Page

__all__ = ["FactMapper", "project_case", "projector"]


class FactMapper(Mapper[str]):
    """The library's mapper with our codec in its place.

    The library's own resolves topics by importing whatever module a row names, builds events without looking at their
    fields and loads those of a future schema silently (D13, D14), and knows one cipher for everything (D15).
    """

    def __init__(self) -> None:
        """The transcoder is never asked."""
        super().__init__(JSONTranscoder())

    def to_domain_event(self, stored_event: Any) -> Fact:
        """The fact of a page. Raises :class:`~journal.codec.UnknownEvent` or :class:`~journal.codec.FutureSchema`."""
        return decode(stored_event)

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> Any:
        """A fact as the bytes that are stored and hashed; the book gives the number and the recorded time."""
        assert isinstance(domain_event, Fact), "only facts stand in the book"
        fact = domain_event
        event = fact.event
        return Page(
            fact.office,
            fact.number,
            fact.case_id,
            fact.version,
            fact.event_id,
            event.__class__.__name__,
            event.SCHEMA,
            encode_metadata(fact),
            encode_event(event),
            fact.occurred_at,
            fact.recorded_at,
        )


def project_case(case: Case | None, facts: Iterable[DomainEventProtocol[str]]) -> Any:
    """The library's projector function for our cases: the fold of the lifecycle table. None: there are no facts."""
    for fact in facts:
        assert isinstance(fact, Fact)
        case = lifecycle_of(fact.case_id).apply(case, fact)
    return case


def projector(until: int) -> ProjectorFunction[Any, Any]:
    """As :func:`project_case`, up to and with a page: a case's pages only grow, so that the first beyond ends it.

    The repository's own ``version=`` would first have to be asked for, which is a round trip more.
    """

    def project(case: Case | None, facts: Iterable[DomainEventProtocol[str]]) -> Any:
        return project_case(case, takewhile(lambda fact: cast(Fact, fact).number <= until, facts))

    return project
