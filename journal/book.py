"""The office's book 台账: the only door to the stored facts.

One append is one call of ``wuye.record``: numbers, times, hashes, facts, claims, registers and the idempotency key
commit together or not at all. Whatever the database refuses comes back as one of the exceptions below.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import errors as sql

from domain.kernel.errors import AlreadyHeld
from domain.kernel.fact import Fact
from journal.append import Append, Recorded, Stored, stored_fact, write
from journal.codec import Row, decode
from journal.wire import Statement, read_instant, read_int

__all__ = [
    "Book",
    "Conflict",
    "KeyDestroyed",
    "RepeatedKey",
    "StaleSettings",
    "UnknownOffice",
]

_COLUMNS: Final = "office, number, case_id, version, event_id, name, schema, metadata, state, occurred_at, recorded_at"
_LOAD: Final = Statement(
    "wuye.load",
    "select number, version, event_id, name, schema, metadata, state, occurred_at, recorded_at"
    " from wuye.facts where case_id = $1::text and office = $2::text order by version",
    2,
)


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
        :class:`UnknownOffice` or :class:`~domain.kernel.errors.AlreadyHeld`; then nothing was written.
        """
        return self.record_stored(append, [stored_fact(fact) for fact in append.facts])

    def record_stored(self, append: Append, stored: Sequence[Stored]) -> Recorded:
        """As :meth:`record`, with facts that are bytes already; ``append.facts`` is not looked at."""
        try:
            return write(self.connection, append, stored)
        except sql.UniqueViolation as violation:
            meaning = _meaning(violation, append)
            if meaning is None:
                raise
            raise meaning from violation
        except psycopg.DatabaseError as error:
            if kind := _STATES.get(error.sqlstate or ""):
                raise kind(str(error)) from error
            raise

    # -- reading ----------------------------------------------------------------------------------------------------

    def load(self, office: str, case_ids: Sequence[str]) -> dict[str, list[Fact]]:
        """The facts of these cases of this office, in order; a case of another office has none here."""
        named = office.encode()
        return {case_id: self._load(office, case_id, named) for case_id in case_ids}

    def _load(self, office: str, case_id: str, named: bytes) -> list[Fact]:
        result = _LOAD.run(self.connection, [case_id.encode(), named])
        value, facts = result.get_value, []
        for n in range(result.ntuples):
            number, version, event_id, name, schema, metadata, state, occurred, recorded = (
                value(n, column) or b"" for column in range(9)
            )
            facts.append(
                decode(
                    (
                        office, read_int(number), case_id, read_int(version), UUID(bytes=event_id), name.decode(),
                        read_int(schema), metadata, state, read_instant(occurred), read_instant(recorded),
                    )
                )
            )  # fmt: skip
        return facts

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

    def rows_since(
        self,
        office: str,
        number: int,
        limit: int = 1000,
        until: int | None = None,
        *,
        share: tuple[int, int] = (0, 1),
        late: bool = False,
    ) -> list[Row]:
        """As :meth:`since`, undecoded. A ``share`` (n, of) has every so-many-th of the cases by a hash of their ids.

        ``late``: only late entries, whose metadata say so; inside a text of theirs the quotation marks are escaped.
        """
        which, of = share
        return self.connection.execute(
            f"select {_COLUMNS} from wuye.facts where office = %s and number > %s"
            " and number <= coalesce(%s, number)"
            + (" and abs(hashtextextended(case_id, 0) %% %s) = %s" if of > 1 else "")
            + (""" and position('"late":'::bytea in metadata) > 0""" if late else "")
            + " order by number limit %s",
            [office, number, until, *([of, which] if of > 1 else []), limit],
            binary=True,
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


def _meaning(violation: sql.UniqueViolation, append: Append) -> Exception | None:
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
        case "facts_case_version" | "keys_pkey":
            return Conflict(str(violation))
        case _:
            return None  # nothing that deciding again could mend
