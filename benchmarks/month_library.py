"""The same month saved by the bare library: its cases as aggregates, each fact's matter as an event, in batches of 500.

Nothing is decided, no register is kept, no names are sealed and no hash is made; a user of the library would do at least this.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from benchmarks.library import in_bulk
from benchmarks.month_rows import Spans, between

__all__ = ["Cases", "Fact", "facts_of", "opened", "save"]

_AGGREGATES: Final = 500


class Case(Aggregate):
    """One case of the month: a bill, an account, a bill run, a debt case, …"""

    @event("Begun")
    def __init__(self, *, id: UUID, fact: str, said: Mapping[str, Any]) -> None:
        self._id = id
        self.fact = fact
        self.said = said

    @staticmethod
    def create_id(id: UUID) -> UUID:
        """Let the caller say which."""
        return id

    @event("Noted")
    def note(self, fact: str, said: Mapping[str, Any]) -> None:
        """What came next."""
        self.fact = fact
        self.said = said


class Cases(Application[UUID]):
    """An application with the defaults of the library."""

    name = "cases"


@dataclass(frozen=True, slots=True)
class Fact:
    """What one fact of the month tells."""

    name: str
    said: Mapping[str, Any]


def opened(conninfo: str) -> Cases:
    """The application in an empty database."""
    return Cases(in_bulk(conninfo))


def facts_of(conninfo: str, spans: Spans) -> list[list[Fact]]:
    """The month's facts, case by case in the order of the book."""
    cases: dict[tuple[str, str], list[Fact]] = {}
    with psycopg.connect(conninfo) as connection:
        for office, its in spans.items():
            query = (
                f"select case_id, name, state from wuye.facts where office = '{office}' and ({between('number', its)})"
                " order by number"
            )
            for case, name, state in connection.execute(query.encode()):
                cases.setdefault((office, case), []).append(Fact(name, json.loads(state)))
    return list(cases.values())


def save(application: Cases, given: Sequence[Sequence[Fact]]) -> float:
    """Save all of them, so many aggregates a ``save()``; seconds, aggregates made included."""
    began = time.perf_counter()
    for at in range(0, len(given), _AGGREGATES):
        application.save(*(_aggregate(facts) for facts in given[at : at + _AGGREGATES]))
    return time.perf_counter() - began


def _aggregate(facts: Sequence[Fact]) -> Case:
    case = Case(id=uuid4(), fact=facts[0].name, said=facts[0].said)
    for fact in facts[1:]:
        case.note(fact.name, fact.said)
    return case
