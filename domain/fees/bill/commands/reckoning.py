"""What the household's account makes of the bill 账单重算 (§7): assessments afresh, waivers, the money that met it."""

from __future__ import annotations

from collections.abc import Iterator

from domain.fees.bill.case import ISSUED, OPEN, PAID, Bill
from domain.fees.bill.events import BillPartPaid, BillReckoned, BillReopened, BillSettled, LateFeeAdjusted
from domain.fees.terms import BillReckoning
from domain.kernel.fact import Command, Event, Moment, command


@command
class TakeReckoning(Command):
    """随住户账重算 · Take over what the account says of the bill."""

    figures: BillReckoning
    resumes: bool = False

    def decide(self, bill: Bill, _at: Moment) -> Iterator[Event]:
        """Only what is otherwise than the bill has it; a notice keeps its figure, the difference is a fact (民法典585)."""
        owed, told = bill.owed_fen, self.figures
        for fee in told.assessed:
            version = int(fee.source.rpartition("#")[2]) if fee.source.rpartition("#")[2].isdecimal() else 0
            was = bill.assessed.get(version)
            if was is not None and was != fee.amount_fen:
                owed += fee.amount_fen - was
                yield LateFeeAdjusted(assessment=version, assessed_fen=was, amount_fen=fee.amount_fen - was)
        if told.waived_fen != bill.waived_fen or told.moves != tuple(bill.moves):
            owed += bill.waived_fen - told.waived_fen
            yield BillReckoned(waived_fen=told.waived_fen, moves=told.moves)
        paid = sum(move.total_fen for move in told.moves)
        if bill.state in OPEN and owed <= paid and (paid or bill.late_fee_fen or bill.corrections_fen):
            yield BillSettled(overpaid_fen=paid - owed)
        elif bill.state == PAID and owed > paid:
            yield BillReopened(resumes=self.resumes)
        elif bill.state == ISSUED and paid:
            yield BillPartPaid()
