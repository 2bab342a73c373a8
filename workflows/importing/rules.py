"""The rules of a mapping: when a row says something, and which facts it then gives. Pure: a row and what came before it.

A condition is answered with *how often* it holds: 0 is no, and a counter that rose by two holds twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final

from workflows.importing.expressions import Expression, Reference
from workflows.importing.view import RowView

__all__ = ["Condition", "FactRule", "Opens", "Step", "Steps", "Test"]


_MOST_WORDS: Final = 4_096
"""So many words are remembered with their steps: a column that steps ask for has few."""


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
    was_matches: re.Pattern[str] | None = None
    was_not_matches: re.Pattern[str] | None = None
    increased: bool = False
    positive: bool | None = None
    negative: bool | None = None
    plain: bool = field(init=False)
    """Whether it asks for nothing but certain texts: most tests do, and every row is tried on every one."""

    def __post_init__(self) -> None:
        """See what is asked."""
        asked = [each for each in fields(self) if each.init and each.name not in ("column", "among")]
        object.__setattr__(self, "plain", all(getattr(self, each.name) == each.default for each in asked))

    def holds(self, row: RowView) -> int:
        """How often it holds for this row."""
        text = row.texts[self.column]
        if self.among is not None and text not in self.among:
            return 0
        if self.plain:
            return 1
        if not self._suits(text) or not self._moved(text, row):
            return 0
        value = row.values[self.column]
        if self.positive is not None and (isinstance(value, int) and value > 0) != self.positive:
            return 0
        if self.negative is not None and (isinstance(value, int) and value < 0) != self.negative:
            return 0
        return self._rise(row) if self.increased else 1

    def _suits(self, text: str | None) -> bool:
        return (
            (self.not_among is None or text not in self.not_among)
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
            and (self.was_matches is None or self.was_matches.search(earlier or "") is not None)
            and (self.was_not_matches is None or self.was_not_matches.search(earlier or "") is None)
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
    always: bool = field(init=False)
    """Whether it asks for nothing."""

    def __post_init__(self) -> None:
        """See what is asked."""
        asks = self.tests or self.either or self.first is not None or self.last is not None
        object.__setattr__(self, "always", not asks)

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


# -- steps -----------------------------------------------------------------------------------------------------------


class Opens(StrEnum):
    """Whether a fact opens its case."""

    NO = "no"
    YES = "yes"
    IF_NEEDED = "if-needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRule:
    """One fact that a row gives: of which case, what, when it happened, with which fields.

    ``states``: only while the case is in one of these states, as far as it was brought in; ``lenient``: when it cannot
    be taken, that is noted and the rest of the row stands without it.
    """

    of: str
    do: str
    at: Reference
    fields: Mapping[str, Expression]
    opens: Opens = Opens.NO
    only: Condition = field(default_factory=Condition)
    states: tuple[str, ...] = ()
    lenient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """When a row says something, and the facts that it says; no facts: the row is understood and changes nothing.

    ``note`` (Chinese, English) is written beside every such row that is taken; ``otherwise``: only for rows that no
    other step has understood.
    """

    when: Condition
    facts: Sequence[FactRule]
    note: tuple[str, str] | None = None
    otherwise: bool = False


class Steps:
    """The steps of a mapping by the word 按词找步骤 that tells most of them apart, such as the activity of a row.

    Most steps ask for certain texts of one column, and a file says the same few words again and again: which steps a word
    leaves to be tried is found once.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        """``steps`` are in the mapping's order, and stay in it."""
        asked = Counter(test.column for step in steps for test in step.when.tests if test.plain)
        self._steps = steps
        self._column = asked.most_common(1)[0][0] if asked else None
        self._left: dict[str | None, tuple[tuple[Step, bool], ...]] = {}

    def for_row(self, row: RowView) -> Sequence[tuple[Step, bool]]:
        """The steps that its word leaves, each with whether that was all it asks for."""
        word = row.texts[self._column] if self._column is not None else None
        found = self._left.get(word)
        if found is None:
            found = tuple(
                (step, step.when == Condition(tests=step.when.tests) and all(map(self._settled, step.when.tests)))
                for step in self._steps
                if all(test.among is None or word in test.among for test in step.when.tests if self._settled(test))
            )
            if len(self._left) < _MOST_WORDS:
                self._left[word] = found
        return found

    def _settled(self, test: Test) -> bool:
        """Whether the word alone answers it."""
        return test.plain and test.column == self._column
