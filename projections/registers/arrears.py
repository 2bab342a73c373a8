"""The arrears register 欠费追讨登记 (§8), its dunning notices 催款通知 and its bills 欠费账单 as lines of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.arrears.debt_case.case import OPEN, SETTLED, DebtCase
from domain.arrears.limitation import reminders_of
from domain.kernel.calendar import local_date
from projections.engine.register import Register, common, one_row

__all__ = ["DEBT_BILLS", "DEBT_CASES", "DUNNING_NOTICES", "DebtBillRow", "DebtRow", "NoticeRow"]


@dataclass(slots=True, kw_only=True)
class DebtRow:
    """One arrears case. ``stage``: 0 opened, 1 noticed, 2 second stage, 3 suspended or at law; amounts are fen."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    opened_on: date
    household: str | None
    bills: int
    unpaid_bills: int
    stage: int
    category: str
    reason: str | None
    outstanding_fen: int
    claimed_fen: int
    notice1_on: date | None
    delivered_on: date | None
    stage2_on: date | None
    notice2_on: date | None
    visited_on: date | None
    visit_outcome: str | None
    act_by: date | None
    act_until: date | None
    action_late_on: date | None
    committee_on: date | None
    committee_answer_by: date | None
    committee_answer: str | None
    suspended_on: date | None
    services: str | None
    restored_on: date | None
    legal_on: date | None
    legal_outcome: str | None
    legal_outcome_on: date | None
    settled_on: date | None
    disputed: bool
    disputes: int
    dispute_on: date | None
    instalments: int
    reminders: int
    contact_at: datetime | None
    contacts_beyond: int
    in_transit_fen: int
    lapses_on: date | None
    days_delivered_to_stage2: int | None
    open: bool


@dataclass(slots=True, kw_only=True)
class NoticeRow:
    """One notice that is or was owed: the line is the ascent of the ladder and its stage."""

    source_id: str | None
    state: str
    ladder: int
    stage: int
    due_on: date
    due_at: datetime | None
    issued_on: date | None
    delivered_on: date | None
    household: str | None
    disputed: bool


@dataclass(slots=True, kw_only=True)
class DebtBillRow:
    """One bill of an arrears case: what is left on it (fen), and when the claim to it lapses (民法典188).

    Of another system's case neither was told: what is left stands on its bill.
    """

    source_id: str | None
    state: str
    bill: str
    household: str | None
    outstanding_fen: int
    dunned: bool
    disputed: bool
    lapses_on: date | None
    year_before: date | None
    quarter_before: date | None
    month_before: date | None
    lapsed: bool
    open: bool


def _rows(case: DebtCase) -> DebtRow:
    assert case.opened_at is not None
    delivered, second = _day(case.delivered_at), _day(case.stage2_at)
    return DebtRow(
        **common(case),
        opened_on=local_date(case.opened_at),
        household=case.household,
        bills=len(case.bills),
        unpaid_bills=len(case.unpaid),
        stage=case.stage,
        category=case.category,
        reason=case.reason,
        outstanding_fen=case.outstanding_fen,
        claimed_fen=case.claimed_fen,
        notice1_on=_day(case.notice1_at),
        delivered_on=delivered,
        stage2_on=second,
        notice2_on=_day(case.notice2_at),
        visited_on=_day(case.visited_at),
        visit_outcome=case.visit_outcome,
        act_by=case.act_by,
        act_until=case.act_until,
        action_late_on=_last_day(case.action_late_at),
        committee_on=max((each.on for each in case.committee.values()), default=None),
        committee_answer_by=case.committee_until,
        committee_answer=next((each.answer for each in reversed(case.committee.values()) if each.answer), None),
        suspended_on=_day(case.suspended_at),
        services="、".join(case.services) or None,
        restored_on=_day(case.restored_at),
        legal_on=_day(case.legal_at),
        legal_outcome=case.legal_outcome,
        legal_outcome_on=case.legal_outcome_on,
        settled_on=_day(case.settled_at),
        disputed=case.stands_still,
        disputes=case.disputes,
        dispute_on=_day(case.dispute_at),
        instalments=len(case.instalments),
        reminders=len(case.reminders),
        contact_at=min(case.contacts_planned, default=None),
        contacts_beyond=case.contacts_beyond,
        in_transit_fen=case.in_transit_fen,
        lapses_on=case.lapses_on,
        days_delivered_to_stage2=(second - delivered).days if second and delivered else None,
        open=case.state in OPEN,
    )


def _notices(case: DebtCase) -> Iterator[tuple[str, NoticeRow]]:
    """Those of earlier ascents stay; a second one is owed only while the debt is: one that was settled before owes none."""
    due = {1: case.notice1_due, 2: case.notice2_due}
    owed = [letter for letter in case.letters if letter.issued_at is not None or case.state in OPEN or letter.late]
    for letter in (*case.past, *owed):
        now = letter.ladder == case.ladder
        yield (
            f"{letter.ladder}-{letter.stage}",
            NoticeRow(
                source_id=case.source_id,
                state=case.state if now else SETTLED,
                ladder=letter.ladder,
                stage=letter.stage,
                due_on=letter.due_on,
                due_at=due[letter.stage] if now else None,
                issued_on=_day(letter.issued_at),
                delivered_on=_day(letter.delivered_at),
                household=case.household,
                disputed=case.stands_still and now,
            ),
        )


def _bills(case: DebtCase) -> Iterator[tuple[str, DebtBillRow]]:
    for bill, left in case.bills.items():
        lapses = None if case.imported else case.lapses.get(bill)  # another system's: nobody here has reckoned when
        before = reminders_of(lapses) if lapses is not None else (None, None, None)
        yield (
            bill,
            DebtBillRow(
                source_id=case.source_id,
                state=case.state,
                bill=bill,
                household=case.household,
                outstanding_fen=left,
                dunned=bill in case.dunned,
                disputed=case.is_disputed(bill),
                lapses_on=lapses,
                year_before=before[0],
                quarter_before=before[1],
                month_before=before[2],
                lapsed=bill in case.lapsed,
                open=left > 0,
            ),
        )


def _last_day(instant: datetime | None) -> date | None:
    """The day at whose 24:00 something was late."""
    return local_date(instant) - timedelta(days=1) if instant is not None else None


def _day(instant: datetime | None) -> date | None:
    return local_date(instant) if instant is not None else None


DEBT_CASES = Register(
    name="debt-cases",
    zh="欠费追讨登记",
    en="arrears cases",
    clause="8",
    row=DebtRow,
    kinds=(DebtCase,),
    values=one_row(DebtRow, _rows),
    indexed=("household", "opened_on"),
)

DUNNING_NOTICES = Register(
    name="dunning-notices",
    zh="催款通知登记",
    en="dunning notices",
    clause="8.A",
    row=NoticeRow,
    kinds=(DebtCase,),
    rows=_notices,
    ours_alone=True,
)

DEBT_BILLS = Register(
    name="debt-bills",
    zh="欠费账单",
    en="bills in arrears",
    clause="民法典188",
    row=DebtBillRow,
    kinds=(DebtCase,),
    rows=_bills,
    indexed=("household", "bill"),
)
