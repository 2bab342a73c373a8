"""How a follow-up comes to an end 回访的了结 (§5.2.D, §5.2.5(7)): put right, satisfied, lawfully ended, or void; and kept."""

from __future__ import annotations

from collections.abc import Iterator

from domain.handbook.settings import Numbers
from domain.kernel.calendar import SHANGHAI
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor
from domain.kernel.rules import blank, broken, forbid, missing, own_work
from domain.visits.follow_up.case import FollowUp
from domain.visits.follow_up.events import (
    ExitReason,
    FollowUpExited,
    FollowUpExitProposed,
    FollowUpLapsed,
    FollowUpRetentionEnded,
    FollowUpWithdrawn,
    LapseReason,
    Mode,
    NonconformitySettled,
)


@command
class EndFollowUpRound(Command):
    """结束本轮回访 · End this round.

    Put right, and by whom; the next round asks again (§5.2.D).
    """

    doers: tuple[str, ...] = ()


@command
class SettleNonconformity(Command):
    """不合格项了结 · Note how the chain ended."""

    outcome: str

    def decide(self, visit: FollowUp, _at: Moment) -> Iterator[Event]:
        """A nonconformity is settled when the resident is satisfied or the chain was ended lawfully (§5.2.D)."""
        if visit.chain_outcome is None:
            yield self.to_event(NonconformitySettled)


@command
class ProposeFollowUpExit(Command):
    """提请终止回访 · Propose to end the follow-up."""

    reason: ExitReason
    note: str
    mode: Mode | None = None
    words: Personal | None = None

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """By whoever went, with what the reason claims; until another signs it off, the round goes on (§5.2.D).

        A refusal, or that it is none of the office's business, bears the resident's own words and how they were heard.
        """
        forbid(blank(self.note, "note", "5.2.D", "请写明终止的理由", "say why it is to end"))
        if self.reason in (ExitReason.REFUSED, ExitReason.OUTSIDE_DUTY):
            at.require_evidence(
                blank(self.words, "words", "5.2.D", "请记录住户原话", "write down what the resident said")
            )
            if self.mode is None:
                at.require_evidence(
                    missing("mode", "5.2.D", "请填写以何种方式联系到住户", "say how the resident was reached")
                )
        _check_claim(visit, self.reason, at)
        yield self.to_event(FollowUpExitProposed)


@command
class RefuseFollowUpExit(Command):
    """不予终止，继续回访 · Refuse to end the follow-up.

    The round goes on, in the window that it has (§5.2.D).
    """

    comment: str

    @staticmethod
    def ready(visit: FollowUp, _who: Actor) -> Refusal | None:
        """Only what was proposed."""
        return _not_proposed() if visit.exit_proposed is None else None


@command
class ExitFollowUp(Command):
    """签批终止回访 · Sign off that the chain ends without satisfaction."""

    reason: ExitReason
    note: str

    @staticmethod
    def ready(visit: FollowUp, who: Actor) -> Refusal | None:
        """Proposed first, with what the reason claims, and by another than signs: he neither was to go nor did the work.

        (Other systems' histories know of the end alone.)
        """
        if visit.exit_proposed is None:
            return _not_proposed()
        return own_work(who, {visit.exit_proposed_by or "", visit.visitor or "", *visit.own_work}, "5.2.D")

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """The lawful way out, with the reason that was proposed, and counted apart (§5.2.D)."""
        if visit.exit_proposed is not None and visit.exit_proposed is not self.reason:
            raise broken(
                "other-reason", "5.2.D", "签批的理由与提请的不同", "that is not the reason that was proposed", "reason"
            )
        _check_claim(visit, self.reason, at)
        yield self.to_event(FollowUpExited)


def _not_proposed() -> RuleBroken:
    return broken(
        "exit-not-proposed",
        "5.2.D",
        "终止须先由回访人提请并附依据，再由另一人签批",
        "whoever went proposes the end with its evidence; another signs it off",
    )


def _check_claim(visit: FollowUp, reason: ExitReason, at: Moment) -> None:
    """What the reason says of the resident has to be so (§5.2.D): nobody there, tried in vain, or asked."""
    if reason is ExitReason.NOBODY and not visit.anonymous:
        raise broken("somebody-to-ask", "5.2.D", "投诉人已知，须回访", "who complained is known: ask them", "reason")
    asked = visit.conducted_at is not None
    if reason is ExitReason.UNREACHABLE and asked:
        raise broken("was-reached", "5.2.D", "住户已回访到", "the resident was reached", "reason")
    if reason in (ExitReason.UNREACHABLE, ExitReason.SIGNED_OFF) and not asked and not tried_in_vain(visit, at.numbers):
        at.require_evidence(never_tried(at.numbers))


def tried_in_vain(visit: FollowUp, numbers: Numbers) -> bool:
    """Whether the resident was tried in earnest 未能联系: so often, on different days and at different hours of the day.

    What was tried within one hour of one day is one attempt (§5.2.D).
    """
    tries = {(each.date(), each.hour) for each in (attempt.astimezone(SHANGHAI) for attempt in visit.attempts)}
    return (
        len(tries) >= numbers.integer("follow_up.unreachable_attempts")
        and len({day for day, _ in tries}) >= numbers.integer("follow_up.unreachable_days")
        and len({hour for _, hour in tries}) >= numbers.integer("follow_up.unreachable_hours")
    )


def never_tried(numbers: Numbers, code: str = "never-tried", clause: str = "5.2.D") -> RuleBroken:
    """Why somebody does not count as unreachable yet."""
    names = ("attempts", "days", "hours")
    times, days, hours = (numbers.integer(f"follow_up.unreachable_{name}") for name in names)
    return broken(
        code,
        clause,
        f"须先回访，或在{days}个不同日期、{hours}个不同钟点共{times}次未能联系",
        f"first ask, or try {times} times on {days} different days and at {hours} different hours",
        "reason",
    )


@command
class WithdrawFollowUp(Command):
    """撤销误立的回访 · Withdraw a follow-up planned by mistake."""

    reason: str

    @staticmethod
    def ready(visit: FollowUp, _who: Actor) -> Refusal | None:
        """Only what a person planned beside what the book owes: that itself is nobody's to withdraw (§5.2.5(1))."""
        if not visit.extra:
            return broken(
                "owed-by-the-book", "5.2.5(1)", "手册规定的回访不能撤销", "what the handbook owes is not withdrawn"
            )
        return None

    def decide(self, _visit: FollowUp, _at: Moment) -> Iterator[Event]:
        """It stays in the book with its reason; no figure ever counted it (§5.2.5(1))."""
        forbid(blank(self.reason, "reason", "5.2.5(1)", "请写明撤销的理由", "say why it is withdrawn"))
        yield self.to_event(FollowUpWithdrawn)


@command
class LapseFollowUp(Command):
    """回访失效 · Note that nothing is left to ask about."""

    reason: LapseReason

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """Opened again, replaced in the sample, or ended before its time; what was missed by then stays missed (§5.2.3)."""
        missed = visit.closes_on is not None and at.today > visit.closes_on
        if self.reason is not LapseReason.ENDED_EARLY or not missed:
            yield self.to_event(FollowUpLapsed)


@command
class MarkFollowUpRetentionEnded(Command):
    """回访记录保管期满 · Note that the record need not be kept any longer."""

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """Three years after the visit; it is then up for disposal (§5.2.5(7))."""
        yield FollowUpRetentionEnded(retained_until=visit.retained_until or at.today)
