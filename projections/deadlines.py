"""The deadlines register 期限表: what the office owes a date, and the clock's work list at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.fact import Case
from domain.lifecycle import Lifecycle
from projections.collection import EveryCase
from projections.register import Register

__all__ = ["DEADLINES", "DeadlineRow"]


@dataclass(slots=True, kw_only=True)
class DeadlineRow:
    """One promise with its date: the line is the deadline's kind within its case.

    The last three are the clock's own notes on the open row: who is at work on it until when, and what failed.
    """

    kind: str
    case_kind: str
    due_at: datetime
    gives: str
    clause: str
    zh: str
    en: str
    source_id: str | None = None
    state: str = ""
    leased_until: datetime | None = None
    attempts: int = 0
    last_error: str | None = None


def _rows(lifecycle: Lifecycle[Any], case: Case) -> Iterator[tuple[str, DeadlineRow]]:
    if case.imported:
        return  # another system's history: its promises are measured, our clock does not chase them
    for due in lifecycle.due(case):
        yield (
            due.kind,
            DeadlineRow(
                kind=due.kind,
                case_kind=lifecycle.kind,
                due_at=due.due_at,
                gives=due.gives,
                clause=due.clause,
                zh=due.zh,
                en=due.en,
                source_id=case.source_id,
                state=case.state,
            ),
        )


DEADLINES = EveryCase(
    Register(
        name="deadlines",
        zh="期限表",
        en="deadlines",
        clause="1",
        row=DeadlineRow,
        kinds=(),
        rows=lambda _case: (),
        working=("leased_until", "attempts", "last_error"),
    ),
    _rows,
)
