"""The facts of an office 记录流: in order, without gaps, as JSON pages or as server-sent events, shaped as CloudEvents.

The page number is the event's id in the stream: whoever lost the connection says the last number he saw and misses
nothing. Personal data do not leave in the feed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import ExitStack
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import structlog
from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.account_names import ACCOUNT_ID, AccountNames
from api.http.authentication import who
from api.http.context import HIDDEN, ApiContext, as_json
from api.http.documents import answered, ref
from api.http.epochs import EVENT_ID, Place, epochs_of, of_event_id
from api.http.feed import BATCH, Batch, Feed
from api.http.people_names import with_names
from api.identity import READERS
from domain.kernel.fact import EVENTS
from journal.book import Book
from journal.codec import FutureSchema, UnknownEvent, decode_event
from journal.confidential import TOKEN, is_token

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from journal.page import Page

__all__ = ["Listener", "Stream", "cloud_event", "router"]

KEEP_ALIVE: Final = 15.0
CHECKED_EVERY: Final = 5.0
"""Seconds after which nothing more is sent before it was asked whether the listener's log-in, token and role still stand."""
_STREAM: Final = "text/event-stream"
_SEALED: Final = TOKEN.encode()
_MORE: Final = (
    ("causationid", "causation_id"),
    ("sourceid", "source_id"),
    ("imported", "imported"),
    ("lateseconds", "late"),
    ("latereason", "late_reason"),
)
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ABOUT: Final = ("user_id", "role", "correlation_id")
"""What is said of every fact that the program wrote; of one that somebody wrote beside it nothing may be said."""
_log = structlog.get_logger()


def router(context: ApiContext) -> APIRouter:
    """The feed of one office."""
    made = APIRouter(tags=["facts"])
    feed = Feed(context, lambda office, after, limit: _batch(context, office, after, limit))

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
        epoch: Annotated[int, Query(ge=0, le=10**12, description="纪元 / the epoch of that page")] = 0,
        last_event_id: Annotated[str | None, Header(pattern=EVENT_ID)] = None,
    ) -> Response:
        await run_sync(lambda: context.roles(request, office))
        said = Place(epoch, after)
        if last_event_id is not None and (seen := of_event_id(last_event_id, epoch)).after >= after:
            said = seen
        place = await run_sync(lambda: _placed(context, office, said))
        if re.match(rf"\s*{_STREAM}\b", request.headers.get("accept", "")):
            listening = ExitStack()
            listening.enter_context(feed.joined(who(request.scope).user_id))
            return Stream(
                _stream(context, feed, request, office, place, late=bool(late)),
                listening,
                media_type=_STREAM,
                headers={"X-Accel-Buffering": "no"},
            )
        events = await run_sync(lambda: _page(context, office, place.after, limit, late=bool(late)))
        body = {"events": events, "next": events[-1]["number"] if events else place.after, "epoch": place.epoch}
        return await run_sync(lambda: with_names(context.names, body))

    return made


def _placed(context: ApiContext, office: str, said: Place) -> Place:
    with context.within(office) as connection:
        return said.now(office, epochs_of(connection, office))


def _page(context: ApiContext, office: str, after: int, limit: int, *, late: bool = False) -> list[dict[str, Any]]:
    with context.within(office) as connection:
        book = Book(connection, office)
        pages = book.late_pages(after, limit) if late else book.pages(after, limit)
    return [cloud_event(page) for page in pages]


class Stream(StreamingResponse):
    """A stream that is counted for as long as it is sent, also when its listener has gone before it began."""

    def __init__(self, content: AsyncIterator[bytes], listening: ExitStack, **more: Any) -> None:
        """``listening`` is left when the last byte is sent, or cannot be."""
        super().__init__(content, **more)
        self._listening = listening

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        with self._listening:
            await super().__call__(scope, receive, send)


def _batch(context: ApiContext, office: str, after: int, limit: int) -> Batch:
    with context.within(office) as connection:
        restored = epochs_of(connection, office)
    place = Place(restored[-1][0] if restored else 0, after)
    events = _page(context, office, after, limit)
    whole = not events or (events[0]["number"] == after + 1 and events[-1]["number"] == after + len(events))
    last = events[-1]["number"] if events else after
    frames = [_framed(event, place, context.names) for event in events]
    late = b"".join(frame for frame, event in zip(frames, events, strict=True) if "lateseconds" in event)
    return Batch(len(events), last, whole, b"".join(frames), late)


async def _stream(
    context: ApiContext, feed: Feed, request: Request, office: str, place: Place, *, late: bool
) -> AsyncIterator[bytes]:
    """Everything after a page, and then whatever comes; of late entries alone, what lies between is passed over."""
    yield b": wuye\nretry: 1000\n\n"
    after, listener = place.after, Listener(context, request, office)
    while not context.closing.is_set():
        if not await listener.is_still_allowed():
            return
        batch = await feed.after(office, after)
        if not batch.whole:
            # A page number that is missing would never be noticed later: better no stream than one with a hole.
            _log.error("gap in the book", office=office, after=after)
            return
        if batch.facts:
            after = batch.last
            yield batch.late if late else batch.text
        if batch.facts < BATCH and not await feed.beyond(office, after, KEEP_ALIVE):
            yield b": still here\n\n"


class Listener:
    """Who listens to a long stream, which must not outlive the log-in, the token or the role by which it was opened."""

    def __init__(self, context: ApiContext, request: Request, office: str) -> None:
        """He was let in just now."""
        self._context, self._request, self._office = context, request, office
        self._asked = monotonic()

    async def is_still_allowed(self) -> bool:
        """Whether he may hear more, asked anew after ``CHECKED_EVERY``."""
        if monotonic() - self._asked <= CHECKED_EVERY:
            return True
        self._asked = monotonic()
        return await run_sync(self._may_read)

    def _may_read(self) -> bool:
        identity = self._context.identities.again(who(self._request.scope))
        return identity is not None and not READERS.isdisjoint(identity.roles(self._office))


def _framed(event: dict[str, Any], place: Place, names: AccountNames) -> bytes:
    """An event of the stream: who acted is named in it, and of whom it speaks in an attribute, which can only be a text."""
    found = names.of(each.decode() for each in ACCOUNT_ID.findall(as_json(event)))
    if found:
        event |= {"names": as_json(found).decode()}
        if event["userid"] in found:
            event["username"] = found[event["userid"]]
    said = (place.event_id(event["number"]), event["type"].encode(), as_json(event))
    return b"id: %b\nevent: %b\ndata: %b\n\n" % said


def cloud_event(page: Page) -> dict[str, Any]:
    """One stored fact as a CloudEvent 1.0; extension attributes are lower case as the specification demands."""
    office, number, case_id, version, event_id, name, schema, metadata, state, occurred_at, recorded_at = page
    about = dict.fromkeys(_ABOUT, "") | msgspec.json.decode(metadata)
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
    try:
        if known is not None and schema == known.SCHEMA and _SEALED not in state:
            _FIELDS.decode(state)
            return msgspec.Raw(state)  # the stored bytes are JSON already
        fields = msgspec.to_builtins(decode_event(name, schema, state), enc_hook=str)
    except (UnknownEvent, FutureSchema, msgspec.DecodeError):
        # A newer version has written it, or somebody beside the program: its fields as they stand.
        fields = _as_it_stands(state)
    return {key: _hidden(value) for key, value in fields.items()}


def _as_it_stands(state: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(state, type=dict[str, Any])
    except msgspec.DecodeError:  # nobody can read it; `wuye verify` names the page
        return {}


def _hidden(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_hidden(each) for each in value]
    return HIDDEN if is_token(value) else value
