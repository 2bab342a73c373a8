"""Payment 收款 (§7): money that a household brought, over all its bills; receipted, reversed by a second person.

Where it goes is no clerk's choice but the law's (民法典560, 561) and a fact of the bills that it meets. The day on which
the money came (``value_date`` 到账日) and the day on which it was entered are two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from domain.fees.account import HouseholdAccount, account_id
from domain.fees.terms import PartOrder, PaymentMethod
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, hold, step
from domain.kernel.people import Actor, Role
from domain.kernel.rules import blank, broken, day_ahead, forbid, missing, not_positive, second_person

TAKEN, REVERSED = "taken", "reversed"


@event(schema=2)
class PaymentTaken(Event):
    """已收取款项 · Money taken from a household."""

    household: str
    amount_fen: int
    method: PaymentMethod
    value_date: date
    reference: str | None = None
    bills: tuple[str, ...] = ()
    order: PartOrder | None = None
    agreement: str | None = None
    tendered_fen: int | None = None
    change_fen: int | None = None
    payer: Personal | None = None
    bank_line: str | None = None
    confirmed_by: str | None = None


@event()
class BankLineNoted(Event):
    """收款已与银行流水核对 · Found, or no longer, among the lines of a bank statement."""

    bank_line: str | None = None


@event()
class ReceiptNumbered(Event):
    """收据已编号 · Receipt numbered."""

    receipt: str


@event()
class ReceiptReversed(Event):
    """收据已冲正 · Payment taken back."""

    reason: str


@dataclass(slots=True, kw_only=True)
class HouseholdPayment(Case):
    """One payment. ``bills`` are those that the payer named; ``order`` what was agreed, with the agreement."""

    CORRECTS = ("reference",)

    household: str = ""
    amount_fen: int = 0
    method: PaymentMethod = PaymentMethod.CASH
    value_date: date | None = None
    taken_on: date | None = None
    taken_by: str = ""
    reference: str | None = None
    bills: tuple[str, ...] = ()
    order: PartOrder | None = None
    tendered_fen: int | None = None
    change_fen: int | None = None
    receipt: str | None = None
    reversed_on: date | None = None
    reversal: str | None = None
    bank_line: str | None = None
    """The line of a bank statement that it is."""

    def why_it_stands(self) -> Refusal | None:
        """Money that was entered is taken back in the book, with its receipt: it may be withdrawn then."""
        if self.reversed_on is None:
            return broken("not-reversed", "7", "收款须先冲正", "reverse the payment first")
        return None

    def why_the_step_stands(self, _said: Event) -> Refusal | None:
        """A reversal stands in the household's account and in the day's cash: the money is entered again."""
        zh = "冲正已入住户账和日记账，不再撤销：请重新登记收款"
        return broken(
            "money-moved", "7", zh, "a reversal stands in the account and in the day's cash: enter the payment again"
        )

    @property
    def claim(self) -> str | None:
        """A bank's or a purse's own number is entered once."""
        return f"payment-reference:{self.method}:{self.reference}" if self.reference else None


def evolve(payment: HouseholdPayment, fact: Fact) -> None:
    """Fold one fact into the payment."""
    match fact.event:
        case PaymentTaken() as e:
            payment.household, payment.amount_fen, payment.method = e.household, e.amount_fen, e.method
            payment.value_date, payment.reference, payment.bills = e.value_date, e.reference, e.bills
            payment.order, payment.tendered_fen, payment.change_fen = e.order, e.tendered_fen, e.change_fen
            payment.taken_on = Moment.day_of(fact.occurred_at)
            payment.taken_by, payment.bank_line = e.confirmed_by or fact.user_id, e.bank_line
        case BankLineNoted() as e:
            payment.bank_line = e.bank_line
        case ReceiptNumbered() as e:
            payment.receipt = e.receipt
        case ReceiptReversed() as e:
            payment.reversed_on, payment.reversal = Moment.day_of(fact.occurred_at), e.reason


@command
class TakePayment(Command):
    """收款 · Take a payment."""

    household: str
    amount_fen: int
    method: PaymentMethod
    value_date: date | None = None
    reference: str | None = None
    bills: tuple[str, ...] = ()
    order: PartOrder | None = None
    agreement: str | None = None
    tendered_fen: int | None = None
    payer: Personal | None = None

    MAY_LACK = frozenset({"account"})

    def related_to(self, _case_id: str, office: str) -> dict[str, str]:
        """The household's account, if it has one already."""
        return {"account": account_id(office, self.household)}

    def decide(self, _payment: None, at: Moment) -> Iterator[Event]:
        """It meets what the payer names (``bills``), else what fell due first; what is over is prepaid (民法典560).

        An ``order`` other than the setting's rests on an ``agreement`` (民法典561). Of cash that was ``tendered_fen`` the
        change is reckoned.
        """
        forbid(blank(self.household, "household", "7", "请写明住户", "say whose it is"))
        forbid(not_positive(self.amount_fen, "7", "amount_fen"))
        value_date = self.value_date or at.today
        forbid(day_ahead(value_date, "7", at, "value_date"))
        if self.order is not None and not (self.agreement or "").strip():
            raise missing("agreement", "民法典561", "约定清偿顺序须注明约定", "say where the order was agreed")
        account = at.related.get("account")
        known = account.figures if isinstance(account, HouseholdAccount) else {}
        if len(set(self.bills)) < len(self.bills) or not known.keys() >= set(self.bills):
            raise broken(
                "bill-unknown",
                "民法典560",
                "指定的账单不属于该住户，或重复",
                "the payer named a bill that is not this household's, or one twice",
                "bills",
            )
        change = None
        if self.tendered_fen is not None:
            change = self.tendered_fen - self.amount_fen
            if change < 0:
                raise broken(
                    "tendered-less", "7", "所收现金少于收款金额", "less was given than is taken", "tendered_fen"
                )
        yield self.to_event(PaymentTaken, value_date=value_date, change_fen=change)


@command
class BookTransfer(Command):
    """银行流水入账 · Book a line of a bank statement as a payment.

    ``confirmed_by`` is the person who said whose it is: another takes it back.
    """

    household: str
    amount_fen: int
    value_date: date
    bank_line: str
    confirmed_by: str
    reference: str | None = None
    bills: tuple[str, ...] = ()
    payer: Personal | None = None

    MAY_LACK = frozenset({"account"})

    def related_to(self, case_id: str, office: str) -> dict[str, str]:
        """The household's account, if it has one already."""
        return self._payment().related_to(case_id, office)

    def decide(self, _payment: None, at: Moment) -> Iterator[Event]:
        """As a payment by transfer is taken at the counter (民法典560)."""
        more = {"bank_line": self.bank_line, "confirmed_by": self.confirmed_by}
        yield from (replace(each, **more) for each in self._payment().decide(None, at))  # type: ignore[type-var]

    def _payment(self) -> TakePayment:
        return TakePayment(
            household=self.household,
            amount_fen=self.amount_fen,
            method=PaymentMethod.TRANSFER,
            value_date=self.value_date,
            reference=self.reference,
            bills=self.bills,
            payer=self.payer,
        )


@command
class NoteBankLine(Command):
    """核对银行流水 · Note which line of a bank statement it is."""

    bank_line: str | None = None


@command
class NumberReceipt(Command):
    """收据编号 · Number the receipt."""

    receipt: str


@command
class ReverseReceipt(Command):
    """冲正收据 · Take a payment back in the book."""

    reason: str

    @staticmethod
    def ready(payment: HouseholdPayment, who: Actor) -> Refusal | None:
        """By another than who took it."""
        return second_person(who, {payment.taken_by}, "7")

    def decide(self, _payment: HouseholdPayment, _at: Moment) -> Iterator[Event]:
        """Bounced or mistaken: as if it had never been; the payment stays in the book and no longer counts (§7)."""
        forbid(blank(self.reason, "reason", "7", "请写明冲正理由", "say why"))
        yield self.to_event(ReceiptReversed)


_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=HouseholdPayment, kind="payment", path="payments", zh="收款", en="payment", clauses="7", evolve=evolve,
    subject=lambda payment: payment.household or None,
    states={TAKEN: ("已收款", "taken"), REVERSED: ("已冲正", "reversed")},
    final=[TAKEN, REVERSED],
    steps=[  # command     event            from   to        who            clause
        step(TakePayment,    PaymentTaken,    None,  TAKEN,    _CLERKS,       "7"),
        step(BookTransfer,   PaymentTaken,    None,  TAKEN,    [Role.POLICY], "7"),
        step(NoteBankLine,   BankLineNoted,   TAKEN, SAME,     [Role.POLICY], "7"),
        step(NumberReceipt,  ReceiptNumbered, TAKEN, SAME,     [Role.POLICY], "7"),
        step(ReverseReceipt, ReceiptReversed, TAKEN, REVERSED, _CLERKS,       "7"),
    ],
    holds=[
        hold(TAKEN, lambda payment: payment.claim, zh="同一笔转账只登记一次", en="a transfer is entered once"),
    ],
)
# fmt: on
