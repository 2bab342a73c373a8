"""Inspections of vacant homes one by one 空房检查记录 (§3.5): a line for each, and a line for each item of its checklist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.homes.vacant_home.case import VacantHome
from domain.kernel.calendar import local_date
from projections.engine.register import Register

__all__ = ["INSPECTION_ITEMS", "INSPECTION_REPORTS", "InspectionItemRow", "InspectionReportRow"]


@dataclass(slots=True, kw_only=True)
class InspectionReportRow:
    """One inspection: ``number`` counts them within the vacancy; marks, score and result are the form's own."""

    source_id: str | None
    state: str
    imported: bool
    home: str
    number: int
    inspected_at: datetime
    inspected_on: date
    inspected_by: str
    items: int
    items_good: int
    defects: int
    marks: int
    marks_sum: int
    lowest_mark: int | None
    score_hundredths: int | None
    stated_result: str | None


@dataclass(slots=True, kw_only=True)
class InspectionItemRow:
    """One line of one inspection's checklist."""

    source_id: str | None
    state: str
    home: str
    number: int
    inspected_on: date
    item: str
    good: bool
    mark: int | None


def _reports(case: VacantHome) -> Iterator[tuple[str, InspectionReportRow]]:
    for number, made in enumerate(case.inspections, 1):
        yield (
            str(number),
            InspectionReportRow(
                source_id=case.source_id,
                state=case.state,
                imported=case.imported,
                home=case.home,
                number=number,
                inspected_at=made.at,
                inspected_on=local_date(made.at),
                inspected_by=made.done_by,
                items=made.items,
                items_good=sum(line.good for line in made.checklist),
                defects=made.defects,
                marks=len(made.marks),
                marks_sum=sum(made.marks),
                lowest_mark=min(made.marks, default=None),
                score_hundredths=made.score_hundredths,
                stated_result=made.stated_result,
            ),
        )


def _items(case: VacantHome) -> Iterator[tuple[str, InspectionItemRow]]:
    for number, made in enumerate(case.inspections, 1):
        for place, line in enumerate(made.checklist, 1):
            yield (
                f"{number}/{place}",
                InspectionItemRow(
                    source_id=case.source_id,
                    state=case.state,
                    home=case.home,
                    number=number,
                    inspected_on=local_date(made.at),
                    item=line.item,
                    good=line.good,
                    mark=line.mark,
                ),
            )


INSPECTION_REPORTS = Register(
    name="inspection-reports",
    zh="空房检查记录",
    en="reports of inspections of vacant homes",
    clause="3.5",
    row=InspectionReportRow,
    kinds=(VacantHome,),
    rows=_reports,
    indexed=("inspected_on",),
)

INSPECTION_ITEMS = Register(
    name="inspection-items",
    zh="空房检查项目",
    en="lines of inspections of vacant homes",
    clause="3.5",
    row=InspectionItemRow,
    kinds=(VacantHome,),
    rows=_items,
)
