"""Ascents of the ladder 追讨轮次 (§8, C10): how far a household was pursued for bills that were paid, should the payment be taken back.

Once what was dunned is paid, what else is owed begins at the first stage. The payment may bounce all the same; then the
pursuit of those bills goes on from where it was, though another ascent has begun meanwhile, unless that one is as high.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime

from domain.arrears import terms
from domain.arrears.letters import DunnedDebtor
from domain.arrears.limitation import RunningClaim

__all__ = ["Ascent", "ClimbingDebtor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ascent:
    """One ascent as it stood when it ended. ``bills`` are those that its letters and plans named, with their ``claims``.

    All other fields but ``left_off`` are called as in the case, and are put back there as they were.
    """

    bills: frozenset[str]
    claims: Mapping[str, RunningClaim]
    left_off: str
    ladder: int
    notice_late: int
    notice1_at: datetime | None
    notice2_at: datetime | None
    delivered_at: datetime | None
    delivered2_at: datetime | None
    notice1_by: date | None
    notice2_by: date | None
    stage2_at: datetime | None
    visited_at: datetime | None
    visit_outcome: terms.VisitOutcome | None
    manager_visited: bool
    reason: terms.ArrearsReason | None
    claimed_fen: int
    suspended_at: datetime | None
    restored_at: datetime | None
    legal_at: datetime | None
    legal_outcome: terms.LegalOutcome | None
    legal_outcome_on: date | None
    committee: dict[terms.LastMeasure, terms.Consultation]


_KEPT = tuple(each.name for each in fields(Ascent) if each.name not in ("bills", "claims", "left_off"))
"""What an ascent keeps of the case, by name."""


@dataclass(slots=True, kw_only=True)
class ClimbingDebtor(DunnedDebtor):
    """``climbed``: bill → the last ascent before this one that dunned it."""

    climbed: dict[str, Ascent] = field(default_factory=dict)

    def keep_ascent(self, state: str) -> None:
        """The ascent that ends here, for each bill that it dunned."""
        claims = {bill: self.claims[bill] for bill in self.dunned & self.claims.keys()}
        kept = {name: getattr(self, name) for name in _KEPT}
        ascent = Ascent(bills=frozenset(self.dunned), claims=claims, left_off=state, **kept)
        self.climbed |= dict.fromkeys(self.dunned, ascent)

    def climb_again(self, ascent: Ascent) -> None:
        """What it was pursued on meanwhile is an ascent of before, and the one of before is the one that it is on."""
        self.ascends_anew()
        self.past = [letter for letter in self.past if letter.ladder != ascent.ladder]
        for name in _KEPT:
            setattr(self, name, getattr(ascent, name))
        self.dunned, self.claims = set(ascent.bills), {**self.claims, **ascent.claims}

    def claim_goes_on(self, bill: str, lapses_on: date | None) -> None:
        """A bill that was pursued before: what interrupted its limitation then still does."""
        before = self.climbed.get(bill)
        if before is not None and bill in before.claims:
            self.claims.setdefault(bill, before.claims[bill])
        self.claim_runs(bill, lapses_on)
