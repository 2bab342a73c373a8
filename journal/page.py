"""A page of the book 页: one stored fact as the event store library knows it, a notification whose id is the page number.

Topics are stable words with a schema number, ``ComplaintResolved.2``; never a Python path, so that nothing in the
database can make the program import anything.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import Notification, ProgrammingError

from journal.codec import Row

__all__ = ["Page", "split_topic", "topic_of"]

_ROW: Final = "row"


class Page(Notification):
    """A row of ``wuye.facts``; what the library asks of a stored event or a notification is read from the row.

    The library's own classes would copy five of a row's eleven values and lose the others (who, when, because of
    which). Number and ``recorded_at`` of a page that is yet to be written mean nothing.
    """

    __slots__ = (_ROW,)

    row: Row

    def __init__(self, row: Row | tuple[Any, ...]) -> None:
        """Take a row; columns in the order of :class:`~journal.codec.Row`."""
        object.__setattr__(self, _ROW, row)

    @property
    def id(self) -> int:
        """The page number."""
        return self.row[1]

    @property
    def originator_id(self) -> UUID | str:
        """The case."""
        return self.row[2]

    @property
    def originator_version(self) -> int:
        """The fact's place in its case, from 1."""
        return self.row[3]

    @property
    def topic(self) -> str:
        """The event's stable name with its schema."""
        return topic_of(self.row[5], self.row[6])

    @property
    def state(self) -> bytes:
        """The event's stored bytes."""
        return self.row[8]


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
