"""Contacts with a debtor 催缴联系 (§8.A, 民法典1033): those that were made, those that are planned, and when there are to be none.

What is planned is held to the limits. What happened is taken as it happened, and says which limit it passed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from domain.arrears.owed import OwedBills
from domain.arrears.terms import ContactLimit
from domain.kernel.calendar import local_date

__all__ = ["ContactedDebtor", "Rest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Since when the debtor is left in peace and why 暂停催缴, and until when; None while it lasts."""

    why: ContactLimit
    since: datetime
    until: datetime | None = None


@dataclass(slots=True, kw_only=True)
class ContactedDebtor(OwedBills):
    """``reminders``: the days of calls, messages and visits; ``contacts_beyond`` counts those that passed a limit.

    ``pauses``: when all that is owed was disputed, a plan ran, or nothing was owed.
    """

    reminders: list[date] = field(default_factory=list)
    contacts_planned: list[datetime] = field(default_factory=list)
    contacts_beyond: int = 0
    pauses: list[Rest] = field(default_factory=list)

    def left_in_peace(self, at: datetime) -> ContactLimit | None:
        """Why nobody was to contact the debtor at this moment, by all that is known of it; also of a moment that is past."""
        then = (each.why for each in self.pauses if each.since <= at and (each.until is None or at < each.until))
        return min(then, key=list(ContactLimit).index, default=None)

    def rest(self, why: ContactLimit, at: datetime, *, now: bool) -> None:
        """From this moment on the debtor is left in peace for this reason, or is not any more."""
        going_on = next((n for n, each in enumerate(self.pauses) if each.why is why and each.until is None), None)
        if now and going_on is None:
            self.pauses.append(Rest(why=why, since=at))
        elif not now and going_on is not None:
            self.pauses[going_on] = replace(self.pauses[going_on], until=at)

    def contacted(self, beyond: ContactLimit | None, day: date) -> None:
        """A contact stands for those that were planned until its day."""
        self.reminders.append(day)
        self.contacts_planned = [each for each in self.contacts_planned if local_date(each) > day]
        self.contacts_beyond += beyond is not None
