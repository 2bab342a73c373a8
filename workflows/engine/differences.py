"""What a fact changes: the difference of a case's register rows and of its claims, before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from domain.kernel.fact import Fact
from domain.kernel.late_entries import just_entered_late
from domain.kernel.mending import effective_from
from journal.append import Append, RowVersion
from journal.blind_index import How
from workflows.engine.claim_holders import already_held
from workflows.engine.open_cases import OpenCase
from workflows.engine.ports import Projector

__all__ = ["Differences"]

FoundBy = Callable[[How, str], tuple[str | None, list[str]]]


class Differences:
    """Takes the differences of one draft into its append."""

    def __init__(self, append: Append, projector: Projector, found_by: FoundBy) -> None:
        """``projector`` gives the rows that a case has in the registers, ``found_by`` an entry of the blind index."""
        self._append = append
        self._projector = projector
        self._found_by = found_by
        self._open_rows: dict[str, dict[tuple[str, str], RowVersion]] = {}
        """By case and row: the version with which this draft has left it."""
        self.claimed: Mapping[str, str] = {}
        """Claims that are known to be held by cases outside this draft, and by which."""

    def take(self, fact: Fact, opened: OpenCase) -> None:
        """Take what the case's next fact has changed; the fact itself is appended after this.

        Raises :class:`~domain.kernel.errors.AlreadyHeld` when two cases of this draft would hold the same thing.
        """
        self._take_rows(fact, opened)
        self._take_claims(fact.case_id, opened)

    def drop_rows(self, register: str, begin: int) -> None:
        """Take out a register's row versions from this one on."""
        versions = self._append.rows[register]
        for version in versions[begin:]:
            self._open_rows[version.case_id].pop((register, version.line), None)
        del versions[begin:]

    def _take_rows(self, fact: Fact, opened: OpenCase) -> None:
        before, late, since = opened.lines, just_entered_late(opened.case), effective_from(fact)
        assert before is not None, "the rows are known before a case is written to"
        case_id, marks, found_by = fact.case_id, opened.marks, self._projector.found_by
        index, versions = len(self._append.facts), self._append.rows
        open_rows = self._open_rows.setdefault(case_id, {})
        for at, row in self._projector.changed(opened.lifecycle, opened.case, fact, before).items():
            register, line = at
            was = before.get(at)
            if register in found_by:
                self._index(case_id, at, found_by[register], was, row)
            values = None
            if row is None:
                marks.discard(at)
                del before[at]
            else:
                if late:
                    marks.add(at)
                values = (*row, at in marks, since)
                before[at] = row
            earlier = open_rows.get(at)
            if earlier is not None:
                earlier.till = index
            # Only the first version within an append closes a row that stands in the register already.
            fresh = earlier is not None or (was is None and row is not None)
            made = open_rows[at] = RowVersion(index, case_id, line, fresh, values)
            if register in versions:
                versions[register].append(made)
            else:
                versions[register] = [made]

    def _index(
        self,
        case_id: str,
        at: tuple[str, str],
        by: Sequence[tuple[int, str, How]],
        before: tuple[Any, ...] | None,
        after: tuple[Any, ...] | None,
    ) -> None:
        """Bring the blind index up to date where a column by which the row is found has changed."""
        register, line = at
        for place, name, how in by:
            was = None if before is None else before[place]
            value = None if after is None else after[place]
            if value != was:
                entry = (None, list[str]()) if value is None else self._found_by(how, value)
                self._append.found_by[register, case_id, line, name] = entry

    def _take_claims(self, case_id: str, opened: OpenCase) -> None:
        held = opened.lifecycle.held(opened.case)
        if held == opened.held:
            return
        append = self._append
        for claim in opened.held - held:
            if append.claims.get(claim) == case_id:
                del append.claims[claim]
            else:
                append.dropped.add(claim)
        for claim in held - opened.held:
            # The database knows only what is stored: two cases of one draft are told apart here.
            holder = self.claimed.get(claim) or append.claims.setdefault(claim, case_id)
            if holder != case_id:
                raise already_held(claim, holder, append.office, opened.lifecycle, opened.case)
        opened.held = held
