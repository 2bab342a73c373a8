"""Serving 启动服务: one process or several on one port, stopped in order, with limits on every connection.

The parent has the database, the clock and the keeper; a worker has nothing but the application, so that one that is
killed is replaced and nothing is lost with it.
"""

from __future__ import annotations

import os
import resource
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from errno import EADDRINUSE
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from uvicorn.supervisors import Multiprocess

from api import heap
from api.http import logs
from api.http.metrics import SHARED_FOLDER
from api.http.protocol import BoundedProtocol

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.config import ApiSettings

__all__ = ["Application", "Server", "bound", "is_loopback"]

_FILES: Final = 8192
_GRACE: Final = 10
_HUNG: Final = 60
"""Seconds after which a worker that does not answer its parent is replaced; a loaded machine starts one slowly."""
_TRIED: Final = 50


@dataclass(frozen=True)
class Application:
    """Makes the application in whatever process serves it."""

    settings: ApiSettings
    plain_logs: bool | None = None

    def __call__(self) -> FastAPI:
        """The application over the settings' database; the master key is the home's own."""
        from api.http.application import create  # noqa: PLC0415 -- a parent with workers never needs it

        logs.configure(plain=self.plain_logs)
        app = create(self.settings)
        heap.settle()
        return app


class Server:
    """uvicorn in one process or several; :meth:`stop` may be called from any thread."""

    def __init__(self, application: Application, listening: socket.socket) -> None:
        """``settings.workers`` processes serve the socket."""
        self._listening = listening
        self._workers = application.settings.workers
        config = uvicorn.Config(
            application,
            factory=True,
            workers=self._workers,
            http=BoundedProtocol,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the application itself looks at them, where it knows its proxies
            timeout_graceful_shutdown=_GRACE,
            timeout_worker_healthcheck=_HUNG,
        )
        self._one = uvicorn.Server(config) if self._workers == 1 else None
        self._several = Multiprocess(config, _OfEach(listening.getsockname()[:2])) if self._workers > 1 else None

    def run(self) -> None:
        """Serve until a signal or :meth:`stop`."""
        _more_files()
        if self._one is not None:
            self._one.run([self._listening])
        elif self._several is not None:
            self._listening.close()
            with _figures_of_all():
                self._several.run()

    def stop(self) -> None:
        """As the signal would."""
        if self._one is not None:
            self._one.should_exit = True
        elif self._several is not None:
            self._several.should_exit.set()


class _OfEach(list[socket.socket]):
    """Sockets that each worker opens for itself when it is started.

    Over one socket that all of them inherit whoever wakes first takes every connection that waits: of 32 clients one
    worker of two had all. The system shares them out among sockets of one port.
    """

    def __init__(self, place: tuple[str, int]) -> None:
        super().__init__()
        self._place = place

    def __reduce__(self) -> tuple[Any, ...]:
        return _opened, self._place


def _opened(host: str, port: int) -> list[socket.socket]:
    """Bound, and not listening yet: the server does that once it is ready.

    The system would give a worker that is still starting its share of the connections, and whoever got one of those waited, or was
    cut off when the worker could not start for want of a database.
    """
    made = socket.socket(_family(host), socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind((host, port))
    return [made]


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine can come there."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def bound(host: str, port: int, *, or_next: bool) -> socket.socket:
    """A socket that listens there; on the next free port if this one is taken and ``or_next``. Raises OSError."""
    for candidate in range(port, port + (_TRIED if or_next else 1)):
        try:
            made = socket.create_server((host, candidate), family=_family(host), backlog=2048)
        except OSError as taken:
            if taken.errno != EADDRINUSE or candidate == port + _TRIED - 1 or not or_next:
                raise
        else:
            made.set_inheritable(True)
            return made
    raise OSError(EADDRINUSE, os.strerror(EADDRINUSE))


def _more_files() -> None:
    """As many open files as the system lets us have without asking: a connection is a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(_FILES, hard)), hard))


@contextmanager
def _figures_of_all() -> Iterator[None]:
    """A folder in which the workers keep their figures, so that whoever is asked can add them up."""
    with tempfile.TemporaryDirectory(prefix="wuye-figures-") as folder:
        os.environ[SHARED_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[SHARED_FOLDER]
