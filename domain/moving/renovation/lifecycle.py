"""The lifecycle of a renovation 装修管理 (§1.4): reviewed, secured by a deposit, permitted; a violation stops the work until rectified."""

from __future__ import annotations

from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, hold, opens_round, step, wait
from domain.kernel.names import numbered
from domain.kernel.people import Role
from domain.moving.renovation.case import (
    ABANDONED,
    ACCEPTED,
    APPLIED,
    APPROVED,
    FINISHED,
    ON_SITE,
    PERMITTED,
    REJECTED,
    SECURED,
    SETTLED,
    STOPPED,
    UNDER_WAY,
    WITHDRAWN,
    Renovation,
    evolve,
)
from domain.moving.renovation.commands.permit import (
    AbandonRenovation,
    AcceptRenovation,
    ApplyForRenovation,
    ApproveRenovation,
    BeginRenovation,
    FailRenovationAcceptance,
    MarkRenovationDecisionOverdue,
    MarkRenovationRefundOverdue,
    NoteRenovationStep,
    PayRenovationDeposit,
    PermitRenovation,
    RefundRenovationDeposit,
    RejectRenovation,
    ReportRenovationFinished,
    WithdrawRenovation,
)
from domain.moving.renovation.commands.site import (
    CheckRenovation,
    ExtendRenovation,
    IssueWorkerPass,
    MarkRenovationOverrun,
    NoteSiteKeysBack,
    NoteSiteKeysOut,
    NoteViolationRectified,
    ReportPassLost,
    ResumeRenovation,
    ReturnWorkerPass,
    StopRenovation,
)
from domain.moving.renovation.events import (
    RenovationAbandoned,
    RenovationAccepted,
    RenovationApplied,
    RenovationApproved,
    RenovationBegun,
    RenovationChecked,
    RenovationDecisionOverdue,
    RenovationDepositPaid,
    RenovationDepositRefunded,
    RenovationExtended,
    RenovationFailedAcceptance,
    RenovationFinished,
    RenovationOverrun,
    RenovationPermitted,
    RenovationRefundOverdue,
    RenovationRejected,
    RenovationResumed,
    RenovationStepNoted,
    RenovationStopped,
    RenovationViolationRectified,
    RenovationWithdrawn,
    SiteKeysBack,
    SiteKeysOut,
    WorkerPassIssued,
    WorkerPassLost,
    WorkerPassReturned,
)

_CLERKS = (Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER)
_HEADS = (Role.DEPARTMENT_HEAD, Role.MANAGER)
_GUARDS = (Role.ADMINISTRATOR, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER)
_WITH_PASSES = (PERMITTED, *ON_SITE)
_DECIDED_LATER = (APPLIED, APPROVED, SECURED, PERMITTED, UNDER_WAY)


# fmt: off
LIFECYCLE = Lifecycle(
    of=Renovation, kind="renovation", path="renovations", zh="装修", en="renovation", clauses="1.4", evolve=evolve,
    subject=lambda work: work.household,
    states={
        APPLIED: ("已申请", "applied"), APPROVED: ("审核通过", "approved"), SECURED: ("押金已收", "deposit paid"),
        PERMITTED: ("已许可", "permitted"), UNDER_WAY: ("施工中", "under way"), STOPPED: ("已停工", "stopped"),
        FINISHED: ("待验收", "finished"), ACCEPTED: ("验收合格", "accepted"), SETTLED: ("已结清", "settled"),
        ABANDONED: ("已中止", "abandoned"),
        REJECTED: ("未通过", "rejected"), WITHDRAWN: ("已撤回", "withdrawn"),
    },
    final=[SETTLED, REJECTED, WITHDRAWN],
    steps=[  # command                  event                       from                to         who      clause
        step(ApplyForRenovation,        RenovationApplied,          None,               APPLIED,   _CLERKS, "1.4"),
        step(NoteRenovationStep,        RenovationStepNoted,        _DECIDED_LATER,     SAME,      _CLERKS, "1.4"),
        step(MarkRenovationDecisionOverdue, RenovationDecisionOverdue, APPLIED,         SAME,      [Role.CLOCK], "1.4"),
        step(ApproveRenovation,         RenovationApproved,         APPLIED,            APPROVED,  _HEADS,  "1.4"),
        step(RejectRenovation,          RenovationRejected,         APPLIED,            REJECTED,  _HEADS,  "1.4"),
        step(PayRenovationDeposit,      RenovationDepositPaid,      APPROVED,           SECURED,   _CLERKS, "1.4"),
        step(PermitRenovation,          RenovationPermitted,        SECURED,            PERMITTED, _HEADS,  "1.4"),
        step(IssueWorkerPass,           WorkerPassIssued,           _WITH_PASSES,       SAME,      _GUARDS, "1.4"),
        step(ReturnWorkerPass,          WorkerPassReturned,         _WITH_PASSES,       SAME,      _GUARDS, "1.4"),
        step(ReportPassLost,            WorkerPassLost,             _WITH_PASSES,       SAME,      _GUARDS, "1.4"),
        step(NoteSiteKeysOut,           SiteKeysOut,                (PERMITTED, UNDER_WAY), SAME,  [Role.POLICY], "3.3"),
        step(NoteSiteKeysBack,          SiteKeysBack,               _WITH_PASSES,       SAME,      [Role.POLICY], "3.3"),
        step(BeginRenovation,           RenovationBegun,            PERMITTED,          UNDER_WAY, _CLERKS, "1.4"),
        step(CheckRenovation,           RenovationChecked,          ON_SITE,            SAME,      _GUARDS, "1.4"),
        step(StopRenovation,            RenovationStopped,          (UNDER_WAY, STOPPED), STOPPED, _GUARDS, "1.4"),
        step(NoteViolationRectified,    RenovationViolationRectified, STOPPED,          SAME,      [Role.POLICY], "1.4"),
        step(ResumeRenovation,          RenovationResumed,          STOPPED,            UNDER_WAY, _HEADS,  "1.4"),
        step(MarkRenovationOverrun,     RenovationOverrun,          (PERMITTED, UNDER_WAY, STOPPED), SAME, [Role.CLOCK], "1.4"),
        step(ExtendRenovation,          RenovationExtended,         (PERMITTED, UNDER_WAY, STOPPED), SAME, _HEADS, "1.4"),
        step(ReportRenovationFinished,  RenovationFinished,         UNDER_WAY,          FINISHED,  _CLERKS, "1.4"),
        step(AcceptRenovation,          RenovationAccepted,         FINISHED,           ACCEPTED,  _HEADS,  "1.4"),
        step(AbandonRenovation,         RenovationAbandoned,        ON_SITE,            ABANDONED, _HEADS,  "1.4"),
        step(FailRenovationAcceptance,  RenovationFailedAcceptance, FINISHED,           UNDER_WAY, _HEADS,  "1.4"),
        step(MarkRenovationRefundOverdue, RenovationRefundOverdue,  (ACCEPTED, ABANDONED),           SAME,      [Role.CLOCK], "1.4"),
        step(RefundRenovationDeposit,   RenovationDepositRefunded,  (ACCEPTED, ABANDONED),           SETTLED,   _CLERKS, "1.4"),
        step(WithdrawRenovation,        RenovationWithdrawn,        (APPLIED, APPROVED, SECURED, PERMITTED), WITHDRAWN, _CLERKS, "1.4"),
    ],
    deadlines=[
        deadline("decision", APPLIED, due=lambda work: work.decision_due_at, gives=MarkRenovationDecisionOverdue, clause="1.4",
                 zh="按期审批装修申请", en="decide on the renovation in time"),
        deadline("permit", (PERMITTED, UNDER_WAY, STOPPED), due=lambda work: work.permit_ends_at, gives=MarkRenovationOverrun,
                 clause="1.4", zh="许可期内完成装修", en="finish the work within its permit"),
        deadline("refund", (ACCEPTED, ABANDONED), due=lambda work: work.refund_due_at, gives=MarkRenovationRefundOverdue, clause="1.4",
                 zh="按期退还装修押金", en="refund the deposit in time"),
    ],
    holds=[
        hold((APPLIED, APPROVED, SECURED, PERMITTED, *ON_SITE), lambda work: None if work.imported else f"renovation-of:{work.home}",
             zh="一套房屋同时只有一项装修", en="one renovation at a time in a home"),
        hold((), lambda work: () if work.imported else numbered("receipt", *work.receipts),
             zh="收据编号在管理处内不得重复", en="a receipt's number stands on one receipt"),
        hold((), lambda work: () if work.imported else numbered("permit", work.permit),
             zh="装修许可证编号不得重复", en="a permit's number stands on one permit"),
    ],
    breaches=[
        breach(RenovationDecisionOverdue, RenovationApproved, RenovationRejected, RenovationWithdrawn),
        breach(RenovationOverrun, RenovationFinished, RenovationExtended, RenovationAbandoned),
        breach(RenovationRefundOverdue, RenovationDepositRefunded),
    ],
    rounds=[opens_round(RenovationFailedAcceptance)],
    waits=[
        wait("permission", (APPROVED, SECURED), within="waiting.permitted_within_days", clause="1.4",
             zh="收取押金并发给装修许可", en="take the deposit and issue the permit"),
        wait("acceptance", FINISHED, within="waiting.verified_within_days", clause="1.4", zh="验收装修", en="inspect the finished renovation"),
    ],
)
# fmt: on
