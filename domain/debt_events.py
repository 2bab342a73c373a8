"""What can happen in the pursuit of arrears 欠费追讨 (§8), and what is then known (fen)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from domain.calendar import end_of_day, local_date
from domain.debt_terms import (
    ArrearsReason,
    Claim,
    ConcessionKind,
    DebtorCategory,
    Instalment,
    NoticeMeans,
    OptionalService,
    ReminderKind,
    VisitOutcome,
)
from domain.fact import Case, Event, Fact, Personal, event

OPENED, STAGE1, STAGE2, CONCESSION = "opened", "stage-1", "stage-2", "concession"
SUSPENSION_DUE, SUSPENDED, LEGAL, SETTLED = "suspension-due", "suspended", "legal", "settled"
OPEN = (OPENED, STAGE1, STAGE2, CONCESSION, SUSPENSION_DUE, SUSPENDED, LEGAL)
"""The states in which the debt is still pursued."""


@event()
class DebtCaseOpened(Event):
    """欠费已立案 · Arrears case opened."""

    bill: str
    household: str | None = None
    outstanding_fen: int = 0
    due_on: date | None = None
    notice1_by: date | None = None
    notice2_by: date | None = None
    lapses_on: date | None = None


@event()
class DebtCaseReopened(Event):
    """欠费再次立案 · Arrears case opened again."""

    bill: str
    outstanding_fen: int = 0
    due_on: date | None = None
    notice1_by: date | None = None
    notice2_by: date | None = None
    lapses_on: date | None = None


@event()
class BillJoinedDebtCase(Event):
    """账单并入追讨 · Another bill joined the case."""

    bill: str
    outstanding_fen: int
    lapses_on: date | None = None


@event()
class DebtorClassified(Event):
    """欠费户已分类 · Debtor classified."""

    category: DebtorCategory
    note: Personal | None = None


@event()
class ArrearsReasonFound(Event):
    """欠费原因已查明 · Reason of the arrears found."""

    reason: ArrearsReason
    verified_by: str
    note: Personal | None = None


@event()
class DunningNoticeIssued(Event):
    """第一次催款通知已发 · First dunning notice issued."""

    claims: tuple[Claim, ...]
    current_fen: int
    means: NoticeMeans | None
    addressee: Personal | None


@event()
class SecondNoticeIssued(Event):
    """第二次催款通知已发 · Second dunning notice issued."""

    claims: tuple[Claim, ...]
    current_fen: int
    means: NoticeMeans | None
    addressee: Personal | None


@event()
class NoticeDelivered(Event):
    """催款通知已送达 · Dunning notice delivered."""

    stage: int
    means: NoticeMeans | None = None
    signer: Personal | None = None
    relation: str | None = None
    lapses_on: date | None = None


@event()
class NoticeLate(Event):
    """催款通知逾期未发 · Dunning notice not issued in time."""

    stage: int
    due_on: date


@event()
class ReminderGiven(Event):
    """已催缴 · Debtor reminded."""

    kind: ReminderKind
    answer: Personal | None = None


@event()
class SecondStageBegun(Event):
    """进入第二阶段 · Second stage begun."""


@event()
class HomeVisited(Event):
    """已上门催缴 · Debtor visited at home."""

    outcome: VisitOutcome
    by_manager: bool
    note: Personal | None = None
    act_by: date | None = None


@event()
class SuspensionFellDue(Event):
    """可停止服务或起诉 · Three days after a fruitless visit have passed."""


@event()
class ServicesSuspended(Event):
    """已停止服务 · Optional services suspended."""

    services: tuple[OptionalService, ...]
    basis: str


@event()
class ServicesRestored(Event):
    """已恢复服务 · Services restored."""

    services: tuple[OptionalService, ...]


@event()
class LegalActionStarted(Event):
    """已进入法律程序 · Legal action started."""

    court: str | None = None
    evidence: str | None = None


@event()
class ConcessionProposed(Event):
    """已提出优惠 · Concession proposed."""

    kind: ConcessionKind
    reason: str
    amount_fen: int | None = None
    instalments: tuple[Instalment, ...] = ()


@event()
class ConcessionApproved(Event):
    """优惠已批准 · Concession approved."""

    kind: ConcessionKind
    instalments: tuple[Instalment, ...] = ()


@event()
class ConcessionRefused(Event):
    """优惠未批准 · Concession refused."""

    reason: str


@event()
class InstalmentBroken(Event):
    """分期未履行 · Instalment not paid."""

    due_on: date


@event()
class DisputeRaised(Event):
    """已提出异议 · Dispute raised."""

    reason: str


@event()
class DisputeStepRecorded(Event):
    """异议进展 · Step of a dispute recorded."""

    step: str
    outcome: str | None = None


@event()
class DisputeReleased(Event):
    """异议已了结 · Dispute ended."""

    outcome: str


@event()
class PaymentInTransitNoted(Event):
    """在途款项已登记 · Payment in transit noted."""

    amount_fen: int
    expected_on: date


@event()
class DebtPaymentNoted(Event):
    """已记入缴款 · Payment taken into account."""

    bill: str
    outstanding_fen: int


@event()
class DebtSettled(Event):
    """欠费已结清 · Debt settled."""


@dataclass(slots=True, kw_only=True)
class DebtCase(Case):
    """The pursuit of one household's arrears. ``bills`` holds what is left on each bill (fen)."""

    household: str | None = None
    bills: dict[str, int] = field(default_factory=dict)
    category: DebtorCategory = DebtorCategory.ORDINARY
    reason: ArrearsReason | None = None
    notice1_at: datetime | None = None
    notice2_at: datetime | None = None
    delivered_at: datetime | None = None
    notice1_by: date | None = None
    notice2_by: date | None = None
    notice_late: int = 0
    claimed_fen: int = 0
    stage2_at: datetime | None = None
    visited_at: datetime | None = None
    visit_outcome: VisitOutcome | None = None
    manager_visited: bool = False
    act_by: date | None = None
    suspended_at: datetime | None = None
    services: tuple[OptionalService, ...] = ()
    restored_at: datetime | None = None
    legal_at: datetime | None = None
    proposed: ConcessionProposed | None = None
    proposed_by: str | None = None
    instalments: tuple[Instalment, ...] = ()
    concession_from_fen: int = 0
    disputed: bool = False
    disputes: int = 0
    dispute_at: datetime | None = None
    held_since: date | None = None
    in_transit_fen: int = 0
    in_transit_on: date | None = None
    reminders: list[date] = field(default_factory=list)
    lapses_on: date | None = None
    settled_at: datetime | None = None

    @property
    def outstanding_fen(self) -> int:
        """What is left on all bills."""
        return sum(self.bills.values())

    @property
    def stage(self) -> int:
        """The highest stage reached: 0 opened, 1 noticed, 2 second stage, 3 suspended or at law."""
        if self.legal_at or self.suspended_at:
            return 3
        return 2 if self.stage2_at else 1 if self.notice1_at else 0

    @property
    def notice1_due(self) -> datetime | None:
        """Until when the first notice is owed; a dispute stops the clock."""
        return self.owed(self.notice1_by) if self.notice1_at is None and self.notice_late < 1 else None

    @property
    def notice2_due(self) -> datetime | None:
        """Until when the second notice is owed."""
        return self.owed(self.notice2_by) if self.notice2_at is None and self.notice_late < 2 else None

    @property
    def instalment_due(self) -> datetime | None:
        """The end of the day of the first instalment that what was paid so far does not cover."""
        paid = self.concession_from_fen - self.outstanding_fen
        for instalment in self.instalments:
            paid -= instalment.amount_fen
            if paid < 0:
                return end_of_day(instalment.due_on)
        return None

    def owed(self, day: date | None) -> datetime | None:
        """24:00 of a day that is still awaited; a dispute stops every clock."""
        return end_of_day(day) if day is not None and not self.disputed else None


def evolve(debt: DebtCase, fact: Fact) -> None:
    """Fold one fact into the case."""
    match fact.event:
        case DebtCaseOpened() as e:
            debt.household = e.household
            _begin(debt, e)
        case DebtCaseReopened() as e:
            debt.notice1_at = debt.notice2_at = debt.delivered_at = debt.stage2_at = debt.legal_at = None
            debt.visited_at = debt.visit_outcome = debt.act_by = debt.reason = debt.settled_at = None
            debt.suspended_at = debt.proposed = debt.proposed_by = None
            debt.manager_visited, debt.notice_late, debt.claimed_fen, debt.instalments = False, 0, 0, ()
            _begin(debt, e)
        case BillJoinedDebtCase() as e:
            debt.bills[e.bill] = e.outstanding_fen
        case DebtorClassified() as e:
            debt.category = e.category
        case ArrearsReasonFound() as e:
            debt.reason = e.reason
        case DunningNoticeIssued() as e:
            debt.notice1_at = debt.notice1_at or fact.occurred_at
            debt.claimed_fen = sum(claim.total_fen for claim in e.claims) + e.current_fen
        case SecondNoticeIssued() as e:
            debt.notice2_at = fact.occurred_at
            debt.claimed_fen = sum(claim.total_fen for claim in e.claims) + e.current_fen
        case NoticeDelivered() as e:
            debt.delivered_at = debt.delivered_at or fact.occurred_at
            debt.lapses_on = e.lapses_on or debt.lapses_on
        case NoticeLate() as e:
            debt.notice_late = e.stage
        case ReminderGiven():
            debt.reminders.append(local_date(fact.occurred_at))
        case SecondStageBegun():
            debt.stage2_at = debt.stage2_at or fact.occurred_at
        case HomeVisited() as e:
            debt.visited_at, debt.visit_outcome, debt.act_by = fact.occurred_at, e.outcome, e.act_by
            debt.manager_visited = debt.manager_visited or e.by_manager
            debt.reminders.append(local_date(fact.occurred_at))
        case SuspensionFellDue():
            debt.act_by = None
        case ServicesSuspended() as e:
            debt.suspended_at, debt.services = fact.occurred_at, e.services
        case ServicesRestored():
            debt.restored_at, debt.services = fact.occurred_at, ()
        case LegalActionStarted():
            debt.legal_at, debt.act_by = debt.legal_at or fact.occurred_at, None
        case ConcessionProposed() as e:
            debt.proposed, debt.proposed_by = e, fact.user_id
        case ConcessionApproved() as e:
            debt.instalments, debt.concession_from_fen = e.instalments, debt.outstanding_fen
            debt.proposed = debt.act_by = None
        case ConcessionRefused():
            debt.proposed = None
        case InstalmentBroken():
            debt.instalments = ()
        case DisputeRaised():
            debt.disputed, debt.disputes = True, debt.disputes + 1
            debt.dispute_at = debt.dispute_at or fact.occurred_at
            debt.held_since = debt.held_since or local_date(fact.occurred_at)
        case DisputeReleased():
            debt.disputed = False
            _run_on(debt, local_date(fact.occurred_at))
        case PaymentInTransitNoted() as e:
            debt.in_transit_fen, debt.in_transit_on = e.amount_fen, e.expected_on
        case DebtPaymentNoted() as e:
            debt.bills[e.bill] = e.outstanding_fen
            debt.in_transit_fen, debt.in_transit_on = 0, None
        case DebtSettled():
            debt.settled_at, debt.act_by = fact.occurred_at, None


def _begin(debt: DebtCase, opened: DebtCaseOpened | DebtCaseReopened) -> None:
    debt.bills = {opened.bill: opened.outstanding_fen}
    debt.notice1_by, debt.notice2_by, debt.lapses_on = opened.notice1_by, opened.notice2_by, opened.lapses_on


def _run_on(debt: DebtCase, today: date) -> None:
    """The clocks stood still while it was disputed: what was left of each term is still left."""
    held, debt.held_since = today - (debt.held_since or today), None
    for name in ("notice1_by", "notice2_by", "act_by"):
        term = getattr(debt, name)
        setattr(debt, name, term + held if term else None)
