"""What another system says of a bill 原系统所述 (§7): what people here never say themselves, kept as its word. Amounts are fen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.fees.bill.case import Bill
from domain.fees.bill.events import BillStepNoted, CreditTakenOver
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.rules import blank, forbid, negative, not_positive


@command
class TakeOverCredit(Command):
    """接收原系统贷方余额 · Take over a statement that says a credit."""

    amount_fen: int
    item: str
    household: str | None = None
    home: str | None = None
    period: str | None = None

    def decide(self, _bill: None, _at: Moment) -> Iterator[Event]:
        """``amount_fen`` is the credit, above zero: nothing is owed, and so much is prepaid (§7)."""
        forbid(not_positive(self.amount_fen, "7", "amount_fen"))
        yield self.to_event(CreditTakenOver)


@command
class NoteBillStep(Command):
    """登记原系统记载 · Note what another system says of the bill.

    Its step, and of due day, months in arrears, days late and dispute whatever it speaks of.
    """

    step: str
    due_on: date | None = None
    months_late: int | None = None
    days_late: int | None = None
    disputed: bool | None = None

    def decide(self, _bill: Bill, _at: Moment) -> Iterator[Event]:
        """Nothing follows from it here: no notice, no late fee (§7)."""
        forbid(blank(self.step, "step", "7", "请写明原系统的步骤", "say what the other system calls it"))
        for name in ("months_late", "days_late"):
            forbid(negative(getattr(self, name) or 0, "7", name))
        yield self.to_event(BillStepNoted)
