"""The rules of a mapping: when a row says something, and what it says. Pure: a row and what came before it go in.

A condition is answered with *how often* it holds: 0 is no, and a counter that rose by two holds twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self, TypeAlias

from workflows.importing.problems import Trouble
from workflows.importing.values import Value

__all__ = [
    "CaseLink",
    "CaseOf",
    "Condition",
    "Constant",
    "Expression",
    "FactRule",
    "IsGiven",
    "Later",
    "Opens",
    "Reference",
    "Rise",
    "RowView",
    "Step",
    "Template",
    "Test",
]

_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class RowView:
    """One row as the rules see it: the texts of the source, their values, the row before, the last given values."""

    line: int
    texts: Mapping[str, str | None]
    values: Mapping[str, Value | None]
    before: RowView | None = None
    last: Mapping[str, Value] = field(default_factory=dict)
    ends: bool = False
    """Whether it is the last row of its case."""


# -- when ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """What must hold of one column, all of it together. Texts are those of the source, not their translations."""

    column: str
    among: frozenset[str] | None = None
    not_among: frozenset[str] | None = None
    matches: re.Pattern[str] | None = None
    given: bool | None = None
    changed: bool | None = None
    entered: bool | None = None
    was: frozenset[str] | None = None
    was_not: frozenset[str] | None = None
    increased: bool = False
    positive: bool | None = None

    def holds(self, row: RowView) -> int:
        """How often it holds for this row."""
        text = row.texts[self.column]
        if not self._suits(text) or not self._moved(text, row):
            return 0
        value = row.values[self.column]
        if self.positive is not None and (isinstance(value, int) and value > 0) != self.positive:
            return 0
        return self._rise(row) if self.increased else 1

    def _suits(self, text: str | None) -> bool:
        return (
            (self.among is None or text in self.among)
            and (self.not_among is None or text not in self.not_among)
            and (self.matches is None or (text is not None and self.matches.search(text) is not None))
            and (self.given is None or (text is not None) == self.given)
        )

    def _moved(self, text: str | None, row: RowView) -> bool:
        first = row.before is None
        earlier = None if row.before is None else row.before.texts[self.column]
        differs = not first and earlier != text
        return (
            (self.changed is None or differs == self.changed)
            and (self.entered is None or (first or differs) == self.entered)
            and (self.was is None or (not first and earlier in self.was))
            and (self.was_not is None or first or earlier not in self.was_not)
        )

    def _rise(self, row: RowView) -> int:
        now, earlier = row.values[self.column], row.last.get(self.column, 0)
        return max(0, now - earlier) if isinstance(now, int) and isinstance(earlier, int) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """All tests hold, and one of the alternatives if there are any; ``first``, ``last`` ask for a case's such row."""

    tests: tuple[Test, ...] = ()
    either: tuple[Condition, ...] = ()
    first: bool | None = None
    last: bool | None = None

    def times(self, row: RowView) -> int:
        """How often the condition holds for this row."""
        if self.first is not None and (row.before is None) != self.first:
            return 0
        if self.last is not None and row.ends != self.last:
            return 0
        times = 1
        for test in self.tests:
            held = test.holds(row)
            if not held:
                return 0
            times = max(times, held)
        if self.either:
            times *= max(alternative.times(row) for alternative in self.either)
        return times


# -- what ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that the mapping itself gives."""

    value: Value

    def of(self, _row: RowView) -> Value | None:
        """The value."""
        return self.value


@dataclass(frozen=True, slots=True)
class Reference:
    """The first given value of these columns; if none is: the default, or refused when it must be given."""

    columns: tuple[str, ...]
    must: bool = False
    default: Value | None = None

    def of(self, row: RowView) -> Value | None:
        """The value, or None."""
        for column in self.columns:
            value = row.values[column]
            if value is not None:
                return value
        if self.must:
            raise Trouble(
                "value-missing",
                zh="此类行缺少必填的值",
                en="rows of this kind need a value here",
                column=self.columns[0],
            )
        return self.default


@dataclass(frozen=True, slots=True)
class Later(Reference):
    """So many whole days after: for a source that gives a duration instead of an end."""

    days: str = ""

    def of(self, row: RowView) -> Value | None:
        """The instant or date, moved; the days must be given."""
        begun, days = Reference.of(self, row), row.values[self.days]
        if not isinstance(begun, date) or not isinstance(days, int):
            raise Trouble(
                "value-missing",
                zh="此类行缺少必填的值",
                en="rows of this kind need a value here",
                column=self.days,
            )
        return begun + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Fixed(Reference):
    """One and the same date: for a source that knows no time, such as a list of homes as they stood on a day."""

    day: date = date.min

    def of(self, _row: RowView) -> Value | None:
        """The date."""
        return self.day


@dataclass(frozen=True, slots=True)
class Rise:
    """By how much a number is more than when it was last given in this case; the first time, the number itself."""

    column: str

    def of(self, row: RowView) -> Value | None:
        """The difference, which may be negative."""
        now, earlier = row.values[self.column], row.last.get(self.column, 0)
        if not isinstance(now, int) or not isinstance(earlier, int):
            raise Trouble(
                "value-missing",
                zh="此类行缺少必填的值",
                en="rows of this kind need a value here",
                column=self.column,
            )
        return now - earlier


@dataclass(frozen=True, slots=True)
class IsGiven:
    """Whether the source gives a value."""

    column: str

    def of(self, row: RowView) -> Value | None:
        """True or false."""
        return row.values[self.column] is not None


class CaseLink(str):
    """The source id of another case, and its kind: whoever takes the proposals knows the case id."""

    __slots__ = ("kind_path",)
    kind_path: str

    def __new__(cls, source_id: str, kind_path: str) -> Self:
        """The link reads as the source id."""
        link = super().__new__(cls, source_id)
        link.kind_path = kind_path
        return link

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # typeshed knows str alone
        """Both parts go with it to another process."""
        return str(self), self.kind_path


@dataclass(frozen=True, slots=True)
class Template:
    """A text with columns in it, ``报修 {kind}``; None when none of them is given."""

    text: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in it."""
        return tuple(_SLOT.findall(self.text))

    def of(self, row: RowView) -> Value | None:
        """The text, with nothing in the place of a value that is not given."""
        if self.columns and all(row.values[column] is None for column in self.columns):
            return None
        return _SLOT.sub(lambda slot: _written(row.values[slot[1]]), self.text)


@dataclass(frozen=True, slots=True)
class CaseOf:
    """The case that a target of the mapping is for this row."""

    kind_path: str
    id: Template

    def of(self, row: RowView) -> Value | None:
        """A link to it."""
        return CaseLink(str(self.id.of(row)), self.kind_path)


def _written(value: Value | None) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


Expression: TypeAlias = Constant | Reference | Rise | IsGiven | Template | CaseOf


# -- steps -----------------------------------------------------------------------------------------------------------


class Opens(StrEnum):
    """Whether a fact opens its case."""

    NO = "no"
    YES = "yes"
    IF_NEEDED = "if-needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRule:
    """One fact that a row gives: of which case, what, when it happened, with which fields."""

    of: str
    do: str
    at: Reference
    fields: Mapping[str, Expression]
    opens: Opens = Opens.NO
    only: Condition = field(default_factory=Condition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """When a row says something, and the facts that it says; no facts: the row is understood and changes nothing.

    ``note`` (Chinese, English) is written beside every such row that is taken.
    """

    when: Condition
    facts: Sequence[FactRule]
    note: tuple[str, str] | None = None
