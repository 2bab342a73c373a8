"""Up to when what falls due is fired 到期时间: the wall's time, no later than the database's, and not at once where the wall was set forward.

A deadline that was fired is a fact and is never taken back: a clock that stands in next year for a minute would write a year of
breaches. The book's own times are the database's, so that nothing is fired of what is not yet past there; and what the wall was
set forward by counts only once it has stood so for ten minutes. Restarting says that it is right.
"""

from __future__ import annotations

import time as clocks
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final, Literal

import structlog

from journal.connections import Connect

__all__ = ["FiringTime"]

_LEAP: Final = 300.0
"""Seconds: by less a clock that drifts is set right."""
_HELD: Final = 600.0
"""Seconds for which somebody may set the clock right again before it is believed."""
_FORGOTTEN: Final = 3600.0
"""Seconds after which a clock that was set back is what is right."""
_APART: Final = timedelta(seconds=2)
_SINCE_BOOT: Final[int] = getattr(clocks, "CLOCK_BOOTTIME", clocks.CLOCK_MONOTONIC)
"""A machine whose system does not count its sleep takes waking up for a clock that was set forward."""
_log = structlog.get_logger()


def _counted() -> float:
    """Seconds since the machine was started, those in which it slept included."""
    return clocks.clock_gettime(_SINCE_BOOT)


class FiringTime:
    """What a clock at work takes the time to be. Several threads may ask."""

    def __init__(
        self, connect: Connect, wall: Callable[[], float] = clocks.time, counter: Callable[[], float] = _counted
    ) -> None:
        """``connect`` lends a connection to the database whose time counts; ``wall`` and ``counter`` in seconds."""
        self._connect, self._wall, self._counter = connect, wall, counter
        self._lock = Lock()
        self._right = wall(), counter()
        """When the wall was last believed, and what was counted then."""
        self._doubted_at: float | None = None
        self._back_since: float | None = None
        self._apart = False

    def __call__(self) -> datetime:
        """Up to when to fire now."""
        with self._lock:
            believed = self._believed()
        here = datetime.fromtimestamp(believed, UTC)
        with self._connect() as connection:
            row = connection.execute("select clock_timestamp()").fetchone()
        assert row is not None
        there: datetime = row[0]
        apart = here > there + _APART
        if apart and not self._apart:
            _log.error(
                "this clock is ahead of the database's",
                seconds=round((here - there).total_seconds()),
                consequence="nothing is fired that is not past there",
            )
        self._apart = apart
        return min(here, there) if apart else here

    def _believed(self) -> float:
        wall, counted = self._wall(), self._counter()
        expected = self._right[0] + (counted - self._right[1])
        if wall - expected < -_LEAP and self._counts(counted, "_back_since") < _FORGOTTEN:
            return wall  # set back: what it showed before is no leap if it is set so again
        self._back_since = None
        if wall - expected <= _LEAP:
            self._right, self._doubted_at = (wall, counted), None
            return wall
        if self._doubted_at is None:
            _log.error(
                "the clock was set forward",
                seconds=round(wall - expected),
                consequence=f"nothing is fired by it for {round(_HELD)} s: set it right, or start again if it is right",
            )
        if self._counts(counted, "_doubted_at") >= _HELD:
            self._right, self._doubted_at = (wall, counted), None
            return wall
        return expected

    def _counts(self, counted: float, since: Literal["_back_since", "_doubted_at"]) -> float:
        """Seconds since this began; it begins when it is first asked."""
        began: float | None = getattr(self, since)
        if began is None:
            setattr(self, since, began := counted)
        return counted - began
