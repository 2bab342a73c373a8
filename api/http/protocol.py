"""The connection's own limits 连接限制: how long a request may take to arrive, how large its head, how many at a time.

Behind this everything has been bounded by what was asked; here by what was not asked yet. A connection that brings
half a head or half a body costs a socket and some kilobytes: it is given seconds, not minutes, and when there are too
many connections the one that has been silent longest makes room, so that whoever asks properly always gets in.
"""

from __future__ import annotations

import asyncio
import logging
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

from api.http.early_refusals import Answered, TurnedAway, spelled

__all__ = ["REST", "BoundedProtocol"]

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
REST: Final = 1.0
"""Seconds for which a connection is not heard after a log-in was refused on it for being too much."""
_LOG_IN: Final = (b"/login", b"/console/login")
_HEARD: Final = (b"cookie", b"x-forwarded-for", b"forwarded")
"""Headers of who may be known by his device, or comes by a proxy, whose connections are everybody's; browsers are shown a page."""
_LOG: Final = logging.getLogger("wuye.connections")
"""What strangers send is answered and counted. A line for each thing that cannot be read would let anybody fill the disk."""
_LOG.setLevel(logging.ERROR)
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
        self.turned_away: TurnedAway | None = None
        """From where log-ins are not heard at all, once the gate before them has said so."""

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
    _unheard = False

    # -- connections ------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A new one; when there are too many, the oldest that has asked nothing goes."""
        super().connection_made(transport)
        self.logger = _LOG
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
        if self.transport.is_closing() or self._unheard:
            return
        self._no_longer_silent()
        body_went_on = self._timer is not None and self._head < 0
        self._count(len(data))
        super().data_received(data)
        if self.transport.is_closing() or self._unheard:
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
        away = self._turned_away()
        if away is not None:
            self._leave_unheard(away)
            return
        self._hear_the_target()
        self._arrived()
        self._head, self._trailers = -1, 0
        super().on_headers_complete()
        self.scope["wuye.connection"] = self  # type: ignore[typeddict-unknown-key]

    def turns_away(self, turned_away: TurnedAway) -> None:
        """From now on connections of this server are held against this before they are heard."""
        self._others.turned_away = turned_away

    def _turned_away(self) -> Answered | None:
        """What is told to a stranger who logs in from an address where one refusal follows another, over no proxy."""
        turned_away = self._others.turned_away
        if turned_away is None or self.client is None or self.url not in _LOG_IN or self.parser.get_method() != b"POST":
            return None
        if self._running is not None and not self._running.response_complete:
            return None
        if any(name in _HEARD or (name == b"accept" and b"html" in value) for name, value in self.headers):
            return None
        return turned_away.of(self.client[0])

    def _leave_unheard(self, away: Answered) -> None:
        """Answer, hear nothing more for a while, and close."""
        self._arrived()
        self._unheard = True
        self.flow.pause_reading()
        self.transport.write(away.told())
        self._others.resting.setdefault(self)
        self.loop.call_later(REST, self.transport.close)

    def on_body(self, body: bytes) -> None:
        """A piece of a body; of what is not heard none is kept."""
        if not self._unheard:
            super().on_body(body)

    def _hear_the_target(self) -> None:
        """Whom the target names (``GET http://name/…``) is asked as much as whom the Host header names (RFC 9112, 3.2.2): two are too many."""
        target = _NAMED.match(self.url)
        if target and [target[1].lower()] != [value.lower() for name, value in self.headers if name == b"host"]:
            self.headers.append((b"host", target[1]))

    def on_message_complete(self) -> None:
        """It is whole."""
        if self._unheard:
            return
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
        self.transport.write(spelled(status, {"Connection": "close"} | ({"Retry-After": "1"} if status == 503 else {})))
        self.transport.close()


def _reset(transport: asyncio.Transport) -> None:
    """What lies in the system's buffers for somebody who takes nothing is thrown away with the connection."""
    with (
        suppress(OSError, AttributeError),
        socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as own,
    ):
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
