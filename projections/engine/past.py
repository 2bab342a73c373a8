"""A figure of a past period reads the past: which version of each row counts for a period that is over.

Of each row counts what the facts up to the period's end say, and late entries into it, whenever they were written down:
the last version whose fact speaks of a time before the end. A row that was *not yet due* by then is followed until it
is settled, and stays as it was settled: a complaint handled in its time and opened again in the next month was handled.
What became of it afterwards belongs to later periods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from domain.kernel.late_entries import LateEntryConfirmed
from domain.kernel.mending import MarkedDuplicate, WithdrawnAsMistaken
from domain.kernel.withdrawn_steps import StepWithdrawn

__all__ = ["as_breached", "relation"]

_LINE = "office, case_id, line"
_UNMADE = ", ".join(
    f"'{each.__name__}'" for each in (WithdrawnAsMistaken, MarkedDuplicate, StepWithdrawn, LateEntryConfirmed)
)
"""What takes a case, a step or a breach out of the book from its beginning, whenever it is said."""


def relation(
    table: str,
    *,
    within: str,
    known: str,
    closed: str,
    population: str,
    buckets: Callable[[str, str], Mapping[str, str]],
    follows: bool,
) -> str:
    """The rows that count, as a query with their moment ``moment_`` and its local date ``today_`` as columns.

    ``within`` bounds the office, ``known`` is the condition on a version as of the page that is read, ``closed`` on one
    that had ended by then. ``population`` and ``buckets`` speak of a moment and a date by the names they are given.
    Parameters: ``end`` is the instant at which the period ends, ``moment`` that of the reading.
    """
    picked = f"""
  select distinct on ({_LINE}) * from wuye.{table} where {within} and {known} and effective_from < %(end)s
   order by {_LINE}, from_number desc"""
    gone = f"""
  ({closed}) and not exists (select from wuye.{table} s where s.office = p.office and s.case_id = p.case_id
      and s.line = p.line and s.from_number = p.to_number)
    and exists (select from wuye.facts f where f.office = p.office and f.number = p.to_number
      and (f.occurred_at < %(end)s or f.name in ({_UNMADE})))"""
    at_end = f"""
  select p.*, m.moment_, {_date_of("m.moment_")} as today_ from ({picked}) p,
    (select least(%(moment)s::timestamptz, %(end)s::timestamptz) as moment_) m where not ({gone})"""
    if not follows:
        return f"({at_end}) r"
    waits = f"({population}) and {buckets('moment_', 'today_')['not-yet-due']}"
    settled = f"({population}) and not {buckets('moment_', 'today_')['not-yet-due']}"
    missed = buckets("moment_", "today_")["missed"]
    same = " and ".join(f"v.{name} = u.{name}" for name in _LINE.split(", "))
    return f"""(
with at_end as materialized ({at_end}),
waiting as (select {_LINE}, from_number from at_end where {waits}),
later as (
  select l.*, {_date_of("l.moment_")} as today_ from (
    select v.*, greatest(v.effective_from, coalesce(lead(v.effective_from) over (
        partition by v.office, v.case_id, v.line order by v.from_number), %(moment)s::timestamptz)) as moment_
      from wuye.{table} v join waiting u on {same} where v.from_number >= u.from_number and {_of(known, "v")}) l),
decided as (
  select distinct on ({_LINE}) {_LINE}, case when {missed} then moment_ else effective_from end as until_
    from later where {settled} order by {_LINE}, from_number),
followed as (
  select distinct on (v.office, v.case_id, v.line) v.* from wuye.{table} v
    join waiting u on {same} left join decided d on d.office = v.office and d.case_id = v.case_id and d.line = v.line
   where {_of(known, "v")} and v.effective_from <= coalesce(d.until_, 'infinity')
   order by v.office, v.case_id, v.line, v.from_number desc)
select a.* from at_end a where not exists (select from waiting u where u.office = a.office and u.case_id = a.case_id
  and u.line = a.line)
union all
select f.*, %(moment)s::timestamptz, {_date_of("%(moment)s::timestamptz")} from followed f) r"""


def as_breached(rows: str, table: str, *, known: str, stands: str, inside: str, dated: bool = False) -> str:
    """The same rows; one whose breach still stands, as it was when that was written, whatever was entered afterwards.

    ``aside_`` says what the newest version says of the case (mistaken, duplicate), or ``step``: the row would be out of
    the figure because a step was taken back since. ``rows`` is a relation that goes by the name of r; ``stands`` is the
    condition on a version, ``inside`` whether it counts in the period; ``dated``: the rows bear ``moment_`` and ``today_``.
    """
    beside = ", r.moment_, r.today_" if dated else ""
    first = f"""
  select * from wuye.{table} where {" and ".join(f"{name} = r.{name}" for name in _LINE.split(", "))}
    and {known} and {stands} order by from_number limit 1"""
    taken_back = f"""
  exists (select from wuye.facts f where f.office = r.office and f.case_id = r.case_id and f.number > b.from_number
    and f.number <= r.from_number and f.name = '{StepWithdrawn.__name__}')"""
    kept = (
        "materialized" if dated else "not materialized"
    )  # a table is read twice in less time than its rows are copied in
    return f"""(
with r as {kept} (select *, coalesce(({inside}), false) as inside_ from {rows})
select r.*, r.set_aside as aside_ from r where not {stands}
union all
select b.*{beside}, true, coalesce(r.set_aside, case when not r.inside_ and {taken_back} then 'step' end) from r,
  lateral ({first}) b where {stands.replace("standing", "r.standing")}) r"""


def _date_of(instant: str) -> str:
    return f"({instant} at time zone 'Asia/Shanghai')::date"


def _of(known: str, alias: str) -> str:
    """The condition on a version, of the table that goes by this name."""
    for name in ("from_number", "recorded_from"):
        known = known.replace(name, f"{alias}.{name}")
    return known
