"""What a row says: the value of a field, from its columns, from the mapping, or from the rows before. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self, TypeAlias

from workflows.importing.problems import Trouble
from workflows.importing.values import Value
from workflows.importing.view import RowView

__all__ = [
    "After",
    "CaseLink",
    "CaseOf",
    "Constant",
    "Each",
    "Expression",
    "Fixed",
    "IsGiven",
    "Later",
    "Least",
    "Listed",
    "Negated",
    "Part",
    "Reference",
    "Rise",
    "Template",
]

_SLOT = re.compile(r"\{(\w+)\}")


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
class Negated:
    """A number with the other sign: a statement that is below zero says a credit."""

    column: str

    def of(self, row: RowView) -> Value | None:
        """The number, or None."""
        value = row.values[self.column]
        return -value if isinstance(value, int) else None


@dataclass(frozen=True, slots=True)
class After:
    """The date so many whole days after a column's: what a source's own rule fixes by another date."""

    column: str
    days: int

    def of(self, row: RowView) -> Value | None:
        """The date, or None where the column is not given."""
        begun = row.values[self.column]
        if isinstance(begun, datetime):
            begun = begun.date()
        return begun + timedelta(days=self.days) if isinstance(begun, date) else None


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
    columns: tuple[str, ...] = field(init=False)
    """The columns in it."""
    _between: tuple[str, ...] = field(init=False, repr=False)
    """The texts before, between and after them."""

    def __post_init__(self) -> None:
        """Take it apart once: every row is written in it."""
        parts = _SLOT.split(self.text)
        object.__setattr__(self, "columns", tuple(parts[1::2]))
        object.__setattr__(self, "_between", tuple(parts[::2]))

    def of(self, row: RowView) -> Value | None:
        """The text, with nothing in the place of a value that is not given."""
        written, given = self._between[0], not self.columns
        for column, after in zip(self.columns, self._between[1:], strict=True):
            value = row.values[column]
            if value is None:
                written += after
            else:
                given = True
                written += (value if value.__class__ is str else _written(value)) + after
        return written if given else None


class Part(StrEnum):
    """What an element of a list takes from one of several columns."""

    NAME = "name"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Least:
    """Whether a column's number is at least so much."""

    bound: int


@dataclass(frozen=True, slots=True)
class Each:
    """One element for each of several columns: for those that are given in the row, or (``all_heads``) for every one."""

    column: str
    give: Mapping[str, Part | Least | Constant]
    all_heads: bool = False

    def of(self, row: RowView) -> list[dict[str, Value]]:
        """The elements, in the order of the file's header."""
        pairs: Sequence[tuple[str, Value]] = row.several.get(self.column, ())
        if self.all_heads:
            pairs = [(head, "") for head in row.heads.get(self.column, ())]
        return [{name: _part(part, head, value) for name, part in self.give.items()} for head, value in pairs]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list: the elements of its parts one after another."""

    parts: tuple[Each, ...]

    def of(self, row: RowView) -> list[dict[str, Value]]:
        """The elements."""
        return [element for part in self.parts for element in part.of(row)]


def _part(part: Part | Least | Constant, head: str, value: Value) -> Value:
    match part:
        case Constant():
            return part.value
        case Least():
            return isinstance(value, int) and value >= part.bound
        case Part.NAME:
            return head
        case Part.VALUE:
            return value


@dataclass(frozen=True, slots=True)
class CaseOf:
    """The case that a target of the mapping is for this row."""

    kind_path: str
    id: Template

    def of(self, row: RowView) -> Value | None:
        """A link to it."""
        return CaseLink(str(self.id.of(row)), self.kind_path)


def _written(value: Value) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


Expression: TypeAlias = Constant | Reference | Rise | Negated | After | IsGiven | Template | CaseOf | Listed
