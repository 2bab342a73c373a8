"""Counters as they change 要数推送: one look at the books per process, one count per office and language, however many listen.

A page that listens is told when its figures changed, and nothing else; where there are too many, or the network has no
streams, the page asks once a minute as before.
"""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

import structlog
from anyio.to_thread import run_sync

from api.console.text import Language
from api.http.metrics import STREAMS
from api.http.problems import Problem

if TYPE_CHECKING:
    from api.http.context import ApiContext

__all__ = ["Counters"]

PAUSE: Final = 2.0
"""Seconds between two looks: nobody reads figures faster."""
ANEW: Final = 30.0
"""Seconds after which they are counted although nothing was written: what falls due changes them too."""
Place = tuple[str, Language]
_log = structlog.get_logger()


class Counters:
    """What the offices' counters say, for those who listen in this process."""

    def __init__(self, context: ApiContext, count: Callable[[str, Language], bytes]) -> None:
        """``count`` says an office's counters in a language. Nothing is looked at before somebody listens."""
        self._context, self._count = context, count
        self._changed = asyncio.Condition()
        self._listeners: Tally[Place] = Tally()
        self._callers: Tally[str] = Tally()
        self._said: dict[Place, tuple[int, bytes]] = {}
        self._heads: dict[str, int] = {}
        self._counted = 0.0
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def joined(self, place: Place, caller: str) -> Iterator[None]:
        """Somebody listens. Raises Problem 429 if he does so too often at a time, 503 if too many do."""
        settings = self._context.settings
        if self._callers[caller] >= settings.streams_per_caller:
            raise Problem(429, headers={"Retry-After": "60"})
        if self._callers.total() >= settings.streams:
            raise Problem(503, headers={"Retry-After": "60"})
        self._callers[caller] += 1
        self._listeners[place] += 1
        STREAMS.inc()
        try:
            if self._task is None or self._task.done():
                self._changed = asyncio.Condition()  # of the loop that runs now
                self._task = asyncio.create_task(self._look())
            yield
        finally:
            STREAMS.dec()
            self._callers -= Tally([caller])
            self._listeners -= Tally([place])

    async def after(self, place: Place, number: int, seconds: float) -> tuple[int, bytes] | None:
        """What is said after the ``number``-th saying; None when that took too long, or the program stops."""
        closing = self._context.closing
        async with self._changed:
            try:
                async with asyncio.timeout(seconds):
                    await self._changed.wait_for(lambda: self._number(place) > number or closing.is_set())
            except TimeoutError:
                return None
        return self._said.get(place)

    def _number(self, place: Place) -> int:
        return self._said.get(place, (0, b""))[0]

    async def _look(self) -> None:
        while self._listeners:
            places = tuple(self._listeners)
            try:
                fresh = await run_sync(self._read, places)
            except Exception as error:  # noqa: BLE001 -- listeners wait through an outage of the database
                _log.warning("counters unreadable", error=type(error).__name__)
            else:
                new = {place: said for place, said in fresh.items() if said != self._said.get(place, (0, b""))[1]}
                if new or self._context.closing.is_set():
                    async with self._changed:
                        self._said |= {place: (self._number(place) + 1, said) for place, said in new.items()}
                        self._changed.notify_all()
            await asyncio.sleep(PAUSE)
        self._said, self._heads = {}, {}

    def _read(self, places: tuple[Place, ...]) -> dict[Place, bytes]:
        """The counters of the places where something may have changed."""
        offices = sorted({office for office, _ in places})
        with self._context.connect() as connection:
            rows = connection.execute("select office, number from wuye.offices where office = any(%s)", [offices])
            heads = dict(rows.fetchall())
        anew = monotonic() - self._counted > ANEW
        if anew:
            self._counted = monotonic()
        stale = [
            place
            for place in places
            if anew or place not in self._said or heads.get(place[0]) != self._heads.get(place[0])
        ]
        self._heads = heads
        return {place: self._count(*place) for place in stale}
