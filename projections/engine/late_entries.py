"""The register of late entries 补录登记: who entered what how late, which figures it touches, and who confirmed it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from domain.kernel.calendar import local_date
from domain.kernel.fact import EVENTS, Case
from domain.kernel.lifecycle.ask import Lifecycle
from journal.page import says
from projections.engine.collection import EveryCase
from projections.engine.register import Register

__all__ = ["ENTRIES_SQL", "Figures", "LateEntryRow", "late_entries"]

Figures = Callable[[Case, Sequence[str]], Sequence[str]]
"""The figures that a late entry touches: of its case, or, where it claims to unmake breaches, of these."""

_HOUR = timedelta(hours=1)

ENTRIES_SQL = f"""create or replace view wuye.entries with (security_invoker = true) as
select f.office, f.case_id, f.version::text as line, f.number as from_number, w.number as to_number,
       f.recorded_at as recorded_from, w.recorded_at as recorded_to,
       (f.recorded_at at time zone 'Asia/Shanghai')::date as entered_on,
       {says("f.metadata", '"late":')} as late
  from wuye.facts f
  left join (select office, case_id, max(number) as number, max(recorded_at) as recorded_at from wuye.facts
              where name in ('WithdrawnAsMistaken', 'MarkedDuplicate') group by office, case_id) w
    on w.office = f.office and w.case_id = f.case_id and w.number >= f.number
 where not {says("f.metadata", '"role":"clock"')} and not {says("f.metadata", '"role":"policy"')}
   and not {says("f.metadata", '"imported":true')}"""
"""What people have entered, a line each: what the clock, the policies and imports wrote is nobody's entry.

The entries of a case that was withdrawn or merged ended with it: they were none.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateEntryRow:
    """One late entry; its line is the fact's place in its case. ``claims`` are the breaches that it would unmake.

    Without claims there is nothing to confirm: ``verdict`` is empty.
    """

    source_id: str | None
    state: str
    case_kind: str
    fact: str
    zh: str
    en: str
    occurred_at: datetime
    entered_at: datetime
    entered_on: date
    hours_late: int
    user_id: str
    role: str
    reason: str | None
    claims: str | None
    figures: str | None
    verdict: str | None
    judged_by: str | None
    judged_at: datetime | None
    judgement: str | None
    evidence: str | None


def late_entries(figures: Figures) -> EveryCase:
    """The register; ``figures`` knows which standards read which case."""

    def rows(lifecycle: Lifecycle[Any], case: Case) -> Iterable[tuple[str, LateEntryRow]]:
        return made(lifecycle, case) if case.late_entries else ()

    def made(lifecycle: Lifecycle[Any], case: Case) -> Iterator[tuple[str, LateEntryRow]]:
        for entry in case.late_entries:
            said = EVENTS[entry.event]
            row = LateEntryRow(
                source_id=case.source_id,
                state=case.state,
                case_kind=lifecycle.kind,
                fact=entry.event,
                zh=said.ZH,
                en=said.EN,
                occurred_at=entry.occurred_at,
                entered_at=entry.entered_at,
                entered_on=local_date(entry.entered_at),
                hours_late=(entry.entered_at - entry.occurred_at) // _HOUR,
                user_id=entry.user_id,
                role=entry.role,
                reason=entry.reason,
                claims=" ".join(entry.unmakes) or None,
                figures=" ".join(figures(case, entry.unmakes)) or None,
                verdict=entry.verdict,
                judged_by=entry.judged_by,
                judged_at=entry.judged_at,
                judgement=entry.judgement,
                evidence=entry.evidence,
            )
            yield str(entry.version), row

    return EveryCase(
        Register(
            name="late-entries",
            zh="补录登记",
            en="late entries",
            clause="1",
            row=LateEntryRow,
            kinds=(),
            rows=lambda _case: (),
            indexed=("entered_on", "verdict"),
        ),
        rows,
    )
