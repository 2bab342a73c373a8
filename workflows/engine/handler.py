"""The command handler 办理: one command, one transaction.

Load, decide, let the policies react, append: facts, consequences, deadlines, claims, registers and the idempotency
key are written together or not at all. Nothing is locked while anything is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import psycopg

from domain.cases import lifecycle_of
from domain.handbook.settings import Settings
from domain.kernel.errors import AlreadyHeld, NotFound, Refusal
from domain.kernel.fact import Fact
from domain.kernel.people import Actor
from domain.office.office import LIFECYCLE as OFFICE
from domain.office.office import OpenOffice
from journal.append import Recorded
from journal.book import Book
from journal.confidential import MasterKey, Tampered
from journal.connections import Connect
from journal.errors import Conflict, KeyDestroyed, RepeatedKey, StaleSettings, UnknownOffice
from journal.ids import uuid7
from journal.key_store import KeyStore
from journal.office_transaction import office_transaction
from workflows.engine.claim_holders import held_in_book
from workflows.engine.draft import Draft
from workflows.engine.household_keys import DraftKeys, HouseholdKeys, erased, key_unreadable
from workflows.engine.idempotency import Answer, store_answer, store_batch, stored_answer
from workflows.engine.kept_cases import KeptCases
from workflows.engine.naming import KnownNames
from workflows.engine.office_settings import OfficeSettings
from workflows.engine.open_cases import Books, OpenCase
from workflows.engine.people import People
from workflows.engine.policy import Policies
from workflows.engine.ports import Projector
from workflows.engine.references import KnownCases, mended_cases, on_the_roster
from workflows.engine.request import CommandRequest

__all__ = ["Busy", "CommandHandler"]

_ATTEMPTS = 8
T = TypeVar("T")


class Busy(Exception):
    """The same cases were changed by others again and again 办理拥挤，请重试. Nothing was written."""


class CommandHandler:
    """The one door through which people, programs, policies and the clock give commands."""

    def __init__(
        self,
        connect: Connect,
        *,
        policies: Policies,
        projector: Projector,
        master: MasterKey,
        new_id: Callable[[], UUID] = uuid7,
    ) -> None:
        """``connect`` lends an autocommit connection of the application's role; a play draws its ids from its seed."""
        self._new_id = new_id
        self._connect = connect
        self.policies = policies
        self.projector = projector
        self.keys = HouseholdKeys(master)
        self._settings = OfficeSettings()
        self._names = KnownNames()
        self._cases = KnownCases()
        self._kept = KeptCases()
        self.people = People(self.keys)

    # -- writing ----------------------------------------------------------------------------------------------------

    def handle(self, request: CommandRequest) -> Answer:
        """Carry out one request.

        Raises a :class:`~domain.kernel.errors.Refusal` with its clause when it is refused, :class:`Busy` when others kept
        changing the same cases. A repeated key returns the stored answer.
        """
        try:
            return self._carry_out(request)
        except (Refusal, RepeatedKey, psycopg.OperationalError):
            # A repeated request may meet a case that has moved on because of its own first arrival; and if the
            # connection broke, only the key knows whether the append stands: it is never blindly tried again.
            answer = self._answered(request)
            if answer is not None:
                return answer
            raise

    def _answered(self, request: CommandRequest) -> Answer | None:
        if request.key is None:
            return None
        with office_transaction(self._connect, request.office) as connection:
            return stored_answer(Book(connection, request.office), request, self.keys)

    def handle_together(self, requests: Sequence[CommandRequest], key: str) -> None:
        """Carry out what the clock gives at one instant of one office in one transaction, in this order: all of it, or none.

        Raises what :meth:`handle` raises for any of them, :class:`~journal.errors.RepeatedKey` when it was done under
        this key before.
        """
        office = requests[0].office
        try:
            with self._connect() as connection:
                book = Book(connection, office)
                self._insist(book, lambda: self._together(book, requests, key))
        except psycopg.OperationalError:
            # If the connection broke, only the key knows whether the append stands.
            with office_transaction(self._connect, office) as connection:
                if Book(connection, office).answer(key) is None:
                    raise

    def _carry_out(self, request: CommandRequest) -> Answer:
        with self._connect() as connection:
            book = Book(connection, request.office)
            command = request.command
            if isinstance(command, OpenOffice) and OFFICE.why_not(OpenOffice, None, request.actor) is None:
                book.open(clock=request.now if command.simulated else None)
            return self._insist(book, lambda: self._once(book, request))

    def _insist(self, book: Book, once: Callable[[], T]) -> T:
        """Decide and append; again when others have changed meanwhile what it rests on."""
        office = book.office
        for _ in range(_ATTEMPTS):
            try:
                return once()
            except StaleSettings:
                self._settings.forget(office)
            except Conflict:
                continue
            except KeyDestroyed as gone:
                self.keys.forget(office)
                raise erased() from gone
            except Tampered as broken:
                raise key_unreadable() from broken
            except UnknownOffice as unknown:
                raise _no_such_office() from unknown
            except AlreadyHeld as refused:
                raise (held_in_book(book, refused) if refused.holder is None else refused) from refused
        raise Busy(office)

    def _once(self, book: Book, request: CommandRequest) -> Answer:
        draft = self.draft(book, kept=partial(self._kept.take, book))
        try:
            return self._decided(book, draft, request)
        finally:
            # Whoever is answered may still be looking at the case of his request; the clock looks at none.
            cases = draft.at_hand()
            lent = [each for each in cases if request.deadline is not None or each.case.id != request.case_id]
            self._kept.give_back(request.office, lent)

    def _decided(self, book: Book, draft: Draft, request: CommandRequest) -> Answer:
        case_id, facts = draft.give(request)
        case, append = draft.case(case_id), draft.append
        answer = Answer(case_id, case.version, case.state, 0, tuple([fact.name for fact in append.facts]), case=case)
        if not facts and request.key is None:
            return Answer(case_id, case.version, case.state, 0, (), case=case)
        store_answer(append, request, answer, draft.keys)
        recorded = self._record(book, draft)
        number = recorded.first_number + len(append.facts) - 1
        return Answer(case_id, case.version, case.state, number, answer.facts, case=case)

    def _together(self, book: Book, requests: Sequence[CommandRequest], key: str) -> None:
        draft = self.draft(book, kept=partial(self._kept.take, book))
        try:
            draft.expect({request.case_id for request in requests if request.case_id is not None})
            for request in requests:
                draft.give(request)
            store_batch(draft.append, key, draft.case(str(requests[0].case_id)))
            self._record(book, draft)
        finally:
            self._kept.give_back(book.office, draft.at_hand())

    def _record(self, book: Book, draft: Draft) -> Recorded:
        """Append the draft, and remember what this process has to know from now on."""
        recorded = book.record(draft.append)
        draft.settle(recorded)
        self.keys.remember(book.office, draft.made_keys())
        if any(fact.case_id.startswith("staff-") for fact in draft.append.facts):
            self.people.forget(book.office)
        if draft.erases:
            self.keys.forget(book.office)
        return recorded

    def draft(self, book: Book, *, kept: Callable[[str], OpenCase | None] = lambda _case_id: None) -> Draft:
        """An empty draft for the book's office, with its settings as they stand now; ``kept`` are cases at hand."""
        count, settings = self._settings.of(book)
        draft = Draft(
            book.office,
            settings=settings,
            policies=self.policies,
            projector=self.projector,
            keys=DraftKeys(self.keys, KeyStore(book.connection, book.office)),
            books=Books(book.case, book.cases, book.facts_of, partial(_standing, book), kept),
            since=self._settings.since(book),
            known_names=self._names,
            look_up_names=book.shown,
            known_cases=self._cases,
            look_up_cases=book.openings,
            look_up_mended=partial(mended_cases, book),
            look_up_home=partial(on_the_roster, book),
            people=self.people,
            connection=book.connection,
            new_id=self._new_id,
        )
        draft.append.settings = count
        return draft

    def record_many(self, connection: psycopg.Connection[Any], draft: Draft) -> Recorded:
        """Append a draft of many requests. Raises what :meth:`Book.record` raises; then nothing was written."""
        return Book(connection, draft.append.office).record(draft.append)

    # -- reading ----------------------------------------------------------------------------------------------------

    def settings(self, office: str) -> Settings:
        """The settings of an office as they stand now. Raises :class:`~domain.kernel.errors.NotFound`."""
        with self._connect() as connection:
            settings = self._settings.now(Book(connection, office))
        if settings is None:
            raise _no_such_office()
        return settings

    def forget(self, office: str) -> None:
        """Read this office's settings and keys afresh the next time they are needed."""
        self._settings.forget(office)
        self.keys.forget(office)
        self.people.forget(office)

    def case(self, office: str, case_id: str, *, until: int | None = None) -> Any:
        """A case, as of a page if one is named. Raises :class:`~domain.kernel.errors.NotFound`."""
        with office_transaction(self._connect, office) as connection:
            case = Book(connection, office).case(case_id, until=until)
        if case is None:
            raise _no_such_case()
        return case

    @contextmanager
    def lent(self, book: Book, case_id: str) -> Iterator[Any]:
        """A case as the book has it, to be read and not to be kept; None if it has no facts."""
        opened = self._kept.take(book, case_id)
        case = opened.case if opened is not None else book.case(case_id)
        yield case
        if opened is not None:
            self._kept.give_back(book.office, [opened])

    def actor(self, office: str, actor: Actor) -> Actor:
        """Whoever acts in an office, with the names he goes by there: who he cannot be is told before he tries."""
        known = self.people.remembered(office, actor)
        if known is not None:
            return known
        with office_transaction(self._connect, office) as connection:
            return self.people.actor(connection, office, actor)

    def history(self, office: str, case_id: str, *, until: int | None = None) -> tuple[Any, Sequence[Fact]]:
        """A case, as of a page if one is named, and its facts. Raises :class:`~domain.kernel.errors.NotFound`."""
        with office_transaction(self._connect, office) as connection:
            facts = Book(connection, office).facts_of(case_id, until=until)
        if not facts:
            raise _no_such_case()
        return lifecycle_of(case_id).fold(facts), facts


def _standing(book: Book, case_id: str) -> Any:
    lifecycle = lifecycle_of(case_id)
    moves, version = book.moves(case_id, lifecycle.still)
    return lifecycle.standing(case_id, book.office, moves, version) if moves else None


def _no_such_case() -> NotFound:
    return NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")


def _no_such_office() -> NotFound:
    return NotFound("office-unknown", None, zh="没有这个管理处", en="there is no such office")
