"""What is known of a key loan 钥匙取领 after some of its facts (§3.3). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.homes.key_loan.events import (
    BorrowerErased,
    KeyLoanExtended,
    KeyLoanRefused,
    KeyLoanRequested,
    KeysIssued,
    KeysLost,
    KeysOverdue,
    KeysPartlyReturned,
    KeysReturned,
    Purpose,
)
from domain.homes.keys import KeyCondition
from domain.kernel.calendar import end_of_day
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Fact
from domain.kernel.mending import PersonalEntryCorrected
from domain.kernel.rules import broken

REQUESTED, ISSUED, LOST = "requested", "issued", "lost"
RETURNED, REFUSED = "returned", "refused"
OUT = (ISSUED, LOST)
"""The states in which keys of the loan may still be out."""


@dataclass(slots=True, kw_only=True)
class KeyLoan(Case):
    """What is known of one loan. ``out`` are the keys that neither came back nor were lost.

    ``first_expected_return`` is what was agreed when they were issued, whatever was put off later.
    ``returned_at`` is when they came back, ``return_entered_at`` when somebody wrote it down: a late entry shows.
    """

    CORRECTS = ("purpose", "borrower", "organisation", "identity_document")
    PAPERS = True

    vacant_home: str = ""
    home: str = ""
    keys: tuple[str, ...] = ()
    out: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    purpose: Purpose = Purpose.OTHER
    expected_return: datetime | None = None
    first_expected_return: datetime | None = None
    borrower: str | None = None
    staff_borrower: str | None = None
    organisation: str | None = None
    identity_document: str | None = None
    consented: bool = False
    renovation: str | None = None
    issued_at: datetime | None = None
    issued_by: str | None = None
    returned_at: datetime | None = None
    return_entered_at: datetime | None = None
    returner: str | None = None
    condition: KeyCondition | None = None
    lost_at: datetime | None = None
    missed_at: datetime | None = None
    refused_at: datetime | None = None
    refusal: str | None = None
    extended: int = 0
    papers_until: date | None = None
    erased_at: datetime | None = None

    @property
    def running_until(self) -> datetime | None:
        """When the keys that are out are expected back, until that is missed."""
        return self.expected_return if self.out and self.missed_at is None else None

    @property
    def papers_kept_until(self) -> datetime | None:
        """24:00 of the last day for which what is known of the borrower is kept."""
        return end_of_day(self.papers_until) if self.papers_until is not None and self.erased_at is None else None

    def why_not_corrected(self, field: str, person: str | None) -> Refusal | None:
        """Whoever handed the keys out did not take them himself (§3.3)."""
        if field != "borrower" or person is None or person != self.issued_by:
            return None
        zh, en = "发放人不能更正为取领人本人", "whoever issued the keys was not their borrower"
        return broken("own-work", "3.3", zh, en, "value")


def evolve(loan: KeyLoan, fact: Fact) -> None:
    """Fold one fact into the loan: data only, the state comes from the table."""
    match fact.event:
        case KeyLoanRequested() as e:
            loan.vacant_home, loan.home, loan.keys, loan.purpose = e.vacant_home, e.home, e.keys, e.purpose
            loan.expected_return, loan.borrower = e.expected_return, e.borrower
            loan.organisation, loan.identity_document = e.organisation, e.identity_document
            loan.staff_borrower = e.staff_borrower
            loan.consented, loan.renovation = e.consent is not None, e.renovation
        case KeyLoanRefused() as e:
            loan.refusal, loan.refused_at, loan.papers_until = e.reason, fact.occurred_at, e.papers_until
        case KeysIssued() as e:
            loan.out, loan.expected_return = e.keys, e.expected_return
            loan.first_expected_return = e.expected_return
            loan.issued_at, loan.issued_by = fact.occurred_at, fact.user_id
        case KeysOverdue() as e:
            loan.missed_at = e.due_at
        case KeysReturned() as e:
            loan.out, loan.condition, loan.returner = (), e.condition, e.returner
            loan.returned_at, loan.return_entered_at = fact.occurred_at, e.entered_at
            loan.papers_until = e.papers_until
        case KeysPartlyReturned() as e:
            loan.out = tuple(number for number in loan.out if number not in e.keys)
        case KeyLoanExtended() as e:
            loan.expected_return, loan.extended = e.expected_return, loan.extended + 1
        case PersonalEntryCorrected(field="borrower") as corrected:
            loan.staff_borrower = corrected.person
        case BorrowerErased():
            loan.erased_at = fact.occurred_at
        case KeysLost() as e:
            loan.out = tuple(number for number in loan.out if number not in e.keys)
            loan.lost, loan.lost_at = (*loan.lost, *e.keys), fact.occurred_at
