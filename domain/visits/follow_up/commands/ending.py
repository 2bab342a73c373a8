"""How a follow-up comes to an end 回访的了结 (§5.2.D, §5.2.5(7)): put right, satisfied, lawfully ended, or void; and kept."""

from __future__ import annotations

from collections.abc import Iterator

from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.rules import broken
from domain.visits.follow_up.case import FollowUp
from domain.visits.follow_up.events import (
    ExitReason,
    FollowUpExited,
    FollowUpLapsed,
    FollowUpRetentionEnded,
    LapseReason,
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
class ExitFollowUp(Command):
    """终止回访 · End the chain without satisfaction."""

    reason: ExitReason
    note: str

    def decide(self, visit: FollowUp, at: Moment) -> Iterator[Event]:
        """The lawful way out, with a reason and counted apart; nobody signs off what was never tried (§5.2.D)."""
        if self.reason is ExitReason.NOBODY and not visit.anonymous:
            raise broken(
                "somebody-to-ask", "5.2.D", "投诉人已知，须回访", "who complained is known: ask them", "reason"
            )
        attempts = at.numbers.integer("follow_up.unreachable_attempts")
        tried = visit.conducted_at is not None or visit.round > 1 or visit.unreachable >= attempts
        if self.reason is ExitReason.SIGNED_OFF and not tried:
            at.require_evidence(
                broken(
                    "never-tried", "5.2.D", f"签批终止前须已回访，或登记{attempts}次未能联系",
                    f"first ask, or record {attempts} attempts to reach them", "reason",
                )
            )  # fmt: skip
        yield self.to_event(FollowUpExited)


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
