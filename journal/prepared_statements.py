"""Prepared statements: the few that every command sends, prepared once per connection, with binary parameters.

The driver's own conversion of Python values to parameters and back took as long as the server took for the append. Here
a statement's parameters are written in the server's binary form by the code that knows their types, and sent with one
call of libpq through :mod:`psycopg.pq`, which releases the interpreter's lock while it waits; a greenlet task waits on
the event loop. Errors are the driver's own.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, Final, NewType, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import OperationalError, error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

from journal.greenlet_task import current_task

__all__ = [
    "BYTEA",
    "INT2",
    "INT4",
    "TEXT",
    "TIMESTAMPTZ",
    "UUIDS",
    "Statement",
    "array",
    "array_of",
    "element",
    "instant",
    "int2",
    "int4",
    "int8",
    "read_instant",
    "read_int",
]

Oid = NewType("Oid", int)
BYTEA, INT2, INT4, TEXT, TIMESTAMPTZ, UUIDS = map(Oid, (17, 21, 23, 25, 1184, 2950))
"""What arrays may be made of: built-in types; their numbers are fixed in PostgreSQL."""

R = TypeVar("R")

_BINARY: Final = 1
_NO_SUCH_STATEMENT: Final = b"26000"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_DAY: Final = 86_400_000_000
_NULL: Final = b"\xff\xff\xff\xff"

_prepared: WeakKeyDictionary[psycopg.Connection[Any], set[bytes]] = WeakKeyDictionary()


class Statement:
    """One statement with typed, numbered parameters (``$1::text``); values and answers travel in binary form."""

    def __init__(self, name: str, sql: str, parameters: int) -> None:
        """``name`` is unique; it is what the server calls the prepared statement."""
        self._name = name.encode()
        self._sql = sql.encode()
        self._formats = [_BINARY] * parameters

    def run(self, connection: psycopg.Connection[Any], values: Sequence[Any]) -> PGresult:
        """Execute on an open connection with values as bytes, None for null; raises what psycopg would.

        Outside of a transaction the statement is prepared at its first use on the connection; within one, where it is
        one of a few for a thousand facts, it is sent whole.
        """
        pgconn = connection.pgconn
        if not connection.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
            _checked(connection, pgconn.exec_(b"begin"))
        if pgconn.transaction_status != TransactionStatus.IDLE:
            return _checked(connection, pgconn.exec_params(self._sql, values, None, self._formats, _BINARY))
        ready = _prepared.get(connection)
        if ready is None or self._name not in ready:
            self._prepare(connection)
        result = self._send(pgconn, values)
        if result.status == ExecStatus.TUPLES_OK:
            return result
        if result.error_field(DiagnosticField.SQLSTATE) == _NO_SUCH_STATEMENT:
            # The driver discards all statements of a connection on which it has seen DDL or a rollback; others may have
            # been prepared since, so only this one is known to be gone. Nothing was done yet.
            _prepared[connection].discard(self._name)
            return self.run(connection, values)
        return _checked(connection, result)

    def rows(
        self, connection: psycopg.Connection[Any], values: Sequence[Any], make: Callable[[Sequence[Any]], R]
    ) -> list[R]:
        """As :meth:`run`; each row is made of its values, which the driver reads all at once."""
        result = self.run(connection, values)
        transformer = Transformer(connection)
        transformer.set_pgresult(result, set_loaders=True, format=Format.BINARY)
        return transformer.load_rows(0, result.ntuples, make)

    def _send(self, pgconn: PGconn, values: Sequence[Any]) -> PGresult:
        task = current_task()
        if task is None:
            return pgconn.exec_prepared(self._name, values, self._formats, _BINARY)
        pgconn.send_query_prepared(self._name, values, self._formats, _BINARY)
        while pgconn.flush():
            # A server that cannot take more until its answer is read would otherwise wait for us, and we for it.
            if task.wait(Wait.RW) & Ready.R:
                pgconn.consume_input()
        while True:
            task.wait(Wait.R)
            pgconn.consume_input()
            if not pgconn.is_busy():
                break
        result = pgconn.get_result()
        if result is None:  # what was sent is answered, unless the server has gone away
            raise OperationalError("the connection is lost")
        while pgconn.get_result() is not None:
            pass
        return result

    def _prepare(self, connection: psycopg.Connection[Any]) -> None:
        if connection.info.encoding != "utf-8":
            connection.execute("set client_encoding to 'UTF8'")
        _checked(connection, connection.pgconn.prepare(self._name, self._sql))
        _prepared.setdefault(connection, set()).add(self._name)


def _checked(connection: psycopg.Connection[Any], result: PGresult) -> PGresult:
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return result
    if connection.pgconn.status == ConnStatus.BAD:
        raise OperationalError(result.error_message.decode(errors="replace") or "the connection is lost")
    raise error_from_result(result, connection.info.encoding)


# -- values in the server's binary form -------------------------------------------------------------------------------

int2: Final[Callable[[int], bytes]] = struct.Struct(">h").pack
int4: Final[Callable[[int], bytes]] = struct.Struct(">i").pack
int8: Final[Callable[[int], bytes]] = struct.Struct(">q").pack


_SHORT: Final = 256
_LENGTHS: Final = tuple(map(int4, range(_SHORT)))
"""The lengths of most texts in binary form: a month's rows have some sixty for a household."""


def instant(value: datetime) -> bytes:
    """An aware instant: microseconds since the beginning of 2000, UTC."""
    since = value - _EPOCH
    return int8(since.days * _DAY + since.seconds * 1_000_000 + since.microseconds)


def array(of: Oid, values: Sequence[bytes | None]) -> bytes:
    """A one-dimensional array of values that are in binary form already."""
    return array_of(of, len(values), elements(values))


def array_of(of: Oid, count: int, elements: bytes) -> bytes:
    """A one-dimensional array of so many elements, one after the other."""
    if not count:
        return int4(0) + int4(0) + int4(of)
    return int4(1) + int4(1) + int4(of) + int4(count) + int4(1) + elements


def elements(values: Sequence[bytes | None]) -> bytes:
    """Values in binary form as elements of an array, one after the other."""
    if None in values or max(map(len, values), default=0) >= _SHORT:  # type: ignore[arg-type]
        return b"".join(map(element, values))
    lengths = map(_LENGTHS.__getitem__, map(len, values))  # type: ignore[arg-type]
    return b"".join(chain.from_iterable(zip(lengths, values, strict=True)))  # type: ignore[arg-type]


def element(value: bytes | None) -> bytes:
    """A value in binary form as an element of an array."""
    return _NULL if value is None else int4(len(value)) + value


def read_int(value: bytes) -> int:
    """A whole number of any width."""
    return int.from_bytes(value, "big", signed=True)


def read_instant(value: bytes) -> datetime:
    """An instant, in UTC."""
    return _EPOCH + timedelta(microseconds=int.from_bytes(value, "big", signed=True))
