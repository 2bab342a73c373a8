"""Lines to the database that break at a chosen moment: between a commit and its acknowledgement, or before it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

__all__ = ["BreakingProxy"]

_EXECUTE = b"E\x00\x00\x00\x09\x00\x00\x00\x00\x00"
"""The message that carries a statement out; one that only prepares it has none."""


class BreakingProxy:
    """A proxy before the server. ``lose`` says what happens to the next append: «answer» or «request» gets lost."""

    def __init__(self, conninfo: str) -> None:
        with psycopg.connect(conninfo) as connection:
            self._host, self._port = connection.info.host, connection.info.port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.conninfo = make_conninfo(
            conninfo,
            host="127.0.0.1",
            hostaddr="127.0.0.1",
            port=self._listener.getsockname()[1],
            sslmode="disable",
            gssencmode="disable",
        )
        self.lose: str | None = None
        self.lost = 0
        Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection through the line."""
        with psycopg.connect(self.conninfo, autocommit=True, prepare_threshold=None) as connection:
            yield connection

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = self._server()
            except OSError:  # there is none just now
                client.close()
                continue
            Thread(target=self._serve, args=(client, server), daemon=True).start()

    def _server(self) -> socket.socket:
        if self._host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{self._host}/.s.PGSQL.{self._port}")
            return server
        return socket.create_connection((self._host, self._port))

    def _serve(self, client: socket.socket, server: socket.socket) -> None:
        swallow = [False]
        back = Thread(target=self._answers, args=(client, server, swallow), daemon=True)
        back.start()
        try:
            while data := client.recv(65536):
                if self.lose is not None and b"wuye.record" in data and _EXECUTE in data:
                    what, self.lose = self.lose, None
                    self.lost += 1
                    if what == "request":
                        break
                    swallow[0] = True
                server.sendall(data)
        except OSError:
            pass
        _shut(client, server)

    def _answers(self, client: socket.socket, server: socket.socket, swallow: list[bool]) -> None:
        try:
            while data := server.recv(65536):
                if swallow[0]:
                    # «Z»: the server is ready for the next query, so this one has been committed.
                    if data[-6:-1] == b"Z\x00\x00\x00\x05":
                        break
                    continue
                client.sendall(data)
        except OSError:
            pass
        _shut(client, server)


def _shut(*ends: socket.socket) -> None:
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue
        finally:
            end.close()
