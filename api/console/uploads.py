"""Uploads 上传件 that wait to be taken: sealed on disk, each known by a secret to the one who sent it, gone after a day."""

from __future__ import annotations

import hashlib
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from journal.confidential import MasterKey, Tampered
from journal.durable import write_new

__all__ = ["Uploads"]

_LASTS: Final = 24 * 3600
"""Seconds for which one waits."""
_T = TypeVar("_T", bound=msgspec.Struct)


class Uploads:
    """Those of all offices, in one folder of the home."""

    def __init__(self, home: Path, master: MasterKey) -> None:
        """What lies there opens with the home's master key, for its office, its person and its secret together."""
        self._folder, self._master = home / "uploads", master

    def put(self, office: str, person: str, what: msgspec.Struct) -> str:
        """Keep it for a day; the secret by which it is asked for."""
        self._sweep()
        token = secrets.token_urlsafe(24)
        self.replace(office, person, token, what)
        return token

    def replace(self, office: str, person: str, token: str, what: msgspec.Struct) -> None:
        """Keep something else under the same secret."""
        self._folder.mkdir(exist_ok=True, mode=0o700)
        place = self._place(token)
        draft = place.with_name(f"{place.name}.{secrets.token_hex(4)}")
        write_new(draft, self._master.wrap(_bound(office, person, token), msgspec.msgpack.encode(what)))
        draft.replace(place)

    def get(self, office: str, person: str, token: str, kind: type[_T]) -> _T | None:
        """What was kept; None for what is not there (any more), or somebody else's."""
        place = self._place(token)
        try:
            if time.time() - place.stat().st_mtime > _LASTS:
                return None
            return msgspec.msgpack.decode(
                self._master.unwrap(_bound(office, person, token), place.read_bytes()), type=kind
            )
        except (FileNotFoundError, Tampered, msgspec.ValidationError):
            return None

    def _place(self, token: str) -> Path:
        return self._folder / f"{hashlib.sha256(token.encode()).hexdigest()}.sealed"

    def _sweep(self) -> None:
        """What has waited long enough goes."""
        for each in self._folder.glob("*.sealed*") if self._folder.is_dir() else ():
            with suppress(FileNotFoundError):
                if time.time() - each.stat().st_mtime > _LASTS:
                    each.unlink()


def _bound(office: str, person: str, token: str) -> str:
    return f"upload/{office}/{person}/{token}"
