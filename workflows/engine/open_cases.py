"""The cases that a draft works on: each is loaded once, when it is first needed, and then stands as the draft left it.

What a draft will need is loaded at once where it is known beforehand (:meth:`OpenCases.expect`), and a long case, which grows
with the office, comes from what this process has kept of it (:mod:`~workflows.engine.kept_cases`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.cases import lifecycle_of
from domain.kernel.fact import Fact
from domain.kernel.lifecycle.ask import Lifecycle
from workflows.engine.ports import Projector

__all__ = ["Books", "OpenCase", "OpenCases"]


@dataclass(slots=True)
class OpenCase:
    """A case as the draft sees it: None before its first fact; its register rows and claims; whether the draft wrote to it.

    ``found_at`` is its version in the book, 0 for a case that is not there, ``undoes`` what could be taken back then.
    ``lines`` is None until its rows are asked for: a case that is only read needs none.
    """

    lifecycle: Lifecycle[Any]
    case: Any
    lines: dict[tuple[str, str], tuple[Any, ...]] | None = None
    held: set[str] = field(default_factory=set)
    touched: bool = False
    found_at: int = 0
    undoes: tuple[int, ...] = ()
    marks: set[tuple[str, str]] = field(default_factory=set)
    """The rows, as (register, line), that late entries have touched."""


@dataclass(frozen=True, slots=True)
class Books:
    """How cases are read from the book: one (None: there is no such case), several at once, one's facts.

    ``standing`` gives the state and version of a case without its matter, None when that takes its matter;
    ``kept`` a long case that this process has at hand as the book has it, for the caller alone.
    """

    case: Callable[[str], Any]
    cases: Callable[[Sequence[str]], Mapping[str, Any]]
    facts: Callable[[str], Sequence[Fact]]
    standing: Callable[[str], Any]
    kept: Callable[[str], OpenCase | None] = lambda _case_id: None


class OpenCases:
    """Loads cases and keeps them."""

    def __init__(self, books: Books, projector: Projector) -> None:
        """Begin with none."""
        self._books = books
        self._projector = projector
        self._cases: dict[str, OpenCase] = {}
        self._standing: dict[str, Any] = {}

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
            found = None if brand_new or not lifecycle.of.LONG else self._books.kept(case_id)
            if found is None:
                found = _opened(lifecycle, None if brand_new else self._books.case(case_id))
            self._cases[case_id] = found
        return found

    def expect(self, case_ids: Iterable[str]) -> None:
        """These will be needed: they are loaded at once, not one by one."""
        wanted = sorted({each for each in case_ids if each not in self._cases and not lifecycle_of(each).of.LONG})
        if len(wanted) > 1:
            found = self._books.cases(wanted)
            for case_id in wanted:
                self._cases[case_id] = _opened(lifecycle_of(case_id), found.get(case_id))

    def standing(self, case_id: str) -> Any:
        """A case of which nothing but its state is asked: whole if the draft has it, else without its matter."""
        opened = self._cases.get(case_id)
        if opened is not None:
            return opened.case
        if case_id not in self._standing:
            self._standing[case_id] = self._books.standing(case_id)
        return self._standing[case_id]

    def know_rows(self, opened: OpenCase) -> None:
        """The rows and claims of a case as they stand, before anything is written to it."""
        case, lifecycle = opened.case, opened.lifecycle
        if opened.lines is None:
            opened.lines = {} if case is None else dict(self._projector.lines(lifecycle, case))
            opened.held = set() if case is None else lifecycle.held(case)
            # Which rows late entries have touched stands in the facts alone; most cases have none.
            late = case is not None and case.late_entries
            opened.marks = self._projector.marks(lifecycle, self._books.facts(case.id)) if late else set()

    def facts(self, case_id: str, appended: Iterable[Fact]) -> list[Fact]:
        """The facts of a case: those in the book, and of ``appended``, those of the draft itself, its own."""
        return [*self._books.facts(case_id), *(fact for fact in appended if fact.case_id == case_id)]

    def state(self, case_id: str) -> str:
        """The state of a case that the draft has; empty when it does not have it, or the case has no fact."""
        opened = self._cases.get(case_id)
        return opened.case.state if opened is not None and opened.case is not None else ""

    def long(self) -> Iterator[OpenCase]:
        """The long cases that the draft has."""
        return (each for each in self._cases.values() if each.lifecycle.of.LONG and each.case is not None)

    def drop(self, case_ids: Iterable[str]) -> None:
        """Take cases out again."""
        for case_id in case_ids:
            self._cases.pop(case_id, None)


def _opened(lifecycle: Lifecycle[Any], case: Any) -> OpenCase:
    if case is None:
        return OpenCase(lifecycle, None)
    return OpenCase(lifecycle, case, found_at=case.version, undoes=case.undoes)
