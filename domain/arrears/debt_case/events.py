"""What can happen to a debt case 欠费追讨 (§8), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from datetime import date, datetime

from domain.arrears import shared_events, terms
from domain.kernel.fact import Event, Personal, event


@event()
class DebtCaseOpened(shared_events.Begun):
    """欠费已立案 · Arrears case opened."""

    household: str | None = None


@event()
class DebtCaseReopened(shared_events.Begun):
    """欠费再次立案 · Arrears case opened again."""


@event(schema=2)
class DebtCaseResumedBeforeNotice(shared_events.Resumed):
    """欠费恢复追讨，尚未催款 · The pursuit goes on before its first notice."""

    notice1_by: date
    notice2_by: date


@event(schema=2)
class DebtCaseResumedInFirstStage(shared_events.Resumed):
    """欠费恢复追讨，第一阶段 · The pursuit goes on in the first stage."""

    notice2_by: date


@event(schema=2)
class DebtCaseResumedInSecondStage(shared_events.Resumed):
    """欠费恢复追讨，第二阶段 · The pursuit goes on in the second stage."""

    notice2_by: date
    act_by: date | None = None


@event(schema=2)
class DebtCaseResumedForSuspension(shared_events.Resumed):
    """欠费恢复追讨，可停止服务 · The pursuit goes on where the manager acts."""

    act_until: date


@event(schema=2)
class DebtCaseResumedAtLaw(shared_events.Resumed):
    """欠费恢复追讨，法律程序 · The pursuit goes on at law."""


@event(schema=2)
class InterruptionRecorded(shared_events.Interrupting):
    """时效中断已登记 · Interruption of the limitation recorded."""


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

    category: terms.DebtorCategory
    note: Personal | None = None


@event()
class ArrearsReasonFound(Event):
    """欠费原因已查明 · Reason of the arrears found."""

    reason: terms.ArrearsReason
    verified_by: str
    note: Personal | None = None


@event(schema=2)
class DunningNoticeIssued(shared_events.Notice):
    """第一次催款通知已发 · First dunning notice issued."""


@event(schema=2)
class SecondNoticeIssued(shared_events.Notice):
    """第二次催款通知已发 · Second dunning notice issued."""

    next_by: date | None = None


@event(schema=2)
class NoticeDelivered(Event):
    """催款通知已送达 · Dunning notice delivered."""

    stage: int
    means: terms.NoticeMeans | None = None
    signer: Personal | None = None
    relation: str | None = None
    lapses_on: date | None = None
    proof: str | None = None
    earlier: bool = False


@event()
class NoticeLate(Event):
    """催款通知逾期未发 · Dunning notice not issued in time."""

    stage: int
    due_on: date


@event()
class ContactPlanned(Event):
    """已约定联系时间 · Contact with the debtor planned."""

    appointed_at: datetime


@event(schema=2)
class ReminderGiven(Event):
    """已催缴 · Debtor reminded."""

    kind: terms.ReminderKind
    answer: Personal | None = None
    beyond: terms.ContactLimit | None = None


@event()
class SecondStageBegun(Event):
    """进入第二阶段 · Second stage begun."""


@event(schema=2)
class HomeVisited(Event):
    """已上门催缴 · Debtor visited at home."""

    outcome: terms.VisitOutcome
    by_manager: bool
    note: Personal | None = None
    act_by: date | None = None
    signature: Personal | None = None
    lapses_on: date | None = None
    next_by: date | None = None
    beyond: terms.ContactLimit | None = None


@event()
class SuspensionFellDue(Event):
    """可停止服务或起诉 · Three days after a fruitless visit have passed."""

    act_until: date | None = None


@event()
class ActionLate(Event):
    """逾期未停止服务、未起诉 · Neither suspended nor sued in time."""

    due_on: date


@event(schema=2)
class CommitteeConsulted(shared_events.OfCommittee):
    """已告知、征询业主委员会 · Owners' committee told or asked."""

    answer_by: date | None = None
    act_until: date | None = None
    next_by: date | None = None
    counts: bool = True


@event()
class CommitteeAnswered(shared_events.OfCommittee):
    """业主委员会已答复 · Owners' committee answered."""

    answer: terms.CommitteeAnswer


@event()
class CommitteeSilent(Event):
    """业主委员会逾期未答复 · Owners' committee did not answer in its days."""

    answer_by: date


@event(schema=3)
class ServicesSuspended(shared_events.Suspended):
    """已停止服务 · Optional services suspended."""


@event()
class ServicesRestored(Event):
    """已恢复服务 · Services restored."""

    services: tuple[terms.OptionalService, ...]


@event(schema=2)
class LegalActionStarted(Event):
    """已进入法律程序 · Legal action started."""

    court: str | None = None
    evidence: str | None = None
    lapses_on: date | None = None
    next_by: date | None = None
    despite: str | None = None


@event()
class LegalStepRecorded(shared_events.OfSuit):
    """诉讼进展已登记 · What became of the suit so far."""

    costs_fen: int = 0
    reductions: tuple[terms.Reduction, ...] = ()


@event()
class LegalActionEnded(shared_events.OfSuit):
    """诉讼已终结，继续追讨 · The suit ended without a decision on what is owed."""

    lapses_on: date


@event()
class LegalOutcomeNoted(shared_events.OfSuit):
    """诉讼结果已登记，欠费已清或从头追讨 · What became of a suit about debts that are paid by now."""

    lapses_on: date | None = None


@event()
class ClaimLapsed(Event):
    """账单诉讼时效届满 · Limitation of a bill's claim ended."""

    bill: str
    lapsed_on: date


@event()
class ConcessionProposed(Event):
    """已提出优惠 · Concession proposed."""

    kind: terms.ConcessionKind
    reason: Personal
    amount_fen: int | None = None
    instalments: tuple[terms.Instalment, ...] = ()
    bill: str | None = None


@event()
class ConcessionApproved(Event):
    """优惠分期已批准 · Instalments approved."""

    kind: terms.ConcessionKind
    instalments: tuple[terms.Instalment, ...] = ()
    bills: tuple[str, ...] = ()
    reason: Personal | None = None


@event()
class ReliefGranted(Event):
    """减免优惠已批准 · Waiver or discount approved."""

    kind: terms.ConcessionKind
    bill: str
    amount_fen: int
    reason: Personal


@event()
class ConcessionRefused(Event):
    """优惠未批准 · Concession refused."""

    reason: Personal


@event()
class InstalmentBroken(shared_events.PlanEnded):
    """分期未履行，回到第二阶段 · Instalment not paid: back to the second stage."""

    next_by: date | None = None


@event()
class InstalmentBrokenInFirstStage(shared_events.PlanEnded):
    """分期未履行，回到第一阶段 · Instalment not paid: back to the first stage."""


@event()
class InstalmentBrokenBeforeNotice(shared_events.PlanEnded):
    """分期未履行，回到催款之前 · Instalment not paid: back before the first notice."""


@event(schema=2)
class DisputeRaised(Event):
    """已提出异议 · Dispute raised."""

    reason: str
    bills: tuple[str, ...] = ()
    next_by: date | None = None


@event()
class DisputeStepRecorded(Event):
    """异议进展 · Step of a dispute recorded."""

    step: str
    outcome: str | None = None
    next_by: date | None = None


@event(schema=2)
class DisputeReleased(Event):
    """异议已了结 · Dispute ended."""

    outcome: str
    bills: tuple[str, ...] = ()
    next_by: date | None = None


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


@event()
class NextStepRecorded(Event):
    """追讨下一步已登记 · What was done, and until when the next step is taken."""

    done: str
    next_by: date | None = None


@event()
class NextStepLate(Event):
    """追讨下一步逾期 · The next step was not taken in time."""

    due_on: date


@event()
class SuspensionAmended(shared_events.OfServices):
    """停止的服务已变更 · The suspension was amended."""


@event()
class SuspensionLifted(shared_events.OfServices):
    """停止服务已解除 · The suspension was lifted."""
