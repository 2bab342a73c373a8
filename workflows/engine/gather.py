"""GATHER: the clock's commands that need more than their case, and how they come by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from domain.fees.bill_run.commands.compiling import TakeNextHouseholds
from domain.fees.bill_run.commands.delivering import IssueNextBills
from domain.kernel.fact import Command
from domain.kernel.periods import IsoWeek
from domain.visits.quarterly_review import CompileQuarterlyReview
from domain.visits.weekly_sample import CompletedRepair, DrawWeeklySample, WeeklySample
from journal.book import Book
from journal.connections import Connect
from workflows.engine.clock import Clock, Gather
from workflows.engine.gather_bills import gather_billed, gather_households
from workflows.engine.gather_quarter import gather_quarter
from workflows.engine.handler import CommandHandler
from workflows.engine.notices import Notices
from workflows.engine.simulation import SimulatedClock

__all__ = ["GATHER", "gather_completed_repairs", "simulated_clock"]

_LOOK_BACK: Final = timedelta(days=28)
_POPULATION: Final = """
select case_id, completed_on, worker, household, home, completed_on < %(monday)s
  from wuye.r_repair_orders r
 where office = %(office)s and from_number <= %(page)s and (to_number is null or to_number > %(page)s)
   and set_aside is null and not imported and not sampled and completed_on between %(from)s and %(sunday)s
   and (completed_on >= %(monday)s or %(drawn_at)s < (
     select min(v.from_number) from wuye.r_repair_orders v
      where v.office = r.office and v.case_id = r.case_id and v.completed_on = r.completed_on))
 order by case_id
"""
_DRAWN_AT: Final = """
select coalesce(max(page), 0) from wuye.r_weekly_samples
 where office = %(office)s and week = %(before)s and to_number is null
"""


def gather_completed_repairs(book: Book, office: str, case: WeeklySample, _due_at: datetime) -> Command:
    """The repairs completed in the week, and those of the four weeks before that stood on no page of an earlier draw.

    Everything is read as it stood at one page, which the fact names: whoever reads the book up to there finds the same.
    """
    week = IsoWeek.parse(case.week)
    head = book.head()
    page = head.number if head else 0
    values = {
        "office": office,
        "page": page,
        "monday": week.monday,
        "sunday": week.sunday,
        "from": week.monday - _LOOK_BACK,
        "before": str(week.before()),
    }
    found = book.connection.execute(_DRAWN_AT, values).fetchone()
    rows = book.connection.execute(_POPULATION, values | {"drawn_at": found[0] if found else 0})
    population = tuple(
        CompletedRepair(case=row[0], completed_on=row[1], worker=row[2], household=row[3], home=row[4], late=row[5])
        for row in rows
    )
    return DrawWeeklySample(
        population=population, page=page, secret=""
    )  # the draft supplies it, when the page is settled


GATHER: Mapping[type[Command], Gather] = {
    DrawWeeklySample: gather_completed_repairs,
    CompileQuarterlyReview: gather_quarter,
    TakeNextHouseholds: gather_households,
    IssueNextBills: gather_billed,
}


def simulated_clock(handler: CommandHandler, connect: Connect) -> SimulatedClock:
    """The clocks of the simulated offices behind this door: they tell their people, and send nothing to anybody."""
    return SimulatedClock(Clock(handler, connect, GATHER), connect, Notices(connect, handler.settings, {}))
