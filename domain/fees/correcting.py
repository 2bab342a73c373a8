"""Corrections in a later bill 更正行 (§7.2): what a fee standard charges for months that are billed, against what was billed.

A bill's month stays frozen. When a home's area, household or vacancy is set right afterwards, the next bill has lines that
name the line they correct, and what an earlier run should have charged and did not has lines of its own, so that every month is
charged once, net of its corrections. Amounts are fen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from domain.fees.attaching import Attachment
from domain.fees.bill.events import BillLine, LineCorrected
from domain.fees.charged_months import charged_by_now, lines_of_month
from domain.fees.fee_standard import FeeStandard
from domain.fees.meter.case import Meter
from domain.fees.metering import metered_lines, stretch_of
from domain.fees.shared_cost import APPORTIONED, SharedCost
from domain.kernel.periods import Month
from domain.rounds.repair_order.case import CANCELLED, DECLINED, RepairOrder
from domain.services.service_order import CANCELLED as SERVICE_CANCELLED
from domain.services.service_order import ServiceOrder

__all__ = [
    "CONTRACT",
    "BilledLine",
    "affordable",
    "corrections",
    "months_of",
    "not_billed",
    "rests_on",
    "unbilled",
]

METER: Final = "meter-"
CONTRACT: Final = "service_contract-"
_CHARGED: Final = (METER, "shared_cost-", "repair_order-", "service_order-", CONTRACT)
"""How the charges begin that are stretches of a meter, shares of a cost, repairs, services ordered and months of a contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledLine:
    """A line of a bill that was issued 已出账行; ``place`` counts the bill's lines from 1.

    ``by_hand``: somebody has corrected the bill; what it charges is right already, and what it corrects of others stands.
    """

    bill: str
    place: int
    line: BillLine
    by_hand: bool = False


def rests_on(billed: Sequence[BilledLine]) -> set[str]:
    """The cases from which it is reckoned what should have been billed: standards, meters, shared costs, repairs."""
    charges = ((each.line.charge or "").partition("/")[0] for each in billed)
    return {each.line.standard or "" for each in billed} | {case for case in charges if case.startswith(_CHARGED)}


def corrections(billed: Sequence[BilledLine], household: str, cases: Mapping[str, Any]) -> Iterator[BillLine]:
    """The lines that set right what a household was billed; ``billed`` are all lines of its bills that stand."""
    yield from _of_months(billed, household, cases)
    yield from _of_charges(billed, household, cases)


def _of_months(billed: Sequence[BilledLine], household: str, standards: Mapping[str, Any]) -> Iterator[BillLine]:
    """A line for every standard and month for which a household was billed something else than is right by now.

    A month that a run has billed is set right; what else was billed of it, by hand or as a correction, counts.
    """
    for (of_standard, month), those in _by_month(billed).items():
        standard, by_run = (
            standards.get(of_standard),
            [each for each in those if each.line.charge and not each.line.corrects],
        )
        if not isinstance(standard, FeeStandard) or not standard.kind.monthly:
            continue  # what is metered is charged by readings, what is ordered by the order
        wrong_by = charged_by_now(standard, household, month) - sum(each.line.amount_fen for each in those)
        if wrong_by and by_run and not any(each.by_hand for each in by_run):
            first = by_run[0]
            yield BillLine(
                item=f"更正{month}{standard.name}",
                amount_fen=wrong_by,
                first=month.first,
                last=month.last,
                charge=f"{first.bill}/{first.place}/{len(those)}",
                corrects=LineCorrected(bill=first.bill, line=first.place),
            )


def _of_charges(billed: Sequence[BilledLine], household: str, cases: Mapping[str, Any]) -> Iterator[BillLine]:
    """A line for every stretch of a meter, share of a cost, repair, service and contract's month for which something else was billed than is right by now.

    Whatever it was divided into, and whatever corrected it before, counts.
    """
    lines = {(each.bill, each.place): each.line for each in billed}
    of_charge: dict[str, list[BilledLine]] = {}
    for each in billed:
        corrected = each.line.corrects
        charged = each.line if corrected is None else lines.get((corrected.bill, corrected.line))
        charge = "" if charged is None else charged.charge or ""
        if charge.startswith(_CHARGED):
            of_charge.setdefault(charge.rpartition("/")[0] if charge.startswith(METER) else charge, []).append(each)
    for charge, those in of_charge.items():
        first = min(those, key=lambda each: each.line.corrects is not None)  # bills of one day stand in no order
        right = _right_now(charge, first.line, household, cases)
        seen_to = any(each.by_hand for each in those if each.line.corrects is None)
        wrong_by = 0 if right is None or seen_to else right - sum(each.line.amount_fen for each in those)
        if wrong_by:
            yield BillLine(
                item=f"更正 {first.line.item}",
                amount_fen=wrong_by,
                first=first.line.first,
                last=those[-1].line.last if charge.startswith(METER) else first.line.last,
                charge=f"{first.bill}/{first.place}/{len(those)}",
                corrects=LineCorrected(bill=first.bill, line=first.place),
            )


def _right_now(charge: str, line: BillLine, household: str, cases: Mapping[str, Any]) -> int | None:
    """What a stretch, a share or a repair comes to by all that is known (fen); None where that is not known here, or not yet."""
    case = cases.get(charge.partition("/")[0])
    if case is not None and case.set_aside is not None:
        return 0
    if isinstance(case, RepairOrder):
        return _of_repair(case, household)
    if isinstance(case, ServiceOrder):
        return _of_service(case)
    if isinstance(case, SharedCost):
        home = charge.partition("/")[2]
        valid = case.state == APPORTIONED
        return sum(share.amount_fen for share in case.shares if share.home == home) if valid else 0
    standard = cases.get(line.standard or "")
    if not isinstance(case, Meter) or not isinstance(standard, FeeStandard):
        return None
    stretch = stretch_of(case, charge)
    if stretch is None:
        return 0
    return sum(each.amount_fen for each in metered_lines(case, standard, stretch))


def _of_repair(order: RepairOrder, household: str) -> int | None:
    """Its fee once it is done, and done again after a return; nothing of one that came to nothing, or was another's."""
    if order.household != household or order.state in (DECLINED, CANCELLED):
        return 0
    return order.fee_fen or 0 if order.completed_at is not None else None


def _of_service(order: ServiceOrder) -> int | None:
    """Its price once it is accepted, and accepted again when that was taken back; nothing of one that was cancelled then."""
    if order.state == SERVICE_CANCELLED:
        return 0
    return order.amount_fen if order.charge_month is not None else None


def _by_month(billed: Sequence[BilledLine]) -> dict[tuple[str, Month], list[BilledLine]]:
    """The lines of each standard and month, with those that correct them."""
    lines = {(each.bill, each.place): each.line for each in billed}
    of_month: dict[tuple[str, Month], list[BilledLine]] = {}
    for each in billed:
        corrected = each.line.corrects
        of = _charged(each.line if corrected is None else lines.get((corrected.bill, corrected.line)))
        if of is not None:
            of_month.setdefault(of, []).append(each)
    return of_month


def months_of(lines: Iterable[BillLine]) -> set[Month]:
    """The months that these lines charge by a standard."""
    return {of[1] for of in map(_charged, lines) if of is not None}


def not_billed(
    attached: Iterable[tuple[FeeStandard, Attachment]], months: Sequence[Month], billed: Sequence[BilledLine]
) -> Iterator[BillLine]:
    """What these places on standards come to in months whose runs did not charge their standard: a home that was attached
    late, a household that was left out of its month's run. ``months`` are those that may be charged; ``billed`` all lines
    of the household's bills that stand.
    """
    charged = _by_month(billed)
    for standard, place in attached:
        for month in months:
            if (standard.id, month) not in charged:
                for line in lines_of_month(standard, place, month):
                    yield replace(line, item=f"补计{month}{standard.name}")


def unbilled(
    standards: Iterable[FeeStandard], household: str, months: Sequence[Month], billed: Sequence[BilledLine]
) -> int:
    """What these standards charge a household for these months beyond what was billed of them (fen)."""
    charged, short = _by_month(billed), 0
    for standard in standards:
        for month in months:
            lines = charged.get((standard.id, month), ())
            short += max(charged_by_now(standard, household, month) - sum(each.line.amount_fen for each in lines), 0)
    return short


def _charged(line: BillLine | None) -> tuple[str, Month] | None:
    """The standard and the month that a line charges, if it does."""
    if line is None or line.standard is None or line.first is None:
        return None
    return line.standard, Month.of(line.first)


def affordable(lines: Iterable[BillLine], corrected: Iterable[BillLine]) -> Iterator[BillLine]:
    """The corrections that a bill of these lines can have without being negative; the rest waits for the next bill."""
    left = sum(line.amount_fen for line in lines)
    for line in sorted(corrected, key=lambda line: line.amount_fen < 0):
        amount = max(line.amount_fen, -left)
        if amount:
            left += amount
            yield replace(line, amount_fen=amount)
