"""The bare ``eventsourcing`` library as its own tutorial would use it: shared by all comparisons with it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict

__all__ = ["Complaint", "Complaints", "assessed", "environment", "in_bulk"]

warnings.filterwarnings("ignore", module="eventsourcing")


class Complaint(Aggregate):
    """One aggregate, one small event."""

    @event("Assessed")
    def __init__(
        self,
        *,
        id: UUID,
        category: str,
        grade: str,
        promised_days: int,
        household: str,
        summary: str,
    ) -> None:
        self._id = id
        self.category = category
        self.grade = grade
        self.promised_days = promised_days
        self.household = household
        self.summary = summary
        self.visits = 0

    @staticmethod
    def create_id(id: UUID) -> UUID:
        """Let the caller say which."""
        return id

    @event("Visited")
    def visit(self, summary: str) -> None:
        """A second kind of event, for longer lives."""
        self.summary = summary
        self.visits += 1


class Complaints(Application[UUID]):
    """An application with the defaults of the library."""

    name = "complaints"


def assessed(case: UUID, payload: Mapping[str, str | int]) -> Complaint:
    """A new aggregate with its one event pending."""
    return Complaint(id=case, **payload)  # type: ignore[arg-type]


def environment(conninfo: str, **more: str) -> dict[str, str]:
    """The library's settings for this database; nothing else is changed."""
    parts = conninfo_to_dict(conninfo)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts.get("port", "5432")),
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": str(parts.get("password", "")),
        **more,
    }


def in_bulk(conninfo: str) -> dict[str, str]:
    """The same for hundreds of aggregates a save, which the library's stored function inserts.

    Its pipeline of single inserts is as quick up to 300 of a kilobyte each, and with 500 it may never come back
    (eventsourcing 9.5.6, psycopg 3.3.9).
    """
    return environment(conninfo, POSTGRES_ENABLE_DB_FUNCTIONS="y")
