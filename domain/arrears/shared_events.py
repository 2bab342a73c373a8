"""What several facts of an arrears case 欠费追讨 say alike (§8). Money is fen, dates are local."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.arrears import terms
from domain.kernel.fact import Event, Personal

__all__ = [
    "Begun",
    "Interrupting",
    "Notice",
    "OfCommittee",
    "OfServices",
    "OfSuit",
    "PlanEnded",
    "Resumed",
    "Suspended",
]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Begun(Event):
    """What a case says that begins at the bottom of the ladder."""

    bill: str
    outstanding_fen: int = 0
    due_on: date | None = None
    notice1_by: date | None = None
    notice2_by: date | None = None
    lapses_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Resumed(Event):
    """What a case says that goes on where it was, since a payment was taken back.

    ``ladder``: on which ascent, where another one has begun since; 0 on the one that it was on.
    """

    bill: str
    outstanding_fen: int
    lapses_on: date
    ladder: int = 0
    next_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PlanEnded(Event):
    """What a case says whose plan was not kept."""

    due_on: date
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Interrupting(Event):
    """What is told of an interruption of the limitation: its kind, its day, whether and how it is proven, of which bills."""

    kind: terms.InterruptionKind
    on: date
    proven: bool
    evidence: str
    bills: tuple[str, ...]
    lapses_on: date
    ended_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OfSuit(Event):
    """What is told of a suit: its outcome on a day, by which document of the court."""

    outcome: terms.LegalOutcome
    on: date
    document: str
    next_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Notice(Event):
    """What a dunning notice says; ``late_fee_until`` is None where another system composed it."""

    claims: tuple[terms.Claim, ...]
    current_fen: int
    means: terms.NoticeMeans | None
    addressee: Personal | None
    in_transit_fen: int = 0
    current: tuple[terms.MonthCharge, ...] = ()
    total_fen: int | None = None
    late_fee_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OfCommittee(Event):
    """What the owners' committee was told, or has answered, of which measures: on a day, by which letter."""

    measures: tuple[terms.LastMeasure, ...]
    on: date
    document: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OfServices(Event):
    """What is told of services that are suspended: which, and why."""

    services: tuple[terms.OptionalService, ...]
    reason: str
    next_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Suspended(Event):
    """What is told of a suspension: on which article of what it rests; ``basis`` is what was said of it in words until schema 3.

    ``document_on`` is the day of what the article stands in, ``document`` the SHA-256 of a paper that is filed with the case.
    """

    services: tuple[terms.OptionalService, ...]
    basis: str | None = None
    next_by: date | None = None
    despite: str | None = None
    ground: terms.SuspensionGround | None = None
    article: int | None = None
    paragraph: int | None = None
    document_on: date | None = None
    document: str | None = None
