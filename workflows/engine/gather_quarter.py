"""What the quarter's review rests on: statistics of its follow-ups, and what the program detects (§5.2.5(6))."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from domain.kernel.fact import Command
from domain.kernel.periods import Quarter
from domain.kernel.spelling import canonical
from domain.visits.corrective_action.events import DetectionKind
from domain.visits.follow_up.events import FollowUpType
from domain.visits.quarterly_review import CompileQuarterlyReview, Detection, Figure, QuarterlyReview
from journal.book import Book

__all__ = ["gather_quarter"]

_PAGE: Final = "office = %(office)s and set_aside is null and from_number <= %(page)s and (to_number is null or to_number > %(page)s)"
_FIGURES: Final = f"""
select type, count(*), count(conducted_at), count(*) filter (where in_window),
       count(*) filter (where conforming and verdict is distinct from 'nonconforming'),
       count(*) filter (where not conforming or verdict = 'nonconforming'), count(exit_reason)
  from wuye.r_follow_ups
 where {_PAGE} and coalesce(outcome, '') not in ('lapsed', 'withdrawn') and closes_on between %(first)s and %(last)s
 group by type order by type
"""
_COMPLAINTS: Final = f"""
select coalesce(household, home), category, case_id, household, home, complained_again
  from wuye.r_complaints
 where {_PAGE} and coalesce(household, home) is not null and registered_on between %(first)s and %(last)s
 order by 1, opened_at, case_id
"""
_REPAIRS: Final = f"""
select home, fault_kind, case_id, household
  from wuye.r_repair_orders
 where {_PAGE} and home is not null and fault_kind is not null and state not in ('declined', 'cancelled')
   and registered_on between %(first)s and %(last)s
 order by home, opened_at, case_id
"""
_NONCONFORMING: Final = f"""
select type, case_id, household, home
  from wuye.r_follow_ups
 where {_PAGE} and (not conforming or verdict = 'nonconforming') and conducted_on between %(first)s and %(last)s
 order by conducted_at, case_id
"""


def gather_quarter(book: Book, office: str, case: QuarterlyReview, _due_at: datetime) -> Command:
    """Everything of the quarter's own days, as it stood at one page of the book; the thresholds are the decision's."""
    quarter = Quarter.parse(case.quarter)
    head = book.head()
    page = head.number if head else 0
    arguments = {"office": office, "page": page, "first": quarter.first, "last": quarter.last}

    def rows(query: str) -> list[tuple[Any, ...]]:
        return book.connection.execute(query.encode(), arguments).fetchall()

    figures = tuple(
        Figure(
            type=row[0],
            planned=row[1],
            conducted=row[2],
            in_window=row[3],
            conforming=row[4],
            nonconforming=row[5],
            exited=row[6],
        )
        for row in rows(_FIGURES)
    )
    detections = (*_in_a_row(rows(_COMPLAINTS)), *_of_a_kind(rows(_REPAIRS)), *_failed(rows(_NONCONFORMING)))
    return CompileQuarterlyReview(page=page, figures=figures, detections=detections)


def _in_a_row(complaints: list[tuple[Any, ...]]) -> Iterator[Detection]:
    """Complaints of one household on one category with no other complaint of theirs between.

    Who complains again of what was handled has complained twice, whether the clerk registers it anew or opens it again.
    """
    for _, run in groupby(complaints, key=lambda row: (row[0], canonical(row[1]))):
        found = list(run)
        category = found[0][1]
        cases = tuple(row[2] for row in found for _ in range(1 + row[5]))
        if len(cases) > 1:
            yield Detection(
                number=0,
                kind=DetectionKind.SAME_COMPLAINTS,
                matter=f"同一事项连续投诉：{category}",
                cases=cases,
                household=found[0][3],
                home=found[0][4],
            )


def _of_a_kind(repairs: list[tuple[Any, ...]]) -> Iterator[Detection]:
    kinds: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for row in repairs:
        kinds.setdefault((row[0], canonical(row[1])), []).append(row)
    for (home, _), found in sorted(kinds.items()):
        if len(found) > 1:
            yield Detection(
                number=0,
                kind=DetectionKind.SAME_REPAIRS,
                matter=f"同种维修：{home} {found[0][1]}",
                cases=tuple(row[2] for row in found),
                household=min((row[3] for row in found if row[3] is not None), default=None),
                home=home,
            )


def _failed(visits: list[tuple[Any, ...]]) -> Iterator[Detection]:
    for kind, case_id, household, home in visits:
        yield Detection(
            number=0,
            kind=DetectionKind.NONCONFORMITY,
            matter=f"回访不合格：{FollowUpType(kind).zh}",
            cases=(case_id,),
            household=household,
            home=home,
        )
