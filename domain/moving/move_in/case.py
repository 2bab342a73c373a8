"""What is known of a move-in 入住 after some of its facts (§1.3). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import local_date
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Fact
from domain.kernel.rules import broken
from domain.moving.move_in.events import (
    DocumentKind,
    FoundAtInspection,
    MoveInApplied,
    MoveInCompleted,
    MoveInDefectSolved,
    MoveInDepositRefunded,
    MoveInDocumentsChecked,
    MoveInFeesSettled,
    MoveInHouseholdLinked,
    MoveInInspected,
    MoveInKeysHandedOver,
    MoveInLeftIncomplete,
    MoveInWithdrawn,
)
from domain.residents.household.events import Occupancy

APPLIED, CHECKED, SETTLED, INSPECTED = "applied", "documents-checked", "fees-settled", "inspected"
KEYS_HANDED, COMPLETED, WITHDRAWN = "keys-handed-over", "completed", "withdrawn"
BEFORE_KEYS = (APPLIED, CHECKED, SETTLED, INSPECTED)
"""The states before the keys are the resident's."""
DEPOSIT = "deposit"
"""What waits when a deposit is to go back."""


@dataclass(slots=True, kw_only=True)
class MoveIn(Case):
    """What is known of one move-in. ``defects`` are numbered from 1 in the order in which they were found."""

    CORRECTS = ("occupancy", "area", "wanted_on", "applicant", "phone", "receipt")
    PAPERS = True

    home: str = ""
    vacant_home: str | None = None
    household: str | None = None
    occupancy: Occupancy = Occupancy.OWNER
    area: int | None = None
    wanted_on: date | None = None
    applicant: str | None = None
    phone: str | None = None
    documents: tuple[DocumentKind, ...] = ()
    fees_fen: int | None = None
    receipt: str | None = None
    fees_at: datetime | None = None
    fees_method: PaymentMethod | None = None
    received_by: str | None = None
    advance_fen: int = 0
    keys_place: int = 0
    household_place: int = 0
    """Where in the case the keys were handed over, and where it was known whose file it is; 0 until then."""
    deposit_fen: int = 0
    held_fen: int = 0
    deducted_fen: int = 0
    refunded_fen: int = 0
    refunded_at: datetime | None = None
    refund_method: PaymentMethod | None = None
    refund_receipts: tuple[str, ...] = ()
    inspected_at: datetime | None = None
    defects: dict[int, FoundAtInspection] = field(default_factory=dict)
    solved: set[int] = field(default_factory=set)
    keys: tuple[str, ...] = ()
    keys_at: datetime | None = None
    complete_by: datetime | None = None
    missed_at: datetime | None = None
    moved_in_on: date | None = None
    completed_at: datetime | None = None
    withdrawn: str | None = None

    def why_it_stands(self) -> Refusal | None:
        """Who has the keys lives there: from then on it ends by a move-out."""
        if self.keys_at is not None:
            return broken("keys-handed-over", "1.3", "钥匙已交付，不能按误登撤销", "the keys have been handed over")
        if self.fees_fen and self.refunded_at is None:
            zh, en = (
                "已收入住费用，须先退还或撤销该步骤",
                "fees were taken: give them back, or withdraw that step first",
            )
            return broken("fees-taken", "1.3", zh, en)
        return None

    @property
    def taken_fen(self) -> int:
        """What was taken and not given back: the fees, and the deposit that is held."""
        return (self.fees_fen or 0) - self.deposit_fen + self.held_fen

    @property
    def advance_source(self) -> str | None:
        """Under what name the fees paid in advance are on the household's account: from the keys on, once it has a file."""
        there = self.advance_fen and self.keys_place and self.household is not None
        return f"{self.id}#{max(self.keys_place, self.household_place)}" if there else None

    @property
    def deposit_due_on(self) -> date | None:
        """By which day the deposit goes back, once the household has left."""
        waiting = self.waits.get(DEPOSIT)
        return (
            None if waiting is None or waiting.until is None else local_date(waiting.until - timedelta(microseconds=1))
        )

    @property
    def open_defects(self) -> tuple[int, ...]:
        """The numbers of what is not solved yet."""
        return tuple(number for number in self.defects if number not in self.solved)

    @property
    def completion_due_at(self) -> datetime | None:
        """Until when the move-in is completed once the keys are out, while that is still to be kept or missed."""
        return self.complete_by if self.missed_at is None else None


def evolve(move: MoveIn, fact: Fact) -> None:
    """Fold one fact into the move-in."""
    match fact.event:
        case MoveInApplied() as e:
            move.home, move.vacant_home = e.home, e.vacant_home
            _lives_there(move, e.household, fact)
            move.occupancy, move.area, move.wanted_on = e.occupancy, e.area, e.wanted_on
            move.applicant, move.phone = e.applicant, e.phone
        case MoveInDocumentsChecked() as e:
            move.documents = e.documents
        case MoveInFeesSettled() as e:
            move.fees_fen, move.receipt, move.fees_method = e.amount_fen, e.receipt, e.method
            move.fees_at, move.received_by = fact.occurred_at, fact.user_id
            move.deposit_fen = move.held_fen = e.deposit_fen
            move.advance_fen = e.advance_fen
        case MoveInInspected() as e:
            move.inspected_at = fact.occurred_at
            for number, found in enumerate(e.defects, len(move.defects) + 1):
                move.defects[number] = found
        case MoveInDefectSolved() as e:
            move.solved.add(e.defect)
        case MoveInKeysHandedOver() as e:
            move.keys, move.keys_at, move.keys_place = e.keys, fact.occurred_at, fact.version
            move.moved_in_on, move.complete_by = local_date(fact.occurred_at), e.complete_by
        case MoveInLeftIncomplete() as e:
            move.missed_at = e.due_at
        case MoveInCompleted() as e:
            move.completed_at, move.moved_in_on = fact.occurred_at, e.moved_in_on
            _lives_there(move, e.household, fact)
        case MoveInHouseholdLinked() as e:
            _lives_there(move, e.household, fact)
        case MoveInDepositRefunded() as e:
            move.refunded_fen, move.deducted_fen, move.held_fen = e.refunded_fen, e.deducted_fen, 0
            move.refunded_at, move.refund_method = fact.occurred_at, e.method
            move.refund_receipts = (e.receipt,) if e.receipt is not None else ()
        case MoveInWithdrawn() as e:
            move.withdrawn, move.held_fen = e.reason, 0
            if e.refunded_fen:
                move.refunded_fen, move.refunded_at, move.refund_method = e.refunded_fen, fact.occurred_at, e.method


def _lives_there(move: MoveIn, household: str | None, fact: Fact) -> None:
    """Whose file it is, and where that became known."""
    if household is not None and household != move.household:
        move.household, move.household_place = household, fact.version
