"""Long cases at hand 常用长案: what grows with the office is folded once in a process, and then only what is new of it.

A month's bill run has all its drafts, a fee standard all its homes: whoever takes up the next households would fold
everything before them again. A case is lent to one draft at a time, which may write into it; it comes back as the book has
it, or not at all, and then the next one reads it from the book. Before it is lent again the book is asked what has come
since, and whether the fact that it ended with is still the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from threading import Lock
from typing import Final

from domain.kernel.fact import Fact
from domain.kernel.people import Role
from journal.append import Recorded
from journal.book import Book
from workflows.engine.open_cases import OpenCase

__all__ = ["KeptCases", "settled"]

_MOST: Final = 32


class KeptCases:
    """The long cases that a process has at hand; those that were lent longest ago give way."""

    def __init__(self) -> None:
        """None is at hand yet."""
        self._kept: OrderedDict[tuple[str, str], OpenCase] = OrderedDict()
        self._lock = Lock()

    def take(self, book: Book, case_id: str) -> OpenCase | None:
        """The case as the book has it now, for the caller alone; None when it is not at hand."""
        with self._lock:
            opened = self._kept.pop((book.office, case_id), None)
        if opened is None:
            return None
        last, *since = book.facts_of(case_id, after=opened.found_at - 1) or (opened.case.earlier[0],)
        if last.version != opened.found_at or last.event_id != opened.case.earlier[-1].event_id:
            return None  # another book than it was: one that was restored, say
        if since:
            for fact in since:
                opened.case = opened.lifecycle.apply(opened.case, fact)
            opened.lines, opened.found_at, opened.undoes = None, opened.case.version, opened.case.undoes
        return opened

    def give_back(self, office: str, cases: Iterable[OpenCase]) -> None:
        """Keep these, which stand as the book has them and are nobody else's any more."""
        with self._lock:
            for opened in cases:
                self._kept[office, opened.case.id] = opened
                self._kept.move_to_end((office, opened.case.id))
                if len(self._kept) > _MOST:
                    self._kept.popitem(last=False)


def settled(opened: OpenCase, facts: Sequence[Fact], recorded: Recorded) -> None:
    """A case to which an append has written: from now on as the book has it, if that is what it would be folded to.

    The book gives a fact its page and time. What only the program's own clock has said rests on neither; whatever else
    does (what was entered late, or may be corrected) is read from the book again.
    """
    mine = [
        replace(fact, number=recorded.first_number + place, recorded_at=recorded.recorded_at)
        for place, fact in enumerate(facts)
        if fact.case_id == opened.case.id
    ]
    if all(fact.role is Role.CLOCK and not opened.lifecycle.judges(opened.case, fact) for fact in mine):
        opened.lifecycle.told_anew(opened.case, mine, opened.undoes)
        opened.touched, opened.found_at, opened.undoes = False, opened.case.version, opened.case.undoes
