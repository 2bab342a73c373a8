"""The deadlines register 期限表: what the office owes a date; what the clock makes of it stands in ``clock_work``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.kernel.fact import Case
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import Deadline
from domain.kernel.people import Role, is_sealed
from domain.office.responsibility import DUTIES, Duty
from projections.engine.collection import EveryCase
from projections.engine.register import Register

__all__ = ["DEADLINES", "DeadlineRow"]

_UNKNOWN = Duty(Role.ADMINISTRATOR)


@dataclass(slots=True, kw_only=True)
class DeadlineRow:
    """One promise with its date: the line is the deadline's kind within its case.

    ``role`` owes it (clock: the program itself carries it out), ``person`` is whom the case names; ``missed_at`` is
    the breach, noted by the clock, of a promise whose work is still owed. A duty that recurs and was missed stands beside
    the next one, as ``…-missed``, until it is made up for.
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
    role: str = ""
    person: str | None = None
    missed_at: datetime | None = None


_RUNNING: Final[dict[tuple[str, str], tuple[Sequence[Deadline], list[tuple[Deadline, Duty, bool]]]]] = {}


def _running(lifecycle: Lifecycle[Any], state: str) -> list[tuple[Deadline, Duty, bool]]:
    """The deadlines of a table that something may be owed by in a state: whose, and whether it is one of their own states."""
    found = _RUNNING.get((lifecycle.kind, state))
    if found is None or found[0] is not lifecycle.deadlines:  # of a table made from another
        duties = [(row, DUTIES.get((lifecycle.kind, row.kind), _UNKNOWN)) for row in lifecycle.deadlines]
        those = [(row, duty, state in row.states) for row, duty in duties if state in (*row.states, *duty.stays)]
        found = _RUNNING[lifecycle.kind, state] = (lifecycle.deadlines, those)
    return found[1]


def _rows(lifecycle: Lifecycle[Any], case: Case) -> Iterator[tuple[str, DeadlineRow]]:
    for row, duty, within in _running(lifecycle, case.state):
        due_at, missed_at = row.due(case) if within else None, None
        if due_at is None:
            due_at = missed_at = duty.missed(case)
        if due_at is not None:
            yield row.kind, _row(lifecycle, case, row, duty, row.kind, due_at, missed_at)
        behind = duty.behind(case) if within else None
        if behind is not None:
            yield f"{row.kind}-missed", _row(lifecycle, case, row, duty, f"{row.kind}-missed", behind, behind)


def _row(
    lifecycle: Lifecycle[Any],
    case: Case,
    row: Deadline,
    duty: Duty,
    kind: str,
    due_at: datetime,
    missed_at: datetime | None,
) -> DeadlineRow:
    return DeadlineRow(
        kind=kind,
        case_kind=lifecycle.kind,
        due_at=due_at,
        gives=row.gives.__name__,
        clause=row.clause,
        zh=row.zh,
        en=row.en,
        source_id=case.source_id,
        state=case.state,
        role=duty.owed_by(case),
        person=None if is_sealed(person := duty.person(case)) else person,  # nobody of ours: then it is the role's
        missed_at=missed_at,
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
        ours_alone=True,  # another system's promises are measured, our clock does not chase them
    ),
    _rows,
)
