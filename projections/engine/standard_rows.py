"""Which rows a standard's figure is read from, and in which of the four buckets each of them stands: as SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from domain.kernel.calendar import local_date
from domain.kernel.mending import SET_ASIDE
from projections.engine.collection import Registers
from projections.engine.past import as_breached, holds, relation, unbreached, version_of

if TYPE_CHECKING:
    from projections.engine.standard import AsOf, Standard

__all__ = ["MET", "MISSED", "NOT_DUE", "Rows", "rows_of"]

MET: Final = 0
NOT_DUE: Final = -1
MISSED: Final = -2
"""In which bucket a row is, as one number; above 0 it is excluded: the sum of 1, 2, 4 … for its reasons, in their order."""
_WORD: Final = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows a figure is read from: relations, the condition, and the four buckets, of which each row is in one.

    ``bucket`` says by one number (:data:`MET` …) what ``buckets`` say each by itself; ``buckets`` are asked for cases.
    """

    sources: tuple[str, ...]
    where: str
    buckets: Mapping[str, str]
    excluded: Mapping[str, str]
    bucket: str
    imported: str
    """Whether a row is another system's history; some registers have none."""

    @property
    def source(self) -> str:
        """All of them as one."""
        if len(self.sources) == 1:
            return self.sources[0]
        return f"({' union all '.join(f'select * from {each}' for each in self.sources)}) r"


def rows_of(
    registers: Registers,
    standard: Standard,
    as_of: AsOf,
    until: date,
    moment: datetime,
    within: str = "office = %(office)s",
) -> Rows:
    """The rows as they stand in the book; for a period that is over, as they were settled in it or by their dates."""
    register = registers.by_name[standard.register]
    table, columns = standard.view or register.table, _spoken_of(standard, [each.name for each in register.stored])
    imported = "imported" if standard.view is None and "imported" in columns else "false"
    inside = f"({standard.population}) and {standard.of} between %(since)s and %(until)s"
    if standard.view is not None or until >= local_date(moment):
        if not standard.keeps_breaches:
            return Rows(
                (f"wuye.{table}",),
                f"{within} and {inside} and {as_of.condition}",
                _buckets(standard),
                _exclusions(standard),
                _bucket(standard),
                imported,
            )
        # Rows without a breach are read where they lie, and several processes may share them.
        breached, stand = _breached(standard), f"{within} and {as_of.condition}"
        read = f"(select {version_of(columns)} from wuye.{table} where {stand} and"
        once, never = f"{read} {breached}) r", f"{read} not {holds(breached)}) r"
        return Rows(
            (
                unbreached(never, columns),
                as_breached(once, table, columns, known=as_of.known, stands=_stands(standard), inside=inside),
            ),
            inside,
            _buckets(standard, "aside_"),
            _exclusions(standard, "aside_"),
            _bucket(standard, "aside_"),
            imported,
        )

    def at(moment: str, today: str) -> Callable[[str], str]:
        return lambda sql: sql.replace("%(moment)s", moment).replace("%(today)s", today)

    said = at("moment_", "today_")
    first, second = sources = relation(
        table,
        columns,
        within=within,
        known=as_of.known,
        closed=as_of.closed,
        standing=as_of.condition,
        breached=_breached(standard) if standard.keeps_breaches else "false",
        lasts=register.lasts,
        follows=standard.follows,
        population=lambda moment, today: at(moment, today)(inside),
        buckets=lambda moment, today: {name: at(moment, today)(sql) for name, sql in _buckets(standard).items()},
    )
    aside = "set_aside"
    if standard.keeps_breaches:
        aside = "aside_"
        once = as_breached(
            second, table, columns, known=as_of.known, stands=_stands(standard), inside=said(inside), dated=True
        )
        sources = (unbreached(first, columns, dated=True), once)
    return Rows(
        sources,
        said(inside),
        {name: said(sql) for name, sql in _buckets(standard, aside).items()},
        {reason: said(sql) for reason, sql in _exclusions(standard, aside).items()},
        said(_bucket(standard, aside)),
        imported,
    )


def _spoken_of(standard: Standard, columns: Sequence[str]) -> list[str]:
    """The columns that any condition of the standard speaks of: a row of sixty is not carried along for five of them."""
    said = [standard.population, standard.of, standard.met, standard.not_due, standard.group or ""]
    said += [*standard.excluded.values(), *(standard.amount or ())]
    words = {"standing", "set_aside", "imported"}.union(*map(_WORD.findall, said))
    return [name for name in columns if name in words]


def _stands(standard: Standard) -> str:
    """Whether the breach stands in the book, and no confirmed late entry has unmade it."""
    if standard.breach is None:
        return "false"
    return holds(_breached(standard))


def _breached(standard: Standard) -> str:
    """The same where null is no: there is an index of the versions in which anything stands."""
    # Most rows have nothing that stands: those need no array.
    return f"standing <> '' and '{standard.breach}' = any(string_to_array(standing, ' '))"


def _exclusions(standard: Standard, aside: str = "set_aside") -> dict[str, str]:
    """Reason → condition: what the clock has found missed is excluded for no reason that comes afterwards.

    ``aside`` is the column that says whether a row's case was set aside.
    """
    free = f"not {_stands(standard)}"
    out = _set_aside(standard, aside)
    counting = " and ".join(f"not {sql}" for sql in out.values()) or "true"
    own = {reason: f"(coalesce(({sql}), false) and {free} and {counting})" for reason, sql in standard.excluded.items()}
    return own | out


def _set_aside(standard: Standard, aside: str) -> dict[str, str]:
    """What should not have been entered, or was entered twice, is out whatever the clock has found of it, and so is what
    rests on a step that was taken back as mistaken.
    """
    if standard.view is not None:
        return {}
    cases = {en: f"(coalesce({aside}, '') = '{kind}')" for kind, (_, en) in SET_ASIDE.items()}
    if not standard.keeps_breaches:
        return cases
    return cases | {"step withdrawn": f"(coalesce({aside}, '') = 'step')"}


def _bucket(standard: Standard, aside: str = "set_aside") -> str:
    """The same as one number, each condition judged once and no further than the row wants."""
    reasons = _exclusions(standard, aside).values()
    excluded = " or ".join(reasons) or "false"
    why = " + ".join(f"{1 << place} * ({sql})::integer" for place, sql in enumerate(reasons)) or "0"
    return (
        f"case when {excluded} then {why} when {_stands(standard)} then {MISSED} when {standard.met} then {MET}"
        f" when {standard.not_due} then {NOT_DUE} else {MISSED} end"
    )


def _buckets(standard: Standard, aside: str = "set_aside") -> dict[str, str]:
    """The four conditions; each row of the population stands in exactly one."""
    excluded = " or ".join(_exclusions(standard, aside).values()) or "false"
    stands = _stands(standard)
    met = f"(coalesce(({standard.met}), false) and not {stands})"
    not_due = f"(coalesce(({standard.not_due}), false) and not {stands})"
    return {
        "excluded": f"({excluded})",
        "met": f"(not ({excluded}) and {met})",
        "not-yet-due": f"(not ({excluded}) and not {met} and {not_due})",
        "missed": f"(not ({excluded}) and not {met} and not {not_due})",
    }
