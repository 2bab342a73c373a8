"""The households' wrapped keys in the database: made and destroyed by functions, so that none is replaced or revived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

__all__ = ["KeyStore"]


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
        """Store a new wrapped key unless there is one; returns the one that counts (None: destroyed)."""
        row = self._connection.execute("select wuye.make_key(%s, %s, %s)", [self.office, subject, wrapped]).fetchone()
        return row[0] if row else None

    def destroy(self, subject: str) -> None:
        """Destroy a household's key for good."""
        self._connection.execute("select wuye.destroy_key(%s, %s)", [self.office, subject])
