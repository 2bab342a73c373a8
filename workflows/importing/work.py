"""The work 工作 of one process: the cases of its share are read, decided and written, batch by batch.

A batch is written by a thread while the next one is being decided, and told of once it stands in the book.
"""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from journal.connections import Connect
from workflows.engine.handler import CommandHandler
from workflows.importing.batches import Batch, Batches
from workflows.importing.binding import Binding, Tally
from workflows.importing.interpret import Share, SourceCase, proposals
from workflows.importing.mapping import load_mapping
from workflows.importing.orders import Orders
from workflows.importing.problems import Problem
from workflows.importing.reader import open_source

__all__ = ["Task", "Told", "work"]

_FACTS_A_CASE: Final = 8
_SWEEP: Final = 8
"""So many batches are written between two sweeps: what they leave behind in circles is some ten megabytes by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be imported; ``batch`` is how many cases are written at once."""

    file: Path
    mapping: Path
    office: str
    now: datetime
    write: bool
    batch: int
    share: Share = field(default_factory=Share)
    by: str | None = None


@dataclass(slots=True, kw_only=True)
class Told:
    """What became of one batch. ``handful`` is where its cases stand in the file; ``refused`` and ``noted`` count rows
    that the book would not take whole, or not in all its parts.
    """

    handful: int
    rows: int
    facts: int
    cases: int
    skipped: int
    grown: int
    changed: int
    refused: int
    noted: int
    problems: list[Problem]


def work(handler: CommandHandler, connect: Connect, task: Task, tally: Tally) -> Generator[Told, None, None]:
    """Import a share of a file; ``tally`` is complete when all has been told.

    Raises a :class:`~domain.kernel.errors.Refusal` before anything is written when the file or the mapping cannot be used.
    """
    rules = load_mapping(task.mapping)
    orders = Orders(rules, task.office, task.now)
    binding = Binding(rules, open_source(task.file, rules.delimiter, rules.encodings))
    batches = Batches(handler, connect, orders, task.office, rules.name, task.by)
    with (
        _without_collecting(),
        connect() as connection,
        closing(proposals(binding, task.now, tally, share=task.share)) as cases,
        ThreadPoolExecutor(1, "import-writer") as writer,
    ):
        under_way: Future[Batch] | None = None
        claimed: dict[str, str] = {}
        for number, several in enumerate(_in_batches(cases, task.batch)):
            decided = batches.decide(connection, several)
            if under_way is not None:
                yield _told(under_way.result())
                under_way = None
            if task.write:
                under_way = writer.submit(batches.write, decided)
            else:
                rehearsed = batches.rehearse(connection, decided, claimed)
                claimed |= rehearsed.draft.append.claims
                yield _told(rehearsed)
            if number % _SWEEP == _SWEEP - 1:
                gc.collect()
        if under_way is not None:
            yield _told(under_way.result())


def _in_batches(cases: Iterator[SourceCase], size: int) -> Iterator[list[SourceCase]]:
    several: list[SourceCase] = []
    facts = 0
    for case in cases:
        if several and case.handful != several[-1].handful:
            yield several
            several, facts = [], 0
        several.append(case)
        facts += len(case.facts)
        if len(several) >= size or facts >= size * _FACTS_A_CASE:
            yield several
            several, facts = [], 0
    if several:
        yield several


def _told(batch: Batch) -> Told:
    refused = {problem.line for problem in batch.problems if not problem.taken}
    return Told(
        handful=batch.handful,
        rows=batch.rows,
        facts=len(batch.draft.append.facts),
        cases=batch.cases,
        skipped=batch.skipped,
        grown=sum(batch.counts[key] > 0 for key in batch.grown),
        changed=batch.changed,
        refused=len(refused),
        noted=len({problem.line for problem in batch.problems} - refused),
        problems=[*batch.read, *batch.problems],
    )


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
