"""Personal fields sealed per household 个人信息加密 (§9.2; PIPL 47).

AES-256-GCM. Each household has a key of its own, wrapped by a master key that lives outside the database; the
associated data binds a ciphertext to its case, version and field, so that it opens nowhere else. Destroying the key
makes what it sealed unreadable for good and leaves every count, replay and hash as it was.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.kernel.fact import Event
from domain.kernel.people import OUTSIDER, SEALED
from domain.kernel.record import restated
from journal.durable import sync_folder, write_new
from journal.randomness import random_bytes

__all__ = [
    "ERASED",
    "TOKEN",
    "UNREADABLE",
    "MasterKey",
    "Tampered",
    "UnusableKey",
    "is_token",
    "open_cell",
    "open_token",
    "seal",
    "seal_outsiders",
    "subject_of",
]

TOKEN: Final = SEALED
"""How a sealed value begins; it goes on ``subject:version:field:base64``."""
ERASED: Final = "〔已销毁 erased〕"
UNREADABLE: Final = "〔无法解密 unreadable〕"
"""What is shown of a value that does not open: its key is missing or broken, or it was moved or altered."""
_NONCE = 12
_PERSON: Final = "person"
"""In a field's place: the name of somebody from outside, which may be handed on from case to case as it stands."""
_ID = 8
_REMEMBERED = 1_024
"""How many secrets a key keeps at hand."""


class Tampered(Exception):
    """A sealed value does not open where it stands: it was moved or altered 密文被移动或篡改."""


class UnusableKey(ValueError):
    """What was given as the master key is none 主密钥无法使用."""


class MasterKey:
    """The key that wraps the households' keys: 32 bytes from ``WUYE_MASTER_KEY`` (base64) or a file of mode 0600.

    A key that took another's place stands there with a second word: the root of the secrets, which went on.
    """

    def __init__(self, key: bytes, secrets: bytes | None = None) -> None:
        """Take 32 bytes; ``secrets`` is the root of the secrets when it is an earlier key's."""
        if len(key) != 32 or len(secrets or key) != 32:
            msg = "主密钥须为32字节 / the master key must be 32 bytes"
            raise UnusableKey(msg)
        if not any(key):
            msg = "主密钥不得全为零 / the master key must not be zeros"
            raise UnusableKey(msg)
        self._aead = AESGCM(key)
        # A key of their own: what is revealed tells nothing.
        self._secrets = secrets if secrets is not None else hmac.digest(key, b"wuye secrets 1", "sha256")
        self._made: dict[str, str] = {}
        self.id = hmac.digest(key, b"wuye master key id 1", "sha256")[:_ID]
        """What tells one master key from another, and nothing else of it."""

    @classmethod
    def load(cls, home: Path) -> MasterKey:
        """From the environment, else from ``home/master.key``. Raises :class:`UnusableKey` when there is none.

        None is made here: what another key has sealed would stay closed, and the new key would look like the right one.
        """
        given = os.environ.get("WUYE_MASTER_KEY")
        file = home / "master.key"
        if not given and not file.exists():
            msg = (
                f"没有主密钥：请恢复 {file} 或设置 WUYE_MASTER_KEY / there is no master key: bring back {file} or set"
                " WUYE_MASTER_KEY"
            )
            raise UnusableKey(msg)
        return cls.of_words(given.encode() if given else file.read_bytes())

    @classmethod
    def of_words(cls, text: bytes) -> MasterKey:
        """As it stands in a file. Raises :class:`UnusableKey`."""
        words = text.split()
        if not 1 <= len(words) <= 2:
            msg = "主密钥须为一或两个 base64 词 / the master key is one word of base64, or two"
            raise UnusableKey(msg)
        return cls(*map(_decoded, words))

    def successor_words(self) -> bytes:
        """Another key, as it stands in a file: its secrets are this one's, so that what was committed to is still revealed."""
        return base64.b64encode(os.urandom(32)) + b" " + base64.b64encode(self._secrets)

    @classmethod
    def begin(cls, home: Path) -> MasterKey:
        """As :meth:`load`; ``home/master.key`` is made if need be. Only where nothing has been sealed yet."""
        file = home / "master.key"
        if not os.environ.get("WUYE_MASTER_KEY") and not file.exists():
            # Written beside and then linked, so that of several programs that start at once none reads half a key; and on disk
            # before anything is sealed with it.
            beside = home / f"master.key.{os.urandom(4).hex()}"
            write_new(beside, base64.b64encode(os.urandom(32)) + b"\n")
            with suppress(FileExistsError):
                os.link(beside, file)
            beside.unlink()
            sync_folder(home)
        return cls.load(home)

    def make(self, subject: str) -> tuple[bytes, bytes]:
        """A fresh household key, and the same wrapped; ``subject`` is bound to it."""
        key = random_bytes(32)
        return key, self.wrap(subject, key)

    def wrap(self, subject: str, key: bytes) -> bytes:
        """Wrap a household key."""
        nonce = random_bytes(_NONCE)
        return self.id + nonce + self._aead.encrypt(nonce, key, subject.encode())

    def unwrap(self, subject: str, wrapped: bytes) -> bytes:
        """The household key itself; raises :class:`Tampered` when it was wrapped for another subject or key."""
        nonce, sealed = wrapped[_ID : _ID + _NONCE], wrapped[_ID + _NONCE :]
        try:
            if wrapped[:_ID] == self.id:
                return self._aead.decrypt(nonce, sealed, subject.encode())
        except (InvalidTag, ValueError):
            pass
        msg = f"{subject}: 密钥无法解开 / the household's key does not unwrap"
        raise Tampered(msg)

    def secret(self, purpose: str) -> str:
        """A secret that this key alone can make, the same whenever it is asked for: HMAC-SHA256 of the purpose, in hex."""
        found = self._made.get(purpose)  # every command asks for two of them
        if found is None:
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            found = self._made[purpose] = hmac.digest(self._secrets, purpose.encode(), "sha256").hex()
        return found


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as wrong:
        msg = "主密钥须以 base64 写成 / the master key has to be base64"
        raise UnusableKey(msg) from wrong


def seal(event: Event, subject: str, case_id: str, version: int, key: bytes) -> Event:
    """The event with its personal fields replaced by sealed tokens."""
    aead = AESGCM(key)

    def token(name: str, value: str) -> str:
        nonce = random_bytes(_NONCE)
        text = nonce + aead.encrypt(nonce, value.encode(), _bound(case_id, version, name))
        return f"{TOKEN}{subject}:{version}:{name}:{base64.urlsafe_b64encode(text).decode()}"

    sealed: dict[str, Any] = {}
    for name in event.PERSONAL:
        value = getattr(event, name)
        if isinstance(value, tuple):
            sealed[name] = tuple(token(name, each) for each in value)
        elif value is not None:
            sealed[name] = token(name, value)
    return restated(event, **sealed) if sealed else event


def seal_outsiders(event: Event, names: Iterable[str], subject: str, key: bytes) -> Event:
    """The event with the outsiders that these fields name sealed; others whom they name stay as they are.

    Bound to whose they are and not to the case: what is done by somebody is asked about elsewhere. One person is sealed
    alike under one key, so that he is one person there.
    """

    def token(value: str) -> str:
        if not value.startswith(OUTSIDER):
            return value
        nonce = hmac.digest(key, b"wuye person 1|" + value.encode(), "sha256")[:_NONCE]
        text = nonce + AESGCM(key).encrypt(nonce, value.encode(), _of_person(subject))
        return f"{TOKEN}{subject}:0:{_PERSON}:{base64.urlsafe_b64encode(text).decode()}"

    said = {name: getattr(event, name) for name in names}
    sealed = {n: tuple(map(token, value)) if isinstance(value, tuple) else token(value) for n, value in said.items()}
    return restated(event, **sealed) if sealed else event


def is_token(value: object) -> bool:
    """Whether a value is a sealed one."""
    return isinstance(value, str) and value.startswith(TOKEN)


def subject_of(token: str) -> str:
    """Whose key a sealed value needs. A household is named by whoever enters it, and may have a colon in its name."""
    return token[len(TOKEN) :].rsplit(":", 3)[0]


def open_token(token: str, case_id: str, key_of: Callable[[str], bytes | None]) -> str:
    """The text of a sealed value that stands in ``case_id``; :data:`ERASED` when its key was destroyed."""
    try:
        subject, version, name, text = token[len(TOKEN) :].rsplit(":", 3)
        place = _of_person(subject) if (version, name) == ("0", _PERSON) else _bound(case_id, int(version), name)
        raw = base64.urlsafe_b64decode(text)
    except ValueError as wrong:
        msg = "密文格式不符 / not a sealed value"
        raise Tampered(msg) from wrong
    key = key_of(subject)
    if key is None:
        return ERASED
    try:
        return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], place).decode()
    except (InvalidTag, ValueError) as wrong:
        msg = f"{case_id} {name}: 密文被移动或篡改 / a sealed value was moved or altered"
        raise Tampered(msg) from wrong


def open_cell(token: str, case_id: str, key_of: Callable[[str], bytes | None]) -> str:
    """As :func:`open_token`, for whoever shows many: what does not open is shown as such, and spoils nothing else."""
    try:
        return open_token(token, case_id, key_of)
    except Tampered:
        return UNREADABLE


def open_all(values: Mapping[str, Any], case_id: str, key_of: Callable[[str], bytes | None]) -> dict[str, Any]:
    """A row or a fact's fields with every sealed value opened."""
    return {k: open_token(v, case_id, key_of) if is_token(v) else v for k, v in values.items()}


def _bound(case_id: str, version: int, name: str) -> bytes:
    return f"{case_id}|{version}|{name}".encode()


def _of_person(subject: str) -> bytes:
    """What binds the name of an outsider: versions of facts begin at 1, so that it is nothing else's place."""
    return f"{subject}|{_PERSON}".encode()
