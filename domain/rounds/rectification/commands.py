"""What can be done about a rectification 整改 (§1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor
from domain.kernel.rules import before, broken, deadline_from, forbid, missing, own_work, put_off, standing, told_origin
from domain.rounds.rectification.case import Rectification
from domain.rounds.rectification.events import (
    RectificationAssigned,
    RectificationDone,
    RectificationFound,
    RectificationOrdered,
    RectificationOverdue,
    RectificationReopened,
    RectificationVerified,
    Severity,
)


@command
class OpenRectification(Command):
    """提出整改 · Ask for a rectification."""

    matter: str
    severity: Severity = Severity.ORDINARY
    origin_kind: str | None = None
    origin_id: str | None = None
    origin_item: str | None = None
    home: str | None = None
    household: str | None = None
    department: str | None = None
    details: Personal | None = None
    responsible: str | None = None
    due_by: datetime | None = None

    def decide(self, _work: None, at: Moment) -> Iterator[Event]:
        """Every finding gets a deadline (§1.1); who names the responsible person at once has it assigned.

        What opened it is said by the policies alone: its end is told to the origin, and figures count by it.
        """
        origin = {"origin_kind": self.origin_kind, "origin_id": self.origin_id, "origin_item": self.origin_item}
        forbid(told_origin(at.who, "1.1", **origin))
        due_by = deadline_from(self.due_by, "rectification.default_days", "1.1", at)
        yield self.to_event(RectificationFound if self.responsible is None else RectificationOrdered, due_by=due_by)


@command
class AssignRectification(Command):
    """落实责任人和期限 · Fix the responsible person and the deadline."""

    responsible: str
    due_by: datetime | None = None
    department: str | None = None
    reason: str | None = None

    def decide(self, work: Rectification, at: Moment) -> Iterator[Event]:
        """Without a new deadline the one that is still ahead stays (§1.1).

        Who puts off a deadline that was fixed for somebody is the head or the manager, and says why.
        """
        ahead = standing(work.due_by, at)
        due_by = deadline_from(self.due_by or ahead, "rectification.default_days", "1.1", at)
        postponed = ahead is not None and due_by > ahead
        if postponed:
            at.require_evidence(put_off(at.who, self.reason, "1.1"))
        yield self.to_event(RectificationAssigned, due_by=due_by, postponed=postponed)


@command
class MarkRectificationOverdue(Command):
    """整改期限已过 · Note that the rectification's deadline has passed."""

    def decide(self, work: Rectification, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which the deadline ended (§1.1)."""
        yield RectificationOverdue(due_at=work.due_by or at.now)


@command
class ReportRectificationDone(Command):
    """报告整改完成 · Report that the rectification is done."""

    result: Personal | None = None
    done_by: str | None = None

    def decide(self, _work: Rectification, at: Moment) -> Iterator[Event]:
        """What was done, and by whom: whoever reports, unless he names another (§1.1)."""
        if self.result is None:
            at.require_evidence(missing("result", "1.1", "请填写整改结果", "write down the result"))
        yield RectificationDone(done_by=self.done_by or at.user_id, result=self.result)


@command
class VerifyRectification(Command):
    """验证整改合格 · Verify the rectification."""

    findings: Personal | None = None

    @staticmethod
    def ready(work: Rectification, who: Actor) -> RuleBroken | None:
        """Seen by somebody else, who did not ask for it either (§1.1)."""
        return _own(work, who, work.opened_by)

    def decide(self, work: Rectification, at: Moment) -> Iterator[Event]:
        """And found good (§1.1)."""
        _after_it_was_done(work, at)
        yield RectificationVerified(findings=self.findings)


@command
class FailRectification(Command):
    """验证不合格，退回整改 · Find the rectification insufficient."""

    findings: Personal
    due_by: datetime | None = None

    @staticmethod
    def ready(work: Rectification, who: Actor) -> RuleBroken | None:
        """Seen by somebody else (§1.1)."""
        return _own(work, who)

    def decide(self, work: Rectification, at: Moment) -> Iterator[Event]:
        """It goes back, and counts as reopened: by the deadline that is still ahead, else by a new one (§1.1).

        What was said to be done puts no deadline off: only the head or the manager does, with what was found as the reason.
        """
        _after_it_was_done(work, at)
        ahead = standing(work.due_by, at)
        due_by = deadline_from(self.due_by or ahead, "rectification.default_days", "1.1", at)
        if ahead is not None and due_by > ahead:
            at.require_evidence(put_off(at.who, self.findings, "1.1"))
        yield RectificationReopened(due_by=due_by, findings=self.findings)


@command
class CloseRectification(Command):
    """关闭整改 · Close the rectification.

    Only what was verified is closed: the table says so (§1.1).
    """


@command
class WithdrawRectification(Command):
    """撤销整改 · Withdraw the rectification.

    Found twice, or no defect after all: by another than found it or answers for it; counted apart (§1.1).
    """

    reason: str

    @staticmethod
    def ready(work: Rectification, who: Actor) -> RuleBroken | None:
        """What a follow-up found goes on until the resident is satisfied, or the manager ends the follow-up (§5.2.D)."""
        if work.origin_kind == "follow_up":
            return broken(
                "follow-up-goes-on",
                "5.2.D",
                "回访不合格的整改不能撤销，确无须整改的由经理终止回访",
                "what a follow-up found is not withdrawn: the manager may end the follow-up",
            )
        return own_work(who, {each for each in (work.found_by, work.responsible) if each is not None}, "1.1")


@command
class EndRectificationWithComplaint(Command):
    """投诉已解决，终止整改 · End the rectification of a complaint that was solved otherwise.

    What a follow-up found is put right when the complaint is handled again; nothing is left to be done apart (§5.2.D).
    """

    complaint: str


def _own(work: Rectification, who: Actor, *others: str | None) -> RuleBroken | None:
    whose = {each for each in (*work.doers, work.responsible, *others) if each is not None}
    zh, en = "整改提出人、责任人、完成人不能验证自己的工作", "nobody verifies what he asked for or did"
    return own_work(who, whose, "1.1", zh, en)


def _after_it_was_done(work: Rectification, at: Moment) -> None:
    zh, en = "验证不能早于整改完成", "it is verified after it was done"
    at.require_evidence(before(work.done_at, "1.1", at, zh, en, "before-done"))
