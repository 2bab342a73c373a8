"""Figures 读数 as the API and the command line ask for them: an office's by its own time, or the company's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import psycopg

from domain.kernel.calendar import local_date
from domain.kernel.errors import RuleBroken
from domain.office.office import Office as Case
from journal.book import Book
from journal.connections import Connect
from journal.office_transaction import office_transaction
from projections.engine.collection import Registers
from projections.engine.company import counted_offices, together
from projections.engine.standard import Asked, AsOf, Measurement, Standard, pages_read, read_each

__all__ = ["Figures"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Reads figures. ``wall`` is the time of real offices; a simulated one has its own."""

    connect: Connect
    registers: Registers
    wall: Callable[[], datetime]

    def read(
        self, standards: Sequence[Standard], office: str | None, since: date | None, until: date | None, as_of: AsOf
    ) -> list[Measurement]:
        """These figures of an office, or (None) of all, over one period: of this year until today if none is said.

        Today is the office's own; of several, the latest. Raises :class:`RuleBroken` for a period that ends before it
        begins.
        """
        with self.connect() if office is None else office_transaction(self.connect, office) as connection:
            offices = self._offices(connection, office)
            now = max((time for _, time in offices), default=self.wall())
            until = until or local_date(now)
            since = since or until.replace(month=1, day=1)
            if since > until:
                raise RuleBroken(
                    "period", None, zh="起始日期晚于截止日期", en="the period ends before it begins", field="since"
                )
            pages = {code: pages_read(connection, code, as_of) for code, _ in offices}
            stood = {code: self._as_it_stood(connection, code, as_of) for code, _ in offices}

            asked = [
                Asked(
                    office=code,
                    now=time,
                    settings=stood[code].settings,
                    history=stood[code].history,
                    pages=pages[code],
                )
                for code, time in offices
            ]

            def each(standard: Standard) -> list[Measurement]:
                return read_each(connection, self.registers, standard, asked, since=since, until=until, as_of=as_of)

            if office is not None:
                return [each(standard)[0] for standard in standards]
            return [together(standard, each(standard), since, until, now, as_of) for standard in standards]

    def latest(self, office: str | None) -> datetime:
        """The latest time of an office, or of those that the company's figures count."""
        with self.connect() as connection:
            return max((time for _, time in self._offices(connection, office)), default=self.wall())

    def _offices(self, connection: psycopg.Connection[object], office: str | None) -> list[tuple[str, datetime]]:
        """The offices that a figure counts, each with its time."""
        if office is None:
            offices = counted_offices(connection)
        else:
            head = Book(connection, office).head()
            offices = [(office, head.clock if head is not None else None)]
        wall = self.wall()  # one instant for all real offices: they are read at once
        return [(code, clock.astimezone(UTC) if clock is not None else wall) for code, clock in offices]

    @staticmethod
    def _as_it_stood(connection: psycopg.Connection[object], office: str, as_of: AsOf) -> Case:
        """The office as it stood in the book at a page or an instant, so that no later change moves a report."""
        page = as_of.number
        if as_of.instant is not None:
            page = Book(connection, office).number_at(as_of.instant)
        found: Case | None = Book(connection, office).case(f"office-{office}", until=page)
        return found if found is not None else Case(id=f"office-{office}", office=office)  # not opened by then
