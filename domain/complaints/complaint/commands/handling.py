"""Handling of complaints 投诉的处理 (§4.3–4.9): escalated, dispatched, reviewed, resolved, reopened, archived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.complaints.complaint.case import ARCHIVED, RESOLVED, Complaint
from domain.complaints.complaint.commands.reception import check_told, entered_at, put_off
from domain.complaints.complaint.events import (
    ComplaintArchived,
    ComplaintDeclaredSevere,
    ComplaintDispatched,
    ComplaintEscalated,
    ComplaintFollowedUp,
    ComplaintLinked,
    ComplaintPaused,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintReviewed,
    ComplaintReviewMissed,
    EscalationUnanswered,
    LinkKind,
    PromiseMissed,
)
from domain.kernel.calendar import end_of_day
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Case, Command, Event, Moment, Personal, command
from domain.kernel.people import Actor, Role
from domain.kernel.rules import answer_by, blank, broken, deadline_passed, forbid, missing


@command
class EscalateComplaint(Command):
    """请示部门负责人 · Escalate to the department head.

    What exceeds one's powers goes up at once (§4.3).
    """

    reason: str

    def decide(self, _complaint: Complaint, at: Moment) -> Iterator[Event]:
        """What exceeds one's powers goes up at once (§4.3); the head decides within some hours (ours)."""
        hours = at.numbers.integer("complaints.decide_within_hours")
        yield self.to_event(ComplaintEscalated, decide_by=None if at.waived else at.now + timedelta(hours=hours))


@command
class MissEscalation(Command):
    """请示逾期未答复 · Note that the head has not decided in time."""

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which it passed (§4.3)."""
        yield EscalationUnanswered(due_at=complaint.decide_by or at.now)


@command
class ReassignComplaint(Command):
    """转办投诉 · Hand the complaint to somebody else.

    Who is responsible now (§4.4).
    """

    to: str
    reason: str | None = None


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
        yield self.to_event(ComplaintPaused)


@command
class ResumeComplaint(Command):
    """恢复办理 · Resume work on the complaint.

    Work goes on (§4.3).
    """

    @staticmethod
    def ready(complaint: Complaint, _who: Actor) -> Refusal | None:
        """Only what waits can be resumed."""
        if complaint.waiting_for is None:
            return RuleBroken("not-waiting", "4.3", zh="并未在等待他方", en="it does not wait for anybody")
        return None


@command
class DispatchComplaint(Command):
    """派部门限期解决 · Dispatch to a department with a deadline."""

    department: str
    due_by: datetime
    reason: str | None = None
    told_at: datetime | None = None

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """The head tells the department concerned to solve it by a deadline (§4.4).

        A later one than was given has a reason, and again or by far the manager's hand; the resident who was promised an
        earlier one is told.
        """
        at.require_evidence(deadline_passed(self.due_by, "4.4", at))
        postponed = put_off(complaint, self.due_by, self.reason, at, field="due_by", clause="4.4", by=(Role.MANAGER,))
        promised = complaint.promised_by
        if self.told_at is not None or (postponed and promised is not None and self.due_by > promised):
            check_told(complaint, self.told_at, at, since=complaint.promised_at)
        yield self.to_event(ComplaintDispatched, postponed=postponed, entered_at=entered_at(at))


@command
class DeclareComplaintSevere(Command):
    """列为较严重投诉 · Declare the complaint severe.

    Severe complaints go to the manager (§4.4).
    """

    reason: str

    def decide(self, _complaint: Complaint, at: Moment) -> Iterator[Event]:
        """Severe complaints go to the manager (§4.4), who holds a review within some days (ours)."""
        days = at.numbers.integer("complaints.review_within_days")
        yield self.to_event(
            ComplaintDeclaredSevere, review_by=None if at.waived else end_of_day(at.today + timedelta(days=days))
        )


@command
class MissComplaintReview(Command):
    """检讨逾期未组织 · Note that the review was not held in time."""

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which it passed (§4.4)."""
        yield ComplaintReviewMissed(due_at=complaint.review_by or at.now)


@command
class ReviewComplaint(Command):
    """组织检讨 · Hold the review of a severe complaint."""

    measures: str
    responsible: str
    due_by: datetime
    attendees: tuple[str, ...] = ()
    minutes: Personal | None = None

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """A meeting with its minutes: measures, a responsible person and a deadline (§4.4); its measures are the reason."""
        at.require_evidence(deadline_passed(self.due_by, "4.4", at))
        postponed = put_off(complaint, self.due_by, self.measures, at, field="due_by", clause="4.4")
        yield self.to_event(ComplaintReviewed, postponed=postponed)


@command
class ResolveComplaint(Command):
    """报告处理结果 · Report the result."""

    done_by: str
    result: Personal | None = None
    time_stated: bool = True

    @staticmethod
    def ready(complaint: Complaint, _who: Actor) -> Refusal | None:
        """Handled once; again only after it was opened again. (Other systems state the time afterwards.)

        Nothing is handled without its measure, the telling and its cause.
        """
        if complaint.state == RESOLVED:
            return RuleBroken("resolved-already", "4.5", zh="该投诉已报告处理结果", en="the result is reported already")
        return next(_unsaid(complaint), None)

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """The result goes into the complaint record (§4.5, §4.6)."""
        if complaint.state != RESOLVED:
            for unsaid in _unsaid(complaint):
                if unsaid.code not in at.waivers:  # the first of them was waived before it came here
                    at.require_evidence(unsaid)
        if self.result is None:
            at.require_evidence(missing("result", "4.6", "请填写处理结果", "write down the result"))
        yield self.to_event(
            ComplaintResolved, on_the_spot=False, measure=None, told_at=None, findings=None, root_cause=None
        )


def _unsaid(complaint: Complaint) -> Iterator[RuleBroken]:
    """What has to be said of a complaint before it is handled: measure and telling (§4.2), and cause (§4.3)."""
    if complaint.measure is None and complaint.measures is None:
        yield broken(
            "measure-missing",
            "4.2",
            "须先定办法并告知住户时限，或按当场解决办理",
            "first decide on a measure and tell the resident, or say that it was solved on the spot",
        )
    if complaint.told_at is None and not complaint.anonymous:
        yield broken(
            "told-at-missing", "4.2", "须先告知住户办法和时限", "first tell the resident what will be done, and by when"
        )
    if complaint.root_cause is None:
        yield broken("root-cause-missing", "4.3", "须先查明并记录根源", "first find the root cause and record it")


@command
class SolveComplaintOnTheSpot(Command):
    """当场解决 · Solve the complaint on the spot."""

    done_by: str
    measure: Personal
    result: Personal
    root_cause: str
    told_at: datetime | None = None
    findings: Personal | None = None

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """One word that says all three: what was done and told (§4.2), why it happened (§4.3), how it ended (§4.5)."""
        for name, clause, zh, en in (
            ("measure", "4.2", "请写明解决办法", "say what was done"),
            ("root_cause", "4.3", "请写明根源", "say what the root cause is"),
            ("result", "4.6", "请填写处理结果", "write down the result"),
        ):
            forbid(blank(getattr(self, name), name, clause, zh, en))
        check_told(complaint, self.told_at, at)
        yield self.to_event(ComplaintResolved, on_the_spot=True, entered_at=entered_at(at))


@command
class MissPromise(Command):
    """处理时限已过 · Note that the time for handling has passed."""

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which it passed: what was promised, else the local rule's answer (§4.9)."""
        yield PromiseMissed(due_at=complaint.due_at or at.now)


@command
class NotePromiseMissed(Command):
    """补记时限已过 · Note from another system that a promise was missed.

    Here the clock writes breaches; only a history that is taken over says so itself (§4.9).
    """

    due_at: datetime | None = None


@command
class ConcludeComplaintFollowUp(Command):
    """记入回访结论 · Take over the outcome of the follow-up."""

    outcome: str
    follow_up: str
    round: int

    def decide(self, complaint: Complaint, _at: Moment) -> Iterator[Event]:
        """Every beginning has an end 做到有始有终 (§4.5); what was said of an earlier handling does not end this one."""
        if self.round == complaint.reopened + 1:
            yield self.to_event(ComplaintFollowedUp)


@command
class ReopenComplaint(Command):
    """重开投诉 · Open the complaint again."""

    reason: str

    def decide(self, _complaint: Complaint, at: Moment) -> Iterator[Event]:
        """The resident says that it is not solved, asked or not (§4.5)."""
        yield self.to_event(ComplaintReopened, answer_by=answer_by(at), follow_up=None)


@command
class ReopenUnsatisfiedComplaint(Command):
    """回访不满意，重开投诉 · Open again what did not satisfy."""

    reason: str
    follow_up: str
    round: int

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """What does not satisfy is not finished (§4.5); a word on an earlier handling opens nothing again."""
        if self.round == complaint.reopened + 1:
            yield self.to_event(ComplaintReopened, answer_by=answer_by(at))


@command
class ArchiveComplaint(Command):
    """归类存档 · Archive by category."""

    category: str | None = None

    @staticmethod
    def ready(complaint: Complaint, _who: Actor) -> Refusal | None:
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


@command
class LinkComplaint(Command):
    """关联事项 · Link the complaint with the case that solves it."""

    kind: LinkKind
    case: str

    def related(self) -> dict[str, str]:
        """The other case; it must exist in this office."""
        return {"case": self.case}

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """A repair order, a rectification or a debt case, each once (§4.8)."""
        other: Case = at.related["case"]
        if not other.id.startswith(f"{self.kind.case_kind}-"):
            raise RuleBroken("other-kind", "4.8", zh="该事项并非此类", en="that case is of another kind", field="case")
        if self.case in complaint.links:
            raise RuleBroken("linked-already", "4.8", zh="该事项已关联", en="it is linked already", field="case")
        yield self.to_event(ComplaintLinked)
