"""The lifecycle of a rectification 整改 (§1.1): what inspections, patrols, follow-ups and reviews find is put right by a date."""

from __future__ import annotations

from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, opens_round, step, wait
from domain.kernel.people import Role
from domain.rounds.rectification.case import (
    ASSIGNED,
    CLOSED,
    DONE,
    FOUND,
    REOPENED,
    UNDONE,
    VERIFIED,
    WITHDRAWN,
    Rectification,
    evolve,
)
from domain.rounds.rectification.commands import (
    AssignRectification,
    CloseRectification,
    EndRectificationWithComplaint,
    FailRectification,
    MarkRectificationOverdue,
    OpenRectification,
    ReportRectificationDone,
    VerifyRectification,
    WithdrawRectification,
)
from domain.rounds.rectification.events import (
    RectificationAssigned,
    RectificationClosed,
    RectificationDone,
    RectificationEndedWithComplaint,
    RectificationFound,
    RectificationOrdered,
    RectificationOverdue,
    RectificationReopened,
    RectificationVerified,
    RectificationWithdrawn,
)

_STAFF = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER)
_HANDLERS = (Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER)
_HEADS = (Role.DEPARTMENT_HEAD, Role.MANAGER)
_VERIFIERS = (*_HANDLERS, Role.POLICY)


# fmt: off
LIFECYCLE = Lifecycle(
    of=Rectification, kind="rectification", path="rectifications", zh="整改", en="rectification", clauses="1.1",
    evolve=evolve, subject=lambda work: work.household,
    states={
        FOUND: ("已发现", "found"), ASSIGNED: ("整改中", "assigned"), REOPENED: ("重新整改", "reopened"),
        DONE: ("待验证", "done"), VERIFIED: ("验证合格", "verified"), CLOSED: ("已关闭", "closed"),
        WITHDRAWN: ("已撤销", "withdrawn"),
    },
    final=[CLOSED, WITHDRAWN],
    steps=[  # command                event                  from                   to        who                    clause
        step(OpenRectification,        RectificationFound,    None,                  FOUND,    [*_STAFF, Role.POLICY], "1.1"),
        step(OpenRectification,        RectificationOrdered,  None,                  ASSIGNED, [*_STAFF, Role.POLICY], "1.1"),
        step(AssignRectification,      RectificationAssigned, UNDONE,                ASSIGNED, _HANDLERS,             "1.1"),
        step(MarkRectificationOverdue, RectificationOverdue,  UNDONE,                SAME,     [Role.CLOCK],          "1.1"),
        step(ReportRectificationDone,  RectificationDone,     (ASSIGNED, REOPENED),  DONE,     [*_STAFF, Role.POLICY], "1.1"),
        step(VerifyRectification,      RectificationVerified, DONE,                  VERIFIED, _VERIFIERS,            "1.1"),
        step(FailRectification,        RectificationReopened, DONE,                  REOPENED, _VERIFIERS,            "1.1"),
        step(CloseRectification,       RectificationClosed,   VERIFIED,              CLOSED,   _VERIFIERS,            "1.1"),
        step(EndRectificationWithComplaint, RectificationEndedWithComplaint, UNDONE, WITHDRAWN, [Role.POLICY],   "5.2.D"),
        step(WithdrawRectification,    RectificationWithdrawn, UNDONE,               WITHDRAWN, _HEADS,               "1.1"),
    ],
    deadlines=[
        deadline("rectification", UNDONE, due=lambda work: work.running_until, gives=MarkRectificationOverdue,
                 clause="1.1", zh="按期完成整改", en="finish the rectification by its deadline"),
    ],
    breaches=[breach(RectificationOverdue, RectificationDone, RectificationAssigned, RectificationWithdrawn, RectificationEndedWithComplaint)],
    rounds=[
        opens_round(RectificationReopened), opens_round(RectificationAssigned, when=lambda work: work.responsible is not None),
    ],
    waits=[
        wait("verification", DONE, within="waiting.verified_within_days", clause="1.1", zh="验证整改结果", en="verify the rectification"),
        wait("closing", VERIFIED, within="waiting.closed_within_days", clause="1.1", zh="关闭整改", en="close the rectification"),
    ],
)
# fmt: on
