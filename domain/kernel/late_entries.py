"""Late entries 补录 of every kind of case: which of them claim to unmake a breach, and who confirms or rejects them.

Declared once here; a table gets the two commands by the line that names its breaches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from domain.kernel.bounds import speaks_of
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.declare import SAME, Breach, Step, step
from domain.kernel.people import Actor, Role
from domain.kernel.rules import blank, broken, forbid
from domain.kernel.standing import LateEntry, Verdict, WrittenBreach, lifted

__all__ = [
    "GENERIC",
    "ConfirmLateEntry",
    "LateEntryConfirmed",
    "LateEntryRejected",
    "RejectLateEntry",
    "awaits_a_word",
    "claims_of",
    "effective_from",
    "just_entered_late",
    "note",
    "steps_of",
]

_CLAUSE: Final = "1"
_ABOVE: Final = (Role.DEPARTMENT_HEAD, Role.MANAGER, Role.COMPANY)
"""Who confirms: the head, the manager or the company, each for those below; there is nobody above the company."""


@event()
class LateEntryConfirmed(Event):
    """补录已核实 · Late entry confirmed.

    ``entry`` is the late entry's place in its case, ``speaks_of`` the instant it speaks of: from then on the case stands
    as the entry says.
    """

    entry: int
    speaks_of: datetime
    reason: str
    evidence: str


@event()
class LateEntryRejected(Event):
    """补录不予认可 · Late entry rejected."""

    entry: int
    speaks_of: datetime
    reason: str


_VERDICTS: Final = (LateEntryConfirmed, LateEntryRejected)


@command
class ConfirmLateEntry(Command):
    """核实补录 · Confirm a late entry."""

    reason: str
    evidence: str
    entry: int | None = None

    @staticmethod
    def ready(case: Case, who: Actor) -> Refusal | None:
        """What is entered late and would unmake a breach waits for a second person above."""
        return _nobodys(case, who)

    def decide(self, case: Case, at: Moment) -> Iterator[Event]:
        """By a second person above, with the reason and what proves it; only then is the breach unmade."""
        entry = _waiting(case, self.entry)
        forbid(_second_person_above(entry, at.who))
        forbid(blank(self.reason, "reason", _CLAUSE, "请说明理由", "say why"))
        forbid(blank(self.evidence, "evidence", _CLAUSE, "请注明凭据", "say what proves it"))
        yield LateEntryConfirmed(
            entry=entry.version, speaks_of=entry.occurred_at, reason=self.reason, evidence=self.evidence
        )


@command
class RejectLateEntry(Command):
    """不予认可补录 · Reject a late entry."""

    reason: str
    entry: int | None = None

    @staticmethod
    def ready(case: Case, who: Actor) -> Refusal | None:
        """Only what waits can be rejected, by a second person above."""
        return _nobodys(case, who)

    def decide(self, case: Case, at: Moment) -> Iterator[Event]:
        """By a second person above, with the reason; the breach stands."""
        entry = _waiting(case, self.entry)
        forbid(_second_person_above(entry, at.who))
        forbid(blank(self.reason, "reason", _CLAUSE, "请说明理由", "say why"))
        yield LateEntryRejected(entry=entry.version, speaks_of=entry.occurred_at, reason=self.reason)


GENERIC: Final[frozenset[type[Command]]] = frozenset({ConfirmLateEntry, RejectLateEntry})
"""Commands that belong to every kind of case that has breaches: the case's id says which it is."""


def steps_of(breaches: Sequence[Breach], states: Sequence[str], clause: str) -> tuple[Step, ...]:
    """The two rows that a table with breaches has besides its own."""
    if not breaches:
        return ()
    return (
        step(ConfirmLateEntry, LateEntryConfirmed, states, SAME, _ABOVE, clause),
        step(RejectLateEntry, LateEntryRejected, states, SAME, _ABOVE, clause),
    )


def claims_of(breaches: Sequence[Breach], case: Case, fact: Fact) -> tuple[int, ...]:
    """The breaches (places in the case) that a fact would unmake: written before it, and speaking of a later instant."""
    if not case.breaches or fact.imported:
        return ()
    mends = [(row.event.__name__, row.line(case, fact)) for row in breaches if isinstance(fact.event, row.mended_by)]
    ends = [row.event.__name__ for row in breaches if isinstance(fact.event, row.ended_by)]
    return tuple(
        breach.version
        for breach in case.breaches
        if ((breach.event, breach.line) in mends or breach.event in ends)
        and fact.occurred_at < breach.due_at
        and not lifted(breach, case.late_entries)
    )


def awaits_a_word(breaches: Sequence[Breach], case: Case | None, fact: Fact) -> bool:
    """Whether an entry counts only once somebody above has confirmed it: it would unmake a breach, or says so late of its time."""
    return case is not None and bool(case.tells_belatedly(fact) or claims_of(breaches, case, fact))


def effective_from(fact: Fact) -> datetime:
    """From when on a fact changes what is known: a verdict on a late entry, from the instant that the entry speaks of."""
    said = fact.event
    return said.speaks_of if isinstance(said, _VERDICTS) else fact.occurred_at


def just_entered_late(case: Case) -> bool:
    """Whether the case's last fact is a late entry."""
    return bool(case.late_entries) and case.late_entries[-1].version == case.version


def note(breaches: Sequence[Breach], case: Case, fact: Fact, *, belated: bool) -> None:
    """Fold what a fact says of breaches and late entries into its case; ``belated``: it has to be confirmed to count."""
    said = fact.event
    if isinstance(said, _VERDICTS):
        evidence = said.evidence if isinstance(said, LateEntryConfirmed) else None
        verdict = Verdict.CONFIRMED if isinstance(said, LateEntryConfirmed) else Verdict.REJECTED
        case.late_entries = tuple(
            replace(
                entry,
                verdict=verdict,
                judged_by=fact.user_id,
                judged_at=fact.occurred_at,
                judgement=said.reason,
                evidence=evidence,
            )
            if entry.version == said.entry
            else entry
            for entry in case.late_entries
        )
        return
    claims = claims_of(breaches, case, fact)
    if fact.late is not None or claims:
        case.late_entries = (*case.late_entries, _entry(case, fact, claims, belated=belated))
    for row in breaches:
        if row.recurs and isinstance(said, row.mended_by):
            name, line = row.event.__name__, row.line(case, fact)
            case.breaches = tuple(
                breach
                for breach in case.breaches
                if (breach.event, breach.line) != (name, line) or fact.occurred_at < breach.due_at
            )
        if isinstance(said, row.event) and not fact.imported and row.counts(said):
            written = WrittenBreach(
                event=row.event.__name__, line=row.line(case, fact), due_at=fact.occurred_at, version=fact.version
            )
            case.breaches = (*case.breaches, written)


def _entry(case: Case, fact: Fact, claims: tuple[int, ...], *, belated: bool) -> LateEntry:
    """The late entry of a fact; one that an older program wrote did not say how late it was: the book's own time does.

    One that was entered when it occurred (``late`` is 0) is late by what it says of an earlier instant.
    """
    entered_at = fact.occurred_at + timedelta(seconds=fact.late) if fact.late is not None else fact.recorded_at
    spoken_of = speaks_of(fact.event, fact.occurred_at) if fact.late == 0 else fact.occurred_at
    unmakes = dict.fromkeys(breach.event for breach in case.breaches if breach.version in claims)
    return LateEntry(
        version=fact.version,
        event=type(fact.event).__name__,
        occurred_at=spoken_of,
        entered_at=entered_at,
        user_id=fact.entered_by or fact.user_id,
        role=fact.role,
        reason=fact.late_reason,
        claims=claims,
        unmakes=tuple(unmakes),
        verdict=Verdict.UNCONFIRMED if claims or belated else None,
        judge_by=fact.judge_by,
    )


def _open(case: Any) -> list[LateEntry]:
    return [entry for entry in case.late_entries if entry.open]


def _nobodys(case: Case, who: Actor) -> Refusal | None:
    """Why nothing waits for this person's word."""
    waiting = _open(case)
    if not waiting:
        return broken("no-late-entry", _CLAUSE, "没有待核实的补录", "no late entry waits to be confirmed")
    refusals = [_second_person_above(entry, who) for entry in waiting]
    return None if None in refusals else refusals[0]


def _waiting(case: Case, version: int | None) -> LateEntry:
    found = [entry for entry in _open(case) if version in (None, entry.version)]
    if not found:
        zh, en = "没有这笔待核实的补录", "no such late entry waits to be confirmed"
        raise broken("no-late-entry", _CLAUSE, zh, en, "entry")
    if len(found) > 1:
        places = "、".join(str(entry.version) for entry in found)
        zh, en = f"有多笔补录待核实，请指明：{places}", f"several wait, say which: {places}"
        raise broken("late-entry-ambiguous", _CLAUSE, zh, en, "entry")
    return found[0]


def _second_person_above(entry: LateEntry, who: Actor) -> RuleBroken | None:
    """Neither who entered it, nor somebody below or beside him: what the company enters, another of the company confirms."""
    if who.is_any({entry.user_id}):
        zh, en = "补录须由录入人以外的上级核实", "somebody above confirms it, not who entered it"
        return broken("own-late-entry", _CLAUSE, zh, en)
    least = min(_ABOVE.index(Role(entry.role)) + 1, len(_ABOVE) - 1) if entry.role in _ABOVE else 0
    if _ABOVE.index(who.role) < least:
        zh, en = "补录须由职级高于录入人者核实", "somebody above whoever entered it confirms it"
        return broken("late-entry-of-superior", _CLAUSE, zh, en)
    return None
