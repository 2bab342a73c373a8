"""Device cookies 设备标记: a device on which somebody has logged in before is told from a stranger's.

The mark names no person: it is a digest of the account's log-in, a random number and when it was made, sealed with the
master key. It opens no door; it only gives the device a count of its own, so that strangers' wrong passwords never
shut out the person whose account it is. A device that several people share has a mark for each of them.
"""

from __future__ import annotations

import base64
import hashlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from itertools import islice
from typing import Final

from journal.confidential import MasterKey, Tampered

__all__ = ["DEVICE_COOKIE", "LASTS", "Device", "DeviceCookies"]

DEVICE_COOKIE: Final = "wuye_device_"
"""How the cookies' names begin; a part of the account's digest follows."""
LASTS: Final = timedelta(days=400)
"""As long as browsers keep a cookie at most."""
_BOUND_TO: Final = "device"
_LONGEST: Final = 200
_MOST: Final = 20
_FORM: Final = struct.Struct(">16s12sI")


@dataclass(frozen=True, slots=True)
class Device:
    """A device that was used for an account; ``number`` is random, ``account`` a digest of the log-in."""

    account: bytes
    number: bytes

    def used_for(self, login: str) -> bool:
        """Whether this account was logged in on it."""
        return self.account == _digest(login)


class DeviceCookies:
    """Makes and reads the marks."""

    def __init__(self, master: MasterKey) -> None:
        """The key is the home's own; after another has taken its place all devices are strangers once."""
        self._master = master

    def make(self, login: str, now: datetime) -> tuple[str, str]:
        """A new device's mark for an account: the cookie's name and value."""
        account = _digest(login)
        plain = _FORM.pack(account, os.urandom(12), int(now.timestamp()))
        value = base64.urlsafe_b64encode(self._master.wrap(_BOUND_TO, plain)).decode()
        return f"{DEVICE_COOKIE}{account.hex()[:8]}", value

    def read(self, cookies: str, now: datetime) -> tuple[Device, ...]:
        """The marks of a request's Cookie header; a stranger has none."""
        if DEVICE_COOKIE not in cookies:
            return ()
        try:
            given = SimpleCookie(cookies)
        except CookieError:
            return ()
        values = (morsel.value for name, morsel in given.items() if name.startswith(DEVICE_COOKIE))
        return tuple(self._genuine(islice(values, _MOST), now))

    def _genuine(self, values: Iterator[str], now: datetime) -> Iterator[Device]:
        for value in values:
            if len(value) > _LONGEST:
                continue
            try:
                plain = self._master.unwrap(_BOUND_TO, base64.urlsafe_b64decode(value))
                account, number, made = _FORM.unpack(plain)
            except (ValueError, Tampered, struct.error):
                continue
            if 0 <= now.timestamp() - made <= LASTS.total_seconds():
                yield Device(account, number)


def _digest(login: str) -> bytes:
    return hashlib.sha256(login.encode("utf-8", "replace")).digest()[:16]
