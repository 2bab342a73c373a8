"""Interleaved rounds, medians, ratios. A ratio is taken within a round, so that a slow minute is slow for both."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["Readings", "Verdict", "interleave", "ratios", "show", "table", "verdicts"]

Readings = dict[str, list[float]]


def interleave(
    slots: Mapping[str, Callable[[], float]],
    rounds: int,
    *,
    warm_up: Callable[[str], object] | None = None,
    before_round: Callable[[], object] | None = None,
    say: str = "",
) -> Readings:
    """Measure every slot once a round, each round beginning with the next one and every other round backwards."""
    names = list(slots)
    readings: Readings = {name: [] for name in names}
    for name in names if warm_up else ():
        assert warm_up is not None
        warm_up(name)
    for number in range(rounds):
        if before_round:
            before_round()
        turn = number % len(names)
        order = names[turn:] + names[:turn]
        for name in order if number % 2 == 0 else reversed(order):
            readings[name].append(slots[name]())
        if say:
            print(f"  {say} round {number + 1}/{rounds}", file=sys.stderr, flush=True)
    return readings


def ratios(readings: Readings, base: str) -> Readings:
    """Each reading divided by the base's reading of the same round."""
    return {
        name: [mine / theirs for mine, theirs in zip(values, readings[base], strict=True) if theirs]
        for name, values in readings.items()
    }


def show(values: Sequence[float], digits: int = 0) -> str:
    """The median, and the noise as the smallest and the largest reading."""
    if not values:
        return "–"
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f}..{max(values):,.{digits}f})"


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A plain table: the first column to the left, the others to the right."""
    lines = [list(head), *[list(row) for row in rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = [
        "  ".join(
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    return "\n".join([title, text[0], "-" * len(text[0]), *text[1:]])


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target of ours and what was measured: a ratio in one run, or an amount with its unit."""

    what: str
    measured: float
    target: float
    unit: str = "×"
    at_most: bool = False

    @property
    def reached(self) -> bool:
        """Whether it was reached in this run."""
        return self.measured <= self.target if self.at_most else self.measured >= self.target


def verdicts(found: Sequence[Verdict]) -> str:
    """The table at the end."""
    rows = [
        [
            each.what,
            f"{each.measured:,.2f} {each.unit}",
            f"{'≤' if each.at_most else '≥'} {each.target:,g} {each.unit}",
            "reached" if each.reached else "NOT REACHED",
        ]
        for each in found
    ]
    return table("targets (medians of the rounds)", ["", "measured", "target", ""], rows)
