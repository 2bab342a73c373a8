"""Who is turned away at once 先行回绝: an address from which one log-in after another is refused is answered without being read.

A refusal costs a hundredth of what a log-in costs, but whoever opens a connection for each attempt makes thousands of them: what they
ask went through all that stands before the routes. Nobody's limit is another by it, and a known device is always heard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from api.http.headers import SECURITY_HEADERS
from api.http.metrics import ANSWERS
from api.http.problems import plain

__all__ = ["TOLD", "Answered", "TurnedAway", "spelled"]

_MANY: Final = 30
"""Refusals of an address, no two further apart than …"""
_AWAY: Final = 10.0
"""… these seconds, for which it is turned away as well."""
TOLD: Final = {"Retry-After": str(round(_AWAY))}
"""Headers of the refusal, whoever spells it."""
_ADDRESSES: Final = 4096


@dataclass(slots=True)
class Answered:
    """What an address is told, until when (seconds, never going back)."""

    refused: int
    until: float
    answer: bytes = b""

    def told(self) -> bytes:
        """The answer, counted as every other is."""
        ANSWERS.labels(429).inc()
        return self.answer


class TurnedAway:
    """The addresses of one process from which refused strangers come. Used on the event loop alone."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        """Nobody was refused yet."""
        self._now = now
        self._of: dict[str, Answered] = {}

    def refused(self, address: str) -> None:
        """A stranger's log-in from there was refused as too much."""
        now = self._now()
        known = self._of.get(address)
        if known is None or known.until < now:
            if len(self._of) >= _ADDRESSES:
                self._of.clear()
            known = self._of[address] = Answered(0, 0.0)
        known.refused, known.until = known.refused + 1, now + _AWAY

    def of(self, address: str) -> Answered | None:
        """What somebody there is told instead of being heard; none where he is heard."""
        known = self._of.get(address)
        if known is None or known.refused < _MANY or known.until < self._now():
            return None
        known.answer = known.answer or spelled(429, TOLD)
        return known


def spelled(status: int, headers: dict[str, str]) -> bytes:
    """A refusal as it goes over the wire, where no application is asked."""
    answer = plain(status, headers)
    told = {bytes(name).lower(): value for name, value in SECURITY_HEADERS} | dict(answer.raw_headers)
    head = b"".join(b"%b: %b\r\n" % each for each in told.items())
    return b"HTTP/1.1 %d \r\n%b\r\n%b" % (status, head, bytes(answer.body))
