"""Corrective action 不合格服务控制、纠正和预防措施 (§5.2.5(6)): cause, approved measures, effect verified later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.calendar import end_of_day
from domain.fact import Case, Command, Event, Fact, Moment, command, event
from domain.lifecycle import SAME, Lifecycle, deadline, step
from domain.people import Role
from domain.rules import another_person, broken, deadline_from

OPENED, ANALYSED, PROPOSED, APPROVED = "opened", "analysed", "proposed", "approved"
CARRIED_OUT, EFFECTIVE, CLOSED = "carried-out", "effective", "closed"
UNDONE = (OPENED, ANALYSED, PROPOSED, APPROVED)


class Procedure(StrEnum):
    """Which of the three procedures 程序."""

    NONCONFORMING_SERVICE = "nonconforming-service"  # 不合格服务控制
    CORRECTIVE = "corrective"  # 纠正措施
    PREVENTIVE = "preventive"  # 预防措施


class DetectionKind(StrEnum):
    """What the quarter's review found 检出类别."""

    SAME_COMPLAINTS = "same-complaints"  # 同一事项连续投诉
    SAME_REPAIRS = "same-repairs"  # 同种维修多次
    NONCONFORMITY = "nonconformity"  # 不合格项


@event()
class CorrectiveActionOpened(Event):
    """纠正预防措施已立案 · Corrective action opened."""

    procedure: Procedure
    matter: str
    due_by: datetime
    detection: DetectionKind | None = None
    cases: tuple[str, ...] = ()
    review: str | None = None
    household: str | None = None
    home: str | None = None


@event()
class CauseAnalysed(Event):
    """原因已分析 · Cause analysed."""

    cause: str


@event()
class MeasuresProposed(Event):
    """措施已提出 · Measures proposed."""

    measures: str
    responsible: str
    due_by: datetime


@event()
class MeasuresApproved(Event):
    """措施已批准 · Measures approved."""

    remark: str | None = None


@event()
class MeasuresRejected(Event):
    """措施被退回 · Measures sent back."""

    reason: str


@event()
class MeasuresCarriedOut(Event):
    """措施已实施 · Measures carried out."""

    result: str
    verify_from: date
    verify_by: date | None = None


@event()
class CorrectiveActionOverdue(Event):
    """纠正预防措施已逾期 · Corrective action overdue."""

    due_at: datetime


@event()
class ActionVerificationOverdue(Event):
    """措施效果逾期未验证 · The effect of the measures was not verified in time."""

    due_at: datetime


@event()
class ActionFoundEffective(Event):
    """措施验证有效 · Measures found effective."""

    evidence: str


@event()
class ActionFoundIneffective(Event):
    """措施验证无效 · Measures found ineffective."""

    evidence: str
    due_by: datetime


@event()
class CorrectiveActionClosed(Event):
    """纠正预防措施已关闭 · Corrective action closed."""


@dataclass(slots=True, kw_only=True)
class CorrectiveAction(Case):
    """What is known of one action. ``cases`` are those from which it was detected."""

    procedure: Procedure = Procedure.CORRECTIVE
    matter: str = ""
    detection: DetectionKind | None = None
    cases: tuple[str, ...] = ()
    review: str | None = None
    household: str | None = None
    home: str | None = None
    due_by: datetime | None = None
    missed_at: datetime | None = None
    first_missed_at: datetime | None = None
    cause: str | None = None
    measures: str | None = None
    responsible: str | None = None
    proposed_by: str | None = None
    approved_by: str | None = None
    result: str | None = None
    verify_from: date | None = None
    verify_by: date | None = None
    verify_missed_at: datetime | None = None
    carried_out_at: datetime | None = None
    carried_out_by: str | None = None
    verified_at: datetime | None = None
    evidence: str | None = None
    ineffective: int = 0
    closed_at: datetime | None = None

    @property
    def running_until(self) -> datetime | None:
        """The deadline that is still to be kept or missed."""
        return self.due_by if self.missed_at is None else None

    @property
    def verification_until(self) -> datetime | None:
        """24:00 of the last day on which the effect is verified in time, while that is still to be kept or missed."""
        wanted = self.verify_by is not None and self.verify_missed_at is None
        return end_of_day(self.verify_by) if wanted and self.verify_by is not None else None


def evolve(action: CorrectiveAction, fact: Fact) -> None:
    """Fold one fact into the action."""
    match fact.event:
        case CorrectiveActionOpened() as e:
            action.procedure, action.matter, action.detection, action.due_by = (
                e.procedure,
                e.matter,
                e.detection,
                e.due_by,
            )
            action.cases, action.review, action.household, action.home = e.cases, e.review, e.household, e.home
        case CauseAnalysed() as e:
            action.cause = e.cause
        case MeasuresProposed() as e:
            action.measures, action.responsible, action.proposed_by = e.measures, e.responsible, fact.user_id
            if e.due_by != action.due_by:
                action.due_by, action.missed_at = e.due_by, None
        case MeasuresApproved():
            action.approved_by = fact.user_id
        case MeasuresCarriedOut() as e:
            action.result, action.verify_from, action.carried_out_at = e.result, e.verify_from, fact.occurred_at
            action.verify_by, action.carried_out_by, action.verify_missed_at = e.verify_by, fact.user_id, None
        case CorrectiveActionOverdue() as e:
            action.missed_at, action.first_missed_at = e.due_at, action.first_missed_at or e.due_at
        case ActionVerificationOverdue() as e:
            action.verify_missed_at = e.due_at
        case ActionFoundEffective() as e:
            action.verified_at, action.evidence = fact.occurred_at, e.evidence
        case ActionFoundIneffective() as e:
            action.ineffective, action.due_by, action.missed_at = action.ineffective + 1, e.due_by, None
            action.evidence, action.result, action.carried_out_at = e.evidence, None, None
        case CorrectiveActionClosed():
            action.closed_at = fact.occurred_at


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
        yield self.said(CorrectiveActionOpened, due_by=due_by)


@command
class AnalyseCause(Command):
    """分析原因 · Analyse the cause."""

    cause: str

    def decide(self, _action: CorrectiveAction, _at: Moment) -> Iterator[Event]:
        """Why it came about (§5.2.5(6))."""
        if not self.cause.strip():
            raise broken("cause-missing", "5.2.5(6)", "请写明原因", "say why", "cause")
        yield self.said(CauseAnalysed)


@command
class ProposeMeasures(Command):
    """提出措施 · Propose measures."""

    measures: str
    responsible: str
    due_by: datetime | None = None

    def decide(self, action: CorrectiveAction, at: Moment) -> Iterator[Event]:
        """What, by whom, until when (§5.2.5(6))."""
        standing = action.due_by if action.due_by is not None and action.due_by > at.now else None
        due_by = deadline_from(self.due_by or standing, "corrective_actions.default_days", "5.2.5(6)", at)
        yield MeasuresProposed(measures=self.measures, responsible=self.responsible, due_by=due_by)


@command
class ApproveMeasures(Command):
    """批准措施 · Approve the measures."""

    remark: str | None = None

    def decide(self, action: CorrectiveAction, at: Moment) -> Iterator[Event]:
        """By the manager, who did not propose them (§5.2.5(6))."""
        another_person({action.proposed_by} if action.proposed_by else set(), "5.2.5(6)", at)
        yield self.said(MeasuresApproved)


@command
class RejectMeasures(Command):
    """退回措施 · Send the measures back."""

    reason: str

    def decide(self, _action: CorrectiveAction, _at: Moment) -> Iterator[Event]:
        """They are proposed anew (§5.2.5(6))."""
        yield self.said(MeasuresRejected)


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

    def decide(self, action: CorrectiveAction, at: Moment) -> Iterator[Event]:
        """Later than they were carried out, by somebody else; without effect it is analysed again (§5.2.5(6))."""
        another_person(frozenset(filter(None, (action.responsible, action.carried_out_by))), "5.2.5(6)", at)
        if action.verify_from is not None and at.today < action.verify_from:
            at.lacks(
                broken(
                    "too-early", "5.2.5(6)", f"效果须在{action.verify_from}以后验证",
                    f"the effect is verified from {action.verify_from} on", "occurred_at",
                )
            )  # fmt: skip
        if self.effective:
            yield ActionFoundEffective(evidence=self.evidence)
        else:
            due_by = deadline_from(self.due_by, "corrective_actions.default_days", "5.2.5(6)", at)
            yield ActionFoundIneffective(evidence=self.evidence, due_by=due_by)


@command
class CloseCorrectiveAction(Command):
    """关闭纠正预防措施 · Close the action."""

    def decide(self, _action: CorrectiveAction, _at: Moment) -> Iterator[Event]:
        """Only what was found effective (§5.2.5(6))."""
        yield CorrectiveActionClosed()


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
)
# fmt: on
