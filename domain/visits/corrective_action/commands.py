"""What can be done about a corrective action 不合格服务控制、纠正和预防措施 (§5.2.5(6))."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.people import Actor
from domain.kernel.rules import blank, broken, deadline_from, forbid, own_work, put_off, standing
from domain.visits.corrective_action.case import CorrectiveAction
from domain.visits.corrective_action.events import (
    ActionFoundEffective,
    ActionFoundIneffective,
    ActionVerificationOverdue,
    CauseAnalysed,
    CorrectiveActionOpened,
    CorrectiveActionOverdue,
    DetectionKind,
    MeasuresCarriedOut,
    MeasuresProposed,
    Procedure,
)


@command
class OpenCorrectiveAction(Command):
    """立案纠正预防措施 · Open a corrective action."""

    procedure: Procedure
    matter: str
    detection: DetectionKind | None = None
    cases: tuple[str, ...] = ()
    review: str | None = None
    household: str | None = None
    home: str | None = None
    due_by: datetime | None = None

    def decide(self, _action: None, at: Moment) -> Iterator[Event]:
        """Under one of the three procedures, with a deadline (§5.2.5(6))."""
        due_by = deadline_from(self.due_by, "corrective_actions.default_days", "5.2.5(6)", at)
        yield self.to_event(CorrectiveActionOpened, due_by=due_by)


@command
class AnalyseCause(Command):
    """分析原因 · Analyse the cause."""

    cause: str

    def decide(self, _action: CorrectiveAction, _at: Moment) -> Iterator[Event]:
        """Why it came about (§5.2.5(6))."""
        forbid(blank(self.cause, "cause", "5.2.5(6)", "请写明原因", "say why"))
        yield self.to_event(CauseAnalysed)


@command
class ProposeMeasures(Command):
    """提出措施 · Propose measures."""

    measures: str
    responsible: str
    due_by: datetime | None = None

    def decide(self, action: CorrectiveAction, at: Moment) -> Iterator[Event]:
        """What, by whom, until when (§5.2.5(6))."""
        ahead = standing(action.due_by, at)
        due_by = deadline_from(self.due_by or ahead, "corrective_actions.default_days", "5.2.5(6)", at)
        if ahead is not None and due_by > ahead:
            at.require_evidence(put_off(at.who, self.measures, "5.2.5(6)"))
        yield MeasuresProposed(measures=self.measures, responsible=self.responsible, due_by=due_by)


@command
class ApproveMeasures(Command):
    """批准措施 · Approve the measures."""

    remark: str | None = None

    @staticmethod
    def ready(action: CorrectiveAction, who: Actor) -> RuleBroken | None:
        """By the manager, who did not propose them (§5.2.5(6))."""
        return own_work(who, {action.proposed_by} if action.proposed_by else set(), "5.2.5(6)")


@command
class RejectMeasures(Command):
    """退回措施 · Send the measures back.

    They are proposed anew (§5.2.5(6)).
    """

    reason: str


@command
class ReportMeasuresCarriedOut(Command):
    """报告措施实施 · Report the measures as carried out."""

    result: str

    def decide(self, _action: CorrectiveAction, at: Moment) -> Iterator[Event]:
        """Whether they help is seen only after some days and verified until some later: the settings say (§5.2.5(6))."""
        days = at.numbers.integer
        yield MeasuresCarriedOut(
            result=self.result,
            verify_from=at.today + timedelta(days=days("corrective_actions.verify_after_days")),
            verify_by=at.today + timedelta(days=days("corrective_actions.verify_within_days")),
        )


@command
class MarkCorrectiveActionOverdue(Command):
    """纠正预防措施已逾期 · Note that the action is overdue."""

    def decide(self, action: CorrectiveAction, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which the deadline ended (§5.2.5(6))."""
        yield CorrectiveActionOverdue(due_at=action.due_by or at.now)


@command
class MarkVerificationOverdue(Command):
    """措施效果逾期未验证 · Note that the effect was not verified in time."""

    def decide(self, action: CorrectiveAction, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which it was due (§5.2.5(6))."""
        yield ActionVerificationOverdue(due_at=action.verification_until or at.now)


@command
class VerifyActionEffect(Command):
    """验证措施效果 · Verify the effect of the measures."""

    effective: bool
    evidence: str
    due_by: datetime | None = None

    @staticmethod
    def ready(action: CorrectiveAction, who: Actor) -> RuleBroken | None:
        """By somebody else than opened it, proposed the measures, carried them out or answers for them (§5.2.5(6))."""
        whose = (action.opened_by, action.proposed_by, action.responsible, action.carried_out_by)
        return own_work(who, frozenset(filter(None, whose)), "5.2.5(6)")

    def decide(self, action: CorrectiveAction, at: Moment) -> Iterator[Event]:
        """Later than they were carried out; without effect it is analysed again (§5.2.5(6))."""
        if action.verify_from is not None and at.today < action.verify_from:
            at.require_evidence(
                broken(
                    "too-early",
                    "5.2.5(6)",
                    f"效果须在{action.verify_from}以后验证",
                    f"the effect is verified from {action.verify_from} on",
                    "occurred_at",
                )
            )
        if self.effective:
            yield ActionFoundEffective(evidence=self.evidence)
        else:
            due_by = deadline_from(self.due_by, "corrective_actions.default_days", "5.2.5(6)", at)
            yield ActionFoundIneffective(evidence=self.evidence, due_by=due_by)


@command
class CloseCorrectiveAction(Command):
    """关闭纠正预防措施 · Close the action.

    Only what was found effective (§5.2.5(6)).
    """
