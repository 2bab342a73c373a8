"""Money in a court file 起诉材料中的款项 (§8): what changed each bill after it was issued, what was paid, and what met what.

From the lines of the bills to the claim a judge can add up row by row; each row names the pages of the book on which it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from api.papers.court_sources import Sources
from api.papers.paper import PAGE, Block, Column, note, table
from api.papers.words import bill_word, month_word
from domain.fees.bill import events as billed
from domain.fees.bill.case import Bill, source_of
from domain.fees.chart import method_said
from domain.fees.payment import REVERSED
from domain.fees.reckoning import PREPAID
from domain.fees.terms import EntryKind, Move, PaymentMethod
from domain.kernel.calendar import local_date
from domain.kernel.fact import Event, Fact
from domain.kernel.money import yuan
from domain.kernel.words import choice_names

__all__ = ["change_blocks", "of_bill", "payment_blocks"]

_CHANGES = (
    Column("生效日期", 3),
    Column("账单", 3),
    Column("事项", 5),
    Column("金额（元）", 2, "right"),
    Column("说明", 7),
    PAGE,
)
_PAYMENTS = (
    Column("到账日期", 3),
    Column("收据号", 3),
    Column("方式", 2),
    Column("金额（元）", 2, "right"),
    Column("冲抵", 8),
    PAGE,
)
_Row: TypeAlias = tuple[str, str, str, str, str, str]
_MOVE_INS = "move_in-"
_OF_MONEY = (billed.PaymentReceived, billed.PaymentReversed, billed.OverpaymentRefunded)


def change_blocks(sources: Sources) -> Iterator[Block]:
    """Corrections, costs, late fees as they were assessed, adjusted and waived, and the days on which they stood still."""
    rows, facts = [], []
    for bill, _ in sources.bills:
        for fact in sources.moved[bill.id]:
            if isinstance(fact.event, _OF_MONEY):
                continue
            day, fen, why = _change(fact)
            amount = yuan(fen) if fen is not None else ""
            rows.append((day, bill_word(bill.period), type(fact.event).ZH, amount, why, str(fact.number)))
            facts.append([fact.number])
    if rows:
        yield note("出账之后的变动：", small=False)
        yield table(_CHANGES, rows, facts=facts, small=True)
    else:
        yield note("出账之后，各账单没有更正、加收、核定、减免或停计。")


def _change(fact: Fact) -> tuple[str, int | None, str]:
    """From which day it acts, by how much (what lowers the bill is negative), and what was said."""
    day = str(local_date(fact.occurred_at))
    match fact.event:
        case billed.BillCharged() as e:
            return day, e.amount_fen, e.item
        case billed.BillCorrected() as e:
            return str(e.effective_on or day), e.amount_fen, f"{e.item}：{e.reason}"
        case billed.LateFeeAssessed() as e:
            return str(e.until or day), e.amount_fen, "随催款通知核定" if e.noticed_by is not None else ""
        case billed.LateFeeAdjusted() as e:
            return day, e.amount_fen, f"原核定 {yuan(e.assessed_fen)}，依后记入的事实重算"
        case billed.LateFeeWaived() as e:
            return day, -e.amount_fen, e.reason
        case billed.LateFeeWaiverWithdrawn() as e:
            return day, e.amount_fen, e.reason
        case billed.LateFeeHeld() as e:
            return str(e.since), None, "；".join(filter(None, (f"至 {e.until}" if e.until else "", e.reason or "")))
        case billed.LateFeeHoldEnded() as e:
            return str(e.until), None, "次日起恢复计算"
        case billed.BillVoided() | billed.BillWrittenOff() as e:
            return day, None, e.reason
        case _:
            return day, None, ""


def payment_blocks(sources: Sources) -> Iterator[Block]:
    """What was paid, and what each payment met by the rules of law (民法典560, 561)."""
    found = (*_taken(sources), *_at_moving_in(sources), *_on_bills(sources), *_set_off(sources))
    several = sorted(found, key=lambda each: each[0][0])
    if not several:
        yield note("该户没有缴款。")
        return
    yield table(_PAYMENTS, [row for row, _ in several], facts=[facts for _, facts in several], small=True)


def _taken(sources: Sources) -> Iterator[tuple[_Row, list[int]]]:
    """Payments of the household."""
    for payment, facts in sources.payments:
        gone = payment.state == REVERSED
        met = "已冲正，不计" if gone else "；".join(_met(sources, payment.id)) or "预缴"
        method = choice_names(PaymentMethod(payment.method))[0]
        number, day = facts[0].number, str(payment.value_date or payment.taken_on or "")
        row = (day, payment.receipt or "", method, yuan(payment.amount_fen), met, str(number))
        yield row, [*(fact.number for fact in facts), *_posted(sources, payment.id)]


def _at_moving_in(sources: Sources) -> Iterator[tuple[_Row, list[int]]]:
    """Fees that were paid in advance when the household moved in."""
    entries = sources.account.entries if sources.account is not None else ()
    gone = {entry.of: entry.source for entry in entries if entry.kind is EntryKind.REVERSAL}
    for entry in entries:
        if entry.kind is EntryKind.PAYMENT and entry.source.startswith(_MOVE_INS) and entry.day <= sources.on:
            back = gone.get(entry.source)
            met = "已冲正，不计" if back is not None else "；".join(_met(sources, entry.source)) or "预缴"
            number = [*_posted(sources, entry.source), *_posted(sources, back or "")]
            yield (str(entry.day), "", "入住预缴", yuan(entry.amount_fen), met, "、".join(map(str, number[:1]))), number


def _on_bills(sources: Sources) -> Iterator[tuple[_Row, list[int]]]:
    """Payments that were written down on a bill itself, and what was given back there."""
    for bill, _ in sources.bills:
        for fact in sources.moved[bill.id]:
            source = source_of(bill.id, fact.version)
            day, fen, method, receipt, met = "", 0, "", "", ""
            match fact.event:
                case billed.PaymentReceived() as e:
                    reversals = [other.number for other in sources.moved[bill.id] if _reverses(other.event, fact)]
                    day, fen, method, receipt = str(e.value_date), e.amount_fen, e.method or "", e.receipt or ""
                    met = "已冲正，不计" if reversals else "；".join(_met(sources, source, bill)) or "预缴"
                    numbers = [fact.number, *reversals, *_posted(sources, source)]
                case billed.OverpaymentRefunded() as e:
                    day, fen, method = str(local_date(fact.occurred_at)), -e.amount_fen, e.method
                    receipt, met, numbers = e.receipt or "", f"退还多缴：{e.reason}", [fact.number]
                case _:
                    continue
            yield (day, receipt, choice_names(method_said(method))[0], yuan(fen), met, str(fact.number)), numbers


def _reverses(said: Event, fact: Fact) -> bool:
    return isinstance(said, billed.PaymentReversed) and said.payment == fact.version


def _set_off(sources: Sources) -> Iterator[tuple[_Row, list[int]]]:
    """Prepayments that were set off, money that was free again, and what was refunded."""
    words = {bill.id: month_word(bill.period) for bill, _ in sources.bills}
    for kept in sources.kept.bills.values():
        for move in kept.moves:
            freed = move.total_fen < 0
            if move.source == PREPAID or freed:
                word = "多付释放" if freed else "预缴冲抵"
                number = _posted(sources, move.source if freed else kept.id)
                met = f"{words.get(kept.id, '其他')}账单 {_parts(move)}"
                yield (str(move.day), "", word, yuan(move.total_fen), met, "、".join(map(str, number))), number
    for entry in sources.account.entries if sources.account is not None else ():
        if entry.kind is EntryKind.REFUND and entry.day <= sources.on:
            number = _posted(sources, entry.source)
            row = (str(entry.day), "", "退款", yuan(-entry.amount_fen), "退还预缴", "、".join(map(str, number)))
            yield row, number


def _met(sources: Sources, source: str, on: Bill | None = None) -> Iterator[str]:
    """What a payment met; of another system's bill, which has no account, what it met there."""
    words = {bill.id: month_word(bill.period) for bill, _ in sources.bills}
    moves = [(kept.id, move) for kept in sources.kept.bills.values() for move in kept.moves]
    if on is not None and on.id not in sources.kept.bills:
        moves = [(on.id, move) for move in on.moves]
    for bill, move in moves:
        if move.source == source and move.total_fen > 0:
            yield f"{words.get(bill, '其他')}账单 {_parts(move)}（{choice_names(move.rule)[0]}）"


def _parts(move: Move) -> str:
    parts = ((move.costs_fen, "费用"), (move.penalty_fen, "滞纳金"), (move.principal_fen, "本金"))
    return "、".join(f"{part} {yuan(fen)}" for fen, part in parts if fen)


def _posted(sources: Sources, source: str) -> list[int]:
    return [sources.posted[source]] if source in sources.posted else []


def of_bill(sources: Sources, bill: str, issued: Fact) -> list[int]:
    """The pages on which a bill's claim stands: its issue, what changed it, and the payments that met it."""
    found = {issued.number, *(fact.number for fact in sources.moved.get(bill, ()))}
    kept = sources.kept.bills.get(bill)
    met = {move.source for move in kept.moves} if kept is not None else set()
    found |= {sources.posted[source] for source in met if source in sources.posted}
    return sorted(found)
