"""The system clock 系统时钟: whether it was set back. The book's own times then stand still until it has caught up.

Between two looks the wall and the processor's counter have to have gone on alike; and no page of a real office may have
been taken later than it is now.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic, time
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from journal.connections import Connect

__all__ = ["WallClock", "ahead_of_now"]

_TOLERATED: Final = 2.0
"""Seconds: a clock that is kept right by the network is moved by less."""
_AHEAD: Final = """
select coalesce(extract(epoch from max(recorded_at) - clock_timestamp()), 0)::float8 from wuye.offices
 where not simulated
"""
_log = structlog.get_logger()


class WallClock:
    """Watches the wall."""

    def __init__(self, wall: Callable[[], float] = time, counter: Callable[[], float] = monotonic) -> None:
        """Both in seconds; the second never goes back."""
        self._wall, self._counter = wall, counter
        self._last = wall(), counter()
        self.jumps = 0
        self.seconds_back = 0.0
        """By how much the wall was set back when it last was."""
        self.at: datetime | None = None

    def look(self) -> None:
        """Say aloud that the wall has been set back since the last look, if it has."""
        wall, counted = self._wall(), self._counter()
        back = (counted - self._last[1]) - (wall - self._last[0])
        self._last = wall, counted
        if back > _TOLERATED:
            self.jumps += 1
            self.seconds_back, self.at = back, datetime.fromtimestamp(wall, UTC)
            _log.error("the clock was set back", seconds=round(back), consequence="recorded_at stands still until then")


def ahead_of_now(connect: Connect) -> float:
    """Seconds by which the last page of a real office was taken later than now; 0 when all is well."""
    with connect() as connection:
        row = connection.execute(_AHEAD).fetchone()
    assert row is not None
    return float(row[0]) if row[0] > _TOLERATED else 0.0
