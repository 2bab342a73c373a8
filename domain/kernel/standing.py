"""What stands in a case's book against it: breaches 违约 that the clock has written, and late entries 补录.

A breach once written stays written. An entry that comes afterwards and speaks of a time before it *claims* to unmake
it; the claim counts once a second person above has confirmed it, and until then it only shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = [
    "Correction",
    "LateEntry",
    "Paper",
    "SetAside",
    "Standing",
    "Verdict",
    "Waiting",
    "Written",
    "WrittenBreach",
    "lifted",
    "summary",
]


class Verdict(StrEnum):
    """What has become of a late entry that claims to unmake a breach 补录核实."""

    UNCONFIRMED = "unconfirmed"  # 待核实
    CONFIRMED = "confirmed"  # 已核实
    REJECTED = "rejected"  # 不予认可


class Standing(StrEnum):
    """How a case stands with what it owed 履约情况."""

    UNCONFIRMED = "missed-late-entry-unconfirmed"  # 逾期，补录待核实
    MISSED = "missed"  # 逾期
    REJECTED = "missed-late-entry-rejected"  # 逾期，补录不予认可
    CONFIRMED = "kept-late-entry-confirmed"  # 补录已核实


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenBreach:
    """One breach in the book: its event, the line of the register that it concerns, its instant, its place in the case."""

    event: str
    line: str
    due_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LateEntry:
    """One late entry: which fact of the case, how late, by whom and why; the breaches (places, events) it would unmake.

    Without claims, and where nothing was said in time of what is entered after it, there is nothing to confirm, and
    ``verdict`` is None. ``judge_by`` is by when somebody above gives it.
    """

    version: int
    event: str
    occurred_at: datetime
    entered_at: datetime
    user_id: str
    role: str
    reason: str | None
    claims: tuple[int, ...] = ()
    unmakes: tuple[str, ...] = ()
    verdict: Verdict | None = None
    judge_by: datetime | None = None
    judged_by: str | None = None
    judged_at: datetime | None = None
    judgement: str | None = None
    evidence: str | None = None

    @property
    def open(self) -> bool:
        """Whether it waits for the word of somebody above."""
        return self.verdict is Verdict.UNCONFIRMED


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """That a case is out of every figure: ``kind`` is mistaken or duplicate, ``other`` the original, or where it came from."""

    kind: str
    other: str | None
    reason: str
    by: str
    role: str
    at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that waits for its next step: until when, and the breach, once noted.

    ``until`` None: an older program made no date; then ``since`` says when it began, and from then on it is on the desk.
    """

    until: datetime | None
    missed_at: datetime | None = None
    since: datetime | None = None

    @property
    def left_since(self) -> datetime | None:
        """Since when it should have gone on, if that is known."""
        return self.missed_at or (self.since if self.until is None else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Who wrote a field, when it was entered, and in which fact of the case."""

    by: str
    at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One corrected field: what it said, what it says now, why, by whom; personal values as they are sealed."""

    version: int
    field: str
    before: str | None
    after: str | None
    reason: str
    by: str
    role: str
    at: datetime
    written_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawnStep:
    """One step that was taken back: what it was and of when it spoke, who had entered it, why, by whom.

    ``other`` is the case whose step was withdrawn, where this one followed from it.
    """

    version: int
    step: str
    written_by: str
    speaks_of: datetime
    reason: str
    by: str
    role: str
    at: datetime
    other: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One photo or paper of a case, by its SHA-256; its title stays in its fact, ``size`` is in bytes."""

    kind: str
    media_type: str
    size: int
    about: str | None
    by: str


def lifted(breach: WrittenBreach, entries: tuple[LateEntry, ...]) -> bool:
    """Whether a confirmed late entry has unmade the breach."""
    return any(entry.verdict is Verdict.CONFIRMED and breach.version in entry.claims for entry in entries)


def summary(
    breaches: tuple[WrittenBreach, ...], entries: tuple[LateEntry, ...], line: str
) -> tuple[Standing | None, str | None]:
    """How a line of a register stands, and the events of the breaches that count, one word each.

    A case's one line (``""``) speaks of all its breaches, another only of its own.
    """
    mine = [breach for breach in breaches if line in ("", breach.line)]
    found = {_standing_of(breach, entries) for breach in mine}
    worst = next((each for each in Standing if each in found), None)
    counting = dict.fromkeys(breach.event for breach in mine if not lifted(breach, entries))
    return worst, " ".join(counting) or None


def _standing_of(breach: WrittenBreach, entries: tuple[LateEntry, ...]) -> Standing:
    verdicts = set(_verdicts(breach, entries))
    if Verdict.CONFIRMED in verdicts:
        return Standing.CONFIRMED
    if Verdict.UNCONFIRMED in verdicts:
        return Standing.UNCONFIRMED
    return Standing.REJECTED if verdicts else Standing.MISSED


def _verdicts(breach: WrittenBreach, entries: tuple[LateEntry, ...]) -> Iterator[Verdict | None]:
    return (entry.verdict for entry in entries if breach.version in entry.claims)
