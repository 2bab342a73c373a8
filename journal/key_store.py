"""The households' wrapped keys in the database: made by functions, so that none is replaced or revived, and destroyed by a fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import psycopg

from journal.confidential import MasterKey, Tampered, UnusableKey

__all__ = ["KeyStore", "check_master", "register_master"]

_SAMPLE: Final = 100
_REGISTERED: Final = "select id from wuye.master_keys where ended_at is null"


class KeyStore:
    """The wrapped keys of one office's households, and of its cases of nobody's household."""

    def __init__(self, connection: psycopg.Connection[Any], office: str) -> None:
        """Use an open connection (autocommit; role ``wuye_app``)."""
        self._connection = connection
        self.office = office

    def wrapped(self, subjects: Iterable[str]) -> Mapping[str, bytes | None]:
        """The wrapped keys of these subjects; None for a destroyed one, absent for one never made."""
        rows = self._connection.execute(
            "select subject, wrapped from wuye.keys where office = %s and subject = any(%s)",
            [self.office, list(subjects)],
        )
        return dict(rows.fetchall())

    def make(self, subject: str, wrapped: bytes) -> bytes | None:
        """Store a new wrapped key of a household in the book, unless it has one; the one that counts (None: destroyed)."""
        row = self._connection.execute("select wuye.make_key(%s, %s, %s)", [self.office, subject, wrapped]).fetchone()
        return row[0] if row else None


def check_master(connection: psycopg.Connection[Any], master: MasterKey) -> bool:
    """Whether this database is known to be this master key's.

    Raises :class:`UnusableKey` when it is another's: what a second key sealed, the first could never open, so that two
    homes with one database would part its data. A broken key among many is no sign of that.
    """
    registered = connection.execute(_REGISTERED).fetchone()
    if registered is not None:
        if bytes(registered[0]) != master.id:
            raise _foreign()
        return True
    sample = connection.execute(
        "select office || '/' || subject, wrapped from wuye.keys where wrapped is not null limit %s", [_SAMPLE]
    ).fetchall()
    if sample and not any(_opens(master, *each) for each in sample):
        raise _foreign()
    return False


def register_master(owner: psycopg.Connection[Any], master: MasterKey) -> None:
    """Write down whose database it is; of two that come at once the second is refused (:class:`UnusableKey`)."""
    owner.execute("insert into wuye.master_keys (id) values (%s) on conflict do nothing", [master.id])
    check_master(owner, master)


def _opens(master: MasterKey, subject: str, wrapped: bytes) -> bool:
    try:
        master.unwrap(subject, wrapped)
    except Tampered:
        return False
    return True


def _foreign() -> UnusableKey:
    return UnusableKey(
        "主密钥与数据库不符：请用原来的 master.key 或 WUYE_MASTER_KEY / this database was sealed with another master key:"
        " bring its master.key or set WUYE_MASTER_KEY"
    )
