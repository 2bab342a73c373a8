"""Which rows a standard's figure is read from, and in which of the four buckets each of them stands: as SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Final

from domain.kernel.calendar import local_date
from domain.kernel.mending import SET_ASIDE
from projections.engine.collection import Registers
from projections.engine.past import as_breached, relation

if TYPE_CHECKING:
    from projections.engine.standard import AsOf, Standard

__all__ = ["Rows", "rows_of"]

_WORD: Final = re.compile(r"[a-z_][a-z0-9_]*")
_ALWAYS: Final = ("standing", "set_aside")


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows a figure is read from: the relation, the condition, and the four buckets, of which each row is in one."""

    source: str
    where: str
    buckets: Mapping[str, str]
    excluded: Mapping[str, str]


def rows_of(registers: Registers, standard: Standard, as_of: AsOf, until: date, moment: datetime) -> Rows:
    """The rows as they stand in the book; for a period that is over, as they were settled in it or by their dates."""
    register = registers.by_name[standard.register]
    table = standard.view or register.table
    columns = [column.name for column in register.stored if column.name in _named(standard)]
    within = "office = %(office)s"
    inside = f"({standard.population}) and {standard.of} between %(since)s and %(until)s"
    if standard.view is not None or until >= local_date(moment):
        if not standard.keeps_breaches:
            return Rows(
                f"wuye.{table}",
                f"{within} and {inside} and {as_of.condition}",
                _buckets(standard),
                _exclusions(standard),
            )
        open_rows = f"(select * from wuye.{table} where {within} and {as_of.condition}) r"
        return Rows(
            as_breached(open_rows, table, columns, known=as_of.known, stands=_stands(standard), inside=inside),
            inside,
            _buckets(standard, "aside_"),
            _exclusions(standard, "aside_"),
        )

    def at(moment: str, today: str) -> Callable[[str], str]:
        return lambda sql: sql.replace("%(moment)s", moment).replace("%(today)s", today)

    said = at("moment_", "today_")
    source = relation(
        table,
        within=within,
        known=as_of.known,
        closed=as_of.closed,
        standing=as_of.condition,
        follows=standard.follows,
        population=lambda moment, today: at(moment, today)(inside),
        buckets=lambda moment, today: {name: at(moment, today)(sql) for name, sql in _buckets(standard).items()},
    )
    aside = "set_aside"
    if standard.keeps_breaches:
        aside = "aside_"
        source = as_breached(
            source, table, columns, known=as_of.known, stands=_stands(standard), inside=said(inside), dated=True
        )
    return Rows(
        source,
        said(inside),
        {name: said(sql) for name, sql in _buckets(standard, aside).items()},
        {reason: said(sql) for reason, sql in _exclusions(standard, aside).items()},
    )


@cache
def _words(*sql: str) -> frozenset[str]:
    return frozenset(_WORD.findall(" ".join(sql)))


def _named(standard: Standard) -> frozenset[str]:
    """The columns that a figure speaks of: a row of seventy columns is not written out anew for five."""
    conditions = (standard.of, standard.met, standard.population, standard.not_due, *standard.excluded.values())
    return _words(*conditions, *(standard.amount or ()), standard.group or "", *_ALWAYS)


def _stands(standard: Standard) -> str:
    """Whether the breach stands in the book, and no confirmed late entry has unmade it."""
    if standard.breach is None:
        return "false"
    # Most rows have nothing that stands: those need no array.
    return f"coalesce(standing <> '' and '{standard.breach}' = any(string_to_array(standing, ' ')), false)"


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
