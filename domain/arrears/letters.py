"""The letters 催款通知 of an arrears case (§8.A): until when each is owed, when it went out and arrived, and what it named."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from domain.arrears import terms
from domain.arrears.contacts import ContactedDebtor
from domain.kernel.calendar import local_date

__all__ = ["DunnedDebtor"]


@dataclass(slots=True, kw_only=True)
class DunnedDebtor(ContactedDebtor):
    """``ladder`` counts the ascents from 1; ``dunned``: bills that letters and plans named, ``dunned_before`` in earlier ascents."""

    ladder: int = 1
    past: list[terms.Letter] = field(default_factory=list)
    """The letters of earlier ascents: what was late then stays late, though it was paid and is owed again."""
    dunned: set[str] = field(default_factory=set)
    dunned_before: set[str] = field(default_factory=set)
    notice1_at: datetime | None = None
    notice2_at: datetime | None = None
    delivered_at: datetime | None = None
    delivered2_at: datetime | None = None
    notice1_by: date | None = None
    notice2_by: date | None = None
    notice_late: int = 0

    @property
    def notice1_due(self) -> datetime | None:
        """Until when the first notice is owed; a dispute stops the clock."""
        return self.owed(self.notice1_by) if self.notice1_at is None and self.notice_late < 1 else None

    @property
    def notice2_due(self) -> datetime | None:
        """Until when the second notice is owed."""
        return self.owed(self.notice2_by) if self.notice2_at is None and self.notice_late < 2 else None

    @property
    def letters(self) -> list[terms.Letter]:
        """The letters of this ascent, whether they went out or not."""
        first = terms.Sent(self.notice1_by, self.notice1_at, self.delivered_at)
        second = terms.Sent(self.notice2_by, self.notice2_at, self.delivered2_at)
        return terms.letters_of(self.ladder, self.notice_late, first, second)

    def is_of_earlier_ascent(self, stage: int) -> bool:
        """Whether a letter of this stage went out in an earlier ascent, and none in this one: only that one can have arrived."""
        mine = self.notice2_at if stage == 2 else self.notice1_at
        return mine is None and any(each.stage == stage and each.issued_at is not None for each in self.past)

    def delivered(self, stage: int, at: datetime, lapses_on: date | None, *, earlier: bool) -> None:
        """A letter arrived. One of an earlier ascent demanded what it named then, and nothing else."""
        bills = self.dunned or set(self.bills)
        if earlier:
            bills = self.dunned_before
        elif stage == 1:
            self.delivered_at = self.delivered_at or at
        else:
            self.delivered2_at = self.delivered2_at or at
        self.interrupted(terms.InterruptionKind.DEMAND, local_date(at), lapses_on, bills)

    def ascends_anew(self) -> None:
        """Nothing of the letters of before counts on this ascent."""
        self.past += [letter for letter in self.letters if letter.issued_at is not None or letter.late]
        self.ladder, self.notice_late = 1 + max(self.ladder, *(letter.ladder for letter in self.past), 0), 0
        self.notice1_at = self.notice2_at = self.delivered_at = self.delivered2_at = None
        self.dunned_before |= self.dunned
        self.dunned = set()
