"""What can happen to a move-in 入住 (§1.3), and what is then known. Money is fen; meters are in hundredths of a unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from domain.calendar import local_date
from domain.fact import Case, Event, Fact, Personal, event
from domain.household_events import Occupancy
from domain.kernel.words import choice_names
from domain.rectification_events import Severity

APPLIED, CHECKED, SETTLED, INSPECTED = "applied", "documents-checked", "fees-settled", "inspected"
KEYS_HANDED, COMPLETED, WITHDRAWN = "keys-handed-over", "completed", "withdrawn"
BEFORE_KEYS = (APPLIED, CHECKED, SETTLED, INSPECTED)
"""The states before the keys are the resident's."""


class DocumentKind(StrEnum):
    """What the resident brings 入住资料."""

    IDENTITY = "identity"
    PURCHASE_CONTRACT = "purchase-contract"
    TITLE = "title"
    LEASE = "lease"
    AUTHORISATION = "authorisation"
    SERVICE_AGREEMENT = "service-agreement"
    COVENANT = "covenant"
    OTHER = "other"

    @property
    def zh(self) -> str:
        """The Chinese name that people read."""
        return choice_names(self)[0]


class Meter(StrEnum):
    """Which meter is read 表计."""

    WATER = "water"  # 水表
    ELECTRICITY = "electricity"  # 电表
    GAS = "gas"  # 燃气表
    HEAT = "heat"  # 热量表


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReading:
    """What a meter showed 底数, in hundredths of its unit."""

    meter: Meter
    hundredths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAtInspection:
    """What was not right when the home was inspected together 验房问题."""

    item: str
    matter: str
    severity: Severity = Severity.ORDINARY


@event()
class MoveInApplied(Event):
    """已申请入住 · Move-in applied for."""

    home: str
    occupancy: Occupancy
    vacant_home: str | None = None
    household: str | None = None
    area: int | None = None
    wanted_on: date | None = None
    applicant: Personal | None = None
    phone: Personal | None = None


@event()
class MoveInDocumentsChecked(Event):
    """入住资料已审核 · Documents checked."""

    documents: tuple[DocumentKind, ...]
    remark: Personal | None = None


@event()
class MoveInFeesSettled(Event):
    """入住费用已结清 · Fees settled."""

    amount_fen: int
    receipt: str | None = None


@event()
class MoveInInspected(Event):
    """已共同验房 · Home inspected together."""

    defects: tuple[FoundAtInspection, ...] = ()
    meters: tuple[MeterReading, ...] = ()
    signature: Personal | None = None


@event()
class MoveInDefectSolved(Event):
    """验房问题已解决 · A defect found together is solved."""

    defect: int


@event()
class MoveInKeysHandedOver(Event):
    """已交付钥匙 · Keys handed over."""

    keys: tuple[str, ...]
    open_defects: tuple[int, ...] = ()
    defects_accepted: bool = False
    signature: Personal | None = None
    defects_signature: Personal | None = None
    complete_by: datetime | None = None


@event()
class MoveInLeftIncomplete(Event):
    """入住手续逾期未办结 · Keys are out, the move-in was not completed in time."""

    due_at: datetime


@event()
class MoveInCompleted(Event):
    """入住手续已办结 · Move-in completed."""

    moved_in_on: date
    household: str | None = None


@event()
class MoveInHouseholdLinked(Event):
    """住户档案已关联 · The household's file is linked."""

    household: str


@event()
class MoveInWithdrawn(Event):
    """入住申请已撤回 · Move-in withdrawn."""

    reason: str


@dataclass(slots=True, kw_only=True)
class MoveIn(Case):
    """What is known of one move-in. ``defects`` are numbered from 1 in the order in which they were found."""

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
            move.home, move.vacant_home, move.household = e.home, e.vacant_home, e.household
            move.occupancy, move.area, move.wanted_on = e.occupancy, e.area, e.wanted_on
            move.applicant, move.phone = e.applicant, e.phone
        case MoveInDocumentsChecked() as e:
            move.documents = e.documents
        case MoveInFeesSettled() as e:
            move.fees_fen, move.receipt = e.amount_fen, e.receipt
        case MoveInInspected() as e:
            move.inspected_at = fact.occurred_at
            for number, found in enumerate(e.defects, len(move.defects) + 1):
                move.defects[number] = found
        case MoveInDefectSolved() as e:
            move.solved.add(e.defect)
        case MoveInKeysHandedOver() as e:
            move.keys, move.keys_at = e.keys, fact.occurred_at
            move.moved_in_on, move.complete_by = local_date(fact.occurred_at), e.complete_by
        case MoveInLeftIncomplete() as e:
            move.missed_at = e.due_at
        case MoveInCompleted() as e:
            move.completed_at, move.moved_in_on = fact.occurred_at, e.moved_in_on
            move.household = e.household or move.household
        case MoveInHouseholdLinked() as e:
            move.household = e.household
        case MoveInWithdrawn() as e:
            move.withdrawn = e.reason
