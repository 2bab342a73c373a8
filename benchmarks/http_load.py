"""A light load generator: raw sockets, keep-alive, one request at a time on each connection, in one process.

``python -m benchmarks.http_load http://127.0.0.1:8000/empty --body '{}' --connections 16 --seconds 3``
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from statistics import quantiles
from typing import Any, Final
from urllib.parse import urlsplit

__all__ = ["Load", "load", "post"]

_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"


def post(path: str, body: bytes, headers: Mapping[str, str] | None = None, host: str = "127.0.0.1") -> bytes:
    """Build one POST request, ready for the socket."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(slots=True)
class Load:
    """What came back."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    sample: bytes = b""  # the first answer that was not 2xx

    @property
    def succeeded(self) -> int:
        """Answers with 2xx."""
        return sum(count for status, count in self.statuses.items() if status // 100 == 2)

    @property
    def rate(self) -> float:
        """Successful requests a second."""
        return self.succeeded / self.seconds

    def percentile(self, percent: int) -> float:
        """Milliseconds within which so many percent of the answers came."""
        return quantiles(self.took, n=100)[percent - 1] * 1000 if len(self.took) > 1 else 0.0


class _Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last one is whole."""

    def __init__(self, make: Callable[[], bytes], into: Load, ends: float, done: asyncio.Future[None]) -> None:
        self._make, self._into, self._ends, self._done = make, into, ends, done
        self._buffer = b""
        self._need = 0
        self._sent = 0.0
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._make())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._need:
            end = self._buffer.find(_END)
            if end < 0:
                return
            head = self._buffer[:end].lower()
            at = head.find(_LENGTH)
            if at < 0:
                self._fail(f"an answer without content-length: {head!r}")
                return
            length = int(head[at + len(_LENGTH) :].split(b"\r", 1)[0])
            self._need = end + len(_END) + length
        if len(self._buffer) < self._need:
            return
        status = int(self._buffer[9:12])
        self._into.statuses[status] += 1
        self._into.took.append(time.perf_counter() - self._sent)
        if status // 100 != 2 and not self._into.sample:
            self._into.sample = self._buffer
        self._buffer, self._need = b"", 0
        if time.perf_counter() < self._ends:
            self._send()
        elif not self._done.done():
            self._done.set_result(None)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._fail(f"the server closed the connection: {exc}")

    def _fail(self, why: str) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError(why))
        self._transport.close()


async def _load(make: Callable[[], bytes], host: str, port: int, connections: int, seconds: float) -> Load:
    loop, into = asyncio.get_running_loop(), Load()
    began = time.perf_counter()
    waiting: list[asyncio.Future[None]] = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        waiting.append(done)
        await loop.create_connection(lambda done=done: _Connection(make, into, began + seconds, done), host, port)  # type: ignore[misc]
    await asyncio.gather(*waiting)
    into.seconds = time.perf_counter() - began
    return into


def load(
    request: bytes | Callable[[], bytes],
    *,
    port: int,
    host: str = "127.0.0.1",
    connections: int = 16,
    seconds: float = 3.0,
) -> Load:
    """Send this request (or what the function makes, each time) for so many seconds over so many connections."""
    make = request if callable(request) else lambda: request
    work = _load(make, host, port, connections, seconds)
    if find_spec("uvloop"):
        import uvloop

        return uvloop.run(work)
    return asyncio.run(work)


def main(arguments: Sequence[str] | None = None) -> None:
    """Load one address of this machine."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.http_load", description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--body", default="{}")
    parser.add_argument("--header", action="append", default=[], help="Name: value")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=3.0)
    given = parser.parse_args(arguments)
    address = urlsplit(given.address)
    headers = {name: value.strip() for name, _, value in (line.partition(":") for line in given.header)}
    host = address.hostname or "127.0.0.1"
    result = load(
        post(address.path or "/", given.body.encode(), headers, host),
        host=host,
        port=address.port or 80,
        connections=given.connections,
        seconds=given.seconds,
    )
    print(
        f"{result.rate:,.0f} requests/s, 50 % within {result.percentile(50):.1f} ms,"
        f" 99 % within {result.percentile(99):.1f} ms, {dict(result.statuses)}"
    )
    if result.sample:
        print(result.sample.decode(errors="replace"))


if __name__ == "__main__":
    main()
