"""An append 入账: everything that one call of ``wuye.record`` writes, and its parameters in binary form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import msgspec
import psycopg

from domain.kernel.fact import Fact
from journal.page import Page
from journal.prepared_statements import (
    BYTEA,
    INT2,
    INT4,
    TEXT,
    TIMESTAMPTZ,
    UUIDS,
    Statement,
    array,
    array_of,
    element,
    elements,
    instant,
    int2,
    int4,
    read_instant,
    read_int,
)

__all__ = ["MANY_FROM", "Append", "Recorded", "RowVersion", "write"]

_RECORD: Final = Statement(
    "wuye.record",
    "select wuye.record($1::text, $2::text, $3::integer, $4::uuid, $5::text, $6::smallint, $7::bytea, $8::bytea,"
    " $9::timestamptz, $10::integer, $11::text, $12::bytea, $13::bytea, $14::text, $15::bytea,"
    " $16::integer[], $17::text[], $18::jsonb)",
    18,
)
_RECORD_SEVERAL: Final = Statement(
    "wuye.record_several",
    "select wuye.record_several($1::text, $2::integer, $3::text, $4::bytea, $5::bytea,"
    " $6::integer[], $7::text[], $8::jsonb, $9::text[], $10::integer[], $11::uuid[], $12::text[], $13::smallint[],"
    " $14::bytea[], $15::bytea[], $16::timestamptz[])",
    16,
)
MANY_FROM: Final = 200
"""Row versions of one append from which on they are sent and written register by register and column by column."""
_MANY: Final = -1
"""With what the places of many row versions begin; those of few begin with a fact of the append."""
_FRESH, _GONE = 1, 2
_JSONB: Final = b"\x01"
"""The version with which a jsonb value begins in binary form."""


@dataclass(slots=True)
class RowVersion:
    """One version of a register's row: from fact ``i`` of the append (from 0) to fact ``till`` of it, or open.

    ``fresh``: no older version stands open in the register; ``values`` None: the row is gone from here on.
    """

    i: int
    case_id: str
    line: str
    fresh: bool
    values: tuple[Any, ...] | None
    till: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where an append came to stand: its first page number and the time the book took it."""

    first_number: int
    recorded_at: datetime


@dataclass(slots=True)
class Append:
    """Everything that one append writes. ``facts`` carry sealed events; their numbers are given by the book.

    ``rows`` maps a register to its row versions.
    """

    office: str
    facts: list[Fact] = field(default_factory=list)
    settings: int | None = None
    settings_changed: int = 0
    guards: dict[str, int] = field(default_factory=dict)
    key: str | None = None
    fingerprint: bytes | None = None
    answer: bytes | None = None
    dropped: set[str] = field(default_factory=set)
    claims: dict[str, str] = field(default_factory=dict)
    subjects: set[str] = field(default_factory=set)
    new_keys: dict[str, bytes] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    """Names that come into use: (what it is the name of, by what it is compared) → as it is shown."""
    found_by: dict[tuple[str, str, str, str], tuple[str | None, list[str]]] = field(default_factory=dict)
    """By what rows are found: (register, case, line, field) → whose key seals it, tokens; none: found by it no more."""
    rows: dict[str, list[RowVersion]] = field(default_factory=dict)
    recorded: Recorded | None = None
    """Where it came to stand, once it is written."""


def write(connection: psycopg.Connection[Any], append: Append, pages: Sequence[Page]) -> Recorded:
    """Call the one function that writes; raises what the database says."""
    if len(pages) == 1:
        result = _RECORD.run(connection, _one(append, pages[0]))
    else:
        result = _RECORD_SEVERAL.run(connection, _several(append, pages))
    taken = result.get_value(0, 0)
    assert taken is not None
    return Recorded(read_int(taken[:8]), read_instant(taken[8:]))


def _one(append: Append, fact: Page) -> list[bytes | None]:
    subject, wrapped = _sealed_by(append)
    return [
        append.office.encode(),
        fact.case_id.encode(),
        int4(fact.version),
        fact.event_id.bytes,
        fact.name.encode(),
        int2(fact.schema),
        fact.metadata,
        fact.state,
        instant(fact.occurred_at),
        *_about(append),
        subject,
        wrapped,
        *_rows(append),
        _more(append, keys=subject is None),
    ]


def _several(append: Append, pages: Sequence[Page]) -> list[bytes | None]:
    office, *about = append.office.encode(), *_about(append)
    columns = list(zip(*pages, strict=True)) if pages else [()] * len(Page._fields)
    _, _, case_ids, versions, event_ids, names, schemas, metadata, states, occurred, _ = columns
    return [
        office,
        *about,
        *_rows(append),
        _more(append, keys=True),
        array(TEXT, [case_id.encode() for case_id in case_ids]),
        array(INT4, list(map(int4, versions))),
        array(UUIDS, [event_id.bytes for event_id in event_ids]),
        array(TEXT, [name.encode() for name in names]),
        array(INT2, list(map(int2, schemas))),
        array(BYTEA, metadata),
        array(BYTEA, states),
        array(TIMESTAMPTZ, list(map(instant, occurred))),
    ]


def _about(append: Append) -> Iterator[bytes | None]:
    """The settings that were read, and the idempotency key with its answer."""
    yield None if append.settings is None else int4(append.settings)
    yield None if append.key is None else append.key.encode()
    yield append.fingerprint
    yield append.answer


def _sealed_by(append: Append) -> tuple[bytes | None, bytes | None]:
    """The one subject whose key sealed the facts, and that key when it is new; neither when there are several."""
    if len(append.new_keys) + len(append.subjects) != 1:
        return None, None
    for subject, wrapped in append.new_keys.items():
        return subject.encode(), wrapped
    return next(iter(append.subjects)).encode(), None


def _rows(append: Append) -> tuple[bytes | None, bytes | None]:
    if not append.rows:
        return None, None
    if sum(map(len, append.rows.values())) >= MANY_FROM:
        return _many_rows(append)
    head = _quoted(append.office) + ","
    places: list[bytes | None] = []
    texts: list[bytes | None] = []
    for name, versions in append.rows.items():
        register = name.encode()
        for v in versions:
            places += (int4(v.i), int4(-1 if v.till is None else v.till), int4(v.fresh))
            texts += (register, v.case_id.encode(), v.line.encode())
            texts.append(None if v.values is None else _literal(head, v).encode())
    return array(INT4, places), array(TEXT, texts)


def _many_rows(append: Append) -> tuple[bytes, bytes]:
    """Register by register: how many versions of how many columns, then one column after the other.

    A month's bills say the same in most columns, and a value that all say is written once.
    """
    places, count = [_MANY], 0
    texts: list[bytes] = []
    for name, versions in append.rows.items():
        if not versions:
            continue
        rows = [v.values for v in versions]
        wide = next((len(values) for values in rows if values is not None), 0)
        nothing = (None,) * wide
        columns = [
            [v.case_id for v in versions],
            [v.line for v in versions],
            *zip(*[nothing if values is None else values for values in rows], strict=True),
        ]
        places += (len(versions), len(columns))
        places += [v.i for v in versions]
        places += [-1 if v.till is None else v.till for v in versions]
        places += [_FRESH * v.fresh + _GONE * (v.values is None) for v in versions]
        texts.append(element(name.encode()))
        texts += map(_column, columns)
        count += 1 + len(columns) * len(versions)
    return array(INT4, list(map(int4, places))), array_of(TEXT, count, b"".join(texts))


def _column(values: Sequence[Any]) -> bytes:
    """One column of so many rows, as elements of an array of texts."""
    first, of = values[0], _AS_TEXT
    if values.count(first) == len(values):
        return element(None if first is None else of[first.__class__](first).encode()) * len(values)
    if set(map(type, values)) == {str}:
        texts = list(map(str.encode, values))
    elif None in values:
        return elements([None if each is None else of[each.__class__](each).encode() for each in values])
    else:
        texts = [of[each.__class__](each).encode() for each in values]
    if len(set(map(len, texts))) == 1:  # ids, dates
        length = int4(len(texts[0]))
        return length + length.join(texts)
    return elements(texts)


def _literal(head: str, version: RowVersion) -> str:
    """A row as PostgreSQL writes a composite value; the book fills in the pages and times."""
    assert version.values is not None
    of = _QUOTED
    values = ",".join(["" if value is None else of[value.__class__](value) for value in version.values])
    return f"({head}{_quoted(version.case_id)},{_quoted(version.line)},,,,,{values})"


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


class _AsText(dict[type, Callable[[Any], str]]):
    """How a value of a type is written; a type that is met first is written as the one that it derives from."""

    def __init__(self, text: Callable[[str], str]) -> None:
        super().__init__({str: text, bool: str, int: str, date: date.isoformat, datetime: datetime.isoformat})

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        like = str if issubclass(kind, str) else date if issubclass(kind, date) else int
        self[kind] = found = self[like]
        return found


_AS_TEXT: Final = _AsText(str.__str__)
_QUOTED: Final = _AsText(_quoted)


def _more(append: Append, *, keys: bool) -> bytes | None:
    more: dict[str, Any] = {}
    if append.settings_changed:
        more["settings_changed"] = append.settings_changed
    if append.guards:
        more["guards"] = append.guards
    if append.dropped:
        more["dropped"] = list(append.dropped)
    if append.claims:
        more["claims"] = append.claims
    if append.subjects and keys:
        more["subjects"] = list(append.subjects)
    if append.new_keys and keys:
        more["keys"] = {subject: wrapped.hex() for subject, wrapped in append.new_keys.items()}
    if append.names:
        more["names"] = [[kind, compared, shown] for (kind, compared), shown in append.names.items()]
    if append.found_by:
        more["found_by"] = [[*at, *entry] for at, entry in append.found_by.items()]
    return _JSONB + msgspec.json.encode(more) if more else None
