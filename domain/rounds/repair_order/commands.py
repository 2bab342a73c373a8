"""What can be done about a repair order 维修单 (§1.11, §5.2.B)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.complaints.complaint.events import Channel
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor, Role
from domain.kernel.rules import (
    beyond_cap,
    broken,
    deadline_from,
    deadline_passed,
    forbid,
    missing,
    negative,
    put_off,
    standing,
)
from domain.rounds.repair_order.case import RepairOrder
from domain.rounds.repair_order.events import (
    RepairAccepted,
    RepairCompleted,
    RepairDispatched,
    RepairNotDispatched,
    RepairOverdue,
    RepairRaised,
    RepairReturned,
)
from domain.visits.follow_up.events import FollowUpType
from domain.visits.windows import window_of


@command
class RaiseRepairOrder(Command):
    """报修登记 · Raise a repair order."""

    channel: Channel
    stated_channel: str | None = None
    fault_kind: str | None = None
    description: Personal | None = None
    household: str | None = None
    home: str | None = None
    common_area: str | None = None
    raised_by: str | None = None
    priority: str | None = None
    opening_known: bool = True

    def decide(self, _order: None, at: Moment) -> Iterator[Event]:
        """What is broken, and where: a home or a common area (§1.11)."""
        if self.home is None and self.common_area is None:
            at.require_evidence(_missing("home", "请填写房号或公共部位", "say which home or common area"))
        if self.fault_kind is None:
            at.require_evidence(_missing("fault_kind", "请填写故障类别", "say what kind of fault it is"))
        hours = at.numbers.integer("repairs.dispatch_within_hours")
        yield self.to_event(RepairRaised, dispatch_by=None if at.waived else at.now + timedelta(hours=hours))


@command
class MissRepairDispatch(Command):
    """维修逾期未派工 · Note that nobody was sent to the repair."""

    def decide(self, order: RepairOrder, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which it passed (§1.11)."""
        yield RepairNotDispatched(due_at=order.dispatch_by or at.now)


@command
class ClassifyRepairOrder(Command):
    """维修单归类 · Classify the repair order.

    Kind of fault and home, when they are known better (§1.11).
    """

    fault_kind: str | None = None
    home: str | None = None
    done_by: str | None = None


@command
class DispatchRepairOrder(Command):
    """派工 · Dispatch the repair order."""

    to: str
    due_by: datetime | None = None
    done_by: str | None = None
    reason: str | None = None

    def decide(self, order: RepairOrder, at: Moment) -> Iterator[Event]:
        """To a worker, with a deadline (§1.11); one that stands is put off by the head or the manager, who says why."""
        if self.due_by is None:
            at.require_evidence(_missing("due_by", "请填写完成期限", "say until when"))
        else:
            at.require_evidence(deadline_passed(self.due_by, "1.11", at))
            at.require_evidence(beyond_cap(self.due_by, "1.11", at))
            ahead = standing(order.due_by, at)
            if ahead is not None and self.due_by > ahead:
                at.require_evidence(put_off(at.who, self.reason, "1.11"))
        yield self.to_event(RepairDispatched)


@command
class BeginSurvey(Command):
    """开始勘察 · Begin the survey.

    Somebody looks at it on the spot (§1.11).
    """

    done_by: str


@command
class RecordSurvey(Command):
    """记录勘察结果 · Record the survey.

    What will be done, and how long it will take (§1.11).
    """

    done_by: str
    internal: bool | None = None
    estimated_minutes: int | None = None
    code: str | None = None


@command
class StartRepair(Command):
    """开始维修 · Start the repair.

    By our own people or others; it may take several starts (§1.11).
    """

    means: str
    done_by: str


@command
class FinishRepair(Command):
    """维修作业完毕 · Finish a piece of repair work.

    One piece of work; the order is complete when it is reported ready (§1.11).
    """

    means: str
    done_by: str


@command
class ReportRepairReady(Command):
    """报告维修完成 · Report that the repair is ready."""

    done_by: str
    ok: bool | None = None
    result: Personal | None = None
    fee_fen: int | None = None

    def decide(self, _order: RepairOrder, at: Moment) -> Iterator[Event]:
        """From here the week runs in which it can be sampled, and the window of its follow-up (§5.2.B, §5.2.3(4))."""
        if self.result is None:
            at.require_evidence(_missing("result", "请填写维修结果", "write down what was done"))
        forbid(negative(self.fee_fen, "1.11", "fee_fen"))
        until = None if at.waived else window_of(FollowUpType.REPAIR, at.today, at.numbers).closes
        yield self.to_event(RepairCompleted, follow_up_by=until)


@command
class InformClientOfRepair(Command):
    """告知住户维修情况 · Inform the resident.

    The resident hears of it (§1.11).
    """

    done_by: str
    ok: bool | None = None


@command
class AcceptRepair(Command):
    """验收签字 · Accept the repair."""

    signed_by: Personal | None = None
    unsigned_reason: str | None = None

    def decide(self, order: RepairOrder, at: Moment) -> Iterator[Event]:
        """The resident signs; where nobody does, a head who did not work on it accepts it and says why (§1.11).

        Who accepts it by his own link (role resident) has signed with that.
        """
        if at.who.role is Role.RESIDENT:
            yield self.to_event(RepairAccepted)
            return
        if self.signed_by is None and self.unsigned_reason is None:
            at.require_evidence(_missing("signed_by", "须住户签字验收", "the resident signs"))
        if self.signed_by is None and self.unsigned_reason is not None:
            at.require_evidence(_unsigned(order, at))
        yield self.to_event(RepairAccepted)


@command
class ReturnRepair(Command):
    """退回返修 · Return the repair."""

    reason: str
    due_by: datetime | None = None

    def decide(self, _order: RepairOrder, at: Moment) -> Iterator[Event]:
        """Not good: it is done again, by a date (§1.11)."""
        due_by = self.due_by if at.waived else deadline_from(self.due_by, "work_orders.default_days", "1.11", at)
        yield self.to_event(RepairReturned, due_by=due_by)


@command
class CloseRepairOrder(Command):
    """维修单结案 · Close the repair order.

    Filed (§1.11).
    """

    done_by: str | None = None

    @staticmethod
    def ready(order: RepairOrder, _who: Actor) -> Refusal | None:
        """Completed first, then accepted."""
        if order.completed_at is None:
            return RuleBroken("not-completed", "1.11", zh="维修尚未完成", en="the repair is not complete")
        if order.accepted_at is None:
            return RuleBroken("not-accepted", "1.11", zh="维修尚未验收", en="the repair is not accepted")
        return None


@command
class DeclineRepairOrder(Command):
    """不予受理 · Decline the repair order.

    Not ours to repair; the resident is told where to turn (§1.11).
    """

    reason: str
    done_by: str | None = None

    @staticmethod
    def ready(order: RepairOrder, who: Actor) -> Refusal | None:
        """Once work has begun, by a head who had no part in it."""
        return _begun(order, who)


@command
class CancelRepairOrder(Command):
    """撤销维修单 · Cancel the repair order.

    No longer wanted (§1.11).
    """

    reason: str

    @staticmethod
    def ready(order: RepairOrder, who: Actor) -> Refusal | None:
        """Once work has begun, by a head who had no part in it."""
        return _begun(order, who)


@command
class NoteRepairStep(Command):
    """登记其他步骤 · Note another step.

    Whatever else happened on the way (§1.11).
    """

    step: str
    done_by: str | None = None


@command
class MissRepairDeadline(Command):
    """维修期限已过 · Note that the repair's deadline has passed."""

    def decide(self, order: RepairOrder, at: Moment) -> Iterator[Event]:
        """The breach bears the instant of the deadline (§1.11)."""
        yield RepairOverdue(due_at=order.due_by or at.now)


@command
class MarkRepairSampled(Command):
    """列入本周回访抽样 · Note that the weekly sample chose this repair.

    Drawn by a seed that anyone can repeat (§5.2.B).
    """

    sample: str
    week: str


@command
class NoteRepairVisited(Command):
    """记入维修已回访 · Note that the resident was asked about the repair.

    Drawn is not yet followed up (§5.2.B).
    """

    follow_up: str


@command
class ConcludeRepairFollowUp(Command):
    """记入维修回访结论 · Take over the outcome of the repair's follow-up.

    What the resident said (§5.2.D).
    """

    outcome: str
    follow_up: str


def _missing(field: str, zh: str, en: str) -> RuleBroken:
    return missing(field, "1.11", zh, en)


def _unsigned(order: RepairOrder, at: Moment) -> RuleBroken | None:
    """Only the form says that nobody signs: who has the signature needs to be nobody in particular."""
    if at.role in HEADS and not at.who.is_any(order.doers):
        return None
    return broken(
        "unsigned",
        "1.11",
        "无人签字的须由未参与维修的部门负责人或经理验收",
        "without a signature it is accepted by a head or manager who did not work on it",
        "unsigned_reason",
    )


def _begun(order: RepairOrder, who: Actor) -> RuleBroken | None:
    """What somebody has laid hands on is drawn and asked about once it is complete: nobody takes it out of that alone."""
    if order.started_at is None or (who.role in HEADS and not who.is_any(order.doers)):
        return None
    zh = "已动工的维修，须由未参与维修的部门负责人或经理撤销或不予受理"
    en = "work has begun: a head or manager who had no part in it cancels or declines it"
    return broken("work-begun", "1.11", zh, en)


HEADS = (Role.DEPARTMENT_HEAD, Role.MANAGER)
