"""The API context 接口上下文: what every route has at hand, and who may look at what.

An office in which somebody has no role does not exist for him (404). Within his office what he may not do is refused
(403). A system administrator knows that offices exist and is refused their cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import msgspec
import psycopg
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError

from api.account_names import AccountNames
from api.figures import Figures
from api.http.authentication import who
from api.http.wall_clock import WallClock
from api.identity import EVERYWHERE, PERSONAL_READERS, PERSONAL_READERS_OF, Accounts, Identities, Identity
from domain.kernel.errors import NotFound, NotPermitted
from domain.kernel.people import Actor, Role
from domain.residents.reading import RecordReading
from journal.book import Book, all_offices
from journal.confidential import MasterKey, is_token, open_cell, subject_of
from journal.connections import Connect
from journal.key_store import KeyStore
from journal.office_transaction import office_transaction
from workflows.engine.request import CommandRequest

if TYPE_CHECKING:
    from api.config import ApiSettings
    from api.http.executor import CommandExecutor
    from api.http.log_in import LogIns
    from projections.engine.collection import Registers
    from workflows.engine.handler import CommandHandler
    from workflows.engine.simulation import SimulatedClock

__all__ = ["HIDDEN", "PRIVATE", "ApiContext", "Reader", "as_json", "hide", "json"]

HIDDEN: Final = "〔保密〕"
"""What stands in the place of personal data for those who may not see them."""


PRIVATE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""What may be about people stays in no cache, and is never taken for a page."""


def system_clock() -> datetime:
    """The time on the wall."""
    return datetime.now(UTC)


@dataclass
class ApiContext:
    """What every route has at hand."""

    settings: ApiSettings
    connect: Connect
    handler: CommandHandler
    registers: Registers
    master: MasterKey
    accounts: Accounts
    identities: Identities
    log_ins: LogIns
    executor: CommandExecutor
    clock: SimulatedClock
    """The clocks of simulated offices."""
    now: Callable[[], datetime] = system_clock
    """The time on the wall: of log-ins, tokens and rate limits, and of every real office."""
    closing: Event = field(default_factory=Event)
    """Set when the program is to stop: what would go on for ever ends."""
    wall: WallClock = field(default_factory=WallClock)
    _offices: set[str] = field(default_factory=set)
    _real: set[str] = field(default_factory=set)

    # -- rights -----------------------------------------------------------------------------------------------------

    def roles(self, request: Request, office: str) -> tuple[Role, ...]:
        """The caller's roles in an office. Raises NotFound when he has none or there is no such office."""
        roles = who(request.scope).roles(office)
        if not roles or not self.exists(office):
            raise NotFound("office-unknown", None, zh="没有这个管理处", en="there is no such office")
        if roles == (Role.SYSTEM_ADMINISTRATOR,):
            raise NotPermitted(
                "no-case-data", "9.2", zh="系统管理员不得查看业务资料", en="a system administrator sees no case data"
            )
        return roles

    def no_auditor(self, request: Request, office: str) -> None:
        """Raises NotPermitted for who has no role in the office but the auditor's: he changes nothing."""
        if self.roles(request, office) == (Role.AUDITOR,):
            raise NotPermitted("role", None, zh="审计不作变更", en="an auditor changes nothing")

    def reader(self, request: Request, office: str) -> Reader:
        """The caller as a reader of an office."""
        return Reader(self, who(request.scope), office, self.roles(request, office))

    def offices(self, identity: Identity) -> list[str]:
        """The offices whose cases somebody may read."""
        allowed = identity.offices()
        with self.connect() as connection:
            return [code for code in all_offices(connection) if EVERYWHERE in allowed or code in allowed]

    def exists(self, office: str) -> bool:
        """Whether there is such an office; offices do not go away."""
        if office not in self._offices:
            if not office.isprintable():
                return False
            with self.connect() as connection:
                self._offices.update(all_offices(connection))
        return office in self._offices

    def system_administrator(self, request: Request) -> Identity:
        """The caller, who must be a system administrator."""
        identity = who(request.scope)
        if not identity.is_system_administrator:
            raise NotPermitted("role", None, zh="须由系统管理员办理", en="this is for system administrators")
        return identity

    @cached_property
    def names(self) -> AccountNames:
        """Who stands behind the ids of accounts."""
        return AccountNames(lambda: self.connect())  # noqa: PLW0108 -- the tests replace the connection

    @property
    def figures(self) -> Figures:
        """The standards' figures."""
        return Figures(self.connect, self.registers, lambda: self.now())  # noqa: PLW0108 -- the clock on the wall may be replaced

    def within(self, *offices: str) -> AbstractContextManager[psycopg.Connection[Any]]:
        """A connection for one transaction that sees this office alone, or these."""
        return office_transaction(self.connect, *offices)

    def reading(self, office: str | None) -> AbstractContextManager[psycopg.Connection[Any]]:
        """A connection that sees this office alone, or (None) all of the company's."""
        return self.connect() if office is None else self.within(office)

    # -- time -------------------------------------------------------------------------------------------------------

    def time_in(self, office: str) -> datetime:
        """What time it is in an office: what its own clock shows when it is simulated, else the time on the wall."""
        if office not in self._real and office.isprintable():  # a real office stays one
            with self.connect() as connection:
                head = Book(connection, office).head()
            if head is not None and head.clock is not None:
                return head.clock.astimezone(UTC)
            if head is not None:
                self._real.add(office)
        return self.now()

    def tell(self, office: str) -> None:
        """Let the notices of a simulated office be made that are due while its clock stands still; others make theirs."""
        self.time_in(office)
        if office not in self._real:
            self.clock.tell(office)

    def page(self, office: str, as_of: int | datetime | None) -> int | None:
        """The page of the book that ``as_of`` means: a page number, or an instant at which the book stood there.

        Raises :class:`fastapi.exceptions.RequestValidationError` for a page that is not written yet.
        """
        if as_of is None:
            return None
        if isinstance(as_of, datetime):
            with self.connect() as connection:
                return Book(connection, office).number_at(as_of)
        last = self.last_page(office)
        if as_of > last:
            raise RequestValidationError([{"type": "page_ahead", "loc": ("query", "as_of"), "ctx": {"le": last}}])
        return as_of

    def last_page(self, office: str) -> int:
        """The last page of an office's book; 0 while nothing is written."""
        with self.connect() as connection:
            head = Book(connection, office).head()
        return head.number if head else 0


@dataclass
class Reader:
    """Somebody reads in one office: opens what his roles may see, and every such reading is recorded."""

    context: ApiContext
    identity: Identity
    office: str
    roles: tuple[Role, ...]

    def sees_personal(self, kind: str = "") -> bool:
        """Whether his roles may see personal data, those of this kind of case."""
        return not PERSONAL_READERS_OF.get(kind, PERSONAL_READERS).isdisjoint(self.roles)

    def open(self, rows: Sequence[dict[str, Any]], what: str, case_id: str = "case_id") -> None:
        """Replace sealed values in these rows: by their text for whoever may see it, otherwise by 〔保密〕.

        The reading is a fact in the office's book before anything is handed over (§9.2).

        What does not open is shown as such, alone. Sealed values may stand in lists and records within a row; ``case_id`` names the key that holds its case.
        """
        hide([row for row in rows if not self.sees_personal(str(row[case_id]).partition("-")[0])])
        tokens = [token for row in rows for token in _tokens(row)]
        if not tokens:
            return
        with self.context.within(self.office) as connection:
            store = KeyStore(connection, self.office)
            key_of = self.context.handler.keys.opening(store, {subject_of(token) for token in tokens})
        seen = []
        for row in rows:
            of = str(row[case_id])
            if any(True for _ in _tokens(row)):
                seen.append(of)
            _replace(row, lambda token, of=of: open_cell(token, of, key_of))  # type: ignore[misc]
        self.record(what, tuple(dict.fromkeys(seen)))

    def record(self, what: str, case_ids: tuple[str, ...]) -> None:
        """That he reads these cases' data is a fact in the office's book, before anything is handed over (§9.2)."""
        reading = RecordReading(reader=self.identity.user_id, roles=self.roles, what=what, case_ids=case_ids)
        self.context.handler.handle(
            CommandRequest(
                office=self.office,
                command=reading,
                actor=Actor(self.identity.user_id, Role.POLICY),
                now=self.context.time_in(self.office),
            )
        )


def hide(rows: Iterable[dict[str, Any]]) -> None:
    """Put 〔保密〕 in the place of every sealed value of these rows."""
    for row in rows:
        _replace(row, lambda _token: HIDDEN)


def _tokens(value: Any) -> Iterable[str]:
    if is_token(value):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _tokens(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _tokens(each)


def _replace(holder: Any, opened: Callable[[str], str]) -> None:
    for at, value in holder.items() if isinstance(holder, dict) else enumerate(holder):
        if is_token(value):
            holder[at] = opened(value)
        elif isinstance(value, dict | list):
            _replace(value, opened)
        elif isinstance(value, tuple):
            holder[at] = [*value]
            _replace(holder[at], opened)


def json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer, serialised here and not looked at again."""
    return Response(as_json(body), status, headers={**PRIVATE, **(headers or {})}, media_type="application/json")


def as_json(body: Any) -> bytes:
    """JSON of anything the domain is made of; exact numbers that JSON lacks become text."""
    return msgspec.json.encode(body, enc_hook=str)
