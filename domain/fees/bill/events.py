"""What can happen to a bill 账单 (§7), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.fees.terms import HoldGround, Move
from domain.kernel.fact import Event, Personal, event
from domain.kernel.money import Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCorrected:
    """The line that a line corrects 被更正的行: of which bill, and its place there, from 1."""

    bill: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """One frozen line 计费行: ``quantity`` in hundredths (m² × 100 for an area), days of the month it covers.

    ``standard`` is the fee standard (its case id) and ``price`` its price in yuan, exact; ``charge`` the one thing that is
    charged, such as a contract's month, which no other bill charges. ``corrects`` names the line of an earlier bill that
    this one sets right 更正; then it may be negative.
    """

    item: str
    amount_fen: int
    quantity: int | None = None
    price_fen: int | None = None
    coefficient: str | None = None
    days: int | None = None
    of_days: int | None = None
    standard: str | None = None
    first: date | None = None
    last: date | None = None
    price: str | None = None
    surcharge_fen: int | None = None
    charge: str | None = None
    corrects: LineCorrected | None = None


@dataclass(slots=True)
class Payment:
    """One payment as the bill remembers it; ``number`` is the version of its fact.

    ``costs_fen`` and ``penalty_fen`` are what of it met charges and late fee; the rest met the principal.
    """

    number: int
    amount_fen: int
    received_by: str
    value_date: date
    costs_fen: int = 0
    penalty_fen: int = 0
    reversed: bool = False
    method: str | None = None
    imported: bool = False
    """Whether it came to another system's hands."""

    @property
    def principal_fen(self) -> Fen:
        """What met the principal, or went beyond everything that was owed."""
        return self.amount_fen - self.costs_fen - self.penalty_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """What somebody gave up of a bill 减免核销: a late fee that he waived, or the bill that was written off (fen).

    ``number`` is the version of its fact.
    """

    number: int
    day: date
    written_off: bool
    amount_fen: int
    given_by: str


@event(schema=3)
class BillIssued(Event):
    """账单已出具 · Bill issued."""

    lines: tuple[BillLine, ...]
    household: str | None = None
    home: str | None = None
    period: str | None = None
    due_on: date | None = None
    named_due_on: date | None = None


@event()
class CreditTakenOver(Event):
    """原系统贷方余额已接收 · A statement of another system that says a credit was taken over.

    ``amount_fen`` is the credit, above zero.
    """

    amount_fen: int
    item: str
    household: str | None = None
    home: str | None = None
    period: str | None = None


@event()
class BillStepNoted(Event):
    """原系统记载已登记 · What another system says of the bill.

    A part that it does not speak of is None.
    """

    step: str
    due_on: date | None = None
    months_late: int | None = None
    days_late: int | None = None
    disputed: bool | None = None


@event()
class BillCharged(Event):
    """已加收费用 · A charge was added."""

    item: str
    amount_fen: int


@event(schema=2)
class BillCorrected(Event):
    """已加更正行 · A correction line was added."""

    item: str
    amount_fen: int
    reason: str
    effective_on: date | None = None


@event(schema=3)
class LateFeeAssessed(Event):
    """滞纳金已核定 · Late fee assessed.

    ``noticed_by`` is who issued the notice that assessed it.
    """

    amount_fen: int
    until: date | None = None
    limited: bool = False
    noticed_by: str | None = None


@event()
class LateFeeAdjusted(Event):
    """滞纳金已调整 · An assessed late fee comes to something else by facts that were entered later."""

    assessment: int
    assessed_fen: int
    amount_fen: int


@event(schema=2)
class LateFeeWaived(Event):
    """滞纳金已减免 · Late fee waived.

    ``granted_by`` is who approved the concession that waived it.
    """

    amount_fen: int
    reason: str
    granted_by: str | None = None


@event()
class LateFeeWaiverWithdrawn(Event):
    """滞纳金减免已撤回 · Waiver of a late fee withdrawn."""

    waiver: int
    amount_fen: int
    reason: str


@event(schema=2)
class LateFeeHeld(Event):
    """滞纳金已停计 · Late fee stands still."""

    since: date
    until: date | None = None
    ground: HoldGround | None = None
    reason: str | None = None


@event(schema=2)
class LateFeeHoldEnded(Event):
    """滞纳金恢复计算 · Late fee runs again."""

    until: date
    ground: HoldGround | None = None


@event()
class PaymentReceived(Event):
    """已收款 · Payment received."""

    amount_fen: int
    value_date: date
    method: str | None = None
    receipt: str | None = None
    payer: Personal | None = None
    costs_fen: int | None = None
    penalty_fen: int | None = None


@event()
class OverpaymentRefunded(Event):
    """多缴款已退还 · Overpayment refunded."""

    amount_fen: int
    method: str
    reason: str
    receipt: str | None = None


@event()
class BillSettled(Event):
    """账单已缴清 · Bill paid in full."""

    overpaid_fen: int = 0


@event()
class PaymentReversed(Event):
    """收款已冲正 · Payment reversed."""

    payment: int
    reason: str


@event(schema=2)
class BillReopened(Event):
    """账单重新欠缴 · Something is owed on the bill again."""

    resumes: bool = False


@event()
class BillReckoned(Event):
    """账单已随住户账重算 · What met the bill, as the household's account has it."""

    waived_fen: int
    moves: tuple[Move, ...]


@event()
class BillPartPaid(Event):
    """账单已部分缴纳 · Part of the bill is paid."""


@event()
class BillOverdue(Event):
    """账单已逾期 · Bill overdue."""

    due_on: date
    outstanding_fen: int


@event()
class BillVoided(Event):
    """账单已作废 · Bill voided."""

    reason: str


@event()
class BillWrittenOff(Event):
    """账单已核销 · Bill written off."""

    reason: str
