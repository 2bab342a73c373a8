"""The connection's own limits 连接限制: how long a request may take to arrive, how large its head, how many at a time.

Behind this everything has been bounded by what was asked; here by what was not asked yet. A connection that brings
half a head or half a body costs a socket and some kilobytes: it is given seconds, not minutes, and when there are too
many connections the one that has been silent longest makes room, so that whoever asks properly always gets in.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import struct
from collections import OrderedDict
from contextlib import suppress
from typing import Final
from weakref import WeakKeyDictionary

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from api.http.headers import SECURITY_HEADERS
from api.http.problems import plain

__all__ = ["BoundedProtocol"]

HEAD_BYTES: Final = 32 * 1024
"""Address and headers together at most; browsers send one or two."""
HEAD_SECONDS: Final = 10.0
"""From the first byte (or the connection) to the end of the headers."""
BODY_PAUSE: Final = 5.0
"""Longest silence within a body …"""
BODY_SECONDS: Final = 60.0
"""… and from its first byte to its last."""
ANSWER_PAUSE: Final = 30.0
"""Longest time in which a client takes nothing of an answer that waits for him."""
CONNECTIONS: Final = 512
"""Connections of one process."""
_NAMED: Final = re.compile(rb"[a-z][a-z0-9+.-]*://([^/?#]*)", re.IGNORECASE)


class _Silent:
    """The connections of one server that can be closed without taking anything from anybody, the oldest in front."""

    def __init__(self) -> None:
        self.asking: OrderedDict[BoundedProtocol, None] = OrderedDict()
        """They have not asked yet, or not wholly."""
        self.idle: OrderedDict[BoundedProtocol, None] = OrderedDict()
        """They have been answered and may ask again."""
        self.resting: OrderedDict[BoundedProtocol, None] = OrderedDict()
        """They were refused as too much, and are not heard for a while."""

    def oldest(self) -> BoundedProtocol | None:
        """Who makes room: of those that rest, else of whichever there are more.

        A crowd makes room for itself: who has just begun to ask among many that have been answered stays, and so does who has
        been answered among many that never ask.
        """
        crowd = self.asking if len(self.asking) >= len(self.idle) else self.idle
        return next(iter(self.resting or crowd), None)


_silent: WeakKeyDictionary[ServerState, _Silent] = WeakKeyDictionary()


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with time-outs, a bound on the head, and a bound on the connections."""

    most_connections = CONNECTIONS
    _arriving = False
    _head = 0
    _trailers = 0
    _too_large = False
    _timer: asyncio.TimerHandle | None = None
    _began = 0.0
    _stuck: asyncio.TimerHandle | None = None
    _resting = 0.0
    _running: RequestResponseCycle | None = None

    # -- connections ------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A new one; when there are too many, the oldest that has asked nothing goes."""
        super().connection_made(transport)
        self._others = _silent.setdefault(self.server_state, _Silent())
        if len(self.connections) > self.most_connections:
            silent = self._others.oldest()
            if silent is None:  # all are being answered
                self._refuse(503)
                return
            silent.give_up()
            self.connections.discard(silent)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """It waits for nothing any more."""
        self._arrived()
        self._no_longer_silent()
        self._unstick()
        self._to_the_reader_gone()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops: streams that would go on for ever end now, and nobody waits for half a request."""
        closing = self.app_state.get("closing")
        if closing is not None:
            closing.set()
        if self._timer is not None:
            self.give_up()
        super().shutdown()

    def give_up(self) -> None:
        """Close it without an answer."""
        self._arrived()
        self._no_longer_silent()
        self._to_the_reader_gone()
        _reset(self.transport)
        self.transport.abort()

    def rest(self, seconds: float) -> None:
        """Hear nothing more from this connection for a while, once what is under way has been answered."""
        self._resting = seconds

    # -- what arrives -----------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Count the head, and give what is not whole its time."""
        if self.transport.is_closing():
            return
        self._no_longer_silent()
        body_went_on = self._timer is not None and self._head < 0
        self._count(len(data))
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._head > HEAD_BYTES:
            self._refuse(431)
        elif self._timer is None and self._arriving:
            self._began = self.loop.time()
            self._wait(HEAD_SECONDS if self._head >= 0 else BODY_PAUSE)
        elif body_went_on and self._arriving:
            left = self._began + BODY_SECONDS - self.loop.time()
            self._wait(min(BODY_PAUSE, max(0.0, left)))

    def _count(self, size: int) -> None:
        if self._head >= 0:
            self._head += size

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._arriving = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of the head; or of the trailers, which come behind a body in pieces and are kept for nobody."""
        if self._head >= 0:
            super().on_header(name, value)
            return
        self._trailers += len(name) + len(value)
        if self._trailers > HEAD_BYTES:
            self._too_large = True
            raise httptools.HttpParserError("too large")

    def on_headers_complete(self) -> None:
        """Its head is whole: whatever waits for the head waits for the body now."""
        if sum(len(name) + len(value) for name, value in self.headers) + len(self.url) > HEAD_BYTES:
            self._too_large = True
            raise httptools.HttpParserError("too large")
        self._hear_the_target()
        self._arrived()
        self._head, self._trailers = -1, 0
        super().on_headers_complete()
        self.scope["wuye.connection"] = self  # type: ignore[typeddict-unknown-key]

    def _hear_the_target(self) -> None:
        """Whom the target names (``GET http://name/…``) is asked as much as whom the Host header names (RFC 9112, 3.2.2): two are too many."""
        target = _NAMED.match(self.url)
        if target and [target[1].lower()] != [value.lower() for name, value in self.headers if name == b"host"]:
            self.headers.append((b"host", target[1]))

    def on_message_complete(self) -> None:
        """It is whole."""
        self._arrived()
        self._arriving = False
        self._head = 0
        super().on_message_complete()

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._late)
        self._others.asking.setdefault(self)

    def _arrived(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._others.asking.pop(self, None)

    def _no_longer_silent(self) -> None:
        self._others.idle.pop(self, None)
        self._others.resting.pop(self, None)

    def _late(self) -> None:
        if self.flow.read_paused:  # it is we who do not listen
            self._wait(BODY_PAUSE)
            return
        self._arrived()
        waited_for = self._head < 0 and not self.cycle.response_complete
        if waited_for and self.cycle.response_started:
            self.give_up()
        elif waited_for or (self._arriving and self._head >= 0):
            self._refuse(408)
        else:
            self.transport.close()
        if waited_for:
            self._to_the_reader_gone()

    def _to_the_reader_gone(self) -> None:
        """Whoever reads the body hears that nothing more will come."""
        cycle = self._running
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle  # of several that were sent at once it is the one that is being answered
        super()._start_asgi_task(cycle, app)

    # -- what leaves ------------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """The client takes nothing at the moment."""
        super().pause_writing()
        self._stuck = self.loop.call_later(ANSWER_PAUSE, self.give_up)

    def resume_writing(self) -> None:
        """He goes on."""
        self._unstick()
        super().resume_writing()

    def on_response_complete(self) -> None:
        """The answer is out."""
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if self.timeout_keep_alive_task is not None and not self._arriving:
            (self._others.resting if self._resting else self._others.idle).setdefault(self)
        if self._resting:
            self.flow.pause_reading()
            self._unset_keepalive_if_required()
            self.loop.call_later(self._resting, self._wake)
            self._resting = 0.0

    def _wake(self) -> None:
        if not self.transport.is_closing():
            if self in self._others.resting:
                del self._others.resting[self]
                self._others.idle.setdefault(self)
            self.flow.resume_reading()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _unstick(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    def send_400_response(self, msg: str) -> None:
        """What cannot be read is answered like everything else."""
        del msg
        self._refuse(431 if self._too_large else 400)

    def _refuse(self, status: int) -> None:
        self._arrived()
        answer = plain(status, {"Connection": "close"} | ({"Retry-After": "1"} if status == 503 else {}))
        told = {bytes(name).lower(): value for name, value in SECURITY_HEADERS} | dict(answer.raw_headers)
        head = b"".join(b"%b: %b\r\n" % each for each in told.items())
        self.transport.write(b"HTTP/1.1 %d \r\n%b\r\n%b" % (status, head, bytes(answer.body)))
        self.transport.close()


def _reset(transport: asyncio.Transport) -> None:
    """What lies in the system's buffers for somebody who takes nothing is thrown away with the connection."""
    with (
        suppress(OSError, AttributeError),
        socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as own,
    ):
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
