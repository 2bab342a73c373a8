"""Replay 重演: fold a book's facts into row versions and write them into new tables beside the live ones.

The folding runs the same code as a live command: the case before and after each fact, and the difference of its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from domain.cases import lifecycle_of
from domain.kernel.fact import Fact
from domain.kernel.late_entries import just_entered_late
from domain.kernel.mending import effective_from
from journal.book import Book
from journal.codec import FutureSchema
from journal.page import Page
from journal.recorder import WHOLE, Share
from projections.engine.collection import Registers
from projections.engine.writing import copy_versions

__all__ = ["Folded", "Replay", "Spoilt", "another", "fold"]

_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A case that no program can read any further: from which page on, and what was wrong with it."""

    office: str
    case_id: str
    number: int
    reason: str


_Version = tuple[int, datetime, tuple[Any, ...], tuple[bool, datetime]]
"""A row that stands: since which page and time, its values, its stamps."""


class Folded:
    """Folds facts of one office into row versions; a version is finished when the next one begins.

    ``cases`` are as of the last fact; ``spoilt`` are those that nobody can read to their end.
    """

    def __init__(self, registers: Registers, office: str) -> None:
        """Begin before the first page."""
        self._registers = registers
        self._office = office
        self.cases: dict[str, Any] = {}
        self._open: dict[str, dict[tuple[str, str], _Version]] = {}
        self._marks: dict[str, set[tuple[str, str]]] = {}
        self.finished: dict[str, list[tuple[Any, ...]]] = {register.name: [] for register in registers.all}
        self.spoilt: dict[str, Spoilt] = {}

    def read(self, pages: Sequence[Page], to_fact: Callable[[Page], Fact]) -> None:
        """Fold pages into registers. Raises :class:`~journal.codec.FutureSchema`: what a newer version wrote is not left out."""
        for page in pages:
            self.take_page(page, to_fact)

    def take_page(self, page: Page, to_fact: Callable[[Page], Fact], *, looking: bool = False) -> Fact | None:
        """Fold one page; None where it cannot be read, or its case could not be before it.

        Such a case stands as it stood before that page, as it does in the live registers, and is named. Whoever is only
        ``looking`` passes over what a newer version wrote as well.
        """
        if page.case_id in self.spoilt:
            return None
        try:
            fact = to_fact(page)
            self.take(fact)
        except Exception as error:
            if isinstance(error, FutureSchema) and not looking:
                raise
            # Whatever stands there: one case stops no other's register.
            self.spoilt[page.case_id] = Spoilt(self._office, page.case_id, page.id, type(error).__name__)
            return None
        return fact

    def take(self, fact: Fact) -> None:
        """Fold one fact."""
        case_id, number, recorded_at = fact.case_id, fact.number, fact.recorded_at
        lifecycle = lifecycle_of(case_id)
        case = self.cases[case_id] = lifecycle.apply(self.cases.get(case_id), fact)
        after = self._registers.lines(lifecycle, case)
        before = self._open.get(case_id)
        if before is None:
            before = self._open[case_id] = {}
        late = just_entered_late(case)
        marks = self._marks.setdefault(case_id, set()) if late else self._marks.get(case_id, ())
        for at, values in after.items():
            standing = before.get(at)
            if standing is None or standing[2] != values:
                if standing is not None:
                    self._finish(case_id, at, standing, number, recorded_at)
                if late:
                    self._marks[case_id].add(at)
                before[at] = (number, recorded_at, values, (at in marks, effective_from(fact)))
        if len(before) != len(after):
            for at in [at for at in before if at not in after]:
                self._finish(case_id, at, before.pop(at), number, recorded_at)
                self._marks.get(case_id, set()).discard(at)

    def _finish(
        self,
        case_id: str,
        at: tuple[str, str],
        standing: _Version,
        number: int | None,
        recorded_at: datetime | None,
    ) -> None:
        self.finished[at[0]].append(
            (self._office, case_id, at[1], standing[0], number, standing[1], recorded_at, *standing[2], *standing[3])
        )

    def close(self) -> None:
        """Bring out the rows that are still open."""
        for case_id, rows in self._open.items():
            for at, standing in rows.items():
                self._finish(case_id, at, standing, None, None)
        self._open.clear()

    def drain(self) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        """The finished versions so far, by register; they are forgotten here."""
        for name, rows in self.finished.items():
            if rows:
                self.finished[name] = []
                yield name, rows


def fold(registers: Registers, office: str, facts: Sequence[Fact]) -> dict[str, list[tuple[Any, ...]]]:
    """The row versions that these facts give, by register: the law that the registers are held to."""
    folded = Folded(registers, office)
    for fact in facts:
        folded.take(fact)
    folded.close()
    return folded.finished


def another(connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """A second connection of the same user to the same database."""
    return psycopg.connect(connection.info.dsn, password=connection.info.password, autocommit=True)


@dataclass(slots=True)
class _Open:
    """A share of a book that is being replayed: up to which page, and what came of it."""

    book: Book
    folded: Folded
    after: int = 0


class Replay:
    """The replay of one book after another: the next page is read and the last one's rows are written while one is folded.

    Reading has a connection of its own: the writer's is busy with the new tables, in a transaction. What is read was
    committed before it was asked for, and facts are never changed.
    """

    def __init__(
        self,
        writer: psycopg.Connection[Any],
        reader: psycopg.Connection[Any],
        threads: Executor,
        registers: Registers,
        folded: Callable[[int], None],
    ) -> None:
        """``folded`` is told how many facts a page had."""
        self.versions = 0
        self.spoilt: list[Spoilt] = []
        self._reader = reader
        self._writer = writer
        self._threads = threads
        self._writing: Future[int] | None = None
        self._registers = registers
        self.told = folded
        self._open: list[_Open] = []

    def begin(self, office: str, share: Share = WHOLE) -> None:
        """Replay a book, or a share of its cases, to its present end."""
        begun = _Open(Book(self._reader, office, share), Folded(self._registers, office))
        self._open.append(begun)
        self._go_on(begun)
        self._settle()

    def end(self) -> None:
        """Replay what came meanwhile, and close what was begun: nobody writes in these books any more."""
        for begun in self._open:
            self._go_on(begun)
            begun.folded.close()
            self._write(begun.folded)
            self.spoilt += begun.folded.spoilt.values()
        self._settle()
        self._open.clear()

    def _go_on(self, begun: _Open) -> None:
        for pages in self._batches(begun):
            begun.folded.read(pages, begun.book.mapper.to_domain_event)
            begun.after = pages[-1].id
            self._write(begun.folded)
            self.told(len(pages))

    def _batches(self, begun: _Open) -> Iterator[Sequence[Page]]:
        reading = self._read(begun, begun.after)
        while pages := reading.result():
            reading = self._read(begun, pages[-1].id)
            yield pages

    def _read(self, begun: _Open, after: int) -> Future[Sequence[Page]]:
        return self._threads.submit(begun.book.pages, after, _BATCH)

    def _write(self, folded: Folded) -> None:
        self._settle()
        self._writing = self._threads.submit(_copy, self._writer, self._registers, list(folded.drain()))

    def _settle(self) -> None:
        """Wait until the writer's connection is free."""
        if self._writing is not None:
            self.versions += self._writing.result()
            self._writing = None


def _copy(writer: psycopg.Connection[Any], registers: Registers, finished: Sequence[tuple[str, list[Any]]]) -> int:
    for name, rows in finished:
        register = registers.by_name[name]
        copy_versions(writer, register, f"{register.table}_new", rows)
    return sum(len(rows) for _, rows in finished)
