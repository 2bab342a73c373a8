"""What can happen to a vacant home 空房 (§3), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from domain.homes.keys import KeyCondition, KeyItem, OtherKey
from domain.kernel.fact import Event, Personal, event
from domain.rounds.rectification.events import Severity


class VacancyKind(StrEnum):
    """Why the office looks after it 空房类别."""

    UNSOLD = "unsold"  # 空置房屋
    ENTRUSTED = "entrusted"  # 业主委托管理的房屋


class HandOverReason(StrEnum):
    """Why the vacancy ends 移交原因."""

    MOVE_IN = "move-in"  # 入住
    RETURN_TO_OWNER = "return-to-owner"  # 归还业主


class CleaningScope(StrEnum):
    """What was cleaned 清洁范围."""

    INSIDE = "inside"  # 室内
    OUTSIDE = "outside"  # 室外
    WHOLE = "whole"  # 室内外


@event()
class HomeTakenOver(Event):
    """空房已接管 · Vacant home taken over with its keys."""

    home: str
    kind: VacancyKind
    area: int
    keys: tuple[KeyItem, ...]
    inspections_wanted: int
    household: str | None = None
    owner: Personal | None = None
    agreement_signed_on: date | None = None
    entrusted_from: date | None = None
    entrusted_until: date | None = None
    other_keys: tuple[OtherKey, ...] = ()
    other_keys_note: Personal | None = None
    stated_kind: str | None = None


@event()
class EntrustmentRenewed(Event):
    """委托协议已续签 · Entrustment agreement renewed."""

    agreement_signed_on: date
    entrusted_from: date
    entrusted_until: date
    other_keys: tuple[OtherKey, ...] = ()
    owner: Personal | None = None
    other_keys_note: Personal | None = None


@event()
class EntrustmentEnded(Event):
    """委托期限已满 · Term of the entrustment ended."""

    ended_on: date


@event()
class HomeCleaned(Event):
    """空房已清洁 · Vacant home cleaned."""

    scope: CleaningScope
    consent: Personal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One line of the inspection checklist 检查项目; ``mark`` where the form gives marks 评分, on the form's own scale."""

    item: str
    good: bool
    mark: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDefect:
    """One defect with its number within the vacancy."""

    number: int
    item: str
    matter: str
    severity: Severity


@event()
class HomeInspected(Event):
    """空房已检查 · Vacant home inspected."""

    checklist: tuple[Checked, ...]
    defects: tuple[FoundDefect, ...]
    inspections_wanted: int
    inspector_signature: Personal | None = None
    consent: Personal | None = None
    score_hundredths: int | None = None
    stated_result: str | None = None


@event()
class InspectionMissed(Event):
    """空房当月未检查 · Month passed without the inspection."""

    month: date
    due_at: datetime
    inspections_wanted: int


@event()
class HomeDefectClosed(Event):
    """空房问题已解决 · Defect of the vacant home solved."""

    defect: int


@event()
class KeysReleased(Event):
    """钥匙已凭登记表取走 · Keys left custody on a loan."""

    keys: tuple[str, ...]
    loan: str


@event()
class KeysReceived(Event):
    """钥匙已收回 · Keys are back in custody."""

    keys: tuple[str, ...]
    condition: KeyCondition = KeyCondition.GOOD
    loan: str | None = None


@event()
class KeysDeclaredMissing(Event):
    """钥匙已列为缺失 · Keys declared missing."""

    keys: tuple[str, ...]
    loan: str | None = None
    circumstances: Personal | None = None


@event()
class KeyTakingRefused(Event):
    """擅自拿用钥匙被拒 · Attempt to take a key without authority refused."""

    keys: tuple[str, ...]
    person: Personal | None = None
    circumstances: Personal | None = None


@event()
class UnauthorisedTakingRecorded(Event):
    """钥匙被擅自拿用 · Keys taken without authority."""

    keys: tuple[str, ...]
    person: Personal | None = None
    circumstances: Personal | None = None


@event()
class LockReplaced(Event):
    """已换锁配钥匙 · Lock replaced and its new keys taken into custody."""

    retired: tuple[str, ...]
    keys: tuple[KeyItem, ...]


@event()
class HomeHandedOver(Event):
    """空房已移交 · Vacant home handed over with its keys."""

    reason: HandOverReason
    keys: tuple[str, ...]
    open_defects: tuple[int, ...]
    move_in: str | None = None
    receiver: Personal | None = None
    signature: Personal | None = None
    defects_signature: Personal | None = None
    stated_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One defect 问题 as the inspector writes it."""

    item: str
    matter: str
    severity: Severity = Severity.ORDINARY


@dataclass(slots=True, kw_only=True)
class KnownDefect:
    """One defect of the home. Open until its rectification is closed or withdrawn."""

    found: FoundDefect
    found_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionMade:
    """One inspection: when, by whom (user id), line by line, and how many defects it found.

    The score (in hundredths) and the result are another system's own, in its scale and words.
    """

    at: datetime
    done_by: str
    checklist: tuple[Checked, ...]
    defects: int
    score_hundredths: int | None = None
    stated_result: str | None = None

    @property
    def items(self) -> int:
        """How many lines its checklist has."""
        return len(self.checklist)

    @property
    def marks(self) -> tuple[int, ...]:
        """The marks that were given."""
        return tuple(line.mark for line in self.checklist if line.mark is not None)


@dataclass(slots=True, kw_only=True)
class MonthOfVacancy:
    """What happened in one calendar month: ``inspected_at`` is when the wanted number of inspections was reached."""

    inspections: list[InspectionMade] = field(default_factory=list)
    wanted: int = 1
    missed_at: datetime | None = None

    @property
    def settled_by(self) -> InspectionMade | None:
        """The last of the wanted inspections, however late it was entered."""
        made = sorted(self.inspections, key=lambda each: each.at)
        return made[self.wanted - 1] if len(made) >= self.wanted else None

    @property
    def inspected_at(self) -> datetime | None:
        """When the last of the wanted inspections was made."""
        return self.settled_by.at if self.settled_by is not None else None

    @property
    def settled(self) -> bool:
        """Whether the clock has nothing more to say about this month."""
        return self.settled_by is not None or self.missed_at is not None
