"""A page of the book 页: one row of ``wuye.facts``, which is what the event store library calls a notification.

Topics are stable words with a schema number, ``ComplaintResolved.2``; never a Python path, so that nothing in the
database can make the program import anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

from eventsourcing.persistence import ProgrammingError

__all__ = ["COLUMNS", "ENTERED_LATE", "Page", "as_page", "of_case", "of_cases", "says", "split_topic", "topic_of"]


def says(column: str, part: str) -> str:
    """The SQL condition that a fact's ``state`` or ``metadata`` says this, such as ``"role":"clock"``.

    It is looked for in the bytes as the codec writes them: inside a text quotation marks are escaped, and to take every
    fact's JSON apart takes four times as long.
    """
    return f"position('{part}'::bytea in {column}) > 0"


def of_cases(cases: str, office: str, condition: str = "true") -> str:
    """What stands behind ``from`` to read the facts of several cases (an array): one by one, each by the index of cases.

    Asked for all at once they were looked for in the whole table by whoever knew little of it. ``condition``: of the facts, too.
    """
    return (
        f"unnest({cases}) w(id) cross join lateral"
        f" (select {COLUMNS} from wuye.facts where {of_case('w.id', office)} and {condition} order by version) its"
    )


def of_case(case: str, office: str) -> str:
    """The SQL condition that a fact is of a case, which has the index of cases alone to go by.

    The office is compared as an expression: a plan that was made while the table was small would take the index of pages, and
    read all of the office's for as long as the session lasts.
    """
    return f"case_id = {case} and office || '' = {office}"


ENTERED_LATE: Final = says("metadata", '"late":')
"""That a fact is a late entry."""


class Page(NamedTuple):
    """One stored fact. Number and ``recorded_at`` of a page that is yet to be written mean nothing.

    The properties make it the library's notification and stored event by attribute, not by class: its own classes would
    copy five of these values and lose the others: who, when, because of which.
    """

    office: str
    number: int
    case_id: str
    version: int
    event_id: UUID
    name: str
    schema: int
    metadata: bytes
    state: bytes
    occurred_at: datetime
    recorded_at: datetime

    @property
    def id(self) -> int:
        """The page number."""
        return self.number

    @property
    def originator_id(self) -> str:
        """The case."""
        return self.case_id

    @property
    def originator_version(self) -> int:
        """The fact's place in its case, from 1."""
        return self.version

    @property
    def topic(self) -> str:
        """The event's stable name with its schema."""
        return topic_of(self.name, self.schema)


COLUMNS: Final = ", ".join(Page._fields)

as_page: Final[Callable[[Sequence[Any]], Page]] = partial(tuple.__new__, Page)
"""The page of a row's values in the order of :data:`COLUMNS`; a third of what the named call takes."""


def split_topic(topic: str) -> tuple[str, int]:
    """«ComplaintResolved.2» → name and schema; a bare word is schema 0, which no event of ours has."""
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
