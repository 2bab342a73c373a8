"""The list of erasures 销毁清单: which keys were destroyed, outside the database, so that no restored copy brings one back.

It names keys by their random ids and nobody by name. Each line is signed with a secret of the master key over the line before, so
that none is altered, moved or taken out of the middle; whoever cuts its end off must be found by its copies. It does not
belong into a backup: what was destroyed after the backup is just what the backup cannot know.
"""

from __future__ import annotations

import fcntl
import hmac
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg

from journal.confidential import MasterKey

__all__ = ["ErasureList", "ErasureListAltered", "apply_erasures"]

_DESTROYED: Final = (
    "select id, destroyed_at from wuye.keys where wrapped is null and id <> all(%s) order by destroyed_at, id"
)


class ErasureListAltered(Exception):
    """The list of erasures is not what was written 销毁清单被改动."""


class ErasureList:
    """The list in a file, ``erased.keys`` of WUYE_HOME."""

    def __init__(self, file: Path, master: MasterKey) -> None:
        """``master`` signs it."""
        self.file = file
        self._secret = bytes.fromhex(master.secret("erasures"))

    @classmethod
    def of_home(cls, home: Path, master: MasterKey) -> ErasureList:
        """The list of an installation."""
        return cls(home / "erased.keys", master)

    def read(self) -> Mapping[UUID, datetime]:
        """Key id → when it was destroyed. Raises :class:`ErasureListAltered`, and OSError when there is no list."""
        return self._read(self.file.read_text("ascii"))[0]

    def bring_up(self, connection: psycopg.Connection[Any]) -> int:
        """Add what the database says was destroyed and the list does not; returns how many that were."""
        handle = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            text = file.read()
            known, last = self._read(text)
            file.truncate(text.rfind("\n") + 1)  # a line whose writing was cut off is written again
            rows = connection.execute(_DESTROYED, [list(known)]).fetchall()
            for key_id, at in rows:
                last = self._signed(last, f"{key_id} {at.isoformat()}")
                file.write(f"{key_id} {at.isoformat()} {last}\n")
            file.flush()
            os.fsync(file.fileno())
        return len(rows)

    def _read(self, text: str) -> tuple[dict[UUID, datetime], str]:
        found: dict[UUID, datetime] = {}
        last = ""
        for number, line in enumerate(text[: text.rfind("\n") + 1].splitlines(), 1):
            said, _, signature = line.rpartition(" ")
            last = self._signed(last, said)
            if not hmac.compare_digest(signature, last):
                msg = (
                    f"{self.file}：第{number}行与签名不符，请用未改动的副本 / line {number} is not what was signed: bring an"
                    " unaltered copy"
                )
                raise ErasureListAltered(msg)
            key_id, _, at = said.partition(" ")
            found[UUID(key_id)] = datetime.fromisoformat(at)
        return found, last

    def _signed(self, before: str, said: str) -> str:
        return hmac.digest(self._secret, f"{before}|{said}".encode(), "sha256").hex()


def apply_erasures(owner: psycopg.Connection[Any], destroyed: Mapping[UUID, datetime]) -> list[str]:
    """Destroy in a restored database the keys that were destroyed since it was saved; returns which."""
    rows = owner.execute(
        "update wuye.keys k set wrapped = null, destroyed_at = n.at from unnest(%s::uuid[], %s::timestamptz[]) n(id, at)"
        " where k.id = n.id and k.wrapped is not null returning k.office, k.subject, k.id",
        [list(destroyed), list(destroyed.values())],
    ).fetchall()
    for office, subject, _ in rows:  # by what it sealed nothing is found any more either
        owner.execute("delete from wuye.found_by where office = %s and subject = %s", [office, subject])
    return [str(key_id) for _, _, key_id in rows]
