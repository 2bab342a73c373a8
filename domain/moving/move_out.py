"""Move-out 迁出 (§1.3, §9): with its date, what is owed, the keys that come back; debts stay with their owner.

A sale or the end of a lease is a move-out with a reason; who follows has a file and a case of his own, so every bill
stays with the household of its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import hold, step, wait
from domain.kernel.people import Role
from domain.kernel.rules import broken, day_ahead, forbid, missing, negative, unsigned
from domain.moving.move_in.events import FoundAtInspection, MeterReading
from domain.residents.household.case import RESIDENT, Household

GIVEN, SETTLED, INSPECTED, COMPLETED, WITHDRAWN = "notice-given", "settled", "inspected", "completed", "withdrawn"


class MoveOutReason(StrEnum):
    """Why a household leaves 迁出原因."""

    SALE = "sale"  # 房屋转让
    LEASE_ENDED = "lease-ended"  # 租约终止
    OTHER = "other"  # 其他


@event()
class MoveOutGiven(Event):
    """已申请迁出 · Move-out announced."""

    household: str
    home: str
    leaving_on: date
    reason: MoveOutReason
    new_address: Personal | None = None


@event()
class MoveOutSettled(Event):
    """迁出费用已核对 · Accounts of the move-out checked."""

    outstanding_fen: int
    arrangement: Personal | None = None


@event()
class MoveOutInspected(Event):
    """迁出已查验 · Home inspected at the move-out."""

    keys: tuple[str, ...]
    defects: tuple[FoundAtInspection, ...] = ()
    meters: tuple[MeterReading, ...] = ()
    signature: Personal | None = None


@event()
class MoveOutCompleted(Event):
    """迁出已办结 · Move-out completed."""

    left_on: date


@event()
class MoveOutWithdrawn(Event):
    """迁出已撤回 · Move-out withdrawn."""

    reason: str


@dataclass(slots=True, kw_only=True)
class MoveOut(Case):
    """What is known of one move-out; ``outstanding_fen`` is what was owed when the accounts were checked (fen)."""

    CORRECTS = ("reason",)

    household: str = ""
    home: str = ""
    leaving_on: date | None = None
    reason: MoveOutReason = MoveOutReason.OTHER
    outstanding_fen: int | None = None
    arranged: bool = False
    keys: tuple[str, ...] = ()
    defects: int = 0
    inspected_at: datetime | None = None
    left_on: date | None = None
    completed_at: datetime | None = None

    def why_it_stands(self) -> Refusal | None:
        """Who has left has left."""
        if self.completed_at is not None:
            return broken("left-already", "1.3", "已迁出，不能按误登撤销", "they have moved out")
        return None


def evolve(move: MoveOut, fact: Fact) -> None:
    """Fold one fact into the move-out."""
    match fact.event:
        case MoveOutGiven() as e:
            move.household, move.home, move.leaving_on, move.reason = e.household, e.home, e.leaving_on, e.reason
        case MoveOutSettled() as e:
            move.outstanding_fen, move.arranged = e.outstanding_fen, e.arrangement is not None
        case MoveOutInspected() as e:
            move.keys, move.defects, move.inspected_at = e.keys, len(e.defects), fact.occurred_at
        case MoveOutCompleted() as e:
            move.left_on, move.completed_at = e.left_on, fact.occurred_at


@command
class GiveMoveOutNotice(Command):
    """申请迁出 · Announce a move-out."""

    household: str
    leaving_on: date
    reason: MoveOutReason
    new_address: Personal | None = None

    def related(self) -> dict[str, str]:
        """The file of those who leave."""
        return {"household": self.household}

    def decide(self, _move: None, at: Moment) -> Iterator[Event]:
        """Only who lives there can leave (§9.1)."""
        file = at.related["household"]
        if not isinstance(file, Household) or file.state != RESIDENT:
            raise broken("not-resident", "9.1", "该住户不在住", "that household does not live here", "household")
        yield MoveOutGiven(
            household=self.household,
            home=file.home,
            leaving_on=self.leaving_on,
            reason=self.reason,
            new_address=self.new_address,
        )


@command
class SettleMoveOut(Command):
    """核对迁出费用 · Check the accounts of the move-out."""

    outstanding_fen: int
    arrangement: Personal | None = None

    def decide(self, _move: MoveOut, at: Moment) -> Iterator[Event]:
        """What is still owed stays the leaver's; then it is written down how he will pay (§8)."""
        forbid(negative(self.outstanding_fen, "1.3", "outstanding_fen"))
        if self.outstanding_fen > 0 and self.arrangement is None:
            at.require_evidence(
                missing("arrangement", "8", "尚有欠费，请写明清偿安排", "say how the debt will be paid")
            )
        yield self.to_event(MoveOutSettled)


@command
class InspectMoveOut(Command):
    """迁出查验 · Inspect the home at the move-out."""

    keys: tuple[str, ...]
    defects: tuple[FoundAtInspection, ...] = ()
    meters: tuple[MeterReading, ...] = ()
    signature: Personal | None = None

    def decide(self, _move: MoveOut, at: Moment) -> Iterator[Event]:
        """Keys, passes and meters; who leaves signs (§1.3)."""
        if any(reading.hundredths < 0 for reading in self.meters):
            raise broken(
                "meter-negative", "1.3", "表计读数不能为负", "a meter does not show less than nothing", "meters"
            )
        at.require_evidence(unsigned(self.signature, "1.3", "迁出住户须签字", "who leaves signs"))
        yield self.to_event(MoveOutInspected)


@command
class CompleteMoveOut(Command):
    """办结迁出 · Complete the move-out."""

    left_on: date | None = None

    def decide(self, move: MoveOut, at: Moment) -> Iterator[Event]:
        """The household's retention begins; the home is free (§9.2)."""
        left_on = self.left_on or min(move.leaving_on or at.today, at.today)
        forbid(day_ahead(left_on, "9.2", at, "left_on"))
        yield MoveOutCompleted(left_on=left_on)


@command
class WithdrawMoveOut(Command):
    """撤回迁出 · Withdraw the move-out.

    They stay (§9.1).
    """

    reason: str


_CLERKS = (Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER)
_UNFINISHED = (GIVEN, SETTLED, INSPECTED)

# fmt: off
LIFECYCLE = Lifecycle(
    of=MoveOut, kind="move_out", path="move-outs", zh="迁出", en="move-out", clauses="1.3", evolve=evolve,
    subject=lambda move: move.household or None,
    states={
        GIVEN: ("已申请", "announced"), SETTLED: ("费用已核对", "accounts checked"), INSPECTED: ("已查验", "inspected"),
        COMPLETED: ("已办结", "completed"), WITHDRAWN: ("已撤回", "withdrawn"),
    },
    final=[COMPLETED, WITHDRAWN],
    steps=[  # command         event             from         to         who      clause
        step(GiveMoveOutNotice, MoveOutGiven,    None,        GIVEN,     _CLERKS, "1.3"),
        step(SettleMoveOut,    MoveOutSettled,   GIVEN,       SETTLED,   _CLERKS, "1.10"),
        step(InspectMoveOut,   MoveOutInspected, SETTLED,     INSPECTED, _CLERKS, "1.3"),
        step(CompleteMoveOut,  MoveOutCompleted, INSPECTED,   COMPLETED, _CLERKS, "9.1"),
        step(WithdrawMoveOut,  MoveOutWithdrawn, _UNFINISHED, WITHDRAWN, _CLERKS, "9.1"),
    ],
    holds=[
        hold(_UNFINISHED, lambda move: f"move-out-of:{move.household}",
             zh="一户同时只办一次迁出", en="one move-out at a time for a household"),
    ],
    waits=[
        wait("completion", _UNFINISHED, within="waiting.moved_out_within_days", clause="1.3", zh="办结迁出", en="complete the move-out",
             since=lambda move, said: said.leaving_on if move is None else move.leaving_on),
    ],
)
# fmt: on
