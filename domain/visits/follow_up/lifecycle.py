"""The lifecycle of a follow-up 回访 (§5.2): within its window, by somebody else, signed, handed in, reviewed; again until satisfied."""

from __future__ import annotations

from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, step, wait
from domain.kernel.people import Role
from domain.visits.follow_up.case import (
    ASSIGNED,
    CLOSED,
    CONDUCTED,
    EXITED,
    LAPSED,
    NONCONFORMING,
    PLANNED,
    RECORDED,
    SUBMITTED,
    WAITING,
    WITHDRAWN,
    FollowUp,
    evolve,
)
from domain.visits.follow_up.commands.ending import (
    EndFollowUpRound,
    ExitFollowUp,
    LapseFollowUp,
    MarkFollowUpRetentionEnded,
    ProposeFollowUpExit,
    RefuseFollowUpExit,
    SettleNonconformity,
    WithdrawFollowUp,
)
from domain.visits.follow_up.commands.visiting import (
    AppointVisit,
    AssignFollowUp,
    ConductFollowUp,
    MissFollowUpReview,
    MissFollowUpWindow,
    MissSubmission,
    OpenFollowUp,
    RecordUnreachable,
    ReviewFollowUp,
    SubmitFollowUp,
)
from domain.visits.follow_up.events import (
    FollowUpAssigned,
    FollowUpConducted,
    FollowUpExited,
    FollowUpExitProposed,
    FollowUpExitRefused,
    FollowUpFoundConforming,
    FollowUpFoundNonconforming,
    FollowUpLapsed,
    FollowUpOpened,
    FollowUpRetentionEnded,
    FollowUpReviewMissed,
    FollowUpRoundEnded,
    FollowUpSubmitted,
    FollowUpWindowMissed,
    FollowUpWithdrawn,
    NonconformitySettled,
    ResidentUnreachable,
    SubmissionMissed,
    VisitAppointed,
)

_PLANNERS = (Role.ASSISTANT, Role.MANAGER)
_VISITORS = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DEPARTMENT_HEAD, Role.MANAGER)
_SIGNERS = (Role.MANAGER, Role.COMPANY)
_UNFINISHED = (*WAITING, SUBMITTED, NONCONFORMING)
_MANAGER, _POLICY, _CLOCK = [Role.MANAGER], [Role.POLICY], [Role.CLOCK]


# fmt: off
LIFECYCLE = Lifecycle(
    of=FollowUp, kind="follow_up", path="follow-ups", zh="回访", en="follow-up", clauses="5.2", evolve=evolve,
    subject=lambda visit: visit.household,
    states={
        PLANNED: ("已计划", "planned"), ASSIGNED: ("已安排", "assigned"), CONDUCTED: ("已回访", "conducted"),
        SUBMITTED: ("已交存", "submitted"), NONCONFORMING: ("不合格", "nonconforming"), CLOSED: ("已结束", "closed"),
        EXITED: ("已终止", "exited"), LAPSED: ("已失效", "lapsed"), WITHDRAWN: ("已撤销", "withdrawn"),
    },
    final=[CLOSED, EXITED, LAPSED, WITHDRAWN],
    steps=[  # command          event                       from                   to             who          clause
        step(OpenFollowUp,      FollowUpOpened,             None,                  PLANNED,       [*_PLANNERS, Role.POLICY], "5.2.5(1)"),
        step(AssignFollowUp,    FollowUpAssigned,           WAITING,               ASSIGNED,      _PLANNERS,   "5.2.5(2)"),
        step(AppointVisit,      VisitAppointed,             WAITING,               SAME,          _VISITORS,   "5.2.6(2)"),
        step(RecordUnreachable, ResidentUnreachable,        WAITING,               SAME,          _VISITORS,   "5.2.D"),
        step(ConductFollowUp,   FollowUpConducted,          ASSIGNED,              CONDUCTED,     _VISITORS,   "5.2.5(3)"),
        step(ConductFollowUp,   FollowUpAssigned,           ASSIGNED,              ASSIGNED,      _VISITORS,   "5.2.5(2)"),
        step(MissFollowUpWindow, FollowUpWindowMissed,      WAITING,               SAME,          _CLOCK,      "5.2.3"),
        step(SubmitFollowUp,    FollowUpSubmitted,          CONDUCTED,             SUBMITTED,     _VISITORS,   "5.2.5(7)"),
        step(MissSubmission,    SubmissionMissed,           CONDUCTED,             SAME,          _CLOCK,      "5.2.5(7)"),
        step(ReviewFollowUp,    FollowUpFoundConforming,    SUBMITTED,             CLOSED,        _SIGNERS,    "5.2.5(5)"),
        step(ReviewFollowUp,    FollowUpFoundNonconforming, SUBMITTED,             NONCONFORMING, _SIGNERS,    "5.2.5(5)"),
        step(EndFollowUpRound,  FollowUpRoundEnded,         NONCONFORMING,         CLOSED,        _POLICY,     "5.2.D"),
        step(SettleNonconformity, NonconformitySettled,     CLOSED,                SAME,          _POLICY,     "5.2.D"),
        step(MissFollowUpReview, FollowUpReviewMissed,      SUBMITTED,             SAME,          _CLOCK,      "5.2.5(5)"),
        step(ProposeFollowUpExit, FollowUpExitProposed,     _UNFINISHED,           SAME,          _VISITORS,   "5.2.D"),
        step(RefuseFollowUpExit, FollowUpExitRefused,       _UNFINISHED,           SAME,          _SIGNERS,    "5.2.D"),
        step(ExitFollowUp,      FollowUpExited,             _UNFINISHED,           EXITED,        _SIGNERS,    "5.2.D"),
        step(WithdrawFollowUp,  FollowUpWithdrawn,          WAITING,               WITHDRAWN,     _PLANNERS,   "5.2.5(1)"),
        step(LapseFollowUp,     FollowUpLapsed,             WAITING,               LAPSED,        _POLICY,     "5.2.3"),
        step(MarkFollowUpRetentionEnded, FollowUpRetentionEnded, RECORDED,  SAME,          _CLOCK,      "5.2.5(7)"),
    ],
    deadlines=[
        deadline("window", WAITING, due=lambda visit: visit.window_until, gives=MissFollowUpWindow, clause="5.2.3",
                 zh="在规定时限内回访", en="conduct the follow-up in its window"),
        deadline("submission", CONDUCTED, due=lambda visit: visit.submission_until, gives=MissSubmission,
                 clause="5.2.5(7)", zh="二十四小时内交存回访记录", en="hand in the record within 24 hours"),
        deadline("review", SUBMITTED, due=lambda visit: visit.review_until, gives=MissFollowUpReview, clause="5.2.5(5)",
                 zh="审核回访记录", en="review the follow-up record"),
        deadline("retention", RECORDED, due=lambda visit: visit.kept_until, gives=MarkFollowUpRetentionEnded,
                 clause="5.2.5(7)", zh="回访记录保管期满，可以处置", en="the record need not be kept any longer"),
    ],
    breaches=[
        breach(FollowUpWindowMissed, FollowUpConducted, FollowUpExited, FollowUpLapsed),
        breach(SubmissionMissed, FollowUpSubmitted),
        breach(FollowUpReviewMissed, FollowUpFoundConforming, FollowUpFoundNonconforming, FollowUpExited),
    ],
    waits=[
        wait("exit", _UNFINISHED, within="waiting.confirmed_within_days", clause="5.2.D", zh="签批或不予终止回访",
             en="sign off the proposed end or refuse it", begun_by=FollowUpExitProposed,
             ended_by=(FollowUpExitRefused,), asked=lambda visit: visit.exit_proposed is not None),
    ],
)
# fmt: on
