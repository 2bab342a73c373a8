"""Taking a bank's file 读入银行对账单 (§7): its statement and the lines that are new of it, in one transaction.

A line that stands in the book already is left as it is, so that files may overlap and one may be sent twice: what was new
of it is told. Where nothing is new no statement is opened.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from domain.fees.bank_line import TakeBankLine
from domain.fees.bank_statement import OpenBankStatement
from domain.kernel.errors import AlreadyHeld, Refusal
from domain.kernel.rules import missing
from domain.kernel.spelling import canonical, unparted
from domain.office.office import Office
from journal.book import Book
from journal.connections import Connect
from journal.errors import Conflict, StaleSettings
from workflows.engine.draft import Draft
from workflows.engine.handler import Busy, CommandHandler
from workflows.engine.ports import SealingKeys
from workflows.engine.request import CommandRequest
from workflows.importing.bank_file import BankFile, BankRow
from workflows.importing.problems import Problem
from workflows.importing.reader import SourceUnreadable

__all__ = ["BankFileTaken", "take_bank_file"]

_ATTEMPTS: Final = 8
_KNOWN: Final = """
select line_mark from wuye.r_bank_lines where office = %s and line_mark = any(%s) and to_number is null
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFileTaken:
    """What became of a file: the statement that was opened (None: nothing was new), and how many rows went where.

    Sums are fen of all rows that could be read. ``problems`` are the rows that were not taken, and what is odd about
    others.
    """

    statement: str | None
    number: int
    taken: int
    known: int
    refused: int
    credits_fen: int
    debits_fen: int
    problems: Sequence[Problem]


def take_bank_file(
    handler: CommandHandler, connect: Connect, order: CommandRequest, file: BankFile, account: str | None = None
) -> BankFileTaken:
    """Take what is new of a file; ``order`` says who takes it, where and when (its command is not looked at).

    Raises a :class:`~domain.kernel.errors.Refusal` for whoever may not, and for a file that names no account where none is
    given, and :class:`~workflows.engine.handler.Busy` when others kept writing the same lines.
    """
    named = unparted(account or file.account or "")
    if not named:
        zh, en = "文件中没有本方账号，请填写", "the file does not say of which account it is: say it"
        raise missing("bank_account", "7", zh, en)
    if not file.rows and not file.problems:
        raise SourceUnreadable("bank-file-empty", "7", zh="没有流水", en="it has no line", field="file")
    refused: list[Problem] = [each for each in file.problems if not each.taken]
    rows = list(file.rows)
    with connect() as connection:
        book = Book(connection, order.office)
        for _ in range(_ATTEMPTS):
            draft = handler.draft(book)
            marks = {
                row.row: _mark(row, named, _secret(draft.case(f"office-{order.office}"), draft.keys)) for row in rows
            }
            fresh, known = _sifted(book, marks, rows)
            if not fresh:
                return _told(file, None, 0, (), known, refused, rows)
            statement, wrong = _decided(draft, order, file, named, marks, fresh, known, refused, rows)
            if wrong:
                refused += wrong.values()
                rows = [row for row in rows if row.row not in wrong]
                continue
            try:
                recorded = handler.record_many(connection, draft)
            except (AlreadyHeld, Conflict, StaleSettings):
                handler.forget(order.office)
                continue
            handler.keys.remember(order.office, draft.made_keys())
            number = recorded.first_number + len(draft.append.facts) - 1
            return _told(file, statement, number, fresh, known, refused, rows)
    raise Busy(order.office)


def _mark(row: BankRow, account: str, secret: bytes) -> str:
    """By what a line is known again, whichever file it comes in, and which tells nobody who paid.

    What the bank numbers is known by its number, day and amount; anything else by all that it says. Of those that say the
    same each is the how-manieth.
    """
    said = (row.reference,) if row.reference else ("", row.payer, unparted(row.payer_account or ""), row.narration)
    known = (account, f"{row.booked_on}", f"{row.amount_fen}", f"{row.occurrence}", *said)
    text = "\x1f".join(canonical(each or "") for each in known)
    return hmac.digest(secret, text.encode(), "sha256")[:16].hex()


def _secret(office: Office, keys: SealingKeys) -> bytes:
    """An office's own; a simulated one's follows from its code, so that the same seed plays the same under every key."""
    purpose = f"bank lines|{office.code}"
    return sha256(purpose.encode()).digest() if office.simulated else bytes.fromhex(keys.secret(purpose))


def _line(row: BankRow, statement: str, mark: str) -> TakeBankLine:
    return TakeBankLine(
        statement=statement,
        row=row.row,
        booked_on=row.booked_on,
        amount_fen=row.amount_fen,
        line_mark=mark,
        reference=row.reference,
        payer=row.payer,
        payer_account=row.payer_account,
        narration=row.narration,
    )


def _sifted(book: Book, marks: Mapping[int, str], rows: Sequence[BankRow]) -> tuple[list[BankRow], list[BankRow]]:
    """The rows that are new, and those that are in the book."""
    found = {each for (each,) in book.connection.execute(_KNOWN, [book.office, list(marks.values())])}
    known = [row for row in rows if marks[row.row] in found]
    return [row for row in rows if marks[row.row] not in found], known


def _decided(
    draft: Draft,
    order: CommandRequest,
    file: BankFile,
    account: str,
    marks: Mapping[int, str],
    fresh: Sequence[BankRow],
    known: Sequence[BankRow],
    refused: Sequence[Problem],
    rows: Sequence[BankRow],
) -> tuple[str, dict[int, Problem]]:
    """The statement with its lines in the draft, and the rows of which the book wants nothing."""
    days = [row.booked_on for row in rows]
    opening = OpenBankStatement(
        bank_account=account,
        fingerprint=file.fingerprint,
        first=min(days),
        last=max(days),
        rows_taken=len(fresh),
        rows_known=len(known),
        rows_refused=len(refused),
        credits_fen=sum(row.amount_fen for row in rows if row.amount_fen > 0),
        debits_fen=-sum(row.amount_fen for row in rows if row.amount_fen < 0),
        stated_rows=file.stated_rows,
        stated_credits_fen=file.stated_credits_fen,
        stated_debits_fen=file.stated_debits_fen,
        brought_by=order.actor.user_id,
    )
    statement, _ = draft.give(replace(order, command=opening, case_id=None, key=None))
    wrong: dict[int, Problem] = {}
    for row in fresh:
        try:
            draft.give(replace(order, command=_line(row, statement, marks[row.row]), case_id=None, key=None))
        except Refusal as refusal:
            column = {"booked_on": "日期 / day", "amount_fen": "金额 / amount"}.get(refusal.field or "", "")
            wrong[row.row] = Problem(row.row, column, "", refusal.code, refusal.zh, refusal.en)
    return statement, wrong


def _told(
    file: BankFile,
    statement: str | None,
    number: int,
    fresh: Sequence[BankRow],
    known: Sequence[BankRow],
    refused: Sequence[Problem],
    rows: Sequence[BankRow],
) -> BankFileTaken:
    noted = [each for each in file.problems if each.taken]
    return BankFileTaken(
        statement=statement,
        number=number,
        taken=len(fresh),
        known=len(known),
        refused=len(refused),
        credits_fen=sum(row.amount_fen for row in rows if row.amount_fen > 0),
        debits_fen=-sum(row.amount_fen for row in rows if row.amount_fen < 0),
        problems=sorted([*refused, *noted], key=lambda each: each.line),
    )
