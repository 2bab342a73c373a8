"""What a draft is given: the order to carry out, and the ports through which it reaches registers and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import psycopg

from domain.kernel.fact import Case, Command, Fact
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.people import Actor
from journal.append import Append, Recorded

__all__ = ["Lines", "Order", "Projector", "SealingKeys"]

Lines = Mapping[tuple[str, str], tuple[Any, ...]]
"""The rows of one case: (register, line) → values in the order of the register's columns."""


class Projector(Protocol):
    """What turns a case into its register rows."""

    def lines(self, lifecycle: Lifecycle[Any], case: Case) -> Lines:
        """All rows of this case in all registers."""
        ...

    def marks(self, lifecycle: Lifecycle[Any], facts: Sequence[Fact]) -> set[tuple[str, str]]:
        """The rows that late entries among these facts have touched."""
        ...

    def write(self, connection: psycopg.Connection[Any], append: Append, recorded: Recorded) -> None:
        """Write many rows at once, for an append that was recorded without them."""
        ...


class SealingKeys(Protocol):
    """Where the draft gets the key that seals a subject's personal fields."""

    def for_sealing(self, office: str, subject: str, *, brand_new: bool) -> tuple[bytes, bytes | None]:
        """The key, and its wrapped form when it is new and must be written with the append."""
        ...

    def made(self) -> list[tuple[str, bytes]]:
        """The keys made so far."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
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
