"""The registers of bill runs 计费出账 and of what a run bills and delivers 出账送达 (§7.2). Amounts are integer fen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from domain.fees.bill_run.case import CLOSED, DELIVERED, BillRun
from domain.fees.bill_run.events import (
    Anomaly,
    BillRunApproved,
    BillRunCompiled,
    BillRunDelivered,
    BillRunIssued,
    BillRunReturned,
    BillRunReviewed,
    BillsDrafted,
    BillsIssued,
    HouseholdLeftOut,
    MonthClosed,
    MonthReopened,
    NoticesDelivered,
    PartConfirmed,
)
from domain.kernel.calendar import DAY, local_date
from domain.kernel.fact import Fact
from projections.engine.register import ByLine, Register

__all__ = ["BILL_RUNS", "BILL_RUN_HOUSEHOLDS", "BillRunHouseholdRow", "BillRunRow"]


@dataclass(slots=True, kw_only=True)
class BillRunRow:
    """One month's run, with its totals and when each step was done."""

    source_id: str | None
    state: str
    month: date | None
    households: int
    households_left_out: int
    anomalies: int
    care_parts: int
    care_parts_open: int
    amount_fen: int
    bills: int
    delivered: int
    compiled_at: datetime | None
    reviewed_at: datetime | None
    approved_at: datetime | None
    deliver_by: datetime | None
    remark: str | None
    open: bool


@dataclass(slots=True, kw_only=True)
class BillRunHouseholdRow:
    """One household of a run: its bill beside the one of the month before, what is unusual, and when its notice came.

    ``corrected_fen`` is what of the bill sets earlier ones right; ``uncredited_fen`` what they were too high by and it could not bear;
    ``unbilled_fen`` what the standards come to that somebody has decided not to bill.

    ``deliver_on`` is the last day on which it is in time. The run's state stands in the run's own row, of the same case: what
    moves the run alone gives no household another version.
    """

    source_id: str | None
    month: date | None
    household: str
    home: str | None
    building: str | None
    looked_after_by: str | None
    lines: int
    amount_fen: int
    before_fen: int | None
    difference_fen: int | None
    corrected_fen: int | None
    uncredited_fen: int | None
    unbilled_fen: int | None
    anomaly: str | None
    left_out: str | None
    bill: str | None
    issued_on: date | None
    deliver_on: date | None
    delivered_on: date | None
    entered_on: date | None
    open: bool


def _runs(case: BillRun) -> Iterator[tuple[str, BillRunRow]]:
    yield (
        "",
        BillRunRow(
            source_id=case.source_id,
            state=case.state,
            month=case.month,
            households=len(case.drafts),
            households_left_out=len(case.left_out),
            anomalies=case.anomalies,
            care_parts=len(case.parts),
            care_parts_open=len(case.open_parts),
            amount_fen=case.amount_fen,
            bills=len(case.bills),
            delivered=len(case.delivered),
            compiled_at=case.compiled_at,
            reviewed_at=case.reviewed_at,
            approved_at=case.approved_at,
            deliver_by=case.deliver_by,
            remark=case.remark,
            open=case.state not in (DELIVERED, CLOSED),
        ),
    )


_OF_THE_RUN: Final = frozenset(
    {
        BillRunCompiled,
        BillRunReviewed,
        BillRunReturned,
        BillRunApproved,
        BillRunIssued,
        BillRunDelivered,
        MonthClosed,
        MonthReopened,
        PartConfirmed,
    }
)


def _touched(_case: BillRun, fact: Fact) -> Iterable[str] | None:
    """The households of which a fact speaks: none where only the run moves on; what is said beside its steps may touch all."""
    match fact.event:
        case BillsDrafted() as e:
            return [draft.household for draft in e.drafts]
        case HouseholdLeftOut() as e:
            return [e.household]
        case BillsIssued() as e:
            return [*(each.household for each in e.issued), *e.passed]
        case NoticesDelivered() as e:
            return e.households
        case _:
            return () if type(fact.event) in _OF_THE_RUN else None


def _households(case: BillRun) -> Iterator[tuple[str, BillRunHouseholdRow]]:
    yield from _of_households(case, case.drafts)


def _of_households(case: BillRun, households: Iterable[str]) -> Iterator[tuple[str, BillRunHouseholdRow]]:
    issued = local_date(case.approved_at) if case.approved_at is not None else None
    deliver_on = local_date(case.deliver_by) - DAY if case.deliver_by is not None else None
    for name in households:
        draft, bill = case.drafts[name], case.bills.get(name)
        amount = draft.amount_fen
        yield (
            name,
            BillRunHouseholdRow(
                source_id=case.source_id,
                month=case.month,
                household=name,
                home=draft.home,
                building=draft.building,
                looked_after_by=draft.looked_after_by,
                lines=len(draft.lines),
                amount_fen=amount,
                before_fen=draft.before_fen,
                difference_fen=None if draft.before_fen is None else amount - draft.before_fen,
                corrected_fen=draft.corrected_fen,
                uncredited_fen=draft.uncredited_fen,
                unbilled_fen=draft.unbilled_fen,
                anomaly=draft.anomaly,
                left_out=case.left_out.get(name),
                bill=bill,
                issued_on=issued if bill is not None else None,
                deliver_on=deliver_on,
                delivered_on=case.delivered.get(name),
                entered_on=case.entered.get(name),
                open=bill is not None and name not in case.delivered,
            ),
        )


BILL_RUNS = Register(
    name="bill-runs",
    zh="计费出账登记",
    en="bill runs",
    clause="7.2a",
    row=BillRunRow,
    kinds=(BillRun,),
    rows=_runs,
    indexed=("month",),
)

BILL_RUN_HOUSEHOLDS = Register(
    name="bill-run-households",
    zh="出账送达登记",
    en="households of the bill runs",
    clause="7.2c",
    row=BillRunHouseholdRow,
    kinds=(BillRun,),
    rows=_households,
    by_line=ByLine(_touched, _of_households),
    indexed=("household", "deliver_on"),
    named={"anomaly": Anomaly},
)
