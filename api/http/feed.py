"""Following the books 记录流的推送: one look at the books' heads and one reading of a page, however many listen.

All who stand at the same place get the same bytes: the page is read and written as text once. Those who are behind
catch up by reading pages of their own, two at a time, so that threads are left for others.
"""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog
from anyio.to_thread import run_sync

from api.http.metrics import STREAMS
from api.http.problems import Problem

if TYPE_CHECKING:
    from api.http.context import ApiContext

__all__ = ["BATCH", "Batch", "Feed"]

PAUSE: Final = 0.15
"""Seconds between two looks at the books' heads."""
BATCH: Final = 500
_KEPT: Final = 64
_AT_A_TIME: Final = 2
_log = structlog.get_logger()


class Batch(NamedTuple):
    """The facts after a page, as they are sent: how many, the last one's page, and whether none is missing."""

    facts: int
    last: int
    whole: bool
    text: bytes
    late: bytes
    """The late entries among them."""


class Feed:
    """The facts of all offices for the listeners of this process."""

    def __init__(self, context: ApiContext, read: Callable[[str, int, int], Batch]) -> None:
        """``read`` gives so many facts at most of an office after a page. Nothing is looked at before somebody listens."""
        self._context, self._read = context, read
        self._heads: dict[str, int] = {}
        self._changed = asyncio.Condition()
        self._listeners: Tally[str] = Tally()
        self._task: asyncio.Task[None] | None = None
        self._batches: OrderedDict[tuple[str, int], asyncio.Future[Batch]] = OrderedDict()
        self._turns = asyncio.Semaphore(_AT_A_TIME)

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return self._listeners.total()

    @contextmanager
    def joined(self, caller: str) -> Iterator[None]:
        """Somebody listens. Raises Problem 429 if he does so too often at a time, 503 if too many do."""
        settings = self._context.settings
        if self._listeners[caller] >= settings.streams_per_caller:
            raise Problem(
                429,
                "too-many-streams",
                "同一账号的推送过多",
                "too many streams of one account",
                headers={"Retry-After": "5"},
            )
        if self.listeners >= settings.streams:
            raise Problem(503, headers={"Retry-After": "5"})
        self._listeners[caller] += 1
        STREAMS.inc()
        try:
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._look())
            yield
        finally:
            STREAMS.dec()
            self._listeners[caller] -= 1
            if not self._listeners[caller]:
                del self._listeners[caller]

    async def beyond(self, office: str, number: int, seconds: float) -> bool:
        """Wait until the book has more than ``number`` pages, or the program stops; False when that took too long."""
        closing = self._context.closing
        async with self._changed:
            try:
                async with asyncio.timeout(seconds):
                    await self._changed.wait_for(lambda: self._heads.get(office, 0) > number or closing.is_set())
            except TimeoutError:
                return False
        return True

    async def after(self, office: str, number: int) -> Batch:
        """The facts after a page; who asks for the same is given the same."""
        at = (office, number)
        known = self._batches.get(at)
        if known is None:
            known = self._batches[at] = asyncio.ensure_future(self._fetched(office, number))
            known.add_done_callback(lambda done: self._forget(at, done))
        while len(self._batches) > _KEPT:
            self._batches.popitem(last=False)
        return await asyncio.shield(known)

    async def _fetched(self, office: str, number: int) -> Batch:
        async with self._turns:
            return await run_sync(self._read, office, number, BATCH)

    def _forget(self, at: tuple[str, int], done: asyncio.Future[Batch]) -> None:
        """There may be something by the next time, or the database may be back."""
        if (done.cancelled() or done.exception() is not None or not done.result().facts) and self._batches.get(
            at
        ) is done:
            del self._batches[at]

    async def _look(self) -> None:
        while self._listeners:
            try:
                heads = await run_sync(self._read_heads)
            except Exception as error:  # noqa: BLE001 -- listeners wait through an outage of the database
                _log.warning("heads unreadable", error=type(error).__name__)
            else:
                if heads != self._heads or self._context.closing.is_set():
                    async with self._changed:
                        self._heads = heads
                        self._changed.notify_all()
            await asyncio.sleep(PAUSE)
        self._heads = {}
        self._batches.clear()

    def _read_heads(self) -> dict[str, int]:
        with self._context.connect() as connection:
            return dict(connection.execute("select office, number from wuye.offices").fetchall())
