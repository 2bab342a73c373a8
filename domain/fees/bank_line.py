"""Bank line 银行流水 (§7): one line of a bank statement, which becomes a payment when a person says whose money it is.

Nothing is booked without that. A line stands in the book once, whichever files it comes in: by the bank's own number, or,
where the bank gives none, by all that it says. Who paid, from which account and for what is sealed with the line's own key.
Amounts are fen: what comes in is above zero, what goes out below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from domain.fees.bank_statement import MATCHING, BankStatement
from domain.fees.matching import Ground
from domain.fees.payment import TAKEN, HouseholdPayment
from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import add_months, end_of_day
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.kernel.ids import timed_uuid
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import deadline, hold, step
from domain.kernel.people import Actor, Role
from domain.kernel.rules import blank, broken, day_ahead, forbid, not_positive

OPEN, BOOKED, LEFT_OUT = "open", "booked", "left-out"
_IDS: Final = UUID("6c0f5a1e-7d39-5b52-9a1c-2f0e4b8d7a63")


@event()
class BankLineTaken(Event):
    """银行流水已读入 · Bank line taken from a statement."""

    statement: str
    bank_account: str
    row: int
    booked_on: date
    amount_fen: int
    line_mark: str
    reference: str | None = None
    payer: Personal | None = None
    payer_account: Personal | None = None
    narration: Personal | None = None


@event()
class BankLineConfirmed(Event):
    """银行流水已确认入账 · Confirmed as a household's payment."""

    household: str
    payment: str
    bills: tuple[str, ...] = ()
    match_grounds: tuple[Ground, ...] = ()


@event()
class BankLineLinked(Event):
    """银行流水已对上收款 · Found to be a payment that is in the book already."""

    household: str
    payment: str
    match_grounds: tuple[Ground, ...] = ()


@event(schema=2)
class BankLineLeftOut(Event):
    """银行流水不入住户账 · Set aside: it is no household's payment."""

    reason: str
    papers_until: date | None = None


@event()
class BankLineErased(Event):
    """不入账流水的付款人信息已销毁 · What a line says of persons that was set aside was destroyed after its time."""

    subjects: tuple[str, ...]

    def destroys(self) -> tuple[str, ...]:
        """The line's own key."""
        return self.subjects


@event()
class BankLineReopened(Event):
    """银行流水重新处理 · To be dealt with again."""

    reason: str
    payment: str | None = None


@event()
class BankPaymentReversed(Event):
    """所入收款已冲正 · Its payment was taken back."""

    payment: str


@dataclass(slots=True, kw_only=True)
class BankLine(Case):
    """One line. ``confirmations`` counts how often somebody said whose it is."""

    statement: str = ""
    bank_account: str = ""
    row: int = 0
    booked_on: date | None = None
    amount_fen: int = 0
    line_mark: str = ""
    reference: str | None = None
    payer: str | None = None
    payer_account: str | None = None
    narration: str | None = None
    household: str | None = None
    payment: str | None = None
    linked: bool = False
    bills: tuple[str, ...] = ()
    reason: str | None = None
    dealt_with_on: date | None = None
    dealt_with_by: str | None = None
    confirmations: int = 0
    match_grounds: tuple[Ground, ...] = ()
    papers_until: date | None = None

    @property
    def papers_kept_until(self) -> datetime | None:
        """When what a line that was set aside says of persons need not be kept any longer."""
        return end_of_day(self.papers_until) if self.is_personal and self.papers_until is not None else None

    @property
    def is_personal(self) -> bool:
        """Whether it says anything of a person, sealed with its own key."""
        return any(each is not None for each in (self.payer, self.payer_account, self.narration))


def payment_of_line(line: str, match: int, at: datetime) -> str:
    """The payment that a line becomes by its n-th confirmation.

    Payments of one day act in the order of their ids, and that is the order in which they were entered, wherever they were.
    """
    return f"payment-{timed_uuid(_IDS, f'{line}/{match}', at)}"


def evolve(line: BankLine, fact: Fact) -> None:
    """Fold one fact into the line."""
    match fact.event:
        case BankLineTaken() as e:
            line.statement, line.bank_account, line.row = e.statement, e.bank_account, e.row
            line.booked_on, line.amount_fen, line.line_mark = e.booked_on, e.amount_fen, e.line_mark
            line.reference, line.payer, line.payer_account = e.reference, e.payer, e.payer_account
            line.narration = e.narration
        case BankLineConfirmed() as e:
            line.household, line.payment, line.bills, line.linked = e.household, e.payment, e.bills, False
            line.match_grounds = e.match_grounds
            line.confirmations += 1
            _dealt_with(line, fact)
        case BankLineLinked() as e:
            line.household, line.payment, line.bills, line.linked = e.household, e.payment, (), True
            line.match_grounds = e.match_grounds
            _dealt_with(line, fact)
        case BankLineLeftOut() as e:
            line.reason, line.papers_until = e.reason, e.papers_until
            _dealt_with(line, fact)
        case BankLineErased():
            line.payer = line.payer_account = line.narration = line.papers_until = None
        case _:  # opened again, or its payment reversed
            line.papers_until = None
            line.household = line.payment = line.reason = line.dealt_with_on = line.dealt_with_by = None
            line.bills, line.match_grounds, line.linked = (), (), False


def _dealt_with(line: BankLine, fact: Fact) -> None:
    line.dealt_with_on, line.dealt_with_by = Moment.day_of(fact.occurred_at), fact.user_id


@command
class TakeBankLine(Command):
    """读入银行流水 · Take a line of a bank statement.

    By the program, for whoever brought the file. ``line_mark`` is made, under the office's own secret, of all by which the
    line is known again.
    """

    statement: str
    row: int
    booked_on: date
    amount_fen: int
    line_mark: str
    reference: str | None = None
    payer: Personal | None = None
    payer_account: Personal | None = None
    narration: Personal | None = None

    def related(self) -> dict[str, str]:
        """Its statement."""
        return {"statement": self.statement}

    def decide(self, _line: None, at: Moment) -> Iterator[Event]:
        """The bank's own day, and an amount that is not nothing; a statement that is closed takes no more (§7)."""
        statement = at.related["statement"]
        if not isinstance(statement, BankStatement) or statement.state != MATCHING:
            raise broken("statement-closed", "7", "该对账单已对完", "the statement is closed", "statement")
        forbid(not_positive(self.row, "7", "row"))
        if self.amount_fen == 0:
            raise broken("amount-nothing", "7", "金额不能为零", "it is not nothing", "amount_fen")
        forbid(day_ahead(self.booked_on, "7", at, "booked_on"))
        yield self.to_event(BankLineTaken, bank_account=statement.bank_account)


@command
class ConfirmBankLine(Command):
    """确认入账 · Confirm whose payment it is.

    ``match_grounds`` is what the program showed to speak for it.
    """

    household: str
    bills: tuple[str, ...] = ()
    match_grounds: tuple[Ground, ...] = ()

    @staticmethod
    def ready(line: BankLine, _who: Actor) -> Refusal | None:
        """Money that went out is nobody's payment."""
        return _outgoing(line)

    def decide(self, line: BankLine, at: Moment) -> Iterator[Event]:
        """A payment by transfer follows at once, of the bank's day, with its number (§7)."""
        forbid(blank(self.household, "household", "7", "请写明住户", "say whose it is"))
        yield self.to_event(BankLineConfirmed, payment=payment_of_line(line.id, line.confirmations + 1, at.recorded))


@command
class LinkBankLine(Command):
    """对上已登记收款 · Match it to a payment in the book."""

    found_payment: str
    match_grounds: tuple[Ground, ...] = ()

    @staticmethod
    def ready(line: BankLine, _who: Actor) -> Refusal | None:
        """Money that went out is nobody's payment."""
        return _outgoing(line)

    def related(self) -> dict[str, str]:
        """The payment."""
        return {"payment": self.found_payment}

    def decide(self, line: BankLine, at: Moment) -> Iterator[Event]:
        """Of the same amount, by bank, not taken back, and no other line's (§7)."""
        payment = at.related["payment"]
        if not isinstance(payment, HouseholdPayment) or payment.state != TAKEN or payment.method is PaymentMethod.CASH:
            zh, en = "须为未冲正的非现金收款", "it is a payment that was not in cash and stands"
            raise broken("payment-unfit", "7", zh, en, "found_payment")
        if payment.amount_fen != line.amount_fen:
            raise broken("amount-differs", "7", "与流水金额不同", "it is of another amount", "found_payment")
        if payment.bank_line is not None:
            raise broken(
                "payment-matched", "7", "该收款已对上别的流水", "it is another line's already", "found_payment"
            )
        yield self.to_event(BankLineLinked, household=payment.household, payment=payment.id)


def _outgoing(line: BankLine) -> Refusal | None:
    if line.amount_fen > 0:
        return None
    zh, en = "支出流水不能入住户账，请写明原因不入账", "money that went out is no payment: set it aside with a reason"
    return broken("outgoing", "7", zh, en)


@command
class LeaveBankLineOut(Command):
    """不入账 · Set the line aside."""

    reason: str

    def decide(self, _line: BankLine, at: Moment) -> Iterator[Event]:
        """With the reason: the bank's own charges, say, or a settlement whose payments are in the book (§7).

        Who paid is no household of the office's: after the setting's months it is destroyed (PIPL 47).
        """
        forbid(blank(self.reason, "reason", "7", "请写明不入账的原因", "say why"))
        until = add_months(at.today, at.numbers.integer("bank.left_out_kept_months"))
        yield self.to_event(BankLineLeftOut, papers_until=until)


@command
class EraseBankLine(Command):
    """销毁付款人信息 · Destroy what a line that was set aside says of persons."""

    def decide(self, line: BankLine, _at: Moment) -> Iterator[Event]:
        """After its time, by the clock: day, amount and reason stay, who paid goes (§9.2, PIPL 47)."""
        yield BankLineErased(subjects=(line.id,))


@command
class ReopenBankLine(Command):
    """重新处理流水 · Deal with the line again."""

    reason: str

    @staticmethod
    def ready(line: BankLine, _who: Actor) -> Refusal | None:
        """What it booked is taken back by a second person, and opens it by that."""
        if line.state == BOOKED and not line.linked:
            zh, en = "已入账：请由另一人冲正收款", "it is booked: a second person takes the payment back"
            return broken("payment-stands", "7", zh, en)
        return None

    def decide(self, line: BankLine, _at: Moment) -> Iterator[Event]:
        """It was set aside, or matched, by mistake (§7)."""
        forbid(blank(self.reason, "reason", "7", "请写明原因", "say why"))
        yield self.to_event(BankLineReopened, payment=line.payment)


@command
class NotePaymentReversed(Command):
    """所入收款已冲正 · Note that its payment was taken back."""

    payment: str


_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)


# fmt: off
LIFECYCLE = Lifecycle(
    of=BankLine, kind="bank_line", path="bank-lines", zh="银行流水", en="bank line", clauses="7", evolve=evolve,
    states={OPEN: ("待处理", "to be dealt with"), BOOKED: ("已入账", "booked"), LEFT_OUT: ("不入账", "set aside")},
    final=[BOOKED, LEFT_OUT],
    steps=[  # command           event                from                to        who            clause
        step(TakeBankLine,        BankLineTaken,       None,               OPEN,     [Role.POLICY], "7"),
        step(ConfirmBankLine,     BankLineConfirmed,   OPEN,               BOOKED,   _CLERKS,       "7"),
        step(LinkBankLine,        BankLineLinked,      OPEN,               BOOKED,   _CLERKS,       "7"),
        step(LeaveBankLineOut,    BankLineLeftOut,     OPEN,               LEFT_OUT, _CLERKS,       "7"),
        step(EraseBankLine,       BankLineErased,      LEFT_OUT,           LEFT_OUT, [Role.CLOCK],  "9.2"),
        step(ReopenBankLine,      BankLineReopened,    (BOOKED, LEFT_OUT), OPEN,     _CLERKS,       "7"),
        step(NotePaymentReversed, BankPaymentReversed, BOOKED,             OPEN,     [Role.POLICY], "7"),
    ],
    deadlines=[
        deadline("papers", LEFT_OUT, due=lambda line: line.papers_kept_until, gives=EraseBankLine, clause="9.2",
                 zh="不入账流水的付款人信息保管期满", en="who paid what was set aside need not be kept any longer"),
    ],
    holds=[
        hold((), lambda line: f"bank-line:{line.line_mark}", zh="同一笔流水只读入一次", en="a line of the bank's is taken once"),
    ],
)
# fmt: on
