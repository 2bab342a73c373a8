"""import_history 导入历史: a file and a mapping become facts, once and only once.

The file is read, each case is decided by the lifecycles like any command (only what local evidence alone could show
is waived, and noted), and batches are appended while the next one is being decided. A batch stands in the book
together with the marks of its source cases: cut off at any point, the import goes on where it stopped; repeated, it
changes nothing; a source case that reads otherwise than before is reported and left as it is.
"""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg

from domain.errors import RuleBroken
from workflows.importing.batches import Batch, Batches, Connect
from workflows.importing.binding import Binding, Tally
from workflows.importing.interpret import SourceCase
from workflows.importing.mapping import load_mapping
from workflows.importing.orders import Orders
from workflows.importing.problems import ProblemFile
from workflows.importing.reader import open_source
from workflows.importing.reading import cases_of
from workflows.office import Office

__all__ = ["Progress", "Report", "import_history"]

_FACTS_A_CASE: Final = 8
_SWEEP: Final = 64

Progress = Callable[[int, int, int], None]
"""Called with the rows done, the rows in all (as far as lines tell), and the facts so far."""


@dataclass(slots=True, kw_only=True)
class Report:
    """What an import found and did. rows = taken + understood + refused; ``noted`` rows are among the first two.

    ``facts`` and ``cases`` are what this run wrote (in a dry run: would have written); ``skipped`` source cases stood
    in the book already, ``changed`` ones do too, but read otherwise now.
    """

    file: str
    mapping: str
    office: str
    encoding: str
    digest: str
    dry_run: bool = False
    rows: int = 0
    source_cases: int = 0
    taken: int = 0
    understood: int = 0
    refused: int = 0
    noted: int = 0
    facts: int = 0
    cases: int = 0
    skipped: int = 0
    changed: int = 0
    seconds: float = 0.0
    problems: dict[str, int] = field(default_factory=dict)
    problem_file: str | None = None
    values: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def facts_a_second(self) -> float:
        """The rate."""
        return self.facts / self.seconds if self.seconds else 0.0


def import_history(
    office: Office,
    connect: Connect,
    file: Path,
    mapping: Path,
    code: str,
    *,
    now: datetime,
    dry_run: bool = False,
    problems: Path | None = None,
    progress: Progress | None = None,
    batch: int = 1_000,
) -> Report:
    """Import a file into an office's book.

    Raises a :class:`~domain.errors.Refusal` before anything is written when the file or the mapping cannot be used
    or the office does not exist; rows that cannot be taken are no error but stand in the report and in ``problems``.
    """
    began = time.perf_counter()
    rules = load_mapping(mapping)
    orders = Orders(rules, code, now)
    source = open_source(file, rules.delimiter, rules.encodings)
    binding = Binding(rules, source)
    office.settings(code)
    tally = Tally()
    report = Report(
        file=str(file),
        mapping=rules.name,
        office=code,
        encoding=source.encoding,
        digest=source.digest,
        dry_run=dry_run,
        problem_file=str(problems) if problems else None,
    )
    with ExitStack() as stack:
        told = stack.enter_context(ProblemFile(problems)) if problems else None
        connection = stack.enter_context(connect())
        stack.enter_context(_alone(connection, code, rules.name))
        stack.enter_context(_without_collecting())
        run = _Run(Batches(office, connect, orders, code, rules.name), report, told, progress, source.lines - 1)
        cases = stack.enter_context(cases_of(binding, mapping, now, tally))
        run.go(connection, cases, batch, write=not dry_run)
    report.rows, report.source_cases = tally.rows, tally.cases
    report.taken += tally.taken
    report.understood, report.noted = tally.understood, tally.noted
    report.refused += tally.refused
    report.values = {name: dict(counter.most_common()) for name, counter in tally.values.items()}
    report.seconds = time.perf_counter() - began
    return report


class _Run:
    """One import under way: batches are decided here while the one before is written in another thread."""

    def __init__(
        self, batches: Batches, report: Report, told: ProblemFile | None, progress: Progress | None, lines: int
    ) -> None:
        self._batches = batches
        self._report = report
        self._told = told
        self._progress = progress
        self._lines = lines
        self._done = 0
        self._counts: Counter[str] = Counter()

    def go(self, connection: psycopg.Connection[Any], cases: Iterator[SourceCase], size: int, *, write: bool) -> None:
        with ThreadPoolExecutor(1, "import-writer") as writer:
            under_way: Future[Batch] | None = None
            for number, several in enumerate(self._in_batches(cases, size)):
                decided = self._batches.decide(connection, several)
                if under_way is not None:
                    self._finish(under_way.result())
                    under_way = None
                if write:
                    under_way = writer.submit(self._batches.write, decided)
                else:
                    self._finish(decided)
                if number % _SWEEP == _SWEEP - 1:
                    gc.collect()
            if under_way is not None:
                self._finish(under_way.result())
        self._report.problems = dict(self._counts.most_common())

    def _in_batches(self, cases: Iterator[SourceCase], size: int) -> Iterator[list[SourceCase]]:
        several: list[SourceCase] = []
        facts = 0
        for case in cases:
            self._tell(case.problems)
            several.append(case)
            facts += len(case.facts)
            if len(several) >= size or facts >= size * _FACTS_A_CASE:
                yield several
                several, facts = [], 0
        if several:
            yield several

    def _finish(self, batch: Batch) -> None:
        report = self._report
        report.facts += len(batch.draft.append.facts)
        report.cases += batch.cases
        report.skipped += batch.skipped
        report.changed += batch.changed
        refused = len({problem.line for problem in batch.problems})
        report.refused += refused
        report.taken -= refused
        self._tell(batch.problems)
        self._done += batch.rows
        if self._progress is not None:
            self._progress(self._done, max(self._lines, self._done), report.facts)

    def _tell(self, problems: list[Any]) -> None:
        self._counts.update(problem.code for problem in problems)
        if self._told is not None:
            self._told.add_all(problems)


@contextmanager
def _alone(connection: psycopg.Connection[Any], office: str, mapping: str) -> Iterator[None]:
    """Two imports of one kind into one office would only be in each other's way."""
    name = f"import/{office}/{mapping}"
    row = connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [name]).fetchone()
    if row is None or not row[0]:
        raise RuleBroken(
            "import-running", None, zh="该映射的另一次导入正在进行", en="another import with this mapping is running"
        )
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [name])


@contextmanager
def _without_collecting() -> Iterator[None]:
    """The cyclic collector walks millions of young objects in vain here: it is called between batches instead."""
    was = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was:
            gc.enable()
