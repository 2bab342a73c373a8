"""Figures 读数 as pages show them: with target, kept or not, and the address of what stands under each number."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from api.console.formatting import area, money
from api.routes.standards import percent
from domain.kernel.calendar import local_date
from projections.engine.standard import AsOf, Measurement, Standard
from projections.standards.index import STANDARDS

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["Figure", "figure_of", "goal", "measured", "monthly"]

_KEPT_FOR: Final = 60.0
_MOST_KEPT: Final = 200
"""Questions whose answers are kept; those asked longest ago go first."""
_TURN: Final = Lock()
_MANY: Final = 8
_OTHER: Final = ThreadPoolExecutor(2, thread_name_prefix="figures")
"""Who reads the other half; where both are busy, the half waits its turn."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure in the words of a page."""

    standard: Standard
    name: str
    clause: str
    value: str
    parts: str
    target: str
    css: str
    word: str
    not_yet_due: int
    reading: Measurement


def measured(
    page: Page, standards: Sequence[Standard], since: date | None, until: date | None, as_of: AsOf
) -> list[Figure]:
    """These figures over a period, by the API's own reading: read once a minute at most while nothing is written."""
    return [figure_of(page, reading) for reading in _readings(page, standards, since, until, as_of)]


def _readings(
    page: Page, standards: Sequence[Standard], since: date | None, until: date | None, as_of: AsOf
) -> list[Measurement]:
    asked = (page.office, tuple(each.slug for each in standards), since, until, as_of)
    state = (page.written, page.now.replace(second=0, microsecond=0))
    kept: OrderedDict[Any, tuple[Any, float, list[Measurement]]] = page.kit.kept.setdefault("readings", OrderedDict())
    with _TURN:
        known = kept.get(asked)
    if known is not None and known[0] == state and known[1] > monotonic():
        return known[2]
    found = _read(page, standards, since, until, as_of)
    with _TURN:
        kept[asked] = (state, monotonic() + _KEPT_FOR, found)
        kept.move_to_end(asked)
        while len(kept) > _MOST_KEPT:
            kept.popitem(last=False)
    return found


def _read(
    page: Page, standards: Sequence[Standard], since: date | None, until: date | None, as_of: AsOf
) -> list[Measurement]:
    """Many figures are read over two connections at once, each half in one transaction; of the same page of the book."""

    def read(some: Sequence[Standard]) -> list[Measurement]:
        return page.context.figures.read(some, page.office, since, until, as_of)

    if len(standards) < _MANY:
        return read(standards)
    other = _OTHER.submit(read, standards[1::2])
    mine = read(standards[::2])
    theirs = other.result()
    if mine[0].pages != theirs[0].pages:  # somebody wrote meanwhile
        return read(standards)
    found = {each.standard.slug: each for each in (*mine, *theirs)}
    return [found[standard.slug] for standard in standards]


def monthly(page: Page) -> list[Figure]:
    """This month's figures with a target."""
    targets = [standard for standard in STANDARDS if standard.target is not None]
    return measured(page, targets, local_date(page.now).replace(day=1), None, AsOf())


def figure_of(page: Page, reading: Measurement) -> Figure:
    """A reading in the page's words. The percentage is cut, never rounded up."""
    standard = reading.standard
    target = goal(standard, reading.target)
    if not reading.counted:
        css, word = "st-none", page.t("无可计量", "nothing to measure")
    elif reading.target is None:
        css, word = "", page.t("无目标", "no target")
    elif reading.kept:
        css, word = "st-kept", page.t("达标", "kept")
    else:
        css, word = "st-late", page.t("未达标", "not kept")
    return Figure(
        standard,
        page.begins(standard.zh, standard.en),
        standard.clause,
        f"{percent(reading.met, reading.counted)}%" if reading.counted else "–",
        _parts(page, reading),
        target,
        css,
        word,
        reading.not_yet_due,
        reading,
    )


def goal(standard: Standard, target: Fraction | None) -> str:
    """«≥ 98%»."""
    if target is None:
        return ""
    hundredths = target * 10_000
    whole, rest = divmod(hundredths.numerator // hundredths.denominator, 100)
    said = f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)
    return f"{'≤' if standard.at_most else '≥'} {said}%"


def _amount(standard: Standard, number: int) -> str:
    if not standard.amount:
        return f"{number:,}"
    return money(number) if standard.unit == "fen" else area(number)


def _parts(page: Page, reading: Measurement) -> str:
    """«12 / 14», and how many of them another system recorded."""
    if not reading.counted:
        return ""
    said = f"{_amount(reading.standard, reading.met)} / {_amount(reading.standard, reading.counted)}"
    number = reading.imported
    return f"{said} {page.t(f'（含导入 {number:,}）', f'({number:,} imported)')}" if number else said
