"""The ledgers of money 收付款流水、押金台账、减免核销登记 (§7, §8.B(4)). Amounts are integer fen.

Another system's money is not here: its ledgers are its own. What is taken here on one of its bills is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.arrears.debt_case.case import DebtCase
from domain.arrears.terms import ConcessionKind, GrantedRelief
from domain.fees.account import HouseholdAccount
from domain.fees.bill.case import VOID, Bill
from domain.fees.bill.events import Relief
from domain.fees.chart import MoneyFor
from domain.fees.payment import TAKEN, HouseholdPayment
from domain.fees.terms import EntryKind, PaymentMethod
from domain.kernel.calendar import local_date
from domain.moving.move_in.case import MoveIn
from domain.moving.renovation.case import Renovation
from projections.engine.register import Register

__all__ = ["DEPOSITS", "MONEY", "RELIEFS", "DepositRow", "MoneyRow", "ReliefKind", "ReliefRow"]


_Moved = tuple[str, date, EntryKind, str | None, str | None, int]
"""A movement of money: its line, its day, what it is, by what means, its receipt, how much (fen)."""


@dataclass(slots=True, kw_only=True)
class MoneyRow:
    """Money that came from a household (positive) or went back to it (negative), on its value date.

    ``prepaid_fen`` of it is (or was) the household's with the office until it meets a bill: all that comes for its account,
    fees in advance at a move-in, and what is over on a bill that was taken over. What was reversed is gone from here, and stands in the versions of before.
    """

    source_id: str | None
    state: str
    household: str | None
    home: str | None
    day: date
    entry: str
    method: str | None
    receipt: str | None
    amount_fen: int
    prepaid_fen: int
    came_for: MoneyFor


@dataclass(slots=True, kw_only=True)
class DepositRow:
    """A deposit, which is a liability and no income: what came, what went back, what was kept for damage, what is held."""

    source_id: str | None
    state: str
    home: str
    household: str | None
    received_on: date | None
    received_method: str | None
    received_fen: int
    refunded_on: date | None
    refunded_method: str | None
    refunded_fen: int
    deducted_fen: int
    held_fen: int
    refund_by: date | None
    open: bool


class ReliefKind(StrEnum):
    """What was given up 减免类别."""

    LATE_FEE_WAIVER = "late-fee-waiver"  # 减免滞纳金
    DISCOUNT = "discount"  # 优惠
    WRITE_OFF = "write-off"  # 核销


@dataclass(slots=True, kw_only=True)
class ReliefRow:
    """One waiver, discount or write-off: on which bill, how much, and by whom."""

    source_id: str | None
    state: str
    household: str | None
    bill: str
    day: date
    kind: ReliefKind
    amount_fen: int
    given_by: str


def _money(case: HouseholdPayment | HouseholdAccount | Bill | MoveIn) -> Iterator[tuple[str, MoneyRow]]:
    came_for = MoneyFor.MOVE_IN if isinstance(case, MoveIn) else MoneyFor.ACCOUNT
    if case.imported:
        if not isinstance(case, Bill):
            return
        came_for = MoneyFor.TAKEN_OVER
    household = case.household or None
    if isinstance(case, MoveIn) and not case.keys_place:
        household = None  # until the keys all of it can go back: it is on nobody's account
    moved = list(_moved(case))
    over = _over(case, moved) if came_for is MoneyFor.TAKEN_OVER and isinstance(case, Bill) else {}
    for line, day, entry, method, receipt, fen in moved:
        prepaid = fen if came_for is MoneyFor.ACCOUNT else over.get(line, 0)
        if isinstance(case, MoveIn):
            prepaid = case.advance_fen if fen > 0 else -case.advance_fen
        yield (
            line,
            MoneyRow(
                source_id=case.source_id,
                state=case.state,
                household=household,
                home=case.home or None if isinstance(case, Bill | MoveIn) else None,
                day=day,
                entry=entry,
                method=method,
                receipt=receipt,
                amount_fen=fen,
                prepaid_fen=prepaid,
                came_for=came_for,
            ),
        )


def _over(case: Bill, moved: list[_Moved]) -> dict[str, int]:
    """What of each movement on another system's bill went beyond what that system had left of it: in the order of their days."""
    taken_there = sum(payment.amount_fen for payment in case.standing if payment.imported)
    left = 0 if case.state == VOID else max(case.owed_fen - taken_there, 0)
    found, so_far = {}, 0
    for line, _, _, _, _, fen in sorted(moved, key=lambda each: each[1]):
        found[line] = max(so_far + fen - left, 0) - max(so_far - left, 0)
        so_far += fen
    return found


def _moved(case: HouseholdPayment | HouseholdAccount | Bill | MoveIn) -> Iterator[_Moved]:
    if isinstance(case, HouseholdPayment):
        if case.state == TAKEN and case.value_date is not None:
            yield "", case.value_date, EntryKind.PAYMENT, case.method, case.receipt, case.amount_fen
    elif isinstance(case, HouseholdAccount):
        for entry in case.entries:
            if entry.kind is EntryKind.REFUND:
                number = entry.source.rpartition("-")[2]
                how = case.refund_methods.get(entry.source)
                yield f"refund-{number}", entry.day, EntryKind.REFUND, how, None, -entry.amount_fen
    elif isinstance(case, MoveIn):
        yield from _at_moving_in(case)
    else:
        for payment in case.standing:
            if payment.imported:
                continue
            yield (
                f"payment-{payment.number}",
                payment.value_date,
                EntryKind.PAYMENT,
                payment.method,
                None,
                payment.amount_fen,
            )
        for n, (refund, method) in enumerate(zip(case.refunds, case.refund_methods, strict=True), 1):
            yield f"refund-{n}", refund.day, EntryKind.REFUND, method, None, refund.paid


def _at_moving_in(case: MoveIn) -> Iterator[_Moved]:
    """The fees without the deposit, and what of them went back."""
    fees = (case.fees_fen or 0) - case.deposit_fen
    if fees and case.fees_at is not None and case.fees_method is not None:
        yield "fees", local_date(case.fees_at), EntryKind.PAYMENT, case.fees_method, case.receipt, fees
        if case.withdrawn is not None and case.refunded_at is not None:
            yield "refund", local_date(case.refunded_at), EntryKind.REFUND, case.refund_method, None, -fees


def _deposits(case: Renovation | MoveIn) -> Iterator[tuple[str, DepositRow]]:
    if isinstance(case, MoveIn):
        received, method, gone = (case.fees_at if case.deposit_fen else None), case.fees_method, case.refunded_at
        refunded = 0 if gone is None else case.deposit_fen - case.deducted_fen  # its fees may have gone back with it
        back_by = case.deposit_due_on
    else:
        received, method, gone = case.deposit_at, case.deposit_method, case.refunded_at or case.closed_at
        refunded = case.refunded_fen
        back_by = local_date(case.refund_by - timedelta(microseconds=1)) if case.refund_by is not None else None
    if received is None:
        return
    yield (
        "",
        DepositRow(
            source_id=case.source_id,
            state=case.state,
            home=case.home,
            household=case.household,
            received_on=local_date(received),
            received_method=method,
            received_fen=case.deposit_fen,
            refunded_on=local_date(gone) if gone is not None else None,
            refunded_method=case.refund_method,
            refunded_fen=refunded,
            deducted_fen=case.deducted_fen,
            held_fen=case.held_fen,
            refund_by=back_by,
            open=case.held_fen > 0,
        ),
    )


def _reliefs(case: Bill | DebtCase) -> Iterator[tuple[str, ReliefRow]]:
    """A waiver stands on its bill, whoever approved it, until it is withdrawn; a discount stands in the arrears case."""
    if case.state == VOID:
        return
    if isinstance(case, Bill):
        for each in case.reliefs:
            kind = ReliefKind.WRITE_OFF if each.written_off else ReliefKind.LATE_FEE_WAIVER
            yield str(each.number), _relief(case, case.id, kind, each)
        return
    for granted in case.reliefs:
        if granted.kind is ConcessionKind.DISCOUNT:
            yield str(granted.number), _relief(case, granted.bill, ReliefKind.DISCOUNT, granted)


def _relief(case: Bill | DebtCase, bill: str, kind: ReliefKind, given: Relief | GrantedRelief) -> ReliefRow:
    return ReliefRow(
        source_id=case.source_id,
        state=case.state,
        household=case.household,
        bill=bill,
        day=given.day,
        kind=kind,
        amount_fen=given.amount_fen,
        given_by=given.given_by,
    )


MONEY = Register(
    name="money-movements",
    zh="收付款流水",
    en="money in and out",
    clause="7",
    row=MoneyRow,
    kinds=(HouseholdPayment, HouseholdAccount, Bill, MoveIn),
    rows=_money,
    indexed=("household", "day"),
    named={"method": PaymentMethod, "entry": EntryKind, "came_for": MoneyFor},
)

DEPOSITS = Register(
    name="deposits",
    zh="押金台账",
    en="deposits",
    clause="1.4",
    row=DepositRow,
    kinds=(Renovation, MoveIn),
    rows=_deposits,
    ours_alone=True,
    indexed=("household", "received_on"),
    named={"received_method": PaymentMethod, "refunded_method": PaymentMethod},
)

RELIEFS = Register(
    name="reliefs",
    zh="减免核销登记",
    en="waivers, discounts and write-offs",
    clause="8.B(4)",
    row=ReliefRow,
    kinds=(Bill, DebtCase),
    rows=_reliefs,
    ours_alone=True,
    indexed=("household", "day"),
    named={"kind": ReliefKind},
)
