"""Documents 资料 beside the database (§9): sealed with the household's key, named by what they hold.

A file's name is the SHA-256 of its plain bytes; what lies on disk opens only with the key of its household, in its
office, under its name. Destroying the key erases the documents with everything else.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from journal.confidential import Tampered
from journal.durable import sync_folder, write_new

__all__ = ["Files", "digest_of"]

_NONCE: Final = 12


def digest_of(data: bytes) -> str:
    """The name of a document: SHA-256 of its bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


class Files:
    """The documents of all offices under one folder."""

    def __init__(self, home: Path) -> None:
        """``home`` is WUYE_HOME; the documents lie in its folder ``files``."""
        self._folder = home / "files"

    def put(self, office: str, subject: str, key: bytes, data: bytes) -> str:
        """Store a document durably and return its name. One that lies there already stays."""
        digest = digest_of(data)
        place = self._place(office, subject, digest)
        if not place.exists():
            self._make(place.parent)
            nonce = os.urandom(_NONCE)
            sealed = nonce + AESGCM(key).encrypt(nonce, data, _bound(office, subject, digest))
            draft = place.with_name(f"{place.name}.{os.getpid()}.{os.urandom(4).hex()}")
            write_new(draft, sealed)
            draft.replace(place)
            sync_folder(place.parent)
        return digest

    def get(self, office: str, subject: str, key: bytes, digest: str) -> bytes | None:
        """A document's bytes, or None when it does not lie here. Raises :class:`Tampered` when it was altered."""
        try:
            sealed = self._place(office, subject, digest).read_bytes()
        except FileNotFoundError:
            return None
        try:
            data = AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(office, subject, digest))
        except (InvalidTag, ValueError) as wrong:
            msg = f"{digest}: 文件被改动 / the document was altered"
            raise Tampered(msg) from wrong
        return data

    def _make(self, folder: Path) -> None:
        """The folder and those above it, each of them on disk before anything is put into it."""
        for each in (self._folder, folder.parent, folder):
            if not each.exists():
                each.mkdir(exist_ok=True, mode=0o700)
                sync_folder(each.parent)

    def _place(self, office: str, subject: str, digest: str) -> Path:
        """Neither office nor household stand in a path: what is on disk tells nothing."""
        whose = hashlib.sha256(f"{office}/{subject}".encode()).hexdigest()[:32]
        return self._folder / whose[:2] / whose / f"{digest}.sealed"


def _bound(office: str, subject: str, digest: str) -> bytes:
    return f"{office}|{subject}|{digest}".encode()
