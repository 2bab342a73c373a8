"""Settling 结清: at the end of a source case, what is left on its bills is told to the arrears cases that pursue them.

No policy adds to another system's history step by step: what followed there is in that history. But a pursuit whose bills are
paid is over, though no row says so, and one whose bills are not paid pursues what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import psycopg

from domain.arrears.debt_case.case import OPEN, DebtCase
from domain.arrears.owed import pursuit_of
from domain.fees.bill.case import Bill
from workflows.engine.claim_holders import holder_of
from workflows.engine.draft import Draft
from workflows.engine.policy import acts_for
from workflows.engine.request import CommandRequest
from workflows.policies.arrears import tell_the_arrears_case_what_is_left, what_is_left

__all__ = ["settle"]


def settle(
    draft: Draft, case_ids: Iterable[str], opened: set[str], connection: psycopg.Connection[object], now: datetime
) -> None:
    """``case_ids`` are the cases of which the source told; ``opened`` are those that it opened: nobody pursued them before."""
    told = [draft.case(case_id) for case_id in case_ids]
    pursuits: dict[str, list[Bill]] = {}
    for case in told:
        if isinstance(case, DebtCase):
            pursuits.setdefault(case.id, []).extend(_bills(draft, case))
    for case in told:
        if isinstance(case, Bill):
            found = holder_of(pursuit_of(case.id), draft.append, None if case.id in opened else connection)
            if found is not None and case not in pursuits.setdefault(found, []):
                pursuits[found].append(case)
    for debt_id, bills in pursuits.items():
        for bill in sorted(
            bills, key=lambda bill: bill.outstanding_fen <= 0
        ):  # what is paid settles only where nothing else is owed
            _tell(draft, debt_id, bill, now)


def _bills(draft: Draft, debt: DebtCase) -> Iterator[Bill]:
    for each in debt.bills:
        bill = draft.case(each)
        if isinstance(bill, Bill):
            yield bill


def _tell(draft: Draft, debt_id: str, bill: Bill, now: datetime) -> None:
    """Only what the case does not know yet; on the day on which the bill was paid, where it was."""
    debt, left = draft.case(debt_id), what_is_left(bill, received=True)
    if not isinstance(debt, DebtCase) or debt.state not in OPEN or bill.id not in debt.bills:
        return
    owed = max(left.outstanding_fen, 0)
    if owed == max(debt.bills[bill.id], 0) and (owed or debt.unpaid):
        return
    last = bill.paid_off_at if owed == 0 and bill.paid_off_at is not None else bill.changed_at
    since = [instant for instant in (last, debt.opened_at) if instant is not None]
    draft.give(
        CommandRequest(
            office=bill.office,
            command=left,
            actor=acts_for(tell_the_arrears_case_what_is_left.__name__),
            now=now,
            case_id=debt_id,
            occurred_at=max(since),
            imported=True,
        )
    )
