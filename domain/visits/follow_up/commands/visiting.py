"""A follow-up is planned, made, handed in and reviewed 回访的安排、进行与审核 (§5.2.3–5.2.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from domain.complaints.complaint.case import Complaint
from domain.kernel.calendar import add_years, end_of_day, local_date
from domain.kernel.errors import Refusal
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor, Role, person_key
from domain.kernel.rules import (
    backwards,
    beyond_cap,
    broken,
    deadline_passed,
    forbid,
    missing,
    only_for,
    own_work,
    unsigned,
)
from domain.rounds.repair_order.case import RepairOrder
from domain.visits.follow_up.case import FollowUp
from domain.visits.follow_up.events import (
    FollowUpAssigned,
    FollowUpConducted,
    FollowUpFoundConforming,
    FollowUpFoundNonconforming,
    FollowUpOpened,
    FollowUpReviewMissed,
    FollowUpSubmitted,
    FollowUpType,
    FollowUpWindowMissed,
    Means,
    Mode,
    ResidentUnreachable,
    SubmissionMissed,
    VisitAppointed,
)
from domain.visits.windows import window_of

_LEAST_SATISFIED, _MOST_SATISFIED = 1, 5
_TYPES: Final = {
    "takeover": FollowUpType.TAKEOVER,
    "complaint": FollowUpType.COMPLAINT,
    "move_in": FollowUpType.MOVE_IN,
    "repair_order": FollowUpType.REPAIR,
    "service_contract": FollowUpType.SPECIAL_SERVICE,
    "emergency_aid": FollowUpType.EMERGENCY,
    "activity": FollowUpType.ACTIVITY,
}
"""As what a kind of case is followed up; everything else is another service."""
_SERVICES: Final = ("service_contract", "service_order")
_OWN_WORK: Final = ("不得回访自己经办的事项", "nobody follows up his own work")


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
    doers: tuple[str, ...] = ()
    previous: str | None = None
    anonymous: bool = False
    unasked: int = 0

    def related(self) -> dict[str, str]:
        """What is asked about; it must exist in this office."""
        return {} if self.origin_id is None else {"origin": self.origin_id}

    def decide(self, _visit: None, at: Moment) -> Iterator[Event]:
        """The window is fixed by what happened, when it happened (§5.2.3); major ones are the manager's (§5.2.5(1)).

        What the book owes is planned by the program; a person plans one beside it, of a case that is there.
        """
        if self.term_from is not None:
            forbid(backwards(self.term_from, self.anchor, "5.2.3(5)", "term_from"))
        known = {} if at.role is Role.POLICY else self._beside(at)
        span = window_of(self.type, self.anchor, at.numbers, self.term_from)
        by_manager = self.by_manager or self.type is FollowUpType.MOVE_IN or known.pop("by_manager", False)
        yield self.to_event(FollowUpOpened, opens_on=span.opens, closes_on=span.closes, by_manager=by_manager, **known)

    def _beside(self, at: Moment) -> dict[str, Any]:
        if self.chain or self.previous or self.doers or self.anonymous or self.unasked or self.round != 1:
            raise broken(
                "chain-by-program",
                "5.2.D",
                "轮次与经办人由程序记录",
                "rounds and who worked on it are the program's to say",
                "chain",
            )
        origin = at.related.get("origin")
        if origin is None:
            if self.origin_kind is not None:
                raise missing("origin_id", "5.2.5(1)", "请填写所回访的事项", "say which case is asked about")
            return {"extra": True}
        kind = origin.id.partition("-")[0]
        if self.origin_kind not in (None, kind):
            raise broken("other-kind", "5.2.5(1)", "该事项并非此类", "that case is of another kind", "origin_kind")
        wanted = _TYPES.get(kind, FollowUpType.OTHER)
        if wanted is not self.type:
            zh, en = f"所回访的事项应按「{wanted.zh}」回访", f"that is followed up as: {wanted}"
            raise broken("other-type", "5.2.3", zh, en, "type")
        said = {name: getattr(self, name) or getattr(origin, name, None) for name in ("household", "home")}
        return {"extra": True, "origin_kind": kind, **said, **_worked_on(origin)}


def _worked_on(origin: Any) -> Mapping[str, Any]:
    """What the case itself says of who worked on it, and how often it was gone about."""
    if isinstance(origin, Complaint):
        return {
            "doers": origin.handlers,
            "chain": origin.id,
            "round": origin.reopened + 1,
            "anonymous": origin.anonymous,
            "by_manager": origin.severe,
            "previous": origin.unsatisfied,
        }
    if isinstance(origin, RepairOrder):
        return {"doers": origin.doers, "chain": origin.id}
    return {}


@command
class AssignFollowUp(Command):
    """安排回访人 · Assign the visitor and tell him."""

    visitor: str

    @staticmethod
    def ready(visit: FollowUp, who: Actor) -> Refusal | None:
        """Major ones and move-ins are organised by the manager (§5.2.5(1))."""
        if not visit.by_manager:
            return None
        return only_for(
            who,
            (Role.MANAGER,),
            "5.2.5(1)",
            "重要投诉和入住回访由经理组织",
            "the manager organises major ones and move-ins",
        )

    def decide(self, visit: FollowUp, _at: Moment) -> Iterator[Event]:
        """Nobody follows up his own work (§5.2.5(1), (2))."""
        if person_key(self.visitor) in set(map(person_key, visit.own_work)):
            raise broken("own-work", "5.2.5(1)", *_OWN_WORK, "visitor")
        yield self.to_event(FollowUpAssigned)


@command
class AppointVisit(Command):
    """预约上门 · Appoint the visit."""

    appointed_at: datetime

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """A visit at home is announced, for a time in its window or after, and kept on time (§5.2.6(2))."""
        at.require_evidence(deadline_passed(self.appointed_at, "5.2.6(2)", at, "appointed_at"))
        at.require_evidence(beyond_cap(self.appointed_at, "5.2.6(2)", at, "appointed_at"))
        _not_before(visit, at.day_of(self.appointed_at), at, "appointed_at")
        yield self.to_event(VisitAppointed)


@command
class RecordUnreachable(Command):
    """登记未能联系 · Record that the resident could not be reached.

    Silence is never satisfaction (§5.2.D).
    """

    mode: Mode

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """Silence is never satisfaction (§5.2.D); what is too early for a visit is too early for an attempt."""
        _not_before(visit, at.today, at, "occurred_at")
        yield self.to_event(ResidentUnreachable, entered_at=None if at.waived else at.recorded)


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

    @staticmethod
    def ready(visit: FollowUp, who: Actor) -> Refusal | None:
        """Not by who worked on it; for services by an administrator (§5.2.5(1))."""
        if visit.type is FollowUpType.SPECIAL_SERVICE or visit.origin_kind in _SERVICES:
            zh, en = "服务的回访由管理员进行", "administrators visit for services"
            elsewhere = only_for(who, (Role.ADMINISTRATOR,), "5.2.5(1)", zh, en)
            if elsewhere is not None:
                return elsewhere
        if visit.by_manager and who.role is not Role.MANAGER and _instead(visit, who):
            zh, en = (
                f"该回访已安排给{visit.visitor}，由经理改派",
                f"it is {visit.visitor}'s; the manager assigns another",
            )
            return broken("assigned-to-another", "5.2.5(1)", zh, en)
        return own_work(who, visit.own_work, "5.2.5(1)", *_OWN_WORK)

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """In its window or late and marked so, never early; signed by both, except on the telephone (§5.2.5(3), (4))."""
        self._check_verdict(at)
        _not_before(visit, at.today, at, "occurred_at")
        if self.mode is Mode.VISIT:
            _check_appointment(visit, at)
        if self.mode is not Mode.TELEPHONE:
            resident = unsigned(
                self.resident_signature, "5.2.5(3)", "须住户签名", "the resident signs", "resident_signature"
            )
            at.require_evidence(resident)
        at.require_evidence(
            unsigned(self.visitor_signature, "5.2.5(4)", "须回访人签名", "the visitor signs", "visitor_signature")
        )
        if _instead(visit, at.who) and not at.waived:
            yield FollowUpAssigned(visitor=at.user_id)  # another went than was assigned: that is a fact of its own
        hours = at.numbers.integer("follow_up.submit_within_hours")
        years = at.numbers.integer("follow_up.retention_years")
        yield self.to_event(
            FollowUpConducted,
            in_window=visit.closes_on is None or at.today <= visit.closes_on,
            submit_by=at.now + timedelta(hours=hours),
            retained_until=add_years(at.today, years),
            on_time=_on_time(visit, at) if self.mode is Mode.VISIT else None,
        )

    def _check_verdict(self, at: Moment) -> None:
        if not _LEAST_SATISFIED <= self.satisfaction <= _MOST_SATISFIED:
            raise broken("satisfaction-scale", "5.2.4", "满意度为1至5", "satisfaction is 1 to 5", "satisfaction")
        least = at.numbers.integer("follow_up.least_conforming")
        if self.conforming and self.satisfaction < least:
            raise broken(
                "verdict-contradicts",
                "5.2.4",
                f"满意度低于{least}不能判为合格",
                f"satisfaction below {least} does not conform",
                "conforming",
            )


def _instead(visit: FollowUp, who: Actor) -> bool:
    """Whether somebody else was assigned."""
    return visit.visitor is not None and not who.is_any({visit.visitor})


def _not_before(visit: FollowUp, day: date, at: Moment, field: str) -> None:
    if visit.opens_on is not None and day < visit.opens_on:
        at.require_evidence(
            broken("too-early", "5.2.3", f"最早{visit.opens_on}回访", f"not before {visit.opens_on}", field)
        )


def _check_appointment(visit: FollowUp, at: Moment) -> None:
    if visit.appointed_at is None:
        at.require_evidence(broken("appointment-missing", "5.2.6(2)", "上门回访须先预约", "appoint the visit first"))
    elif at.day_of(visit.appointed_at) != at.today:
        on = at.day_of(visit.appointed_at)
        at.require_evidence(
            broken(
                "appointment-not-kept",
                "5.2.6(2)",
                f"预约在{on}，改期须重新预约",
                f"it was appointed for {on}: appoint it anew",
                "occurred_at",
            )
        )


def _on_time(visit: FollowUp, at: Moment) -> bool:
    tolerance = timedelta(minutes=at.numbers.integer("follow_up.appointment_minutes"))
    return visit.appointed_at is not None and abs(at.now - visit.appointed_at) <= tolerance


@command
class MissFollowUpWindow(Command):
    """回访期限已过 · Note that the window has passed."""

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """At 24:00 of its last day (§5.2.3); the visit is still owed."""
        yield FollowUpWindowMissed(closes_on=visit.closes_on or at.today)


@command
class SubmitFollowUp(Command):
    """交存回访记录 · Hand in the record."""

    def decide(self, _visit: FollowUp, at: Moment) -> Iterator[Event]:
        """Into the office's archive within 24 hours (§5.2.5(7)); the manager reviews it within some days (ours)."""
        days = at.numbers.integer("follow_up.review_within_days")
        yield FollowUpSubmitted(review_by=None if at.waived else end_of_day(at.today + timedelta(days=days)))


@command
class MissSubmission(Command):
    """回访记录逾期未交 · Note that the record was not handed in in time."""

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """At the end of the 24 hours (§5.2.5(7))."""
        yield SubmissionMissed(due_at=visit.submit_by or at.now)


@command
class MissFollowUpReview(Command):
    """回访记录逾期未审核 · Note that the record was not reviewed in time."""

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """At 24:00 of the last day for it (§5.2.5(5)); the review is still owed."""
        yield FollowUpReviewMissed(due_at=visit.review_by or at.now)


@command
class ReviewFollowUp(Command):
    """审核回访记录 · Review the record."""

    comment: str
    conforming: bool
    responsible: str | None = None
    rectify_by: datetime | None = None

    @staticmethod
    def ready(visit: FollowUp, who: Actor) -> Refusal | None:
        """By the manager, who neither went nor handed it in; where a manager did, the company may (§5.2.5(5))."""
        if who.role is Role.COMPANY and not visit.recorded_by_manager:
            zh, en = (
                "回访记录由经理审核；经理本人回访的由公司审核",
                "the manager reviews; the company where a manager went himself",
            )
            return only_for(who, (Role.MANAGER,), "5.2.5(5)", zh, en)
        zh, en = "不得审核本人进行或交存的回访记录", "nobody reviews a record that he made or handed in"
        return own_work(who, {*visit.recorded_by, *visit.own_work}, "5.2.5(5)", zh, en)

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """The manager's comment; a nonconforming one names who corrects it, and by when (§5.2.5(5), §5.2.D)."""
        if self.conforming:
            if visit.conforming is False:
                raise broken(
                    "not-satisfied",
                    "5.2.D",
                    "住户不满意的回访不能审核为合格",
                    "an unsatisfied resident is not conforming",
                    "conforming",
                )
            yield FollowUpFoundConforming(comment=self.comment)
            return
        if self.responsible is None or self.rectify_by is None or self.rectify_by <= at.now:
            raise broken(
                "rectification-missing",
                "5.2.5(5)",
                "不合格项须指定责任人和整改期限",
                "say who corrects it and by when",
                "responsible" if self.responsible is None else "rectify_by",
            )
        at.require_evidence(beyond_cap(self.rectify_by, "5.2.5(5)", at, "rectify_by"))
        again = FollowUpType.COMPLAINT if visit.origin_kind == "complaint" else FollowUpType.OTHER
        yield FollowUpFoundNonconforming(
            comment=self.comment,
            responsible=self.responsible,
            rectify_by=self.rectify_by,
            settle_by=window_of(again, at.day_of(self.rectify_by), at.numbers).closes,
        )


def visited_on(visit: FollowUp) -> date | None:
    """The local date of the visit."""
    return local_date(visit.conducted_at) if visit.conducted_at is not None else None
