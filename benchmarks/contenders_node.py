"""Emmett and castore, driven over stdin and stdout (``node_client.mjs``).

One node process keeps as many appends in flight as there are clients, over the peer's own pool at its default size:
that is how node programs run, and on two cores it is far better for them than a process a client. Those are there
too, as ``emmett-processes`` and ``castore-processes``, when asked for by name.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final, LiteralString

from psycopg.conninfo import conninfo_to_dict

from benchmarks.contender import EVENT, PAYLOAD_BYTES
from benchmarks.peers import installed, lacking

__all__ = ["CONTENDERS", "Node"]

_CLIENT: Final = Path(__file__).with_name("node_client.mjs")


class Node:
    """A contender written for node."""

    def __init__(self, peer: str, packages: Sequence[str], stored: LiteralString, *, processes: bool = False) -> None:
        """Its name in ``node_client.mjs``, its packages (the measured one first), a count of its events."""
        self.name = f"{peer}-processes" if processes else peer
        self.stored = stored
        self.processes = processes
        self.extra = processes
        self._peer = peer
        self._packages = packages

    @property
    def version(self) -> str:
        """The package and node itself."""
        node = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True)
        return (
            f"{self._packages[0]} {installed(self._packages[0])}, node {node.stdout.strip()},"
            f" {'a process a client' if self.processes else 'one process, its own pool'}"
        )

    def missing(self) -> str | None:
        """Needs node and its packages."""
        return lacking(*self._packages)

    def setup(self, conninfo: str) -> None:
        """The peer's own migration."""
        arguments, environment = self._run(conninfo, "setup")
        subprocess.run(arguments, env=environment, check=True, stdout=subprocess.DEVNULL)

    def command(self, conninfo: str) -> tuple[Sequence[str], dict[str, str]]:
        """The driver of the appends."""
        return self._run(conninfo, "client")

    def _run(self, conninfo: str, what: str) -> tuple[Sequence[str], dict[str, str]]:
        parts = conninfo_to_dict(conninfo)
        environment = {
            f"PG{name}": str(parts[key])
            for name, key in {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}.items()
            if parts.get(key)
        }
        environment |= {"PGDATABASE": str(parts["dbname"]), "EVENT": EVENT, "PAYLOAD": PAYLOAD_BYTES.decode()}
        return ["node", str(_CLIENT), self._peer, what], {**os.environ, **environment}


_EMMETT: Final = ("@event-driven-io/emmett-postgresql", "@event-driven-io/emmett")
_CASTORE: Final = ("@castore/event-storage-adapter-postgres", "@castore/core")
CONTENDERS: Final = tuple(
    Node(peer, packages, stored, processes=processes)
    for processes in (False, True)
    for peer, packages, stored in (
        ("emmett", _EMMETT, "select count(*) from emt_messages"),
        ("castore", _CASTORE, "select count(*) from event"),
    )
)
