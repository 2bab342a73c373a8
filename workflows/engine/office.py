"""handle 办理: one command, one transaction.

Load, decide, let the policies react, append: facts, consequences, deadlines, claims, registers and the idempotency
key are written together or not at all. Nothing is locked while anything is computed.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from domain.cases import lifecycle_for, lifecycle_of
from domain.handbook.settings import Settings
from domain.kernel.errors import Erased, NotFound, Refusal, RuleBroken
from domain.kernel.fact import Fact
from domain.office.office import LIFECYCLE as OFFICE
from domain.office.office import OpenOffice
from journal.append import Recorded
from journal.book import Book, Conflict, KeyDestroyed, RepeatedKey, StaleSettings, UnknownOffice
from journal.confidential import MasterKey
from journal.ids import uuid7
from workflows.engine.draft import Draft
from workflows.engine.order import Order, Projector
from workflows.engine.policy import Policies

__all__ = ["Answer", "Busy", "KeyReused", "Office"]

_ATTEMPTS = 8
_CACHED_KEYS = 8_192


class Busy(Exception):
    """The same cases were changed by others again and again 办理拥挤，请重试. Nothing was written."""


class KeyReused(RuleBroken):
    """The idempotency key was used for another request 幂等键已用于其他请求."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command brought about. ``number`` is the last page written; ``repeated`` marks a stored answer.

    ``case`` is the case as the command left it; None when the answer is a stored one.
    """

    case_id: str
    version: int
    state: str
    number: int
    facts: tuple[str, ...]
    repeated: bool = False
    case: Any = field(default=None, compare=False, repr=False)


class _StoredAnswer(msgspec.Struct, array_like=True):
    case_id: str
    version: int
    state: str
    facts: tuple[str, ...]


Connect = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]


class Office:
    """The office at work: the one door through which people, programs, policies and the clock give commands."""

    def __init__(
        self, connect: Connect, *, policies: Policies, projector: Projector, master: MasterKey,
        new_id: Callable[[], UUID] = uuid7,
    ) -> None:  # fmt: skip
        """``connect`` lends an autocommit connection of the application's role; a play draws its ids from its seed."""
        self._new_id = new_id
        self._connect = connect
        self.policies = policies
        self.projector = projector
        self._master = master
        self._settings: dict[str, tuple[int, Settings]] = {}
        self._since: dict[str, datetime] = {}
        self._keys: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._lock = Lock()

    def handle(self, order: Order) -> Answer:
        """Carry out one order.

        Raises a :class:`~domain.kernel.errors.Refusal` with its clause when it is refused, :class:`Busy` when others kept
        changing the same cases. A repeated key returns the stored answer.
        """
        try:
            return self._handle(order)
        except psycopg.OperationalError:
            # The connection broke: whether the append stands is known by its key alone, never by trying again.
            if order.key is None:
                raise
            with self._connect() as connection:
                book = Book(connection)
                if book.answer(order.office, order.key) is None:
                    raise
                return self._stored(book, order)

    def _handle(self, order: Order) -> Answer:
        with self._connect() as connection:
            book = Book(connection)
            if isinstance(order.command, OpenOffice) and OFFICE.why_not(OpenOffice, None, order.actor.role) is None:
                book.open(order.office, simulated=order.command.simulated)
            for _ in range(_ATTEMPTS):
                try:
                    return self._once(book, order)
                except StaleSettings:
                    self._settings.pop(order.office, None)
                except Conflict:
                    continue
                except RepeatedKey:
                    return self._stored(book, order)
                except KeyDestroyed as gone:
                    self._forget_keys(order.office)
                    if order.key is not None and book.answer(order.office, order.key) is not None:
                        return self._stored(book, order)
                    raise Erased(
                        "erased",
                        "9.2",
                        zh="该住户的个人信息已依法销毁",
                        en="this household's personal data were erased",
                    ) from gone
                except UnknownOffice as unknown:
                    raise _no_such_office() from unknown
                except Refusal:
                    # A repeated request may meet a case that has moved on because of its own first arrival.
                    if order.key is not None and book.answer(order.office, order.key) is not None:
                        return self._stored(book, order)
                    raise
        raise Busy(order.case_id)

    def draft(self, book: Book, office: str) -> Draft:
        """An empty draft for an office, with its settings as they stand now."""
        count, settings = self._settings_of(book, office)
        draft = Draft(
            office,
            settings=settings,
            policies=self.policies,
            projector=self.projector,
            keys=_Keys(self, book),
            load=lambda case_ids: book.load(office, case_ids),
            new_id=self._new_id,
        )
        draft.append.settings = count
        draft.since = self._since.get(office)
        return draft

    def record_many(self, connection: psycopg.Connection[Any], draft: Draft) -> Recorded:
        """Append a large draft in one transaction: facts through the book's function, rows by COPY.

        Raises what :meth:`Book.record` raises; then nothing was written.
        """
        append = draft.append
        rows, append.rows = append.rows, {}
        with connection.transaction():
            recorded = Book(connection).record(append)
            append.rows = rows
            self.projector.write(connection, append, recorded)
        return recorded

    def settings(self, office: str) -> Settings:
        """The settings of an office as they stand now."""
        with self._connect() as connection:
            book = Book(connection)
            head = book.head(office)
            if head is None:
                raise _no_such_office()
            if self._settings.get(office, (-1, None))[0] != head[2]:
                self._settings.pop(office, None)
            return self._settings_of(book, office)[1]

    def forget(self, office: str) -> None:
        """Read this office's settings and keys afresh the next time they are needed."""
        self._settings.pop(office, None)
        self._forget_keys(office)

    def _once(self, book: Book, order: Order) -> Answer:
        draft = self.draft(book, order.office)
        case_id, facts = draft.give(order)
        case = draft.case(case_id)
        names = tuple(fact.name for fact in draft.append.facts)
        append = draft.append
        append.now = order.now
        if order.key is not None:
            append.key = order.key
            append.fingerprint = _fingerprint(order)
            append.answer = msgspec.msgpack.encode(_StoredAnswer(case_id, case.version, case.state, names))
        if not facts and order.key is None:
            return Answer(case_id, case.version, case.state, 0, (), case=case)
        recorded = book.record(append)
        for subject, key in draft.keys.made():
            self._remember_key(order.office, subject, key)
        if append.destroyed:
            self._forget_keys(order.office)
        number = recorded.first_number + len(append.facts) - 1
        return Answer(case_id, case.version, case.state, number, names, case=case)

    def _stored(self, book: Book, order: Order) -> Answer:
        assert order.key is not None
        found = book.answer(order.office, order.key)
        assert found is not None, "the key was refused as repeated, so it is stored"
        fingerprint, answer, number = found
        if fingerprint != _fingerprint(order):
            raise KeyReused(
                "key-reused", None, zh="该幂等键已用于另一请求", en="this idempotency key was used for another request"
            )
        stored = msgspec.msgpack.decode(answer, type=_StoredAnswer)
        return Answer(stored.case_id, stored.version, stored.state, number, stored.facts, repeated=True)

    def _settings_of(self, book: Book, office: str) -> tuple[int, Settings]:
        found = self._settings.get(office)
        if found is None:
            head = book.head(office)
            case = OFFICE.fold(book.of(office, f"office-{office}"))
            found = (head[2] if head else 0, case.settings if case is not None else Settings())
            if head is not None:
                self._settings[office] = found
            if case is not None and case.opened_at is not None:
                self._since[office] = case.opened_at
        return found

    # -- keys -------------------------------------------------------------------------------------------------------

    def sealing_key(self, book: Book, office: str, subject: str, *, brand_new: bool) -> tuple[bytes, bytes | None]:
        """The key that seals for a subject, and its wrapped form when the append must store it."""
        bound = f"{office}/{subject}"
        if not brand_new:
            with self._lock:
                known = self._keys.get((office, subject))
            if known is not None:
                return known, None
            wrapped_keys = book.wrapped_keys(office, [subject])
            if subject in wrapped_keys:
                wrapped = wrapped_keys[subject]
                if wrapped is None:
                    raise KeyDestroyed(subject)
                key = self._master.unwrap(bound, wrapped)
                self._remember_key(office, subject, key)
                return key, None
        return self._master.make(bound)

    def opening_key(self, book: Book, office: str) -> Callable[[str], bytes | None]:
        """Reads the household keys that open sealed values, afresh from the book; None for a destroyed one."""
        found: dict[str, bytes | None] = {}

        def key_of(subject: str) -> bytes | None:
            if subject not in found:
                wrapped = book.wrapped_keys(office, [subject]).get(subject)
                found[subject] = None if wrapped is None else self._master.unwrap(f"{office}/{subject}", wrapped)
            return found[subject]

        return key_of

    def erase(self, office: str, subject: str) -> None:
        """Destroy the key of a subject in this office. What it sealed stays in the book and opens no more."""
        with self._connect() as connection:
            Book(connection).destroy_key(office, subject)
        self._forget_keys(office)

    def _remember_key(self, office: str, subject: str, key: bytes) -> None:
        with self._lock:
            self._keys[office, subject] = key
            if len(self._keys) > _CACHED_KEYS:
                self._keys.popitem(last=False)

    def _forget_keys(self, office: str) -> None:
        with self._lock:
            for known in [k for k in self._keys if k[0] == office]:
                del self._keys[known]

    # -- reading ----------------------------------------------------------------------------------------------------

    def case(self, office: str, case_id: str, *, until: int | None = None) -> tuple[Any, Sequence[Fact]]:
        """A case after its facts up to a page, and those facts. Raises :class:`~domain.kernel.errors.NotFound`."""
        lifecycle = lifecycle_of(case_id)
        with self._connect() as connection:
            facts = Book(connection).of(office, case_id, until=until)
        case = lifecycle.fold(facts)
        if case is None:
            raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")
        return case, facts


class _Keys:
    """A draft's view of the keys."""

    def __init__(self, office: Office, book: Book) -> None:
        self._office = office
        self._book = book
        self._new: dict[str, tuple[bytes, bytes]] = {}

    def made(self) -> list[tuple[str, bytes]]:
        """The keys that this draft made: they count once the draft is recorded, not before."""
        return [(subject, key) for subject, (key, _) in self._new.items()]

    def for_sealing(self, office: str, subject: str, *, brand_new: bool) -> tuple[bytes, bytes | None]:
        made = self._new.get(subject)
        if made is not None:
            return made[0], made[1]
        key, wrapped = self._office.sealing_key(self._book, office, subject, brand_new=brand_new)
        if wrapped is not None:
            self._new[subject] = (key, wrapped)
        return key, wrapped


def _fingerprint(order: Order) -> bytes:
    said: list[Any] = [
        lifecycle_for(type(order.command), order.case_id).kind, type(order.command).__name__, order.case_id,
        order.command,
    ]  # fmt: skip
    if order.occurred_at is not None:  # the same words about another hour are another request
        said.append(order.occurred_at)
    if order.late_reason is not None:
        said.append(order.late_reason)
    body = msgspec.json.encode(said, order="sorted")
    return hashlib.sha256(body).digest()


def _no_such_office() -> NotFound:
    return NotFound("office-unknown", None, zh="没有这个管理处", en="there is no such office")
