"""A figure of a past period reads the past: which version of each row counts for a period that is over.

Of each row counts what the facts up to the period's end say, and late entries into it, whenever they were written down:
the last version whose fact speaks of a time before the end. A row that was *not yet due* by then is followed until it
is settled, and stays as it was settled: a complaint handled in its time and opened again in the next month was handled.
What became of it afterwards belongs to later periods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from domain.kernel.late_entries import LateEntryConfirmed
from domain.kernel.mending import TAKEN_OUT
from domain.kernel.withdrawn_steps import StepWithdrawn

__all__ = ["as_breached", "relation"]

At = Callable[[str, str], str]
"""A condition that speaks of a moment and its local date, by the names it is given."""

_LINE = "office, case_id, line"
_NOW = "%(moment)s::timestamptz"
_END = f"least({_NOW}, %(end)s::timestamptz)"
_UNMADE = ", ".join(f"'{each.__name__}'" for each in (*TAKEN_OUT, LateEntryConfirmed))
"""What takes a case, a step or a breach out of the book from its beginning, whenever it is said."""


def relation(
    table: str,
    *,
    within: str,
    known: str,
    closed: str,
    standing: str,
    population: At,
    buckets: Callable[[str, str], Mapping[str, str]],
    follows: bool,
) -> str:
    """The rows that count, as a query with their moment ``moment_`` and its local date ``today_`` as columns.

    ``within`` bounds the office, ``known`` is the condition on a version as of the page that is read, ``closed`` on one
    that had ended by then, ``standing`` on one that had not. ``population`` and ``buckets`` speak of a moment and a date by
    the names they are given. Parameters: ``end`` is the instant at which the period ends, ``moment`` that of the reading.

    Nearly every row counts as it stands, and is read where it lies; only of those that were changed after the period, or
    are gone, the earlier versions are looked through.
    """

    def waits(moment: str, today: str) -> str:
        return f"({population(moment, today)}) and {buckets(moment, today)['not-yet-due']}"

    at_end = f"case when {waits(_END, _date_of(_END))} then {_NOW} else {_END} end" if follows else _END
    stands = f"""
  select t.*, {_date_of("t.moment_")} as today_ from (
    select t.*, {at_end} as moment_ from wuye.{table} t where {within} and {standing} and effective_from < %(end)s) t"""
    same = " and ".join(f"o.{name} = v.{name}" for name in _LINE.split(", "))
    picked = f"""
  select distinct on ({_LINE}) v.* from wuye.{table} v where {within} and {known} and {closed} and effective_from < %(end)s
    and not exists (select from wuye.{table} o where {same} and {_of(standing, "o")} and o.effective_from < %(end)s)
   order by {_LINE}, from_number desc"""
    # Asked row by row, by ``limit``: the planner takes them for many, and would read the versions of all offices at once.
    gone = f"""
  (select true from wuye.{table} s where s.office = p.office and s.case_id = p.case_id
      and s.line = p.line and s.from_number = p.to_number limit 1) is null
    and (select true from wuye.facts f where f.office = p.office and f.number = p.to_number
      and (f.occurred_at < %(end)s or f.name in ({_UNMADE})) limit 1) is not null"""
    earlier = f"""
  select p.*, m.moment_, {_date_of("m.moment_")} as today_ from ({picked}) p, (select {_END} as moment_) m where not ({gone})"""
    if not follows:
        return f"({stands} union all {earlier}) r"
    waiting = waits("moment_", "today_")
    missed = buckets("moment_", "today_")["missed"]
    settled = f"({population('moment_', 'today_')}) and not {buckets('moment_', 'today_')['not-yet-due']}"
    same = " and ".join(f"v.{name} = u.{name}" for name in _LINE.split(", "))
    return f"""(
with earlier as materialized ({earlier}),
waiting as (select {_LINE}, from_number from earlier where {waiting}),
later as (
  select l.*, {_date_of("l.moment_")} as today_ from (
    select v.*, greatest(v.effective_from, coalesce(lead(v.effective_from) over (
        partition by v.office, v.case_id, v.line order by v.from_number), {_NOW})) as moment_
      from wuye.{table} v join waiting u on {same} where v.from_number >= u.from_number and {_of(known, "v")}) l),
decided as materialized (
  select distinct on ({_LINE}) {_LINE}, case when {missed} then moment_ else effective_from end as until_
    from later where {settled} order by {_LINE}, from_number),
followed as (
  select distinct on (v.office, v.case_id, v.line) v.* from wuye.{table} v
    join waiting u on {same} left join decided d on d.office = v.office and d.case_id = v.case_id and d.line = v.line
   where {_of(known, "v")} and v.effective_from <= coalesce(d.until_, 'infinity')
   order by v.office, v.case_id, v.line, v.from_number desc)
{stands}
union all
select a.* from earlier a where not exists (select from waiting u where u.office = a.office and u.case_id = a.case_id
  and u.line = a.line)
union all
select f.*, {_NOW}, {_date_of(_NOW)} from followed f) r"""


def as_breached(
    rows: str, table: str, columns: Sequence[str], *, known: str, stands: str, inside: str, dated: bool = False
) -> str:
    """The same rows; one whose breach still stands, as it was when that was written, whatever was entered afterwards.

    ``aside_`` says what the newest version says of the case (mistaken, duplicate), or ``step``: the row would be out of
    the figure because a step was taken back since. ``rows`` is a relation that goes by the name of r, ``columns`` are the
    table's beside those of the version; ``stands`` is the condition on a version, ``inside`` whether it counts in the
    period; ``dated``: the rows bear ``moment_`` and ``today_``.
    """
    # The condition stands within the side query, so that it is not even begun for a row without a breach.
    first = f"""
  select * from wuye.{table} where {" and ".join(f"{name} = r.{name}" for name in _LINE.split(", "))}
    and {known} and {stands} and {stands.replace("standing", "r.standing")} order by from_number limit 1"""
    taken_back = f"""
  exists (select from wuye.facts f where f.office = r.office and f.case_id = r.case_id and f.number > b.from_number
    and f.number <= r.from_number and f.name = '{StepWithdrawn.__name__}')"""
    same = [f"r.{name}" for name in (*_LINE.split(", "), *(("moment_", "today_") if dated else ()))]
    either = [f"case when b.case_id is null then r.{name} else b.{name} end as {name}" for name in columns]
    return f"""(
select {", ".join(same + either)},
    coalesce(r.set_aside, case when b.case_id is not null and not r.inside_ and {taken_back} then 'step' end) as aside_
  from (select r.*, coalesce(({inside}), false) as inside_ from {rows}) r left join lateral ({first}) b on true
offset 0) r"""  # a fence: else the planner would write out each column wherever a condition speaks of it


def _date_of(instant: str) -> str:
    return f"({instant} at time zone 'Asia/Shanghai')::date"


def _of(known: str, alias: str) -> str:
    """The condition on a version, of the table that goes by this name."""
    for name in ("from_number", "recorded_from", "to_number", "recorded_to"):
        known = known.replace(name, f"{alias}.{name}")
    return known
