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

__all__ = ["as_breached", "holds", "relation", "unbreached", "version_of"]

At = Callable[[str, str], str]
"""A condition that speaks of a moment and its local date, by the names it is given."""

_LINE = "office, case_id, line"
_VERSION = ("office", "case_id", "line", "from_number", "to_number", "effective_from")
"""What every row brings, whether anybody speaks of it or not."""
_NOW = "%(moment)s::timestamptz"
_END = f"least({_NOW}, %(end)s::timestamptz)"
_UNMADE = ", ".join(f"'{each.__name__}'" for each in (*TAKEN_OUT, LateEntryConfirmed))
"""What takes a case, a step or a breach out of the book from its beginning, whenever it is said."""


def relation(
    table: str,
    columns: Sequence[str],
    *,
    within: str,
    known: str,
    closed: str,
    standing: str,
    breached: str,
    lasts: bool,
    population: At,
    buckets: Callable[[str, str], Mapping[str, str]],
    follows: bool,
) -> tuple[str, str]:
    """The rows that count, as two queries with their moment ``moment_`` and its local date ``today_`` as columns.

    ``within`` bounds the office, ``known`` is the condition on a version as of the page that is read, ``closed`` on one
    that had ended by then, ``standing`` on one that had not. ``population`` and ``buckets`` speak of a moment and a date by
    the names they are given; ``columns`` are those that anybody speaks of. Parameters: ``end`` is the instant at which the
    period ends, ``moment`` that of the reading.

    Nearly every row counts as it stands, and is read where it lies: that is the first query, which several processes may
    share. Those whose breach stands (``breached``) are in the second, to be read by :func:`as_breached`. Only of those that were
    changed after the period, or are gone, the earlier versions are looked through: the latest of each, by its index. Of a register whose lines are never gone (``lasts``) nobody looks for those that are, which
    takes all versions that have ended.
    """

    def waits(moment: str, today: str) -> str:
        return f"({population(moment, today)}) and {buckets(moment, today)['not-yet-due']}"

    end_day, now_day = _date_of(_END), _date_of(_NOW)
    named = version_of(columns)
    waits_at_end = waits(_END, end_day) if follows else "false"

    def stand(condition: str) -> str:
        return f"""
  select {named}, case when waits_ then {_NOW} else {_END} end as moment_, case when waits_ then {now_day} else {end_day} end as today_
    from (select {named}, {waits_at_end} as waits_ from wuye.{table} t
           where {within} and {standing} and effective_from < %(end)s and {condition} offset 0) t"""

    stands, missed_once = f"({stand(f'not {holds(breached)}')}) r", stand(breached)
    same = " and ".join(f"v.{name} = c.{name}" for name in _LINE.split(", "))
    picked = f"""
  select v.* from (select {_LINE} from wuye.{table} where {within} and {standing} and effective_from >= %(end)s) c
   cross join lateral (
    select {named} from wuye.{table} v where {same} and {known} and {closed} and effective_from < %(end)s
     order by from_number desc limit 1) v"""
    if not lasts:
        same = " and ".join(f"o.{name} = v.{name}" for name in _LINE.split(", "))
        picked += f"""
   union all (
  select distinct on ({_LINE}) {named} from wuye.{table} v where {within} and {known} and {closed} and effective_from < %(end)s
    and not exists (select from wuye.{table} o where {same} and {_of(standing, "o")})
   order by {_LINE}, from_number desc)"""
    # Asked row by row, by ``limit``: the planner takes them for many, and would read the versions of all offices at once.
    gone = f"""
  (select true from wuye.{table} s where s.office = p.office and s.case_id = p.case_id
      and s.line = p.line and s.from_number = p.to_number limit 1) is null
    and (select true from wuye.facts f where f.office = p.office and f.number = p.to_number
      and (f.occurred_at < %(end)s or f.name in ({_UNMADE})) limit 1) is not null"""
    earlier = f"""
  select p.*, {_END} as moment_, {end_day} as today_ from ({picked}) p where {"true" if lasts else f"not ({gone})"}"""
    if not follows:
        return stands, f"({missed_once} union all {earlier}) r"
    waiting = waits("moment_", "today_")
    missed = buckets("moment_", "today_")["missed"]
    settled = f"({population('moment_', 'today_')}) and not {buckets('moment_', 'today_')['not-yet-due']}"
    same = " and ".join(f"v.{name} = u.{name}" for name in _LINE.split(", "))
    # Line by line, each by its index: as joins they would be planned for the one row that the planner takes them for.
    return (
        stands,
        f"""(
with earlier as materialized ({earlier}),
waiting as materialized (select {_LINE}, from_number from earlier where {waiting}),
followed as (
  select f.* from waiting u
    left join lateral (
      select case when {missed} then moment_ else effective_from end as until_
        from (select l.*, {_date_of("l.moment_")} as today_ from (
          select v.*, greatest(v.effective_from, coalesce(lead(v.effective_from) over (order by v.from_number), {_NOW})) as moment_
            from wuye.{table} v where {same} and v.from_number >= u.from_number and {_of(known, "v")}) l) l
       where {settled} order by from_number limit 1) d on true
   cross join lateral (
      select {named} from wuye.{table} v where {same} and {_of(known, "v")} and effective_from <= coalesce(d.until_, 'infinity')
       order by from_number desc limit 1) f)
{missed_once}
union all
select a.* from earlier a
 where not exists (select from waiting u where u.office = a.office and u.case_id = a.case_id and u.line = a.line)
union all
select f.*, {_NOW}, {now_day} from followed f) r""",
    )


def holds(condition: str) -> str:
    """The condition, never null."""
    return f"coalesce(({condition}), false)"


def version_of(columns: Sequence[str]) -> str:
    """What is read of a version: these columns, and those by which it is known."""
    return ", ".join((*_VERSION, *(name for name in columns if name not in _VERSION)))


def as_breached(
    rows: str, table: str, columns: Sequence[str], *, known: str, stands: str, inside: str, dated: bool = False
) -> str:
    """The same rows; one whose breach still stands, as it was when that was written, whatever was entered afterwards.

    ``aside_`` says what the newest version says of the case (mistaken, duplicate), or ``step``: the row would be out of
    the figure because a step was taken back since. ``rows`` is a relation that goes by the name of r, ``columns`` are the
    table's beside those of the version; ``stands`` is the condition on a version, ``inside`` whether it counts in the
    period; ``dated``: the rows bear ``moment_`` and ``today_``.
    """
    same = " and ".join(f"b.{name} = r.{name}" for name in _LINE.split(", "))
    first = (
        f"(select b from wuye.{table} b where {same} and {_of(known, 'b')} and {stands.replace('standing', 'b.standing')}"
        " order by b.from_number limit 1)"
    )
    taken_back = f"""
  exists (select from wuye.facts f where f.office = r.office and f.case_id = r.case_id and f.number > (r.breached_).from_number
    and f.number <= r.from_number and f.name = '{StepWithdrawn.__name__}')"""
    none = "(r.breached_).case_id is null"
    kept = _kept(dated=dated)
    either = [f"case when {none} then r.{name} else (r.breached_).{name} end as {name}" for name in columns]
    # A version is looked for where a breach stands, and once: the fence keeps the query from being written out wherever a
    # condition speaks of a column.
    return f"""(
select {", ".join(kept + either)},
    coalesce(r.set_aside, case when not {none} and not coalesce(({inside}), false) and {taken_back} then 'step' end) as aside_
  from (select r.*, case when {stands} then {first} end as breached_ from {rows} offset 0) r offset 0) r"""


def unbreached(rows: str, columns: Sequence[str], *, dated: bool = False) -> str:
    """The rows of a relation without a breach that stands, with the columns of :func:`as_breached`."""
    read = ", ".join((*_kept(dated=dated), *(f"r.{name}" for name in columns)))
    return f"(select {read}, r.set_aside as aside_ from {rows}) r"


def _kept(*, dated: bool) -> list[str]:
    return [f"r.{name}" for name in (*_LINE.split(", "), *(("moment_", "today_") if dated else ()))]


def _date_of(instant: str) -> str:
    return f"({instant} at time zone 'Asia/Shanghai')::date"


def _of(known: str, alias: str) -> str:
    """The condition on a version, of the table that goes by this name."""
    for name in ("from_number", "recorded_from", "to_number", "recorded_to"):
        known = known.replace(name, f"{alias}.{name}")
    return known
