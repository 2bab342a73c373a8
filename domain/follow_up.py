"""Follow-up 回访 (§5.2): within its window, by somebody else, signed, handed in, reviewed; again until satisfied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from domain.calendar import Window, add_years, special_service_middle, window
from domain.errors import NotPermitted, RuleBroken
from domain.fact import Command, Event, Moment, Personal, command
from domain.follow_up_events import (
    ASSIGNED,
    CLOSED,
    CONDUCTED,
    EXITED,
    NONCONFORMING,
    PLANNED,
    SUBMITTED,
    WAITING,
    ExitReason,
    FollowUp,
    FollowUpAssigned,
    FollowUpConducted,
    FollowUpExited,
    FollowUpFoundConforming,
    FollowUpFoundNonconforming,
    FollowUpOpened,
    FollowUpRoundEnded,
    FollowUpSubmitted,
    FollowUpType,
    FollowUpWindowMissed,
    Means,
    Mode,
    ResidentUnreachable,
    SubmissionMissed,
    VisitAppointed,
    evolve,
)
from domain.lifecycle import SAME, Lifecycle, deadline, step
from domain.people import Role
from domain.settings import Numbers

_LEAST_SATISFIED, _MOST_SATISFIED = 1, 5


def window_of(type_: FollowUpType, anchor: date, numbers: Numbers, term_from: date | None = None) -> Window:
    """The window of §5.2.3 for something that happened (ended, was completed) on ``anchor``.

    A special service with ``term_from`` is still running until ``anchor``: its middle; without, the days after its end.
    """
    whole = numbers.integer
    match type_:
        case FollowUpType.TAKEOVER:
            return window(anchor, (0, "days"), (whole("follow_up.takeover.within_months"), "months"))
        case FollowUpType.COMPLAINT:
            return window(anchor, (0, "days"), (whole("follow_up.complaint.within_days"), "days"))
        case FollowUpType.MOVE_IN:
            opens = window(anchor, (0, "days"), (whole("follow_up.move_in.after_months"), "months")).closes
            return Window(anchor, opens, opens + timedelta(days=whole("follow_up.move_in.grace_days")))
        case FollowUpType.REPAIR:
            first, last = whole("follow_up.repair.from_days"), whole("follow_up.repair.to_months")
            return window(anchor, (first, "days"), (last, "months"))
        case FollowUpType.SPECIAL_SERVICE if term_from is not None:
            share = numbers.fraction
            return special_service_middle(
                term_from,
                anchor,
                share("follow_up.special_service.middle_from"),
                share("follow_up.special_service.middle_to"),
            )
        case FollowUpType.SPECIAL_SERVICE:
            return window(anchor, (0, "days"), (whole("follow_up.special_service.after_end_days"), "days"))
        case FollowUpType.EMERGENCY:
            return window(anchor, (0, "days"), (whole("follow_up.emergency.within_days"), "days"))
        case FollowUpType.ACTIVITY:
            return window(anchor, (0, "days"), (whole("follow_up.activity.within_months"), "months"))
        case FollowUpType.OTHER:  # pragma: no branch  (there is no other type)
            return window(anchor, (0, "days"), (whole("follow_up.other.within_days"), "days"))


@command
class OpenFollowUp(Command):
    """制订回访计划 · Plan a follow-up."""

    type: FollowUpType
    anchor: date
    term_from: date | None = None
    origin_kind: str | None = None
    origin_id: str | None = None
    household: str | None = None
    home: str | None = None
    responsible: str | None = None
    by_manager: bool = False
    chain: str | None = None
    round: int = 1

    def decide(self, _visit: None, at: Moment) -> Iterator[Event]:
        """The window is fixed by what happened, when it happened (§5.2.3); major ones are the manager's (§5.2.5(1))."""
        if self.term_from is not None and self.term_from > self.anchor:
            raise RuleBroken(
                "term-backwards",
                "5.2.3(5)",
                zh="合同终止早于起始",
                en="the term ends before it begins",
                field="term_from",
            )
        span = window_of(self.type, self.anchor, at.numbers, self.term_from)
        yield self.said(
            FollowUpOpened,
            opens_on=span.opens,
            closes_on=span.closes,
            by_manager=self.by_manager or self.type is FollowUpType.MOVE_IN,
        )


@command
class AssignFollowUp(Command):
    """安排回访人 · Assign the visitor and tell him."""

    visitor: str

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """Nobody follows up his own work; major ones and move-ins are organised by the manager (§5.2.5(1), (2))."""
        if self.visitor == visit.origin_responsible:
            raise _own_work("visitor")
        if visit.by_manager and at.role is not Role.MANAGER:
            raise NotPermitted(
                "role",
                "5.2.5(1)",
                zh="重要投诉和入住回访由经理组织",
                en="the manager organises major ones and move-ins",
            )
        yield self.said(FollowUpAssigned)


@command
class AppointVisit(Command):
    """预约上门 · Appoint the visit."""

    appointed_at: datetime

    def decide(self, _visit: FollowUp, at: Moment) -> Iterator[Event]:
        """A visit at home is announced and kept on time (§5.2.6(2))."""
        if self.appointed_at <= at.now:
            at.lacks(
                RuleBroken(
                    "appointment-passed", "5.2.6(2)", zh="预约时间须在以后", en="the appointment lies ahead",
                    field="appointed_at",
                )
            )  # fmt: skip
        yield self.said(VisitAppointed)


@command
class RecordUnreachable(Command):
    """登记未能联系 · Record that the resident could not be reached."""

    mode: Mode

    def decide(self, _visit: FollowUp, _at: Moment) -> Iterator[Event]:
        """Silence is never satisfaction (§5.2.D)."""
        yield self.said(ResidentUnreachable)


@command
class ConductFollowUp(Command):
    """填写回访记录 · Conduct the follow-up."""

    mode: Mode
    means: Means
    quality: str
    effect: str
    satisfaction: int
    conforming: bool
    shortcomings: Personal | None = None
    suggestions: Personal | None = None
    resident_signature: Personal | None = None
    visitor_signature: Personal | None = None

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """In its window or late and marked so, never early; signed by both, except on the telephone (§5.2.5(3), (4))."""
        if not _LEAST_SATISFIED <= self.satisfaction <= _MOST_SATISFIED:
            raise RuleBroken(
                "satisfaction-scale", "5.2.4", zh="满意度为1至5", en="satisfaction is 1 to 5", field="satisfaction"
            )
        if at.user_id == visit.origin_responsible:
            raise _own_work(None)
        if visit.opens_on is not None and at.today < visit.opens_on:
            at.lacks(
                RuleBroken("too-early", "5.2.3", zh=f"最早{visit.opens_on}回访", en=f"not before {visit.opens_on}")
            )
        if self.mode is Mode.VISIT and visit.appointed_at is None:
            at.lacks(RuleBroken("appointment-missing", "5.2.6(2)", zh="上门回访须先预约", en="appoint the visit first"))
        if self.mode is not Mode.TELEPHONE and self.resident_signature is None:
            at.lacks(_unsigned("resident_signature", "5.2.5(3)", "须住户签名", "the resident signs"))
        if self.visitor_signature is None:
            at.lacks(_unsigned("visitor_signature", "5.2.5(4)", "须回访人签名", "the visitor signs"))
        hours = at.numbers.integer("follow_up.submit_within_hours")
        years = at.numbers.integer("follow_up.retention_years")
        yield self.said(
            FollowUpConducted,
            in_window=visit.closes_on is None or at.today <= visit.closes_on,
            submit_by=at.now + timedelta(hours=hours),
            retained_until=add_years(at.today, years),
        )


@command
class MissFollowUpWindow(Command):
    """回访期限已过 · Note that the window has passed."""

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """At 24:00 of its last day (§5.2.3); the visit is still owed."""
        yield FollowUpWindowMissed(closes_on=visit.closes_on or at.today)


@command
class SubmitFollowUp(Command):
    """交存回访记录 · Hand in the record."""

    def decide(self, _visit: FollowUp, _at: Moment) -> Iterator[Event]:
        """Into the office's archive within 24 hours (§5.2.5(7))."""
        yield FollowUpSubmitted()


@command
class MissSubmission(Command):
    """回访记录逾期未交 · Note that the record was not handed in in time."""

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """At the end of the 24 hours (§5.2.5(7))."""
        yield SubmissionMissed(due_at=visit.submit_by or at.now)


@command
class ReviewFollowUp(Command):
    """审核回访记录 · Review the record."""

    comment: str
    conforming: bool
    responsible: str | None = None
    rectify_by: datetime | None = None

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """The manager's comment; a nonconforming one names who corrects it, and by when (§5.2.5(5), §5.2.D)."""
        if self.conforming:
            if visit.conforming is False:
                raise RuleBroken(
                    "not-satisfied", "5.2.D", zh="住户不满意的回访不能审核为合格", en="an unsatisfied resident is not conforming",
                    field="conforming",
                )  # fmt: skip
            yield FollowUpFoundConforming(comment=self.comment)
            return
        if self.responsible is None or self.rectify_by is None or self.rectify_by <= at.now:
            raise RuleBroken(
                "rectification-missing", "5.2.5(5)", zh="不合格项须指定责任人和整改期限", en="say who corrects it and by when",
                field="responsible" if self.responsible is None else "rectify_by",
            )  # fmt: skip
        yield FollowUpFoundNonconforming(comment=self.comment, responsible=self.responsible, rectify_by=self.rectify_by)


@command
class EndFollowUpRound(Command):
    """结束本轮回访 · End this round."""

    def decide(self, _visit: FollowUp, _at: Moment) -> Iterator[Event]:
        """Put right; the next round asks again (§5.2.D)."""
        yield FollowUpRoundEnded()


@command
class ExitFollowUp(Command):
    """终止回访 · End the chain without satisfaction."""

    reason: ExitReason
    note: str

    def decide(self, _visit: FollowUp, _at: Moment) -> Iterator[Event]:
        """The lawful way out, with a reason and counted apart (§5.2.D)."""
        yield self.said(FollowUpExited)


def _own_work(field: str | None) -> RuleBroken:
    return RuleBroken(
        "own-work", "5.2.5(1)", zh="不得回访自己经办的事项", en="nobody follows up his own work", field=field
    )


def _unsigned(field: str, clause: str, zh: str, en: str) -> RuleBroken:
    return RuleBroken("signature-missing", clause, zh=zh, en=en, field=field)


_PLANNERS = (Role.ASSISTANT, Role.MANAGER)
_VISITORS = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DEPARTMENT_HEAD, Role.MANAGER)
_MANAGER, _POLICY, _CLOCK = [Role.MANAGER], [Role.POLICY], [Role.CLOCK]

# fmt: off
LIFECYCLE = Lifecycle(
    of=FollowUp, kind="follow_up", path="follow-ups", zh="回访", en="follow-up", clauses="5.2", evolve=evolve,
    subject=lambda visit: visit.household,
    states={
        PLANNED: ("已计划", "planned"), ASSIGNED: ("已安排", "assigned"), CONDUCTED: ("已回访", "conducted"),
        SUBMITTED: ("已交存", "submitted"), NONCONFORMING: ("不合格", "nonconforming"), CLOSED: ("已结束", "closed"),
        EXITED: ("已终止", "exited"),
    },
    final=[CLOSED, EXITED],
    steps=[  # command          event                       from                   to             who          clause
        step(OpenFollowUp,      FollowUpOpened,             None,                  PLANNED,       [*_PLANNERS, Role.POLICY], "5.2.5(1)"),
        step(AssignFollowUp,    FollowUpAssigned,           WAITING,               ASSIGNED,      _PLANNERS,   "5.2.5(2)"),
        step(AppointVisit,      VisitAppointed,             WAITING,               SAME,          _VISITORS,   "5.2.6(2)"),
        step(RecordUnreachable, ResidentUnreachable,        WAITING,               SAME,          _VISITORS,   "5.2.D"),
        step(ConductFollowUp,   FollowUpConducted,          ASSIGNED,              CONDUCTED,     _VISITORS,   "5.2.5(3)"),
        step(MissFollowUpWindow, FollowUpWindowMissed,      WAITING,               SAME,          _CLOCK,      "5.2.3"),
        step(SubmitFollowUp,    FollowUpSubmitted,          CONDUCTED,             SUBMITTED,     _VISITORS,   "5.2.5(7)"),
        step(MissSubmission,    SubmissionMissed,           CONDUCTED,             SAME,          _CLOCK,      "5.2.5(7)"),
        step(ReviewFollowUp,    FollowUpFoundConforming,    SUBMITTED,             CLOSED,        _MANAGER,    "5.2.5(5)"),
        step(ReviewFollowUp,    FollowUpFoundNonconforming, SUBMITTED,             NONCONFORMING, _MANAGER,    "5.2.5(5)"),
        step(EndFollowUpRound,  FollowUpRoundEnded,         NONCONFORMING,         CLOSED,        _POLICY,     "5.2.D"),
        step(ExitFollowUp,      FollowUpExited,             (*WAITING, SUBMITTED, NONCONFORMING), EXITED, _MANAGER, "5.2.D"),
    ],
    deadlines=[
        deadline("window", WAITING, due=lambda visit: visit.window_until, gives=MissFollowUpWindow, clause="5.2.3",
                 zh="在规定时限内回访", en="conduct the follow-up in its window"),
        deadline("submission", CONDUCTED, due=lambda visit: visit.submission_until, gives=MissSubmission,
                 clause="5.2.5(7)", zh="二十四小时内交存回访记录", en="hand in the record within 24 hours"),
    ],
)
# fmt: on
