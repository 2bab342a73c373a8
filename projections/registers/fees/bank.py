"""The registers of bank statements 银行对账单 and of their lines 银行流水 (§7). Amounts are integer fen; what goes out is below zero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.fees.bank_line import OPEN, BankLine
from domain.fees.bank_statement import MATCHING, BankStatement
from journal.blind_index import How
from projections.engine.register import Register, row_values

__all__ = ["BANK_LINES", "BANK_STATEMENTS", "BankLineRow", "BankStatementRow"]


@dataclass(slots=True, kw_only=True)
class BankStatementRow:
    """One statement: what was read of its file, and what the file says of itself."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    bank_account: str
    first: date | None
    last: date | None
    rows_taken: int
    rows_known: int
    rows_refused: int
    credits_fen: int
    debits_fen: int
    stated_rows: int | None
    stated_credits_fen: int | None
    stated_debits_fen: int | None
    closing_reason: str | None
    brought_by: str | None
    match_by: datetime | None
    missed_at: datetime | None
    open: bool


@dataclass(slots=True, kw_only=True)
class BankLineRow:
    """One line of a statement, and whose payment it is; who paid, from where and for what is sealed."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    statement: str
    bank_account: str
    row: int
    booked_on: date | None
    amount_fen: int
    reference: str | None
    payer: str | None
    payer_account: str | None
    narration: str | None
    household: str | None
    payment: str | None
    linked: bool
    reason: str | None
    dealt_with_on: date | None
    dealt_with_by: str | None
    line_mark: str
    open: bool


BANK_STATEMENTS = Register(
    name="bank-statements",
    zh="银行对账单登记",
    en="bank statements",
    clause="7",
    row=BankStatementRow,
    kinds=(BankStatement,),
    values=row_values(BankStatementRow, BankStatement, open=lambda statement: statement.state == MATCHING),
)

BANK_LINES = Register(
    name="bank-lines",
    zh="银行流水登记",
    en="bank lines",
    clause="7",
    row=BankLineRow,
    kinds=(BankLine,),
    values=row_values(BankLineRow, BankLine, open=lambda line: line.state == OPEN),
    indexed=("statement", "household", "line_mark"),
    sealed=("payer", "payer_account", "narration"),
    found_by={"payer": How.NAME, "payer_account": How.ACCOUNT},
)
