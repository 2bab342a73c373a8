"""Idempotency keys 幂等键: the answer to a request is stored with its facts, and a repeated request gets it back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import msgspec

from domain.cases import lifecycle_for
from domain.kernel.errors import RuleBroken
from journal.append import Append
from journal.book import Book
from workflows.engine.request import CommandRequest

__all__ = ["Answer", "KeyReused", "store_answer", "stored_answer"]


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


def store_answer(append: Append, request: CommandRequest, answer: Answer) -> None:
    """Have the append write the request's key with its answer; nothing if it has no key."""
    if request.key is not None:
        append.key = request.key
        append.fingerprint = _fingerprint(request)
        append.answer = msgspec.msgpack.encode(_Stored(answer.case_id, answer.version, answer.state, answer.facts))


def stored_answer(book: Book, request: CommandRequest) -> Answer | None:
    """What was answered when a request with this key was carried out; None if none was.

    Raises :class:`KeyReused` when that was another request.
    """
    found = book.answer(request.key) if request.key is not None else None
    if found is None:
        return None
    fingerprint, answer, number = found
    if fingerprint != _fingerprint(request):
        raise KeyReused(
            "key-reused", None, zh="该幂等键已用于另一请求", en="this idempotency key was used for another request"
        )
    stored = msgspec.msgpack.decode(answer, type=_Stored)
    return Answer(stored.case_id, stored.version, stored.state, number, stored.facts, repeated=True)


def _fingerprint(request: CommandRequest) -> bytes:
    parts: list[Any] = [
        lifecycle_for(type(request.command), request.case_id).kind,
        type(request.command).__name__,
        request.case_id,
        request.command,
    ]
    if request.occurred_at is not None:  # the same words about another hour are another request
        parts.append(request.occurred_at)
    if request.late_reason is not None:
        parts.append(request.late_reason)
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).digest()
