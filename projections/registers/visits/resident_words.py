"""Register of residents' own words 住户自述 (§5.2): what they said themselves, beside what the office recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.kernel.calendar import local_date
from domain.visits.resident_word import DIFFERING, INVITED, ResidentWord
from projections.engine.register import Register, one_row, row_from

__all__ = ["RESIDENT_WORDS"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentWordRow:
    """One matter of which a resident was asked for their own word."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    of_case: str
    household: str | None
    home: str | None
    until: datetime | None
    invited: int
    is_satisfied: bool | None
    why: str | None
    office_said: bool | None
    differs: bool
    spoken_at: datetime | None
    spoken_on: date | None
    settle_by: datetime | None
    missed_at: datetime | None
    result: str | None
    looked_into_at: datetime | None
    open: bool


def _words(word: ResidentWord) -> ResidentWordRow:
    return row_from(
        ResidentWordRow,
        word,
        spoken_on=local_date(word.spoken_at) if word.spoken_at is not None else None,
        open=word.state in (INVITED, DIFFERING),
    )


RESIDENT_WORDS = Register(
    name="resident-words",
    zh="住户自述",
    en="residents' own words",
    clause="5.2",
    row=ResidentWordRow,
    kinds=(ResidentWord,),
    values=one_row(ResidentWordRow, _words),
    indexed=("state", "opened_at", "of_case"),
)
