"""Complaint 投诉 (§4): from the first word to the archive, with the promise in between.

*Handled* 处理, *satisfied* 满意 and *closed* 归档 are three different dates. A complaint can be archived only after a
follow-up that ended well or lawfully; an unsatisfied one opens it again, and then it counts again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.complaint_events import (
    ARCHIVED,
    ASSESSED,
    DISPATCHED,
    FOLLOWED_UP,
    OPEN,
    REGISTERED,
    REOPENED,
    RESOLVED,
    SEVERE,
    Channel,
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
    ComplaintTakenUp,
    PromiseMissed,
    PromiseRenewed,
    ReplyLetterArrived,
    ReplyLetterExcused,
    ReplyLetterSent,
    ResidentInformed,
)
from domain.complaint_links import ExcuseReplyLetter, LinkComplaint, RecordLetterArrival, SendReplyLetter
from domain.complaint_reception import (
    AssessComplaint,
    InformResident,
    InvestigateComplaint,
    ReclassifyComplaint,
    RegisterComplaint,
    TakeUpComplaint,
    after,
)
from domain.complaint_state import Complaint, evolve
from domain.errors import Refusal, RuleBroken
from domain.fact import Command, Event, Moment, Personal, command
from domain.lifecycle import SAME, Lifecycle, deadline, step
from domain.people import Role
from domain.rules import answer_by, missing

__all__ = [
    "ARCHIVED",
    "ASSESSED",
    "DISPATCHED",
    "FOLLOWED_UP",
    "LIFECYCLE",
    "OPEN",
    "REGISTERED",
    "REOPENED",
    "RESOLVED",
    "SEVERE",
    "ArchiveComplaint",
    "AssessComplaint",
    "Channel",
    "Complaint",
    "ComplaintArchived",
    "ComplaintAssessed",
    "ComplaintDeclaredSevere",
    "ComplaintDispatched",
    "ComplaintEscalated",
    "ComplaintFollowedUp",
    "ComplaintInvestigated",
    "ComplaintPaused",
    "ComplaintReassigned",
    "ComplaintReclassified",
    "ComplaintRegistered",
    "ComplaintReopened",
    "ComplaintResolved",
    "ComplaintResumed",
    "ComplaintReviewed",
    "ComplaintTakenUp",
    "ConcludeComplaintFollowUp",
    "DeclareComplaintSevere",
    "DispatchComplaint",
    "EscalateComplaint",
    "InformResident",
    "InvestigateComplaint",
    "MissPromise",
    "NotePromiseMissed",
    "PauseComplaint",
    "PromiseMissed",
    "ReassignComplaint",
    "ReclassifyComplaint",
    "RegisterComplaint",
    "ReopenComplaint",
    "ReopenUnsatisfiedComplaint",
    "ReplyLetterSent",
    "ResidentInformed",
    "ResolveComplaint",
    "ResumeComplaint",
    "ReviewComplaint",
    "SendReplyLetter",
    "TakeUpComplaint",
    "evolve",
]

# -- commands --------------------------------------------------------------------------------------------------------


@command
class EscalateComplaint(Command):
    """请示部门负责人 · Escalate to the department head."""

    reason: str

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """What exceeds one's powers goes up at once (§4.3)."""
        yield self.said(ComplaintEscalated)


@command
class ReassignComplaint(Command):
    """转办投诉 · Hand the complaint to somebody else."""

    to: str
    reason: str | None = None

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Who is responsible now (§4.4)."""
        yield self.said(ComplaintReassigned)


@command
class PauseComplaint(Command):
    """登记等待他方 · Wait for somebody outside the office."""

    waiting_for: str

    def decide(self, complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Waiting is shown, and does not stop the promise (§4.3)."""
        if complaint.waiting_for == self.waiting_for:
            raise RuleBroken(
                "already-waiting", "4.3", zh="已登记为等待该方", en="it waits for them already", field="waiting_for"
            )
        yield self.said(ComplaintPaused)


@command
class ResumeComplaint(Command):
    """恢复办理 · Resume work on the complaint."""

    @staticmethod
    def ready(complaint: Complaint) -> Refusal | None:
        """Only what waits can be resumed."""
        if complaint.waiting_for is None:
            return RuleBroken("not-waiting", "4.3", zh="并未在等待他方", en="it does not wait for anybody")
        return None

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Work goes on (§4.3)."""
        yield ComplaintResumed()


@command
class DispatchComplaint(Command):
    """派部门限期解决 · Dispatch to a department with a deadline."""

    department: str
    due_by: datetime

    def decide(self, _complaint: Complaint, at: Moment) -> Iterator[Event]:
        """The head tells the department concerned to solve it by a deadline (§4.4)."""
        after(self.due_by, at, "due_by", "4.4")
        yield self.said(ComplaintDispatched)


@command
class DeclareComplaintSevere(Command):
    """列为较严重投诉 · Declare the complaint severe."""

    reason: str

    def decide(self, _complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Severe complaints go to the manager (§4.4)."""
        yield self.said(ComplaintDeclaredSevere)


@command
class ReviewComplaint(Command):
    """组织检讨 · Hold the review of a severe complaint."""

    measures: str
    responsible: str
    due_by: datetime
    attendees: tuple[str, ...] = ()
    minutes: Personal | None = None

    def decide(self, _complaint: Complaint, at: Moment) -> Iterator[Event]:
        """A meeting with its minutes: measures, a responsible person and a deadline (§4.4)."""
        after(self.due_by, at, "due_by", "4.4")
        yield self.said(ComplaintReviewed)


@command
class ResolveComplaint(Command):
    """报告处理结果 · Report the result."""

    resolved_by: str
    result: Personal | None = None
    time_stated: bool = True

    @staticmethod
    def ready(complaint: Complaint) -> Refusal | None:
        """Handled once; again only after it was opened again. (Other systems state the time afterwards.)"""
        if complaint.state == RESOLVED:
            return RuleBroken("resolved-already", "4.5", zh="该投诉已报告处理结果", en="the result is reported already")
        return None

    def decide(self, _complaint: Complaint, at: Moment) -> Iterator[Event]:
        """The result goes into the complaint record (§4.5, §4.6)."""
        if self.result is None:
            at.lacks(missing("result", "4.6", "请填写处理结果", "write down the result"))
        yield self.said(ComplaintResolved)


@command
class MissPromise(Command):
    """处理时限已过 · Note that the time for handling has passed."""

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which it passed: what was promised, else the local rule's answer (§4.9)."""
        yield PromiseMissed(due_at=complaint.due_at or at.now)


@command
class NotePromiseMissed(Command):
    """补记时限已过 · Note from another system that a promise was missed."""

    due_at: datetime | None = None

    def decide(self, _complaint: Complaint, at: Moment) -> Iterator[Event]:
        """Here the clock writes breaches; only a history that is taken over says so itself (§4.9)."""
        at.lacks(RuleBroken("clocks-own", "4.9", zh="逾期由时钟记录", en="the clock writes breaches"))
        yield self.said(PromiseMissed)


@command
class ConcludeComplaintFollowUp(Command):
    """记入回访结论 · Take over the outcome of the follow-up."""

    outcome: str
    follow_up: str
    round: int

    def decide(self, complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Every beginning has an end 做到有始有终 (§4.5); what was said of an earlier handling does not end this one."""
        if self.round == complaint.reopened + 1:
            yield self.said(ComplaintFollowedUp)


@command
class ReopenComplaint(Command):
    """重开投诉 · Open the complaint again."""

    reason: str

    def decide(self, _complaint: Complaint, at: Moment) -> Iterator[Event]:
        """The resident says that it is not solved, asked or not (§4.5)."""
        yield self.said(ComplaintReopened, answer_by=answer_by(at), follow_up=None)


@command
class ReopenUnsatisfiedComplaint(Command):
    """回访不满意，重开投诉 · Open again what did not satisfy."""

    reason: str
    follow_up: str
    round: int

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """What does not satisfy is not finished (§4.5); a word on an earlier handling opens nothing again."""
        if self.round == complaint.reopened + 1:
            yield self.said(ComplaintReopened, answer_by=answer_by(at))


@command
class ArchiveComplaint(Command):
    """归类存档 · Archive by category."""

    category: str | None = None

    @staticmethod
    def ready(complaint: Complaint) -> Refusal | None:
        """Archived once; followed up first (§4.5); letters and calls are answered by letter before the file is closed (§4.7)."""
        if complaint.state == ARCHIVED:
            return RuleBroken("archived-already", "4.8", zh="该投诉已归档", en="it is archived already")
        if complaint.state == RESOLVED:
            return RuleBroken(
                "follow-up-missing", "4.5", zh="须先回访至满意再归档", en="it is followed up to satisfaction first"
            )
        if complaint.channel.wants_letter and complaint.letter_sent_at is None and not complaint.letter_excused:
            return RuleBroken(
                "letter-missing",
                "4.7",
                zh="来函、来电投诉须先函复再归档",
                en="a letter or call is answered by letter first",
            )
        return None

    def decide(self, complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Filed by category, so that it does not happen again (§4.8)."""
        yield ComplaintArchived(category=self.category or complaint.category)


# -- the table -------------------------------------------------------------------------------------------------------

_ADMINISTRATOR, _HEAD, _MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER
_HANDLERS = (_ADMINISTRATOR, _HEAD, _MANAGER)

ANY = (*OPEN, RESOLVED, FOLLOWED_UP, ARCHIVED)

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
        step(RegisterComplaint,      ComplaintRegistered,     None,                       REGISTERED,  [_ADMINISTRATOR, _HEAD, _MANAGER], "4.2"),
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
        step(ResolveComplaint,       ComplaintResolved,       (REGISTERED, ASSESSED, DISPATCHED, REOPENED, RESOLVED), RESOLVED, _HANDLERS, "4.5"),
        step(MissPromise,            PromiseMissed,           OPEN,                       SAME,        [Role.CLOCK],        "4.9"),
        step(NotePromiseMissed,      PromiseMissed,           ANY,                        SAME,        [_MANAGER],          "4.9"),
        step(SendReplyLetter,        ReplyLetterSent,         (RESOLVED, FOLLOWED_UP),    SAME,        _HANDLERS,           "4.7"),
        step(ExcuseReplyLetter,      ReplyLetterExcused,      (RESOLVED, FOLLOWED_UP),    SAME,        [_MANAGER],          "4.7"),
        step(RecordLetterArrival,    ReplyLetterArrived,      (RESOLVED, FOLLOWED_UP, ARCHIVED), SAME, _HANDLERS,          "4.7"),
        step(LinkComplaint,          ComplaintLinked,         ANY,                        SAME,        _HANDLERS,           "4.8"),
        step(ConcludeComplaintFollowUp, ComplaintFollowedUp,  RESOLVED,                   FOLLOWED_UP, [Role.POLICY],       "4.5"),
        step(ReopenComplaint,        ComplaintReopened,       (RESOLVED, FOLLOWED_UP, ARCHIVED), REOPENED, _HANDLERS,            "4.5"),
        step(ReopenUnsatisfiedComplaint, ComplaintReopened,   (RESOLVED, FOLLOWED_UP),    REOPENED,    [Role.POLICY],       "4.5"),
        step(ArchiveComplaint,       ComplaintArchived,       (RESOLVED, FOLLOWED_UP, ARCHIVED), ARCHIVED, _HANDLERS,           "4.8"),
    ],
    deadlines=[
        deadline("promise", OPEN, due=lambda complaint: complaint.running_until, gives=MissPromise, clause="4.9",
                 zh="按时限处理投诉", en="handle the complaint in time"),
    ],
)
# fmt: on
