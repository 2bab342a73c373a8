"""The offices' settings in use: folded once from the office's own case, kept until the book says they have changed."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from domain.handbook.settings import Settings
from journal.book import Book

__all__ = ["OfficeSettings", "Standing"]


class Standing(NamedTuple):
    """How often an office's settings have changed, the settings, and when the office was opened; None: it is not yet."""

    changed: int
    settings: Settings
    opened_at: datetime | None


class OfficeSettings:
    """The settings of offices, with the count of their changes that an append is checked against."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[str, Standing] = {}

    def of(self, book: Book) -> Standing:
        """An office's settings; from memory if they are known."""
        office = book.office
        found = self._known.get(office)
        if found is None:
            head, case = book.head(), book.case(f"office-{office}")
            changed = head.settings if head else 0
            if case is None:  # its book is begun before its opening is written
                return Standing(changed, Settings(), None)
            found = self._known[office] = Standing(changed, case.settings, case.opened_at)
        return found

    def now(self, book: Book) -> Settings | None:
        """The settings as they stand now; None if there is no such office."""
        head = book.head()
        if head is None:
            return None
        if book.office in self._known and self._known[book.office].changed != head.settings:
            self.forget(book.office)
        return self.of(book).settings

    def forget(self, office: str) -> None:
        """Read this office's settings afresh the next time they are needed."""
        self._known.pop(office, None)
