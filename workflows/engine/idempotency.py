"""Idempotency keys 幂等键: the answer to a request is stored with its facts, and a repeated request gets it back.

A request is known again by two keyed digests: of what is not personal, and of all that was said. The second is made with
the keys that sealed its facts, so that with a household's key goes the last thing by which somebody could try whether
a telephone number was the one that was entered; from then on the first has to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from domain.cases import lifecycle_for
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Case
from journal.append import Append
from journal.book import Book
from journal.confidential import Tampered
from journal.key_store import KeyStore
from workflows.engine.household_keys import HouseholdKeys, keyed_digest
from workflows.engine.ports import SealingKeys
from workflows.engine.request import CommandRequest

__all__ = ["Answer", "KeyReused", "store_answer", "store_batch", "stored_answer"]


_PURPOSE: Final = "answers"


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


class _Stored(msgspec.Struct, array_like=True):
    case_id: str
    version: int
    state: str
    facts: tuple[str, ...]
    subjects: tuple[str, ...] = ()
    """Whose keys sealed the request's facts."""


def store_answer(append: Append, request: CommandRequest, answer: Answer, keys: SealingKeys) -> None:
    """Have the append write the request's key with its answer; nothing if it has no key."""
    if request.key is not None:
        append.key = request.key
        subjects = tuple(sorted(append.subjects | append.new_keys.keys()))
        sealing = [keys.for_sealing(subject, brand_new=False)[0] for subject in subjects]
        append.fingerprint = _fingerprint(request, sealing, keys.secret(_PURPOSE))
        append.answer = msgspec.msgpack.encode(
            _Stored(answer.case_id, answer.version, answer.state, answer.facts, subjects)
        )


def store_batch(append: Append, key: str, case: Case) -> None:
    """Have the append write the key under which the clock did several things at once; ``case`` is the first of theirs.

    No request of its own has this key: nobody is answered, and its fingerprint is that of none.
    """
    append.key, append.fingerprint = key, b""
    names = tuple(fact.name for fact in append.facts)
    append.answer = msgspec.msgpack.encode(_Stored(case.id, case.version, case.state, names))


def stored_answer(book: Book, request: CommandRequest, keys: HouseholdKeys) -> Answer | None:
    """What was answered when a request with this key was carried out; None if none was.

    Raises :class:`KeyReused` when that was another request.
    """
    found = book.answer(request.key) if request.key is not None else None
    if found is None:
        return None
    fingerprint, answer, number = found
    stored = msgspec.msgpack.decode(answer, type=_Stored)
    sealing = _keys_that_are_left(KeyStore(book.connection, book.office), stored.subjects, keys)
    known = _fingerprint(request, sealing, keys.secret(_PURPOSE))
    if not fingerprint.startswith(known):
        raise KeyReused(
            "key-reused", None, zh="该幂等键已用于另一请求", en="this idempotency key was used for another request"
        )
    return Answer(stored.case_id, stored.version, stored.state, number, stored.facts, repeated=True)


def _keys_that_are_left(store: KeyStore, subjects: Sequence[str], keys: HouseholdKeys) -> list[bytes]:
    """The keys of these subjects; none when one of them was destroyed or does not open."""
    key_of = keys.opening(store, subjects)
    try:
        found = [key_of(subject) for subject in subjects]
    except Tampered:
        return []
    return [] if None in found else [key for key in found if key is not None]


def _fingerprint(request: CommandRequest, keys: Sequence[bytes], secret: str) -> bytes:
    """The digest of what is not personal, and after it, where there are keys, that of all."""
    said = msgspec.to_builtins(request.command)
    parts: list[Any] = [
        lifecycle_for(type(request.command), request.case_id).kind,
        type(request.command).__name__,
        request.case_id,
        {name: value for name, value in said.items() if name not in request.command.PERSONAL},
    ]
    if request.occurred_at is not None:  # the same words about another hour are another request
        parts.append(request.occurred_at)
    if request.late_reason is not None:
        parts.append(request.late_reason)
    open_one = keyed_digest(msgspec.json.encode(parts, order="sorted"), (), secret)
    return open_one + (keyed_digest(msgspec.json.encode(said, order="sorted"), keys, secret) if keys else b"")
