"""The lifecycle of a complaint 投诉 (§4): from the first word to the archive, with the promise in between.

*Handled* 处理, *satisfied* 满意 and *closed* 归档 are three different dates. A complaint can be archived only after a
follow-up that ended well or lawfully; an unsatisfied one opens it again, and then it counts again.
"""

from __future__ import annotations

from domain.complaints.complaint.case import (
    ANY,
    ARCHIVED,
    ASSESSED,
    DISPATCHED,
    FOLLOWED_UP,
    OPEN,
    REGISTERED,
    REOPENED,
    RESOLVED,
    SEVERE,
    Complaint,
    evolve,
)
from domain.complaints.complaint.commands.handling import (
    ArchiveComplaint,
    ConcludeComplaintFollowUp,
    DeclareComplaintSevere,
    DispatchComplaint,
    EscalateComplaint,
    LinkComplaint,
    MissComplaintReview,
    MissEscalation,
    MissPromise,
    NotePromiseMissed,
    PauseComplaint,
    ReassignComplaint,
    ReopenComplaint,
    ReopenUnsatisfiedComplaint,
    ResolveComplaint,
    ResumeComplaint,
    ReviewComplaint,
    SolveComplaintOnTheSpot,
)
from domain.complaints.complaint.commands.letters import ExcuseReplyLetter, RecordLetterArrival, SendReplyLetter
from domain.complaints.complaint.commands.reception import (
    AssessComplaint,
    InformResident,
    InvestigateComplaint,
    NoteComplaintStep,
    ReclassifyComplaint,
    RegisterComplaint,
    TakeUpComplaint,
)
from domain.complaints.complaint.events import (
    ComplaintArchived,
    ComplaintAssessed,
    ComplaintDeclaredSevere,
    ComplaintDispatched,
    ComplaintEscalated,
    ComplaintFollowedUp,
    ComplaintInvestigated,
    ComplaintLinked,
    ComplaintPaused,
    ComplaintReassigned,
    ComplaintReclassified,
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintResumed,
    ComplaintReviewed,
    ComplaintReviewMissed,
    ComplaintStepNoted,
    ComplaintTakenUp,
    EscalationUnanswered,
    PromiseMissed,
    PromiseRenewed,
    ReplyLetterArrived,
    ReplyLetterExcused,
    ReplyLetterSent,
    ResidentInformed,
)
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, opens_round, step, wait
from domain.kernel.people import Role

_ADMINISTRATOR, _HEAD, _MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER
_HANDLERS = (_ADMINISTRATOR, _HEAD, _MANAGER)
_REGISTRARS = (_ADMINISTRATOR, Role.ASSISTANT, Role.DUTY_OFFICER, _HEAD, _MANAGER)
_UNDECIDED = (REGISTERED, ASSESSED, DISPATCHED, REOPENED)


# fmt: off
LIFECYCLE = Lifecycle(
    of=Complaint, kind="complaint", path="complaints", zh="投诉", en="complaint", clauses="4", evolve=evolve,
    subject=lambda complaint: complaint.household,
    states={
        REGISTERED: ("已登记", "registered"), ASSESSED: ("已承诺", "assessed"), DISPATCHED: ("已派办", "dispatched"),
        SEVERE: ("待检讨", "severe"), REOPENED: ("已重开", "reopened"), RESOLVED: ("已处理", "resolved"),
        FOLLOWED_UP: ("已回访", "followed up"), ARCHIVED: ("已归档", "archived"),
    },
    final=[ARCHIVED],
    steps=[  # command               event                    from                        to           who                  clause
        step(RegisterComplaint,      ComplaintRegistered,     None,                       REGISTERED,  _REGISTRARS,         "4.2"),
        step(AssessComplaint,        ComplaintAssessed,       (REGISTERED, ASSESSED, REOPENED), ASSESSED, _HANDLERS,        "4.2"),
        step(AssessComplaint,        PromiseRenewed,          (DISPATCHED, SEVERE),       SAME,        _HANDLERS,           "4.2"),
        step(ReclassifyComplaint,    ComplaintReclassified,   ANY,                        SAME,        _HANDLERS,           "4.8"),
        step(TakeUpComplaint,        ComplaintTakenUp,        OPEN,                       SAME,        _HANDLERS,           "4.3"),
        step(InvestigateComplaint,   ComplaintInvestigated,   OPEN,                       SAME,        _HANDLERS,           "4.3"),
        step(InformResident,         ResidentInformed,        (*OPEN, RESOLVED),          SAME,        _HANDLERS,           "4.3"),
        step(EscalateComplaint,      ComplaintEscalated,      OPEN,                       SAME,        [_ADMINISTRATOR],    "4.3"),
        step(ReassignComplaint,      ComplaintReassigned,     ANY,                        SAME,        _HANDLERS,           "4.4"),
        step(PauseComplaint,         ComplaintPaused,         OPEN,                       SAME,        _HANDLERS,           "4.3"),
        step(ResumeComplaint,        ComplaintResumed,        OPEN,                       SAME,        _HANDLERS,           "4.3"),
        step(DispatchComplaint,      ComplaintDispatched,     (REGISTERED, ASSESSED, DISPATCHED, REOPENED), DISPATCHED, [_HEAD, _MANAGER], "4.4"),
        step(DeclareComplaintSevere, ComplaintDeclaredSevere, (REGISTERED, ASSESSED, DISPATCHED, REOPENED), SEVERE, [_HEAD, _MANAGER], "4.4"),
        step(ReviewComplaint,        ComplaintReviewed,       SEVERE,                     DISPATCHED,  [_MANAGER],          "4.4"),
        step(SolveComplaintOnTheSpot, ComplaintResolved,      (REGISTERED, ASSESSED, DISPATCHED, REOPENED), RESOLVED, _HANDLERS, "4.5"),
        step(ResolveComplaint,       ComplaintResolved,       (REGISTERED, ASSESSED, DISPATCHED, REOPENED, RESOLVED), RESOLVED, _HANDLERS, "4.5"),
        step(MissEscalation,         EscalationUnanswered,    _UNDECIDED,                 SAME,        [Role.CLOCK],        "4.3"),
        step(MissComplaintReview,    ComplaintReviewMissed,   SEVERE,                     SAME,        [Role.CLOCK],        "4.4"),
        step(MissPromise,            PromiseMissed,           OPEN,                       SAME,        [Role.CLOCK],        "4.9"),
        step(NotePromiseMissed,      PromiseMissed,           ANY,                        SAME,        [Role.IMPORTER],     "4.9"),
        step(SendReplyLetter,        ReplyLetterSent,         (RESOLVED, FOLLOWED_UP),    SAME,        _HANDLERS,           "4.7"),
        step(ExcuseReplyLetter,      ReplyLetterExcused,      (RESOLVED, FOLLOWED_UP),    SAME,        [_MANAGER],          "4.7"),
        step(RecordLetterArrival,    ReplyLetterArrived,      (RESOLVED, FOLLOWED_UP, ARCHIVED), SAME, _HANDLERS,          "4.7"),
        step(NoteComplaintStep,      ComplaintStepNoted,      ANY,                        SAME,        _HANDLERS,           "4.6"),
        step(LinkComplaint,          ComplaintLinked,         ANY,                        SAME,        _HANDLERS,           "4.8"),
        step(ConcludeComplaintFollowUp, ComplaintFollowedUp,  RESOLVED,                   FOLLOWED_UP, [Role.POLICY],       "4.5"),
        step(ReopenComplaint,        ComplaintReopened,       (RESOLVED, FOLLOWED_UP, ARCHIVED), REOPENED, _HANDLERS,            "4.5"),
        step(ReopenUnsatisfiedComplaint, ComplaintReopened,   (RESOLVED, FOLLOWED_UP),    REOPENED,    [Role.POLICY],       "4.5"),
        step(ArchiveComplaint,       ComplaintArchived,       (RESOLVED, FOLLOWED_UP, ARCHIVED), ARCHIVED, _HANDLERS,           "4.8"),
    ],
    deadlines=[
        deadline("promise", OPEN, due=lambda complaint: complaint.running_until, gives=MissPromise, clause="4.9",
                 zh="按时限处理投诉", en="handle the complaint in time"),
        deadline("escalation", _UNDECIDED, due=lambda complaint: complaint.deciding_until, gives=MissEscalation,
                 clause="4.3", zh="答复请示，决定如何处理", en="decide what was escalated"),
        deadline("review", SEVERE, due=lambda complaint: complaint.review_until, gives=MissComplaintReview, clause="4.4",
                 zh="组织检讨较严重投诉", en="hold the review of a severe complaint"),
    ],
    breaches=[
        breach(PromiseMissed, ComplaintResolved, ComplaintAssessed, PromiseRenewed, ComplaintDispatched, ComplaintReviewed),
        breach(EscalationUnanswered, ComplaintDispatched, ComplaintDeclaredSevere, ComplaintResolved),
        breach(ComplaintReviewMissed, ComplaintReviewed),
    ],
    rounds=[opens_round(ComplaintReopened)],
    waits=[
        wait("archiving", (RESOLVED, FOLLOWED_UP), within="waiting.archived_within_days", clause="4.8",
             zh="投诉回访、函复后归档", en="see the complaint through to the archive"),
    ],
)
# fmt: on
