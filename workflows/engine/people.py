"""People 人员: whoever a command names is an account of the office or on its staff register, or is marked as an outsider.

A person is called in the book by the id of his account, else as the staff register calls him. What was typed, be it a
log-in, a display name or another spelling, is replaced by that before anything is decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Lock
from time import monotonic
from typing import Any, Final

import psycopg

from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command
from domain.kernel.mending import CorrectEntry
from domain.kernel.names import NameKind, mentioned, renamed
from domain.kernel.people import Actor, outsider, person_key
from journal.confidential import is_token, open_token
from journal.key_store import KeyStore
from workflows.engine.corrected_names import at_value, said_by, says
from workflows.engine.household_keys import HouseholdKeys

__all__ = ["People"]

_KNOWN_FOR: Final = 5.0
"""Seconds for which a snapshot is good; one in which somebody is missing is taken anew at once."""
_CACHED: Final = 10_000
_ACCOUNTS: Final = """
select user_id, login, name from wuye.users u
 where exists (select from wuye.grants g where g.user_id = u.user_id and g.office in (%s, '*'))
 order by user_id
"""
_STAFF: Final = (
    "select case_id, person, name from wuye.r_staff where office = %s and to_number is null order by case_id"
)
_ACCOUNT: Final = "select login, name from wuye.users where user_id = %s"
_ENROLS: Final = frozenset({"EnrolStaff"})
"""By these somebody comes onto the register: until then nobody knows him."""
_ALSO: Final = {"RequestKeyLoan": ("borrower", "staff_borrower")}
"""Names of strangers that may be those of our own people: said by the first field, noted in the second."""
_CORRECTED: Final = frozenset({"borrower"})
"""Fields that say such a name; a correction of one notes whose it is."""

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class _Office:
    """The people of an office at one moment: their ids by every name they go by, ids first, then log-ins, then names."""

    by_key: dict[str, tuple[str, ...]]
    enrolled_as: dict[str, frozenset[str]]
    """By account: the codes under which the staff register has somebody of its name."""
    account_names: frozenset[str]
    keeps_register: bool
    until: float


class People:
    """The people of all offices, as this process has read them."""

    def __init__(self, keys: HouseholdKeys) -> None:
        """``keys`` open the names that stand sealed on the staff register."""
        self._keys = keys
        self._offices: dict[str, _Office] = {}
        self._known_as: dict[str, frozenset[str]] = {}
        self._lock = Lock()

    def remembered(self, office: str, actor: Actor) -> Actor | None:
        """What :meth:`actor` says, if nothing has to be read for it."""
        if not actor.role.is_person or actor.known_as:
            return actor
        known, people = self._known_as.get(actor.user_id), self._offices.get(office)
        if known is None or people is None or people.until <= monotonic() or _came_since(actor, known, people):
            return None
        return _named_so(actor, known, people)

    def actor(self, connection: Connection, office: str, actor: Actor) -> Actor:
        """The actor with the names that his account goes by, and the staff codes of whoever bears its name.

        A namesake is enrolled under a name that tells him from the account; else they are taken for one person.
        """
        found = self.remembered(office, actor)
        if found is not None:
            return found
        known = self._known_as.get(actor.user_id)
        if known is None:
            row = connection.execute(_ACCOUNT, [actor.user_id]).fetchone()
            known = frozenset(map(person_key, (actor.user_id, *(row or ()))))
            if len(self._known_as) >= _CACHED:
                self._known_as.clear()
            self._known_as[actor.user_id] = known
        if _came_since(actor, known, self._of(connection, office)):
            self.forget(office)
        return _named_so(actor, known, self._of(connection, office))

    def forget(self, office: str) -> None:
        """Read the office's people afresh."""
        with self._lock:
            self._offices.pop(office, None)

    def find(self, connection: Connection, office: str, text: str) -> str | None:
        """The person of this name; None for nobody of the office. Raises KeyError where two people bear it."""
        found = self._of(connection, office).by_key.get(person_key(text))
        if found is None:
            self.forget(office)
            found = self._of(connection, office).by_key.get(person_key(text))
        if found is not None and len(found) > 1:
            raise KeyError(text)
        return found[0] if found else None

    def called(self, connection: Connection, office: str, text: str) -> str:
        """What the book calls the person of this name; the name itself where that is nobody's, or two people's."""
        try:
            return self.find(connection, office, text) or outsider(text) or text
        except KeyError:
            return text

    def named(self, connection: Connection, office: str, command: Command, clause: str) -> tuple[Command, list[str]]:
        """The command with its people as the book calls them, and what is to be marked in what comes of it.

        Raises :class:`~domain.kernel.errors.RuleBroken` for somebody whom an office with a staff register does not know and
        who is not said to be an outsider, and for a name that two people bear.
        """
        if (said_of := said_by(command)) is not None:
            with at_value():
                named, marks = self.named(connection, office, said_of, clause)
            return self._noting(connection, office, says(command, named)), marks
        called: dict[str, str] = {}
        marks = []
        for field, kind, text in mentioned(command):
            if kind is not NameKind.PERSON or text in called or not person_key(text):
                continue
            try:
                person = self.find(connection, office, text)
            except KeyError:
                zh, en = (
                    "此名有两人，请用账号或人员代号",
                    "two people bear this name: give the log-in or the staff code",
                )
                raise RuleBroken("person-ambiguous", clause, zh=zh, en=en, field=field) from None
            if person is not None:
                called[text] = person
                continue
            if type(command).__name__ in _ENROLS:
                self._check_no_account(connection, office, getattr(command, "name", None), clause)
            said = outsider(text)
            if said is None and type(command).__name__ not in _ENROLS and self._of(connection, office).keeps_register:
                zh = "在岗人员和账号中没有此人：请核对，或先登记到岗；外部人员请写作「外:姓名」"
                en = "nobody of the office is called so: check it, enrol him, or mark an outsider as «outsider:name»"
                raise RuleBroken("person-unknown", clause, zh=zh, en=en, field=field)
            called[text] = said or text
            marks = marks if type(command).__name__ in _ENROLS else ["person-unknown"]
        if called:
            command = renamed(command, lambda kind, text: called.get(text, text) if kind is NameKind.PERSON else text)
        return self._noting(connection, office, command), marks

    def _check_no_account(self, connection: Connection, office: str, name: str | None, clause: str) -> None:
        """Refuse to enrol somebody beside the account of his name: one person stands in the book once."""
        if name is None or person_key(name) not in self._of(connection, office).account_names:
            return
        zh = "此姓名已有账号：请以该账号登记到岗；同名的另一人请注明以示区别"
        en = "an account bears this name: enrol the account, or tell a namesake from it"
        raise RuleBroken("person-has-account", clause, zh=zh, en=en, field="name")

    def _noting(self, connection: Connection, office: str, command: Command) -> Command:
        """The command with what the program notes of a stranger's name; what somebody typed there does not count."""
        if isinstance(command, CorrectEntry):
            name = command.value if command.field in _CORRECTED else None
            return replace(command, person=self._sole(connection, office, name))
        said, noted = _ALSO.get(type(command).__name__, ("", ""))
        if not said or getattr(command, said) is None:
            return command
        person = self._sole(connection, office, getattr(command, said))
        return command if person is None else replace(command, **{noted: person})  # type: ignore[type-var]

    def _sole(self, connection: Connection, office: str, name: str | None) -> str | None:
        """Whose name it is; None where it is nobody's of the office, or several people's."""
        try:
            return None if name is None else self.find(connection, office, name)
        except KeyError:
            return None

    def _of(self, connection: Connection, office: str) -> _Office:
        with self._lock:
            known = self._offices.get(office)
            if known is not None and known.until > monotonic():
                return known
        accounts = connection.execute(_ACCOUNTS, [office]).fetchall()
        staff = connection.execute(_STAFF, [office]).fetchall()
        opened = list(self._opened(KeyStore(connection, office), staff))
        by_key: dict[str, tuple[str, ...]] = {}
        ids = {person_key(name): user_id for user_id, login, _ in reversed(accounts) for name in (login, user_id)}
        for tier in (
            [(name, user_id) for user_id, login, _ in accounts for name in (user_id, login)],
            [(person, ids.get(person_key(person), person)) for person, _ in opened],
            [(name, user_id) for user_id, _, name in accounts]
            + [(name, ids.get(person_key(person), person)) for person, name in opened if name],
        ):
            fresh: dict[str, tuple[str, ...]] = {}
            for name, person in tier:
                fresh[person_key(name)] = tuple(dict.fromkeys((*fresh.get(person_key(name), ()), person)))
            by_key = fresh | by_key  # an id is one person's, whatever others are called
        names = {user_id: {person_key(login), person_key(name)} for user_id, login, name in accounts}
        enrolled_as = {
            user_id: frozenset(person_key(person) for person, name in opened if name and person_key(name) in known)
            for user_id, known in names.items()
        }
        account_names = frozenset(name for known in names.values() for name in known)
        made = _Office(by_key, enrolled_as, account_names, bool(staff), monotonic() + _KNOWN_FOR)
        with self._lock:
            self._offices[office] = made
        return made

    def _opened(self, store: KeyStore, staff: list[tuple[str, str, str | None]]) -> Iterator[tuple[str, str | None]]:
        key_of = self._keys.opening(store)
        for case_id, person, name in staff:
            yield person, open_token(name, case_id, key_of) if is_token(name) and name is not None else name


def _came_since(actor: Actor, known: frozenset[str], people: _Office) -> bool:
    """Whether his account is younger than what was read of the office's people."""
    return len(known) > 1 and actor.user_id not in people.enrolled_as


def _named_so(actor: Actor, known: frozenset[str], people: _Office) -> Actor:
    return Actor(actor.user_id, actor.role, known | people.enrolled_as.get(actor.user_id, frozenset()))
