"""The journal for accounting 会计凭证 (§7): every fact that moved money as a balanced voucher, in the period in which it was entered.

A voucher's number is the page of the book that made it, so a month that was handed over never changes: what is entered
late, reversed or corrected afterwards is a voucher of its own in the month of its entry, with the value date beside it.
It is read from the versions of the registers: what a page added to a row is booked, what it took away is booked back.
Amounts are fen. The balance of the receivables is what is outstanding on the bills; of the prepayments, what the
households' accounts have. Another system's bills stand in its own books; what is taken here on one of them lowers a
receivable of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final

import psycopg

from domain.fees.chart import CHART, LedgerAccount, MoneyFor, Posting, of_bill, of_deposit, of_money
from domain.fees.terms import EntryKind
from domain.kernel.calendar import end_of_day, start_of_day
from projections.reports.report import Asked, Report

__all__ = ["JOURNAL", "SUMMARIES"]

SUMMARIES: Final[dict[str, tuple[str, str]]] = {
    EntryKind.BILL: ("出账", "bill issued"),
    EntryKind.CORRECTION: ("账单更正", "correction"),
    EntryKind.COST: ("追讨费用", "costs of collecting"),
    EntryKind.ASSESSMENT: ("核定滞纳金", "late fee assessed"),
    EntryKind.WAIVER: ("减免滞纳金", "late fee waived"),
    EntryKind.PAYMENT: ("冲抵账单", "allocated to a bill"),
    EntryKind.WRITE_OFF: ("坏账核销", "written off"),
    "received": ("收款", "payment received"),
    "fees": ("入住收费", "fees at moving in"),
    "refund": ("退款", "refund"),
    "deposit": ("押金", "deposit"),
    "deposit-back": ("退还押金", "deposit given back"),
}
"""What each sort of voucher line is called; what is booked back bears 冲回 before it."""
_BACK: Final = ("冲回：", "booked back: ")


def _versions(table: str, keys: str, amounts: tuple[str, ...], only: str = "true") -> str:
    """What the pages from ``first`` to ``last`` changed in a register: what came less what went, by page and key.

    ``only``: of which rows.
    """
    in_ = ", ".join(f"{name} as {name}" for name in amounts)
    out = ", ".join(f"-{name}" for name in amounts)
    sums = ", ".join(f"sum({name})::bigint" for name in amounts)
    moved = " or ".join(f"sum({name}) <> 0" for name in amounts)
    return f"""
select page, case_id, {keys}, {sums} from (
  select from_number as page, case_id, {keys}, {in_} from wuye.{table}
   where office = %(office)s and set_aside is null and {only} and from_number between %(first)s and %(last)s
  union all
  select to_number, case_id, {keys}, {out} from wuye.{table}
   where office = %(office)s and set_aside is null and {only} and to_number between %(first)s and %(last)s
) changed group by page, case_id, {keys} having {moved} order by page, case_id, {keys}
"""


_BILLS: Final = _versions(
    "r_bill_entries",
    "household, day, entry, rule, source",
    ("costs_fen", "penalty_fen", "principal_fen"),
    "not imported",
)
_MONEY: Final = _versions("r_money_movements", "household, day, entry, method, came_for", ("amount_fen", "prepaid_fen"))
_DEPOSITS: Final = _versions(
    "r_deposits",
    "household, received_on, refunded_on, received_method, refunded_method",
    ("received_fen", "refunded_fen", "deducted_fen"),
)
_ENTERED: Final = (
    "select number, (recorded_at at time zone 'Asia/Shanghai')::date from wuye.facts"
    " where office = %(office)s and number = any(%(pages)s)"
)


class _Line:
    """What a page did to one matter."""

    __slots__ = ("case_id", "household", "page", "postings", "said", "value_date")

    def __init__(
        self,
        page: int,
        case_id: str,
        household: str | None,
        value_date: date | None,
        said: tuple[str, str],
        postings: list[Posting],
    ) -> None:
        self.page, self.case_id, self.household, self.value_date = page, case_id, household, value_date
        self.said, self.postings = said, postings


def _said(kind: str, *, back: bool) -> tuple[str, str]:
    zh, en = SUMMARIES[kind]
    return (f"{_BACK[0]}{zh}", f"{_BACK[1]}{en}") if back else (zh, en)


def _lines(connection: psycopg.Connection[Any], pages: dict[str, Any]) -> Iterator[_Line]:
    for page, case_id, household, day, entry, method, came_for, fen, prepaid in connection.execute(
        _MONEY.encode(), pages
    ):
        refund = entry == EntryKind.REFUND
        received = "fees" if came_for == MoneyFor.MOVE_IN else "received"
        said = _said("refund" if refund else received, back=(fen > 0) is refund)
        yield _Line(page, case_id, household, day, said, list(of_money(method, fen, prepaid, MoneyFor(came_for))))
    for page, case_id, household, day, entry, rule, _, *parts in connection.execute(_BILLS.encode(), pages):
        costs, penalty, principal = parts
        met: dict[Any, int] = {"costs": costs, "penalty": penalty, "principal": principal}
        lowers = entry in (EntryKind.PAYMENT, EntryKind.WAIVER, EntryKind.WRITE_OFF)
        back = (costs + penalty + principal > 0) is lowers and entry != EntryKind.CORRECTION
        yield _Line(page, case_id, household, day, _said(entry, back=back), list(of_bill(entry, rule, met)))
    yield from _deposits(connection.execute(_DEPOSITS.encode(), pages).fetchall())


def _deposits(versions: list[tuple[Any, ...]]) -> Iterator[_Line]:
    """What a page did to a deposit: what the row said before it and what it says since are one movement."""
    for (page, case_id), rows in groupby(versions, key=lambda row: row[:2]):
        postings: list[Posting] = []
        received = given_back = 0
        came: date | None = None
        went: date | None = None
        household: str | None = None
        for _, _, whose, received_on, refunded_on, by, back_by, *moved in rows:
            household = whose or household
            postings += of_deposit(*moved, came=by, went=back_by)
            received, given_back = received + moved[0], given_back + moved[1] + moved[2]
            came, went = received_on or came, refunded_on or went
        is_back = given_back != 0 and received == 0
        said = _said("deposit-back" if is_back else "deposit", back=received + given_back < 0)
        yield _Line(page, case_id, household, went if is_back else came, said, postings)


def _journal(connection: psycopg.Connection[Any], asked: Asked) -> Iterator[tuple[Any, ...]]:
    """The lines of the period's vouchers, voucher by voucher."""
    first, last = (
        connection.execute("select wuye.number_at(%s, %s)", [asked.office, instant]).fetchone()
        for instant in (_before(start_of_day(asked.since)), _before(end_of_day(asked.until)))
    )
    assert first is not None
    assert last is not None
    pages = {"office": asked.office, "first": (first[0] or 0) + 1, "last": min(last[0] or 0, asked.page)}
    vouchers: dict[int, list[_Line]] = defaultdict(list)
    for line in _lines(connection, pages):
        vouchers[line.page].append(line)
    numbers = {"office": asked.office, "pages": list(vouchers)}
    entered: dict[int, date] = dict(connection.execute(_ENTERED.encode(), numbers).fetchall())
    for page in sorted(vouchers):
        for line in vouchers[page]:
            for posting in _merged(line.postings):
                code, zh, en = CHART[posting.account]
                debit, credit = max(posting.fen, 0), max(-posting.fen, 0)
                yield (
                    entered[page],
                    page,
                    *line.said,
                    code,
                    zh,
                    en,
                    debit,
                    credit,
                    _yuan(debit),
                    _yuan(credit),
                    line.household,
                    line.case_id,
                    line.value_date,
                )


def _before(instant: Any) -> Any:
    """A moment before a day begins or ends: what is written exactly at 24:00 is the next day's."""
    return instant - timedelta(microseconds=1)


def _merged(postings: list[Posting]) -> Iterator[Posting]:
    """One line an account, debits first."""
    sums: dict[LedgerAccount, int] = defaultdict(int)
    for posting in postings:
        sums[posting.account] += posting.fen
    for account, fen in sorted(sums.items(), key=lambda each: (each[1] < 0, CHART[each[0]][0])):
        if fen:
            yield Posting(account, fen)


def _yuan(fen: int) -> str | None:
    return f"{fen // 100}.{fen % 100:02}" if fen else None


JOURNAL: Final = Report(
    name="journal",
    zh="会计凭证",
    en="journal for accounting",
    clause="7",
    columns=(
        "entered_on",
        "voucher",
        "summary_zh",
        "summary_en",
        "account_code",
        "account_zh",
        "account_en",
        "debit_fen",
        "credit_fen",
        "debit_yuan",
        "credit_yuan",
        "household",
        "case_id",
        "value_date",
    ),
    groups=("voucher",),
    rows=_journal,
    summed=("debit_fen", "credit_fen"),
)
