"""Who holds 占用者: a refusal for something that only one case may hold names the case that holds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import psycopg

from domain.cases import lifecycle_of
from domain.kernel.errors import AlreadyHeld
from domain.kernel.fact import Case
from domain.kernel.lifecycle.ask import Lifecycle
from journal.append import Append
from journal.book import Book
from workflows.engine.policy import Consequence

__all__ = ["addressed", "already_held", "held_in_book", "holder_of"]


def already_held(claim: str, holder: str, office: str, lifecycle: Lifecycle[Any], case: Case) -> AlreadyHeld:
    """The refusal. ``holder`` is the case that holds ``claim``; ``case`` is one that claims it: its table says what it is."""
    rule = next((row for row in lifecycle.holds if claim in _claims(row.claim(case))), None)
    zh, en = (rule.zh, rule.en) if rule is not None else ("只能有一件", "only one may hold it")
    kind = lifecycle_of(holder)
    return AlreadyHeld(
        "already-held",
        None,
        zh=f"{zh}：已被{kind.zh}「{holder}」占用",
        en=f"{en}: the {kind.en} {holder} holds it already",
        claims=(claim,),
        holder=(office, holder),
    )


def held_in_book(book: Book, refused: AlreadyHeld) -> AlreadyHeld:
    """What the database refused, with the case in the book that holds it; the same refusal when it has let go by now."""
    for claim in refused.claims:
        holder = book.holder(claim)
        if holder is not None:
            return already_held(claim, holder, book.office, lifecycle_of(holder), book.case(holder))
    return refused


def holder_of(claim: str, append: Append, connection: psycopg.Connection[Any] | None) -> str | None:
    """The case that holds a claim: in what is about to be written, or, where a connection is given, in the book."""
    here = append.claims.get(claim)
    if here is not None or connection is None or claim in append.dropped:
        return here
    return Book(connection, append.office).holder(claim)


def addressed(
    said: Iterable[Consequence], append: Append, connection: psycopg.Connection[Any]
) -> Iterator[Consequence]:
    """What policies said, with the case to which it goes: what is meant for a claim's holder goes to nobody where none is."""
    for each in said:
        if each.holder is None:
            yield each
        elif (holder := holder_of(each.holder, append, connection)) is not None:
            yield replace(each, to=holder, holder=None)


def _claims(claimed: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (claimed,) if isinstance(claimed, str) else claimed or ()
