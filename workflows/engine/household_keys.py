"""The households' keys in use: unwrapped once, remembered while the program runs, forgotten when one was destroyed."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Final

from domain.kernel.errors import Erased, RuleBroken
from journal.confidential import MasterKey, Tampered
from journal.errors import KeyDestroyed
from journal.key_store import KeyStore

__all__ = ["DraftKeys", "HouseholdKeys", "erased", "key_unreadable", "keyed_digest"]

_CACHED: Final = 8_192


def erased() -> Erased:
    """The refusal where a household's key was destroyed."""
    return Erased("erased", "9.2", zh="该住户的个人信息已依法销毁", en="this household's personal data were erased")


def key_unreadable() -> RuleBroken:
    """The refusal where a household's key is broken: nothing is sealed with it, and nobody else is held up."""
    return RuleBroken(
        "key-unreadable",
        "9.2",
        zh="该住户的密钥无法使用，请系统管理员核验台账",
        en="this household's key cannot be used: a system administrator has to verify the book",
    )


def keyed_digest(said: bytes, keys: Iterable[bytes], secret: str) -> bytes:
    """A digest that nobody can make without every one of these keys and the secret: it dies with the first of them."""
    digest = hmac.digest(bytes.fromhex(secret), said, "sha256")
    for key in keys:
        digest = hmac.digest(key, b"wuye digest 1|" + digest, "sha256")
    return digest


class HouseholdKeys:
    """Finds, makes and remembers the keys of subjects: households, or cases of nobody's household."""

    def __init__(self, master: MasterKey) -> None:
        """``master`` wraps them."""
        self._master = master
        self._known: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._lock = Lock()

    def sealing(self, store: KeyStore, subject: str, *, brand_new: bool) -> tuple[bytes, bytes | None]:
        """The key that seals for a subject, and its wrapped form when the append must store it.

        Raises :class:`~journal.errors.KeyDestroyed`. A ``brand_new`` subject is not looked for in the store.
        """
        office = store.office
        bound = f"{office}/{subject}"
        if not brand_new:
            with self._lock:
                known = self._known.get((office, subject))
            if known is not None:
                return known, None
            wrapped_keys = store.wrapped([subject])
            if subject in wrapped_keys:
                wrapped = wrapped_keys[subject]
                if wrapped is None:
                    raise KeyDestroyed(subject)
                key = self._master.unwrap(bound, wrapped)
                self.remember(office, [(subject, key)])
                return key, None
        return self._master.make(bound)

    def opening(self, store: KeyStore, subjects: Iterable[str] | None = None) -> Callable[[str], bytes | None]:
        """What gives the keys that open sealed values, afresh from the store; None for a destroyed one.

        It raises :class:`~journal.confidential.Tampered` for a key that is missing or does not unwrap: what was sealed had a key.
        With ``subjects`` all of them are read now, and the store is asked for no other.
        """
        known = dict(store.wrapped(subjects)) if subjects is not None else {}
        found: dict[str, bytes | None] = {}

        def key_of(subject: str) -> bytes | None:
            if subject not in found:
                wrapped = known if subjects is not None else store.wrapped([subject])
                if subject not in wrapped:
                    msg = f"{subject}: 密钥缺失 / the household's key is missing"
                    raise Tampered(msg)
                key = wrapped[subject]
                found[subject] = None if key is None else self._master.unwrap(f"{store.office}/{subject}", key)
            return found[subject]

        return key_of

    def secret(self, purpose: str) -> str:
        """A secret that only this master key can make, the same every time."""
        return self._master.secret(purpose)

    def remember(self, office: str, keys: Iterable[tuple[str, bytes]]) -> None:
        """Keep these keys in memory: they stand in the store."""
        with self._lock:
            for subject, key in keys:
                self._known[office, subject] = key
                if len(self._known) > _CACHED:
                    self._known.popitem(last=False)

    def forget(self, office: str) -> None:
        """Read this office's keys afresh the next time they are needed."""
        with self._lock:
            for known in [k for k in self._known if k[0] == office]:
                del self._known[known]


class DraftKeys:
    """One draft's view of the keys: those it makes are its own until it is recorded."""

    def __init__(self, keys: HouseholdKeys, store: KeyStore) -> None:
        """``store`` is asked for keys that are not in memory."""
        self._keys = keys
        self._store = store
        self._new: dict[str, tuple[bytes, bytes]] = {}

    def made(self) -> list[tuple[str, bytes]]:
        """The keys made so far."""
        return [(subject, key) for subject, (key, _) in self._new.items()]

    def secret(self, purpose: str) -> str:
        """See :class:`~workflows.engine.ports.SealingKeys`."""
        return self._keys.secret(purpose)

    def for_sealing(self, subject: str, *, brand_new: bool) -> tuple[bytes, bytes | None]:
        """See :class:`~workflows.engine.ports.SealingKeys`."""
        made = self._new.get(subject)
        if made is not None:
            return made
        key, wrapped = self._keys.sealing(self._store, subject, brand_new=brand_new)
        if wrapped is not None:
            self._new[subject] = (key, wrapped)
        return key, wrapped
