"""The vacancy of a home 空房 (§3): its words, its facts and what is known after them. Commands: ``domain.vacant_home``.

A month of vacancy is settled when the home was inspected in it (as often as the office's setting wants) or when the
clock has noted that it was not. The month of the take-over is settled by the take-over itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.calendar import Month, end_of_day, local_date
from domain.fact import Case, Event, Fact, Personal, event
from domain.home_inspection import Checked, FoundDefect, InspectionMade, KnownDefect, MonthOfVacancy
from domain.home_keys import Custody, Key, KeyCondition, KeyItem, OtherKey

VACANT, HANDED_OVER = "vacant", "handed-over"


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


# -- events ----------------------------------------------------------------------------------------------------------


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


@event()
class HomeInspected(Event):
    """空房已检查 · Vacant home inspected."""

    checklist: tuple[Checked, ...]
    defects: tuple[FoundDefect, ...]
    inspections_wanted: int
    inspector_signature: Personal | None = None
    consent: Personal | None = None


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


# -- the case --------------------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class VacantHome(Case):
    """What is known of one vacancy of one home. ``area`` is in hundredths of m².

    ``entrusted_from`` is the day since which the entrustment has stood without a gap, through its renewals.
    """

    home: str = ""
    kind: VacancyKind = VacancyKind.UNSOLD
    area: int = 0
    household: str | None = None
    owner: str | None = None
    agreement_signed_on: date | None = None
    entrusted_from: date | None = None
    entrusted_until: date | None = None
    entrustment_ended: bool = False
    other_keys: tuple[OtherKey, ...] = ()
    other_keys_note: str | None = None
    keys: dict[str, Key] = field(default_factory=dict)
    months: dict[Month, MonthOfVacancy] = field(default_factory=dict)
    defects: dict[int, KnownDefect] = field(default_factory=dict)
    taken_over_in: Month | None = None
    due_month: Month | None = None
    inspections_wanted: int = 1
    cleaned_inside_at: datetime | None = None
    cleaned_outside_at: datetime | None = None
    last_inspected_at: datetime | None = None
    takings_refused: int = 0
    takings: int = 0
    handed_over_at: datetime | None = None
    hand_over_reason: HandOverReason | None = None
    move_in: str | None = None
    receiver: str | None = None

    @property
    def cleaned_at(self) -> datetime | None:
        """Since when it is clean inside and out."""
        if self.cleaned_inside_at is None or self.cleaned_outside_at is None:
            return None
        return min(self.cleaned_inside_at, self.cleaned_outside_at)

    @property
    def inspection_due_at(self) -> datetime | None:
        """24:00 of the last day of the first month that is not settled."""
        return self.due_month.ends_at if self.due_month else None

    @property
    def entrustment_ends_at(self) -> datetime | None:
        """24:00 of the entrustment's last day, while it stands; an unsold home has none to renew, whatever was written."""
        if self.kind is VacancyKind.UNSOLD or self.entrusted_until is None or self.entrustment_ended:
            return None
        return end_of_day(self.entrusted_until)

    @property
    def entrustment_missed_at(self) -> datetime | None:
        """Since when an entrustment that has ended waits to be renewed, or the home to be returned."""
        ended = self.entrustment_ended and self.entrusted_until is not None
        return end_of_day(self.entrusted_until) if ended and self.entrusted_until is not None else None

    @property
    def open_defects(self) -> tuple[int, ...]:
        """The numbers of the defects that are not solved."""
        return tuple(number for number, defect in self.defects.items() if defect.closed_at is None)

    def may_enter(self, day: date) -> bool:
        """Whether the home may be entered on that date without asking: an entrusted one while the entrustment stands."""
        if self.kind is VacancyKind.UNSOLD:
            return True
        return (
            self.entrusted_from is not None
            and self.entrusted_until is not None
            and self.entrusted_from <= day <= self.entrusted_until
        )

    def goes_on(self, begins_on: date) -> bool:
        """Whether an entrustment that begins on that date follows the standing one without a gap."""
        return (
            self.entrusted_from is not None
            and self.entrusted_until is not None
            and self.entrusted_from <= begins_on <= self.entrusted_until + timedelta(days=1)
        )

    def with_custody(self, *which: Custody) -> tuple[str, ...]:
        """The key numbers that are in one of these kinds of custody."""
        return tuple(number for number, key in self.keys.items() if key.custody in which)


def evolve(home: VacantHome, fact: Fact) -> None:
    """Fold one fact into the vacancy: data only, the state comes from the table."""
    at = fact.occurred_at
    match fact.event:
        case HomeTakenOver() as e:
            home.home, home.kind, home.area, home.household = e.home, e.kind, e.area, e.household
            home.inspections_wanted = e.inspections_wanted
            _entrust(home, e)
            _keep(home, e.keys, at)
            home.taken_over_in = Month.of(local_date(at))
            home.due_month = home.taken_over_in.next()
        case EntrustmentRenewed() as e:
            since = home.entrusted_from if home.goes_on(e.entrusted_from) else e.entrusted_from
            _entrust(home, e)
            home.entrusted_from = since
        case EntrustmentEnded():
            home.entrustment_ended = True
        case HomeCleaned() as e:
            if e.scope is not CleaningScope.OUTSIDE:
                home.cleaned_inside_at = max(home.cleaned_inside_at or at, at)
            if e.scope is not CleaningScope.INSIDE:
                home.cleaned_outside_at = max(home.cleaned_outside_at or at, at)
        case HomeInspected() as e:
            home.last_inspected_at = max(home.last_inspected_at or at, at)
            home.defects |= {each.number: KnownDefect(found=each, found_at=at) for each in e.defects}
            month = _month(home, Month.of(local_date(at)), e.inspections_wanted)
            made = InspectionMade(at=at, by=fact.user_id, items=len(e.checklist), defects=len(e.defects))
            month.inspections.append(made)
            _settle(home)
        case InspectionMissed() as e:
            _month(home, Month.of(e.month), e.inspections_wanted).missed_at = e.due_at
            _settle(home)
        case HomeDefectClosed() as e:
            home.defects[e.defect].closed_at = at
        case KeysReleased() as e:
            _move(home, e.keys, Custody.LENT, at, e.loan)
        case KeysReceived() as e:
            _move(home, e.keys, Custody.KEPT, at)
            for number in e.keys:
                home.keys[number].item = replace(home.keys[number].item, condition=e.condition)
        case KeysDeclaredMissing() as e:
            _move(home, e.keys, Custody.MISSING, at, e.loan)
        case KeyTakingRefused():
            home.takings_refused += 1
        case UnauthorisedTakingRecorded() as e:
            home.takings += 1
            _move(home, e.keys, Custody.MISSING, at)
        case LockReplaced() as e:
            _move(home, e.retired, Custody.RETIRED, at)
            _keep(home, e.keys, at)
        case HomeHandedOver() as e:
            home.handed_over_at, home.hand_over_reason, home.move_in = at, e.reason, e.move_in
            home.receiver = e.receiver
            _move(home, e.keys, Custody.HANDED_OVER, at)


def _entrust(home: VacantHome, signed: HomeTakenOver | EntrustmentRenewed) -> None:
    home.owner = signed.owner or home.owner
    home.agreement_signed_on = signed.agreement_signed_on
    home.entrusted_from, home.entrusted_until = signed.entrusted_from, signed.entrusted_until
    home.other_keys, home.other_keys_note = signed.other_keys, signed.other_keys_note
    home.entrustment_ended = False


def _keep(home: VacantHome, items: tuple[KeyItem, ...], at: datetime) -> None:
    home.keys |= {item.number: Key(item=item, since=at) for item in items}


def _move(home: VacantHome, numbers: tuple[str, ...], to: Custody, at: datetime, loan: str | None = None) -> None:
    for number in numbers:
        key = home.keys[number]
        key.custody, key.loan, key.since = to, loan, at


def _month(home: VacantHome, month: Month, wanted: int) -> MonthOfVacancy:
    home.inspections_wanted = wanted
    found = home.months.setdefault(month, MonthOfVacancy())
    found.wanted = wanted
    return found


def _settle(home: VacantHome) -> None:
    """Go on to the first month that was neither inspected nor missed."""
    while home.due_month in home.months and home.months[home.due_month].settled:
        home.due_month = home.due_month.next()
