"""What can happen to a move-in 入住 (§1.3), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.fees.terms import PaymentMethod
from domain.kernel.fact import Event, Personal, event
from domain.kernel.words import choice_names
from domain.residents.household.events import Occupancy
from domain.rounds.rectification.events import Severity


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


@event(schema=3)
class MoveInFeesSettled(Event):
    """入住费用已结清 · Fees settled.

    ``deposit_fen`` is what of the amount is a deposit, for keys and cards, say: it is held, and no income. Nor is
    ``advance_fen``, the first months' fees paid in advance: it is the household's, and meets its bills.
    """

    amount_fen: int
    receipt: str | None = None
    method: PaymentMethod | None = None
    deposit_fen: int = 0
    advance_fen: int = 0


@event()
class MoveInDepositFellDue(Event):
    """入住押金应予退还 · Deposit of the move-in is to go back, since the household has left."""

    left_on: date


@event()
class MoveInDepositStillHeld(Event):
    """住户未迁出，押金继续留存 · Deposit is held on: that the household had left was a mistake."""


@event()
class MoveInDepositRefunded(Event):
    """入住押金已退还 · Deposit of the move-in given back."""

    refunded_fen: int
    deducted_fen: int = 0
    reason: str | None = None
    receipt: str | None = None
    method: PaymentMethod | None = None


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


@event(schema=2)
class MoveInWithdrawn(Event):
    """入住申请已撤回 · Move-in withdrawn.

    ``refunded_fen`` is all that was taken, deposit and fees, and given back.
    """

    reason: str
    refunded_fen: int = 0
    method: PaymentMethod | None = None
