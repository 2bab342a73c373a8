"""Limits of log-in attempts 登录次数限制: by account, by address and in all, and for each known device by itself.

An attempt is counted before the password is looked at, so that many at once do not all pass the check; one that
succeeds is taken back. What is counted stays in this process: an account that does not exist is counted like any other
and leaves no row, and of several workers each has its share of the limits.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil
from time import monotonic
from typing import Final

from api.http.problems import Problem

__all__ = ["Attempt", "LoginLimits", "SlidingWindow", "network_of"]

WINDOW: Final = 900.0
"""Seconds within which attempts are counted."""
_MOST_OF_DEVICES: Final = 10_000


def network_of(address: str) -> str:
    """What is counted as one address: an IPv4 address, the /64 of an IPv6 address, else the text itself."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found)


class SlidingWindow:
    """What happened within the last ``seconds``, counted by keys; never more than ``most`` entries, the oldest goes first."""

    def __init__(self, seconds: float, most: int) -> None:
        """Nothing has happened yet."""
        self._seconds, self._most = seconds, most
        self._entries: deque[tuple[float, tuple[Hashable, ...]]] = deque()
        self._counts: Counter[Hashable] = Counter()

    def __len__(self) -> int:
        """How many entries are held."""
        return len(self._entries)

    def wait(self, now: float, key: Hashable, limit: int) -> float:
        """Seconds until fewer than ``limit`` entries have this key; 0 when it is so now."""
        self._forget(now)
        over = self._counts[key] - limit
        if over < 0:
            return 0.0
        for at, keys in self._entries:
            if key in keys:
                if over == 0:
                    return at + self._seconds - now
                over -= 1
        return 0.0  # a limit of none

    def add(self, now: float, *keys: Hashable) -> tuple[float, tuple[Hashable, ...]]:
        """One more of each key; returns the entry."""
        if len(self._entries) >= self._most:
            self._drop()
        entry = (now, keys)
        self._entries.append(entry)
        self._counts.update(keys)
        return entry

    def remove(self, entry: tuple[float, tuple[Hashable, ...]]) -> None:
        """Take an entry back; nothing if it has gone already."""
        try:
            self._entries.remove(entry)
        except ValueError:
            return
        self._less(entry[1])

    def _forget(self, now: float) -> None:
        while self._entries and self._entries[0][0] + self._seconds <= now:
            self._drop()

    def _drop(self) -> None:
        self._less(self._entries.popleft()[1])

    def _less(self, keys: tuple[Hashable, ...]) -> None:
        for key in keys:
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted, and where."""

    window: SlidingWindow
    entry: tuple[float, tuple[Hashable, ...]]


class LoginLimits:
    """Who may try now. Used on the event loop alone."""

    def __init__(
        self, *, of_account: int, of_address: int, in_all: int, workers: int = 1, now: Callable[[], float] = monotonic
    ) -> None:
        """Attempts per quarter of an hour; ``workers`` processes share them. ``now`` is in seconds, never going back."""
        self._of_account, self._of_address, self._in_all = (
            max(1, ceil(limit / workers)) for limit in (of_account, of_address, in_all)
        )
        self._now = now
        # No more strangers' attempts are counted than are let in, which bounds the table.
        self._strangers = SlidingWindow(WINDOW, self._in_all)
        self._devices = SlidingWindow(WINDOW, _MOST_OF_DEVICES)

    def take(self, login: str, address: str, device: bytes | None) -> Attempt:
        """Count an attempt. Raises Problem 429 with the seconds to wait.

        A ``device`` that the account has been used on is counted by itself: nobody else's attempts stand in its way.
        """
        now = self._now()
        if device is not None:
            _refuse(self._devices.wait(now, device, self._of_account))
            return Attempt(self._devices, self._devices.add(now, device))
        self.stranger(address)
        _refuse(self._strangers.wait(now, ("account", login), self._of_account))
        keys = (("account", login), ("address", network_of(address)), "all")
        return Attempt(self._strangers, self._strangers.add(now, *keys))

    def stranger(self, address: str) -> None:
        """Raise Problem 429 if a device that nobody knows may not try from there, whatever the account."""
        now = self._now()
        _refuse(self._strangers.wait(now, ("address", network_of(address)), self._of_address))
        _refuse(self._strangers.wait(now, "all", self._in_all))

    def take_back(self, attempt: Attempt) -> None:
        """It was no failure."""
        attempt.window.remove(attempt.entry)


def _refuse(seconds: float) -> None:
    if seconds > 0:
        raise Problem(429, headers={"Retry-After": str(ceil(seconds))})
