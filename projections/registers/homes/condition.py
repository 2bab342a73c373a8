"""The condition of vacant homes over time 空房完好情况 (§3.6): a line for each stretch of days in which it was the same.

On the evening of each day a vacant home is intact, or it was not inspected in the month so far, or it has open defects,
or both. The stretches are reckoned from when things happened, so that the figure of a past day stays the figure of
that day; an entry that comes late mends the days it speaks of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from domain.homes.vacant_home.case import VacantHome
from domain.homes.vacant_home.events import HomeHandedOver
from domain.kernel.calendar import local_date
from domain.kernel.periods import Month
from domain.kernel.standing import Verdict, summary
from projections.engine.register import Register

__all__ = ["VACANCY_CONDITION", "ConditionRow"]

INTACT, UNSEEN, DEFECTIVE, BOTH = "intact", "not-inspected", "defective", "not-inspected-and-defective"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionRow:
    """One stretch of days, both ends included; without ``ends_on`` it lasts until something happens.

    ``area`` is in hundredths of m², ``intact_area`` the same while the home is intact, else 0.
    """

    source_id: str | None
    state: str
    imported: bool
    home: str
    kind: str
    begins_on: date
    ends_on: date | None
    condition: str
    open_defects: int
    area: int
    intact_area: int


def _rows(case: VacantHome) -> Iterator[tuple[str, ConditionRow]]:
    seen: list[tuple[date, bool, int]] = []
    for day in sorted(_changes(case)):
        found = (_inspected(case, day), _open_defects(case, day))
        if not seen or seen[-1][1:] != found:
            seen.append((day, *found))
    ends = [*(day for day, _, _ in seen[1:]), _end(case)]
    for (day, inspected, defects), following in zip(seen, ends, strict=False):
        condition = (DEFECTIVE if defects else INTACT) if inspected else (BOTH if defects else UNSEEN)
        yield (
            day.isoformat(),
            ConditionRow(
                source_id=case.source_id,
                state=case.state,
                imported=case.imported,
                home=case.home,
                kind=case.kind,
                begins_on=day,
                ends_on=following - timedelta(days=1) if following is not None else None,
                condition=condition,
                open_defects=defects,
                area=case.area,
                intact_area=case.area if condition == INTACT else 0,
            ),
        )


def _changes(case: VacantHome) -> set[date]:
    """The days on which the condition may change: something was seen, found or put right, or a month begins unseen."""
    assert case.opened_at is not None
    assert case.taken_over_in is not None
    first, end = local_date(case.opened_at), _end(case)
    days = {first, case.taken_over_in.next().first}
    for month, found in case.months.items():
        if found.inspected_at is not None:
            days |= {local_date(found.inspected_at), month.next().first}
    for defect in case.defects.values():
        days.add(local_date(defect.found_at))
        if defect.closed_at is not None:
            days.add(local_date(defect.closed_at))
    return {day for day in days if first <= day and (end is None or day < end)}


def _end(case: VacantHome) -> date | None:
    """The day of the hand-over, on whose evening the home is vacant no more.

    One that was entered late, against months that were found uninspected, ends the vacancy on the day of its entry until
    somebody above confirms it.
    """
    if case.handed_over_at is None:
        return None
    claims = [entry for entry in case.late_entries if entry.event == HomeHandedOver.__name__ and entry.claims]
    doubted = [entry.entered_at for entry in claims if entry.verdict is not Verdict.CONFIRMED]
    return local_date(max([case.handed_over_at, *doubted]))


def _inspected(case: VacantHome, day: date) -> bool:
    """Whether the month had seen its inspections by that evening; the month of the take-over has by the take-over."""
    month = Month.of(day)
    found = case.months.get(month)
    inspected = found.inspected_at if found is not None else None
    if summary(case.breaches, case.late_entries, str(month))[1] is not None:
        return False  # missed, and no late entry that says otherwise has been confirmed
    return month == case.taken_over_in or (inspected is not None and local_date(inspected) <= day)


def _open_defects(case: VacantHome, day: date) -> int:
    """How many defects were found by that evening and not yet put right."""
    return sum(
        local_date(defect.found_at) <= day and (defect.closed_at is None or local_date(defect.closed_at) > day)
        for defect in case.defects.values()
    )


VACANCY_CONDITION = Register(
    name="vacancy-condition",
    zh="空房完好情况",
    en="condition of vacant homes",
    clause="3.6",
    row=ConditionRow,
    kinds=(VacantHome,),
    rows=_rows,
    indexed=("home", "begins_on"),
)
