"""One row of a source as the rules of a mapping see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.importing.values import Several, Value

__all__ = ["RowView"]


@dataclass(slots=True)
class RowView:
    """One row as the rules see it: the texts of the source, their values, the row before, the last given values.

    ``several`` and ``heads`` are of the columns that stand for many.
    """

    line: int
    texts: dict[str, str | None]
    values: dict[str, Value | None]
    before: RowView | None = None
    last: Mapping[str, Value] = field(default_factory=dict)
    ends: bool = False
    """Whether it is the last row of its case."""
    several: Mapping[str, Several] = field(default_factory=dict)
    heads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
