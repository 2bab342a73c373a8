"""The facts of an office 记录流: in order, without gaps, as JSON pages or as server-sent events, shaped as CloudEvents.

The page number is the event's id in the stream: whoever lost the connection says the last number he saw and misses
nothing. Personal data do not leave in the feed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import structlog
from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.http.authentication import who
from api.http.context import HIDDEN, Counter, as_json, json
from api.http.documents import answered, ref
from api.identity import READERS
from domain.kernel.fact import EVENTS
from journal.book import Book
from journal.codec import decode_event
from journal.confidential import TOKEN, is_token

if TYPE_CHECKING:
    from journal.codec import Row

__all__ = ["Heads", "cloud_event", "router"]

PAUSE: Final = 0.15
"""Seconds between two looks at the books' heads."""
KEEP_ALIVE: Final = 15.0
_BATCH: Final = 500
_STREAM: Final = "text/event-stream"
_SEALED: Final = TOKEN.encode()
_MORE: Final = (
    ("causationid", "causation_id"), ("sourceid", "source_id"), ("imported", "imported"), ("lateseconds", "late"),
    ("latereason", "late_reason"),
)  # fmt: skip
_log = structlog.get_logger()


class Heads:
    """The last page of every book, looked at by one task for all listeners of this process."""

    def __init__(self, counter: Counter) -> None:
        """Nothing is looked at before somebody listens."""
        self._counter = counter
        self._heads: dict[str, int] = {}
        self._changed = asyncio.Condition()
        self._listeners = 0
        self._task: asyncio.Task[None] | None = None

    async def beyond(self, office: str, number: int, seconds: float) -> bool:
        """Wait until the book has more than ``number`` pages, or the program stops; False when that took too long."""
        closing = self._counter.closing
        async with self._changed:
            try:
                async with asyncio.timeout(seconds):
                    await self._changed.wait_for(lambda: self._heads.get(office, 0) > number or closing.is_set())
            except TimeoutError:
                return False
        return True

    def join(self) -> None:
        """Somebody listens."""
        self._listeners += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())

    def leave(self) -> None:
        """Somebody listens no more."""
        self._listeners -= 1

    async def _look(self) -> None:
        while self._listeners:
            try:
                heads = await run_sync(self._read)
            except Exception as error:  # noqa: BLE001 -- listeners wait through an outage of the database
                _log.warning("heads unreadable", error=type(error).__name__)
            else:
                if heads != self._heads or self._counter.closing.is_set():
                    async with self._changed:
                        self._heads = heads
                        self._changed.notify_all()
            await asyncio.sleep(PAUSE)
        self._heads = {}

    def _read(self) -> dict[str, int]:
        with self._counter.connect() as connection:
            return dict(connection.execute("select office, number from wuye.offices").fetchall())


def router(counter: Counter) -> APIRouter:
    """The feed of one office."""
    made = APIRouter(tags=["facts"])
    heads = Heads(counter)

    @made.get(
        "/offices/{office}/facts",
        operation_id="facts_of_office",
        summary="记录流（CloudEvents；Accept: text/event-stream 为持续推送）/ the facts; as a stream on request",
        responses=answered(ref("CloudEvents"), files={_STREAM: {"type": "string"}}),
        response_model=None,
    )
    async def facts(
        request: Request,
        office: str,
        after: Annotated[int, Query(ge=0, le=2**53, description="从此页之后 / after this page")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        late: Annotated[bool | None, Query(description="只看补录 / only late entries")] = None,
        last_event_id: Annotated[str | None, Header(pattern="^[0-9]{1,15}$")] = None,
    ) -> Response:
        await run_sync(lambda: counter.roles(request, office))
        if last_event_id is not None:
            after = max(after, int(last_event_id))
        if re.match(rf"\s*{_STREAM}\b", request.headers.get("accept", "")):
            return StreamingResponse(
                _stream(counter, heads, request, office, after, late=bool(late)),
                media_type=_STREAM,
                headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
            )
        events = await run_sync(lambda: _page(counter, office, after, limit, late=bool(late)))
        return json({"events": events, "next": events[-1]["number"] if events else after})

    return made


def _page(counter: Counter, office: str, after: int, limit: int, *, late: bool = False) -> list[dict[str, Any]]:
    with counter.connect() as connection:
        rows = Book(connection).rows_since(office, after, limit, late=late)
    return [cloud_event(row) for row in rows]


async def _stream(
    counter: Counter, heads: Heads, request: Request, office: str, after: int, *, late: bool
) -> AsyncIterator[bytes]:
    """Everything after a page, and then whatever comes; of late entries alone, the pages between are passed over."""
    heads.join()
    try:
        yield b": wuye\nretry: 1000\n\n"
        checked = monotonic()
        while not counter.closing.is_set():
            events = await run_sync(lambda after=after: _page(counter, office, after, _BATCH))  # type: ignore[misc]
            if events:
                # A page number that is missing would never be noticed later: better no stream than one with a hole.
                if events[0]["number"] != after + 1 or events[-1]["number"] != after + len(events):
                    _log.error("gap in the book", office=office, after=after)
                    return
                after = events[-1]["number"]
                yield b"".join(_framed(event) for event in events if not late or "lateseconds" in event)
            if len(events) < _BATCH and not await heads.beyond(office, after, KEEP_ALIVE):
                yield b": still here\n\n"
            if monotonic() - checked > KEEP_ALIVE:
                checked = monotonic()
                if not await run_sync(lambda: _still_allowed(counter, request, office)):
                    return
    finally:
        heads.leave()


def _still_allowed(counter: Counter, request: Request, office: str) -> bool:
    """A long stream must not outlive the log-in, the token or the role by which it was opened."""
    identity = counter.identities.again(who(request.scope))
    return identity is not None and not READERS.isdisjoint(identity.roles(office))


def _framed(event: dict[str, Any]) -> bytes:
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (event["number"], event["type"].encode(), as_json(event))


def cloud_event(row: Row | tuple[Any, ...]) -> dict[str, Any]:
    """One stored fact as a CloudEvent 1.0; extension attributes are lower case as the specification demands."""
    office, number, case_id, version, event_id, name, schema, metadata, state, occurred_at, recorded_at = row
    about = msgspec.json.decode(metadata)
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/offices/{office}",
        "type": f"wuye.{name}",
        "subject": case_id,
        "time": occurred_at,
        "datacontenttype": "application/json",
        "number": number,
        "version": version,
        "recordedat": recorded_at,
        "userid": about["user_id"],
        "role": about["role"],
        "correlationid": about["correlation_id"],
        "data": _data(name, schema, state),
    }
    for attribute, key in _MORE:
        if about.get(key):
            event[attribute] = about[key]
    return event


def _data(name: str, schema: int, state: bytes) -> Any:
    known = EVENTS.get(name)
    if known is not None and schema == known.SCHEMA and _SEALED not in state:
        return msgspec.Raw(state)  # the stored bytes are JSON already
    fields = msgspec.to_builtins(decode_event(name, schema, state), enc_hook=str)
    return {key: _hidden(value) for key, value in fields.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_hidden(each) for each in value]
    return HIDDEN if is_token(value) else value
