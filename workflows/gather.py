"""GATHER: the clock's commands that need more than their case, and how they come by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from domain.calendar import IsoWeek
from domain.fact import Command
from domain.quarterly_review import CompileQuarterlyReview
from domain.weekly_sample import CompletedRepair, DrawWeeklySample, WeeklySample
from journal.book import Book
from workflows.clock import Gather
from workflows.gather_quarter import gather_quarter

__all__ = ["GATHER", "gather_completed_repairs"]

_LOOK_BACK: Final = timedelta(days=28)
_POPULATION: Final = """
select case_id, completed_on, worker, household, home, completed_on < %(monday)s
  from wuye.r_repair_orders r
 where office = %(office)s and to_number is null and not imported and not sampled
   and completed_on between %(from)s and %(sunday)s
   and (completed_on >= %(monday)s or %(before)s < (
     select min(v.recorded_from) from wuye.r_repair_orders v
      where v.office = r.office and v.case_id = r.case_id and v.completed_on = r.completed_on))
 order by case_id
"""


def gather_completed_repairs(book: Book, office: str, case: WeeklySample, due_at: datetime) -> Command:
    """The repairs completed in the week, and those of the four weeks before that were entered after their own draw."""
    week = IsoWeek.parse(case.week)
    head = book.head(office)
    rows = book.connection.execute(
        _POPULATION,
        {
            "office": office,
            "monday": week.monday,
            "sunday": week.sunday,
            "from": week.monday - _LOOK_BACK,
            "before": due_at - timedelta(days=7),
        },
    )
    population = tuple(
        CompletedRepair(case=row[0], completed_on=row[1], worker=row[2], household=row[3], home=row[4], late=row[5])
        for row in rows
    )
    return DrawWeeklySample(population=population, page=head[0] if head else 0)


GATHER: Mapping[type[Command], Gather] = {
    DrawWeeklySample: gather_completed_repairs,
    CompileQuarterlyReview: gather_quarter,
}
