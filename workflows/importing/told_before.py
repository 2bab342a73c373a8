"""What was told before 已导入的事实: which facts of a source case stand in the book already, and what is new of it.

Each fact that was taken leaves three keyed marks: which command on which case, the same with its instant, and all that it
says. So a second file about a case, or a later export of it, is taken as what is new; and one that says otherwise what
was taken before is told from it. Nobody can make the marks without the keys of the case's people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from workflows.importing.interpret import ProposedFact, SourceCase

__all__ = ["MarkOfFact", "News", "marks_of", "news_of", "packed"]

_SIZE: Final = 8


class MarkOfFact(NamedTuple):
    """One fact as it is known again: its command, that at its instant, and the whole of it."""

    what: bytes
    when: bytes
    all: bytes


@dataclass(frozen=True, slots=True)
class News:
    """What a source says that was not told before; ``otherwise`` when it contradicts what was."""

    facts: list[ProposedFact]
    otherwise: bool


def marks_of(facts: Iterable[ProposedFact], key: bytes) -> list[MarkOfFact]:
    """The marks of facts under a key of 32 bytes."""
    made = []
    for fact in facts:
        what = msgspec.json.encode((fact.kind_path, fact.source_id, fact.command_or_event))
        when = what + fact.occurred_at.isoformat().encode()
        said = when + msgspec.json.encode((sorted(fact.fields.items()), fact.term), enc_hook=str)
        made.append(MarkOfFact(_marked(what, key), _marked(when, key), _marked(said, key)))
    return made


def _marked(said: bytes, key: bytes) -> bytes:
    return blake2b(said, key=key, digest_size=_SIZE).digest()


def packed(marks: Iterable[MarkOfFact]) -> bytes:
    """As they are stored."""
    return b"".join([mark.what + mark.when + mark.all for mark in marks])


def _unpacked(told: bytes) -> list[MarkOfFact]:
    parts = [told[at : at + _SIZE] for at in range(0, len(told), _SIZE)]
    return [MarkOfFact(*parts[at : at + 3]) for at in range(0, len(parts), 3)]


def news_of(case: SourceCase, told: bytes, key: bytes) -> News:
    """What of a case is new. The whole case is there where it is opened: then nothing may be missing that its rows could say."""
    before = _unpacked(told)
    left = Counter(mark.all for mark in before)
    now = marks_of(case.facts, key)
    fresh: list[tuple[ProposedFact, MarkOfFact]] = []
    for fact, mark in zip(case.facts, now, strict=True):
        if left[mark.all] > 0:
            left[mark.all] -= 1
        else:
            fresh.append((fact, mark))
    gone = _gone(before, left)
    instants = {mark.when for mark in gone}
    otherwise = any(mark.when in instants for _, mark in fresh)
    if any(fact.opens and not fact.if_needed for fact in case.facts):
        said = {mark.what for mark in now}
        otherwise = otherwise or any(mark.what in said for mark in gone)
    return News([fact for fact, _ in fresh], otherwise)


def _gone(before: Sequence[MarkOfFact], left: Counter[bytes]) -> list[MarkOfFact]:
    """What was told before and is not said now."""
    rest = Counter(left)
    gone = []
    for mark in before:
        if rest[mark.all] > 0:
            rest[mark.all] -= 1
            gone.append(mark)
    return gone
