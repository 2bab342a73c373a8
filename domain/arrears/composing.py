"""Composing 催款通知的编制 (§8.A): what a notice claims is reckoned from the household's account, and typed by nobody.

Every overdue bill of the arrears case with what is left of charges, late fee and principal, the late fee up to the day
of the notice; beside it this month's fee: bills that are not due yet, and, where the month has no bill, what the
standards charge for the household's homes. All in fen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from domain.arrears.debt_case.case import DebtCase
from domain.arrears.terms import Claim, MonthCharge
from domain.fees.account import HouseholdAccount
from domain.fees.bill.case import Bill
from domain.fees.bill.commands.late_fee import accrued
from domain.fees.charged_months import charged_by_now
from domain.fees.fee_standard import FeeStandard
from domain.fees.reckoning import KeptBill, reckon
from domain.fees.terms import Entry, EntryKind, FeeTerms
from domain.kernel.fact import Moment
from domain.kernel.periods import Month

__all__ = ["ACCOUNT", "MONTH", "Composed", "composed"]

ACCOUNT, MONTH = "account", "month"
"""What a notice calls the household's account, and the bill of the month in which it goes out."""


@dataclass(frozen=True, slots=True)
class Composed:
    """What a notice says of money."""

    claims: tuple[Claim, ...]
    current: tuple[MonthCharge, ...]

    @property
    def current_fen(self) -> int:
        """This month's fee."""
        return sum(charge.amount_fen for charge in self.current)

    @property
    def total_fen(self) -> int:
        """All that it names."""
        return sum(claim.total_fen for claim in self.claims) + self.current_fen


def composed(debt: DebtCase, at: Moment) -> Composed:
    """What a notice of this day says of money, as the entries that are known give it."""
    account = at.related.get(ACCOUNT)
    kept = _kept(account, debt, at) if isinstance(account, HouseholdAccount) else {}
    claims = [_claim(name, at.related.get(name), kept.get(name), at) for name in _pursued(debt)]
    return Composed(
        claims=tuple(claim for claim in claims if claim is not None and claim.total_fen > 0),
        current=(*_not_due(kept, debt, at.today), *_not_billed(debt, at)),
    )


def _pursued(debt: DebtCase) -> list[str]:
    """The unpaid bills that nobody disputes."""
    return [bill for bill in debt.unpaid if not debt.is_disputed(bill)]


def _kept(account: HouseholdAccount, debt: DebtCase, at: Moment) -> Mapping[str, KeptBill]:
    """The account's bills once the late fee is assessed up to today: money that met a principal may meet it first."""
    assessed = [
        Entry(kind=EntryKind.ASSESSMENT, day=at.today, source=_mine(bill), bill=bill, until=at.today)
        for bill in _pursued(debt)
    ]
    return reckon((*account.entries, *assessed), FeeTerms.of(at.settings), at.today).bills


def _mine(bill: str) -> str:
    """The assessment of the notice, after every other of its day."""
    return f"{bill}#~"


def _claim(name: str, bill: object, kept: KeptBill | None, at: Moment) -> Claim | None:
    """What is claimed for one bill: as the account has it, or as another system's bill says it itself."""
    if not isinstance(bill, Bill):
        return None
    if kept is not None:
        left, more = kept.owed, kept.assessed.get(_mine(name), 0)
    else:
        more = _more(bill, at)
        left = {**bill.left, "penalty": bill.left["penalty"] + more}
    return Claim(
        bill=name,
        principal_fen=left["principal"],
        late_fee_fen=left["penalty"],
        charges_fen=left["costs"],
        assessed_fen=more,
        period=bill.period,
        due_on=bill.due_on,
    )


def _more(bill: Bill, at: Moment) -> int:
    """What such a bill has accrued by today and was not assessed."""
    if bill.due_on is None:
        return 0
    return max(accrued(bill, bill.due_on, at.today, at) - bill.late_fee_fen, 0)


def _not_due(kept: Mapping[str, KeptBill], debt: DebtCase, today: date) -> Iterator[MonthCharge]:
    for name, bill in kept.items():
        left = sum(bill.owed.values())
        if name not in debt.unpaid and bill.due_on >= today and left > 0:
            yield MonthCharge(amount_fen=left, bill=name, due_on=bill.due_on)


def _not_billed(debt: DebtCase, at: Moment) -> Iterator[MonthCharge]:
    """What the standards charge for this month, whole, as long as it has no bill."""
    if debt.household is None or isinstance(at.related.get(MONTH), Bill):
        return
    month = Month.of(at.today)
    for standard in at.related.values():
        if not isinstance(standard, FeeStandard) or not standard.kind.monthly:
            continue
        fen = charged_by_now(standard, debt.household, month)
        if fen > 0:
            yield MonthCharge(amount_fen=fen, item=standard.name, standard=standard.id)
