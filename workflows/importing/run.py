"""import_history 导入历史: a file and a mapping become facts, once and only once.

The file is read, each case is decided by the lifecycles like any command (only what local evidence alone could show
is waived, and noted), and batches are appended while the next one is being decided. A batch stands in the book
together with the marks of its source cases: cut off at any point, the import goes on where it stopped; repeated, it
changes nothing; of a source case that says more than before what is new comes in, and one that contradicts what came in
is reported and left as it is.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from journal.connections import Connect
from workflows.engine.handler import CommandHandler
from workflows.importing.binding import Binding, Tally
from workflows.importing.mapping import Mapping, load_mapping
from workflows.importing.orders import Orders
from workflows.importing.problems import ProblemFile
from workflows.importing.reader import Source, open_source
from workflows.importing.work import Task, Told, work
from workflows.importing.worker_pool import LEAST_LINES, WorkerPool, alone, together

__all__ = ["Progress", "Report", "import_history", "usable"]

Progress = Callable[[int, int, int], None]
"""Called with the rows done, the rows in all (as far as lines tell), and the facts so far."""


@dataclass(slots=True, kw_only=True)
class Report:
    """What an import found and did. rows = taken + understood + refused; ``noted`` rows are among the first two.

    ``facts`` and ``cases`` are what this run wrote (in a dry run: would have written); ``skipped`` source cases stood
    in the book already, of ``grown`` ones more came in, ``changed`` ones contradict what came in before.
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
    grown: int = 0
    changed: int = 0
    seconds: float = 0.0
    problems: dict[str, int] = field(default_factory=dict)
    problem_file: str | None = None
    values: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, told: Told) -> None:
        """Count one batch."""
        self.facts += told.facts
        self.cases += told.cases
        self.skipped += told.skipped
        self.grown += told.grown
        self.changed += told.changed
        self.refused += told.refused
        self.taken -= told.refused
        self.noted += told.noted

    @property
    def facts_a_second(self) -> float:
        """The rate."""
        return self.facts / self.seconds if self.seconds else 0.0


def usable(file: Path, mapping: Path, code: str, *, now: datetime) -> tuple[Mapping, Source]:
    """The mapping and the file, if they can be used together; raises a :class:`~domain.kernel.errors.Refusal` if not, or OSError."""
    rules = load_mapping(mapping)
    Orders(rules, code, now)
    source = open_source(file, rules.delimiter, rules.encodings)
    Binding(rules, source)
    return rules, source


def import_history(
    handler: CommandHandler,
    connect: Connect,
    file: Path,
    mapping: Path,
    code: str,
    *,
    now: datetime,
    dry_run: bool = False,
    problems: Path | None = None,
    progress: Progress | None = None,
    batch: int = 500,
    workers: WorkerPool | None = None,
    by: str | None = None,
) -> Report:
    """Import a file into an office's book.

    Raises a :class:`~domain.kernel.errors.Refusal` before anything is written when the file or the mapping cannot be used
    or the office does not exist; ``by`` is the account that imports, none on the command line. Rows that cannot be taken are no error but stand in the report and in ``problems``.
    """
    began = time.perf_counter()
    rules, source = usable(file, mapping, code, now=now)
    if not dry_run:  # what is only rehearsed may be meant for an office that is yet to be opened
        handler.settings(code)
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
    task = Task(file=file, mapping=mapping, office=code, now=now, write=not dry_run, batch=batch, by=by)
    counts: Counter[str] = Counter()
    rows = 0
    with ExitStack() as stack:
        told = stack.enter_context(ProblemFile(problems)) if problems else None
        stack.enter_context(alone(stack.enter_context(connect()), code, rules.name))
        # A rehearsal writes nothing, so that its processes could not know of each other's claims: it has one.
        large = workers is not None and workers.size > 1 and source.lines >= LEAST_LINES and not dry_run
        share = together(workers, task, tally) if workers and large else work(handler, connect, task, tally)
        for each in stack.enter_context(closing(share)):
            report.add(each)
            rows += each.rows
            counts.update(problem.code for problem in each.problems)
            if told is not None:
                told.add_all(each.problems)
            if progress is not None:
                progress(rows, max(source.lines - 1, rows), report.facts)
    report.rows, report.source_cases = tally.rows, tally.cases
    report.taken += tally.taken
    report.understood = tally.understood
    report.noted += tally.noted
    report.refused += tally.refused
    report.problems = dict(counts.most_common())
    report.values = {name: dict(counter.most_common()) for name, counter in tally.values.items()}
    report.seconds = time.perf_counter() - began
    return report
