"""The lifecycle drawn 流程图: the states of the table in a row, the way a case has taken, and where it can go from here.

A drawing is classes and numbers only; no kind of case is placed by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from api.console.formatting import clock, day
from api.console.text import says
from domain.kernel.calendar import local_date
from domain.kernel.lifecycle.declare import SAME
from domain.kernel.people import Role

if TYPE_CHECKING:
    from api.console.page import Page
    from domain.kernel.fact import Fact
    from domain.kernel.lifecycle.ask import Lifecycle

__all__ = ["Drawing", "drawing"]

_WIDTH, _EDGE = 648, 44
_RADIUS: Final = 6
_LONG: Final = 14
"""Letters of a name that is wider than the edge it stands at."""
_WIDE, _NARROW, _BETWEEN = 120, 66, 8
"""Tenths of a unit that a Chinese and a Latin sign of a name take, and what lies between two names at least."""
_CROWDED: Final = 8
"""From so many states on, names stand on two lines."""
_RISE, _MOST_RISE = 15, 46
"""How high an arc rises for each state that it passes over, and at most."""


@dataclass(frozen=True, slots=True)
class Node:
    """One state."""

    x: int
    y: int
    text: str
    at: str
    css: str
    label_x: int
    label_y: int


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from a state to another, with the numbers of the steps that took it."""

    path: str
    taken: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the template draws."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    said: str


def drawing(page: Page, lifecycle: Lifecycle[Any], facts: Sequence[Fact], state: str) -> Drawing:
    """A case's lifecycle after these facts."""
    states = list(lifecycle.states)
    way = _way(lifecycle, facts)
    entered: dict[str, datetime] = dict(way)
    taken: dict[tuple[str, str], list[int]] = {}
    for number, ((before, _), (after, _)) in enumerate(pairwise(way), 1):
        taken.setdefault((before, after), []).append(number)
    possible = {(state, target) for target in _next(lifecycle, state)} - set(taken)
    both = [*possible, *taken]
    rise = max((_height(states, *pair) for pair in both if _is_arc(states, *pair, up=True)), default=0)
    fall = max((_height(states, *pair) for pair in both if _is_arc(states, *pair, up=False)), default=0)
    step = (_WIDTH - 2 * _EDGE) / max(len(states) - 1, 1)
    xs = {each: round(_EDGE + step * n) for n, each in enumerate(states)}
    named = [(xs[each], says(page.lang, *lifecycle.states[each])) for each in states]
    least = 2 if len(states) >= _CROWDED else 1
    name_lines = next((count for count in (1, 2, 3) if count >= least and not _is_tight(named, count)), 3)
    crowded = name_lines > 1
    middle = rise + 16
    below = 10 + 16 * name_lines
    nodes = []
    for number, each in enumerate(states):
        css = "now" if each == state else "" if each in entered else "off"
        side, label_x = _placed(number, len(states), xs[each], says(page.lang, *lifecycle.states[each]))
        nodes.append(
            Node(
                xs[each],
                middle,
                says(page.lang, *lifecycle.states[each]),
                _moment(page, entered[each]) if each in entered and not crowded else "",
                " ".join(word for word in ("way" if each in entered else "", css, side) if word),
                label_x,
                middle + 24 + 16 * (number % name_lines),
            )
        )
    made = [_edge(states, xs, middle, below, pair, taken.get(pair, [])) for pair in both]
    height = middle + below + (16 if not crowded else 4) + (fall + 8 if fall else 0)
    return Drawing(_WIDTH, height, tuple(nodes), tuple(made), _said(page, lifecycle, way, state))


def _way(lifecycle: Lifecycle[Any], facts: Iterable[Fact]) -> list[tuple[str, datetime]]:
    """The states that the case came into, each with when."""
    way: list[tuple[str, datetime]] = []
    for fact in facts:
        target = lifecycle.targets[type(fact.event)]
        if target != SAME and (not way or way[-1][0] != target):
            way.append((target, fact.occurred_at))
    return way


def _next(lifecycle: Lifecycle[Any], state: str) -> list[str]:
    """Where a case can go from a state; what only another system's history says is no way."""
    rows = (row for row in lifecycle.steps if state in row.sources and set(row.who) != {Role.IMPORTER})
    return list(dict.fromkeys(row.target for row in rows if row.target not in (SAME, state)))


def _is_arc(states: list[str], before: str, after: str, *, up: bool) -> bool:
    gap = states.index(after) - states.index(before)
    return gap > 1 if up else gap < 0


def _height(states: list[str], before: str, after: str) -> int:
    return min(_MOST_RISE, 10 + _RISE * (abs(states.index(after) - states.index(before)) - 1))


def _edge(
    states: list[str], xs: dict[str, int], middle: int, below: int, pair: tuple[str, str], numbers: list[int]
) -> Edge:
    before, after = pair
    x1, x2 = xs[before], xs[after]
    half = (x1 + x2) // 2
    told = "、".join(map(str, numbers))
    if states.index(after) - states.index(before) == 1:
        return Edge(f"M{x1 + _RADIUS + 1} {middle}H{x2 - _RADIUS - 2}", told, half, middle + 4)
    high = _height(states, before, after)
    if x2 > x1:
        top, start = middle - high, middle - _RADIUS - 1
        bend = min(28, (x2 - x1) // 3)
        path = f"M{x1 + 2} {start}C{x1 + 6} {top} {x1 + bend} {top} {half} {top}S{x2 - 6} {top} {x2 - 3} {start - 1}"
        return Edge(path, told, half, top + 4)
    start = middle + below + (2 if below < 40 else 8)
    low = start + high
    bend = min(28, (x1 - x2) // 3)
    path = f"M{x1} {start}C{x1} {low} {x1 - bend} {low} {half} {low}S{x2} {low} {x2} {start + 2}"
    return Edge(path, told, half, low + 4)


def _placed(number: int, count: int, x: int, text: str) -> tuple[str, int]:
    """Where a name stands: below its state; a long one at an end keeps within the drawing."""
    if len(text) > _LONG and number in (0, count - 1):
        return ("first", 0) if number == 0 else ("last", _WIDTH)
    return "", x


def _is_tight(names: Sequence[tuple[int, str]], lines: int) -> bool:
    """Whether two names beside each other on one of so many lines would touch: «written off», «withdrawn as mistaken»."""
    spans = []
    for number, (x, text) in enumerate(names):
        wide = sum(_WIDE if sign > "\u2e7f" else _NARROW for sign in text) // 10
        side, at = _placed(number, len(names), x, text)
        begins = at if side == "first" else at - wide if side == "last" else at - wide // 2
        spans.append((begins, begins + wide))
    return any(one[1] + _BETWEEN > other[0] for n in range(lines) for one, other in pairwise(spans[n::lines]))


def _moment(page: Page, at: datetime) -> str:
    return f"{day(local_date(at), page.lang, page.now)} {clock(at)}"


def _said(page: Page, lifecycle: Lifecycle[Any], way: list[tuple[str, datetime]], state: str) -> str:
    """The same in words, for whoever does not see it."""
    names = (page.t("，", ", ")).join(says(page.lang, *lifecycle.states[each]) for each, _ in way)
    now = says(page.lang, *lifecycle.states[state])
    return page.t(f"流程：{names}。现在：{now}。", f"The way: {names}. Now: {now}.")
