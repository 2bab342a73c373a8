"""The follow-up record 回访记录表 (§5.2.4, §5.2.5), and the weekly samples 每周抽样 (§5.2.B)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.kernel.periods import IsoWeek
from domain.visits.follow_up.case import ENDED, FollowUp
from domain.visits.follow_up.commands.visiting import visited_on
from domain.visits.weekly_sample import WAITING, WeeklySample
from projections.engine.register import Register, common, day_of, row_values

__all__ = ["FOLLOW_UPS", "WEEKLY_SAMPLES", "FollowUpRow", "SampleRow"]


@dataclass(slots=True, kw_only=True)
class FollowUpRow:
    """One follow-up: the form's five fields, both signatures, the manager's comment and what came of it.

    ``opened_on`` is when it was planned, ``closes_on`` the last day of its window; ``extra`` ones were planned beside what
    the book owes; ``unasked`` is how many visits in a row fell away before it. ``chain_outcome`` is how the chain ended to which a nonconformity led, ``settle_by`` by when it should.
    """

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    opened_on: date
    type: str
    origin_kind: str | None
    origin_id: str | None
    household: str | None
    home: str | None
    chain: str | None
    round: int
    previous: str | None
    by_manager: bool
    anonymous: bool
    extra: bool
    unasked: int
    opens_on: date | None
    closes_on: date | None
    visitor: str | None
    appointed_at: datetime | None
    first_appointed_at: datetime | None
    unreachable: int
    last_attempt_at: datetime | None
    mode: str | None
    means: str | None
    quality: str | None
    effect: str | None
    satisfaction: int | None
    conforming: bool | None
    shortcomings: str | None
    suggestions: str | None
    resident_signed: bool
    on_time: bool | None
    conducted_at: datetime | None
    conducted_on: date | None
    in_window: bool | None
    missed_at: datetime | None
    submit_by: datetime | None
    submitted_at: datetime | None
    submit_missed_at: datetime | None
    review_by: datetime | None
    review_missed_at: datetime | None
    reviewed_at: datetime | None
    reviewed_on: date | None
    verdict: str | None
    comment: str | None
    responsible: str | None
    rectify_by: datetime | None
    settle_by: date | None
    outcome: str | None
    chain_outcome: str | None
    exit_proposed: str | None
    exit_proposed_by: str | None
    exit_words: str | None
    exits_refused: int
    exit_reason: str | None
    exit_note: str | None
    lapse_reason: str | None
    ended_at: datetime | None
    ended_on: date | None
    retained_until: date | None
    retention_ended: bool
    open: bool


@dataclass(slots=True, kw_only=True)
class SampleRow:
    """One week's sample: how many repairs were completed, drawn, replaced, and what repeats the draw.

    ``commitment`` was published before the week was over; ``secret`` is revealed by the draw, ``as_committed`` whether it is
    the one that was committed to.
    """

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    week: str
    monday: date
    population: int
    late_entries: int
    chosen: int
    replaced: int
    rate: str | None
    seed: str | None
    commitment: str | None
    secret: str | None
    as_committed: bool | None
    page: int
    drawn_at: datetime | None
    open: bool


def _samples(case: WeeklySample) -> Iterator[tuple[str, SampleRow]]:
    assert case.opened_at is not None
    yield (
        "",
        SampleRow(
            **common(case),
            week=case.week,
            monday=IsoWeek.parse(case.week).monday,
            population=len(case.population),
            late_entries=sum(1 for entry in case.population if entry.late),
            chosen=len(case.chosen),
            replaced=len(case.replaced),
            rate=case.rate or None,
            seed=case.seed or None,
            commitment=case.commitment,
            secret=case.secret,
            as_committed=case.as_committed,
            page=case.page,
            drawn_at=case.drawn_at,
            open=case.state == WAITING,
        ),
    )


FOLLOW_UPS = Register(
    name="follow-ups",
    zh="回访记录表",
    en="follow-up record",
    clause="5.2.5(3)",
    row=FollowUpRow,
    kinds=(FollowUp,),
    values=row_values(
        FollowUpRow,
        FollowUp,
        opened_on=day_of("opened_at"),
        conducted_on=visited_on,
        last_attempt_at=lambda case: max(case.attempts, default=None),
        reviewed_on=day_of("reviewed_at"),
        ended_on=day_of("ended_at"),
        open=lambda case: case.state not in ENDED,
    ),
    indexed=("origin_id", "closes_on"),
    sealed=("shortcomings", "suggestions", "exit_words"),
)

WEEKLY_SAMPLES = Register(
    name="weekly-samples",
    zh="每周回访抽样",
    en="weekly samples",
    clause="5.2.B",
    row=SampleRow,
    kinds=(WeeklySample,),
    rows=_samples,
)
