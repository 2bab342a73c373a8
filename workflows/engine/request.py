"""A command request: one command to be carried out, with everything that is said about it."""

from __future__ import annotations

from datetime import datetime

from domain.kernel.fact import Command
from domain.kernel.people import Actor
from domain.kernel.record import passing

__all__ = ["CommandRequest"]


@passing
class CommandRequest:
    """One command to be carried out: what, by whom, on which case, when it happened, under which key.

    ``now`` is the time on the wall; ``occurred_at`` when it happened (default: now); ``expected`` the version the
    caller saw; ``imported`` marks facts of another system's history and waives what only local evidence can show.
    """

    office: str
    command: Command
    actor: Actor
    now: datetime
    case_id: str | None = None
    occurred_at: datetime | None = None
    key: str | None = None
    expected: int | None = None
    source_id: str | None = None
    imported: bool = False
    term: str | None = None
    """For imported facts: the other system's own word for the row, and the line on which it stood."""
    line: int | None = None
    late_reason: str | None = None
    """Why it is entered late 补录理由."""
    entered_by: str | None = None
    """For what a policy makes of an entry: who entered it."""
    deadline: tuple[str, datetime] | None = None
    """For the clock: which deadline this fires; when the case no longer owes it, nothing is done."""
