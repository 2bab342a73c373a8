"""Bank statement 银行对账单 (§7): one file of an account of the office's own, whose lines are matched one by one.

What the file itself says of its rows and sums is kept beside what was read of it: where the two differ, whoever closes the
statement says why. It is closed when every line of it is dealt with, and open again as soon as one of them is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from domain.kernel.calendar import end_of_day
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, step
from domain.kernel.people import Role
from domain.kernel.rules import backwards, blank, broken, forbid, negative

MATCHING, CLOSED = "matching", "closed"
OPEN_LINE: Final = "open_line"
"""By which name a line that is still open is found for whoever closes the statement."""


@event(schema=2)
class BankStatementOpened(Event):
    """银行对账单已导入 · Bank statement imported."""

    bank_account: str
    fingerprint: str
    first: date
    last: date
    rows_taken: int
    rows_known: int
    rows_refused: int
    credits_fen: int
    debits_fen: int
    stated_rows: int | None = None
    stated_credits_fen: int | None = None
    stated_debits_fen: int | None = None
    brought_by: str | None = None
    match_by: datetime | None = None


@event()
class BankStatementClosed(Event):
    """银行对账已完成 · Bank statement closed: every line is dealt with."""

    reason: str | None = None


@event(schema=2)
class BankStatementReopened(Event):
    """银行对账重新打开 · Bank statement opened again."""

    bank_line: str
    match_by: datetime | None = None


@event()
class BankStatementLeftOpen(Event):
    """银行对账逾期未完成 · Bank statement not closed in time."""

    due_at: datetime


@dataclass(slots=True, kw_only=True)
class BankStatement(Case):
    """One statement. Sums are fen of all rows that could be read, those that were in the book already among them."""

    bank_account: str = ""
    fingerprint: str = ""
    first: date | None = None
    last: date | None = None
    rows_taken: int = 0
    rows_known: int = 0
    rows_refused: int = 0
    credits_fen: int = 0
    debits_fen: int = 0
    stated_rows: int | None = None
    stated_credits_fen: int | None = None
    stated_debits_fen: int | None = None
    closing_reason: str | None = None
    brought_by: str | None = None
    match_by: datetime | None = None
    missed_at: datetime | None = None

    @property
    def matching_until(self) -> datetime | None:
        """Until when its lines are to be dealt with, unless that was missed; none of what was brought before there was one."""
        return self.match_by if self.missed_at is None else None

    @property
    def rows_read(self) -> int:
        """Every row of the file, taken or not."""
        return self.rows_taken + self.rows_known + self.rows_refused

    @property
    def agrees(self) -> bool:
        """Whether every row was read, and what the file says of itself is what was read."""
        said = (
            (self.stated_rows, self.rows_read),
            (self.stated_credits_fen, self.credits_fen),
            (self.stated_debits_fen, self.debits_fen),
        )
        return self.rows_refused == 0 and all(stated in (None, read) for stated, read in said)


def evolve(statement: BankStatement, fact: Fact) -> None:
    """Fold one fact into the statement."""
    match fact.event:
        case BankStatementOpened() as e:
            statement.bank_account, statement.fingerprint = e.bank_account, e.fingerprint
            statement.first, statement.last = e.first, e.last
            statement.rows_taken, statement.rows_known = e.rows_taken, e.rows_known
            statement.rows_refused = e.rows_refused
            statement.credits_fen, statement.debits_fen = e.credits_fen, e.debits_fen
            statement.stated_rows = e.stated_rows
            statement.stated_credits_fen, statement.stated_debits_fen = e.stated_credits_fen, e.stated_debits_fen
            statement.brought_by, statement.match_by = e.brought_by, e.match_by
        case BankStatementClosed() as e:
            statement.closing_reason = e.reason
        case BankStatementReopened() as e:
            statement.closing_reason = statement.missed_at = None
            statement.match_by = e.match_by
        case BankStatementLeftOpen() as e:
            statement.missed_at = e.due_at


@command
class OpenBankStatement(Command):
    """导入银行对账单 · Import a bank statement.

    By the program, for whoever brought the file. Amounts are fen; what goes out is counted above zero in ``debits_fen``.
    """

    bank_account: str
    fingerprint: str
    first: date
    last: date
    rows_taken: int
    rows_known: int = 0
    rows_refused: int = 0
    credits_fen: int = 0
    debits_fen: int = 0
    stated_rows: int | None = None
    stated_credits_fen: int | None = None
    stated_debits_fen: int | None = None
    brought_by: str | None = None

    def decide(self, _statement: None, at: Moment) -> Iterator[Event]:
        """Of which account, from when to when, and how much of it was read (§7)."""
        forbid(blank(self.bank_account, "bank_account", "7", "请写明本方账号", "say of which account it is"))
        forbid(backwards(self.first, self.last, "7", "last"))
        for name in ("rows_taken", "rows_known", "rows_refused", "credits_fen", "debits_fen", "stated_rows"):
            forbid(negative(getattr(self, name), "7", name))
        for name in ("stated_credits_fen", "stated_debits_fen"):
            forbid(negative(getattr(self, name), "7", name))
        yield self.to_event(BankStatementOpened, match_by=_match_by(at))


@command
class CloseBankStatement(Command):
    """完成银行对账 · Close the bank statement."""

    reason: str | None = None

    def decide(self, statement: BankStatement, at: Moment) -> Iterator[Event]:
        """Every line is booked or set aside; rows that were not read, or sums that differ, are explained (§7)."""
        if OPEN_LINE in at.related:
            raise broken("lines-open", "7", "还有流水未处理", "lines of it are still to be dealt with")
        if not statement.agrees:
            zh, en = (
                "有行未读入，或笔数、金额与对账单所载不符：请说明",
                "rows or sums are not what the file says: say why",
            )
            forbid(blank(self.reason, "reason", "7", zh, en))
        yield self.to_event(BankStatementClosed)


@command
class ReopenBankStatement(Command):
    """重新打开银行对账 · Open the bank statement again."""

    bank_line: str

    def decide(self, _statement: BankStatement, at: Moment) -> Iterator[Event]:
        """With a date of its own (§7)."""
        yield self.to_event(BankStatementReopened, match_by=_match_by(at))


@command
class MissMatching(Command):
    """对账逾期未完成 · Note that the statement was not closed in time."""

    def decide(self, statement: BankStatement, at: Moment) -> Iterator[Event]:
        """At the end of its last day; it stays to be done (§7)."""
        yield BankStatementLeftOpen(due_at=statement.match_by or at.now)


def _match_by(at: Moment) -> datetime:
    return end_of_day(at.today + timedelta(days=at.numbers.integer("bank.matched_within_days")))


_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=BankStatement, kind="bank_statement", path="bank-statements", zh="银行对账单", en="bank statement", clauses="7",
    evolve=evolve,
    states={MATCHING: ("对账中", "being matched"), CLOSED: ("已对完", "closed")},
    final=[CLOSED],
    steps=[  # command           event                   from      to        who            clause
        step(OpenBankStatement,   BankStatementOpened,   None,     MATCHING, [Role.POLICY], "7"),
        step(CloseBankStatement,  BankStatementClosed,   MATCHING, CLOSED,   _CLERKS,       "7"),
        step(ReopenBankStatement, BankStatementReopened, CLOSED,   MATCHING, [Role.POLICY], "7"),
        step(MissMatching,        BankStatementLeftOpen, MATCHING, SAME,     [Role.CLOCK],  "7"),
    ],
    deadlines=[
        deadline("matching", MATCHING, due=lambda statement: statement.matching_until, gives=MissMatching, clause="7",
                 zh="银行流水逐笔对完", en="every line of the statement is dealt with"),
    ],
    breaches=[breach(BankStatementLeftOpen, BankStatementClosed)],
)
# fmt: on
