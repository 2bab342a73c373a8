"""The program behind a real socket, and clients that do not behave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from api.http.protocol import BoundedProtocol
from tests.api.conftest import ApiClient
from tests.waiting import PATIENCE

__all__ = ["bound_here", "head", "opened", "served", "slurp"]


@contextmanager
def served(api: ApiClient, *, connections: int = 512) -> Iterator[int]:
    """The application behind a socket, as ``wuye serve`` does it; the port."""
    protocol = type("Protocol", (BoundedProtocol,), {"most_connections": connections})
    listening = bound_here()
    config = uvicorn.Config(
        api.app, log_level="error", lifespan="off", http=protocol, ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


def bound_here() -> socket.socket:
    """A socket on loopback that listens."""
    return socket.create_server(("127.0.0.1", 0), backlog=512)


def opened(port: int, sent: bytes = b"") -> socket.socket:
    """A connection on which so much was said."""
    made = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    if sent:
        made.sendall(sent)
    return made


def slurp(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    said = b""
    try:
        while piece := connection.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    finally:
        connection.close()
    return said


def head(method: str, path: str, **headers: str) -> bytes:
    """The head of a request."""
    told = {"Host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return "\r\n".join(
        [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    ).encode()
