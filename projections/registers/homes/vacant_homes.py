"""The register of vacant homes 空房（托管、空置）管理登记表 (§3.5), and their monthly inspections, a line a month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.homes.keys import Custody, OtherKey
from domain.homes.vacant_home.case import VACANT, VacantHome
from domain.homes.vacant_home.events import MonthOfVacancy
from domain.kernel.calendar import local_date
from domain.kernel.periods import Month
from domain.kernel.standing import summary
from journal.blind_index import How
from projections.engine.register import Register, common

__all__ = ["INSPECTIONS", "VACANT_HOMES", "InspectionRow", "VacantHomeRow"]


@dataclass(slots=True, kw_only=True)
class VacantHomeRow:
    """One vacancy. ``area`` is in hundredths of m²; ``other_keys`` says what the agreement settles of the keys that the
    office has not: class, where and how it is, how many (§3.1).
    """

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    home: str
    kind: str
    stated_kind: str | None
    area: int
    household: str | None
    owner: str | None
    taken_over_on: date
    handed_over_on: date | None
    hand_over_reason: str | None
    stated_reason: str | None
    agreement_signed_on: date | None
    entrusted_from: date | None
    entrusted_until: date | None
    other_keys: str | None
    keys: int
    keys_kept: int
    keys_out: int
    keys_missing: int
    cleaned_at: datetime | None
    last_inspected_at: datetime | None
    last_inspected_on: date | None
    inspection_due_at: datetime | None
    inspections_missed: int
    defects: int
    open_defects: int
    takings: int
    takings_refused: int
    open: bool


@dataclass(slots=True, kw_only=True)
class InspectionRow:
    """One calendar month of one vacancy that asks for an inspection: ``month`` is its first day.

    ``taken_over``: the home was taken over in it, which asks for none.

    ``items`` and ``inspected_by`` are of the inspection that settled the month, ``defects`` those found in all of it.
    """

    source_id: str | None
    state: str
    home: str
    month: date
    due_at: datetime
    inspected_at: datetime | None
    inspected_on: date | None
    inspected_by: str | None
    inspections: int
    items: int
    defects: int
    missed_at: datetime | None
    vacant_all_month: bool
    taken_over: bool


def _rows(case: VacantHome) -> Iterator[tuple[str, VacantHomeRow]]:
    assert case.opened_at is not None
    last = case.last_inspected_at
    yield (
        "",
        VacantHomeRow(
            **common(case),
            home=case.home,
            kind=case.kind,
            stated_kind=case.stated_kind,
            area=case.area,
            household=case.household,
            owner=case.owner,
            taken_over_on=local_date(case.opened_at),
            handed_over_on=local_date(case.handed_over_at) if case.handed_over_at else None,
            hand_over_reason=case.hand_over_reason,
            stated_reason=case.stated_reason,
            agreement_signed_on=case.agreement_signed_on,
            entrusted_from=case.entrusted_from,
            entrusted_until=case.entrusted_until,
            other_keys="、".join(_other(key) for key in case.other_keys) or None,
            keys=len(case.keys),
            keys_kept=len(case.with_custody(Custody.KEPT)),
            keys_out=len(case.with_custody(Custody.LENT)),
            keys_missing=len(case.with_custody(Custody.MISSING)),
            cleaned_at=case.cleaned_at,
            last_inspected_at=last,
            last_inspected_on=local_date(last) if last else None,
            inspection_due_at=case.inspection_due_at if case.state == VACANT else None,
            inspections_missed=sum(1 for found in case.months.values() if found.missed_at is not None),
            defects=len(case.defects),
            open_defects=len(case.open_defects),
            takings=case.takings,
            takings_refused=case.takings_refused,
            open=case.state == VACANT,
        ),
    )


def _months(case: VacantHome) -> Iterator[tuple[str, InspectionRow]]:
    """Every month that is settled, still owed, or ended with a hand-over before anybody had been there (§3.5)."""
    for month in sorted({*case.months, *_owed(case)}):
        if _never_vacant(case, month):
            continue
        found = case.months.get(month) or MonthOfVacancy()
        settled_by, inspected = found.settled_by, found.inspected_at
        yield (
            str(month),
            InspectionRow(
                source_id=case.source_id,
                state=case.state,
                home=case.home,
                month=month.first,
                due_at=month.ends_at,
                inspected_at=inspected,
                inspected_on=local_date(inspected) if inspected is not None else None,
                inspected_by=settled_by.done_by if settled_by is not None else None,
                inspections=len(found.inspections),
                items=settled_by.items if settled_by is not None else 0,
                defects=sum(each.defects for each in found.inspections),
                missed_at=found.missed_at,
                vacant_all_month=case.handed_over_at is None or case.handed_over_at >= month.ends_at,
                taken_over=month == case.taken_over_in,
            ),
        )


def _never_vacant(case: VacantHome, month: Month) -> bool:
    """It was found uninspected, and then it was confirmed that the home had been handed over before the month began."""
    if case.handed_over_at is None or local_date(case.handed_over_at) >= month.first or month not in case.months:
        return False
    unmade = summary(case.breaches, case.late_entries, str(month))[1] is None
    return case.months[month].inspected_at is None and unmade


def _owed(case: VacantHome) -> Iterator[Month]:
    """The month that is due; and, unseen, those that had ended before the hand-over and the one in which it was."""
    if case.due_month is not None and case.state == VACANT:
        yield case.due_month
    elif case.due_month is not None and case.handed_over_at is not None and not case.imported:
        month, last = case.due_month, Month.of(local_date(case.handed_over_at - timedelta(microseconds=1)))
        while month <= last:
            yield month
            month = month.next()


def _other(key: OtherKey) -> str:
    return f"{key.key_class}@{key.whereabouts}:{key.condition}×{key.count}"


VACANT_HOMES = Register(
    name="vacant-homes",
    zh="空房（托管、空置）管理登记表",
    en="register of vacant homes",
    clause="3.5",
    row=VacantHomeRow,
    kinds=(VacantHome,),
    rows=_rows,
    indexed=("home",),
    sealed=("owner",),
    found_by={"owner": How.NAME, "home": How.ROOM},
)

INSPECTIONS = Register(
    name="inspections",
    zh="空房每月检查",
    en="monthly inspections of vacant homes",
    clause="3.5",
    row=InspectionRow,
    kinds=(VacantHome,),
    rows=_months,
)
