"""The office's book 台账: an ``eventsourcing`` application, the only door to the stored facts.

Facts are written through its event store and read through its repository, its notification log and its subscriptions;
beneath it are our mapper and our recorder. One append is one call of ``wuye.record``: numbers, times, hashes, facts,
claims, registers and the idempotency key commit together or not at all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime
from itertools import groupby, takewhile
from operator import attrgetter
from typing import Any, Final, NamedTuple, cast

import msgspec
import psycopg
from eventsourcing.application import AggregateNotFoundError, Application, Repository
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import EventStore, InfrastructureFactory, Recording
from eventsourcing.popo import POPOFactory
from eventsourcing.utils import Environment

from domain.cases import BY_KIND
from domain.kernel.fact import Fact
from journal.append import Append, Recorded
from journal.codec import FutureSchema, UnknownEvent
from journal.errors import meaning_of
from journal.mapper import FactMapper, project_case, projector
from journal.page import COLUMNS, ENTERED_LATE, Page, as_page, of_case, of_cases
from journal.prepared_statements import TEXT, Statement, array
from journal.recorder import WHOLE, BookRecorder, Share

__all__ = ["Book", "Head", "all_offices"]


class Head(NamedTuple):
    """The last page of a book, when it was taken, how often settings have changed, and what a simulated office's clock shows."""

    number: int
    recorded_at: datetime
    settings: int
    simulated: bool
    clock: datetime | None
    """None: the office is a real one, and goes by the time on the wall."""


class _FactStore(EventStore[str]):
    """The library's event store, which makes two records of each stored event and hands them to nobody in our case."""

    def put(self, domain_events: Sequence[DomainEventProtocol[str]], **kwargs: Any) -> list[Recording[str]]:
        """Store facts; what was recorded stands in the append. See ``docs/decisions/0013`` for what this saves."""
        self.recorder.insert_events(list(map(self.mapper.to_stored_event, domain_events)), **kwargs)
        return []


class _NoSnapshots(POPOFactory):
    """The library's factory of what needs no infrastructure. Every book asks it, and only whether there are snapshots."""

    def is_snapshotting_enabled(self) -> bool:
        """Never (D12); the library would parse the word ``no`` for every command."""
        return False


_OF_CASES: Final = Statement(
    "wuye.facts_of_cases",
    f"select {COLUMNS} from {of_cases('$1::text[]', '$2::text')} order by case_id, version",
    2,
)
_SHOWN: Final = Statement(  # one by one: a table that grows is joined as a small one
    "wuye.shown_names",
    "select n.* from unnest($1::text[], $2::text[]) w(kind, compared) cross join lateral (select n.kind, n.compared, n.shown"
    " from wuye.names n where n.office = $3::text and n.kind = w.kind and n.compared = w.compared limit 1) n",
    3,
)
_HELD: Final = Statement(
    "wuye.held_claims",
    "select c.claim from unnest($1::text[]) w(claim) cross join lateral"
    " (select c.claim from wuye.claims c where c.office = $2::text and c.claim = w.claim limit 1) c",
    2,
)
_ENVIRONMENT: Final = Environment("Book", {})
_FACTORY: Final[InfrastructureFactory[Any]] = _NoSnapshots(_ENVIRONMENT)
_MAPPER: Final = FactMapper()


class Book(Application[str]):
    """One office's book behind one connection. Not shared between threads: take one per connection.

    What is overridden here: the environment's variables configure nothing of ours; no cache of cases (per process,
    deep copies, D17), no snapshots (stored after the commit, D12; cases are short); a log is read in pages as long as
    its reader wants.
    """

    log_section_size = sys.maxsize
    mapper: FactMapper
    recorder: BookRecorder

    def __init__(self, connection: psycopg.Connection[Any], office: str, share: Share = WHOLE) -> None:
        """Use an open connection (autocommit; role ``wuye_app``). Of a ``share`` the log has only its cases' pages."""
        self.connection = connection
        self.office = office
        self._share = share
        super().__init__()

    def construct_env(self, name: str, env: Mapping[str, str] | None = None) -> Environment:  # noqa: ARG002
        """One for all books."""
        return _ENVIRONMENT

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:  # noqa: ARG002
        """One for all books: it is asked only whether there are snapshots, and holds nothing that has to be closed."""
        return _FACTORY

    def __del__(self) -> None:
        """Nothing is left to close: the connection is its lender's, and the factory is all books'."""

    def construct_mapper(self) -> FactMapper:
        """Our mapper."""
        return _MAPPER

    def construct_recorder(self) -> BookRecorder:
        """Our recorder."""
        connection = self.connection  # not self: a book that refers to itself would wait for the garbage collector
        return BookRecorder(lambda: nullcontext(connection), self.office, self._share)

    def construct_event_store(self) -> EventStore[str]:
        """Ours, see there."""
        return _FactStore(self.mapper, self.recorder)

    def construct_repository(self) -> Repository[str]:
        """Without a cache, and without asking the environment for one."""
        return Repository(self.events)

    # -- writing ----------------------------------------------------------------------------------------------------

    def open(self, *, clock: datetime | None = None) -> None:
        """Begin the book of the office, of a simulated one with what its clock shows; doing it again changes nothing."""
        self.connection.execute("select wuye.open_book(%s, %s)", [self.office, clock])

    def move_clock(self, to: datetime) -> None:
        """Move the clock of a simulated office forward.

        Raises :class:`UnknownOffice` when the office is none or a real one, :class:`ClockBackward` when it shows more.
        """
        try:
            self.connection.execute("select wuye.move_clock(%s, %s)", [self.office, to])
        except psycopg.DatabaseError as error:
            meaning = meaning_of(error, Append(self.office))
            if meaning is None:
                raise
            raise meaning from error

    def record(self, append: Append) -> Recorded:
        """Write one append.

        Raises what :mod:`journal.errors` names or :class:`~domain.kernel.errors.AlreadyHeld`; then nothing was written.
        """
        self.events.put(append.facts, append=append)
        assert append.recorded is not None
        return append.recorded

    # -- one case ---------------------------------------------------------------------------------------------------

    def case(self, case_id: str, *, until: int | None = None) -> Any:
        """A case, as of page ``until`` if one is named; None if it has no facts by then."""
        try:
            return self.repository.get(case_id, projector_func=project_case if until is None else projector(until))
        except AggregateNotFoundError:
            return None

    def cases(self, case_ids: Sequence[str]) -> dict[str, Any]:
        """Those of these cases that have facts, by their ids and in the order asked for: one question for all of them."""
        pages = _OF_CASES.rows(self.connection, [_texts(case_ids), self.office.encode()], as_page)
        facts = map(self.mapper.to_domain_event, pages)
        found = {case_id: project_case(None, its) for case_id, its in groupby(facts, key=attrgetter("case_id"))}
        return {case_id: found[case_id] for case_id in case_ids if case_id in found}

    def moves(self, case_id: str, without: Sequence[str]) -> tuple[list[str], int]:
        """The names of a case's facts in order, ``without`` these, and its version, 0 if it has none: nothing of its matter."""
        row = self.connection.execute(
            "select array_agg(name order by version) filter (where name <> all(%s)), max(version) from wuye.facts"
            f" where {of_case('%s', '%s')}",
            [list(without), case_id, self.office],
        ).fetchone()
        return (row[0] or [], row[1] or 0) if row else ([], 0)

    def facts_of(self, case_id: str, *, after: int | None = None, until: int | None = None) -> list[Fact]:
        """The facts of one case in order, those after a version if one is named, up to and with page ``until``."""
        facts = cast(Iterator[Fact], self.events.get(case_id, gt=after))
        return list(facts if until is None else takewhile(lambda fact: fact.number <= until, facts))

    # -- the log ----------------------------------------------------------------------------------------------------

    def pages(self, after: int, limit: int = 1000, until: int | None = None) -> Sequence[Page]:
        """The pages after a number, in order and without gaps, at most ``limit``."""
        found = self.notification_log.select(after, limit, until, inclusive_of_start=False)
        return cast(Sequence[Page], found)

    def late_pages(self, after: int, limit: int = 1000) -> list[Page]:
        """As :meth:`pages`, but late entries alone."""
        rows = self.connection.execute(
            f"select {COLUMNS} from wuye.facts where office = %s and number > %s and {ENTERED_LATE} order by number limit %s",
            [self.office, after, limit],
            binary=True,
        )
        return [as_page(row) for row in rows]

    def since(self, number: int, limit: int = 1000, until: int | None = None) -> list[Fact]:
        """As :meth:`pages`, decoded."""
        return [self.mapper.to_domain_event(page) for page in self.pages(number, limit, until)]

    def readable(self, number: int, limit: int = 1000) -> list[Fact]:
        """As :meth:`since`, for whoever shows what happened: without pages that a newer version has written, or somebody beside it.

        Which those are says ``wuye verify``.
        """
        found = []
        for page in self.pages(number, limit):
            with suppress(UnknownEvent, FutureSchema, msgspec.DecodeError):
                if page.case_id.partition("-")[0] in BY_KIND:
                    found.append(self.mapper.to_domain_event(page))
        return found

    def stream(self, after: int = 0, until: int | None = None, batch: int = 5000) -> Iterator[Fact]:
        """All facts of the book after a page, read in batches."""
        while facts := self.since(after, batch, until):
            yield from facts
            after = facts[-1].number

    def follow(self, after: int) -> Iterator[Page]:
        """The pages after a number, and then those that come, for ever."""
        with self.recorder.subscribe(after) as subscription:
            yield from cast(Iterator[Page], subscription)

    # -- its head ---------------------------------------------------------------------------------------------------

    def head(self) -> Head | None:
        """Where the book stands; None if there is no such office."""
        row = self.connection.execute(
            "select number, recorded_at, settings, simulated, clock from wuye.offices where office = %s", [self.office]
        ).fetchone()
        return Head(*row) if row else None

    def number_at(self, instant: datetime) -> int:
        """The last page that stood in the book at an instant."""
        row = self.connection.execute("select wuye.number_at(%s, %s)", [self.office, instant]).fetchone()
        return int(row[0]) if row else 0

    def answer(self, key: str) -> tuple[bytes, bytes, int] | None:
        """What was answered to an idempotency key: fingerprint of the request, answer, last page number."""
        return self.connection.execute(
            "select fingerprint, answer, number from wuye.answers where office = %s and key = %s", [self.office, key]
        ).fetchone()

    def openings(self, case_ids: Sequence[str]) -> list[Fact]:
        """The first facts of those of these cases that are in the book."""
        rows = self.connection.execute(
            f"select {COLUMNS} from {of_cases('%s::text[]', '%s', 'version = 1')}",
            [list(case_ids), self.office],
            binary=True,
        )
        return [self.mapper.to_domain_event(as_page(row)) for row in rows]

    def shown(self, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Those of these names, by kind and what they are compared by, that are in use, and as what they are shown."""
        kinds, compared = zip(*names, strict=True)
        values = [_texts(kinds), _texts(compared), self.office.encode()]
        return {(kind, text): shown for kind, text, shown in _SHOWN.rows(self.connection, values, tuple)}

    def held(self, claims: Sequence[str]) -> list[str]:
        """Those of these claims that a case holds."""
        values = [_texts(claims), self.office.encode()]
        return [claim for (claim,) in _HELD.rows(self.connection, values, tuple)]

    def holder(self, claim: str) -> str | None:
        """The case that holds a claim."""
        row = self.connection.execute(
            "select case_id from wuye.claims where office = %s and claim = %s", [self.office, claim]
        ).fetchone()
        return row[0] if row else None


def _texts(values: Iterable[str]) -> bytes:
    """An array of texts, as the server takes it: the driver looks at each of them for what has to be quoted."""
    return array(TEXT, [each.encode() for each in values])


def all_offices(connection: psycopg.Connection[Any]) -> list[str]:
    """The codes of all offices that have a book."""
    return [row[0] for row in connection.execute("select office from wuye.offices order by office")]
