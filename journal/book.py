"""The office's book 台账: the only door to the stored facts.

One append is one call of ``wuye.record``: numbers, times, hashes, facts, claims, registers and the idempotency key
commit together or not at all. Whatever the database refuses comes back as one of the exceptions below.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
import psycopg
from psycopg import errors as sql

from domain.errors import AlreadyHeld
from domain.fact import Fact
from journal.codec import Row, decode, encode_event, encode_metadata

__all__ = [
    "Append",
    "Book",
    "Conflict",
    "KeyDestroyed",
    "Recorded",
    "RepeatedKey",
    "RowVersion",
    "StaleSettings",
    "Stored",
    "UnknownOffice",
]

_COLUMNS: Final = "office, number, case_id, version, event_id, name, schema, metadata, state, occurred_at, recorded_at"
_RECORD: Final = (
    "select * from wuye.record(%s, %s, %s::integer, %s, %s, %s::smallint, %b, %b, %s, %s::timestamptz, %s::integer,"
    " %s::text, %b::bytea, %b::bytea, %s::jsonb, %s::jsonb)"
)
_RECORD_MANY: Final = (
    "select * from wuye.record(%s, null, null, null, null, null, null, null, null, %s::timestamptz, %s::integer,"
    " %s::text, %b::bytea, %b::bytea, %s::jsonb, %s::jsonb, %s::text[], %s::integer[], %s::uuid[], %s::text[],"
    " %s::smallint[], %s::bytea[], %s::bytea[], %s::timestamptz[])"
)


class Stored(NamedTuple):
    """One fact as bytes, before it has a page number."""

    case_id: str
    version: int
    event_id: UUID
    name: str
    schema: int
    metadata: bytes
    state: bytes
    occurred_at: datetime


class Conflict(Exception):
    """Another command has changed a case between its reading and this append 并发冲突. Decide again."""


class StaleSettings(Conflict):
    """The office's settings have changed since they were read."""


class RepeatedKey(Exception):
    """This idempotency key has been answered before 重复的幂等键."""


class KeyDestroyed(Exception):
    """The household's key is gone: nothing more can be sealed for it 住户密钥已销毁."""


class UnknownOffice(Exception):
    """There is no such office 没有这个管理处."""


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


@dataclass(slots=True)
class Append:
    """Everything that one append writes. ``facts`` carry sealed events; their numbers are given by the book.

    ``rows`` maps a register to its row versions.
    """

    office: str
    facts: list[Fact] = field(default_factory=list)
    now: datetime | None = None
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
    destroyed: set[str] = field(default_factory=set)
    """Subjects whose keys are destroyed with this append: an erasure."""
    rows: dict[str, list[RowVersion]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where an append came to stand: its first page number and the time the book took it."""

    first_number: int
    recorded_at: datetime


class Book:
    """The books of all offices behind one connection. Not shared between threads: take one per connection."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Use an open connection (autocommit; role ``wuye_app``)."""
        self.connection = connection

    # -- writing ----------------------------------------------------------------------------------------------------

    def open(self, office: str, *, simulated: bool = False) -> None:
        """Begin the book of an office; doing it again changes nothing."""
        self.connection.execute("select wuye.open_book(%s, %s)", [office, simulated])

    def record(self, append: Append) -> Recorded:
        """Write one append.

        Raises :class:`Conflict`, :class:`StaleSettings`, :class:`RepeatedKey`, :class:`KeyDestroyed`,
        :class:`UnknownOffice` or :class:`~domain.errors.AlreadyHeld`; then nothing was written.
        """
        return self.record_stored(append, [_stored(fact) for fact in append.facts])

    def record_stored(self, append: Append, stored: Sequence[Stored]) -> Recorded:
        """As :meth:`record`, with facts that are bytes already; ``append.facts`` is not looked at."""
        try:
            if len(stored) == 1:
                row = self.connection.execute(_RECORD, _one(append, stored[0])).fetchone()
            else:
                row = self.connection.execute(_RECORD_MANY, _many(append, stored)).fetchone()
        except sql.UniqueViolation as violation:
            raise _meaning(violation, append) from violation
        except psycopg.DatabaseError as error:
            if meaning := _STATES.get(error.sqlstate or ""):
                raise meaning(str(error)) from error
            raise
        assert row is not None
        return Recorded(row[0], row[1])

    # -- reading ----------------------------------------------------------------------------------------------------

    def load(self, office: str, case_ids: Sequence[str]) -> dict[str, list[Fact]]:
        """The facts of these cases of this office, in order; a case of another office has none here."""
        found: dict[str, list[Fact]] = {case_id: [] for case_id in case_ids}
        rows = self.connection.execute(
            f"select {_COLUMNS} from wuye.facts where case_id = any(%s) and office = %s order by case_id, version",
            [list(case_ids), office],
        )
        for row in rows:
            found[row[2]].append(decode(row))
        return found

    def of(self, office: str, case_id: str, *, until: int | None = None) -> list[Fact]:
        """The facts of one case, up to and with page ``until``."""
        return [
            decode(row)
            for row in self.connection.execute(
                f"select {_COLUMNS} from wuye.facts where case_id = %s and office = %s"
                " and number <= coalesce(%s, number) order by version",
                [case_id, office, until],
            )
        ]

    def since(self, office: str, number: int, limit: int = 1000, until: int | None = None) -> list[Fact]:
        """The facts after page ``number``, in order and without gaps, at most ``limit``."""
        return [decode(row) for row in self.rows_since(office, number, limit, until)]

    def rows_since(self, office: str, number: int, limit: int = 1000, until: int | None = None) -> list[Row]:
        """As :meth:`since`, undecoded."""
        return self.connection.execute(
            f"select {_COLUMNS} from wuye.facts where office = %s and number > %s"
            " and number <= coalesce(%s, number) order by number limit %s",
            [office, number, until, limit],
        ).fetchall()

    def stream(self, office: str, after: int = 0, until: int | None = None, batch: int = 5000) -> Iterator[Fact]:
        """All facts of a book after a page, read in batches."""
        while facts := self.since(office, after, batch, until):
            yield from facts
            after = facts[-1].number

    def head(self, office: str) -> tuple[int, datetime, int, bool] | None:
        """The last page, when it was taken, the settings' count, and whether the office is simulated."""
        return self.connection.execute(
            "select number, recorded_at, settings, simulated from wuye.offices where office = %s", [office]
        ).fetchone()

    def number_at(self, office: str, instant: datetime) -> int:
        """The last page that stood in the book at an instant."""
        row = self.connection.execute("select wuye.number_at(%s, %s)", [office, instant]).fetchone()
        return int(row[0]) if row else 0

    def offices(self) -> list[str]:
        """The codes of all offices that have a book."""
        return [row[0] for row in self.connection.execute("select office from wuye.offices order by office")]

    def answer(self, office: str, key: str) -> tuple[bytes, bytes, int] | None:
        """What was answered to an idempotency key: fingerprint of the request, answer, last page number."""
        return self.connection.execute(
            "select fingerprint, answer, number from wuye.answers where office = %s and key = %s", [office, key]
        ).fetchone()

    def holder(self, office: str, claim: str) -> str | None:
        """The case that holds a claim."""
        row = self.connection.execute(
            "select case_id from wuye.claims where office = %s and claim = %s", [office, claim]
        ).fetchone()
        return row[0] if row else None

    # -- keys of the households -------------------------------------------------------------------------------------

    def wrapped_keys(self, office: str, subjects: Iterable[str]) -> Mapping[str, bytes | None]:
        """The wrapped keys of these subjects; None for a destroyed one, absent for one never made."""
        rows = self.connection.execute(
            "select subject, wrapped from wuye.keys where office = %s and subject = any(%s)", [office, list(subjects)]
        )
        return dict(rows.fetchall())

    def make_key(self, office: str, subject: str, wrapped: bytes) -> bytes | None:
        """Store a new wrapped key unless there is one; returns the one that counts (None: destroyed)."""
        row = self.connection.execute("select wuye.make_key(%s, %s, %s)", [office, subject, wrapped]).fetchone()
        return row[0] if row else None

    def destroy_key(self, office: str, subject: str) -> None:
        """Destroy a household's key for good."""
        self.connection.execute("select wuye.destroy_key(%s, %s)", [office, subject])


_STATES: Final[dict[str, type[Exception]]] = {
    "WY003": UnknownOffice,
    "WY004": StaleSettings,
    "WY005": Conflict,
    "WY006": KeyDestroyed,
    "40P01": Conflict,  # deadlock detected
    "40001": Conflict,
}


def _stored(fact: Fact) -> Stored:
    return Stored(
        fact.case_id,
        fact.version,
        fact.event_id,
        fact.name,
        fact.event.SCHEMA,
        encode_metadata(fact),
        encode_event(fact.event),
        fact.occurred_at,
    )


def _one(append: Append, fact: Stored) -> Sequence[Any]:
    return (
        append.office,
        *fact,
        append.now,
        append.settings,
        append.key,
        append.fingerprint,
        append.answer,
        _rows(append),
        _more(append),
    )


def _many(append: Append, stored: Sequence[Stored]) -> Sequence[Any]:
    return (
        append.office,
        append.now,
        append.settings,
        append.key,
        append.fingerprint,
        append.answer,
        _rows(append),
        _more(append),
        # Literals joined here: the driver looks at each element of a list one by one, which took longer than all else.
        _words([fact.case_id for fact in stored]),
        _plain(fact.version for fact in stored),
        _plain(fact.event_id.hex for fact in stored),
        _words([fact.name for fact in stored]),
        _plain(fact.schema for fact in stored),
        _plain(f'"\\\\x{fact.metadata.hex()}"' for fact in stored),
        _plain(f'"\\\\x{fact.state.hex()}"' for fact in stored),
        _plain(f'"{fact.occurred_at.isoformat()}"' for fact in stored),
    )


def _plain(values: Iterable[Any]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _words(values: Sequence[str]) -> str:
    if not values:
        return "{}"
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join(value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return '{"' + joined + '"}'


def _rows(append: Append) -> str | None:
    if not append.rows:
        return None
    versions = [
        (name, v.i, v.till, v.fresh, v.case_id, v.line, None if v.values is None else _literal(append.office, v))
        for name, versions in append.rows.items()
        for v in versions
    ]
    return msgspec.json.encode(versions).decode()


def _literal(office: str, version: RowVersion) -> str:
    """A row as PostgreSQL writes a composite value; the book fills in the pages and times."""
    assert version.values is not None
    shown = [_quoted(office), _quoted(version.case_id), _quoted(version.line), "", "", "", ""]
    for value in version.values:
        if value is None:
            shown.append("")
        elif isinstance(value, str):
            shown.append(_quoted(value))
        elif isinstance(value, date):
            shown.append(value.isoformat())
        else:
            shown.append(str(value))
    return f"({','.join(shown)})"


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _more(append: Append) -> str | None:
    more: dict[str, Any] = {}
    if append.settings_changed:
        more["settings_changed"] = append.settings_changed
    if append.guards:
        more["guards"] = append.guards
    if append.dropped:
        more["dropped"] = list(append.dropped)
    if append.claims:
        more["claims"] = append.claims
    if append.subjects:
        more["subjects"] = list(append.subjects)
    if append.new_keys:
        more["keys"] = {subject: wrapped.hex() for subject, wrapped in append.new_keys.items()}
    if append.destroyed:
        more["destroyed"] = list(append.destroyed)
    return msgspec.json.encode(more).decode() if more else None


def _meaning(violation: sql.UniqueViolation, append: Append) -> Exception:
    match violation.diag.constraint_name:
        case "answers_pkey":
            return RepeatedKey(append.key)
        case "claims_pkey":
            return AlreadyHeld(
                "already-held",
                None,
                zh=f"已被另一件占用：{'、'.join(append.claims)}",
                en=f"another case holds this already: {', '.join(append.claims)}",
            )
        case _:
            return Conflict(str(violation))
