"""The lifecycle of a corrective action 纠正预防措施 (§5.2.5(6)): cause, approved measures, effect verified later."""

from __future__ import annotations

from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, opens_round, step, wait
from domain.kernel.people import Role
from domain.visits.corrective_action.case import (
    ANALYSED,
    APPROVED,
    CARRIED_OUT,
    CLOSED,
    EFFECTIVE,
    OPENED,
    PROPOSED,
    UNDONE,
    CorrectiveAction,
    evolve,
)
from domain.visits.corrective_action.commands import (
    AnalyseCause,
    ApproveMeasures,
    CloseCorrectiveAction,
    MarkCorrectiveActionOverdue,
    MarkVerificationOverdue,
    OpenCorrectiveAction,
    ProposeMeasures,
    RejectMeasures,
    ReportMeasuresCarriedOut,
    VerifyActionEffect,
)
from domain.visits.corrective_action.events import (
    ActionFoundEffective,
    ActionFoundIneffective,
    ActionVerificationOverdue,
    CauseAnalysed,
    CorrectiveActionClosed,
    CorrectiveActionOpened,
    CorrectiveActionOverdue,
    MeasuresApproved,
    MeasuresCarriedOut,
    MeasuresProposed,
    MeasuresRejected,
)

_HEADS = (Role.DEPARTMENT_HEAD, Role.MANAGER)
_STAFF = (Role.ADMINISTRATOR, Role.ASSISTANT, *_HEADS)


# fmt: off
LIFECYCLE = Lifecycle(
    of=CorrectiveAction, kind="corrective_action", path="corrective-actions", zh="纠正预防措施", en="corrective action",
    clauses="5.2.5(6)", evolve=evolve,
    states={
        OPENED: ("已立案", "opened"), ANALYSED: ("已分析", "analysed"), PROPOSED: ("待批准", "proposed"), APPROVED: ("实施中", "approved"),
        CARRIED_OUT: ("待验证", "carried out"), EFFECTIVE: ("验证有效", "effective"), CLOSED: ("已关闭", "closed"),
    },
    final=[CLOSED],
    steps=[  # command                     event                    from              to           who                     clause
        step(OpenCorrectiveAction,         CorrectiveActionOpened,  None,             OPENED,      [*_HEADS, Role.POLICY], "5.2.5(6)"),
        step(AnalyseCause,                 CauseAnalysed,           (OPENED, ANALYSED), ANALYSED,  _STAFF,                 "5.2.5(6)"),
        step(ProposeMeasures,              MeasuresProposed,        ANALYSED,         PROPOSED,    _STAFF,                 "5.2.5(6)"),
        step(ApproveMeasures,              MeasuresApproved,        PROPOSED,         APPROVED,    [Role.MANAGER],         "5.2.5(6)"),
        step(RejectMeasures,               MeasuresRejected,        PROPOSED,         ANALYSED,    [Role.MANAGER],         "5.2.5(6)"),
        step(ReportMeasuresCarriedOut,     MeasuresCarriedOut,      APPROVED,         CARRIED_OUT, _STAFF,                 "5.2.5(6)"),
        step(MarkCorrectiveActionOverdue,  CorrectiveActionOverdue, UNDONE,           SAME,        [Role.CLOCK],           "5.2.5(6)"),
        step(MarkVerificationOverdue,      ActionVerificationOverdue, CARRIED_OUT,    SAME,        [Role.CLOCK],           "5.2.5(6)"),
        step(VerifyActionEffect,           ActionFoundEffective,    CARRIED_OUT,      EFFECTIVE,   _HEADS,                 "5.2.5(6)"),
        step(VerifyActionEffect,           ActionFoundIneffective,  CARRIED_OUT,      OPENED,      _HEADS,                 "5.2.5(6)"),
        step(CloseCorrectiveAction,        CorrectiveActionClosed,  EFFECTIVE,        CLOSED,      _HEADS,                 "5.2.5(6)"),
    ],
    deadlines=[
        deadline("action", UNDONE, due=lambda action: action.running_until, gives=MarkCorrectiveActionOverdue,
                 clause="5.2.5(6)", zh="按期完成纠正预防措施", en="carry out the action by its deadline"),
        deadline("verification", CARRIED_OUT, due=lambda action: action.verification_until, gives=MarkVerificationOverdue,
                 clause="5.2.5(6)", zh="验证措施效果", en="verify the effect of the measures"),
    ],
    breaches=[
        breach(CorrectiveActionOverdue, MeasuresCarriedOut, MeasuresProposed),
        breach(ActionVerificationOverdue, ActionFoundEffective, ActionFoundIneffective),
    ],
    rounds=[opens_round(MeasuresRejected), opens_round(ActionFoundIneffective)],
    waits=[
        wait("approval", PROPOSED, within="waiting.confirmed_within_days", clause="5.2.5(6)", zh="批准或退回措施", en="approve the measures or reject them"),
        wait("closing", EFFECTIVE, within="waiting.closed_within_days", clause="5.2.5(6)", zh="关闭纠正预防措施", en="close the corrective action"),
    ],
)
# fmt: on
