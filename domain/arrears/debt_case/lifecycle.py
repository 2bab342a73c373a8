"""The lifecycle of an arrears case 欠费追讨 (§8): notice, second notice and visit, then the lawful end: payment, suspension or the court."""

from __future__ import annotations

from uuid import UUID

from domain.arrears.debt_case.case import (
    CONCESSION,
    LEGAL,
    OPEN,
    OPENED,
    SETTLED,
    STAGE1,
    STAGE2,
    SUSPENDED,
    SUSPENSION_DUE,
    DebtCase,
    evolve,
)
from domain.arrears.debt_case.commands.committee import ConsultCommittee, NoteCommitteeSilence, RecordCommitteeAnswer
from domain.arrears.debt_case.commands.concession import BreakInstalment, DecideConcession, ProposeConcession
from domain.arrears.debt_case.commands.dunning import (
    BeginSecondStage,
    ClassifyDebtor,
    IssueDunningNotice,
    MissNotice,
    PlanContact,
    RecordArrearsReason,
    RecordNoticeDelivery,
    RemindDebtor,
    VisitDebtor,
)
from domain.arrears.debt_case.commands.lawsuit import RecordLegalOutcome, StartLegalAction
from domain.arrears.debt_case.commands.limitation import MarkClaimLapsed, RecordInterruption, RemindOfLimitation
from domain.arrears.debt_case.commands.measures import (
    AmendSuspension,
    FallDueForSuspension,
    LiftSuspension,
    MissAction,
    MissNextStep,
    NoteDebtPayment,
    NotePaymentInTransit,
    RaiseDispute,
    RecordDisputeStep,
    RecordNextStep,
    ReleaseDispute,
    SuspendServices,
)
from domain.arrears.debt_case.commands.opening import OpenDebtCase
from domain.arrears.debt_case.events import (
    ActionLate,
    ArrearsReasonFound,
    BillJoinedDebtCase,
    ClaimLapsed,
    CommitteeAnswered,
    CommitteeConsulted,
    CommitteeSilent,
    ConcessionApproved,
    ConcessionProposed,
    ConcessionRefused,
    ContactPlanned,
    DebtCaseOpened,
    DebtCaseReopened,
    DebtCaseResumedAtLaw,
    DebtCaseResumedBeforeNotice,
    DebtCaseResumedForSuspension,
    DebtCaseResumedInFirstStage,
    DebtCaseResumedInSecondStage,
    DebtorClassified,
    DebtPaymentNoted,
    DebtSettled,
    DisputeRaised,
    DisputeReleased,
    DisputeStepRecorded,
    DunningNoticeIssued,
    HomeVisited,
    InstalmentBroken,
    InstalmentBrokenBeforeNotice,
    InstalmentBrokenInFirstStage,
    InterruptionRecorded,
    LadderBegunAnew,
    LegalActionEnded,
    LegalActionStarted,
    LegalOutcomeNoted,
    LegalStepRecorded,
    LimitationNear,
    NextStepLate,
    NextStepRecorded,
    NoticeDelivered,
    NoticeLate,
    PaymentInTransitNoted,
    ReliefGranted,
    ReminderGiven,
    SecondNoticeIssued,
    SecondStageBegun,
    ServicesRestored,
    ServicesSuspended,
    SuspensionAmended,
    SuspensionFellDue,
    SuspensionLifted,
)
from domain.kernel.calendar import start_of_day
from domain.kernel.fact import Fact
from domain.kernel.ids import named_uuid
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, hold, opens_round, step, wait
from domain.kernel.mending import MISTAKEN
from domain.kernel.people import Role

_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)
_CLOCK, _MANAGER, _POLICY = [Role.CLOCK], [Role.MANAGER], [Role.POLICY]
_ACT = (STAGE2, SUSPENSION_DUE, SUSPENDED, LEGAL)
_LADDER = (OPENED, STAGE1, *_ACT)
_BEFORE_LAW = (OPENED, STAGE1, STAGE2, CONCESSION, SUSPENSION_DUE, SUSPENDED)
_ANY = (*OPEN, SETTLED)
_NOT_AT_LAW = (OPENED, STAGE1, STAGE2, CONCESSION, SUSPENSION_DUE, SUSPENDED, SETTLED)
_ANSWERED = (STAGE2, CONCESSION, SUSPENSION_DUE, SUSPENDED)


def debt_case_id(office: str, of: str) -> str:
    """The one arrears case of a household (or of a bill of nobody's) in its office, whatever it is called there."""
    return f"debt_case-{named_uuid(_IDS, f'{office}/{of}')}"


def letter_of(debt: DebtCase, fact: Fact) -> str:
    """The letter that a fact is about: the ascent of the ladder and its stage; of a dispute, the one that is late."""
    match fact.event:
        case NoticeLate() as e:
            stage = e.stage
        case DunningNoticeIssued():
            stage = 1
        case SecondNoticeIssued():
            stage = 2
        case _:
            stage = debt.notice_late
    return f"{debt.ladder}-{stage}"


# fmt: off
LIFECYCLE = Lifecycle(
    of=DebtCase, kind="debt_case", path="debt-cases", zh="欠费追讨", en="debt case", clauses="8", evolve=evolve,
    subject=lambda debt: debt.household,
    identity=lambda command, office: debt_case_id(office, command.household or command.bill),
    states={
        OPENED: ("已立案", "opened"), STAGE1: ("第一阶段", "stage 1"), STAGE2: ("第二阶段", "stage 2"),
        CONCESSION: ("优惠分期", "concession"), SUSPENSION_DUE: ("可停止服务", "suspension due"),
        SUSPENDED: ("已停止服务", "suspended"), LEGAL: ("法律程序", "legal action"), SETTLED: ("已结清", "settled"),
    },
    final=[SETTLED],
    steps=[  # command           event                 from                  to              who                   clause
        step(OpenDebtCase,       DebtCaseOpened,       None,                 OPENED,         [*_CLERKS, Role.POLICY], "8.A(1)"),
        step(OpenDebtCase,       DebtCaseResumedBeforeNotice, SETTLED,       OPENED,         _POLICY,              "8.A(1)"),
        step(OpenDebtCase,       DebtCaseResumedInFirstStage, (OPENED, SETTLED), STAGE1,         _POLICY,              "8.A(1)"),
        step(OpenDebtCase,       DebtCaseResumedInSecondStage, (OPENED, STAGE1, SETTLED), STAGE2,         _POLICY,              "8.A(2)"),
        step(OpenDebtCase,       DebtCaseResumedForSuspension, (OPENED, STAGE1, STAGE2, SETTLED), SUSPENSION_DUE, _POLICY,              "8.A(2)"),
        step(OpenDebtCase,       DebtCaseResumedAtLaw, (OPENED, STAGE1, STAGE2, SUSPENSION_DUE, SUSPENDED, SETTLED), LEGAL,          _POLICY,              "8.A(2)"),
        step(OpenDebtCase,       DebtCaseReopened,     (SETTLED, MISTAKEN),  OPENED,         [*_CLERKS, Role.POLICY], "8.A(1)"),
        step(OpenDebtCase,       BillJoinedDebtCase,   OPEN,                 SAME,           [*_CLERKS, Role.POLICY], "8.A(1)"),
        step(OpenDebtCase,       DebtPaymentNoted,     OPEN,                 SAME,           _POLICY,              "民法典195"),
        step(ClassifyDebtor,     DebtorClassified,     OPEN,                 SAME,           _CLERKS,              "8.B(1)"),
        step(RecordArrearsReason, ArrearsReasonFound,  OPEN,                 SAME,           _CLERKS,              "8.B(5)"),
        step(IssueDunningNotice, DunningNoticeIssued,  (OPENED, STAGE1),     STAGE1,         _CLERKS,              "8.A(1)"),
        step(IssueDunningNotice, SecondNoticeIssued,   STAGE2,               SAME,           _CLERKS,              "8.A(2)"),
        step(RecordNoticeDelivery, NoticeDelivered,    _ANY,                 SAME,           _CLERKS,              "8.A(1)"),
        step(MissNotice,         NoticeLate,           (OPENED, STAGE1, STAGE2), SAME,       _CLOCK,               "8.A"),
        step(PlanContact,        ContactPlanned,       _LADDER,              SAME,           _CLERKS,              "民法典1033"),
        step(RemindDebtor,       ReminderGiven,        _ANY,                 SAME,           _CLERKS,              "8.A(1)"),
        step(BeginSecondStage,   SecondStageBegun,     (OPENED, STAGE1, STAGE2), STAGE2,     _CLERKS,              "8.A(2)"),
        step(VisitDebtor,        HomeVisited,          _ANY,                 SAME,           _CLERKS,              "8.A(2)"),
        step(FallDueForSuspension, SuspensionFellDue,  STAGE2,               SUSPENSION_DUE, _CLOCK,               "8.A(2)"),
        step(MissAction,         ActionLate,           SUSPENSION_DUE,       SAME,           _CLOCK,               "8.A(2)"),
        step(ConsultCommittee,   CommitteeConsulted,   _ANY,                 SAME,           _CLERKS,              "8.A(2)"),
        step(RecordCommitteeAnswer, CommitteeAnswered, (CONCESSION, *_ACT, SETTLED), SAME,           _CLERKS,              "8.A(2)"),
        step(NoteCommitteeSilence, CommitteeSilent,    _ANSWERED,            SAME,           _CLOCK,               "8.A(2)"),
        step(SuspendServices,    ServicesSuspended,    SUSPENSION_DUE,       SUSPENDED,      _MANAGER,             "8.A(2)"),
        step(AmendSuspension,    SuspensionAmended,    SUSPENDED,            SAME,           _MANAGER,             "8.A(2)"),
        step(LiftSuspension,     SuspensionLifted,     SUSPENDED,            STAGE2,         _MANAGER,             "8.A(2)"),
        step(StartLegalAction,   LegalActionStarted,   (STAGE2, SUSPENSION_DUE, SUSPENDED), LEGAL, _MANAGER,       "8.A(2)"),
        step(RecordLegalOutcome, LegalStepRecorded,    LEGAL,                SAME,           _MANAGER,             "8.B(3)"),
        step(RecordLegalOutcome, LegalActionEnded,     LEGAL,                STAGE2,         _MANAGER,             "8.B(3)"),
        step(RecordLegalOutcome, LegalOutcomeNoted,    _NOT_AT_LAW,          SAME,           _MANAGER,             "8.B(3)"),
        step(RecordInterruption, InterruptionRecorded, _ANY,                 SAME,           _CLERKS,              "民法典195"),
        step(RemindOfLimitation, LimitationNear,       _BEFORE_LAW,          SAME,           _CLOCK,               "民法典188"),
        step(MarkClaimLapsed,    ClaimLapsed,          _BEFORE_LAW,          SAME,           _CLOCK,               "民法典188"),
        step(ProposeConcession,  ConcessionProposed,   _LADDER,              SAME,           _CLERKS,              "8.B(4)"),
        step(DecideConcession,   ServicesRestored,     (SUSPENDED, LEGAL),   SAME,           _MANAGER,             "8.B(4)"),
        step(DecideConcession,   ConcessionApproved,   _LADDER,              CONCESSION,     _MANAGER,             "8.B(4)"),
        step(DecideConcession,   ReliefGranted,        _LADDER,              SAME,           _MANAGER,             "8.B(4)"),
        step(DecideConcession,   ConcessionRefused,    _LADDER,              SAME,           _MANAGER,             "8.B(4)"),
        step(BreakInstalment,    InstalmentBroken,     CONCESSION,           STAGE2,         [Role.CLOCK, Role.MANAGER], "8.B(4)"),
        step(BreakInstalment,    InstalmentBrokenInFirstStage, CONCESSION,   STAGE1,         [Role.CLOCK, Role.MANAGER], "8.B(4)"),
        step(BreakInstalment,    InstalmentBrokenBeforeNotice, CONCESSION,   OPENED,         [Role.CLOCK, Role.MANAGER], "8.B(4)"),
        step(RaiseDispute,       DisputeRaised,        _ANY,                 SAME,           _CLERKS,              "8.B(5)"),
        step(RecordDisputeStep,  DisputeStepRecorded,  _ANY,                 SAME,           _CLERKS,              "8.B(5)"),
        step(ReleaseDispute,     DisputeReleased,      _ANY,                 SAME,           _CLERKS,              "8.B(5)"),
        step(RecordNextStep,     NextStepRecorded,     OPEN,                 SAME,           _CLERKS,              "8"),
        step(MissNextStep,       NextStepLate,         OPEN,                 SAME,           _CLOCK,               "8"),
        step(NotePaymentInTransit, PaymentInTransitNoted, OPEN,              SAME,           _CLERKS,              "8.A(2)"),
        step(NoteDebtPayment,    DebtPaymentNoted,     OPEN,                 SAME,           _POLICY,              "8.A(2)"),
        step(NoteDebtPayment,    ServicesRestored,     OPEN,                 SAME,           _POLICY,              "8.A(2)"),
        step(NoteDebtPayment,    LadderBegunAnew,      (STAGE1, CONCESSION, *_ACT), OPENED,  _POLICY,              "8.A"),
        step(NoteDebtPayment,    DebtSettled,          OPEN,                 SETTLED,        _POLICY,              "8.A(2)"),
    ],
    deadlines=[
        deadline("notice-1", OPENED, due=lambda d: d.notice1_due, gives=MissNotice, clause="8.A(1)",
                 zh="第二个月发出催款通知", en="first dunning notice in the second month"),
        deadline("notice-2", (STAGE1, STAGE2), due=lambda d: d.notice2_due, gives=MissNotice, clause="8.A(2)",
                 zh="第三个月再次发出催款通知", en="second dunning notice in the third month"),
        deadline("suspension", STAGE2, due=lambda d: d.owed(d.act_by), gives=FallDueForSuspension, clause="8.A(2)",
                 zh="上门催缴无效三日期满", en="three days after a fruitless visit"),
        deadline("committee", _ANSWERED, due=lambda d: d.committee_due, gives=NoteCommitteeSilence, clause="8.A(2)",
                 zh="业主委员会答复期满", en="the days of the owners' committee"),
        deadline("act", SUSPENSION_DUE, due=lambda d: d.action_due, gives=MissAction, clause="8.A(2)",
                 zh="依约停止服务或起诉", en="suspend services or go to law"),
        deadline("instalment", CONCESSION, due=lambda d: d.instalment_due, gives=BreakInstalment, clause="8.B(4)",
                 zh="按期分期缴纳", en="the instalment is paid"),
        deadline("limitation-near", _BEFORE_LAW, due=lambda d: start_of_day(d.next_reminder[0]) if d.next_reminder else None, gives=RemindOfLimitation, clause="民法典188",
                 zh="时效届满前一年、一季、一月提醒", en="a year, a quarter and a month before a claim lapses"),
        deadline("next-step", OPEN, due=lambda d: d.next_due, gives=MissNextStep, clause="8",
                 zh="追讨下一步", en="the next step against the debt"),
        deadline("limitation", _BEFORE_LAW, due=lambda d: d.lapse_due, gives=MarkClaimLapsed, clause="民法典188",
                 zh="诉讼时效届满前催告或起诉", en="interrupt the limitation before the claim lapses"),
    ],
    breaches=[
        breach(NoticeLate, DunningNoticeIssued, SecondNoticeIssued, DisputeRaised, line=letter_of),
        breach(ActionLate, ServicesSuspended, LegalActionStarted),
        breach(NextStepLate, NextStepRecorded, HomeVisited, CommitteeConsulted, ServicesSuspended, LegalActionStarted, DisputeStepRecorded, recurs=True),
    ],
    waits=[
        wait("concession", _LADDER, within="waiting.confirmed_within_days", clause="8.B(4)", zh="审批优惠", en="decide on the concession",
             begun_by=ConcessionProposed, ended_by=(ConcessionRefused,), asked=lambda d: d.proposed is not None),
    ],
    holds=[
        hold(_ANY, lambda d: d.pursues, zh="一张账单只在一案追讨", en="a bill is pursued in one case"),
    ],
    rounds=[opens_round(DebtCaseReopened), opens_round(LadderBegunAnew)],
)
# fmt: on


_IDS = UUID("7e5b1a55-3c0c-5d0e-9c39-2f4f2f6a2b11")
