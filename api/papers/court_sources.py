"""Sources of a court file 起诉材料的来源: the arrears case, its bills, the standards, payments and complaints, all read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from api.http.context import Reader
from api.papers.court_scans import read_scans
from api.papers.fact_lines import Teller
from api.papers.receipt import whose
from api.papers.scans import Scan
from api.papers.words import bill_word
from api.routes.cases import fact_view
from domain.arrears.debt_case.case import DebtCase
from domain.fees.account import EntryPosted, HouseholdAccount, PrepaymentRefunded, account_id, refund_entry
from domain.fees.bill import events as billed
from domain.fees.bill.case import Bill
from domain.fees.fee_standard import FeeStandard
from domain.fees.payment import HouseholdPayment
from domain.fees.reckoning import Account
from domain.fees.terms import FeeTerms
from domain.handbook.settings import Settings
from domain.kernel.errors import NotFound
from domain.kernel.fact import Fact

__all__ = ["Sources", "read_sources"]

_PAYMENTS: Final = (
    "select case_id from wuye.r_payments where office = %s and household = %s and to_number is null"
    " order by value_date, case_id"
)
_COMPLAINTS: Final = (
    "select case_id from wuye.r_complaints where office = %s and household = %s and to_number is null"
    " order by opened_at, case_id"
)


_MOVES: Final = (
    billed.BillCharged,
    billed.BillCorrected,
    billed.LateFeeAssessed,
    billed.LateFeeAdjusted,
    billed.LateFeeWaived,
    billed.LateFeeWaiverWithdrawn,
    billed.LateFeeHeld,
    billed.LateFeeHoldEnded,
    billed.PaymentReceived,
    billed.PaymentReversed,
    billed.OverpaymentRefunded,
    billed.BillVoided,
    billed.BillWrittenOff,
)
"""What changes a bill, or how its late fee runs, after it was issued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a court file is made of, on a day. ``opened``: version of a fact of the arrears case → its fields, opened."""

    on: date
    home: str
    person: str
    debt: DebtCase
    facts: Sequence[Fact]
    opened: dict[int, dict[str, Any]]
    bills: list[tuple[Bill, Fact]]
    moved: dict[str, Sequence[Fact]]
    """Bill → the facts that changed what is owed on it after it was issued."""
    account: HouseholdAccount | None
    standards: list[tuple[FeeStandard, Sequence[Fact]]]
    payments: list[tuple[HouseholdPayment, Sequence[Fact]]]
    complaints: list[tuple[Any, Sequence[Fact], dict[str, Any]]]
    kept: Account
    posted: dict[str, int]
    """Source of an entry of the account → the page on which it was posted."""
    scans: list[Scan]
    settings: Settings
    agreed: FeeTerms
    reference: FeeTerms
    teller: Teller

    @property
    def cited(self) -> tuple[int, ...]:
        """Every page of the book that the file rests on."""
        facts = [*self.facts, *(fact for _, fact in self.bills)]
        facts += [each for several in self.moved.values() for each in several]
        facts += [each for _, several in self.standards for each in several]
        facts += [each for _, several in self.payments for each in several]
        facts += [each for _, several, _ in self.complaints for each in several]
        scanned = {number for scan in self.scans for number in scan.facts}
        return tuple(sorted({fact.number for fact in facts} | set(self.posted.values()) | scanned))


def read_sources(reader: Reader, case_id: str, on: date) -> Sources:
    """Read them; personal data for whoever may see them, on record. Raises :class:`~domain.kernel.errors.NotFound`."""
    context, office = reader.context, reader.office
    debt, facts = context.handler.history(office, case_id)
    views = [fact_view(fact) for fact in facts]
    household = debt.household or ""
    with context.within(office) as connection:
        payments = [row[0] for row in connection.execute(_PAYMENTS, [office, household]).fetchall()]
        complaints = [row[0] for row in connection.execute(_COMPLAINTS, [office, household]).fetchall()]
    told = [(*context.handler.history(office, each), each) for each in complaints]
    registered = [{"case_id": each, **fact_view(several[0])["data"]} for _, several, each in told]
    results = [{"case_id": each, **_result(several)} for _, several, each in told]
    reader.open([*views, *registered, *results], "debt-cases/court-file")
    home, person = whose(reader, household, "debt-cases/court-file") if household else ("", "")
    account_facts = _facts(reader, account_id(office, household))
    settings = context.handler.case(office, f"office-{office}").settings
    agreed = FeeTerms.of(settings)
    histories = [found for each in debt.bills if (found := _bill(reader, each)) is not None]
    bills = [(bill, several[0]) for bill, several in histories]
    periods = {bill.id: bill_word(bill.period) for bill, _ in bills}
    account = context.handler.case(office, account_id(office, household)) if account_facts else None
    people = context.names.of({fact.user_id for fact in facts})
    return Sources(
        on=on,
        home=home or next((bill.home for bill, _ in bills if bill.home), ""),
        person=person,
        debt=debt,
        facts=facts,
        opened={view["version"]: view["data"] for view in views},
        moved={bill.id: [fact for fact in several if isinstance(fact.event, _MOVES)] for bill, several in histories},
        account=account,
        bills=sorted(bills, key=lambda pair: (pair[0].due_on or date.max, pair[0].id)),
        standards=[context.handler.history(office, each) for each in _standards(bills)],
        payments=[context.handler.history(office, each) for each in payments],
        complaints=[
            (case, several, {**data, "result": result.get("result")})
            for (case, several, _), data, result in zip(told, registered, results, strict=True)
        ],
        kept=account.reckoned(agreed, on) if account is not None else Account(),
        posted=_posted(account_facts),
        scans=read_scans(reader, household, [(debt, facts), *((case, several) for case, several, _ in told)]),
        settings=settings,
        agreed=agreed,
        reference=FeeTerms.reference(settings),
        teller=Teller(lambda bill: periods.get(bill, "账单"), people),
    )


def _result(facts: Sequence[Fact]) -> dict[str, Any]:
    """What became of a complaint, as it was said last: it is sealed, and opened with what it was about."""
    said: dict[str, Any] = {}
    for fact in facts:
        if getattr(fact.event, "result", None):
            said = {"result": fact_view(fact)["data"]["result"]}
    return said


def _facts(reader: Reader, case_id: str) -> Sequence[Fact]:
    try:
        return reader.context.handler.history(reader.office, case_id)[1]
    except NotFound:
        return ()


def _bill(reader: Reader, case_id: str) -> tuple[Bill, Sequence[Fact]] | None:
    """A bill with its facts; None where another system's history names a bill that does not exist."""
    try:
        bill, facts = reader.context.handler.history(reader.office, case_id)
    except NotFound:
        return None
    return (bill, facts) if isinstance(bill, Bill) else None


def _posted(facts: Sequence[Fact]) -> dict[str, int]:
    """Source of an entry of the account → its page; a refund is an entry of the account's own."""
    posted = {fact.event.entry.source: fact.number for fact in facts if isinstance(fact.event, EntryPosted)}
    refunds = [fact for fact in facts if isinstance(fact.event, PrepaymentRefunded)]
    for fact in refunds:
        assert isinstance(fact.event, PrepaymentRefunded)
        posted[refund_entry(fact.case_id, fact.event.number, 0, date.min).source] = fact.number
    return posted


def _standards(bills: list[tuple[Bill, Fact]]) -> list[str]:
    named = (line.standard for bill, _ in bills for line in bill.lines if line.standard)
    return list(dict.fromkeys(named))
