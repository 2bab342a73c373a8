"""The offices' settings in use: folded once from the office's own case, kept until the book says they have changed."""

from __future__ import annotations

from datetime import datetime

from domain.handbook.settings import Settings
from journal.book import Book

__all__ = ["OfficeSettings"]


class OfficeSettings:
    """The settings of offices, with the count of their changes that an append is checked against."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[str, tuple[int, Settings]] = {}
        self._since: dict[str, datetime] = {}

    def of(self, book: Book) -> tuple[int, Settings]:
        """How often the settings have changed, and the settings; from memory if they are known."""
        office = book.office
        found = self._known.get(office)
        if found is None:
            head, case = book.head(), book.case(f"office-{office}")
            found = (head.settings if head else 0, case.settings if case is not None else Settings())
            if head is not None:
                self._known[office] = found
        return found

    def since(self, book: Book) -> datetime | None:
        """When the office was opened, which never changes; None if it is not."""
        if book.office not in self._since:
            case = book.case(f"office-{book.office}")
            if case is None:
                return None
            self._since[book.office] = case.opened_at
        return self._since[book.office]

    def now(self, book: Book) -> Settings | None:
        """The settings as they stand now; None if there is no such office."""
        head = book.head()
        if head is None:
            return None
        if self._known.get(book.office, (-1, None))[0] != head.settings:
            self.forget(book.office)
        return self.of(book)[1]

    def forget(self, office: str) -> None:
        """Read this office's settings afresh the next time they are needed."""
        self._known.pop(office, None)
