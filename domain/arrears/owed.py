"""What a household owes in its arrears case 欠费 (§8): bill by bill, what of it is disputed, and when each claim lapses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from domain.arrears.limitation import RunningClaim, reminders
from domain.arrears.terms import InterruptionKind
from domain.kernel.calendar import end_of_day
from domain.kernel.fact import Case

__all__ = ["OwedBills", "pursuit_of"]


def pursuit_of(bill: str) -> str:
    """The claim to pursue a bill."""
    return f"pursuit-of:{bill}"


@dataclass(slots=True, kw_only=True)
class OwedBills(Case):
    """The bills of an arrears case: ``bills`` is what is left on each (fen), ``claims`` the limitation of each 诉讼时效.

    ``lapses``: when each claim lapses, from all that is known; ``lapsed``: those of which that was noted and still holds.
    ``disputed``: the case as a whole is; ``disputed_bills``: these by themselves. Dates are local.
    """

    bills: dict[str, int] = field(default_factory=dict)
    lapses: dict[str, date] = field(default_factory=dict)
    claims: dict[str, RunningClaim] = field(default_factory=dict)
    lapsed: set[str] = field(default_factory=set)
    disputed: bool = False
    disputed_bills: set[str] = field(default_factory=set)
    disputes: int = 0
    dispute_at: datetime | None = None
    disputed_since: date | None = None

    @property
    def pursues(self) -> tuple[str, ...]:
        """What another system's case holds alone: the pursuit of its bills. One of ours is found by its household."""
        return tuple(pursuit_of(bill) for bill in self.bills) if self.imported else ()

    @property
    def outstanding_fen(self) -> int:
        """What is left on all bills."""
        return sum(self.bills.values())

    @property
    def unpaid(self) -> tuple[str, ...]:
        """The bills on which something is left."""
        return tuple([bill for bill, left in self.bills.items() if left > 0])

    def is_disputed(self, bill: str) -> bool:
        """Whether this bill is: with all the others, or by itself."""
        return self.disputed or bill in self.disputed_bills

    @property
    def in_dispute(self) -> bool:
        """Whether anything is: the case as a whole, or one of its bills."""
        return self.disputed or bool(self.disputed_bills)

    @property
    def stands_still(self) -> bool:
        """Whether all that is owed is disputed: the case as a whole, or each unpaid bill by itself."""
        if self.disputed or not self.disputed_bills:
            return self.disputed
        unpaid = self.unpaid
        return bool(unpaid) and self.disputed_bills.issuperset(unpaid)

    @property
    def lapses_on(self) -> date | None:
        """When the first claim to an unpaid bill lapses 诉讼时效届满日."""
        lapses = self.lapses
        return (
            min((lapses[bill] for bill in self.unpaid or self.bills if bill in lapses), default=None)
            if lapses
            else None
        )

    @property
    def next_reminder(self) -> tuple[date, str] | None:
        """The next day on which somebody is reminded that a claim will lapse, and whose."""
        return min(reminders(self.claims, self.unpaid), default=None)

    @property
    def lapse_due(self) -> datetime | None:
        """When the next claim lapses that has not; neither a dispute nor a plan stops that clock."""
        running = [self.lapses[bill] for bill in self.unpaid if bill in self.lapses and bill not in self.lapsed]
        return end_of_day(min(running)) if running else None

    def owed(self, day: date | None) -> datetime | None:
        """24:00 of a day that is still awaited; a dispute of all that is owed stops every clock."""
        return end_of_day(day) if day is not None and not self.stands_still else None

    def claim_runs(self, bill: str, lapses_on: date | None) -> None:
        """The claim to a bill runs from its due day on, if that is known."""
        if lapses_on is not None:
            self.claims.setdefault(bill, RunningClaim(lapses_on))
        self.relapse()

    def interrupted(self, kind: InterruptionKind, on: date, lapses_on: date | None, bills: set[str]) -> None:
        """A proven demand, an admission or a suit lets the limitation of these bills begin anew (民法典195)."""
        for bill in bills:
            if lapses_on is not None and bill in self.claims:
                self.claims[bill].interrupted(kind, on, lapses_on)
        self.relapse()

    def relapse(self) -> None:
        """When each claim lapses, from all that is known; one that was noted as lapsed and now is not, is not."""
        self.lapses = {bill: claim.lapses_on for bill, claim in self.claims.items()}
        self.lapsed = {bill for bill, claim in self.claims.items() if claim.lapsed}
