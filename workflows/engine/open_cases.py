"""The cases that a draft works on: each is loaded once, when it is first needed, and then stands as the draft left it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.cases import lifecycle_of
from domain.kernel.fact import Fact
from domain.kernel.lifecycle.ask import Lifecycle
from workflows.engine.ports import Lines, Projector

__all__ = ["OpenCase", "OpenCases"]


@dataclass(slots=True)
class OpenCase:
    """A case as the draft sees it: None before its first fact; its register rows and claims; whether the draft wrote to it.

    ``found_at`` is its version in the book, 0 for a case that is not there.
    """

    lifecycle: Lifecycle[Any]
    case: Any
    lines: Lines
    held: set[str]
    touched: bool = False
    found_at: int = 0
    marks: set[tuple[str, str]] = field(default_factory=set)
    """The rows, as (register, line), that late entries have touched."""


class OpenCases:
    """Loads cases and keeps them."""

    def __init__(
        self, load: Callable[[str], Any], projector: Projector, facts: Callable[[str], Sequence[Fact]]
    ) -> None:
        """``load`` reads a case from the book, None: there is no such case; ``facts`` reads its facts."""
        self._load = load
        self._facts = facts
        self._projector = projector
        self._cases: dict[str, OpenCase] = {}

    def __contains__(self, case_id: str) -> bool:
        """Whether the draft has the case, without looking into the book."""
        return case_id in self._cases

    def __getitem__(self, case_id: str) -> OpenCase:
        """A case that the draft has."""
        return self._cases[case_id]

    def get(self, case_id: str, *, brand_new: bool = False) -> OpenCase:
        """A case, loaded if need be; one that is ``brand_new`` is not looked for in the book."""
        found = self._cases.get(case_id)
        if found is None:
            lifecycle = lifecycle_of(case_id)
            case = None if brand_new else self._load(case_id)
            if case is None:
                found = OpenCase(lifecycle, None, {}, set())
            else:
                lines, held = self._projector.lines(lifecycle, case), lifecycle.held(case)
                # Which rows late entries have touched stands in the facts alone; most cases have none.
                marks = self._projector.marks(lifecycle, self._facts(case_id)) if case.late_entries else set()
                found = OpenCase(lifecycle, case, lines, held, found_at=case.version, marks=marks)
            self._cases[case_id] = found
        return found

    def facts(self, case_id: str, appended: Iterable[Fact]) -> list[Fact]:
        """The facts of a case: those in the book, and of ``appended``, those of the draft itself, its own."""
        return [*self._facts(case_id), *(fact for fact in appended if fact.case_id == case_id)]

    def state(self, case_id: str) -> str:
        """The state of a case that the draft has; empty when it does not have it, or the case has no fact."""
        opened = self._cases.get(case_id)
        return opened.case.state if opened is not None and opened.case is not None else ""

    def drop(self, case_ids: Iterable[str]) -> None:
        """Take cases out again."""
        for case_id in case_ids:
            self._cases.pop(case_id, None)
