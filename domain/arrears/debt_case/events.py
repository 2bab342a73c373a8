"""What can happen to a debt case 欠费追讨 (§8), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.arrears.terms import (
    ArrearsReason,
    Claim,
    ConcessionKind,
    DebtorCategory,
    Instalment,
    InterruptionKind,
    NoticeMeans,
    OptionalService,
    ReminderKind,
    VisitOutcome,
)
from domain.kernel.fact import Event, Personal, event


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
class DebtCaseResumedBeforeNotice(Event):
    """欠费恢复追讨，尚未催款 · The pursuit goes on before its first notice."""

    bill: str
    outstanding_fen: int
    lapses_on: date
    notice1_by: date
    notice2_by: date


@event()
class DebtCaseResumedInFirstStage(Event):
    """欠费恢复追讨，第一阶段 · The pursuit goes on in the first stage."""

    bill: str
    outstanding_fen: int
    lapses_on: date
    notice2_by: date


@event()
class DebtCaseResumedInSecondStage(Event):
    """欠费恢复追讨，第二阶段 · The pursuit goes on in the second stage."""

    bill: str
    outstanding_fen: int
    lapses_on: date
    notice2_by: date
    act_by: date | None = None


@event()
class DebtCaseResumedForSuspension(Event):
    """欠费恢复追讨，可停止服务 · The pursuit goes on where the manager acts."""

    bill: str
    outstanding_fen: int
    lapses_on: date
    act_until: date


@event()
class DebtCaseResumedAtLaw(Event):
    """欠费恢复追讨，法律程序 · The pursuit goes on at law."""

    bill: str
    outstanding_fen: int
    lapses_on: date


RESUMED = (
    DebtCaseResumedBeforeNotice,
    DebtCaseResumedInFirstStage,
    DebtCaseResumedInSecondStage,
    DebtCaseResumedForSuspension,
    DebtCaseResumedAtLaw,
)
"""What a case says that goes on where it was, since a payment was taken back."""


@event()
class InterruptionRecorded(Event):
    """时效中断已登记 · Interruption of the limitation recorded."""

    kind: InterruptionKind
    on: date
    proven: bool
    evidence: str
    bills: tuple[str, ...]
    lapses_on: date


@event()
class LimitationNear(Event):
    """诉讼时效将届满 · A claim is about to lapse."""

    bill: str
    lapses_on: date
    remind_on: date


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
    in_transit_fen: int = 0


@event()
class SecondNoticeIssued(Event):
    """第二次催款通知已发 · Second dunning notice issued."""

    claims: tuple[Claim, ...]
    current_fen: int
    means: NoticeMeans | None
    addressee: Personal | None
    in_transit_fen: int = 0


@event()
class NoticeDelivered(Event):
    """催款通知已送达 · Dunning notice delivered."""

    stage: int
    means: NoticeMeans | None = None
    signer: Personal | None = None
    relation: str | None = None
    lapses_on: date | None = None
    proof: str | None = None


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
    signature: Personal | None = None
    lapses_on: date | None = None


@event()
class SuspensionFellDue(Event):
    """可停止服务或起诉 · Three days after a fruitless visit have passed."""

    act_until: date | None = None


@event()
class ActionLate(Event):
    """逾期未停止服务、未起诉 · Neither suspended nor sued in time."""

    due_on: date


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
    lapses_on: date | None = None


@event()
class ClaimLapsed(Event):
    """账单诉讼时效届满 · Limitation of a bill's claim ended."""

    bill: str
    lapsed_on: date


@event()
class ConcessionProposed(Event):
    """已提出优惠 · Concession proposed."""

    kind: ConcessionKind
    reason: Personal
    amount_fen: int | None = None
    instalments: tuple[Instalment, ...] = ()
    bill: str | None = None


@event()
class ConcessionApproved(Event):
    """优惠分期已批准 · Instalments approved."""

    kind: ConcessionKind
    instalments: tuple[Instalment, ...] = ()
    bills: tuple[str, ...] = ()
    reason: Personal | None = None


@event()
class ReliefGranted(Event):
    """减免优惠已批准 · Waiver or discount approved."""

    kind: ConcessionKind
    bill: str
    amount_fen: int
    reason: Personal


@event()
class ConcessionRefused(Event):
    """优惠未批准 · Concession refused."""

    reason: Personal


@event()
class InstalmentBroken(Event):
    """分期未履行，回到第二阶段 · Instalment not paid: back to the second stage."""

    due_on: date
    reason: str | None = None


@event()
class InstalmentBrokenInFirstStage(Event):
    """分期未履行，回到第一阶段 · Instalment not paid: back to the first stage."""

    due_on: date
    reason: str | None = None


@event()
class InstalmentBrokenBeforeNotice(Event):
    """分期未履行，回到催款之前 · Instalment not paid: back before the first notice."""

    due_on: date
    reason: str | None = None


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


@event(schema=2)
class DebtPaymentNoted(Event):
    """已记入缴款 · Payment taken into account."""

    bill: str
    outstanding_fen: int
    received: bool = True
    paid_on: tuple[date, ...] = ()
    years: int = 0


@event()
class LadderBegunAnew(Event):
    """已催账单结清，其余从头追讨 · What was dunned is paid: the rest begins at the first stage."""

    notice1_by: date
    notice2_by: date


@event()
class DebtSettled(Event):
    """欠费已结清 · Debt settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter 催款通知 that was owed on one ascent of the ladder: ``ladder`` counts them from 1, ``stage`` is 1 or 2."""

    ladder: int
    stage: int
    due_on: date
    issued_at: datetime | None
    delivered_at: datetime | None
    late: bool
