"""A household's account in words 住户账所见 (§7): each bill with what is left of it and why, and every entry with its balance.

Nothing here is a figure that somebody stored: the account is reckoned from its entries for the day that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from api.account_entries import Posted, ledger_of
from api.console.bill_lines import Line, lines_of
from api.console.formatting import day, money
from api.console.text import Language
from api.console.values import named
from api.routes.money import decimal, late_fee_steps, terms_of
from domain.fees.account import HouseholdAccount, account_id
from domain.fees.reckoning import PREPAID, Account, KeptBill
from domain.fees.terms import Entry, EntryKind, FeeTerms, Move
from domain.kernel.errors import NotFound
from domain.kernel.late_fee import LateFee
from domain.kernel.money import yuan
from domain.kernel.periods import Month
from domain.kernel.words import choice_names

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["BillSeen", "Owing", "owing", "period_said", "posted"]

_RECEIPTS: Final = (
    "select case_id, receipt, method from wuye.r_payments where office = %s and household = %s and to_number is null"
)
_PERIODS: Final = "select case_id, period from wuye.r_bills where office = %s and household = %s and to_number is null"


@dataclass(frozen=True, slots=True)
class BillSeen:
    """One bill: what it asks for, what was paid, what is left, and the way to each figure. Amounts are fen."""

    id: str
    href: str
    text: str
    issued: str
    due: str
    is_over: bool
    principal: int
    costs: int
    accrued: int
    assessed: int
    waived: int
    paid: int
    left: int
    fresh: int
    """Late fee that has accrued and is not asked for yet."""
    given_up: bool
    spans: list[dict[str, str]]
    formula: str
    moves: list[dict[str, str]]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Owing:
    """What a household owes at the end of a day."""

    on: date
    account: HouseholdAccount | None
    terms: FeeTerms
    kept: Account
    bills: list[BillSeen]
    receipts: dict[str, str]
    """Payment → its receipt's number."""
    methods: dict[str, str]
    periods: dict[str, str | None]
    """Bill → its period."""

    @property
    def owed(self) -> int:
        """What is asked for and not paid, of all bills."""
        return sum(bill.left for bill in self.bills)

    @property
    def fresh(self) -> int:
        """Late fee that has accrued and is not asked for yet."""
        return sum(bill.fresh for bill in self.bills)


def owing(page: Page, household: str, on: date, since: date | None = None, *, with_lines: bool = False) -> Owing:
    """The account as it stands at the end of a day; without ``since`` the bills on which something is left alone."""
    terms = terms_of(page.context, page.office)
    try:
        account: HouseholdAccount | None = page.context.handler.case(page.office, account_id(page.office, household))
    except NotFound:
        account = None
    kept = account.reckoned(terms, on) if account is not None else Account()
    with page.connect() as connection:
        paid = connection.execute(_RECEIPTS, [page.office, household]).fetchall()
        periods = dict(connection.execute(_PERIODS, [page.office, household]).fetchall())
    receipts = {case_id: receipt for case_id, receipt, _ in paid if receipt}
    shown = sorted(
        (
            bill
            for bill in kept.bills.values()
            if any(bill.owed.values()) or (since is not None and bill.due_on >= since)
        ),
        key=lambda bill: (bill.due_on, bill.id),
    )
    bills = [_bill(page, bill, terms, on, periods.get(bill.id), receipts, with_lines=with_lines) for bill in shown]
    methods = {case_id: method for case_id, _, method in paid}
    return Owing(on, account, terms, kept, bills, receipts, methods, periods)


def _bill(
    page: Page,
    bill: KeptBill,
    terms: FeeTerms,
    on: date,
    period: str | None,
    receipts: dict[str, str],
    *,
    with_lines: bool,
) -> BillSeen:
    fee, assessed = bill.fee(terms, on), sum(bill.assessed.values())
    given_up = bill.written_off is not None
    steps = late_fee_steps(fee)
    lines = page.context.handler.case(page.office, bill.id).lines if with_lines else ()
    return BillSeen(
        id=bill.id,
        href=page.at("case", bill.id),
        text=period_said(page.lang, period) or page.t("账单", "Bill"),
        issued=day(bill.issued_on, page.lang, page.now),
        due=day(bill.due_on, page.lang, page.now),
        is_over=bill.due_on < on and any(bill.owed.values()),
        principal=bill.principal,
        costs=bill.costs,
        accrued=fee.fen,
        assessed=assessed,
        waived=bill.waived,
        paid=sum(bill.met().values()),
        left=sum(bill.owed.values()),
        fresh=max(fee.fen - assessed, 0) if any(bill.owed.values()) else 0,
        given_up=given_up,
        spans=_spans(page, fee),
        formula=page.t(steps["formula_zh"], steps["formula_en"]) if fee.spans else "",
        moves=[_move(page, move, receipts) for move in bill.moves],
        lines=lines_of(page, lines),
    )


def period_said(language: Language, period: str | None) -> str:
    """«2025年3月» for a bill's month; what is no month as it is written."""
    try:
        month = Month.parse(period or "")
    except ValueError:
        return period or ""
    return f"{month.year}年{month.month}月" if language == "zh" else month.first.strftime("%b %Y")


def _spans(page: Page, fee: LateFee) -> list[dict[str, str]]:
    """Which days bore which rate on which principal, and what came of it."""
    return [
        {
            "days": f"{day(span.first, page.lang, page.now)} – {day(span.last, page.lang, page.now)}",
            "number": str(span.days),
            "principal": money(span.outstanding),
            "rate": f"{decimal(span.rate * 100)}%",
            "bears": f"¥{decimal(span.exact / 100)}",
        }
        for span in fee.spans
    ]


def _move(page: Page, move: Move, receipts: dict[str, str]) -> dict[str, str]:
    """Money that met the bill: from where, by which rule, and which part of the debt it met."""
    parts = (
        (move.costs_fen, page.t("费用", "costs")),
        (move.penalty_fen, page.t("滞纳金", "late fee")),
        (move.principal_fen, page.t("本金", "principal")),
    )
    said = page.t("、", ", ").join(f"{word} {money(fen)}" for fen, word in parts if fen)
    of = move.source.partition("#")[0]
    known = receipts.get(of)
    text = (
        page.t("预缴冲抵", "prepaid, set off")
        if move.source == PREPAID
        else page.t("收据 ", "receipt ") + known
        if known
        else ""
    )
    return {
        "day": day(move.day, page.lang, page.now),
        "text": text or page.t("收款", "payment"),
        "href": page.at("case", of) if move.source != PREPAID and "-" in of else "",
        "rule": named("AllocationRule", move.rule, page.lang),
        "parts": said,
    }


# -- entries ---------------------------------------------------------------------------------------------------------


def posted(page: Page, owes: Owing, since: date) -> dict[str, Any]:
    """The account's entries of a period with what each asked for and paid, and the balance at the end of each day."""
    ledger = ledger_of(owes.account, owes.kept, owes.terms, since, owes.on)
    return {
        "opening": ledger.opening,
        "rows": [_row(page, owes, each) for each in ledger.rows],
        "closing": ledger.closing,
    }


def _row(page: Page, owes: Owing, row: Posted) -> dict[str, Any]:
    of = row.entry.source.partition("#")[0]
    return {
        "on": row.entry.day,
        "day": day(row.entry.day, page.lang, page.now),
        "text": "　".join(_said(page, owes, row.entry, owes.receipts.get(of), row.undone)),
        "href": page.at("case", of) if "-" in of else "",
        "asked": money(row.asked) if row.asked else "",
        "paid": money(row.paid) if row.paid else "",
        "asked_fen": row.asked,
        "paid_fen": row.paid,
        "balance": row.balance,
        "gone": row.undone is not None,
    }


def _said(page: Page, owes: Owing, entry: Entry, receipt: str | None, by: Entry | None) -> Iterator[str]:
    yield page.begins(*choice_names(entry.kind))
    if entry.bill is not None:
        yield period_said(page.lang, owes.periods.get(entry.bill))
    if entry.kind is EntryKind.PAYMENT and receipt:
        yield receipt
    if by is not None:
        word = page.t("已作废", "void") if by.kind is EntryKind.VOID else page.t("已冲正", "taken back")
        yield f"{yuan(entry.amount_fen)} {word}"
