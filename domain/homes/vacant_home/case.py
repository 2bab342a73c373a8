"""What is known of a vacant home 空房 after some of its facts (§3). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from domain.homes.keys import Custody, Key, KeyItem, OtherKey
from domain.homes.vacant_home.events import (
    CleaningScope,
    EntrustmentEnded,
    EntrustmentRenewed,
    HandOverReason,
    HomeCleaned,
    HomeDefectClosed,
    HomeHandedOver,
    HomeInspected,
    HomeTakenOver,
    InspectionMade,
    InspectionMissed,
    KeysDeclaredMissing,
    KeysReceived,
    KeysReleased,
    KeyTakingRefused,
    KnownDefect,
    LockReplaced,
    MonthOfVacancy,
    UnauthorisedTakingRecorded,
    VacancyKind,
)
from domain.kernel.calendar import end_of_day, local_date
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Fact
from domain.kernel.periods import Month
from domain.kernel.rules import broken

VACANT, HANDED_OVER = "vacant", "handed-over"


@dataclass(slots=True, kw_only=True)
class VacantHome(Case):
    """What is known of one vacancy of one home. ``area`` is in hundredths of m².

    ``entrusted_from`` is the day since which the entrustment has stood without a gap, through its renewals;
    ``stated_…`` are another system's words.
    """

    CORRECTS = ("area", "owner", "other_keys_note")
    PAPERS = True

    home: str = ""
    kind: VacancyKind = VacancyKind.UNSOLD
    stated_kind: str | None = None
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
    inspections: list[InspectionMade] = field(default_factory=list)
    takings_refused: int = 0
    takings: int = 0
    handed_over_at: datetime | None = None
    hand_over_reason: HandOverReason | None = None
    stated_reason: str | None = None
    move_in: str | None = None
    receiver: str | None = None

    def why_it_stands(self) -> Refusal | None:
        """Keys that are on loan come back first."""
        if self.with_custody(Custody.LENT):
            return broken("keys-out", "3.2", "钥匙借出未还，不能撤销", "keys are on loan")
        return None

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
    def inspection_behind(self) -> datetime | None:
        """Since when a month's missed inspection waits to be made up for: until the home is next inspected (§3.5)."""
        last = self.last_inspected_at
        missed = [m.missed_at for m in self.months.values() if m.missed_at is not None and not m.inspections]
        return min((at for at in missed if last is None or last < at), default=None)

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
    def keeps_its_home(self) -> bool:
        """Whether nobody else takes it over: while it is vacant, and until what was wrong at its hand-over is put right (§3.6).

        Else a home would be given back and taken over again on one day, and be without its defects.
        """
        return self.state == VACANT or (bool(self.open_defects) and not self.imported)

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
            home.inspections_wanted, home.stated_kind = e.inspections_wanted, e.stated_kind
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
            made = InspectionMade(
                at=at,
                done_by=fact.user_id,
                checklist=e.checklist,
                defects=len(e.defects),
                score_hundredths=e.score_hundredths,
                stated_result=e.stated_result,
            )
            month.inspections.append(made)
            home.inspections.append(made)
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
            home.receiver, home.stated_reason = e.receiver, e.stated_reason
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


def month_of(_home: VacantHome, fact: Fact) -> str:
    """The month that an inspection, or the want of one, is about."""
    event = fact.event
    return str(Month.of(event.month if isinstance(event, InspectionMissed) else local_date(fact.occurred_at)))


def _settle(home: VacantHome) -> None:
    """Go on to the first month that was neither inspected nor missed."""
    while home.due_month in home.months and home.months[home.due_month].settled:
        home.due_month = home.due_month.next()
