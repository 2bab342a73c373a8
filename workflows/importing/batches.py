"""One batch of source cases decided against one draft, and written together with its marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from domain.kernel.errors import AlreadyHeld, NotFound, Refusal
from domain.kernel.fact import COMMANDS
from domain.kernel.names import foreseen
from journal.book import Book
from journal.confidential import Tampered
from journal.connections import Connect
from journal.errors import Conflict, KeyDestroyed, StaleSettings
from journal.key_store import KeyStore
from workflows.engine.draft import Draft
from workflows.engine.handler import Busy, CommandHandler
from workflows.engine.household_keys import erased, key_unreadable, keyed_digest
from workflows.importing.interpret import ProposedFact, SourceCase
from workflows.importing.orders import Orders
from workflows.importing.problems import Problem
from workflows.importing.settling import settle
from workflows.importing.told_before import marks_of, news_of, packed

__all__ = ["Batch", "Batches"]

_ATTEMPTS: Final = 8
_MARKS: Final = (
    "select source_case, digest, subjects, refused, told, told_by from wuye.imports"
    " where office = %s and mapping = %s and source_case = any(%s)"
)
_MARK: Final = (
    "insert into wuye.imports (office, mapping, source_case, digest, subjects, facts, refused, told, told_by, imported_by)"
    " select %s, %s, n.source_case, n.digest, array(select jsonb_array_elements_text(n.subjects)), n.facts, n.refused,"
    " n.told, array(select jsonb_array_elements_text(n.told_by)), %s"
    " from unnest(%s::text[], %b::bytea[], %s::jsonb[], %s::integer[], %s::jsonb[], %b::bytea[], %s::jsonb[])"
    " as n(source_case, digest, subjects, facts, refused, told, told_by)"
    " on conflict (office, mapping, source_case) do update set digest = excluded.digest, subjects = excluded.subjects,"
    " facts = wuye.imports.facts + excluded.facts, refused = excluded.refused, told = excluded.told"
)


class Grown(NamedTuple):
    """What was noted of a source case of which more is told now."""

    subjects: tuple[str, ...]
    told: bytes
    told_by: tuple[str, ...]


@dataclass(slots=True)
class Batch:
    """Source cases that were decided together: what will be written, and what is to be reported of them.

    ``read`` are problems of reading, ``told`` those of source cases that stand in the book already, ``refused`` those
    of what comes in now. ``handful`` is where the cases stand in the file.
    """

    handful: int
    read: list[Problem]
    draft: Draft
    new: list[SourceCase]
    told: list[Problem]
    skipped: int
    changed: int
    rows: int
    cases: int = 0
    grown: dict[str, Grown] = field(default_factory=dict)
    """Source case → what was known of it, where only what is new of it comes in now."""
    taken: dict[str, list[ProposedFact]] = field(default_factory=dict)
    refused: dict[str, list[Problem]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    subjects: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def problems(self) -> list[Problem]:
        """Everything that the book would not take, now or when it was first told."""
        return [*self.told, *(problem for problems in self.refused.values() for problem in problems)]


class _Mark(NamedTuple):
    """What was noted of a source case when it came in."""

    digest: bytes
    subjects: tuple[str, ...]
    refused: Any
    told: bytes | None
    told_by: tuple[str, ...]


class Batches:
    """Decides and writes the batches of one import."""

    def __init__(
        self, handler: CommandHandler, connect: Connect, orders: Orders, code: str, mapping: str, by: str | None = None
    ) -> None:
        """``connect`` lends autocommit connections; ``by`` is the account that imports, where one does."""
        self._handler = handler
        self._connect = connect
        self._orders = orders
        self._code = code
        self._mapping = mapping
        self._by = by

    # -- deciding ---------------------------------------------------------------------------------------------------

    def decide(self, connection: psycopg.Connection[Any], cases: Sequence[SourceCase]) -> Batch:
        """Decide what is not in the book yet; nothing is written."""
        keys = [case.key for case in cases if case.facts]
        known = {
            key: _Mark(bytes(digest), tuple(subjects), refused, told, tuple(told_by or ()))
            for key, digest, subjects, refused, told, told_by in connection.execute(
                _MARKS, [self._code, self._mapping, keys]
            )
        }
        sealed = {subject for mark in known.values() for subject in mark.subjects}
        key_of = self._handler.keys.opening(KeyStore(connection, self._code), sealed)
        batch = Batch(
            cases[0].handful,
            [problem for case in cases for problem in case.problems],
            self._handler.draft(Book(connection, self._code)),
            [],
            [],
            0,
            0,
            sum(case.rows for case in cases),
        )
        for case in cases:
            if not case.facts:
                continue
            mark = known.get(case.key)
            if mark is None:
                batch.new.append(case)
            elif self._as_it_was(case, mark, key_of):
                batch.skipped += 1
                batch.told += msgspec.convert(mark.refused or [], list[Problem])
            else:
                self._more(batch, case, mark, key_of)
        self._decide(batch, connection)
        return batch

    def _more(self, batch: Batch, case: SourceCase, mark: _Mark, key_of: Callable[[str], bytes | None]) -> None:
        """A case that reads otherwise than before: what is new of it comes in, unless it contradicts what was taken."""
        if mark.told is None:
            batch.changed += 1
            batch.told += _changed(case, case.facts)
            return
        news = news_of(case, mark.told, self._key(key for each in mark.told_by if (key := key_of(each)) is not None))
        again = [fact for fact in news.facts if self._opens_again(batch.draft, fact)]
        fresh = [fact for fact in news.facts if fact not in again]
        if news.otherwise or not all(fact.if_needed for fact in again):
            batch.changed += 1
            batch.told += _changed(case, news.facts)
        elif not fresh:
            batch.skipped += 1
        else:
            batch.grown[case.key] = Grown(mark.subjects, mark.told, mark.told_by)
            batch.new.append(replace(case, facts=fresh))

    def _opens_again(self, draft: Draft, fact: ProposedFact) -> bool:
        return fact.opens and draft.case(self._orders.case_id(fact.kind_path, fact.source_id)) is not None

    def _key(self, keys: Iterable[bytes]) -> bytes:
        """Under which the facts of one source case are marked."""
        return keyed_digest(b"facts", keys, self._handler.keys.secret("imports"))

    def _as_it_was(self, case: SourceCase, mark: _Mark, key_of: Callable[[str], bytes | None]) -> bool:
        """Whether the source says the same as before; where a key is gone nobody can tell, and nothing is reported."""
        try:
            keys = [key_of(subject) for subject in mark.subjects]
        except Tampered:
            return True
        known = [key for key in keys if key is not None]
        return len(known) < len(keys) or mark.digest == self._digest(case, known)

    def _digest(self, case: SourceCase, keys: Iterable[bytes]) -> bytes:
        return keyed_digest(bytes.fromhex(case.digest), keys, self._handler.keys.secret("imports"))

    def again(self, connection: psycopg.Connection[Any], batch: Batch, claimed: Mapping[str, str]) -> Batch:
        """The same cases decided anew, since the book has moved on."""
        self._handler.forget(self._code)
        fresh = Batch(
            batch.handful,
            batch.read,
            self._handler.draft(Book(connection, self._code)),
            batch.new,
            batch.told,
            batch.skipped,
            batch.changed,
            batch.rows,
            grown=batch.grown,
        )
        fresh.draft.beware_of(claimed)
        self._decide(fresh, connection)
        return fresh

    def _decide(self, batch: Batch, connection: psycopg.Connection[Any]) -> None:
        proposed = (fact for case in batch.new for fact in case.facts)
        batch.draft.expect_names(
            name for fact in proposed for name in foreseen(COMMANDS[fact.command_or_event], fact.fields)
        )
        for case in batch.new:
            before = len(batch.draft.append.facts)
            if case.key in batch.grown:
                batch.draft.expect(self._orders.case_id(fact.kind_path, fact.source_id) for fact in case.facts)
            refused, ids, batch.taken[case.key] = self._case(batch.draft, case)
            self._settle(batch, case, ids, connection)
            batch.counts[case.key] = len(batch.draft.append.facts) - before
            batch.subjects[case.key] = batch.draft.sealed_since()
            batch.cases += 0 if case.key in batch.grown else sum(bool(batch.draft.state(each)) for each in ids.values())
            if refused:
                batch.refused[case.key] = refused

    def _settle(
        self, batch: Batch, case: SourceCase, ids: Mapping[tuple[str, str], str], connection: psycopg.Connection[Any]
    ) -> None:
        """What is left on its bills is told to who pursues them."""
        if not self._orders.pursues:
            return
        begun = {(fact.kind_path, fact.source_id) for fact in case.facts if fact.opens and not fact.if_needed}
        opened = {case_id for slot, case_id in ids.items() if slot in begun}
        known = [case_id for case_id in ids.values() if batch.draft.state(case_id)]
        settle(batch.draft, known, opened, connection, self._orders.now)

    def _case(
        self, draft: Draft, case: SourceCase
    ) -> tuple[list[Problem], dict[tuple[str, str], str], list[ProposedFact]]:
        """Give the case's facts; what is refused leaves its whole row out, and the others go on without it.

        A lenient fact is left out alone, and that is noted.
        """
        refused: dict[int, Problem] = {}
        noted: dict[int, Problem] = {}
        mark = draft.mark()
        while True:
            ids: dict[tuple[str, str], str] = {}
            begun = 0
            for place, fact in enumerate(case.facts):
                if fact.line in refused or place in noted or not self._applies(draft, fact, ids):
                    continue
                refusal = self._give(draft, fact, ids)
                if refusal is None:
                    begun = fact.line
                    continue
                problem = self._orders.problem(refusal, fact, case.key)
                if fact.lenient:
                    noted[place] = replace(problem, taken=True)
                    if not isinstance(refusal, AlreadyHeld):
                        continue
                else:
                    refused[fact.line] = problem
                if begun == fact.line or isinstance(refusal, AlreadyHeld):
                    # Some of the row stands in the draft already: the case begins anew without the row.
                    draft.back_to(mark, ids.values())
                    break
            else:
                told = [*refused.values(), *(each for each in noted.values() if each.line not in refused)]
                taken = [f for place, f in enumerate(case.facts) if f.line not in refused and place not in noted]
                return sorted(told, key=lambda problem: problem.line), ids, taken

    def _give(self, draft: Draft, fact: ProposedFact, ids: dict[tuple[str, str], str]) -> Refusal | None:
        slot = (fact.kind_path, fact.source_id)
        case_id = ids.get(slot)
        if case_id is None:
            case_id = ids[slot] = self._orders.case_id(*slot)
        try:
            state = "" if fact.opens else draft.state(case_id)
            if not state and not fact.opens:
                if draft.case(case_id) is None:
                    raise _not_opened()
                state = draft.state(case_id)
            draft.give(self._orders.order(fact, case_id, state))
        except KeyDestroyed:
            return erased()
        except Tampered:
            return key_unreadable()
        except Refusal as refusal:
            return refusal
        return None

    def _applies(self, draft: Draft, fact: ProposedFact, ids: dict[tuple[str, str], str]) -> bool:
        """Whether the case is in one of the states for which the fact is meant, as far as it was brought in."""
        if not fact.states:
            return True
        slot = (fact.kind_path, fact.source_id)
        if not draft.state(ids.get(slot, "")):  # it may stand in the book, from another file
            case_id = self._orders.case_id(*slot)
            return draft.case(case_id) is not None and draft.state(case_id) in fact.states
        return draft.state(ids[slot]) in fact.states

    def rehearse(self, connection: psycopg.Connection[Any], batch: Batch, claimed: Mapping[str, str]) -> Batch:
        """What a write would find: what is claimed in the book, or by the batches before, is refused here as well."""
        wanted = list(batch.draft.append.claims)
        if not wanted:
            return batch
        found = {**claimed, **self._held(connection, wanted)}
        return batch if found.keys().isdisjoint(wanted) else self.again(connection, batch, found)

    # -- writing ----------------------------------------------------------------------------------------------------

    def write(self, batch: Batch) -> Batch:
        """Write a batch and its marks in one transaction, deciding it again as long as others are in the way."""
        if not batch.new:
            return batch
        claimed: Mapping[str, str] = {}
        with self._connect() as connection:
            for _ in range(_ATTEMPTS):
                try:
                    with connection.transaction():
                        if batch.draft.append.facts:
                            self._handler.record_many(connection, batch.draft)
                        self._mark(connection, batch)
                except AlreadyHeld:
                    claimed = {**claimed, **self._held(connection, list(batch.draft.append.claims))}
                except (StaleSettings, Conflict, KeyDestroyed):
                    self._handler.forget(self._code)
                else:
                    return batch
                batch = self.again(connection, batch, claimed)
        raise Busy(batch.new[0].key)

    def _held(self, connection: psycopg.Connection[Any], claims: list[str]) -> dict[str, str]:
        """Those of these claims that a case in the book holds, and which case."""
        found = connection.execute(
            "select claim, case_id from wuye.claims where office = %s and claim = any(%s)", [self._code, claims]
        )
        return dict(found.fetchall())

    def _mark(self, connection: psycopg.Connection[Any], batch: Batch) -> None:
        cases = [case for case in batch.new if case.key in batch.grown or not _opened_nowhere(batch, case)]
        refused = [batch.refused.get(case.key) for case in cases]
        grown = [batch.grown.get(case.key) for case in cases]
        subjects = [
            tuple(dict.fromkeys((*(was.subjects if was else ()), *batch.subjects[case.key])))
            for case, was in zip(cases, grown, strict=True)
        ]
        told_by = [was.told_by if was else several for was, several in zip(grown, subjects, strict=True)]
        known = {each for several in subjects for each in several}
        key_of = {each: batch.draft.keys.for_sealing(each, brand_new=False)[0] for each in known}
        keys = [[key_of[each] for each in several] for several in subjects]
        told = [
            (was.told if was else b"") + packed(marks_of(batch.taken[case.key], self._key(key_of[s] for s in by)))
            for case, was, by in zip(cases, grown, told_by, strict=True)
        ]
        connection.execute(
            _MARK,
            [
                self._code,
                self._mapping,
                self._by,
                [case.key for case in cases],
                [self._digest(*each) for each in zip(cases, keys, strict=True)],
                [msgspec.json.encode(several).decode() for several in subjects],
                [batch.counts[case.key] for case in cases],
                [None if problems is None else msgspec.json.encode(problems).decode() for problems in refused],
                told,
                [msgspec.json.encode(several).decode() for several in told_by],
            ],
        )


def _opened_nowhere(batch: Batch, case: SourceCase) -> bool:
    """Whether nothing is known of it but that no file has opened it yet: it is tried again when it comes again."""
    told = batch.refused.get(case.key)
    return not batch.taken[case.key] and told is not None and all(each.code == "case-not-opened" for each in told)


def _changed(case: SourceCase, facts: Iterable[ProposedFact]) -> list[Problem]:
    """Every row that is not taken for it."""
    return [
        Problem(
            line,
            "",
            case.key,
            "case-changed",
            zh="该事项此前已导入，现与当时不同：未作改动（如需更正，请在系统内办理）",
            en="this case was imported before and reads otherwise now: nothing was changed (correct it in the office)",
            case=case.key,
        )
        for line in sorted({fact.line for fact in facts} or {case.facts[0].line})
    ]


def _not_opened() -> NotFound:
    return NotFound(
        "case-not-opened", None, zh="此行之前没有可用的立案行", en="no usable row before this one opens the case"
    )
